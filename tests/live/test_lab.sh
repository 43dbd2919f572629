#!/usr/bin/env bash
# The kernels that have been built: each boots, runs a command, can be looked into, and leaves nothing behind.
set -euo pipefail

tests=$(dirname "$SECCOMP_SIM")/tests/seccomp_sim_tests
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder

kernels=()
for name in v5.0 patch-v2 v5.9 v6.2 v6.11 v6.15; do
    if "$SECCOMP_SIM" kernel list --names | grep -qx "$name"; then kernels+=("$name"); fi
done
[ "${#kernels[@]}" -gt 0 ] || { echo "no kernel has been built here (make kernels)"; exit 77; }

fail() {
    echo "$1"
    exit 1
}
eventually() { # eventually COMMAND...: within twenty seconds
    for _ in $(seq 200); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    fail "still not: $*"
}
nothing_left() { ! pgrep -f "uml_dir=$folder/" >/dev/null && ! ls -d "$folder"/seccomp-sim-guest-* >/dev/null 2>&1; }
exits_with() { # exits_with CODE COMMAND...
    local code=$1 status=0
    shift
    "$@" </dev/null >"$folder/out" 2>&1 || status=$?
    [ "$status" = "$code" ] || { cat "$folder/out"; fail "$*: exit code $status, not $code"; }
}

for kernel in "${kernels[@]}"; do
    KERNEL=$kernel "$tests" '[.lab]' >"$folder/out" 2>&1 || { cat "$folder/out"; fail "$kernel cannot be looked into"; }
    exits_with 7 "$SECCOMP_SIM" kernel run "$kernel" -- sh -c 'exit 7'
    nothing_left || fail "$kernel leaves something behind"
done

kernel=${kernels[0]}
[ "$(printf 'a\nb\n' | "$SECCOMP_SIM" kernel run "$kernel" -- wc -l)" = 2 ] || fail "standard input does not arrive"
exits_with 127 "$SECCOMP_SIM" kernel run "$kernel" -- no-such-command
exits_with 137 "$SECCOMP_SIM" kernel run "$kernel" -- sh -c 'kill -9 $$'
exits_with 1 "$SECCOMP_SIM" kernel run --read-only "$kernel" -- sh -c "touch $folder/written"
exits_with 2 "$SECCOMP_SIM" kernel run --timeout 1 "$kernel" -- sleep 1000
grep -q "the time for the guest is over" "$folder/out" || fail "the end of the time is not told"
nothing_left || fail "a guest whose time is over leaves something behind"

for signal in INT TERM KILL; do
    # What the last one said is no news; a signal to a shell that is not the program yet would end the test.
    : >"$folder/up"
    # A shell lets its background ignore Ctrl-C.
    env --default-signal=INT "$SECCOMP_SIM" kernel run "$kernel" -- sh -c 'echo up; exec sleep 1000' >"$folder/up" &
    driver=$!
    eventually grep -q up "$folder/up"
    kill -s "$signal" "$driver"
    wait "$driver" 2>/dev/null || true
    eventually nothing_left
done
echo "looked into and cleaned up: ${kernels[*]}"
