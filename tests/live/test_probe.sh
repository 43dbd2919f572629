#!/usr/bin/env bash
# Each kernel that was built for a preset is told from the others by what it does, and by nothing else.
set -euo pipefail
sim=$SECCOMP_SIM
found=$(mktemp)
trap 'rm -f "$found"' EXIT

names=$("$sim" kernel list --names)
looked=""
for name in v5.0 patch-v2 v5.9 v6.2 v6.11 v6.15; do
    grep -qx "$name" <<<"$names" || continue
    status=0
    timeout 120 "$sim" probe --kernel "$name" --timeout 30 >"$found" 2>&1 || status=$?
    [[ $status == 0 ]] || { cat "$found"; echo "FAILED: $name cannot be probed: $status"; exit 1; }
    grep -q "^nearest preset: $name " "$found" || { cat "$found"; echo "FAILED: $name is taken for another"; exit 1; }
    looked+=" $name"
done
[[ -n $looked ]] || { echo "no kernel has been built here (make kernels)"; exit 77; }
echo "told apart:$looked"
