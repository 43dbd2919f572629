#!/usr/bin/env python3
# Runs the explorer beside SPIN and rumur on the shared protocol (tsync_exit.pml, tsync_exit.m, and the scenario
# made here), and prints a table of times, memory and ratios. The README of this folder says what is compared.
import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEGABYTE = 1024 * 1024
MET_A_LIMIT = "met a limit with fewer siblings"


class Outcome:
    """What one run of a checker came to. Figures that it did not tell are None."""

    def __init__(self, tool, seconds, peak):
        self.tool = tool
        self.seconds = seconds  # of CPU time, all threads together
        self.wall = None
        self.peak = peak  # resident bytes
        self.states = None
        self.counted = None  # states, of the protocol alone
        self.transitions = None
        self.bytes_per_state = None
        self.exhausted = False
        self.errors = 0
        self.failure = ""

    def rate(self):
        return self.transitions / self.seconds if self.transitions and self.seconds else None


def run_limited(command, limits, cwd):
    """Runs with limits of time and memory: the output, the CPU seconds and the peak of resident memory. CPU time,
    since another program on the machine must not make a checker look slow."""

    def limit_memory():
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))

    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", preexec_fn=limit_memory)
    # An interrupt lets a checker say how far it came; who does not listen is killed.
    stages = [threading.Timer(limits.time, child.send_signal, [signal.SIGINT]),
              threading.Timer(limits.time + 20, child.kill)]
    for stage in stages:
        stage.start()
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    for stage in stages:
        stage.cancel()
    return output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, child.returncode


def build(command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def number(pattern, text, last=False):
    found = re.findall(pattern, text, re.MULTILINE)
    return float(found[-1 if last else 0].replace(",", "")) if found else None


# --- the explorer


def scenario(n):
    """The leader of n siblings installs with TSYNC while they exit. init holds the listener's only fd."""
    siblings = [f"t{i}" for i in range(1, n + 1)]
    steps = [{"task": "init", "do": "fork", "child": "leader"},
             {"task": "leader", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L",
              "returns": "ok"},
             {"task": "leader", "do": "send_fd", "fd": "L", "to": "init"},
             {"task": "leader", "do": "close", "fd": "L"}]
    steps += [{"task": "leader", "do": "thread", "child": s} for s in siblings]
    steps += [{"concurrently": [[{"task": "leader", "do": "seccomp", "filter": "plain", "flags": ["TSYNC"]}]] +
               [[{"task": s, "do": "exit"}] for s in siblings]}]
    trap = {"names": ["getppid"], "action": "SCMP_ACT_NOTIFY"}
    return {"schema": "seccomp-sim/scenario/1", "name": f"tsync-exit-{n}",
            "summary": "Sibling threads exit and are released while their leader installs with TSYNC.",
            "filters": {"watch": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [trap]},
                        "plain": {"defaultAction": "SCMP_ACT_ALLOW"}},
            "steps": steps}


def explore(n, options, limits, folder, program):
    file = folder / f"tsync-exit-{n}.json"
    file.write_text(json.dumps(scenario(n), indent=2) + "\n")
    command = [program, "explore", str(file), "-r", "patch-v2"]
    command += ["--all"] if limits.posted else ["--set", "tsync_exiting=skip"]
    command += ["--format", "json", "--max-time", str(limits.time)] + options
    output, seconds, peak, code = run_limited(command, limits, folder)
    result = Outcome("explore" + "".join(" " + o for o in options), seconds, peak)
    try:
        told = json.loads(output[output.index("{"):])
    except ValueError:
        result.failure = output.strip().splitlines()[-1] if output.strip() else f"exit code {code}"
        return result
    result.states = told.get("states")
    # A transition that is no atomic step leads past the block, to a state that the protocol does not have.
    result.counted = told["states"] - (told["transitions"] - told["atomic_steps"])
    result.transitions = told.get("transitions")
    result.wall = told.get("seconds")
    result.bytes_per_state = told.get("bytes_per_state")
    result.exhausted = bool(told.get("exhausted"))
    result.errors = 1 if code == 1 else 0
    return result


# --- SPIN


def spin(n, name, flags, limits, folder):
    work = folder / f"spin-{n}-{re.sub('[^a-z]', '', name.lower())}"
    work.mkdir(exist_ok=True)
    posted = ["-DSYNC_EXITING"] if limits.posted else []
    build(["spin", "-a", f"-DN={n}"] + posted + [HERE / "tsync_exit.pml"], work)
    build(["gcc", "-O2", "-w", "-DSAFETY", f"-DMEMLIM={limits.memory // MEGABYTE}"] + flags + ["-o", "pan", "pan.c"], work)
    output, seconds, peak, _ = run_limited(["./pan", "-m10000", "-w24"] + (["-c0"] if limits.posted else []), limits, work)
    result = Outcome("spin" + (" " + name if name else ""), seconds, peak)
    result.states = result.counted = number(r"^\s*([\d.e+]+) states, stored", output)
    result.transitions = number(r"^\s*([\d.e+]+) transitions", output)
    memory = number(r"^\s*([\d.]+)\s+actual memory usage for states", output)
    if memory and result.states:
        result.bytes_per_state = memory * MEGABYTE / result.states
    errors = number(r"errors: (\d+)", output)
    result.errors = int(errors or 0)
    cut = "Search not completed" in output or "Interrupted" in output or "out of memory" in output
    result.exhausted = errors is not None and not cut
    if result.states is None:
        result.failure = output.strip().splitlines()[-1] if output.strip() else "no output"
    return result


# --- rumur


def rumur(n, symmetry, threads, limits, folder):
    work = folder / f"rumur-{n}-{symmetry}"
    work.mkdir(exist_ok=True)
    model = (HERE / "tsync_exit.m").read_text().replace("N: 3;", f"N: {n};")
    if limits.posted:
        model = model.replace("SYNC_EXITING: false", "SYNC_EXITING: true")
    (work / "model.m").write_text(model)
    build(["rumur", "--deadlock-detection", "off", "--symmetry-reduction", symmetry, "--threads", str(threads),
           "--max-errors", "1000000" if limits.posted else "1", "--output", "model.c", "model.m"], work)
    build(["gcc", "-O2", "-w", "-std=c11", "-mcx16", "-o", "model", "model.c", "-lpthread"], work)
    output, seconds, peak, code = run_limited(["./model"], limits, work)
    result = Outcome(f"rumur ({symmetry} symmetry)", seconds, peak)
    result.states = result.counted = number(r"([\d,]+) states", output, last=True)
    result.transitions = number(r"([\d,]+) rules fired", output, last=True)
    result.exhausted = "State Space Explored" in output
    result.errors = 0 if "No error found" in output or not result.exhausted else 1
    if result.states:
        result.bytes_per_state = peak / result.states
    else:
        result.failure = f"ended by {'a limit' if code < 0 else 'code ' + str(code)} before it said anything"
    return result


# --- the table


def shown(value, form):
    return "-" if value is None else format(value, form)


def row(n, o):
    verdict = "all" if o.exhausted else "limit" if not o.failure else o.failure
    if o.errors:
        verdict += ", violated"
    at_least = "" if o.exhausted else "> "
    return (f"| {n} | {o.tool} | {verdict} | {at_least}{shown(o.states, ',.0f')} | {shown(o.transitions, ',.0f')} "
            f"| {at_least}{o.seconds:.2f} | {shown(o.rate(), ',.0f')} | {shown(o.bytes_per_state, '.1f')} "
            f"| {at_least}{o.peak / MEGABYTE:.0f} |")


def ratio(what, mine, other, mine_value, other_value):
    """How many times less the explorer takes; a peer at its limit gives a lower bound."""
    if mine.failure or other.failure or not mine_value or not other_value:
        return f"- {what} {other.tool}: not measured"
    if not mine.exhausted:
        return f"- {what} {other.tool}: the explorer did not finish"
    bound = "" if other.exhausted else "more than "
    return f"- {what} {other.tool}: {bound}{other_value / mine_value:.1f}"


def equal(what, a, b):
    if not (a.exhausted and b.exhausted):
        return f"- {what}: not compared, a limit was hit ({a.tool}: {a.failure or a.states}; {b.tool}: {b.failure or b.states})"
    verdict = "equal" if a.counted == b.counted else "DIFFERENT"
    return f"- {what}: {verdict}: {a.counted:,.0f} ({a.tool}) and {b.counted:,.0f} ({b.tool})"


def compare(n, arguments, lines, given_up):
    limits, folder, program = arguments, arguments.folder, arguments.program

    def unless_given_up(what, run):
        """Who met a limit with fewer siblings is not run with more: so the whole table takes a bounded time."""
        if what in given_up:
            result = Outcome(what, 0, 0)
            result.failure = MET_A_LIMIT
            return result
        result = run()
        if not result.exhausted:
            given_up.add(what)
        return result

    def mine(*options):
        return unless_given_up("explore" + "".join(" " + o for o in options),
                               lambda: explore(n, list(options), limits, folder, program))

    plain = mine("--no-por", "--no-symmetry")
    reduced = mine()
    peers = [unless_given_up("spin", lambda: spin(n, "", [], limits, folder)),
             unless_given_up("spin -DCOLLAPSE", lambda: spin(n, "-DCOLLAPSE", ["-DCOLLAPSE"], limits, folder)),
             unless_given_up("rumur (heuristic symmetry)", lambda: rumur(n, "heuristic", 1, limits, folder))]
    unreduced = unless_given_up("spin -DNOREDUCE", lambda: spin(n, "-DNOREDUCE", ["-DNOREDUCE"], limits, folder))
    two = mine("--no-por", "--no-symmetry", "--workers", "2")
    outcomes = [reduced, plain, two] + peers + [unreduced]
    notes = [f"\nN = {n}, how many times less the explorer takes than"]
    for peer in peers:
        notes.append(ratio("in time,", reduced, peer, reduced.seconds, peer.seconds))
        notes.append(ratio("in resident memory,", reduced, peer, reduced.peak, peer.peak))
    if plain.rate() and unreduced.rate():
        notes.append(f"- transitions a CPU second without reductions, of the explorer to SPIN: {plain.rate() / unreduced.rate():.2f}")
    if plain.wall and two.wall and two.transitions:
        wall = two.transitions / two.wall / (plain.transitions / plain.wall)
        notes.append(f"- transitions a second of wall time, two workers to one: {wall:.2f}")
    if n <= arguments.count_up_to:
        notes.append(equal("states without reductions", plain, unreduced))
        symmetric = mine("--no-por")
        exhaustive = rumur(n, "exhaustive", 1, limits, folder)
        outcomes += [symmetric, exhaustive]
        notes.append(equal("states with symmetry only", symmetric, exhaustive))
    for o in outcomes:
        if o.failure == MET_A_LIMIT:
            continue
        lines.append(row(n, o))
        print(lines[-1], flush=True)
    return notes


def main():
    parser = argparse.ArgumentParser(description="The explorer beside SPIN and rumur on one protocol")
    parser.add_argument("--program", default="build/release/seccomp-sim")
    parser.add_argument("--output", default="build/bench/explore.md")
    parser.add_argument("--sizes", default="2,3,4,5,6,8,10", help="numbers of siblings")
    parser.add_argument("--time", type=int, default=120, help="seconds for one run")
    parser.add_argument("--memory", type=int, default=4096, help="megabytes for one run")
    parser.add_argument("--count-up-to", type=int, default=3, help="the largest size at which states are compared")
    parser.add_argument("--posted", action="store_true", help="TSYNC syncs exiting threads, as patch-v2 was posted")
    arguments = parser.parse_args()
    arguments.memory *= MEGABYTE
    output = Path(arguments.output)
    arguments.folder = (output.parent / "peers").resolve()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    arguments.program = str(Path(arguments.program).resolve())
    subject = "patch-v2" + ("" if arguments.posted else " with tsync_exiting=skip")
    lines = [f"# N siblings exit while their leader installs with TSYNC, on {subject}",
             f"Limits of one run: {arguments.time} s, {arguments.memory // MEGABYTE} MB of address space.", "",
             "| N | checker | explored | states | transitions | CPU seconds | transitions/s | bytes a state | peak MB |",
             "|---|---|---|---|---|---|---|---|---|"]
    print("\n".join(lines), flush=True)
    notes = []
    given_up = set()
    for n in map(int, arguments.sizes.split(",")):
        notes += compare(n, arguments, lines, given_up)
    print("\n".join(notes))
    unfinished = output.with_suffix(".unfinished")
    unfinished.write_text("\n".join(lines + notes) + "\n")
    unfinished.replace(output)


if __name__ == "__main__":
    main()
