/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat-fixture.h"

namespace ns3
{
namespace
{

using NfNatTest = NfNatFixture;
using Builder = NfPacketBuilder;
using testing::AllOf;
using testing::Not;

constexpr char SERVER[] = "198.51.100.9";

TEST_F(NfNatTest, SnatKeepsThePortAndReturnsReplies)
{
    Snat(Range("203.0.113.1"));
    auto query = Query("10.0.0.2", 1000);
    ASSERT_TRUE(Forward(*query, lan));
    EXPECT_THAT(*query, AllOf(IsFrom("203.0.113.1:1000"), IsTo("198.51.100.9:53")));
    EXPECT_THAT(*query, HasValidChecksum());

    auto answer = Builder(SERVER, "203.0.113.1").Udp(53, 1000).Payload("answer").Build();
    ASSERT_TRUE(Forward(*answer, wan));
    EXPECT_THAT(*answer, AllOf(IsFrom("198.51.100.9:53"), IsTo("10.0.0.2:1000")));
    EXPECT_THAT(*answer, HasValidChecksum());
}

struct SpreadCase
{
    const char* name;
    uint32_t flags;
    std::array<const char*, 6> last; //!< of the address that 10.0.0.2 to 10.0.0.7 get
};

class NfNatSpreadTest : public NfNatFixture, public testing::WithParamInterface<SpreadCase>
{
};

TEST_P(NfNatSpreadTest, HostsGetTheAddressesTheKernelGivesThem)
{
    const SpreadCase& c = GetParam();
    Snat(Range("203.0.113.10-203.0.113.13", c.flags));
    for (size_t i = 0; i < c.last.size(); i++)
    {
        const auto port = static_cast<uint16_t>(1000 + i);
        EXPECT_EQ(WanSource("10.0.0." + std::to_string(2 + i), port),
                  std::string("203.0.113.") + c.last[i] + ":" + std::to_string(port));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfNatSpreadTest,
    testing::Values(
        SpreadCase{"ByDestination", 0, {"12", "12", "13", "10", "13", "12"}},
        SpreadCase{"Persistent", NF_NAT_PERSISTENT, {"13", "13", "10", "13", "10", "10"}}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfNatTest, SourceKeepsItsMappingTowardsOtherServers)
{
    Snat(Range("203.0.113.10-203.0.113.13"));
    const std::string first = WanSource("10.0.0.2", 1000);
    for (int i = 1; i < 50; i++)
    {
        EXPECT_EQ(WanSource("10.0.0.2", 1000, "198.51.100." + std::to_string(i + 10)), first);
    }
}

struct PortClassCase
{
    const char* name;
    uint16_t port;
    unsigned low;
    unsigned high;
};

class NfNatPortClassTest : public NfNatFixture, public testing::WithParamInterface<PortClassCase>
{
};

TEST_P(NfNatPortClassTest, ClashStaysInTheClass)
{
    const PortClassCase& c = GetParam();
    Snat(Range("203.0.113.1"));
    auto first = Query("10.0.0.2", c.port);
    auto second = Query("10.0.0.3", c.port);
    ASSERT_TRUE(Forward(*first, lan));
    ASSERT_TRUE(Forward(*second, lan));
    const unsigned drawn = NfReadU16(second->PullTransport(2));
    EXPECT_NE(drawn, c.port);
    EXPECT_GE(drawn, c.low);
    EXPECT_LE(drawn, c.high);
    EXPECT_THAT(*second, HasValidChecksum());
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         NfNatPortClassTest,
                         testing::Values(PortClassCase{"Lowest", 1, 1, 511},
                                         PortClassCase{"Credential", 511, 1, 511},
                                         PortClassCase{"Low", 512, 600, 1023},
                                         PortClassCase{"Reserved", 1023, 600, 1023},
                                         PortClassCase{"First", 1024, 1024, 65535},
                                         PortClassCase{"Last", 65535, 1024, 65535}),
                         [](const auto& info) { return info.param.name; });

TEST_F(NfNatTest, UntranslatedFlowWhoseTupleIsTakenGetsAnotherPort)
{
    Snat(Range("203.0.113.1"));
    ASSERT_EQ(WanSource("10.0.0.2", 5000), "203.0.113.1:5000");
    auto own = Query("203.0.113.1", 5000);
    ASSERT_TRUE(Send(*own));
    EXPECT_THAT(*own, AllOf(IsFrom("203.0.113.1"), Not(IsFrom("203.0.113.1:5000"))));
}

TEST_F(NfNatTest, PortRangeKeepsAPortInside)
{
    Snat(Ports(Range("203.0.113.1"), 2000, 2009));
    EXPECT_EQ(WanSource("10.0.0.2", 2003), "203.0.113.1:2003");
    auto other = Query("10.0.0.2", 1000);
    ASSERT_TRUE(Forward(*other, lan));
    const unsigned port = NfReadU16(other->PullTransport(2));
    EXPECT_GE(port, 2000U);
    EXPECT_LE(port, 2009U);
}

TEST_F(NfNatTest, FullPortRangeDropsAtConfirm)
{
    Snat(Ports(Range("203.0.113.1"), 2000, 2001));
    EXPECT_NE(WanSource("10.0.0.2", 1000), "drop");
    EXPECT_NE(WanSource("10.0.0.3", 1000), "drop");
    const uint64_t before = counters.Get("nat-probe");
    EXPECT_EQ(WanSource("10.0.0.4", 1000), "drop");
    EXPECT_EQ(counters.Get("nat-probe") - before, 3U) << "its own port, then the two of the range";
    EXPECT_EQ(conntrack.GetCount(), 2U);
}

TEST_F(NfNatTest, RandomMovesThePort)
{
    Snat(Range("203.0.113.1", NF_NAT_PROTO_RANDOM_FULLY));
    EXPECT_NE(WanSource("10.0.0.2", 40000), "203.0.113.1:40000");
}

TEST_F(NfNatTest, DnatPortRangeBeginsAtItsFirstPort)
{
    Dnat("203.0.113.1", Ports(Range("10.0.0.5"), 8000, 8009));
    auto packet = Builder(SERVER, "203.0.113.1").Tcp(4000, 80).Build();
    ASSERT_TRUE(Forward(*packet, wan));
    EXPECT_THAT(*packet, AllOf(IsFrom("198.51.100.9:4000"), IsTo("10.0.0.5:8000")));
    EXPECT_THAT(*packet, HasValidChecksum());
    auto inside = Builder(SERVER, "203.0.113.1").Tcp(4001, 8004).Build();
    ASSERT_TRUE(Forward(*inside, wan));
    EXPECT_THAT(*inside, IsTo("10.0.0.5:8004"));
}

TEST_F(NfNatTest, DnatPortOffsetCountsFromTheBasePort)
{
    NfNatRange range = Ports(Range("10.0.0.5", NF_NAT_PROTO_OFFSET), 9000, 9099);
    range.basePort = 5000;
    Dnat("203.0.113.1", range);
    auto packet = Builder(SERVER, "203.0.113.1").Udp(4000, 5042).Payload("x").Build();
    ASSERT_TRUE(Forward(*packet, wan));
    EXPECT_THAT(*packet, IsTo("10.0.0.5:9042"));
}

TEST_F(NfNatTest, LocalOutDnatChangesTheDestination)
{
    Dnat(SERVER, Range("10.0.0.5"), NfHook::LOCAL_OUT);
    auto packet = Query("203.0.113.1", 5000);
    ASSERT_TRUE(Send(*packet));
    EXPECT_TRUE(packet->IsIpChanged());
    EXPECT_THAT(*packet, IsTo("10.0.0.5:53"));
}

TEST_F(NfNatTest, FirstLookupThatDecidesWins)
{
    int asked = 0;
    nat.Register(NfFamily::IPV4, NfHook::POST_ROUTING, 200, "later", [&](NfPacket&, const auto&) {
        asked++;
        return NfVerdict(NfVerdict::ACCEPT);
    });
    Snat(Range("203.0.113.10"));
    EXPECT_EQ(WanSource("10.0.0.2", 1000), "203.0.113.10:1000");
    EXPECT_EQ(asked, 0);
}

TEST_F(NfNatTest, LookupsSeeOnePacketPerFlow)
{
    int asked = 0;
    const uint64_t id = nat.Register(NfFamily::IPV4,
                                     NfHook::PRE_ROUTING,
                                     NF_PRI_NAT_DST,
                                     "count",
                                     [&](NfPacket&, const auto&) {
                                         asked++;
                                         return NfVerdict(NfVerdict::ACCEPT);
                                     });
    for (int i = 0; i < 3; i++)
    {
        EXPECT_EQ(WanSource("10.0.0.2", 1000), "10.0.0.2:1000");
    }
    EXPECT_EQ(asked, 1);
    nat.Unregister(id);
    EXPECT_EQ(WanSource("10.0.0.3", 1000), "10.0.0.3:1000");
    EXPECT_EQ(asked, 1);
}

TEST_F(NfNatTest, MasqueradeUsesTheAddressOfTheDevice)
{
    Masquerade();
    EXPECT_EQ(WanSource("10.0.0.2", 1000), "203.0.113.1:1000");
    EXPECT_EQ(conntrack.GetCount(), 1U);
    nat.OnDeviceDown(lan.index);
    EXPECT_EQ(conntrack.GetCount(), 1U);
    nat.OnAddressRemoved(wan.index, NfFamily::IPV4, Addr("203.0.113.2"));
    EXPECT_EQ(conntrack.GetCount(), 1U);
    nat.OnAddressRemoved(wan.index, NfFamily::IPV4, Addr("203.0.113.1"));
    EXPECT_EQ(conntrack.GetCount(), 0U);
    EXPECT_EQ(WanSource("10.0.0.2", 1000), "203.0.113.1:1000");
    nat.OnDeviceDown(wan.index);
    EXPECT_EQ(conntrack.GetCount(), 0U);
}

TEST_F(NfNatTest, MasqueradedFlowThatMovesToAnotherUplinkDies)
{
    Masquerade();
    ASSERT_EQ(WanSource("10.0.0.2", 1000), "203.0.113.1:1000");
    NfDevice& other = stack.AddDevice("dsl");
    stack.AddAddress(other, "192.0.2.1/24");
    stack.AddRoute("198.51.100.0/24", other);
    EXPECT_EQ(WanSource("10.0.0.2", 1000), "drop");
    EXPECT_EQ(conntrack.GetCount(), 0U);
    EXPECT_EQ(counters.Get("drop-nat-device-changed"), 1U);
}

TEST_F(NfNatTest, MasqueradeWithoutAddressDrops)
{
    Masquerade();
    stack.RemoveAddress(wan, Addr("203.0.113.1"));
    stack.RemoveAddress(lan, Addr("10.0.0.1"));
    EXPECT_EQ(WanSource("10.0.0.2", 1000), "drop");
    EXPECT_EQ(counters.Get("drop-nat-no-address"), 1U);
}

struct RedirectCase
{
    const char* name;
    const char* src;
    const char* dst;
    NfHook hook;
    const char* expected;
};

class NfNatRedirectTest : public NfNatFixture, public testing::WithParamInterface<RedirectCase>
{
};

TEST_P(NfNatRedirectTest, GoesToThisNode)
{
    const RedirectCase& c = GetParam();
    stack.AddAddress(lan, "10.0.0.99/24");
    stack.AddAddress(lan, "2001:db8:5::7/64");
    stack.AddAddress(lan, "fe80::1/64");
    auto packet = Builder(c.src, c.dst).Udp(1000, 53).Payload("q").Build();
    nat.Register(packet->GetFamily(), c.hook, NF_PRI_NAT_DST, "test", [&](auto& p, const auto& s) {
        return nat.Redirect(p, NfNatRange{}, s);
    });
    hooks.Run(*packet,
              NfHookState{packet->GetFamily(),
                          c.hook,
                          c.hook == NfHook::PRE_ROUTING ? &lan : nullptr,
                          c.hook == NfHook::PRE_ROUTING ? nullptr : &wan});
    EXPECT_THAT(*packet, AllOf(IsTo(c.expected), HasValidChecksum()));
}

// The kernel keeps IPv6 addresses newest first, those of wider scope before others.
INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfNatRedirectTest,
    testing::Values(
        RedirectCase{"FirstIpv4", "10.0.0.2", SERVER, NfHook::PRE_ROUTING, "10.0.0.1:53"},
        RedirectCase{"LocalIpv4", "203.0.113.1", SERVER, NfHook::LOCAL_OUT, "127.0.0.1:53"},
        RedirectCase{"NewestGlobalIpv6",
                     "2001:db8:1::2",
                     "2001:db8:99::9",
                     NfHook::PRE_ROUTING,
                     "[2001:db8:5::7]:53"},
        RedirectCase{"LinkLocalIpv6", "fe80::2", "fe80::9", NfHook::PRE_ROUTING, "[fe80::1]:53"},
        RedirectCase{"LocalIpv6",
                     "2001:db8:2::1",
                     "2001:db8:99::9",
                     NfHook::LOCAL_OUT,
                     "[::1]:53"}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfNatTest, EchoIdMovesWhenTaken)
{
    Snat(Range("203.0.113.1"));
    auto first = Builder("10.0.0.2", SERVER).EchoRequest(7).Build();
    auto second = Builder("10.0.0.3", SERVER).EchoRequest(7).Build();
    ASSERT_TRUE(Forward(*first, lan));
    ASSERT_TRUE(Forward(*second, lan));
    const uint16_t id = NfReadU16(second->PullTransport(6) + 4);
    EXPECT_NE(id, 7);
    EXPECT_THAT(*second, HasValidChecksum());
    auto reply = Builder(SERVER, "203.0.113.1").EchoReply(id).Build();
    ASSERT_TRUE(Forward(*reply, wan));
    EXPECT_THAT(*reply, AllOf(IsTo("10.0.0.3"), HasValidChecksum()));
    EXPECT_EQ(NfReadU16(reply->PullTransport(6) + 4), 7);
}

struct ErrorCase
{
    const char* name;
    const char* host;
    const char* server;
    const char* router;
    const char* outside;
    uint8_t type;
};

class NfNatErrorTest : public NfNatFixture, public testing::WithParamInterface<ErrorCase>
{
};

TEST_P(NfNatErrorTest, QuotedPacketIsTranslatedBack)
{
    const ErrorCase& c = GetParam();
    const bool v6 = std::string(c.host).find(':') != std::string::npos;
    Snat(Range(c.outside), v6 ? NfFamily::IPV6 : NfFamily::IPV4);
    const Builder question = Builder(c.host, c.server).Udp(1000, 53).Payload("question");
    auto query = question.Build();
    ASSERT_TRUE(Forward(*query, lan));
    auto error =
        Builder(c.router, c.outside).Icmp(c.type, 1).PayloadBytes(query->Serialize()).Build();
    ASSERT_TRUE(Forward(*error, wan));
    EXPECT_THAT(*error, AllOf(IsFrom(c.router), IsTo(c.host), HasValidChecksum()));
    const NfBytes all = error->PullTransportAll();
    auto quoted = NfPacket::Parse(all.Sub(NF_ICMP_HEADER_SIZE), true);
    ASSERT_NE(quoted, nullptr);
    EXPECT_THAT(*quoted, HasHex(NfHex(question.Bytes())));
}

TEST_P(NfNatErrorTest, TruncatedErrorsDoNoHarm)
{
    const ErrorCase& c = GetParam();
    const bool v6 = std::string(c.host).find(':') != std::string::npos;
    Snat(Range(c.outside), v6 ? NfFamily::IPV6 : NfFamily::IPV4);
    auto query = Builder(c.host, c.server).Tcp(1000, 80).Build();
    ASSERT_TRUE(Forward(*query, lan));
    const std::vector<uint8_t> bytes = query->Serialize();
    const size_t header = query->GetIpHeaderSize();
    for (size_t size = 0; size <= bytes.size(); size++)
    {
        const std::vector<uint8_t> part(bytes.begin(), bytes.begin() + static_cast<long>(size));
        auto error = Builder(c.router, c.outside).Icmp(c.type, 1).PayloadBytes(part).Build();
        const bool passed = Forward(*error, wan);
        // Ports are enough to find the connection, but not to translate the quoted header.
        EXPECT_EQ(error->conn.get() != nullptr, size >= header + 4) << size;
        EXPECT_EQ(passed, size < header + 4 || size >= header + 8) << size;
        if (error->conn && passed)
        {
            EXPECT_THAT(*error, AllOf(IsTo(c.host), HasValidChecksum())) << size;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfNatErrorTest,
    testing::Values(
        ErrorCase{"Ipv4Unreachable", "10.0.0.2", SERVER, "192.0.2.1", "203.0.113.1", 3},
        ErrorCase{"Ipv4TimeExceeded", "10.0.0.2", SERVER, "192.0.2.1", "203.0.113.1", 11},
        ErrorCase{"Ipv6Unreachable",
                  "2001:db8:1::2",
                  "2001:db8:99::9",
                  "2001:db8:77::1",
                  "2001:db8:2::1",
                  1}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfNatTest, RedirectAboutTranslatedFlowIsDropped)
{
    Snat(Range("203.0.113.1"));
    auto query = Query("10.0.0.2", 1000);
    ASSERT_TRUE(Forward(*query, lan));
    auto redirect =
        Builder("203.0.113.254", "203.0.113.1").Icmp(5, 1).PayloadBytes(query->Serialize()).Build();
    EXPECT_FALSE(Forward(*redirect, wan));
}

TEST_F(NfNatTest, HairpinTranslatesBothSides)
{
    Dnat("203.0.113.1", Range("10.0.0.5"));
    nat.Register(NfFamily::IPV4,
                 NfHook::POST_ROUTING,
                 NF_PRI_NAT_SRC,
                 "test",
                 [&](NfPacket& packet, const NfHookState&) {
                     return nat.SetupInfo(*packet.conn, Range("10.0.0.1"), NfManip::SRC);
                 });
    auto packet = Builder("10.0.0.2", "203.0.113.1").Tcp(1000, 80).Build();
    ASSERT_TRUE(Forward(*packet, lan));
    EXPECT_THAT(*packet, AllOf(IsFrom("10.0.0.1:1000"), IsTo("10.0.0.5:80"), HasValidChecksum()));
    auto answer = Builder("10.0.0.5", "10.0.0.1").Tcp(80, 1000, "SA").Ack(1).Build();
    ASSERT_TRUE(Forward(*answer, lan));
    EXPECT_THAT(*answer,
                AllOf(IsFrom("203.0.113.1:80"), IsTo("10.0.0.2:1000"), HasValidChecksum()));
}

TEST_F(NfNatTest, ChecksumsAreLeftAloneWhereNobodyKeepsThem)
{
    Snat(Range("203.0.113.1"));
    auto packet = Builder("10.0.0.2", SERVER).Udp(1000, 53).Payload("q").Checksum(0x1234).Build();
    packet->checksumOk = true;
    ASSERT_TRUE(Forward(*packet, lan));
    EXPECT_THAT(*packet, IsFrom("203.0.113.1:1000"));
    EXPECT_EQ(NfReadU16(packet->PullTransport(8) + 6), 0x1234);
}

TEST_F(NfNatTest, UdpWithoutChecksumStaysWithout)
{
    Snat(Range("203.0.113.1"));
    auto packet = Builder("10.0.0.2", SERVER).Udp(1000, 53).Payload("q").Checksum(0).Build();
    ASSERT_TRUE(Forward(*packet, lan));
    EXPECT_EQ(NfReadU16(packet->PullTransport(8) + 6), 0);
}

} // namespace
} // namespace ns3
