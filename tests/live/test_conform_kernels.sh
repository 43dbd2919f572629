#!/usr/bin/env bash
# A part of `make conform` under every kernel that was built for a preset, counters included. A kernel with an
# increment left out (`make kernels` builds it by a patch, under the name missing-increment) must not pass. Nothing
# is left of a guest whose driver is ended.
set -euo pipefail
sim=$SECCOMP_SIM
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

fail() {
    cat "$scratch/out" 2>/dev/null || true
    echo "FAILED: $1"
    exit 1
}

names=$("$sim" kernel list --names)
part=(scenarios/regressions scenarios/selftests scenarios/supervisors scenarios/patch-story/nested-filters.json)
for one in filter-empty stacked-filters zombie-leader tsync-replaces recv-after-users signal-restart reap-at-once; do
    part+=("scenarios/lifecycle/$one.json")
done
compared=()
for kernel in v5.0 patch-v2 v5.9 v6.2 v6.11 v6.15; do
    grep -qx "$kernel" <<<"$names" || continue
    status=0
    timeout 300 "$sim" conform --kernel "$kernel" --white-box on --timeout 60 "${part[@]}" </dev/null \
        >"$scratch/out" 2>&1 || status=$?
    [[ $status == 0 ]] || fail "$kernel: exit code $status"
    grep -q '^[1-9][0-9]* agree, 0 differ' "$scratch/out" || fail "$kernel: nothing agrees"
    grep -q "^$kernel: [1-9][0-9]* steps of scenarios in" "$scratch/out" || fail "$kernel: no rate"
    compared+=("$kernel")
done
[[ ${#compared[@]} -gt 0 ]] || { echo "no kernel has been built here (make kernels)"; exit 77; }

# Of a random part too, and its scenarios come out the same for the same seed.
kernel=${compared[-1]}
timeout 300 "$sim" conform --kernel "$kernel" --random 200 --seed 7 --timeout 60 </dev/null >"$scratch/out" 2>&1 ||
    fail "$kernel: random scenarios"
grep -q "^$kernel: 2[0-9][0-9] random steps in" "$scratch/out" || fail "$kernel: not so many random steps"

nothing_left() {
    ! pgrep -f "uml_dir=$scratch/" >/dev/null && [[ -z $(find "$scratch" -name 'seccomp-sim-guest-*') ]]
}
nothing_left || fail "a guest is left behind"

results_arrive() {
    for _ in $(seq 600); do
        if grep -q '"result"' "$scratch/lines"; then return; fi # the guest is up, and its results come as they are made
        sleep 0.1
    done
    fail "no result arrives"
}

# A guest that dies in the middle costs the scenario that it was at; the others go on in a new one.
: >"$scratch/lines"
timeout 300 "$sim" conform --kernel "$kernel" --format jsonl scenarios/lifecycle scenarios/selftests \
    </dev/null >"$scratch/lines" 2>"$scratch/out" &
driver=$!
results_arrive
pkill -KILL -f "uml_dir=$scratch/" || fail "there is no guest to end"
status=0
wait "$driver" || status=$?
[[ $status == 1 ]] || fail "a guest died, and the exit code is $status"
[[ $(grep -c "the kernel $kernel ended before its command did: killed by SIGKILL" "$scratch/lines") == 1 ]] ||
    fail "it is not told which scenario the guest died at"
[[ $(grep -c '"result":"agrees"' "$scratch/lines") -ge 40 ]] || fail "nothing goes on after the guest died"
nothing_left || fail "a guest that died leaves something"

for signal in INT TERM KILL; do
    : >"$scratch/lines"
    env --default-signal=INT "$sim" conform --kernel "$kernel" --format jsonl scenarios/lifecycle \
        </dev/null >"$scratch/lines" 2>&1 &
    driver=$!
    results_arrive
    kill -s "$signal" "$driver"
    wait "$driver" 2>/dev/null || true
    for _ in $(seq 200); do
        if nothing_left; then break; fi
        sleep 0.1
    done
    nothing_left || fail "SIG$signal of the driver leaves a guest behind"
done

if ! grep -qx missing-increment <<<"$names"; then
    echo "compared: ${compared[*]}; not looked at: a kernel named missing-increment, which has not been built here"
    exit 0
fi
status=0
timeout 300 "$sim" conform --kernel missing-increment --white-box on --timeout 60 scenarios/lifecycle/stacked-filters.json \
    </dev/null >"$scratch/out" 2>&1 || status=$?
[[ $status == 1 ]] || fail "the missing increment is not noticed: $status"
grep -q "kernel: usage [0-9]*, live" "$scratch/out" || fail "the counters of the wrong kernel are not shown"
echo "compared: ${compared[*]}; the missing increment is noticed"
