/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HOOK_H
#define NF_HOOK_H

#include "../packet/nf-packet.h"
#include "nf-verdict.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace ns3
{

/**
 * @ingroup netfilter
 * Points of a packet's way through a node. The first five have Linux's numbers (enum
 * nf_inet_hooks); the ARP family uses ARP_IN = 0, ARP_OUT = 1, ARP_FORWARD = 2, the bridge family
 * the five of IP plus BROUTING = 5, the netdev family INGRESS and EGRESS.
 */
enum class NfHook : uint8_t
{
    PRE_ROUTING = 0,
    LOCAL_IN = 1,
    FORWARD = 2,
    LOCAL_OUT = 3,
    POST_ROUTING = 4,
    INGRESS = 5,
    EGRESS = 6,
    ARP_IN = 0,
    ARP_OUT = 1,
    ARP_FORWARD = 2,
    BROUTING = 5,
};

constexpr size_t NF_HOOK_COUNT = 7; //!< points per family

/// @param family its names for the points @param hook a point @return "PREROUTING" etc. as iptables
/// prints
const char* NfHookName(NfFamily family, NfHook hook);

/// Priorities by Linux's names (enum nf_ip_hook_priorities, NF_IP_PRI_*).
enum NfPriority : int32_t
{
    NF_PRI_FIRST = std::numeric_limits<int32_t>::min(),
    NF_PRI_RAW_BEFORE_DEFRAG = -450,
    NF_PRI_CONNTRACK_DEFRAG = -400,
    NF_PRI_RAW = -300,
    NF_PRI_SELINUX_FIRST = -225,
    NF_PRI_CONNTRACK = -200,
    NF_PRI_MANGLE = -150,
    NF_PRI_NAT_DST = -100,
    NF_PRI_FILTER = 0,
    NF_PRI_SECURITY = 50,
    NF_PRI_NAT_SRC = 100,
    NF_PRI_SELINUX_LAST = 225,
    NF_PRI_CONNTRACK_HELPER = 300,
    NF_PRI_CONNTRACK_CONFIRM = std::numeric_limits<int32_t>::max(),
    NF_PRI_LAST = std::numeric_limits<int32_t>::max(),
};

/**
 * @ingroup netfilter
 * Where a packet is while a hook function looks at it (Linux: struct nf_hook_state).
 */
struct NfHookState
{
    NfFamily family{NfFamily::UNSPEC};
    NfHook hook{NfHook::PRE_ROUTING};
    const NfDevice* in{nullptr};  //!< null at LOCAL_OUT and, for local packets, POST_ROUTING
    const NfDevice* out{nullptr}; //!< null at PRE_ROUTING and LOCAL_IN
};

/**
 * A hook function (Linux: nf_hookfn). It may change any byte of the packet at any point. It may
 * register and unregister hooks; a change takes effect for packets that enter a point after it.
 */
using NfHookFunction = std::function<NfVerdict(NfPacket&, const NfHookState&)>;

/// What to register (Linux: struct nf_hook_ops).
struct NfHookOps
{
    NfHookFunction function;           //!< not empty
    NfFamily family{NfFamily::UNSPEC}; //!< INET registers for IPV4 and IPV6
    NfHook hook{NfHook::PRE_ROUTING};
    int32_t priority{NF_PRI_FILTER}; //!< smaller runs first; of equal ones the newest runs first,
                                     //!< as nf_hook_entries_grow() sorts them
    std::string name;                //!< for traces: "iptables filter", "conntrack"
    const NfDevice* device{nullptr}; //!< NETDEV only: the device it is bound to
};

} // namespace ns3

#endif // NF_HOOK_H
