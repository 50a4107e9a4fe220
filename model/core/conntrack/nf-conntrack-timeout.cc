/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Timeouts, accounting and the collector (Linux: __nf_ct_refresh_acct(), gc_worker()).
#include "nf-conntrack-impl.h"
#include "nf-kernel-profile.h"

#include <algorithm>

namespace ns3
{

namespace
{

using namespace std::chrono_literals;

// Linux: GC_SCAN_*. The pause between passes follows the average time left.
constexpr NfTime GC_INTERVAL_MIN = 1s;
constexpr NfTime GC_INTERVAL_MAX = 60s;
constexpr NfTime GC_EXPIRES_CLAMP = 300s;
constexpr NfTime GC_INTERVAL_INITIAL = 60s;
constexpr int64_t GC_COUNT_INITIAL = 100;
constexpr uint32_t GC_EXPIRED_MAX = 64000 / 250; //!< in one run; the next one comes a jiffy later
constexpr NfTime JIFFY = 4ms;

// Older releases.
constexpr NfTime GC_MINUTES = 120s; //!< 5.14: GC_SCAN_INTERVAL
constexpr uint32_t GC_SHARES = 128; //!< 4.9: GC_MAX_BUCKETS_DIV
constexpr NfTime GC_SHARE_MAX =
    NfTime{16s} / GC_SHARES; //!< 4.9: GC_MAX_SCAN_JIFFIES, for one share

/// @return the pause between runs over an empty table
constexpr NfTime
BeatOf(NfCollector collector)
{
    switch (collector)
    {
    case NfCollector::TIMERS:
        return GC_INTERVAL_MIN;
    case NfCollector::RATIO:
        return GC_SHARE_MAX;
    case NfCollector::MINUTES:
        return GC_MINUTES;
    default:
        return GC_INTERVAL_INITIAL - JIFFY;
    }
}

} // namespace

bool
NfConntrack::IsNewSecond(const NfConn& conn, NfTime expires)
{
    const NfTime later = expires - conn.expires;
    return !conn.IsConfirmed() || later < NfTime{0} || later >= 1s;
}

void
NfConntrack::Account(NfConn& conn, NfCtInfo info, const NfPacket& packet)
{
    NfConnExt* ext = conn.GetExt();
    if (!ext || !ext->acct)
    {
        return;
    }
    const auto dir = static_cast<size_t>(NfInfoDir(info));
    ++ext->acct->packets[dir];
    ext->acct->bytes[dir] += packet.GetLength();
}

NfTime
NfConntrack::GetTimeLeft(const NfConn& conn) const
{
    const NfTime left = conn.IsConfirmed() ? conn.expires - Now() : conn.expires;
    return std::max(left, NfTime{0});
}

size_t
NfConntrack::FastForward(NfTime by)
{
    size_t touched = 0;
    ForEach([&](NfConn& conn) {
        if (conn.Has(NF_IPS_FIXED_TIMEOUT | NF_IPS_OFFLOAD))
        {
            return;
        }
        // Whole seconds are left, as if set by a command.
        const auto left = std::chrono::ceil<std::chrono::seconds>(GetTimeLeft(conn));
        conn.expires = Now() + std::max(NfTime{left} - by, NfTime{0});
        ++touched;
    });
    return touched;
}

void
NfConntrack::ForgetTimeoutPolicy(const NfTimeoutPolicy& policy)
{
    for (uint32_t slot = 0; slot < m_impl->m_slab->GetSlots(); ++slot)
    {
        NfConnExt* const ext =
            m_impl->m_slab->IsLive(slot) ? m_impl->m_slab->At(slot).GetExt() : nullptr;
        if (ext && ext->timeoutPolicy == &policy)
        {
            ext->timeoutPolicy = nullptr;
        }
    }
}

void
NfConntrack::Impl::WakeAt(NfTime when)
{
    if (m_timer && m_timerAt <= when)
    {
        return;
    }
    NfClock& clock = m_owner.m_context.clock;
    clock.Cancel(m_timer);
    m_timerAt = when;
    m_timer = clock.Schedule(std::max(when - clock.Now(), NfTime{0}), [this] { OnTimer(); });
}

void
NfConntrack::Impl::OnTimer()
{
    m_timer = 0;
    const NfTime now = m_owner.Now();
    ExpireExpectations(now);
    if (m_gcAt == NfTime{0})
    {
        return;
    }
    if (m_gcAt <= now)
    {
        CollectGarbage(now);
    }
    if (m_gcAt != NfTime{0})
    {
        WakeAt(m_gcAt);
    }
}

bool
NfConntrack::Impl::IsSettled(uint32_t slot) const
{
    return m_slab->IsLive(slot) && m_slab->At(slot).IsConfirmed() &&
           !m_slab->At(slot).Has(NF_IPS_DYING);
}

// Bucket after bucket, as Linux goes: neither old nor young entries go first.
void
NfConntrack::Impl::EvictUnderPressure(uint32_t limit)
{
    for (const NfConntrackTable::Ref ref : m_table.GetAll())
    {
        if (m_slab->GetLive() < limit)
        {
            return;
        }
        if (!IsSettled(ref / 2))
        {
            continue;
        }
        NfConn& conn = m_slab->At(ref / 2);
        if (!conn.Has(NF_IPS_ASSURED) || m_trackers[conn.GetProtocol()]->CanEarlyDrop(conn))
        {
            m_owner.Kill(conn);
        }
    }
}

void
NfConntrack::Impl::StartCollector()
{
    if (m_gcAt != NfTime{0})
    {
        return;
    }
    // Idle passes are left out, not moved: they keep their beat.
    const NfTime now = m_owner.Now();
    const NfTime beat = BeatOf(m_owner.GetProfile().collector);
    if (m_gcNext <= now)
    {
        m_gcNext += ((now - m_gcNext) / beat + 1) * beat;
    }
    m_gcAt = m_gcNext;
    WakeAt(m_gcAt);
}

void
NfConntrack::Impl::CollectGarbage(NfTime now)
{
    const NfKernelProfile& profile = m_owner.GetProfile();
    if (m_gcEarlyDrop && !profile.evictsNoneAtCollection)
    {
        EvictUnderPressure(m_owner.m_config.max / 100 * 95);
    }
    NfTime pause{0};
    switch (profile.collector)
    {
    case NfCollector::AVERAGE:
        pause = CollectByAverage(now);
        break;
    case NfCollector::RATIO:
        pause = CollectByRatio();
        break;
    case NfCollector::MINUTES:
        CollectSlots(0, m_slab->GetSlots());
        pause = GC_MINUTES;
        break;
    case NfCollector::TIMERS:
        CollectSlots(0, m_slab->GetSlots());
        pause = GC_INTERVAL_MIN;
        break;
    }
    m_gcEarlyDrop &= pause == NfTime{0};
    m_gcNext = now + pause;
    m_gcAt = m_slab->GetLive() ? m_gcNext : NfTime{0};
}

uint32_t
NfConntrack::Impl::CollectSlots(uint32_t from, uint32_t count)
{
    uint32_t expired = 0;
    for (uint32_t slot = from; slot < m_slab->GetSlots() && slot - from < count; ++slot)
    {
        expired += IsSettled(slot) && KillIfExpired(m_slab->At(slot));
    }
    return expired;
}

NfTime
NfConntrack::Impl::CollectByAverage(NfTime now)
{
    if (m_gcSlot == 0)
    {
        m_gcAverage = GC_INTERVAL_INITIAL;
        m_gcCount = GC_COUNT_INITIAL;
        m_gcStart = now;
    }
    uint32_t expired = 0;
    for (; m_gcSlot < m_slab->GetSlots(); ++m_gcSlot)
    {
        if (!IsSettled(m_gcSlot))
        {
            continue;
        }
        NfConn& conn = m_slab->At(m_gcSlot);
        if (conn.expires <= now && expired > GC_EXPIRED_MAX)
        {
            return now - m_gcStart < GC_INTERVAL_MAX ? JIFFY : NfTime{0};
        }
        if (KillIfExpired(conn))
        {
            ++expired;
            continue;
        }
        const NfTime left = std::clamp(conn.expires - now, GC_INTERVAL_MIN, GC_EXPIRES_CLAMP);
        // Each connection stands in the table twice, and counts twice.
        m_gcAverage += (left - m_gcAverage) / ++m_gcCount;
        m_gcAverage += (left - m_gcAverage) / ++m_gcCount;
    }
    m_gcSlot = 0;
    const NfTime pause = std::clamp(m_gcAverage, GC_INTERVAL_MIN, GC_INTERVAL_MAX);
    const NfTime spent = std::max(now - m_gcStart, JIFFY);
    return pause > spent ? pause - spent : JIFFY;
}

NfTime
NfConntrack::Impl::CollectByRatio()
{
    const uint32_t share = m_slab->GetSlots() / GC_SHARES + 1;
    uint32_t scanned = 0;
    for (uint32_t slot = m_gcSlot; slot < m_slab->GetSlots() && slot - m_gcSlot < share; ++slot)
    {
        scanned += IsSettled(slot);
    }
    const uint32_t expired = CollectSlots(m_gcSlot, share);
    m_gcSlot = m_gcSlot + share < m_slab->GetSlots() ? m_gcSlot + share : 0;
    // More than half were dead: there will be more.
    m_gcAverage = expired * 2 > scanned ? JIFFY : std::min(m_gcAverage + JIFFY, GC_SHARE_MAX);
    return m_gcAverage;
}

} // namespace ns3
