/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_standalone.c (ct_seq_show), nf_conntrack_expect.c (exp_seq_show)
#include "nf-conntrack-rtcache.h"
#include "nf-conntrack-text.h"

#include <fmt/format.h>

namespace ns3
{

namespace
{

const char*
FamilyName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "ipv6" : "ipv4";
}

/// An address as %pI4 and %pI6 print it.
std::string
AddrText(const NfAddr& addr, NfFamily family)
{
    return family == NfFamily::IPV6 ? addr.ToFullString() : addr.ToString(family);
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
        // Only a tracker fills them.
        return tuple.sport || tuple.dport
                   ? fmt::format("sport={} dport={} ", tuple.sport, tuple.dport)
                   : std::string();
    }
}

std::string
TupleText(const NfTuple& tuple)
{
    return fmt::format("src={} dst={} {}",
                       AddrText(tuple.src, tuple.family),
                       AddrText(tuple.dst, tuple.family),
                       PortsText(tuple));
}

/// Both tuples with what stands beside each.
std::string
DirectionsText(const NfConn& conn)
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
        text += TupleText(conn.tuples[dir]);
        if (conn.zone && conn.zoneDir == 1U << dir)
        {
            text += fmt::format("{}={} ", ZONE_NAMES[dir], conn.zone);
        }
        if (ext && ext->acct)
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

/// Linux: nf_conn's count, which expectations do not add to.
uint32_t
CountOwners(const NfConn& conn)
{
    const NfConnExt* ext = conn.GetExt();
    return conn.GetUse() - (ext ? static_cast<uint32_t>(ext->expectations.size()) : 0);
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
    text += DirectionsText(conn);
    text += StatusText(conn);
    text += NfRouteCacheText(conn);
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
NfExpectProcLine(NfConntrack& table, const NfExpectation& expectation)
{
    const NfTuple& tuple = expectation.tuple;
    std::string text = fmt::format("{} l3proto = {} proto={} {}",
                                   NfExpectSecondsLeft(table, expectation),
                                   static_cast<unsigned>(tuple.family),
                                   tuple.protocol,
                                   TupleText(tuple));
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

} // namespace ns3
