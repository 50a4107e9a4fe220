/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_TOS_NAMES_H
#define XT_TOS_NAMES_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace ns3
{

/// @return the name of a TOS value, masked with 0x3f: "Minimize-Delay"; null if it has none
const char* XtTosName(uint8_t value);

/// Per-hop behaviours by name, any case, cut short at will (RFC 2474, RFC 2597, RFC 3246).
/// @return the DSCP
std::optional<uint8_t> XtDscpClass(std::string_view name);

} // namespace ns3

#endif // XT_TOS_NAMES_H
