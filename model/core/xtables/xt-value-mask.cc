/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-value-mask.h"

#include <fmt/format.h>

namespace ns3
{

NfStatus
XtValueMask::Parse(const XtArg& arg, const char* zero)
{
    auto parsed = XtParseMarkMask(arg.text);
    if (!parsed && arg.text == zero)
    {
        parsed.emplace(0, 0xffffffff);
    }
    if (!parsed)
    {
        return XtBadParameter(
            fmt::format("{}: could not map name {} to an integer value for option \"--{}\".\n",
                        arg.extension,
                        arg.text,
                        arg.option->name));
    }
    value = parsed->first;
    mask = parsed->second;
    invert = arg.invert;
    return NfOk();
}

std::string
XtValueMask::Format(const char* zero) const
{
    return zero && value == 0 && mask == 0xffffffff ? zero : XtFormatMark(value, mask);
}

} // namespace ns3
