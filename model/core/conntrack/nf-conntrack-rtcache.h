/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_RTCACHE_H
#define NF_CONNTRACK_RTCACHE_H

#include "../hook/nf-hook-chain.h"
#include "../hook/nf-stack.h"
#include "nf-conntrack.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The vendor extension RTCACHE (nf_conntrack_rtcache.c of OpenWrt and others; never in Linux): a
 * forwarded connection remembers, by direction, over which device its packets come in, and the
 * device and next hop they leave by.
 *
 * Off by default; net.netfilter.nf_conntrack_rtcache = 1 turns it on. Only then are there hooks at
 * PRE_ROUTING and FORWARD, and only connections that are forwarded meanwhile have memory for it. A
 * memory that a lookup contradicts is forgotten before the packet goes on, as is that of a device
 * that goes down. The vendors' patch saves the lookup by it; here the stack below looks up its own
 * route in any case, since routing protocols do not tell when a route changes.
 */
class NfRouteCache
{
  public:
    /// @param table whose connections @param stack whose routes; both outlive it
    NfRouteCache(NfConntrack& table, NfStack& stack);
    ~NfRouteCache();
    NfRouteCache(const NfRouteCache&) = delete;
    NfRouteCache& operator=(const NfRouteCache&) = delete;

    /// @param on whether connections remember from now on; off forgets all
    void Enable(bool on);

    bool IsEnabled() const
    {
        return !m_hooks.empty();
    }

    /// Forgets what leads over a device (Linux: nf_rtcache_netdev_event()). @param index its index
    void OnDeviceDown(uint32_t index);

    /// @return packets whose route was remembered and still held
    uint64_t GetHits() const
    {
        return m_hits;
    }

    /// @return memories that a changed route made obsolete
    uint64_t GetObsolete() const
    {
        return m_obsolete;
    }

  private:
    NfVerdict Check(NfPacket& packet, const NfHookState& state);
    NfVerdict Remember(NfPacket& packet, const NfHookState& state);

    NfConntrack& m_table;
    NfStack& m_stack;
    std::vector<NfHookId> m_hooks; //!< registered while it is on
    uint64_t m_hits{0};
    uint64_t m_obsolete{0};
};

/// Linux: nf_conn_rtcache_dump(). @return "[RTCACHE o2/r3] ": devices that packets come from, by
/// direction; empty if none is remembered
std::string NfRouteCacheText(const NfConn& conn);

} // namespace ns3

#endif // NF_CONNTRACK_RTCACHE_H
