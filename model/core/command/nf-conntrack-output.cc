/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Output of conntrack(8) that is not a listing: -o save and -o xml; and its filters.
#include "../conntrack/nf-conntrack-text.h"
#include "nf-cmd-conntrack.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace ns3
{

namespace
{

struct StatusName
{
    uint32_t bit;
    const char* name;
};

constexpr std::array STATUS_NAMES = {StatusName{NF_IPS_SEEN_REPLY, "SEEN_REPLY"},
                                     StatusName{NF_IPS_ASSURED, "ASSURED"},
                                     StatusName{NF_IPS_FIXED_TIMEOUT, "FIXED_TIMEOUT"},
                                     StatusName{NF_IPS_EXPECTED, "EXPECTED"},
                                     StatusName{NF_IPS_OFFLOAD, "OFFLOAD"},
                                     StatusName{NF_IPS_HW_OFFLOAD, "HW_OFFLOAD"}};

bool
HasPorts(uint8_t protocol)
{
    return protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP ||
           protocol == NF_IPPROTO_UDPLITE || protocol == NF_IPPROTO_SCTP;
}

bool
AddrMatches(const std::optional<NfMaskedAddr>& wanted, const NfAddr& addr)
{
    return !wanted || (wanted->addr & wanted->mask) == (addr & wanted->mask);
}

bool
TupleMatches(const NfConntrackTupleArg& wanted, const NfTuple& tuple)
{
    return AddrMatches(wanted.src, tuple.src) && AddrMatches(wanted.dst, tuple.dst) &&
           wanted.sport.value_or(tuple.sport) == tuple.sport &&
           wanted.dport.value_or(tuple.dport) == tuple.dport;
}

bool
IcmpMatches(const NfConntrackRequest& r, const NfTuple& tuple)
{
    return r.icmpType.value_or(tuple.GetIcmpType()) == tuple.GetIcmpType() &&
           r.icmpCode.value_or(tuple.GetIcmpCode()) == tuple.GetIcmpCode() &&
           r.icmpId.value_or(tuple.sport) == tuple.sport;
}

/// One side of a translation: what a packet had, and what replies are sent to.
struct Side
{
    const NfAddr& before;
    uint16_t portBefore;
    const NfAddr& after;
    uint16_t portAfter;
    bool done;
};

bool
IsTranslated(const NfConntrackNatArg& wanted, const Side& side)
{
    const bool addr = side.done && !(side.before == side.after);
    const bool port = side.done && side.portBefore != side.portAfter;
    if (!wanted.addr && !wanted.port)
    {
        return addr || port;
    }
    return (!wanted.addr || (addr && *wanted.addr == side.after)) &&
           (!wanted.port || *wanted.port == side.portAfter);
}

bool
NatMatches(const NfConntrackRequest& r, const NfConn& conn)
{
    const NfTuple& orig = conn.GetOriginal();
    const NfTuple& reply = conn.GetReply();
    const bool ports = HasPorts(conn.GetProtocol());
    const auto port = [ports](uint16_t p) { return ports ? p : uint16_t{0}; };
    const Side src{orig.src,
                   port(orig.sport),
                   reply.dst,
                   port(reply.dport),
                   conn.Has(NF_IPS_SRC_NAT_DONE)};
    const Side dst{orig.dst,
                   port(orig.dport),
                   reply.src,
                   port(reply.sport),
                   conn.Has(NF_IPS_DST_NAT_DONE)};
    if (r.anyNat && !IsTranslated(*r.anyNat, src) && !IsTranslated(*r.anyNat, dst))
    {
        return false;
    }
    return (!r.srcNat || IsTranslated(*r.srcNat, src)) &&
           (!r.dstNat || IsTranslated(*r.dstNat, dst));
}

uint16_t
ZoneIf(const NfConn& conn, unsigned directions)
{
    return conn.zoneDir == directions ? conn.zone : 0;
}

bool
ZoneMatches(const NfConntrackRequest& r, const NfConn& conn)
{
    return r.zone.value_or(ZoneIf(conn, 3)) == ZoneIf(conn, 3) &&
           r.origZone.value_or(ZoneIf(conn, 1)) == ZoneIf(conn, 1) &&
           r.replyZone.value_or(ZoneIf(conn, 2)) == ZoneIf(conn, 2);
}

const char*
ProtocolOption(const NfTuple& tuple)
{
    switch (tuple.protocol)
    {
    case NF_IPPROTO_ICMP:
        return "icmp";
    case NF_IPPROTO_ICMPV6:
        return "icmpv6";
    case NF_IPPROTO_TCP:
        return "tcp";
    case NF_IPPROTO_UDP:
        return "udp";
    case NF_IPPROTO_UDPLITE:
        return "udplite";
    case NF_IPPROTO_SCTP:
        return "sctp";
    case NF_IPPROTO_DCCP:
        return "dccp";
    case NF_IPPROTO_GRE:
        return "gre";
    default:
        return nullptr;
    }
}

std::string
SaveStatus(const NfConn& conn)
{
    std::string text;
    for (const StatusName& row : STATUS_NAMES)
    {
        if (conn.Has(row.bit))
        {
            text += (text.empty() ? "" : ",") + std::string(row.name);
        }
    }
    return text.empty() ? "UNSET" : text;
}

std::string
SaveZone(const NfConn& conn)
{
    static constexpr std::array<const char*, 4> NAMES = {"", "--orig-zone", "--reply-zone", "-w"};
    return conn.zone == 0 ? "" : fmt::format(" {} {}", NAMES[conn.zoneDir & 3], conn.zone);
}

std::string
SaveProtocol(const NfConn& conn)
{
    const NfTuple& orig = conn.GetOriginal();
    const NfTuple& reply = conn.GetReply();
    const char* name = ProtocolOption(orig);
    if (!name)
    {
        return fmt::format(" -p {}", orig.protocol);
    }
    std::string text = fmt::format(" -p {}", name);
    if (HasPorts(orig.protocol))
    {
        text += fmt::format(" --sport {} --dport {} --reply-port-src {} --reply-port-dst {}",
                            orig.sport,
                            orig.dport,
                            reply.sport,
                            reply.dport);
    }
    else if (orig.protocol == NF_IPPROTO_GRE)
    {
        text += fmt::format(" --srckey {} --dstkey {} --reply-key-src {} --reply-key-dst {}",
                            orig.sport,
                            orig.dport,
                            reply.sport,
                            reply.dport);
    }
    else if (orig.protocol == NF_IPPROTO_ICMP || orig.protocol == NF_IPPROTO_ICMPV6)
    {
        text += fmt::format(" --{0}-type {1} --{0}-code {2} --{0}-id {3}",
                            name,
                            orig.GetIcmpType(),
                            orig.GetIcmpCode(),
                            orig.sport);
    }
    return text;
}

std::string
XmlTuple(const char* direction, const NfConn& conn, NfDir dir)
{
    const NfTuple& tuple = conn.GetTuple(dir);
    const bool v6 = tuple.family == NfFamily::IPV6;
    const char* name = ProtocolOption(tuple);
    std::string ports;
    if (HasPorts(tuple.protocol))
    {
        ports = fmt::format("<sport>{}</sport><dport>{}</dport>", tuple.sport, tuple.dport);
    }
    else if (tuple.protocol == NF_IPPROTO_GRE)
    {
        ports =
            fmt::format("<srckey>{:#x}</srckey><dstkey>{:#x}</dstkey>", tuple.sport, tuple.dport);
    }
    std::string rest;
    if (const NfConnExt* ext = conn.GetExt(); ext && ext->acct)
    {
        rest = fmt::format("<counters><packets>{}</packets><bytes>{}</bytes></counters>",
                           ext->acct->packets[static_cast<size_t>(dir)],
                           ext->acct->bytes[static_cast<size_t>(dir)]);
    }
    if (ZoneIf(conn, 1U << static_cast<unsigned>(dir)) != 0)
    {
        rest += fmt::format("<zone>{}</zone>", conn.zone);
    }
    return fmt::format("<meta direction=\"{}\"><layer3 protonum=\"{}\" protoname=\"{}\"><src>{}"
                       "</src><dst>{}</dst></layer3><layer4 protonum=\"{}\" protoname=\"{}\">{}"
                       "</layer4>{}</meta>",
                       direction,
                       v6 ? 10 : 2,
                       v6 ? "ipv6" : "ipv4",
                       tuple.src.ToString(tuple.family),
                       tuple.dst.ToString(tuple.family),
                       tuple.protocol,
                       name ? name : "unknown",
                       ports,
                       rest);
}

/// @return the number behind a key of a listing, e.g. " id="
std::string
NumberBehind(const std::string& line, const std::string& key)
{
    const size_t at = line.find(key);
    const size_t start = at == std::string::npos ? line.size() : at + key.size();
    return line.substr(start, line.find(' ', start) - start);
}

} // namespace

bool
NfConntrackMatches(const NfConntrackRequest& r, const NfConn& conn)
{
    const bool update = r.command == 'U'; // there, status and mark are what to set
    if (r.family != NfFamily::UNSPEC && r.family != conn.GetFamily())
    {
        return false;
    }
    if (r.protocol && *r.protocol != conn.GetProtocol())
    {
        return false;
    }
    if (!TupleMatches(r.orig, conn.GetOriginal()) || !TupleMatches(r.reply, conn.GetReply()) ||
        !IcmpMatches(r, conn.GetOriginal()))
    {
        return false;
    }
    if (!update &&
        ((conn.status & r.status) != r.status || (r.unreplied && conn.Has(NF_IPS_SEEN_REPLY))))
    {
        return false;
    }
    if (!update && r.Has('m') && (conn.mark & r.markMask) != r.markValue)
    {
        return false;
    }
    return ZoneMatches(r, conn) && NatMatches(r, conn);
}

std::string
NfConntrackSaveLine(NfConntrack& table, const NfConn& conn, const std::string& prefix)
{
    const NfTuple& orig = conn.GetOriginal();
    const NfTuple& reply = conn.GetReply();
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(table.GetTimeLeft(conn)).count();
    const bool dnat = conn.Has(NF_IPS_DST_NAT_DONE) && !(orig.dst == reply.src);
    const bool snat = conn.Has(NF_IPS_SRC_NAT_DONE) && !(orig.src == reply.dst);
    std::string text = fmt::format("{} -t {} -u {}{} -s {} -d {} {} {} {} {}{}",
                                   prefix,
                                   left,
                                   SaveStatus(conn),
                                   SaveZone(conn),
                                   orig.src.ToString(orig.family),
                                   orig.dst.ToString(orig.family),
                                   dnat ? "-g" : "-r",
                                   reply.src.ToString(orig.family),
                                   snat ? "-n" : "-q",
                                   reply.dst.ToString(orig.family),
                                   SaveProtocol(conn));
    const std::string_view state = table.GetTracker(conn.GetProtocol()).GetStateName(conn);
    text += state.empty() ? "" : fmt::format(" --state {}", state);
    if (conn.GetProtocol() == NF_IPPROTO_SCTP)
    {
        text += fmt::format(" --orig-vtag {} --reply-vtag {}",
                            conn.proto.sctp.vtag[0],
                            conn.proto.sctp.vtag[1]);
    }
    return text;
}

std::string
NfConntrackXmlLine(NfConntrack& table, const NfConn& conn)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(table.GetTimeLeft(conn)).count();
    const std::string line = NfConntrackListLine(table, conn, NF_CONNTRACK_ID) + " ";
    const std::string_view state = table.GetTracker(conn.GetProtocol()).GetStateName(conn);
    std::string text = "<flow>" + XmlTuple("original", conn, NfDir::ORIGINAL) +
                       XmlTuple("reply", conn, NfDir::REPLY) + "<meta direction=\"independent\">";
    text += state.empty() ? "" : fmt::format("<state>{}</state>", state);
    text += fmt::format("<timeout>{}</timeout><mark>{}</mark>", left, conn.mark);
    text += ZoneIf(conn, 3) ? fmt::format("<zone>{}</zone>", conn.zone) : "";
    text += fmt::format("<use>{}</use><id>{}</id>",
                        NumberBehind(line, " use="),
                        NumberBehind(line, " id="));
    text += conn.Has(NF_IPS_ASSURED) ? "<assured/>" : "";
    text += conn.Has(NF_IPS_SEEN_REPLY) ? "" : "<unreplied/>";
    return text + "</meta></flow>";
}

} // namespace ns3
