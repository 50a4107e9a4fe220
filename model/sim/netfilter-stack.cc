/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-stack.h"

#include "netfilter-address.h"
#include "netfilter-path.h"
#include "netfilter.h"

#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-routing-protocol.h"
#include "ns3/loopback-net-device.h"
#include "ns3/mac48-address.h"
#include "ns3/names.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr uint32_t LOOPBACK_INDEX = 1;

bool
IsMulticast(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 ? addr.bytes[0] == 0xff : addr.bytes[0] >> 4 == 14;
}

} // namespace

NetfilterStack::NetfilterStack(Netfilter& netfilter)
    : m_netfilter(netfilter)
{
}

NetfilterStack::~NetfilterStack() = default;

// ---- devices

void
NetfilterStack::SetNode(Ptr<Node> node)
{
    m_node = node;
    node->RegisterDeviceAdditionListener(MakeCallback(&NetfilterStack::AddDevice, this));
}

void
NetfilterStack::Clear()
{
    if (m_node)
    {
        m_node->UnregisterDeviceAdditionListener(MakeCallback(&NetfilterStack::AddDevice, this));
    }
    m_node = nullptr;
    for (auto& device : m_devices)
    {
        device->device = nullptr;
    }
}

void
NetfilterStack::AddDevice(Ptr<NetDevice> device)
{
    const uint32_t ifIndex = device->GetIfIndex();
    if (ifIndex < m_byIfIndex.size() && m_byIfIndex[ifIndex])
    {
        return;
    }
    auto added = std::make_unique<NetfilterDevice>();
    added->device = device;
    added->loopback = bool(DynamicCast<LoopbackNetDevice>(device));
    if (added->loopback)
    {
        added->index = LOOPBACK_INDEX;
        added->name = "lo";
        m_loopback = m_loopback ? m_loopback : added.get();
    }
    else
    {
        added->index = LOOPBACK_INDEX + 1 + m_ethernets;
        const std::string given = Names::FindName(device);
        added->name = given.empty() ? "eth" + std::to_string(m_ethernets) : given;
        ++m_ethernets;
        device->AddLinkChangeCallback(
            MakeCallback(&NetfilterStack::OnLinkChange, this).Bind(ifIndex));
    }
    Refresh(*added);
    m_byIfIndex.resize(std::max<size_t>(m_byIfIndex.size(), ifIndex + 1));
    m_byIfIndex[ifIndex] = added.get();
    m_devices.push_back(std::move(added));
    std::sort(m_devices.begin(), m_devices.end(), [](const auto& a, const auto& b) {
        return a->index < b->index;
    });
}

void
NetfilterStack::Refresh(NetfilterDevice& device) const
{
    if (!device.device)
    {
        return;
    }
    device.mtu = device.device->GetMtu();
    device.up = device.loopback || device.device->IsLinkUp();
    const Address address = device.device->GetAddress();
    if (Mac48Address::IsMatchingType(address) && address.GetLength() == 6)
    {
        address.CopyTo(device.mac.data());
        // A link need not resolve neighbours to have Ethernet frames (Linux: IFF_NOARP).
        device.hasEthernet = !device.device->IsPointToPoint();
    }
}

void
NetfilterStack::OnLinkChange(uint32_t ifIndex)
{
    NetfilterDevice* device = m_byIfIndex[ifIndex];
    if (!device || !device->device)
    {
        return;
    }
    Refresh(*device);
    if (!device->up)
    {
        m_netfilter.NotifyDeviceDown(device->device);
    }
}

void
NetfilterStack::SetName(const Ptr<NetDevice>& device, const std::string& name)
{
    const uint32_t ifIndex = device->GetIfIndex();
    NS_ABORT_MSG_IF(ifIndex >= m_byIfIndex.size() || !m_byIfIndex[ifIndex],
                    "The device is not one of this node");
    m_byIfIndex[ifIndex]->name = name;
}

std::vector<const NfDevice*>
NetfilterStack::GetDevices() const
{
    std::vector<const NfDevice*> devices;
    devices.reserve(m_devices.size());
    for (const auto& device : m_devices)
    {
        Refresh(*device);
        devices.push_back(device.get());
    }
    return devices;
}

// ---- addresses

Ptr<Ipv4L3Protocol>
NetfilterStack::GetIpv4() const
{
    return m_node ? m_node->GetObject<Ipv4L3Protocol>() : nullptr;
}

Ptr<Ipv6L3Protocol>
NetfilterStack::GetIpv6() const
{
    return m_node ? m_node->GetObject<Ipv6L3Protocol>() : nullptr;
}

std::vector<NfDeviceAddr>
NetfilterStack::GetAddresses(const NfDevice& device) const
{
    std::vector<NfDeviceAddr> addresses;
    const auto& ours = static_cast<const NetfilterDevice&>(device);
    if (!ours.device)
    {
        return addresses;
    }
    const Ptr<Ipv4L3Protocol> ipv4 = GetIpv4();
    const int32_t i4 = ipv4 ? ipv4->GetInterfaceForDevice(ours.device) : -1;
    for (uint32_t j = 0; i4 >= 0 && j < ipv4->GetNAddresses(i4); ++j)
    {
        const Ipv4InterfaceAddress a = ipv4->GetAddress(i4, j);
        addresses.push_back({NfFamily::IPV4,
                             NetfilterToAddr(a.GetLocal()),
                             a.GetMask().GetPrefixLength(),
                             NetfilterToAddr(a.GetBroadcast()),
                             false});
    }
    const Ptr<Ipv6L3Protocol> ipv6 = GetIpv6();
    const int32_t i6 = ipv6 ? ipv6->GetInterfaceForDevice(ours.device) : -1;
    for (uint32_t j = 0; i6 >= 0 && j < ipv6->GetNAddresses(i6); ++j)
    {
        const Ipv6InterfaceAddress a = ipv6->GetAddress(i6, j);
        addresses.push_back({NfFamily::IPV6,
                             NetfilterToAddr(a.GetAddress()),
                             a.GetPrefix().GetPrefixLength(),
                             {},
                             a.GetAddress().IsLinkLocal()});
    }
    return addresses;
}

bool
NetfilterStack::IsLocal(NfFamily family, const NfAddr& addr) const
{
    return GetAddrType(family, addr) == NfAddrType::LOCAL;
}

NfAddrType
NetfilterStack::GetAddrType(NfFamily family, const NfAddr& addr, const NfDevice* only) const
{
    if (IsMulticast(family, addr))
    {
        return NfAddrType::MULTICAST;
    }
    const bool isIpv4 = family == NfFamily::IPV4;
    // Linux: inet_addr_type(): the limited broadcast and "this network" are broadcast.
    if (isIpv4 && (addr.GetIpv4() == UINT32_MAX || addr.bytes[0] == 0))
    {
        return NfAddrType::BROADCAST;
    }
    const bool loopbackCounts = !only || only->loopback;
    if (isIpv4 && addr.bytes[0] == 127 && loopbackCounts)
    {
        return NfAddrType::LOCAL;
    }
    for (const auto& device : m_devices)
    {
        if (only && only != device.get())
        {
            continue;
        }
        for (const NfDeviceAddr& a : GetAddresses(*device))
        {
            if (a.family != family)
            {
                continue;
            }
            if (a.addr == addr)
            {
                return NfAddrType::LOCAL;
            }
            const bool isSubnetEnd =
                isIpv4 && a.prefix < 31 &&
                (a.broadcast == addr || (a.addr & NfPrefixMask(family, a.prefix)) == addr);
            if (isSubnetEnd)
            {
                return NfAddrType::BROADCAST;
            }
        }
    }
    return NfAddrType::UNICAST;
}

std::optional<NfAddr>
NetfilterStack::SelectAddress(NfFamily family, const NfDevice& out, const NfAddr& towards) const
{
    const bool wantsLinkLocal =
        family == NfFamily::IPV6 && towards.bytes[0] == 0xfe && (towards.bytes[1] & 0xc0) == 0x80;
    std::optional<NfAddr> first;
    for (const NfDeviceAddr& a : GetAddresses(out))
    {
        if (a.family != family || (!wantsLinkLocal && a.linkLocal))
        {
            continue;
        }
        const NfAddr mask = NfPrefixMask(family, a.prefix);
        if ((a.addr & mask) == (towards & mask))
        {
            return a.addr;
        }
        first = first ? first : a.addr;
    }
    return first;
}

// ---- routes

std::optional<NfRoute>
NetfilterStack::Route(NfFamily family,
                      const NfAddr& dst,
                      const NfAddr& src,
                      const NfDevice* out,
                      uint32_t) const
{
    if (IsLocal(family, dst) && m_loopback)
    {
        NfRoute route;
        route.out = m_loopback;
        route.gateway = dst;
        route.source = dst;
        route.mtu = m_loopback->mtu;
        route.local = true;
        return route;
    }
    const Ptr<NetDevice> device =
        out ? static_cast<const NetfilterDevice*>(out)->device : Ptr<NetDevice>();
    return family == NfFamily::IPV6 ? RouteIpv6(dst, src, device) : RouteIpv4(dst, src, device);
}

std::optional<NfRoute>
NetfilterStack::RouteIpv4(const NfAddr& dst, const NfAddr& src, const Ptr<NetDevice>& device) const
{
    const Ptr<Ipv4L3Protocol> ip = GetIpv4();
    if (!ip || !ip->GetRoutingProtocol())
    {
        return std::nullopt;
    }
    Ipv4Header header;
    header.SetSource(NetfilterToIpv4(src));
    header.SetDestination(NetfilterToIpv4(dst));
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    const Ptr<Ipv4Route> found =
        ip->GetRoutingProtocol()->RouteOutput(Create<Packet>(), header, device, error);
    const NetfilterDevice* out = found ? Get(found->GetOutputDevice()) : nullptr;
    if (!out)
    {
        return std::nullopt;
    }
    NfRoute route;
    route.out = out;
    route.gateway =
        found->GetGateway() == Ipv4Address::GetAny() ? dst : NetfilterToAddr(found->GetGateway());
    route.source = NetfilterToAddr(found->GetSource());
    route.mtu = out->device->GetMtu();
    return route;
}

std::optional<NfRoute>
NetfilterStack::RouteIpv6(const NfAddr& dst, const NfAddr& src, const Ptr<NetDevice>& device) const
{
    const Ptr<Ipv6L3Protocol> ip = GetIpv6();
    if (!ip || !ip->GetRoutingProtocol())
    {
        return std::nullopt;
    }
    Ipv6Header header;
    header.SetSource(NetfilterToIpv6(src));
    header.SetDestination(NetfilterToIpv6(dst));
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    const Ptr<Ipv6Route> found =
        ip->GetRoutingProtocol()->RouteOutput(Create<Packet>(), header, device, error);
    const NetfilterDevice* out = found ? Get(found->GetOutputDevice()) : nullptr;
    if (!out)
    {
        return std::nullopt;
    }
    NfRoute route;
    route.out = out;
    route.gateway = found->GetGateway().IsAny() ? dst : NetfilterToAddr(found->GetGateway());
    route.source = NetfilterToAddr(found->GetSource());
    route.mtu = out->device->GetMtu();
    return route;
}

void
NetfilterStack::SendLocal(std::unique_ptr<NfPacket> packet)
{
    NetfilterPath* path = m_netfilter.GetPath(packet->GetFamily());
    if (path)
    {
        path->SendLocal(*packet);
    }
}

uint8_t
NetfilterStack::GetDefaultTtl(NfFamily family) const
{
    UintegerValue value(64);
    const Ptr<Ipv4L3Protocol> ipv4 = family == NfFamily::IPV4 ? GetIpv4() : nullptr;
    const Ptr<Ipv6L3Protocol> ipv6 = family == NfFamily::IPV6 ? GetIpv6() : nullptr;
    if (ipv4)
    {
        ipv4->GetAttribute("DefaultTtl", value);
    }
    else if (ipv6)
    {
        ipv6->GetAttribute("DefaultTtl", value);
    }
    return static_cast<uint8_t>(value.Get());
}

} // namespace ns3
