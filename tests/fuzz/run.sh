#!/usr/bin/env bash
# usage: run.sh FOLDER_OF_PROGRAMS [SECONDS_EACH]
# Runs each libFuzzer program on a corpus that begins with what is in scenarios/. A crash, a leak, an input
# that takes over FUZZ_TIMEOUT seconds, or over 512 MB of memory fails; the input stays in FOLDER/finds.
set -euo pipefail
programs=$1
seconds=${2:-60}
corpus=$programs/corpus
finds=$programs/finds
mkdir -p "$corpus"/fuzz_{scenario,profile,schedule,checkpoint} "$finds"

number=0
while IFS= read -r file; do
    number=$((number + 1))
    cp "$file" "$corpus/fuzz_scenario/seed-$number"
    jq -c '.filters // {} | .[]' "$file" 2>/dev/null | head -4 | while IFS= read -r filter; do
        printf '%s' "$filter" >"$corpus/fuzz_profile/seed-$(printf '%s' "$filter" | cksum | tr -d ' ')"
    done
    jq -r '.steps[]? | .schedule? // empty | .[]' "$file" 2>/dev/null >"$corpus/fuzz_schedule/seed-$number"
    [ -s "$corpus/fuzz_schedule/seed-$number" ] || rm "$corpus/fuzz_schedule/seed-$number"
done < <(find scenarios -name '*.json' | LC_ALL=C sort)

FUZZ_SEEDS=$corpus/fuzz_checkpoint "$programs/fuzz_checkpoint" -runs=0 -verbosity=0

for program in "$programs"/fuzz_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=$(basename "$program")
    echo "== $name, $seconds s"
    "$program" -max_total_time="$seconds" -timeout="${FUZZ_TIMEOUT:-1}" -rss_limit_mb=512 -max_len=65536 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$finds/$name-" "$corpus/$name"
done
