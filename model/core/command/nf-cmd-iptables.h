/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CMD_IPTABLES_H
#define NF_CMD_IPTABLES_H

#include "../xtables/xt-table.h"
#include "nf-command.h"
#include "nf-iptables-request.h"

#include <string>

namespace ns3
{

/// What editing a table came to (libiptc: errno and iptc_fn).
struct NfIptablesFailure
{
    NfError error;       //!< complete message, status as the tool exits
    bool libiptc{false}; //!< error comes from the table: iptables-restore only says "line N failed"
};

/// Nothing, or a failure.
using NfIptablesOutcome = std::variant<NfNothing, NfIptablesFailure>;

/**
 * Carries a parsed command out on a table's content.
 * @param tool who speaks
 * @param request what to do; its extensions are moved into the rules
 * @param ruleset in and out; unspecified after a failure
 * @param out text for standard output is appended
 * @param err warnings are appended
 */
NfIptablesOutcome NfApplyIptables(const NfIptablesTool& tool,
                                  NfIptablesRequest& request,
                                  XtRuleset& ruleset,
                                  std::string& out,
                                  std::string& err);

/**
 * The tools start the policy counters of all built-in chains at 0 whenever they change a table
 * (libiptc: COUNTER_MAP_ZEROED); counters of rules stay.
 */
void NfZeroPolicyCounters(XtRuleset& ruleset);

/// The system's text for an errno the kernel gives. @return "Invalid argument"
std::string NfErrnoText(int error);

/**
 * iptables [-t TABLE] COMMAND ...
 * @param family IPV4 or IPV6 @param line args[0] is the command's name
 */
NfCommandResult NfRunIptables(NfNetns& netns, NfFamily family, const NfCommandLine& line);

/// iptables-save [-c] [-t TABLE]
NfCommandResult NfRunIptablesSave(NfNetns& netns, NfFamily family, const NfCommandLine& line);

/// iptables-restore [-n] [-c] [-t] [-T TABLE] [FILE]
NfCommandResult NfRunIptablesRestore(NfNetns& netns, NfFamily family, const NfCommandLine& line);

} // namespace ns3

#endif // NF_CMD_IPTABLES_H
