/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_QUEUE_H
#define NF_QUEUE_H

#include "nf-hook-chain.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace ns3
{

class NfCounters;

/// A packet that waits for its handler's verdict (Linux: struct nf_queue_entry).
struct NfQueueEntry
{
    uint32_t id{0};                   //!< per queue, from 1
    uint16_t queue{0};                //!< which queue
    std::unique_ptr<NfPacket> packet; //!< the handler may change it until it reinjects
    NfHookState state;                //!< where it was queued
    NfHooks::Position position;       //!< the function that queued it
};

/**
 * @ingroup netfilter
 * The queues of one namespace (Linux: nfnetlink_queue.c, nf_queue.c). A handler binds to a number
 * and is shown each entry; it keeps the id and calls Reinject() at once or at any later time.
 */
class NfQueues
{
  public:
    /// Shown a queued packet; the entry stays in the queue until Reinject(), which ends its life.
    /// The handler may call Reinject(), Bind() and Unbind().
    using Handler = std::function<void(NfQueueEntry&)>;

    /// @param counters gets drop-queue-full, -no-handler, -unbound, -unregistered and -verdict
    explicit NfQueues(NfCounters& counters);
    ~NfQueues();

    /**
     * @param number which queue
     * @param handler who looks at its packets
     * @param maxLength how many packets may wait (Linux: queue_maxlen, default 1024)
     * @param failOpen accept instead of drop when the queue is full (NFQA_CFG_F_FAIL_OPEN)
     * @return false if somebody is bound there already
     */
    bool Bind(uint16_t number, Handler handler, size_t maxLength = 1024, bool failOpen = false);

    /// Waiting packets of that queue are dropped. @param number which queue
    void Unbind(uint16_t number);

    /// @return true if a handler is bound
    bool IsBound(uint16_t number) const;

    /// @return packets that wait in a queue
    size_t GetLength(uint16_t number) const;

    /**
     * Ends the wait of a packet (Linux: nf_reinject()).
     * @param number queue
     * @param id of the entry
     * @param verdict ACCEPT goes on with the next function, then the stack; REPEAT calls the
     * function again, STOP skips the rest, QUEUE moves it to another queue, DROP ends it
     * @return false if no such packet waits
     */
    bool Reinject(uint16_t number, uint32_t id, NfVerdict verdict);

  private:
    friend class NfHooks;

    struct Queue;

    /**
     * @return STOLEN when the packet waits now; ACCEPT or DROP where the queue's state decides
     */
    NfVerdict Enqueue(NfPacket& packet,
                      const NfHookState& state,
                      const NfHooks::Position& position,
                      NfVerdict verdict);
    void DropEntriesOf(NfHookId id);
    void DropWaiting(NfQueueEntry& entry, const char* reason);

    NfCounters& m_counters;                              //!< named drops
    NfHooks* m_hooks{nullptr};                           //!< set by NfHooks
    std::map<uint16_t, std::unique_ptr<Queue>> m_queues; //!< bound queues
};

} // namespace ns3

#endif // NF_QUEUE_H
