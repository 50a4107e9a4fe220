/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "mh-type", .type = XtType::STRING, .flags = XT_INVERT},
};

/// Message types by number (RFC 6275 section 6.1); listings show the first name.
struct TypeName
{
    const char* name;
    uint8_t type;
};

constexpr TypeName NAMES[] = {
    {"binding-refresh-request", 0},
    {"brr", 0},
    {"home-test-init", 1},
    {"hoti", 1},
    {"careof-test-init", 2},
    {"coti", 2},
    {"home-test", 3},
    {"hot", 3},
    {"careof-test", 4},
    {"cot", 4},
    {"binding-update", 5},
    {"bu", 5},
    {"binding-acknowledgement", 6},
    {"ba", 6},
    {"binding-error", 7},
    {"be", 7},
};

NfResult<uint8_t>
ParseType(const std::string& text)
{
    const TypeName* found = nullptr;
    for (const TypeName& row : NAMES)
    {
        if (text.empty() || !XtIsPrefix(text, row.name))
        {
            continue;
        }
        if (found)
        {
            return XtBadParameter(
                fmt::format("Ambiguous MH type `{}': `{}' or `{}'?", text, found->name, row.name));
        }
        found = &row;
    }
    const std::optional<uint64_t> number = XtParseNumber(text, 0, 255);
    if (!found && !number)
    {
        return XtBadParameter(fmt::format("Invalid MH type `{}'", text));
    }
    return found ? found->type : static_cast<uint8_t>(*number);
}

/// -m mh: Mobile IPv6 messages (Linux: ip6t_mh.c)
class XtMh final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_invert = arg.invert;
        const size_t colon = arg.text.find(':');
        const std::string low = arg.text.substr(0, colon);
        const std::string high = colon == std::string::npos ? low : arg.text.substr(colon + 1);
        NfResult<uint8_t> min =
            colon != std::string::npos && low.empty() ? NfResult<uint8_t>(0) : ParseType(low);
        NfResult<uint8_t> max =
            colon != std::string::npos && high.empty() ? NfResult<uint8_t>(255) : ParseType(high);
        if (!min || !max)
        {
            return min ? max.Error() : min.Error();
        }
        m_min = *min;
        m_max = *max;
        return m_min <= m_max ? NfOk() : XtBadParameter("Invalid MH type range (min > max)");
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* mh = XtPullHeader(param, 6);
        if (mh && mh[0] != NF_IPPROTO_NONE)
        {
            param.hotdrop = true;
            return false;
        }
        return mh && (mh[2] >= m_min && mh[2] <= m_max) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return IsAny() ? "" : fmt::format("{} --mh-type {}", m_invert ? " !" : "", Range(true));
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return IsAny() && !m_invert ? " mh"
                                    : fmt::format(" mh {}{}", m_invert ? "!" : "", Range(numeric));
    }

  private:
    bool IsAny() const
    {
        return m_min == 0 && m_max == 255;
    }

    static std::string Name(uint8_t type, bool numeric)
    {
        for (const TypeName& row : NAMES)
        {
            if (row.type == type && !numeric)
            {
                return row.name;
            }
        }
        return fmt::format("{}", type);
    }

    std::string Range(bool numeric) const
    {
        return m_min == m_max ? Name(m_min, numeric)
                              : Name(m_min, numeric) + ":" + Name(m_max, numeric);
    }

    uint8_t m_min{0};
    uint8_t m_max{255};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_MH;
const XtMatchType XT_MH{
    .name = "mh",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .protocol = NF_IPPROTO_MH,
    .make = XtMakeMatch<XtMh>,
};

} // namespace ns3
