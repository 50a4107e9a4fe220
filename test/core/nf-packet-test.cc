/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/packet/nf-packet.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

TEST(NfPacketTest, SerializeReturnsWhatParseRead)
{
    const std::vector<NfPacketBuilder> builders = {
        NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80, "SA").Seq(1).Id(7).DontFragment(),
        NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(5, 6).IpOptions({1, 1, 1, 0}).Tos(0xb8).Ttl(3),
        NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(5, 6).PayloadSize(40).Fragment(8, 16, true, 9),
        NfPacketBuilder("2001:db8::1", "2001:db8::2").Udp(5, 6).FlowLabel(0xabcde).Tos(0x28),
        NfPacketBuilder("2001:db8::1", "2001:db8::2")
            .Udp(5, 6)
            .PayloadSize(40)
            .Fragment(8, 16, true),
    };
    for (const NfPacketBuilder& builder : builders)
    {
        const std::vector<uint8_t> bytes = builder.Bytes();
        auto packet = NfPacket::Parse(bytes);
        ASSERT_TRUE(packet);
        EXPECT_EQ(NfHex(packet->Serialize()), NfHex(bytes));
    }
}

TEST(NfPacketTest, EveryTruncationIsRefused)
{
    for (const NfPacketBuilder& b :
         {NfPacketBuilder("10.0.0.2", "10.0.0.3").Tcp(1, 2).IpOptions({1, 1, 1, 1}),
          NfPacketBuilder("2001:db8::1", "2001:db8::2").Tcp(1, 2)})
    {
        const std::vector<uint8_t> bytes = b.Bytes();
        for (size_t size = 0; size < bytes.size(); ++size)
        {
            EXPECT_FALSE(NfPacket::Parse(NfBytes(bytes.data(), size))) << size;
        }
        EXPECT_TRUE(NfPacket::Parse(bytes));
    }
}

struct HeaderCase
{
    const char* name;
    size_t offset;
    uint8_t value;
    bool acceptedWithoutChecksum;
};

class NfPacketHeaderTest : public testing::TestWithParam<HeaderCase>
{
};

TEST_P(NfPacketHeaderTest, IsAcceptedAsIpRcvDoes)
{
    const HeaderCase& c = GetParam();
    std::vector<uint8_t> bytes = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Bytes();
    bytes[c.offset] = c.value;
    EXPECT_EQ(NfPacket::Parse(bytes, false) != nullptr, c.acceptedWithoutChecksum);
    EXPECT_FALSE(NfPacket::Parse(bytes)) << "the header checksum no longer fits";
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         NfPacketHeaderTest,
                         testing::Values(HeaderCase{"Version5", 0, 0x55, false},
                                         HeaderCase{"HeaderTooShort", 0, 0x44, false},
                                         HeaderCase{"HeaderPastTheEnd", 0, 0x4f, false},
                                         HeaderCase{"LengthPastTheEnd", 3, 200, false},
                                         HeaderCase{"LengthInsideTheHeader", 3, 19, false},
                                         HeaderCase{"OtherTtl", 8, 1, true}),
                         [](const auto& info) { return info.param.name; });

TEST(NfPacketTest, BytesBehindTheTotalLengthAreCutOff)
{
    std::vector<uint8_t> bytes = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Bytes();
    bytes.resize(60, 0xee);
    EXPECT_EQ(NfPacket::Parse(bytes)->GetLength(), 28U);
}

TEST(NfPacketTest, MulticastSourceIsNoIpv6Packet)
{
    std::vector<uint8_t> bytes = NfPacketBuilder("2001:db8::1", "2001:db8::2").Udp(1, 2).Bytes();
    bytes[8] = 0xff;
    EXPECT_FALSE(NfPacket::Parse(bytes));
}

struct ChainCase
{
    const char* name;
    uint8_t next;    //!< of the fixed header
    const char* hex; //!< behind it
    bool valid;
    int protocol;
    size_t offset;
};

class NfExtensionTest : public testing::TestWithParam<ChainCase>
{
};

TEST_P(NfExtensionTest, TransportIsFound)
{
    const ChainCase& c = GetParam();
    NfIpHeader ip;
    ip.protocol = c.next;
    auto packet = NfPacket::Make(NfFamily::IPV6, ip, NfUnhex(c.hex));
    EXPECT_EQ(packet->IsTransportValid(), c.valid);
    EXPECT_EQ(packet->GetProtocol(), c.protocol);
    EXPECT_EQ(packet->GetTransportOffset(), c.offset);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfExtensionTest,
    testing::Values(ChainCase{"Plain", 17, "0001000200080000", true, 17, 0},
                    ChainCase{"Empty", 17, "", true, 17, 0},
                    ChainCase{"HopByHop", 0, "1100000000000000 0001", true, 17, 8},
                    ChainCase{"TwoHeaders",
                              0,
                              "3c00000000000000 1101000000000000 0000000000000000",
                              true,
                              17,
                              24},
                    ChainCase{"Authentication", 51, "0601000000000000 00000000", true, 6, 12},
                    ChainCase{"NoNextHeader", 59, "ffff", true, 59, 0},
                    ChainCase{"Truncated", 0, "11", false, 255, 0},
                    ChainCase{"LengthPastTheEnd", 60, "1105000000000000", false, 255, 0},
                    ChainCase{"FragmentTruncated", 44, "11000001 000000", false, 255, 0},
                    ChainCase{"FirstFragment", 44, "1100000100000007 00010002", true, 17, 8},
                    ChainCase{"LaterFragment", 44, "1100000900000007 00010002", true, 17, 8},
                    ChainCase{"ExtensionInLaterFragment",
                              44,
                              "3c00000900000007 1100000000000000",
                              false,
                              255,
                              0}),
    [](const auto& info) { return info.param.name; });

TEST(NfPacketTest, Ipv6FragmentFieldsComeFromTheFragmentHeader)
{
    NfIpHeader ip;
    ip.protocol = NF_IPPROTO_FRAGMENT;
    auto later = NfPacket::Make(NfFamily::IPV6, ip, NfUnhex("1100 0fa9 00000007 aabb"));
    EXPECT_TRUE(later->GetIp().fragment && later->GetIp().moreFragments &&
                later->IsLaterFragment());
    EXPECT_EQ(later->GetIp().fragOffset, 4008);
    EXPECT_EQ(later->GetIp().id, 7U);
    auto atomic = NfPacket::Make(NfFamily::IPV6, ip, NfUnhex("1100 0000 00000007 aabb"));
    EXPECT_TRUE(atomic->GetIp().atomic && atomic->GetIp().fragment);
    EXPECT_FALSE(atomic->IsLaterFragment());
}

struct ReplaceCase
{
    const char* name;
    size_t offset;
    size_t remove;
    const char* insert;
    const char* result;
};

class NfVectorBufferTest : public testing::TestWithParam<ReplaceCase>
{
};

TEST_P(NfVectorBufferTest, Replace)
{
    const ReplaceCase& c = GetParam();
    NfVectorBuffer buffer(NfUnhex("0001020304"));
    buffer.Replace(c.offset, c.remove, NfUnhex(c.insert));
    EXPECT_EQ(NfHex(buffer.GetBytes()), c.result);
    EXPECT_EQ(buffer.GetSize(), buffer.GetBytes().size());
    EXPECT_EQ(buffer.Pull(buffer.GetSize() + 1), nullptr);
    EXPECT_EQ(buffer.MakeWritable(buffer.GetSize() + 1), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         NfVectorBufferTest,
                         testing::Values(ReplaceCase{"Same", 1, 2, "aabb", "00aabb0304"},
                                         ReplaceCase{"Longer", 1, 1, "aabbcc", "00aabbcc020304"},
                                         ReplaceCase{"Shorter", 0, 4, "aa", "aa04"},
                                         ReplaceCase{"Append", 5, 0, "aa", "0001020304aa"},
                                         ReplaceCase{"All", 0, 5, "", ""},
                                         ReplaceCase{"PastTheEnd", 9, 9, "aa", "0001020304aa"}),
                         [](const auto& info) { return info.param.name; });

TEST(NfPacketTest, MovedAndClonedPacketsOwnTheirBytes)
{
    NfVectorBuffer buffer(NfUnhex("0001000200080000"));
    NfPacket onStack(NfFamily::IPV4, buffer);
    NfIpHeader ip;
    ip.protocol = NF_IPPROTO_UDP;
    onStack.SetIp(ip);
    onStack.ParseTransport();
    onStack.mark = 5;
    onStack.fragMaxSize = 1000;
    auto moved = onStack.MoveToHeap();
    buffer.MakeWritable(1)[0] = 0xff;
    auto copy = moved->Clone();
    moved->MakeTransportWritable(2)[1] = 9;
    EXPECT_EQ(NfReadU16(moved->PullTransport(2)), 9);
    EXPECT_EQ(NfReadU16(copy->PullTransport(2)), 1);
    EXPECT_EQ(copy->mark, 5U);
    EXPECT_EQ(copy->fragMaxSize, 1000U);
    EXPECT_EQ(copy->GetProtocol(), NF_IPPROTO_UDP);
}

TEST(NfPacketTest, OnlyMutableIpCountsAsChange)
{
    auto packet = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Build();
    EXPECT_FALSE(packet->IsIpChanged());
    packet->MutableIp().ttl = 1;
    EXPECT_TRUE(packet->IsIpChanged());
}

} // namespace
} // namespace ns3
