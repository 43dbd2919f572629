#!/usr/bin/env bash
# Every defect, the outcomes of small scenarios, and the wrong changes, on the kernels with points that were
# built (make kernels-points); prints a line for each and a summary. Fails when one comes out otherwise than
# the table in scenarios/defects/README.md or the model says.
#   confirm_all.sh PROGRAM [FOLDER]     FOLDER keeps what each command printed
set -euo pipefail
program=$1
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
names=$("$program" kernel list --names)
has() { grep -qx -- "$1" <<<"$names"; }
bad=0
declare -A count=()
tell() { # tell KIND LINE: one result that is as it should be
    count[$1]=$((${count[$1]:-0} + 1))
    echo "$2"
}
wrong() {
    bad=$((bad + 1))
    echo "WRONG  $1"
}

# Which of them no kernel can show, by the table.
model_only=(patch-v2-no-leak-rest v5.0-no-leak-rest)
is_model_only() { [[ " ${model_only[*]} " == *" $1 "* ]]; }

defects() {
    local file name kernel line
    for file in scenarios/defects/*.json; do
        name=$(basename "$file" .json)
        kernel=$(grep -o '"on": *"[^"]*"' "$file" | head -n 1 | cut -d'"' -f4)-points
        has "$kernel" || { echo "left out  $name: there is no kernel $kernel"; continue; }
        "$program" confirm "$file" --kernel "$kernel" --timeout 120 </dev/null >"$folder/defect-$name" 2>&1 || true
        line=$(tail -n 1 "$folder/defect-$name")
        case $line in
            reproduced*) tell defect "$line" ;;
            *) if is_model_only "$name"; then tell model "model only: $line"; else wrong "$line"; fi ;;
        esac
    done
}

small=(mutants/clone-tsync mutants/tsync-exit mutants/recv-unused mutants/trap-recv mutants/recv-poll
    mutants/hup-wake mutants/recv-efault mutants/exit-walk mutants/trap-poll)
outcomes() {
    local preset kernel
    for preset in v5.0 patch-v2 v5.9 v6.2 v6.11 v6.15; do
        kernel=$preset-points
        has "$kernel" || { echo "left out  outcomes on $kernel: not built"; continue; }
        "$program" confirm --outcomes --schedules 400 -q --kernel "$kernel" --timeout 300 \
            $(printf 'scenarios/%s.json ' "${small[@]}") </dev/null >"$folder/outcomes-$kernel" 2>&1 || true
        while read -r line; do
            case $line in
                agrees*) tell outcome "$line" ;;
                differs* | broken* | "the kernel broke down"*) wrong "$line" ;;
            esac
        done <"$folder/outcomes-$kernel"
    done
}

# Tasks held inside of critical sections, which takes several CPUs.
under_locks() {
    local line
    has v6.15-points || { echo "left out  schedules under locks: there is no kernel v6.15-points"; return; }
    "$program" confirm --outcomes --under-locks --schedules 60 -q --kernel v6.15-points --timeout 120 \
        scenarios/mutants/exit-walk.json scenarios/mutants/hup-wake.json </dev/null >"$folder/under-locks" 2>&1 || true
    while read -r line; do
        case $line in
            agrees*) tell outcome "under locks: $line" ;;
            *) wrong "under locks: $line" ;;
        esac
    done <"$folder/under-locks"
}

# Each wrong change, the race in which it dies, and the invariant that the model names.
mutants() {
    local name kernel arena invariant line known
    known=$("$program" revisions --mutants)
    while read -r name arena; do
        kernel=v6.11-points+$name
        has "$kernel" || { echo "left out  $kernel: not built"; continue; }
        invariant=$(grep -A1 "^$name " <<<"$known" | grep -o 'killed by [a-z-]*' | cut -d' ' -f3)
        "$program" confirm --invariants -q --kernel "$kernel" --schedules 400 --timeout 120 "scenarios/mutants/$arena.json" \
            -o "$folder/found-$name.json" </dev/null >"$folder/mutant-$name" 2>&1 || true
        # A filter that is freed too early may have no counts any more that could be read.
        line=$(grep -E "^broken.*: ($invariant, |no-use-after-free, .*what is no filter any more)" "$folder/mutant-$name" | head -n 1) || true
        if [ -n "$line" ]; then
            tell mutant "killed  $name: ${line#broken  }"
        else
            wrong "$name should break $invariant: $(tail -n 1 "$folder/mutant-$name")"
        fi
    done <sim/live/mutants/arenas
}

SECONDS=0
defects
outcomes
under_locks
mutants
echo "confirm: ${count[defect]:-0} defects reproduced, ${count[model]:-0} in the model only, ${count[outcome]:-0} sets of outcomes agree," \
    "${count[mutant]:-0} wrong changes killed; $bad wrong; ${SECONDS} s"
[ "$bad" = 0 ]
