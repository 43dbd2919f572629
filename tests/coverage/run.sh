#!/usr/bin/env bash
# usage: run.sh PROGRAM [--list]
# Replays every scenario and fuzzes every revision with a program that counts (preset "coverage"), prints line
# and branch figures of kernel-model, and compares the branches that nothing reached with
# tests/coverage/unreached.txt. --list prints the unreached branches in that file's form instead.
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export LLVM_PROFILE_FILE="$folder/%p.profraw"
"$program" run scenarios --revision all >"$folder/run.txt" || true
"$program" fuzz --revision all --runs "${COVERAGE_RUNS:-2}" --steps "${COVERAGE_STEPS:-1000000}" --no-coverage \
    -o "$folder" >"$folder/fuzz.txt" || true
llvm-profdata merge -sparse "$folder"/*.profraw -o "$folder/merged"
llvm-cov export -format=lcov -instr-profile="$folder/merged" "$program" kernel-model >"$folder/info"

# A branch is known by its file, the text of its line and its number there: lines move.
awk -v list="$folder/unreached" '
    /^SF:/ { file = substr($0, 4); sub(".*/kernel-model/", "kernel-model/", file); line = 0
             delete text; while ((getline t < file) > 0) { gsub(/^[ \t]+|[ \t]+$/, "", t); text[++line] = t }
             close(file) }
    /^LF:/ { lines += substr($0, 4) }
    /^LH:/ { hit += substr($0, 4) }
    /^BRDA:/ { split(substr($0, 6), b, ","); at = file "\t" text[b[1]]; number[at]++; branches++
               if (b[4] == "-" || b[4] == 0) print at "\t" number[at] > list; else taken++ }
    END { printf "kernel-model: %d of %d lines (%.1f %%), %d of %d branches (%.1f %%)\n",
                 hit, lines, 100 * hit / lines, taken, branches, 100 * taken / branches }' "$folder/info"
touch "$folder/unreached"
LC_ALL=C sort -u -o "$folder/unreached" "$folder/unreached"
if [ "${2:-}" = --list ]; then
    cat "$folder/unreached"
    exit 0
fi
# unreached.txt: file, line, branch, and the reason, with tabs between; # begins a comment.
grep -v '^#' tests/coverage/unreached.txt | cut -f 1-3 | LC_ALL=C sort -u >"$folder/known"
if LC_ALL=C comm -23 "$folder/unreached" "$folder/known" | grep .; then
    echo "the branches above were not reached, and tests/coverage/unreached.txt gives no reason" >&2
    exit 1
fi
LC_ALL=C comm -13 "$folder/unreached" "$folder/known" >"$folder/stale"
[ ! -s "$folder/stale" ] || { echo "reached now; unreached.txt may leave them out:"; cat "$folder/stale"; }
