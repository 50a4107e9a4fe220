/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_VALUE_MASK_H
#define XT_VALUE_MASK_H

#include "xt-option.h"

#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * "value[/mask]" or a name from a file of iproute2 (iptables: xtables_parse_val_mask(),
 * xtables_print_val_mask()). Debian's files have one name each, that of 0.
 */
struct XtValueMask
{
    /// @param arg its text is parsed @param zero name of 0 @return the tool's error
    NfStatus Parse(const XtArg& arg, const char* zero);

    /// @param zero name of 0, null: no names @return "default", "0x1" or "0x1/0xff"
    std::string Format(const char* zero) const;

    uint32_t value{0};
    uint32_t mask{0};
    bool invert{false};
};

} // namespace ns3

#endif // XT_VALUE_MASK_H
