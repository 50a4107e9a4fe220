/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-transport-check.h"

#include "ns3/nf-checksum.h"

#include <algorithm>
#include <iterator>

namespace ns3
{

namespace
{

bool
IsTcpIntact(const NfPacket& packet)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    const size_t size = tcp ? size_t{4} * (tcp[NF_TCP_DOFF] >> 4) : 0;
    return size >= NF_TCP_HEADER_SIZE && size <= packet.GetTransportSize();
}

bool
IsUdpIntact(const NfPacket& packet)
{
    const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
    const size_t size = udp ? NfReadU16(udp + 4) : 0;
    return size >= NF_UDP_HEADER_SIZE && size <= packet.GetTransportSize();
}

/// An error quotes an IPv4 header and eight bytes behind it.
bool
IsIcmpIntact(const NfPacket& packet)
{
    constexpr uint8_t DEST_UNREACH = 3;
    constexpr uint8_t TIME_EXCEEDED = 11;
    constexpr size_t QUOTED_TRANSPORT = 8;
    const uint8_t* icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE);
    if (!icmp || (icmp[0] != DEST_UNREACH && icmp[0] != TIME_EXCEEDED))
    {
        return icmp != nullptr;
    }
    const uint8_t* quoted = packet.PullTransport(NF_ICMP_HEADER_SIZE + NF_IPV4_HEADER_SIZE);
    if (!quoted || quoted[NF_ICMP_HEADER_SIZE] >> 4 != 4)
    {
        return false;
    }
    const size_t header = size_t{4} * (quoted[NF_ICMP_HEADER_SIZE] & 0xf);
    return header >= NF_IPV4_HEADER_SIZE &&
           packet.GetTransportSize() >= NF_ICMP_HEADER_SIZE + header + QUOTED_TRANSPORT;
}

/// Sizes of the fixed parts of messages that ns-3 reads; options follow those of discovery.
struct Icmpv6Message
{
    uint8_t type;
    size_t size;
    bool hasOptions;
};

constexpr Icmpv6Message ICMPV6_MESSAGES[] = {
    {1, 8 + 40, false}, // destination unreachable
    {2, 8 + 40, false}, // packet too big
    {3, 8 + 40, false}, // time exceeded
    {4, 8 + 40, false}, // parameter problem
    {133, 8, true},     // router solicitation
    {134, 16, true},    // router advertisement
    {135, 24, true},    // neighbour solicitation
    {136, 24, true},    // neighbour advertisement
    {137, 40, true},    // redirect
};

/// Linux: ndisc_parse_options().
bool
AreOptionsIntact(const uint8_t* bytes, size_t from, size_t size)
{
    while (from < size)
    {
        const size_t left = size - from;
        const size_t length = left < 2 ? 0 : size_t{8} * bytes[from + 1];
        if (length == 0 || length > left)
        {
            return false;
        }
        from += length;
    }
    return true;
}

bool
IsIcmpv6Intact(const NfPacket& packet)
{
    const uint8_t* icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE);
    if (!icmp)
    {
        return false;
    }
    const auto* message =
        std::find_if(std::begin(ICMPV6_MESSAGES),
                     std::end(ICMPV6_MESSAGES),
                     [icmp](const Icmpv6Message& m) { return m.type == icmp[0]; });
    if (message == std::end(ICMPV6_MESSAGES))
    {
        return true;
    }
    const size_t size = packet.GetTransportSize();
    if (size < message->size)
    {
        return false;
    }
    return !message->hasOptions ||
           AreOptionsIntact(packet.PullTransport(size), message->size, size);
}

bool
IsLongEnough(const NfPacket& packet)
{
    switch (packet.GetProtocol())
    {
    case NF_IPPROTO_TCP:
        return IsTcpIntact(packet);
    case NF_IPPROTO_UDP:
        return IsUdpIntact(packet);
    case NF_IPPROTO_ICMP:
        return packet.GetFamily() != NfFamily::IPV4 || IsIcmpIntact(packet);
    case NF_IPPROTO_ICMPV6:
        return packet.GetFamily() != NfFamily::IPV6 || IsIcmpv6Intact(packet);
    default:
        return true;
    }
}

bool
IsChecksumRight(const NfPacket& packet)
{
    constexpr size_t UDP_CHECKSUM = 6;
    const bool isIpv6 = packet.GetFamily() == NfFamily::IPV6;
    const size_t offset = packet.GetTransportOffset();
    switch (packet.GetProtocol())
    {
    case NF_IPPROTO_UDP:
        // RFC 768: none was made; RFC 8200 section 8.1: not over IPv6.
        if (NfReadU16(packet.PullTransport(NF_UDP_HEADER_SIZE) + UDP_CHECKSUM) == 0)
        {
            return !isIpv6 || packet.checksumOk;
        }
        return NfChecksumVerify(packet, offset, NF_IPPROTO_UDP);
    case NF_IPPROTO_TCP:
        return NfChecksumVerify(packet, offset, NF_IPPROTO_TCP);
    case NF_IPPROTO_ICMP:
        return isIpv6 || NfChecksumVerify(packet, offset, 0);
    case NF_IPPROTO_ICMPV6:
        return !isIpv6 || NfChecksumVerify(packet, offset, NF_IPPROTO_ICMPV6);
    default:
        return true;
    }
}

} // namespace

bool
NetfilterIsTransportIntact(const NfPacket& packet)
{
    if (packet.IsLaterFragment() || packet.GetIp().moreFragments)
    {
        return true; // judged when it is whole
    }
    return IsLongEnough(packet) && IsChecksumRight(packet);
}

} // namespace ns3
