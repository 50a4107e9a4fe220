/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * A chain src - N routers - dst with one UDP flow, for counting instructions per forwarded hop.
 * bench.py runs it with 1 and 3 routers and takes differences, so that set-up and the ends cancel.
 */
#include "ns3/address.h"
#include "ns3/command-line.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/udp-socket-factory.h"

#include <iostream>
#include <map>

using namespace ns3;

namespace
{

const Time START = Seconds(5); //!< of the counted packets: the flow is a stream by then
constexpr uint16_t PORT = 9;

/// The flow's two ends.
struct Flow
{
    Ptr<Socket> source;
    Ptr<Socket> sink;
    uint32_t left{0};
    uint32_t received{0};
    uint32_t size{512};

    void Send()
    {
        source->Send(Create<Packet>(size));
        if (left-- > 1)
        {
            Simulator::Schedule(MicroSeconds(100), &Flow::Send, this);
        }
    }

    /// The first packets are answered, so that the connection is established.
    void Receive(Ptr<Socket> socket)
    {
        Address from;
        while (Ptr<Packet> packet = socket->RecvFrom(from))
        {
            ++received;
            if (Simulator::Now() < START)
            {
                socket->SendTo(Create<Packet>(8), 0, from);
            }
        }
    }
};

void
RegisterEmptyHooks(Ptr<Node> node)
{
    for (auto hook : {NfHook::PRE_ROUTING,
                      NfHook::LOCAL_IN,
                      NfHook::FORWARD,
                      NfHook::LOCAL_OUT,
                      NfHook::POST_ROUTING})
    {
        NetfilterHelper::Get(node)->RegisterHook(
            [](NfPacket&, const NetfilterHookState&) { return NfVerdict::ACCEPT; },
            NfFamily::IPV4,
            hook);
    }
}

const std::string STATEFUL = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

/// Nine rules that the flow does not match.
const std::string OTHERS = "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
                           "-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT\n"
                           "-A FORWARD -p tcp -m multiport --dports 80,443 -j ACCEPT\n"
                           "-A FORWARD -s 192.168.0.0/16 -j DROP\n"
                           "-A FORWARD -p udp -m udp --dport 53 -j ACCEPT\n"
                           "-A FORWARD -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
                           "-A FORWARD -i eth7 -j DROP\n"
                           "-A FORWARD -d 10.250.0.0/16 -p tcp -j DROP\n"
                           "-A FORWARD -p udp -m udp --sport 123 -j DROP\n";

const std::string MASQUERADE = "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n";

/// What each mode loads into the routers. "vanilla" has no netfilter at all.
const std::map<std::string, std::string> RULES = {
    {"vanilla", ""},
    {"installed", ""},
    {"hooks", ""},
    {"conntrack", ""},
    {"masquerade", MASQUERADE},
    {"filter", MASQUERADE + "*filter\n" + STATEFUL + OTHERS + "COMMIT\n"},
    {"filter-last", MASQUERADE + "*filter\n" + OTHERS + STATEFUL + "COMMIT\n"},
};

void
Configure(Ptr<Node> router, const std::string& mode)
{
    if (mode == "hooks")
    {
        RegisterEmptyHooks(router);
    }
    if (mode == "conntrack")
    {
        NetfilterHelper::Get(router)->GetNetns().GetConntrack().Enable(NfFamily::IPV4);
    }
    if (!RULES.at(mode).empty())
    {
        NetfilterHelper().Run(router, "iptables-restore", RULES.at(mode));
    }
}

/// @return src, routers, dst; every packet's way is a static route
NodeContainer
BuildChain(uint32_t routers, bool plain, bool qdisc)
{
    NodeContainer nodes(routers + 2);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
    link.SetChannelAttribute("Delay", StringValue("1ms"));
    std::vector<NetDeviceContainer> links;
    for (uint32_t i = 0; i + 1 < nodes.GetN(); ++i)
    {
        links.push_back(link.Install(nodes.Get(i), nodes.Get(i + 1)));
    }
    Ipv4StaticRoutingHelper routing;
    if (plain)
    {
        InternetStackHelper stack;
        stack.SetRoutingHelper(routing);
        stack.Install(nodes);
    }
    else
    {
        NetfilterStackHelper stack;
        stack.SetRoutingHelper(routing);
        stack.Install(nodes);
    }
    Ipv4AddressHelper addresses("10.1.0.0", "255.255.255.0");
    for (const auto& devices : links)
    {
        addresses.Assign(devices);
        addresses.NewNetwork();
        if (!qdisc)
        {
            TrafficControlHelper().Uninstall(devices);
        }
    }
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        auto table = routing.GetStaticRouting(nodes.Get(i)->GetObject<Ipv4>());
        const auto network = [](uint32_t n) { return Ipv4Address(0x0a010000 + (n << 8)); };
        for (uint32_t n = 0; n < links.size(); ++n)
        {
            if (n > i)
            {
                const Ipv4Address next(0x0a010002 + (i << 8));
                table->AddNetworkRouteTo(network(n), "255.255.255.0", next, i == 0 ? 1 : 2);
            }
            else if (n + 1 < i)
            {
                const Ipv4Address next(0x0a010001 + ((i - 1) << 8));
                table->AddNetworkRouteTo(network(n), "255.255.255.0", next, 1);
            }
        }
    }
    return nodes;
}

} // namespace

int
main(int argc, char* argv[])
{
    std::string mode = "vanilla";
    uint32_t routers = 1;
    uint32_t packets = 1000;
    bool qdisc = false;
    CommandLine cmd(__FILE__);
    cmd.AddValue("mode",
                 "vanilla, installed, hooks, conntrack, masquerade, filter, filter-last",
                 mode);
    cmd.AddValue("routers", "between source and destination", routers);
    cmd.AddValue("packets", "counted ones", packets);
    cmd.AddValue("qdisc", "keep ns-3's default queue disc", qdisc);
    cmd.Parse(argc, argv);
    if (RULES.find(mode) == RULES.end())
    {
        std::cerr << "nf-bench-hop: no mode " << mode << "\n";
        return 2;
    }

    NodeContainer nodes = BuildChain(routers, mode == "vanilla", qdisc);
    for (uint32_t i = 1; i <= routers; ++i)
    {
        Configure(nodes.Get(i), mode);
    }
    Flow flow;
    flow.left = packets;
    flow.sink = Socket::CreateSocket(nodes.Get(routers + 1), UdpSocketFactory::GetTypeId());
    flow.sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    flow.sink->SetRecvCallback(MakeCallback(&Flow::Receive, &flow));
    flow.source = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    flow.source->Bind();
    flow.source->Connect(InetSocketAddress(Ipv4Address(0x0a010002 + (routers << 8)), PORT));
    for (double t : {0.0, 1.0, 3.5})
    {
        Simulator::Schedule(Seconds(t), [&flow] { flow.source->Send(Create<Packet>(flow.size)); });
    }
    Simulator::Schedule(START, &Flow::Send, &flow);
    Simulator::Run();
    Simulator::Destroy();
    std::cout << flow.received << " packets arrived\n";
    return flow.received == packets + 3 ? 0 : 1;
}
