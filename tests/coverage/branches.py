#!/usr/bin/env python3
"""usage: branches.py BUILD_FOLDER [--list | --known FILE]

Lines and branches of kernel-model that were reached, from what gcov counted below BUILD_FOLDER, and the branches
that were not. --list prints those as FILE has them; --known compares with FILE, and fails on one that it lacks.

FILE has a line for each: source, text of the source line, number of the branch on it, and the reason, with tabs
between; * stands for any source or any number, and # begins a comment. Lines move, so they are known by text."""
import argparse
import fnmatch
import json
import os
import subprocess
import sys
from collections import defaultdict


def counts_of(build):
    """(source, line) -> how often it ran; (source, line, branch) -> how often it was taken."""
    lines, branches = defaultdict(int), defaultdict(int)
    notes = []
    for folder, _, names in sorted(os.walk(os.path.join(build, "kernel-model"))):
        notes += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".gcda")]
    if not notes:
        sys.exit(f"{build}: nothing was counted there")
    for note in notes:
        told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", note],
                              check=True, capture_output=True, text=True).stdout
        for document in told.splitlines():
            for source in json.loads(document)["files"]:
                name = source["file"].removeprefix(os.getcwd() + "/").removeprefix("/")
                if not name.startswith("kernel-model/"):
                    continue
                add_source(name, source, lines, branches)
    return lines, branches


def add_source(name, source, lines, branches):
    # A template's line is there once for each instance; its branches have the same numbers.
    number = defaultdict(int)
    for line in source["lines"]:
        at = (name, line["line_number"])
        lines[at] += line["count"]
        function = line.get("function_name")
        for branch in line["branches"]:
            if branch["throw"]:
                continue  # a constructor or an allocation that throws: no choice of the model's
            branches[(*at, number[(at, function)])] += branch["count"]
            number[(at, function)] += 1


def texts_of(sources):
    texts = {}
    for source in sources:
        with open(source, encoding="utf-8") as file:
            texts[source] = [line.strip() for line in file]
    return texts


def known_reasons(path):
    reasons = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 4:
                    sys.exit(f"{path}: a line without its four fields: {line}")
                reasons.append(fields)
    return reasons


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--known")
    asked = parser.parse_args()
    lines, branches = counts_of(asked.build)
    texts = texts_of(sorted({source for source, _ in lines}))
    missed = [(source, texts[source][line - 1], str(branch))
              for (source, line, branch), count in sorted(branches.items()) if count == 0]
    if asked.list:
        for one in missed:
            print("\t".join(one))
        return 0
    reached = sum(count > 0 for count in lines.values())
    taken = len(branches) - len(missed)
    print(f"kernel-model: {reached} of {len(lines)} lines ({100 * reached / len(lines):.1f} %), "
          f"{taken} of {len(branches)} branches ({100 * taken / len(branches):.1f} %)")
    if not asked.known:
        return 0
    reasons = known_reasons(asked.known)
    used = set()
    new = []
    for one in missed:
        hits = [i for i, (source, text, branch, _) in enumerate(reasons)
                if fnmatch.fnmatchcase(one[0], source) and one[1] == text and branch in ("*", one[2])]
        used.update(hits)
        if not hits:
            new.append(one)
    print(f"{len(missed) - len(new)} branches that nothing reached have their reason in {asked.known}")
    for i, reason in enumerate(reasons):
        if i not in used:
            print("reached now, and may be left out:", " ".join(reason[:3]))
    for one in new:
        print("not reached, and no reason given:", "\t".join(one), file=sys.stderr)
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
