#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks what a compiler cannot: which folder includes which, and the form of each source file.

Prints one line per offence and exits 1 if there is any.
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CORE = Path("model/core")

# Folder of the core -> folders it may include from, besides itself.
BELOW_TABLES = {"packet", "hook", "conntrack", "nat", "helpers"}
LAYERS = {
    "packet": set(),
    "hook": {"packet"},
    "conntrack": {"packet", "hook"},
    "nat": {"packet", "hook", "conntrack"},
    "helpers": {"packet", "hook", "conntrack", "nat"},
    "sets": BELOW_TABLES,
    "ipvs": BELOW_TABLES,
    "xtables": BELOW_TABLES | {"sets"},
    "nft": BELOW_TABLES | {"sets"},
    "bridge": BELOW_TABLES | {"sets"},
}
LAYERS["netns"] = set(LAYERS)
LAYERS["command"] = set(LAYERS)

# Headers are installed for users who compile as C++17 and have none of our libraries.
NOT_IN_HEADERS = re.compile(r"<(fmt/|boost/|nlohmann/|gtest|gmock|span|format|expected|ranges|concepts|bit|compare)[^>]*>")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
SPDX = "SPDX-License-Identifier: GPL-2.0-only"
PROGRAM_SUFFIXES = {".cc", ".h", ".py", ".cmake", ".sh"}


def tracked_files():
    """Files under version control and new ones; all files where there is no git."""
    try:
        names = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=TOP, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return sorted(p.relative_to(TOP) for d in ("model", "helper", "examples", "test", "build-support")
                      for p in (TOP / d).rglob("*") if p.is_file())
    return sorted(Path(n) for n in names if (TOP / n).is_file())


def check_core_include(path, quote, name):
    """Yields what is wrong with one include line of a core file."""
    if name.startswith("ns3/"):
        yield f"core includes ns-3: {name}"
    if quote == "<":
        return
    target = (TOP / path.parent / name).resolve()
    try:
        folder = target.relative_to(TOP / CORE).parts[0]
    except ValueError:
        yield f"core includes {name} from outside the core"
        return
    mine = path.relative_to(CORE).parts[0]
    if mine not in LAYERS:
        yield f"folder {mine} is unknown: add it to LAYERS in test/check-layers.py"
    elif folder != mine and folder not in LAYERS[mine]:
        yield f"{mine} may not include {folder} ({name})"


def check_header(path, text):
    """Yields what is wrong with the form of a header."""
    guard = path.stem.upper().replace("-", "_") + "_H"
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        yield f"header guard is not {guard}"
    if path.parts[0] in ("model", "helper"):
        for match in NOT_IN_HEADERS.finditer(text):
            yield f"installed header includes {match.group(0)}"


def check_source(path, text):
    """Yields what is wrong with a C++ file."""
    in_core = CORE in path.parents
    for quote, name in INCLUDE.findall(text):
        if in_core:
            yield from check_core_include(path, quote, name)
        elif path.parts[0] in ("model", "helper") and "/" in name and quote == '"' and not name.startswith("ns3/"):
            yield f"the library half includes by flat name, ns3/...: {name}"
    if path.suffix == ".h":
        yield from check_header(path, text)


def is_program(path):
    return path.suffix in PROGRAM_SUFFIXES or path.name in ("nf", "wscript", "CMakeLists.txt") or str(path) == ".ci/run"


def main():
    offences = []
    seen = {}
    for path in tracked_files():
        if not is_program(path):
            continue
        text = (TOP / path).read_text(encoding="utf-8")
        if SPDX not in "\n".join(text.splitlines()[:4]):
            offences.append(f"{path}: no '{SPDX}' in its first lines")
        if path.suffix in (".cc", ".h"):
            offences += [f"{path}: {what}" for what in check_source(path, text)]
        if path.suffix == ".h" and path.parts[0] in ("model", "helper"):
            if path.name in seen:
                offences.append(f"{path}: {seen[path.name]} has the same name; headers are installed flat")
            seen[path.name] = path
    for offence in offences:
        print(offence)
    print(f"check-layers: {len(seen)} headers, {len(offences)} offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
