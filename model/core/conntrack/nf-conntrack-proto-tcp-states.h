/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_TCP_STATES_H
#define NF_CONNTRACK_PROTO_TCP_STATES_H

#include "nf-conntrack-proto-tcp.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace ns3
{

/// What the machine says in place of a state.
enum NfTcpFate : uint8_t
{
    NF_TCP_CT_INVALID = NF_TCP_CT_MAX, //!< the segment is invalid (Linux: sIV)
    NF_TCP_CT_IGNORE, //!< it passes, and the answer shows what it meant (Linux: sIG)
};

/// The state behind an event, or a NfTcpFate, by the state before it.
using NfTcpRow = std::array<uint8_t, NF_TCP_CT_MAX>;

/// Rows by direction and NfTcpEvent (Linux: nf_conntrack_proto_tcp.c:tcp_conntracks).
using NfTcpMachine = std::array<std::array<NfTcpRow, NF_TCP_EVENTS>, 2>;
extern const NfTcpMachine NF_TCP_MACHINE;

/// What conntrack prints (Linux: tcp_conntrack_names).
extern const std::array<std::string_view, NF_TCP_CT_MAX> NF_TCP_STATE_NAMES;

/// Timeouts have the index of their state; these two come behind (Linux: enum tcp_conntrack).
enum NfTcpTimeout : uint8_t
{
    NF_TCP_TIMEOUT_RETRANS = NF_TCP_CT_MAX, //!< many retransmissions without an answer
    NF_TCP_TIMEOUT_UNACK,                   //!< data not acknowledged yet
    NF_TCP_TIMEOUTS,
};

/// A timeout (Linux: tcp_timeouts).
struct NfTcpTimeoutRow
{
    const char* policy; //!< its name in a timeout policy
    const char* knob;   //!< behind nf_conntrack_tcp_timeout_, null: none
    uint32_t seconds;   //!< unless set otherwise
};

extern const std::array<NfTcpTimeoutRow, NF_TCP_TIMEOUTS> NF_TCP_TIMEOUT_ROWS;

/// Linux: get_conntrack_index(). @param flags of the header @return NfTcpEvent
constexpr uint8_t
NfTcpEventOf(uint8_t flags)
{
    return flags & NF_TCP_RST   ? NF_TCP_EVENT_RST
           : flags & NF_TCP_SYN ? (flags & NF_TCP_ACK ? NF_TCP_EVENT_SYNACK : NF_TCP_EVENT_SYN)
           : flags & NF_TCP_FIN ? NF_TCP_EVENT_FIN
           : flags & NF_TCP_ACK ? NF_TCP_EVENT_ACK
                                : NF_TCP_EVENT_NONE;
}

/// Linux: tcp_can_early_drop(). @param state NfTcpConntrack @return true if it is on its way out
constexpr bool
NfTcpIsClosing(uint8_t state)
{
    return state >= NF_TCP_CT_FIN_WAIT && state <= NF_TCP_CT_CLOSE;
}

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_TCP_STATES_H
