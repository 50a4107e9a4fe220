/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-proto-tcp.h"
#include "nf-conntrack-fixture.h"

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NfTcpTrackerTest : public NfConntrackFixture
{
  protected:
    static NfPacketBuilder C(const char* flags, uint32_t seq, uint32_t ack = 0, uint16_t win = 1000)
    {
        return NfPacketBuilder("10.0.0.2", "198.51.100.9")
            .Tcp(1000, 80, flags)
            .Seq(seq)
            .Ack(ack)
            .Window(win);
    }

    static NfPacketBuilder S(const char* flags, uint32_t seq, uint32_t ack = 0, uint16_t win = 1000)
    {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2")
            .Tcp(80, 1000, flags)
            .Seq(seq)
            .Ack(ack)
            .Window(win);
    }

    /// Client at 101, server at 501.
    void Handshake()
    {
        EXPECT_EQ(Forward(C("S", 100)), "NEW");
        EXPECT_EQ(Forward(S("SA", 500, 101)), "ESTABLISHED");
        EXPECT_EQ(Forward(C("A", 101, 501)), "ESTABLISHED");
    }

    /// @return "432000 ESTABLISHED"
    std::string State()
    {
        const std::string line = Only();
        const size_t from = line.find("6 ");
        const size_t to = line.find(" src=");
        return from == std::string::npos || to == std::string::npos
                   ? line
                   : line.substr(from + 2, to - from - 2);
    }
};

TEST_F(NfTcpTrackerTest, LifeOfAConnection)
{
    const struct
    {
        const char* name;
        NfPacketBuilder packet;
        const char* state;
    } cases[] = {
        {"SYN", C("S", 100), "120 SYN_SENT"},
        {"SYN/ACK", S("SA", 500, 101), "60 SYN_RECV"},
        {"ACK", C("A", 101, 501), "432000 ESTABLISHED"},
        {"data", C("PA", 101, 501).Payload("GET"), "300 ESTABLISHED"},
        {"its ACK", S("A", 501, 104), "432000 ESTABLISHED"},
        {"FIN", C("FA", 104, 501), "120 FIN_WAIT"},
        {"its ACK", S("A", 501, 105), "60 CLOSE_WAIT"},
        {"second FIN", S("FA", 501, 105), "30 LAST_ACK"},
        {"last ACK", C("A", 105, 502), "120 TIME_WAIT"},
        {"SYN in TIME_WAIT", C("S", 9000), "120 SYN_SENT"},
    };

    for (const auto& c : cases)
    {
        EXPECT_NE(Forward(c.packet), "INVALID") << c.name;
        EXPECT_EQ(State(), c.state) << c.name;
    }
}

TEST_F(NfTcpTrackerTest, FirstPacketDecides)
{
    const struct
    {
        const char* flags;
        const char* state;
        const char* strict; //!< with tcp_loose=0
    } cases[] = {{"S", "NEW", "NEW"},
                 {"SP", "NEW", "NEW"},
                 {"SEC", "NEW", "NEW"},
                 {"SU", "NEW", "NEW"},
                 {"A", "NEW", "INVALID"},
                 {"PA", "NEW", "INVALID"},
                 {"FA", "INVALID", "INVALID"},
                 {"SA", "INVALID", "INVALID"},
                 {"R", "INVALID", "INVALID"},
                 {"RA", "INVALID", "INVALID"},
                 {"SF", "INVALID", "INVALID"},
                 {"SR", "INVALID", "INVALID"},
                 {"", "INVALID", "INVALID"},
                 {"FPU", "INVALID", "INVALID"}};

    for (const uint8_t loose : {1, 0})
    {
        table.GetConfig().tcpLoose = loose;
        for (const auto& c : cases)
        {
            table.KillIf([](const NfConn&) { return true; });
            EXPECT_EQ(Forward(C(c.flags, 1, 1)), loose ? c.state : c.strict) << c.flags << +loose;
        }
    }
}

TEST_F(NfTcpTrackerTest, PickedUpConnectionIsShortLivedUntilAnswered)
{
    Forward(C("A", 101, 501));
    EXPECT_EQ(State(), "300 ESTABLISHED");
    Forward(S("A", 501, 101));
    EXPECT_EQ(State(), "300 ESTABLISHED");
    Forward(C("A", 101, 501));
    EXPECT_EQ(State(), "432000 ESTABLISHED");
    EXPECT_THAT(Only(), HasSubstr("[ASSURED]"));
}

TEST_F(NfTcpTrackerTest, ResetsMustFit)
{
    const struct
    {
        const char* name;
        uint32_t seq;
        const char* state;
        const char* after;
    } cases[] = {{"exact", 501, "ESTABLISHED", "10 CLOSE"},
                 {"in window", 600, "ESTABLISHED", "10 ESTABLISHED"},
                 {"below what was acknowledged", 499, "INVALID", "432000 ESTABLISHED"},
                 {"above the window", 400000, "INVALID", "432000 ESTABLISHED"}};

    for (const auto& c : cases)
    {
        table.KillIf([](const NfConn&) { return true; });
        Handshake();
        EXPECT_EQ(Forward(S("R", c.seq)), c.state) << c.name;
        EXPECT_EQ(State(), c.after) << c.name;
    }
}

TEST_F(NfTcpTrackerTest, RefusedConnectionIsForgottenAtOnce)
{
    NfEventRecorder events(table);
    Forward(C("S", 100));
    events.Take();
    EXPECT_EQ(Forward(S("RA", 0, 101)), "ESTABLISHED");
    EXPECT_EQ(table.GetCount(), 0U);
    EXPECT_THAT(events.Take(), ElementsAre(StartsWith("[DESTROY] tcp      6 120 CLOSE src")));
}

TEST_F(NfTcpTrackerTest, WindowIsEnforcedUnlessLiberal)
{
    table.GetConfig().logInvalid = 255;
    Handshake();
    EXPECT_EQ(Forward(C("PA", 50000, 501).Payload("x")), "INVALID");
    EXPECT_EQ(Forward(S("A", 501, 90000)), "INVALID");
    ASSERT_EQ(log.GetLines().size(), 2U);
    EXPECT_THAT(log.GetLines()[0].text,
                StartsWith("nf_ct_proto_6: SEQ is over upper bound 1102 (over the window of the "
                           "receiver) IN=lan"));
    EXPECT_THAT(
        log.GetLines()[1].text,
        StartsWith("nf_ct_proto_6: ACK is over upper bound 102 (ACKed data not seen yet) IN=lan"));
    table.GetConfig().tcpBeLiberal = 1;
    EXPECT_EQ(Forward(C("PA", 50000, 501).Payload("x")), "ESTABLISHED");
}

TEST_F(NfTcpTrackerTest, ScaleCountsOnlyIfBothSidesSentIt)
{
    const std::vector<uint8_t> scale7 = {1, 3, 3, 7};
    for (const bool both : {true, false})
    {
        table.KillIf([](const NfConn&) { return true; });
        Forward(C("S", 100).TcpOptions(scale7));
        Forward(both ? S("SA", 500, 101).TcpOptions(scale7) : S("SA", 500, 101));
        Forward(C("A", 101, 501));
        Forward(S("A", 501, 101));
        EXPECT_EQ(Forward(C("PA", 101 + 50000, 501).Payload("x")),
                  both ? "ESTABLISHED" : "INVALID");
    }
}

TEST_F(NfTcpTrackerTest, SynRetransmissionBuysNoTime)
{
    Forward(C("S", 100));
    clock.Advance(20s);
    Forward(C("S", 100));
    EXPECT_EQ(State(), "100 SYN_SENT");
}

TEST_F(NfTcpTrackerTest, SimultaneousOpen)
{
    Forward(C("S", 100));
    Forward(S("S", 500));
    EXPECT_THAT(State(), HasSubstr("SYN_SENT2"));
    Forward(C("SA", 100, 501));
    EXPECT_EQ(State(), "60 SYN_RECV");
    Forward(S("A", 501, 101));
    EXPECT_THAT(State(), HasSubstr("ESTABLISHED"));
}

TEST_F(NfTcpTrackerTest, RetransmissionsWithoutAnswerShortenTheTimeout)
{
    Handshake();
    for (int i = 0; i < 5; ++i)
    {
        Forward(C("A", 101, 501));
    }
    EXPECT_EQ(State(), "300 ESTABLISHED");
}

TEST_F(NfTcpTrackerTest, SetClosingEndsTheEntrySoon)
{
    Handshake();
    table.ForEach([this](NfConn& conn) { table.SetClosing(conn); });
    EXPECT_EQ(State(), "10 CLOSE");
}

TEST_F(NfTcpTrackerTest, BrokenHeadersAreInvalid)
{
    const std::vector<uint8_t> whole = C("S", 100).TcpOptions({2, 4, 5, 180}).Bytes();
    for (size_t size = 0; size < 24; ++size)
    {
        auto packet =
            NfPacketBuilder("10.0.0.2", "198.51.100.9")
                .Raw(NF_IPPROTO_TCP,
                     std::vector<uint8_t>(whole.begin() + 20,
                                          whole.begin() + 20 + static_cast<std::ptrdiff_t>(size)))
                .Build();
        packet->checksumOk = true;
        EXPECT_EQ(Forward(*packet), "INVALID") << size;
    }
    EXPECT_EQ(Forward(C("S", 100).BadChecksum()), "INVALID");
    table.GetConfig().checksum = 0;
    EXPECT_EQ(Forward(C("S", 100).BadChecksum()), "NEW");
}

TEST(NfTcpOptionsTest, OddOptionsAreSurvived)
{
    const struct
    {
        const char* name;
        std::vector<uint8_t> options;
        uint8_t scale;
        uint8_t flags;
    } cases[] = {{"none", {}, 3, 0x0a},
                 {"scale", {3, 3, 7}, 7, 0x09},
                 {"scale too big", {3, 3, 200}, 14, 0x09},
                 {"scale behind the end", {0, 3, 3, 7}, 0, 0x08},
                 {"length 0", {3, 0, 7, 3, 3, 7}, 0, 0x08},
                 {"length 1", {3, 1, 7}, 0, 0x08},
                 {"cut", {1, 1, 3, 3}, 0, 0x08},
                 {"kind without length", {1, 3}, 0, 0x08},
                 {"sack permitted", {4, 2, 3, 3, 1}, 1, 0x0b}};

    for (const auto& c : cases)
    {
        NfTcpWindow window;
        window.scale = 3;
        window.flags = NF_TCP_FLAG_BE_LIBERAL | NF_TCP_FLAG_SACK_PERM;
        NfTcpReadOptions(c.options, window);
        EXPECT_EQ(window.scale, c.scale) << c.name;
        EXPECT_EQ(window.flags, c.flags) << c.name;
    }
    EXPECT_EQ(NfTcpHighestSack(NfUnhex("0101 0512 00000100 00000200 00000300 00000400"), 5),
              0x400U);
    EXPECT_EQ(NfTcpHighestSack(NfUnhex("0101 050b 00000100 00000200 00"), 5), 5U);
    EXPECT_EQ(NfTcpHighestSack(NfUnhex("05"), 5), 5U);
}

} // namespace

} // namespace ns3
