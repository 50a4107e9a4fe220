/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_ADDRESS_H
#define NF_CONNTRACK_ADDRESS_H

#include "../packet/nf-tuple.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ns3
{

/**
 * @file
 * @ingroup netfilter
 * Numbers and addresses as old C programs take them.
 */

/// An address with what stands behind its slash.
struct NfParsedAddr
{
    static constexpr long NO_MASK = -1;
    static constexpr long BAD_MASK = -2;

    NfFamily family{NfFamily::UNSPEC};
    NfAddr addr;
    long mask{NO_MASK};
};

/// inet_aton() or inet_pton(), with a mask. @param text "10.1/8" @return family UNSPEC: no address
NfParsedAddr NfParseLooseAddress(const std::string& text);

/// strtoul() with any base, of a text that may be anything.
uint32_t NfLooseNumber(const std::string& text);

/// atoi(), atol() and the like.
uint32_t NfLooseDecimal(const std::string& text);

/// @param text in either case @param name of a table @return true if it is the name's start
bool NfIsStartOf(std::string_view text, std::string_view name);

} // namespace ns3

#endif // NF_CONNTRACK_ADDRESS_H
