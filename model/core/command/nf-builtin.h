/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_BUILTIN_H
#define NF_BUILTIN_H

#include "../sets/ip-set.h"
#include "../xtables/xt-match.h"
#include "../xtables/xt-target.h"
#include "nf-command.h"

#include <string_view>

namespace ns3
{

/// @param family IPV4 or IPV6 @return the match of that name for that family, or null
const XtMatchType* NfFindMatchType(std::string_view name, NfFamily family);

/// @param family IPV4 or IPV6 @return the target of that name for that family, or null
const XtTargetType* NfFindTargetType(std::string_view name, NfFamily family);

/// @param name of a match or protocol as typed @return the match's own name: "icmp6" for "icmpv6"
std::string_view NfMatchNameOf(std::string_view name);

/// @param name of a set type, or its old name @return the type or null
const IpSetType* NfFindIpSetType(std::string_view name);

/// @return all set types, in the order of help
std::vector<const IpSetType*> NfGetIpSetTypes();

/// @param name as typed, without a path @return the command or null
const NfCommand* NfFindCommand(std::string_view name);

} // namespace ns3

#endif // NF_BUILTIN_H
