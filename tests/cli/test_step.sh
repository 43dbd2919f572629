#!/usr/bin/env bash
# `run --step` walks a scenario forwards and backwards; what it shows of a place is the same from both sides.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
step() { printf '%s\n' "$1" | "$SECCOMP_SIM" run --step "$2" > "$scratch/out"; }
fail() { echo "$1"; cat "$scratch/out"; exit 1; }

file=scenarios/lifecycle/scheduled-exits.json
step "n q" "$file"
grep -q ' 0/[0-9]*: before the first step' "$scratch/out" || fail "no start"
grep -q ' 1/[0-9]*: step 1, init: fork worker' "$scratch/out" || fail "no first step"

step "6 q" "$file"
sed '1,/^$/d' "$scratch/out" > /dev/null
grep -q 'concurrently: .* enters the kernel' "$scratch/out" || fail "no atomic step inside of the block"
grep -q '^> ' "$scratch/out" || fail "the task that moved is not shown"
grep -q '^filter watch  usage' "$scratch/out" || fail "no tree"

# Forwards and back again, and by number: the same screen.
step "9 q" "$file"; tail -n +1 "$scratch/out" | awk '/ 9\//{on=1} on' > "$scratch/by-number"
step "home n n n n n n n n n n p q" "$file"; awk '/ 10\//{seen=1} seen && / 9\//{on=1} on' "$scratch/out" > "$scratch/back"
[ -s "$scratch/back" ] || fail "did not go back"
cmp "$scratch/by-number" "$scratch/back" || fail "going back shows something else"

step "end n q" "$file"
[ "$(grep -cE ' ([0-9]+)/\1: ' "$scratch/out")" = 2 ] || fail "did not stay at the end"

# Any scenario; the end of the input is the end.
step "n n" scenarios/lifecycle/fork-killed-late.json

if printf 'sideways\n' | "$SECCOMP_SIM" run --step "$file" > "$scratch/out" 2> "$scratch/err"; then fail "took a wrong command"; else code=$?; fi
[ "$code" = 2 ] || fail "exit code $code"
grep -q '"sideways" is no command' "$scratch/err" || fail "no message"
if "$SECCOMP_SIM" run --step "$file" "$file" < /dev/null > "$scratch/out" 2> "$scratch/err"; then fail "took two files"; fi
grep -q 'takes one scenario' "$scratch/err" || fail "no message for two files"

# At a terminal: one key, without Enter, and the screen is drawn anew.
mkfifo "$scratch/keys"
script -qec "'$SECCOMP_SIM' run --step $file" /dev/null <"$scratch/keys" >"$scratch/out" 2>&1 &
terminal=$!
exec 9>"$scratch/keys"
screen_has() { # screen_has PATTERN [TIMES]
    for _ in $(seq 100); do
        if [ "$(grep -c "$1" "$scratch/out")" = "${2:-1}" ]; then return; fi
        sleep 0.1
    done
    fail "the terminal does not show $1, ${2:-1} times"
}
screen_has ' 0/[0-9]*: before the first step'
printf n >&9
screen_has ' 1/[0-9]*: step 1, init: fork worker'
printf n >&9
screen_has ' 2/[0-9]*: step 2, '
printf p >&9
screen_has ' 1/[0-9]*: step 1, ' 2
printf q >&9
exec 9>&-
wait "$terminal" || fail "q does not end it well"
