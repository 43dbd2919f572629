#!/usr/bin/env bash
# A short part of `make conform` under one of the kernels that were built; and a kernel with an increment left out,
# built by hand or by `kernel build --patch` under the name missing-increment, must not pass.
set -euo pipefail
sim=$SECCOMP_SIM
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

names=$("$sim" kernel list --names)
kernel=""
for name in v5.9 v6.15 v6.11 v6.2 v5.0 patch-v2; do
    if grep -qx "$name" <<<"$names"; then
        kernel=$name
        break
    fi
done
[[ -n $kernel ]] || { echo "no kernel has been built here (make kernels)"; exit 77; }

short=(scenarios/lifecycle/filter-empty.json scenarios/regressions/mail-for-a-sleeper.json)
status=0
timeout 300 "$sim" conform --kernel "$kernel" --white-box on --timeout 60 "${short[@]}" >"$scratch/out" 2>&1 || status=$?
[[ $status == 0 ]] || { cat "$scratch/out"; echo "FAILED: $kernel: exit code $status"; exit 1; }
grep -q '^[1-9][0-9]* agree, 0 differ' "$scratch/out" || { cat "$scratch/out"; echo "FAILED: nothing agrees"; exit 1; }

if ! grep -qx missing-increment <<<"$names"; then
    echo "not looked at: a kernel named missing-increment has not been built here"
    exit 0
fi
status=0
timeout 300 "$sim" conform --kernel missing-increment --white-box on --timeout 60 scenarios/lifecycle/stacked-filters.json \
    >"$scratch/out" 2>&1 || status=$?
[[ $status == 1 ]] || { cat "$scratch/out"; echo "FAILED: the missing increment is not noticed: $status"; exit 1; }
