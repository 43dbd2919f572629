#!/usr/bin/env bash
# usage: run.sh BUILD_FOLDER [--list]
# Replays, explores, fuzzes and tests with a build that counts (preset "coverage"), prints line and branch figures of
# kernel-model, and compares the branches that nothing reached with tests/coverage/unreached.txt. --list prints those
# branches in that file's form instead.
set -euo pipefail
build=$1
program=$build/seccomp-sim
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
find "$build" -name '*.gcda' -delete

"$program" run scenarios --revision all >"$folder/run.txt"
"$program" explore --campaign "${COVERAGE_CAMPAIGN:-2}" --workers 2 -o "$folder" >"$folder/campaign.txt" || [ $? = 1 ]
"$program" fuzz --revision all --runs "${COVERAGE_RUNS:-4}" --steps "${COVERAGE_STEPS:-500000}" --no-coverage \
    -o "$folder" >"$folder/fuzz.txt" || [ $? = 1 ]
SECCOMP_SIM=$program "$build/tests/seccomp_sim_tests" '~[.]~[live]' >"$folder/tests.txt" ||
    { tail -40 "$folder/tests.txt"; exit 1; }

if [ "${2:-}" = --list ]; then
    python3 tests/coverage/branches.py "$build" --list
else
    python3 tests/coverage/branches.py "$build" --known tests/coverage/unreached.txt
fi
