/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-icmp.h"

#include "../packet/nf-checksum.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ns3
{

namespace
{

constexpr uint8_t ICMP_DEST_UNREACH = 3;
constexpr uint8_t ICMP_ECHO = 8;
constexpr uint8_t ICMP_FRAG_NEEDED = 4;
constexpr uint8_t ICMPV6_PKT_TOOBIG = 2;
constexpr uint8_t ICMPV6_ECHO_REQUEST = 128;
constexpr uint8_t ICMPV6_ECHO_REPLY = 129;
constexpr uint8_t ICMPV6_INFORMATIONAL = 0x80;
constexpr size_t IPV4_MAX_ERROR = 576;  //!< RFC 1812 section 4.3.2.3
constexpr size_t IPV6_MAX_ERROR = 1280; //!< RFC 4443 section 2.4 (c)
constexpr uint8_t TOS_INTERNETCONTROL = 0xc0;
constexpr uint8_t TOS_MASK = 0x1e;
constexpr unsigned BURST = 6;        //!< Linux: XRLIM_BURST_FACTOR
constexpr size_t MAX_BUCKETS = 4096; //!< destinations remembered
constexpr uint8_t PACKET_HOST = 0;

/// Linux: icmp_pointers[].error. Unknown types count as errors.
bool
IsIcmpError(uint8_t type)
{
    static constexpr uint8_t QUERIES[] = {0, 8, 13, 14, 15, 16, 17, 18};
    return std::find(std::begin(QUERIES), std::end(QUERIES), type) == std::end(QUERIES);
}

/// @return true if an error about this packet would answer an error (Linux: __icmp_send(),
/// is_ineligible())
bool
AnswersAnError(const NfPacket& offender)
{
    if (offender.GetFamily() == NfFamily::IPV4)
    {
        const uint8_t* type =
            offender.GetProtocol() == NF_IPPROTO_ICMP ? offender.PullTransport(1) : nullptr;
        return offender.GetProtocol() == NF_IPPROTO_ICMP && (!type || IsIcmpError(*type));
    }
    if (!offender.IsTransportValid() || offender.IsLaterFragment() ||
        offender.GetProtocol() != NF_IPPROTO_ICMPV6)
    {
        return false;
    }
    const uint8_t* type = offender.PullTransport(1);
    return type ? !(*type & ICMPV6_INFORMATIONAL) : !offender.GetIp().fragment;
}

bool
IsMulticast(NfFamily family, const NfAddr& addr)
{
    return family == NfFamily::IPV6 ? addr.bytes[0] == 0xff : addr.bytes[0] >> 4 == 0xe;
}

/// Linux: ip_hdrlen(), ipv6_skip_exthdr() and what REJECT checks behind them:
/// nf_reject_verify_csum()
bool
IsRejectable(NfPacket& packet)
{
    const uint8_t protocol = packet.GetProtocol();
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    if (packet.IsLaterFragment() || !packet.IsTransportValid() ||
        (v6 && (protocol == NF_IPPROTO_NONE || packet.GetTransportSize() == 0)))
    {
        return false;
    }
    switch (protocol)
    {
    case NF_IPPROTO_UDP: {
        const uint8_t* p = packet.PullTransport(NF_UDP_HEADER_SIZE);
        if (p && NfReadU16(p + 6) == 0)
        {
            return true;
        }
        break;
    }
    case NF_IPPROTO_GRE:
    case NF_IPPROTO_AH:
    case NF_IPPROTO_ESP:
    case NF_IPPROTO_SCTP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_DCCP:
        return true;
    default:
        break;
    }
    // The kernel sums up the header too, whose checksum changed options no longer fit.
    if (packet.ipOptions.isChanged)
    {
        return false;
    }
    const bool pseudoHeader = v6 || protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP;
    return NfChecksumVerify(packet, packet.GetTransportOffset(), pseudoHeader ? protocol : 0);
}

/// @return type, code, unused checksum, second word
std::vector<uint8_t>
IcmpHeader(const NfIcmpError& error)
{
    std::vector<uint8_t> bytes(NF_ICMP_HEADER_SIZE);
    bytes[0] = error.type;
    bytes[1] = error.code;
    NfWriteU32(&bytes[4], error.info);
    return bytes;
}

/// Linux labels flows by a keyed hash (ip6_make_flowlabel()); any label does that a flow keeps.
uint32_t
FlowLabel(const NfAddr& src, const NfAddr& dst, const NfIcmpError& error)
{
    uint32_t hash = 2166136261U;
    const auto mix = [&hash](uint8_t byte) { hash = (hash ^ byte) * 16777619U; };
    std::for_each(src.bytes.begin(), src.bytes.end(), mix);
    std::for_each(dst.bytes.begin(), dst.bytes.end(), mix);
    mix(error.type);
    mix(error.code);
    return ((hash >> 12) ^ (hash & 0xfff)) | 1;
}

NfIcmpError
ByFamily(NfFamily family, NfIcmpError v4, NfIcmpError v6)
{
    return family == NfFamily::IPV6 ? v6 : v4;
}

} // namespace

NfIcmpError
NfTimeExceeded(NfFamily family)
{
    return ByFamily(family, {11, 0, 0}, {3, 0, 0});
}

NfIcmpError
NfFragmentTimeout(NfFamily family)
{
    return ByFamily(family, {11, 1, 0}, {3, 1, 0});
}

NfIcmpError
NfNoRoute(NfFamily family)
{
    return ByFamily(family, {ICMP_DEST_UNREACH, 0, 0}, {1, 0, 0});
}

NfIcmpError
NfHostUnreachable(NfFamily family)
{
    return ByFamily(family, {ICMP_DEST_UNREACH, 1, 0}, {1, 3, 0});
}

NfIcmpError
NfPortUnreachable(NfFamily family)
{
    return ByFamily(family, {ICMP_DEST_UNREACH, 3, 0}, {1, 4, 0});
}

NfIcmpError
NfPacketTooBig(NfFamily family, uint32_t mtu)
{
    return ByFamily(family,
                    {ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu},
                    {ICMPV6_PKT_TOOBIG, 0, mtu});
}

NfIcmpError
NfProtocolUnreachable(NfFamily family, uint32_t offset)
{
    return ByFamily(family, {ICMP_DEST_UNREACH, 2, 0}, {4, 1, offset});
}

NfIcmp::NfIcmp(NfStack& stack, NfClock& clock, NfCounters& counters)
    : m_stack(stack),
      m_clock(clock),
      m_counters(counters),
      m_options(stack, clock)
{
}

void
NfIcmp::AddSysctls(NfSysctls& sysctls)
{
    constexpr int64_t LIMIT = std::numeric_limits<int32_t>::max();
    sysctls.AddInteger("net.ipv4.icmp_ratelimit", m_rateLimit4, 0, LIMIT);
    sysctls.AddInteger("net.ipv4.icmp_ratemask", m_rateMask4, 0, LIMIT);
    sysctls.AddInteger("net.ipv6.icmp.ratelimit", m_rateLimit6, 0, LIMIT);
}

/// Where the answer to a packet comes from, and the way it takes. @return false: no way back
bool
NfIcmp::SelectSource(const NfPacket& offender,
                     const NfDevice* in,
                     NfAddr& src,
                     NfRoute& route) const
{
    const NfFamily family = offender.GetFamily();
    const NfIpHeader& ip = offender.GetIp();
    const bool onLink = family == NfFamily::IPV6 && ip.src.bytes[0] == 0xfe;
    const std::optional<NfRoute> back = m_stack.Route(family, ip.src, {}, onLink ? in : nullptr);
    if (!back)
    {
        return false;
    }
    route = *back;
    if (m_stack.GetAddrType(family, ip.dst) == NfAddrType::LOCAL)
    {
        src = ip.dst;
        return true;
    }
    src = route.source;
    if (family == NfFamily::IPV6 && in)
    {
        src = m_stack.SelectAddress(family, *in, ip.src).value_or(src);
    }
    return true;
}

// Linux: icmpv4_xrlim_allow(), icmpv6_xrlim_allow(), inet_peer_xrlim_allow(): a bucket of six per
// destination. Path MTU discovery is never limited.
bool
NfIcmp::Allow(NfFamily family, const NfIcmpError& error, const NfAddr& to, const NfRoute& route)
{
    const bool v6 = family == NfFamily::IPV6;
    const bool pmtu = v6 ? error.type == ICMPV6_PKT_TOOBIG
                         : error.type == ICMP_DEST_UNREACH && error.code == ICMP_FRAG_NEEDED;
    const bool limited = v6 || (error.type < 32 && m_rateMask4 >> error.type & 1);
    if (pmtu || !limited || (route.out && route.out->loopback))
    {
        return true;
    }
    NfTime cost = std::chrono::milliseconds(v6 ? m_rateLimit6 : m_rateLimit4);
    if (v6)
    {
        // Wide prefixes get more: a quarter of the time on a link (/64), a sixteenth by default
        // route.
        cost /= route.gateway == to ? 4 : 16;
    }
    if (m_buckets.size() > MAX_BUCKETS)
    {
        m_buckets.clear();
    }
    const NfTime now = m_clock.Now();
    const auto [at, isNew] = m_buckets.try_emplace(to, Bucket{now, BURST * cost});
    Bucket& bucket = at->second;
    bucket.tokens = std::min(bucket.tokens + (now - bucket.last), BURST * cost);
    bucket.last = now;
    if (bucket.tokens < cost)
    {
        ++m_counters.Get("icmp-ratelimited");
        return false;
    }
    bucket.tokens -= cost;
    return true;
}

std::unique_ptr<NfPacket>
NfIcmp::Answer(NfPacket& offender,
               NfIpHeader ip,
               std::vector<uint8_t> bytes,
               std::vector<uint8_t> options) const
{
    ip.dst = offender.GetIp().src;
    ip.ttl = m_stack.GetDefaultTtl(offender.GetFamily());
    auto packet = NfPacket::Make(offender.GetFamily(), ip, std::move(bytes));
    packet->SetIpOptions(std::move(options));
    NfChecksumWrite(*packet);
    packet->localOut = true;
    return packet;
}

namespace
{

// Linux: nf_conntrack_attach().
void
Attach(NfPacket& answer, const NfPacket& offender)
{
    answer.icmpRelatedOut = true;
    if (offender.conn)
    {
        answer.conn = offender.conn;
        answer.ctInfo = NfInfoDir(offender.ctInfo) == NfDir::ORIGINAL ? NfCtInfo::RELATED_REPLY
                                                                      : NfCtInfo::RELATED;
    }
}

} // namespace

std::unique_ptr<NfPacket>
NfIcmp::MakeError(NfPacket& offender, const NfIcmpError& error, const NfDevice* in)
{
    const NfFamily family = offender.GetFamily();
    const bool v6 = family == NfFamily::IPV6;
    const NfIpHeader& ip = offender.GetIp();
    const NfAddrType dstType = m_stack.GetAddrType(family, ip.dst);
    const bool toMany = offender.packetType != PACKET_HOST || dstType == NfAddrType::BROADCAST ||
                        dstType == NfAddrType::MULTICAST;
    if (toMany && !(v6 && error.type == ICMPV6_PKT_TOOBIG))
    {
        return nullptr;
    }
    if (ip.src.IsZero() || IsMulticast(family, ip.src) || (!v6 && offender.IsLaterFragment()) ||
        AnswersAnError(offender))
    {
        return nullptr;
    }
    NfIpHeader own;
    NfRoute route;
    if (!SelectSource(offender, in, own.src, route) || !Allow(family, error, ip.src, route))
    {
        return nullptr;
    }
    std::optional<std::vector<uint8_t>> options = m_options.Echo(offender, own.src);
    if (!options)
    {
        return nullptr;
    }
    own.protocol = v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP;
    own.tos = v6 ? 0 : static_cast<uint8_t>(TOS_INTERNETCONTROL | (ip.tos & TOS_MASK));
    const size_t room = v6 ? IPV6_MAX_ERROR : std::min<size_t>(IPV4_MAX_ERROR, route.mtu);
    const size_t headers =
        (v6 ? NF_IPV6_HEADER_SIZE : NF_IPV4_HEADER_SIZE + options->size()) + NF_ICMP_HEADER_SIZE;
    if (room <= headers + NF_IPV4_HEADER_SIZE)
    {
        return nullptr;
    }
    own.flowLabel = v6 ? FlowLabel(own.src, ip.src, error) : 0;
    std::vector<uint8_t> bytes = IcmpHeader(error);
    const std::vector<uint8_t> quoted = offender.Serialize();
    const NfBytes quote = NfBytes(quoted).Sub(0, room - headers);
    bytes.insert(bytes.end(), quote.begin(), quote.end());
    auto packet = Answer(offender, own, std::move(bytes), std::move(*options));
    packet->hasSocket = true; // Linux: icmp_xmit_lock(), one of the kernel's own
    Attach(*packet, offender);
    return packet;
}

std::unique_ptr<NfPacket>
NfIcmp::MakeReject(NfPacket& offender, const NfIcmpError& error, const NfDevice* in)
{
    return IsRejectable(offender) ? MakeError(offender, error, in) : nullptr;
}

std::unique_ptr<NfPacket>
NfIcmp::MakeReset(NfPacket& offender)
{
    const NfFamily family = offender.GetFamily();
    const bool v6 = family == NfFamily::IPV6;
    const NfIpHeader& ip = offender.GetIp();
    const uint8_t* tcp = offender.IsTransportValid() && !offender.IsLaterFragment() &&
                                 offender.GetProtocol() == NF_IPPROTO_TCP
                             ? offender.PullTransport(NF_TCP_HEADER_SIZE)
                             : nullptr;
    if (!tcp || (tcp[NF_TCP_FLAGS] & NF_TCP_RST) || offender.ipOptions.isChanged ||
        !NfChecksumVerify(offender, offender.GetTransportOffset(), NF_IPPROTO_TCP))
    {
        return nullptr;
    }
    const NfAddrType dstType = m_stack.GetAddrType(family, ip.dst);
    const bool srcIsHost = !v6 || (!ip.src.IsZero() && !IsMulticast(family, ip.src));
    if (!srcIsHost || dstType == NfAddrType::BROADCAST || dstType == NfAddrType::MULTICAST ||
        !m_stack.Route(family, ip.src))
    {
        return nullptr;
    }
    const uint8_t flags = tcp[NF_TCP_FLAGS];
    std::vector<uint8_t> bytes(NF_TCP_HEADER_SIZE);
    NfWriteU16(&bytes[NF_TCP_SPORT], NfReadU16(tcp + NF_TCP_DPORT));
    NfWriteU16(&bytes[NF_TCP_DPORT], NfReadU16(tcp + NF_TCP_SPORT));
    bytes[NF_TCP_DOFF] = NF_TCP_HEADER_SIZE / 4 << 4;
    if (flags & NF_TCP_ACK)
    {
        NfWriteU32(&bytes[NF_TCP_SEQ], NfReadU32(tcp + NF_TCP_ACKNO));
        bytes[NF_TCP_FLAGS] = NF_TCP_RST;
    }
    else
    {
        const size_t header = size_t{4} * (tcp[NF_TCP_DOFF] >> 4);
        const uint32_t length = static_cast<uint32_t>(offender.GetTransportSize() - header);
        const uint32_t control = (flags & NF_TCP_SYN ? 1U : 0U) + (flags & NF_TCP_FIN ? 1U : 0U);
        NfWriteU32(&bytes[NF_TCP_ACKNO], NfReadU32(tcp + NF_TCP_SEQ) + control + length);
        bytes[NF_TCP_FLAGS] = NF_TCP_RST | NF_TCP_ACK;
    }
    NfIpHeader own;
    own.src = ip.dst;
    own.protocol = NF_IPPROTO_TCP;
    own.dontFragment = !v6;
    auto packet = Answer(offender, own, std::move(bytes));
    Attach(*packet, offender);
    return packet;
}

std::unique_ptr<NfPacket>
NfIcmp::MakeEchoReply(NfPacket& request, const NfDevice* in)
{
    const NfFamily family = request.GetFamily();
    const bool v6 = family == NfFamily::IPV6;
    const NfIpHeader& ip = request.GetIp();
    const NfIpProto protocol = v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP;
    const uint8_t* p = request.GetProtocol() == protocol && !request.GetIp().fragment
                           ? request.PullTransport(NF_ICMP_HEADER_SIZE)
                           : nullptr;
    if (!p || p[0] != (v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO) ||
        !NfChecksumVerify(request, request.GetTransportOffset(), v6 ? protocol : 0))
    {
        return nullptr;
    }
    const bool unicast = m_stack.GetAddrType(family, ip.dst) == NfAddrType::LOCAL;
    NfIpHeader own;
    NfRoute route;
    if ((!v6 && (!unicast || request.packetType != PACKET_HOST)) ||
        !SelectSource(request, in, own.src, route))
    {
        return nullptr;
    }
    std::optional<std::vector<uint8_t>> options = m_options.Echo(request, own.src);
    if (!options)
    {
        return nullptr;
    }
    own.protocol = protocol;
    own.tos = ip.tos;
    const NfBytes all = request.PullTransportAll();
    std::vector<uint8_t> bytes(all.begin(), all.end());
    bytes[0] = v6 ? ICMPV6_ECHO_REPLY : 0;
    bytes[1] = v6 ? bytes[1] : 0;
    own.flowLabel = v6 ? FlowLabel(own.src, ip.src, {bytes[0], bytes[1], 0}) : 0;
    auto packet = Answer(request, own, std::move(bytes), std::move(*options));
    packet->hasSocket = true;
    return packet;
}

bool
NfIcmp::ReceiveOptions(NfPacket& packet, const NfDevice* in, bool local)
{
    constexpr uint8_t PARAMETER_PROBLEM = 12;
    constexpr unsigned POINTER_SHIFT = 24;
    uint8_t pointer = 0;
    switch (m_options.Receive(packet, in, local, pointer))
    {
    case NfIpOptionsFate::PASS:
        return true;
    case NfIpOptionsFate::BAD:
        Send(MakeError(packet, {PARAMETER_PROBLEM, 0, uint32_t{pointer} << POINTER_SHIFT}, in));
        return false;
    case NfIpOptionsFate::SOURCE_ROUTE:
        return false;
    }
    return false;
}

void
NfIcmp::Send(std::unique_ptr<NfPacket> packet)
{
    if (packet)
    {
        m_stack.SendLocal(std::move(packet));
    }
}

// Linux: ip_expire() is silent for conntrack's datagrams that were only passing through;
// ip6frag_expire_frag_queue() never is.
void
NfIcmp::OnFragmentTimeout(NfPacket& first, const NfDevice* in, NfFragUser user)
{
    const NfFamily family = first.GetFamily();
    const bool passingThrough = family == NfFamily::IPV4 && user != NfFragUser::LOCAL_DELIVER &&
                                m_stack.GetAddrType(family, first.GetIp().dst) != NfAddrType::LOCAL;
    if (in && !passingThrough)
    {
        Send(MakeError(first, NfFragmentTimeout(family), in));
    }
}

} // namespace ns3
