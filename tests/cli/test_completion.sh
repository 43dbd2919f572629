#!/usr/bin/env bash
# The bash completion, asked as bash asks it: what does it offer after these words?
# A stand-in for the program answers for the names of the revisions.
set -euo pipefail
source sim/cli/seccomp-sim.bash-completion

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
seccomp-sim() {
    case "$*" in
        "revisions --names") printf '%s\n' v5.0 patch-v2 v5.9 ;;
        "kernel list --names") printf '%s\n' v5.9 mine ;;
    esac
}

# offers EXPECTED WORDS...: the last word is the one being typed.
offers() {
    local expected=$1 offered
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _seccomp_sim "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}" || true # outside of a completion compopt fails
    offered=$(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | tr '\n' ' ')
    if [ "${offered% }" != "$expected" ]; then
        echo "after '$*': expected '$expected', offered '${offered% }'"
        exit 1
    fi
}

offers "revisions run" seccomp-sim r
offers "explain" seccomp-sim --version expla
offers "--seed --set" seccomp-sim run --se
offers "--dot" seccomp-sim tree --d
offers "patch-v2" seccomp-sim run --revision p
offers "v5.0 v5.9" seccomp-sim diff --revision v
offers "v5.9" seccomp-sim run --revision = v5.9
offers "jsonl junit" seccomp-sim run --format = j
offers "--help build list rm run" seccomp-sim kernel ""
offers "--name" seccomp-sim kernel build --n
offers "v5.9" seccomp-sim kernel run v
offers "mine" seccomp-sim kernel rm v5.9 m

cd "$folder"
mkdir scenarios
touch a.json "b c.json" notes.txt
offers "a.json b c.json scenarios" seccomp-sim run ""
offers "scenarios" seccomp-sim validate s
offers "a.json b c.json notes.txt scenarios" seccomp-sim run --output ""
offers "" seccomp-sim schema ""
echo "the completion offers what it should"
