#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Record what the real conntrack, nfct and ip answer, for test/data/tools/*.transcript (root).

    test/record-tools.py test/data/tools/*.transcript

The form is that of test/record-iptables.py. As numbers and orders differ from run to run, the lines of conntrack -L
and -D are sorted, timeouts are written as T, ids as ID and ports of netlink sockets as PORT; the test does the same
to what it compares.
"""
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEC = importlib.util.spec_from_file_location("record_iptables", HERE / "record-iptables.py")
BASE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(BASE)

MASKS = [
    (re.compile(r"^((?:ipv[46] +\d+ )?[a-z0-9]+ +\d+) \d+ ", re.M), r"\1 T "),
    (re.compile(r"^(-[ADU] -t) \d+", re.M), r"\1 T"),
    (re.compile(r"<timeout>\d+"), "<timeout>T"),
    (re.compile(r"\bid=\d+"), "id=ID"),
    (re.compile(r"<id>\d+"), "<id>ID"),
    (re.compile(r"\bd0@p0:"), "d0:"),
    (re.compile(r"\bd0@p0( +)"), r"d0   \1"),
]

# For ip: an Ethernet device d0 as the test's stack has it.
IP_DEVICES = """
ip link set lo up
ip link add name d0 index 2 address 02:00:00:00:00:02 type veth peer name p0 index 3
ip link set d0 addrgenmode none
ip link set p0 addrgenmode none
ip link set p0 up
sysctl -qw net.ipv6.conf.d0.accept_dad=0
"""


def mask(text):
    """The text without what differs from run to run."""
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def answers(path):
    """Runs the commands in this process's namespace. Returns the transcript's new text."""
    out = []
    for command in IP_DEVICES.strip().splitlines() if Path(path).name.startswith("ip-") else []:
        subprocess.run(command.split(), check=True)
    for comments, command, text in BASE.read(path):
        done = subprocess.run(shlex.split(command), input=text or "", capture_output=True, text=True, check=False)
        out += comments + [f"$ {command}"]
        out += ["< " + line if line else "<" for line in (text or "").splitlines()]
        lines = mask(done.stdout).splitlines()
        if re.match(r"conntrack (-L|-D)", command):
            lines.sort()
        out += mask(done.stderr).splitlines() + lines + [f"[{done.returncode}]"]
    return "\n".join(out) + "\n"


def main():
    """Entry point."""
    if sys.argv[1:2] == ["--inside"]:
        sys.stdout.write(answers(sys.argv[2]))
        return
    for path in sys.argv[1:]:
        text = subprocess.run(["unshare", "-n", sys.executable, __file__, "--inside", path],
                              check=True, capture_output=True, text=True).stdout
        Path(path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
