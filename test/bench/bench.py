#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures what netfilter costs and prints one table per claim.

Instructions are counted by callgrind: they do not depend on what else the machine does. Each figure is
a difference of runs, so that set-up, packet generation and the flow's ends cancel. Times are of this
run and this machine: compare them with each other, and with what the anchors take in the same run.

usage: bench.py [--build FOLDER] [--quick] [--only hop|core|scale] [--ovs FOLDER]
"""
import argparse
import re
import subprocess
import sys
import tempfile
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
PROTOCOLS = {"tcp4": "TCP, IPv4", "tcp6": "TCP, IPv6", "udp4": "UDP, IPv4", "udp6": "UDP, IPv6"}
KINDS = ("established", "new")
ROUTER_PATHS = {"hooks": "connection tracking", "snat": "connection tracking, SNAT"}
MEMORY_ROWS = (("conntrack", "tcp4"), ("conntrack", "tcp6"), ("conntrack", "udp4"), ("conntrack", "udp6"),
               ("snat", "tcp4"), ("snat", "tcp6"), ("masquerade", "udp4"))
FLOWS = 1000  # that instructions are counted with


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


def numbers(command):
    """What a program prints, as numbers by name."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed\n{done.stdout}{done.stderr}")
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def per_packet(command, path, packets):
    """Instructions per packet, less what making it takes. command(path, packets) is what to run."""
    few = packets // 4
    rounds = numbers(command(path, few))["rounds"]
    spread = {what: instructions(command(what, packets)) - instructions(command(what, few))
              for what in (path, "harness")}
    return (spread[path] - spread["harness"]) / (packets - few) / rounds


class Core:
    """Rows of nf-bench-core and of what it is compared with."""

    def __init__(self, build, packets, sizes, ovs):
        self.program = str(build / "bin/nf-bench-core")
        self.packets = packets
        self.sizes = sizes
        self.ovs = ovs

    def head(self, title):
        print(f"\n{title}\n  {'':<44}{'instructions':>14}" + "".join(f"{f'ns, {n:,}':>16}" for n in self.sizes))

    def row(self, text, command, path):
        """command(path, flows, packets) is what to run. @return times by number of flows"""
        count = per_packet(lambda what, packets: command(what, FLOWS, packets), path, self.packets)
        times = [numbers(command(path, flows, max(self.packets * 20, 200000)))["ns"] for flows in self.sizes]
        print(f"  {text:<44}{count:>14.0f}" + "".join(f"{t:>16.0f}" for t in times), flush=True)
        return times

    def ours(self, kind, protocol):
        return lambda path, flows, packets: [self.program, kind, path, protocol, str(flows), str(packets)]

    def theirs(self, kind):
        return lambda path, flows, packets: [self.ovs, kind, path, str(flows), str(packets)]

    def measure_table(self):
        self.head("Connection tracking alone: look-up, checks, TCP window, refresh; entry into the table if new")
        for kind in KINDS:
            for protocol, text in PROTOCOLS.items():
                self.row(f"{kind}, {text}", self.ours(kind, protocol), "conntrack")
            if self.ovs:
                self.row(f"{kind}, UDP, IPv4, Open vSwitch", self.theirs(kind), "conntrack")
        times = [numbers([self.program, "anchor", str(n), str(max(self.packets * 20, 200000))])["ns"]
                 for n in self.sizes]
        print(f"  {'std::unordered_map, a look-up and a store':<58}" + "".join(f"{t:>16.0f}" for t in times))

    def measure_router(self):
        self.head("Three hook points of a router: PRE_ROUTING, FORWARD, POST_ROUTING")
        for kind in KINDS:
            for path, text in ROUTER_PATHS.items():
                for protocol in ("tcp4", "udp4"):
                    self.row(f"{kind}, {text}, {PROTOCOLS[protocol]}", self.ours(kind, protocol), path)

    def measure_memory(self):
        flows = self.sizes[-1]
        print(f"\nBytes per connection, index included: growth of resident memory with {flows:,}")
        for path, protocol in MEMORY_ROWS:
            cost = numbers([self.program, "established", path, protocol, str(flows), "1"])
            print(f"  {path + ', ' + PROTOCOLS[protocol]:<44}{cost['bytes_per_connection']:>14.0f}", flush=True)

    def measure_time(self):
        print("\nRefresh of a timeout, connections picked at random")
        for flows in self.sizes:
            cost = numbers([self.program, "refresh", str(flows), str(self.packets * 50)])
            print(f"  {f'{flows:,} connections':<44}{cost['ns']:>11.1f} ns{cost['timers']:>6.0f} timer", flush=True)

    def measure_expiry(self, flows, protocols):
        print(f"\nAll of {flows:,} connections end at the same instant")
        print(f"  {'':<20}{'bytes each':>12}{'open, s':>10}{'scan, ms':>10}{'expiry, ms':>12}"
              f"{'longest, ms':>13}{'timers':>8}{'MiB before':>12}{'full':>8}{'after':>8}")
        for protocol in protocols:
            cost = numbers([self.program, "expire", protocol, str(flows)])
            print(f"  {PROTOCOLS[protocol]:<20}{cost['bytes_per_connection']:>12.0f}{cost['open_ms'] / 1000:>10.1f}"
                  f"{cost['alive_ms']:>10.0f}{cost['expire_ms']:>12.0f}{cost['longest_timer_ms']:>13.0f}"
                  f"{cost['timers']:>8.0f}{cost['before_mib']:>12.0f}{cost['full_mib']:>8.0f}"
                  f"{cost['after_mib']:>8.0f}", flush=True)


def build_ovs_anchor(tree, folder):
    """@param tree a built Open vSwitch (configure && make) @return the program"""
    program = f"{folder}/ovs-anchor"
    source = Path(__file__).resolve().parent / "ovs-anchor.c"
    subprocess.run(["gcc", "-O2", "-w", "-DHAVE_CONFIG_H", *(f"-I{tree}/{sub}" for sub in (".", "include", "lib")),
                    str(source), f"{tree}/lib/.libs/libopenvswitch.a", "-o", program,
                    "-lpthread", "-latomic", "-lm"], check=True)
    return program


def measure_core(options):
    sizes = [1000, 10000] if options.quick else [1000, 100000, 1000000]
    with tempfile.TemporaryDirectory() as folder:
        ovs = build_ovs_anchor(options.ovs, folder) if options.ovs else None
        core = Core(options.build, 2000 if options.quick else 20000, sizes, ovs)
        core.measure_table()
        core.measure_router()
        core.measure_memory()
        core.measure_time()
        core.measure_expiry(sizes[-1], PROTOCOLS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path(__file__).resolve().parents[2] / "build")
    parser.add_argument("--quick", action="store_true", help="fewer packets and connections")
    parser.add_argument("--qdisc", action="store_true", help="keep ns-3's default queue disc on the devices")
    parser.add_argument("--only", choices=["hop", "core", "scale"],
                        help="scale: 10,000,000 connections, which takes 3 GiB and is not in the default run")
    parser.add_argument("--ovs", metavar="FOLDER", help="a built Open vSwitch tree to compare with in the same run")
    options = parser.parse_args()
    if options.only in (None, "hop"):
        measure_hops(options.build, 400 if options.quick else 2000, options.qdisc)
    if options.only in (None, "core"):
        measure_core(options)
    if options.only == "scale":
        Core(options.build, 0, [], None).measure_expiry(10000000, ("tcp4", "tcp6"))


if __name__ == "__main__":
    main()
