#!/usr/bin/env bash
# Building kernels: once for what goes in, atomically, with errors that a person can use, and nothing left behind.
set -euo pipefail
source tests/live/small_tree.bash

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache COUNTER=$folder/count
store=$folder/cache/seccomp-sim/kernels
tree=$folder/tree
make_tree "$tree"

fail() {
    echo "$1"
    cat "$folder/out" "$folder/err" 2>/dev/null || true
    exit 1
}
try() { "$SECCOMP_SIM" kernel build "$@" >"$folder/out" 2>"$folder/err"; }
build() { try "$@" || fail "not built: $*"; }
refused() { # refused CODE TEXT ARGUMENTS...
    local code=$1 text=$2 status=0
    shift 2
    try "$@" || status=$?
    [ "$status" = "$code" ] || fail "$*: exit code $status, not $code"
    grep -qF -- "$text" "$folder/err" || fail "$*: no word of '$text'"
}
count() { wc -l <"$COUNTER"; }
eventually() { # eventually COMMAND...: within ten seconds
    local i
    for i in $(seq 100); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    fail "still not: $*"
}
no_leftovers() { [ -z "$(ls "$store/building")" ]; }

missing=$("$SECCOMP_SIM" kernel build "$tree" --name mine 2>&1 >/dev/null | sed -n 's/.*there is no //p' | head -n 1)
[ -z "$missing" ] || { echo "$missing is not installed"; exit 77; }

# The same content is built once, wherever it lies; what is different is built anew.
[ "$(count)" = 1 ] || fail "the first build did not compile once"
build "$tree" --name mine
[ "$(count)" = 1 ] || fail "the same tree was built twice"
grep -q "built before" "$folder/out" || fail "not told that it was there"
cp -r "$tree" "$folder/copy"
touch "$folder/copy/kernel/seccomp.c"
build "$folder/copy" --name copy
[ "$(count)" = 1 ] || fail "a copy of the tree was built again"
tar -C "$folder" -cJf "$folder/linux-9.9.9.tar.xz" tree
build "$folder/linux-9.9.9.tar.xz"
[ "$(count)" = 2 ] || fail "an archive was not built"
[ "$("$SECCOMP_SIM" kernel list --names | tr '\n' ' ')" = "copy linux-9.9.9 mine " ] || fail "the names are wrong"
for file in linux linux.btf System.map config kernel.json; do
    [ -s "$store/by-name/mine/$file" ] || fail "there is no $file"
done
if readelf -S "$store/by-name/mine/linux" | grep -q debug_info; then fail "the kernel is not stripped"; fi

# A patch is part of the key, and the tree itself stays as it is.
cat >"$folder/good.patch" <<'END'
--- a/kernel/seccomp.c
+++ b/kernel/seccomp.c
@@ -2,7 +2,7 @@
     int refs;
     int users;
 };
-struct seccomp_filter init_filter = {1, 1};
+struct seccomp_filter init_filter = {2, 1};
 int main(void) {
     return init_filter.refs;
 }
END
sum=$(sha256sum "$tree/kernel/seccomp.c")
build "$tree" --patch "$folder/good.patch" --name patched
[ "$(count)" = 3 ] || fail "a patched tree was not built"
[ "$sum" = "$(sha256sum "$tree/kernel/seccomp.c")" ] || fail "the tree was changed"
"$SECCOMP_SIM" kernel list | grep "^patched " | grep -q "good.patch" || fail "the list does not name the patch"

# What is wrong is told with the lines that matter, and nothing is in the store.
sed 's/^-struct.*/-struct seccomp_filter final_filter = {1, 1};/' "$folder/good.patch" >"$folder/bad.patch"
refused 2 "FAILED at 2" "$tree" --patch "$folder/bad.patch" --name bad
refused 2 "bad.patch does not apply" "$tree" --patch "$folder/bad.patch" --name bad
sed -i 's/return init_filter.refs/return init_filter.gone/' "$folder/copy/kernel/seccomp.c"
refused 2 "error: 'struct seccomp_filter' has no member named 'gone'" "$folder/copy" --name bad
refused 2 "the kernel does not compile" "$folder/copy" --name bad
if grep -q "CC  " "$folder/err"; then fail "lines that do not matter are shown"; fi
refused 2 "no such patch" "$tree" --patch "$folder/none.patch"
refused 2 "no such kernel tree, archive or Debian source package" "$folder/nothing"
refused 2 "this is no kernel tree" "$folder"
refused 2 "it is no archive that tar reads" "$folder/good.patch"
refused 2 "stands for other kernels" "$tree" --name running
refused 2 "cannot be the name of a kernel" "$tree" --name ../up
refused 2 "is no line of a kernel configuration" "$tree" --config KASAN
[ ! -e "$store/by-name/bad" ] || fail "a failed build has a name"
no_leftovers || fail "a failed build left something"

# An end in the middle leaves nothing: by time, by Ctrl-C, by SIGKILL.
touch "$tree/hang"
refused 2 "the time for building is over" "$tree" --name hung --timeout 1
no_leftovers || fail "a build that ran out of time left something"
for signal in INT TERM KILL; do
    # What the last one said is no news; a signal to a shell that is not the program yet would end the test.
    : >"$folder/err"
    # A shell lets its background ignore Ctrl-C.
    env --default-signal=INT "$SECCOMP_SIM" kernel build "$tree" --name hung >/dev/null 2>"$folder/err" &
    driver=$!
    eventually grep -q configuring "$folder/err"
    sleep 0.2
    kill -s "$signal" "$driver"
    wait "$driver" || true
    eventually no_leftovers
    [ ! -e "$store/by-name/hung" ] || fail "an interrupted build has a name"
done
if pgrep -f "$store" >/dev/null; then fail "something of the builds still runs"; fi
rm "$tree/hang"

# Two at once: one builds, the other waits and finds it.
touch "$tree/slow"
before=$(count)
"$SECCOMP_SIM" kernel build "$tree" --name first >"$folder/first" 2>&1 &
eventually grep -q configuring "$folder/first"
"$SECCOMP_SIM" kernel build "$tree" --name second >"$folder/second" 2>&1 &
wait
[ "$(count)" = $((before + 1)) ] || fail "two builds of the same both compiled"
[ "$(readlink "$store/by-name/first")" = "$(readlink "$store/by-name/second")" ] || fail "two kernels came of it"
cat "$folder/first" "$folder/second" | grep -q "waiting for another build" || fail "not told that it waits"

# Names go one by one; the kernel goes with its last.
key=$(basename "$(readlink "$store/by-name/first")")
"$SECCOMP_SIM" kernel rm first
[ -d "$store/by-key/$key" ] || fail "a kernel with another name was removed"
"$SECCOMP_SIM" kernel rm second
[ ! -e "$store/by-key/$key" ] || fail "a kernel without a name stays"
status=0
"$SECCOMP_SIM" kernel rm minne 2>"$folder/err" || status=$?
[ "$status" = 2 ] || fail "an unknown name: exit code $status"
grep -q 'did you mean "mine"' "$folder/err" || fail "the nearest name is not told"
echo "kernels are built once, whole, or not at all"
