/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../conntrack/nf-cttimeout.h"
#include "xt-packet.h"
#include "xt-target.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    NOTRACK,
    HELPER,
    TIMEOUT,
    CTEVENTS,
    EXPEVENTS,
    ZONE,
    ZONE_ORIG,
    ZONE_REPLY,
};

constexpr XtOption OPTIONS[] = {
    {.name = "notrack", .id = NOTRACK},
    {.name = "helper", .type = XtType::STRING, .id = HELPER},
    {.name = "timeout", .type = XtType::STRING, .id = TIMEOUT},
    {.name = "ctevents", .type = XtType::STRING, .id = CTEVENTS},
    {.name = "expevents", .type = XtType::STRING, .id = EXPEVENTS},
    {.name = "zone-orig", .type = XtType::STRING, .id = ZONE_ORIG},
    {.name = "zone-reply", .type = XtType::STRING, .id = ZONE_REPLY},
    {.name = "zone", .type = XtType::STRING, .id = ZONE},
};

struct EventName
{
    const char* name;
    uint32_t bit;
};

constexpr EventName EVENTS[] = {
    {"new", NF_EVENT_NEW},
    {"related", NF_EVENT_RELATED},
    {"destroy", NF_EVENT_DESTROY},
    {"reply", NF_EVENT_REPLY},
    {"assured", NF_EVENT_ASSURED},
    {"protoinfo", NF_EVENT_PROTOINFO},
    {"helper", NF_EVENT_HELPER},
    {"mark", NF_EVENT_MARK},
    {"natseqinfo", NF_EVENT_SEQADJ},
    {"secmark", NF_EVENT_SECMARK},
};

constexpr size_t EXPECT_EVENTS = 1; //!< of expectations only "new" can be asked for

constexpr size_t MAX_NAME = 15; //!< of helpers
constexpr size_t MAX_POLICY = 31;
constexpr uint8_t DIR_ORIG = 1;
constexpr uint8_t DIR_REPLY = 2;
constexpr uint8_t ZONE_IS_MARK = 1; //!< NfConn::zoneFlags

NfResult<uint32_t>
ParseEvents(const std::string& text, size_t count)
{
    uint32_t events = 0;
    for (const std::string& word : XtSplit(text, ','))
    {
        const auto* end = EVENTS + count;
        const auto* row = std::find_if(EVENTS, end, [&](const auto& e) { return word == e.name; });
        if (!word.empty() && row == end)
        {
            return XtBadParameter(fmt::format("Unknown event type \"{}\"", word));
        }
        events |= word.empty() ? 0 : row->bit;
    }
    return events;
}

std::string
FormatEvents(uint32_t events)
{
    std::string text;
    for (const EventName& row : EVENTS)
    {
        if (events & row.bit)
        {
            text += text.empty() ? "" : ",";
            text += row.name;
        }
    }
    return text;
}

/// Takes a packet that conntrack has not seen for itself. @return false: it has been seen
bool
Take(XtParam& param, const NfConnPtr& conn)
{
    NfPacket& packet = param.packet;
    if (packet.conn || packet.ctInfo == NfCtInfo::UNTRACKED)
    {
        return false;
    }
    packet.conn = conn;
    packet.ctInfo = conn ? NfCtInfo::NEW : NfCtInfo::UNTRACKED;
    return true;
}

/// -j CT (Linux: net/netfilter/xt_CT.c; iptables: libxt_CT.c, revision 2)
class XtTargetCt final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case NOTRACK:
            m_notrack = true;
            return NfOk();
        case HELPER:
            m_helper = arg.text.substr(0, MAX_NAME);
            return NfOk();
        case TIMEOUT:
            m_timeout = arg.text.substr(0, MAX_POLICY);
            return NfOk();
        case CTEVENTS:
            return Store(ParseEvents(arg.text, std::size(EVENTS)), m_events);
        case EXPEVENTS:
            return Store(ParseEvents(arg.text, EXPECT_EVENTS), m_expectEvents);
        default:
            return ParseZone(arg);
        }
    }

    int Check(const XtCheck& check) override
    {
        if (m_notrack)
        {
            return 0;
        }
        NfConntrackHelper* helper = nullptr;
        if (int error = FindHelper(check, helper))
        {
            return error;
        }
        if (int error = FindPolicy(check))
        {
            return error;
        }
        check.context.conntrack.Enable(check.family);
        m_template = MakeTemplate(check.context.conntrack, helper);
        return 0;
    }

    void Destroy(const XtCheck& check) override
    {
        if (m_template)
        {
            m_template = {};
            if (m_policy)
            {
                check.context.conntrack.GetTimeoutPolicies().Release(*m_policy);
                m_policy = nullptr;
            }
            check.context.conntrack.Disable(check.family);
        }
    }

    XtVerdict Target(XtParam& param) override
    {
        Take(param, m_template);
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " CT" + Format("");
    }

  private:
    static NfStatus Store(const NfResult<uint32_t>& events, uint32_t& where)
    {
        if (!events)
        {
            return events.Error();
        }
        where = *events;
        return NfOk();
    }

    NfStatus ParseZone(const XtArg& arg)
    {
        const uint8_t id = arg.option->id;
        m_zoneDir = id == ZONE ? 0 : m_zoneDir | (id == ZONE_ORIG ? DIR_ORIG : DIR_REPLY);
        m_zone = 0;
        if (XtIsSameWord(arg.text, "mark"))
        {
            m_zoneIsMark = true;
            return NfOk();
        }
        const std::optional<uint64_t> zone = XtParseNumber(arg.text, 0, 65535);
        if (!zone)
        {
            return XtBadParameter(fmt::format("Cannot parse {} as a zone ID", arg.text));
        }
        m_zone = static_cast<uint16_t>(*zone);
        return NfOk();
    }

    int FindHelper(const XtCheck& check, NfConntrackHelper*& helper) const
    {
        if (m_helper.empty())
        {
            return 0;
        }
        if (!check.ip.protocol || check.ip.invertProtocol)
        {
            check.Info("xt_CT: You must specify a L4 protocol and not use inversions on it");
            return ENOENT;
        }
        helper = check.context.conntrack.FindHelper(m_helper, check.family, check.ip.protocol);
        if (!helper)
        {
            check.Info(fmt::format("xt_CT: No such helper \"{}\"", m_helper));
        }
        return helper ? 0 : ENOENT;
    }

    /// Linux: xt_ct_set_timeout().
    int FindPolicy(const XtCheck& check)
    {
        if (m_timeout.empty())
        {
            return 0;
        }
        if (!check.ip.protocol || check.ip.invertProtocol)
        {
            check.Info("xt_CT: You must specify a L4 protocol and not use inversions on it");
            return EINVAL;
        }
        std::string log;
        const int error = check.context.conntrack.GetTimeoutPolicies().Acquire(m_timeout,
                                                                               check.family,
                                                                               check.ip.protocol,
                                                                               m_policy,
                                                                               log);
        if (error)
        {
            check.Info(log);
        }
        return -error;
    }

    NfConnPtr MakeTemplate(NfConntrack& conntrack, NfConntrackHelper* helper) const
    {
        NfConnPtr made =
            conntrack.AllocTemplate(m_zone, m_zoneDir ? m_zoneDir : DIR_ORIG | DIR_REPLY);
        made->zoneFlags = m_zoneIsMark ? ZONE_IS_MARK : 0;
        made->status |= NF_IPS_CONFIRMED;
        if (m_events || m_expectEvents)
        {
            made->Ext().hasEventCache = true;
            made->Ext().eventMask = m_events;
            made->Ext().expectEventMask = m_expectEvents;
        }
        if (helper)
        {
            made->Ext().helper = helper;
        }
        if (m_policy)
        {
            made->Ext().timeoutPolicy = m_policy;
        }
        return made;
    }

    std::string Format(const char* prefix) const
    {
        std::string text = m_notrack ? fmt::format(" {}notrack", prefix) : "";
        auto add = [&](const char* name, const std::string& value) {
            text += value.empty() ? "" : fmt::format(" {}{} {}", prefix, name, value);
        };
        add("helper", m_helper);
        add("timeout", m_timeout);
        add("ctevents", FormatEvents(m_events));
        add("expevents", FormatEvents(m_expectEvents));
        const char* name = m_zoneDir == DIR_ORIG    ? "zone-orig"
                           : m_zoneDir == DIR_REPLY ? "zone-reply"
                                                    : "zone";
        add(name, m_zoneIsMark ? "mark" : m_zone ? fmt::format("{}", m_zone) : "");
        return text;
    }

    bool m_notrack{false};
    std::string m_helper;
    std::string m_timeout; //!< name of a timeout policy
    uint32_t m_events{0};
    uint32_t m_expectEvents{0};
    uint16_t m_zone{0};
    uint8_t m_zoneDir{0}; //!< 0: both
    bool m_zoneIsMark{false};
    const NfTimeoutPolicy* m_policy{nullptr}; //!< while the rule stands
    NfConnPtr m_template;                     //!< what packets get; null: they are not tracked
};

/// -j NOTRACK: the older word for CT --notrack
class XtTargetNotrack final : public XtTarget
{
  public:
    XtVerdict Target(XtParam& param) override
    {
        Take(param, {});
        return XT_CONTINUE;
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " NOTRACK";
    }
};

} // namespace

extern const XtTargetType XT_TARGET_CT;
const XtTargetType XT_TARGET_CT{
    .name = "CT",
    .options = OPTIONS,
    .table = "raw",
    .make = XtMakeTarget<XtTargetCt>,
};

extern const XtTargetType XT_TARGET_NOTRACK;
const XtTargetType XT_TARGET_NOTRACK{
    .name = "NOTRACK",
    .table = "raw",
    .make = XtMakeTarget<XtTargetNotrack>,
};

} // namespace ns3
