#!/usr/bin/env bash
# Builds the kernels that the presets stand for, as far as their sources can be had, and says what is left out.
#   make_kernels.sh PROGRAM [SOURCES [SECONDS [SUFFIX [OPTION...]]]]
# SOURCES is a folder with linux-5.7.14*, patch-v2.diff and so on; SECONDS bounds all of it together; SUFFIX is
# put behind each name, and the options are given to each build.
set -euo pipefail
program=$1
sources=${2:-}
limit=${3:-14400}
suffix=${4:-}
more=("${@:5}")
end=$((SECONDS + limit))
failed=0

# The newest first: with little time it is what matters most.
kernels=(
    "v6.15     linux-6.19    --cpus 4"
    "v5.9      linux-5.9.1"
    "v5.0      linux-5.7.14"
    "patch-v2  linux-5.7.14  --patch patch-v2.diff"
    "v6.11     linux-source-6.12"
    "v6.2      linux-source-6.1"
    # With a mistake in it, which `conform` must notice (tests/live/test_conform_kernels.sh).
    "missing-increment linux-5.9.1 --patch tests/live/missing_increment.cocci"
)

# A Debian package by its name, anything else from the folder: a tree or an archive.
find_source() {
    case $1 in
        linux-source-*) echo "$1" ;;
        *) find "${sources:-/nonexistent}" -maxdepth 1 \( -name "$1" -o -name "$1[-.]*" \) 2>/dev/null | sort | head -n 1 ;;
    esac
}

for kernel in "${kernels[@]}"; do
    read -r name source arguments <<<"$kernel"
    name=$name$suffix
    found=$(find_source "$source")
    arguments=${arguments/patch-v2.diff/$sources/patch-v2.diff}
    if [ -z "$found" ]; then
        echo "$name is left out: there is no $source in ${sources:-KERNEL_SOURCES, which is not set}"
        continue
    fi
    if [ "$SECONDS" -ge "$end" ]; then
        echo "$name is left out: the $limit seconds for building are over"
        continue
    fi
    # shellcheck disable=SC2086 # the arguments are words
    if ! "$program" kernel build "$found" --name "$name" $arguments "${more[@]}" \
        --timeout $((end - SECONDS)); then
        echo "$name could not be built"
        failed=1
    fi
done
"$program" kernel list
exit "$failed"
