/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_MARK_CHANGE_H
#define XT_MARK_CHANGE_H

#include "xt-option.h"

#include <cstdint>
#include <string>

namespace ns3
{

/// Option ids of the changes that XtMarkChange knows, for the option tables that have them.
enum XtMarkChangeId : uint8_t
{
    XT_SET_XMARK,
    XT_SET_MARK,
    XT_AND_MARK,
    XT_OR_MARK,
    XT_XOR_MARK,
};

/**
 * @ingroup netfilter
 * What MARK, CONNMARK and TOS do: (old & ~mask) ^ value (iptables: libxt_MARK.c, libxt_CONNMARK.c,
 * libxt_TOS.c).
 */
struct XtMarkChange
{
    /// @param arg of one of XtMarkChangeId
    void Parse(const XtArg& arg);

    /// @return the changed mark
    uint32_t Apply(uint32_t old) const
    {
        return (old & ~mask) ^ value;
    }

    /// @return "and 0xff", "or 0x1", "xor 0x1", "set 0x1" or "xset 0x1/0xff" as listings show it
    std::string Print() const;

    /// @return " --set-xmark 0x1/0xff"
    std::string Save() const;

    uint32_t value{0};
    uint32_t mask{0};
};

} // namespace ns3

#endif // XT_MARK_CHANGE_H
