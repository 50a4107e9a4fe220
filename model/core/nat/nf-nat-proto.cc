/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat-proto.h"

#include "../packet/nf-checksum.h"

namespace ns3
{

namespace
{

constexpr size_t UDP_CHECKSUM = 6;
constexpr size_t ICMP_CHECKSUM = 2;
constexpr size_t ICMP_ID = 4;
constexpr size_t SCTP_CHECKSUM = 8;
constexpr size_t SCTP_HEADER_SIZE = 12;
constexpr size_t DCCP_CHECKSUM = 6;
constexpr size_t DCCP_HEADER_SIZE = 12;
constexpr size_t MIN_TRANSPORT = 8; //!< what conntrack guarantees of a quoted header
constexpr size_t GRE_CALL_ID = 6;
constexpr uint8_t GRE_VERSION_MASK = 7;
constexpr uint8_t ICMP_REDIRECT = 5;
constexpr uint8_t ICMPV6_REDIRECT = 137;
constexpr uint8_t ICMPV6_ECHO_REQUEST = 128;
constexpr uint8_t ICMPV6_ECHO_REPLY = 129;
constexpr uint16_t UDP_NO_CHECKSUM = 0;
constexpr uint16_t UDP_ZERO_CHECKSUM = 0xffff; //!< how a computed 0 is written

/// A transport header, of a packet or quoted in one.
struct Header
{
    uint8_t* data;      //!< first byte
    size_t size;        //!< bytes of header and payload in the packet
    NfFamily family;    //!< of the IP header before it
    NfAddr oldAddr;     //!< the address that target.addr replaces
    bool checksum;      //!< checksums are to be kept right
    NfNatTarget target; //!< what to write
};

bool
IsIcmp(uint8_t protocol)
{
    return protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
}

/// The port of the translated side, for protocols with both ports in front.
uint8_t*
PortField(const Header& h)
{
    return h.data + (h.target.manip == NfManip::SRC ? 0 : 2);
}

/// A checksum after address and port of this header changed; the port is not written yet.
uint16_t
AdjustChecksum(const Header& h, uint16_t checksum)
{
    checksum = NfChecksumAdjustAddr(checksum, h.family, h.oldAddr, h.target.addr);
    return NfChecksumAdjust(checksum, NfReadU16(PortField(h)), h.target.port);
}

bool
ManipTcp(const Header& h)
{
    // A quoted header may end before its checksum.
    if (h.checksum && h.size >= NF_TCP_HEADER_SIZE)
    {
        uint8_t* field = h.data + NF_TCP_CHECKSUM;
        NfWriteU16(field, AdjustChecksum(h, NfReadU16(field)));
    }
    NfWriteU16(PortField(h), h.target.port);
    return true;
}

bool
ManipUdp(const Header& h)
{
    uint8_t* field = h.data + UDP_CHECKSUM;
    const uint16_t before = NfReadU16(field);
    const bool lite = h.target.protocol == NF_IPPROTO_UDPLITE;
    if (h.checksum && (lite || before != UDP_NO_CHECKSUM))
    {
        const uint16_t after = AdjustChecksum(h, before);
        NfWriteU16(field, after ? after : UDP_ZERO_CHECKSUM);
    }
    NfWriteU16(PortField(h), h.target.port);
    return true;
}

bool
ManipSctp(const Header& h)
{
    NfWriteU16(PortField(h), h.target.port);
    if (h.checksum && h.size >= SCTP_HEADER_SIZE)
    {
        uint8_t* field = h.data + SCTP_CHECKSUM;
        NfWriteU32(field, 0);
        const uint32_t crc = NfCrc32c(NfBytes(h.data, h.size));
        for (size_t i = 0; i < 4; i++)
        {
            field[i] = static_cast<uint8_t>(crc >> 8 * i);
        }
    }
    return true;
}

/// Linux up to 6.16: dccp_manip_pkt().
bool
ManipDccp(const Header& h)
{
    if (h.checksum && h.size >= DCCP_HEADER_SIZE)
    {
        uint8_t* field = h.data + DCCP_CHECKSUM;
        NfWriteU16(field, AdjustChecksum(h, NfReadU16(field)));
    }
    NfWriteU16(PortField(h), h.target.port);
    return true;
}

void
WriteIcmpId(const Header& h)
{
    uint8_t* field = h.data + ICMP_CHECKSUM;
    uint8_t* id = h.data + ICMP_ID;
    if (h.checksum)
    {
        NfWriteU16(field, NfChecksumAdjust(NfReadU16(field), NfReadU16(id), h.target.port));
    }
    NfWriteU16(id, h.target.port);
}

bool
ManipIcmp(const Header& h)
{
    // Echo, timestamp, information and address mask, requests and replies (RFC 792, RFC 950).
    constexpr uint32_t QUERIES =
        1U << 0 | 1U << 8 | 1U << 13 | 1U << 14 | 1U << 15 | 1U << 16 | 1U << 17 | 1U << 18;
    if (h.data[0] < 32 && (QUERIES >> h.data[0] & 1))
    {
        WriteIcmpId(h);
    }
    return true;
}

bool
ManipIcmpv6(const Header& h)
{
    if (h.checksum)
    {
        uint8_t* field = h.data + ICMP_CHECKSUM;
        NfWriteU16(field,
                   NfChecksumAdjustAddr(NfReadU16(field), h.family, h.oldAddr, h.target.addr));
    }
    if (h.data[0] == ICMPV6_ECHO_REQUEST || h.data[0] == ICMPV6_ECHO_REPLY)
    {
        WriteIcmpId(h);
    }
    return true;
}

/// Only PPTP's GRE (version 1) has a call id, that of the receiver; plain GRE has nothing to write.
bool
ManipGre(const Header& h)
{
    const uint8_t version = h.data[1] & GRE_VERSION_MASK;
    if (h.target.manip == NfManip::SRC)
    {
        return true;
    }
    if (version == 1)
    {
        NfWriteU16(h.data + GRE_CALL_ID, h.target.port);
    }
    return version <= 1;
}

/// How many bytes a protocol's row writes or reads, of a header of @p size bytes; 0: no row.
size_t
GetWritten(const NfNatTarget& target, size_t size)
{
    switch (target.protocol)
    {
    case NF_IPPROTO_TCP:
        return size >= NF_TCP_HEADER_SIZE ? NF_TCP_HEADER_SIZE : MIN_TRANSPORT;
    case NF_IPPROTO_SCTP:
        return size >= SCTP_HEADER_SIZE ? size : MIN_TRANSPORT;
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_ICMP:
    case NF_IPPROTO_ICMPV6:
    case NF_IPPROTO_GRE:
        return MIN_TRANSPORT;
    case NF_IPPROTO_DCCP:
        // Port 0: it has no tracker, and no ports then.
        return target.port == 0 ? 0 : size >= DCCP_HEADER_SIZE ? DCCP_HEADER_SIZE : MIN_TRANSPORT;
    default:
        return 0;
    }
}

/// Linux: l4proto_manip_pkt(). @pre GetWritten() bytes are there
bool
ManipTransport(const Header& h)
{
    switch (h.target.protocol)
    {
    case NF_IPPROTO_TCP:
        return ManipTcp(h);
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
        return ManipUdp(h);
    case NF_IPPROTO_SCTP:
        return ManipSctp(h);
    case NF_IPPROTO_ICMP:
        return ManipIcmp(h);
    case NF_IPPROTO_ICMPV6:
        return ManipIcmpv6(h);
    case NF_IPPROTO_GRE:
        return ManipGre(h);
    case NF_IPPROTO_DCCP:
        return h.target.port == 0 || ManipDccp(h);
    default:
        return true;
    }
}

/// Where the addresses of an IP header are on the wire.
struct AddrField
{
    size_t offset;
    size_t size;
};

AddrField
GetAddrField(NfFamily family, NfManip manip)
{
    const bool source = manip == NfManip::SRC;
    return family == NfFamily::IPV6 ? AddrField{source ? 8U : 24U, 16}
                                    : AddrField{source ? 12U : 16U, 4};
}

/// Writes an address into a quoted IP header.
void
ManipQuotedAddr(uint8_t* ip, NfFamily family, const NfNatTarget& target, bool checksum)
{
    constexpr size_t IPV4_CHECKSUM = 10;
    const AddrField field = GetAddrField(family, target.manip);
    if (family == NfFamily::IPV4 && checksum)
    {
        uint8_t* sum = ip + IPV4_CHECKSUM;
        NfWriteU16(sum,
                   NfChecksumAdjust32(NfReadU16(sum),
                                      NfReadU32(ip + field.offset),
                                      target.addr.GetIpv4()));
    }
    std::memcpy(ip + field.offset, target.addr.bytes.data(), field.size);
}

/// Linux: nf_nat_ipv4_manip_pkt() with iphdroff > 0. @param bytes from the quoted IP header on
bool
ManipQuoted(const NfConntrack& conntrack,
            uint8_t* bytes,
            size_t size,
            const NfPacket& packet,
            const NfNatTarget& target)
{
    const NfFamily family = packet.GetFamily();
    NfTuple tuple;
    size_t transport = 0;
    if (!conntrack.GetInnerTuple(NfBytes(bytes, size), family, 0, tuple, transport) ||
        transport > size)
    {
        return false;
    }
    if (size - transport < GetWritten(target, size - transport))
    {
        return false;
    }
    const AddrField field = GetAddrField(family, target.manip);
    const NfAddr oldAddr = NfAddr::FromWire(bytes + field.offset, family);
    if (!ManipTransport(Header{bytes + transport,
                               size - transport,
                               family,
                               oldAddr,
                               !packet.checksumOk,
                               target}))
    {
        return false;
    }
    ManipQuotedAddr(bytes, family, target, !packet.checksumOk);
    return true;
}

void
WriteIcmpChecksum(const NfPacket& packet, uint8_t* bytes, size_t size)
{
    if (packet.checksumOk)
    {
        return;
    }
    NfWriteU16(bytes + ICMP_CHECKSUM, 0);
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t pseudo = packet.GetFamily() == NfFamily::IPV6
                                ? NfPseudoHeader(NfFamily::IPV6,
                                                 ip.src,
                                                 ip.dst,
                                                 NF_IPPROTO_ICMPV6,
                                                 static_cast<uint32_t>(size))
                                : 0;
    NfWriteU16(bytes + ICMP_CHECKSUM,
               NfChecksumFold(NfChecksumPartial(NfBytes(bytes, size), pseudo)));
}

NfManip
Other(NfManip manip)
{
    return manip == NfManip::SRC ? NfManip::DST : NfManip::SRC;
}

} // namespace

bool
NfNatManipPacket(NfPacket& packet, const NfNatTarget& target)
{
    const size_t written = GetWritten(target, packet.GetTransportSize());
    const bool source = target.manip == NfManip::SRC;
    const NfAddr oldAddr = source ? packet.GetIp().src : packet.GetIp().dst;
    if (written > 0 && !packet.IsLaterFragment())
    {
        uint8_t* data = packet.MakeTransportWritable(written);
        if (!data || !ManipTransport(Header{data,
                                            packet.GetTransportSize(),
                                            packet.GetFamily(),
                                            oldAddr,
                                            !packet.checksumOk,
                                            target}))
        {
            return false;
        }
    }
    NfIpHeader& ip = packet.MutableIp();
    (source ? ip.src : ip.dst) = target.addr;
    return true;
}

bool
NfNatTranslateError(const NfConntrack& conntrack, NfPacket& packet, const NfConn& conn, NfHook hook)
{
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    const size_t quotedHeader = v6 ? NF_IPV6_HEADER_SIZE : NF_IPV4_HEADER_SIZE;
    const size_t size = packet.GetTransportSize();
    const uint8_t* icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE + quotedHeader);
    if (!icmp || !NfChecksumVerify(packet,
                                   packet.GetTransportOffset(),
                                   static_cast<uint8_t>(v6 ? NF_IPPROTO_ICMPV6 : 0)))
    {
        return false;
    }
    icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE + quotedHeader);
    const bool redirect = icmp[0] == (v6 ? ICMPV6_REDIRECT : ICMP_REDIRECT);
    const bool decided = (conn.status & NF_IPS_NAT_DONE_MASK) == NF_IPS_NAT_DONE_MASK;
    if (redirect && (!decided || conn.Has(NF_IPS_NAT_MASK)))
    {
        return false;
    }
    const NfManip manip = NfNatManipOf(hook);
    if (!conn.Has(NfNatStatusBit(manip, packet.ctInfo)))
    {
        return true;
    }
    const NfTuple& other = conn.GetTuple(!NfInfoDir(packet.ctInfo));
    const bool toDst = manip == NfManip::SRC; // the quoted packet went the other way
    const NfAddr& addr = toDst ? other.dst : other.src;
    const uint16_t port = IsIcmp(other.protocol) || !toDst ? other.sport : other.dport;
    uint8_t* bytes = packet.MakeTransportWritable(size);
    if (!ManipQuoted(conntrack,
                     bytes + NF_ICMP_HEADER_SIZE,
                     size - NF_ICMP_HEADER_SIZE,
                     packet,
                     NfNatTarget{Other(manip), other.protocol, port, addr}))
    {
        return false;
    }
    WriteIcmpChecksum(packet, bytes, size);
    const uint8_t outer = v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP;
    return NfNatManipPacket(packet, NfNatTarget{manip, outer, 0, addr});
}

} // namespace ns3
