/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-queue.h"

#include "../packet/nf-counter.h"

#include <utility>
#include <vector>

namespace ns3
{

/// A bound queue. Its handler is shared so that it may unbind itself while it runs.
struct NfQueues::Queue
{
    std::shared_ptr<const Handler> handler;
    size_t maxLength{0};
    bool failOpen{false};
    uint32_t lastId{0};
    std::map<uint32_t, NfQueueEntry> entries; //!< by id, so in order of arrival
};

NfQueues::NfQueues(NfCounters& counters)
    : m_counters(counters)
{
}

NfQueues::~NfQueues() = default;

bool
NfQueues::Bind(uint16_t number, Handler handler, size_t maxLength, bool failOpen)
{
    auto& queue = m_queues[number];
    if (queue)
    {
        return false;
    }
    queue = std::make_unique<Queue>();
    queue->handler = std::make_shared<const Handler>(std::move(handler));
    queue->maxLength = maxLength;
    queue->failOpen = failOpen;
    return true;
}

void
NfQueues::Unbind(uint16_t number)
{
    const auto found = m_queues.find(number);
    if (found == m_queues.end())
    {
        return;
    }
    const std::unique_ptr<Queue> queue = std::move(found->second);
    m_queues.erase(found);
    for (auto& [id, entry] : queue->entries)
    {
        DropWaiting(entry, "drop-queue-unbound");
    }
}

bool
NfQueues::IsBound(uint16_t number) const
{
    return m_queues.count(number) != 0;
}

size_t
NfQueues::GetLength(uint16_t number) const
{
    const auto found = m_queues.find(number);
    return found == m_queues.end() ? 0 : found->second->entries.size();
}

NfVerdict
NfQueues::Enqueue(NfPacket& packet,
                  const NfHookState& state,
                  const NfHooks::Position& position,
                  NfVerdict verdict)
{
    const auto drop = [&](const char* reason) {
        packet.dropReason = reason;
        ++m_counters.Get(reason);
        return NfVerdict(NfVerdict::DROP);
    };
    const auto found = m_queues.find(verdict.GetQueue());
    if (found == m_queues.end())
    {
        return verdict.IsBypass() ? NfVerdict(NfVerdict::ACCEPT) : drop("drop-queue-no-handler");
    }
    Queue& queue = *found->second;
    if (queue.entries.size() >= queue.maxLength)
    {
        return queue.failOpen ? NfVerdict(NfVerdict::ACCEPT) : drop("drop-queue-full");
    }
    const uint32_t id = ++queue.lastId;
    NfQueueEntry& entry = queue.entries[id];
    entry = {id, verdict.GetQueue(), packet.MoveToHeap(), state, position};
    const std::shared_ptr<const Handler> handler = queue.handler;
    if (*handler)
    {
        (*handler)(entry);
    }
    return NfVerdict::STOLEN;
}

bool
NfQueues::Reinject(uint16_t number, uint32_t id, NfVerdict verdict)
{
    const auto queue = m_queues.find(number);
    if (queue == m_queues.end() || !m_hooks)
    {
        return false;
    }
    auto node = queue->second->entries.extract(id);
    if (node.empty())
    {
        return false;
    }
    NfQueueEntry entry = std::move(node.mapped());
    if (verdict == NfVerdict::DROP)
    {
        DropWaiting(entry, "drop-queue-verdict");
    }
    else if (verdict == NfVerdict::QUEUE)
    {
        verdict = Enqueue(*entry.packet, entry.state, entry.position, verdict);
        if (verdict == NfVerdict::DROP)
        {
            m_hooks->Report(*entry.packet, entry.state, verdict, "queue");
        }
    }
    if (verdict == NfVerdict::ACCEPT || verdict == NfVerdict::REPEAT)
    {
        entry.position.again = verdict == NfVerdict::REPEAT;
        verdict = m_hooks->Resume(*entry.packet, entry.state, entry.position);
    }
    if (verdict == NfVerdict::ACCEPT || verdict == NfVerdict::STOP)
    {
        NfPacket& packet = *entry.packet;
        packet.Okfn(std::move(entry.packet), static_cast<uint8_t>(entry.state.hook));
    }
    return true;
}

void
NfQueues::DropEntriesOf(NfHookId id)
{
    std::vector<NfQueueEntry> dropped; // the observer may change the queues
    for (auto& [number, queue] : m_queues)
    {
        for (auto at = queue->entries.begin(); at != queue->entries.end();)
        {
            const auto next = std::next(at);
            if (at->second.position.id == id)
            {
                dropped.push_back(std::move(queue->entries.extract(at).mapped()));
            }
            at = next;
        }
    }
    for (NfQueueEntry& entry : dropped)
    {
        DropWaiting(entry, "drop-queue-unregistered");
    }
}

void
NfQueues::DropWaiting(NfQueueEntry& entry, const char* reason)
{
    entry.packet->dropReason = reason;
    ++m_counters.Get(reason);
    if (m_hooks)
    {
        m_hooks->Report(*entry.packet, entry.state, NfVerdict::DROP, "queue");
    }
    entry.packet.reset();
}

} // namespace ns3
