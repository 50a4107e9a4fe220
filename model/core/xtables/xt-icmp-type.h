/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_ICMP_TYPE_H
#define XT_ICMP_TYPE_H

#include "xt-option.h"

#include <cstdint>
#include <string>

namespace ns3
{

/// A name of an ICMP or ICMPv6 type, with or without code.
struct XtIcmpName
{
    const char* name;
    uint8_t type;
    uint8_t codeMin;
    uint8_t codeMax;
};

/**
 * @ingroup netfilter
 * The value of --icmp-type and --icmpv6-type (iptables: extensions/libxt_icmp.h).
 */
struct XtIcmpType
{
    uint8_t type{0xff};
    uint8_t codeMin{0};
    uint8_t codeMax{0xff};
    bool invert{false};

    /// @return whether an ICMP header has this type and code; inversion is not applied
    bool Has(uint8_t headerType, uint8_t headerCode) const
    {
        return headerType == type && headerCode >= codeMin && headerCode <= codeMax;
    }

    /// @param names for listings @return "8 code 0" as listings show it
    std::string Print(const XtIcmpName* names, size_t count, bool numeric) const;
};

/**
 * @param arg "echo-request", "8", "8/0", "8/0:3"
 * @param protocol "ICMP" or "ICMPv6", for messages
 */
NfResult<XtIcmpType> XtParseIcmpType(const XtArg& arg,
                                     const XtIcmpName* names,
                                     size_t count,
                                     const char* protocol);

} // namespace ns3

#endif // XT_ICMP_TYPE_H
