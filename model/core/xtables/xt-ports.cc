/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-ports.h"

#include <fmt/format.h>

namespace ns3
{

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

NfResult<XtPortRange>
XtParsePortRange(const XtArg& arg, const char* protocol)
{
    const size_t colon = arg.text.find(':');
    XtPortRange range;
    range.invert = arg.invert;
    const std::string low = arg.text.substr(0, colon);
    const std::string high = colon == std::string::npos ? low : arg.text.substr(colon + 1);
    if (colon == std::string::npos || !low.empty())
    {
        NfResult<uint16_t> port = XtParsePort(low, protocol);
        if (!port)
        {
            return port.Error();
        }
        range.min = *port;
    }
    if (colon == std::string::npos || !high.empty())
    {
        NfResult<uint16_t> port = XtParsePort(high, protocol);
        if (!port)
        {
            return port.Error();
        }
        range.max = *port;
    }
    if (range.min > range.max)
    {
        return XtBadParameter("invalid portrange (min > max)");
    }
    return range;
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
