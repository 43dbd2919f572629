#!/usr/bin/env bash
# run.sh BUILD OUT: runs every benchmark and writes OUT/report.md. Google Benchmark programs are in BUILD/bench.
# A part that cannot run here is named, and the others run all the same. BENCH_FLAGS goes to each program.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
{ read -r compiler && read -r flags; } <"$build/bench/compiler.txt"
failed=0

part() {
    local name=$1
    shift
    echo "== $name" >&2
    "$@" || { echo "$name could not run here (exit code $?)" >&2; failed=1; }
}

rm -f "$out"/*.json
for program in "$build"/bench/*; do
    if [ -f "$program" ] && [ -x "$program" ]; then
        name=$(basename "$program")
        # shellcheck disable=SC2086 # several flags
        part "$name" "$program" ${BENCH_FLAGS:-} --benchmark_out="$out/$name.json" --benchmark_out_format=json >"$out/$name.txt"
    fi
done
part "instructions" bash "$here/guard/instructions.sh" count "$build/bench/tools/counted_work" "$compiler" "$flags" >"$out/instructions.json"
part "kernel_exit" "$build/bench/tools/kernel_exit" --out "$out/kernel_exit.json"
part "hup_wakeup" "$build/bench/tools/hup_wakeup" --out "$out/hup_wakeup.json"
bash "$here/report/report.sh" "$out"
exit $failed
