/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef IP_SET_PACKET_H
#define IP_SET_PACKET_H

#include "../packet/nf-packet.h"

#include <array>
#include <cstdint>

namespace ns3
{

/// @param protocol an IP protocol @return whether its ports may be given as a range (Linux:
/// ip_set_proto_with_ports())
bool IpSetHasPorts(uint8_t protocol);

/**
 * Port and protocol of a packet (Linux: ip_set_get_ip4_port(), ip_set_get_ip6_port()). ICMP types
 * and codes count as ports; other protocols have port 0.
 * @param packet IPv4 or IPv6 @param source of source or destination @param port out @param protocol
 * out
 * @return false if the packet does not tell: a later fragment, or cut
 */
bool IpSetGetPort(const NfPacket& packet, bool source, uint16_t& port, uint8_t& protocol);

/// @param mac out: Ethernet address @return false if there is none, or it is zero
bool IpSetGetMac(const NfPacket& packet, bool source, std::array<uint8_t, 6>& mac);

} // namespace ns3

#endif // IP_SET_PACKET_H
