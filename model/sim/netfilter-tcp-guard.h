/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TCP_GUARD_H
#define NETFILTER_TCP_GUARD_H

#include "ns3/nf-packet.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * Whether the TCP of ns-3 can take a segment. Its option parser never ends with an unknown option
 * of length 0, and reads behind a header whose length is a lie; Linux drops the latter
 * (tcp_v4_rcv()) and ignores options from a bad one on (tcp_parse_options()).
 * @param packet a whole datagram
 * @return false for a TCP segment that must not be delivered
 */
bool NetfilterIsSoundTcp(const NfPacket& packet);

} // namespace ns3

#endif // NETFILTER_TCP_GUARD_H
