/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * A home behind a gateway that runs an administrator's own rules.
 *
 *     h1 h2 ... ---- LAN ---- gateway ---- provider ---- Internet ---- web, ftp, stranger
 *        192.168.1.0/24    eth1     eth0 203.0.113.2        198.51.100.0/24
 *        fd00:1::/64             fd00:2::/64                fd00:3::/64
 *
 * The provider knows no way to 192.168.1.0/24: without the gateway's translation nothing comes
 * back.
 */
#include "nf-home-gateway/ftp-application.h"
#include "nf-home-gateway/home-applications.h"

#include "ns3/address.h"
#include "ns3/boolean.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/command-line.h"
#include "ns3/csma-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-echo-helper.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>

using namespace ns3;

namespace
{

/// What the command line says.
struct Options
{
    uint32_t hosts{4};
    double seconds{40};
    uint32_t seed{1};
    std::string pcap;
    std::string rules{NF_EXAMPLE_RULES "/home-gateway"};
};

/// The network, and the addresses that applications need.
struct Network
{
    NodeContainer hosts;
    Ptr<Node> gateway{CreateObject<Node>()};
    Ptr<Node> provider{CreateObject<Node>()};
    Ptr<Node> web{CreateObject<Node>()};
    Ptr<Node> ftp{CreateObject<Node>()};
    Ptr<Node> stranger{CreateObject<Node>()};
    NetDeviceContainer gatewayDevices; //!< eth0, eth1
    Ipv4Address gatewayAddress{"203.0.113.2"};
    Ipv4Address webAddress{"198.51.100.2"};
    Ipv4Address ftpAddress{"198.51.100.3"};
    Ipv6Address webAddress6;
    Ipv6Address hostAddress6; //!< of h1
};

/// One event of the story, and whether it ended as it should.
struct Act
{
    double at;
    std::string what;
    std::function<std::string()> result;
    std::function<bool()> good;
};

/// Datagrams one way and the other.
struct Exchange
{
    uint32_t asked{0};
    uint32_t answered{0};
};

void
Increment(uint32_t* counter, Ptr<const Packet>)
{
    ++*counter;
}

/// Addresses of IPv6 routers, and the default route of everybody behind them.
void
RouteIpv6(Ptr<Node> node, const Ipv6Address& gateway, uint32_t interface)
{
    Ipv6StaticRoutingHelper()
        .GetStaticRouting(node->GetObject<Ipv6>())
        ->SetDefaultRoute(gateway, interface);
}

void
RouteIpv4(Ptr<Node> node, const char* gateway, uint32_t interface)
{
    Ipv4StaticRoutingHelper()
        .GetStaticRouting(node->GetObject<Ipv4>())
        ->SetDefaultRoute(gateway, interface);
}

void
AssignIpv4(const NetDeviceContainer& wan,
           const NetDeviceContainer& lan,
           const NetDeviceContainer& net)
{
    Ipv4AddressHelper("203.0.113.0", "255.255.255.252").Assign(wan);
    Ipv4AddressHelper home("192.168.1.0", "255.255.255.0");
    home.Assign(NetDeviceContainer(lan.Get(0)));
    home.SetBase("192.168.1.0", "255.255.255.0", "0.0.0.10");
    for (uint32_t i = 1; i < lan.GetN(); ++i)
    {
        home.Assign(NetDeviceContainer(lan.Get(i)));
    }
    Ipv4AddressHelper("198.51.100.0", "255.255.255.0").Assign(net);
}

void
AssignIpv6(Network& n,
           const NetDeviceContainer& wan,
           const NetDeviceContainer& lan,
           const NetDeviceContainer& net)
{
    Ipv6AddressHelper helper(Ipv6Address("fd00:2::"), Ipv6Prefix(64));
    Ipv6InterfaceContainer link = helper.Assign(wan);
    helper.SetBase(Ipv6Address("fd00:1::"), Ipv6Prefix(64));
    Ipv6InterfaceContainer home = helper.Assign(lan);
    helper.SetBase(Ipv6Address("fd00:3::"), Ipv6Prefix(64));
    Ipv6InterfaceContainer internet = helper.Assign(net);
    for (uint32_t i = 0; i < link.GetN(); ++i)
    {
        link.SetForwarding(i, true);
    }
    home.SetForwarding(0, true);
    internet.SetForwarding(0, true);

    for (uint32_t i = 0; i < n.hosts.GetN(); ++i)
    {
        RouteIpv6(n.hosts.Get(i), home.GetAddress(0, 1), 1);
    }
    for (const auto& server : {n.web, n.ftp, n.stranger})
    {
        RouteIpv6(server, internet.GetAddress(0, 1), 1);
    }
    RouteIpv6(n.gateway, link.GetAddress(0, 1), 1);
    Ipv6StaticRoutingHelper()
        .GetStaticRouting(n.provider->GetObject<Ipv6>())
        ->AddNetworkRouteTo(Ipv6Address("fd00:1::"), Ipv6Prefix(64), link.GetAddress(1, 1), 1);
    n.webAddress6 = internet.GetAddress(1, 1);
    n.hostAddress6 = home.GetAddress(1, 1);
}

Network
BuildNetwork(const Options& options)
{
    Network n;
    n.hosts.Create(options.hosts);
    PointToPointHelper access;
    access.SetDeviceAttribute("DataRate", StringValue("50Mbps"));
    access.SetChannelAttribute("Delay", StringValue("8ms"));
    NetDeviceContainer wan = access.Install(n.provider, n.gateway);

    CsmaHelper ethernet;
    ethernet.SetChannelAttribute("DataRate", StringValue("1Gbps"));
    NodeContainer home(n.gateway);
    home.Add(n.hosts);
    NetDeviceContainer lan = ethernet.Install(home);
    NodeContainer internet(n.provider, n.web, n.ftp, n.stranger);
    NetDeviceContainer net = ethernet.Install(internet);

    NetfilterStackHelper().Install(n.gateway);
    InternetStackHelper plain;
    plain.Install(n.hosts);
    plain.Install(internet);

    AssignIpv4(wan, lan, net);
    AssignIpv6(n, wan, lan, net);
    for (uint32_t i = 0; i < n.hosts.GetN(); ++i)
    {
        RouteIpv4(n.hosts.Get(i), "192.168.1.1", 1);
    }
    for (const auto& server : {n.web, n.ftp, n.stranger})
    {
        RouteIpv4(server, "198.51.100.1", 1);
    }
    RouteIpv4(n.gateway, "203.0.113.1", 1);
    n.gatewayDevices = NetDeviceContainer(wan.Get(1), lan.Get(0));
    if (!options.pcap.empty())
    {
        access.EnablePcap(options.pcap + "-eth0", wan.Get(1));
        ethernet.EnablePcap(options.pcap + "-eth1", lan.Get(0));
    }
    return n;
}

void
LoadRules(const Network& n, const std::string& base)
{
    NetfilterHelper netfilter;
    netfilter.RestoreFile(n.gateway, base + ".v4", NfFamily::IPV4);
    if (std::ifstream(base + ".v6"))
    {
        netfilter.RestoreFile(n.gateway, base + ".v6", NfFamily::IPV6);
    }
}

template <class T>
Ptr<T>
Start(Ptr<Node> node, Ptr<T> application, double at)
{
    node->AddApplication(application);
    application->SetStartTime(Seconds(at));
    return application;
}

/**
 * @ingroup netfilter-examples
 * The traffic of the example: each method adds one event with the outcome that the rules ask for.
 */
class Story
{
  public:
    Story(const Network& network, const Options& options)
        : m_net(network),
          m_options(options)
    {
    }

    void Plan()
    {
        UdpEchoServerHelper(53).Install(m_net.web).Start(Seconds(0));
        AskNames(2.0, m_net.hosts.Get(0), m_net.webAddress, "h1 asks the name server, UDP");
        AskNames(2.5,
                 m_net.hosts.Get(0),
                 m_net.webAddress6,
                 "h1 asks the name server, UDP over IPv6");
        Ping(3.0, Host(1), m_net.webAddress, 5, 5, 5, "pings the web server");
        Upload(4.0,
               Host(0),
               InetSocketAddress(m_net.webAddress, 80),
               m_net.web,
               2000000,
               "sends 2 MB to the web server, TCP");
        Upload(4.5,
               Host(1),
               Inet6SocketAddress(m_net.webAddress6, 80),
               m_net.web,
               500000,
               "sends 500 kB to the web server, TCP over IPv6");
        Start(m_net.ftp, CreateObject<FtpServer>(), 0);
        Fetch(6.0, Host(0), false, false, "fetches a file by active FTP (PORT)");
        Fetch(8.0, Host(1), true, false, "fetches a file by passive FTP (PASV)");
        Fetch(10.0, Host(2), false, true, "fetches a file by active FTP (EPRT)");
        Upload(12.0,
               Stranger(),
               InetSocketAddress(m_net.gatewayAddress, 8080),
               m_net.hosts.Get(0),
               50000,
               "reaches the home's web server through the port forward");
        Ping(14.0,
             Stranger(),
             m_net.gatewayAddress,
             20,
             1,
             12,
             "pings the gateway, ten times a second");
        Scan(17.0);
        Background(20.0);
    }

    /// Prints how each event ended. @return true if all ended as they should
    bool Tell() const
    {
        bool all = true;
        for (const auto& act : m_acts)
        {
            const bool good = act.good();
            all = all && good;
            std::cout << std::fixed << std::setprecision(1) << std::setw(6) << act.at << " s  "
                      << std::left << std::setw(66) << act.what << std::right << act.result()
                      << (good ? "" : "   <-- not as it should be") << "\n";
        }
        return all;
    }

  private:
    /// A node and its name in the story.
    struct Actor
    {
        Ptr<Node> node;
        std::string name;
    };

    Actor Host(uint32_t i) const
    {
        i %= m_net.hosts.GetN();
        return {m_net.hosts.Get(i), "h" + std::to_string(i + 1)};
    }

    Actor Stranger() const
    {
        return {m_net.stranger, "stranger"};
    }

    Exchange& Ask(Ptr<Node> node, const Address& server, double at, double interval, uint32_t count)
    {
        UdpEchoClientHelper client(server, 53);
        client.SetAttribute("Interval", TimeValue(Seconds(interval)));
        client.SetAttribute("MaxPackets", UintegerValue(count));
        client.SetAttribute("PacketSize", UintegerValue(40));
        ApplicationContainer apps = client.Install(node);
        apps.Start(Seconds(at));
        Exchange& exchange = m_exchanges.emplace_back();
        apps.Get(0)->TraceConnectWithoutContext("Tx",
                                                MakeBoundCallback(&Increment, &exchange.asked));
        apps.Get(0)->TraceConnectWithoutContext("Rx",
                                                MakeBoundCallback(&Increment, &exchange.answered));
        return exchange;
    }

    void AskNames(double at, Ptr<Node> node, const Address& server, const std::string& what)
    {
        Exchange& exchange = Ask(node, server, at, 0.2, 10);
        m_acts.push_back({at,
                          what,
                          [&] { return Of(exchange.answered, exchange.asked, "answered"); },
                          [&] { return exchange.answered == 10; }});
    }

    void Ping(double at,
              const Actor& who,
              Ipv4Address whom,
              uint16_t count,
              uint16_t atLeast,
              uint16_t atMost,
              const std::string& what)
    {
        auto ping = Start(who.node, CreateObject<HomePinger>(whom, count, MilliSeconds(100)), at);
        m_acts.push_back({at,
                          who.name + " " + what,
                          [=] { return Of(ping->GetAnswered(), ping->GetSent(), "answered"); },
                          [=] {
                              return ping->GetSent() == count && ping->GetAnswered() >= atLeast &&
                                     ping->GetAnswered() <= atMost;
                          }});
    }

    void Upload(double at,
                const Actor& who,
                const Address& to,
                Ptr<Node> receiver,
                uint32_t bytes,
                const std::string& what)
    {
        BulkSendHelper sender("ns3::TcpSocketFactory", to);
        sender.SetAttribute("MaxBytes", UintegerValue(bytes));
        sender.Install(who.node).Start(Seconds(at));
        const bool v6 = Inet6SocketAddress::IsMatchingType(to);
        const Address any = v6 ? Address(Inet6SocketAddress(Ipv6Address::GetAny(), 80))
                               : Address(InetSocketAddress(Ipv4Address::GetAny(), 80));
        ApplicationContainer sinks =
            PacketSinkHelper("ns3::TcpSocketFactory", any).Install(receiver);
        sinks.Start(Seconds(0));
        auto sink = DynamicCast<PacketSink>(sinks.Get(0));
        m_acts.push_back({at,
                          who.name + " " + what,
                          [=] { return Of(sink->GetTotalRx(), bytes, "bytes arrived"); },
                          [=] { return sink->GetTotalRx() == bytes; }});
    }

    void Fetch(double at, const Actor& who, bool passive, bool extended, const std::string& what)
    {
        auto client = CreateObject<FtpClient>();
        client->SetAttribute("Remote", AddressValue(InetSocketAddress(m_net.ftpAddress, 21)));
        client->SetAttribute("Passive", BooleanValue(passive));
        client->SetAttribute("Extended", BooleanValue(extended));
        Start(who.node, client, at);
        m_acts.push_back({at,
                          who.name + " " + what,
                          [=] { return Of(client->GetReceived(), 100000, "bytes arrived"); },
                          [=] { return client->IsComplete() && client->GetReceived() == 100000; }});
    }

    void Scan(double at)
    {
        std::vector<Address> doors;
        for (uint16_t port : {21, 22, 23, 25, 53, 80, 110, 139, 443, 445, 3389, 5900})
        {
            doors.emplace_back(InetSocketAddress(m_net.gatewayAddress, port));
            doors.emplace_back(Inet6SocketAddress(m_net.hostAddress6, port));
        }
        auto scanner = Start(m_net.stranger, CreateObject<HomeScanner>(doors), at);
        m_acts.push_back({at,
                          "stranger knocks at ports of the gateway and, by IPv6, of h1",
                          [=] { return Of(scanner->GetOpen(), scanner->GetTried(), "opened"); },
                          [=] { return scanner->GetTried() > 0 && scanner->GetOpen() == 0; }});
    }

    /// All hosts ask for names at random moments until shortly before the end.
    void Background(double from)
    {
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(1);
        const double until = m_options.seconds - 2;
        if (until <= from)
        {
            return;
        }
        std::vector<Exchange*> exchanges;
        for (uint32_t i = 0; i < m_net.hosts.GetN(); ++i)
        {
            const double interval = random->GetValue(0.2, 0.6);
            const double start = from + random->GetValue(0, 1);
            const auto count = uint32_t(std::max(1.0, (until - start) / interval));
            exchanges.push_back(&Ask(m_net.hosts.Get(i), m_net.webAddress, start, interval, count));
        }
        const auto sum = [exchanges] {
            Exchange all;
            for (const auto* e : exchanges)
            {
                all.asked += e->asked;
                all.answered += e->answered;
            }
            return all;
        };
        m_acts.push_back({from,
                          "all hosts ask for names at random moments",
                          [=] { return Of(sum().answered, sum().asked, "answered"); },
                          [=] { return sum().asked > 0 && sum().answered == sum().asked; }});
    }

    static std::string Of(uint64_t part, uint64_t all, const std::string& what)
    {
        return std::to_string(part) + " of " + std::to_string(all) + " " + what;
    }

    const Network& m_net;
    const Options& m_options;
    std::vector<Act> m_acts;
    std::deque<Exchange> m_exchanges; //!< references stay valid
};

/// What was dropped, by (reason, hook, rule).
using Drops = std::map<std::tuple<std::string, std::string, std::string>, uint64_t>;

void
CountDrop(Drops* drops,
          Ptr<const Packet>,
          const std::string& reason,
          const std::string& hook,
          const std::string& rule)
{
    ++(*drops)[{reason, hook, rule}];
}

/// Runs a command on the gateway and prints it like a terminal does.
void
Show(Ptr<Node> gateway, const std::string& command)
{
    const NfCommandResult result = NetfilterHelper::Get(gateway)->Run(command);
    std::cout << "\ngateway, " << std::fixed << std::setprecision(1)
              << Simulator::Now().GetSeconds() << " s # " << command << "\n"
              << result.out << result.err;
}

void
ShowDrops(const Drops& drops)
{
    std::cout << "\nDropped on the gateway:\n";
    for (const auto& [key, count] : drops)
    {
        const auto& [reason, hook, rule] = key;
        std::cout << std::setw(6) << count << "  " << std::left << std::setw(12) << hook
                  << std::setw(28) << reason << std::right << rule << "\n";
    }
}

void
ShowLog(Ptr<Node> gateway)
{
    std::cout << "\nThe gateway's kernel log:\n";
    for (const auto& line : NetfilterHelper::Get(gateway)->GetNetns().GetLog().GetLines())
    {
        std::cout << line.text << "\n";
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    Options options;
    CommandLine cmd(__FILE__);
    cmd.AddValue("hosts", "computers in the home", options.hosts);
    cmd.AddValue("seconds", "simulated time; the story needs 22", options.seconds);
    cmd.AddValue("seed", "of the random numbers", options.seed);
    cmd.AddValue("pcap", "prefix of capture files of the gateway's two sides", options.pcap);
    cmd.AddValue("rules", "iptables-save files without their ends .v4 and .v6", options.rules);
    cmd.Parse(argc, argv);
    if (options.hosts < 1 || options.hosts > 200 || options.seconds < 22)
    {
        std::cerr << "nf-home-gateway: 1 to 200 hosts, at least 22 seconds\n";
        return 2;
    }
    RngSeedManager::SetSeed(options.seed);

    const Network network = BuildNetwork(options);
    LoadRules(network, options.rules);
    Drops drops;
    NetfilterHelper::Get(network.gateway)
        ->TraceConnectWithoutContext("Drop", MakeBoundCallback(&CountDrop, &drops));
    Story story(network, options);
    story.Plan();

    Simulator::Schedule(Seconds(6.1), &Show, network.gateway, "conntrack -L");
    Simulator::Stop(Seconds(options.seconds));
    std::cout << options.hosts << " hosts behind a gateway with the rules of " << options.rules
              << ".v4 and .v6\n";
    Simulator::Run();

    std::cout << "\nWhat happened:\n";
    const bool good = story.Tell();
    Show(network.gateway, "conntrack -L");
    Show(network.gateway, "iptables -t nat -nvL");
    Show(network.gateway, "iptables -nvL");
    Show(network.gateway, "ip6tables -nvL");
    ShowDrops(drops);
    ShowLog(network.gateway);
    Simulator::Destroy();
    return good ? 0 : 1;
}
