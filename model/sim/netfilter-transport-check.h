/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TRANSPORT_CHECK_H
#define NETFILTER_TRANSPORT_CHECK_H

#include "ns3/nf-packet.h"

namespace ns3
{

/**
 * Tells whether a packet may be shown to ns-3's transport protocols, which read what lengths and
 * types promise without asking whether it is there. Linux drops such packets as well
 * (tcp_v4_rcv(), __udp4_lib_rcv(), icmp_rcv(), icmpv6_rcv(), ndisc_rcv()).
 * @param packet for this node, whole
 * @return every header is as long as it says, and the checksum is right
 */
bool NetfilterIsTransportIntact(const NfPacket& packet);

/**
 * @param packet UDP, for this node, whole
 * @return bytes that its header counts, over IPv6 all of them when it says 0 (Linux:
 * __udp6_lib_rcv()); 0 when there is no header
 */
size_t NetfilterGetUdpSize(const NfPacket& packet);

} // namespace ns3

#endif // NETFILTER_TRANSPORT_CHECK_H
