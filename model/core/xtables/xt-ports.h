/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_PORTS_H
#define XT_PORTS_H

#include "xt-option.h"

#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * A range of ports as tcp, udp, sctp and dccp compare it, and its texts.
 */
struct XtPortRange
{
    uint16_t min{0};
    uint16_t max{0xffff};
    bool invert{false};

    /// @param port host order @return whether the rule wants it
    bool Has(uint16_t port) const
    {
        return (port >= min && port <= max) != invert;
    }

    /**
     * @param name " --sport" @param always write the full range too
     * @return " ! --sport 1:2", "" for the full range
     */
    std::string Save(const char* name, bool always = false) const;

    /// @param name "spt" @param protocol of the rule @return " spts:!1:2", "" for the full range
    std::string Print(const char* name, uint8_t protocol, bool numeric) const;
};

/**
 * "a", "a:b", "a:" or ":b" with numbers or service names, once per rule, as the extensions with a
 * parser of their own read it.
 * @param option with dashes, for messages @param protocol "tcp", "sctp" @param range out
 */
NfStatus XtParsePortOption(const XtArg& arg,
                           const char* option,
                           const char* protocol,
                           XtPortRange& range);

/// @param arg of type PORTRC @return the range; a missing end is open
XtPortRange XtPortRangeOf(const XtArg& arg);

} // namespace ns3

#endif // XT_PORTS_H
