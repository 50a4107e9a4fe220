#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks that README's example is the one in examples/, and that it prints what README says.

usage: check-readme.py NF-FIRST-PROGRAM
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


def main():
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    code, output = re.findall(r"^```(?:cpp)?\n(.*?)^```$", readme, re.M | re.S)[:2]
    source = (TOP / "examples/nf-first.cc").read_text(encoding="utf-8")
    printed = subprocess.run([sys.argv[1]], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                             check=True).stdout
    offences = []
    if not source.endswith(code):
        offences.append("README's example is not the main() of examples/nf-first.cc")
    if printed != output:
        offences.append(f"examples/nf-first.cc prints\n{printed}and README says\n{output}")
    print("\n".join(offences) or "check-readme: the example is as README says")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
