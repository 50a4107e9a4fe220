/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_NDISC_H
#define NETFILTER_NDISC_H

#include "ns3/nf-packet.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * Checks a message of neighbour discovery (RFC 4861) as Linux does: ndisc_rcv() and the function of
 * its type.
 * @param packet for this node, ICMPv6, not empty
 * @param addressSize bytes of the link-layer addresses of the device it came by
 * @return false: Linux takes no notice of it; true for all that is no neighbour discovery
 */
bool NetfilterIsSoundNdisc(const NfPacket& packet, size_t addressSize);

/**
 * @ingroup netfilter
 * Makes a message one that ns-3 may read: options that it would read beyond their end, twice or for
 * ever are taken out, and the one that it reads without looking is added where it is missing.
 * @param packet NetfilterIsSoundNdisc()
 * @param shown its bytes from the ICMPv6 header on, for ns-3; changed in place
 */
void NetfilterCleanNdisc(const NfPacket& packet, const Ptr<Packet>& shown);

} // namespace ns3

#endif // NETFILTER_NDISC_H
