/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-proto.h"
#include "nf-conntrack-fixture.h"

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// example begin
/**
 * A user's own tracker, for IP protocol 99: calls, each with a 16-bit number of its own on each
 * side. Byte 4 of the header is the message: 1 opens, 2 accepts, 3 is content, 4 hangs up.
 */
class CallTracker final : public NfL4Tracker
{
  public:
    std::string_view GetName() const override
    {
        return "call";
    }

    uint8_t GetProtocol() const override
    {
        return 99;
    }

    bool ParseTuple(NfBytes l4, NfTuple& tuple) const override
    {
        return NfParsePorts(l4, tuple);
    }

    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState& state) const override
    {
        const uint8_t* header = packet.PullTransport(HEADER_SIZE);
        if (!header || header[4] < OPEN || header[4] > HANG_UP)
        {
            NfLogInvalid(table, packet, state, GetProtocol(), "not a call");
            return NfTrack::INVALID;
        }
        uint64_t& phase = conn.proto.user.words[0];
        if (!conn.IsConfirmed())
        {
            phase = 0;
        }
        const uint8_t next = NEXT[header[4] - OPEN][phase];
        if (next == BAD)
        {
            return NfTrack::INVALID;
        }
        if (next != phase)
        {
            phase = next;
            table.CacheEvent(conn, NF_EVENT_PROTOINFO);
        }
        if (next == 2 && !conn.Has(NF_IPS_ASSURED))
        {
            conn.status |= NF_IPS_ASSURED;
            table.CacheEvent(conn, NF_EVENT_ASSURED);
        }
        table.Refresh(conn, info, &packet, NfSeconds(NfTimeoutsOf(conn, m_timeouts)[phase]));
        return NfTrack::ACCEPT;
    }

    std::string_view GetStateName(const NfConn& conn) const override
    {
        static constexpr std::array<std::string_view, 4> NAMES = {"NONE",
                                                                  "RINGING",
                                                                  "TALKING",
                                                                  "DONE"};
        return NfNameOfState(NAMES, static_cast<uint8_t>(conn.proto.user.words[0]));
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "call_timeout_talking", m_timeouts[2]);
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        return {"none", "ringing", "talking", "done"};
    }

    std::vector<uint32_t> GetTimeouts() const override
    {
        return {std::begin(m_timeouts), std::end(m_timeouts)};
    }

  private:
    enum Message : uint8_t
    {
        OPEN = 1,
        ACCEPT,
        CONTENT,
        HANG_UP,
    };

    static constexpr size_t HEADER_SIZE = 5;
    static constexpr uint8_t BAD = 9;
    /// The phase behind a message, by the phase before: nothing, ringing, talking, done.
    static constexpr uint8_t NEXT[4][4] = {
        {1, 1, BAD, 1},
        {BAD, 2, 2, BAD},
        {BAD, BAD, 2, BAD},
        {BAD, 3, 3, 3},
    };
    uint32_t m_timeouts[4] = {0, 20, 300, 5}; //!< seconds
};

// example end

class NfL4TrackerTest : public NfConntrackFixture
{
  protected:
    /// @return the last line of /proc/net/nf_conntrack
    std::string Proc()
    {
        std::string line;
        table.ForEach([&](NfConn& conn) { line = NfConntrackProcLine(table, conn); });
        return line;
    }

    static NfPacketBuilder Call(bool reply, uint8_t message)
    {
        return NfPacketBuilder(reply ? "198.51.100.9" : "10.0.0.2",
                               reply ? "10.0.0.2" : "198.51.100.9")
            .Raw(99,
                 reply ? std::vector<uint8_t>{0, 2, 0, 1, message}
                       : std::vector<uint8_t>{0, 1, 0, 2, message});
    }
};

TEST_F(NfL4TrackerTest, AUsersTrackerJudgesItsProtocol)
{
    table.RegisterTracker(std::make_unique<CallTracker>());
    NfEventRecorder events(table);
    EXPECT_EQ(Forward(Call(false, 3)), "INVALID");
    EXPECT_EQ(Forward(Call(false, 9)), "INVALID");
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(99, {0, 1, 0})), "INVALID");
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(99, {0, 1, 0, 2})),
              "INVALID");
    EXPECT_EQ(table.GetStats().invalid, 4U);
    EXPECT_EQ(Forward(Call(false, 1)), "NEW");
    EXPECT_EQ(Proc(),
              "ipv4     2 call     99 20 RINGING src=10.0.0.2 dst=198.51.100.9 sport=1 dport=2 "
              "[UNREPLIED] src=198.51.100.9 dst=10.0.0.2 sport=2 dport=1 mark=0 zone=0 use=2");
    EXPECT_THAT(Only(), StartsWith("unknown  99 20 RINGING src=10.0.0.2 dst=198.51.100.9 "));
    EXPECT_EQ(Forward(Call(true, 2)), "ESTABLISHED");
    EXPECT_THAT(Proc(), StartsWith("ipv4     2 call     99 300 TALKING "));
    EXPECT_THAT(Proc(), HasSubstr("[ASSURED]"));
    EXPECT_THAT(events.Take(),
                ElementsAre(StartsWith("    [NEW] unknown  99 20 RINGING src=10.0.0.2"),
                            StartsWith(" [UPDATE] unknown  99 300 TALKING src=10.0.0.2")));
    EXPECT_EQ(*sysctls.Read("net.netfilter.nf_conntrack_call_timeout_talking"), "300");
}

TEST_F(NfL4TrackerTest, UnregisteredTheGenericTrackerTakesOver)
{
    table.RegisterTracker(std::make_unique<CallTracker>());
    Forward(Call(false, 1));
    auto underWay = Call(true, 1).Build();
    underWay->MutableIp().src.bytes[15] = 77;
    EXPECT_EQ(In(*underWay), NfVerdict::ACCEPT);

    EXPECT_TRUE(table.UnregisterTracker(99));
    EXPECT_FALSE(table.UnregisterTracker(99));
    EXPECT_FALSE(table.UnregisterTracker(0));
    EXPECT_EQ(Only(), "0 entries");
    EXPECT_FALSE(sysctls.Read("net.netfilter.nf_conntrack_call_timeout_talking"));

    // What another tracker began does not get in.
    EXPECT_EQ(Confirm(*underWay), NfVerdict::DROP);
    EXPECT_EQ(table.GetStats().insertFailed, 1U);
    underWay.reset();

    EXPECT_EQ(Forward(Call(false, 3)), "NEW");
    EXPECT_THAT(Only(), StartsWith("unknown  99 600 src=10.0.0.2 dst=198.51.100.9 [UNREPLIED]"));
    table.RegisterTracker(std::make_unique<CallTracker>());
    EXPECT_EQ(Only(), "0 entries");
}

TEST_F(NfL4TrackerTest, ReplacingATrackerOfOursKeepsTheOthers)
{
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80));
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1000, 80));
    NfConnPtr dead;
    table.ForEach([&](NfConn& conn) {
        dead = conn.GetProtocol() == NF_IPPROTO_TCP ? NfConnPtr(&conn) : dead;
    });
    dead->proto.tcp.state = NF_TCP_CT_SYN_SENT2;
    table.RegisterTracker(NfMakeTcpTracker());
    EXPECT_THAT(Only(), StartsWith("udp      17 30 "));
    EXPECT_EQ(*sysctls.Read("net.netfilter.nf_conntrack_tcp_timeout_close"), "10");
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80));
    EXPECT_EQ(List().size(), 2U);
}

/// All that has no tracker of its own follows the generic one.
TEST_F(NfL4TrackerTest, TheGenericTrackerMayBeReplaced)
{
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(NF_IPPROTO_ESP, {1}));
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1000, 80));
    table.RegisterTracker(NfMakeGenericTracker());
    EXPECT_THAT(Only(), StartsWith("udp      17 30 "));
    EXPECT_EQ(&table.GetTracker(NF_IPPROTO_ESP), &table.GetTracker(0));
    EXPECT_NE(&table.GetTracker(NF_IPPROTO_UDP), &table.GetTracker(0));
}

TEST_F(NfL4TrackerTest, ATimeoutPolicyOlderThanTheTrackerDoesNotApply)
{
    NfTimeoutPolicies& policies = table.GetTimeoutPolicies();
    const NfConnPtr tmpl = table.AllocTemplate(0, 3);
    const auto open = [&](const char* policy) {
        table.KillIf([](const NfConn&) { return true; });
        tmpl->Ext().timeoutPolicy = policies.Find(policy);
        EXPECT_NE(tmpl->Ext().timeoutPolicy, nullptr);
        auto packet = Call(false, 1).Build();
        packet->conn = tmpl;
        Forward(*packet);
        return Proc();
    };
    ASSERT_EQ(policies.Add("old", NfFamily::IPV4, NfTimeoutPolicy::GENERIC, {}), 0);
    EXPECT_THAT(open("old"), StartsWith("ipv4     2 unknown  99 600 "));
    table.RegisterTracker(std::make_unique<CallTracker>());
    EXPECT_THAT(open("old"), StartsWith("ipv4     2 call     99 20 RINGING "));
    ASSERT_EQ(policies.Add("new", NfFamily::IPV4, 99, {{1, 7}}), 0);
    EXPECT_THAT(open("new"), StartsWith("ipv4     2 call     99 7 RINGING "));
}

/// A listener that unregisters the very tracker that is at work.
class Meddler : public NfConntrackListener
{
  public:
    explicit Meddler(NfConntrack& table)
        : m_table(table)
    {
        table.AddListener(*this);
    }

    ~Meddler() override
    {
        m_table.RemoveListener(*this);
    }

    void OnConntrack(NfEventType type, const NfConn&, uint32_t) override
    {
        if (type == NfEventType::DESTROY && !m_done)
        {
            m_done = true;
            m_table.UnregisterTracker(NF_IPPROTO_TCP);
        }
    }

    void OnExpect(NfEventType, const NfExpectation&) override
    {
    }

  private:
    NfConntrack& m_table;
    bool m_done{false};
};

TEST_F(NfL4TrackerTest, UnregisteringFromInsideATrackerIsSafe)
{
    Meddler meddler(table);
    for (uint16_t port = 1000; port < 1010; ++port)
    {
        Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(port, 80));
    }
    // Refused: the tracker kills its entry, and loses its place on the way.
    EXPECT_EQ(Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2").Tcp(80, 1003, "RA").Ack(1)),
              "ESTABLISHED");
    EXPECT_EQ(Only(), "0 entries");
    EXPECT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80, "A")), "NEW");
    EXPECT_THAT(Only(), StartsWith("tcp      6 600 "));
}

} // namespace

} // namespace ns3
