/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-packet.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

namespace replay
{

namespace
{

using Names = std::map<std::string, unsigned>;

const Names PROTOCOLS = {{"icmp", 1},
                         {"tcp", 6},
                         {"udp", 17},
                         {"dccp", 33},
                         {"ipv6", 41},
                         {"gre", 47},
                         {"pptp", 47},
                         {"esp", 50},
                         {"ah", 51},
                         {"icmp6", 58},
                         {"sctp", 132},
                         {"udplite", 136}};
/// The protocols that print by name.
const std::map<unsigned, std::string> PROTOCOL_NAMES = {{1, "icmp"},
                                                        {6, "tcp"},
                                                        {17, "udp"},
                                                        {33, "dccp"},
                                                        {47, "gre"},
                                                        {58, "icmp6"},
                                                        {132, "sctp"},
                                                        {136, "udplite"}};
const std::string TCP_FLAG_BITS = "FSRPAUEC";  //!< from bit 0 on
const std::string TCP_FLAG_ORDER = "SFRPAUEC"; //!< as printed
const Names ICMP4_TYPES = {{"reply", 0},
                           {"unreach", 3},
                           {"quench", 4},
                           {"redirect", 5},
                           {"echo", 8},
                           {"timex", 11},
                           {"parm", 12},
                           {"tsreq", 13},
                           {"tsrep", 14},
                           {"inforeq", 15},
                           {"inforep", 16},
                           {"maskreq", 17},
                           {"maskrep", 18}};
const Names ICMP6_TYPES = {{"unreach", 1},
                           {"toobig", 2},
                           {"timex", 3},
                           {"parm", 4},
                           {"echo", 128},
                           {"reply", 129},
                           {"rs", 133},
                           {"ra", 134},
                           {"ns", 135},
                           {"na", 136}};
const Names SCTP_CHUNKS = {{"data", 0},
                           {"init", 1},
                           {"initack", 2},
                           {"sack", 3},
                           {"hb", 4},
                           {"hback", 5},
                           {"abort", 6},
                           {"shutdown", 7},
                           {"shutdownack", 8},
                           {"error", 9},
                           {"cookieecho", 10},
                           {"cookieack", 11},
                           {"shutdowncomplete", 14}};
const Names EXTENSION_HEADERS = {{"hopopt", 0}, {"dstopts", 60}, {"rt", 43}};

[[noreturn]] void
Complain(const std::string& what)
{
    throw std::invalid_argument(what);
}

std::optional<std::string>
NameOf(const Names& names, unsigned value)
{
    for (const auto& [name, number] : names)
    {
        if (number == value)
        {
            return name;
        }
    }
    return std::nullopt;
}

unsigned
ValueOf(const Names& names, const std::string& name)
{
    const auto it = names.find(name);
    return it != names.end() ? it->second : (Complain("what is '" + name + "'"), 0);
}

std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    std::string part;
    while (std::getline(stream, part, separator))
    {
        parts.push_back(part);
    }
    if (text.empty() || text.back() == separator)
    {
        parts.emplace_back();
    }
    return parts;
}

std::vector<std::string>
Words(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
    {
        words.push_back(word);
    }
    return words;
}

std::string
Strip(const std::string& text, const char* blanks = " \t\r\n")
{
    const size_t first = text.find_first_not_of(blanks);
    return first == std::string::npos
               ? ""
               : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool
StartsWith(const std::string& text, const std::string& start)
{
    return text.compare(0, start.size(), start) == 0;
}

std::string
ToText(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

int64_t
ToNumber(const Json& value)
{
    if (value.is_number())
    {
        return value.get<int64_t>();
    }
    if (value.is_boolean())
    {
        return value.get<bool>();
    }
    const std::string text = Strip(ToText(value));
    char* end = nullptr;
    errno = 0;
    const long long number = std::strtoll(text.c_str(), &end, 0);
    if (text.empty() || *end != '\0' || errno != 0)
    {
        Complain("not a number: '" + text + "'");
    }
    return number;
}

/// The fields of a packet with defaults.
class Fields
{
  public:
    explicit Fields(const Json& fields)
        : m_fields(fields)
    {
    }

    bool Has(const char* key) const
    {
        return m_fields.contains(key) && !m_fields[key].is_null();
    }

    int64_t Number(const char* key, int64_t otherwise = 0) const
    {
        return Has(key) ? ToNumber(m_fields[key]) : otherwise;
    }

    bool True(const char* key) const
    {
        return Has(key) && m_fields[key] != 0 && m_fields[key] != "" && m_fields[key] != false;
    }

    std::string Text(const char* key, const std::string& otherwise = "") const
    {
        return Has(key) ? ToText(m_fields[key]) : otherwise;
    }

    Json Value(const char* key) const
    {
        return Has(key) ? m_fields[key] : Json();
    }

    uint16_t Port(const char* key) const
    {
        if (!Has(key))
        {
            Complain(std::string("no ") + key);
        }
        return static_cast<uint16_t>(Number(key));
    }

  private:
    const Json& m_fields;
};

/// Grows big endian.
class Writer
{
  public:
    Writer& U8(uint64_t v)
    {
        bytes.push_back(static_cast<uint8_t>(v));
        return *this;
    }

    Writer& U16(uint64_t v)
    {
        return U8(v >> 8).U8(v);
    }

    Writer& U32(uint64_t v)
    {
        return U16(v >> 16).U16(v);
    }

    Writer& Raw(const Octets& more)
    {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return *this;
    }

    Writer& Zeros(size_t n)
    {
        bytes.resize(bytes.size() + n);
        return *this;
    }

    Octets bytes;
};

uint16_t
GetU16(const Octets& b, size_t at)
{
    return static_cast<uint16_t>(b[at] << 8 | b[at + 1]);
}

uint32_t
GetU32(const Octets& b, size_t at)
{
    return uint32_t{GetU16(b, at)} << 16 | GetU16(b, at + 2);
}

void
PutU16(Octets& b, size_t at, unsigned v)
{
    b[at] = static_cast<uint8_t>(v >> 8);
    b[at + 1] = static_cast<uint8_t>(v);
}

Octets
Slice(const Octets& b, size_t from, size_t to = SIZE_MAX)
{
    to = std::min(to, b.size());
    return from < to ? Octets(b.begin() + from, b.begin() + to) : Octets();
}

uint16_t
Checksum(const Octets& bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i++)
    {
        sum += i & 1 ? bytes[i] : uint64_t{bytes[i]} << 8;
    }
    while (sum >> 16)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

uint32_t
Crc32c(const Octets& bytes)
{
    uint32_t crc = 0xffffffff;
    for (const uint8_t byte : bytes)
    {
        crc ^= byte;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
        }
    }
    return crc ^ 0xffffffff;
}

Octets
ParseAddress(const std::string& text)
{
    Octets bytes(text.find(':') == std::string::npos ? 4 : 16);
    if (inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, text.c_str(), bytes.data()) != 1)
    {
        Complain("not an address: '" + text + "'");
    }
    return bytes;
}

std::string
PrintIpv4(const Octets& b, size_t at)
{
    return std::to_string(b[at]) + "." + std::to_string(b[at + 1]) + "." +
           std::to_string(b[at + 2]) + "." + std::to_string(b[at + 3]);
}

std::string
Printf(const char* format, unsigned long value)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

/// The longest run of at least two zero groups, the first of equals. @return start and length
std::pair<size_t, size_t>
LongestZeroRun(const std::array<unsigned, 8>& groups)
{
    std::pair<size_t, size_t> best{8, 1};
    for (size_t i = 0; i < 8; i++)
    {
        size_t n = 0;
        while (i + n < 8 && groups[i + n] == 0)
        {
            n++;
        }
        if (n > best.second)
        {
            best = {i, n};
        }
    }
    return best;
}

/// RFC 5952 without the dotted form of mapped addresses.
std::string
PrintIpv6(const Octets& b, size_t at)
{
    std::array<unsigned, 8> groups{};
    for (size_t i = 0; i < 8; i++)
    {
        groups[i] = GetU16(b, at + 2 * i);
    }
    const auto [start, length] = LongestZeroRun(groups);
    std::string text;
    for (size_t i = 0; i < 8; i++)
    {
        if (i == start)
        {
            text += "::";
            i += length - 1;
            continue;
        }
        text += (text.empty() || text.back() == ':' ? "" : ":") + Printf("%lx", groups[i]);
    }
    return text;
}

Octets
PseudoHeader(const Octets& src, const Octets& dst, unsigned protocol, size_t length)
{
    Writer w;
    w.Raw(src).Raw(dst);
    if (src.size() == 4)
    {
        w.U8(0).U8(protocol).U16(length);
    }
    else
    {
        w.U32(length).U16(0).U8(0).U8(protocol);
    }
    return w.bytes;
}

Octets
Join(Octets a, const Octets& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

int
HexDigit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

Octets
FromHex(const std::string& text)
{
    Octets bytes;
    std::string digits;
    for (const char c : text)
    {
        if (HexDigit(c) >= 0)
        {
            digits += c;
        }
        else if (c != ' ')
        {
            Complain("not hex: '" + text + "'");
        }
    }
    if (digits.size() % 2 != 0)
    {
        Complain("odd number of hex digits: '" + text + "'");
    }
    for (size_t i = 0; i < digits.size(); i += 2)
    {
        bytes.push_back(static_cast<uint8_t>(HexDigit(digits[i]) << 4 | HexDigit(digits[i + 1])));
    }
    return bytes;
}

/// %XX escapes to bytes; anything else as it is.
Octets
Unquote(const std::string& text)
{
    Octets bytes;
    for (size_t i = 0; i < text.size(); i++)
    {
        if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
            HexDigit(text[i + 2]) >= 0)
        {
            bytes.push_back(
                static_cast<uint8_t>(HexDigit(text[i + 1]) << 4 | HexDigit(text[i + 2])));
            i += 2;
        }
        else
        {
            bytes.push_back(static_cast<uint8_t>(text[i]));
        }
    }
    return bytes;
}

std::string
Quote(const Octets& bytes)
{
    static const std::string PLAIN = "_.-~/:,;@()<>=!*'&#?[]|$^`\\\"{}";
    std::string text;
    for (const uint8_t byte : bytes)
    {
        const char c = static_cast<char>(byte);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || PLAIN.find(c) != std::string::npos;
        text += plain ? std::string(1, c) : Printf("%%%02lX", byte);
    }
    return text;
}

Octets
CountUp(size_t n)
{
    Octets bytes(n);
    for (size_t i = 0; i < n; i++)
    {
        bytes[i] = static_cast<uint8_t>(i);
    }
    return bytes;
}

constexpr int64_t MOST_DATA = 1 << 20; //!< no packet is bigger

Octets
DataPart(const std::string& kind, const std::string& value, const std::string& whole)
{
    if (kind == "hex")
    {
        return FromHex(value);
    }
    if (kind == "zero" || kind == "seq")
    {
        const int64_t n = ToNumber(value);
        if (n < 0 || n > MOST_DATA)
        {
            Complain("length " + value);
        }
        return kind == "zero" ? Octets(n) : CountUp(n);
    }
    return Unquote(kind == "text" ? value : "+" + whole);
}

bool
IsTyped(const std::string& text)
{
    return StartsWith(text, "hex:") || StartsWith(text, "zero:") || StartsWith(text, "seq:") ||
           StartsWith(text, "text:");
}

std::string
PrintData(const Octets& bytes)
{
    if (bytes.empty())
    {
        return "";
    }
    if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; }))
    {
        return "zero:" + std::to_string(bytes.size());
    }
    if (bytes.size() > 4 && bytes == CountUp(bytes.size()))
    {
        return "seq:" + std::to_string(bytes.size());
    }
    if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) {
            return (b >= 32 && b < 127) || b == 10 || b == 13;
        }))
    {
        return "text:" + Quote(bytes);
    }
    return "hex:" + ToHex(bytes);
}

// ------------------------------------------------------------------------------- parsing

void
ParseArpLine(const std::vector<std::string>& words, Json& fields)
{
    const size_t slash = words[1].find('/');
    if (slash == std::string::npos)
    {
        Complain("expected SRCMAC/SRCIP");
    }
    fields["smac"] = words[1].substr(0, slash);
    fields["src"] = words[1].substr(slash + 1);
    fields["dst"] = words[3];
    fields["op"] = std::find(words.begin() + 4, words.end(), "reply") != words.end() ? 2 : 1;
}

void
ParseWord(const std::string& word, const std::string& line, Json& fields)
{
    const size_t eq = word.find('=');
    const std::string l4 = fields["l4"];
    if (eq != std::string::npos)
    {
        fields[word.substr(0, eq)] = word.substr(eq + 1);
    }
    else if (word == "df" || word == "mf")
    {
        fields[word] = 1;
    }
    else if (l4 == "tcp")
    {
        fields["flags"] = word == "." || word == "none" ? "" : word;
    }
    else if (l4 == "icmp" || l4 == "icmp6")
    {
        fields["kind"] = word;
    }
    else
    {
        Complain("what is '" + word + "' in '" + line + "'");
    }
}

void
SetEndpoint(Json& fields, const char* address, const char* port, const std::string& text)
{
    const auto [host, number] = SplitAddress(text);
    fields[address] = host;
    fields[port] = number < 0 ? Json() : Json(number);
}

Json
ParseLine(std::string line)
{
    line = Strip(line);
    Json fields = Json::object();
    std::optional<std::string> inner;
    if (!line.empty() && line.back() == '}')
    {
        const size_t open = line.find('{');
        if (open == std::string::npos)
        {
            Complain("'}' without '{': " + line);
        }
        inner = Strip(line.substr(open + 1, line.size() - open - 2));
        line = Strip(line.substr(0, open));
    }
    const std::vector<std::string> words = Words(line);
    if (words.size() < 4 || words[2] != ">")
    {
        Complain("expected 'PROTO SRC > DST': " + line);
    }
    fields["l4"] = words[0];
    if (words[0] == "arp")
    {
        ParseArpLine(words, fields);
        return fields;
    }
    SetEndpoint(fields, "src", "sport", words[1]);
    SetEndpoint(fields, "dst", "dport", words[3]);
    for (size_t i = 4; i < words.size(); i++)
    {
        ParseWord(words[i], line, fields);
    }
    if (inner)
    {
        fields["inner"] = *inner;
    }
    return fields;
}

bool
IsHexPacket(const std::string& text)
{
    const std::string digits = StartsWith(text, "0x") ? text.substr(2) : text;
    return digits.size() >= 40 &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return HexDigit(c) >= 0; });
}

Octets
HexPacket(const std::string& text)
{
    return FromHex(StartsWith(text, "0x") ? text.substr(2) : text);
}

/// {"tcp": {...}, "ttl": 3} -> one flat object
Json
Flatten(const Json& packet)
{
    Json fields = Json::object();
    std::string l4;
    for (const auto& [key, value] : packet.items())
    {
        if (value.is_object())
        {
            l4 = key;
        }
        else
        {
            fields[key] = value;
        }
    }
    if (l4.empty())
    {
        Complain("no protocol in " + packet.dump());
    }
    for (const auto& [key, value] : packet[l4].items())
    {
        fields[key] = value;
    }
    fields["l4"] = l4;
    if (fields.contains("payload"))
    {
        fields["data"] = fields["payload"];
        fields.erase("payload");
    }
    return fields;
}

// ------------------------------------------------------------------------------ building

Octets
SackOption(const std::string& value)
{
    const std::vector<std::string> blocks = Split(value, '/');
    Writer w;
    w.U8(5).U8(2 + 8 * blocks.size());
    for (const std::string& block : blocks)
    {
        const std::vector<std::string> edges = Split(block, '-');
        if (edges.size() != 2)
        {
            Complain("SACK block " + block);
        }
        w.U32(ToNumber(edges[0])).U32(ToNumber(edges[1]));
    }
    return w.bytes;
}

Octets
TcpOption(const std::string& option)
{
    const size_t colon = option.find(':');
    const std::string kind = option.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : option.substr(colon + 1);
    Writer w;
    if (kind == "mss")
    {
        w.U8(2).U8(4).U16(ToNumber(value));
    }
    else if (kind == "ws")
    {
        w.U8(3).U8(3).U8(ToNumber(value));
    }
    else if (kind == "sok")
    {
        w.U8(4).U8(2);
    }
    else if (kind == "ts")
    {
        const std::vector<std::string> stamps = Split(value, ':');
        if (stamps.size() != 2)
        {
            Complain("tcp option " + option);
        }
        w.U8(8).U8(10).U32(ToNumber(stamps[0])).U32(ToNumber(stamps[1]));
    }
    else if (kind == "nop" || kind == "eol")
    {
        w.U8(kind == "nop");
    }
    else if (kind == "sack")
    {
        w.Raw(SackOption(value));
    }
    else if (kind == "hex")
    {
        w.Raw(FromHex(value));
    }
    else
    {
        Complain("tcp option " + option);
    }
    return w.bytes;
}

Octets
TcpOptions(const std::string& text)
{
    Octets options;
    for (const std::string& option : Split(text, ','))
    {
        if (!option.empty())
        {
            options = Join(options, TcpOption(option));
        }
    }
    options.resize((options.size() + 3) / 4 * 4, 1);
    return options;
}

/// What the builders of transport headers share.
struct Segment
{
    const Fields& fields;
    bool v6;
    unsigned protocol;
    Octets src;
    Octets dst;
    Octets body;

    /// Stores a checksum, or what l4csum= wants in its place.
    void Finish(Octets& segment, size_t at, unsigned checksum) const
    {
        const std::string wanted = fields.Text("l4csum", "none");
        checksum = wanted == "bad"    ? checksum ^ 0x1234
                   : wanted != "none" ? static_cast<unsigned>(fields.Number("l4csum"))
                                      : checksum;
        PutU16(segment, at, checksum & 0xffff);
    }

    unsigned Sum(const Octets& segment, size_t length) const
    {
        return Checksum(Join(PseudoHeader(src, dst, protocol, length), segment));
    }
};

Octets
BuildTcp(const Segment& s)
{
    const Fields& f = s.fields;
    const Octets options = TcpOptions(f.Text("opt"));
    unsigned flags = 0;
    for (const char c : f.Text("flags"))
    {
        const size_t bit = TCP_FLAG_BITS.find(c);
        if (c != '.' && bit == std::string::npos)
        {
            Complain(std::string("TCP flag ") + c);
        }
        flags |= c == '.' ? 0 : 1U << bit;
    }
    Writer w;
    w.U16(f.Port("sport")).U16(f.Port("dport")).U32(f.Number("seq")).U32(f.Number("ack"));
    w.U8(f.Number("doff", (20 + options.size()) / 4) << 4).U8(flags).U16(f.Number("win", 65535));
    w.U16(0).U16(f.Number("urp")).Raw(options).Raw(s.body);
    s.Finish(w.bytes, 16, s.Sum(w.bytes, w.bytes.size()));
    return w.bytes;
}

Octets
BuildUdp(const Segment& s)
{
    const Fields& f = s.fields;
    const size_t length = 8 + s.body.size();
    Writer w;
    w.U16(f.Port("sport")).U16(f.Port("dport"));
    w.U16(f.Number("ulen", s.protocol == 17 ? length : f.Number("cov"))).U16(0).Raw(s.body);
    const unsigned sum = s.Sum(w.bytes, length);
    s.Finish(w.bytes, 6, sum != 0 ? sum : 0xffff);
    return w.bytes;
}

Octets
IcmpRest(const Segment& s)
{
    const Fields& f = s.fields;
    Writer w;
    if (f.Has("mtu"))
    {
        w.U32(s.v6 ? f.Number("mtu") : f.Number("mtu") & 0xffff);
    }
    else if (f.Has("gw"))
    {
        w.Raw(ParseAddress(f.Text("gw")));
    }
    else if (f.True("inner"))
    {
        w.U32(0);
    }
    else
    {
        w.U16(f.Number("id16", f.Number("icmpid"))).U16(f.Number("seq"));
    }
    return w.bytes;
}

Octets
BuildIcmp(const Segment& s)
{
    const Fields& f = s.fields;
    const Names& types = s.protocol == 1 ? ICMP4_TYPES : ICMP6_TYPES;
    const auto named = types.find(f.Text("kind"));
    int64_t type = f.Number("type", named != types.end() ? named->second : 3);
    int64_t code = f.Number("code");
    if (f.Text("kind") == "frag")
    {
        type = 3;
        code = 4;
    }
    Writer w;
    w.U8(type).U8(code).U16(0).Raw(IcmpRest(s)).Raw(s.body);
    s.Finish(w.bytes, 2, s.v6 ? s.Sum(w.bytes, w.bytes.size()) : Checksum(w.bytes));
    return w.bytes;
}

Octets
BuildGre(const Segment& s)
{
    const Fields& f = s.fields;
    Writer w;
    if (f.Text("l4") == "pptp")
    {
        w.U16(0x3001).U16(0x880b).U16(s.body.size()).U16(f.Number("callid")).U32(f.Number("seq"));
        return w.Raw(s.body).bytes;
    }
    w.U16(f.Has("key") ? 0x2000 : 0).U16(f.Number("proto", 0x800));
    if (f.Has("key"))
    {
        w.U32(f.Number("key"));
    }
    return w.Raw(s.body).bytes;
}

Octets
SctpChunkBody(const Segment& s, const std::string& chunk)
{
    Writer w;
    if (chunk == "init" || chunk == "initack")
    {
        w.U32(s.fields.Number("itag", 1)).U32(65535).U16(1).U16(1).U32(1);
        if (chunk == "initack")
        {
            w.U16(7).U16(8).Raw({'C', 'O', 'O', 'K'});
        }
    }
    else if (chunk == "data")
    {
        w.U32(s.fields.Number("tsn", 1))
            .U16(0)
            .U16(0)
            .U32(0)
            .Raw(s.body.empty() ? Octets{'x'} : s.body);
    }
    else if (chunk == "sack")
    {
        w.U32(1).U32(65535).U32(0);
    }
    else if (chunk == "cookieecho")
    {
        w.Raw({'C', 'O', 'O', 'K'});
    }
    else if (chunk == "hb" || chunk == "hback")
    {
        w.U16(1).U16(8).U32(0x1234);
    }
    else if (chunk == "shutdown")
    {
        w.U32(1);
    }
    return w.bytes;
}

Octets
BuildSctp(const Segment& s)
{
    const Fields& f = s.fields;
    Writer w;
    w.U16(f.Port("sport")).U16(f.Port("dport")).U32(f.Number("vtag")).U32(0);
    for (const std::string& chunk : Split(f.Text("chunk", "data"), ','))
    {
        const Octets body = SctpChunkBody(s, chunk);
        const bool tagged = chunk == "abort" || chunk == "shutdowncomplete";
        w.U8(ValueOf(SCTP_CHUNKS, chunk)).U8(chunk == "data" ? 3 : tagged ? f.Number("tbit") : 0);
        w.U16(4 + body.size()).Raw(body).Zeros((4 - body.size() % 4) % 4);
    }
    const uint32_t crc = Crc32c(w.bytes) ^ (f.Text("l4csum") == "bad" ? 0x1234 : 0);
    for (size_t i = 0; i < 4; i++)
    {
        w.bytes[8 + i] = static_cast<uint8_t>(crc >> 8 * i);
    }
    return w.bytes;
}

Octets
BuildDccp(const Segment& s)
{
    const Fields& f = s.fields;
    Writer w;
    w.U16(f.Port("sport")).U16(f.Port("dport")).U8(5).U8(0).U16(0);
    w.U8(f.Number("dtype") << 1 | 1).U8(0).U16(0).U32(f.Number("seq")).U32(0).Raw(s.body);
    s.Finish(w.bytes, 6, s.Sum(w.bytes, w.bytes.size()));
    return w.bytes;
}

Octets
BuildTransport(const Segment& s)
{
    static const std::map<std::string, Octets (*)(const Segment&)> BUILDERS = {
        {"tcp", BuildTcp},
        {"udp", BuildUdp},
        {"udplite", BuildUdp},
        {"icmp", BuildIcmp},
        {"icmp6", BuildIcmp},
        {"gre", BuildGre},
        {"pptp", BuildGre},
        {"sctp", BuildSctp},
        {"dccp", BuildDccp},
    };
    const auto builder = BUILDERS.find(s.fields.Text("l4"));
    return builder != BUILDERS.end() ? builder->second(s) : s.body;
}

Octets
BuildIpv6(const Segment& s, const Octets& segment)
{
    const Fields& f = s.fields;
    unsigned next = s.protocol;
    Writer ext;
    if (f.Has("off") || f.True("mf"))
    {
        ext.U8(next).U8(0).U16(f.Number("off") | f.True("mf")).U32(f.Number("id"));
        next = 44;
    }
    if (f.Has("exthdr"))
    {
        const unsigned type = ValueOf(EXTENSION_HEADERS, f.Text("exthdr"));
        Writer outer;
        outer.U8(next).U8(0).Raw(type == 43 ? Octets(6) : Octets{1, 4, 0, 0, 0, 0});
        ext.bytes = Join(outer.bytes, ext.bytes);
        next = type;
    }
    Writer w;
    w.U32(6U << 28 | f.Number("tos") << 20 | f.Number("flow"));
    w.U16(ext.bytes.size() + segment.size()).U8(next).U8(f.Number("ttl", 64));
    return w.Raw(s.src).Raw(s.dst).Raw(ext.bytes).Raw(segment).bytes;
}

Octets
BuildIpv4(const Segment& s, const Octets& segment)
{
    const Fields& f = s.fields;
    Octets options = FromHex(f.Text("ipopt"));
    options.resize((options.size() + 3) / 4 * 4);
    const size_t headerSize = 20 + options.size();
    Writer w;
    w.U8(0x45 + options.size() / 4).U8(f.Number("tos"));
    w.U16(f.Number("tlen", headerSize + segment.size())).U16(f.Number("id"));
    w.U16(f.Number("off") / 8 | (f.True("df") ? 0x4000 : 0) | (f.True("mf") ? 0x2000 : 0));
    w.U8(f.Number("ttl", 64)).U8(s.protocol).U16(0).Raw(s.src).Raw(s.dst).Raw(options);
    unsigned checksum = Checksum(w.bytes);
    if (f.Has("csum"))
    {
        checksum =
            f.Text("csum") == "bad" ? checksum ^ 0x1234 : static_cast<unsigned>(f.Number("csum"));
    }
    PutU16(w.bytes, 10, checksum);
    return w.Raw(segment).bytes;
}

Octets
BuildArp(const Fields& f)
{
    std::string mac = f.Text("smac");
    mac.erase(std::remove(mac.begin(), mac.end(), ':'), mac.end());
    Writer w;
    w.U16(1).U16(0x800).U8(6).U8(4).U16(f.Number("op")).Raw(FromHex(mac));
    return w.Raw(ParseAddress(f.Text("src"))).Zeros(6).Raw(ParseAddress(f.Text("dst"))).bytes;
}

// ------------------------------------------------------------------------------ printing

/// @return text of one option, nothing if it is not one we know in a good shape
std::optional<std::string>
PrintTcpOption(unsigned kind, const Octets& v, size_t length)
{
    const bool whole = v.size() + 2 == length;
    if (kind == 2 && length == 4 && whole)
    {
        return "mss:" + std::to_string(GetU16(v, 0));
    }
    if (kind == 3 && length == 3 && whole)
    {
        return "ws:" + std::to_string(v[0]);
    }
    if (kind == 4)
    {
        return "sok";
    }
    if (kind == 8 && length == 10 && whole)
    {
        return "ts:" + std::to_string(GetU32(v, 0)) + ":" + std::to_string(GetU32(v, 4));
    }
    if (kind != 5 || v.size() % 8 != 0)
    {
        return std::nullopt;
    }
    std::string text;
    for (size_t i = 0; i < v.size(); i += 8)
    {
        text += (i ? "/" : "sack:") + std::to_string(GetU32(v, i)) + "-" +
                std::to_string(GetU32(v, i + 4));
    }
    return text.empty() ? "sack:" : text;
}

std::string
PrintTcpOptions(const Octets& b)
{
    std::string text;
    size_t i = 0;
    while (i < b.size() && b[i] != 0)
    {
        if (b[i] == 1)
        {
            i++;
            continue;
        }
        const size_t length = i + 1 < b.size() ? b[i + 1] : 0;
        const auto option =
            length < 2 ? std::nullopt : PrintTcpOption(b[i], Slice(b, i + 2, i + length), length);
        if (!option)
        {
            return "hex:" + ToHex(b);
        }
        text += (text.empty() ? "" : ",") + *option;
        i += length;
    }
    return text;
}

/// Reads one transport header into words.
struct Printer
{
    Json& fields;
    const Octets& pay;
    unsigned protocol;
    bool v6;
    bool whole; //!< the packet is all there: its checksum can be told
    Octets src; //!< addresses, for the pseudo header
    Octets dst;
    std::vector<std::string> words; //!< out
    std::optional<bool> sumOk;      //!< out: nothing if it cannot be told

    void Add(const std::string& word)
    {
        words.push_back(word);
    }

    void AddNumber(const char* key, uint64_t value)
    {
        words.push_back(std::string(key) + "=" + std::to_string(value));
    }

    void AddData(const Octets& bytes)
    {
        if (!bytes.empty())
        {
            words.push_back("data=" + PrintData(bytes));
        }
    }

    void CheckSum(bool pseudo = true)
    {
        if (whole)
        {
            sumOk = Checksum(pseudo ? Join(PseudoHeader(src, dst, protocol, pay.size()), pay)
                                    : pay) == 0;
        }
    }

    void Ports()
    {
        fields["sport"] = GetU16(pay, 0);
        fields["dport"] = GetU16(pay, 2);
    }

    void Other(bool always)
    {
        fields["l4"] = "ip";
        AddNumber("proto", protocol);
        if (always || !pay.empty())
        {
            words.push_back("data=" + PrintData(pay));
        }
    }

    void Tcp();
    void Udp();
    void Icmp();
    void Sctp();
    void Dccp();
    void Gre();
};

void
Printer::Tcp()
{
    Ports();
    const uint32_t seq = GetU32(pay, 4);
    const uint32_t ack = GetU32(pay, 8);
    const unsigned window = GetU16(pay, 14);
    fields["seq"] = seq;
    fields["ack"] = ack;
    fields["win"] = window;
    std::string flags;
    for (const char c : TCP_FLAG_ORDER)
    {
        if (pay[13] >> TCP_FLAG_BITS.find(c) & 1)
        {
            flags += c;
        }
    }
    flags = flags.empty() ? "none" : flags;
    fields["flags"] = flags;
    const size_t headerSize = size_t{4} * (pay[12] >> 4);
    const std::string options = PrintTcpOptions(Slice(pay, 20, headerSize));
    const Octets data = Slice(pay, headerSize);
    Add(flags);
    AddNumber("seq", seq);
    AddNumber("ack", ack);
    AddNumber("win", window);
    if (!options.empty())
    {
        Add("opt=" + options);
    }
    const size_t ts = options.find("ts:");
    if (ts != std::string::npos)
    {
        fields["tsval"] = std::strtoul(options.c_str() + ts + 3, nullptr, 10);
    }
    if (const unsigned urgent = GetU16(pay, 18))
    {
        AddNumber("urp", urgent);
    }
    AddData(data);
    fields["data"] = PrintData(data);
    fields["dlen"] = data.size();
    CheckSum();
}

void
Printer::Udp()
{
    Ports();
    fields["data"] = PrintData(Slice(pay, 8));
    AddData(Slice(pay, 8));
    if (GetU16(pay, 6) == 0)
    {
        Add("l4csum=0");
    }
    else
    {
        CheckSum();
    }
}

void
Printer::Icmp()
{
    static const std::set<unsigned> ERRORS4 = {3, 4, 5, 11, 12};
    static const std::set<unsigned> ERRORS6 = {1, 2, 3, 4};
    const unsigned type = pay[0];
    const unsigned code = pay[1];
    fields["type"] = type;
    fields["code"] = code;
    const auto name = NameOf(v6 ? ICMP6_TYPES : ICMP4_TYPES, type);
    Add(name ? *name : "type=" + std::to_string(type));
    if (code)
    {
        AddNumber("code", code);
    }
    CheckSum(v6);
    if ((v6 ? ERRORS6 : ERRORS4).count(type))
    {
        const uint32_t rest = GetU32(pay, 4);
        if (v6 ? type == 2 : type == 3 && code == 4)
        {
            AddNumber("mtu", rest);
        }
        else if (!v6 && type == 5)
        {
            Add("gw=" + PrintIpv4(pay, 4));
        }
        else if (rest)
        {
            Add("rest=" + Printf("%#lx", rest));
        }
        Add("{ " + PrintPacket(Slice(pay, 8), true).line + " }");
    }
    else if (v6 && type >= 133 && type <= 136)
    {
        Add("data=hex:" + ToHex(Slice(pay, 4)));
    }
    else
    {
        fields["icmpid"] = GetU16(pay, 4);
        fields["seq"] = GetU16(pay, 6);
        AddNumber("icmpid", GetU16(pay, 4));
        AddNumber("seq", GetU16(pay, 6));
        AddData(Slice(pay, 8));
    }
}

void
Printer::Sctp()
{
    Ports();
    std::string chunks;
    for (size_t i = 12; i + 4 <= pay.size();)
    {
        const auto name = NameOf(SCTP_CHUNKS, pay[i]);
        chunks += (i == 12 ? "" : ",") + (name ? *name : std::to_string(pay[i]));
        const size_t length = GetU16(pay, i + 2);
        if (length < 4)
        {
            break;
        }
        i += (length + 3) & ~size_t{3};
    }
    AddNumber("vtag", GetU32(pay, 4));
    Add("chunk=" + chunks);
    if (whole)
    {
        Octets zeroed = pay;
        std::fill(zeroed.begin() + 8, zeroed.begin() + 12, 0);
        const uint32_t crc = Crc32c(zeroed);
        sumOk = pay[8] == (crc & 255) && pay[9] == (crc >> 8 & 255) &&
                pay[10] == (crc >> 16 & 255) && pay[11] == crc >> 24;
    }
}

void
Printer::Dccp()
{
    Ports();
    AddNumber("dtype", pay[8] >> 1 & 15);
    CheckSum();
}

void
Printer::Gre()
{
    const unsigned flags = GetU16(pay, 0);
    if ((flags & 7) == 1 && pay.size() >= 8)
    {
        fields["l4"] = "pptp";
        AddNumber("callid", GetU16(pay, 6));
        Add("data=hex:" + ToHex(Slice(pay, 8)));
        return;
    }
    size_t start = 4;
    Add("proto=" + Printf(GetU16(pay, 2) ? "%#lx" : "0x%lx", GetU16(pay, 2)));
    if (flags & 0x2000 && pay.size() >= 8)
    {
        AddNumber("key", GetU32(pay, 4));
        start = 8;
    }
    AddData(Slice(pay, start));
}

/// Fewest bytes of a transport header, and who prints it.
struct TransportRow
{
    size_t least;
    void (Printer::*print)();
};

/// @param first has a transport header @param d what is known so far
void
PrintTransport(Printer& p, bool first)
{
    static const std::map<unsigned, TransportRow> ROWS = {{1, {8, &Printer::Icmp}},
                                                          {6, {20, &Printer::Tcp}},
                                                          {17, {8, &Printer::Udp}},
                                                          {33, {12, &Printer::Dccp}},
                                                          {47, {4, &Printer::Gre}},
                                                          {58, {8, &Printer::Icmp}},
                                                          {132, {12, &Printer::Sctp}},
                                                          {136, {8, &Printer::Udp}}};
    const auto row = ROWS.find(p.protocol);
    if (!first || row == ROWS.end())
    {
        p.Other(false);
        return;
    }
    if (p.pay.size() < row->second.least)
    {
        p.Other(true);
        return;
    }
    p.fields["l4"] = PROTOCOL_NAMES.at(p.protocol);
    (p.*row->second.print)();
}

std::string
PrintEndpoint(const Json& fields, const char* address, const char* port)
{
    const std::string host = fields[address];
    if (!fields.contains(port))
    {
        return host;
    }
    const std::string number = std::to_string(fields[port].get<unsigned>());
    return host.find(':') != std::string::npos ? "[" + host + "]:" + number : host + ":" + number;
}

/// Puts a line together; a quoted packet goes last.
void
Assemble(PacketText& text, Printer& printer, const std::vector<std::string>& post, bool inner)
{
    if (printer.sumOk == false && !inner)
    {
        text.notes.emplace_back("l4csum-bad");
        printer.words.emplace_back("l4csum=bad");
    }
    std::vector<std::string> words = {text.fields["l4"],
                                      PrintEndpoint(text.fields, "src", "sport"),
                                      ">",
                                      PrintEndpoint(text.fields, "dst", "dport")};
    const auto quoted = [](const std::string& word) { return word.front() == '{'; };
    std::vector<std::string> last;
    for (const std::string& word : printer.words)
    {
        (quoted(word) ? last : words).push_back(word);
    }
    words.insert(words.end(), post.begin(), post.end());
    words.insert(words.end(), last.begin(), last.end());
    for (const std::string& word : words)
    {
        text.line += (text.line.empty() ? "" : " ") + word;
    }
}

std::vector<std::string>
Ipv4Words(const Octets& b, size_t headerSize)
{
    const unsigned tos = b[1];
    const unsigned id = GetU16(b, 4);
    const unsigned frag = GetU16(b, 6);
    std::vector<std::string> post = {"ttl=" + std::to_string(b[8])};
    if (tos)
    {
        post.push_back("tos=" + Printf("%#lx", tos));
    }
    if (id)
    {
        post.push_back("id=" + std::to_string(id));
    }
    if (frag & 0x4000)
    {
        post.emplace_back("df");
    }
    if (frag & 0x1fff)
    {
        post.push_back("off=" + std::to_string((frag & 0x1fff) * 8));
    }
    if (frag & 0x2000)
    {
        post.emplace_back("mf");
    }
    if (headerSize > 20)
    {
        post.push_back("ipopt=" + ToHex(Slice(b, 20, headerSize)));
    }
    return post;
}

PacketText
PrintIpv4Packet(const Octets& b, bool inner)
{
    PacketText text;
    const size_t headerSize = size_t{4} * (b[0] & 15);
    const size_t total = GetU16(b, 2);
    const unsigned frag = GetU16(b, 6);
    const bool first = (frag & 0x1fff) == 0;
    text.fields["src"] = PrintIpv4(b, 12);
    text.fields["dst"] = PrintIpv4(b, 16);
    text.fields["ttl"] = b[8];
    text.fields["id"] = GetU16(b, 4);
    text.fields["tos"] = b[1];
    if (Checksum(Slice(b, 0, headerSize)) != 0)
    {
        text.notes.emplace_back("ipcsum-bad");
    }
    const Octets pay = Slice(b, headerSize, total);
    Printer printer{text.fields,
                    pay,
                    b[9],
                    false,
                    first && !(frag & 0x2000) && b.size() >= total,
                    Slice(b, 12, 16),
                    Slice(b, 16, 20),
                    {},
                    {}};
    PrintTransport(printer, first);
    Assemble(text, printer, Ipv4Words(b, headerSize), inner);
    return text;
}

/// What PrintIpv6Packet() found behind the extension headers.
struct Ipv6Chain
{
    unsigned next;
    Octets pay;
    unsigned offset{0};
    bool fragment{false};
    std::vector<std::string> words;
};

void
WalkFragmentHeader(Ipv6Chain& chain, Json& fields)
{
    const unsigned field = GetU16(chain.pay, 2);
    chain.offset = field & 0xfff8;
    chain.fragment = true;
    fields["id"] = GetU32(chain.pay, 4);
    chain.words.push_back("id=" + std::to_string(GetU32(chain.pay, 4)));
    chain.words.push_back("off=" + std::to_string(chain.offset));
    if (field & 1)
    {
        chain.words.emplace_back("mf");
    }
    chain.next = chain.pay[0];
    chain.pay = Slice(chain.pay, 8);
}

void
WalkExtensions(Ipv6Chain& chain, Json& fields)
{
    while (chain.pay.size() >= 8 && chain.offset == 0)
    {
        if (chain.next == 44)
        {
            WalkFragmentHeader(chain, fields);
            continue;
        }
        const auto name = NameOf(EXTENSION_HEADERS, chain.next);
        if (!name)
        {
            return;
        }
        chain.words.push_back("exthdr=" + *name);
        chain.next = chain.pay[0];
        chain.pay = Slice(chain.pay, 8 + size_t{8} * chain.pay[1]);
    }
}

PacketText
PrintIpv6Packet(const Octets& b, bool inner)
{
    PacketText text;
    const uint32_t first = GetU32(b, 0);
    const size_t length = GetU16(b, 4);
    const unsigned tos = first >> 20 & 255;
    text.fields["src"] = PrintIpv6(b, 8);
    text.fields["dst"] = PrintIpv6(b, 24);
    text.fields["ttl"] = b[7];
    text.fields["tos"] = tos;
    Ipv6Chain chain{b[6], Slice(b, 40, 40 + length), 0, false, {"ttl=" + std::to_string(b[7])}};
    WalkExtensions(chain, text.fields);
    if (tos)
    {
        chain.words.push_back("tos=" + Printf("%#lx", tos));
    }
    if (first & 0xfffff)
    {
        chain.words.push_back("flow=" + Printf("%#lx", first & 0xfffff));
    }
    Printer printer{text.fields,
                    chain.pay,
                    chain.next,
                    true,
                    !chain.fragment && b.size() >= 40 + length,
                    Slice(b, 8, 24),
                    Slice(b, 24, 40),
                    {},
                    {}};
    PrintTransport(printer, chain.offset == 0);
    Assemble(text, printer, chain.words, inner);
    return text;
}

std::vector<Octets>
FragmentIpv4(const Octets& packet, size_t size)
{
    std::vector<Octets> fragments;
    const size_t headerSize = size_t{4} * (packet[0] & 15);
    const Octets pay = Slice(packet, headerSize);
    for (size_t at = 0; at < pay.size(); at += size)
    {
        const Octets part = Slice(pay, at, at + size);
        Octets header = Slice(packet, 0, headerSize);
        PutU16(header, 2, headerSize + part.size());
        PutU16(header, 6, at / 8 | (at + size < pay.size() ? 0x2000 : 0));
        PutU16(header, 10, 0);
        PutU16(header, 10, Checksum(header));
        fragments.push_back(Join(header, part));
    }
    return fragments;
}

std::vector<Octets>
FragmentIpv6(const Octets& packet, size_t size)
{
    constexpr uint32_t FRAGMENT_ID = 0x1234;
    std::vector<Octets> fragments;
    const Octets pay = Slice(packet, 40);
    for (size_t at = 0; at < pay.size(); at += size)
    {
        const Octets part = Slice(pay, at, at + size);
        Writer w;
        w.Raw(Slice(packet, 0, 40));
        w.U8(packet[6]).U8(0).U16(at | (at + size < pay.size())).U32(FRAGMENT_ID).Raw(part);
        w.bytes[6] = 44;
        PutU16(w.bytes, 4, 8 + part.size());
        fragments.push_back(w.bytes);
    }
    return fragments;
}

} // namespace

std::string
ToHex(const Octets& bytes, const std::string& separator)
{
    std::string text;
    for (const uint8_t byte : bytes)
    {
        text += (text.empty() ? "" : separator) + Printf("%02lx", byte);
    }
    return text;
}

std::pair<std::string, int>
SplitAddress(const std::string& address)
{
    const size_t colon = address.rfind(':');
    if (address.front() == '[' && colon != std::string::npos && address[colon - 1] == ']')
    {
        return {address.substr(1, colon - 2), ToNumber(address.substr(colon + 1))};
    }
    if (std::count(address.begin(), address.end(), ':') == 1)
    {
        return {address.substr(0, colon), ToNumber(address.substr(colon + 1))};
    }
    return {Strip(address, "[]"), -1};
}

Octets
ParseData(const Json& data)
{
    if (data.is_null())
    {
        return {};
    }
    const std::string text =
        data.is_object() ? data.items().begin().key() + ":" + ToText(*data.begin()) : ToText(data);
    if (!IsTyped(text))
    {
        return Unquote(text);
    }
    Octets bytes;
    for (const std::string& part : Split(text, '+'))
    {
        const size_t colon = part.find(':');
        bytes = Join(bytes,
                     DataPart(part.substr(0, colon),
                              colon == std::string::npos ? "" : part.substr(colon + 1),
                              part));
    }
    return bytes;
}

Json
ParsePacket(const Json& packet)
{
    if (packet.is_string())
    {
        const std::string text = packet;
        return IsHexPacket(text) ? Json() : ParseLine(text);
    }
    if (!packet.is_object())
    {
        Complain("not a packet: " + packet.dump());
    }
    return packet.contains("hex") ? Json() : Flatten(packet);
}

Octets
BuildPacket(const Json& packet)
{
    const Json parsed = ParsePacket(packet);
    if (parsed.is_null())
    {
        return HexPacket(packet.is_string() ? packet.get<std::string>() : ToText(packet["hex"]));
    }
    const Fields f(parsed);
    const std::string l4 = f.Text("l4");
    if (l4 == "arp")
    {
        return BuildArp(f);
    }
    Segment s{f,
              f.Text("src").find(':') != std::string::npos,
              l4 == "ip" ? static_cast<unsigned>(f.Number("proto")) : ValueOf(PROTOCOLS, l4),
              ParseAddress(f.Text("src")),
              ParseAddress(f.Text("dst")),
              ParseData(f.Value("data"))};
    if (f.True("inner"))
    {
        s.body = BuildPacket(f.Value("inner"));
        s.body.resize(std::min<size_t>(s.body.size(), f.Number("cut", s.body.size())));
    }
    const Octets segment = BuildTransport(s);
    return s.v6 ? BuildIpv6(s, segment) : BuildIpv4(s, segment);
}

std::vector<Octets>
FragmentPacket(const Octets& packet, size_t size)
{
    if (packet.size() < 40 || size == 0)
    {
        return {packet};
    }
    return packet[0] >> 4 == 4 ? FragmentIpv4(packet, size) : FragmentIpv6(packet, size);
}

PacketText
PrintPacket(const Octets& bytes, bool inner)
{
    if (bytes.size() < 20 || (bytes[0] >> 4 != 4 && bytes.size() < 40))
    {
        return {"hex:" + ToHex(bytes), {{"l4", "raw"}}, {"short"}};
    }
    return bytes[0] >> 4 == 4 ? PrintIpv4Packet(bytes, inner) : PrintIpv6Packet(bytes, inner);
}

std::string
PrintArp(const Octets& bytes)
{
    if (bytes.size() < 28)
    {
        return "hex:" + ToHex(bytes);
    }
    return "arp " + ToHex(Slice(bytes, 8, 14), ":") + "/" + PrintIpv4(bytes, 14) + " > " +
           PrintIpv4(bytes, 24) + (GetU16(bytes, 6) == 2 ? " reply" : " request");
}

} // namespace replay
