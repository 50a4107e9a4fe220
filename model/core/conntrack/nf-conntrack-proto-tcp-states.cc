/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// The state table of TCP, its names and its timeouts (Linux: nf_conntrack_proto_tcp.c).
#include "nf-conntrack-proto-tcp-states.h"

namespace ns3
{

namespace
{

// Two letters a state, so that a row of the table stays a line.
constexpr uint8_t sNO = NF_TCP_CT_NONE;
constexpr uint8_t sSS = NF_TCP_CT_SYN_SENT;
constexpr uint8_t sSR = NF_TCP_CT_SYN_RECV;
constexpr uint8_t sES = NF_TCP_CT_ESTABLISHED;
constexpr uint8_t sFW = NF_TCP_CT_FIN_WAIT;
constexpr uint8_t sCW = NF_TCP_CT_CLOSE_WAIT;
constexpr uint8_t sLA = NF_TCP_CT_LAST_ACK;
constexpr uint8_t sTW = NF_TCP_CT_TIME_WAIT;
constexpr uint8_t sCL = NF_TCP_CT_CLOSE;
constexpr uint8_t sS2 = NF_TCP_CT_SYN_SENT2;
constexpr uint8_t sIV = NF_TCP_CT_INVALID;
constexpr uint8_t sIG = NF_TCP_CT_IGNORE;

} // namespace

/**
 * The state after a segment, by direction, event and state before. We stand between the two ends
 * and guess at the state of the one that sent the segment.
 *
 * - A SYN of the originator opens; in TIME_WAIT and CLOSE it opens anew (RFC 9293 section 3.10.7.4)
 *   and elsewhere it is let through, since only the other end knows whether it is in sync.
 * - A SYN of the other side before its SYN/ACK is a simultaneous open (SYN_SENT2); in TIME_WAIT the
 *   other side may open anew; anywhere else no server sends it.
 * - A SYN/ACK of the originator belongs to a simultaneous open only. One of the other side where
 *   none is due may answer a SYN that was let through.
 * - FINs of both sides lead from FIN_WAIT over LAST_ACK to TIME_WAIT, whatever their order; none is
 *   due before the handshake is over.
 * - An ACK without any history is taken for the middle of a connection (tcp_loose).
 */
// clang-format off
constexpr NfTcpMachine NF_TCP_MACHINE = {{
    {{
    // ORIGINAL      sNO  sSS  sSR  sES  sFW  sCW  sLA  sTW  sCL  sS2
    /* SYN    */ {{ sSS, sSS, sIG, sIG, sIG, sIG, sIG, sSS, sSS, sS2 }},
    /* SYNACK */ {{ sIV, sIV, sSR, sIV, sIV, sIV, sIV, sIV, sIV, sSR }},
    /* FIN    */ {{ sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV }},
    /* ACK    */ {{ sES, sIV, sES, sES, sCW, sCW, sTW, sTW, sCL, sIV }},
    /* RST    */ {{ sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL }},
    /* none   */ {{ sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV }},
    }},
    {{
    // REPLY         sNO  sSS  sSR  sES  sFW  sCW  sLA  sTW  sCL  sS2
    /* SYN    */ {{ sIV, sS2, sIV, sIV, sIV, sIV, sIV, sSS, sIV, sS2 }},
    /* SYNACK */ {{ sIV, sSR, sIG, sIG, sIG, sIG, sIG, sIG, sIG, sSR }},
    /* FIN    */ {{ sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV }},
    /* ACK    */ {{ sIV, sIG, sSR, sES, sCW, sCW, sTW, sTW, sCL, sIG }},
    /* RST    */ {{ sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL }},
    /* none   */ {{ sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV }},
    }},
}};

// clang-format on

namespace
{

constexpr bool
IsMachineSound()
{
    for (size_t dir = 0; dir < 2; ++dir)
    {
        for (size_t state = 0; state < NF_TCP_CT_MAX; ++state)
        {
            const bool live = state != sNO;
            for (size_t event = 0; event < NF_TCP_EVENTS; ++event)
            {
                const uint8_t next = NF_TCP_MACHINE[dir][event][state];
                // Nothing leads back to the beginning, and a reply cannot begin anything.
                if (next == sNO || (dir == 1 && !live && next != sIV))
                {
                    return false;
                }
            }
            if (live && NF_TCP_MACHINE[dir][NF_TCP_EVENT_RST][state] != sCL)
            {
                return false;
            }
        }
    }
    return true;
}

static_assert(IsMachineSound());

static_assert(NfTcpIsClosing(sFW) && NfTcpIsClosing(sCW) && NfTcpIsClosing(sLA) &&
              NfTcpIsClosing(sTW) && NfTcpIsClosing(sCL) && !NfTcpIsClosing(sES) &&
              !NfTcpIsClosing(sS2));

} // namespace

constexpr std::array<std::string_view, NF_TCP_CT_MAX> NF_TCP_STATE_NAMES = {"NONE",
                                                                            "SYN_SENT",
                                                                            "SYN_RECV",
                                                                            "ESTABLISHED",
                                                                            "FIN_WAIT",
                                                                            "CLOSE_WAIT",
                                                                            "LAST_ACK",
                                                                            "TIME_WAIT",
                                                                            "CLOSE",
                                                                            "SYN_SENT2"};

constexpr std::array<NfTcpTimeoutRow, NF_TCP_TIMEOUTS> NF_TCP_TIMEOUT_ROWS = {{
    {"none", nullptr, 0},
    {"syn_sent", "syn_sent", 120},
    {"syn_recv", "syn_recv", 60},
    {"established", "established", 432000},
    {"fin_wait", "fin_wait", 120},
    {"close_wait", "close_wait", 60},
    {"last_ack", "last_ack", 30},
    {"time_wait", "time_wait", 120},
    {"close", "close", 10},
    {"syn_sent2", nullptr, 120},
    {"retrans", "max_retrans", 300},
    {"unacknowledged", "unacknowledged", 300},
}};

} // namespace ns3
