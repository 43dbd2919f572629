#!/usr/bin/env bash
# The house rules that a script can see: sizes, opening comments, and the direction of includes.
# Prints each offence as file:line: message, and fails when there is one.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."

# An unpacked archive has no index; then everything but build folders is taken for tracked.
tracked() {
    git ls-files 2>/dev/null || find . -path ./build -prune -o -type f -print | sed 's|^\./||'
}
mapfile -t files < <(tracked | LC_ALL=C sort | while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done)
sources=()
commented=()
for file in "${files[@]}"; do
    case $file in
        *.cpp | *.hpp) sources+=("$file") commented+=("$file") ;;
        *.sh | .ci/* | *CMakeLists.txt | *.bash-completion | Makefile) commented+=("$file") ;;
    esac
done

check_size_and_opening() {
    awk -v max_lines=400 '
        function opening(file) { return file ~ /\.[ch]pp$/ ? "^// ." : "^# ." }
        function close_file() {
            if (lines > max_lines) print file ":" lines ": more than " max_lines " lines: more than one concept"
            if (file ~ /\.hpp$/ && !once) print file ":1: header without #pragma once"
        }
        FNR == 1 { if (NR > 1) close_file(); file = FILENAME; once = 0; first = /^#!/ ? 2 : 1 }
        FNR == first && $0 !~ opening(file) { print file ":" FNR ": no opening comment says what it stands for" }
        /^#pragma once$/ { once = 1 }
        { lines = FNR }
        END { close_file() }' "${commented[@]}"
}

# Paths of one machine, and notes that something is not done.
check_words() {
    grep -nIE '(^|[^A-Za-z0-9_.])/(home|root|tmp|mnt|work|Users)/' "${files[@]}" |
        sed 's/$/  <- an absolute path of one machine/' || true
    grep -nIE '\b(TO''DO|FIX''ME|X''XX)\b' "${files[@]}" | sed 's/$/  <- unfinished/' || true
    grep -nIE '[[:blank:]]+$' "${files[@]}" | sed 's/$/  <- blanks at the end of the line/' || true
}

# Quoted includes start at the top of the repository or in include/, and never point up the house:
# cli -> {replay, explore, property, live, report} -> scenario -> kernel-model, tests and bench above all.
# The kernel-model has no I/O, no JSON, no threads and no clock. Rooms on one floor form no circle; their
# arrows go to the file $1.
check_includes() {
    awk -v edges="$1" '
        function exists(path,   line, found) { found = (getline line < path) >= 0; close(path); return found }
        function room(path,   part) {
            split(path, part, "/")
            if (part[1] == "include" || part[1] == "seccomp_sim") return "include"
            return part[1] == "sim" ? "sim/" part[2] : part[1]
        }
        function floor(name) {
            if (name == "include" || name == "kernel-model") return 0
            if (name == "sim/scenario") return 1
            if (name == "sim/cli") return 3
            return name ~ /^sim\// ? 2 : 4
        }
        BEGIN {
            banned = "^(iostream|fstream|ostream|istream|thread|mutex|future|chrono|ctime|random|" \
                     "filesystem|unistd\\.h|nlohmann/.*|CLI/.*|seccomp\\.h)$"
        }
        !/^[ \t]*#[ \t]*include/ { next }
        {
            here = FILENAME ":" FNR ": "
            from = room(FILENAME)
            name = $0
            sub(/^[^"<]*["<]/, "", name)
            sub(/[">].*/, "", name)
        }
        /</ {
            if (floor(from) == 0 && name ~ banned) print here "no I/O, JSON, threads or clock here: <" name ">"
            next
        }
        !exists(name) && !exists("include/" name) {
            print here "\"" name "\" is no path from the top of the repository or from include/"
            next
        }
        {
            to = room(name)
            if (floor(to) > floor(from)) print here from " must not know " to
            if (from != to && floor(to) == floor(from) && floor(to) > 0) print from, to > edges
        }' "${sources[@]}"
}

check_circles() {
    LC_ALL=C sort -u "$1" | tsort 2>&1 >/dev/null | grep -v 'contains a loop' |
        sed 's/^tsort: \(.*\)/\1: folders include each other in a circle/' || true
}

edges=$(mktemp)
trap 'rm -f "$edges"' EXIT
offences=$(check_size_and_opening; check_words; check_includes "$edges"; check_circles "$edges")
if [ -n "$offences" ]; then
    printf '%s\n' "$offences"
    exit 1
fi
echo "${#files[@]} files keep the house rules"
