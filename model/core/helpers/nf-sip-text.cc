/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-sip-text.h"

#include "nf-helper-text.h"

#include <algorithm>
#include <optional>

namespace ns3
{

namespace
{

constexpr long NOWHERE = -1;
constexpr uint16_t SIP_PORT = 5060;
constexpr long MAX_DIGITS = 11;     //!< of a number
constexpr long MAX_PORT_DIGITS = 5; //!< of a port

/// How long the interesting part of a value is.
enum class Shape : uint8_t
{
    DIGITS,
    ADDR,      //!< address and port
    USER_ADDR, //!< the same behind user@
    SDP_ADDR,  //!< address alone
    MEDIA,     //!< media type and port
};

bool
IsAlpha(char c)
{
    return NfToLower(c) >= 'a' && NfToLower(c) <= 'z';
}

bool
IsHex(char c)
{
    return NfIsDigit(c) || (NfToLower(c) >= 'a' && NfToLower(c) <= 'f');
}

bool
IsNewline(char c)
{
    return c == '\r' || c == '\n';
}

bool
IsBlank(char c)
{
    return c == ' ' || c == '\t';
}

/// Linux: in4_pton(). Zeros may stand before the numbers, all are decimal.
std::optional<NfAddr>
ParseIpv4(std::string_view text)
{
    uint32_t addr = 0;
    for (unsigned part = 0; part < 4; part++)
    {
        const size_t dot = part < 3 ? text.find('.') : text.size();
        uint32_t value = 0;
        const std::string_view digits = text.substr(0, dot);
        if (dot == std::string_view::npos || digits.empty())
        {
            return std::nullopt;
        }
        for (char c : digits)
        {
            value = NfIsDigit(c) ? value * 10 + static_cast<uint32_t>(c - '0') : 256;
            if (value > 255)
            {
                return std::nullopt;
            }
        }
        addr = addr << 8 | value;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return NfAddr::FromIpv4(addr);
}

} // namespace

/// What is known of a header.
struct NfSipRow
{
    std::string_view name;
    std::string_view compact; //!< short form, may be empty
    std::string_view search;  //!< the value begins behind it, may be empty
    Shape shape;
};

namespace
{

constexpr NfSipRow SIP_HEADERS[] = {
    {"CSeq", "", "", Shape::DIGITS},
    {"From", "f", "sip:", Shape::USER_ADDR},
    {"To", "t", "sip:", Shape::USER_ADDR},
    {"Contact", "m", "sip:", Shape::USER_ADDR},
    {"Via", "v", "UDP ", Shape::ADDR},
    {"Via", "v", "TCP ", Shape::ADDR},
    {"Expires", "", "", Shape::DIGITS},
    {"Content-Length", "l", "", Shape::DIGITS},
};

constexpr NfSipRow SDP_HEADERS[2][5] = {{
                                            {"", "", "", Shape::DIGITS},
                                            {"v=", "", "", Shape::DIGITS},
                                            {"o=", "", "IN IP4 ", Shape::SDP_ADDR},
                                            {"c=", "", "IN IP4 ", Shape::SDP_ADDR},
                                            {"m=", "", "", Shape::MEDIA},
                                        },
                                        {
                                            {"", "", "", Shape::DIGITS},
                                            {"v=", "", "", Shape::DIGITS},
                                            {"o=", "", "IN IP6 ", Shape::SDP_ADDR},
                                            {"c=", "", "IN IP6 ", Shape::SDP_ADDR},
                                            {"m=", "", "", Shape::MEDIA},
                                        }};

} // namespace

char
NfSipText::At(long at) const
{
    return at >= 0 && at < static_cast<long>(m_text.size()) ? m_text[static_cast<size_t>(at)]
                                                            : '\0';
}

bool
NfSipText::HasNoCase(long at, std::string_view word) const
{
    return at <= static_cast<long>(m_text.size()) &&
           NfStartsWithNoCase(m_text.substr(static_cast<size_t>(at)), word);
}

/// @param at a line end @return the first word of the continuation line, NOWHERE: a new header
long
NfSipText::FollowContinuation(long at, long limit) const
{
    if (++at >= limit)
    {
        return NOWHERE;
    }
    if (At(at - 1) == '\r' && At(at) == '\n' && ++at >= limit)
    {
        return NOWHERE;
    }
    if (!IsBlank(At(at)))
    {
        return NOWHERE;
    }
    while (at < limit && IsBlank(At(at)))
    {
        at++;
    }
    return at;
}

long
NfSipText::SkipWhitespace(long at) const
{
    const auto limit = static_cast<long>(m_text.size());
    for (; at < limit; at++)
    {
        if (At(at) == ' ')
        {
            continue;
        }
        if (!IsNewline(At(at)))
        {
            break;
        }
        at = FollowContinuation(at, limit);
        if (at == NOWHERE)
        {
            return NOWHERE;
        }
    }
    return at;
}

/// Inside a header value. What ends exactly at the limit is not found, as in Linux.
long
NfSipText::Search(long at, long limit, std::string_view needle) const
{
    limit -= static_cast<long>(needle.size());
    for (; at < limit; at++)
    {
        if (IsNewline(At(at)))
        {
            at = FollowContinuation(at, limit);
            if (at == NOWHERE)
            {
                break;
            }
            continue;
        }
        if (HasNoCase(at, needle))
        {
            return at;
        }
    }
    return NOWHERE;
}

/// Inside a line of a session description.
long
NfSipText::SearchLine(long at, std::string_view needle) const
{
    const auto limit = static_cast<long>(m_text.size() - needle.size());
    for (; at < limit && !IsNewline(At(at)); at++)
    {
        if (m_text.substr(static_cast<size_t>(at), needle.size()) == needle)
        {
            return at;
        }
    }
    return NOWHERE;
}

/// @return the beginning of the line behind the next line end, NOWHERE: there is none
long
NfSipText::NextLine(long at) const
{
    const auto limit = static_cast<long>(m_text.size());
    while (at < limit && !IsNewline(At(at)))
    {
        at++;
    }
    if (at >= limit || ++at >= limit)
    {
        return NOWHERE;
    }
    if (At(at - 1) == '\r' && At(at) == '\n' && ++at >= limit)
    {
        return NOWHERE;
    }
    return at;
}

long
NfSipText::DigitsLength(long at) const
{
    long length = 0;
    while (NfIsDigit(At(at + length)))
    {
        length++;
    }
    return length;
}

/// @param end behind the address, out
bool
NfSipText::ParseAddr(long at, bool brackets, NfAddr& addr, long& end) const
{
    const bool v6 = m_family == NfFamily::IPV6;
    const bool open = v6 && At(at) == '[';
    if (v6 && brackets && !open)
    {
        return false;
    }
    at += open;
    end = at;
    while (v6 ? IsHex(At(end)) || At(end) == ':' || At(end) == '.'
              : NfIsDigit(At(end)) || At(end) == '.')
    {
        end++;
    }
    // Linux: in4_pton() takes a hexadecimal letter for a part of the number.
    if (at >= end || (!v6 && IsHex(At(end))))
    {
        return false;
    }
    const std::string_view text =
        m_text.substr(static_cast<size_t>(at), static_cast<size_t>(end - at));
    const std::optional<NfAddr> parsed = v6 ? NfAddr::Parse(text, m_family) : ParseIpv4(text);
    if (!parsed)
    {
        return false;
    }
    addr = *parsed;
    const bool close = v6 && At(end) == ']';
    end += close;
    return close || !v6 || !brackets;
}

/// An optional port. @param at moved behind it @return false: not a port a phone may use
bool
NfSipText::ParsePort(long& at, uint16_t& port) const
{
    port = SIP_PORT;
    if (At(at) != ':')
    {
        return true;
    }
    at++;
    const uint32_t value = ParseNumber(static_cast<size_t>(at)).value_or(0);
    const long length = DigitsLength(at);
    at += length;
    port = static_cast<uint16_t>(value);
    return length <= MAX_PORT_DIGITS && value >= 1024 && value <= 65535;
}

long
NfSipText::AddrLength(long at) const
{
    NfAddr addr;
    long end = at;
    if (!ParseAddr(at, true, addr, end))
    {
        return 0;
    }
    if (At(end) == ':')
    {
        end++;
        end += DigitsLength(end);
    }
    return end - at;
}

/// @param shift length of user@, out
long
NfSipText::UserAddrLength(long at, long& shift) const
{
    const auto limit = static_cast<long>(m_text.size());
    long user = at;
    while (user < limit && At(user) != '@' && !IsNewline(At(user)))
    {
        user++;
    }
    shift = user < limit && At(user) == '@' ? user + 1 - at : 0;
    return AddrLength(at + shift);
}

long
NfSipText::MediaLength(long at) const
{
    long length = 0;
    while (IsAlpha(At(at + length)))
    {
        length++;
    }
    if (At(at + length) != ' ')
    {
        return 0;
    }
    length++;
    return length + DigitsLength(at + length);
}

long
NfSipText::MatchLength(const NfSipRow& row, long at, long& shift) const
{
    NfAddr addr;
    long end = at;
    shift = 0;
    switch (row.shape)
    {
    case Shape::ADDR:
        return AddrLength(at);
    case Shape::USER_ADDR:
        return UserAddrLength(at, shift);
    case Shape::SDP_ADDR:
        return ParseAddr(at, false, addr, end) ? end - at : 0;
    case Shape::MEDIA:
        return MediaLength(at);
    case Shape::DIGITS:
        break;
    }
    return DigitsLength(at);
}

std::optional<uint32_t>
NfSipText::ParseNumber(size_t at) const
{
    const long length = DigitsLength(static_cast<long>(at));
    if (length == 0 || length > MAX_DIGITS)
    {
        return std::nullopt;
    }
    uint64_t value = 0;
    for (char c : m_text.substr(at, static_cast<size_t>(length)))
    {
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return value <= UINT32_MAX ? std::optional(static_cast<uint32_t>(value)) : std::nullopt;
}

NfSipFound
NfSipText::ParseRequest(NfSipMatch& match) const
{
    const auto limit = static_cast<long>(m_text.size());
    long at = 0;
    while (IsAlpha(At(at)))
    {
        at++;
    }
    if (at == 0 || ++at >= limit)
    {
        return NfSipFound::NO;
    }
    for (; at < limit - 4; at++)
    {
        if (IsNewline(At(at)))
        {
            return NfSipFound::BAD;
        }
        if (HasNoCase(at, "sip:"))
        {
            at += 4;
            break;
        }
    }
    long shift = 0;
    if (UserAddrLength(at, shift) == 0)
    {
        return NfSipFound::NO;
    }
    at += shift;
    long end = at;
    if (!ParseAddr(at, true, match.addr, end) || !ParsePort(end, match.port))
    {
        return NfSipFound::BAD;
    }
    match.offset = static_cast<size_t>(at);
    match.length = static_cast<size_t>(end - at);
    return NfSipFound::YES;
}

NfSipFound
NfSipText::GetHeader(size_t from, NfSipHeader type, NfSipMatch& match) const
{
    const NfSipRow& row = SIP_HEADERS[static_cast<size_t>(type)];
    const auto limit = static_cast<long>(m_text.size());
    // Each round looks at the line behind the next line end, then one character further.
    for (long at = NextLine(static_cast<long>(from)); at != NOWHERE; at = NextLine(at + 1))
    {
        const auto compact = static_cast<long>(row.compact.size());
        if (IsBlank(At(at)))
        {
            continue;
        }
        if (HasNoCase(at, row.name))
        {
            at += static_cast<long>(row.name.size());
        }
        else if (compact > 0 && limit - at >= compact + 1 && HasNoCase(at, row.compact) &&
                 !IsAlpha(At(at + compact)))
        {
            at += compact;
        }
        else
        {
            continue;
        }
        at = SkipWhitespace(at);
        if (at == NOWHERE || At(at) != ':' || ++at >= limit)
        {
            return NfSipFound::NO;
        }
        at = SkipWhitespace(at);
        if (at == NOWHERE)
        {
            return NfSipFound::NO;
        }
        match.offset = static_cast<size_t>(at);
        if (!row.search.empty())
        {
            at = Search(at, limit, row.search);
            if (at == NOWHERE)
            {
                return NfSipFound::BAD;
            }
            at += static_cast<long>(row.search.size());
        }
        long shift = 0;
        match.length = static_cast<size_t>(MatchLength(row, at, shift));
        if (match.length == 0)
        {
            return NfSipFound::BAD;
        }
        match.offset = static_cast<size_t>(at + shift);
        return NfSipFound::YES;
    }
    return NfSipFound::NO;
}

/// Linux: ct_sip_next_header(): the next of several values separated by commas.
NfSipFound
NfSipText::GetNextValue(size_t from, const NfSipRow& row, NfSipMatch& match) const
{
    const auto limit = static_cast<long>(m_text.size());
    long at = Search(static_cast<long>(from), limit, ",");
    at = at == NOWHERE ? NOWHERE : Search(at, limit, row.search);
    if (at == NOWHERE)
    {
        return NfSipFound::NO;
    }
    at += static_cast<long>(row.search.size());
    long shift = 0;
    match.offset = static_cast<size_t>(at);
    match.length = static_cast<size_t>(MatchLength(row, at, shift));
    if (match.length == 0)
    {
        return NfSipFound::BAD;
    }
    match.offset += static_cast<size_t>(shift);
    return NfSipFound::YES;
}

/// Linux: ct_sip_walk_headers(): values that are not understood are passed over.
NfSipFound
NfSipText::Walk(NfSipCursor& cursor, NfSipHeader type, NfSipMatch& match) const
{
    size_t from = cursor.offset;
    while (cursor.inHeader)
    {
        const NfSipFound found = GetNextValue(from, SIP_HEADERS[static_cast<size_t>(type)], match);
        if (found == NfSipFound::YES)
        {
            return found;
        }
        cursor.inHeader = found == NfSipFound::BAD;
        from += cursor.inHeader ? match.offset : 0;
    }
    while (true)
    {
        const NfSipFound found = GetHeader(from, type, match);
        if (found != NfSipFound::BAD)
        {
            cursor.inHeader = found == NfSipFound::YES;
            return found;
        }
        from += match.offset;
    }
}

/// @param match where the address is, its value out @param end behind address and port, out
NfSipFound
NfSipText::ReadUri(NfSipMatch& match, size_t& end) const
{
    long at = 0;
    if (!ParseAddr(static_cast<long>(match.offset), true, match.addr, at) ||
        !ParsePort(at, match.port))
    {
        return NfSipFound::BAD;
    }
    end = static_cast<size_t>(at);
    return NfSipFound::YES;
}

NfSipFound
NfSipText::ParseUri(NfSipHeader type, NfSipMatch& match) const
{
    NfSipCursor cursor;
    return ParseNextUri(type, cursor, match);
}

NfSipFound
NfSipText::ParseNextUri(NfSipHeader type, NfSipCursor& cursor, NfSipMatch& match) const
{
    const NfSipFound found = Walk(cursor, type, match);
    return found == NfSipFound::YES ? ReadUri(match, cursor.offset) : found;
}

/// @return behind the name of a parameter of the value that begins before @p from
long
NfSipText::FindParam(size_t from, std::string_view name) const
{
    const auto size = static_cast<long>(m_text.size());
    const long comma = Search(static_cast<long>(from), size, ",");
    const long at = Search(static_cast<long>(from), comma == NOWHERE ? size : comma, name);
    return at == NOWHERE ? NOWHERE : at + static_cast<long>(name.size());
}

bool
NfSipText::ParseAddressParam(size_t from,
                             std::string_view name,
                             bool brackets,
                             NfSipMatch& match) const
{
    const long at = FindParam(from, name);
    long end = at;
    if (at == NOWHERE || !ParseAddr(at, brackets, match.addr, end))
    {
        return false;
    }
    match.offset = static_cast<size_t>(at);
    match.length = static_cast<size_t>(end - at);
    return true;
}

NfSipFound
NfSipText::ParseNumberParam(size_t from, std::string_view name, NfSipMatch& match) const
{
    const long at = FindParam(from, name);
    if (at == NOWHERE)
    {
        return NfSipFound::NO;
    }
    const std::optional<uint32_t> number = ParseNumber(static_cast<size_t>(at));
    if (!number)
    {
        return NfSipFound::BAD;
    }
    match.offset = static_cast<size_t>(at);
    match.length = static_cast<size_t>(DigitsLength(at));
    match.number = *number;
    return NfSipFound::YES;
}

bool
NfSipText::IsTransport(size_t from, uint8_t protocol) const
{
    const long at = FindParam(from, "transport=");
    return at == NOWHERE || HasNoCase(at, protocol == NF_IPPROTO_TCP ? "TCP" : "UDP");
}

NfSipFound
NfSipText::GetSdp(size_t from, NfSdpHeader type, NfSdpHeader until, NfSipMatch& match) const
{
    const auto& rows = SDP_HEADERS[m_family == NfFamily::IPV6];
    const NfSipRow& row = rows[static_cast<size_t>(type)];
    const NfSipRow& last = rows[static_cast<size_t>(until)];
    for (long at = NextLine(static_cast<long>(from)); at != NOWHERE; at = NextLine(at + 1))
    {
        if (until != NfSdpHeader::NONE && HasNoCase(at, last.name))
        {
            break;
        }
        if (!HasNoCase(at, row.name))
        {
            continue;
        }
        at += static_cast<long>(row.name.size());
        match.offset = static_cast<size_t>(at);
        if (!row.search.empty())
        {
            at = SearchLine(at, row.search);
            if (at == NOWHERE)
            {
                return NfSipFound::BAD;
            }
            at += static_cast<long>(row.search.size());
        }
        long shift = 0;
        match.length = static_cast<size_t>(MatchLength(row, at, shift));
        if (match.length == 0)
        {
            return NfSipFound::BAD;
        }
        match.offset = static_cast<size_t>(at);
        return NfSipFound::YES;
    }
    return NfSipFound::NO;
}

NfSipFound
NfSipText::ParseSdpAddr(size_t from, NfSdpHeader type, NfSdpHeader until, NfSipMatch& match) const
{
    const NfSipFound found = GetSdp(from, type, until, match);
    long end = 0;
    if (found != NfSipFound::YES)
    {
        return found;
    }
    return ParseAddr(static_cast<long>(match.offset), false, match.addr, end) ? NfSipFound::YES
                                                                              : NfSipFound::BAD;
}

} // namespace ns3
