/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_VERDICT_H
#define NF_VERDICT_H

#include <cstdint>

namespace ns3
{

/**
 * @ingroup netfilter
 * What a hook function says of a packet (Linux: NF_DROP ... NF_STOP, NF_QUEUE_NR).
 *
 * | code   | meaning | | ------ |
 * --------------------------------------------------------------------------------------- | | DROP
 * | the packet ends here, counted and traced                                                | |
 * ACCEPT | the next function of this hook, behind the last one the stack goes on | | STOLEN | the
 * function took the packet over (MoveToHeap); nobody else may touch it                | | QUEUE  |
 * the packet waits in a queue for a handler; reinjected, it goes on with the next function | |
 * REPEAT | the same function is called again | | STOP   | accepted at once, the rest of this hook's
 * functions do not see it                       |
 */
class NfVerdict
{
  public:
    enum Code : uint8_t
    {
        DROP = 0,
        ACCEPT = 1,
        STOLEN = 2,
        QUEUE = 3,
        REPEAT = 4,
        STOP = 5,
    };

    constexpr NfVerdict(Code code)
        : m_code(code)
    {
    }

    /**
     * @param number which queue
     * @param bypass accept when nobody listens there, instead of dropping
     * @return QUEUE
     */
    static constexpr NfVerdict Queue(uint16_t number, bool bypass = false)
    {
        NfVerdict v(QUEUE);
        v.m_queue = number;
        v.m_bypass = bypass;
        return v;
    }

    constexpr Code GetCode() const
    {
        return m_code;
    }

    constexpr operator Code() const
    {
        return m_code;
    }

    /// @pre QUEUE @return number of the queue
    constexpr uint16_t GetQueue() const
    {
        return m_queue;
    }

    /// @pre QUEUE @return accept when nobody listens
    constexpr bool IsBypass() const
    {
        return m_bypass;
    }

  private:
    Code m_code;          //!< what to do
    bool m_bypass{false}; //!< QUEUE: accept when nobody listens
    uint16_t m_queue{0};  //!< QUEUE: which
};

/// @param code a verdict @return its name, "DROP"
const char* NfVerdictName(NfVerdict::Code code);

} // namespace ns3

#endif // NF_VERDICT_H
