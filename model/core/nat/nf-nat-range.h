/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_RANGE_H
#define NF_NAT_RANGE_H

#include "../packet/nf-tuple.h"

#include <cstdint>

namespace ns3
{

/// Flags with Linux's numbers (include/uapi/linux/netfilter/nf_nat.h, NF_NAT_RANGE_*).
enum NfNatRangeFlag : uint32_t
{
    NF_NAT_MAP_IPS = 1U << 0,
    NF_NAT_PROTO_SPECIFIED = 1U << 1,
    NF_NAT_PROTO_RANDOM = 1U << 2,
    NF_NAT_PERSISTENT = 1U << 3,
    NF_NAT_PROTO_RANDOM_FULLY = 1U << 4,
    NF_NAT_PROTO_OFFSET = 1U << 5,
    NF_NAT_NETMAP = 1U << 6,
};

/// What a mapping may become (Linux: struct nf_nat_range2). Ports in host order.
struct NfNatRange
{
    uint32_t flags{0};
    NfAddr minAddr;
    NfAddr maxAddr;
    uint16_t minPort{0};
    uint16_t maxPort{0};
    uint16_t basePort{0}; //!< with PROTO_OFFSET
};

/// Which side is translated (Linux: enum nf_nat_manip_type).
enum class NfManip : uint8_t
{
    SRC = 0,
    DST = 1,
};

} // namespace ns3

#endif // NF_NAT_RANGE_H
