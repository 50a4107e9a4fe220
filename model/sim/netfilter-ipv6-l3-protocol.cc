/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-ipv6-l3-protocol.h"

#include "netfilter-address.h"
#include "netfilter-ipv6-path.h"
#include "netfilter.h"

#include "ns3/node.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterIpv6L3Protocol);

TypeId
NetfilterIpv6L3Protocol::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterIpv6L3Protocol")
                            .SetParent<Ipv6L3Protocol>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterIpv6L3Protocol>();
    return tid;
}

NetfilterIpv6L3Protocol::NetfilterIpv6L3Protocol() = default;

NetfilterIpv6L3Protocol::~NetfilterIpv6L3Protocol() = default;

void
NetfilterIpv6L3Protocol::NotifyNewAggregate()
{
    const bool hadPath = m_path;
    Ipv6L3Protocol::NotifyNewAggregate(); // makes the loopback device
    const Ptr<Netfilter> netfilter = GetObject<Netfilter>();
    if (!hadPath && netfilter && GetObject<Node>())
    {
        m_netfilter = netfilter;
        m_path = netfilter->AttachIpv6(this);
        m_path->ForgetAddresses();
    }
}

void
NetfilterIpv6L3Protocol::DoDispose()
{
    m_path = nullptr;
    m_netfilter = nullptr;
    Ipv6L3Protocol::DoDispose();
}

void
NetfilterIpv6L3Protocol::Send(Ptr<Packet> packet,
                              Ipv6Address source,
                              Ipv6Address destination,
                              uint8_t protocol,
                              Ptr<Ipv6Route> route)
{
    // Without a route the base traces the drop.
    if (!m_path || !m_path->Send(packet, source, destination, protocol, route))
    {
        Ipv6L3Protocol::Send(packet, source, destination, protocol, route);
    }
}

uint32_t
NetfilterIpv6L3Protocol::AddInterface(Ptr<NetDevice> device)
{
    const uint32_t index = Ipv6L3Protocol::AddInterface(device);
    if (m_path)
    {
        m_path->ForgetAddresses();
    }
    return index;
}

bool
NetfilterIpv6L3Protocol::AddAddress(uint32_t interface,
                                    Ipv6InterfaceAddress address,
                                    bool addOnLinkRoute)
{
    if (m_path)
    {
        m_path->ForgetAddresses();
    }
    return Ipv6L3Protocol::AddAddress(interface, address, addOnLinkRoute);
}

bool
NetfilterIpv6L3Protocol::RemoveAddress(uint32_t interface, uint32_t addressIndex)
{
    const Ipv6Address address = GetAddress(interface, addressIndex).GetAddress();
    const bool removed = Ipv6L3Protocol::RemoveAddress(interface, addressIndex);
    if (removed)
    {
        OnAddressRemoved(interface, address);
    }
    return removed;
}

bool
NetfilterIpv6L3Protocol::RemoveAddress(uint32_t interface, Ipv6Address address)
{
    const bool removed = Ipv6L3Protocol::RemoveAddress(interface, address);
    if (removed)
    {
        OnAddressRemoved(interface, address);
    }
    return removed;
}

void
NetfilterIpv6L3Protocol::SetDown(uint32_t interface)
{
    Ipv6L3Protocol::SetDown(interface);
    if (m_path)
    {
        m_netfilter->NotifyDeviceDown(GetNetDevice(interface));
    }
}

void
NetfilterIpv6L3Protocol::OnAddressRemoved(uint32_t interface, Ipv6Address address)
{
    if (m_path)
    {
        m_path->ForgetAddresses();
        m_netfilter->NotifyAddressRemoved(GetNetDevice(interface),
                                          NfFamily::IPV6,
                                          NetfilterToAddr(address));
    }
}

} // namespace ns3
