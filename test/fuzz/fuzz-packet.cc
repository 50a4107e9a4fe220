/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-text.h"
#include "model/core/hook/nf-icmp.h"
#include "model/core/hook/nf-log.h"
#include "model/core/netns/nf-netns.h"
#include "model/core/packet/nf-checksum.h"
#include "model/core/packet/nf-frag.h"
#include "test/core/testing/nf-manual-clock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

/**
 * @file
 * Whatever bytes come in: parse them, write them back, sum, log, answer, gather, cut and track
 * them. Each input is a sequence of packets, each behind its length in two bytes.
 */

namespace ns3
{
namespace
{

/// Stops the fuzzer, in builds without assertions too.
void
Require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// Two connection tables, one of which does not look at checksums, with every tracker there is.
class Tracking
{
  public:
    Tracking(NfClock& clock, NfStack& stack)
        : m_strict(clock, m_random, stack),
          m_lenient(clock, m_random, stack)
    {
        m_lenient.GetConntrack().GetConfig().checksum = 0;
        for (NfNetns* netns : {&m_strict, &m_lenient})
        {
            for (const char* name : {"dccp", "rtcache", "dscpremark_ext"})
            {
                Require(
                    !!netns->GetSysctls().Write(std::string("net.netfilter.nf_conntrack_") + name,
                                                "1"));
            }
            NfConntrackConfig& config = netns->GetConntrack().GetConfig();
            config.logInvalid = 255;
            config.acct = 1;
            config.max = MOST;
            netns->GetConntrack().Enable(NfFamily::INET);
        }
    }

    void Forward(const NfPacket& packet, const NfDevice* in, const NfDevice* out)
    {
        for (NfNetns* netns : {&m_strict, &m_lenient})
        {
            const auto copy = packet.Clone();
            const NfConntrackStats before = netns->GetConntrack().GetStats();
            const bool passed = Pass(*netns, *copy, in, out);
            const NfConntrackStats& after = netns->GetConntrack().GetStats();
            // What is not tracked, and was not to be, has been counted.
            Require(!passed || copy->conn || copy->ctInfo == NfCtInfo::UNTRACKED ||
                    after.invalid + after.error > before.invalid + before.error);
            Require(netns->GetConntrack().GetCount() <= MOST);
        }
    }

    /// Everything can be shown, and goes when its time has come.
    void Close(NfManualClock& clock)
    {
        for (NfNetns* netns : {&m_strict, &m_lenient})
        {
            NfConntrack& table = netns->GetConntrack();
            NfConntrackProcText(table);
            table.ForEach([&](NfConn& conn) { NfConntrackListLine(table, conn, 0xff); });
            table.FastForward(std::chrono::hours(24 * 6));
        }
        clock.Advance(std::chrono::seconds(120));
        Require(m_strict.GetConntrack().GetCount() + m_lenient.GetConntrack().GetCount() == 0);
    }

  private:
    static constexpr uint32_t MOST = 64;

    static bool Pass(NfNetns& netns, NfPacket& packet, const NfDevice* in, const NfDevice* out)
    {
        const NfFamily family = packet.GetFamily();
        NfHooks& hooks = netns.GetHooks();
        return hooks.Run(packet, {family, NfHook::PRE_ROUTING, in, nullptr}) == NfVerdict::ACCEPT &&
               hooks.Run(packet, {family, NfHook::FORWARD, in, out}) == NfVerdict::ACCEPT &&
               hooks.Run(packet, {family, NfHook::POST_ROUTING, in, out}) == NfVerdict::ACCEPT;
    }

    NfSeededRandom m_random;
    NfNetns m_strict;
    NfNetns m_lenient;
};

/// Everything a packet meets; fresh for each input.
class House
{
  public:
    House()
    {
        NfDevice& lan = m_stack.AddDevice("lan");
        m_stack.AddAddress(lan, "10.0.0.1/24");
        m_stack.AddAddress(lan, "2001:db8:1::1/64");
        m_stack.AddRoute("0.0.0.0/0", lan);
        m_stack.AddRoute("::/0", lan);
        m_lan = &lan;
        m_wan = &m_stack.AddDevice("wan");
        m_ipv4.SetExpireHandler([this](NfPacket& first, const NfDevice* in, NfFragUser user) {
            m_icmp.OnFragmentTimeout(first, in, user);
        });
    }

    void Receive(NfBytes bytes)
    {
        std::unique_ptr<NfPacket> packet = NfPacket::Parse(bytes, false);
        if (!packet)
        {
            return;
        }
        const std::vector<uint8_t> written = packet->Serialize();
        std::unique_ptr<NfPacket> again = NfPacket::Parse(written);
        Require(again && again->Serialize() == written);
        Look(*packet);
        m_tracking.Forward(*packet, m_lan, m_wan);
        NfFragments& table = packet->GetFamily() == NfFamily::IPV6 ? m_ipv6 : m_ipv4;
        const auto result = table.Gather(*packet, m_lan, NfFragUser::CONNTRACK_IN);
        if (result == NfFragments::Result::PASS || result == NfFragments::Result::COMPLETE)
        {
            Look(*packet);
            Cut(*packet);
        }
        Require(table.GetMemory() < 8 << 20);
        m_clock.Advance(std::chrono::milliseconds(bytes.size()));
    }

    void Close()
    {
        m_tracking.Close(m_clock);
        m_clock.Advance(std::chrono::seconds(120));
        Require(m_ipv4.GetCount() + m_ipv6.GetCount() == 0);
        Require(m_ipv4.GetMemory() + m_ipv6.GetMemory() == 0);
    }

  private:
    void Look(NfPacket& packet)
    {
        NfHookState state;
        state.family = packet.GetFamily();
        state.in = m_lan;
        Require(NfLogPacketText(packet, state, "fuzz ", 0xff).size() < 1100);
        NfChecksumVerify(packet, packet.GetTransportOffset(), packet.GetProtocol());
        auto copy = packet.Clone();
        NfChecksumWrite(*copy);
        m_icmp.MakeReset(packet);
        m_icmp.MakeEchoReply(packet, m_lan);
        m_icmp.MakeReject(*copy, NfPortUnreachable(packet.GetFamily()), m_lan);
        auto error = m_icmp.MakeError(packet, NfTimeExceeded(packet.GetFamily()), m_lan);
        Require(!error || error->GetLength() <= 1280);
    }

    static void Cut(NfPacket& packet)
    {
        for (uint32_t mtu : {68U, 600U, 1280U})
        {
            std::vector<std::unique_ptr<NfPacket>> pieces;
            if (NfFragment(packet, mtu, 7, true, pieces) == NfCut::CUT)
            {
                for (const auto& piece : pieces)
                {
                    Require(piece->GetLength() <= std::max<size_t>(mtu, 1280));
                }
            }
        }
    }

    NfManualClock m_clock;
    NfCounters m_counters;
    NfManualStack m_stack;
    const NfDevice* m_lan{nullptr};
    const NfDevice* m_wan{nullptr};
    Tracking m_tracking{m_clock, m_stack};
    NfIcmp m_icmp{m_stack, m_clock, m_counters};
    NfFragments m_ipv4{NfFamily::IPV4, m_clock, m_counters};
    NfFragments m_ipv6{NfFamily::IPV6, m_clock, m_counters};
};

} // namespace
} // namespace ns3

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    using namespace ns3;
    House house;
    NfBytes rest(data, size);
    while (rest.size() >= 2)
    {
        const size_t length = NfReadU16(rest.data());
        house.Receive(rest.Sub(2, length));
        rest = rest.Sub(2 + length);
    }
    house.Close();
    return 0;
}
