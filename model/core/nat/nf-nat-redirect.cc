/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat.h"

#include <optional>
#include <vector>

namespace ns3
{

namespace
{

/// Scopes narrower than global (Linux: IPV6_ADDR_SCOPE_MASK).
enum class Scope : uint8_t
{
    WIDE,
    LOOPBACK,
    LINK,
    SITE,
};

Scope
GetScope(const NfAddr& addr)
{
    const uint8_t* b = addr.bytes.data();
    if (b[0] == 0xfe)
    {
        return (b[1] & 0xc0) == 0x80   ? Scope::LINK
               : (b[1] & 0xc0) == 0xc0 ? Scope::SITE
                                       : Scope::WIDE;
    }
    if (b[0] == 0xff)
    {
        const uint8_t scope = b[1] & 0x0f;
        return scope == 1   ? Scope::LOOPBACK
               : scope == 2 ? Scope::LINK
               : scope == 5 ? Scope::SITE
                            : Scope::WIDE;
    }
    return addr == *NfAddr::Parse("::1", NfFamily::IPV6) ? Scope::LOOPBACK : Scope::WIDE;
}

NfAddr
GetLoopback(NfFamily family)
{
    return *NfAddr::Parse(family == NfFamily::IPV6 ? "::1" : "127.0.0.1", family);
}

/// Linux: the first of in_device.ifa_list.
std::optional<NfAddr>
GetFirstIpv4(const std::vector<NfDeviceAddr>& addresses)
{
    for (const NfDeviceAddr& a : addresses)
    {
        if (a.family == NfFamily::IPV4)
        {
            return a.addr;
        }
    }
    return std::nullopt;
}

/**
 * Linux: the first usable of inet6_dev.addr_list, which is kept by scope, widest first, and within
 * a scope newest first.
 */
std::optional<NfAddr>
GetFirstIpv6(const std::vector<NfDeviceAddr>& addresses, Scope scope)
{
    for (bool linkLocal : {false, true})
    {
        for (auto a = addresses.rbegin(); a != addresses.rend(); ++a)
        {
            if (a->family == NfFamily::IPV6 && a->linkLocal == linkLocal &&
                (scope == Scope::WIDE || GetScope(a->addr) == scope))
            {
                return a->addr;
            }
        }
    }
    return std::nullopt;
}

std::optional<NfAddr>
ChooseAddress(const NfStack& stack, const NfPacket& packet, const NfHookState& state)
{
    const NfFamily family = packet.GetFamily();
    if (state.hook == NfHook::LOCAL_OUT)
    {
        return GetLoopback(family);
    }
    if (!state.in)
    {
        return std::nullopt;
    }
    const std::vector<NfDeviceAddr> addresses = stack.GetAddresses(*state.in);
    return family == NfFamily::IPV6 ? GetFirstIpv6(addresses, GetScope(packet.GetIp().dst))
                                    : GetFirstIpv4(addresses);
}

} // namespace

NfVerdict
NfNat::Redirect(NfPacket& packet, const NfNatRange& range, const NfHookState& state)
{
    NfConn* conn = packet.conn.get();
    const std::optional<NfAddr> addr = ChooseAddress(m_stack, packet, state);
    if (!conn || !addr)
    {
        packet.dropReason = "drop-nat-no-address";
        m_conntrack.GetContext().counters.Get(packet.dropReason)++;
        return NfVerdict::DROP;
    }
    NfNatRange mapped = range;
    mapped.flags |= NF_NAT_MAP_IPS;
    mapped.minAddr = *addr;
    mapped.maxAddr = *addr;
    return SetupInfo(*conn, mapped, NfManip::DST);
}

} // namespace ns3
