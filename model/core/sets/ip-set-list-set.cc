/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set.h"

#include <algorithm>
#include <list>

namespace ns3
{
namespace
{

constexpr IpSetOption CREATE[] = {
    IpSetOption::SIZE,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::SKBINFO,
    IpSetOption::END,
};

constexpr IpSetOption ADD[] = {
    IpSetOption::TIMEOUT,
    IpSetOption::BEFORE,
    IpSetOption::AFTER,
    IpSetOption::PACKETS,
    IpSetOption::BYTES,
    IpSetOption::ADT_COMMENT,
    IpSetOption::SKBMARK,
    IpSetOption::SKBPRIO,
    IpSetOption::SKBQUEUE,
    IpSetOption::END,
};

constexpr IpSetOption REFERENCE[] = {
    IpSetOption::BEFORE,
    IpSetOption::AFTER,
    IpSetOption::END,
};

constexpr size_t FIXED = 80;        //!< Linux: sizeof(struct list_set)
constexpr size_t ELEMENT_SIZE = 48; //!< Linux: sizeof(struct set_elem)
constexpr uint32_t DEFAULT_SIZE = 8;
constexpr uint32_t MIN_SIZE = 4;

/// Linux: net/netfilter/ipset/ip_set_list_set.c
class ListSet final : public IpSet
{
  public:
    explicit ListSet(const IpSetMake& make)
        : IpSet(make)
    {
        m_options.size = std::max(m_options.size.value_or(DEFAULT_SIZE), MIN_SIZE);
    }

    IpSetMatch ActOnPacket(IpSetAction action, IpSetRequest& request) override
    {
        if (action == IpSetAction::TEST)
        {
            return TestPacket(request);
        }
        for (const Member& member : m_members)
        {
            if (!IsOver(member) && m_sets.Change(member.index, action, request))
            {
                return IpSetMatch::YES;
            }
        }
        return IpSetMatch::YES;
    }

    void Flush() override
    {
        for (Member& member : m_members)
        {
            Drop(member);
        }
        m_members.clear();
    }

    void ReleaseExpired() override
    {
        Sweep();
    }

    IpSetHeader GetHeader() override
    {
        IpSetHeader header;
        header.options = m_options;
        header.memory = FIXED + m_members.size() * GetElementSize(ELEMENT_SIZE, 8) + m_commentBytes;
        header.elements = static_cast<uint32_t>(
            std::count_if(m_members.begin(), m_members.end(), [this](const Member& member) {
                return !IsOver(member);
            }));
        return header;
    }

    void List(const std::function<void(const IpSetEntry&)>& visit) override
    {
        for (const Member& member : m_members)
        {
            if (IsOver(member))
            {
                continue;
            }
            IpSetEntry entry;
            entry.name = m_sets.Get(member.index)->GetName();
            ListExtension(member.extension, entry);
            visit(entry);
        }
    }

    bool IsSame(const IpSet& o) const override
    {
        const IpSetOptions& a = m_options;
        const IpSetOptions& b = o.GetOptions();
        return a.size == b.size && a.timeout == b.timeout && a.counters == b.counters &&
               a.comment == b.comment && a.skbInfo == b.skbInfo;
    }

  private:
    struct Member
    {
        uint16_t index{0};
        Extension extension;
    };

    using Members = std::list<Member>;

    bool IsOver(const Member& member) const
    {
        return m_options.timeout && IsExpired(member.extension);
    }

    void Drop(Member& member)
    {
        ClearComment(member.extension);
        m_sets.Release(member.index);
    }

    /// Linux: list_set_ktest()
    IpSetMatch TestPacket(IpSetRequest& request)
    {
        const IpSetCounterMatch packets = request.packets;
        const IpSetCounterMatch bytes = request.bytes;
        const bool skip = request.skipCounters;
        IpSetMatch result = IpSetMatch::NO;
        for (Member& member : m_members)
        {
            // Conditions are for the counters of the list, not for those of its members.
            request.packets = request.bytes = {};
            request.skipCounters = skip || request.skipSubCounters;
            const bool found = !IsOver(member) && m_sets.Test(member.index, request);
            request.packets = packets;
            request.bytes = bytes;
            request.skipCounters = skip;
            if (found && MatchExtension(member.extension, &request))
            {
                result = IpSetMatch::YES;
                break;
            }
        }
        return result;
    }

    Members::iterator Find(uint16_t index)
    {
        return std::find_if(m_members.begin(), m_members.end(), [index](const Member& member) {
            return member.index == index;
        });
    }

    void Sweep()
    {
        for (auto member = m_members.begin(); member != m_members.end();)
        {
            const bool over = IsOver(*member);
            if (over)
            {
                Drop(*member);
            }
            member = over ? m_members.erase(member) : std::next(member);
        }
    }

    int DoAct(IpSetAction action,
              const IpSetEntry& entry,
              const Values& values,
              bool exist) override
    {
        const auto index = m_sets.FindIndex(entry.name);
        if (!index)
        {
            return IPSET_ERR_NAME;
        }
        if (m_sets.Get(*index)->GetType().features & IPSET_TYPE_NAME)
        {
            return IPSET_ERR_LOOP;
        }
        if (entry.before && entry.nameRef.empty())
        {
            return IPSET_ERR_BEFORE;
        }
        const bool refers = !entry.nameRef.empty();
        const auto reference = refers ? m_sets.FindIndex(entry.nameRef) : std::nullopt;
        if (refers && !reference)
        {
            return IPSET_ERR_NAMEREF;
        }
        Sweep();
        const auto place = reference ? Find(*reference) : m_members.end();
        const int error = DoActOn(action, *index, entry, place, values, exist);
        return error == IPSET_ERR_EXIST && exist && action != IpSetAction::TEST ? 0 : error;
    }

    int DoActOn(IpSetAction action,
                uint16_t index,
                const IpSetEntry& entry,
                Members::iterator place,
                const Values& values,
                bool exist)
    {
        const auto member = Find(index);
        const bool refers = !entry.nameRef.empty();
        if (action == IpSetAction::ADD)
        {
            return refers && place == m_members.end()
                       ? IPSET_ERR_REF_EXIST
                       : Add(index, member, place, entry.before, values, exist);
        }
        const bool beside =
            !refers || (member != m_members.end() && IsBeside(member, place, entry.before));
        if (action == IpSetAction::TEST)
        {
            return member != m_members.end() && beside ? 0 : IPSET_ERR_EXIST;
        }
        if (member == m_members.end() || !beside)
        {
            return refers ? IPSET_ERR_REF_EXIST : IPSET_ERR_EXIST;
        }
        Drop(*member);
        m_members.erase(member);
        return 0;
    }

    bool IsBeside(Members::iterator member, Members::iterator place, bool before)
    {
        if (place == m_members.end())
        {
            return false;
        }
        return before ? std::next(member) == place : std::next(place) == member;
    }

    int Add(uint16_t index,
            Members::iterator member,
            Members::iterator place,
            bool before,
            const Values& values,
            bool exist)
    {
        if (member != m_members.end() && !exist)
        {
            return IPSET_ERR_EXIST;
        }
        if (member == m_members.end())
        {
            const bool behind = place != m_members.end() && !before;
            member = m_members.insert(behind ? std::next(place) : place, Member{});
            member->index = index;
            m_sets.Hold(index);
        }
        SetExtension(member->extension, values);
        member->extension.expires = GetExpiry(values.timeout);
        return 0;
    }

    Members m_members; //!< in order
};

} // namespace

extern const IpSetType IP_SET_LIST_SET;
const IpSetType IP_SET_LIST_SET{
    .name = "list:set",
    .alias = "setlist",
    .revision = 3,
    .family = NfFamily::UNSPEC,
    .features = IPSET_TYPE_NAME,
    .parts = {IpSetPart::NAME},
    .create = CREATE,
    .add = ADD,
    .del = REFERENCE,
    .test = REFERENCE,
    .syntax = {"",
               "NAME [before|after NAME]",
               "NAME [before|after NAME]",
               "NAME [before|after NAME]"},
    .usage = "where NAME are existing set names.\n",
    .revisions = "skbinfo support\n"
                 "comment support\n"
                 "counters support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) -> NfResult<std::unique_ptr<IpSet>> {
        return std::unique_ptr<IpSet>(std::make_unique<ListSet>(make));
    },
};

} // namespace ns3
