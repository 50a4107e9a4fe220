#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the examples of examples-to-run.py as ns-3's test.py does, for a build outside the ns-3 tree.

usage: run-examples.py FOLDER    where the programs are

Beyond that it checks what they print against expected_output.
"""
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    programs = Path(sys.argv[1]).resolve()
    lists = runpy.run_path(str(Path(__file__).with_name("examples-to-run.py")))
    examples = lists["cpp_examples"]
    failures = 0
    for command, run, *_ in examples:
        if run != "True":
            continue
        name, *arguments = command.split()
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([programs / name, *arguments], cwd=scratch, capture_output=True,
                                  text=True, stdin=subprocess.DEVNULL, timeout=600)
        missing = [text for text in lists["expected_output"].get(command, [])
                   if not re.search(text, done.stdout)]
        good = done.returncode == 0 and not missing
        print(f"{'ok' if good else 'FAILED'}  {command}")
        if not good:
            failures += 1
            print(f"exit status {done.returncode}, not printed: {missing}\n"
                  f"{done.stdout[-4000:]}{done.stderr[-4000:]}")
    print(f"{len(examples) - failures} of {len(examples)} examples ran")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
