/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_NAMES_H
#define XT_NAMES_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace ns3
{

/// Well-known ports by name (getservbyname). @param protocol "tcp", "udp", "sctp", "dccp", null:
/// any
std::optional<uint16_t> XtServicePort(std::string_view name, const char* protocol);

/// Names of well-known ports (getservbyport). @param protocol IP protocol number @return "" if none
std::string_view XtServiceName(uint16_t port, uint8_t protocol);

/// Protocol numbers by name as iptables knows them, aliases too. "all" is 0.
std::optional<uint8_t> XtProtocolNumber(std::string_view name);

/// @param protocol a number @return the name that save and listings write: "tcp"; "" if they
/// write the number
std::string_view XtProtocolName(uint8_t protocol);

} // namespace ns3

#endif // XT_NAMES_H
