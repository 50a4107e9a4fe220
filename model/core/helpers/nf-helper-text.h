/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_TEXT_H
#define NF_HELPER_TEXT_H

#include "../packet/nf-wire.h"

#include <string>
#include <string_view>

/**
 * @file
 * Payload bytes as text, the way the helpers of text protocols read them. Nothing here depends on a
 * locale.
 */

namespace ns3
{

/// @param bytes any @return the same bytes as characters
inline std::string_view
NfText(NfBytes bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// @param text any @return the same characters as bytes; valid as long as the text is
inline NfBytes
NfTextBytes(std::string_view text)
{
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// @return true for '0' to '9'
inline bool
NfIsDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// @return the ASCII lower-case letter, other characters as they are
inline char
NfToLower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// @return true if @p text begins with @p prefix, ASCII case ignored
inline bool
NfStartsWithNoCase(std::string_view text, std::string_view prefix)
{
    if (text.size() < prefix.size())
    {
        return false;
    }
    for (size_t i = 0; i < prefix.size(); i++)
    {
        if (NfToLower(text[i]) != NfToLower(prefix[i]))
        {
            return false;
        }
    }
    return true;
}

/**
 * Decimal digits in front of a text (Linux: simple_strtoul(, , 10)); wraps as 32 bits do.
 * @param text shortened by the digits
 * @return their value, 0 without any
 */
inline uint32_t
NfTakeNumber(std::string_view& text)
{
    uint32_t value = 0;
    while (!text.empty() && NfIsDigit(text.front()))
    {
        value = value * 10 + static_cast<uint32_t>(text.front() - '0');
        text.remove_prefix(1);
    }
    return value;
}

} // namespace ns3

#endif // NF_HELPER_TEXT_H
