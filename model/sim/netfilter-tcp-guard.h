/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TCP_GUARD_H
#define NETFILTER_TCP_GUARD_H

#include "ns3/nf-packet.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

namespace ns3
{

/// What waits for a segment at its port.
enum class NetfilterTcpState : uint8_t
{
    CLOSED,     //!< nothing
    LISTEN,     //!< a socket that takes any peer
    CONNECTING, //!< a socket before the end of its handshake
    CONNECTED,  //!< a socket behind it
};

/**
 * @ingroup netfilter
 * Decides whether NetfilterAdmitTcp() must know the state, which is dear to find.
 * @param packet with a whole TCP header
 * @return false for segments that any state takes
 */
bool NetfilterNeedsTcpState(const NfPacket& packet);

/**
 * @ingroup netfilter
 * Stands between the network and the sockets of ns-3, which expect well-behaved peers: they read
 * options beyond their end, and a window of zero before the handshake ends lets them assert.
 *
 * - Options that Linux skips (tcp_parse_options()) are shown as NOP, from the first that breaks the
 *   chain on as end of options; a window scale above 14 as 14.
 * - Segments without ACK, RST and SYN are refused, and all but a SYN by a listening socket (Linux:
 *   tcp_rcv_state_process()).
 * - A zero window before the handshake ends is shown as 1.
 *
 * @param packet with a whole TCP header
 * @param state what waits for it; CONNECTED if NetfilterNeedsTcpState() says false
 * @param shown its bytes from the TCP header on, for ns-3; changed in place, checksum included
 * @return false: it must not reach a socket
 */
bool NetfilterAdmitTcp(const NfPacket& packet, NetfilterTcpState state, const Ptr<Packet>& shown);

/**
 * @ingroup netfilter
 * Queues of ns-3 read whole transport headers to tell flows apart.
 * @param packet about to leave, without IPv4 options
 * @return false: they would read beyond its end
 */
bool NetfilterIsReadable(const NfPacket& packet);

} // namespace ns3

#endif // NETFILTER_TCP_GUARD_H
