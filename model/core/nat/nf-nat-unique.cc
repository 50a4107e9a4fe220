/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat-unique.h"

#include "../conntrack/nf-kernel-profile.h"
#include "nf-nat-hash.h"

#include <algorithm>
#include <optional>

namespace ns3
{

namespace
{

constexpr uint32_t RANDOM_ALL = NF_NAT_PROTO_RANDOM | NF_NAT_PROTO_RANDOM_FULLY;
constexpr unsigned MAX_ATTEMPTS = 128;                 //!< Linux: NF_NAT_MAX_ATTEMPTS
constexpr unsigned MIN_ATTEMPTS = 16;                  //!< smaller windows are not searched again
constexpr unsigned EVICT_THRESHOLD = MAX_ATTEMPTS / 4; //!< Linux: NF_NAT_HARDER_THRESH
constexpr uint8_t TCP_SYN_SENT = 1;                    //!< Linux: TCP_CONNTRACK_SYN_SENT
constexpr uint8_t TCP_TIME_WAIT = 7;                   //!< Linux: TCP_CONNTRACK_TIME_WAIT
constexpr uint32_t USES_NAT = NF_IPS_NAT_MASK | NF_IPS_SEQ_ADJUST;

/// What of a protocol's tuple NAT may choose.
enum class PortKind : uint8_t
{
    NONE,  //!< nothing: only the address changes
    PORTS, //!< source and destination port, by port class
    ID,    //!< one query id for both directions
    KEY,   //!< GRE call ids, of PPTP's children only
};

PortKind
GetPortKind(const NfTuple& tuple)
{
    switch (tuple.protocol)
    {
    case NF_IPPROTO_TCP:
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_SCTP:
        return PortKind::PORTS;
    case NF_IPPROTO_ICMP:
    case NF_IPPROTO_ICMPV6:
        return PortKind::ID;
    case NF_IPPROTO_GRE:
        return PortKind::KEY;
    case NF_IPPROTO_DCCP:
        // Without a tracker it has no ports (Linux from 6.17 on).
        return tuple.sport || tuple.dport ? PortKind::PORTS : PortKind::NONE;
    default:
        return PortKind::NONE;
    }
}

/// Linux: nf_ct_l4proto_find()->allow_clash.
bool
MayClash(uint8_t protocol)
{
    return protocol == NF_IPPROTO_UDP || protocol == NF_IPPROTO_UDPLITE;
}

uint16_t&
PortOf(NfTuple& tuple, PortKind kind, NfManip manip)
{
    return kind == PortKind::ID || manip == NfManip::SRC ? tuple.sport : tuple.dport;
}

bool
IsPortInRange(NfTuple tuple, const NfNatRange& range, NfManip manip)
{
    const PortKind kind = GetPortKind(tuple);
    const uint16_t port = PortOf(tuple, kind, manip);
    return kind == PortKind::NONE || (port >= range.minPort && port <= range.maxPort);
}

/// Linux: nf_in_range(). Whether a source is one that the range allows.
bool
IsSourceInRange(const NfTuple& tuple, const NfNatRange& range)
{
    const bool mapIps = range.flags & NF_NAT_MAP_IPS;
    if (mapIps && (tuple.src < range.minAddr || range.maxAddr < tuple.src))
    {
        return false;
    }
    return !(range.flags & NF_NAT_PROTO_SPECIFIED) || IsPortInRange(tuple, range, NfManip::SRC);
}

uint32_t
MemoryWord(const NfAddr& addr, size_t i)
{
    const uint8_t* p = addr.bytes.data() + 4 * i;
    return uint32_t{p[3]} << 24 | uint32_t{p[2]} << 16 | uint32_t{p[1]} << 8 | p[0];
}

/**
 * Linux: find_best_ips_proto(). The hash is over words as they lie in the memory of a little-endian
 * machine, which is where the reference runs.
 */
void
ChooseAddress(NfTuple& tuple, const NfNatRange& range, uint16_t zone, NfManip manip)
{
    if (!(range.flags & NF_NAT_MAP_IPS))
    {
        return;
    }
    NfAddr& addr = manip == NfManip::SRC ? tuple.src : tuple.dst;
    if (range.minAddr == range.maxAddr)
    {
        addr = range.minAddr;
        return;
    }
    const bool persistent = range.flags & NF_NAT_PERSISTENT;
    const size_t last = tuple.family == NfFamily::IPV6 ? 3 : 0;
    const uint32_t words[] = {MemoryWord(tuple.src, 0),
                              MemoryWord(tuple.src, 1),
                              MemoryWord(tuple.src, 2),
                              MemoryWord(tuple.src, 3)};
    uint32_t hash =
        NfJenkinsHash(words, std::size(words), persistent ? 0 : MemoryWord(tuple.dst, last) ^ zone);
    bool fullRange = false;
    for (size_t i = 0; i <= last; i++)
    {
        const uint32_t base = fullRange ? 0 : range.minAddr.GetWord(i);
        const uint32_t span = fullRange ? ~0U : range.maxAddr.GetWord(i) - base + 1;
        addr.SetWord(i, base + static_cast<uint32_t>(uint64_t{hash} * span >> 32));
        fullRange |= addr.GetWord(i) != range.maxAddr.GetWord(i);
        // With a destination range this word was just chosen: Linux reads it back too.
        hash ^= persistent ? 0 : MemoryWord(tuple.dst, i);
    }
}

/// An interval of ports, ids or keys.
struct Ports
{
    unsigned min;
    unsigned size;
};

/// Ports without a range stay in the class of the one they had: servers trust low ports.
Ports
GetPortClass(uint16_t port)
{
    return port >= 1024  ? Ports{1024, 65535 - 1024 + 1}
           : port >= 512 ? Ports{600, 1023 - 600 + 1}
                         : Ports{1, 511};
}

/**
 * @return where to search, nothing when the port may not change
 */
std::optional<Ports>
GetPorts(uint16_t port, PortKind kind, const NfNatRange& range, NfManip manip, const NfConn& conn)
{
    const bool specified = range.flags & NF_NAT_PROTO_SPECIFIED;
    if (kind == PortKind::NONE || (kind == PortKind::KEY && !conn.GetMaster()))
    {
        return std::nullopt;
    }
    if (specified)
    {
        const auto [low, high] = std::minmax(range.minPort, range.maxPort);
        return Ports{low, high - low + 1U};
    }
    switch (kind)
    {
    case PortKind::ID:
        return Ports{0, 65536};
    case PortKind::KEY:
        return Ports{1, 65535};
    default:
        break;
    }
    return manip == NfManip::DST ? std::nullopt : std::optional<Ports>(GetPortClass(port));
}

/// Linux: nf_nat_may_kill() and nf_seq_has_advanced().
bool
MayEvict(const NfConn& old, const NfConn& conn)
{
    const int32_t advance =
        static_cast<int32_t>(conn.proto.tcp.seen[0].end - old.proto.tcp.seen[0].end);
    return old.proto.tcp.state >= TCP_TIME_WAIT && !old.Has(NF_IPS_FIXED_TIMEOUT | NF_IPS_DYING) &&
           old.Has(NF_IPS_SRC_NAT) && advance > 0;
}

} // namespace

NfTuple
NfNatUnique::Choose(const NfTuple& original,
                    const NfNatRange& range,
                    NfConn& conn,
                    NfManip manip) const
{
    NfTuple tuple = original;
    const bool random = range.flags & RANDOM_ALL;
    if (manip == NfManip::SRC && !random && KeepSource(original, range, conn, tuple))
    {
        return tuple;
    }
    tuple = original;
    ChooseAddress(tuple, range, conn.zone, manip);
    if (random)
    {
        ChoosePort(tuple, range, conn, manip);
        return tuple;
    }
    const bool specified = range.flags & NF_NAT_PROTO_SPECIFIED;
    const bool fits =
        !specified || (!(range.flags & NF_NAT_PROTO_OFFSET) && IsPortInRange(tuple, range, manip));
    const bool single = specified && range.minPort == range.maxPort;
    if (!fits || (!single && IsUsed(tuple, conn)))
    {
        ChoosePort(tuple, range, conn, manip);
    }
    return tuple;
}

/// A source goes out as it is, or as it already does towards others, if that is free.
bool
NfNatUnique::KeepSource(const NfTuple& original,
                        const NfNatRange& range,
                        NfConn& conn,
                        NfTuple& chosen) const
{
    if (IsSourceInRange(original, range))
    {
        chosen = original;
        return !IsUsedByOther(original, conn);
    }
    return FindMapping(original, range, chosen) && !IsUsed(chosen, conn);
}

/// Linux: find_appropriate_src().
bool
NfNatUnique::FindMapping(const NfTuple& original, const NfNatRange& range, NfTuple& chosen) const
{
    const auto accept = [&](const NfConn& other) {
        NfTuple mapped;
        if (!m_conntrack.InvertTuple(other.GetReply(), mapped))
        {
            return false;
        }
        chosen = original;
        chosen.src = mapped.src;
        chosen.sport = mapped.sport;
        return IsSourceInRange(chosen, range);
    };
    return m_sources.Find(original, accept) != nullptr;
}

/**
 * Linux: nf_nat_l4proto_unique_tuple(). The search is bounded: a window from a start point, then
 * windows half as big from random ones.
 */
void
NfNatUnique::ChoosePort(NfTuple& tuple, const NfNatRange& range, NfConn& conn, NfManip manip) const
{
    const PortKind kind = GetPortKind(tuple);
    uint16_t& port = PortOf(tuple, kind, manip);
    const std::optional<Ports> ports = GetPorts(port, kind, range, manip, conn);
    if (!ports)
    {
        return;
    }
    if (m_conntrack.GetProfile().natSequentialPorts)
    {
        SearchAllPorts(tuple, port, ports->min, ports->size, range, conn);
        return;
    }
    NfRandom& random = m_conntrack.GetContext().random;
    uint16_t offset = 0;
    if (range.flags & NF_NAT_PROTO_OFFSET)
    {
        offset = static_cast<uint16_t>(port - range.basePort);
    }
    else if ((range.flags & RANDOM_ALL) || manip == NfManip::SRC)
    {
        offset = static_cast<uint16_t>(random.Next());
    }
    unsigned attempts = std::min(ports->size, MAX_ATTEMPTS);
    while (true)
    {
        for (unsigned i = 0; i < attempts; i++, offset++)
        {
            port = static_cast<uint16_t>(ports->min + offset % ports->size);
            if (!IsUsedHarder(tuple, conn, attempts - i))
            {
                return;
            }
        }
        if (attempts >= ports->size || attempts < MIN_ATTEMPTS)
        {
            return;
        }
        attempts /= 2;
        offset = static_cast<uint16_t>(random.Next());
    }
}

// Linux before 5.0: every port is tried, from where the last search of any connection ended.
void
NfNatUnique::SearchAllPorts(NfTuple& tuple,
                            uint16_t& port,
                            unsigned low,
                            unsigned size,
                            const NfNatRange& range,
                            const NfConn& conn) const
{
    const bool random = range.flags & RANDOM_ALL;
    uint16_t offset =
        random ? static_cast<uint16_t>(m_conntrack.GetContext().random.Next()) : m_lastPort;
    for (unsigned i = 0; i < size; i++, offset++)
    {
        port = static_cast<uint16_t>(low + offset % size);
        if (!IsUsed(tuple, conn))
        {
            m_lastPort = random ? m_lastPort : offset;
            return;
        }
    }
}

NfTuple
NfNatUnique::ReplyTo(const NfTuple& tuple, const NfConn& conn) const
{
    NfTuple reply;
    m_conntrack.InvertTuple(tuple, reply);
    reply.zone = conn.GetReply().zone;
    return reply;
}

/// Linux: nf_nat_used_tuple(). The table knows incoming tuples only: ask for the reply.
bool
NfNatUnique::IsUsed(const NfTuple& tuple, const NfConn& conn) const
{
    ++m_probes;
    return m_conntrack.IsTupleTaken(ReplyTo(tuple, conn), &conn);
}

/**
 * Linux: nf_nat_used_tuple_new(). Two untranslated flows that are each other's reply do not count
 * as a clash: both directions were new at once, and the table resolves that at confirm.
 */
bool
NfNatUnique::IsUsedByOther(const NfTuple& tuple, const NfConn& conn) const
{
    if (!IsUsed(tuple, conn))
    {
        return false;
    }
    if (!MayClash(tuple.protocol) || conn.Has(USES_NAT))
    {
        return true;
    }
    NfConnPtr other = m_conntrack.Find(tuple);
    if (!other)
    {
        other = m_conntrack.Find(ReplyTo(tuple, conn));
    }
    return other && (other->Has(USES_NAT) || other->GetOriginal() != conn.GetReply() ||
                     other->GetReply() != conn.GetOriginal());
}

/**
 * Linux: nf_nat_used_tuple_harder(). Towards the end of a search for a TCP port, a finished
 * connection makes room for a SYN that is newer.
 */
bool
NfNatUnique::IsUsedHarder(const NfTuple& tuple, const NfConn& conn, unsigned attemptsLeft) const
{
    if (attemptsLeft > EVICT_THRESHOLD || tuple.protocol != NF_IPPROTO_TCP ||
        conn.proto.tcp.state != TCP_SYN_SENT)
    {
        return IsUsed(tuple, conn);
    }
    ++m_probes;
    NfDir dir = NfDir::ORIGINAL;
    const NfConnPtr old = m_conntrack.Find(ReplyTo(tuple, conn), &dir);
    if (!old)
    {
        return false;
    }
    if (dir == NfDir::ORIGINAL || !MayEvict(*old, conn))
    {
        return true;
    }
    m_conntrack.Kill(*old);
    return old->Has(NF_IPS_OFFLOAD | NF_IPS_HW_OFFLOAD);
}

} // namespace ns3
