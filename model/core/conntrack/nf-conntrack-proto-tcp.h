/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_TCP_H
#define NF_CONNTRACK_PROTO_TCP_H

#include "nf-conntrack-proto.h"

#include <cstdint>

namespace ns3
{

/// What a segment means to the state machine (Linux: enum tcp_bit_set).
enum NfTcpEvent : uint8_t
{
    NF_TCP_EVENT_SYN,
    NF_TCP_EVENT_SYNACK,
    NF_TCP_EVENT_FIN,
    NF_TCP_EVENT_ACK,
    NF_TCP_EVENT_RST,
    NF_TCP_EVENT_NONE,
    NF_TCP_EVENTS,
};

/// A TCP header as the tracker reads it: once per packet.
struct NfTcpSegment
{
    uint32_t seq{0};
    uint32_t ack{0};
    uint32_t end{0};    //!< seq + payload, SYN and FIN count one each
    uint16_t window{0}; //!< unscaled
    uint8_t flags{0};   //!< NfTcpFlag bits
    uint8_t event{0};   //!< NfTcpEvent
    NfBytes options;    //!< valid until the packet changes

    bool Has(uint8_t bits) const
    {
        return (flags & bits) != 0;
    }
};

/// What the window check says of a segment (Linux: enum nf_ct_tcp_action).
enum class NfTcpWindowResult : uint8_t
{
    NONE,    //!< unusable
    ACCEPT,  //!< in window
    IGNORE,  //!< passes, changes nothing
    INVALID, //!< out of window
};

/// Linux: before(). @return true if a comes before b in sequence space
inline bool
NfSeqBefore(uint32_t a, uint32_t b)
{
    return static_cast<int32_t>(a - b) < 0;
}

/// Linux: after(). @return true if a comes behind b in sequence space
inline bool
NfSeqAfter(uint32_t a, uint32_t b)
{
    return NfSeqBefore(b, a);
}

/// Linux: tcp_options(). Reads window scale and SACK permission of a SYN. @param window scale and
/// flags out; NF_TCP_FLAG_BE_LIBERAL stays
void NfTcpReadOptions(NfBytes options, NfTcpWindow& window);

/// Linux: tcp_sack(). @param sack the acknowledgement @return the highest right edge of the SACK
/// blocks, or sack
uint32_t NfTcpHighestSack(NfBytes options, uint32_t sack);

/**
 * Linux: tcp_in_window(). The four conditions of Guido van Rooij's "Real Stateful TCP Packet
 * Filtering in IP Filter" (SANE 2000), and what they teach about both sides.
 * @param table for its knobs and log
 * @param conn whose windows change
 * @param dir of the segment
 */
NfTcpWindowResult NfTcpCheckWindow(NfConntrack& table,
                                   NfConn& conn,
                                   NfDir dir,
                                   const NfTcpSegment& segment,
                                   NfPacket& packet,
                                   const NfHookState& state);

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_TCP_H
