/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-reject.h"

#include "../packet/nf-checksum.h"

#include <algorithm>

namespace ns3
{
namespace
{

constexpr uint8_t UNREACHABLE4 = 3;            //!< ICMP type
constexpr uint8_t UNREACHABLE6 = 1;            //!< ICMPv6 type
constexpr size_t MAX_ICMP_PACKET = 576;        //!< RFC 1812 section 4.3.2.3
constexpr size_t MAX_ICMPV6_PACKET = 1280;     //!< RFC 4443 section 2.4 (c)
constexpr uint8_t INTERNETWORK_CONTROL = 0xc0; //!< precedence of errors (RFC 1812 4.3.2.5)
constexpr uint8_t PACKET_HOST = 0;

/// Fields of a packet this node answers with.
struct Reply
{
    NfAddr src;
    NfAddr dst;
    uint8_t protocol{0};
    uint8_t tos{0};
    bool dontFragment{false};
    std::vector<uint8_t> payload; //!< from the transport header on
};

std::vector<uint8_t>
MakeIpv4(const Reply& reply, uint8_t ttl)
{
    std::vector<uint8_t> bytes(NF_IPV4_HEADER_SIZE);
    bytes[0] = 0x45;
    bytes[1] = reply.tos;
    NfWriteU16(&bytes[2], static_cast<uint16_t>(NF_IPV4_HEADER_SIZE + reply.payload.size()));
    bytes[6] = reply.dontFragment ? 0x40 : 0;
    bytes[8] = ttl;
    bytes[9] = reply.protocol;
    std::copy_n(reply.src.bytes.begin(), 4, &bytes[12]);
    std::copy_n(reply.dst.bytes.begin(), 4, &bytes[16]);
    return bytes;
}

std::vector<uint8_t>
MakeIpv6(const Reply& reply, uint8_t ttl)
{
    std::vector<uint8_t> bytes(NF_IPV6_HEADER_SIZE);
    bytes[0] = 0x60;
    NfWriteU16(&bytes[4], static_cast<uint16_t>(reply.payload.size()));
    bytes[6] = reply.protocol;
    bytes[7] = ttl;
    std::copy_n(reply.src.bytes.begin(), 16, &bytes[8]);
    std::copy_n(reply.dst.bytes.begin(), 16, &bytes[24]);
    return bytes;
}

/// Linux: nf_ct_attach(). The answer belongs to the connection of what it answers.
void
Attach(NfPacket& answer, const NfPacket& packet)
{
    if (packet.conn)
    {
        answer.conn = packet.conn;
        answer.ctInfo = NfInfoDir(packet.ctInfo) == NfDir::ORIGINAL ? NfCtInfo::RELATED_REPLY
                                                                    : NfCtInfo::RELATED;
    }
    answer.icmpRelatedOut = true;
}

void
Send(XtParam& param, const Reply& reply)
{
    NfStack& stack = param.context.stack;
    const uint8_t ttl = stack.GetDefaultTtl(param.family);
    std::vector<uint8_t> bytes =
        param.family == NfFamily::IPV6 ? MakeIpv6(reply, ttl) : MakeIpv4(reply, ttl);
    bytes.insert(bytes.end(), reply.payload.begin(), reply.payload.end());
    std::unique_ptr<NfPacket> answer = NfPacket::Parse(bytes, false);
    if (!answer)
    {
        return;
    }
    NfChecksumWrite(*answer);
    answer->localOut = true;
    Attach(*answer, param.packet);
    stack.SendLocal(std::move(answer));
}

/// Linux: nf_reject_verify_csum(). @return whether the transport checksum covers all of the payload
bool
HasChecksum(const NfPacket& packet)
{
    switch (packet.GetProtocol())
    {
    case NF_IPPROTO_UDP: {
        const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
        return udp && NfReadU16(udp + 6) != 0;
    }
    case NF_IPPROTO_GRE: {
        const uint8_t* gre = packet.PullTransport(4);
        return gre && gre[0] & 0x80;
    }
    case NF_IPPROTO_AH:
    case NF_IPPROTO_ESP:
    case NF_IPPROTO_SCTP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_DCCP:
        return false;
    default:
        return true;
    }
}

/// @return the protocol number its checksum's pseudo header has, 0: no pseudo header
uint8_t
PseudoProtocol(const NfPacket& packet)
{
    const uint8_t protocol = packet.GetProtocol();
    const bool ported = protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP;
    return packet.GetFamily() == NfFamily::IPV6 || ported ? protocol : 0;
}

bool
IsIntact(const NfPacket& packet)
{
    return !HasChecksum(packet) ||
           NfChecksumVerify(packet, packet.GetTransportOffset(), PseudoProtocol(packet));
}

/// @return whether the packet is an ICMP error, which nobody answers
bool
IsIcmpError(const NfPacket& packet)
{
    constexpr uint32_t IPV4_ERRORS = 1U << 3 | 1U << 4 | 1U << 5 | 1U << 11 | 1U << 12;
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    if (packet.GetProtocol() != (v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP))
    {
        return false;
    }
    const uint8_t* icmp = packet.PullTransport(1);
    if (!icmp)
    {
        return true;
    }
    constexpr uint8_t LAST_IPV4_TYPE = 18;
    return v6 ? icmp[0] < 128 : icmp[0] > LAST_IPV4_TYPE || IPV4_ERRORS >> icmp[0] & 1;
}

bool
IsUnicast(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 ? !addr.IsZero() && addr.bytes[0] != 0xff : true;
}

bool
MayAnswer(XtParam& param)
{
    const NfPacket& packet = param.packet;
    const NfIpHeader& ip = packet.GetIp();
    if (packet.packetType != PACKET_HOST || packet.IsLaterFragment() || IsIcmpError(packet) ||
        !IsUnicast(param.family, ip.src))
    {
        return false;
    }
    const NfAddrType type = param.context.stack.GetAddrType(param.family, ip.dst);
    return type != NfAddrType::BROADCAST && type != NfAddrType::MULTICAST;
}

/// @return the address this node speaks with to the sender of a packet
std::optional<NfAddr>
OwnAddress(XtParam& param)
{
    const NfIpHeader& ip = param.packet.GetIp();
    NfStack& stack = param.context.stack;
    // What came for this node is answered from the address it came to.
    if (param.state.in && stack.GetAddrType(param.family, ip.dst) == NfAddrType::LOCAL)
    {
        return ip.dst;
    }
    if (stack.GetAddrType(param.family, ip.src) == NfAddrType::LOCAL)
    {
        return ip.src;
    }
    const bool linkLocal = param.family == NfFamily::IPV6 && ip.src.bytes[0] == 0xfe &&
                           (ip.src.bytes[1] & 0xc0) == 0x80;
    const std::optional<NfRoute> route =
        stack.Route(param.family, ip.src, {}, linkLocal ? param.state.in : nullptr, 0);
    if (!route)
    {
        return std::nullopt;
    }
    return route->source.IsZero() ? stack.SelectAddress(param.family, *route->out, ip.src)
                                  : route->source;
}

std::vector<uint8_t>
MakeReset(const NfPacket& packet, const uint8_t* tcp)
{
    std::vector<uint8_t> reset(NF_TCP_HEADER_SIZE);
    const uint8_t flags = tcp[NF_TCP_FLAGS];
    NfWriteU16(&reset[NF_TCP_SPORT], NfReadU16(tcp + NF_TCP_DPORT));
    NfWriteU16(&reset[NF_TCP_DPORT], NfReadU16(tcp + NF_TCP_SPORT));
    reset[NF_TCP_DOFF] = 5 << 4;
    if (flags & NF_TCP_ACK)
    {
        NfWriteU32(&reset[NF_TCP_SEQ], NfReadU32(tcp + NF_TCP_ACKNO));
        reset[NF_TCP_FLAGS] = NF_TCP_RST;
        return reset;
    }
    const size_t header = (tcp[NF_TCP_DOFF] >> 4) * 4U;
    const size_t length = packet.GetTransportSize() - header + (flags & NF_TCP_SYN ? 1 : 0) +
                          (flags & NF_TCP_FIN ? 1 : 0);
    NfWriteU32(&reset[NF_TCP_ACKNO], NfReadU32(tcp + NF_TCP_SEQ) + static_cast<uint32_t>(length));
    reset[NF_TCP_FLAGS] = NF_TCP_RST | NF_TCP_ACK;
    return reset;
}

} // namespace

void
XtSendReset(XtParam& param)
{
    const NfPacket& packet = param.packet;
    const NfIpHeader& ip = packet.GetIp();
    if (packet.IsLaterFragment() || packet.GetProtocol() != NF_IPPROTO_TCP)
    {
        return;
    }
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    if (!tcp || tcp[NF_TCP_FLAGS] & NF_TCP_RST ||
        !NfChecksumVerify(packet, packet.GetTransportOffset(), NF_IPPROTO_TCP))
    {
        return;
    }
    const NfAddrType type = param.context.stack.GetAddrType(param.family, ip.dst);
    if (type == NfAddrType::BROADCAST || type == NfAddrType::MULTICAST ||
        !IsUnicast(param.family, ip.src) || !IsUnicast(param.family, ip.dst))
    {
        return;
    }
    tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    Reply reply;
    reply.src = ip.dst;
    reply.dst = ip.src;
    reply.protocol = NF_IPPROTO_TCP;
    reply.dontFragment = true;
    reply.payload = MakeReset(packet, tcp);
    if (packet.conn)
    {
        param.context.conntrack.SetClosing(*packet.conn);
    }
    Send(param, reply);
}

void
XtSendUnreachable(XtParam& param, uint8_t code)
{
    if (!MayAnswer(param) || !IsIntact(param.packet))
    {
        return;
    }
    const std::optional<NfAddr> own = OwnAddress(param);
    if (!own)
    {
        return;
    }
    const bool v6 = param.family == NfFamily::IPV6;
    const NfIpHeader& ip = param.packet.GetIp();
    Reply reply;
    reply.src = *own;
    reply.dst = ip.src;
    reply.protocol = v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP;
    reply.tos = v6 ? 0 : static_cast<uint8_t>((ip.tos & 0x1e) | INTERNETWORK_CONTROL);
    const std::vector<uint8_t> quoted = param.packet.Serialize();
    const size_t room = v6 ? MAX_ICMPV6_PACKET - NF_IPV6_HEADER_SIZE - NF_ICMP_HEADER_SIZE
                           : MAX_ICMP_PACKET - NF_IPV4_HEADER_SIZE - NF_ICMP_HEADER_SIZE;
    reply.payload.resize(NF_ICMP_HEADER_SIZE);
    reply.payload[0] = v6 ? UNREACHABLE6 : UNREACHABLE4;
    reply.payload[1] = code;
    reply.payload.insert(reply.payload.end(),
                         quoted.begin(),
                         quoted.begin() + static_cast<long>(std::min(quoted.size(), room)));
    Send(param, reply);
}

} // namespace ns3
