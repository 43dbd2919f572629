#!/usr/bin/env bash
# The guard against slow growth: instructions that callgrind counts, of one level of the walk in each design and
# of a fixed replay, and of one call of containers that come and go, beside those recorded in instructions.json.
#   instructions.sh check|count|record PROGRAM COMPILER FLAGS
# count prints them as JSON; record writes instructions.json; check fails when one grew by more than 5 %.
# Counts belong to one compiler and its flags: check exits with 77, which is "skipped", for any other.
set -euo pipefail
cd "$(dirname "$0")"

what=$1 program=$2 compiler=${3%%.*} flags=${4:-}
recorded=instructions.json
at_most=1.05

skip() {
    echo "skipped: $1"
    exit 77
}

command -v valgrind >/dev/null || skip "valgrind is not installed"
command -v jq >/dev/null || skip "jq is not installed"

# Instructions of the functions whose name begins so.
count() {
    local function=$1 log
    shift
    log=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$function*" "$program" "$@" 2>&1) || {
        echo "$log" >&2
        return 1
    }
    sed -n 's/.*Collected : //p' <<<"$log"
}

# 64 exits from chains of 65 filters less 64 from chains of one, over 64 * 64 levels.
walk_level() {
    local long short
    long=$(count 'void seccomp_sim::bench::counted_walk' walk "$1" 65)
    short=$(count 'void seccomp_sim::bench::counted_walk' walk "$1" 1)
    jq -n "($long - $short) / 4096"
}

count_all() {
    for design in before patch_v2 upstream locked scan fused; do
        walk_level "$design" | jq --arg name "walk/$design" '{($name): .}'
    done | jq -s add
    count 'seccomp_sim::bench::counted_replay' replay replay.json | jq '{replay: .}'
    for invariants in checked unchecked; do
        count 'seccomp_sim::bench::counted_churn' churn "$invariants" |
            jq --arg name "churn/$invariants" '{($name): (. / 10000 | round)}'
    done
}

counts() {
    count_all | jq -s --arg compiler "$compiler" --arg flags "$flags" \
        '{compiler: $compiler, flags: $flags, instructions: add}'
}

case $what in
count)
    counts
    ;;
record)
    counts >"$recorded.new"
    mv "$recorded.new" "$recorded"
    cat "$recorded"
    ;;
check)
    for fact in compiler flags; do
        was=$(jq -r ".$fact" "$recorded")
        [ "$was" = "${!fact}" ] || skip "the counts were recorded with $fact '$was', this is '${!fact}'"
    done
    table=$(counts | jq -r --slurpfile was "$recorded" --argjson most "$at_most" '
        .instructions as $now | $was[0].instructions as $old | ($now | keys[]) as $name |
        [$name, $old[$name], $now[$name],
         (if $old[$name] == null then "not recorded"
          elif $now[$name] > $old[$name] * $most then "GREW"
          elif $now[$name] < $old[$name] / $most then "fell; record it: make bench-record"
          else "ok" end)] | @tsv')
    echo "$table"
    if grep -qE 'GREW|not recorded' <<<"$table"; then
        echo "instructions grew by more than 5 %; if it has to be so, record them: make bench-record"
        exit 1
    fi
    ;;
*)
    echo "usage: instructions.sh check|count|record PROGRAM COMPILER FLAGS" >&2
    exit 2
    ;;
esac
