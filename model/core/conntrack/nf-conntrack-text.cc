/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_standalone.c (ct_seq_show), nf_conntrack_expect.c (exp_seq_show);
// libnetfilter_conntrack: snprintf_default.c
#include "nf-conntrack-text.h"

#include "nf-conntrack-proto.h"

#include <fmt/format.h>

namespace ns3
{

namespace
{

enum class AddrStyle
{
    SHORT, //!< conntrack(8): RFC 5952
    FULL,  //!< the kernel's files: %pI6
};

const char*
FamilyName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "ipv6" : "ipv4";
}

std::string
AddrText(const NfAddr& addr, NfFamily family, AddrStyle style)
{
    return family == NfFamily::IPV6 && style == AddrStyle::FULL ? addr.ToFullString()
                                                                : addr.ToString(family);
}

/// The part of a tuple behind the addresses, with a blank behind each field.
std::string
PortsText(const NfTuple& tuple)
{
    switch (tuple.protocol)
    {
    case NF_IPPROTO_TCP:
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_SCTP:
        return fmt::format("sport={} dport={} ", tuple.sport, tuple.dport);
    case NF_IPPROTO_ICMP:
    case NF_IPPROTO_ICMPV6:
        return fmt::format("type={} code={} id={} ",
                           tuple.GetIcmpType(),
                           tuple.GetIcmpCode(),
                           tuple.sport);
    case NF_IPPROTO_GRE:
        return fmt::format("srckey={:#x} dstkey={:#x} ", tuple.sport, tuple.dport);
    default:
        return {};
    }
}

std::string
TupleText(const NfTuple& tuple, AddrStyle style)
{
    return fmt::format("src={} dst={} {}",
                       AddrText(tuple.src, tuple.family, style),
                       AddrText(tuple.dst, tuple.family, style),
                       PortsText(tuple));
}

/// Both tuples with what stands beside each.
std::string
DirectionsText(const NfConn& conn, AddrStyle style, bool acct)
{
    static constexpr const char* ZONE_NAMES[] = {"zone-orig", "zone-reply"};
    const NfConnExt* ext = conn.GetExt();
    std::string text;
    for (size_t dir = 0; dir < 2; ++dir)
    {
        if (dir == 1 && !conn.Has(NF_IPS_SEEN_REPLY))
        {
            text += "[UNREPLIED] ";
        }
        text += TupleText(conn.tuples[dir], style);
        if (conn.zone && conn.zoneDir == 1U << dir)
        {
            text += fmt::format("{}={} ", ZONE_NAMES[dir], conn.zone);
        }
        if (acct && ext && ext->acct)
        {
            text +=
                fmt::format("packets={} bytes={} ", ext->acct->packets[dir], ext->acct->bytes[dir]);
        }
    }
    return text;
}

const char*
StatusText(const NfConn& conn)
{
    return conn.Has(NF_IPS_HW_OFFLOAD) ? "[HW_OFFLOAD] "
           : conn.Has(NF_IPS_OFFLOAD)  ? "[OFFLOAD] "
           : conn.Has(NF_IPS_ASSURED)  ? "[ASSURED] "
                                       : "";
}

int64_t
SecondsLeft(const NfConntrack& table, const NfConn& conn)
{
    return std::chrono::floor<std::chrono::seconds>(table.GetTimeLeft(conn)).count();
}

/// "udp      17 "
std::string
ProtocolText(NfConntrack& table, uint8_t protocol)
{
    return fmt::format("{:<8} {} ", table.GetTracker(protocol).GetName(), protocol);
}

int64_t
WallClock(NfConntrack& table)
{
    return (table.GetContext().clock.GetEpoch() + table.Now()).count();
}

bool
HasWholeZone(const NfConn& conn)
{
    return conn.zoneDir == 3;
}

/// Takes the blank off the end.
std::string
Trim(std::string text)
{
    if (!text.empty() && text.back() == ' ')
    {
        text.pop_back();
    }
    return text;
}

/// Linux: nf_conn's count, which expectations do not add to.
uint32_t
CountOwners(const NfConn& conn)
{
    const NfConnExt* ext = conn.GetExt();
    return conn.GetUse() - (ext ? static_cast<uint32_t>(ext->expectations.size()) : 0);
}

/// What conntrack(8) shows of marks, zone and helper. @param allMarks the zero mark too
std::string
AttributesText(const NfConn& conn, bool allMarks)
{
    std::string text;
    if (conn.mark || allMarks)
    {
        text += fmt::format("mark={} ", conn.mark);
    }
    if (const NfConnExt* ext = conn.GetExt(); ext && ext->secmark)
    {
        text += fmt::format("secmark={} ", ext->secmark);
    }
    if (conn.zone && HasWholeZone(conn))
    {
        text += fmt::format("zone={} ", conn.zone);
    }
    return text;
}

std::string
HelperText(const NfConn& conn)
{
    const NfConntrackHelper* helper = conn.GetHelper();
    return helper ? fmt::format("helper={} ", helper->GetName()) : std::string();
}

std::string
SecondsText(const NfConntrack& table, const NfExpectation& expectation)
{
    const NfTime left = std::max(expectation.expires - table.Now(), NfTime{0});
    return std::to_string(std::chrono::floor<std::chrono::seconds>(left).count());
}

/// The mask as the kernel sends it: destination and protocol are always whole.
NfTuple
WholeMask(const NfExpectation& expectation)
{
    NfTuple mask = expectation.mask;
    mask.family = expectation.tuple.family;
    mask.protocol = expectation.tuple.protocol;
    mask.dst = NfPrefixMask(mask.family, mask.family == NfFamily::IPV6 ? 128 : 32);
    mask.dport = 0xffff;
    return mask;
}

/// @param prefix "mask-", "master-"
std::string
PrefixedTuple(const char* prefix, const NfTuple& tuple)
{
    return fmt::format("{0}src={1} {0}dst={2} {3}",
                       prefix,
                       tuple.src.ToString(tuple.family),
                       tuple.dst.ToString(tuple.family),
                       PortsText(tuple));
}

std::string
ExpectFlags(uint32_t flags)
{
    static constexpr const char* NAMES[] = {"PERMANENT", "INACTIVE", "USERSPACE"};
    std::string text;
    for (size_t bit = 0; bit < std::size(NAMES); ++bit)
    {
        if (flags >> bit & 1)
        {
            text += (text.empty() ? "" : ",") + std::string(NAMES[bit]);
        }
    }
    return text;
}

} // namespace

std::string
NfTupleText(const NfTuple& tuple)
{
    return Trim(TupleText(tuple, AddrStyle::SHORT));
}

std::string
NfConntrackProcLine(NfConntrack& table, const NfConn& conn)
{
    const auto family = static_cast<unsigned>(conn.GetFamily());
    std::string text = fmt::format("{:<8} {} ", FamilyName(conn.GetFamily()), family);
    text += ProtocolText(table, conn.GetProtocol());
    if (!conn.Has(NF_IPS_OFFLOAD))
    {
        text += fmt::format("{} ", SecondsLeft(table, conn));
    }
    const std::string state = table.GetTracker(conn.GetProtocol()).GetProcState(conn);
    if (!state.empty())
    {
        text += state + " ";
    }
    text += DirectionsText(conn, AddrStyle::FULL, true);
    text += StatusText(conn);
    text += fmt::format("mark={} ", conn.mark);
    if (HasWholeZone(conn))
    {
        text += fmt::format("zone={} ", conn.zone);
    }
    if (const NfConnExt* ext = conn.GetExt(); ext && ext->startTime >= 0)
    {
        const int64_t age = WallClock(table) - ext->startTime;
        text += fmt::format("delta-time={} ", std::max<int64_t>(age, 0) / 1000000000);
    }
    return text + fmt::format("use={}", CountOwners(conn));
}

std::string
NfConntrackProcText(NfConntrack& table)
{
    std::string text;
    table.ForEach([&](NfConn& conn) { text += NfConntrackProcLine(table, conn) + "\n"; });
    return text;
}

std::string
NfConntrackStatText(NfConntrack& table)
{
    const NfConntrackStats& s = table.GetStats();
    std::string text =
        "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "
        "early_drop icmp_error  expect_new expect_create expect_delete search_restart\n";
    return text + fmt::format("{:08x}  {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} "
                              "{:08x} {:08x} {:08x} {:08x} {:08x}  {:08x} {:08x} {:08x} {:08x}\n",
                              table.GetCount(),
                              s.clashResolve,
                              s.found,
                              0,
                              s.invalid,
                              0,
                              0,
                              s.chainTooLong,
                              s.insert,
                              s.insertFailed,
                              s.drop,
                              s.earlyDrop,
                              s.error,
                              s.expectNew,
                              s.expectCreate,
                              s.expectDelete,
                              s.searchRestart);
}

std::string
NfConntrackListLine(NfConntrack& table, const NfConn& conn, uint8_t output)
{
    std::string text;
    if (output & NF_CONNTRACK_EXTENDED)
    {
        const auto family = static_cast<unsigned>(conn.GetFamily());
        text += fmt::format("{:<8} {} ", FamilyName(conn.GetFamily()), family);
    }
    text += ProtocolText(table, conn.GetProtocol());
    if (!conn.Has(NF_IPS_OFFLOAD))
    {
        text += fmt::format("{} ", SecondsLeft(table, conn));
    }
    const std::string_view state = table.GetTracker(conn.GetProtocol()).GetStateName(conn);
    if (!state.empty())
    {
        text += fmt::format("{} ", state);
    }
    text += DirectionsText(conn, AddrStyle::SHORT, true);
    text += StatusText(conn);
    text += AttributesText(conn, true);
    const NfConnExt* ext = conn.GetExt();
    if (ext && ext->startTime >= 0)
    {
        constexpr int64_t SECOND = 1000000000;
        text += fmt::format("delta-time={} ", WallClock(table) / SECOND - ext->startTime / SECOND);
    }
    text += HelperText(conn);
    // The dump holds the entry itself; conntrack(8) sees the owners it would have without that.
    const uint32_t owners = CountOwners(conn);
    text += fmt::format("use={} ", owners > 1 ? owners - 1 : 1);
    if (output & NF_CONNTRACK_ID)
    {
        text += fmt::format("id={} ", conn.GetId());
    }
    if (output & NF_CONNTRACK_LABELS && ext && ext->hasLabels)
    {
        text += fmt::format("labels=0x{:08x}{:08x}{:08x}{:08x} ",
                            ext->labels[3],
                            ext->labels[2],
                            ext->labels[1],
                            ext->labels[0]);
    }
    return Trim(text);
}

std::string
NfConntrackEventLine(NfConntrack& table,
                     NfEventType type,
                     const NfConn& conn,
                     uint32_t events,
                     uint8_t output)
{
    static constexpr const char* NAMES[] = {"[NEW]", "[UPDATE]", "[DESTROY]"};
    const bool destroy = type == NfEventType::DESTROY;
    std::string text = fmt::format("{:>9} ", NAMES[static_cast<size_t>(type)]);
    if (output & NF_CONNTRACK_EXTENDED)
    {
        const auto family = static_cast<unsigned>(conn.GetFamily());
        text += fmt::format("{:<8} {} ", FamilyName(conn.GetFamily()), family);
    }
    text += ProtocolText(table, conn.GetProtocol());
    // Linux: ctnetlink_dump_timeout(skip_zero).
    if (const int64_t left = SecondsLeft(table, conn); left || !destroy)
    {
        text += fmt::format("{} ", left);
    }
    const std::string_view state = table.GetTracker(conn.GetProtocol()).GetStateName(conn);
    if (!state.empty() && events & (NF_EVENT_PROTOINFO | NF_EVENT_DESTROY))
    {
        text += fmt::format("{} ", state);
    }
    text += DirectionsText(conn, AddrStyle::SHORT, false);
    text += StatusText(conn);
    text += AttributesText(conn, events & NF_EVENT_MARK);
    if (!destroy)
    {
        text += HelperText(conn);
    }
    if (output & NF_CONNTRACK_ID)
    {
        text += fmt::format("id={} ", conn.GetId());
    }
    return Trim(text);
}

std::string
NfExpectProcLine(NfConntrack& table, const NfExpectation& expectation)
{
    const NfTuple& tuple = expectation.tuple;
    std::string text = fmt::format("{} l3proto = {} proto={} {}",
                                   SecondsText(table, expectation),
                                   static_cast<unsigned>(tuple.family),
                                   tuple.protocol,
                                   TupleText(tuple, AddrStyle::FULL));
    text += ExpectFlags(expectation.flags);
    const NfConntrackHelper* helper = expectation.master->GetHelper();
    if (helper)
    {
        text += (expectation.flags ? " " : "") + helper->GetName();
        const auto& policies = helper->GetPolicies();
        if (expectation.expectClass < policies.size() &&
            !policies[expectation.expectClass].name.empty())
        {
            text += "/" + policies[expectation.expectClass].name;
        }
    }
    return text;
}

std::string
NfExpectProcText(NfConntrack& table)
{
    std::string text;
    table.ForEachExpectation(
        [&](const NfExpectationPtr& e) { text += NfExpectProcLine(table, *e) + "\n"; });
    return text;
}

std::string
NfExpectListLine(NfConntrack& table, const NfExpectation& expectation)
{
    std::string text = fmt::format("{} proto={} {}{}{}",
                                   SecondsText(table, expectation),
                                   expectation.tuple.protocol,
                                   TupleText(expectation.tuple, AddrStyle::SHORT),
                                   PrefixedTuple("mask-", WholeMask(expectation)),
                                   PrefixedTuple("master-", expectation.master->GetOriginal()));
    if (expectation.flags)
    {
        text += ExpectFlags(expectation.flags) + " ";
    }
    text += fmt::format("class={} ", expectation.expectClass);
    text += HelperText(*expectation.master);
    return Trim(text);
}

std::string
NfExpectEventLine(NfConntrack& table, NfEventType type, const NfExpectation& expectation)
{
    std::string text = fmt::format("{} {} proto={} {}mask {}master {}",
                                   type == NfEventType::DESTROY ? "[EXP_DESTROY]" : "[EXP_NEW]",
                                   SecondsText(table, expectation),
                                   expectation.tuple.protocol,
                                   TupleText(expectation.tuple, AddrStyle::SHORT),
                                   TupleText(WholeMask(expectation), AddrStyle::SHORT),
                                   TupleText(expectation.master->GetOriginal(), AddrStyle::SHORT));
    if (expectation.expectClass)
    {
        text += fmt::format("class={} ", expectation.expectClass);
    }
    if (expectation.flags)
    {
        text += fmt::format("flags={} ", ExpectFlags(expectation.flags));
    }
    text += HelperText(*expectation.master);
    return Trim(text);
}

} // namespace ns3
