/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-broadcast.h"

#include <chrono>

namespace ns3
{

NfBroadcastHelper::NfBroadcastHelper(NfNat& nat, std::string name, uint16_t port, uint32_t timeout)
    : NfHelper(nat, name, NfFamily::IPV4, NF_IPPROTO_UDP, {NfExpectPolicy{1, timeout, name}}),
      m_port(port)
{
}

/// Linux: nf_conntrack_broadcast_help().
NfVerdict
NfBroadcastHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo info)
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
                                                      m_port,
                                                      back.dport);
    expectation->mask.src = *mask;
    expectation->flags = NF_EXPECT_PERMANENT;
    NfConntrack& conntrack = m_nat.GetConntrack();
    conntrack.ExpectRelated(expectation);
    conntrack.Refresh(conn, info, nullptr, std::chrono::seconds(GetPolicies()[0].timeout));
    return NfVerdict::ACCEPT;
}

void
NfBroadcastHelper::AddTimeoutParameter(const std::string& module)
{
    NfAddPolicyParameter(m_nat.GetConntrack().GetContext().sysctls,
                         "module." + module + ".timeout",
                         std::make_shared<std::vector<NfHelper*>>(1, this),
                         &NfExpectPolicy::timeout,
                         UINT32_MAX);
}

/// @return the mask of the subnet that an address is the broadcast address of
std::optional<NfAddr>
NfBroadcastHelper::GetSubnetMask(const NfAddr& broadcast) const
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

} // namespace ns3
