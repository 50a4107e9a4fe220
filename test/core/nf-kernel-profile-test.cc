/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-kernel-profile.h"
#include "nf-nat-fixture.h"
#include "testing/nf-testing-netns.h"

#include <chrono>
#include <map>

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

constexpr char CLIENT[] = "10.0.0.2";
constexpr char SERVER[] = "198.51.100.9";
constexpr const char* NAMES[] = {"2.6", "3.10", "4.19", "5.15", "6.18"};

/// A namespace of one release; packets pass conntrack's points.
class Kernel
{
  public:
    explicit Kernel(const char* name)
    {
        EXPECT_TRUE(net.netns.SetKernelProfile(name));
        table().Enable(NfFamily::INET);
    }

    NfConntrack& table()
    {
        return net.netns.GetConntrack();
    }

    /// @return the packet, behind POST_ROUTING unless it was dropped
    std::shared_ptr<NfPacket> Forward(NfPacketBuilder builder)
    {
        std::shared_ptr<NfPacket> packet = builder.Build();
        if (net.Pass(*packet, NfHook::PRE_ROUTING) == NfVerdict::ACCEPT)
        {
            net.Pass(*packet, NfHook::POST_ROUTING);
        }
        return packet;
    }

    /// @return false: INVALID
    bool IsValid(NfPacketBuilder builder)
    {
        return Forward(builder)->conn.get() != nullptr;
    }

    /// @return seconds left of a packet's connection
    int64_t Left(NfPacketBuilder builder)
    {
        return table().GetTimeLeft(*Forward(builder)->conn) / 1s;
    }

    NfTestNetns net;
};

NfPacketBuilder
Query(uint16_t sport = 5000)
{
    return NfPacketBuilder(CLIENT, SERVER).Udp(sport, 53).Payload("q");
}

NfPacketBuilder
Answer(uint16_t dport = 5000)
{
    return NfPacketBuilder(SERVER, CLIENT).Udp(53, dport).Payload("a");
}

TEST(NfKernelProfileTest, NamesAreKnownAndTheLastIsTheDefault)
{
    NfTestNetns net;
    EXPECT_EQ(net.netns.GetConntrack().GetProfile().name, "6.18");
    EXPECT_FALSE(net.netns.SetKernelProfile("2.4"));
    EXPECT_EQ(net.netns.GetConntrack().GetProfile().name, "6.18");
    for (size_t i = 0; i < NF_PROFILES; ++i)
    {
        EXPECT_EQ(NfGetKernelProfiles()[i].name, NAMES[i]);
        EXPECT_EQ(NfGetKernelProfiles()[i].column, i);
    }
}

TEST(NfKernelProfileTest, KnobsHaveTheValuesOfTheirRelease)
{
    Kernel kernel("6.18");
    NfSysctls& sysctls = kernel.net.netns.GetSysctls();
    for (const char* name : {"3.10", "6.18", "2.6", "4.19", "5.15", "6.18"})
    {
        ASSERT_TRUE(kernel.net.netns.SetKernelProfile(name));
        const size_t column = NfFindKernelProfile(name)->column;
        for (const NfProfileKnob& knob : NfGetProfileKnobs())
        {
            const auto value = sysctls.Read(std::string("net.netfilter.nf_conntrack_") + knob.name);
            EXPECT_EQ(static_cast<bool>(value), knob.values[column] != nullptr)
                << name << knob.name;
            EXPECT_TRUE(!value || *value == knob.values[column]) << name << knob.name;
        }
    }
}

TEST(NfKernelProfileTest, UdpStreamsBeginAtOnceOrAfterTwoSeconds)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        kernel.Forward(Query());
        kernel.Forward(Answer());
        const bool atOnce = kernel.table().GetProfile().udpStreamAtOnce;
        EXPECT_EQ(kernel.Left(Query()), atOnce ? 180 : 30) << name;
        kernel.net.clock.Advance(3s);
        EXPECT_EQ(kernel.Left(Query()), atOnce ? 180 : 120) << name;
    }
}

TEST(NfKernelProfileTest, IcmpEntryGoesWithItsLastAnswer)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        const auto ping = NfPacketBuilder(CLIENT, SERVER).EchoRequest(1);
        const auto pong = NfPacketBuilder(SERVER, CLIENT).EchoReply(1);
        kernel.Forward(ping);
        kernel.Forward(ping);
        kernel.Forward(pong);
        EXPECT_EQ(kernel.table().GetCount(), 1U) << name;
        EXPECT_TRUE(kernel.IsValid(pong)) << name;
        const bool dies = kernel.table().GetProfile().icmpDiesOfReply;
        EXPECT_EQ(kernel.table().GetCount(), dies ? 0U : 1U) << name;
        EXPECT_EQ(kernel.IsValid(pong), !dies) << name;
    }
}

/// SYN, SYN/ACK, ACK, then @p data segments of 1000 bytes with their ACKs; windows are of 1000.
void
Converse(Kernel& kernel, int data)
{
    const auto tcp = [](bool reply, const char* flags, uint32_t seq, uint32_t ack) {
        return reply ? NfPacketBuilder(SERVER, CLIENT)
                           .Tcp(80, 1000, flags)
                           .Seq(seq)
                           .Ack(ack)
                           .Window(1000)
                     : NfPacketBuilder(CLIENT, SERVER)
                           .Tcp(1000, 80, flags)
                           .Seq(seq)
                           .Ack(ack)
                           .Window(1000);
    };
    kernel.Forward(tcp(false, "S", 100, 0));
    kernel.Forward(tcp(true, "SA", 500, 101));
    kernel.Forward(tcp(false, "A", 101, 501));
    for (int i = 0; i < data; ++i)
    {
        kernel.Forward(
            tcp(false, "A", 101 + 1000 * i, 501).PayloadBytes(std::vector<uint8_t>(1000)));
        kernel.Forward(tcp(true, "A", 501, 1101 + 1000 * i));
    }
}

TEST(NfKernelProfileTest, RetransmittedDataBelowTheWindow)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        Converse(kernel, 5);
        const auto again = NfPacketBuilder(CLIENT, SERVER)
                               .Tcp(1000, 80, "A")
                               .Seq(101)
                               .Ack(501)
                               .Window(1000)
                               .PayloadBytes(std::vector<uint8_t>(1000));
        EXPECT_EQ(kernel.IsValid(again), !kernel.table().GetProfile().tcpDelayedInvalid) << name;
    }
}

TEST(NfKernelProfileTest, SegmentBehindTheWindow)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        Converse(kernel, 1);
        const auto beyond = NfPacketBuilder(CLIENT, SERVER)
                                .Tcp(1000, 80, "A")
                                .Seq(2102)
                                .Ack(501)
                                .Window(1000)
                                .PayloadBytes(std::vector<uint8_t>(100));
        EXPECT_EQ(kernel.IsValid(beyond), !kernel.table().GetProfile().tcpOvershotInvalid) << name;
    }
}

TEST(NfKernelProfileTest, ClosingSegmentsOutsideTheWindowShortenTheTimeout)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        Converse(kernel, 3);
        kernel.Forward(
            NfPacketBuilder(CLIENT, SERVER).Tcp(1000, 80, "FA").Seq(90000).Ack(501).Window(1000));
        kernel.Forward(
            NfPacketBuilder(SERVER, CLIENT).Tcp(80, 1000, "R").Seq(90000).Ack(0).Window(0));
        int64_t left = 0;
        kernel.table().ForEach([&](NfConn& c) { left = kernel.table().GetTimeLeft(c) / 1s; });
        EXPECT_EQ(left, kernel.table().GetProfile().tcpKeepsTimeout ? 432000 : 300) << name;
    }
}

TEST(NfKernelProfileTest, HelpersByPort)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        const auto helper = [&](uint16_t sport, uint16_t dport) {
            const auto packet =
                kernel.Forward(NfPacketBuilder(CLIENT, SERVER).Tcp(sport, dport, "S"));
            return packet->conn->GetHelper() ? packet->conn->GetHelper()->GetName() : "";
        };
        const bool automatic = kernel.table().GetProfile().column < 2;
        EXPECT_EQ(helper(1000, 21), automatic ? "ftp" : "") << name;
        EXPECT_EQ(helper(1001, 22), "") << name;
        (void)kernel.net.netns.GetSysctls().Write("net.netfilter.nf_conntrack_helper", "1");
        const bool knob = kernel.table().GetProfile().column < 4;
        EXPECT_EQ(helper(1002, 21), knob ? "ftp" : "") << name;
    }
}

TEST(NfKernelProfileTest, TwinsClash)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        auto first = Query().Build();
        auto second = Query().Build();
        auto third = Query().Build();
        for (NfPacket* packet : {first.get(), second.get(), third.get()})
        {
            kernel.net.Pass(*packet, NfHook::PRE_ROUTING);
        }
        NfTuple reply = third->conn->GetReply();
        reply.dport = 7777;
        kernel.table().AlterReply(*third->conn, reply);
        const NfClashRule rule = kernel.table().GetProfile().clash;
        const auto confirm = [&](NfPacket& packet) {
            return kernel.net.Pass(packet, NfHook::POST_ROUTING) == NfVerdict::ACCEPT;
        };
        EXPECT_TRUE(confirm(*first)) << name;
        EXPECT_EQ(confirm(*second), rule != NfClashRule::DROP) << name;
        EXPECT_EQ(confirm(*third), rule == NfClashRule::HARDER) << name;
    }
}

TEST(NfKernelProfileTest, TimeoutsMoveBySeconds)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        kernel.Forward(Query());
        kernel.net.clock.Advance(500ms);
        const auto packet = kernel.Forward(Query());
        const bool lazy = kernel.table().GetProfile().refreshesBySeconds;
        EXPECT_EQ(kernel.table().GetTimeLeft(*packet->conn), lazy ? 29500ms : 30000ms) << name;
        kernel.net.clock.Advance(500ms);
        kernel.Forward(Query());
        EXPECT_EQ(kernel.table().GetTimeLeft(*packet->conn), 30000ms) << name;
    }
}

TEST(NfKernelProfileTest, EarlyDropOfEntriesOrOfBuckets)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        // Nearly empty: within eight buckets there is nobody, within eight entries there is.
        kernel.table().GetConfig().max = 20;
        kernel.table().GetConfig().buckets = 1U << 20;
        for (uint16_t port = 1; port <= 60; ++port)
        {
            kernel.Forward(Query(port));
        }
        const bool entries = kernel.table().GetProfile().evictsByEntries;
        EXPECT_EQ(kernel.table().GetStats().earlyDrop, entries ? 40U : 0U) << name;
        EXPECT_EQ(kernel.table().GetStats().drop, entries ? 0U : 40U) << name;
    }
}

TEST(NfKernelProfileTest, CollectorHasItsPace)
{
    // A flow of 30 seconds among those of 5 days: when is it counted no more?
    const std::map<std::string, NfTime> gone = {{"2.6", 31s},
                                                {"3.10", 31s},
                                                {"4.19", 46s},
                                                {"5.15", 121s},
                                                {"6.18", 61s}};
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        Converse(kernel, 1);
        kernel.Forward(Query());
        NfTime at{0};
        for (; kernel.table().GetCount() > 1 && at < 10min; at += 1s)
        {
            kernel.net.clock.Advance(1s);
        }
        EXPECT_LE(at, gone.at(name)) << name;
        EXPECT_GE(at, gone.at(name) - 16s) << name;
    }
}

TEST(NfKernelProfileTest, OldNamesOfKnobsAndFiles)
{
    for (const char* name : NAMES)
    {
        Kernel kernel(name);
        kernel.Forward(Query());
        NfNetns& netns = kernel.net.netns;
        const bool old = kernel.table().GetProfile().oldNames;
        const NfStatus wrote =
            netns.GetSysctls().Write("net.ipv4.netfilter.ip_conntrack_udp_timeout", "77");
        EXPECT_EQ(static_cast<bool>(wrote), old) << name;
        EXPECT_EQ(*netns.GetSysctls().Read("net.netfilter.nf_conntrack_udp_timeout"),
                  old ? "77" : "30");
        ASSERT_EQ(netns.GetProc().count("ip_conntrack"), old ? 1U : 0U) << name;
        if (old)
        {
            EXPECT_EQ(netns.GetProc().at("ip_conntrack")().rfind("udp      17 ", 0), 0U) << name;
        }
    }
}

class NfNatProfileTest : public NfNatFixture
{
};

TEST_F(NfNatProfileTest, PortsAreSearchedInOrder)
{
    conntrack.SetProfile(*NfFindKernelProfile("4.19"));
    Snat(Ports(Range("203.0.113.1"), 2000, 2003));
    std::vector<uint16_t> ports;
    for (uint16_t sport = 5000; sport < 5005; ++sport)
    {
        auto packet = NfPacketBuilder(CLIENT, SERVER).Udp(sport, 53).Payload("q").Build();
        const bool accepted = Forward(*packet, lan);
        ports.push_back(accepted ? packet->conn->GetReply().dport : 0);
    }
    EXPECT_EQ(ports, (std::vector<uint16_t>{2000, 2001, 2002, 2003, 0}));
}

} // namespace

} // namespace ns3
