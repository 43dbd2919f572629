#!/usr/bin/env bash
# Replays every scenario on every revision: all expectations hold, and two runs give the same bytes.
set -euo pipefail
first=$("$SECCOMP_SIM" run scenarios --revision all --format jsonl | sha256sum)
second=$("$SECCOMP_SIM" run scenarios --revision all --format jsonl | sha256sum)
[[ $first == "$second" ]] || { echo "two runs differ"; exit 1; }
