/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * nf-bench-core harness|conntrack|snat|masquerade established|new FLOWS PACKETS
 *
 * UDP packets of 50 bytes through the hooks of one namespace, without a simulator. Prints
 * nanoseconds per packet and bytes per connection; bench.py counts the instructions. "harness"
 * makes the same packets and has no hooks: what is to be subtracted.
 */
#include "model/core/command/nf-command.h"
#include "model/core/hook/nf-stack.h"
#include "model/core/netns/nf-netns.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{

using namespace ns3;
using namespace std::chrono_literals;

/// Time that stands where it is put; timers never fire.
class BenchClock final : public NfClock
{
  public:
    NfTime Now() const override
    {
        return now;
    }

    TimerId Schedule(NfTime, std::function<void()>) override
    {
        return ++m_last;
    }

    void Cancel(TimerId) override
    {
    }

    NfTime now{0};

  private:
    TimerId m_last{0};
};

/// xorshift, the same numbers each run.
class BenchRandom final : public NfRandom
{
  public:
    uint32_t Next() override
    {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 17;
        m_state ^= m_state << 5;
        return m_state;
    }

  private:
    uint32_t m_state{2463534242U};
};

constexpr size_t UDP_SIZE = 30; //!< header and payload: IP packets of 50 bytes

/// The addresses and ports of a packet.
struct Header
{
    uint32_t src;
    uint32_t dst;
    uint16_t sport;
    uint16_t dport;
};

/**
 * @param i number of a flow
 * @return its first packet: many clients and servers; two flows with one source port have different
 * servers, so that translation may keep the port
 */
Header
FlowHeader(uint32_t i)
{
    return {0x0a000002 + (i & 0xffff),
            0xc6336400 + (i >> 8 & 0xff),
            uint16_t(1024 + i % 60000),
            uint16_t(53 + (i >> 16))};
}

/// A namespace of a router with two sides.
class Router
{
  public:
    Router()
        : m_lan(stack.AddDevice("lan")),
          m_wan(stack.AddDevice("wan"))
    {
        stack.AddAddress(m_lan, "10.0.0.1/8");
        stack.AddAddress(m_wan, "203.0.113.1/24");
        stack.AddRoute("0.0.0.0/0", m_wan);
        netns = std::make_unique<NfNetns>(clock, random, stack);
    }

    /// @param header of the packet @param reply from wan to lan @return as the packet left, ports
    /// in host order
    Header Forward(const Header& header, bool reply)
    {
        std::vector<uint8_t> bytes(UDP_SIZE);
        bytes[0] = uint8_t(header.sport >> 8);
        bytes[1] = uint8_t(header.sport);
        bytes[2] = uint8_t(header.dport >> 8);
        bytes[3] = uint8_t(header.dport);
        bytes[5] = UDP_SIZE;
        NfVectorBuffer buffer(std::move(bytes));
        NfPacket packet(NfFamily::IPV4, buffer);
        NfIpHeader ip;
        ip.src = NfAddr::FromIpv4(header.src);
        ip.dst = NfAddr::FromIpv4(header.dst);
        ip.protocol = 17;
        packet.SetIp(ip);
        packet.ParseTransport();
        packet.checksumOk = true;
        const NfDevice* in = reply ? &m_wan : &m_lan;
        const NfDevice* out = reply ? &m_lan : &m_wan;
        NfHooks& hooks = netns->GetHooks();
        if (hooks.Run(packet, {NfFamily::IPV4, NfHook::PRE_ROUTING, in, nullptr}) !=
                NfVerdict::ACCEPT ||
            hooks.Run(packet, {NfFamily::IPV4, NfHook::FORWARD, in, out}) != NfVerdict::ACCEPT ||
            hooks.Run(packet, {NfFamily::IPV4, NfHook::POST_ROUTING, nullptr, out}) !=
                NfVerdict::ACCEPT)
        {
            ++dropped;
        }
        const uint8_t* l4 = packet.PullTransport(4);
        return {packet.GetIp().src.GetIpv4(),
                packet.GetIp().dst.GetIpv4(),
                uint16_t(l4[0] << 8 | l4[1]),
                uint16_t(l4[2] << 8 | l4[3])};
    }

    BenchClock clock;
    BenchRandom random;
    NfManualStack stack;
    std::unique_ptr<NfNetns> netns;
    uint64_t dropped{0};

  private:
    NfDevice& m_lan;
    NfDevice& m_wan;
};

size_t
ResidentBytes()
{
    size_t total = 0;
    size_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * size_t(sysconf(_SC_PAGESIZE));
}

/// Opens flows: a packet each, and its answer when @p answered.
void
Open(Router& router, uint32_t first, uint32_t count, bool answered)
{
    for (uint32_t i = first; i < first + count; ++i)
    {
        const Header out = router.Forward(FlowHeader(i), false);
        if (answered)
        {
            router.Forward({out.dst, out.src, out.dport, out.sport}, true);
        }
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    if (argc != 5)
    {
        std::fprintf(stderr,
                     "usage: nf-bench-core harness|conntrack|snat|masquerade established|new FLOWS "
                     "PACKETS\n");
        return 2;
    }
    const std::string what = argv[1];
    const bool established = std::strcmp(argv[2], "established") == 0;
    const auto flows = uint32_t(std::strtoul(argv[3], nullptr, 10));
    const auto packets = uint32_t(std::strtoul(argv[4], nullptr, 10));

    Router router;
    router.netns->GetConntrack().GetConfig().max = 20000000;
    if (what == "conntrack")
    {
        router.netns->GetConntrack().Enable(NfFamily::IPV4);
    }
    else if (what != "harness")
    {
        const std::string target = what == "snat" ? "SNAT --to-source 203.0.113.1" : "MASQUERADE";
        const NfCommandResult result =
            NfRunCommand(*router.netns, "iptables -t nat -A POSTROUTING -o wan -j " + target);
        if (result.status != 0)
        {
            std::fprintf(stderr, "%s", result.err.c_str());
            return 1;
        }
    }
    const size_t before = ResidentBytes();
    Open(router, 0, flows, established);
    const size_t connections = router.netns->GetConntrack().GetCount();
    const size_t after = ResidentBytes();

    const auto start = std::chrono::steady_clock::now();
    if (established)
    {
        for (uint32_t i = 0; i < packets; ++i)
        {
            router.Forward(FlowHeader(router.random.Below(flows)), false);
        }
    }
    else
    {
        Open(router, flows, packets, false);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    std::printf("ns_per_packet %.1f\n", took.count() / packets);
    std::printf("connections %zu\n", router.netns->GetConntrack().GetCount());
    std::printf("bytes_per_connection %.1f\n",
                connections ? double(after - before) / double(connections) : 0.0);
    std::printf("dropped %llu\n", static_cast<unsigned long long>(router.dropped));
    return 0;
}
