/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-icmp-type.h"

#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

/// "n" or "n:m" up to 255 at the front of a text. @return false: not there
bool
ParseRange(std::string_view& text, uint8_t& low, uint8_t& high)
{
    std::string_view rest;
    std::optional<uint64_t> n = XtParseNumberPrefix(text, 0, 255, rest);
    if (!n)
    {
        return false;
    }
    low = high = static_cast<uint8_t>(*n);
    if (!rest.empty() && rest[0] == ':')
    {
        n = XtParseNumberPrefix(rest.substr(1), 0, 255, rest);
        if (!n)
        {
            return false;
        }
        high = static_cast<uint8_t>(*n);
    }
    text = rest;
    return true;
}

NfError
UnknownCharacter(char c)
{
    return XtBadParameter(fmt::format("unknown character {}", c));
}

NfResult<XtIcmpType>
ParseNumbers(const std::string& text, const char* protocol)
{
    XtIcmpType icmp;
    uint8_t typeMax = 0;
    std::string_view rest = text;
    if (!ParseRange(rest, icmp.type, typeMax))
    {
        return XtBadParameter(fmt::format("Unknown {} type `{}'", protocol, text));
    }
    if (!rest.empty() && rest[0] != '/')
    {
        return UnknownCharacter(rest[0]);
    }
    if (!rest.empty())
    {
        rest.remove_prefix(1);
        if (!ParseRange(rest, icmp.codeMin, icmp.codeMax))
        {
            return XtBadParameter(fmt::format("Unknown {} code `{}'", protocol, text));
        }
        if (!rest.empty())
        {
            return UnknownCharacter(rest[0]);
        }
    }
    if (icmp.type != typeMax)
    {
        return XtBadParameter(fmt::format("{} type range not supported", protocol));
    }
    return icmp;
}

} // namespace

NfResult<XtIcmpType>
XtParseIcmpType(const XtArg& arg, const XtIcmpKind& kind)
{
    const XtIcmpName* found = nullptr;
    for (const XtIcmpName* row = kind.names; row != kind.names + kind.count; ++row)
    {
        if (!XtIsPrefix(arg.text, row->name))
        {
            continue;
        }
        if (found)
        {
            return XtBadParameter(fmt::format("Ambiguous {} type `{}': `{}' or `{}'?",
                                              kind.protocol,
                                              arg.text,
                                              found->name,
                                              row->name));
        }
        found = row;
    }
    NfResult<XtIcmpType> icmp = found
                                    ? XtIcmpType{found->type, found->codeMin, found->codeMax, false}
                                    : ParseNumbers(arg.text, kind.protocol);
    if (icmp)
    {
        icmp->invert = arg.invert;
    }
    return icmp;
}

std::string
XtIcmpType::Print(const XtIcmpKind& kind, bool numeric) const
{
    const XtIcmpName* end = numeric ? kind.names : kind.names + kind.count;
    for (const XtIcmpName* row = kind.names; row != end; ++row)
    {
        if (row->type == type && row->codeMin == codeMin && row->codeMax == codeMax)
        {
            return fmt::format(" {}{}", invert ? "!" : "", row->name);
        }
    }
    std::string text = fmt::format("{}type {}", invert ? " !" : "", type);
    if (codeMin == codeMax)
    {
        return text + fmt::format(" code {}", codeMin);
    }
    return codeMin == 0 && codeMax == 0xff ? text
                                           : text + fmt::format(" codes {}-{}", codeMin, codeMax);
}

XtIcmpMatch::XtIcmpMatch(const XtIcmpKind& kind)
    : m_kind(kind)
{
}

bool
XtIcmpMatch::IsAny() const
{
    return m_kind.hasAny && m_icmp.type == 0xff;
}

NfStatus
XtIcmpMatch::Parse(const XtArg& arg)
{
    NfResult<XtIcmpType> icmp = XtParseIcmpType(arg, m_kind);
    if (!icmp)
    {
        return icmp.Error();
    }
    m_icmp = *icmp;
    return NfOk();
}

bool
XtIcmpMatch::Match(XtParam& param)
{
    const uint8_t* icmp = XtPullHeader(param, NF_ICMP_HEADER_SIZE);
    return icmp && (IsAny() || m_icmp.Has(icmp[0], icmp[1])) != m_icmp.invert;
}

std::string
XtIcmpMatch::Save(const XtIp&) const
{
    const char* sign = m_icmp.invert ? " !" : "";
    if (IsAny())
    {
        return fmt::format("{} --{} any", sign, m_kind.option);
    }
    const bool allCodes = m_icmp.codeMin == 0 && m_icmp.codeMax == 0xff;
    return fmt::format("{} --{} {}{}",
                       sign,
                       m_kind.option,
                       m_icmp.type,
                       allCodes ? "" : fmt::format("/{}", m_icmp.codeMin));
}

std::string
XtIcmpMatch::Print(const XtIp&, bool numeric) const
{
    return fmt::format(" {}{}", m_kind.listing, m_icmp.Print(m_kind, numeric));
}

} // namespace ns3
