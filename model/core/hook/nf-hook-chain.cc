/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-hook-chain.h"

#include "../packet/nf-counter.h"
#include "nf-queue.h"

#include <algorithm>
#include <utility>

namespace ns3
{

namespace
{

constexpr unsigned REPEAT_LIMIT = 65536;

/// The points a registration stands for: INET is both IP families, INET ingress is NETDEV's.
std::vector<NfFamily>
FamiliesOf(const NfHookOps& ops)
{
    if (ops.family != NfFamily::INET)
    {
        return {ops.family};
    }
    if (ops.hook == NfHook::INGRESS)
    {
        return {NfFamily::NETDEV};
    }
    return {NfFamily::IPV4, NfFamily::IPV6};
}

} // namespace

/// A function in a list. Lists are shared between a walk and its successors, so it outlives its
/// registration while a walk is under way.
struct NfHooks::Registered
{
    NfHookOps ops;
    NfHookId id{0};
    uint64_t* drops{nullptr}; //!< named counter, fetched by the first drop

    bool operator<(const Registered& o) const
    {
        return ops.priority != o.ops.priority ? ops.priority < o.ops.priority : id > o.id;
    }
};

NfHooks::NfHooks(NfQueues& queues)
    : m_queues(queues)
{
    m_queues.m_hooks = this;
}

NfHooks::~NfHooks()
{
    m_queues.m_hooks = nullptr;
}

NfHookId
NfHooks::Register(NfHookOps ops)
{
    auto added = std::make_shared<Registered>();
    added->ops = std::move(ops);
    added->id = m_nextId++;
    const size_t hook = static_cast<size_t>(added->ops.hook);
    for (NfFamily family : FamiliesOf(added->ops))
    {
        const auto& now = m_points[Slot(family)][hook];
        Functions functions = now ? *now : Functions{};
        const auto at = std::find_if(functions.begin(), functions.end(), [&](const auto& f) {
            return *added < *f;
        });
        functions.insert(at, added);
        Replace(Slot(family), hook, std::move(functions));
    }
    return added->id;
}

std::vector<NfHookId>
NfHooks::Register(std::vector<NfHookOps> ops)
{
    std::vector<NfHookId> ids;
    ids.reserve(ops.size());
    for (NfHookOps& each : ops)
    {
        ids.push_back(Register(std::move(each)));
    }
    return ids;
}

void
NfHooks::Unregister(NfHookId id)
{
    for (size_t slot = 0; slot < SLOTS; ++slot)
    {
        for (size_t hook = 0; hook < NF_HOOK_COUNT; ++hook)
        {
            const auto isIt = [id](const auto& f) { return f->id == id; };
            const auto& now = m_points[slot][hook];
            if (now && std::any_of(now->begin(), now->end(), isIt))
            {
                Functions functions = *now;
                std::erase_if(functions, isIt);
                Replace(slot, hook, std::move(functions));
            }
        }
    }
    m_queues.DropEntriesOf(id);
}

void
NfHooks::Replace(size_t slot, size_t hook, Functions functions)
{
    auto& point = m_points[slot][hook];
    if (m_walks != 0 && point)
    {
        m_retired.push_back(std::move(point));
    }
    const uint32_t bit = 1U << hook;
    m_mask[slot] = functions.empty() ? m_mask[slot] & ~bit : m_mask[slot] | bit;
    point = functions.empty() ? nullptr : std::make_shared<const Functions>(std::move(functions));
}

NfVerdict
NfHooks::Run(NfPacket& packet, const NfHookState& state)
{
    const Functions* functions =
        m_points[Slot(state.family)][static_cast<size_t>(state.hook)].get();
    return functions ? Walk(packet, state, *functions, 0) : NfVerdict(NfVerdict::ACCEPT);
}

NfVerdict
NfHooks::Resume(NfPacket& packet, const NfHookState& state, const Position& after)
{
    const Functions* functions =
        m_points[Slot(state.family)][static_cast<size_t>(state.hook)].get();
    if (!functions)
    {
        return NfVerdict::ACCEPT;
    }
    Registered position;
    position.ops.priority = after.priority;
    position.id = after.id;
    size_t i = 0;
    while (i < functions->size() && *(*functions)[i] < position)
    {
        ++i;
    }
    const bool found = i < functions->size() && (*functions)[i]->id == after.id;
    return Walk(packet, state, *functions, found && !after.again ? i + 1 : i);
}

// Every packet comes through here several times: the accepted path touches nothing but the list.
NfVerdict
NfHooks::Walk(NfPacket& packet, const NfHookState& state, const Functions& functions, size_t i)
{
    ++m_walks;
    packet.dropReason = nullptr;
    packet.dropRule = nullptr;
    NfVerdict final = NfVerdict::ACCEPT;
    const std::string* decider = nullptr;
    unsigned repeats = 0;
    for (const size_t size = functions.size(); i < size;)
    {
        Registered& function = *functions[i];
        if (state.family == NfFamily::NETDEV && function.ops.device &&
            function.ops.device != (state.hook == NfHook::INGRESS ? state.in : state.out))
        {
            ++i;
            continue;
        }
        NfVerdict verdict = function.ops.function(packet, state);
        if (verdict != NfVerdict::ACCEPT)
        {
            if (verdict == NfVerdict::REPEAT && ++repeats < REPEAT_LIMIT)
            {
                continue;
            }
            verdict = Decide(packet, state, function, verdict);
        }
        if (verdict != NfVerdict::ACCEPT)
        {
            decider = &function.ops.name;
            final = verdict;
            break;
        }
        ++i;
    }
    if (m_observer)
    {
        Report(packet, state, final, decider ? *decider : std::string());
    }
    if (--m_walks == 0 && !m_retired.empty())
    {
        std::exchange(m_retired, {}).clear();
    }
    switch (final)
    {
    case NfVerdict::STOP:
        return NfVerdict::ACCEPT;
    case NfVerdict::QUEUE:
        return NfVerdict::STOLEN;
    default:
        return final;
    }
}

/// What a verdict other than ACCEPT comes to; ACCEPT: go on with the next function.
NfVerdict
NfHooks::Decide(NfPacket& packet, const NfHookState& state, Registered& function, NfVerdict verdict)
{
    switch (verdict)
    {
    case NfVerdict::STOLEN:
    case NfVerdict::STOP:
        return verdict;
    case NfVerdict::QUEUE: {
        const Position position{function.ops.priority, function.id, false};
        const NfVerdict outcome = m_queues.Enqueue(packet, state, position, verdict);
        return outcome == NfVerdict::STOLEN ? verdict : outcome;
    }
    case NfVerdict::REPEAT:
        packet.dropReason = "drop-hook-repeat";
        ++m_queues.m_counters.Get(packet.dropReason);
        return NfVerdict::DROP;
    default:
        return CountDrop(packet, function);
    }
}

NfVerdict
NfHooks::CountDrop(NfPacket&, Registered& function)
{
    if (!function.drops)
    {
        std::string name = "drop-hook-" + function.ops.name;
        std::replace(name.begin(), name.end(), ' ', '-');
        function.drops = &m_queues.m_counters.Get(name);
    }
    ++*function.drops;
    return NfVerdict::DROP;
}

void
NfHooks::Report(const NfPacket& packet,
                const NfHookState& state,
                NfVerdict verdict,
                const std::string& function)
{
    if (m_observer)
    {
        m_observer->OnVerdict(packet, state, verdict, function);
    }
}

std::vector<NfHooks::Entry>
NfHooks::List(NfFamily family, NfHook hook) const
{
    std::vector<Entry> entries;
    if (const auto& functions = m_points[Slot(family)][static_cast<size_t>(hook)])
    {
        for (const auto& f : *functions)
        {
            entries.push_back({f->ops.priority, f->id, f->ops.name});
        }
    }
    return entries;
}

} // namespace ns3
