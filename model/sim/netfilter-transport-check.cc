/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-transport-check.h"

#include "ns3/nf-checksum.h"

namespace ns3
{

size_t
NetfilterGetUdpSize(const NfPacket& packet)
{
    const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
    const size_t size = udp ? NfReadU16(udp + 4) : 0;
    const bool isWhole = udp && size == 0 && packet.GetFamily() == NfFamily::IPV6;
    return isWhole ? packet.GetTransportSize() : size;
}

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
    const size_t size = NetfilterGetUdpSize(packet);
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

/// An error that ns-3 reads quotes an IPv6 header; neighbour discovery has rules of its own.
bool
IsIcmpv6Intact(const NfPacket& packet)
{
    constexpr uint8_t LAST_ERROR = 4;
    const uint8_t* icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE);
    if (!icmp)
    {
        return false;
    }
    const bool isError = icmp[0] != 0 && icmp[0] <= LAST_ERROR;
    return !isError || packet.GetTransportSize() >= NF_ICMP_HEADER_SIZE + NF_IPV6_HEADER_SIZE;
}

/// RFC 3828 section 3.1. Linux: udplite_checksum_init().
bool
IsUdpLiteIntact(const NfPacket& packet)
{
    const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
    const size_t coverage = udp ? NfReadU16(udp + 4) : SIZE_MAX;
    const bool isCoverage = coverage == 0 || coverage >= NF_UDP_HEADER_SIZE;
    return isCoverage && coverage <= packet.GetTransportSize() && NfReadU16(udp + 6) != 0;
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
    case NF_IPPROTO_UDPLITE:
        return IsUdpLiteIntact(packet);
    case NF_IPPROTO_ICMP:
        return packet.GetFamily() != NfFamily::IPV4 || IsIcmpIntact(packet);
    case NF_IPPROTO_ICMPV6:
        return packet.GetFamily() != NfFamily::IPV6 || IsIcmpv6Intact(packet);
    default:
        return true;
    }
}

/// @param covered how many transport bytes the checksum is of @param size that its pseudo header
/// tells
bool
IsSumRight(const NfPacket& packet, uint8_t protocol, size_t covered, size_t size)
{
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t pseudo =
        NfPseudoHeader(packet.GetFamily(), ip.src, ip.dst, protocol, static_cast<uint32_t>(size));
    const NfBytes bytes = packet.PullTransportAll().Sub(0, covered);
    return packet.checksumOk || NfChecksumFold(NfChecksumPartial(bytes, pseudo)) == 0;
}

/// The checksum covers as much as the header says, the pseudo header tells the size of all.
bool
IsUdpLiteChecksumRight(const NfPacket& packet)
{
    const size_t size = packet.GetTransportSize();
    const size_t coverage = NfReadU16(packet.PullTransport(NF_UDP_HEADER_SIZE) + 4);
    return IsSumRight(packet, NF_IPPROTO_UDPLITE, coverage == 0 ? size : coverage, size);
}

/// Linux: __udp4_lib_rcv() cuts off what the length does not count, and sums up the rest.
bool
IsUdpChecksumRight(const NfPacket& packet)
{
    const size_t size = NetfilterGetUdpSize(packet);
    return IsSumRight(packet, NF_IPPROTO_UDP, size, size);
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
        return IsUdpChecksumRight(packet);
    case NF_IPPROTO_UDPLITE:
        return IsUdpLiteChecksumRight(packet);
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
    const bool isWhole = !packet.IsLaterFragment() && !packet.GetIp().moreFragments;
    return packet.IsTransportValid() && isWhole && IsLongEnough(packet) && IsChecksumRight(packet);
}

} // namespace ns3
