/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-ip-options.h"
#include "test/core/testing/nf-testing.h"

#include <chrono>
#include <gtest/gtest.h>
#include <random>

namespace ns3
{
namespace
{

using Bytes = std::vector<uint8_t>;

/// 10.0.0.2 behind lan sends through 10.0.0.1, 203.0.113.1 to 198.51.100.9.
class NfIpOptionsTest : public testing::Test
{
  protected:
    NfIpOptionsTest()
        : lan(stack.AddDevice("lan")),
          wan(stack.AddDevice("wan"))
    {
        stack.AddAddress(lan, "10.0.0.1/24");
        stack.AddAddress(wan, "203.0.113.1/24");
        stack.AddRoute("0.0.0.0/0", wan, *NfAddr::Parse("203.0.113.254", NfFamily::IPV4));
        clock.epoch = std::chrono::hours(24 * 365 + 1);
    }

    std::unique_ptr<NfPacket> Packet(Bytes options, const char* dst = "198.51.100.9")
    {
        NfIpHeader ip;
        ip.src = *NfAddr::Parse("10.0.0.2", NfFamily::IPV4);
        ip.dst = *NfAddr::Parse(dst, NfFamily::IPV4);
        ip.protocol = NF_IPPROTO_UDP;
        auto packet = NfPacket::Make(NfFamily::IPV4, ip, Bytes(8));
        packet->SetIpOptions(std::move(options));
        return packet;
    }

    NfIpOptionsFate Receive(NfPacket& packet, bool local = false)
    {
        return options.Receive(packet, &lan, local, pointer);
    }

    NfManualStack stack;
    NfManualClock clock;
    NfDevice& lan;
    NfDevice& wan;
    NfIpOptions options{stack, clock};
    uint8_t pointer{0};
};

TEST_F(NfIpOptionsTest, ForwardedRouteNamesTheDeviceItLeavesBy)
{
    auto packet = Packet({7, 7, 4, 0, 0, 0, 0, 0});
    ASSERT_EQ(Receive(*packet), NfIpOptionsFate::PASS);
    EXPECT_EQ(packet->GetIpOptions(), (Bytes{7, 7, 8, 10, 0, 0, 1, 0}));
    options.Forward(*packet, wan);
    EXPECT_EQ(packet->GetIpOptions(), (Bytes{7, 7, 8, 203, 0, 113, 1, 0}));
}

TEST_F(NfIpOptionsTest, FullRouteStaysAsItIs)
{
    auto packet = Packet({7, 7, 8, 1, 2, 3, 4, 0});
    ASSERT_EQ(Receive(*packet), NfIpOptionsFate::PASS);
    options.Forward(*packet, wan);
    EXPECT_EQ(packet->GetIpOptions(), (Bytes{7, 7, 8, 1, 2, 3, 4, 0}));
}

TEST_F(NfIpOptionsTest, TimestampIsMillisecondsOfTheDay)
{
    clock.Advance(std::chrono::milliseconds(0x102));
    const uint32_t hour = 3600000 + 0x102;
    auto packet = Packet({68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0}, "10.0.0.1");
    ASSERT_EQ(Receive(*packet, true), NfIpOptionsFate::PASS);
    EXPECT_EQ(packet->GetIpOptions(),
              (Bytes{68,
                     12,
                     13,
                     1,
                     10,
                     0,
                     0,
                     1,
                     hour >> 24,
                     hour >> 16 & 0xff,
                     hour >> 8 & 0xff,
                     hour & 0xff}));
}

TEST_F(NfIpOptionsTest, PrespecifiedTimestampIsForItsOwnerOnly)
{
    const Bytes forAnother{68, 12, 5, 3, 198, 51, 100, 9, 0, 0, 0, 0};
    auto packet = Packet(forAnother);
    ASSERT_EQ(Receive(*packet), NfIpOptionsFate::PASS);
    EXPECT_EQ(packet->GetIpOptions(), forAnother);
    packet = Packet({68, 12, 5, 3, 10, 0, 0, 1, 0, 0, 0, 0});
    ASSERT_EQ(Receive(*packet), NfIpOptionsFate::PASS);
    EXPECT_EQ(packet->GetIpOptions()[2], 13);
}

TEST_F(NfIpOptionsTest, OverflowIsCounted)
{
    auto packet = Packet({68, 4, 5, 0xe0});
    ASSERT_EQ(Receive(*packet), NfIpOptionsFate::PASS);
    EXPECT_EQ(packet->GetIpOptions(), (Bytes{68, 4, 5, 0xf0}));
    EXPECT_EQ(Receive(*packet), NfIpOptionsFate::BAD);
    EXPECT_EQ(pointer, 23);
}

TEST_F(NfIpOptionsTest, AnswerTakesTheNextSlot)
{
    auto packet = Packet({7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "10.0.0.1");
    ASSERT_EQ(Receive(*packet, true), NfIpOptionsFate::PASS);
    const auto answer = options.Echo(*packet, packet->GetIp().dst);
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (Bytes{7, 11, 12, 10, 0, 0, 1, 10, 0, 0, 1, 0}));
}

TEST_F(NfIpOptionsTest, SourceRoutesEnd)
{
    EXPECT_EQ(Receive(*Packet({131, 7, 4, 9, 9, 9, 9, 0})), NfIpOptionsFate::SOURCE_ROUTE);
    EXPECT_EQ(Receive(*Packet({131, 3, 4, 137, 3, 4, 0, 0})), NfIpOptionsFate::BAD);
    EXPECT_EQ(pointer, 23);
}

TEST_F(NfIpOptionsTest, AnyBytesAreReadWithinBounds)
{
    constexpr uint8_t TYPES[] = {0, 1, 7, 68, 131, 134, 137, 148, 130};
    std::mt19937 random(1);
    size_t passed = 0;
    for (int i = 0; i < 20000; ++i)
    {
        Bytes bytes(4 * (1 + random() % 10));
        for (uint8_t& byte : bytes)
        {
            byte = static_cast<uint8_t>(random() % 3 ? random() % 14 : TYPES[random() % 9]);
        }
        auto packet = Packet(bytes);
        passed += Receive(*packet) == NfIpOptionsFate::PASS ? 1 : 0;
        options.Forward(*packet, wan);
        options.Echo(*packet, packet->GetIp().dst);
        ASSERT_EQ(packet->GetIpOptions().size(), bytes.size());
        // A function may have put others in their place.
        packet->SetIpOptions(Bytes(4, 7));
        options.Forward(*packet, wan);
        options.Echo(*packet, packet->GetIp().dst);
    }
    EXPECT_GT(passed, 1000U);
}

} // namespace
} // namespace ns3
