/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-ipv4-l3-protocol.h"

#include "netfilter-address.h"
#include "netfilter-ipv4-path.h"
#include "netfilter.h"

#include "ns3/node.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterIpv4L3Protocol);

TypeId
NetfilterIpv4L3Protocol::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterIpv4L3Protocol")
                            .SetParent<Ipv4L3Protocol>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterIpv4L3Protocol>();
    return tid;
}

NetfilterIpv4L3Protocol::NetfilterIpv4L3Protocol() = default;

NetfilterIpv4L3Protocol::~NetfilterIpv4L3Protocol() = default;

void
NetfilterIpv4L3Protocol::NotifyNewAggregate()
{
    const bool hadPath = m_path;
    Ipv4L3Protocol::NotifyNewAggregate(); // makes the loopback device
    const Ptr<Netfilter> netfilter = GetObject<Netfilter>();
    if (!hadPath && netfilter && GetObject<Node>())
    {
        m_netfilter = netfilter;
        m_path = netfilter->AttachIpv4(this);
        m_path->ForgetAddresses();
    }
}

void
NetfilterIpv4L3Protocol::DoDispose()
{
    m_path = nullptr;
    m_netfilter = nullptr;
    Ipv4L3Protocol::DoDispose();
}

void
NetfilterIpv4L3Protocol::Send(Ptr<Packet> packet,
                              Ipv4Address source,
                              Ipv4Address destination,
                              uint8_t protocol,
                              Ptr<Ipv4Route> route)
{
    // Without a route the base finds one, or one per interface, and comes back here with it.
    if (!route || !m_path)
    {
        Ipv4L3Protocol::Send(packet, source, destination, protocol, route);
        return;
    }
    m_path->Send(packet, source, destination, protocol, route);
}

void
NetfilterIpv4L3Protocol::SendWithHeader(Ptr<Packet> packet, Ipv4Header header, Ptr<Ipv4Route> route)
{
    if (!route || !m_path)
    {
        Ipv4L3Protocol::SendWithHeader(packet, header, route);
        return;
    }
    m_path->SendWithHeader(packet, header, route);
}

uint32_t
NetfilterIpv4L3Protocol::AddInterface(Ptr<NetDevice> device)
{
    const uint32_t index = Ipv4L3Protocol::AddInterface(device);
    if (m_path)
    {
        m_path->ForgetAddresses();
    }
    return index;
}

bool
NetfilterIpv4L3Protocol::AddAddress(uint32_t interface, Ipv4InterfaceAddress address)
{
    if (m_path)
    {
        m_path->ForgetAddresses();
    }
    return Ipv4L3Protocol::AddAddress(interface, address);
}

bool
NetfilterIpv4L3Protocol::RemoveAddress(uint32_t interface, uint32_t addressIndex)
{
    const Ipv4Address address = GetAddress(interface, addressIndex).GetLocal();
    const bool removed = Ipv4L3Protocol::RemoveAddress(interface, addressIndex);
    if (removed)
    {
        OnAddressRemoved(interface, address);
    }
    return removed;
}

bool
NetfilterIpv4L3Protocol::RemoveAddress(uint32_t interface, Ipv4Address address)
{
    const bool removed = Ipv4L3Protocol::RemoveAddress(interface, address);
    if (removed)
    {
        OnAddressRemoved(interface, address);
    }
    return removed;
}

void
NetfilterIpv4L3Protocol::SetDown(uint32_t interface)
{
    Ipv4L3Protocol::SetDown(interface);
    if (m_path)
    {
        m_netfilter->NotifyDeviceDown(GetNetDevice(interface));
    }
}

void
NetfilterIpv4L3Protocol::OnAddressRemoved(uint32_t interface, Ipv4Address address)
{
    if (m_path)
    {
        m_path->ForgetAddresses();
        m_netfilter->NotifyAddressRemoved(GetNetDevice(interface),
                                          NfFamily::IPV4,
                                          NetfilterToAddr(address));
    }
}

} // namespace ns3
