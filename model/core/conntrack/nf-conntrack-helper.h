/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_HELPER_H
#define NF_CONNTRACK_HELPER_H

#include "../hook/nf-verdict.h"
#include "nf-conn.h"
#include "nf-conntrack-expect.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/// Bounds of one class of expectations (Linux: struct nf_conntrack_expect_policy).
struct NfExpectPolicy
{
    uint32_t maxExpected{1}; //!< live expectations of that class per master
    uint32_t timeout{300};   //!< seconds
    std::string name;
};

/**
 * @ingroup netfilter
 * An application helper (Linux: struct nf_conntrack_helper). It reads the payload of packets of its
 * connections, makes expectations and, with NAT, rewrites addresses in the payload.
 */
class NfConntrackHelper
{
  public:
    virtual ~NfConntrackHelper() = default;

    /// @return "ftp": what CT --helper names
    virtual const std::string& GetName() const = 0;
    /// @return IP protocol of its connections
    virtual uint8_t GetProtocol() const = 0;
    /// @return UNSPEC for both families
    virtual NfFamily GetFamily() const = 0;
    /// @return one policy per class
    virtual const std::vector<NfExpectPolicy>& GetPolicies() const = 0;

    /**
     * Linux: nf_conntrack_helper.help. Called for each accepted packet of the connection before
     * confirm.
     * @param packet transport header at PullTransport(); length is not checked yet
     * @param conn the connection, with this helper
     * @param info direction and state
     * @return ACCEPT, or DROP for a packet that must not pass
     */
    virtual NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) = 0;

    /**
     * Linux: nf_conntrack_helper.destroy. Called when a connection with this helper leaves the
     * table, before its expectations go.
     * @param conn still whole; its end has been told
     */
    virtual void OnDestroy(NfConn& conn)
    {
        (void)conn;
    }
};

} // namespace ns3

#endif // NF_CONNTRACK_HELPER_H
