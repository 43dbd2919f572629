#!/usr/bin/env bash
# `explore --diff`: what one kernel shows and another does not, with the shortest schedule to it, or the word that there
# is none.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$1"; cat "$scratch/out"; exit 1; }
diff_of() { # diff_of CODE ARGUMENT...
    local seen=0
    "$SECCOMP_SIM" explore "${@:2}" >"$scratch/out" 2>&1 || seen=$?
    [ "$seen" = "$1" ] || fail "explore ${*:2}: exit code $seen"
}

# RECV on a filter that nobody uses: up to 6.10 it waits, after it ENOENT.
diff_of 1 --diff v6.2 v6.11 scenarios/mutants/recv-unused.json
grep -q '^only on v6.2: ' "$scratch/out" || fail "nothing only on v6.2"
grep -q '^only on v6.11: .*ENOENT' "$scratch/out" || fail "no ENOENT on v6.11 only"
grep -q 'the shortest schedule on v6.2 .*: 16 steps, 1 context switch, ' "$scratch/out" || fail "not the shortest"
cp "$scratch/out" "$scratch/first"

# The file may come first, and the same is told of either order, each from its side.
diff_of 1 scenarios/mutants/recv-unused.json --diff v6.2 v6.11
cmp "$scratch/first" "$scratch/out" || fail "another order of arguments tells something else"
diff_of 1 scenarios/mutants/recv-unused.json --diff v6.11 v6.2
[ "$(grep -c '^only on ' "$scratch/out")" = "$(grep -c '^only on ' "$scratch/first")" ] || fail "the other way round there are others"

# Two that answer alike in this race, and one with itself.
diff_of 0 scenarios/mutants/hup-wake.json --diff v6.2 v6.11
grep -q 'no schedule shows a difference between v6.2 and v6.11 (2 outcomes on both)' "$scratch/out" || fail "alike"
diff_of 0 scenarios/mutants/exit-walk.json --diff v6.2 v6.2
grep -q 'no schedule shows a difference between v6.2 and v6.2 (1 outcome on both)' "$scratch/out" || fail "one outcome"

diff_of 2 scenarios/mutants/hup-wake.json --diff v6.2
diff_of 2 scenarios/mutants/hup-wake.json --diff v6.2 v6.12
grep -q 'v6.11' "$scratch/out" || fail "the nearest name is not given"
