#!/usr/bin/env bash
# Whatever a user gets wrong: exit code 2, one message that says where, nothing on standard output.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
good=scenarios/lifecycle/filter-empty.json

# refuses EXPECTED WORDS...: the message has EXPECTED in it.
refuses() {
    local expected=$1 seen=0
    shift
    "$SECCOMP_SIM" "$@" >"$folder/out" 2>"$folder/err" || seen=$?
    if [ "$seen" != 2 ] || ! grep -qF -- "$expected" "$folder/err" || [ -s "$folder/out" ]; then
        echo "'$*' ended with $seen; expected '$expected' in: $(head -c 600 "$folder/err")"
        exit 1
    fi
}
# scenario STEPS: writes bad.json with these steps after the first line.
scenario() {
    printf '{"schema": "seccomp-sim/scenario/1", "name": "bad", "filters": {"watch": {"allow": 1}}, "steps": [\n%s]}' \
        "$1" >"$folder/bad.json"
}
bad() {
    scenario "$2"
    refuses "bad.json:$1" run "$folder/bad.json"
}

refuses "paths is required" run
refuses '"rnu" is no subcommand; expected one of run, diff,' rnu
refuses 'did you mean "run"?' rnu
refuses '"--nope" is no subcommand' --nope
refuses '"" is no subcommand' ""
refuses '"": cannot be opened' run ""
refuses "--revisoin" run "$good" --revisoin v5.0
refuses "v6.11" run "$good" --revision v6.12
refuses "release" run "$good" --set relese=exit
refuses "exit" run "$good" --set release=exi
refuses "--seed" run "$good" --seed many
refuses '"-1" is no seed' run "$good" --seed -1
refuses "is no seed" run "$good" --seed 99999999999999999999999
refuses "--nope" run "$good" --nope
refuses "--format" run "$good" --format xml
refuses "cannot be opened" run "$folder/none.json"
refuses "has no scenarios in it" run "$folder"
refuses "no listener" explain "$good" --at 5 --listener M
refuses "no step" explain "$good" --at nowhere --listener L
refuses "999" tree "$good" --at 999
refuses "two revisions, but 1 was given" diff "$good" --revision v5.0
refuses "cannot be" run "$good" -o "$folder/none/report"
refuses "cannot be" run "$good" -o /dev/full
refuses "cannot be" run "$good" --metrics "$folder/none/metrics"
refuses "nothing can be written into this folder" fuzz -o "$good"
refuses "nothing can be written into this folder" explore --campaign 1 -o /dev/null/folder

bad '2:1: /steps/0: a "fork" step lacks "task"' '{"tsk": "init", "do": "fork", "child": "a"}'
bad "2:" '{"task": "init", "do": "frok", "child": "a"}'
bad "2:" '{"task": "ini", "do": "fork", "child": "a"}'
bad "2:" '{"task": "init", "do": "fork", "child": 7}'
bad "2:" '{"task": "init", "do": "fork", "do": "fork", "child": "a"}'
bad "3:" '{"task": "init", "do": "fork", "child": "a"},
{"task": "a", "do": "close", "fd": "L"}'
bad "4:" '{"task": "init", "do": "fork", "child": "a"},
{"task": "a", "do": "exit"},
{"task": "a", "do": "fork", "child": "b"}'
bad "4:" '{"task": "init", "do": "open", "as": "f"},
{"task": "init", "do": "close", "fd": "f"},
{"task": "init", "do": "close", "fd": "f"}'
bad "2:" '{"repeat": 1000000000, "as": "i", "steps": [{"task": "init", "do": "open", "as": "f"}]}'

printf '\xff\xfe{' >"$folder/bad.json"
refuses "bad.json:1:1" run "$folder/bad.json"
head -c 1000000 /dev/zero | tr '\0' '[' >"$folder/bad.json"
refuses "bad.json:1:65" run "$folder/bad.json"
truncate -s 1G "$folder/bad.json"
refuses "bad.json" run "$folder/bad.json"
: >"$folder/bad.json"
refuses "bad.json:1:1" validate "$folder/bad.json"
refuses "is a directory" explain "$folder" --at 1 --listener L
ln -s loop "$folder/loop"
refuses "cannot be opened" run "$folder/loop"
echo "each mistake is told once, with its place"
