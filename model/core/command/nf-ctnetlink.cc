/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_netlink.c
#include "nf-ctnetlink.h"

#include "../conntrack/nf-conntrack-message.h"
#include "nf-conntrack-options.h"

#include <cerrno>
#include <chrono>

namespace ns3
{

namespace
{

using Opt = NfConntrackOpt;

constexpr uint8_t TCP_TIME_WAIT = 7;

/// What a command from a user reports of a connection.
constexpr uint32_t REPORTED = NF_EVENT_REPLY | NF_EVENT_ASSURED | NF_EVENT_HELPER |
                              NF_EVENT_PROTOINFO | NF_EVENT_SEQADJ | NF_EVENT_MARK |
                              NF_EVENT_SYNPROXY;

/// Status bits that no program can set (Linux: IPS_UNCHANGEABLE_MASK).
constexpr uint32_t UNCHANGEABLE = NF_IPS_NAT_DONE_MASK | NF_IPS_NAT_MASK | NF_IPS_EXPECTED |
                                  NF_IPS_CONFIRMED | NF_IPS_DYING | NF_IPS_SEQ_ADJUST |
                                  NF_IPS_TEMPLATE | NF_IPS_NAT_CLASH | NF_IPS_HELPER |
                                  NF_IPS_OFFLOAD | NF_IPS_HW_OFFLOAD;

bool
IsIcmp(uint8_t protocol)
{
    return protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
}

/// @param tuple protocol known; a protocol without tracker has no ports
void
FillPorts(const NfConntrackRequest& request, const NfConntrackSide& side, NfTuple& tuple)
{
    if (IsIcmp(tuple.protocol))
    {
        tuple.sport = request.icmpId.value_or(0);
        tuple.dport =
            static_cast<uint16_t>(request.icmpType.value_or(0) << 8 | request.icmpCode.value_or(0));
        return;
    }
    tuple.sport = side.sport.value_or(tuple.sport);
    tuple.dport = side.dport.value_or(tuple.dport);
}

/// What the tool sets of a TCP connection, so that its windows are not judged.
void
SetTcp(const NfConntrackRequest& request, NfTcpState& tcp)
{
    uint8_t flags = NF_TCP_FLAG_BE_LIBERAL | NF_TCP_FLAG_SACK_PERM;
    if (request.state.value_or(0) >= TCP_TIME_WAIT)
    {
        flags |= NF_TCP_FLAG_CLOSE_INIT;
    }
    tcp.state = request.state.value_or(tcp.state);
    for (NfTcpWindow& side : tcp.seen)
    {
        side.flags = static_cast<uint8_t>(side.flags | flags);
    }
}

/// Linux: ctnetlink_change_protoinfo().
void
SetProtocolState(const NfConntrackRequest& request, NfConn& conn)
{
    if (conn.GetProtocol() == NF_IPPROTO_TCP && request.protocol == NF_IPPROTO_TCP)
    {
        SetTcp(request, conn.proto.tcp);
    }
    if (conn.GetProtocol() == NF_IPPROTO_SCTP && request.protocol == NF_IPPROTO_SCTP)
    {
        NfSctpState& sctp = conn.proto.sctp;
        sctp.state = request.state.value_or(sctp.state);
        for (size_t dir = 0; dir < 2; ++dir)
        {
            sctp.vtag[dir] = request.vtag[dir].value_or(sctp.vtag[dir]);
        }
    }
    if (conn.GetProtocol() == NF_IPPROTO_DCCP && request.protocol == NF_IPPROTO_DCCP)
    {
        NfDccpState& dccp = conn.proto.dccp;
        const uint8_t role = request.role.value_or(dccp.role[0]) != 0;
        dccp.state = request.state.value_or(dccp.state);
        dccp.role = {role, static_cast<uint8_t>(1 - role)};
    }
}

NfNatRange
RangeOf(const NfConntrackNat& nat, uint8_t protocol)
{
    // The library tells the ports of these two only.
    const bool tells = protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP;
    NfNatRange range;
    if (nat.family != NfFamily::UNSPEC)
    {
        range.flags |= NF_NAT_MAP_IPS;
        range.minAddr = nat.addr;
        range.maxAddr = nat.addr;
    }
    if (nat.port && tells)
    {
        range.flags |= NF_NAT_PROTO_SPECIFIED;
        range.minPort = *nat.port;
        range.maxPort = *nat.port;
    }
    return range;
}

/// Linux: nf_connlabels_replace(). @param mask bits to change @return true if any changed
bool
ReplaceLabels(NfConnExt& ext,
              const NfConntrackRequest::Labels& mask,
              const NfConntrackRequest::Labels& bits)
{
    const NfConntrackRequest::Labels before = ext.labels;
    for (size_t i = 0; i < mask.size(); ++i)
    {
        ext.labels[i] = (ext.labels[i] & ~mask[i]) ^ bits[i];
    }
    return ext.labels != before;
}

} // namespace

NfTuple
NfCtnetlink::TupleOf(const NfConntrackRequest& request,
                     const NfConntrackSide& side,
                     uint8_t protocol) const
{
    NfTuple tuple;
    tuple.family = side.family;
    tuple.protocol = protocol;
    tuple.src = side.src.value_or(NfAddr{});
    tuple.dst = side.dst.value_or(NfAddr{});
    if (m_table.GetTracker(protocol).GetProtocol() != 0)
    {
        FillPorts(request, side, tuple);
    }
    return tuple;
}

bool
NfCtnetlink::MakeTuples(const NfConntrackRequest& request, NfTuple& orig, NfTuple& reply) const
{
    const bool hasOrig = request.orig.src || request.orig.dst;
    const bool hasReply = request.reply.src || request.reply.dst;
    const bool icmp = IsIcmp(request.protocol);
    // The library knows the reply's protocol from options of the reply only, and inverts an ICMP
    // type when it reads it, if it has an address of that family by then.
    const uint8_t replyProtocol = request.reply.protocol.value_or(0);
    const bool mixed = hasOrig && hasReply && replyProtocol != request.protocol;
    if (mixed || (icmp && (!hasOrig || request.icmpEarly)))
    {
        return false;
    }
    orig = TupleOf(request, request.orig, request.protocol);
    reply = TupleOf(request, request.reply, replyProtocol);
    const NfTuple& given = hasOrig ? orig : reply;
    NfTuple inverse = given;
    std::swap(inverse.src, inverse.dst);
    if (!m_table.InvertTuple(given, inverse))
    {
        return false;
    }
    if (!hasReply)
    {
        reply = inverse;
    }
    else if (!hasOrig)
    {
        orig = inverse;
    }
    else if (icmp)
    {
        reply.sport = inverse.sport;
        reply.dport = inverse.dport;
    }
    orig.zone = request.zone.value_or(request.tupleZone[0].value_or(0));
    reply.zone = request.zone.value_or(request.tupleZone[1].value_or(0));
    return true;
}

int
NfCtnetlink::SetStatus(NfConn& conn, uint32_t status) const
{
    // A program always says CONFIRMED; what has happened cannot be undone.
    const uint32_t changed = conn.status ^ (status | NF_IPS_CONFIRMED);
    const uint32_t undone = changed & ~status & (NF_IPS_SEEN_REPLY | NF_IPS_ASSURED);
    if (changed & (NF_IPS_EXPECTED | NF_IPS_DYING) || undone)
    {
        return -EBUSY;
    }
    conn.status |= status & ~UNCHANGEABLE;
    return 0;
}

bool
NfCtnetlink::SetUpNat(const NfConntrackRequest& request, NfConn& conn)
{
    NfNat& nat = m_netns.GetNat();
    const bool src = request.Has(Opt::SRC_NAT);
    const bool dst = request.Has(Opt::DST_NAT);
    if (!src && !dst)
    {
        return true;
    }
    // With one translation, the other is bound to none.
    const NfVerdict dstVerdict =
        dst ? nat.SetupInfo(conn, RangeOf(request.dstNat, request.protocol), NfManip::DST)
            : nat.AllocNullBinding(conn, NfHook::PRE_ROUTING);
    if (dstVerdict == NfVerdict::DROP)
    {
        return false;
    }
    const NfVerdict srcVerdict =
        src ? nat.SetupInfo(conn, RangeOf(request.srcNat, request.protocol), NfManip::SRC)
            : nat.AllocNullBinding(conn, NfHook::POST_ROUTING);
    return srcVerdict != NfVerdict::DROP;
}

int
NfCtnetlink::Create(const NfConntrackRequest& request)
{
    const bool oneWay = request.tupleZone[0] || request.tupleZone[1];
    if ((request.zone && oneWay) || (request.tupleZone[0] && request.tupleZone[1]))
    {
        return -EINVAL;
    }
    NfTuple orig = TupleOf(request, request.orig, request.protocol);
    orig.zone = request.zone.value_or(request.tupleZone[0].value_or(0));
    if ((request.orig.src || request.orig.dst) && !request.icmpEarly && m_table.Find(orig))
    {
        return -EEXIST;
    }
    NfTuple reply;
    if (!MakeTuples(request, orig, reply))
    {
        return -EINVAL;
    }
    if (m_table.Find(orig))
    {
        return -EEXIST;
    }
    const NfConnPtr conn = m_table.Alloc(orig, reply);
    if (!conn)
    {
        return -ENOMEM;
    }
    conn->expires = std::chrono::seconds(request.timeout.value_or(0));
    conn->mark = request.Has(Opt::MARK) ? request.mark : 0;
    conn->proto = {};
    SetProtocolState(request, *conn);
    if (!SetUpNat(request, *conn))
    {
        return -EINVAL;
    }
    // Linux marks it confirmed before it looks at the status asked for.
    conn->status |= NF_IPS_CONFIRMED;
    const int status = SetStatus(*conn, request.status.value_or(0));
    conn->status &= ~NF_IPS_CONFIRMED;
    if (status != 0)
    {
        return status;
    }
    conn->Ext().hasSynproxy = true;
    conn->Ext().hasEventCache = m_table.GetConfig().events != 0;
    if (!m_table.Insert(*conn))
    {
        return -EEXIST;
    }
    const bool labels = request.labelsModify && SetLabels(request, *conn) == 0;
    const uint32_t labelled = labels ? uint32_t{NF_EVENT_LABEL} : 0;
    m_table.ReportEvents(*conn, NF_EVENT_NEW | REPORTED | labelled);
    return 0;
}

NfConnPtr
NfCtnetlink::Get(const NfConntrackRequest& request, int& error)
{
    const bool noReply = request.reply.family == NfFamily::UNSPEC;
    const bool hasOrig = request.orig.src || request.orig.dst;
    // Ports without addresses: the library gives up, and sets no error.
    error = noReply && request.reply.protocol ? 0 : hasOrig ? -ENOENT : -EINVAL;
    if (error != -ENOENT)
    {
        return nullptr;
    }
    NfTuple orig = TupleOf(request, request.orig, request.protocol);
    orig.zone = request.zone.value_or(request.tupleZone[0].value_or(0));
    NfTuple inverse = orig;
    if (IsIcmp(orig.protocol) && !m_table.InvertTuple(orig, inverse))
    {
        error = -EINVAL;
        return nullptr;
    }
    return m_table.Find(orig);
}

bool
NfCtnetlink::WouldChange(const NfConntrackRequest& request, const NfConn& conn) const
{
    const NfConntrackMessage now = NfConntrackDumpMessage(m_table, conn);
    const uint32_t mark = (conn.mark & ~request.markMask) ^ request.mark;
    const bool status = request.status && (conn.status | *request.status) != conn.status;
    const NfConntrackProtocol* protocol = NfConntrackFindProtocol(request.protocol);
    const bool state = request.state && protocol && protocol->states &&
                       now.state != protocol->states[*request.state];
    const bool labels =
        request.Has(Opt::ADD_LABEL) || (request.Has(Opt::DEL_LABEL) && now.labels.has_value());
    return (request.Has(Opt::MARK) && mark != conn.mark) || status || state || labels ||
           (request.timeout && request.timeout != now.timeout);
}

int
NfCtnetlink::SetLabels(const NfConntrackRequest& request, NfConn& conn) const
{
    NfConnExt* ext = conn.GetExt();
    if (!ext || !ext->hasLabels)
    {
        return -ENOSPC;
    }
    constexpr NfConntrackRequest::Labels ALL = {~0U, ~0U, ~0U, ~0U};
    const NfConntrackRequest::Labels bits = request.labelsModify.value_or(ALL);
    const bool adds = request.Has(Opt::ADD_LABEL);
    if (ReplaceLabels(*ext, bits, adds ? bits : NfConntrackRequest::Labels{}))
    {
        m_table.CacheEvent(conn, NF_EVENT_LABEL);
    }
    return 0;
}

int
NfCtnetlink::Change(const NfConntrackRequest& request, NfConn& conn)
{
    if (request.timeout)
    {
        if (conn.Has(NF_IPS_FIXED_TIMEOUT))
        {
            return -EPERM;
        }
        conn.expires = m_table.Now() + std::chrono::seconds(*request.timeout);
    }
    if (request.status)
    {
        if (const int error = SetStatus(conn, conn.status | *request.status))
        {
            return error;
        }
    }
    SetProtocolState(request, conn);
    if (request.Has(Opt::MARK))
    {
        conn.mark = (conn.mark & ~request.markMask) ^ request.mark;
    }
    const bool labels = request.Has(Opt::ADD_LABEL) || request.Has(Opt::DEL_LABEL);
    if (const int error = labels ? SetLabels(request, conn) : 0)
    {
        return error;
    }
    m_table.ReportEvents(conn, REPORTED | NF_EVENT_LABEL);
    return 0;
}

int
NfCtnetlink::CreateExpectation(const NfConntrackRequest& request)
{
    NfTuple tuple;
    tuple.family = request.family;
    tuple.protocol = request.tuple.protocol.value_or(0);
    tuple.src = *request.tuple.src;
    tuple.dst = *request.tuple.dst;
    tuple.zone = request.zone.value_or(0);
    // The tool's own mistake: a port's upper byte as protocol. As ICMP such a tuple is refused.
    if (IsIcmp(tuple.protocol))
    {
        return -EINVAL;
    }
    if (m_table.GetTracker(tuple.protocol).GetProtocol() != 0)
    {
        FillPorts(request, request.tuple, tuple);
    }
    if (m_table.FindExpectation(tuple))
    {
        return -EEXIST;
    }
    const NfConnPtr master = m_table.Find(TupleOf(request, request.orig, request.protocol));
    if (!master)
    {
        return -ENOENT;
    }
    if (!master->Has(NF_IPS_HELPER) && !master->GetHelper())
    {
        return -EOPNOTSUPP;
    }
    const auto expectation = std::make_shared<NfExpectation>();
    expectation->tuple = tuple;
    expectation->master = master;
    expectation->mask.family = tuple.family;
    expectation->mask.src = request.mask.src.value_or(NfAddr{});
    expectation->mask.sport = request.mask.sport.value_or(0);
    return m_table.ExpectRelated(expectation);
}

NfExpectationPtr
NfCtnetlink::GetExpectation(const NfConntrackRequest& request)
{
    return m_table.FindExpectation(TupleOf(request, request.orig, request.protocol));
}

} // namespace ns3
