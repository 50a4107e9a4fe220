/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-fixture.h"
#include "test/core/testing/nf-testing-netns.h"

#include <sstream>

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum Type : uint8_t
{
    REQUEST,
    RESPONSE,
    DATA,
    ACK,
    DATAACK,
    CLOSEREQ,
    CLOSE,
    RESET,
    SYNC,
    SYNCACK,
    RESERVED,
};

constexpr uint8_t DCCP = NF_IPPROTO_DCCP;

/// A DCCP header with short sequence numbers and what its type adds.
std::vector<uint8_t>
Header(uint16_t sport, uint16_t dport, uint8_t type, uint32_t seq = 100, uint32_t ack = 200)
{
    static constexpr size_t MORE[] = {4, 12, 0, 8, 8, 8, 8, 12, 8, 8, 0};
    std::vector<uint8_t> bytes(12 + MORE[type]);
    NfWriteU16(&bytes[0], sport);
    NfWriteU16(&bytes[2], dport);
    bytes[4] = static_cast<uint8_t>(bytes.size() / 4);
    bytes[8] = static_cast<uint8_t>(type << 1);
    bytes[9] = static_cast<uint8_t>(seq >> 16);
    NfWriteU16(&bytes[10], static_cast<uint16_t>(seq));
    if (MORE[type] >= 8)
    {
        NfWriteU32(&bytes[16], ack);
    }
    return bytes;
}

class NfDccpTrackerTest : public NfConntrackFixture
{
  protected:
    NfDccpTrackerTest()
    {
        table.GetConfig().checksum = 0;
        EXPECT_TRUE(sysctls.Write("net.netfilter.nf_conntrack_dccp", "1"));
    }

    std::string Client(uint8_t type, uint32_t seq = 100, uint32_t ack = 200)
    {
        return Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9")
                           .Raw(DCCP, Header(1000, 80, type, seq, ack)));
    }

    std::string Server(uint8_t type, uint32_t seq = 200, uint32_t ack = 100)
    {
        return Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2")
                           .Raw(DCCP, Header(80, 1000, type, seq, ack)));
    }

    /// @return "240 REQUEST", "0 entries"
    std::string State()
    {
        std::istringstream words(Only());
        std::string name;
        std::string number;
        std::string seconds;
        std::string state;
        words >> name >> number >> seconds >> state;
        return name == "dccp" ? seconds + " " + state : name + " " + number;
    }

    /// Packets that lead from nothing to a state.
    void Reach(const std::string& state)
    {
        static const std::map<std::string, std::string> PATHS = {{"NO", ""},
                                                                 {"RQ", "q"},
                                                                 {"RS", "qP"},
                                                                 {"PO", "qPa"},
                                                                 {"OP", "qPaD"},
                                                                 {"CR", "qPaDR"},
                                                                 {"CG", "qPaDc"},
                                                                 {"TW", "qPaDX"}};
        table.KillIf([](const NfConn&) { return true; });
        for (const char step : PATHS.at(state))
        {
            switch (step)
            {
            case 'q':
                Client(REQUEST);
                break;
            case 'P':
                Server(RESPONSE);
                break;
            case 'a':
                Client(ACK);
                break;
            case 'D':
                Server(DATA);
                break;
            case 'R':
                Server(CLOSEREQ);
                break;
            case 'c':
                Client(CLOSE);
                break;
            default:
                Server(RESET);
            }
        }
    }
};

constexpr const char* STATES[] = {"NO", "RQ", "RS", "PO", "OP", "CR", "CG", "TW"};
const std::map<std::string, std::string> LINES = {{"RQ", "240 REQUEST"},
                                                  {"RS", "480 RESPOND"},
                                                  {"PO", "480 PARTOPEN"},
                                                  {"OP", "43200 OPEN"},
                                                  {"CR", "64 CLOSEREQ"},
                                                  {"CG", "64 CLOSING"},
                                                  {"TW", "240 TIMEWAIT"}};

TEST_F(NfDccpTrackerTest, StatesHaveTheirTimeouts)
{
    for (const auto& [state, line] : LINES)
    {
        Reach(state);
        EXPECT_EQ(State(), line);
    }
}

/// Each packet in each state. IG: passes, state and timeout stay; IV: invalid; --: the entry dies.
TEST_F(NfDccpTrackerTest, EveryTransition)
{
    const struct
    {
        bool server;
        Type type;
        const char* next; //!< by STATES
    } rows[] = {
        //                  NO RQ RS PO OP CR CG TW
        {false, REQUEST, "RQ RQ RS IG IG IG IG RQ"}, {false, RESPONSE, "IV IG IG IG IG IG IG IV"},
        {false, DATA, "IV IV IV IV OP CR CG IV"},    {false, ACK, "IV IV PO PO OP CR CG IV"},
        {false, DATAACK, "IV IV PO PO OP CR CG IV"}, {false, CLOSEREQ, "IV IV IV IV IV IV IV IV"},
        {false, CLOSE, "IV IV IV CG CG CG IV IV"},   {false, RESET, "IV -- TW TW TW TW TW IG"},
        {false, SYNC, "IV IG IG IG IG IG IG IG"},    {false, SYNCACK, "IV IG IG IG IG IG IG IG"},
        {true, REQUEST, "RQ IG IG IG IG IG IG RQ"}, // in NO it is the client's
        {true, RESPONSE, "IV RS RS IG IG IG IG IV"}, {true, DATA, "IV IV IV OP OP IV CG IV"},
        {true, ACK, "IV IV IV OP OP IV CG IV"},      {true, DATAACK, "IV IV IV OP OP IV CG IV"},
        {true, CLOSEREQ, "IV IV IV CR CR CR CR IV"}, {true, CLOSE, "IV IV IV CG CG IV CG IV"},
        {true, RESET, "IV -- TW TW TW TW TW TW"},    {true, SYNC, "IV IG IG IG IG IG IG IG"},
        {true, SYNCACK, "IV IG IG IG IG IG IG IG"},
    };

    for (const auto& row : rows)
    {
        std::istringstream cells(row.next);
        for (const char* state : STATES)
        {
            SCOPED_TRACE(std::string(row.server ? "server " : "client ") +
                         std::to_string(row.type) + " in " + state);
            std::string next;
            cells >> next;
            Reach(state);
            clock.Advance(5s);
            const std::string before = State();
            const std::string fate = row.server ? Server(row.type) : Client(row.type);
            EXPECT_EQ(fate == "INVALID", next == "IV");
            const bool stays = next == "IG" || next == "IV";
            EXPECT_EQ(State(), stays ? before : next == "--" ? "0 entries" : LINES.at(next));
        }
    }
}

TEST_F(NfDccpTrackerTest, AssuredByTheAckOfTheResponseOnly)
{
    Client(REQUEST);
    Server(RESPONSE, 0x123456);
    Client(ACK, 101, 0x123457);
    EXPECT_EQ(Only().find("[ASSURED]"), std::string::npos);

    Reach("RQ");
    Server(RESPONSE, 0x123456);
    Client(DATAACK, 101, 0x123456);
    EXPECT_EQ(Only().find("[ASSURED]"), std::string::npos);

    Reach("RQ");
    Server(RESPONSE, 0x123456);
    Client(ACK, 101, 0x123456);
    EXPECT_THAT(Only(), HasSubstr("[ASSURED]"));
    EXPECT_THAT(Only(),
                StartsWith("dccp     33 480 PARTOPEN src=10.0.0.2 dst=198.51.100.9 sport=1000 "
                           "dport=80 src=198.51.100.9 dst=10.0.0.2 sport=80 dport=1000 "));
    NfConnPtr conn;
    table.ForEach([&](NfConn& c) { conn = NfConnPtr(&c); });
    EXPECT_THAT(NfConntrackProcLine(table, *conn),
                StartsWith("ipv4     2 dccp     33 480 PARTOPEN src=10.0.0.2 "));
}

TEST_F(NfDccpTrackerTest, LongSequenceNumbers)
{
    Client(REQUEST);
    std::vector<uint8_t> response = Header(80, 1000, RESPONSE);
    response[8] |= 1;
    response.insert(response.begin() + 12, {0, 0, 0, 7});
    response[4]++;
    NfWriteU16(&response[10], 0x1234);
    Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2").Raw(DCCP, response));
    std::vector<uint8_t> ack = Header(1000, 80, ACK, 101, 7);
    NfWriteU16(&ack[14], 0x1234);
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(DCCP, ack));
    EXPECT_THAT(Only(), HasSubstr("[ASSURED]"));
}

TEST_F(NfDccpTrackerTest, AResponseToAnIgnoredRequestBeginsAnew)
{
    Reach("OP");
    Client(REQUEST);
    EXPECT_EQ(State(), "43200 OPEN");
    Server(RESPONSE);
    EXPECT_EQ(State(), "480 RESPOND");

    // The other way round: the roles change sides.
    Reach("OP");
    Server(REQUEST);
    Client(RESPONSE);
    EXPECT_EQ(State(), "480 RESPOND");
    EXPECT_EQ(Client(ACK), "INVALID");
    EXPECT_EQ(Server(ACK), "ESTABLISHED");
    EXPECT_EQ(State(), "480 PARTOPEN");
}

TEST_F(NfDccpTrackerTest, ReopenedByTheServerTheRolesChange)
{
    Reach("TW");
    Server(REQUEST);
    EXPECT_EQ(State(), "240 REQUEST");
    EXPECT_EQ(Client(RESPONSE), "ESTABLISHED");
    EXPECT_EQ(State(), "480 RESPOND");
}

TEST_F(NfDccpTrackerTest, BrokenHeadersAreInvalidOrDropped)
{
    table.GetConfig().logInvalid = DCCP;
    std::vector<uint8_t> good = Header(1000, 80, REQUEST);

    const struct
    {
        const char* name;
        size_t size;
        size_t at;
        uint8_t value;
        const char* fate;
        const char* text;
    } cases[] = {{"no ports", 3, 0, 0, "INVALID", ""},
                 {"ports only", 4, 0, 0, "DROP", ""},
                 {"cut before the type's part", 11, 0, 0, "DROP", ""},
                 {"offset too small", 16, 4, 2, "INVALID", "truncated/malformed packet"},
                 {"offset behind the end", 16, 4, 5, "INVALID", "truncated/malformed packet"},
                 {"type's part missing", 12, 4, 3, "DROP", ""},
                 {"reserved type", 16, 8, RESERVED << 1, "INVALID", "reserved packet type"},
                 {"last reserved type", 16, 8, 15 << 1, "INVALID", "reserved packet type"},
                 {"coverage behind the end", 16, 5, 6, "INVALID", "bad checksum coverage"},
                 {"long sequence number missing", 16, 8, 1, "DROP", ""}};

    for (const auto& c : cases)
    {
        log.Clear();
        std::vector<uint8_t> bytes(good.begin(), good.begin() + static_cast<long>(c.size));
        if (c.at)
        {
            bytes[c.at] = c.value;
        }
        const uint64_t invalid = table.GetStats().invalid;
        EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(DCCP, bytes)), c.fate)
            << c.name;
        EXPECT_EQ(table.GetStats().invalid, invalid + 1) << c.name;
        const std::string text = log.GetLines().empty() ? "" : log.GetLines()[0].text;
        EXPECT_THAT(text, HasSubstr(c.text)) << c.name;
        EXPECT_EQ(text.empty(), *c.text == 0) << c.name << ": " << text;
    }
    EXPECT_EQ(table.GetCount(), 0U);
}

TEST_F(NfDccpTrackerTest, Checksums)
{
    table.GetConfig().checksum = 1;
    std::vector<uint8_t> bytes = Header(1000, 80, REQUEST);
    const auto packet = [&] {
        return NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(DCCP, bytes);
    };
    EXPECT_EQ(Forward(packet()), "INVALID");
    const uint32_t pseudo = NfPseudoHeader(NfFamily::IPV4,
                                           NfAddr::FromIpv4(0x0a000002),
                                           NfAddr::FromIpv4(0xc6336409),
                                           DCCP,
                                           static_cast<uint32_t>(bytes.size()));
    NfWriteU16(&bytes[6], NfChecksumFold(NfChecksumPartial(bytes, pseudo)));
    EXPECT_EQ(Forward(packet()), "NEW");
    // A coverage of the header only: right, but Linux counts from the front.
    bytes[5] = 1;
    EXPECT_EQ(Forward(packet()), "INVALID");
}

TEST_F(NfDccpTrackerTest, OffItIsTrackedByAddressesAlone)
{
    NfEventRecorder events(table);
    EXPECT_EQ(*sysctls.Read("net.netfilter.nf_conntrack_dccp_timeout_open"), "43200");
    EXPECT_EQ(*sysctls.Read("net.netfilter.nf_conntrack_dccp_loose"), "1");
    EXPECT_TRUE(sysctls.Write("net.netfilter.nf_conntrack_dccp_timeout_request", "7"));
    Client(REQUEST);
    EXPECT_EQ(State(), "7 REQUEST");

    EXPECT_FALSE(sysctls.Write("net.netfilter.nf_conntrack_dccp", "2"));
    EXPECT_TRUE(sysctls.Write("net.netfilter.nf_conntrack_dccp", "0"));
    EXPECT_EQ(State(), "0 entries");
    EXPECT_THAT(events.Take().back(), StartsWith("[DESTROY] dccp     33 7 REQUEST src=10.0.0.2"));
    EXPECT_FALSE(sysctls.Read("net.netfilter.nf_conntrack_dccp_timeout_open"));
    EXPECT_EQ(Client(CLOSEREQ), "NEW");
    EXPECT_THAT(
        Only(),
        StartsWith("dccp     33 600 src=10.0.0.2 dst=198.51.100.9 sport=0 dport=0 [UNREPLIED]"));

    EXPECT_TRUE(sysctls.Write("net.netfilter.nf_conntrack_dccp", "1"));
    EXPECT_EQ(State(), "0 entries");
    Client(REQUEST);
    EXPECT_EQ(State(), "240 REQUEST");
}

/// What NAT makes of a DCCP packet from inside. @return source port and checksum
std::pair<uint16_t, bool>
Translate(NfTestNetns& house, uint16_t sport)
{
    const std::vector<uint8_t> header = Header(sport, 80, REQUEST);
    const auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(DCCP, header).Build();
    uint8_t* bytes = packet->MakeTransportWritable(header.size());
    const auto sum = [&](const NfAddr& src) {
        return NfChecksumFold(
            NfChecksumPartial(NfBytes(bytes, header.size()),
                              NfPseudoHeader(NfFamily::IPV4,
                                             src,
                                             packet->GetIp().dst,
                                             DCCP,
                                             static_cast<uint32_t>(header.size()))));
    };
    NfWriteU16(bytes + 6, sum(packet->GetIp().src));
    EXPECT_EQ(house.Pass(*packet, NfHook::PRE_ROUTING), NfVerdict::ACCEPT);
    EXPECT_EQ(house.Pass(*packet, NfHook::POST_ROUTING), NfVerdict::ACCEPT);
    EXPECT_EQ(packet->GetIp().src.ToString(NfFamily::IPV4), "203.0.113.1");
    bytes = packet->MakeTransportWritable(header.size());
    return {NfReadU16(bytes), sum(packet->GetIp().src) == 0};
}

TEST(NfDccpNatTest, KernelsThatHadATrackerHaveIt)
{
    NfTestNetns house;
    for (const char* release : {"5.15", "6.18", "4.19", "3.10", "2.6", "6.18"})
    {
        ASSERT_TRUE(house.netns.SetKernelProfile(release));
        EXPECT_EQ(*house.netns.GetSysctls().Read("net.netfilter.nf_conntrack_dccp"),
                  std::string(release) == "6.18" ? "0" : "1")
            << release;
    }
}

TEST(NfDccpNatTest, PortsAndChecksumAreTranslatedWithATrackerOnly)
{
    NfTestNetns house;
    house.Run("iptables -t nat -A POSTROUTING -o wan -p dccp -j MASQUERADE --to-ports 5000");
    house.Run("sysctl -w net.netfilter.nf_conntrack_dccp=1");
    EXPECT_EQ(Translate(house, 1000), (std::pair<uint16_t, bool>(5000, true)));
    EXPECT_THAT(house.Run("conntrack -L -p dccp"),
                HasSubstr("sport=1000 dport=80 [UNREPLIED] src=198.51.100.9 dst=203.0.113.1 "
                          "sport=80 dport=5000"));
    house.Run("sysctl -w net.netfilter.nf_conntrack_dccp=0");
    EXPECT_EQ(Translate(house, 1000), (std::pair<uint16_t, bool>(1000, false)));
    EXPECT_EQ(house.Run("sysctl -a").find("nf_conntrack_dccp"), std::string::npos);
}

} // namespace

} // namespace ns3
