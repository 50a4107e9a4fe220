/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-stack.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ns3
{

namespace
{

/// An address and its prefix length, of the family its text shows.
struct ParsedPrefix
{
    NfFamily family{NfFamily::UNSPEC};
    NfAddr addr;
    unsigned length{0};
};

unsigned
WidthOf(NfFamily family)
{
    return family == NfFamily::IPV6 ? 128 : 32;
}

ParsedPrefix
ParsePrefix(std::string_view text)
{
    ParsedPrefix parsed;
    const size_t slash = text.find('/');
    const std::string_view addr = text.substr(0, slash);
    parsed.family = addr.find(':') == std::string_view::npos ? NfFamily::IPV4 : NfFamily::IPV6;
    parsed.addr = NfAddr::Parse(addr, parsed.family).value_or(NfAddr{});
    parsed.length = WidthOf(parsed.family);
    if (slash != std::string_view::npos)
    {
        std::from_chars(text.data() + slash + 1, text.data() + text.size(), parsed.length);
    }
    return parsed;
}

bool
InPrefix(NfFamily family, const NfAddr& addr, const NfAddr& net, unsigned length)
{
    const NfAddr mask = NfPrefixMask(family, length);
    return (addr & mask) == (net & mask);
}

NfAddr
BroadcastOf(const NfAddr& addr, unsigned length)
{
    const uint32_t mask = NfPrefixMask(NfFamily::IPV4, length).GetIpv4();
    return NfAddr::FromIpv4(addr.GetIpv4() | ~mask);
}

bool
IsMulticast(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 ? addr.bytes[0] == 0xff : addr.bytes[0] >> 4 == 0xe;
}

bool
IsLinkLocal(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 && addr.bytes[0] == 0xfe && (addr.bytes[1] & 0xc0) == 0x80;
}

/// Linux: __inet_dev_addr_type(): what needs no table.
bool
IsAlwaysBroadcast(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV4 && (addr.bytes[0] == 0 || addr.GetIpv4() == 0xffffffff);
}

NfAddrType
TypeFor(const NfDevice& device, const NfDeviceAddr& own, const NfAddr& addr)
{
    // The whole prefix of a loopback address is local: 127.0.0.0/8.
    const bool local = device.loopback && own.family == NfFamily::IPV4
                           ? InPrefix(own.family, addr, own.addr, own.prefix)
                           : own.addr == addr;
    if (local)
    {
        return NfAddrType::LOCAL;
    }
    const bool broadcast = own.family == NfFamily::IPV4 && own.prefix < 31 && own.broadcast == addr;
    return broadcast ? NfAddrType::BROADCAST : NfAddrType::UNICAST;
}

unsigned
CommonBits(const NfAddr& a, const NfAddr& b)
{
    unsigned length = 0;
    while (length < 128 && InPrefix(NfFamily::IPV6, a, b, length + 1))
    {
        ++length;
    }
    return length;
}

} // namespace

const NfDevice*
NfStack::FindDevice(std::string_view name) const
{
    for (const NfDevice* device : GetDevices())
    {
        if (device->name == name)
        {
            return device;
        }
    }
    return nullptr;
}

NfManualStack::NfManualStack()
{
    auto lo = std::make_unique<NfDevice>();
    lo->index = 1;
    lo->name = "lo";
    lo->mtu = 65536;
    lo->loopback = true;
    m_devices.push_back(std::move(lo));
    AddAddress(*m_devices[0], "127.0.0.1/8");
    AddAddress(*m_devices[0], "::1/128");
}

NfDevice&
NfManualStack::AddDevice(const std::string& name)
{
    auto device = std::make_unique<NfDevice>();
    device->index = static_cast<uint32_t>(m_devices.size() + 1);
    device->name = name;
    device->mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(device->index)};
    m_devices.push_back(std::move(device));
    return *m_devices.back();
}

void
NfManualStack::AddAddress(const NfDevice& device, std::string_view addr)
{
    const ParsedPrefix parsed = ParsePrefix(addr);
    NfDeviceAddr own;
    own.family = parsed.family;
    own.addr = parsed.addr;
    own.prefix = parsed.length;
    own.linkLocal = IsLinkLocal(parsed.family, parsed.addr);
    if (parsed.family == NfFamily::IPV4)
    {
        own.broadcast = BroadcastOf(parsed.addr, parsed.length);
    }
    m_addresses.emplace_back(device.index, own);
    if (!device.loopback && parsed.length < WidthOf(parsed.family))
    {
        AddRoute(addr, device);
    }
}

void
NfManualStack::RemoveAddress(const NfDevice& device, const NfAddr& addr)
{
    m_addresses.erase(std::remove_if(m_addresses.begin(),
                                     m_addresses.end(),
                                     [&](const auto& row) {
                                         return row.first == device.index &&
                                                row.second.addr == addr;
                                     }),
                      m_addresses.end());
}

void
NfManualStack::AddRoute(std::string_view prefix, const NfDevice& out, const NfAddr& gateway)
{
    const ParsedPrefix parsed = ParsePrefix(prefix);
    m_routes.push_back({parsed.family, parsed.addr, parsed.length, &out, gateway});
}

std::vector<const NfDevice*>
NfManualStack::GetDevices() const
{
    std::vector<const NfDevice*> devices;
    for (const auto& device : m_devices)
    {
        devices.push_back(device.get());
    }
    return devices;
}

std::vector<NfDeviceAddr>
NfManualStack::GetAddresses(const NfDevice& device) const
{
    std::vector<NfDeviceAddr> addresses;
    for (const auto& [index, addr] : m_addresses)
    {
        if (index == device.index)
        {
            addresses.push_back(addr);
        }
    }
    return addresses;
}

NfAddrType
NfManualStack::GetAddrType(NfFamily family, const NfAddr& addr, const NfDevice* device) const
{
    if (IsAlwaysBroadcast(family, addr))
    {
        return NfAddrType::BROADCAST;
    }
    if (IsMulticast(family, addr))
    {
        return NfAddrType::MULTICAST;
    }
    for (const auto& [index, own] : m_addresses)
    {
        if (own.family != family || (device && device->index != index))
        {
            continue;
        }
        const NfAddrType type = TypeFor(*m_devices[index - 1], own, addr);
        if (type != NfAddrType::UNICAST)
        {
            return type;
        }
    }
    return NfAddrType::UNICAST;
}

std::optional<NfAddr>
NfManualStack::SelectAddress(NfFamily family, const NfDevice& out, const NfAddr& towards) const
{
    // Linux: inet_select_addr() prefers an address of the next hop's subnet, then the first;
    // ipv6_dev_get_saddr() the right scope, the device, the longest common prefix (RFC 6724).
    const NfDeviceAddr* best = nullptr;
    int bestScore = -1;
    for (const auto& [index, own] : m_addresses)
    {
        const bool usable = own.family == family && (index == out.index || index != 1);
        if (!usable)
        {
            continue;
        }
        int score = index == out.index ? 1000 : 0;
        if (family == NfFamily::IPV6)
        {
            score += own.linkLocal == IsLinkLocal(family, towards) ? 2000 : 0;
            score += static_cast<int>(CommonBits(own.addr, towards));
        }
        else
        {
            score += InPrefix(family, towards, own.addr, own.prefix) ? 1 : 0;
        }
        if (score > bestScore)
        {
            best = &own;
            bestScore = score;
        }
    }
    return best ? std::optional<NfAddr>(best->addr) : std::nullopt;
}

std::optional<NfRoute>
NfManualStack::Route(NfFamily family,
                     const NfAddr& dst,
                     const NfAddr&,
                     const NfDevice* out,
                     uint32_t) const
{
    NfRoute route;
    route.gateway = dst;
    if (GetAddrType(family, dst, nullptr) == NfAddrType::LOCAL)
    {
        route.out = m_devices[0].get();
        route.source = dst;
        route.local = true;
        route.mtu = route.out->mtu;
        return route;
    }
    const RouteRow* best = nullptr;
    for (const RouteRow& row : m_routes)
    {
        const bool candidate = row.family == family && row.out->up && (!out || out == row.out) &&
                               InPrefix(family, dst, row.net, row.prefix);
        if (candidate && (!best || row.prefix > best->prefix))
        {
            best = &row;
        }
    }
    if (!best)
    {
        return std::nullopt;
    }
    route.out = best->out;
    route.mtu = best->out->mtu;
    route.gateway = best->gateway.IsZero() ? dst : best->gateway;
    route.source = SelectAddress(family, *best->out, family == NfFamily::IPV6 ? dst : route.gateway)
                       .value_or(NfAddr{});
    return route;
}

void
NfManualStack::SendLocal(std::unique_ptr<NfPacket> packet)
{
    sent.push_back(std::move(packet));
}

} // namespace ns3
