#!/usr/bin/env bash
# confirm: what cannot be asked for, told as such; and, where kernels with points have been built (make
# kernels-points), a short part of `make confirm` under them.
set -euo pipefail
sim=$SECCOMP_SIM
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
store=${XDG_CACHE_HOME:-$HOME/.cache}/seccomp-sim/kernels

fail() {
    echo "FAILED: $1"
    cat "$scratch/out" "$scratch/err" 2>/dev/null || true
    exit 1
}
# expect CODE TEXT ARGUMENTS...: the exit code, and a word in what is printed
expect() {
    local code=$1 text=$2 status=0
    shift 2
    timeout 300 "$sim" confirm "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    [[ $status == "$code" ]] || fail "confirm $*: exit code $status, not $code"
    cat "$scratch/out" "$scratch/err" | grep -qF -- "$text" || fail "confirm $*: no word of '$text'"
}
nothing_runs() {
    local i
    for i in $(seq 50); do
        if ! pgrep -f "uml_dir=$scratch" >/dev/null; then return 0; fi
        sleep 0.1
    done
    fail "a guest still runs"
}

# Schedules with labels or tasks that there are not; files that are not there.
defect=scenarios/defects/v5.9-usage-exact-free_task.json
dying=scenarios/defects/tsync-meets-dying-thread.json
sed 's|release_task/before-unlock|release_task/before-unlok|' "$dying" >"$scratch/label.json"
expect 2 'did you mean "release_task/before-unlock"?' "$scratch/label.json"
sed 's|"leader: seccomp_set|"laeder: seccomp_set|' "$dying" >"$scratch/task.json"
expect 2 '"laeder" is no task' "$scratch/task.json"
expect 2 'no-such-file.json' "$scratch/no-such-file.json"
expect 2 'no-such-kernel' "$defect" --kernel no-such-kernel
expect 2 '--schedules' "$defect" --schedules none

# No kernels at all, and one that was built without points.
export XDG_CACHE_HOME=$scratch/cache
expect 4 'no kernel with points has been built here' "$defect"
mkdir -p "$scratch/cache/seccomp-sim/kernels/by-key/0123" "$scratch/cache/seccomp-sim/kernels/by-name"
touch "$scratch/cache/seccomp-sim/kernels/by-key/0123/linux"
cat >"$scratch/cache/seccomp-sim/kernels/by-key/0123/kernel.json" <<'END'
{"release": "5.9.1", "source": "linux-5.9.1", "patches": [], "config": [], "cpus": 1}
END
ln -s ../by-key/0123 "$scratch/cache/seccomp-sim/kernels/by-name/plain"
expect 2 'this kernel has no points' "$defect" --kernel plain
unset XDG_CACHE_HOME

export TMPDIR=$scratch
names=""
[[ ! -d $store ]] || names=$("$sim" kernel list --names)
has() { grep -qx -- "$1" <<<"$names"; }
looked=0

if has patch-v2-points; then
    looked=$((looked + 1))
    expect 0 'reproduced  tsync-meets-dying-thread on patch-v2-points (patch-v2)' \
        scenarios/defects/tsync-meets-dying-thread.json --kernel patch-v2-points
fi
if has v6.11-points; then
    looked=$((looked + 1))
    expect 0 'agrees  recv-unused on v6.11-points (v6.11)' --outcomes scenarios/mutants/recv-unused.json \
        --kernel v6.11-points --schedules 300
    expect 0 'kept  clone-tsync on v6.11-points (v6.11)' --invariants scenarios/mutants/clone-tsync.json \
        --kernel v6.11-points --schedules 50
    expect 2 'nothing happens at the same time' --outcomes scenarios/lifecycle/filter-empty.json --kernel v6.11-points
    expect 4 'has one CPU' --outcomes scenarios/mutants/recv-unused.json --kernel v6.11-points --under-locks
    expect 0 'left out' "$defect" --kernel v6.11-points
fi
if has v6.11-points+skip-live-inc; then
    looked=$((looked + 1))
    expect 1 'broken  clone-tsync on v6.11-points+skip-live-inc (v6.11): live-exact' --invariants \
        scenarios/mutants/clone-tsync.json --kernel v6.11-points+skip-live-inc -o "$scratch/found.json"
    expect 0 'reproduced  clone-tsync-live-exact' "$scratch/found.json" --kernel v6.11-points+skip-live-inc
    expect 1 'not reproduced  clone-tsync-live-exact' "$scratch/found.json" --kernel v6.11-points
fi
if has v6.11-points+kernel_panics; then
    looked=$((looked + 1))
    expect 1 'the kernel broke down' scenarios/mutants/exit-walk.json --kernel v6.11-points+kernel_panics
    grep -q 'seccomp_attach_filter was asked to' "$scratch/out" "$scratch/err" || fail "the last lines are not shown"
    nothing_runs
fi
if has v6.11-points+kernel_hangs; then
    looked=$((looked + 1))
    expect 1 'the kernel broke down' scenarios/mutants/exit-walk.json --kernel v6.11-points+kernel_hangs --timeout 10
    nothing_runs
fi
[[ $looked != 0 ]] || { echo "no kernel with points has been built here (make kernels-points)"; exit 77; }
