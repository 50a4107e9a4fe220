/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/nat/nf-nat-hash.h"
#include "model/core/nat/nf-nat-proto.h"
#include "testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

using Builder = NfPacketBuilder;

constexpr char A4[] = "10.0.0.2";
constexpr char B4[] = "198.51.100.9";
constexpr char N4[] = "203.0.113.1";
constexpr char A6[] = "2001:db8:1::2";
constexpr char B6[] = "2001:db8:99::9";
constexpr char N6[] = "2001:db8:2::ffff:1";

/// A translation, and the packet that should come out of it, built from nothing.
struct ManipCase
{
    const char* name;
    Builder before;
    Builder after;
    NfManip manip;
    uint16_t port;
};

void
PrintTo(const ManipCase& c, std::ostream* os)
{
    *os << c.name;
}

NfNatTarget
TargetOf(const ManipCase& c)
{
    const auto after = c.after.Build();
    const NfIpHeader& ip = after->GetIp();
    return NfNatTarget{c.manip,
                       after->GetProtocol(),
                       c.port,
                       c.manip == NfManip::SRC ? ip.src : ip.dst};
}

class NfNatManipTest : public testing::TestWithParam<ManipCase>
{
};

TEST_P(NfNatManipTest, EqualsThePacketBuiltThatWay)
{
    const ManipCase& c = GetParam();
    auto packet = c.before.Build();
    ASSERT_TRUE(NfNatManipPacket(*packet, TargetOf(c)));
    EXPECT_THAT(*packet, HasHex(NfHex(c.after.Bytes())));
}

TEST_P(NfNatManipTest, TruncatedAtEachByte)
{
    const ManipCase& c = GetParam();
    auto whole = c.before.Build();
    const NfBytes all = whole->PullTransportAll();
    for (size_t size = 0; size < all.size(); size++)
    {
        const NfBytes part = all.Sub(0, size);
        const std::vector<uint8_t> bytes(part.begin(), part.end());
        auto packet = NfPacket::Make(whole->GetFamily(), whole->GetIp(), bytes);
        EXPECT_EQ(NfNatManipPacket(*packet, TargetOf(c)), size >= 8) << size;
        EXPECT_EQ(packet->GetTransportSize(), size);
    }
}

/// GRE of version 1 (PPTP, RFC 2637) with a call id.
std::vector<uint8_t>
Pptp(uint8_t id)
{
    return {0x30, 0x01, 0x88, 0x0b, 0, 4, 0, id, 0, 0, 0, 1, 'p', 'p', 'p', '!'};
}

std::vector<uint8_t>
Sctp(uint16_t sport, uint16_t dport)
{
    std::vector<uint8_t> bytes(16);
    NfWriteU16(bytes.data(), sport);
    NfWriteU16(bytes.data() + 2, dport);
    bytes[12] = 10; // COOKIE ECHO
    bytes[15] = 4;
    return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfNatManipTest,
    testing::Values(ManipCase{"TcpSource",
                              Builder(A4, B4).Tcp(1000, 80, "PA").Payload("hello"),
                              Builder(N4, B4).Tcp(2000, 80, "PA").Payload("hello"),
                              NfManip::SRC,
                              2000},
                    ManipCase{"TcpDestination",
                              Builder(B4, A4).Tcp(80, 1000, "SA"),
                              Builder(B4, N4).Tcp(80, 8080, "SA"),
                              NfManip::DST,
                              8080},
                    ManipCase{"TcpSource6",
                              Builder(A6, B6).Tcp(1000, 80, "PA").Payload("odd"),
                              Builder(N6, B6).Tcp(65535, 80, "PA").Payload("odd"),
                              NfManip::SRC,
                              65535},
                    ManipCase{"UdpSource",
                              Builder(A4, B4).Udp(1000, 53).Payload("q"),
                              Builder(N4, B4).Udp(1000, 53).Payload("q"),
                              NfManip::SRC,
                              1000},
                    ManipCase{"UdpDestination6",
                              Builder(A6, B6).Udp(1000, 53).Payload("q"),
                              Builder(A6, N6).Udp(1000, 5353).Payload("q"),
                              NfManip::DST,
                              5353},
                    ManipCase{"UdpNoChecksum",
                              Builder(A4, B4).Udp(1000, 53).Payload("q").Checksum(0),
                              Builder(N4, B4).Udp(1001, 53).Payload("q").Checksum(0),
                              NfManip::SRC,
                              1001},
                    ManipCase{"EchoRequest",
                              Builder(A4, B4).EchoRequest(7).Payload("ping"),
                              Builder(N4, B4).EchoRequest(4242).Payload("ping"),
                              NfManip::SRC,
                              4242},
                    ManipCase{"EchoReply6",
                              Builder(B6, A6).EchoReply(7).Payload("ping"),
                              Builder(B6, N6).EchoReply(9).Payload("ping"),
                              NfManip::DST,
                              9},
                    ManipCase{"IcmpError",
                              Builder(A4, B4).Icmp(3, 1).PayloadSize(28),
                              Builder(N4, B4).Icmp(3, 1).PayloadSize(28),
                              NfManip::SRC,
                              4242},
                    ManipCase{"Sctp",
                              Builder(A4, B4).Raw(NF_IPPROTO_SCTP, Sctp(1000, 5060)),
                              Builder(N4, B4).Raw(NF_IPPROTO_SCTP, Sctp(1001, 5060)),
                              NfManip::SRC,
                              1001},
                    ManipCase{"PptpDestination",
                              Builder(B4, N4).Raw(NF_IPPROTO_GRE, Pptp(7)),
                              Builder(B4, A4).Raw(NF_IPPROTO_GRE, Pptp(9)),
                              NfManip::DST,
                              9},
                    ManipCase{"PptpSourceHasNoCallId",
                              Builder(A4, B4).Raw(NF_IPPROTO_GRE, Pptp(7)),
                              Builder(N4, B4).Raw(NF_IPPROTO_GRE, Pptp(7)),
                              NfManip::SRC,
                              9}),
    [](const auto& info) { return info.param.name; });

TEST(NfNatProto, UnknownProtocolsChangeTheirAddressOnly)
{
    auto packet = Builder(A4, B4).Raw(NF_IPPROTO_ESP, {1, 2, 3}).Build();
    const NfAddr addr = NfAddr::Parse(N4, NfFamily::IPV4).value();
    ASSERT_TRUE(NfNatManipPacket(*packet, NfNatTarget{NfManip::SRC, NF_IPPROTO_ESP, 4242, addr}));
    EXPECT_THAT(*packet, HasHex(NfHex(Builder(N4, B4).Raw(NF_IPPROTO_ESP, {1, 2, 3}).Bytes())));
}

TEST(NfNatProto, GreOfUnknownVersionIsRefused)
{
    auto packet = Builder(A4, B4).Raw(NF_IPPROTO_GRE, {0, 2, 8, 0, 0, 0, 0, 0}).Build();
    const NfAddr addr = NfAddr::Parse(N4, NfFamily::IPV4).value();
    EXPECT_FALSE(NfNatManipPacket(*packet, NfNatTarget{NfManip::DST, NF_IPPROTO_GRE, 1, addr}));
}

TEST(NfNatProto, UdpChecksumThatBecomesZeroIsWrittenAsOnes)
{
    // All addresses over one port: some of them give a sum of zero.
    const NfAddr addr = NfAddr::Parse(N4, NfFamily::IPV4).value();
    int ones = 0;
    for (unsigned port = 0; port < 65536; port++)
    {
        auto packet = Builder(A4, B4).Udp(1000, 53).Build();
        ASSERT_TRUE(NfNatManipPacket(
            *packet,
            NfNatTarget{NfManip::SRC, NF_IPPROTO_UDP, static_cast<uint16_t>(port), addr}));
        const uint16_t checksum = NfReadU16(packet->PullTransport(8) + 6);
        ASSERT_NE(checksum, 0) << port;
        ones += checksum == 0xffff;
    }
    EXPECT_GT(ones, 0);
}

TEST(NfNatHash, NeedsNoWords)
{
    EXPECT_EQ(NfJenkinsHash(nullptr, 0, 0), 0xdeadbeefU);
    const uint32_t words[] = {1, 2, 3, 4};
    EXPECT_NE(NfJenkinsHash(words, 4, 0), NfJenkinsHash(words, 4, 1));
    EXPECT_NE(NfJenkinsHash(words, 3, 0), NfJenkinsHash(words, 4, 0));
}

} // namespace
} // namespace ns3
