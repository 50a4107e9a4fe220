#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures what netfilter costs and prints one table.

Instructions are counted by callgrind: they do not depend on what else the machine does. Each figure is
a difference of runs, so that set-up, packet generation and the flow's ends cancel.

usage: bench.py [--build FOLDER] [--quick] [--only hop|core]
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

HOP_MODES = {
    "vanilla": "no netfilter on the nodes",
    "installed": "nothing registered",
    "hooks": "an empty hook at each of the five points",
    "conntrack": "connection tracking",
    "masquerade": "connection tracking, MASQUERADE",
    "filter": "connection tracking, MASQUERADE, 10-rule stateful filter, the first rule accepts",
    "filter-last": "the same, the last rule accepts",
}
CORE_KINDS = {
    ("conntrack", "established"): "established, connection tracking",
    ("snat", "established"): "established, SNAT",
    ("conntrack", "new"): "new, connection tracking",
    ("snat", "new"): "new, SNAT",
}


def instructions(command):
    """Instructions that a command runs."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"bench: {' '.join(command)} failed\n{done.stdout}{done.stderr}")
    return int(found.group(1))


def per_hop(program, mode, packets, qdisc):
    """Instructions per packet and router."""
    def run(routers, count):
        return instructions([program, f"--mode={mode}", f"--routers={routers}", f"--packets={count}",
                             f"--qdisc={'true' if qdisc else 'false'}"])
    few = packets // 4
    spread = packets - few
    three = run(3, packets) - run(3, few)
    one = run(1, packets) - run(1, few)
    return (three - one) / (2 * spread)


def measure_hops(build, packets, qdisc):
    program = str(build / "bin/nf-bench-hop")
    print(f"\nInstructions per forwarded hop: UDP 512 B, established flow, "
          f"{'default queue disc' if qdisc else 'no queue disc'}")
    base = None
    for mode, text in HOP_MODES.items():
        cost = per_hop(program, mode, packets, qdisc)
        base = base or cost
        print(f"  {text:<82}{cost:>8.0f}{100 * (cost / base - 1):>+8.1f} %", flush=True)


def core_run(program, what, kind, flows, packets):
    """What nf-bench-core prints, as numbers by name."""
    out = subprocess.run([program, what, kind, str(flows), str(packets)], capture_output=True, text=True,
                         check=True).stdout
    return {name: float(value) for name, value in (line.split() for line in out.splitlines())}


def core_instructions(program, what, kind, flows, packets):
    def run(count):
        return instructions([program, what, kind, str(flows), str(count)])
    few = packets // 4
    return (run(packets) - run(few)) / (packets - few)


def measure_core(build, packets, many):
    program = str(build / "bin/nf-bench-core")
    print("\nThe core alone: UDP 50 B through PRE_ROUTING, FORWARD and POST_ROUTING, less the cost of the harness")
    print(f"  {'':<36}{'instructions':>14}" + "".join(f"{f'ns, {n:,} flows':>22}" for n in many))
    for (what, kind), text in CORE_KINDS.items():
        count = core_instructions(program, what, kind, 1000, packets) \
            - core_instructions(program, "harness", kind, 1000, packets)
        times = []
        for flows in many:
            runs = max(packets * 20, 200000)
            took = min(core_run(program, what, kind, flows, runs)["ns_per_packet"] for _ in range(3))
            idle = min(core_run(program, "harness", kind, flows, runs)["ns_per_packet"] for _ in range(3))
            times.append(took - idle)
        print(f"  {text:<36}{count:>14.0f}" + "".join(f"{t:>22.0f}" for t in times), flush=True)
    print(f"\nBytes per connection, all included ({many[-1]:,} connections, resident memory)")
    for what in ("conntrack", "snat", "masquerade"):
        cost = core_run(program, what, "established", many[-1], 1)
        print(f"  {what:<36}{cost['bytes_per_connection']:>14.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path(__file__).resolve().parents[2] / "build")
    parser.add_argument("--quick", action="store_true", help="fewer packets and connections")
    parser.add_argument("--qdisc", action="store_true", help="keep ns-3's default queue disc on the devices")
    parser.add_argument("--only", choices=["hop", "core"])
    options = parser.parse_args()
    if options.only != "core":
        measure_hops(options.build, 400 if options.quick else 2000, options.qdisc)
    if options.only != "hop":
        measure_core(options.build, 2000 if options.quick else 20000,
                     [1000, 10000] if options.quick else [1000, 100000, 1000000])


if __name__ == "__main__":
    main()
