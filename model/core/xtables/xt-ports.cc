/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-ports.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

NfStatus
ParsePort(const std::string& text, const char* protocol, uint16_t& port)
{
    NfResult<uint16_t> parsed = XtParsePort(text, protocol);
    if (!parsed)
    {
        return parsed.Error();
    }
    port = *parsed;
    return NfOk();
}

} // namespace

std::string
XtPortRange::Save(const char* name, bool always) const
{
    if (min == 0 && max == 0xffff && !always)
    {
        return {};
    }
    const std::string value = min == max ? fmt::format("{}", min) : fmt::format("{}:{}", min, max);
    return fmt::format("{}{} {}", invert ? " !" : "", name, value);
}

std::string
XtPortRange::Print(const char* name, uint8_t protocol, bool numeric) const
{
    if (min == 0 && max == 0xffff && !invert)
    {
        return {};
    }
    const std::string low = XtFormatPort(min, protocol, numeric);
    const char* sign = invert ? "!" : "";
    return min == max
               ? fmt::format(" {}:{}{}", name, sign, low)
               : fmt::format(" {}s:{}{}:{}", name, sign, low, XtFormatPort(max, protocol, numeric));
}

NfStatus
XtParsePortOption(const XtArg& arg, const char* option, const char* protocol, XtPortRange& range)
{
    if (arg.seen >> arg.option->id & 1)
    {
        return XtBadParameter(fmt::format("Only one `{}' allowed", option));
    }
    const size_t colon = arg.text.find(':');
    const bool one = colon == std::string::npos;
    const std::string low = arg.text.substr(0, colon);
    const std::string high = one ? low : arg.text.substr(colon + 1);
    range.invert = arg.invert;
    NfStatus status = one || !low.empty() ? ParsePort(low, protocol, range.min) : NfOk();
    if (status && (one || !high.empty()))
    {
        status = ParsePort(high, protocol, range.max);
    }
    return status && range.min > range.max ? XtBadParameter("invalid portrange (min > max)")
                                           : status;
}

XtPortRange
XtPortRangeOf(const XtArg& arg)
{
    XtPortRange range;
    range.min = static_cast<uint16_t>(arg.low);
    range.max = static_cast<uint16_t>(arg.count == 2 ? arg.high : arg.low);
    range.invert = arg.invert;
    return range;
}

} // namespace ns3
