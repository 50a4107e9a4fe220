/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-table.h"
#include "nf-conntrack-fixture.h"

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char CLIENT[] = "10.0.0.2";
constexpr char SERVER[] = "198.51.100.9";

class NfConntrackTest : public NfConntrackFixture
{
  protected:
    static NfPacketBuilder Query(uint16_t sport = 5000)
    {
        return NfPacketBuilder(CLIENT, SERVER).Udp(sport, 53).Payload("q");
    }

    static NfPacketBuilder Answer(uint16_t dport = 5000)
    {
        return NfPacketBuilder(SERVER, CLIENT).Udp(53, dport).Payload("a");
    }
};

TEST_F(NfConntrackTest, PlainConnectionFitsIntoTheBudget)
{
    // Two index entries at the smallest load, three eighths, complete the 256 bytes.
    EXPECT_LE(sizeof(NfConn) + 2 * 8 * 8 / 3, 256U + 8);
    RecordProperty("sizeof", static_cast<int>(sizeof(NfConn)));
}

TEST_F(NfConntrackTest, UdpFlowIsNewThenEstablished)
{
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_EQ(Only(),
              "udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5000 dport=53 [UNREPLIED] "
              "src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5000 mark=0 use=1");
    EXPECT_EQ(Forward(Answer()), "ESTABLISHED");
    EXPECT_EQ(Forward(Query()), "ESTABLISHED");
    EXPECT_EQ(Only(),
              "udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5000 dport=53 "
              "src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5000 mark=0 use=1");
}

TEST_F(NfConntrackTest, UdpTrafficAfterTwoSecondsIsAStream)
{
    Forward(Query());
    clock.Advance(1s);
    Forward(Answer());
    EXPECT_THAT(Only(), HasSubstr("17 30 src"));
    clock.Advance(1001ms);
    Forward(Query());
    EXPECT_THAT(Only(), HasSubstr("17 120 src"));
    EXPECT_THAT(Only(), HasSubstr("[ASSURED]"));
}

TEST_F(NfConntrackTest, UnconfirmedConnectionDiesWithItsPacket)
{
    {
        auto packet = Query().Build();
        EXPECT_EQ(In(*packet), NfVerdict::ACCEPT);
        EXPECT_EQ(table.GetCount(), 1U);
    }
    EXPECT_EQ(table.GetCount(), 0U);
    EXPECT_THAT(List(), IsEmpty());
}

TEST_F(NfConntrackTest, ExpiredConnectionIsNotFoundAndTellsSo)
{
    NfEventRecorder events(table);
    Forward(Query());
    clock.Advance(29999ms);
    Forward(Query());
    clock.Advance(29999ms);
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_THAT(events.Take(), ElementsAre(HasSubstr("[NEW]")));
    table.FastForward(30s);
    EXPECT_THAT(events.Take(), IsEmpty());
    EXPECT_THAT(List(), IsEmpty());
    EXPECT_THAT(
        events.Take(),
        ElementsAre("[DESTROY] udp      17 src=10.0.0.2 dst=198.51.100.9 sport=5000 dport=53 "
                    "[UNREPLIED] src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5000"));
    EXPECT_EQ(table.GetCount(), 0U);
}

TEST_F(NfConntrackTest, InspectShowsExpiredAndUnconfirmedOnesAndChangesNothing)
{
    Forward(Query());
    clock.Advance(29s);
    table.FastForward(30s);
    auto underWay = Query(5001).Build();
    In(*underWay);
    std::vector<bool> confirmed;
    for (int i = 0; i < 2; ++i)
    {
        confirmed.clear();
        table.Inspect([&](const NfConn& conn) { confirmed.push_back(conn.IsConfirmed()); });
        EXPECT_THAT(confirmed, ElementsAre(true, false));
    }
    EXPECT_EQ(table.GetCount(), 2U);
    EXPECT_THAT(List(), IsEmpty());
    EXPECT_EQ(table.GetCount(), 1U);
}

TEST_F(NfConntrackTest, InsertsAndDeletesAreCounted)
{
    Forward(Query());
    Forward(Query(5001));
    clock.Advance(2min);
    EXPECT_EQ(counters.Get("conntrack-insert"), 2U);
    EXPECT_EQ(counters.Get("conntrack-delete"), 2U);
}

TEST_F(NfConntrackTest, CollectorRunsWhileThereAreEntriesOnly)
{
    EXPECT_EQ(clock.GetPending(), 0U);
    Forward(Query());
    EXPECT_EQ(clock.GetPending(), 1U);
    Forward(Query(5001));
    EXPECT_EQ(clock.GetPending(), 1U);
    clock.Advance(2min);
    EXPECT_EQ(table.GetCount(), 0U);
    EXPECT_EQ(clock.GetPending(), 0U);
}

TEST_F(NfConntrackTest, EventsAreOneNewThenUpdates)
{
    NfEventRecorder events(table);
    Forward(Query());
    EXPECT_THAT(events.Take(),
                ElementsAre("    [NEW] udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5000 "
                            "dport=53 [UNREPLIED] src=198.51.100.9 dst=10.0.0.2 sport=53 "
                            "dport=5000"));
    Forward(Query());
    EXPECT_THAT(events.Take(), IsEmpty());
    Forward(Answer());
    EXPECT_THAT(events.Take(),
                ElementsAre(" [UPDATE] udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5000 "
                            "dport=53 src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5000"));
    Forward(Answer());
    EXPECT_THAT(events.Take(), IsEmpty());
}

TEST_F(NfConntrackTest, ConnectionsMadeWithoutListenerStaySilent)
{
    Forward(Query());
    NfEventRecorder events(table);
    Forward(Answer());
    EXPECT_THAT(events.Take(), IsEmpty());
    table.GetConfig().events = 1;
    Forward(Query(6000));
    EXPECT_THAT(events.Take(), ElementsAre(HasSubstr("[NEW]")));
}

TEST_F(NfConntrackTest, EventsOfADroppedPacketComeWithTheNextOne)
{
    NfEventRecorder events(table);
    Forward(Query());
    events.Take();
    auto dropped = Answer().Build();
    In(*dropped);
    EXPECT_THAT(events.Take(), IsEmpty());
    Forward(Query());
    EXPECT_THAT(events.Take(), ElementsAre(HasSubstr("[UPDATE]")));
}

TEST_F(NfConntrackTest, IcmpErrorBelongsToTheFlowItQuotes)
{
    Forward(Query());
    const std::vector<uint8_t> quote = Query().Bytes();
    const auto error = [&](const char* to) {
        return NfPacketBuilder("198.51.100.1", to).Icmp(3, 1).PayloadBytes(quote);
    };
    auto packet = error(CLIENT).Build();
    EXPECT_EQ(Forward(*packet), "RELATED");
    EXPECT_EQ(packet->ctInfo, NfCtInfo::RELATED_REPLY);
    EXPECT_EQ(Forward(error("10.0.0.77")), "INVALID");
    EXPECT_EQ(Forward(error(CLIENT).BadChecksum()), "INVALID");
    EXPECT_EQ(Forward(NfPacketBuilder("198.51.100.1", CLIENT).Icmp(3, 1)), "INVALID");
    EXPECT_EQ(table.GetStats().error, 3U);
    EXPECT_EQ(table.GetStats().invalid, 0U);
}

TEST_F(NfConntrackTest, NeighbourDiscoveryIsUntracked)
{
    const struct
    {
        const char* name;
        uint8_t type;
        const char* state;
    } cases[] = {{"neighbour solicitation", 135, "UNTRACKED"},
                 {"router advertisement", 134, "UNTRACKED"},
                 {"MLDv2 report", 143, "UNTRACKED"},
                 {"echo request", 128, "NEW"},
                 {"echo reply without request", 129, "INVALID"},
                 {"unknown", 200, "INVALID"}};

    for (const auto& c : cases)
    {
        EXPECT_EQ(Forward(NfPacketBuilder("2001:db8::2", "2001:db8::9").Icmp(c.type, 0, 1)),
                  c.state)
            << c.name;
    }
}

TEST_F(NfConntrackTest, FullTableEvictsOnlyWhatIsNotAssured)
{
    table.GetConfig().max = 4;
    table.GetConfig().buckets = 4;
    for (uint16_t port = 1; port <= 8; ++port)
    {
        EXPECT_EQ(Forward(Query(port)), "NEW");
        EXPECT_LE(table.GetCount(), 4U);
    }
    EXPECT_GE(table.GetStats().earlyDrop, 4U);
    table.ForEach([](NfConn& conn) { conn.status |= NF_IPS_ASSURED; });
    while (table.GetCount() < 4)
    {
        Forward(Query(static_cast<uint16_t>(100 + table.GetCount())));
        table.ForEach([](NfConn& conn) { conn.status |= NF_IPS_ASSURED; });
    }
    EXPECT_EQ(Forward(Query(9)), "DROP");
    EXPECT_EQ(table.GetStats().drop, 1U);
    ASSERT_EQ(log.GetLines().size(), 1U);
    EXPECT_THAT(log.GetLines()[0].text, HasSubstr("table full"));
}

TEST_F(NfConntrackTest, TwinsUnderWayAtOnceBecomeOne)
{
    auto first = Query().Build();
    auto second = Query().Build();
    In(*first);
    In(*second);
    EXPECT_NE(first->conn.get(), second->conn.get());
    EXPECT_EQ(Confirm(*first), NfVerdict::ACCEPT);
    EXPECT_EQ(Confirm(*second), NfVerdict::ACCEPT);
    EXPECT_EQ(first->conn.get(), second->conn.get());
    EXPECT_EQ(table.GetStats().clashResolve, 1U);
}

TEST_F(NfConntrackTest, TcpTwinIsDropped)
{
    auto first = NfPacketBuilder(CLIENT, SERVER).Tcp(1000, 80, "S").Build();
    auto second = NfPacketBuilder(CLIENT, SERVER).Tcp(1000, 80, "S").Build();
    In(*first);
    In(*second);
    EXPECT_EQ(Confirm(*first), NfVerdict::ACCEPT);
    EXPECT_EQ(Confirm(*second), NfVerdict::DROP);
    EXPECT_EQ(table.GetStats().insertFailed, 1U);
    EXPECT_EQ(table.GetStats().drop, 1U);
}

TEST_F(NfConntrackTest, ClashInTheOriginalTupleOnlyLivesASecond)
{
    auto first = Query().Build();
    auto second = Query().Build();
    In(*first);
    In(*second);
    NfTuple reply = second->conn->GetReply();
    reply.dport = 7777;
    table.AlterReply(*second->conn, reply);
    EXPECT_EQ(Confirm(*first), NfVerdict::ACCEPT);
    EXPECT_EQ(Confirm(*second), NfVerdict::ACCEPT);
    EXPECT_TRUE(second->conn->Has(NF_IPS_NAT_CLASH));
    EXPECT_EQ(Forward(Answer(7777)), "ESTABLISHED");
    EXPECT_EQ(List().size(), 1U);
    second->conn = {};
    clock.Advance(1s);
    EXPECT_EQ(Forward(Answer(7777)), "NEW");
}

TEST_F(NfConntrackTest, TemplateGivesZoneAndGoes)
{
    const struct
    {
        const char* name;
        uint8_t dir;
        const char* line;
        const char* outside; //!< fate of the same flow in no zone: replies would be ambiguous
    } cases[] = {{"both", 3, " mark=0 zone=5 use=", "NEW"},
                 {"original", 1, "dport=53 zone-orig=5 [UNREPLIED]", "DROP"},
                 {"reply", 2, "dport=5000 zone-reply=5 mark=0", "ESTABLISHED"}};

    for (const auto& c : cases)
    {
        table.KillIf([](const NfConn&) { return true; });
        auto packet = Query().Build();
        packet->conn = table.AllocTemplate(5, c.dir);
        EXPECT_EQ(Forward(*packet), "NEW") << c.name;
        EXPECT_THAT(Only(), HasSubstr(c.line)) << c.name;
        auto again = Query().Build();
        again->conn = table.AllocTemplate(5, c.dir);
        Forward(*again);
        EXPECT_EQ(again->conn.get(), packet->conn.get()) << c.name;
        auto answer = Answer().Build();
        answer->conn = c.dir & 2 ? table.AllocTemplate(5, c.dir) : NfConnPtr();
        EXPECT_EQ(Forward(*answer), "ESTABLISHED") << c.name;
        EXPECT_EQ(Forward(Query()), c.outside) << c.name;
    }
}

TEST_F(NfConntrackTest, AccountingCountsEachDirection)
{
    table.GetConfig().acct = 1;
    Forward(Query());
    Forward(Query());
    Forward(Answer());
    EXPECT_THAT(Only(), HasSubstr("dport=53 packets=2 bytes=58 src"));
    EXPECT_THAT(Only(), HasSubstr("dport=5000 packets=1 bytes=29 mark"));
}

TEST_F(NfConntrackTest, ProcLineShowsFullAddressesAndZone)
{
    Forward(NfPacketBuilder("2001:db8:1::2", "2001:db8:2::9").EchoRequest(3));
    EXPECT_EQ(NfConntrackProcText(table),
              "ipv6     10 icmpv6   58 30 src=2001:0db8:0001:0000:0000:0000:0000:0002 "
              "dst=2001:0db8:0002:0000:0000:0000:0000:0009 type=128 code=0 id=3 [UNREPLIED] "
              "src=2001:0db8:0002:0000:0000:0000:0000:0009 "
              "dst=2001:0db8:0001:0000:0000:0000:0000:0002 type=129 code=0 id=3 mark=0 zone=0 "
              "use=2\n");
}

TEST_F(NfConntrackTest, LaterFragmentsAreInvalid)
{
    const auto whole = NfPacketBuilder(CLIENT, SERVER).Udp(1, 2).PayloadSize(64);
    auto later = whole.Fragment(32, 40, false).Build();
    EXPECT_EQ(Forward(*later), "INVALID");
    EXPECT_EQ(table.GetStats().invalid, 1U);
}

TEST_F(NfConntrackTest, TupleOfAnotherConnectionIsTaken)
{
    Forward(Query());
    const NfConnPtr first = table.Find(Query().Build()->conn ? NfTuple{} : [&] {
        NfTuple tuple;
        auto packet = Query().Build();
        table.GetTuple(*packet, 0, tuple);
        return tuple;
    }());
    ASSERT_TRUE(first);
    auto packet = Query(6000).Build();
    In(*packet);
    EXPECT_TRUE(table.IsTupleTaken(first->GetReply(), packet->conn.get()));
    EXPECT_FALSE(table.IsTupleTaken(packet->conn->GetReply(), packet->conn.get()));
    EXPECT_FALSE(table.IsTupleTaken(first->GetReply(), first.get()));
    EXPECT_EQ(table.GetStats().found, 1U);
}

TEST_F(NfConntrackTest, HooksCountTheirUsers)
{
    EXPECT_FALSE(hooks.HasAny(NfFamily::IPV4));
    table.Enable(NfFamily::INET);
    table.Enable(NfFamily::IPV4);
    EXPECT_TRUE(hooks.Has(NfFamily::IPV4, NfHook::PRE_ROUTING));
    EXPECT_TRUE(hooks.Has(NfFamily::IPV6, NfHook::LOCAL_IN));
    EXPECT_FALSE(hooks.Has(NfFamily::IPV4, NfHook::FORWARD));
    table.Disable(NfFamily::INET);
    EXPECT_TRUE(table.IsEnabled(NfFamily::IPV4));
    EXPECT_FALSE(hooks.HasAny(NfFamily::IPV6));
    table.Disable(NfFamily::IPV4);
    EXPECT_FALSE(hooks.HasAny(NfFamily::IPV4));
}

TEST_F(NfConntrackTest, QueuedPacketOutlivesTheTable)
{
    auto packet = Query().Build();
    {
        NfConntrack other(NfContext{clock, random, hooks, counters, log, sysctls});
        other.In(*packet, StateAt(*packet, NfHook::PRE_ROUTING));
        other.Confirm(*packet, StateAt(*packet, NfHook::POST_ROUTING));
    }
    EXPECT_TRUE(packet->conn->Has(NF_IPS_DYING));
}

TEST(NfConntrackTableTest, RandomEntriesAreFoundUntilErased)
{
    NfConnSlab* slab = NfConnSlab::Create();
    {
        NfConntrackTable index(*slab);
        index.SetSeed({1, 2, 3, 4});
        std::vector<NfConnPtr> conns;
        std::mt19937 engine(7);
        for (int round = 0; round < 20000; ++round)
        {
            if (conns.size() < 300 && engine() % 3)
            {
                NfConnPtr conn(slab->Alloc());
                conn->tuples[0].sport = static_cast<uint16_t>(round);
                conn->tuples[0].dport = static_cast<uint16_t>(round >> 4);
                index.Insert(index.Hash(conn->tuples[0]),
                             NfConntrackTable::RefOf(*conn, NfDir::ORIGINAL));
                conns.push_back(conn);
            }
            else if (!conns.empty())
            {
                const size_t victim = engine() % conns.size();
                const NfTuple tuple = conns[victim]->tuples[0];
                EXPECT_TRUE(index.Erase(index.Hash(tuple),
                                        NfConntrackTable::RefOf(*conns[victim], NfDir::ORIGINAL)));
                conns.erase(conns.begin() + static_cast<std::ptrdiff_t>(victim));
                EXPECT_EQ(index.Find(tuple, index.Hash(tuple)), NfConntrackTable::NONE);
            }
        }
        size_t inBuckets = 0;
        for (uint32_t bucket = 0; bucket < 37; ++bucket)
        {
            inBuckets += index.GetBucket(bucket, 37).size();
        }
        EXPECT_EQ(inBuckets, conns.size());
        for (const NfConnPtr& conn : conns)
        {
            EXPECT_EQ(index.Find(conn->tuples[0], index.Hash(conn->tuples[0])),
                      NfConntrackTable::RefOf(*conn, NfDir::ORIGINAL));
        }
    }
    slab->Orphan();
}

} // namespace

} // namespace ns3
