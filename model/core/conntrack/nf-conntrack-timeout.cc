/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Timeouts, accounting and the collector (Linux: __nf_ct_refresh_acct(), gc_worker()).
#include "nf-conntrack-impl.h"

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

} // namespace

void
NfConntrack::Refresh(NfConn& conn, NfCtInfo info, const NfPacket* packet, NfTime timeout)
{
    if (!conn.Has(NF_IPS_FIXED_TIMEOUT))
    {
        conn.expires = conn.IsConfirmed() ? Now() + timeout : timeout;
    }
    if (packet)
    {
        if (const NfConnExt* ext = conn.GetExt(); ext && ext->acct)
        {
            Account(conn, info, *packet);
        }
    }
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
NfConntrack::Impl::EvictUnderPressure(NfConn& conn, uint32_t limit)
{
    if (m_slab->GetLive() < limit ||
        (conn.Has(NF_IPS_ASSURED) && !m_trackers[conn.GetProtocol()]->CanEarlyDrop(conn)))
    {
        return false;
    }
    return m_owner.Kill(conn);
}

void
NfConntrack::Impl::CollectGarbage(NfTime now)
{
    const uint32_t limit = m_gcEarlyDrop ? m_owner.m_config.max / 100 * 95 : 0;
    m_gcEarlyDrop = false;
    NfTime next = GC_INTERVAL_INITIAL;
    int64_t count = GC_COUNT_INITIAL;
    bool any = false;
    for (uint32_t slot = 0; slot < m_slab->GetSlots(); ++slot)
    {
        if (!m_slab->IsLive(slot))
        {
            continue;
        }
        NfConn& conn = m_slab->At(slot);
        if (!conn.IsConfirmed() || conn.Has(NF_IPS_DYING) || KillIfExpired(conn))
        {
            continue;
        }
        any = true;
        const NfTime left = std::clamp(conn.expires - now, GC_INTERVAL_MIN, GC_EXPIRES_CLAMP);
        // Each connection stands in the index twice, and counts twice.
        next += (left - next) / ++count;
        next += (left - next) / ++count;
        if (limit)
        {
            EvictUnderPressure(conn, limit);
        }
    }
    m_gcAt = any ? now + std::clamp(next, GC_INTERVAL_MIN, GC_INTERVAL_MAX) : NfTime{0};
}

} // namespace ns3
