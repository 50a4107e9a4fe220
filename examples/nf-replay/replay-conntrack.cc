/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-conntrack.h"

#include "replay-packet.h"

#include "ns3/nf-l4-tracker.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <utility>

namespace replay
{

using namespace ns3;

namespace
{

/// Names of the status bits from bit 0 on.
constexpr std::array<const char*, 16> STATUS_NAMES = {"EXPECTED",
                                                      "SEEN_REPLY",
                                                      "ASSURED",
                                                      "CONFIRMED",
                                                      "SRC_NAT",
                                                      "DST_NAT",
                                                      "SEQ_ADJUST",
                                                      "SRC_NAT_DONE",
                                                      "DST_NAT_DONE",
                                                      "DYING",
                                                      "FIXED_TIMEOUT",
                                                      "TEMPLATE",
                                                      "NAT_CLASH",
                                                      "HELPER",
                                                      "OFFLOAD",
                                                      "HW_OFFLOAD"};
constexpr std::array<const char*, 3> EXPECT_FLAG_NAMES = {"PERMANENT", "INACTIVE", "USERSPACE"};

const std::map<unsigned, const char*> PROTOCOL_NAMES = {{1, "icmp"},
                                                        {6, "tcp"},
                                                        {17, "udp"},
                                                        {33, "dccp"},
                                                        {47, "gre"},
                                                        {58, "icmpv6"},
                                                        {132, "sctp"},
                                                        {136, "udplite"}};

const char*
ProtocolName(unsigned protocol)
{
    const auto it = PROTOCOL_NAMES.find(protocol);
    return it != PROTOCOL_NAMES.end() ? it->second : "unknown";
}

bool
IsIcmp(unsigned protocol)
{
    return protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
}

Json
DescribeTuple(const NfTuple& tuple)
{
    Json d = {{"src", tuple.src.ToString(tuple.family)},
              {"dst", tuple.dst.ToString(tuple.family)},
              {"proto", tuple.protocol}};
    if (IsIcmp(tuple.protocol))
    {
        d["type"] = tuple.GetIcmpType();
        d["code"] = tuple.GetIcmpCode();
        d["id"] = tuple.sport;
    }
    else if (PROTOCOL_NAMES.count(tuple.protocol) && tuple.protocol != NF_IPPROTO_DCCP)
    {
        // DCCP has no tracker of its own any more: the kernel tells no ports.
        d["sport"] = tuple.sport;
        d["dport"] = tuple.dport;
    }
    return d;
}

std::string
Number(const Json& value)
{
    return std::to_string(value.get<int64_t>());
}

std::string
Hex(const Json& value)
{
    std::array<char, 12> text{};
    const unsigned number = value.get<unsigned>();
    std::snprintf(text.data(), text.size(), number ? "%#x" : "0x%x", number);
    return text.data();
}

std::string
TupleText(const Json& d)
{
    std::string text = "src=" + d["src"].get<std::string>() + " dst=" + d["dst"].get<std::string>();
    if (d.contains("type"))
    {
        text +=
            " type=" + Number(d["type"]) + " code=" + Number(d["code"]) + " id=" + Number(d["id"]);
    }
    if (!d.contains("sport"))
    {
        return text;
    }
    return d["proto"] == NF_IPPROTO_GRE
               ? text + " srckey=" + Hex(d["sport"]) + " dstkey=" + Hex(d["dport"])
               : text + " sport=" + Number(d["sport"]) + " dport=" + Number(d["dport"]);
}

/// A zone that applies to one direction shows in that direction's tuple, else in the connection.
Json
ConnectionTuple(const NfConn& conn, NfDir dir)
{
    Json d = DescribeTuple(conn.GetTuple(dir));
    if (conn.zone != 0 && conn.zoneDir == 1U << static_cast<unsigned>(dir))
    {
        d["zone"] = conn.zone;
    }
    return d;
}

int64_t
SecondsLeft(NfTime left)
{
    return std::chrono::duration_cast<std::chrono::seconds>(left).count();
}

void
AddTcp(Json& d, const NfTcpState& tcp)
{
    d["wscale_orig"] = tcp.seen[0].scale;
    d["wscale_reply"] = tcp.seen[1].scale;
    d["flags_orig"] = tcp.seen[0].flags;
    d["flags_reply"] = tcp.seen[1].flags;
}

Json
DescribeSeqAdj(const NfSeqAdj& adj)
{
    return {{"pos", adj.correctionPos}, {"before", adj.offsetBefore}, {"after", adj.offsetAfter}};
}

std::string
LabelText(const std::array<uint32_t, 4>& labels)
{
    Octets bytes;
    for (const uint32_t word : labels)
    {
        for (int shift = 0; shift < 32; shift += 8)
        {
            bytes.push_back(static_cast<uint8_t>(word >> shift));
        }
    }
    return ToHex(bytes);
}

void
AddExtensions(Json& d, const NfConn& conn, const NfConnExt& ext)
{
    if (ext.helper)
    {
        d["helper"] = ext.helper->GetName();
    }
    if (ext.master)
    {
        d["master"] = ConnectionTuple(*ext.master, NfDir::ORIGINAL);
    }
    if (ext.seqadj && conn.Has(NF_IPS_SEQ_ADJUST))
    {
        d["seqadj_orig"] = DescribeSeqAdj((*ext.seqadj)[0]);
        d["seqadj_reply"] = DescribeSeqAdj((*ext.seqadj)[1]);
    }
    if (ext.acct)
    {
        d["acct_orig"] = {{"packets", ext.acct->packets[0]}, {"bytes", ext.acct->bytes[0]}};
        d["acct_reply"] = {{"packets", ext.acct->packets[1]}, {"bytes", ext.acct->bytes[1]}};
    }
    if (ext.hasLabels && ext.labels != std::array<uint32_t, 4>{})
    {
        d["labels"] = LabelText(ext.labels);
    }
    if (ext.hasSynproxy)
    {
        d["synproxy"] = {{"isn", ext.synproxyIsn},
                         {"its", ext.synproxyIts},
                         {"tsoff", ext.synproxyTsOff}};
    }
}

std::string
ConnectionEvent(NfEventType type, const NfConn& conn, const NfConntrack& table, uint32_t events)
{
    static constexpr std::array<const char*, 3> TYPES = {"    [NEW]", " [UPDATE]", "[DESTROY]"};
    const uint8_t protocol = conn.GetProtocol();
    std::array<char, 40> head{};
    std::snprintf(head.data(),
                  head.size(),
                  "%s %-8s %d",
                  TYPES[static_cast<size_t>(type)],
                  ProtocolName(protocol),
                  protocol);
    std::string text = head.data();
    const int64_t left = SecondsLeft(table.GetTimeLeft(conn));
    const bool destroy = type == NfEventType::DESTROY;
    if (!destroy || left > 0)
    {
        text += " " + std::to_string(left);
    }
    const std::string_view state = table.GetTracker(protocol).GetStateName(conn);
    if (!state.empty() && (destroy || (events & NF_EVENT_PROTOINFO)))
    {
        text += " " + std::string(state);
    }
    const Json orig = ConnectionTuple(conn, NfDir::ORIGINAL);
    const Json reply = ConnectionTuple(conn, NfDir::REPLY);
    text += " " + TupleText(orig);
    text += orig.contains("zone") ? " zone-orig=" + Number(orig["zone"]) : "";
    text += conn.Has(NF_IPS_SEEN_REPLY) ? "" : " [UNREPLIED]";
    text += " " + TupleText(reply);
    text += reply.contains("zone") ? " zone-reply=" + Number(reply["zone"]) : "";
    text += conn.Has(NF_IPS_OFFLOAD) ? " [OFFLOAD]" : conn.Has(NF_IPS_ASSURED) ? " [ASSURED]" : "";
    text += conn.mark ? " mark=" + std::to_string(conn.mark) : "";
    text += conn.zone && conn.zoneDir == 3 ? " zone=" + std::to_string(conn.zone) : "";
    if (conn.GetHelper() && !destroy)
    {
        text += " helper=" + conn.GetHelper()->GetName();
    }
    return text;
}

} // namespace

Json
DescribeConnection(const NfConn& conn, const NfConntrack& table)
{
    const uint8_t protocol = conn.GetProtocol();
    Json d = {{"family", conn.GetFamily() == NfFamily::IPV6 ? "ipv6" : "ipv4"},
              {"orig", ConnectionTuple(conn, NfDir::ORIGINAL)},
              {"reply", ConnectionTuple(conn, NfDir::REPLY)},
              {"proto", ProtocolName(protocol)},
              {"status", Json::array()}};
    for (size_t bit = 0; bit < STATUS_NAMES.size(); bit++)
    {
        if (conn.Has(1U << bit))
        {
            d["status"].push_back(STATUS_NAMES[bit]);
        }
    }
    d["timeout"] = SecondsLeft(table.GetTimeLeft(conn));
    const std::string_view state = table.GetTracker(protocol).GetStateName(conn);
    if (!state.empty())
    {
        d["state"] = std::string(state);
    }
    if (protocol == NF_IPPROTO_TCP)
    {
        AddTcp(d, conn.proto.tcp);
    }
    else if (protocol == NF_IPPROTO_SCTP)
    {
        d["vtag_orig"] = conn.proto.sctp.vtag[0];
        d["vtag_reply"] = conn.proto.sctp.vtag[1];
    }
    d["mark"] = conn.mark;
    if (conn.zone != 0 && conn.zoneDir == 3)
    {
        d["zone"] = conn.zone;
    }
    if (const NfConnExt* ext = conn.GetExt())
    {
        AddExtensions(d, conn, *ext);
    }
    return d;
}

Json
DescribeExpectation(const NfExpectation& e, const NfConntrack& table)
{
    NfTuple mask = e.mask;
    mask.family = e.tuple.family;
    mask.protocol = e.tuple.protocol;
    mask.dst = NfPrefixMask(mask.family, mask.family == NfFamily::IPV6 ? 128 : 32);
    mask.dport = 0xffff;
    const NfTime left = std::max(e.expires - table.Now(), NfTime{0});
    Json d = Json::object();
    if (e.master)
    {
        d["master"] = ConnectionTuple(*e.master, NfDir::ORIGINAL);
    }
    d["tuple"] = DescribeTuple(e.tuple);
    d["mask"] = DescribeTuple(mask);
    d["timeout"] = SecondsLeft(left);
    if (e.master && e.master->GetHelper())
    {
        d["helper"] = e.master->GetHelper()->GetName();
    }
    d["flags"] = Json::array();
    for (size_t bit = 0; bit < EXPECT_FLAG_NAMES.size(); bit++)
    {
        if (e.flags >> bit & 1)
        {
            d["flags"].push_back(EXPECT_FLAG_NAMES[bit]);
        }
    }
    d["class"] = e.expectClass;
    if (!e.natFunction.empty())
    {
        d["fn"] = e.natFunction;
    }
    if (!e.savedAddr.IsZero() || e.savedPort != 0)
    {
        NfTuple saved;
        saved.family = e.tuple.family;
        saved.protocol = e.master ? e.master->GetProtocol() : e.tuple.protocol;
        saved.src = e.savedAddr;
        saved.sport = e.savedPort;
        d["nat"] = {{"dir", static_cast<unsigned>(e.dir)}, {"tuple", DescribeTuple(saved)}};
    }
    return d;
}

std::string
DumpAsPython(const Json& value)
{
    if (!value.is_structured())
    {
        return value.dump(-1, ' ', true);
    }
    std::string text;
    for (const auto& [key, item] : value.items())
    {
        text += text.empty() ? "" : ", ";
        text +=
            (value.is_object() ? Json(key).dump(-1, ' ', true) + ": " : "") + DumpAsPython(item);
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

EventLog::EventLog(NfConntrack& table)
    : m_table(table)
{
    m_table.AddListener(*this);
}

EventLog::~EventLog()
{
    m_table.RemoveListener(*this);
}

std::vector<std::string>
EventLog::Take()
{
    return std::exchange(m_lines, {});
}

void
EventLog::OnConntrack(NfEventType type, const NfConn& conn, uint32_t events)
{
    m_lines.push_back(ConnectionEvent(type, conn, m_table, events));
}

void
EventLog::OnExpect(NfEventType type, const NfExpectation& expectation)
{
    const Json d = DescribeExpectation(expectation, m_table);
    std::string text = type == NfEventType::DESTROY ? "[EXP_DESTROY]" : "[EXP_NEW]";
    text += " " + Number(d["timeout"]) + " proto=" + Number(d["tuple"]["proto"]) + " " +
            TupleText(d["tuple"]) + " mask " + TupleText(d["mask"]);
    text += d.contains("master") ? " master " + TupleText(d["master"]) : "";
    text += d["class"] != 0 ? " class=" + Number(d["class"]) : "";
    std::string flags;
    for (const auto& flag : d["flags"])
    {
        flags += (flags.empty() ? "'" : ", '") + flag.get<std::string>() + "'";
    }
    text += flags.empty() ? "" : " flags=[" + flags + "]";
    text += d.contains("helper") ? " helper=" + d["helper"].get<std::string>() : "";
    m_lines.push_back(text);
}

} // namespace replay
