/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_IPTABLES_LIST_H
#define NF_IPTABLES_LIST_H

#include "../xtables/xt-rule.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ns3
{

/// How iptables -L prints (iptables: FMT_*).
struct NfIptablesFormat
{
    bool numeric{false};     //!< -n
    bool counters{false};    //!< -v
    bool interfaces{false};  //!< -v
    bool exact{false};       //!< -x
    bool lineNumbers{false}; //!< --line-numbers
    bool table{true};        //!< in columns; else as -v echoes a rule
};

/// A rule as iptables -L prints it. @param number 1-based
std::string NfFormatRule(const XtEntry& entry, unsigned number, const NfIptablesFormat& format);

/// The line that -A and -D with -v print. @param rule which
std::string NfEchoRule(const XtRule& rule);

/**
 * iptables -L.
 * @param chain only this one, if given @param rule only this one (1-based), 0: all
 * @param found out: whether there is such a chain
 */
std::string NfListChains(const XtRuleset& ruleset,
                         const std::string* chain,
                         unsigned rule,
                         const NfIptablesFormat& format,
                         bool& found);

/// iptables -S. Parameters as NfListChains(). @param counters -v
std::string NfListRules(const XtRuleset& ruleset,
                        const std::string* chain,
                        unsigned rule,
                        bool counters,
                        bool& found);

} // namespace ns3

#endif // NF_IPTABLES_LIST_H
