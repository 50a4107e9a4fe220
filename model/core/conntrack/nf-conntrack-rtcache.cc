/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// OpenWrt: nf_conntrack_rtcache.c
#include "nf-conntrack-rtcache.h"

#include "nf-conntrack-proto.h"

#include <fmt/format.h>

namespace ns3
{

namespace
{

/// @return where packets of a direction went, null: the connection does not remember
NfCachedRoute*
RouteOf(const NfConn& conn, NfDir dir)
{
    const NfConnExt* ext = conn.GetExt();
    return ext && ext->routes ? &(*ext->routes)[static_cast<size_t>(dir)] : nullptr;
}

} // namespace

NfRouteCache::NfRouteCache(NfConntrack& table, NfStack& stack)
    : m_table(table),
      m_stack(stack)
{
    NfAddOption(
        table.GetContext().sysctls,
        "rtcache",
        [this] { return IsEnabled(); },
        [this](bool on) { Enable(on); });
}

NfRouteCache::~NfRouteCache()
{
    for (const NfHookId id : m_hooks)
    {
        m_table.GetContext().hooks.Unregister(id);
    }
}

void
NfRouteCache::Enable(bool on)
{
    if (on == IsEnabled())
    {
        return;
    }
    NfHooks& hooks = m_table.GetContext().hooks;
    if (on)
    {
        const NfHookFunction check = [this](NfPacket& packet, const NfHookState& state) {
            return Check(packet, state);
        };
        const NfHookFunction remember = [this](NfPacket& packet, const NfHookState& state) {
            return Remember(packet, state);
        };
        m_hooks = hooks.Register(std::vector<NfHookOps>{
            {check, NfFamily::INET, NfHook::PRE_ROUTING, NF_PRI_LAST, "route cache", nullptr},
            {remember, NfFamily::INET, NfHook::FORWARD, NF_PRI_LAST, "route cache", nullptr}});
        return;
    }
    for (const NfHookId id : m_hooks)
    {
        hooks.Unregister(id);
    }
    m_hooks.clear();
    m_table.ForEach([](NfConn& conn) {
        if (NfConnExt* ext = conn.GetExt())
        {
            ext->routes.reset();
        }
    });
}

void
NfRouteCache::OnDeviceDown(uint32_t index)
{
    if (!IsEnabled())
    {
        return;
    }
    m_table.ForEach([index](NfConn& conn) {
        NfConnExt* ext = conn.GetExt();
        if (ext && ext->routes && ((*ext->routes)[0].in == index || (*ext->routes)[1].in == index))
        {
            ext->routes->fill(NfCachedRoute{});
        }
    });
}

/// Linux's nf_rtcache_in(): the route is taken if it comes the same way and is still good.
NfVerdict
NfRouteCache::Check(NfPacket& packet, const NfHookState& state)
{
    NfCachedRoute* known = packet.conn ? RouteOf(*packet.conn, NfInfoDir(packet.ctInfo)) : nullptr;
    if (!known || !state.in || known->in != state.in->index)
    {
        return NfVerdict::ACCEPT;
    }
    const NfIpHeader& ip = packet.GetIp();
    const std::optional<NfRoute> now =
        m_stack.Route(packet.GetFamily(), ip.dst, ip.src, nullptr, packet.mark);
    if (now && now->out && now->out->index == known->out && now->gateway == known->gateway)
    {
        ++m_hits;
        return NfVerdict::ACCEPT;
    }
    *known = NfCachedRoute{};
    ++m_obsolete;
    return NfVerdict::ACCEPT;
}

/// Linux's nf_rtcache_forward().
NfVerdict
NfRouteCache::Remember(NfPacket& packet, const NfHookState& state)
{
    if (!packet.conn || packet.conn->IsTemplate() || !state.in || !state.out)
    {
        return NfVerdict::ACCEPT;
    }
    NfConn& conn = *packet.conn;
    if (!conn.IsConfirmed())
    {
        conn.Ext().routes = std::make_unique<std::array<NfCachedRoute, 2>>();
        return NfVerdict::ACCEPT;
    }
    NfCachedRoute* known = RouteOf(conn, NfInfoDir(packet.ctInfo));
    // Back over the device it came from: a redirect is due, which only the stack makes.
    if (!known || known->in == state.in->index || state.in->index == state.out->index)
    {
        return NfVerdict::ACCEPT;
    }
    const NfIpHeader& ip = packet.GetIp();
    const std::optional<NfRoute> route =
        m_stack.Route(packet.GetFamily(), ip.dst, ip.src, nullptr, packet.mark);
    *known = {state.in->index, state.out->index, route ? route->gateway : ip.dst};
    return NfVerdict::ACCEPT;
}

std::string
NfRouteCacheText(const NfConn& conn)
{
    const NfCachedRoute* original = RouteOf(conn, NfDir::ORIGINAL);
    const NfCachedRoute* reply = RouteOf(conn, NfDir::REPLY);
    if (!original || (!original->in && !reply->in))
    {
        return {};
    }
    std::string text = original->in ? fmt::format("o{}", original->in) : std::string();
    text += reply->in ? fmt::format("{}r{}", text.empty() ? "" : "/", reply->in) : std::string();
    return fmt::format("[RTCACHE {}] ", text);
}

} // namespace ns3
