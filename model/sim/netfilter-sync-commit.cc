/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Taking over: the peer's entries become the node's own.
#include "netfilter-sync-application.h"

#include "ns3/nf-nat.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace ns3
{

namespace
{

constexpr uint32_t MAX_TIMEOUT = 0x7fffffff;               //!< seconds, as the kernel's timeouts
constexpr NfTime STALE_TIMEOUT = std::chrono::seconds(60); //!< conntrackd's, past the last one told
/// Status bits that a command may set in Linux, of those that mean something in another table.
constexpr uint32_t STATUS_BITS = NF_IPS_SEEN_REPLY | NF_IPS_ASSURED | NF_IPS_FIXED_TIMEOUT;

/// Says of the pair (inside, outside) that NAT shall make one of the other.
NfNatRange
RangeOf(const NfAddr& addr, uint16_t port)
{
    NfNatRange range;
    range.flags = NF_NAT_MAP_IPS | NF_NAT_PROTO_SPECIFIED;
    range.minAddr = addr;
    range.maxAddr = addr;
    range.minPort = port;
    range.maxPort = port;
    return range;
}

} // namespace

void
NetfilterSyncApplication::FlushExternal()
{
    m_external.clear();
}

size_t
NetfilterSyncApplication::BecomePrimary()
{
    const size_t committed = Commit();
    FlushExternal();
    SendBulk();
    return committed;
}

void
NetfilterSyncApplication::BecomeBackup()
{
    NfConntrack& table = GetTable();
    const NfTime latest = table.Now() + NfTime{m_purgeTimeout.GetNanoSeconds()};
    table.ForEach([&](NfConn& conn) { conn.expires = std::min(conn.expires, latest); });
    RequestResync();
}

size_t
NetfilterSyncApplication::Commit()
{
    NS_ABORT_MSG_UNLESS(m_netfilter, "Commit() before the application started");
    // In a stable order: what enters first may be found first.
    std::vector<const External*> order;
    for (const auto& [tuple, external] : m_external)
    {
        order.push_back(&external);
    }
    std::sort(order.begin(), order.end(), [](const External* a, const External* b) {
        const bool related = a->entry.master.has_value();
        const bool otherRelated = b->entry.master.has_value();
        return related != otherRelated
                   ? otherRelated
                   : std::memcmp(&a->entry.tuples[0], &b->entry.tuples[0], sizeof(NfTuple)) < 0;
    });
    size_t committed = 0;
    m_committing = true;
    for (const External* external : order)
    {
        committed += CommitEntry(*external) ? 1 : 0;
    }
    m_committing = false;
    m_stats.committed += committed;
    m_stats.commitFailed += order.size() - committed;
    return committed;
}

NfTime
NetfilterSyncApplication::GetCommitTimeout(const External& external) const
{
    if (m_commitTimeout.IsStrictlyPositive())
    {
        return NfTime{m_commitTimeout.GetNanoSeconds()};
    }
    const NfTime told = std::chrono::seconds(std::min(external.entry.timeout, MAX_TIMEOUT));
    const NfTime left = told - NfTime{(Simulator::Now() - external.updated).GetNanoSeconds()};
    return left > NfTime{0} ? left : STALE_TIMEOUT;
}

bool
NetfilterSyncApplication::CommitEntry(const External& external) const
{
    NfConntrack& table = GetTable();
    const NetfilterSyncEntry& entry = external.entry;
    if (const NfConnPtr old = table.Find(entry.tuples[0]))
    {
        table.Kill(*old);
    }
    const NfConnPtr conn = MakeConnection(entry);
    if (!conn)
    {
        return false;
    }
    conn->expires = GetCommitTimeout(external);
    if (!table.Insert(*conn))
    {
        return false;
    }
    table.ReportEvents(*conn, entry.master ? NF_EVENT_RELATED : NF_EVENT_NEW);
    return true;
}

NfConnPtr
NetfilterSyncApplication::MakeConnection(const NetfilterSyncEntry& entry) const
{
    NfConntrack& table = GetTable();
    NfTuple reply;
    if (!table.InvertTuple(entry.tuples[0], reply))
    {
        return {};
    }
    reply.zone = entry.tuples[1].zone;
    const NfConnPtr conn = table.Alloc(entry.tuples[0], reply);
    if (!conn)
    {
        return {};
    }
    conn->zone = entry.zone;
    conn->zoneDir = entry.zoneDir;
    conn->mark = entry.mark;
    SetProtocol(*conn, entry);
    if (!SetMaster(*conn, entry) || !SetNat(*conn, entry))
    {
        return {};
    }
    SetExtensions(*conn, entry);
    conn->status |= entry.status & STATUS_BITS;
    return conn;
}

/// Both sides are chosen anew, from ranges that hold nothing but the old choice.
bool
NetfilterSyncApplication::SetNat(NfConn& conn, const NetfilterSyncEntry& entry) const
{
    NfNat& nat = m_netfilter->GetNetns().GetNat();
    const NfTuple plain = conn.GetReply();
    const NfTuple& wanted = entry.tuples[1];
    const bool id = wanted.protocol == NF_IPPROTO_ICMP || wanted.protocol == NF_IPPROTO_ICMPV6;
    const uint16_t source = id ? wanted.sport : wanted.dport;
    const uint16_t plainSource = id ? plain.sport : plain.dport;
    const bool dst = wanted.src != plain.src || (!id && wanted.sport != plain.sport);
    const bool src = wanted.dst != plain.dst || source != plainSource;
    if (dst)
    {
        nat.SetupInfo(conn, RangeOf(wanted.src, wanted.sport), NfManip::DST);
    }
    if (src)
    {
        nat.SetupInfo(conn, RangeOf(wanted.dst, source), NfManip::SRC);
    }
    return conn.GetReply() == wanted;
}

bool
NetfilterSyncApplication::SetMaster(NfConn& conn, const NetfilterSyncEntry& entry) const
{
    if (!entry.master)
    {
        return true;
    }
    const NfConnPtr master = GetTable().Find(*entry.master);
    if (!master)
    {
        return false;
    }
    conn.Ext().master = master;
    conn.status |= NF_IPS_EXPECTED;
    return true;
}

void
NetfilterSyncApplication::SetProtocol(NfConn& conn, const NetfilterSyncEntry& entry) const
{
    if (conn.GetProtocol() == NF_IPPROTO_TCP)
    {
        NfTcpState& tcp = conn.proto.tcp;
        tcp = NfTcpState();
        tcp.state = entry.state;
        for (size_t side = 0; side < tcp.seen.size(); ++side)
        {
            const uint8_t how = m_tcpWindow ? NF_TCP_FLAG_WINDOW_SCALE : NF_TCP_FLAG_BE_LIBERAL;
            tcp.seen[side].flags = NF_TCP_FLAG_SACK_PERM | how;
            tcp.seen[side].scale = m_tcpWindow ? entry.scale[side] : 0;
        }
    }
    else if (conn.GetProtocol() == NF_IPPROTO_SCTP)
    {
        conn.proto.sctp = NfSctpState();
        conn.proto.sctp.state = entry.state;
        conn.proto.sctp.vtag = entry.vtag;
    }
}

void
NetfilterSyncApplication::SetExtensions(NfConn& conn, const NetfilterSyncEntry& entry) const
{
    NfConntrack& table = GetTable();
    NfConnExt& ext = conn.Ext();
    ext.hasEventCache = table.GetConfig().events != 0;
    if (!entry.helper.empty())
    {
        ext.helper = table.FindHelper(entry.helper, conn.GetFamily(), conn.GetProtocol());
        if (ext.helper)
        {
            conn.status |= NF_IPS_HELPER;
        }
    }
    if (entry.hasSeqadj && conn.GetProtocol() == NF_IPPROTO_TCP)
    {
        ext.seqadj = std::make_unique<std::array<NfSeqAdj, 2>>(entry.seqadj);
        conn.status |= NF_IPS_SEQ_ADJUST;
    }
    ext.hasLabels = entry.hasLabels;
    ext.labels = entry.labels;
}

} // namespace ns3
