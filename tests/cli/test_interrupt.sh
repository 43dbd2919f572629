#!/usr/bin/env bash
# A run that is interrupted: the output file is the old one or none, and nothing lies beside it. By SIGTERM, which is
# handled as Ctrl-C is: the shell lets what runs in its background ignore that one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{
    printf '{"schema": "seccomp-sim/scenario/1", "name": "long", "steps": [{"repeat": 300000, "as": "i", "steps": ['
    printf '{"task": "init", "do": "open", "as": "f"}, {"task": "init", "do": "close", "fd": "f"}]}]}'
} >"$folder/long.json"
mkdir "$folder/out"

# interrupts SIGNAL: the run writes to out/report until then.
interrupts() {
    "$SECCOMP_SIM" run "$folder/long.json" --revision all -v -o "$folder/out/report" &
    local run=$! code=0
    for _ in $(seq 200); do
        [ -n "$(ls -A "$folder/out" | grep -v '^report$')" ] && break # the temporary file is there
        sleep 0.05
    done
    kill -s "$1" "$run"
    wait "$run" || code=$?
    [ "$code" -gt 128 ] || { echo "the run ended with $code before the signal"; exit 1; }
    left=$(ls -A "$folder/out")
}

interrupts TERM
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
echo old >"$folder/out/report"
interrupts TERM
[ "$left" = report ] && [ "$(cat "$folder/out/report")" = old ] || { echo "left behind: $left"; exit 1; }
echo "an interrupted run leaves no half-written file"
