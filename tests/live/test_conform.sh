#!/usr/bin/env bash
# Holds a scenario against the running kernel, and looks at what is left when the driver is ended: no task may
# stay in the pid namespace that it made.
set -euo pipefail
sim=$SECCOMP_SIM
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $1"
    exit 1
}

status=0
"$sim" conform scenarios/lifecycle/filter-empty.json --format ktap >"$scratch/out" 2>"$scratch/err" || status=$?
if [[ $status == 4 ]]; then
    cat "$scratch/err"
    exit 77
fi
grep -q '^ok 1 filter-empty/running$' "$scratch/out" || { cat "$scratch/out" "$scratch/err"; fail "filter-empty"; }

"$sim" conform --white-box off --kernel running scenarios/regressions/mail-for-a-sleeper.json ||
    fail "an fd that is sent to a sleeping task is taken for what the task waits for"

cat >"$scratch/mount.json" <<'END'
{"schema": "seccomp-sim/scenario/1", "name": "mount", "steps": [{"task": "init", "do": "syscall", "name": "mount", "args": [0, 4096]}]}
END
status=0
"$sim" conform --white-box off "$scratch/mount.json" >"$scratch/out" || status=$?
[[ $status == 4 ]] || fail "a mount that nothing stops is carried out"
grep -q "mount could be let through" "$scratch/out" || { cat "$scratch/out"; fail "the reason is not told"; }

status=0
"$sim" conform "$scratch/nowhere.json" 2>/dev/null || status=$?
[[ $status == 2 ]] || fail "a missing file is bad input, not $status"

# A model of another kernel does not agree, and what would make it agree is told: where a task lets go of its filter.
case $("$sim" probe | sed -n 's/^  release=\([a-z]*\) .*/\1/p') in
    exit) other=reap own=exit ;;
    *) other=exit own=reap ;;
esac
status=0
"$sim" conform scenarios/lifecycle/filter-empty.json --white-box off --set "release=$other" >"$scratch/out" || status=$?
[[ $status == 1 ]] || { cat "$scratch/out"; fail "release=$other is taken for what this kernel does: $status"; }
grep -qx " *release=$own" "$scratch/out" || { cat "$scratch/out"; fail "release=$own is not told as what would agree"; }
grep -q "a smallest scenario that shows it" "$scratch/out" || fail "no smallest scenario"
grep -Eq '^running: [0-9]+ steps of scenarios in .* steps a second$' "$scratch/out" || fail "no rate"
status=0
"$sim" conform scenarios/lifecycle/filter-empty.json --revision v99 2>/dev/null || status=$?
[[ $status == 2 ]] || fail "an unknown revision is bad input, not $status"

# A user without privileges compares what that user may see, in a user namespace, or is told why not.
if [[ $(id -u) == 0 ]]; then
    copy=$(mktemp -d --tmpdir seccomp-sim-XXXXXX)
    cp "$sim" scenarios/lifecycle/filter-empty.json "$copy"
    chmod 755 "$copy"
    status=0
    setpriv --reuid 65534 --regid 65534 --clear-groups "$copy/seccomp-sim" conform "$copy/filter-empty.json" \
        >"$scratch/out" 2>"$scratch/err" || status=$?
    rm -r "$copy"
    [[ $status == 0 || $status == 4 ]] || { cat "$scratch/out" "$scratch/err"; fail "without privileges: $status"; }
    grep -q "counters are not compared on running" "$scratch/err" || { cat "$scratch/err"; fail "not told what lacks"; }
    [[ $status == 0 ]] || grep -q "allow user namespaces" "$scratch/out" "$scratch/err" || fail "no reason"
fi

wait_until() { # a condition that comes true sooner or later
    local i
    for i in $(seq 600); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    return 1
}

for signal in INT TERM KILL; do
    # A background job of a script ignores SIGINT from its start; env gives it back.
    env --default-signal=INT "$sim" conform scenarios/lifecycle --white-box off >/dev/null 2>&1 &
    driver=$!
    space=""
    own=$(readlink /proc/self/ns/pid)
    has_namespace() { # the driver's child is the init of the scenario that it is at
        local child
        for child in $(cat "/proc/$driver/task/$driver/children" 2>/dev/null); do
            space=$(readlink "/proc/$child/ns/pid" 2>/dev/null || true)
            if [[ -n $space && $space != "$own" ]]; then return 0; fi
        done
        return 1
    }
    wait_until has_namespace || fail "no task appears under the driver"
    kill -"$signal" "$driver"
    wait "$driver" 2>/dev/null || true
    is_empty() {
        local link
        for link in /proc/[0-9]*/ns/pid; do
            if [[ $(readlink "$link" 2>/dev/null) == "$space" ]]; then return 1; fi
        done
    }
    wait_until is_empty || fail "SIG$signal of the driver leaves tasks behind"
done
