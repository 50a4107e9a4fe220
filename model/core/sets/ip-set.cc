/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set.h"

#include <algorithm>
#include <cerrno>

namespace ns3
{
namespace
{

constexpr uint64_t HZ = 250;                        //!< ticks per second of the reference kernel
constexpr size_t MAX_SETS = 65534;                  //!< Linux: IPSET_INVALID_ID - 1
constexpr uint32_t SWEEP_SECONDS = 180;             //!< Linux: IPSET_GC_TIME
constexpr size_t COMMENT_HEADER = 16;               //!< Linux: sizeof(struct ip_set_comment_rcu)
constexpr uint32_t MAX_TIMEOUT = UINT32_MAX / 1000; //!< seconds

} // namespace

bool
IpSetCounterMatch::Holds(uint64_t counter) const
{
    switch (op)
    {
    case IpSetCompare::EQ:
        return counter == value;
    case IpSetCompare::NE:
        return counter != value;
    case IpSetCompare::LT:
        return counter < value;
    case IpSetCompare::GT:
        return counter > value;
    default:
        return true;
    }
}

uint8_t
IpSetType::GetDimension() const
{
    const auto end = std::find(std::begin(parts), std::end(parts), IpSetPart::NONE);
    return static_cast<uint8_t>(end - std::begin(parts));
}

IpSet::IpSet(const IpSetMake& make)
    : m_sets(make.sets),
      m_type(make.type),
      m_options(make.options)
{
    if (m_options.timeout)
    {
        m_options.timeout = std::min(*m_options.timeout, MAX_TIMEOUT);
    }
}

uint64_t
IpSet::GetTicks() const
{
    // Never 0, which stands for "never" in timeouts.
    return 1 + static_cast<uint64_t>(m_sets.GetClock().Now().count()) / (1000000000U / HZ);
}

uint64_t
IpSet::GetExpiry(uint32_t seconds) const
{
    return seconds == 0 ? 0 : GetTicks() + seconds * HZ;
}

int
IpSet::Check(const IpSetEntry& entry, Values& values) const
{
    values.timeout = m_options.timeout.value_or(0);
    if (entry.timeout)
    {
        if (!m_options.timeout)
        {
            return IPSET_ERR_TIMEOUT;
        }
        values.timeout = std::min(*entry.timeout, MAX_TIMEOUT);
    }
    if ((entry.packets || entry.bytes) && !m_options.counters)
    {
        return IPSET_ERR_COUNTER;
    }
    values.packets = entry.packets;
    values.bytes = entry.bytes;
    if (entry.comment)
    {
        if (!m_options.comment)
        {
            return IPSET_ERR_COMMENT;
        }
        values.comment = *entry.comment;
    }
    if (entry.skbInfo)
    {
        if (!m_options.skbInfo)
        {
            return IPSET_ERR_SKBINFO;
        }
        values.skbInfo = *entry.skbInfo;
    }
    return 0;
}

int
IpSet::Act(IpSetAction action, const IpSetEntry& entry, bool exist)
{
    Values values;
    const int error = Check(entry, values);
    return error ? error : DoAct(action, entry, values, exist);
}

IpSet::Values
IpSet::PacketValues(const IpSetRequest& request) const
{
    Values values;
    values.timeout = request.timeout.value_or(m_options.timeout.value_or(0));
    values.packets = 1;
    values.bytes = request.packet.GetLength();
    return values;
}

void
IpSet::ClearComment(Extension& extension)
{
    if (extension.comment)
    {
        m_commentBytes -= COMMENT_HEADER + extension.comment->size() + 1;
        extension.comment.reset();
    }
}

void
IpSet::SetExtension(Extension& extension, const Values& values)
{
    if (m_options.counters)
    {
        extension.bytes = values.bytes.value_or(extension.bytes);
        extension.packets = values.packets.value_or(extension.packets);
    }
    if (m_options.comment)
    {
        ClearComment(extension);
        if (!values.comment.empty())
        {
            extension.comment = std::make_unique<std::string>(values.comment);
            m_commentBytes += COMMENT_HEADER + values.comment.size() + 1;
        }
    }
    if (m_options.skbInfo)
    {
        extension.skbInfo = values.skbInfo;
    }
}

bool
IpSet::MatchExtension(Extension& extension, IpSetRequest* request) const
{
    if (IsExpired(extension))
    {
        return false;
    }
    if (!request)
    {
        return true;
    }
    if (m_options.counters)
    {
        if (!request->skipCounters)
        {
            extension.bytes += request->packet.GetLength();
            extension.packets++;
        }
        if (!request->packets.Holds(extension.packets) || !request->bytes.Holds(extension.bytes))
        {
            return false;
        }
    }
    if (m_options.skbInfo)
    {
        request->skbInfo = extension.skbInfo;
    }
    return true;
}

void
IpSet::ListExtension(const Extension& extension, IpSetEntry& entry, bool active) const
{
    if (m_options.timeout)
    {
        // 0 means for ever, so the last second is shown as 1.
        const uint64_t left = active && extension.expires ? extension.expires - GetTicks() : 0;
        const auto running = static_cast<uint32_t>(std::max<uint64_t>(left / HZ, 1));
        const auto stored = static_cast<uint32_t>(extension.expires);
        entry.timeout = !active ? stored : extension.expires ? running : 0;
    }
    if (m_options.counters)
    {
        entry.packets = extension.packets;
        entry.bytes = extension.bytes;
    }
    if (extension.comment)
    {
        entry.comment = *extension.comment;
    }
    if (m_options.skbInfo)
    {
        entry.skbInfo = extension.skbInfo;
    }
}

size_t
IpSet::GetElementSize(size_t size, size_t align) const
{
    const auto add = [&](bool has, size_t bytes, size_t alignment) {
        if (has)
        {
            align = std::max(align, alignment);
            size = (size + alignment - 1) / alignment * alignment + bytes;
        }
    };
    add(m_options.counters, 16, 8);
    add(m_options.timeout.has_value(), 8, 8);
    add(m_options.skbInfo, 16, 4);
    add(m_options.comment, 8, 8);
    return (size + align - 1) / align * align;
}

bool
IpSet::IsSweepDue()
{
    if (!m_options.timeout || GetTicks() < m_nextSweep)
    {
        return false;
    }
    const uint32_t period = std::clamp(*m_options.timeout / 3, 1U, SWEEP_SECONDS);
    m_nextSweep = GetTicks() + period * HZ;
    return true;
}

IpSets::IpSets(NfClock& clock, NfRandom& random)
    : m_clock(clock),
      m_random(random)
{
}

IpSets::~IpSets()
{
    // Lists give back their members.
    for (IpSet* set : GetAll())
    {
        set->Flush();
    }
}

int
IpSets::Create(std::string name, const IpSetType& type, const IpSetOptions& options, bool exist)
{
    auto made = type.make(IpSetMake{*this, type, options});
    if (!made)
    {
        return made.Error().status;
    }
    std::unique_ptr<IpSet> set = std::move(*made);
    if (const IpSet* clash = Find(name))
    {
        const bool same = &clash->GetType() == &type && clash->GetFamily() == set->GetFamily() &&
                          set->IsSame(*clash);
        return exist && same ? 0 : EEXIST;
    }
    const auto free = std::find(m_sets.begin(), m_sets.end(), nullptr);
    const auto index = static_cast<uint16_t>(free - m_sets.begin());
    if (index >= MAX_SETS)
    {
        return ENOMEM;
    }
    if (free == m_sets.end())
    {
        m_sets.emplace_back();
    }
    set->m_name = name;
    m_sets[index] = std::move(set);
    m_indices[std::move(name)] = index;
    return 0;
}

void
IpSets::ReleaseExpired()
{
    for (const auto& set : m_sets)
    {
        if (set)
        {
            set->ReleaseExpired();
        }
    }
}

int
IpSets::Destroy(std::string_view name)
{
    ReleaseExpired();
    const auto found = m_indices.find(name);
    if (found == m_indices.end())
    {
        return ENOENT;
    }
    std::unique_ptr<IpSet>& set = m_sets[found->second];
    if (set->m_references)
    {
        return IPSET_ERR_BUSY;
    }
    set->Flush();
    set.reset();
    m_indices.erase(found);
    return 0;
}

int
IpSets::DestroyAll()
{
    ReleaseExpired();
    for (const auto& [name, index] : m_indices)
    {
        if (m_sets[index]->m_references)
        {
            return IPSET_ERR_BUSY;
        }
    }
    m_indices.clear();
    m_sets.clear();
    return 0;
}

int
IpSets::Flush(std::string_view name)
{
    IpSet* set = Find(name);
    if (!set)
    {
        return ENOENT;
    }
    set->Flush();
    return 0;
}

void
IpSets::FlushAll()
{
    for (IpSet* set : GetAll())
    {
        set->Flush();
    }
}

int
IpSets::Rename(std::string_view from, std::string to)
{
    ReleaseExpired();
    const auto found = m_indices.find(from);
    if (found == m_indices.end())
    {
        return ENOENT;
    }
    const uint16_t index = found->second;
    if (m_sets[index]->m_references)
    {
        return IPSET_ERR_REFERENCED;
    }
    if (m_indices.count(to))
    {
        return IPSET_ERR_EXIST_SETNAME2;
    }
    m_indices.erase(found);
    m_sets[index]->m_name = to;
    m_indices[std::move(to)] = index;
    return 0;
}

int
IpSets::Swap(std::string_view from, std::string_view to)
{
    const auto a = m_indices.find(from);
    const auto b = m_indices.find(to);
    if (a == m_indices.end() || b == m_indices.end())
    {
        return a == m_indices.end() ? ENOENT : IPSET_ERR_EXIST_SETNAME2;
    }
    std::unique_ptr<IpSet>& one = m_sets[a->second];
    std::unique_ptr<IpSet>& two = m_sets[b->second];
    if (one->m_type.features != two->m_type.features || one->GetFamily() != two->GetFamily())
    {
        return IPSET_ERR_TYPE_MISMATCH;
    }
    // Names and users stay with the index.
    std::swap(one->m_name, two->m_name);
    std::swap(one->m_references, two->m_references);
    std::swap(one, two);
    return 0;
}

IpSet*
IpSets::Find(std::string_view name) const
{
    const auto found = m_indices.find(name);
    return found == m_indices.end() ? nullptr : m_sets[found->second].get();
}

std::optional<uint16_t>
IpSets::FindIndex(std::string_view name) const
{
    const auto found = m_indices.find(name);
    return found == m_indices.end() ? std::nullopt : std::optional<uint16_t>(found->second);
}

IpSet*
IpSets::Get(uint16_t index) const
{
    return index < m_sets.size() ? m_sets[index].get() : nullptr;
}

void
IpSets::Hold(uint16_t index)
{
    m_sets[index]->m_references++;
}

void
IpSets::Release(uint16_t index)
{
    m_sets[index]->m_references--;
}

std::vector<IpSet*>
IpSets::GetAll() const
{
    std::vector<IpSet*> all;
    for (const auto& set : m_sets)
    {
        if (set)
        {
            all.push_back(set.get());
        }
    }
    std::stable_partition(all.begin(), all.end(), [](const IpSet* set) {
        return !(set->GetType().features & IPSET_TYPE_NAME);
    });
    return all;
}

bool
IpSets::Test(uint16_t index, IpSetRequest& request) const
{
    IpSet* set = Get(index);
    if (!set || request.dimension < set->m_type.GetDimension() ||
        (set->GetFamily() != NfFamily::UNSPEC && set->GetFamily() != request.family))
    {
        return false;
    }
    switch (set->ActOnPacket(IpSetAction::TEST, request))
    {
    case IpSetMatch::COMPLETE:
        set->ActOnPacket(IpSetAction::ADD, request);
        return true;
    case IpSetMatch::YES:
        return !(request.returnNomatch && (set->m_type.features & IPSET_TYPE_NOMATCH));
    case IpSetMatch::NOMATCH:
        return request.returnNomatch && (set->m_type.features & IPSET_TYPE_NOMATCH);
    default:
        return false;
    }
}

bool
IpSets::Change(uint16_t index, IpSetAction action, IpSetRequest& request) const
{
    IpSet* set = Get(index);
    return set && request.dimension >= set->m_type.GetDimension() &&
           (set->GetFamily() == NfFamily::UNSPEC || set->GetFamily() == request.family) &&
           set->ActOnPacket(action, request) == IpSetMatch::YES;
}

} // namespace ns3
