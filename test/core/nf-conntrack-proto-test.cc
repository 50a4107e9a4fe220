/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-proto-gre.h"
#include "nf-conntrack-fixture.h"

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::HasSubstr;
using ::testing::StartsWith;

class NfTrackersTest : public NfConntrackFixture
{
  protected:
    /// One SCTP packet. @param chunks hex digits
    NfPacketBuilder Sctp(bool reply, const char* vtag, const std::string& chunks)
    {
        const std::string ports = reply ? "07d003e8" : "03e807d0";
        return NfPacketBuilder(reply ? "198.51.100.9" : "10.0.0.2",
                               reply ? "10.0.0.2" : "198.51.100.9")
            .Raw(NF_IPPROTO_SCTP, NfUnhex(ports + vtag + "00000000" + chunks));
    }
};

TEST_F(NfTrackersTest, UnknownProtocolsHaveNoPorts)
{
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(NF_IPPROTO_ESP, {1})), "NEW");
    EXPECT_EQ(Only(),
              "unknown  50 600 src=10.0.0.2 dst=198.51.100.9 [UNREPLIED] src=198.51.100.9 "
              "dst=10.0.0.2 mark=0 use=1");
    EXPECT_EQ(Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2").Raw(NF_IPPROTO_ESP)),
              "ESTABLISHED");
}

TEST_F(NfTrackersTest, BrokenUdpIsInvalid)
{
    table.GetConfig().logInvalid = 17;

    const struct
    {
        const char* name;
        std::vector<uint8_t> bytes;
        const char* text;
    } cases[] = {{"header cut", {0, 1, 0, 2, 0, 8, 0}, "nf_ct_proto_17: short packet "},
                 {"length below the header",
                  {0, 1, 0, 2, 0, 4, 0, 0},
                  "nf_ct_proto_17: truncated/malformed packet "},
                 {"length behind the end",
                  {0, 1, 0, 2, 0, 9, 0, 0},
                  "nf_ct_proto_17: truncated/malformed packet "}};

    for (const auto& c : cases)
    {
        log.Clear();
        auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9")
                          .Raw(NF_IPPROTO_UDP, c.bytes)

                          .Build();
        EXPECT_EQ(Forward(*packet), "INVALID") << c.name;
        ASSERT_EQ(log.GetLines().size(), 1U) << c.name;
        EXPECT_THAT(log.GetLines()[0].text, StartsWith(c.text)) << c.name;
        EXPECT_EQ(log.GetLines()[0].level, 5) << c.name;
    }
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).BadChecksum()),
              "INVALID");
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).Checksum(0)), "NEW");
}

TEST_F(NfTrackersTest, RightUdpliteChecksumsLookWrong)
{
    const auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").UdpLite(1, 2).Payload("x");
    EXPECT_EQ(Forward(packet), "INVALID");
    table.GetConfig().checksum = 0;
    EXPECT_EQ(Forward(packet), "NEW");
    EXPECT_THAT(Only(), StartsWith("udplite  136 30 "));
}

TEST_F(NfTrackersTest, IcmpQueriesByType)
{
    const struct
    {
        uint8_t type;
        const char* state;
    } cases[] = {{8, "NEW"},
                 {13, "NEW"},
                 {15, "NEW"},
                 {17, "NEW"},
                 {0, "INVALID"},
                 {14, "INVALID"},
                 {9, "INVALID"},
                 {19, "INVALID"}};

    for (const auto& c : cases)
    {
        EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Icmp(c.type, 0, 1 << 16)),
                  c.state)
            << +c.type;
    }
    EXPECT_EQ(Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2").Icmp(0, 0, 1 << 16)),
              "ESTABLISHED");
}

TEST_F(NfTrackersTest, RedirectsOfIpv6NeedTheLink)
{
    const auto flow = NfPacketBuilder("2001:db8:1::2", "2001:db8:2::9").Udp(1, 2).Payload("x");
    Forward(flow);
    std::vector<uint8_t> body(32);
    body.push_back(4);
    body.push_back(10);
    body.resize(40);
    const std::vector<uint8_t> quote = flow.Bytes();
    body.insert(body.end(), quote.begin(), quote.end());
    const auto redirect = [&](const char* src, uint8_t ttl) {
        return NfPacketBuilder(src, "2001:db8:1::2").Icmp(137).PayloadBytes(body).Ttl(ttl);
    };
    EXPECT_EQ(Forward(redirect("fe80::1", 255)), "RELATED");
    EXPECT_EQ(Forward(redirect("fe80::1", 64)), "INVALID");
    EXPECT_EQ(Forward(redirect("2001:db8:1::1", 255)), "INVALID");
}

TEST_F(NfTrackersTest, SctpAssociation)
{
    table.GetConfig().checksum = 0;

    const struct
    {
        const char* name;
        bool reply;
        const char* vtag;
        const char* chunks;
        const char* line; //!< behind "sctp     132 "
    } steps[] = {
        {"INIT", false, "00000000", "01000014 0000000a 00010000 00010001 00000001", "10 CLOSED "},
        {"INIT ACK",
         true,
         "0000000a",
         "02000014 0000000b 00010000 00010001 00000001",
         "3 COOKIE_WAIT "},
        {"COOKIE ECHO", false, "0000000b", "0a000008 00000000", "3 COOKIE_ECHOED "},
        {"COOKIE ACK", true, "0000000a", "0b000004", "210 ESTABLISHED "},
        {"DATA", false, "0000000b", "00030010 00000001 00000000 00000000", "210 ESTABLISHED "},
        {"SHUTDOWN", false, "0000000b", "07000008 00000001", "3 SHUTDOWN_SENT "},
        {"SHUTDOWN ACK", true, "0000000a", "08000004", "3 SHUTDOWN_ACK_SENT "},
        {"SHUTDOWN COMPLETE", false, "0000000b", "0e000004", "10 CLOSED "}};

    for (const auto& step : steps)
    {
        EXPECT_NE(Forward(Sctp(step.reply, step.vtag, step.chunks)), "INVALID") << step.name;
        EXPECT_THAT(Only(), StartsWith(std::string("sctp     132 ") + step.line)) << step.name;
    }
}

TEST_F(NfTrackersTest, OddSctpIsInvalid)
{
    table.GetConfig().checksum = 0;

    const struct
    {
        const char* name;
        const char* vtag;
        const char* chunks;
    } cases[] = {
        {"no chunk", "00000000", ""},
        {"chunk cut", "00000000", "0100"},
        {"length 0", "00000001", "00000000"},
        {"INIT with a tag", "00000001", "01000014 0000000a 00010000 00010001 00000001"},
        {"INIT cut", "00000000", "01000014 0000000a"},
        {"INIT and more", "00000000", "01000014 0000000a 00010000 00010001 00000001 00000004"},
        {"ABORT out of the blue", "00000001", "06000004"},
        {"COOKIE ACK out of the blue", "00000001", "0b000004"}};

    for (const auto& c : cases)
    {
        EXPECT_EQ(Forward(Sctp(false, c.vtag, c.chunks)), "INVALID") << c.name;
    }
    EXPECT_EQ(Forward(Sctp(false, "00000007", "04000004")), "NEW");
    EXPECT_THAT(Only(), HasSubstr("30 HEARTBEAT_SENT"));
}

TEST_F(NfTrackersTest, PptpCallsAreFoundByTheKeymap)
{
    const std::vector<uint8_t> data = NfUnhex("3001880b 0000 1234 00000000");
    auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(NF_IPPROTO_GRE, data).Build();
    NfTuple tuple;
    ASSERT_TRUE(table.GetTuple(*packet, 0, tuple));
    EXPECT_EQ(tuple.dport, 0x1234);
    EXPECT_EQ(tuple.sport, 0);
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 1723));
    NfConnPtr master;
    table.ForEach([&](NfConn& conn) { master = NfConnPtr(&conn); });
    tuple.sport = 0x5678;
    EXPECT_TRUE(table.GetGreKeymap().Add(*master, NfDir::ORIGINAL, tuple));
    ASSERT_TRUE(table.GetTuple(*packet, 0, tuple));
    EXPECT_EQ(tuple.sport, 0x5678);
    EXPECT_EQ(Forward(*packet), "NEW");
    EXPECT_THAT(NfConntrackProcText(table),
                HasSubstr("gre      47 30 timeout=30, stream_timeout=180 src=10.0.0.2 "
                          "dst=198.51.100.9 srckey=0x5678 dstkey=0x1234"));
    table.Kill(*master);
    master = {};
    EXPECT_TRUE(table.GetGreKeymap().IsEmpty());
}

TEST_F(NfTrackersTest, HostileQuotesAreSurvived)
{
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2));
    std::mt19937 engine(1);
    std::vector<uint8_t> quote = NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).Bytes();
    quote.resize(64);
    for (int round = 0; round < 3000; ++round)
    {
        std::vector<uint8_t> bytes = quote;
        bytes[engine() % 24] = static_cast<uint8_t>(engine());
        bytes.resize(engine() % bytes.size());
        Forward(NfPacketBuilder("198.51.100.1", "10.0.0.2").Icmp(3).PayloadBytes(bytes));
        std::vector<uint8_t> six(40 + engine() % 40);
        for (uint8_t& byte : six)
        {
            byte = static_cast<uint8_t>(engine() % 64);
        }
        six[0] = 0x60;
        Forward(NfPacketBuilder("2001:db8::1", "2001:db8::2").Icmp(1).PayloadBytes(six));
    }
    EXPECT_EQ(List().size(), 1U);
}

TEST_F(NfTrackersTest, KnobsHaveTheKernelsBounds)
{
    const struct
    {
        const char* name;
        const char* value;
        const char* error; //!< empty: accepted
        const char* after;
    } cases[] = {{"udp_timeout", "8589934", "", "8589934"},
                 {"udp_timeout", "8589935", "Invalid argument", "8589934"},
                 {"udp_timeout", "-1", "", "-1"},
                 {"udp_timeout", "abc", "Invalid argument", "-1"},
                 {"tcp_loose", "2", "Invalid argument", "1"},
                 {"tcp_max_retrans", "256", "Invalid argument", "3"},
                 {"log_invalid", "255", "", "255"},
                 {"events", "3", "Invalid argument", "2"},
                 {"sctp_timeout_established", "7", "", "7"}};

    for (const auto& c : cases)
    {
        const std::string name = std::string("net.netfilter.nf_conntrack_") + c.name;
        const NfStatus status = sysctls.Write(name, c.value);
        EXPECT_EQ(status ? "" : status.Error().message, c.error) << c.name << c.value;
        EXPECT_EQ(*sysctls.Read(name), c.after) << c.name << c.value;
    }
}

} // namespace

} // namespace ns3
