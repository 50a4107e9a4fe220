/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-address.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace ns3
{

namespace
{

constexpr size_t MAX_ADDRESS = 45; //!< characters a program looks at

/// @param number of a part @param at first byte it fills, out: the next @param last fills the rest
bool
PutPart(NfAddr& addr, unsigned long number, size_t& at, bool last)
{
    const size_t bytes = last ? 4 - at : 1;
    if (bytes < 4 && number >> (8 * bytes) != 0)
    {
        return false;
    }
    for (size_t i = 0; i < bytes; ++i, ++at)
    {
        addr.bytes[at] = static_cast<uint8_t>(number >> (8 * (bytes - 1 - i)));
    }
    return true;
}

/// inet_aton(): one to four numbers of any base, the last one fills what is left.
std::optional<NfAddr>
ParseLooseIpv4(const std::string& text)
{
    NfAddr addr;
    size_t at = 0;
    const char* cursor = text.c_str();
    while (*cursor >= '0' && *cursor <= '9' && at < 4)
    {
        char* end = nullptr;
        const unsigned long number = std::strtoul(cursor, &end, 0);
        const bool last = *end != '.';
        if (number > 0xffffffff || !PutPart(addr, number, at, last))
        {
            return std::nullopt;
        }
        if (last)
        {
            const bool blank = std::string_view(" \t\n\v\f\r").find(*end) != std::string_view::npos;
            return *end == '\0' || blank ? std::optional(addr) : std::nullopt;
        }
        cursor = end + 1;
    }
    return std::nullopt;
}

} // namespace

uint32_t
NfLooseNumber(const std::string& text)
{
    return static_cast<uint32_t>(std::strtoul(text.c_str(), nullptr, 0));
}

uint32_t
NfLooseDecimal(const std::string& text)
{
    return static_cast<uint32_t>(std::strtol(text.c_str(), nullptr, 10));
}

bool
NfIsStartOf(std::string_view text, std::string_view name)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    return text.size() <= name.size() &&
           std::equal(text.begin(), text.end(), name.begin(), [&lower](char a, char b) {
               return lower(a) == lower(b);
           });
}

NfParsedAddr
NfParseLooseAddress(const std::string& given)
{
    const std::string text = given.substr(0, MAX_ADDRESS);
    NfParsedAddr parsed;
    const size_t slash = text.find('/');
    const std::string host = text.substr(0, slash);
    if (const auto v4 = ParseLooseIpv4(host))
    {
        parsed.family = NfFamily::IPV4;
        parsed.addr = *v4;
    }
    else if (const auto v6 = NfAddr::Parse(host, NfFamily::IPV6))
    {
        parsed.family = NfFamily::IPV6;
        parsed.addr = *v6;
    }
    if (slash != std::string::npos)
    {
        char* end = nullptr;
        parsed.mask = std::strtol(text.c_str() + slash + 1, &end, 10);
        const long width = parsed.family == NfFamily::IPV6 ? 128 : 32;
        if (*end != '\0' || parsed.mask < 0 || parsed.mask > width)
        {
            parsed.mask = NfParsedAddr::BAD_MASK;
        }
    }
    return parsed;
}

} // namespace ns3
