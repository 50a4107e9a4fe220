/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-paper-stack.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace ns3
{

namespace
{

unsigned
WidthOf(NfFamily family)
{
    return family == NfFamily::IPV6 ? 128 : 32;
}

bool
IsV6LinkLocal(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 && addr.bytes[0] == 0xfe && (addr.bytes[1] & 0xc0) == 0x80;
}

NfAddr
LastOf(const NfAddr& addr, NfFamily family, unsigned prefix)
{
    const NfAddr mask = NfPrefixMask(family, prefix);
    NfAddr last = addr;
    for (size_t i = 0; i < WidthOf(family) / 8; ++i)
    {
        last.bytes[i] = static_cast<uint8_t>(last.bytes[i] | ~mask.bytes[i]);
    }
    return last;
}

/// IPv4: the default route first, then by prefix; IPv6: it comes last.
bool
ComesBefore(const NfRouteRow& a, const NfRouteRow& b)
{
    if (a.family == NfFamily::IPV6 && (a.prefix == 0) != (b.prefix == 0))
    {
        return b.prefix == 0;
    }
    if (!(a.dst == b.dst))
    {
        return a.dst.bytes < b.dst.bytes;
    }
    return a.prefix != b.prefix ? a.prefix > b.prefix : a.metric < b.metric;
}

bool
SamePlace(const NfRouteRow& a, const NfRouteRow& b)
{
    return a.family == b.family && a.prefix == b.prefix && a.dst == b.dst && a.metric == b.metric;
}

} // namespace

bool
NfInNet(const NfAddr& addr, const NfAddr& net, NfFamily family, unsigned prefix)
{
    const NfAddr mask = NfPrefixMask(family, prefix);
    return (addr & mask) == (net & mask);
}

NfPaperStack::NfPaperStack()
{
    AddLink("lo");
    NfDevice& lo = *m_links[0].device;
    lo.mtu = 65536;
    lo.loopback = true;
    lo.mac = {};
    lo.up = true;
    m_links[0].fresh = false;
    for (const auto& [text, prefix, family] :
         {std::tuple{"127.0.0.1", 8U, NfFamily::IPV4}, std::tuple{"::1", 128U, NfFamily::IPV6}})
    {
        NfAddressRow row;
        row.own.family = family;
        row.own.addr = NfAddr::Parse(text, family).value();
        row.own.prefix = prefix;
        AddAddress(lo, row);
    }
}

std::vector<const NfDevice*>
NfPaperStack::GetDevices() const
{
    std::vector<const NfDevice*> devices;
    for (const Link& link : m_links)
    {
        devices.push_back(link.device.get());
    }
    return devices;
}

std::vector<NfDeviceAddr>
NfPaperStack::GetAddresses(const NfDevice& device) const
{
    std::vector<NfDeviceAddr> addresses;
    for (const NfAddressRow& row : GetAddressRows(device))
    {
        addresses.push_back(row.own);
    }
    return addresses;
}

NfAddrType
NfPaperStack::GetAddrType(NfFamily family, const NfAddr& addr, const NfDevice* device) const
{
    const bool v6 = family == NfFamily::IPV6;
    if (!v6 && (addr.bytes[0] == 0 || addr.GetIpv4() == 0xffffffff))
    {
        return NfAddrType::BROADCAST;
    }
    if (v6 ? addr.bytes[0] == 0xff : addr.bytes[0] >> 4 == 0xe)
    {
        return NfAddrType::MULTICAST;
    }
    for (const auto& [index, row] : m_addresses)
    {
        const NfDeviceAddr& own = row.own;
        if (own.family != family || (device && device->index != index))
        {
            continue;
        }
        const bool loopback = index == 1 && !v6 && NfInNet(addr, own.addr, family, own.prefix);
        if (loopback || own.addr == addr)
        {
            return NfAddrType::LOCAL;
        }
        if (!v6 && own.prefix < 31 && own.broadcast == addr)
        {
            return NfAddrType::BROADCAST;
        }
    }
    return NfAddrType::UNICAST;
}

std::optional<NfAddr>
NfPaperStack::SelectAddress(NfFamily family, const NfDevice& out, const NfAddr& towards) const
{
    const NfDeviceAddr* best = nullptr;
    int bestScore = -1;
    for (const auto& [index, row] : m_addresses)
    {
        const NfDeviceAddr& own = row.own;
        if (own.family != family || (index == 1 && out.index != 1))
        {
            continue;
        }
        const int score = (index == out.index ? 4 : 0) +
                          (own.linkLocal == IsV6LinkLocal(family, towards) ? 2 : 0) +
                          (NfInNet(towards, own.addr, family, own.prefix) ? 1 : 0);
        if (score > bestScore)
        {
            best = &own;
            bestScore = score;
        }
    }
    return best ? std::optional(best->addr) : std::nullopt;
}

std::optional<NfRoute>
NfPaperStack::Route(NfFamily family,
                    const NfAddr& dst,
                    const NfAddr& src,
                    const NfDevice* out,
                    uint32_t) const
{
    NfRoute route;
    if (GetAddrType(family, dst, nullptr) == NfAddrType::LOCAL)
    {
        route.out = m_links[0].device.get();
        route.gateway = dst;
        route.source = src == NfAddr{} ? dst : src;
        route.mtu = route.out->mtu;
        route.local = true;
        return route;
    }
    const std::vector<NfRouteRow> rows = GetRoutes(family);
    const NfRouteRow* best = nullptr;
    for (const NfRouteRow& row : rows)
    {
        const bool fits = NfInNet(dst, row.dst, family, row.prefix) && (!out || row.out == out);
        const bool better = !best || row.prefix > best->prefix ||
                            (row.prefix == best->prefix && row.metric < best->metric);
        best = fits && better ? &row : best;
    }
    if (!best || best->type != NfAddrType::UNICAST)
    {
        return std::nullopt;
    }
    route.out = best->out;
    route.gateway = best->gateway.value_or(dst);
    const NfAddr chosen =
        best->source.value_or(SelectAddress(family, *best->out, route.gateway).value_or(NfAddr{}));
    route.source = src == NfAddr{} ? chosen : src;
    route.mtu = best->out->mtu;
    return route;
}

void
NfPaperStack::SendLocal(std::unique_ptr<NfPacket>)
{
}

int
NfPaperStack::AddLink(const std::string& name)
{
    if (FindDevice(name))
    {
        return -EEXIST;
    }
    auto device = std::make_unique<NfDevice>();
    device->index = ++m_lastIndex;
    device->name = name;
    device->mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(device->index)};
    device->up = false;
    m_links.push_back({std::move(device), true});
    return 0;
}

int
NfPaperStack::RemoveLink(const NfDevice& device)
{
    if (device.loopback)
    {
        return -EOPNOTSUPP;
    }
    const uint32_t index = device.index;
    m_addresses.erase(std::remove_if(m_addresses.begin(),
                                     m_addresses.end(),
                                     [index](const auto& row) { return row.first == index; }),
                      m_addresses.end());
    m_routes.erase(std::remove_if(m_routes.begin(),
                                  m_routes.end(),
                                  [&device](const NfRouteRow& row) { return row.out == &device; }),
                   m_routes.end());
    m_links.erase(
        std::remove_if(m_links.begin(),
                       m_links.end(),
                       [&device](const Link& link) { return link.device.get() == &device; }),
        m_links.end());
    return 0;
}

void
NfPaperStack::ChangeLink(const NfDevice& device, const NfLinkChange& change)
{
    const auto link = std::find_if(m_links.begin(), m_links.end(), [&device](const Link& row) {
        return row.device.get() == &device;
    });
    NfDevice& own = *link->device;
    own.mtu = change.mtu.value_or(own.mtu);
    own.mac = change.mac.value_or(own.mac);
    own.group = change.group.value_or(own.group);
    own.name = change.name.value_or(own.name);
    own.up = change.up.value_or(own.up);
    link->fresh = link->fresh && !own.up;
    if (!own.up)
    {
        m_routes.erase(
            std::remove_if(m_routes.begin(),
                           m_routes.end(),
                           [&device](const NfRouteRow& row) { return row.out == &device; }),
            m_routes.end());
    }
}

bool
NfPaperStack::IsFresh(const NfDevice& device) const
{
    return std::any_of(m_links.begin(), m_links.end(), [&device](const Link& link) {
        return link.device.get() == &device && link.fresh;
    });
}

std::vector<NfAddressRow>
NfPaperStack::GetAddressRows(const NfDevice& device) const
{
    // IPv4 first, primary addresses before the others.
    std::vector<NfAddressRow> rows;
    for (const auto& [family, secondary] : {std::pair{NfFamily::IPV4, false},
                                            std::pair{NfFamily::IPV4, true},
                                            std::pair{NfFamily::IPV6, false}})
    {
        for (const auto& [index, row] : m_addresses)
        {
            if (index == device.index && row.own.family == family && row.secondary == secondary)
            {
                rows.push_back(row);
            }
        }
    }
    return rows;
}

int
NfPaperStack::AddAddress(const NfDevice& device, const NfAddressRow& row)
{
    NfAddressRow added = row;
    NfDeviceAddr& own = added.own;
    for (const auto& [index, other] : m_addresses)
    {
        if (index != device.index || other.own.family != own.family)
        {
            continue;
        }
        if (other.own.addr == own.addr &&
            (other.own.prefix == own.prefix || own.family == NfFamily::IPV6))
        {
            return -EEXIST;
        }
        added.secondary =
            added.secondary ||
            (own.family == NfFamily::IPV4 && other.own.prefix == own.prefix && !other.secondary &&
             NfInNet(own.addr, other.own.addr, own.family, own.prefix));
    }
    own.linkLocal = IsV6LinkLocal(own.family, own.addr);
    if (own.family == NfFamily::IPV4)
    {
        own.broadcast = LastOf(own.addr, own.family, own.prefix);
    }
    m_addresses.emplace_back(device.index, added);
    return 0;
}

int
NfPaperStack::RemoveAddress(const NfDevice& device, const NfDeviceAddr& addr)
{
    const auto it = std::find_if(m_addresses.begin(), m_addresses.end(), [&](const auto& row) {
        return row.first == device.index && row.second.own.family == addr.family &&
               row.second.own.addr == addr.addr && row.second.own.prefix == addr.prefix;
    });
    if (it == m_addresses.end())
    {
        return -EADDRNOTAVAIL;
    }
    const NfAddressRow gone = it->second;
    m_addresses.erase(it);
    // Linux takes the other addresses of the subnet along (promote_secondaries is 0).
    const auto follows = [&](const auto& row) {
        return !gone.secondary && row.first == device.index && row.second.secondary &&
               row.second.own.prefix == gone.own.prefix &&
               NfInNet(row.second.own.addr, gone.own.addr, gone.own.family, gone.own.prefix);
    };
    m_addresses.erase(std::remove_if(m_addresses.begin(), m_addresses.end(), follows),
                      m_addresses.end());
    return 0;
}

std::vector<NfRouteRow>
NfPaperStack::GetRoutes(NfFamily family) const
{
    std::vector<NfRouteRow> rows;
    for (const auto& [index, row] : m_addresses)
    {
        const NfDevice* device = nullptr;
        for (const Link& link : m_links)
        {
            device = link.device->index == index ? link.device.get() : device;
        }
        const NfDeviceAddr& own = row.own;
        if (own.family != family || !device || !device->up || device->loopback || row.secondary ||
            !row.hasRoute || own.prefix >= WidthOf(family))
        {
            continue;
        }
        NfRouteRow route;
        route.family = family;
        route.dst = own.addr & NfPrefixMask(family, own.prefix);
        route.prefix = own.prefix;
        route.out = device;
        route.kernel = true;
        route.metric = family == NfFamily::IPV6 ? 256 : 0;
        if (family == NfFamily::IPV4)
        {
            route.source = own.addr;
        }
        rows.push_back(route);
    }
    for (const NfRouteRow& row : m_routes)
    {
        if (row.family == family)
        {
            rows.push_back(row);
        }
    }
    std::stable_sort(rows.begin(), rows.end(), ComesBefore);
    return rows;
}

int
NfPaperStack::AddRoute(const NfRouteRow& row, bool replace)
{
    const auto it = std::find_if(m_routes.begin(), m_routes.end(), [&row](const NfRouteRow& own) {
        return SamePlace(own, row);
    });
    if (it == m_routes.end())
    {
        m_routes.push_back(row);
        return 0;
    }
    if (!replace)
    {
        return -EEXIST;
    }
    *it = row;
    return 0;
}

int
NfPaperStack::RemoveRoute(const NfRouteRow& row)
{
    const auto it = std::find_if(m_routes.begin(), m_routes.end(), [&row](const NfRouteRow& own) {
        return own.family == row.family && own.prefix == row.prefix && own.dst == row.dst &&
               (!row.gateway || own.gateway == row.gateway) && (!row.out || own.out == row.out) &&
               (row.metric == 0 || own.metric == row.metric);
    });
    if (it != m_routes.end())
    {
        m_routes.erase(it);
        return 0;
    }
    int error = -ESRCH;
    for (auto& [index, address] : m_addresses)
    {
        const NfDeviceAddr& own = address.own;
        const bool same = !row.gateway && (!row.out || row.out->index == index) &&
                          address.hasRoute && own.family == row.family &&
                          own.prefix == row.prefix &&
                          NfInNet(own.addr, row.dst, row.family, row.prefix);
        if (same)
        {
            address.hasRoute = false;
            error = 0;
        }
    }
    return error;
}

} // namespace ns3
