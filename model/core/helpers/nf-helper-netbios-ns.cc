/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-broadcast.h"
#include "nf-helper-list.h"

namespace ns3
{

namespace
{

constexpr uint16_t NETBIOS_NS_PORT = 137;
constexpr uint32_t ANSWER_TIME = 3; //!< seconds; Linux: module parameter timeout

} // namespace

/// NetBIOS name queries (Linux: nf_conntrack_netbios_ns.c).
void
NfAddNetbiosNsHelper(NfNat& nat)
{
    auto helper =
        std::make_unique<NfBroadcastHelper>(nat, "netbios-ns", NETBIOS_NS_PORT, ANSWER_TIME);
    helper->AddTimeoutParameter("nf_conntrack_netbios_ns");
    nat.GetConntrack().RegisterHelper(std::move(helper));
}

} // namespace ns3
