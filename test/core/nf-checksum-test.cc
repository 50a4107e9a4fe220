/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/packet/nf-checksum.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

uint16_t
SlowChecksum(const std::vector<uint8_t>& bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i += 2)
    {
        sum += bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

TEST(NfChecksumTest, AgreesWithTheDefinitionForEveryLength)
{
    NfSeededRandom random(7);
    std::vector<uint8_t> bytes;
    for (size_t size = 0; size < 200; ++size)
    {
        EXPECT_EQ(NfChecksumFold(NfChecksumPartial(bytes)), SlowChecksum(bytes)) << size;
        bytes.push_back(static_cast<uint8_t>(size % 3 == 0 ? 0xff : random.Next()));
    }
}

TEST(NfChecksumTest, AllOnesDoNotOverflow)
{
    const std::vector<uint8_t> bytes(65535, 0xff);
    EXPECT_EQ(NfChecksumFold(NfChecksumPartial(bytes, 0xffffffff)), 0xff);
}

TEST(NfChecksumTest, IncrementalUpdateEqualsRecomputation)
{
    NfSeededRandom random(3);
    std::vector<uint8_t> bytes(40);
    for (int round = 0; round < 1000; ++round)
    {
        for (uint8_t& byte : bytes)
        {
            byte = static_cast<uint8_t>(random.Next());
        }
        const uint16_t before = SlowChecksum(bytes);
        const uint32_t oldValue = NfReadU32(&bytes[8]);
        const uint32_t newValue = random.Next();
        NfWriteU32(&bytes[8], newValue);
        EXPECT_EQ(NfChecksumAdjust32(before, oldValue, newValue), SlowChecksum(bytes));
    }
}

TEST(NfChecksumTest, Crc32cKnownValues)
{
    // RFC 3720 appendix B.4
    EXPECT_EQ(NfCrc32c(std::vector<uint8_t>(32, 0)), 0x8a9136aaU);
    EXPECT_EQ(NfCrc32c(std::vector<uint8_t>(32, 0xff)), 0x62a8ab43U);
}

struct VerifyCase
{
    const char* name;
    const char* src;
    const char* dst;
    int protocol;
};

class NfChecksumVerifyTest : public testing::TestWithParam<VerifyCase>
{
  protected:
    NfPacketBuilder Builder() const
    {
        const VerifyCase& c = GetParam();
        NfPacketBuilder b(c.src, c.dst);
        switch (c.protocol)
        {
        case NF_IPPROTO_TCP:
            return b.Tcp(1, 2, "SA").Payload("odd");
        case NF_IPPROTO_UDP:
            return b.Udp(1, 2).Payload("odd");
        case NF_IPPROTO_UDPLITE:
            return b.UdpLite(1, 2).Payload("odd");
        default:
            return b.EchoRequest(1).Payload("odd");
        }
    }
};

TEST_P(NfChecksumVerifyTest, AcceptsWrittenAndRefusesEveryFlippedByte)
{
    auto packet = Builder().Build();
    ASSERT_THAT(*packet, HasValidChecksum());
    for (size_t i = 0; i < packet->GetTransportSize(); ++i)
    {
        packet->MakeTransportWritable(i + 1)[i] ^= 0x21;
        EXPECT_THAT(*packet, testing::Not(HasValidChecksum())) << "byte " << i;
        packet->MakeTransportWritable(i + 1)[i] ^= 0x21;
    }
    EXPECT_THAT(*Builder().BadChecksum().Build(), testing::Not(HasValidChecksum()));
}

TEST_P(NfChecksumVerifyTest, NothingIsCheckedOrWrittenWhenChecksumsAreOff)
{
    auto packet = Builder().Checksum(0).Build();
    const std::string before = NfHex(packet->Serialize());
    packet->checksumOk = true;
    NfChecksumWrite(*packet);
    EXPECT_EQ(NfHex(packet->Serialize()), before);
    EXPECT_THAT(*packet, HasValidChecksum());
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfChecksumVerifyTest,
    testing::Values(VerifyCase{"Tcp4", "10.0.0.2", "10.0.0.3", NF_IPPROTO_TCP},
                    VerifyCase{"Tcp6", "2001:db8::1", "2001:db8::2", NF_IPPROTO_TCP},
                    VerifyCase{"Udp4", "10.0.0.2", "10.0.0.3", NF_IPPROTO_UDP},
                    VerifyCase{"Udp6", "2001:db8::1", "2001:db8::2", NF_IPPROTO_UDP},
                    VerifyCase{"UdpLite4", "10.0.0.2", "10.0.0.3", NF_IPPROTO_UDPLITE},
                    VerifyCase{"Icmp4", "10.0.0.2", "10.0.0.3", NF_IPPROTO_ICMP},
                    VerifyCase{"Icmp6", "2001:db8::1", "2001:db8::2", NF_IPPROTO_ICMPV6}),
    [](const auto& info) { return info.param.name; });

TEST(NfChecksumTest, ComputedUdpZeroIsStoredAsOnes)
{
    // The payload makes the sum come out as zero.
    auto packet = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(0, 0).PayloadBytes({0, 0}).Build();
    const uint16_t stored = NfReadU16(packet->PullTransport(8) + 6);
    NfWriteU16(packet->MakeTransportWritable(10) + 8, stored);
    NfChecksumWrite(*packet);
    EXPECT_EQ(NfReadU16(packet->PullTransport(8) + 6), 0xffff);
    EXPECT_THAT(*packet, HasValidChecksum());
}

} // namespace
} // namespace ns3
