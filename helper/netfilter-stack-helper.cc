/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-stack-helper.h"

#include "ns3/arp-l3-protocol.h"
#include "ns3/boolean.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/ipv4-list-routing-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/ipv6.h"
#include "ns3/names.h"
#include "ns3/netfilter.h"
#include "ns3/packet-socket-factory.h"
#include "ns3/string.h"
#include "ns3/traffic-control-layer.h"

namespace ns3
{

namespace
{

void
Aggregate(const Ptr<Node>& node, const std::string& typeId)
{
    ObjectFactory factory;
    factory.SetTypeId(typeId);
    node->AggregateObject(factory.Create<Object>());
}

const StringValue NO_JITTER("ns3::ConstantRandomVariable[Constant=0.0]");

} // namespace

NetfilterStackHelper::NetfilterStackHelper()
{
    Reset();
}

NetfilterStackHelper::~NetfilterStackHelper() = default;

NetfilterStackHelper::NetfilterStackHelper(const NetfilterStackHelper& other)
    : InternetStackHelper(other)
{
    *this = other;
}

NetfilterStackHelper&
NetfilterStackHelper::operator=(const NetfilterStackHelper& other)
{
    if (this != &other)
    {
        m_routing4.reset(other.m_routing4->Copy());
        m_routing6.reset(other.m_routing6->Copy());
        m_netfilter = other.m_netfilter;
        m_tcp = other.m_tcp;
        m_ipv4 = other.m_ipv4;
        m_ipv6 = other.m_ipv6;
        m_arpJitter = other.m_arpJitter;
        m_solicitationJitter = other.m_solicitationJitter;
    }
    return *this;
}

void
NetfilterStackHelper::Reset()
{
    InternetStackHelper::Reset();
    Ipv4ListRoutingHelper list;
    list.Add(Ipv4StaticRoutingHelper(), 0);
    list.Add(Ipv4GlobalRoutingHelper(), -10);
    m_routing4.reset(list.Copy());
    m_routing6.reset(Ipv6StaticRoutingHelper().Copy());
    m_netfilter = ObjectFactory("ns3::Netfilter");
    m_tcp = "ns3::TcpL4Protocol";
    m_ipv4 = true;
    m_ipv6 = true;
    m_arpJitter = true;
    m_solicitationJitter = true;
}

void
NetfilterStackHelper::SetRoutingHelper(const Ipv4RoutingHelper& routing)
{
    m_routing4.reset(routing.Copy());
}

void
NetfilterStackHelper::SetRoutingHelper(const Ipv6RoutingHelper& routing)
{
    m_routing6.reset(routing.Copy());
}

void
NetfilterStackHelper::SetIpv4StackInstall(bool enable)
{
    InternetStackHelper::SetIpv4StackInstall(enable); // its pcap functions ask
    m_ipv4 = enable;
}

void
NetfilterStackHelper::SetIpv6StackInstall(bool enable)
{
    InternetStackHelper::SetIpv6StackInstall(enable);
    m_ipv6 = enable;
}

void
NetfilterStackHelper::SetIpv4ArpJitter(bool enable)
{
    m_arpJitter = enable;
}

void
NetfilterStackHelper::SetIpv6NsRsJitter(bool enable)
{
    m_solicitationJitter = enable;
}

void
NetfilterStackHelper::SetTcp(std::string typeId)
{
    m_tcp = std::move(typeId);
}

void
NetfilterStackHelper::SetNetfilterAttribute(std::string name, const AttributeValue& value)
{
    m_netfilter.Set(name, value);
}

void
NetfilterStackHelper::InstallIpv4(Ptr<Node> node) const
{
    Aggregate(node, "ns3::ArpL3Protocol");
    Aggregate(node, "ns3::NetfilterIpv4L3Protocol");
    Aggregate(node, "ns3::Icmpv4L4Protocol");
    if (!m_arpJitter)
    {
        node->GetObject<ArpL3Protocol>()->SetAttribute("RequestJitter", NO_JITTER);
    }
    node->GetObject<Ipv4>()->SetRoutingProtocol(m_routing4->Create(node));
}

void
NetfilterStackHelper::InstallIpv6(Ptr<Node> node) const
{
    Aggregate(node, "ns3::NetfilterIpv6L3Protocol");
    Aggregate(node, "ns3::Icmpv6L4Protocol");
    if (!m_solicitationJitter)
    {
        node->GetObject<Icmpv6L4Protocol>()->SetAttribute("SolicitationJitter", NO_JITTER);
    }
    const Ptr<Ipv6> ipv6 = node->GetObject<Ipv6>();
    ipv6->SetRoutingProtocol(m_routing6->Create(node));
    ipv6->RegisterExtensions();
    ipv6->RegisterOptions();
}

void
NetfilterStackHelper::Install(Ptr<Node> node) const
{
    const bool isTaken = (m_ipv4 && node->GetObject<Ipv4>()) || (m_ipv6 && node->GetObject<Ipv6>());
    NS_ABORT_MSG_IF(isTaken,
                    "NetfilterStackHelper::Install(): node "
                        << node->GetId()
                        << " has an IP stack; use NetfilterHelper::Decorate() for it");
    if (!m_ipv4 && !m_ipv6)
    {
        return;
    }
    // The stacks look for it when they are aggregated.
    if (!node->GetObject<Netfilter>())
    {
        node->AggregateObject(m_netfilter.Create<Object>());
    }
    if (m_ipv4)
    {
        InstallIpv4(node);
    }
    if (m_ipv6)
    {
        InstallIpv6(node);
    }
    Aggregate(node, "ns3::NetfilterTrafficControlLayer");
    Aggregate(node, "ns3::UdpL4Protocol");
    Aggregate(node, m_tcp);
    node->AggregateObject(CreateObject<PacketSocketFactory>());
    if (m_ipv4)
    {
        node->GetObject<ArpL3Protocol>()->SetTrafficControl(node->GetObject<TrafficControlLayer>());
    }
}

void
NetfilterStackHelper::Install(NodeContainer nodes) const
{
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        Install(*it);
    }
}

void
NetfilterStackHelper::Install(std::string nodeName) const
{
    Install(Names::Find<Node>(nodeName));
}

void
NetfilterStackHelper::InstallAll() const
{
    Install(NodeContainer::GetGlobal());
}

int64_t
NetfilterStackHelper::AssignStreams(NodeContainer nodes, int64_t stream)
{
    int64_t next = stream + InternetStackHelper::AssignStreams(nodes, stream);
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        if (const Ptr<Netfilter> netfilter = (*it)->GetObject<Netfilter>())
        {
            next += netfilter->AssignStreams(next);
        }
    }
    return next - stream;
}

} // namespace ns3
