/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// The table: look-up, entry, removal, and what happens when it is full.
#include "nf-conntrack-impl.h"
#include "nf-kernel-profile.h"

namespace ns3
{

namespace
{

constexpr uint32_t EVICTION_RANGE = 8; //!< Linux: NF_CT_EVICTION_RANGE

// Linux's ratelimit of net_warn_ratelimited(): ten lines in five seconds.
constexpr NfTime RATELIMIT_INTERVAL = std::chrono::seconds(5);
constexpr uint32_t RATELIMIT_BURST = 10;
constexpr uint8_t LOG_WARNING = 4;

} // namespace

NfConntrack::Impl::Impl(NfConntrack& owner)
    : m_owner(owner),
      m_slab(NfConnSlab::Create()),
      m_table(*m_slab),
      m_defrag(owner.m_context.clock, owner.m_context.counters, owner.m_context.sysctls),
      m_gcNext(owner.m_context.clock.Now() + std::chrono::seconds(1)),
      m_inserts(owner.m_context.counters.Get("conntrack-insert")),
      m_deletes(owner.m_context.counters.Get("conntrack-delete")),
      m_dropFull(owner.m_context.counters.Get("drop-conntrack-table-full")),
      m_dropClash(owner.m_context.counters.Get("drop-conntrack-insert-failed")),
      m_dropSeqadj(owner.m_context.counters.Get("drop-conntrack-seqadj")),
      m_dropHelper(owner.m_context.counters.Get("drop-conntrack-helper")),
      m_dropTracker(owner.m_context.counters.Get("drop-conntrack-tracker"))
{
    m_slab->onFree = [this](NfConn& conn) {
        if (conn.GetProtocol() == NF_IPPROTO_TCP && !m_greKeymap.IsEmpty())
        {
            m_greKeymap.Remove(conn);
        }
        // Linux: destroy_gre_conntrack(). The first call that ends takes the keys with it.
        if (conn.GetProtocol() == NF_IPPROTO_GRE && conn.GetMaster())
        {
            m_greKeymap.Remove(*conn.GetMaster());
        }
        if (m_destroyHook)
        {
            m_destroyHook(conn);
        }
    };
}

NfConntrack::Impl::~Impl()
{
    m_owner.m_context.clock.Cancel(m_timer);
    m_slab->onFree = nullptr;
    m_defrag.Clear();
    m_expectations.clear();
    m_expectByDst.clear();
    m_fresh.clear();
    for (uint32_t slot = 0; slot < m_slab->GetSlots(); ++slot)
    {
        if (m_slab->IsLive(slot) && m_slab->At(slot).IsConfirmed() &&
            !m_slab->At(slot).Has(NF_IPS_DYING))
        {
            m_slab->At(slot).status |= NF_IPS_DYING;
            NfUnref(&m_slab->At(slot));
        }
    }
    m_slab->Orphan();
}

bool
NfConntrack::Impl::KillIfExpired(NfConn& conn)
{
    if (!conn.IsConfirmed() || conn.Has(NF_IPS_DYING) || conn.expires > m_owner.Now())
    {
        return false;
    }
    m_owner.Kill(conn);
    return true;
}

NfConntrackTable::Ref
NfConntrack::Impl::FindBehindExpired(const NfTuple& tuple, uint32_t hash)
{
    NfConntrackTable::Ref ref = m_table.Find(tuple, hash);
    while (ref != NfConntrackTable::NONE && KillIfExpired(m_table.ConnOf(ref)))
    {
        ref = m_table.Find(tuple, hash);
    }
    return ref;
}

NfConntrackTable::Ref
NfConntrack::Impl::FindInZone(const NfTuple& tuple, const NfZonePair& zone)
{
    NfConntrackTable::Ref ref = FindExact(tuple);
    if (ref == NfConntrackTable::NONE || (!m_hasHalfZones && zone[0] == zone[1]))
    {
        return ref;
    }
    const uint32_t hash = m_table.Hash(tuple);
    NfConntrackTable::Ref newest = NfConntrackTable::NONE;
    for (; ref != NfConntrackTable::NONE; ref = m_table.FindNext(tuple, hash, ref))
    {
        const auto dir = static_cast<size_t>(NfConntrackTable::DirOf(ref));
        newest = zone[dir] == tuple.zone ? ref : newest;
    }
    return newest;
}

NfConntrackTable::Ref
NfConntrack::Impl::FindInZones(NfTuple tuple, const NfZonePair& zone)
{
    tuple.zone = zone[0];
    const NfConntrackTable::Ref ref = FindInZone(tuple, zone);
    if (ref != NfConntrackTable::NONE || zone[0] == zone[1])
    {
        return ref;
    }
    tuple.zone = zone[1];
    return FindInZone(tuple, zone);
}

void
NfConntrack::Impl::Insert(NfConn& conn)
{
    if (!m_seeded)
    {
        std::array<uint64_t, 4> seed;
        for (uint64_t& word : seed)
        {
            word =
                uint64_t{m_owner.m_context.random.Next()} << 32 | m_owner.m_context.random.Next();
        }
        m_table.SetSeed(seed);
        m_seeded = true;
    }
    NfRef(&conn);
    ++m_inserts;
    m_hasHalfZones |= conn.tuples[0].zone != conn.tuples[1].zone;
    // A resolved clash is found by its replies only: the other connection has the original tuple.
    if (!conn.Has(NF_IPS_NAT_CLASH))
    {
        m_table.Insert(m_table.Hash(conn.tuples[0]),
                       NfConntrackTable::RefOf(conn, NfDir::ORIGINAL));
    }
    m_table.Insert(m_table.Hash(conn.tuples[1]), NfConntrackTable::RefOf(conn, NfDir::REPLY));
    conn.status |= NF_IPS_CONFIRMED;
    if (NfConnExt* ext = conn.GetExt(); ext && ext->startTime == 0)
    {
        ext->startTime = (m_owner.m_context.clock.GetEpoch() + m_owner.Now()).count();
    }
    StartCollector();
    if (m_race.window > NfTime{0})
    {
        m_fresh.push_back({m_owner.Now() + m_race.window, &conn, conn.GetId()});
    }
    if (m_insertHook)
    {
        m_insertHook(conn);
    }
}

void
NfConntrack::Impl::Remove(NfConn& conn)
{
    if (NfConntrackHelper* const helper = conn.GetHelper())
    {
        helper->OnDestroy(conn);
    }
    m_table.Erase(m_table.Hash(conn.tuples[0]), NfConntrackTable::RefOf(conn, NfDir::ORIGINAL));
    m_table.Erase(m_table.Hash(conn.tuples[1]), NfConntrackTable::RefOf(conn, NfDir::REPLY));
    m_owner.RemoveExpectations(conn);
    ++m_deletes;
    NfUnref(&conn);
}

bool
NfConntrack::Kill(NfConn& conn)
{
    if (conn.Has(NF_IPS_DYING))
    {
        return false;
    }
    conn.status |= NF_IPS_DYING;
    if (!conn.IsConfirmed())
    {
        return true;
    }
    if (NfConnExt* ext = conn.GetExt(); ext && ext->startTime >= 0)
    {
        ext->stopTime = (m_context.clock.GetEpoch() + std::min(Now(), conn.expires)).count();
    }
    const NfConnPtr hold(&conn);
    m_impl->Deliver(conn, NF_EVENT_DESTROY);
    m_impl->Remove(conn);
    return true;
}

size_t
NfConntrack::KillIf(const std::function<bool(const NfConn&)>& which)
{
    size_t killed = 0;
    for (uint32_t slot = 0; slot < m_impl->m_slab->GetSlots(); ++slot)
    {
        if (!m_impl->m_slab->IsLive(slot))
        {
            continue;
        }
        NfConn& conn = m_impl->m_slab->At(slot);
        if (conn.IsConfirmed() && !conn.Has(NF_IPS_DYING) && which(conn))
        {
            killed += Kill(conn);
        }
    }
    return killed;
}

void
NfConntrack::ForEach(const std::function<void(NfConn&)>& visit)
{
    for (uint32_t slot = 0; slot < m_impl->m_slab->GetSlots(); ++slot)
    {
        if (!m_impl->m_slab->IsLive(slot))
        {
            continue;
        }
        const NfConnPtr conn(&m_impl->m_slab->At(slot));
        if (conn->IsConfirmed() && !conn->Has(NF_IPS_DYING) && !m_impl->KillIfExpired(*conn) &&
            !conn->Has(NF_IPS_NAT_CLASH))
        {
            visit(*conn);
        }
    }
}

void
NfConntrack::Inspect(const std::function<void(const NfConn&)>& look) const
{
    for (uint32_t slot = 0; slot < m_impl->m_slab->GetSlots(); ++slot)
    {
        if (m_impl->m_slab->IsLive(slot))
        {
            look(m_impl->m_slab->At(slot));
        }
    }
}

size_t
NfConntrack::GetCount() const
{
    return m_impl->m_slab->GetLive();
}

size_t
NfConntrack::GetMemory() const
{
    return m_impl->m_slab->GetMemory() + m_impl->m_table.GetMemory();
}

NfConnPtr
NfConntrack::Find(const NfTuple& tuple, NfDir* dir)
{
    const NfConntrackTable::Ref ref = m_impl->FindExact(tuple);
    if (ref == NfConntrackTable::NONE)
    {
        return {};
    }
    if (dir)
    {
        *dir = NfConntrackTable::DirOf(ref);
    }
    return NfConnPtr(&m_impl->m_table.ConnOf(ref));
}

bool
NfConntrack::IsTupleTaken(const NfTuple& tuple, const NfConn* ignored)
{
    NfTuple key = tuple;
    if (ignored)
    {
        key.zone = NfZoneOf(*ignored, NfDir::REPLY);
    }
    const uint32_t hash = m_impl->m_table.Hash(key);
    NfConntrackTable::Ref ref = m_impl->FindExact(key);
    for (; ref != NfConntrackTable::NONE; ref = m_impl->m_table.FindNext(key, hash, ref))
    {
        const NfConn& conn = m_impl->m_table.ConnOf(ref);
        if (&conn == ignored)
        {
            continue;
        }
        if (ignored && NfConntrackTable::DirOf(ref) == NfDir::ORIGINAL &&
            NfZoneOf(*ignored, NfDir::ORIGINAL) != conn.tuples[0].zone)
        {
            continue;
        }
        // Two packets of one new flow under way at once: confirm sorts that out.
        if (ignored && ignored->tuples[0] == conn.tuples[0])
        {
            continue;
        }
        ++m_stats.found;
        return true;
    }
    return false;
}

// Linux before 4.7: the last unassured entry of the chain that brings the count to eight.
bool
NfConntrack::Impl::EarlyDropByEntries(uint32_t hash)
{
    const uint32_t buckets = m_owner.m_config.buckets;
    uint32_t bucket = NfConntrackTable::BucketOf(hash, buckets);
    NfConn* victim = nullptr;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < buckets && !victim && seen < EVICTION_RANGE; ++i)
    {
        for (const NfConntrackTable::Ref ref : m_table.GetBucket(bucket, buckets))
        {
            NfConn& conn = m_table.ConnOf(ref);
            victim = conn.Has(NF_IPS_ASSURED) ? victim : &conn;
            ++seen;
        }
        bucket = (bucket + 1) % buckets;
    }
    if (!victim || !m_owner.Kill(*victim))
    {
        return false;
    }
    ++m_owner.m_stats.earlyDrop;
    return true;
}

bool
NfConntrack::Impl::EarlyDrop(uint32_t hash)
{
    if (m_owner.GetProfile().evictsByEntries)
    {
        return EarlyDropByEntries(hash);
    }
    const uint32_t buckets = m_owner.m_config.buckets;
    uint32_t bucket = NfConntrackTable::BucketOf(hash, buckets);
    for (uint32_t i = 0; i < EVICTION_RANGE; ++i, bucket = (bucket + 1) % buckets)
    {
        uint32_t drops = 0;
        for (const NfConntrackTable::Ref ref : m_table.GetBucket(bucket, buckets))
        {
            // Both directions of a connection may be in one bucket.
            if (!m_slab->IsLive(ref / 2))
            {
                continue;
            }
            NfConn& conn = m_table.ConnOf(ref);
            if (KillIfExpired(conn) || conn.Has(NF_IPS_ASSURED | NF_IPS_DYING))
            {
                continue;
            }
            drops += m_owner.Kill(conn);
        }
        if (drops)
        {
            m_owner.m_stats.earlyDrop += drops;
            return true;
        }
    }
    return false;
}

void
NfConntrack::Impl::Warn(Ratelimit& limit, const char* text)
{
    const NfTime now = m_owner.Now();
    if (limit.begin < NfTime{0} || now - limit.begin > RATELIMIT_INTERVAL)
    {
        limit = {now, 0};
    }
    if (limit.lines++ < RATELIMIT_BURST)
    {
        m_owner.m_context.log.Write(LOG_WARNING, std::string("nf_conntrack: ") + text);
    }
}

NfConn*
NfConntrack::Impl::Alloc(const NfTuple& original, const NfTuple& reply)
{
    const uint32_t max = m_owner.m_config.max;
    if (max && m_slab->GetLive() >= max && !EarlyDrop(m_table.Hash(original)))
    {
        m_gcEarlyDrop = true;
        Warn(m_fullLimit, "nf_conntrack: table full in netns 4026531840, dropping packet");
        return nullptr;
    }
    NfConn* conn = m_slab->Alloc();
    conn->tuples = {original, reply};
    conn->zone = original.zone ? original.zone : reply.zone;
    conn->zoneDir = (original.zone == conn->zone ? 1 : 0) | (reply.zone == conn->zone ? 2 : 0);
    return conn;
}

NfConnPtr
NfConntrack::Alloc(const NfTuple& original, const NfTuple& reply)
{
    return NfConnPtr(m_impl->Alloc(original, reply));
}

NfConnPtr
NfConntrack::AllocTemplate(uint16_t zone, uint8_t zoneDir)
{
    NfConn* tmpl = m_impl->m_slab->AllocUncounted();
    // Confirmed in Linux too (xt_CT.c), so that it takes expectations off the list.
    tmpl->status = NF_IPS_TEMPLATE | NF_IPS_CONFIRMED;
    tmpl->zone = zone;
    tmpl->zoneDir = zoneDir;
    return NfConnPtr(tmpl);
}

bool
NfConntrack::Insert(NfConn& conn)
{
    for (const NfTuple& tuple : conn.tuples)
    {
        if (m_impl->FindExact(tuple) != NfConntrackTable::NONE)
        {
            return false;
        }
    }
    conn.expires += Now();
    m_impl->Insert(conn);
    ++m_stats.insert;
    return true;
}

void
NfConntrack::AlterReply(NfConn& conn, const NfTuple& reply)
{
    const uint16_t zone = conn.tuples[1].zone;
    conn.tuples[1] = reply;
    conn.tuples[1].zone = zone;
    const NfConnExt* const ext = conn.GetExt();
    if (m_config.autoHelper && (!ext || (!ext->master && ext->expectations.empty())))
    {
        m_impl->AssignHelper(conn);
    }
}

std::vector<uint32_t>
NfConntrack::GetChainLengths() const
{
    return m_impl->m_table.GetChainLengths(m_config.buckets);
}

} // namespace ns3
