/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <cerrno>
#include <fmt/format.h>
#include <vector>

namespace ns3
{
namespace
{

constexpr size_t MAX_PORTS = 15; //!< a range counts as two

enum Id : uint8_t
{
    SOURCE,
    DESTINATION,
    EITHER,
    ALL = (1 << SOURCE | 1 << DESTINATION | 1 << EITHER),
};

constexpr XtOption OPTIONS[] = {
    {.name = "source-ports",
     .type = XtType::STRING,
     .id = SOURCE,
     .flags = XT_INVERT,
     .excludes = ALL},
    {.name = "sports", .type = XtType::STRING, .id = SOURCE, .flags = XT_INVERT, .excludes = ALL},
    {.name = "destination-ports",
     .type = XtType::STRING,
     .id = DESTINATION,
     .flags = XT_INVERT,
     .excludes = ALL},
    {.name = "dports",
     .type = XtType::STRING,
     .id = DESTINATION,
     .flags = XT_INVERT,
     .excludes = ALL},
    {.name = "ports", .type = XtType::STRING, .id = EITHER, .flags = XT_INVERT, .excludes = ALL},
};

constexpr const char* NAMES[] = {"sports", "dports", "ports"};

struct Protocol
{
    uint8_t number;
    const char* name;
};

constexpr Protocol PROTOCOLS[] = {
    {NF_IPPROTO_TCP, "tcp"},
    {NF_IPPROTO_UDP, "udp"},
    {NF_IPPROTO_UDPLITE, "udplite"},
    {NF_IPPROTO_SCTP, "sctp"},
    {NF_IPPROTO_DCCP, "dccp"},
};

const char*
ProtocolName(uint8_t number)
{
    for (const Protocol& row : PROTOCOLS)
    {
        if (row.number == number)
        {
            return row.name;
        }
    }
    return nullptr;
}

struct Range
{
    uint16_t min;
    uint16_t max;
    bool single; //!< given without ':'
};

/// -m multiport (Linux: net/netfilter/xt_multiport.c; iptables: libxt_multiport.c, revision 1)
class XtMultiport final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const char* protocol = ProtocolName(arg.ip->protocol);
        if (arg.ip->invertProtocol || (!protocol && arg.ip->protocol))
        {
            return XtBadParameter("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP");
        }
        if (!protocol)
        {
            return XtBadParameter("multiport needs `-p tcp', `-p udp', `-p udplite', "
                                  "`-p sctp' or `-p dccp'");
        }
        m_which = static_cast<Id>(arg.option->id);
        m_invert = arg.invert;
        return ParsePorts(arg.text, protocol);
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("multiport expection an option");
    }

    int Check(const XtCheck& check) override
    {
        return check.ip.invertProtocol || !ProtocolName(check.ip.protocol) ? EINVAL : 0;
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* ports = XtPullHeader(param, 4);
        if (!ports)
        {
            return false;
        }
        const uint16_t source = NfReadU16(ports);
        const uint16_t destination = NfReadU16(ports + 2);
        for (const Range& range : m_ranges)
        {
            if ((m_which != DESTINATION && source >= range.min && source <= range.max) ||
                (m_which != SOURCE && destination >= range.min && destination <= range.max))
            {
                return !m_invert;
            }
        }
        return m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --{} {}",
                           m_invert ? " !" : "",
                           NAMES[m_which],
                           FormatPorts(0, true));
    }

    std::string Print(const XtIp& ip, bool numeric) const override
    {
        return fmt::format(" multiport {} {}{}",
                           NAMES[m_which],
                           m_invert ? " !" : "",
                           FormatPorts(ip.protocol, numeric));
    }

  private:
    NfStatus ParsePorts(const std::string& text, const char* protocol)
    {
        size_t used = 0;
        for (const std::string& word : XtSplit(text, ','))
        {
            const size_t colon = word.find(':');
            used += colon == std::string::npos ? 1 : 2;
            if (used > MAX_PORTS)
            {
                return XtBadParameter("too many ports specified");
            }
            NfResult<uint16_t> low = XtParsePort(word.substr(0, colon), protocol);
            if (!low)
            {
                return low.Error();
            }
            if (colon == std::string::npos)
            {
                m_ranges.push_back({*low, *low, true});
                continue;
            }
            NfResult<uint16_t> high = XtParsePort(word.substr(colon + 1), protocol);
            if (!high)
            {
                return high.Error();
            }
            if (*low >= *high)
            {
                return XtBadParameter("invalid portrange specified");
            }
            m_ranges.push_back({*low, *high, false});
        }
        return NfOk();
    }

    std::string FormatPorts(uint8_t protocol, bool numeric) const
    {
        std::string text;
        for (const Range& range : m_ranges)
        {
            text += text.empty() ? "" : ",";
            text += XtFormatPort(range.min, protocol, numeric);
            text += range.single ? "" : ":" + XtFormatPort(range.max, protocol, numeric);
        }
        return text;
    }

    Id m_which{EITHER};
    bool m_invert{false};
    std::vector<Range> m_ranges;
};

} // namespace

extern const XtMatchType XT_MULTIPORT;
const XtMatchType XT_MULTIPORT{
    .name = "multiport",
    .options = OPTIONS,
    .make = XtMakeMatch<XtMultiport>,
};

} // namespace ns3
