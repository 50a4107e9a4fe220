/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_CLOCK_H
#define NETFILTER_CLOCK_H

#include "ns3/event-id.h"
#include "ns3/nf-clock.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"

#include <unordered_map>

namespace ns3
{

/**
 * @ingroup netfilter
 * Simulated time for the core; its timers are events of the simulator.
 */
class NetfilterClock final : public NfClock
{
  public:
    ~NetfilterClock() override;

    NfTime Now() const override;
    TimerId Schedule(NfTime delay, std::function<void()> callback) override;
    void Cancel(TimerId id) override;
    NfTime GetEpoch() const override;

    /// @param epoch wall-clock time since 1970-01-01 UTC that the start of the simulation stands
    /// for
    void SetEpoch(Time epoch);
    /// @return what SetEpoch() got
    Time GetEpochTime() const;
    /// Cancels every timer.
    void Clear();

  private:
    void Fire(TimerId id, const std::function<void()>& callback);

    std::unordered_map<TimerId, EventId> m_events; //!< pending timers
    TimerId m_next{1};                             //!< id of the next timer
    NfTime m_epoch{0};                             //!< see GetEpoch()
};

/**
 * @ingroup netfilter
 * Random numbers for the core, drawn from an ns-3 random stream.
 */
class NetfilterRandom final : public NfRandom
{
  public:
    NetfilterRandom();
    ~NetfilterRandom() override;

    uint32_t Next() override;
    /// @param stream number of the stream
    void SetStream(int64_t stream);

  private:
    Ptr<UniformRandomVariable> m_uniform; //!< on [0, 1)
};

} // namespace ns3

#endif // NETFILTER_CLOCK_H
