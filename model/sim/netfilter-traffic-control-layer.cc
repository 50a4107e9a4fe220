/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-traffic-control-layer.h"

#include "netfilter-ipv4-path.h"
#include "netfilter-ipv6-path.h"
#include "netfilter.h"

#include "ns3/queue-item.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterTrafficControlLayer);

namespace
{

constexpr uint16_t ETHERTYPE_IPV4 = 0x0800;
constexpr uint16_t ETHERTYPE_ARP = 0x0806;
constexpr uint16_t ETHERTYPE_IPV6 = 0x86dd;

} // namespace

TypeId
NetfilterTrafficControlLayer::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterTrafficControlLayer")
                            .SetParent<TrafficControlLayer>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterTrafficControlLayer>();
    return tid;
}

NetfilterTrafficControlLayer::NetfilterTrafficControlLayer() = default;

NetfilterTrafficControlLayer::~NetfilterTrafficControlLayer() = default;

void
NetfilterTrafficControlLayer::NotifyNewAggregate()
{
    if (!m_netfilter)
    {
        m_netfilter = GetObject<Netfilter>();
    }
    TrafficControlLayer::NotifyNewAggregate();
}

void
NetfilterTrafficControlLayer::DoDispose()
{
    m_netfilter = nullptr;
    m_real = nullptr;
    TrafficControlLayer::DoDispose();
}

void
NetfilterTrafficControlLayer::StandBefore(Ptr<Netfilter> netfilter, Ptr<TrafficControlLayer> real)
{
    m_netfilter = netfilter;
    m_real = real;
}

void
NetfilterTrafficControlLayer::Receive(Ptr<NetDevice> device,
                                      Ptr<const Packet> packet,
                                      uint16_t protocol,
                                      const Address& from,
                                      const Address& to,
                                      NetDevice::PacketType type)
{
    if (!m_netfilter)
    {
        return;
    }
    packet = RunIn(device, packet, protocol, from);
    if (!packet)
    {
        return;
    }
    if (protocol == ETHERTYPE_IPV4 && m_netfilter->GetIpv4Path())
    {
        m_netfilter->GetIpv4Path()->Receive(device, packet, from);
        return;
    }
    if (protocol == ETHERTYPE_IPV6 && m_netfilter->GetIpv6Path())
    {
        m_netfilter->GetIpv6Path()->Receive(device, packet, from);
        return;
    }
    if (m_real)
    {
        m_real->Receive(device, packet, protocol, from, to, type);
        return;
    }
    TrafficControlLayer::Receive(device, packet, protocol, from, to, type);
}

void
NetfilterTrafficControlLayer::Send(Ptr<NetDevice> device, Ptr<QueueDiscItem> item)
{
    if (!m_netfilter || !RunOut(device, item))
    {
        return;
    }
    if (m_real)
    {
        m_real->Send(device, item);
        return;
    }
    TrafficControlLayer::Send(device, item);
}

Ptr<const Packet>
NetfilterTrafficControlLayer::RunIn(const Ptr<NetDevice>&,
                                    const Ptr<const Packet>& packet,
                                    uint16_t protocol,
                                    const Address&)
{
    (void)protocol;
    (void)ETHERTYPE_ARP;
    (void)ETHERTYPE_IPV6;
    return packet;
}

bool
NetfilterTrafficControlLayer::RunOut(const Ptr<NetDevice>&, const Ptr<QueueDiscItem>&)
{
    return true;
}

} // namespace ns3
