/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CLOCK_H
#define NF_CLOCK_H

#include <chrono>
#include <cstdint>
#include <functional>

namespace ns3
{

/// Simulated time since the start of the run, and durations. Signed 64-bit nanoseconds.
using NfTime = std::chrono::nanoseconds;

/**
 * @ingroup netfilter
 * Where the core gets time and timers from. The sim half implements it on ns3::Simulator, tests on
 * a number they advance by hand.
 */
class NfClock
{
  public:
    /// Names a pending timer; 0 is none.
    using TimerId = uint64_t;

    virtual ~NfClock() = default;

    /// @return time since the start of the run
    virtual NfTime Now() const = 0;

    /**
     * @param delay from now, not negative
     * @param callback called once when the delay is over
     * @return an id for Cancel(), never 0
     */
    virtual TimerId Schedule(NfTime delay, std::function<void()> callback) = 0;

    /// @param id a timer; one that already fired, or 0, is ignored
    virtual void Cancel(TimerId id) = 0;

    /**
     * @return wall-clock time (since 1970-01-01 UTC) that Now() == 0 stands for; matters to -m
     * time, conntrack timestamps and nothing else
     */
    virtual NfTime GetEpoch() const
    {
        return NfTime{0};
    }
};

/**
 * @ingroup netfilter
 * Where the core gets random numbers from (Linux: get_random_u32). Same seed, same packets, same
 * bytes.
 */
class NfRandom
{
  public:
    virtual ~NfRandom() = default;

    /// @return 32 uniformly distributed bits
    virtual uint32_t Next() = 0;

    /// @param bound more than 0 @return uniform in [0, bound) (Linux: reciprocal_scale)
    uint32_t Below(uint32_t bound)
    {
        return static_cast<uint32_t>(uint64_t{Next()} * bound >> 32);
    }
};

} // namespace ns3

#endif // NF_CLOCK_H
