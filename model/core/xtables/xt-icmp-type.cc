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
XtParseIcmpType(const XtArg& arg, const XtIcmpName* names, size_t count, const char* protocol)
{
    const XtIcmpName* found = nullptr;
    for (const XtIcmpName* row = names; row != names + count; ++row)
    {
        if (!XtIsPrefix(arg.text, row->name))
        {
            continue;
        }
        if (found)
        {
            return XtBadParameter(fmt::format("Ambiguous {} type `{}': `{}' or `{}'?",
                                              protocol,
                                              arg.text,
                                              found->name,
                                              row->name));
        }
        found = row;
    }
    NfResult<XtIcmpType> icmp = found
                                    ? XtIcmpType{found->type, found->codeMin, found->codeMax, false}
                                    : ParseNumbers(arg.text, protocol);
    if (icmp)
    {
        icmp->invert = arg.invert;
    }
    return icmp;
}

std::string
XtIcmpType::Print(const XtIcmpName* names, size_t count, bool numeric) const
{
    const XtIcmpName* end = numeric ? names : names + count;
    for (const XtIcmpName* row = names; row != end; ++row)
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

} // namespace ns3
