/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * Two gateways that translate to the same virtual address. The first one fails in the middle of two
 * TCP connections; with its connection tracking table replicated, the second one carries them on.
 *
 *                      +--- first ---+
 *     client --- LAN --+      |      +--- WAN --- server
 *                      +--- second --+
 */
#include "ns3/boolean.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/command-line.h"
#include "ns3/csma-helper.h"
#include "ns3/enum.h"
#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-routing-table-entry.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/netfilter-sync-application.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

constexpr const char* VIRTUAL_ADDRESS = "203.0.113.100";
constexpr uint16_t UPLOAD_PORT = 80;
constexpr uint16_t FORWARDED_PORT = 2222;

/// What can be chosen on the command line.
struct Options
{
    uint32_t bytes{4000000};
    double at{3};
    double detection{0.5};
    double loss{0.3};
    uint32_t seed{1};
    bool verbose{false};
};

/// A way to replicate, or not to.
struct Variant
{
    std::string name;
    bool sync{true};
    NetfilterSyncApplication::Mode mode{NetfilterSyncApplication::FTFW};
    bool lossy{false}; //!< the link between the gateways loses messages
    bool cut{false};   //!< it is cut before the connections begin
};

const std::vector<Variant> VARIANTS = {
    {"no replication", false},
    {"FTFW"},
    {"FTFW, lossy link", true, NetfilterSyncApplication::FTFW, true},
    {"NOTRACK, lossy link", true, NetfilterSyncApplication::NOTRACK, true},
    {"ALARM, lossy link", true, NetfilterSyncApplication::ALARM, true},
    {"FTFW, link cut before", true, NetfilterSyncApplication::FTFW, false, true},
};

/// Bytes that arrived at one end, and the longest silence while they did.
struct Arrivals
{
    uint64_t bytes{0};
    uint64_t atFailure{0};
    Time last;
    Time silence;
};

void
OnArrival(Arrivals* arrivals, Ptr<const Packet> packet, const Address&)
{
    arrivals->bytes += packet->GetSize();
    if (arrivals->last.IsStrictlyPositive())
    {
        arrivals->silence = std::max(arrivals->silence, Simulator::Now() - arrivals->last);
    }
    arrivals->last = Simulator::Now();
}

/// The network of one run.
class Story
{
  public:
    Story(const Options& options, const Variant& variant)
        : m_options(options)
    {
        Build();
        for (const auto& gateway : {m_first, m_second})
        {
            SetRules(gateway);
        }
        if (variant.sync)
        {
            m_firstSync = Replicate(m_first, "10.9.9.2", variant.mode);
            m_secondSync = Replicate(m_second, "10.9.9.1", variant.mode);
        }
        if (variant.lossy || variant.cut)
        {
            auto loss = CreateObject<RateErrorModel>();
            loss->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
            loss->SetRate(variant.cut ? 1 : options.loss);
            m_link.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(loss));
        }
        Upload(m_client, "203.0.113.1", UPLOAD_PORT, m_server, UPLOAD_PORT, m_out);
        Upload(m_server, VIRTUAL_ADDRESS, FORWARDED_PORT, m_client, 22, m_in);
        Simulator::Schedule(Seconds(options.at), &Story::Fail, this);
        Simulator::Schedule(Seconds(options.at + options.detection), &Story::TakeOver, this);
    }

    ~Story()
    {
        Simulator::Destroy();
    }

    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    void Run()
    {
        Simulator::Stop(Seconds(m_options.at + 60));
        Simulator::Run();
    }

    void PrintRow(const std::string& name) const
    {
        std::cout << std::left << std::setw(24) << name << std::right;
        PrintArrivals(m_out);
        PrintArrivals(m_in);
        if (m_secondSync)
        {
            std::cout << std::setw(9) << m_committed << std::setw(8)
                      << m_firstSync->GetStats().resent << std::setw(6)
                      << m_secondSync->GetStats().lost;
        }
        std::cout << "\n";
    }

  private:
    void PrintArrivals(const Arrivals& arrivals) const
    {
        const bool whole = arrivals.bytes == m_options.bytes;
        std::cout << std::fixed << std::setprecision(0) << std::setw(5)
                  << 100.0 * arrivals.atFailure / m_options.bytes << " %" << std::setw(5)
                  << 100.0 * arrivals.bytes / m_options.bytes << " %" << std::setprecision(1)
                  << std::setw(6);
        if (whole)
        {
            std::cout << arrivals.silence.GetSeconds() << " s";
        }
        else
        {
            std::cout << "dead"
                      << "  ";
        }
    }

    static Ipv4StaticRouting& Routes(Ptr<Node> node)
    {
        return *Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
    }

    void Build()
    {
        CsmaHelper ethernet;
        ethernet.SetChannelAttribute("DataRate", StringValue("20Mbps"));
        ethernet.SetChannelAttribute("Delay", StringValue("2ms"));
        NetDeviceContainer lan = ethernet.Install(NodeContainer(m_client, m_first, m_second));
        NetDeviceContainer wan = ethernet.Install(NodeContainer(m_server, m_first, m_second));
        PointToPointHelper cable;
        cable.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
        m_link = cable.Install(m_first, m_second);
        NetfilterStackHelper().Install(NodeContainer(m_client, m_first, m_second, m_server));
        Ipv4AddressHelper("192.168.1.0", "255.255.255.0").Assign(lan);
        Ipv4AddressHelper("203.0.113.0", "255.255.255.0").Assign(wan);
        Ipv4AddressHelper("10.9.9.0", "255.255.255.0").Assign(m_link);
        Routes(m_client).SetDefaultRoute("192.168.1.2", 1);
        Routes(m_server).AddHostRouteTo(VIRTUAL_ADDRESS, "203.0.113.2", 1);
    }

    static void SetRules(Ptr<Node> gateway)
    {
        NetfilterHelper netfilter;
        const std::string address = VIRTUAL_ADDRESS;
        for (const std::string& command :
             {std::string("sysctl -w net.netfilter.nf_conntrack_tcp_loose=0"),
              "iptables -t nat -A POSTROUTING -o eth1 -j SNAT --to-source " + address +
                  " --random-fully",
              "iptables -t nat -A PREROUTING -i eth1 -d " + address +
                  " -p tcp --dport 2222 -j DNAT --to-destination 192.168.1.1:22",
              std::string("iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT"),
              std::string("iptables -A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT"),
              std::string("iptables -A FORWARD -p tcp --syn --dport 22 -j ACCEPT"),
              std::string("iptables -P FORWARD DROP")})
        {
            netfilter.Run(gateway, command);
        }
    }

    static Ptr<NetfilterSyncApplication> Replicate(Ptr<Node> node,
                                                   const char* peer,
                                                   NetfilterSyncApplication::Mode mode)
    {
        auto sync = CreateObject<NetfilterSyncApplication>();
        sync->SetAttribute("Peer", AddressValue(Ipv4Address(peer)));
        sync->SetAttribute("Mode", EnumValue(mode));
        node->AddApplication(sync);
        return sync;
    }

    void Upload(Ptr<Node> from,
                const char* to,
                uint16_t port,
                Ptr<Node> receiver,
                uint16_t receiverPort,
                Arrivals& arrivals)
    {
        BulkSendHelper sender("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address(to), port));
        sender.SetAttribute("MaxBytes", UintegerValue(m_options.bytes));
        sender.Install(from).Start(Seconds(1));
        PacketSinkHelper sink("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address::GetAny(), receiverPort));
        sink.Install(receiver).Get(0)->TraceConnectWithoutContext(
            "Rx",
            MakeBoundCallback(&OnArrival, &arrivals));
    }

    void Fail()
    {
        m_out.atFailure = m_out.bytes;
        m_in.atFailure = m_in.bytes;
        for (uint32_t interface = 1; interface <= 3; ++interface)
        {
            m_first->GetObject<Ipv4>()->SetDown(interface);
        }
    }

    /// What keepalived does: the virtual addresses move, and a script is run.
    void TakeOver()
    {
        if (m_secondSync)
        {
            m_committed = m_secondSync->BecomePrimary();
        }
        Replace(m_client, "0.0.0.0", "192.168.1.3");
        Replace(m_server, VIRTUAL_ADDRESS, "203.0.113.3");
        if (m_options.verbose)
        {
            std::cout << "second gateway # conntrack -L\n"
                      << NetfilterHelper().Run(m_second, "conntrack -L");
        }
    }

    static void Replace(Ptr<Node> node, const char* destination, const char* gateway)
    {
        Ipv4StaticRouting& routes = Routes(node);
        for (uint32_t i = routes.GetNRoutes(); i-- > 0;)
        {
            if (routes.GetRoute(i).GetDest() == Ipv4Address(destination) &&
                routes.GetRoute(i).IsGateway())
            {
                routes.RemoveRoute(i);
            }
        }
        if (Ipv4Address(destination) == Ipv4Address::GetZero())
        {
            routes.SetDefaultRoute(gateway, 1);
        }
        else
        {
            routes.AddHostRouteTo(destination, gateway, 1);
        }
    }

    const Options& m_options;
    Ptr<Node> m_client{CreateObject<Node>()};
    Ptr<Node> m_first{CreateObject<Node>()};
    Ptr<Node> m_second{CreateObject<Node>()};
    Ptr<Node> m_server{CreateObject<Node>()};
    NetDeviceContainer m_link;
    Ptr<NetfilterSyncApplication> m_firstSync;
    Ptr<NetfilterSyncApplication> m_secondSync;
    size_t m_committed{0};
    Arrivals m_out; //!< of the upload that SNAT hides
    Arrivals m_in;  //!< of the one that comes through the port forward
};

} // namespace

int
main(int argc, char* argv[])
{
    Options options;
    CommandLine cmd(__FILE__);
    cmd.AddValue("bytes", "of each connection", options.bytes);
    cmd.AddValue("at", "time when the first gateway fails; connections begin at 1 s", options.at);
    cmd.AddValue("detection", "seconds until the second one takes over", options.detection);
    cmd.AddValue("loss", "rate of messages lost by a lossy link", options.loss);
    cmd.AddValue("seed", "of the random numbers", options.seed);
    cmd.AddValue("verbose", "show the second gateway's table after the failover", options.verbose);
    cmd.Parse(argc, argv);
    if (options.at <= 1 || options.detection < 0 || options.loss < 0 || options.loss > 1)
    {
        std::cerr << "nf-failover: at > 1, detection >= 0, loss from 0 to 1\n";
        return 2;
    }
    std::cout << "The first gateway fails at " << options.at << " s, the second one takes over "
              << options.detection << " s later\n\n"
              << "                        upload (SNAT)          port forward (DNAT)\n"
              << "                        arrived at             arrived at             entries\n"
              << "replication             failure  end  pause    failure  end  pause   committed  "
                 "resent lost\n";
    for (const Variant& variant : VARIANTS)
    {
        RngSeedManager::SetSeed(options.seed);
        Story story(options, variant);
        story.Run();
        story.PrintRow(variant.name);
    }
    return 0;
}
