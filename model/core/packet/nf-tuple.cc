/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-tuple.h"

#include <algorithm>
#include <arpa/inet.h>

namespace ns3
{

namespace
{

int
AddressFamily(NfFamily family)
{
    return family == NfFamily::IPV6 ? AF_INET6 : AF_INET;
}

size_t
AddressSize(NfFamily family)
{
    return family == NfFamily::IPV6 ? 16 : 4;
}

} // namespace

std::optional<NfAddr>
NfAddr::Parse(std::string_view text, NfFamily family)
{
    NfAddr addr;
    const std::string zeroTerminated(text);
    if (inet_pton(AddressFamily(family), zeroTerminated.c_str(), addr.bytes.data()) != 1 ||
        zeroTerminated.find('\0') != std::string::npos)
    {
        return std::nullopt;
    }
    return addr;
}

std::string
NfAddr::ToString(NfFamily family) const
{
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(AddressFamily(family), bytes.data(), text, sizeof(text));
}

std::string
NfAddr::ToFullString() const
{
    static constexpr char DIGITS[] = "0123456789abcdef";
    std::string text;
    text.reserve(39);
    for (size_t i = 0; i < bytes.size(); ++i)
    {
        if (i != 0 && i % 2 == 0)
        {
            text += ':';
        }
        text += DIGITS[bytes[i] >> 4];
        text += DIGITS[bytes[i] & 0xf];
    }
    return text;
}

NfAddr
operator&(const NfAddr& a, const NfAddr& b)
{
    NfAddr both;
    std::transform(a.bytes.begin(),
                   a.bytes.end(),
                   b.bytes.begin(),
                   both.bytes.begin(),
                   [](uint8_t x, uint8_t y) { return static_cast<uint8_t>(x & y); });
    return both;
}

NfAddr
NfPrefixMask(NfFamily family, unsigned length)
{
    NfAddr mask;
    length = std::min<unsigned>(length, static_cast<unsigned>(8 * AddressSize(family)));
    std::fill_n(mask.bytes.begin(), length / 8, uint8_t{0xff});
    if (length % 8 != 0)
    {
        mask.bytes[length / 8] = static_cast<uint8_t>(0xff00 >> length % 8);
    }
    return mask;
}

std::optional<unsigned>
NfPrefixLength(NfFamily family, const NfAddr& mask)
{
    for (unsigned length = 0; length <= 8 * AddressSize(family); ++length)
    {
        if (NfPrefixMask(family, length) == mask)
        {
            return length;
        }
    }
    return std::nullopt;
}

} // namespace ns3
