/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-clock.h"

#include "ns3/simulator.h"

#include <utility>

namespace ns3
{

NetfilterClock::~NetfilterClock()
{
    Clear();
}

NfTime
NetfilterClock::Now() const
{
    return NfTime{Simulator::Now().GetNanoSeconds()};
}

NfClock::TimerId
NetfilterClock::Schedule(NfTime delay, std::function<void()> callback)
{
    const TimerId id = m_next++;
    m_events[id] =
        Simulator::Schedule(NanoSeconds(delay.count()),
                            [this, id, callback = std::move(callback)] { Fire(id, callback); });
    return id;
}

void
NetfilterClock::Fire(TimerId id, const std::function<void()>& callback)
{
    m_events.erase(id);
    callback();
}

void
NetfilterClock::Cancel(TimerId id)
{
    const auto it = m_events.find(id);
    if (it != m_events.end())
    {
        it->second.Cancel();
        m_events.erase(it);
    }
}

NfTime
NetfilterClock::GetEpoch() const
{
    return m_epoch;
}

void
NetfilterClock::SetEpoch(Time epoch)
{
    m_epoch = NfTime{epoch.GetNanoSeconds()};
}

Time
NetfilterClock::GetEpochTime() const
{
    return NanoSeconds(m_epoch.count());
}

void
NetfilterClock::Clear()
{
    for (auto& [id, event] : m_events)
    {
        event.Cancel();
    }
    m_events.clear();
}

NetfilterRandom::NetfilterRandom()
    : m_uniform(CreateObject<UniformRandomVariable>())
{
}

NetfilterRandom::~NetfilterRandom() = default;

uint32_t
NetfilterRandom::Next()
{
    return m_uniform->GetInteger(0, UINT32_MAX);
}

void
NetfilterRandom::SetStream(int64_t stream)
{
    m_uniform->SetStream(stream);
}

} // namespace ns3
