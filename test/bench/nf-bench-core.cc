/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * Packets through connection tracking without a simulator. Each run measures one thing and prints
 * numbers by name; bench.py makes tables of them, and counts the instructions.
 *
 * nf-bench-core established|new PATH PROTOCOL FLOWS PACKETS
 *     PATH: harness (makes packets only), conntrack (look-up and confirmation alone), hooks (three
 *     points of a router), snat, masquerade (the same with a rule)
 *     PROTOCOL: udp4, udp6, tcp4, tcp6
 * nf-bench-core refresh FLOWS TIMES       timeouts of flows picked at random
 * nf-bench-core expire PROTOCOL FLOWS     all flows end at the same instant
 * nf-bench-core anchor FLOWS PACKETS      std::unordered_map with the same keys: what to compare
 */
#include "test/bench/nf-bench-world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace
{

using namespace ns3;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr int ROUNDS = 3;       //!< the fastest counts: others had to share the machine
constexpr double MIB = 1 << 20; //!< bytes

/// What the command line asks for.
struct Plan
{
    bool tcp{false};
    NfFamily family{NfFamily::IPV4};
    uint32_t flows{0};
    uint32_t packets{0};
};

size_t
ResidentBytes()
{
    size_t total = 0;
    size_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * size_t(sysconf(_SC_PAGESIZE));
}

void
Print(const char* name, double value)
{
    std::printf("%s %.1f\n", name, value);
}

/// @param text "tcp6" and the like @param plan protocol and family out
bool
ReadProtocol(const std::string& text, Plan& plan)
{
    plan.tcp = text.substr(0, 3) == "tcp";
    plan.family = text.back() == '6' ? NfFamily::IPV6 : NfFamily::IPV4;
    return text == "udp4" || text == "udp6" || text == "tcp4" || text == "tcp6";
}

template <class Work>
double
TimePerCall(uint32_t calls, Work work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return Nanoseconds(std::chrono::steady_clock::now() - start).count() / calls;
}

void
Open(NfBenchWorld& world, uint32_t flows)
{
    world.Reserve(flows);
    for (uint32_t flow = 0; flow < flows; ++flow)
    {
        world.Begin(flow);
        world.Establish(flow);
    }
}

NfBenchPath
PathOf(const std::string& path)
{
    return path == "harness"     ? NfBenchPath::HARNESS
           : path == "conntrack" ? NfBenchPath::CONNTRACK
                                 : NfBenchPath::HOOKS;
}

void
Translate(NfBenchWorld& world, const std::string& path)
{
    if (path == "snat" || path == "masquerade")
    {
        world.Translate(path == "snat" ? "SNAT" : "MASQUERADE");
    }
}

/// Nanoseconds per packet of flows picked at random, made ones included.
double
ContinueAtRandom(NfBenchWorld& world, const Plan& plan)
{
    return TimePerCall(plan.packets, [&] {
        for (uint32_t i = 0; i < plan.packets; ++i)
        {
            world.Continue(world.random.Below(plan.flows));
        }
    });
}

void
MeasureEstablished(const std::string& path, const Plan& plan)
{
    NfBenchWorld world(plan.family, plan.tcp, PathOf(path));
    NfBenchWorld idle(plan.family, plan.tcp, NfBenchPath::HARNESS);
    Translate(world, path);
    idle.Reserve(plan.flows);
    const size_t before = ResidentBytes();
    Open(world, plan.flows);
    const size_t after = ResidentBytes();
    double took = ContinueAtRandom(world, plan);
    double made = ContinueAtRandom(idle, plan);
    for (int round = 1; round < ROUNDS; ++round)
    {
        took = std::min(took, ContinueAtRandom(world, plan));
        made = std::min(made, ContinueAtRandom(idle, plan));
    }
    const size_t connections = world.GetTable().GetCount();
    Print("ns", took - made);
    Print("rounds", ROUNDS);
    Print("connections", double(connections));
    Print("bytes_per_connection", connections ? double(after - before) / double(connections) : 0.0);
    Print("dropped", double(world.dropped));
}

void
MeasureNew(const std::string& path, const Plan& plan)
{
    NfBenchWorld world(plan.family, plan.tcp, PathOf(path));
    NfBenchWorld idle(plan.family, plan.tcp, NfBenchPath::HARNESS);
    Translate(world, path);
    const auto begin = [&plan](NfBenchWorld& in) {
        return TimePerCall(plan.packets, [&] {
            for (uint32_t flow = plan.flows; flow < plan.flows + plan.packets; ++flow)
            {
                in.Begin(flow);
            }
        });
    };
    for (uint32_t flow = 0; flow < plan.flows; ++flow)
    {
        world.Begin(flow);
    }
    const double took = begin(world);
    Print("ns", took - begin(idle));
    Print("rounds", 1);
    Print("connections", double(world.GetTable().GetCount()));
    Print("dropped", double(world.dropped));
}

void
MeasureRefresh(uint32_t flows, uint32_t times)
{
    NfBenchWorld world(NfFamily::IPV4, false, NfBenchPath::CONNTRACK);
    Open(world, flows);
    std::vector<NfConn*> connections;
    world.GetTable().ForEach([&](NfConn& conn) { connections.push_back(&conn); });
    const auto refresh = [&](bool really) {
        return TimePerCall(times, [&] {
            for (uint32_t i = 0; i < times; ++i)
            {
                NfConn& conn = *connections[world.random.Below(flows)];
                if (really)
                {
                    world.GetTable().Refresh(conn,
                                             NfCtInfo::ESTABLISHED,
                                             nullptr,
                                             std::chrono::seconds(30));
                }
            }
        });
    };
    Print("ns", refresh(true) - refresh(false));
    Print("timers", double(world.clock.GetMostPending()));
}

void
MeasureExpiry(const Plan& plan)
{
    NfBenchWorld world(plan.family, plan.tcp, NfBenchPath::CONNTRACK);
    const size_t before = ResidentBytes();
    const double opening = TimePerCall(1, [&] { Open(world, plan.flows); });
    world.Reserve(0);
    const size_t full = ResidentBytes();
    Print("connections", double(world.GetTable().GetCount()));
    Print("open_ms", opening / 1e6);
    Print("bytes_per_connection", double(full - before) / plan.flows);

    double longest = 0;
    double total = 0;
    const auto onFired = [&](std::chrono::nanoseconds took) {
        longest = std::max(longest, Nanoseconds(took).count() / 1e6);
        total += Nanoseconds(took).count() / 1e6;
    };
    // Nothing was heard of them since time 0: the collector finds them alive, and later dead.
    world.clock.GoTo(std::chrono::seconds(29), onFired);
    Print("alive_ms", longest);
    longest = total = 0;
    world.clock.SkipTo(std::chrono::hours(24 * 6));
    world.clock.GoTo(std::chrono::hours(24 * 6 + 1), onFired);
    Print("expire_ms", total);
    Print("longest_timer_ms", longest);
    Print("left", double(world.GetTable().GetCount()));
    Print("timers", double(world.clock.GetMostPending()));
    Print("before_mib", double(before) / MIB);
    Print("full_mib", double(full) / MIB);
    Print("after_mib", double(ResidentBytes()) / MIB);
}

struct TupleHash
{
    size_t operator()(const NfTuple& tuple) const
    {
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char*>(&tuple), sizeof(tuple)});
    }
};

/// As much state as a connection has besides its tuples.
struct AnchorState
{
    NfTime expires{0};
    std::array<uint8_t, 104> rest{};
};

NfTuple
AnchorKey(uint32_t flow)
{
    NfTuple key;
    key.src = NfAddr::FromIpv4(0x0a000002 + (flow & 0xffff));
    key.dst = NfAddr::FromIpv4(0xc6336400 + (flow >> 8 & 0xff));
    key.sport = uint16_t(1024 + flow % 60000);
    key.dport = uint16_t(53 + (flow >> 16));
    key.family = NfFamily::IPV4;
    key.protocol = NF_IPPROTO_UDP;
    return key;
}

/// A look-up and a store: the least that any table of connections does for a packet.
void
MeasureAnchor(uint32_t flows, uint32_t packets)
{
    std::vector<AnchorState> states(flows);
    std::unordered_map<NfTuple, AnchorState*, TupleHash> table;
    for (uint32_t flow = 0; flow < flows; ++flow)
    {
        NfTuple key = AnchorKey(flow);
        table[key] = &states[flow];
        std::swap(key.src, key.dst);
        std::swap(key.sport, key.dport);
        table[key] = &states[flow];
    }
    NfBenchRandom random;
    double best = 0;
    for (int round = 0; round < ROUNDS; ++round)
    {
        const double took = TimePerCall(packets, [&] {
            for (uint32_t i = 0; i < packets; ++i)
            {
                table.find(AnchorKey(random.Below(flows)))->second->expires = NfTime{i};
            }
        });
        best = round == 0 ? took : std::min(best, took);
    }
    Print("ns", best);
}

int
Usage()
{
    std::fprintf(stderr,
                 "usage: nf-bench-core established|new PATH PROTOCOL FLOWS PACKETS\n"
                 "       nf-bench-core refresh FLOWS TIMES\n"
                 "       nf-bench-core expire PROTOCOL FLOWS\n"
                 "       nf-bench-core anchor FLOWS PACKETS\n"
                 "PATH: harness conntrack hooks snat masquerade; PROTOCOL: udp4 udp6 tcp4 tcp6\n");
    return 2;
}

uint32_t
Number(const char* text)
{
    return uint32_t(std::strtoul(text, nullptr, 10));
}

int
Run(int argc, char* argv[])
{
    const std::string what = argc > 1 ? argv[1] : "";
    Plan plan;
    if ((what == "established" || what == "new") && argc == 6 && ReadProtocol(argv[3], plan))
    {
        plan.flows = Number(argv[4]);
        plan.packets = Number(argv[5]);
        what == "new" ? MeasureNew(argv[2], plan) : MeasureEstablished(argv[2], plan);
        return 0;
    }
    if (what == "expire" && argc == 4 && ReadProtocol(argv[2], plan))
    {
        plan.flows = Number(argv[3]);
        MeasureExpiry(plan);
        return 0;
    }
    if ((what == "refresh" || what == "anchor") && argc == 4)
    {
        (what == "refresh" ? MeasureRefresh : MeasureAnchor)(Number(argv[2]), Number(argv[3]));
        return 0;
    }
    return Usage();
}

} // namespace

int
main(int argc, char* argv[])
{
    try
    {
        return Run(argc, argv);
    }
    catch (const std::exception& error)
    {
        std::fprintf(stderr, "nf-bench-core: %s\n", error.what());
        return 1;
    }
}
