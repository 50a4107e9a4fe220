/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_DEFRAG_H
#define NF_DEFRAG_H

#include "../packet/nf-frag.h"
#include "nf-hook.h"
#include "nf-sysctl.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * Reassembly in front of connection tracking, both families (Linux: nf_defrag_ipv4.c,
 * nf_defrag_ipv6_hooks.c), and the sysctls net.ipv4.ipfrag_* and
 * net.netfilter.nf_conntrack_frag6_*.
 *
 * NfConntrack owns one and registers `GetOps(family, zoneOf)` when tracking of the family begins;
 * the stack that can send ICMP errors sets the handler of timeouts:
 * @code
 * NfDefrag defrag(clock, counters, sysctls);
 * ids = hooks.Register(defrag.GetOps(NfFamily::IPV4, [](const NfPacket& p) { return ZoneOf(p); }));
 * defrag.SetExpireHandler([&](NfPacket& first, const NfDevice* in, NfFragUser user) {
 *     NfSendFragmentTimeout(stack, first, in, user); // nf-icmp.h
 * });
 * @endcode
 */
class NfDefrag
{
  public:
    /**
     * Zone of a packet by its template, 0 if it has none; nothing: leave the packet alone, it is
     * tracked already.
     */
    using ZoneOf = std::function<std::optional<uint16_t>(const NfPacket&)>;

    /// @param clock @param counters @param sysctls gets the knobs; all outlive this object
    NfDefrag(NfClock& clock, NfCounters& counters, NfSysctls& sysctls);

    /**
     * Linux: ipv4_conntrack_defrag(), ipv6_defrag().
     * @param zoneOf may be empty
     * @return functions for PRE_ROUTING and LOCAL_OUT at NF_PRI_CONNTRACK_DEFRAG
     * @param family IPV4 or IPV6
     */
    std::vector<NfHookOps> GetOps(NfFamily family, ZoneOf zoneOf = {});

    /**
     * The body of those functions.
     * @return ACCEPT: goes on, perhaps as a whole datagram now; STOLEN: waits for the rest; DROP
     */
    NfVerdict Run(NfPacket& packet, const NfHookState& state, uint16_t zone);

    /// Forgets all that waits, silently.
    void Clear();

    /// @param handler see NfFragments::SetExpireHandler()
    void SetExpireHandler(const NfFragments::ExpireHandler& handler);

    /// @param family IPV4 or IPV6 @return its datagrams; the IPv4 ones may serve local delivery too
    NfFragments& GetFragments(NfFamily family)
    {
        return family == NfFamily::IPV6 ? m_ipv6 : m_ipv4;
    }

  private:
    NfFragments m_ipv4;
    NfFragments m_ipv6;
};

} // namespace ns3

#endif // NF_DEFRAG_H
