/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_MANUAL_CLOCK_H
#define NF_MANUAL_CLOCK_H

#include "model/core/packet/nf-clock.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>

/**
 * @file
 * Time and chance in the hands of a test; needs no test framework, so fuzz targets and benchmarks
 * use it too.
 */

namespace ns3
{

/// A clock that stands still until Advance(); timers fire in order of time, then of Schedule().
class NfManualClock : public NfClock
{
  public:
    NfTime Now() const override
    {
        return m_now;
    }

    TimerId Schedule(NfTime delay, std::function<void()> callback) override
    {
        const TimerId id = ++m_lastId;
        m_timers.emplace(std::make_pair(m_now + delay, id), std::move(callback));
        return id;
    }

    void Cancel(TimerId id) override
    {
        for (auto at = m_timers.begin(); at != m_timers.end(); ++at)
        {
            if (at->first.second == id)
            {
                m_timers.erase(at);
                return;
            }
        }
    }

    NfTime GetEpoch() const override
    {
        return epoch;
    }

    /// @param by how far; timers due on the way fire at their time
    void Advance(NfTime by)
    {
        const NfTime until = m_now + by;
        while (!m_timers.empty() && m_timers.begin()->first.first <= until)
        {
            auto timer = m_timers.extract(m_timers.begin());
            m_now = timer.key().first;
            timer.mapped()();
        }
        m_now = until;
    }

    /// @return timers that wait
    size_t GetPending() const
    {
        return m_timers.size();
    }

    NfTime epoch{std::chrono::seconds(1700000000)}; //!< what GetEpoch() says

  private:
    NfTime m_now{0};
    TimerId m_lastId{0};
    std::map<std::pair<NfTime, TimerId>, std::function<void()>> m_timers; //!< by time, id
};

/// Same seed, same numbers.
class NfSeededRandom : public NfRandom
{
  public:
    /// @param seed any
    explicit NfSeededRandom(uint32_t seed = 1)
        : m_engine(seed)
    {
    }

    uint32_t Next() override
    {
        return m_engine();
    }

  private:
    std::mt19937 m_engine; //!< the standard fixes its sequence
};

} // namespace ns3

#endif // NF_MANUAL_CLOCK_H
