/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/internet-module.h"
#include "ns3/netfilter-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/udp-echo-helper.h"

#include <iostream>

using namespace ns3;

int
main()
{
    NodeContainer nodes(3); // client, router, server
    PointToPointHelper link;
    NetDeviceContainer lan = link.Install(nodes.Get(0), nodes.Get(1));
    NetDeviceContainer wan = link.Install(nodes.Get(1), nodes.Get(2));
    NetfilterStackHelper().Install(nodes);
    Ipv4AddressHelper("192.168.1.0", "255.255.255.0").Assign(lan);
    Ipv4InterfaceContainer internet = Ipv4AddressHelper("203.0.113.0", "255.255.255.0").Assign(wan);
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    UdpEchoServerHelper(53).Install(nodes.Get(2));
    UdpEchoClientHelper(internet.GetAddress(1), 53).Install(nodes.Get(0));

    NetfilterHelper router;
    router.Run(nodes.Get(1), "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE");
    router.Run(nodes.Get(1), "iptables -A FORWARD -i eth0 -j ACCEPT");
    router.Run(nodes.Get(1), "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT");
    router.Run(nodes.Get(1), "iptables -P FORWARD DROP");
    Simulator::Stop(Seconds(10));
    Simulator::Run();
    std::cout << router.Run(nodes.Get(1), "conntrack -L")
              << router.Run(nodes.Get(1), "iptables -nvL FORWARD");
    Simulator::Destroy();
}
