/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_IPTABLES_REQUEST_H
#define NF_IPTABLES_REQUEST_H

#include "../packet/nf-result.h"
#include "../xtables/xt-rule.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

class IpSets;

/// Version the commands claim, as the real tool prints it.
constexpr const char* NF_IPTABLES_VERSION = "1.8.9";

/// What iptables is asked to do; -L and -Z, -S and -Z go together.
enum NfIptablesAction : uint32_t
{
    NF_IPT_INSERT = 1U << 0,
    NF_IPT_DELETE = 1U << 1,
    NF_IPT_DELETE_NUM = 1U << 2,
    NF_IPT_REPLACE = 1U << 3,
    NF_IPT_APPEND = 1U << 4,
    NF_IPT_LIST = 1U << 5,
    NF_IPT_FLUSH = 1U << 6,
    NF_IPT_ZERO = 1U << 7,
    NF_IPT_NEW_CHAIN = 1U << 8,
    NF_IPT_DELETE_CHAIN = 1U << 9,
    NF_IPT_SET_POLICY = 1U << 10,
    NF_IPT_RENAME_CHAIN = 1U << 11,
    NF_IPT_LIST_RULES = 1U << 12,
    NF_IPT_ZERO_NUM = 1U << 13,
    NF_IPT_CHECK = 1U << 14,
};

/// Actions that come with a rule.
constexpr uint32_t NF_IPT_WITH_RULE =
    NF_IPT_INSERT | NF_IPT_DELETE | NF_IPT_REPLACE | NF_IPT_APPEND | NF_IPT_CHECK;

/// Options that were given.
enum NfIptablesOption : uint32_t
{
    NF_IPT_NUMERIC = 1U << 0,
    NF_IPT_SOURCE = 1U << 1,
    NF_IPT_DESTINATION = 1U << 2,
    NF_IPT_PROTOCOL = 1U << 3,
    NF_IPT_JUMP = 1U << 4,
    NF_IPT_VERBOSE = 1U << 5,
    NF_IPT_EXPANDED = 1U << 6,
    NF_IPT_IN = 1U << 7,
    NF_IPT_OUT = 1U << 8,
    NF_IPT_LINE_NUMBERS = 1U << 9,
    NF_IPT_COUNTERS = 1U << 10,
    NF_IPT_FRAGMENT = 1U << 11,
};

/// Who parses: decides names in messages and what is allowed.
struct NfIptablesTool
{
    IpSets* sets{nullptr}; //!< the namespace's; null: no set is known
    NfFamily family{NfFamily::IPV4};
    std::string name{"iptables"}; //!< "ip6tables", "iptables-restore", ...
    unsigned line{0};             //!< line of the restore file, 0: not in one
};

/**
 * A complete message of the tool on standard error.
 * @param tool who speaks
 * @param error status 2 adds "Try ...", 3 "Perhaps ... needs to be upgraded."
 * @return the same status, message with everything but the last newline
 */
NfError NfIptablesError(const NfIptablesTool& tool, const NfError& error);

/// The lines behind a usage error. @return "Error occurred at line: N\nTry ..."
std::string NfIptablesTryHelp(const NfIptablesTool& tool);

/// An address and its mask.
using NfAddrMask = std::pair<NfAddr, NfAddr>;

/**
 * @ingroup netfilter
 * One command line of iptables, understood but not carried out (iptables: struct
 * xtables_cmd_parse, struct iptables_command_state).
 */
struct NfIptablesRequest
{
    uint32_t actions{0}; //!< NfIptablesAction bits
    uint32_t options{0}; //!< NfIptablesOption bits
    int verbose{0};      //!< how many -v
    std::string table{"filter"};
    bool hasChain{false};
    std::string chain;
    std::string newName;
    std::string policy;
    unsigned ruleNumber{0}; //!< 1-based, 0: none
    XtIp ip;
    std::vector<NfAddrMask> sources; //!< at least one for actions with a rule
    std::vector<NfAddrMask> destinations;
    std::vector<XtUse<XtMatch>> matches;
    std::string jumpTo; //!< name behind -j or -g
    bool isGoto{false};
    XtUse<XtTarget> target; //!< when jumpTo is an extension
    XtCounters counters;
    bool done{false};     //!< help or version was asked for, or the line is not for this family
    std::string output;   //!< text for standard output
    std::string warnings; //!< text for standard error that is no failure
};

/**
 * Parses the words of a command (iptables: do_parse()).
 * @param tool who parses
 * @param words without the command's name
 * @param request out
 * @return a complete message (NfIptablesError())
 */
NfStatus NfParseIptables(const NfIptablesTool& tool,
                         const std::vector<std::string>& words,
                         NfIptablesRequest& request);

} // namespace ns3

#endif // NF_IPTABLES_REQUEST_H
