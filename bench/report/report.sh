#!/usr/bin/env bash
# report.sh FOLDER: writes FOLDER/report.md and its SVG plots from the JSON files that the benchmarks left there.
# A file that is missing leaves its section out, and the report says so.
set -euo pipefail
plots=$(cd "$(dirname "$0")" && pwd)/plots.gp
cd "$1"

# Of every benchmark of the walk and each of its counters: counter, name, median, least and greatest.
read_rows() {
    jq -r '[.benchmarks[] | select(.run_type == "iteration")] | group_by(.name)[] |
        (.[0].name | sub("/iterations.*"; "")) as $name | . as $runs |
        ("ns_level", "floor_ns_level", "over_floor", "ns_exit") as $counter | select($runs[0] | has($counter)) |
        ($runs | map(.[$counter]) | sort) as $v |
        [$counter, $name, $v[($v | length) / 2 | floor], $v[0], $v[-1]] | @tsv' exit_walk.json >rows.dat
}

# Of one counter and the names that match: name, median, least and greatest.
rows() {
    awk -F'\t' -v OFS='\t' -v counter="$1" -v pattern="$2" '$1 == counter && $2 ~ pattern { print $2, $3, $4, $5 }' rows.dat
}

# name/depth:N -> "N median least greatest", sorted by N: what gnuplot reads.
by_depth() {
    sed -E 's/.*depth:([0-9]+)/\1/' | sort -n
}

three_figures() {
    awk -F'\t' '{ printf "| %s | %.4g | %.4g - %.4g |\n", $1, $2, $3, $4 }'
}

table() {
    printf '\n| %s | median | spread |\n|---|---|---|\n' "$1"
    three_figures
}

missing() {
    printf '\n%s was not measured.\n' "$1"
}

walk_section() {
    printf '\n## The walk\n\nns a level over the depth, one thread; the floor follows the same pointers and takes the same counters down once. The spread is that of the repetitions.\n'
    [ -s exit_walk.json ] || { missing "The walk"; return; }
    printf '\n![ns a level over depth](walk.svg)\n\n![designs side by side](designs.svg)\n\n![exits at once](threads.svg)\n'
    printf '\n### ns a level over the floor (a ratio)\n'
    rows over_floor '^walk/.*/full/.*/nobody' | table 'design / reach / cache / waiters / depth'
    printf '\n### ns a level\n'
    rows ns_level '^(walk/.*/full/.*/nobody|floor)' | table 'what'
    printf '\n### An exit that stops at once, ns\n'
    rows ns_level '/stop/' | table 'design'
    printf '\n### With waiters on the root filter: ns a level of the whole exit\n'
    rows ns_level 'poller|epoll_1000' | table 'design'
    printf '\n### Exits at once: ns an exit in each thread\n'
    rows ns_exit '^at_once' | table 'design / what is shared'
    printf '\n### Complexity, fitted\n\n| walk | ns an exit, for N levels | error of the fit |\n|---|---|---|\n'
    jq -r '[.benchmarks[] | select(.aggregate_name == "BigO" or .aggregate_name == "RMS")] | group_by(.run_name)[] |
        "| \(.[0].run_name | sub("/iterations.*"; "")) | \((map(select(.aggregate_name == "BigO"))[0].real_coefficient * 100 | round) / 100) \((map(select(.aggregate_name == "BigO"))[0].big_o)) | \((map(select(.aggregate_name == "RMS"))[0].rms * 1000 | round) / 10) % |"' exit_walk.json
}

instructions_section() {
    printf '\n## Instructions a level, by callgrind\n'
    [ -s instructions.json ] || { missing "Instructions"; return; }
    printf '\n%s, %s\n\n| what | instructions |\n|---|---|\n' "$(jq -r .compiler instructions.json)" "$(jq -r .flags instructions.json)"
    jq -r '.instructions | to_entries[] | "| \(.key) | \(.value) |"' instructions.json
}

kernel_section() {
    printf '\n## The running kernel: a task exits and is reaped\n\nKernel %s. Slopes by least squares over the lower quartiles of each length, with the 95 %% confidence interval. `exit` is walk and free; with the chain held by a listener only the orphan walk is left; the close of that listener puts and frees.\n' "$(uname -r)"
    [ -s kernel_exit.json ] || { missing "The kernel"; return; }
    printf '\n![exit over the length of the chain](kernel_exit.svg)\n\n| what | ns a filter | interval | the rest, us |\n|---|---|---|---|\n'
    jq -r '.fits[] | "| \(.what) | \(.slope_ns * 10 | round / 10) | +- \(.margin_ns * 10 | round / 10) | \(.intercept_ns / 100 | round / 10) |"' kernel_exit.json
    printf '\n| filters of its own | levels walked, by the model | by the counters of the kernel |\n|---|---|---|\n'
    jq -r '.levels[] | "| \(.filters) | \(.model) | \(.kernel // .reason) |"' kernel_exit.json
}

wakeup_section() {
    printf '\n## The wakeup: from the last exit to epoll_wait with HUP\n\nA Boost.Asio supervisor; beside it, in the same loop, an eventfd that is written to. Microseconds.\n'
    [ -s hup_wakeup.json ] || { missing "The wakeup"; return; }
    printf '\n![wakeup](hup_wakeup.svg)\n\n| listeners | HUP p50 | p90 | p99 | max | eventfd p50 | p99 | HUP over eventfd |\n|---|---|---|---|---|---|---|---|\n'
    jq -r 'def us: . / 100 | round / 10; .[] | "| \(.listeners) | \(.hup_ns.p50 | us) | \(.hup_ns.p90 | us) | \(.hup_ns.p99 | us) | \(.hup_ns.max | us) | \(.eventfd_ns.p50 | us) | \(.eventfd_ns.p99 | us) | \(.over_floor * 100 | round / 100) |"' hup_wakeup.json
}

other_section() {
    local file
    for file in *.json; do
        case $file in exit_walk.json | kernel_exit.json | hup_wakeup.json | instructions.json) continue ;; esac
        jq -e '.benchmarks' "$file" >/dev/null 2>&1 || continue
        printf '\n## %s\n\n| what | median time | spread | items a second |\n|---|---|---|---|\n' "${file%.json}"
        jq -r '[.benchmarks[] | select(.run_type == "iteration")] | group_by(.name)[] | (map(.real_time) | sort) as $t |
            "| \(.[0].name | gsub("\\|"; "/")) | \($t[($t | length) / 2 | floor] * 100 | round / 100) \(.[0].time_unit) | \($t[0] * 100 | round / 100) - \($t[-1] * 100 | round / 100) | \(.[0].items_per_second // "" | if . == "" then "" else round end) |"' "$file"
    done
}

if [ -s exit_walk.json ]; then
    read_rows
    for design in before patch_v2 upstream locked scan fused; do
        for cache in hot cold; do
            rows ns_level "^walk/$design/full/$cache/nobody" | by_depth >"walk-$design-$cache.dat"
        done
        for sharing in one_leaf shared_trunk disjoint; do
            rows ns_exit "^at_once/$design/$sharing/.*depth:256" |
                sed -E 's/.*threads:([0-9]+)[^\t]*/\1/' | sort -n >"threads-$design-$sharing.dat"
        done
    done
    for cache in hot cold; do
        rows floor_ns_level "^walk/upstream/full/$cache/nobody" | by_depth >"floor-$cache.dat"
    done
fi
if [ -s kernel_exit.json ]; then
    jq -r '.fits[] | "\"\(.what)\"", (.points[] | [.filters, .quartile_ns, .p10_ns, .p90_ns] | @tsv), "", ""' kernel_exit.json >kernel_exit.dat
fi
if [ -s hup_wakeup.json ]; then
    jq -r '.[] | [.listeners, .hup_ns.p50, .hup_ns.p99, .eventfd_ns.p50, .eventfd_ns.p99] | @tsv' hup_wakeup.json >hup_wakeup.dat
fi
gnuplot "$plots"

{
    printf '# The benchmarks of seccomp-sim\n\n%s, %s CPUs, %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(date -u +%F)"
    walk_section
    instructions_section
    kernel_section
    wakeup_section
    other_section
} >report.md.new
mv report.md.new report.md
rm -f ./*.dat
echo "wrote $PWD/report.md"
