#!/usr/bin/env bash
# Every subcommand on real scenarios: exit codes, and formats that other programs can read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
story=scenarios/lifecycle/filter-empty.json

fail() {
    echo "$1"
    exit 1
}
# exits CODE WORDS...: the program ends with this code; its output stays in $folder/out.
exits() {
    local code=$1 seen=0
    shift
    "$SECCOMP_SIM" "$@" >"$folder/out" 2>"$folder/err" || seen=$?
    [ "$seen" = "$code" ] || fail "'$*' ended with $seen instead of $code: $(head -c 300 "$folder/err")"
}
says() {
    grep -qF -- "$1" "$folder/out" || fail "expected '$1' in: $(head -c 600 "$folder/out")"
}

exits 0 run "$story" --revision all --format jsonl
jq -e . "$folder/out" >"$folder/json" || fail "run --format jsonl is no JSON"
exits 0 run "$story" --revision all --format junit
xmllint --noout "$folder/out" || fail "run --format junit is no XML"
exits 0 run "$story" --revision all --format ktap
says "KTAP version 1"
says "1..6"
[ "$(grep -c '^ok ' "$folder/out")" = 6 ] || fail "not six results in: $(cat "$folder/out")"
exits 0 run - --revision v5.0 <"$story"
exits 0 run "$story" -o "$folder/report" --metrics "$folder/metrics.csv"
grep -q '^held ' "$folder/report" || fail "-o wrote no report"
head -n 1 "$folder/metrics.csv" | grep -q '^scenario,revision,step,' || fail "--metrics wrote no head line"

exits 0 diff "$story" --revision v5.0 --revision v5.0
exits 1 diff "$story" --revision v6.2 --revision v6.11
says "step 6"
exits 1 diff "$story" --revision v5.0 --revision v6.15 --all
exits 1 run "$story" --set release=reap --revision v6.15 --set live=no

exits 0 explain "$story" --at 5 --listener L --revision v5.9
says "worker: until it exits and init, its parent, reaps it"
says "fd 3 (L) of init"
exits 0 explain "$story" --at 5 --listener L --revision v5.0
says "never reports HUP"

for revision in v5.0 v6.15; do
    exits 0 tree scenarios/lifecycle/stacked-filters.json --at 8 --dot --revision "$revision"
    cp "$folder/out" "$folder/tree.dot"
    dot -Tsvg "$folder/tree.dot" -o "$folder/tree.svg" || fail "graphviz cannot read tree --dot"
    xmllint --noout "$folder/tree.svg"
done

exits 0 validate scenarios
exits 0 schema
jq -e '."$schema"' "$folder/out" >"$folder/json" || fail "schema is no JSON Schema"
exits 0 revisions
exits 0 revisions v6.2 v6.11
says "release: reap -> exit"
exits 0 --help
exits 0 --version
echo "every subcommand does what it should"
