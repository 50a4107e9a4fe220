/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-set-reference.h"
#include "xt-target.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    ADD_SET,
    DEL_SET,
    MAP_SET,
    EXIST,
    TIMEOUT,
    MAP_MARK,
    MAP_PRIO,
    MAP_QUEUE,
};

constexpr uint32_t ANY = XT_MULTI | XT_NOCHECK;

constexpr XtOption OPTIONS[] = {
    {.name = "add-set", .type = XtType::CUSTOM, .id = ADD_SET, .flags = ANY | XT_SECOND},
    {.name = "del-set", .type = XtType::CUSTOM, .id = DEL_SET, .flags = ANY | XT_SECOND},
    {.name = "map-set", .type = XtType::CUSTOM, .id = MAP_SET, .flags = ANY | XT_SECOND},
    {.name = "exist", .id = EXIST, .flags = ANY},
    {.name = "timeout", .type = XtType::CUSTOM, .id = TIMEOUT, .flags = ANY},
    {.name = "map-mark", .id = MAP_MARK, .flags = ANY},
    {.name = "map-prio", .id = MAP_PRIO, .flags = ANY},
    {.name = "map-queue", .id = MAP_QUEUE, .flags = ANY},
};

/// Which options make sense only beside another.
struct Need
{
    Id option;
    Id with;
    const char* text;
};

constexpr Need NEEDS[] = {
    {EXIST, ADD_SET, "Flag `--exist' can be used with `--add-set' only"},
    {TIMEOUT, ADD_SET, "Option `--timeout' can be used with `--add-set' only"},
    {MAP_MARK, MAP_SET, "Flag `--map-mark' can be used with `--map-set' only"},
    {MAP_PRIO, MAP_SET, "Flag `--map-prio' can be used with `--map-set' only"},
    {MAP_QUEUE, MAP_SET, "Flag `--map-queue' can be used with `--map-set' only"},
};

constexpr uint32_t SETS = 1U << ADD_SET | 1U << DEL_SET | 1U << MAP_SET;
constexpr uint32_t MAPS = 1U << MAP_MARK | 1U << MAP_PRIO | 1U << MAP_QUEUE;

/// -j SET (Linux: net/netfilter/xt_set.c; iptables: libxt_SET.c, revision 3)
class XtTargetSet final : public XtTarget, public XtSetUser
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const uint8_t id = arg.option->id;
        if (id <= MAP_SET)
        {
            return m_sets[id].Parse(arg);
        }
        m_flags |= 1U << id;
        if (id != TIMEOUT)
        {
            return NfOk();
        }
        const auto seconds = XtParseNumber(arg.text, 0, UINT32_MAX - 1);
        if (!seconds)
        {
            return XtBadParameter(
                fmt::format("Invalid value for option --timeout or out of range 0-{}",
                            UINT32_MAX - 1));
        }
        m_timeout = static_cast<uint32_t>(*seconds);
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        if (!(seen & SETS))
        {
            return XtBadParameter(
                "You must specify either `--add-set' or `--del-set' or `--map-set'");
        }
        for (const Need& need : NEEDS)
        {
            if ((seen >> need.option & 1) && !(seen >> need.with & 1))
            {
                return XtBadParameter(need.text);
            }
        }
        if ((seen & 1U << MAP_SET) && !(seen & MAPS))
        {
            return XtBadParameter(
                "You must specify flags `--map-mark' or '--map-prio` or `--map-queue'");
        }
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (m_sets[MAP_SET] && std::strcmp(check.table, "mangle") != 0)
        {
            check.Info("xt_set: --map-set only usable from mangle table");
            return EINVAL;
        }
        constexpr uint32_t LATE = XtHooks(NfHook::FORWARD, NfHook::LOCAL_OUT, NfHook::POST_ROUTING);
        if ((m_flags & (1U << MAP_PRIO | 1U << MAP_QUEUE)) && (check.hooks & ~LATE))
        {
            check.Info("xt_set: mapping of prio or/and queue is allowed only from "
                       "OUTPUT/FORWARD/POSTROUTING chains");
            return EINVAL;
        }
        for (size_t i = 0; i < m_sets.size(); i++)
        {
            const int error = m_sets[i] ? m_sets[i].Hold(check) : 0;
            if (error)
            {
                Release(i);
                return error;
            }
        }
        return 0;
    }

    void Destroy(const XtCheck&) override
    {
        Release(m_sets.size());
    }

    NfStatus ResolveSets(const IpSets* sets, NfFamily family) override
    {
        for (const XtSetReference& set : m_sets)
        {
            NfStatus status = set ? set.Resolve(sets, family) : NfOk();
            if (!status)
            {
                return status;
            }
        }
        return NfOk();
    }

    XtVerdict Target(XtParam& param) override
    {
        if (m_sets[ADD_SET])
        {
            IpSetRequest request = m_sets[ADD_SET].MakeRequest(param);
            request.exist = m_flags >> EXIST & 1;
            request.timeout = m_timeout;
            m_sets[ADD_SET].Change(IpSetAction::ADD, request);
        }
        if (m_sets[DEL_SET])
        {
            IpSetRequest request = m_sets[DEL_SET].MakeRequest(param);
            m_sets[DEL_SET].Change(IpSetAction::DEL, request);
        }
        if (m_sets[MAP_SET])
        {
            Map(param);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return Format("");
    }

  private:
    void Release(size_t count)
    {
        for (size_t i = 0; i < count; i++)
        {
            if (m_sets[i])
            {
                m_sets[i].Release();
            }
        }
    }

    void Map(XtParam& param) const
    {
        IpSetRequest request = m_sets[MAP_SET].MakeRequest(param);
        if (!m_sets[MAP_SET].Test(request))
        {
            return;
        }
        const IpSetSkbInfo& info = request.skbInfo;
        if (m_flags >> MAP_MARK & 1)
        {
            param.packet.mark = (param.packet.mark & ~info.markMask) ^ info.mark;
        }
        if (m_flags >> MAP_PRIO & 1)
        {
            param.packet.priority = info.priority;
        }
        // Simulated devices have one queue, as those for which Linux ignores --map-queue.
    }

    std::string Format(const char* dashes) const
    {
        std::string text;
        const auto set = [&](Id id, const char* name) {
            text += m_sets[id] ? fmt::format(" {}{} {}", dashes, name, m_sets[id].Format()) : "";
        };
        const auto flag = [&](Id id, const char* name) {
            text += m_flags >> id & 1 ? fmt::format(" {}{}", dashes, name) : "";
        };
        set(ADD_SET, "add-set");
        flag(EXIST, "exist");
        text += m_timeout ? fmt::format(" {}timeout {}", dashes, *m_timeout) : "";
        set(DEL_SET, "del-set");
        set(MAP_SET, "map-set");
        flag(MAP_MARK, "map-mark");
        flag(MAP_PRIO, "map-prio");
        flag(MAP_QUEUE, "map-queue");
        return text;
    }

    std::array<XtSetReference, 3> m_sets; //!< by ADD_SET, DEL_SET, MAP_SET
    uint32_t m_flags{0};                  //!< bit per Id
    std::optional<uint32_t> m_timeout;    //!< seconds
};

} // namespace

extern const XtTargetType XT_TARGET_SET;
const XtTargetType XT_TARGET_SET{
    .name = "SET",
    .options = OPTIONS,
    .help = "SET target options:\n"
            " --add-set name flags [--exist] [--timeout n]\n"
            " --del-set name flags\n"
            " --map-set name flags [--map-mark] [--map-prio] [--map-queue]\n"
            "\t\tadd/del src/dst IP/port from/to named sets,\n"
            "\t\twhere flags are the comma separated list of\n"
            "\t\t'src' and 'dst' specifications.\n",
    .make = XtMakeTarget<XtTargetSet>,
};

} // namespace ns3
