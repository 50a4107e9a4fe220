/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_FIXTURE_H
#define NF_NAT_FIXTURE_H

#include "model/core/hook/nf-queue.h"
#include "model/core/nat/nf-nat-mangle.h"
#include "model/core/nat/nf-nat.h"
#include "testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{

/// A router between lan (10.0.0.1, 2001:db8:1::1) and wan (203.0.113.1, 2001:db8:2::1).
class NfNatFixture : public testing::Test
{
  protected:
    NfNatFixture()
    {
        stack.AddAddress(lan, "10.0.0.1/24");
        stack.AddAddress(lan, "2001:db8:1::1/64");
        stack.AddAddress(wan, "203.0.113.1/24");
        stack.AddAddress(wan, "2001:db8:2::1/64");
        stack.AddRoute("10.0.0.0/24", lan);
        stack.AddRoute("2001:db8:1::/64", lan);
        stack.AddRoute("203.0.113.0/24", wan);
        stack.AddRoute("0.0.0.0/0", wan, Addr("203.0.113.254"));
        stack.AddRoute("::/0", wan, Addr("2001:db8:2::fe"));
        conntrack.Enable(NfFamily::INET);
    }

    static NfAddr Addr(std::string_view text)
    {
        const bool v6 = text.find(':') != std::string_view::npos;
        return NfAddr::Parse(text, v6 ? NfFamily::IPV6 : NfFamily::IPV4).value();
    }

    /// @param text "203.0.113.10", "203.0.113.10-203.0.113.13", "" @return a range of addresses
    static NfNatRange Range(std::string_view text, uint32_t flags = 0)
    {
        NfNatRange range;
        range.flags = flags;
        if (!text.empty())
        {
            const size_t dash = text.find('-');
            range.flags |= NF_NAT_MAP_IPS;
            range.minAddr = Addr(text.substr(0, dash));
            range.maxAddr =
                dash == std::string_view::npos ? range.minAddr : Addr(text.substr(dash + 1));
        }
        return range;
    }

    static NfNatRange Ports(NfNatRange range, uint16_t low, uint16_t high)
    {
        range.flags |= NF_NAT_PROTO_SPECIFIED;
        range.minPort = low;
        range.maxPort = high;
        return range;
    }

    /// Every new flow that leaves over wan gets a source of the range.
    void Snat(const NfNatRange& range, NfFamily family = NfFamily::IPV4)
    {
        nat.Register(family,
                     NfHook::POST_ROUTING,
                     NF_PRI_NAT_SRC,
                     "test",
                     [=, this](NfPacket& packet, const NfHookState& state) -> NfVerdict {
                         return state.out == &wan ? nat.SetupInfo(*packet.conn, range, NfManip::SRC)
                                                  : NfVerdict(NfVerdict::ACCEPT);
                     });
    }

    void Masquerade(const NfNatRange& range = {}, NfFamily family = NfFamily::IPV4)
    {
        nat.Register(family,
                     NfHook::POST_ROUTING,
                     NF_PRI_NAT_SRC,
                     "test",
                     [=, this](NfPacket& packet, const NfHookState& state) -> NfVerdict {
                         return state.out == &wan ? nat.Masquerade(packet, range, *state.out)
                                                  : NfVerdict(NfVerdict::ACCEPT);
                     });
    }

    /// Every new flow to an address gets a destination of the range.
    void Dnat(std::string_view to,
              const NfNatRange& range,
              NfHook hook = NfHook::PRE_ROUTING,
              NfFamily family = NfFamily::IPV4)
    {
        nat.Register(family,
                     hook,
                     NF_PRI_NAT_DST,
                     "test",
                     [=, this, addr = Addr(to)](NfPacket& packet, const NfHookState&) -> NfVerdict {
                         return packet.GetIp().dst == addr
                                    ? nat.SetupInfo(*packet.conn, range, NfManip::DST)
                                    : NfVerdict(NfVerdict::ACCEPT);
                     });
    }

    /// The nat hooks without any rule.
    void NullBindings(NfFamily family = NfFamily::IPV4)
    {
        Dnat(family == NfFamily::IPV6 ? "::" : "0.0.0.0", {}, NfHook::PRE_ROUTING, family);
    }

    /// PRE_ROUTING, route, FORWARD, POST_ROUTING. @return false: dropped
    bool Forward(NfPacket& packet, const NfDevice& in)
    {
        const NfFamily family = packet.GetFamily();
        if (hooks.Run(packet, NfHookState{family, NfHook::PRE_ROUTING, &in, nullptr}) !=
            NfVerdict::ACCEPT)
        {
            return false;
        }
        const std::optional<NfRoute> route =
            stack.Route(family, packet.GetIp().dst, {}, nullptr, 0);
        if (!route)
        {
            return false;
        }
        return hooks.Run(packet, NfHookState{family, NfHook::FORWARD, &in, route->out}) ==
                   NfVerdict::ACCEPT &&
               hooks.Run(packet, NfHookState{family, NfHook::POST_ROUTING, &in, route->out}) ==
                   NfVerdict::ACCEPT;
    }

    /// LOCAL_OUT, POST_ROUTING. @return false: dropped
    bool Send(NfPacket& packet)
    {
        const NfFamily family = packet.GetFamily();
        return hooks.Run(packet, NfHookState{family, NfHook::LOCAL_OUT, nullptr, &wan}) ==
                   NfVerdict::ACCEPT &&
               hooks.Run(packet, NfHookState{family, NfHook::POST_ROUTING, nullptr, &wan}) ==
                   NfVerdict::ACCEPT;
    }

    static std::unique_ptr<NfPacket> Query(const std::string& host,
                                           uint16_t port,
                                           const std::string& server = "198.51.100.9")
    {
        return NfPacketBuilder(host, server).Udp(port, 53).Payload("question").Build();
    }

    /// Sends a query from the lan. @return where it comes from on the wan, "drop"
    std::string WanSource(const std::string& host,
                          uint16_t port,
                          const std::string& server = "198.51.100.9")
    {
        auto packet = Query(host, port, server);
        return Forward(*packet, lan) ? NfEndpointText(*packet, true) : "drop";
    }

    NfManualClock clock;
    NfSeededRandom random;
    NfCounters counters;
    NfLog log;
    NfSysctls sysctls;
    NfQueues queues{counters};
    NfHooks hooks{queues};
    NfManualStack stack;
    NfDevice& lan{stack.AddDevice("lan")};
    NfDevice& wan{stack.AddDevice("wan")};
    NfConntrack conntrack{NfContext{clock, random, hooks, counters, log, sysctls}};
    NfNat nat{conntrack, stack};
};

} // namespace ns3

#endif // NF_NAT_FIXTURE_H
