/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-dscpremark-ext.h"
#include "model/core/conntrack/nf-conntrack-rtcache.h"
#include "test/core/testing/nf-testing-netns.h"

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::HasSubstr;
using ::testing::Not;

/// A router that forwards from lan to wan and back.
class NfOptionTest : public ::testing::Test
{
  protected:
    NfTestNetns house;
    NfDevice& third{house.stack.AddDevice("third")};

    NfOptionTest()
    {
        house.Run("iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP");
    }

    bool Run(NfPacket& packet, NfHook hook, const NfDevice* in, const NfDevice* out)
    {
        const NfHookState state{NfFamily::IPV4, hook, in, out};
        return house.netns.GetHooks().Run(packet, state) == NfVerdict::ACCEPT;
    }

    /// @return TOS as the packet leaves
    uint8_t Forward(const NfPacketBuilder& builder, const NfDevice& in, const NfDevice& out)
    {
        const auto packet = builder.Build();
        EXPECT_TRUE(Run(*packet, NfHook::PRE_ROUTING, &in, nullptr));
        EXPECT_TRUE(Run(*packet, NfHook::FORWARD, &in, &out));
        EXPECT_TRUE(Run(*packet, NfHook::POST_ROUTING, &in, &out));
        return packet->GetIp().tos;
    }

    uint8_t Out(const NfPacketBuilder& builder)
    {
        return Forward(builder, house.lan, house.wan);
    }

    uint8_t Back(const NfPacketBuilder& builder)
    {
        return Forward(builder, house.wan, house.lan);
    }

    static NfPacketBuilder Request(uint8_t tos = 0)
    {
        return NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1000, 53).Tos(tos);
    }

    static NfPacketBuilder Reply(uint8_t tos = 0)
    {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2").Udp(53, 1000).Tos(tos);
    }

    std::string Proc()
    {
        return house.netns.GetProc().at("nf_conntrack")();
    }

    bool HasExtension()
    {
        bool has = false;
        house.netns.GetConntrack().ForEach([&](NfConn& conn) { has = conn.GetExt() != nullptr; });
        return has;
    }
};

class NfRouteCacheTest : public NfOptionTest
{
};

class NfDscpRemarkingTest : public NfOptionTest
{
};

TEST_F(NfRouteCacheTest, OffItCostsNothing)
{
    Out(Request());
    Out(Request());
    EXPECT_FALSE(HasExtension());
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
    EXPECT_EQ(house.Run("sysctl -n net.netfilter.nf_conntrack_rtcache"), "0\n");
    EXPECT_THAT(house.Run("sysctl -a"), Not(HasSubstr("rtcache")));
}

TEST_F(NfRouteCacheTest, RemembersEachDirectionAndForgetsWhatIsNoLongerTrue)
{
    house.Run("sysctl -w net.netfilter.nf_conntrack_rtcache=1");
    const NfRouteCache& cache = house.netns.GetRouteCache();
    Out(Request());
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
    Back(Reply());
    const std::string lan = std::to_string(house.lan.index);
    const std::string wan = std::to_string(house.wan.index);
    EXPECT_THAT(Proc(), HasSubstr("dport=1000 [RTCACHE r" + wan + "] mark=0"));
    Out(Request());
    EXPECT_THAT(Proc(), HasSubstr(" [RTCACHE o" + lan + "/r" + wan + "] mark=0"));
    EXPECT_EQ(cache.GetHits(), 0U);

    house.netns.GetConntrack().ForEach([&](NfConn& conn) {
        const NfCachedRoute& route = conn.GetExt()->routes->front();
        EXPECT_EQ(route.in, house.lan.index);
        EXPECT_EQ(route.out, house.wan.index);
        EXPECT_EQ(route.gateway.ToString(NfFamily::IPV4), "203.0.113.254");
    });

    Out(Request());
    Back(Reply());
    EXPECT_EQ(cache.GetHits(), 2U);
    // Another way in: the memory is not used, and follows.
    Forward(Request(), third, house.wan);
    EXPECT_EQ(cache.GetHits(), 2U);
    EXPECT_THAT(Proc(), HasSubstr("[RTCACHE o" + std::to_string(third.index) + "/r" + wan));
    EXPECT_EQ(cache.GetObsolete(), 0U);
    Forward(Request(), third, house.wan);
    EXPECT_EQ(cache.GetHits(), 3U);

    house.stack.AddRoute("198.51.100.0/24", third);
    Forward(Request(), house.lan, third);
    Forward(Request(), house.lan, third);
    EXPECT_EQ(cache.GetHits(), 4U);
    house.stack.AddRoute("198.51.100.9/32", house.wan);
    Out(Request());
    EXPECT_EQ(cache.GetObsolete(), 1U);
    EXPECT_THAT(Proc(), HasSubstr("[RTCACHE o" + lan + "/r" + wan));
}

TEST_F(NfRouteCacheTest, PacketsThatTurnBackAreNotRemembered)
{
    house.netns.GetRouteCache().Enable(true);
    Forward(Request(), house.lan, house.lan);
    Forward(Request(), house.lan, house.lan);
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
}

TEST_F(NfRouteCacheTest, ADeviceThatGoesDownAndSwitchingOffForget)
{
    NfRouteCache& cache = house.netns.GetRouteCache();
    cache.Enable(true);
    for (int i = 0; i < 2; ++i)
    {
        Out(Request());
        Back(Reply());
    }
    cache.OnDeviceDown(third.index);
    EXPECT_THAT(Proc(), HasSubstr("RTCACHE"));
    cache.OnDeviceDown(house.wan.index);
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
    Out(Request());
    EXPECT_THAT(Proc(), HasSubstr("RTCACHE"));
    cache.Enable(false);
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
    Out(Request());
    EXPECT_THAT(Proc(), Not(HasSubstr("RTCACHE")));
}

TEST_F(NfDscpRemarkingTest, WithoutARuleNothingIsRewritten)
{
    house.Run("sysctl -w net.netfilter.nf_conntrack_dscpremark_ext=1");
    EXPECT_EQ(Out(Request(0x28)), 0x28);
    EXPECT_EQ(Out(Request(0x48)), 0x48);
    house.netns.GetConntrack().ForEach([&](NfConn& conn) {
        EXPECT_EQ(conn.GetExt()->dscpRemark->dscp[0], 0x28 >> 2);
        EXPECT_EQ(conn.GetExt()->dscpRemark->known, 1);
        EXPECT_FALSE(conn.GetExt()->dscpRemark->ruleValid);
    });
    EXPECT_EQ(house.netns.GetDscpRemarking().GetRemarked(), 0U);
}

TEST_F(NfDscpRemarkingTest, WhatARuleWroteOnceStays)
{
    house.Run("iptables -t mangle -A FORWARD -m conntrack --ctstate NEW -j DSCP --set-dscp 46");
    EXPECT_EQ(Out(Request(1)), 46 << 2 | 1);
    EXPECT_EQ(Out(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1001, 53)), 46 << 2);
    EXPECT_EQ(Back(Reply(0x20)), 0x20);
    EXPECT_EQ(Out(Request(1)), 1) << "off";
    EXPECT_FALSE(HasExtension());

    house.netns.GetConntrack().KillIf([](const NfConn&) { return true; });
    house.Run("sysctl -w net.netfilter.nf_conntrack_dscpremark_ext=1");
    EXPECT_EQ(Out(Request(1)), 46 << 2 | 1);
    EXPECT_EQ(Back(Reply(0x20)), 0x20);
    EXPECT_EQ(Out(Request(2)), 46 << 2 | 2);
    EXPECT_EQ(Back(Reply(0x40)), 0x20);
    EXPECT_EQ(house.netns.GetDscpRemarking().GetRemarked(), 2U);

    house.Run("sysctl -w net.netfilter.nf_conntrack_dscpremark_ext=0");
    EXPECT_EQ(Out(Request(2)), 2);
}

TEST_F(NfDscpRemarkingTest, TcpIsLookedAtUntilItIsEstablished)
{
    house.netns.GetDscpRemarking().Enable(true);
    house.Run("iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN SYN -j DSCP --set-dscp 10");
    const auto client = [](const char* flags, uint32_t seq, uint32_t ack) {
        return NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80, flags).Seq(seq).Ack(ack);
    };
    const auto server = [](const char* flags, uint32_t seq, uint32_t ack) {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2").Tcp(80, 1000, flags).Seq(seq).Ack(ack);
    };
    EXPECT_EQ(Out(client("S", 100, 0)), 10 << 2);
    EXPECT_EQ(Back(server("SA", 500, 101)), 10 << 2);
    // The third segment makes it ESTABLISHED, so it has the first one's already.
    EXPECT_EQ(Out(client("A", 101, 501)), 10 << 2);
    EXPECT_EQ(Back(server("A", 501, 101)), 10 << 2);
}

} // namespace

} // namespace ns3
