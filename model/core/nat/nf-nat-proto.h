/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_PROTO_H
#define NF_NAT_PROTO_H

#include "../conntrack/nf-conntrack.h"
#include "nf-nat-range.h"

namespace ns3
{

/// What one side of a packet shall become.
struct NfNatTarget
{
    NfManip manip{NfManip::SRC};
    uint8_t protocol{0}; //!< of the connection: names the layout of the transport header
    uint16_t port{0};    //!< port, query id or call id, host order
    NfAddr addr;
};

/// @param hook a point of the nat hooks @return the side translated there (Linux: HOOK2MANIP)
inline NfManip
NfNatManipOf(NfHook hook)
{
    return hook == NfHook::POST_ROUTING || hook == NfHook::LOCAL_IN ? NfManip::SRC : NfManip::DST;
}

/**
 * @param manip a side
 * @param info direction of a packet
 * @return the NfConnStatus bit that says whether that side of such packets is translated
 */
inline uint32_t
NfNatStatusBit(NfManip manip, NfCtInfo info)
{
    const bool source = (manip == NfManip::SRC) == (NfInfoDir(info) == NfDir::ORIGINAL);
    return source ? NF_IPS_SRC_NAT : NF_IPS_DST_NAT;
}

/**
 * Writes address and port of one side, and adapts the checksums (Linux: nf_nat_manip_pkt() below).
 * @param packet not a later fragment
 * @param target what to write
 * @return false: the transport header is truncated, or of a kind that cannot be translated
 */
bool NfNatManipPacket(NfPacket& packet, const NfNatTarget& target);

/**
 * Translates an ICMP or ICMPv6 error about a translated connection: the packet it quotes, and its
 * own address (Linux: nf_nat_icmp_reply_translation(), nf_nat_icmpv6_reply_translation()).
 * @param conntrack finds the quoted transport header
 * @param packet RELATED, its protocol is ICMP or ICMPv6
 * @param conn the connection it is about
 * @param hook the point
 * @return false: to be dropped
 */
bool NfNatTranslateError(const NfConntrack& conntrack,
                         NfPacket& packet,
                         const NfConn& conn,
                         NfHook hook);

} // namespace ns3

#endif // NF_NAT_PROTO_H
