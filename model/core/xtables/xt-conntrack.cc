/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"
#include "xt-ports.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    STATE,
    PROTO,
    ORIGSRC,
    ORIGDST,
    REPLSRC,
    REPLDST,
    ORIGSRCPORT,
    ORIGDSTPORT,
    REPLSRCPORT,
    REPLDSTPORT,
    STATUS,
    EXPIRE,
    DIR,
};

constexpr XtOption OPTIONS[] = {
    {.name = "ctstate", .type = XtType::STRING, .id = STATE, .flags = XT_INVERT},
    {.name = "ctproto", .type = XtType::PROTOCOL, .id = PROTO, .flags = XT_INVERT},
    {.name = "ctorigsrc", .type = XtType::HOSTMASK, .id = ORIGSRC, .flags = XT_INVERT},
    {.name = "ctorigdst", .type = XtType::HOSTMASK, .id = ORIGDST, .flags = XT_INVERT},
    {.name = "ctreplsrc", .type = XtType::HOSTMASK, .id = REPLSRC, .flags = XT_INVERT},
    {.name = "ctrepldst", .type = XtType::HOSTMASK, .id = REPLDST, .flags = XT_INVERT},
    {.name = "ctorigsrcport", .type = XtType::PORTRC, .id = ORIGSRCPORT, .flags = XT_INVERT},
    {.name = "ctorigdstport", .type = XtType::PORTRC, .id = ORIGDSTPORT, .flags = XT_INVERT},
    {.name = "ctreplsrcport", .type = XtType::PORTRC, .id = REPLSRCPORT, .flags = XT_INVERT},
    {.name = "ctrepldstport", .type = XtType::PORTRC, .id = REPLDSTPORT, .flags = XT_INVERT},
    {.name = "ctstatus", .type = XtType::STRING, .id = STATUS, .flags = XT_INVERT},
    {.name = "ctexpire", .type = XtType::U32RC, .id = EXPIRE, .flags = XT_INVERT},
    {.name = "ctdir", .type = XtType::STRING, .id = DIR},
};

constexpr std::array<const char*, 4> ADDR_NAMES{"ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"};
constexpr std::array<const char*, 4> PORT_NAMES{"ctorigsrcport",
                                                "ctorigdstport",
                                                "ctreplsrcport",
                                                "ctrepldstport"};

struct StatusName
{
    const char* name;
    uint32_t bit;
};

constexpr StatusName STATUSES[] = {
    {"EXPECTED", NF_IPS_EXPECTED},
    {"SEEN_REPLY", NF_IPS_SEEN_REPLY},
    {"ASSURED", NF_IPS_ASSURED},
    {"CONFIRMED", NF_IPS_CONFIRMED},
    {"NONE", 0},
};

std::string
FormatStatus(uint32_t status)
{
    std::string text;
    for (const StatusName& row : STATUSES)
    {
        if (status & row.bit)
        {
            text += text.empty() ? "" : ",";
            text += row.name;
        }
    }
    return text.empty() ? "NONE" : text;
}

struct AddrRange
{
    NfAddr addr;
    NfAddr mask;
};

/// -m conntrack (Linux: net/netfilter/xt_conntrack.c; iptables: libxt_conntrack.c, revision 3)
class XtConntrack final : public XtMatch
{
  public:
    explicit XtConntrack(NfFamily family)
        : m_family(family)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        const uint8_t id = arg.option->id;
        m_given |= 1U << id;
        m_invert |= arg.invert ? 1U << id : 0U;
        switch (id)
        {
        case STATE:
            return ParseState(arg);
        case PROTO:
            m_protocol = static_cast<uint8_t>(arg.low);
            return NfOk();
        case STATUS:
            return ParseStatus(arg);
        case EXPIRE:
            m_expireMin = static_cast<uint32_t>(arg.low);
            m_expireMax = static_cast<uint32_t>(arg.count == 2 ? arg.high : arg.low);
            return NfOk();
        case DIR:
            return ParseDir(arg);
        default:
            break;
        }
        if (id >= ORIGSRCPORT)
        {
            m_ports[id - ORIGSRCPORT] = XtPortRangeOf(arg);
            return NfOk();
        }
        // The tool takes a mask with holes for that of one host.
        const unsigned host = m_family == NfFamily::IPV6 ? 128 : 32;
        const NfAddr mask =
            NfPrefixMask(m_family, NfPrefixLength(m_family, arg.addrMask).value_or(host));
        m_addrs[id - ORIGSRC] = AddrRange{arg.addr & mask, mask};
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("conntrack: At least one option is required");
    }

    bool Match(XtParam& param) override
    {
        const NfConn* conn = param.packet.conn.get();
        if (Asks(STATE))
        {
            uint32_t state = XtStateOf(param.packet);
            if (conn)
            {
                state |= conn->Has(NF_IPS_SRC_NAT) ? XT_STATE_SNAT : 0U;
                state |= conn->Has(NF_IPS_DST_NAT) ? XT_STATE_DNAT : 0U;
            }
            if (Differs(STATE, (m_state & state) != 0))
            {
                return false;
            }
        }
        if (!conn)
        {
            return Asks(STATE);
        }
        return MatchConn(*conn, param) && MatchTuples(*conn);
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--", true);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return Format("", numeric);
    }

  private:
    NfStatus ParseState(const XtArg& arg)
    {
        // The message shows what is left from the name that is wrong.
        for (size_t at = 0; at != std::string::npos;)
        {
            const size_t comma = arg.text.find(',', at);
            const std::optional<uint32_t> state = XtParseStates(
                std::string_view(arg.text).substr(at,
                                                  comma == std::string::npos ? comma : comma - at),
                true);
            if (!state)
            {
                return XtBadParameter(fmt::format("Bad ctstate \"{}\"", arg.text.substr(at)));
            }
            m_state |= *state;
            at = comma == std::string::npos ? comma : comma + 1;
        }
        return NfOk();
    }

    NfStatus ParseStatus(const XtArg& arg)
    {
        for (size_t at = 0; at != std::string::npos;)
        {
            const size_t comma = arg.text.find(',', at);
            const std::string word =
                arg.text.substr(at, comma == std::string::npos ? comma : comma - at);
            const auto* row = std::find_if(std::begin(STATUSES),
                                           std::end(STATUSES),
                                           [&](const auto& s) { return XtIsPrefix(word, s.name); });
            if (word.empty() || row == std::end(STATUSES))
            {
                return XtBadParameter(fmt::format("Bad ctstatus \"{}\"", arg.text.substr(at)));
            }
            m_status |= row->bit;
            at = comma == std::string::npos ? comma : comma + 1;
        }
        return NfOk();
    }

    NfStatus ParseDir(const XtArg& arg)
    {
        const bool reply = XtIsSameWord(arg.text, "REPLY");
        if (!reply && !XtIsSameWord(arg.text, "ORIGINAL"))
        {
            return XtBadValue("conntrack", "--ctdir", arg.text);
        }
        m_invert |= reply ? 1U << DIR : 0U;
        return NfOk();
    }

    bool Asks(uint8_t id) const
    {
        return m_given >> id & 1;
    }

    bool Differs(uint8_t id, bool holds) const
    {
        return Asks(id) && holds == ((m_invert >> id & 1) != 0);
    }

    bool MatchConn(const NfConn& conn, XtParam& param) const
    {
        if (Differs(DIR, NfInfoDir(param.packet.ctInfo) == NfDir::ORIGINAL) ||
            Differs(STATUS, (conn.status & m_status) != 0) ||
            Differs(PROTO, conn.GetProtocol() == m_protocol))
        {
            return false;
        }
        if (!Asks(EXPIRE))
        {
            return true;
        }
        const int64_t left = std::chrono::duration_cast<std::chrono::seconds>(
                                 param.context.conntrack.GetTimeLeft(conn))
                                 .count();
        return !Differs(EXPIRE, left >= m_expireMin && left <= m_expireMax);
    }

    bool MatchTuples(const NfConn& conn) const
    {
        constexpr uint32_t PARTS = ((1U << STATUS) - 1) & ~((1U << ORIGSRC) - 1);
        if (!(m_given & PARTS))
        {
            return true;
        }
        for (uint8_t i = 0; i < 4; i++)
        {
            const NfTuple& tuple = conn.tuples[i / 2];
            const AddrRange& want = m_addrs[i];
            const NfAddr& addr = i % 2 ? tuple.dst : tuple.src;
            const uint16_t port = i % 2 ? tuple.dport : tuple.sport;
            if (Differs(ORIGSRC + i, (addr & want.mask) == want.addr) ||
                (Asks(ORIGSRCPORT + i) && !m_ports[i].Has(port)))
            {
                return false;
            }
        }
        return true;
    }

    std::string FormatAddr(const AddrRange& range, bool numeric) const
    {
        if (!numeric && range.addr.IsZero())
        {
            return "anywhere";
        }
        return range.addr.ToString(m_family) + XtFormatMask(range.mask, m_family);
    }

    std::string FormatPorts(const XtPortRange& range) const
    {
        return range.min == range.max ? fmt::format("{}", range.min)
                                      : fmt::format("{}:{}", range.min, range.max);
    }

    std::string Format(const char* prefix, bool numeric) const
    {
        std::string text;
        auto add = [&](uint8_t id, const char* name, const std::string& value) {
            if (Asks(id))
            {
                const bool inverted = id != DIR && (m_invert >> id & 1);
                text += fmt::format("{} {}{} {}", inverted ? " !" : "", prefix, name, value);
            }
        };
        add(STATE, "ctstate", XtFormatStates(m_state));
        add(PROTO, "ctproto", fmt::format("{}", m_protocol));
        for (uint8_t i = 0; i < 4; i++)
        {
            add(ORIGSRC + i, ADDR_NAMES[i], FormatAddr(m_addrs[i], numeric));
        }
        for (uint8_t i = 0; i < 4; i++)
        {
            add(ORIGSRCPORT + i, PORT_NAMES[i], FormatPorts(m_ports[i]));
        }
        add(STATUS, "ctstatus", FormatStatus(m_status));
        add(EXPIRE,
            "ctexpire",
            m_expireMin == m_expireMax ? fmt::format("{}", m_expireMin)
                                       : fmt::format("{}:{}", m_expireMin, m_expireMax));
        add(DIR, "ctdir", m_invert >> DIR & 1 ? "REPLY" : "ORIGINAL");
        return text;
    }

    const NfFamily m_family;
    uint32_t m_given{0};  //!< bit per Id that is compared
    uint32_t m_invert{0}; //!< bit per Id; DIR: REPLY
    uint32_t m_state{0};  //!< XtStateBit bits
    uint32_t m_status{0}; //!< NfConnStatus bits
    uint32_t m_expireMin{0};
    uint32_t m_expireMax{0};
    uint8_t m_protocol{0};
    std::array<AddrRange, 4> m_addrs;
    std::array<XtPortRange, 4> m_ports;
};

} // namespace

extern const XtMatchType XT_CONNTRACK;
const XtMatchType XT_CONNTRACK{
    .name = "conntrack",
    .options = OPTIONS,
    .conntrack = true,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtConntrack>(family);
    },
};

} // namespace ns3
