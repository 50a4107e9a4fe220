/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-mark-change.h"

#include <fmt/format.h>

namespace ns3
{

void
XtMarkChange::Parse(const XtArg& arg)
{
    const auto given = static_cast<uint32_t>(arg.low);
    switch (arg.option->id)
    {
    case XT_SET_XMARK:
        *this = {given, arg.mask};
        break;
    case XT_SET_MARK:
        *this = {given, given | arg.mask};
        break;
    case XT_AND_MARK:
        *this = {0, ~given};
        break;
    case XT_OR_MARK:
        *this = {given, given};
        break;
    default:
        *this = {given, 0};
    }
}

std::string
XtMarkChange::Print() const
{
    if (value == 0)
    {
        return fmt::format("and {:#x}", ~mask);
    }
    if (value == mask)
    {
        return fmt::format("or {:#x}", value);
    }
    if (mask == 0)
    {
        return fmt::format("xor {:#x}", value);
    }
    return mask == 0xffffffff ? fmt::format("set {:#x}", value)
                              : fmt::format("xset {:#x}/{:#x}", value, mask);
}

std::string
XtMarkChange::Save() const
{
    return fmt::format(" --set-xmark {:#x}/{:#x}", value, mask);
}

} // namespace ns3
