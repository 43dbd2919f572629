#!/usr/bin/env bash
# Builds the kernels with points that `make confirm` runs: one for each preset, named PRESET-points, as far as
# their sources can be had; of v6.11 also one for each wrong change in sim/live/mutants.
#   make_kernels.sh PROGRAM [SOURCES [SECONDS]]
# As sim/live/lab/make_kernels.sh, which builds them without points.
set -euo pipefail
here=$(dirname "$0")
program=$1
sources=${2:-}
limit=${3:-14400}
variants=()
for mutant in "$here"/../mutants/*.cocci; do
    variants+=(--variant "$mutant")
done
bash "$here/../lab/make_kernels.sh" "$program" "$sources" "$limit" -points --points
"$program" kernel build linux-source-6.12 --points --name v6.11-points "${variants[@]}" --timeout "$limit"
