/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-decorator.h"

#include "netfilter-ipv4-path.h"
#include "netfilter-ipv6-path.h"
#include "netfilter-traffic-control-layer.h"
#include "netfilter.h"

#include "ns3/arp-l3-protocol.h"
#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv6-interface.h"
#include "ns3/loopback-net-device.h"
#include "ns3/traffic-control-layer.h"

#include <array>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterDecorator);

namespace
{

constexpr uint16_t ETHERTYPE_IPV4 = 0x0800;
constexpr uint16_t ETHERTYPE_ARP = 0x0806;
constexpr uint16_t ETHERTYPE_IPV6 = 0x86dd;
constexpr std::array<int, 3> PROTOCOLS4{NF_IPPROTO_ICMP, NF_IPPROTO_TCP, NF_IPPROTO_UDP};
constexpr std::array<int, 3> PROTOCOLS6{NF_IPPROTO_ICMPV6, NF_IPPROTO_TCP, NF_IPPROTO_UDP};

} // namespace

TypeId
NetfilterDecorator::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterDecorator")
                            .SetParent<Object>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterDecorator>();
    return tid;
}

NetfilterDecorator::NetfilterDecorator() = default;

NetfilterDecorator::~NetfilterDecorator() = default;

void
NetfilterDecorator::NotifyNewAggregate()
{
    const Ptr<Node> node = GetObject<Node>();
    const Ptr<Netfilter> netfilter = GetObject<Netfilter>();
    if (node && netfilter && !m_node)
    {
        m_netfilter = netfilter;
        TakeOver(node);
    }
    Object::NotifyNewAggregate();
}

void
NetfilterDecorator::DoDispose()
{
    if (m_layer)
    {
        m_layer->Dispose();
    }
    m_node = nullptr;
    m_netfilter = nullptr;
    m_layer = nullptr;
    m_ipv4 = nullptr;
    m_ipv6 = nullptr;
    Object::DoDispose();
}

void
NetfilterDecorator::TakeOver(Ptr<Node> node)
{
    m_node = node;
    const Ptr<TrafficControlLayer> real = node->GetObject<TrafficControlLayer>();
    NS_ABORT_MSG_UNLESS(real, "Node " << node->GetId() << " has no IP stack to decorate");
    m_layer = CreateObject<NetfilterTrafficControlLayer>();
    m_layer->StandBefore(m_netfilter, real);
    const auto handler = MakeCallback(&TrafficControlLayer::Receive, real);
    // IPv4, ARP and IPv6 of each device; removing one that is not there does nothing.
    for (uint32_t i = 0; i < 3 * node->GetNDevices(); ++i)
    {
        node->UnregisterProtocolHandler(handler);
    }
    m_ipv4 = node->GetObject<Ipv4L3Protocol>();
    m_ipv6 = node->GetObject<Ipv6L3Protocol>();
    if (m_ipv4)
    {
        TakeOverIpv4(m_ipv4);
    }
    if (m_ipv6)
    {
        TakeOverIpv6(m_ipv6);
    }
}

void
NetfilterDecorator::TakeOverIpv4(Ptr<Ipv4L3Protocol> ip)
{
    const auto handler =
        MakeCallback(&TrafficControlLayer::Receive, Ptr<TrafficControlLayer>(m_layer));
    m_netfilter->AttachIpv4(ip);
    for (uint32_t i = 0; i < ip->GetNInterfaces(); ++i)
    {
        const Ptr<NetDevice> device = ip->GetNetDevice(i);
        if (DynamicCast<LoopbackNetDevice>(device))
        {
            continue;
        }
        ip->GetInterface(i)->SetTrafficControl(m_layer);
        m_node->RegisterProtocolHandler(handler, ETHERTYPE_IPV4, device);
        m_node->RegisterProtocolHandler(handler, ETHERTYPE_ARP, device);
    }
    if (const Ptr<ArpL3Protocol> arp = m_node->GetObject<ArpL3Protocol>())
    {
        arp->SetTrafficControl(m_layer);
    }
    for (int protocol : PROTOCOLS4)
    {
        if (const Ptr<IpL4Protocol> transport = ip->GetProtocol(protocol))
        {
            transport->SetDownTarget(MakeCallback(&NetfilterDecorator::Send4, this));
        }
    }
}

void
NetfilterDecorator::TakeOverIpv6(Ptr<Ipv6L3Protocol> ip)
{
    const auto handler =
        MakeCallback(&TrafficControlLayer::Receive, Ptr<TrafficControlLayer>(m_layer));
    m_netfilter->AttachIpv6(ip);
    for (uint32_t i = 0; i < ip->GetNInterfaces(); ++i)
    {
        const Ptr<NetDevice> device = ip->GetNetDevice(i);
        if (DynamicCast<LoopbackNetDevice>(device))
        {
            continue;
        }
        ip->GetInterface(i)->SetTrafficControl(m_layer);
        m_node->RegisterProtocolHandler(handler, ETHERTYPE_IPV6, device);
    }
    for (int protocol : PROTOCOLS6)
    {
        if (const Ptr<IpL4Protocol> transport = ip->GetProtocol(protocol))
        {
            transport->SetDownTarget6(MakeCallback(&NetfilterDecorator::Send6, this));
        }
    }
}

void
NetfilterDecorator::Send4(Ptr<Packet> packet,
                          Ipv4Address source,
                          Ipv4Address destination,
                          uint8_t protocol,
                          Ptr<Ipv4Route> route)
{
    NetfilterIpv4Path* path = m_netfilter ? m_netfilter->GetIpv4Path() : nullptr;
    if (path)
    {
        path->SendUnrouted(packet, source, destination, protocol, route);
    }
}

void
NetfilterDecorator::Send6(Ptr<Packet> packet,
                          Ipv6Address source,
                          Ipv6Address destination,
                          uint8_t protocol,
                          Ptr<Ipv6Route> route)
{
    NetfilterIpv6Path* path = m_netfilter ? m_netfilter->GetIpv6Path() : nullptr;
    if (path && !path->Send(packet, source, destination, protocol, route))
    {
        m_ipv6->Send(packet, source, destination, protocol, route);
    }
}

} // namespace ns3
