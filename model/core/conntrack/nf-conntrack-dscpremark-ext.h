/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_DSCPREMARK_EXT_H
#define NF_CONNTRACK_DSCPREMARK_EXT_H

#include "../hook/nf-hook-chain.h"
#include "nf-conntrack.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The vendor extension DSCPREMARK (nf_conntrack_dscpremark_ext.c and the DSCP classifier of
 * Qualcomm's accelerated kernels; never in Linux): a connection remembers, by direction, the code
 * point (RFC 2474) and priority its packets leave with. If a DSCP target had to do with that, the
 * packets behind the handshake get the same code point even where no rule writes it any more: what
 * the vendors' forwarding engine does for packets that pass by the rules.
 *
 * Off by default; net.netfilter.nf_conntrack_dscpremark_ext = 1 turns it on. Only then are there
 * hooks, and only connections that begin meanwhile have memory for it.
 */
class NfDscpRemarking
{
  public:
    /// @param table whose connections; outlives it
    explicit NfDscpRemarking(NfConntrack& table);
    ~NfDscpRemarking();
    NfDscpRemarking(const NfDscpRemarking&) = delete;
    NfDscpRemarking& operator=(const NfDscpRemarking&) = delete;

    /// @param on whether new connections remember; off forgets all
    void Enable(bool on);

    bool IsEnabled() const
    {
        return !m_hooks.empty();
    }

    /// @return packets whose code point was put back
    uint64_t GetRemarked() const
    {
        return m_remarked;
    }

  private:
    NfVerdict Begin(NfPacket& packet, const NfHookState& state);
    NfVerdict Leave(NfPacket& packet, const NfHookState& state);

    NfConntrack& m_table;
    std::vector<NfHookId> m_hooks; //!< registered while it is on
    uint64_t m_remarked{0};
};

} // namespace ns3

#endif // NF_CONNTRACK_DSCPREMARK_EXT_H
