/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"
#include "xt-ports.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SPORT,
    DPORT,
    TYPES,
    OPTION,
};

constexpr XtOption OPTIONS[] = {
    {.name = "source-port", .type = XtType::PORTRC, .id = SPORT, .flags = XT_INVERT},
    {.name = "sport", .type = XtType::PORTRC, .id = SPORT, .flags = XT_INVERT},
    {.name = "destination-port", .type = XtType::PORTRC, .id = DPORT, .flags = XT_INVERT},
    {.name = "dport", .type = XtType::PORTRC, .id = DPORT, .flags = XT_INVERT},
    {.name = "dccp-types", .type = XtType::STRING, .id = TYPES, .flags = XT_INVERT},
    {.name = "dccp-option", .type = XtType::U8, .id = OPTION, .flags = XT_INVERT, .min = 1},
};

/// Packet types (RFC 4340 section 5.1) by number; all reserved ones are INVALID.
constexpr const char* TYPE_NAMES[] = {"REQUEST",
                                      "RESPONSE",
                                      "DATA",
                                      "ACK",
                                      "DATAACK",
                                      "CLOSEREQ",
                                      "CLOSE",
                                      "RESET",
                                      "SYNC",
                                      "SYNCACK",
                                      "INVALID"};
constexpr size_t INVALID = 10;
constexpr uint16_t INVALID_MASK = 0xfc00;
constexpr size_t DCCP_HEADER_SIZE = 12; //!< with the short sequence number

/// @return bytes of the fixed header with what its type adds (RFC 4340 sections 5.1 to 5.8)
size_t
HeaderSize(const uint8_t* dccp)
{
    constexpr size_t MORE[] = {4, 12, 0, 8, 8, 8, 8, 12, 8, 8, 8, 8, 8, 8, 8, 8};
    const bool extended = dccp[8] & 1;
    return DCCP_HEADER_SIZE + (extended ? 4 : 0) + MORE[dccp[8] >> 1 & 0xf];
}

/// -m dccp (Linux: net/netfilter/xt_dccp.c)
class XtDccp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SPORT:
            m_sport = XtPortRangeOf(arg);
            return NfOk();
        case DPORT:
            m_dport = XtPortRangeOf(arg);
            return NfOk();
        case TYPES:
            m_invertTypes = arg.invert;
            return ParseTypes(arg.text);
        default:
            m_option = static_cast<uint8_t>(arg.low);
            m_invertOption = arg.invert;
            return NfOk();
        }
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* dccp = XtPullHeader(param, DCCP_HEADER_SIZE);
        if (!dccp || !m_sport.Has(NfReadU16(dccp)) || !m_dport.Has(NfReadU16(dccp + 2)))
        {
            return false;
        }
        const bool listed = m_types >> (dccp[8] >> 1 & 0xf) & 1;
        return (!m_types || listed != m_invertTypes) &&
               (!m_option || FindOption(param, dccp) != m_invertOption);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_sport.Save(" --sport") + m_dport.Save(" --dport");
        if (m_types)
        {
            text += fmt::format("{} --dccp-types {}", m_invertTypes ? " !" : "", Names());
        }
        if (m_option)
        {
            text += fmt::format("{} --dccp-option {}", m_invertOption ? " !" : "", m_option);
        }
        return text;
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        std::string text = " dccp" + m_sport.Print("spt", NF_IPPROTO_DCCP, numeric) +
                           m_dport.Print("dpt", NF_IPPROTO_DCCP, numeric);
        if (m_types)
        {
            text += fmt::format(" {}{}", m_invertTypes ? "! " : "", numeric ? Numbers() : Names());
        }
        if (m_option)
        {
            text += fmt::format(" option={}{}", m_invertOption ? "!" : "", m_option);
        }
        return text;
    }

  private:
    NfStatus ParseTypes(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            const auto* row =
                std::find_if(std::begin(TYPE_NAMES), std::end(TYPE_NAMES), [&](const char* name) {
                    return XtIsSameWord(word, name);
                });
            if (row == std::end(TYPE_NAMES))
            {
                return XtBadParameter(fmt::format("Unknown DCCP type `{}'", word));
            }
            const size_t i = static_cast<size_t>(row - std::begin(TYPE_NAMES));
            m_types |= static_cast<uint16_t>(i == INVALID ? INVALID_MASK : 1U << i);
        }
        return NfOk();
    }

    bool FindOption(XtParam& param, const uint8_t* dccp) const
    {
        const size_t begin = HeaderSize(dccp);
        const size_t end = dccp[4] * 4U;
        if (end == begin)
        {
            return false;
        }
        dccp = end > begin ? param.packet.PullTransport(end) : nullptr;
        if (!dccp)
        {
            param.hotdrop = true;
            return false;
        }
        for (size_t i = begin; i < end;)
        {
            if (dccp[i] == m_option)
            {
                return true;
            }
            const bool single = dccp[i] < 2 || i + 1 >= end || dccp[i + 1] == 0;
            i += single ? 1 : dccp[i + 1];
        }
        return false;
    }

    std::string Names() const
    {
        std::string text;
        for (size_t i = 0; i <= INVALID; i++)
        {
            if (m_types >> i & 1)
            {
                text += text.empty() ? "" : ",";
                text += TYPE_NAMES[i];
            }
        }
        return text;
    }

    std::string Numbers() const
    {
        std::string text;
        for (size_t i = 0; i < 16; i++)
        {
            if (m_types >> i & 1)
            {
                text += text.empty() ? "" : ",";
                text += fmt::format("{}", i);
            }
        }
        return text;
    }

    XtPortRange m_sport;
    XtPortRange m_dport;
    uint16_t m_types{0}; //!< bit per type, 0: any
    uint8_t m_option{0}; //!< option number, 0: any packet
    bool m_invertTypes{false};
    bool m_invertOption{false};
};

} // namespace

extern const XtMatchType XT_DCCP;
const XtMatchType XT_DCCP{
    .name = "dccp",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_DCCP,
    .make = XtMakeMatch<XtDccp>,
};

} // namespace ns3
