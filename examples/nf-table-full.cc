/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * A connection tracking table under attack: what becomes of a web server's visitors when a gateway
 * with a small table is flooded, and what helps.
 *
 *     visitors ----+
 *                  +---- Internet ---- gateway ---- web server
 *     flood -------+     eth0   eth1
 */
#include "nf-table-full/flood-application.h"
#include "nf-table-full/visitor-application.h"

#include "ns3/command-line.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/netfilter-trace-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

constexpr uint16_t WEB = 80;

/// What can be chosen on the command line.
struct Options
{
    uint32_t max{1000};
    double flood{300};
    double visitors{15};
    uint32_t begin{5};
    uint32_t length{20};
    uint32_t end{35};
    uint32_t seed{1};
    std::string only;
    std::string csv{"nf-table-full.csv"};
    std::string series;
};

/// One run: an attack, and how the gateway is set up against it.
struct Scenario
{
    std::string name;
    std::string what;
    bool attack{true};
    uint32_t bots{0};      //!< 0: spoofed addresses
    uint32_t buckets{256}; //!< nf_conntrack_buckets
    std::vector<std::string> setup;
};

const std::vector<std::string> SYNPROXY = {
    "iptables -t raw -A PREROUTING -i eth0 -p tcp --syn --dport 80 -j CT --notrack",
    "iptables -I FORWARD -i eth0 -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED "
    "-j SYNPROXY --sack-perm --timestamp --wscale 2 --mss 536",
};

const std::vector<Scenario> SCENARIOS = {
    {"quiet", "no attack", false, 0, 256, {}},
    {"syn-flood", "SYNs from spoofed addresses; early_drop makes room", true, 0, 256, {}},
    {"syn-flood-synproxy",
     "the same, and SYNPROXY answers in the server's place",
     true,
     0,
     256,
     SYNPROXY},
    {"no-early-drop",
     "the same, 262144 buckets: the 8 that early_drop looks at are empty",
     true,
     0,
     262144,
     {}},
    {"no-early-drop-timeouts",
     "the same, and half-open connections time out after 2 s: the collector is too slow",
     true,
     0,
     262144,
     {"sysctl -w net.netfilter.nf_conntrack_tcp_timeout_syn_sent=2",
      "sysctl -w net.netfilter.nf_conntrack_tcp_timeout_syn_recv=2"}},
    {"no-early-drop-synproxy",
     "the same as no-early-drop, and SYNPROXY answers in the server's place",
     true,
     0,
     262144,
     SYNPROXY},
    {"bots", "50 bots finish each handshake: nothing that early_drop may take", true, 50, 256, {}},
    {"bots-timeouts",
     "the same, and established connections time out after 2 s",
     true,
     50,
     256,
     {"sysctl -w net.netfilter.nf_conntrack_tcp_timeout_established=2"}},
    {"bots-connlimit",
     "the same as bots, and each address may have 4 connections",
     true,
     50,
     256,
     {"iptables -I FORWARD -p tcp --syn --dport 80 -m connlimit --connlimit-above 4 -j DROP"}},
};

/// What a run showed.
struct Result
{
    std::vector<VisitorApplication::Second> visits; //!< by second
    std::vector<NetfilterSample> samples;           //!< one per second
    uint64_t sent{0};                               //!< SYNs of the flood
};

struct Network
{
    Ptr<Node> visitors{CreateObject<Node>()};
    Ptr<Node> attacker{CreateObject<Node>()};
    Ptr<Node> internet{CreateObject<Node>()};
    Ptr<Node> gateway{CreateObject<Node>()};
    Ptr<Node> server{CreateObject<Node>()};
    Ipv4Address serverAddress;
};

Ipv4StaticRouting&
RoutesOf(Ptr<Node> node)
{
    return *Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

/// @return addresses of both ends
Ipv4InterfaceContainer
Connect(Ptr<Node> a, Ptr<Node> b, const char* net, const char* delay)
{
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
    link.SetChannelAttribute("Delay", StringValue(delay));
    return Ipv4AddressHelper(net, "255.255.255.0").Assign(link.Install(a, b));
}

Network
BuildNetwork()
{
    Network n;
    NetfilterStackHelper().Install(
        NodeContainer(n.visitors, n.attacker, n.internet, n.gateway, n.server));
    Connect(n.visitors, n.internet, "198.51.100.0", "10ms");
    const auto attack = Connect(n.attacker, n.internet, "192.0.2.0", "10ms");
    const auto access = Connect(n.internet, n.gateway, "203.0.113.0", "5ms");
    const auto inside = Connect(n.gateway, n.server, "172.16.0.0", "1ms");
    RoutesOf(n.visitors).SetDefaultRoute("198.51.100.2", 1);
    RoutesOf(n.attacker).SetDefaultRoute(attack.GetAddress(1), 1);
    RoutesOf(n.internet).AddNetworkRouteTo("10.0.0.0", "255.0.0.0", attack.GetAddress(0), 2);
    RoutesOf(n.internet).AddNetworkRouteTo("172.16.0.0", "255.255.0.0", access.GetAddress(1), 3);
    RoutesOf(n.gateway).SetDefaultRoute(access.GetAddress(0), 1);
    RoutesOf(n.server).SetDefaultRoute(inside.GetAddress(0), 1);
    n.serverAddress = inside.GetAddress(1);
    return n;
}

void
SetUpGateway(Ptr<Node> gateway, const Options& options, const Scenario& scenario)
{
    NfConntrackConfig& config =
        NetfilterHelper::Get(gateway)->GetNetns().GetConntrack().GetConfig();
    config.max = options.max;
    config.buckets = scenario.buckets;
    NetfilterHelper netfilter;
    for (const char* command :
         {"sysctl -w net.netfilter.nf_conntrack_tcp_loose=0",
          "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
          "iptables -A FORWARD -i eth0 -p tcp --syn --dport 80 -j ACCEPT",
          "iptables -P FORWARD DROP"})
    {
        netfilter.Run(gateway, command);
    }
    for (const std::string& command : scenario.setup)
    {
        netfilter.Run(gateway, command);
    }
}

template <class T>
Ptr<T>
Start(Ptr<Node> node, Ptr<T> application, double from, double until)
{
    node->AddApplication(application);
    application->SetStartTime(Seconds(from));
    application->SetStopTime(Seconds(until));
    return application;
}

void
Keep(std::vector<NetfilterSample>* samples, const NetfilterSample& sample)
{
    samples->push_back(sample);
}

Result
Play(const Options& options, const Scenario& scenario)
{
    RngSeedManager::SetSeed(options.seed);
    const Network n = BuildNetwork();
    SetUpGateway(n.gateway, options, scenario);
    AnswerFloodStatelessly(n.server);
    Start(n.server, CreateObject<PageServer>(WEB), 0, options.end + 10);
    const auto visitors =
        Start(n.visitors,
              CreateObject<VisitorApplication>(InetSocketAddress(n.serverAddress, WEB),
                                               options.visitors,
                                               Seconds(4)),
              0,
              options.end);
    Ptr<FloodApplication> flood;
    if (scenario.attack)
    {
        flood = Start(
            n.attacker,
            CreateObject<FloodApplication>(n.serverAddress, WEB, options.flood, scenario.bots),
            options.begin,
            options.begin + options.length);
    }
    Result result;
    NetfilterTraceHelper trace;
    trace.Install(n.gateway);
    trace.GetSampler()->TraceConnectWithoutContext("Sample",
                                                   MakeBoundCallback(&Keep, &result.samples));
    if (!options.series.empty() && !trace.EnableCsv(options.series + "-" + scenario.name + ".csv"))
    {
        std::cerr << "nf-table-full: cannot write " << options.series << "\n";
    }
    Simulator::Stop(Seconds(options.end + 5));
    Simulator::Run();
    result.visits = visitors->GetSeconds();
    result.visits.resize(options.end);
    result.sent = flood ? flood->GetSent() : 0;
    Simulator::Destroy();
    return result;
}

/// @return visits of some seconds that got their page, in percent
double
Success(const Result& result, uint32_t from, uint32_t until)
{
    VisitorApplication::Second sum;
    for (uint32_t second = from; second < until; ++second)
    {
        sum.visits += result.visits[second].visits;
        sum.pages += result.visits[second].pages;
    }
    return sum.visits ? 100.0 * sum.pages / sum.visits : 0;
}

double
Highest(const Result& result, const char* series, const char* key)
{
    double highest = 0;
    for (const NetfilterSample& sample : result.samples)
    {
        highest = std::max(highest, sample.Get(series, key));
    }
    return highest;
}

void
WriteCsv(std::ostream& csv, const Scenario& scenario, const Result& result)
{
    for (size_t second = 0; second < result.visits.size(); ++second)
    {
        const NetfilterSample& sample = result.samples[std::min(second, result.samples.size() - 1)];
        csv << scenario.name << ',' << second << ',' << result.visits[second].visits << ','
            << result.visits[second].pages << ',' << sample.Get("table", "count") << ','
            << sample.Get("drop", "drop-conntrack-table-full") << ','
            << sample.Get("stat", "early_drop") << '\n';
    }
}

void
PrintRow(const Options& options, const Scenario& scenario, const Result& result)
{
    const uint32_t begin = options.begin;
    const uint32_t over = options.begin + options.length;
    // The flood needs some seconds to fill the table, and visits have patience.
    const double during = Success(result, begin + 5, over);
    const char* verdict = during >= 90 ? "holds" : during >= 50 ? "suffers" : "collapses";
    std::cout << std::left << std::setw(24) << scenario.name << std::right << std::fixed
              << std::setprecision(0) << std::setw(6) << Success(result, 0, begin) << " %"
              << std::setw(6) << during << " %" << std::setw(6)
              << Success(result, over + 5, options.end) << " %" << std::setw(9)
              << Highest(result, "table", "count") << std::setw(10)
              << Highest(result, "drop", "drop-conntrack-table-full") << std::setw(12)
              << Highest(result, "stat", "early_drop") << "  " << verdict << "\n";
}

bool
AreSound(const Options& options)
{
    return options.max >= 100 && options.flood > 0 && options.visitors > 0 && options.begin >= 1 &&
           options.length >= 6 && options.end >= options.begin + options.length + 6;
}

} // namespace

int
main(int argc, char* argv[])
{
    Options options;
    CommandLine cmd(__FILE__);
    cmd.AddValue("max", "nf_conntrack_max of the gateway", options.max);
    cmd.AddValue("flood", "SYNs per second of the attack", options.flood);
    cmd.AddValue("visitors", "visits per second", options.visitors);
    cmd.AddValue("begin", "second in which the attack begins", options.begin);
    cmd.AddValue("length", "seconds that it takes", options.length);
    cmd.AddValue("end", "second after which nobody comes", options.end);
    cmd.AddValue("seed", "of the random numbers", options.seed);
    cmd.AddValue("only", "the name of one scenario; all by default", options.only);
    cmd.AddValue("csv", "file for visits and occupancy by second", options.csv);
    cmd.AddValue("series", "prefix of files with all figures of the gateway", options.series);
    cmd.Parse(argc, argv);
    if (!AreSound(options))
    {
        std::cerr << "nf-table-full: max from 100, length from 6, end 6 s behind the attack\n";
        return 2;
    }
    std::ofstream csv(options.csv);
    csv << "scenario,second,visits,pages,entries,table_full_drops,early_drops\n";
    std::cout
        << "A table of " << options.max << " entries, " << options.visitors
        << " visits per second, an attack of " << options.flood << " SYNs per second from "
        << options.begin << " s to " << options.begin + options.length << " s\n\n"
        << "                          visits that got their page   most   refused  early_drop\n"
        << "scenario                before  during   after  entries   packets     victims\n";
    size_t played = 0;
    for (const Scenario& scenario : SCENARIOS)
    {
        if (options.only.empty() || options.only == scenario.name)
        {
            const Result result = Play(options, scenario);
            PrintRow(options, scenario, result);
            WriteCsv(csv, scenario, result);
            ++played;
        }
    }
    std::cout << "\n";
    for (const Scenario& scenario : SCENARIOS)
    {
        std::cout << std::left << std::setw(24) << scenario.name << scenario.what << "\n";
    }
    if (played == 0 || !csv.flush())
    {
        std::cerr << "nf-table-full: no such scenario, or " << options.csv
                  << " cannot be written\n";
        return 1;
    }
    return 0;
}
