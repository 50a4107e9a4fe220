/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <cerrno>
#include <fmt/format.h>
#include <list>
#include <map>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SET,
    RCHECK,
    UPDATE,
    REMOVE,
    SECONDS,
    REAP,
    HITCOUNT,
    RTTL,
    NAME,
    RSOURCE,
    RDEST,
    MASK,
    COMMANDS = (1 << SET | 1 << RCHECK | 1 << UPDATE | 1 << REMOVE),
};

constexpr XtOption OPTIONS[] = {
    {.name = "set", .id = SET, .flags = XT_INVERT, .excludes = COMMANDS},
    {.name = "rcheck", .id = RCHECK, .flags = XT_INVERT, .excludes = COMMANDS},
    {.name = "update", .id = UPDATE, .flags = XT_INVERT, .excludes = COMMANDS},
    {.name = "remove", .id = REMOVE, .flags = XT_INVERT, .excludes = COMMANDS},
    {.name = "seconds", .type = XtType::U32, .id = SECONDS, .min = 1},
    {.name = "reap", .id = REAP, .needs = 1U << SECONDS},
    {.name = "hitcount", .type = XtType::U32, .id = HITCOUNT},
    {.name = "rttl", .id = RTTL, .excludes = 1U << SET | 1U << REMOVE},
    {.name = "name", .type = XtType::STRING, .id = NAME},
    {.name = "rsource", .id = RSOURCE},
    {.name = "rdest", .id = RDEST},
    {.name = "mask", .type = XtType::HOST, .id = MASK},
};

constexpr size_t MAX_ENTRIES = 100; //!< module parameter ip_list_tot
constexpr size_t MAX_NAME = 199;
constexpr uint32_t MAX_STAMPS = 65536; //!< hit counts must be smaller
constexpr uint32_t DEFAULT_STAMPS_MASK = 255;

struct Entry
{
    NfFamily family;
    NfAddr addr;
    uint8_t ttl;
    uint32_t index{0};            //!< where the next stamp goes
    std::vector<uint64_t> stamps; //!< ring of ticks
};

/// A list of addresses; rules share it by name (Linux: struct recent_table).
struct List
{
    uint32_t users{0};
    NfAddr mask;
    uint32_t stampsMask{0};
    std::list<Entry> entries; //!< least recently seen first

    void Touch(std::list<Entry>::iterator entry, uint64_t now)
    {
        entry->index &= stampsMask;
        if (entry->index >= entry->stamps.size())
        {
            entry->stamps.resize(entry->index + 1);
        }
        entry->stamps[entry->index++] = now;
        entries.splice(entries.end(), entries, entry);
    }
};

struct Lists
{
    std::map<std::string, List> byName;
};

std::string
ShowList(const Lists& lists, const std::string& name)
{
    std::string text;
    const auto found = lists.byName.find(name);
    if (found == lists.byName.end())
    {
        return text;
    }
    for (const Entry& entry : found->second.entries)
    {
        const uint32_t last = (entry.index - 1) & found->second.stampsMask;
        text += fmt::format("src={} ttl: {} last_seen: {} oldest_pkt: {}",
                            entry.family == NfFamily::IPV6 ? entry.addr.ToFullString()
                                                           : entry.addr.ToString(entry.family),
                            entry.ttl,
                            entry.stamps[last],
                            entry.index);
        for (size_t i = 0; i < entry.stamps.size(); i++)
        {
            text += fmt::format("{} {}", i ? "," : "", entry.stamps[i]);
        }
        text += '\n';
    }
    return text;
}

/// -m recent (Linux: net/netfilter/xt_recent.c; iptables: libxt_recent.c, revision 1)
class XtRecent final : public XtMatch
{
  public:
    explicit XtRecent(NfFamily family)
        : m_family(family),
          m_mask(NfPrefixMask(family, family == NfFamily::IPV6 ? 128 : 32))
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SECONDS:
            m_seconds = static_cast<uint32_t>(arg.low);
            break;
        case REAP:
            m_reap = true;
            break;
        case HITCOUNT:
            m_hits = static_cast<uint32_t>(arg.low);
            break;
        case RTTL:
            m_ttl = true;
            break;
        case NAME:
            m_name = arg.text.substr(0, MAX_NAME);
            break;
        case RSOURCE:
        case RDEST:
            m_destination = arg.option->id == RDEST;
            break;
        case MASK:
            m_mask = arg.addr;
            break;
        default:
            m_command = static_cast<Id>(arg.option->id);
            m_invert = arg.invert;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & COMMANDS
                   ? NfOk()
                   : XtBadParameter("recent: you must specify one of `--set', `--rcheck' "
                                    "`--update' or `--remove'");
    }

    int Check(const XtCheck& check) override
    {
        const bool writes = m_command == SET || m_command == REMOVE;
        if ((writes && (m_seconds || m_hits || m_ttl || m_reap)) || (m_reap && !m_seconds))
        {
            return EINVAL;
        }
        if (m_hits >= MAX_STAMPS)
        {
            check.Info(fmt::format("xt_recent: hitcount ({}) is larger than allowed maximum ({})",
                                   m_hits,
                                   MAX_STAMPS - 1));
            return EINVAL;
        }
        if (m_name.empty() || m_name.find('/') != std::string::npos)
        {
            return EINVAL;
        }
        Lists& lists = check.context.shared.Get<Lists>();
        List& list = lists.byName[m_name];
        if (list.users++ == 0)
        {
            list.mask = m_mask;
            list.stampsMask = StampsMask();
            const std::string name = m_name;
            check.context.addProc("xt_recent/" + name,
                                  [&lists, name] { return ShowList(lists, name); });
        }
        else if (StampsMask() > list.stampsMask)
        {
            list.entries.clear();
            list.stampsMask = StampsMask();
        }
        return 0;
    }

    void Destroy(const XtCheck& check) override
    {
        auto& byName = check.context.shared.Get<Lists>().byName;
        const auto list = byName.find(m_name);
        if (--list->second.users == 0)
        {
            byName.erase(list);
        }
    }

    bool Match(XtParam& param) override
    {
        List& list = param.context.shared.Get<Lists>().byName[m_name];
        const NfIpHeader& ip = param.packet.GetIp();
        const NfAddr addr = (m_destination ? ip.dst : ip.src) & list.mask;
        // As before forwarding, where it was decremented.
        const bool forwarded = param.state.out && !param.packet.localOut;
        const auto ttl = static_cast<uint8_t>(ip.ttl + (forwarded ? 1 : 0));
        const uint64_t now = XtJiffies(param.context.clock);
        auto entry = Find(list, param.family, addr, ttl);
        if (entry == list.entries.end())
        {
            if (m_command == SET)
            {
                Add(list, param.family, addr, ttl, now);
            }
            return (m_command == SET) != m_invert;
        }
        if (m_command == REMOVE)
        {
            list.entries.erase(entry);
            return !m_invert;
        }
        const bool matches = (m_command == SET || IsRecent(*entry, now)) != m_invert;
        const bool update = m_command == SET || (m_command == UPDATE && matches);
        if (m_reap)
        {
            Reap(list, update ? entry : list.entries.end(), now, entry);
        }
        if (update && entry != list.entries.end())
        {
            list.Touch(entry, now);
            entry->ttl = ttl;
        }
        return matches;
    }

    std::string Save(const XtIp&) const override
    {
        constexpr const char* NAMES[] = {"--set", "--rcheck", "--update", "--remove"};
        std::string text = fmt::format("{} {}", m_invert ? " !" : "", NAMES[m_command]);
        text += m_seconds ? fmt::format(" --seconds {}", m_seconds) : "";
        text += m_reap ? " --reap" : "";
        text += m_hits ? fmt::format(" --hitcount {}", m_hits) : "";
        text += m_ttl ? " --rttl" : "";
        return text + fmt::format(" --name {} --mask {} {}",
                                  m_name,
                                  m_mask.ToString(m_family),
                                  m_destination ? "--rdest" : "--rsource");
    }

    std::string Print(const XtIp&, bool) const override
    {
        constexpr const char* NAMES[] = {"SET", "CHECK", "UPDATE", "REMOVE"};
        std::string text = fmt::format("{} recent: {}", m_invert ? " !" : "", NAMES[m_command]);
        text += m_seconds ? fmt::format(" seconds: {}", m_seconds) : "";
        text += m_reap ? " reap" : "";
        text += m_hits ? fmt::format(" hit_count: {}", m_hits) : "";
        text += m_ttl ? " TTL-Match" : "";
        return text + fmt::format(" name: {} side: {} mask: {}",
                                  m_name,
                                  m_destination ? "dest" : "source",
                                  m_mask.ToString(m_family));
    }

  private:
    using Iterator = std::list<Entry>::iterator;

    uint32_t StampsMask() const
    {
        uint32_t size = m_hits ? 1 : DEFAULT_STAMPS_MASK + 1;
        while (size < m_hits)
        {
            size <<= 1;
        }
        return size - 1;
    }

    Iterator Find(List& list, NfFamily family, const NfAddr& addr, uint8_t ttl) const
    {
        auto entry = list.entries.begin();
        for (; entry != list.entries.end(); ++entry)
        {
            const bool sameTtl = !m_ttl || ttl == 0 || entry->ttl == 0 || entry->ttl == ttl;
            if (entry->family == family && entry->addr == addr && sameTtl)
            {
                break;
            }
        }
        return entry;
    }

    static void Add(List& list, NfFamily family, const NfAddr& addr, uint8_t ttl, uint64_t now)
    {
        if (list.entries.size() >= MAX_ENTRIES)
        {
            list.entries.pop_front();
        }
        list.entries.push_back(Entry{family, addr, ttl, 1, {now}});
    }

    bool IsStale(uint64_t stamp, uint64_t now) const
    {
        return stamp + uint64_t{m_seconds} * XT_HZ < now;
    }

    bool IsRecent(const Entry& entry, uint64_t now) const
    {
        uint32_t hits = 0;
        for (const uint64_t stamp : entry.stamps)
        {
            if (m_seconds && IsStale(stamp, now))
            {
                continue;
            }
            if (!m_hits || ++hits >= m_hits)
            {
                return true;
            }
        }
        return false;
    }

    /// Drops the oldest entry if it is stale. @param spared about to be updated @param entry
    /// becomes the end if it was dropped
    void Reap(List& list, Iterator spared, uint64_t now, Iterator& entry) const
    {
        const auto oldest = list.entries.begin();
        const uint32_t last = (oldest->index - 1) & list.stampsMask;
        if (oldest == spared || !IsStale(oldest->stamps[last], now))
        {
            return;
        }
        entry = oldest == entry ? list.entries.end() : entry;
        list.entries.erase(oldest);
    }

    const NfFamily m_family;
    Id m_command{SET};
    bool m_invert{false};
    bool m_reap{false};
    bool m_ttl{false};
    bool m_destination{false};
    uint32_t m_seconds{0};
    uint32_t m_hits{0};
    std::string m_name{"DEFAULT"};
    NfAddr m_mask;
};

} // namespace

extern const XtMatchType XT_RECENT;
const XtMatchType XT_RECENT{
    .name = "recent",
    .options = OPTIONS,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtRecent>(family);
    },
};

} // namespace ns3
