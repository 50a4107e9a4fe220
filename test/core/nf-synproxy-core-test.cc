/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-synproxy-core.h"
#include "nf-nat-fixture.h"

namespace ns3
{

namespace
{

using namespace std::chrono_literals;

constexpr NfSynproxyInfo INFO{NF_SYNPROXY_MSS | NF_SYNPROXY_WSCALE | NF_SYNPROXY_SACK_PERM |
                                  NF_SYNPROXY_TIMESTAMP,
                              7,
                              1460};

/// What became of a packet that the target got.
enum class Fate
{
    STOLEN,
    DROP,
    CONTINUE,
};

class NfSynproxyTest : public NfNatFixture
{
  protected:
    NfSynproxyTest()
    {
        proxy.Enable(NfFamily::IPV4);
    }

    Fate Target(NfPacketBuilder packet)
    {
        auto built = packet.Build();
        const std::optional<NfVerdict> verdict = proxy.Target(*built, INFO);
        return !verdict ? Fate::CONTINUE : *verdict == NfVerdict::DROP ? Fate::DROP : Fate::STOLEN;
    }

    static NfPacketBuilder Client(std::string_view flags, uint32_t seq, uint32_t ack = 0)
    {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2").Tcp(4000, 80, flags).Seq(seq).Ack(ack);
    }

    /// @return a field of the last packet that was sent
    uint32_t Sent32(size_t offset) const
    {
        return NfReadU32(stack.sent.back()->PullTransport(offset + 4) + offset);
    }

    std::vector<uint8_t> SentOptions() const
    {
        const NfBytes all = stack.sent.back()->PullTransportAll();
        return {all.begin() + NF_TCP_HEADER_SIZE, all.end()};
    }

    NfSynproxy proxy{conntrack, stack};
};

TEST_F(NfSynproxyTest, SynIsAnsweredAndNothingIsKept)
{
    EXPECT_EQ(Target(Client("S", 100).TcpOptions({2, 4, 5, 0x78})), Fate::STOLEN);
    ASSERT_EQ(stack.sent.size(), 1U);
    const NfPacket& answer = *stack.sent[0];
    EXPECT_EQ(NfEndpointText(answer, true), "10.0.0.2:80");
    EXPECT_EQ(answer.PullTransport(14)[NF_TCP_FLAGS], NF_TCP_SYN | NF_TCP_ACK);
    EXPECT_EQ(Sent32(NF_TCP_ACKNO), 101U);
    EXPECT_EQ(SentOptions(), (std::vector<uint8_t>{2, 4, 1460 >> 8, 1460 & 255}));
    EXPECT_TRUE(NfChecksumVerify(answer, answer.GetTransportOffset(), NF_IPPROTO_TCP));
    EXPECT_EQ(conntrack.GetCount(), 0U);
}

TEST_F(NfSynproxyTest, CookieOpensTheServersHalf)
{
    Target(Client("S", 100));
    const uint32_t isn = Sent32(NF_TCP_SEQ);
    EXPECT_EQ(Target(Client("A", 101, isn + 1)), Fate::STOLEN);
    ASSERT_EQ(stack.sent.size(), 2U);
    const NfPacket& syn = *stack.sent[1];
    EXPECT_EQ(NfEndpointText(syn, true), "198.51.100.9:4000");
    EXPECT_EQ(syn.PullTransport(14)[NF_TCP_FLAGS], NF_TCP_SYN);
    EXPECT_EQ(Sent32(NF_TCP_SEQ), 100U);
    EXPECT_EQ(SentOptions(), (std::vector<uint8_t>{2, 4, 536 >> 8, 536 & 255}));
    ASSERT_TRUE(syn.conn);
    EXPECT_TRUE(syn.conn->IsTemplate());
}

struct CookieCase
{
    const char* name;
    uint32_t seq;
    int32_t ack;  //!< relative to the right one
    NfTime later; //!< after the SYN
    Fate fate;
};

class NfSynproxyCookieTest : public NfSynproxyTest, public testing::WithParamInterface<CookieCase>
{
};

TEST_P(NfSynproxyCookieTest, OnlyTheRightOneCounts)
{
    const CookieCase& c = GetParam();
    Target(Client("S", 100).TcpOptions({2, 4, 5, 0xb4}));
    const uint32_t isn = Sent32(NF_TCP_SEQ);
    clock.Advance(c.later);
    EXPECT_EQ(Target(Client("A", c.seq, isn + 1 + static_cast<uint32_t>(c.ack))), c.fate);
    EXPECT_EQ(counters.Get("synproxy-cookie-valid"), c.fate == Fate::STOLEN ? 1U : 0U);
    EXPECT_EQ(counters.Get("synproxy-cookie-invalid"), c.fate == Fate::STOLEN ? 0U : 1U);
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         NfSynproxyCookieTest,
                         testing::Values(CookieCase{"Right", 101, 0, 0s, Fate::STOLEN},
                                         CookieCase{"NextMinute", 101, 0, 60s, Fate::STOLEN},
                                         CookieCase{"TooOld", 101, 0, 121s, Fate::DROP},
                                         CookieCase{"ClassBeyondTheTable", 101, 1, 0s, Fate::DROP},
                                         CookieCase{"OtherAck", 101, 1000, 0s, Fate::DROP},
                                         CookieCase{"OtherSeq", 5000, 0, 0s, Fate::DROP}),
                         [](const auto& info) { return info.param.name; });

TEST_F(NfSynproxyTest, TimestampsCarryTheOptions)
{
    clock.Advance(1000s);
    // SACK permitted, timestamp 111, window scale 8
    Target(Client("S", 100).TcpOptions(
        {2, 4, 5, 0x78, 4, 2, 8, 10, 0, 0, 0, 111, 0, 0, 0, 0, 1, 3, 3, 8}));
    const std::vector<uint8_t> offered = SentOptions();
    ASSERT_EQ(offered.size(), 20U);
    const uint32_t stamp = NfReadU32(&offered[8]);
    EXPECT_EQ(stamp & 0x3f, 8U | 1U << 4) << "scale and SACK";
    EXPECT_EQ(NfReadU32(&offered[12]), 111U);
    EXPECT_EQ(offered[19], INFO.wscale) << "the server's";
    const uint32_t isn = Sent32(NF_TCP_SEQ);
    std::vector<uint8_t> stamps{1, 1, 8, 10, 0, 0, 0, 112, 0, 0, 0, 0};
    NfWriteU32(&stamps[8], stamp);
    Target(Client("A", 101, isn + 1).TcpOptions(stamps));
    const std::vector<uint8_t> relayed = SentOptions();
    ASSERT_EQ(relayed.size(), 20U);
    EXPECT_EQ(relayed[19], 8U) << "the client's";
    EXPECT_EQ(relayed[4], 4U) << "SACK permitted";
}

TEST_F(NfSynproxyTest, OtherSegmentsAreLeftToTheNextRule)
{
    for (const char* flags : {"R", "RA", "F", "FA", "SA", "SF", "SR", ""})
    {
        EXPECT_EQ(Target(Client(flags, 100)), Fate::CONTINUE) << flags;
    }
    EXPECT_TRUE(stack.sent.empty());
}

TEST_F(NfSynproxyTest, TruncatedAndOddSegmentsDoNoHarm)
{
    const auto whole =
        Client("S", 100).TcpOptions({2, 4, 5, 0x78, 4, 2, 8, 10, 0, 0, 0, 111, 0, 0, 0, 0}).Build();
    const NfBytes all = whole->PullTransportAll();
    for (size_t n = 0; n < all.size(); ++n)
    {
        std::vector<uint8_t> bytes(all.begin(), all.begin() + n);
        auto packet = NfPacket::Make(NfFamily::IPV4, whole->GetIp(), bytes);
        NfChecksumWrite(*packet);
        EXPECT_EQ(proxy.Target(*packet, INFO), NfVerdict(NfVerdict::DROP)) << n;
    }
    for (size_t at = NF_TCP_HEADER_SIZE; at < all.size(); ++at)
    {
        for (const uint8_t value : {0, 1, 2, 3, 8, 255})
        {
            std::vector<uint8_t> bytes(all.begin(), all.end());
            bytes[at] = value;
            auto packet = NfPacket::Make(NfFamily::IPV4, whole->GetIp(), bytes);
            NfChecksumWrite(*packet);
            EXPECT_EQ(proxy.Target(*packet, INFO), NfVerdict(NfVerdict::STOLEN)) << at;
        }
    }
}

TEST_F(NfSynproxyTest, BadChecksumIsDropped)
{
    auto packet = Client("S", 100).Build();
    packet->MakeTransportWritable(NF_TCP_HEADER_SIZE)[NF_TCP_CHECKSUM] ^= 1;
    EXPECT_EQ(proxy.Target(*packet, INFO), NfVerdict(NfVerdict::DROP));
}

TEST_F(NfSynproxyTest, HooksCountTheirUsers)
{
    const size_t before = hooks.List(NfFamily::IPV4, NfHook::POST_ROUTING).size();
    proxy.Enable(NfFamily::IPV4);
    proxy.Disable(NfFamily::IPV4);
    EXPECT_EQ(hooks.List(NfFamily::IPV4, NfHook::POST_ROUTING).size(), before);
    proxy.Disable(NfFamily::IPV4);
    EXPECT_EQ(hooks.List(NfFamily::IPV4, NfHook::POST_ROUTING).size(), before - 1);
}

} // namespace

} // namespace ns3
