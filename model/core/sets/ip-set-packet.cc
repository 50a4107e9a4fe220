/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-packet.h"

#include <algorithm>

namespace ns3
{
namespace
{

constexpr uint8_t ICMP = 1;
constexpr uint8_t TCP = 6;
constexpr uint8_t UDP = 17;
constexpr uint8_t ICMPV6 = 58;
constexpr uint8_t SCTP = 132;
constexpr uint8_t UDPLITE = 136;

/// @return bytes of a protocol's header that must be there to tell ports, 0: it has none
size_t
HeaderSize(uint8_t protocol)
{
    switch (protocol)
    {
    case TCP:
        return 20;
    case SCTP:
        return 12;
    case UDP:
    case UDPLITE:
    case ICMP:
    case ICMPV6:
        return 8;
    default:
        return 0;
    }
}

} // namespace

bool
IpSetHasPorts(uint8_t protocol)
{
    return protocol == TCP || protocol == UDP || protocol == SCTP || protocol == UDPLITE;
}

bool
IpSetGetPort(const NfPacket& packet, bool source, uint16_t& port, uint8_t& protocol)
{
    const bool ipv6 = packet.GetFamily() == NfFamily::IPV6;
    protocol = packet.GetProtocol();
    port = 0;
    if (!packet.IsTransportValid() || (!ipv6 && protocol == 0))
    {
        return false;
    }
    const size_t size = HeaderSize(protocol);
    if (packet.IsLaterFragment())
    {
        return !ipv6 && (size == 0 || protocol == ICMPV6);
    }
    if (size == 0)
    {
        return true;
    }
    const uint8_t* header = packet.PullTransport(size);
    if (!header)
    {
        return false;
    }
    const bool typed = protocol == ICMP || protocol == ICMPV6;
    port = NfReadU16(header + (typed || source ? 0 : 2));
    return true;
}

bool
IpSetGetMac(const NfPacket& packet, bool source, std::array<uint8_t, 6>& mac)
{
    std::copy_n(packet.ethernet.begin() + (source ? 6 : 0), mac.size(), mac.begin());
    return packet.hasEthernet && mac != std::array<uint8_t, 6>{};
}

} // namespace ns3
