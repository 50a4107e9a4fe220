/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_BROADCAST_H
#define NF_HELPER_BROADCAST_H

#include "nf-helper.h"

#include <optional>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * Answers to this node's own broadcasts, which every host of the subnet may give (Linux:
 * nf_conntrack_broadcast.c). The base of NetBIOS name queries and SNMP.
 */
class NfBroadcastHelper : public NfHelper
{
  public:
    /**
     * @param nat of the namespace
     * @param name what CT --helper names
     * @param port where the hosts answer from
     * @param timeout seconds that answers may take
     */
    NfBroadcastHelper(NfNat& nat, std::string name, uint16_t port, uint32_t timeout);

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;

    /// Adds module.<module>.timeout. @param module "nf_conntrack_snmp"
    void AddTimeoutParameter(const std::string& module);

  private:
    std::optional<NfAddr> GetSubnetMask(const NfAddr& broadcast) const;

    uint16_t m_port; //!< where the hosts answer from
};

} // namespace ns3

#endif // NF_HELPER_BROADCAST_H
