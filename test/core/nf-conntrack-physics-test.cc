/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-fixture.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <numeric>

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::HasSubstr;

constexpr char CLIENT[] = "10.0.0.2";
constexpr char SERVER[] = "198.51.100.9";

class NfConntrackPhysicsTest : public NfConntrackFixture
{
  protected:
    static NfPacketBuilder Query(uint16_t sport = 5000)
    {
        return NfPacketBuilder(CLIENT, SERVER).Udp(sport, 53).Payload("q");
    }

    static NfPacketBuilder Syn(uint32_t n)
    {
        const std::string src = "10." + std::to_string(n >> 16 & 255) + "." +
                                std::to_string(n >> 8 & 255) + "." + std::to_string(n & 255);
        return NfPacketBuilder(src, SERVER).Tcp(1000, 80, "S");
    }

    void SetAssured()
    {
        table.ForEach([](NfConn& conn) { conn.status |= NF_IPS_ASSURED; });
    }
};

TEST_F(NfConntrackPhysicsTest, FloodIsBoundedAndCounted)
{
    // More of them by hand: NF_FLOOD=10000000.
    const char* const wanted = std::getenv("NF_FLOOD");
    const uint32_t packets = wanted ? static_cast<uint32_t>(std::atoi(wanted)) : 20000;
    constexpr uint32_t MAX = 1000;
    table.GetConfig().max = MAX;
    table.GetConfig().buckets = MAX;
    uint32_t dropped = 0;
    for (uint32_t n = 0; n < packets; ++n)
    {
        dropped += Forward(Syn(n)) == "DROP";
        ASSERT_LE(table.GetCount(), MAX);
    }
    // What came in either stands there, was evicted, or was refused.
    EXPECT_EQ(table.GetStats().drop, dropped);
    EXPECT_EQ(table.GetCount() + table.GetStats().earlyDrop + dropped, packets);
    EXPECT_EQ(counters.Get("drop-conntrack-table-full"), dropped);

    SetAssured();
    while (table.GetCount() < MAX)
    {
        Forward(Syn(packets + table.GetCount()));
        SetAssured();
    }
    const uint64_t before = table.GetStats().drop;
    for (uint32_t n = 0; n < 100; ++n)
    {
        EXPECT_EQ(Forward(Syn(2 * packets + n)), "DROP");
    }
    EXPECT_EQ(table.GetStats().drop - before, 100U);
}

TEST_F(NfConntrackPhysicsTest, FullTableLogsTenLinesInFiveSeconds)
{
    table.GetConfig().max = 1;
    Forward(Query());
    SetAssured();
    for (int i = 0; i < 50; ++i)
    {
        Forward(Query(static_cast<uint16_t>(i + 1)));
    }
    EXPECT_EQ(log.GetLines().size(), 10U);
    clock.Advance(6s);
    Forward(Query(99));
    ASSERT_EQ(log.GetLines().size(), 11U);
    EXPECT_THAT(log.GetLines().back().text, HasSubstr("dropping packet"));
}

TEST_F(NfConntrackPhysicsTest, NoMaximumMeansNone)
{
    table.GetConfig().max = 0;
    EXPECT_EQ(Forward(Query(1)), "NEW");
    EXPECT_EQ(Forward(Query(2)), "NEW");
}

TEST_F(NfConntrackPhysicsTest, ChainsAddUp)
{
    table.GetConfig().buckets = 64;
    for (uint16_t port = 1; port <= 128; ++port)
    {
        Forward(Query(port));
    }
    const std::vector<uint32_t> lengths = table.GetChainLengths();
    EXPECT_EQ(std::accumulate(lengths.begin(), lengths.end(), 0U), 64U);
    size_t entries = 0;
    for (size_t length = 0; length < lengths.size(); ++length)
    {
        entries += length * lengths[length];
    }
    EXPECT_EQ(entries, 2 * table.GetCount());
    // Four on average: a good hash leaves neither one long chain nor equal ones.
    EXPECT_GT(lengths.size(), 6U);
    EXPECT_LT(lengths.size(), 20U);
}

TEST_F(NfConntrackPhysicsTest, LongChainsRefuseMore)
{
    table.GetConfig().buckets = 1;
    for (uint16_t port = 1; port <= 200; ++port)
    {
        Forward(Query(port));
    }
    EXPECT_GE(table.GetCount(), 51U / 2);
    EXPECT_LE(table.GetCount(), 82U / 2);
    EXPECT_EQ(table.GetStats().chainTooLong, 200 - table.GetCount());
    EXPECT_EQ(table.GetStats().insertFailed, table.GetStats().chainTooLong);
}

TEST_F(NfConntrackPhysicsTest, CollectorMakesRoomAbove95PercentOnceTheTableWasFull)
{
    table.GetConfig().max = 200;
    table.GetConfig().buckets = 1U << 20;
    for (uint16_t port = 1; port <= 200; ++port)
    {
        Forward(Query(port));
    }
    clock.Advance(2s);
    EXPECT_EQ(table.GetCount(), 200U);
    EXPECT_EQ(Forward(Query(201)), "DROP");
    for (int i = 0; i < 60 && table.GetCount() == 200; ++i)
    {
        clock.Advance(1s);
        table.ForEach([this](NfConn& conn) { conn.expires = clock.Now() + 30s; });
    }
    EXPECT_EQ(table.GetCount(), 189U);
}

TEST_F(NfConntrackPhysicsTest, CollectorKills257InARun)
{
    for (uint32_t n = 0; n < 1000; ++n)
    {
        Forward(Syn(n));
    }
    clock.Advance(120s);
    size_t before = table.GetCount();
    std::vector<size_t> steps;
    while (table.GetCount())
    {
        clock.Advance(4ms);
        if (before != table.GetCount())
        {
            steps.push_back(before - table.GetCount());
            before = table.GetCount();
        }
        ASSERT_LT(clock.Now(), 10min);
    }
    EXPECT_EQ(steps, (std::vector<size_t>{257, 257, 257, 229}));
}

TEST_F(NfConntrackPhysicsTest, RacingTwinsClash)
{
    table.SetRace({1ms, 1});
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_EQ(table.GetStats().clashResolve, 1U);
    EXPECT_EQ(table.GetCount(), 1U);
    clock.Advance(1ms);
    EXPECT_EQ(Forward(Query()), "NEW");
    EXPECT_EQ(table.GetStats().clashResolve, 1U);

    EXPECT_EQ(Forward(Syn(1)), "NEW");
    EXPECT_EQ(Forward(Syn(1)), "DROP");
    EXPECT_EQ(table.GetStats().insertFailed, 1U);
    EXPECT_EQ(table.GetStats().drop, 1U);
}

TEST_F(NfConntrackPhysicsTest, RaceHasAProbability)
{
    table.SetRace({1s, 0.25});
    Forward(Query());
    for (int i = 0; i < 1000; ++i)
    {
        Forward(Query());
    }
    EXPECT_NEAR(static_cast<double>(table.GetStats().clashResolve), 250.0, 50.0);
    table.SetRace({});
    const uint64_t before = table.GetStats().clashResolve;
    Forward(Query(1));
    Forward(Query(1));
    EXPECT_EQ(table.GetStats().clashResolve, before);
}

TEST_F(NfConntrackPhysicsTest, ExpectationsHaveAMaximum)
{
    table.GetConfig().expectMax = 2;
    auto packet = Query().Build();
    In(*packet);
    Confirm(*packet);
    packet->conn->Ext();
    const NfAddr dst = NfAddr::FromIpv4(0x0a000002);
    for (uint16_t port = 1; port <= 20; ++port)
    {
        const auto expectation =
            NfExpectInit(*packet->conn, 0, NfFamily::IPV4, nullptr, dst, NF_IPPROTO_UDP, 0, port);
        EXPECT_EQ(table.ExpectRelated(expectation), port <= 2 ? 0 : -EMFILE);
    }
    EXPECT_EQ(table.GetStats().expectCreate, 2U);
    EXPECT_EQ(log.GetLines().size(), 10U);
}

TEST_F(NfConntrackPhysicsTest, KnobsOfTheMachineAreThoseOfTheNamespace)
{
    const struct
    {
        const char* name;
        const char* value;
        const char* error;
        const char* after;
    } cases[] = {
        {"max", "5", "", "5"},
        {"max", "0", "", "0"},
        {"max", "-1", "Invalid argument", "0"},
        {"max", "2147483648", "Invalid argument", "0"},
        {"max", "0x40000 7", "", "262144"},
        {"buckets", "1", "", "512"},
        {"buckets", "0", "Invalid argument", "512"},
        {"buckets", "abc", "Invalid argument", "512"},
        {"buckets", "-1", "Cannot allocate memory", "512"},
        {"buckets", "262145", "", "262656"},
        {"expect_max", "0", "Invalid argument", "4096"},
        {"expect_max", "1", "", "1"},
    };

    for (const auto& c : cases)
    {
        const std::string name = std::string("net.netfilter.nf_conntrack_") + c.name;
        const NfStatus status = sysctls.Write(name, c.value);
        EXPECT_EQ(status ? "" : status.Error().message, c.error) << c.name << c.value;
        EXPECT_EQ(*sysctls.Read(name), c.after) << c.name << c.value;
    }
    EXPECT_TRUE(sysctls.Write("net.nf_conntrack_max", "77"));
    EXPECT_EQ(table.GetConfig().max, 77U);
    EXPECT_FALSE(sysctls.Write("net.netfilter.nf_conntrack_count", "0"));
    EXPECT_FALSE(sysctls.Read("net.netfilter.nf_conntrack_helper"));
}

} // namespace

} // namespace ns3
