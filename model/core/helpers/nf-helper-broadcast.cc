/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper.h"

#include <chrono>
#include <optional>

namespace ns3
{

namespace
{

/// A protocol whose queries are broadcast and answered by single hosts.
struct Protocol
{
    const char* name;
    uint16_t port;
    uint32_t timeout; //!< seconds the answers may take
};

constexpr Protocol PROTOCOLS[] = {{"netbios-ns", 137, 3}, {"snmp", 161, 30}};

/**
 * Answers to this node's own broadcasts (Linux: nf_conntrack_broadcast.c,
 * nf_conntrack_netbios_ns.c, nf_conntrack_snmp.c): every host of the subnet may answer.
 */
class BroadcastHelper final : public NfHelper
{
  public:
    BroadcastHelper(NfNat& nat, const Protocol& protocol)
        : NfHelper(nat,
                   protocol.name,
                   NfFamily::IPV4,
                   NF_IPPROTO_UDP,
                   {NfExpectPolicy{1, protocol.timeout, protocol.name}}),
          m_protocol(protocol)
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override
    {
        const std::optional<NfAddr> mask = GetSubnetMask(packet.GetIp().dst);
        if (!packet.hasSocket || NfInfoDir(info) != NfDir::ORIGINAL || !mask)
        {
            return NfVerdict::ACCEPT;
        }
        const NfTuple& back = conn.GetReply();
        const NfExpectationPtr expectation = NfExpectInit(conn,
                                                          0,
                                                          NfFamily::IPV4,
                                                          &back.src,
                                                          back.dst,
                                                          NF_IPPROTO_UDP,
                                                          m_protocol.port,
                                                          back.dport);
        expectation->mask.src = *mask;
        expectation->flags = NF_EXPECT_PERMANENT;
        NfConntrack& conntrack = m_nat.GetConntrack();
        conntrack.ExpectRelated(expectation);
        conntrack.Refresh(conn, info, nullptr, std::chrono::seconds(m_protocol.timeout));
        return NfVerdict::ACCEPT;
    }

  private:
    /// @return the mask of the subnet that an address is the broadcast address of
    std::optional<NfAddr> GetSubnetMask(const NfAddr& broadcast) const
    {
        for (const NfDevice* device : m_nat.GetStack().GetDevices())
        {
            for (const NfDeviceAddr& a : m_nat.GetStack().GetAddresses(*device))
            {
                if (a.family == NfFamily::IPV4 && a.broadcast == broadcast && a.prefix > 0)
                {
                    return NfPrefixMask(NfFamily::IPV4, a.prefix);
                }
            }
        }
        return std::nullopt;
    }

    const Protocol& m_protocol; //!< which
};

} // namespace

void
NfAddBroadcastHelpers(NfNat& nat)
{
    for (const Protocol& protocol : PROTOCOLS)
    {
        nat.GetConntrack().RegisterHelper(std::make_unique<BroadcastHelper>(nat, protocol));
    }
}

} // namespace ns3
