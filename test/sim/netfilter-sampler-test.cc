/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-test-net.h"

#include "ns3/boolean.h"
#include "ns3/netfilter-trace-helper.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#if __has_include("ns3/sqlite-output.h")
#define NF_HAVE_SQLITE 1
#include "ns3/sqlite-output.h"
#endif

#include <fstream>
#include <sstream>
#include <vector>

using namespace ns3;

namespace
{

using Net = NetfilterTestNet;

void
Keep(std::vector<NetfilterSample>* samples, const NetfilterSample& sample)
{
    samples->push_back(sample);
}

/// Two UDP flows through the router, one of them answered.
void
StartTraffic(Net& net)
{
    net.ReceiveUdp(net.server, 7);
    NetfilterHelper().Run(net.router, "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE");
    Simulator::Schedule(Seconds(1.5), [&net] {
        net.SendUdp(net.client, "10.2.2.2", 7);
        net.SendUdp(net.client, "10.2.2.2", 7);
        net.Ping(net.client, "10.2.2.2");
    });
}

/// Samples tell what is in the table, and the pace.
class SampleTest : public TestCase
{
  public:
    SampleTest()
        : TestCase("What samples show")
    {
    }

  private:
    void DoRun() override
    {
        Net net;
        std::vector<NetfilterSample> samples;
        NetfilterTraceHelper trace;
        trace.SetAttribute("Start", TimeValue(Seconds(1)));
        trace.SetAttribute("ChainLengths", BooleanValue(true));
        trace.Install(net.router);
        trace.Install(net.router);
        trace.GetSampler()->TraceConnectWithoutContext("Sample",
                                                       MakeBoundCallback(&Keep, &samples));
        StartTraffic(net);
        net.Run(4.5);
        NS_TEST_ASSERT_MSG_EQ(samples.size(), 4, "samples at 1, 2, 3 and 4 s, of one node once");
        const NetfilterSample& before = samples[0];
        const NetfilterSample& after = samples[1];
        NS_TEST_ASSERT_MSG_EQ(before.time, Seconds(1), "first at Start");
        NS_TEST_ASSERT_MSG_EQ(before.node, net.router->GetId(), "whose");
        NS_TEST_ASSERT_MSG_EQ(before.Get("table", "count"), 0, "nothing before the traffic");
        NS_TEST_ASSERT_MSG_EQ(before.Get("rate", "insert"), 0, "no pace in the first sample");
        NS_TEST_ASSERT_MSG_EQ(after.Get("table", "count"), 3, "three flows");
        NS_TEST_ASSERT_MSG_EQ(after.Get("table", "max"), 262144, "the limit");
        NS_TEST_ASSERT_MSG_EQ(after.Get("entries", "udp UNREPLIED"), 2, "nobody answers these");
        NS_TEST_ASSERT_MSG_EQ(after.Get("entries", "icmp REPLIED"), 1, "the ping");
        NS_TEST_ASSERT_MSG_EQ(after.Get("zone", "0"), 3, "all in the default zone");
        double entries = 0;
        double chains = 0;
        for (const NetfilterSample::Value& value : after.values)
        {
            if (value.series == "chain")
            {
                chains += value.value;
                entries += value.value * std::stod(value.key);
            }
        }
        NS_TEST_ASSERT_MSG_EQ(chains, after.Get("table", "buckets"), "each chain has a length");
        NS_TEST_ASSERT_MSG_EQ(entries, 6, "each flow is in two of them");
        NS_TEST_ASSERT_MSG_EQ(after.Get("rate", "insert"), 3, "in one second");
        NS_TEST_ASSERT_MSG_EQ(after.Get("counter", "conntrack-insert"), 3, "in all");
        NS_TEST_ASSERT_MSG_GT(after.Get("rate", "nat_probe"), 2, "each flow needs a tuple");
        NS_TEST_ASSERT_MSG_EQ(samples[2].Get("rate", "insert"), 0, "no more flows");
        net.Run(40);
        const NetfilterSample& end = samples.back();
        NS_TEST_ASSERT_MSG_EQ(end.Get("entries", "udp UNREPLIED"), 0, "gone");
        bool shown = false;
        for (const NetfilterSample::Value& value : end.values)
        {
            shown = shown || (value.series == "entries" && value.key == "udp UNREPLIED");
        }
        NS_TEST_ASSERT_MSG_EQ(shown, true, "what was there once is shown as 0 later");
    }
};

/// Nobody calls Simulator::Stop().
class EndTest : public TestCase
{
  public:
    EndTest()
        : TestCase("Sampling ends when nothing else happens, and at Stop")
    {
    }

  private:
    void DoRun() override
    {
        for (const double stop : {0.0, 3.0})
        {
            Net net;
            std::vector<NetfilterSample> samples;
            {
                NetfilterTraceHelper trace;
                trace.SetAttribute("Stop", TimeValue(Seconds(stop)));
                trace.Install(NodeContainer(net.router, net.server));
                trace.GetSampler()->TraceConnectWithoutContext("Sample",
                                                               MakeBoundCallback(&Keep, &samples));
            }
            StartTraffic(net);
            Simulator::Run();
            NS_TEST_ASSERT_MSG_GT(samples.size(), 7, "samples of two nodes");
            const bool early = samples.back().time <= Seconds(3);
            NS_TEST_ASSERT_MSG_EQ(early, (stop > 0), "last sample at " << samples.back().time);
        }
    }
};

/// A table with expired entries looks the same afterwards.
class EffectTest : public TestCase
{
  public:
    EffectTest()
        : TestCase("Sampling has no effect on what is sampled")
    {
    }

  private:
    size_t CountAfterExpiry(bool sample)
    {
        Net net;
        Ptr<Netfilter> netfilter = Net::Nf(net.router);
        StartTraffic(net);
        net.Run(2);
        NfConntrack& table = netfilter->GetNetns().GetConntrack();
        table.FastForward(std::chrono::seconds(100));
        if (sample)
        {
            const NetfilterSample taken = CreateObject<NetfilterSampler>()->Take(netfilter);
            NS_TEST_EXPECT_MSG_EQ(taken.Get("entries", "expired"), 3, "entries past their time");
            NS_TEST_EXPECT_MSG_EQ(taken.Get("table", "count"), 3, "they count until collected");
        }
        return table.GetCount();
    }

    void DoRun() override
    {
        NS_TEST_ASSERT_MSG_EQ(CountAfterExpiry(true), CountAfterExpiry(false), "entries left");
    }
};

/// What the files hold.
class FileTest : public TestCase
{
  public:
    FileTest()
        : TestCase("CSV and SQLite")
    {
    }

  private:
    void DoRun() override
    {
        const std::string csv = CreateTempDirFilename("samples.csv");
        const std::string database = CreateTempDirFilename("samples.db");
        uint32_t router = 0;
        {
            Net net;
            router = net.router->GetId();
            NetfilterTraceHelper trace;
            NS_TEST_ASSERT_MSG_EQ(trace.EnableCsv("/nowhere/at/all.csv"), false, "no such folder");
            NS_TEST_ASSERT_MSG_EQ(trace.EnableSqlite("/nowhere/at/all.db"),
                                  false,
                                  "no such folder");
            NS_TEST_ASSERT_MSG_EQ(trace.EnableCsv(csv), true, csv);
#ifdef NF_HAVE_SQLITE
            NS_TEST_ASSERT_MSG_EQ(trace.EnableSqlite(database, "first run"), true, database);
#endif
            trace.Install(net.router);
            StartTraffic(net);
            net.Run(2.5);
        }
        std::ifstream file(csv);
        std::ostringstream text;
        text << file.rdbuf();
        NS_TEST_ASSERT_MSG_EQ(text.str().rfind("time,node,series,key,value\n0,", 0), 0, "header");
        std::ostringstream line;
        line << "\n2," << router << ",entries,udp UNREPLIED,2\n";
        NS_TEST_ASSERT_MSG_NE(text.str().find(line.str()), std::string::npos, text.str());
#ifdef NF_HAVE_SQLITE
        SQLiteOutput reader(database);
        sqlite3_stmt* query = nullptr;
        reader.SpinPrepare(&query,
                           "SELECT value FROM Netfilter WHERE run = 'first run' AND time = 2 AND "
                           "series = 'rate' AND key = 'insert'");
        NS_TEST_ASSERT_MSG_EQ(SQLiteOutput::SpinStep(query), SQLITE_ROW, "one row");
        NS_TEST_ASSERT_MSG_EQ(reader.RetrieveColumn<double>(query, 0), 3, "flows per second");
        NS_TEST_ASSERT_MSG_EQ(SQLiteOutput::SpinStep(query), SQLITE_DONE, "one row only");
        SQLiteOutput::SpinFinalize(query);
#endif
    }
};

class SamplerSuite : public TestSuite
{
  public:
    SamplerSuite()
        : TestSuite("netfilter-sampler", Type::SYSTEM)
    {
        AddTestCase(new SampleTest);
        AddTestCase(new EndTest);
        AddTestCase(new EffectTest);
        AddTestCase(new FileTest);
    }
};

SamplerSuite g_samplerSuite;

} // namespace
