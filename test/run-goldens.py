#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Replays the scenarios of test/data on a simulated router and compares with what the kernel did.

usage: run-goldens.py REPLAY-PROGRAM [NAME-PREFIX...]

A step agrees when everything that the kernel's record says of it is the same, but for what depends on its clock
(one second in remaining times) and on how long things took. Steps that are known to differ are listed with the
reason in test/data/known-differences.txt: SCENARIO STEP REASON, one per line, STEP "*" for all steps. Exits 1 when
any other step differs.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
KNOWN = DATA / "known-differences.txt"

# Of the machine or of the moment, not of the behaviour.
NOT_COMPARED = {"t", "setup_s", "wall_s", "kernel", "hex", "l4hex", "backend", "found", "search_restart"}
SECONDS_LEFT = re.compile(r"^(\s*\[\w+\]\s+\S+\s+\d+\s+|\[EXP_\w+\] |(?:ipv[46]\s+\d+\s+)?[a-z]\S*\s+\d+\s+)(\d+)(?= |$)")
VOLATILE = re.compile(r" (?:use|delta-time)=\d+")
TABLES = ("conntrack", "proc", "expect")


def split_seconds(line):
    """A line without its remaining seconds, and those (None without any)."""
    found = SECONDS_LEFT.match(line)
    if not found:
        return line, None
    return line[:found.start(2)] + line[found.end(2):], int(found.group(2))


def same_text(ours, theirs):
    if ours == theirs:
        return True
    (left, seconds), (right, others) = split_seconds(ours), split_seconds(theirs)
    if VOLATILE.sub("", left) != VOLATILE.sub("", right) or (seconds is None) != (others is None):
        return False
    return seconds is None or abs(seconds - others) <= 1


def in_any_order(path, lines):
    """Whether the kernel's order of these lines is that of a randomly seeded hash."""
    return path in TABLES or (path == "events" and all("[DESTROY]" in line for line in lines))


def difference(theirs, ours, skip, path=""):
    """The first difference between two pieces of results, or None."""
    if isinstance(theirs, str) and isinstance(ours, str):
        return None if same_text(ours, theirs) else f"{path}: kernel {theirs!r}, here {ours!r}"
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted((set(theirs) | set(ours)) - skip):
            if name not in theirs or name not in ours:
                return f"{path}.{name}: only {'the kernel' if name in theirs else 'here'}: " \
                       f"{json.dumps(theirs.get(name, ours.get(name)))[:200]}"
            if name == "timeout" and abs(theirs[name] - ours[name]) <= 1:
                continue
            found = difference(theirs[name], ours[name], skip, name)
            if found:
                return found
        return None
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            return f"{path}: kernel {json.dumps(theirs)[:300]}, here {json.dumps(ours)[:300]}"
        if theirs and all(isinstance(x, str) for x in theirs + ours) and in_any_order(path, theirs + ours):
            theirs, ours = (sorted(x, key=lambda line: split_seconds(line)[0]) for x in (theirs, ours))
        return next(filter(None, (difference(a, b, skip, path) for a, b in zip(theirs, ours))), None)
    return None if theirs == ours else f"{path}: kernel {theirs!r}, here {ours!r}"


def steps_by_key(result):
    return {(step.get("step"), step.get("i")): step for step in result.get("steps", [])}


def replay(program, name):
    """Yields (step number, difference or None) for each step of a scenario."""
    golden = json.loads((DATA / f"results/{name}.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "result.json"
        done = subprocess.run([program, DATA / f"scenarios/{name}.json", "-o", out], cwd=scratch, timeout=300,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode < 0 or "Sanitizer" in done.stderr or "runtime error" in done.stderr:
            return [(None, f"{program} ended with {done.returncode}: {done.stderr[-3000:]}")]
        ours = steps_by_key(json.loads(out.read_text(encoding="utf-8"))) if out.exists() else {}
    skip = NOT_COMPARED | set(golden.get("unstable", []))
    return [(key[0], difference(step, ours.get(key, {}), skip)) for key, step in steps_by_key(golden).items()]


def read_known():
    known = {}
    if KNOWN.exists():
        for line in KNOWN.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                name, step, reason = line.split(None, 2)
                known[name, step] = reason
    return known


def main():
    program = Path(sys.argv[1]).resolve()
    prefixes = tuple(sys.argv[2:])
    names = [p.stem for p in sorted((DATA / "scenarios").glob("*.json"))]
    names = [n for n in names if not prefixes or n.startswith(prefixes)]
    known = read_known()
    agree = excused = 0
    bad = []
    stale = set(known) if not prefixes else set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, steps in zip(names, pool.map(lambda n: replay(program, n), names)):
            for step, what in steps:
                keys = {(name, str(step)), (name, "*")} & set(known) if step is not None else set()
                if not what:
                    agree += 1
                elif keys:
                    excused += 1
                    stale -= keys
                else:
                    bad.append(f"{name} step {step}: {what}")
    print("\n".join(bad))
    for name, step in sorted(stale):
        print(f"{KNOWN.name}: {name} {step} agrees now")
    print(f"{agree} steps agree with the kernel, {excused} differ as listed, {len(bad)} differ otherwise")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
