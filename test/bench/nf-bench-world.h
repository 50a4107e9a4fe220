/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_BENCH_WORLD_H
#define NF_BENCH_WORLD_H

#include "model/core/hook/nf-stack.h"
#include "model/core/netns/nf-netns.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/**
 * @file
 * What nf-bench-core measures with: a clock that stands where it is put, a router between two
 * networks, and flows whose packets cost little to make.
 */

namespace ns3
{

/// Time that stands where it is put. Timers fire when they are told to.
class NfBenchClock final : public NfClock
{
  public:
    NfTime Now() const override
    {
        return m_now;
    }

    TimerId Schedule(NfTime delay, std::function<void()> callback) override;
    void Cancel(TimerId id) override;

    /// Goes there and fires all that is due on the way, each at its time.
    /// @param onFired called with the wall time that each timer took
    void GoTo(NfTime when, const std::function<void(std::chrono::nanoseconds)>& onFired = {});

    /// Goes there as if nothing had been due on the way: what was, fires with the next GoTo().
    void SkipTo(NfTime when)
    {
        m_now = when;
    }

    /// @return the most timers that ever waited at once
    size_t GetMostPending() const
    {
        return m_mostPending;
    }

  private:
    NfTime m_now{0};
    std::map<std::pair<NfTime, TimerId>, std::function<void()>> m_timers; //!< soonest first
    TimerId m_last{0};
    size_t m_mostPending{0};
};

/// xorshift: the same numbers each run.
class NfBenchRandom final : public NfRandom
{
  public:
    uint32_t Next() override
    {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 17;
        m_state ^= m_state << 5;
        return m_state;
    }

  private:
    uint32_t m_state{2463534242U};
};

/// The bytes of a packet on the stack, as the seam to ns-3 has them.
class NfBenchBuffer final : public NfBuffer
{
  public:
    static constexpr size_t CAPACITY = 64;

    /// @param size bytes in use @return them, to be filled
    uint8_t* Use(size_t size)
    {
        m_size = m_window = size;
        return m_bytes.data();
    }

    void Replace(size_t offset, size_t remove, NfBytes insert) override;
    std::unique_ptr<NfBuffer> Clone() const override;

  private:
    const uint8_t* DoPull(size_t) override
    {
        return m_data;
    }

    uint8_t* DoMakeWritable(size_t) override
    {
        return m_bytes.data();
    }

    std::array<uint8_t, CAPACITY> m_bytes{};

  public:
    NfBenchBuffer()
    {
        m_data = m_bytes.data();
    }
};

/// Addresses and ports (host order) of a packet.
struct NfBenchHeader
{
    NfAddr src;
    NfAddr dst;
    uint16_t sport{0};
    uint16_t dport{0};

    NfBenchHeader Reverse() const
    {
        return {dst, src, dport, sport};
    }
};

/// What a packet's transport header says.
struct NfBenchSegment
{
    uint8_t flags{0}; //!< TCP flag bits
    uint32_t seq{0};
    uint32_t ack{0};
    uint32_t payload{0};
};

/// How far a packet is taken.
enum class NfBenchPath
{
    HARNESS,   //!< made, and that is all
    CONNTRACK, //!< NfConntrack::In() and Confirm()
    HOOKS,     //!< PRE_ROUTING, FORWARD and POST_ROUTING with all that is registered there
};

/// A namespace of a router with two sides, and the packets of flows that cross it.
class NfBenchWorld
{
  public:
    /// @param family of the flows @param tcp TCP, else UDP @param path how far packets are taken
    NfBenchWorld(NfFamily family, bool tcp, NfBenchPath path);

    /// @param target with its options, e.g. "SNAT": sources become the address of the far side
    void Translate(const std::string& target);

    /// The first packet of a flow. @param flow number of it
    void Begin(uint32_t flow);
    /// The rest of what it takes until the flow is established. @param flow begun
    void Establish(uint32_t flow);
    /**
     * One more packet of an established flow. UDP: from its client. TCP: a segment with data and
     * the acknowledgement of it in turns. @param flow established
     */
    void Continue(uint32_t flow);

    /// @param count flows to be expected: TCP keeps a number for each
    void Reserve(uint32_t count)
    {
        m_turns.resize(m_tcp ? count : 0);
    }

    NfConntrack& GetTable()
    {
        return m_netns->GetConntrack();
    }

    NfBenchClock clock;
    NfBenchRandom random;
    uint64_t dropped{0}; //!< packets that did not come through, or not as established

  private:
    NfBenchHeader HeaderOf(uint32_t flow) const;
    /// @return the header of the answers to a flow @param forward of the flow
    NfBenchHeader ReplyOf(const NfBenchHeader& forward) const;
    size_t FillTransport(NfBenchBuffer& buffer,
                         const NfBenchHeader& header,
                         const NfBenchSegment& segment) const;
    void Send(const NfBenchHeader& header, const NfBenchSegment& segment, bool reply);
    bool Take(NfPacket& packet, bool reply);

    const NfFamily m_family;
    const bool m_tcp;
    NfBenchPath m_path;
    bool m_translated{false};
    NfManualStack m_stack;
    NfDevice& m_lan;
    NfDevice& m_wan;
    std::array<std::array<NfHookState, 3>, 2> m_points; //!< hook points passed: forward, reply
    NfAddr m_outside;                                   //!< address of the far side
    std::unique_ptr<NfNetns> m_netns;
    std::vector<uint32_t> m_turns; //!< packets since the handshake, by TCP flow
};

} // namespace ns3

#endif // NF_BENCH_WORLD_H
