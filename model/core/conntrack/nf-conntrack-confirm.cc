/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// The last hook: helper, sequence numbers, entry into the table, clashes (Linux: nf_confirm(),
// __nf_conntrack_confirm()).
#include "nf-conntrack-impl.h"
#include "nf-conntrack-seqadj.h"
#include "nf-kernel-profile.h"

namespace ns3
{

namespace
{

// Linux: MIN_CHAINLEN, MAX_CHAINLEN: nobody is to guess at which length exactly.
constexpr uint32_t CHAIN_MIN = 50;
constexpr uint32_t CHAIN_SPREAD = 30;
constexpr uint32_t CHAIN_AVERAGE = 8;

/// Linux: nf_is_loopback_packet().
bool
CameOverLoopback(const NfHookState& state)
{
    return state.in && state.in->loopback;
}

} // namespace

NfVerdict
NfConntrack::Confirm(NfPacket& packet, const NfHookState& state)
{
    if (!packet.conn)
    {
        return NfVerdict::ACCEPT;
    }
    NfConn& conn = *packet.conn;
    if (!conn.GetExt() && conn.IsConfirmed() && !conn.Has(NF_IPS_SEQ_ADJUST))
    {
        // A plain connection: no helper, no events.
        return NfVerdict::ACCEPT;
    }
    return m_impl->ConfirmMore(packet, state);
}

NfVerdict
NfConntrack::Impl::ConfirmMore(NfPacket& packet, const NfHookState& state)
{
    NfConn& conn = *packet.conn;
    const NfCtInfo info = packet.ctInfo;
    const bool adjust = conn.Has(NF_IPS_SEQ_ADJUST) && !CameOverLoopback(state);
    NfConntrackHelper* const helper = conn.GetHelper();
    // Helpers do not expect ICMP errors.
    if ((helper || adjust) && info != NfCtInfo::RELATED_REPLY && !packet.IsLaterFragment())
    {
        if (helper)
        {
            const NfVerdict verdict = helper->Help(packet, conn, info);
            if (verdict != NfVerdict::ACCEPT)
            {
                return Refuse(packet, verdict, m_dropHelper, "drop-conntrack-helper");
            }
        }
        if (adjust && !NfSeqAdjust(packet, conn, info))
        {
            ++m_owner.m_stats.drop;
            return Refuse(packet, NfVerdict::DROP, m_dropSeqadj, "drop-conntrack-seqadj");
        }
    }
    if (!conn.IsConfirmed())
    {
        const NfVerdict verdict = ConfirmNew(packet);
        if (verdict != NfVerdict::ACCEPT)
        {
            return Refuse(packet, verdict, m_dropClash, "drop-conntrack-insert-failed");
        }
    }
    if (const NfConnExt* ext = packet.conn->GetExt(); ext && ext->eventCache)
    {
        DeliverCached(*packet.conn);
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfConntrack::Impl::Refuse(NfPacket& packet,
                          NfVerdict verdict,
                          uint64_t& counter,
                          const char* reason)
{
    if (verdict == NfVerdict::DROP)
    {
        ++counter;
        packet.dropReason = reason;
        // What a helper expects for a connection that never gets into the table is in vain.
        if (!packet.conn->IsConfirmed())
        {
            m_owner.RemoveExpectations(*packet.conn);
        }
    }
    return verdict;
}

NfVerdict
NfConntrack::Impl::ConfirmNew(NfPacket& packet)
{
    NfConn& conn = *packet.conn;
    // A reset or ICMP error about a packet that is still under way does not make an entry.
    if (NfInfoDir(packet.ctInfo) != NfDir::ORIGINAL)
    {
        return NfVerdict::ACCEPT;
    }
    if (conn.Has(NF_IPS_DYING))
    {
        ++m_owner.m_stats.insertFailed;
        return NfVerdict::DROP;
    }
    // NAT could have taken a tuple without seeing this one, and a twin may have been quicker.
    for (const NfTuple& tuple : conn.tuples)
    {
        const NfConntrackTable::Ref winner =
            FindInZone(tuple, {conn.tuples[0].zone, conn.tuples[1].zone});
        if (winner != NfConntrackTable::NONE)
        {
            return ResolveClash(packet, winner);
        }
    }
    if (IsChainTooLong(conn))
    {
        ++m_owner.m_stats.chainTooLong;
        ++m_owner.m_stats.insertFailed;
        return NfVerdict::DROP;
    }
    conn.expires += m_owner.Now();
    Insert(conn);
    if (NfConnExt* ext = conn.GetExt())
    {
        if (ext->helper)
        {
            m_owner.CacheEvent(conn, NF_EVENT_HELPER);
        }
        m_owner.CacheEvent(conn, ext->master ? NF_EVENT_RELATED : NF_EVENT_NEW);
    }
    return NfVerdict::ACCEPT;
}

bool
NfConntrack::Impl::IsChainTooLong(const NfConn& conn)
{
    const uint32_t buckets = m_owner.m_config.buckets;
    // With chains this short on average, none comes near the limit: do not look.
    if (uint64_t{m_slab->GetLive()} * 2 < uint64_t{buckets} * CHAIN_AVERAGE ||
        !m_owner.GetProfile().limitsChains)
    {
        return false;
    }
    const uint32_t random = m_owner.m_context.random.Next();
    const size_t most = CHAIN_MIN + static_cast<uint32_t>(uint64_t{random} * CHAIN_SPREAD >> 32);
    for (const NfTuple& tuple : conn.tuples)
    {
        const uint32_t bucket = NfConntrackTable::BucketOf(m_table.Hash(tuple), buckets);
        if (m_table.GetBucket(bucket, buckets).size() > most + 1)
        {
            return true;
        }
    }
    return false;
}

bool
NfConntrack::Impl::Merge(NfPacket& packet, NfConntrackTable::Ref winnerRef)
{
    NfConn& winner = m_table.ConnOf(winnerRef);
    const NfConn& loser = *packet.conn;
    const bool same = winner.tuples == loser.tuples;
    const bool reverse = winner.tuples[0] == loser.tuples[1] && winner.tuples[1] == loser.tuples[0];
    if (!same && !reverse)
    {
        return false;
    }
    if (const NfConnExt* ext = loser.GetExt(); ext && ext->acct)
    {
        m_owner.Account(winner, packet.ctInfo, packet);
    }
    packet.conn = NfConnPtr(&winner);
    ++m_owner.m_stats.clashResolve;
    return true;
}

NfVerdict
NfConntrack::Impl::ResolveClash(NfPacket& packet, NfConntrackTable::Ref winner)
{
    NfConn& loser = *packet.conn;
    NfConntrackStats& stats = m_owner.m_stats;
    const NfClashRule rule = m_owner.GetProfile().clash;
    if (rule != NfClashRule::DROP && m_trackers[loser.GetProtocol()]->AllowsClash())
    {
        if (Merge(packet, winner))
        {
            return NfVerdict::ACCEPT;
        }
        const NfConntrackTable::Ref reply = FindExact(loser.tuples[1]);
        const bool harder = rule == NfClashRule::HARDER;
        if (harder && reply != NfConntrackTable::NONE && Merge(packet, reply))
        {
            return NfVerdict::ACCEPT;
        }
        if (harder && reply == NfConntrackTable::NONE)
        {
            // It will see replies only, and should be gone soon.
            loser.expires = m_owner.Now() + std::chrono::seconds(1);
            loser.status |= NF_IPS_FIXED_TIMEOUT | NF_IPS_NAT_CLASH;
            Insert(loser);
            ++stats.clashResolve;
            return NfVerdict::ACCEPT;
        }
    }
    ++stats.drop;
    ++stats.insertFailed;
    return NfVerdict::DROP;
}

} // namespace ns3
