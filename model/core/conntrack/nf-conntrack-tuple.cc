/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// From bytes to tuples, and back to the other direction (Linux: nf_ct_get_tuplepr(),
// nf_ct_invert_tuple()).
#include "nf-conntrack-impl.h"

namespace ns3
{

namespace
{

/// What the header quoted in an ICMP error says of itself.
struct InnerHeader
{
    uint8_t protocol{0};
    size_t transport{0}; //!< offset of the transport header
};

/// Linux: ipv4_get_l4proto(). The quote may end anywhere.
bool
ParseInnerIpv4(NfBytes bytes, NfTuple& tuple, InnerHeader& inner)
{
    constexpr uint16_t OFFSET_MASK = 0x1fff;
    if (bytes.size() < NF_IPV4_HEADER_SIZE || NfReadU16(&bytes.data()[6]) & OFFSET_MASK)
    {
        return false;
    }
    inner.protocol = bytes[9];
    inner.transport = static_cast<size_t>(bytes[0] & 0xf) * 4;
    tuple.src = NfAddr::FromWire(bytes.data() + 12, NfFamily::IPV4);
    tuple.dst = NfAddr::FromWire(bytes.data() + 16, NfFamily::IPV4);
    return inner.transport <= bytes.size();
}

/// Linux: ipv6_skip_exthdr().
bool
SkipInnerExtensions(NfBytes bytes, InnerHeader& inner)
{
    for (;;)
    {
        const NfBytes rest = bytes.Sub(inner.transport);
        size_t size = 0;
        switch (inner.protocol)
        {
        case NF_IPPROTO_HOPOPTS:
        case NF_IPPROTO_ROUTING:
        case NF_IPPROTO_DSTOPTS:
            size = rest.size() < 2 ? 0 : (size_t{rest[1]} + 1) * 8;
            break;
        case NF_IPPROTO_AH:
            size = rest.size() < 2 ? 0 : (size_t{rest[1]} + 2) * 4;
            break;
        case NF_IPPROTO_FRAGMENT:
            size = rest.size() < 8 || NfReadU16(rest.data() + 2) & 0xfff8 ? 0 : 8;
            break;
        case NF_IPPROTO_NONE:
            return false;
        default:
            return inner.transport <= bytes.size();
        }
        if (size == 0)
        {
            return false;
        }
        inner.protocol = rest[0];
        inner.transport += size;
    }
}

bool
ParseInnerIpv6(NfBytes bytes, NfTuple& tuple, InnerHeader& inner)
{
    if (bytes.size() < NF_IPV6_HEADER_SIZE)
    {
        return false;
    }
    tuple.src = NfAddr::FromWire(bytes.data() + 8, NfFamily::IPV6);
    tuple.dst = NfAddr::FromWire(bytes.data() + 24, NfFamily::IPV6);
    inner.protocol = bytes[6];
    inner.transport = NF_IPV6_HEADER_SIZE;
    return SkipInnerExtensions(bytes, inner);
}

} // namespace

bool
NfConntrack::GetTuple(NfPacket& packet, uint16_t zone, NfTuple& tuple) const
{
    tuple.sport = tuple.dport = 0;
    return m_impl->FillTuple(packet, zone, tuple);
}

bool
NfConntrack::InvertTuple(const NfTuple& tuple, NfTuple& inverse) const
{
    inverse.src = tuple.dst;
    inverse.dst = tuple.src;
    inverse.family = tuple.family;
    inverse.protocol = tuple.protocol;
    inverse.zone = tuple.zone;
    return m_impl->m_trackers[tuple.protocol]->InvertTuple(tuple, inverse);
}

bool
NfConntrack::GetInnerTuple(NfBytes bytes,
                           NfFamily family,
                           uint16_t zone,
                           NfTuple& tuple,
                           size_t& innerTransport) const
{
    InnerHeader inner;
    tuple = NfTuple{};
    if (!(family == NfFamily::IPV6 ? ParseInnerIpv6(bytes, tuple, inner)
                                   : ParseInnerIpv4(bytes, tuple, inner)))
    {
        return false;
    }
    tuple.family = family;
    tuple.protocol = inner.protocol;
    tuple.zone = zone;
    innerTransport = inner.transport;
    return GetTracker(inner.protocol).ParseTuple(bytes.Sub(inner.transport), tuple);
}

} // namespace ns3
