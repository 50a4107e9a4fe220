/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_EXTHDR_H
#define NF_EXTHDR_H

#include "nf-packet.h"

#include <cstddef>
#include <cstdint>

namespace ns3
{

constexpr size_t NF_FRAGMENT_HEADER_SIZE = 8; //!< RFC 8200 section 4.5

/// @param header number of a next header @return it is one that ipv6_ext_hdr() knows and skips
bool NfIsExtensionHeader(uint8_t header);

/// @param header its number @param bytes its first two @return bytes that it says it has
size_t NfExtensionHeaderSize(uint8_t header, const uint8_t* bytes);

/**
 * A first fragment must hold all headers (RFC 8200 section 4.5). Linux: ipv6frag_thdr_truncated().
 * @param bytes behind the fixed header @param offset of the fragment header
 * @return true: it does not
 */
bool NfIsHeaderChainCut(NfBytes bytes, size_t offset);

/// What a host makes of IPv6 extension headers.
struct NfExthdrResult
{
    enum Fate : uint8_t
    {
        PASS,
        GATHER,  //!< a fragment, to be put together with others
        DROP,    //!< in silence
        PROBLEM, //!< with an ICMPv6 parameter problem
    };

    Fate fate{PASS};
    uint8_t code{0};     //!< of the parameter problem
    uint32_t pointer{0}; //!< of the parameter problem; PASS: offset of the last next header field
    uint8_t protocol{0}; //!< PASS: what the chain ends in
    size_t offset{0};    //!< PASS: where that begins behind the fixed header
};

/**
 * @ingroup netfilter
 * Looks at a hop-by-hop options header, which every node on the way does before PRE_ROUTING.
 * Linux: ipv6_parse_hopopts(), ip6_parse_tlv().
 * @param packet IPv6, its next header is hop-by-hop options
 * @return PASS, DROP or PROBLEM
 */
NfExthdrResult NfCheckHopByHop(const NfPacket& packet);

/**
 * @ingroup netfilter
 * Goes through the extension headers of a packet for this node. Linux: ip6_protocol_deliver_rcu(),
 * ipv6_destopt_rcv(), ipv6_rthdr_rcv(), ipv6_frag_rcv(). A protocol that nobody knows is the
 * caller's matter.
 * @param packet IPv6, hop-by-hop options checked already
 * @param isReassembled it is a datagram that GATHER made
 * @return PASS with protocol, offset and pointer; GATHER, DROP or PROBLEM
 */
NfExthdrResult NfWalkExtensionHeaders(const NfPacket& packet, bool isReassembled);

} // namespace ns3

#endif // NF_EXTHDR_H
