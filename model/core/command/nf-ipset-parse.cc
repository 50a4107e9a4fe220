/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../xtables/xt-names.h"
#include "nf-ipset-text.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <limits>

namespace ns3
{
namespace
{

constexpr uint8_t ICMP = 1;
constexpr uint8_t TCP = 6;
constexpr uint8_t UDP = 17;
constexpr uint8_t ICMPV6 = 58;
constexpr uint8_t SCTP = 132;
constexpr uint8_t UDPLITE = 136;

constexpr size_t MAX_NAME = 31;
constexpr size_t MAX_IFACE = 15;
constexpr size_t MAX_COMMENT = 255;
constexpr uint64_t MAX_TIMEOUT = (UINT32_MAX >> 1) / 1000;
constexpr uint64_t MAX_COUNTER = UINT64_MAX - 1;

NfError
Problem(std::string text)
{
    return NfError{1, std::move(text)};
}

NfError
SyntaxError(const std::string& text)
{
    return Problem("Syntax error: " + text);
}

/// A separator that is neither the first nor the last character. @return where, or npos
size_t
FindSeparator(std::string_view text, char separator)
{
    const size_t at = text.find(separator);
    const bool inside = at != std::string_view::npos && at != 0 && text.back() != separator;
    return inside ? at : std::string_view::npos;
}

/// As strtoull(text, &end, 0) on the whole text.
struct Number
{
    bool valid{false};
    bool tooBig{false};
    uint64_t value{0};
};

Number
ReadNumber(const std::string& text)
{
    Number number;
    char* end = nullptr;
    errno = 0;
    number.value = std::strtoull(text.c_str(), &end, 0);
    number.tooBig = errno == ERANGE;
    number.valid = *end == '\0' && end != text.c_str() && !text.empty();
    return number;
}

NfResult<uint64_t>
ParseNumber(const std::string& text, uint64_t min, uint64_t max)
{
    const Number number = ReadNumber(text);
    if (number.tooBig || (number.valid && (number.value < min || number.value > max)))
    {
        return SyntaxError(fmt::format("'{}' is out of range {}-{}", text, min, max));
    }
    if (!number.valid)
    {
        return SyntaxError(fmt::format("'{}' is invalid as number", text));
    }
    return number.value;
}

template <class T>
NfStatus
SetNumber(std::optional<T>& to, const std::string& text, uint64_t max)
{
    const auto number = ParseNumber(text, 0, max);
    if (!number)
    {
        return number.Error();
    }
    to = static_cast<T>(*number);
    return NfOk();
}

/// An IPv4 address of one to four numbers, as inet_aton() reads it where gethostbyname() asks it.
std::optional<NfAddr>
ParseDotted(const std::string& text)
{
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos ||
        text.back() == '.' || text.front() == '.')
    {
        return std::nullopt;
    }
    std::vector<uint64_t> numbers;
    for (size_t at = 0; at <= text.size();)
    {
        const size_t dot = std::min(text.find('.', at), text.size());
        const Number number = ReadNumber(text.substr(at, dot - at));
        if (!number.valid || number.tooBig || numbers.size() == 4)
        {
            return std::nullopt;
        }
        numbers.push_back(number.value);
        at = dot + 1;
    }
    uint32_t host = 0;
    for (size_t i = 0; i + 1 < numbers.size(); i++)
    {
        if (numbers[i] > 255)
        {
            return std::nullopt;
        }
        host |= static_cast<uint32_t>(numbers[i] << (24 - 8 * i));
    }
    if (numbers.back() >> (40 - 8 * numbers.size()))
    {
        return std::nullopt;
    }
    return NfAddr::FromIpv4(host | static_cast<uint32_t>(numbers.back()));
}

NfResult<NfAddr>
ParseAddress(const std::string& text, NfFamily family)
{
    const bool ipv6 = family == NfFamily::IPV6;
    const auto addr = ipv6 ? NfAddr::Parse(text, family) : ParseDotted(text);
    if (!addr)
    {
        return SyntaxError(fmt::format("cannot parse {}: resolving to {} address failed",
                                       text,
                                       ipv6 ? "IPv6" : "IPv4"));
    }
    return *addr;
}

/// Where the parts of an address go.
struct AddressTarget
{
    NfAddr& ip;
    std::optional<NfAddr>& ipTo;
    std::optional<uint8_t>& cidr;
};

/// Names in brackets may have dashes. @return where the "-" of a range is, or npos
NfResult<size_t>
FindRange(const std::string& text)
{
    if (text.empty() || text[0] != '[')
    {
        return FindSeparator(text, '-');
    }
    const size_t end = text.find(']');
    if (end == std::string::npos)
    {
        return SyntaxError(fmt::format("cannot find closing escape character ']' in {}", text));
    }
    if (end + 1 == text.size())
    {
        return std::string::npos;
    }
    if (text[end + 1] != '-')
    {
        return SyntaxError(
            fmt::format("range separator expected after '{}'", text.substr(0, end + 1)));
    }
    return end + 1;
}

std::string
StripBrackets(const std::string& text)
{
    const bool has = text.size() > 1 && text.front() == '[' && text.back() == ']';
    return has ? text.substr(1, text.size() - 2) : text;
}

/// ipset: parse_ip() with IPADDR_ANY
NfStatus
ParseAnyAddress(const std::string& text, NfFamily family, AddressTarget to)
{
    std::string first = text;
    std::string last;
    const size_t slash = FindSeparator(text, '/');
    if (slash != std::string::npos)
    {
        const unsigned bits = family == NfFamily::IPV6 ? 128 : 32;
        NfStatus status = SetNumber(to.cidr, text.substr(slash + 1), bits);
        if (!status)
        {
            return status;
        }
        first = text.substr(0, slash);
    }
    else
    {
        const auto dash = FindRange(text);
        if (!dash)
        {
            return dash.Error();
        }
        first = text.substr(0, *dash);
        last = *dash == std::string::npos ? "" : text.substr(*dash + 1);
    }
    const auto addr = ParseAddress(StripBrackets(first), family);
    if (!addr)
    {
        return addr.Error();
    }
    to.ip = *addr;
    if (last.empty())
    {
        return NfOk();
    }
    const auto end = ParseAddress(StripBrackets(last), family);
    if (!end)
    {
        return end.Error();
    }
    to.ipTo = *end;
    return NfOk();
}

bool
HasSlash(const std::string& text)
{
    return FindSeparator(text, '/') != std::string::npos;
}

bool
HasDash(const std::string& text)
{
    return FindSeparator(text, '-') != std::string::npos;
}

NfStatus
ParseAddressPart(IpSetPart part, const std::string& text, NfFamily family, AddressTarget to)
{
    const bool ipv6 = family == NfFamily::IPV6;
    const bool single = part == IpSetPart::SINGLE_IP || (part == IpSetPart::IP && ipv6);
    if (single && (HasSlash(text) || HasDash(text)))
    {
        return SyntaxError("plain IP address must be supplied: " + text);
    }
    if (part == IpSetPart::NET && ipv6 && HasDash(text))
    {
        return SyntaxError("IP address or IP/cidr must be specified: " + text);
    }
    return ParseAnyAddress(text, family, to);
}

/// @param protocol name or number, as typed
NfResult<uint16_t>
ParsePort(const std::string& text, const std::string& protocol)
{
    const auto number = ParseNumber(text, 0, UINT16_MAX);
    if (number)
    {
        return static_cast<uint16_t>(*number);
    }
    std::string report = number.Error().message + "\n";
    std::string name = protocol;
    const auto numeric = ParseNumber(protocol, 0, UINT8_MAX);
    if (numeric)
    {
        name = XtProtocolName(static_cast<uint8_t>(*numeric));
    }
    else
    {
        report += numeric.Error().message + "\n";
    }
    const auto port = XtServicePort(text, name.c_str());
    if (!port)
    {
        return Problem(report + fmt::format("cannot parse '{}' as a {} port", text, protocol));
    }
    return *port;
}

NfStatus
ParsePorts(const std::string& text,
           const std::string& protocol,
           uint16_t& from,
           std::optional<uint16_t>& to)
{
    const size_t dash = FindSeparator(text, '-');
    if (dash != std::string::npos)
    {
        const auto last = ParsePort(text.substr(dash + 1), protocol);
        if (!last)
        {
            return last.Error();
        }
        to = *last;
    }
    const auto first = ParsePort(text.substr(0, dash), protocol);
    if (!first)
    {
        return first.Error();
    }
    from = *first;
    return NfOk();
}

NfResult<uint8_t>
ParseProtocol(const std::string& text)
{
    const auto number = ParseNumber(text, 0, UINT8_MAX);
    if (number)
    {
        return static_cast<uint8_t>(*number);
    }
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const auto protocol = XtProtocolNumber(lower);
    if (!protocol || lower == "all")
    {
        return SyntaxError(fmt::format("cannot parse '{}' as a protocol", text));
    }
    return *protocol;
}

bool
IsSameName(const char* name, const std::string& text)
{
    return std::equal(
        name,
        name + std::strlen(name),
        text.begin(),
        text.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

NfStatus
ParseIcmp(NfFamily family, const std::string& text, uint16_t& port)
{
    for (const NfIpSetIcmpName& row : NfGetIpSetIcmpNames(family))
    {
        if (IsSameName(row.name, text))
        {
            port = static_cast<uint16_t>(row.type << 8 | row.code);
            return NfOk();
        }
    }
    const size_t slash = FindSeparator(text, '/');
    if (slash == std::string::npos)
    {
        const char* what = family == NfFamily::IPV6 ? "ICMPv6" : "ICMP";
        return Problem(fmt::format("Cannot parse {} as an {} type/code.", text, what));
    }
    const auto type = ParseNumber(text.substr(0, slash), 0, UINT8_MAX);
    if (!type)
    {
        return type.Error();
    }
    const auto code = ParseNumber(text.substr(slash + 1), 0, UINT8_MAX);
    if (!code)
    {
        return code.Error();
    }
    port = static_cast<uint16_t>(*type << 8 | *code);
    return NfOk();
}

/// ipset: ipset_parse_proto_port()
NfStatus
ParseProtocolPort(const std::string& text, NfIpSetWords& words)
{
    IpSetEntry& entry = words.entry;
    const size_t colon = FindSeparator(text, ':');
    if (colon == std::string::npos)
    {
        entry.protocol = TCP;
        return ParsePorts(text, "tcp", entry.port, entry.portTo);
    }
    const std::string name = text.substr(0, colon);
    const std::string port = text.substr(colon + 1);
    const auto protocol = ParseProtocol(name);
    if (!protocol)
    {
        return protocol.Error();
    }
    entry.protocol = *protocol;
    // The tool goes on after the complaint, without the name of the set.
    const std::string lost = fmt::format("\nInvalid {} command: missing setname", words.verb);
    switch (*protocol)
    {
    case TCP:
    case SCTP:
    case UDP:
    case UDPLITE:
        return ParsePorts(port, name, entry.port, entry.portTo);
    case ICMP:
        return words.family == NfFamily::IPV4
                   ? ParseIcmp(words.family, port, entry.port)
                   : SyntaxError("Protocol ICMP can be used with family inet only" + lost);
    case ICMPV6:
        return words.family == NfFamily::IPV6
                   ? ParseIcmp(words.family, port, entry.port)
                   : SyntaxError("Protocol ICMPv6 can be used with family inet6 only" + lost);
    default:
        if (port == "0")
        {
            return NfOk();
        }
        return SyntaxError(
            fmt::format("Protocol {} can be used with pseudo port value 0 only.", name));
    }
}

/// ipset: ipset_parse_tcp_udp_port()
NfStatus
ParsePlainPort(const std::string& text, uint16_t& from, std::optional<uint16_t>& to)
{
    const size_t colon = FindSeparator(text, ':');
    if (colon == std::string::npos)
    {
        return ParsePorts(text, "tcp", from, to);
    }
    const std::string name = text.substr(0, colon);
    const auto protocol = ParseProtocol(name);
    if (!protocol)
    {
        return protocol.Error();
    }
    if (*protocol != TCP && *protocol != UDP)
    {
        return SyntaxError("Only protocols TCP and UDP are valid");
    }
    return ParsePorts(text.substr(colon + 1), name, from, to);
}

NfStatus
ParseMac(const std::string& text, std::optional<std::array<uint8_t, 6>>& to)
{
    // One or two digits each, as strtol() reads them.
    std::array<uint8_t, 6> mac{};
    const char* at = text.data();
    const char* last = at + text.size();
    bool good = true;
    for (size_t i = 0; good && i < mac.size(); i++)
    {
        const auto [end, error] = std::from_chars(at, last, mac[i], 16);
        const bool closed = i + 1 == mac.size() ? end == last : end != last && *end == ':';
        good = error == std::errc() && end - at <= 2 && closed;
        at = end == last ? end : end + 1;
    }
    if (!good)
    {
        return SyntaxError(fmt::format("cannot parse '{}' as ethernet address", text));
    }
    to = mac;
    return NfOk();
}

NfStatus
ParseInterface(const std::string& text, IpSetEntry& entry)
{
    constexpr std::string_view PHYSDEV = "physdev:";
    entry.physdev = text.compare(0, PHYSDEV.size(), PHYSDEV) == 0;
    entry.iface = entry.physdev ? text.substr(PHYSDEV.size()) : text;
    if (entry.iface.size() > MAX_IFACE)
    {
        return SyntaxError(fmt::format("interface name '{}' is longer than {} characters",
                                       entry.iface,
                                       MAX_IFACE));
    }
    return NfOk();
}

NfStatus
CheckSetName(const std::string& name)
{
    if (name.size() <= MAX_NAME)
    {
        return NfOk();
    }
    return SyntaxError(fmt::format("setname '{}' is longer than {} characters", name, MAX_NAME));
}

/// "name" or, old, "name,before|after,name".
NfStatus
ParseName(const std::string& text, IpSetEntry& entry)
{
    const size_t comma = FindSeparator(text, ',');
    entry.name = text.substr(0, comma);
    NfStatus status = CheckSetName(entry.name);
    if (!status || comma == std::string::npos)
    {
        return status;
    }
    const std::string rest = text.substr(comma + 1);
    const size_t next = FindSeparator(rest, ',');
    const std::string where = rest.substr(0, next);
    if (next == std::string::npos || (where != "before" && where != "after"))
    {
        return Problem("you must specify elements as setname,[before|after],setname");
    }
    entry.before = where == "before";
    entry.nameRef = rest.substr(next + 1);
    return CheckSetName(entry.nameRef);
}

NfStatus
ParsePart(const IpSetType& type, size_t n, const std::string& text, NfIpSetWords& words)
{
    IpSetEntry& entry = words.entry;
    switch (type.parts[n])
    {
    case IpSetPart::IP:
    case IpSetPart::SINGLE_IP:
    case IpSetPart::NET:
        return ParseAddressPart(type.parts[n],
                                text,
                                words.family,
                                n == 0 ? AddressTarget{entry.ip, entry.ipTo, entry.cidr}
                                       : AddressTarget{entry.ip2, entry.ip2To, entry.cidr2});
    case IpSetPart::PORT:
        return ParseProtocolPort(text, words);
    case IpSetPart::PLAIN_PORT:
        return ParsePlainPort(text, entry.port, entry.portTo);
    case IpSetPart::IFACE:
        return ParseInterface(text, entry);
    case IpSetPart::MAC:
        return ParseMac(text, entry.ether);
    case IpSetPart::MARK: {
        const auto mark = ParseNumber(text, 0, UINT32_MAX);
        entry.mark = mark ? static_cast<uint32_t>(*mark) : 0;
        return mark ? NfOk() : NfStatus(mark.Error());
    }
    default:
        return ParseName(text, entry);
    }
}

NfStatus
ParseFamily(const std::string& text, NfIpSetWords& words)
{
    if (text == "inet" || text == "ipv4" || text == "-4")
    {
        words.family = NfFamily::IPV4;
    }
    else if (text == "inet6" || text == "ipv6" || text == "-6")
    {
        words.family = NfFamily::IPV6;
    }
    else if (text == "any" || text == "unspec")
    {
        words.family = NfFamily::UNSPEC;
    }
    else
    {
        return SyntaxError("unknown inet family " + text);
    }
    return NfOk();
}

NfStatus
ParseNetmask(const std::string& text, NfIpSetWords& words)
{
    const unsigned bits = words.family == NfFamily::IPV6 ? 128 : 32;
    const auto number = ParseNumber(text, 0, UINT8_MAX);
    const auto inRange = number ? ParseNumber(text, 1, bits) : number;
    if (!inRange)
    {
        return Problem(
            inRange.Error().message +
            fmt::format("\nSyntax error: netmask is out of the inclusive range of 1-{}", bits));
    }
    words.options.netmask = static_cast<uint8_t>(*inRange);
    return NfOk();
}

NfStatus
ParseBitmask(const std::string& text, NfIpSetWords& words)
{
    if (words.options.netmask)
    {
        return SyntaxError("bitmask and netmask are mutually exclusive, provide only one");
    }
    const auto addr = ParseAddress(text, words.family);
    if (!addr)
    {
        return Problem(addr.Error().message +
                       fmt::format("\nSyntax error: bitmask is not valid for family = {}",
                                   words.family == NfFamily::IPV6 ? "inet6" : "inet"));
    }
    words.options.bitmask = *addr;
    return NfOk();
}

NfStatus
ParseRange(const std::string& text, IpSetOptions& options)
{
    if (!HasSlash(text) && !HasDash(text))
    {
        return SyntaxError("IP/cidr or IP-IP range must be specified: " + text);
    }
    NfAddr ip;
    NfStatus status =
        ParseAnyAddress(text, NfFamily::IPV4, AddressTarget{ip, options.ipTo, options.cidr});
    options.ip = ip;
    return status;
}

NfStatus
ParseSkbMark(const std::string& text, IpSetSkbInfo& info)
{
    unsigned long mark = 0;
    unsigned long mask = 0;
    const int got = std::sscanf(text.c_str(), "0x%lx/0x%lx", &mark, &mask);
    if (got < 1)
    {
        return SyntaxError(
            "Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)");
    }
    info.mark = static_cast<uint32_t>(mark);
    info.markMask = got == 2 ? static_cast<uint32_t>(mask) : UINT32_MAX;
    return NfOk();
}

NfStatus
ParseSkbPriority(const std::string& text, IpSetSkbInfo& info)
{
    unsigned major = 0;
    unsigned minor = 0;
    if (std::sscanf(text.c_str(), "%x:%x", &major, &minor) != 2)
    {
        return SyntaxError("Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)");
    }
    info.priority = major << 16 | (minor & 0xffff);
    return NfOk();
}

NfStatus
ParseComment(const std::string& text, IpSetEntry& entry)
{
    if (text.find('"') != std::string::npos)
    {
        return SyntaxError("\" character is not permitted in comments");
    }
    if (text.size() > MAX_COMMENT)
    {
        return SyntaxError(
            fmt::format("Comment is longer than the maximum allowed {} characters", MAX_COMMENT));
    }
    entry.comment = text;
    return NfOk();
}

NfStatus
ParseReference(const std::string& text, bool before, IpSetEntry& entry)
{
    NfStatus status = CheckSetName(text);
    if (!status)
    {
        return status;
    }
    entry.nameRef = text;
    entry.before = before;
    return NfOk();
}

/// Options without value, and those that are ignored.
void
ParseFlag(const NfIpSetOptionName& name, const std::string& value, NfIpSetWords& words)
{
    IpSetOptions& options = words.options;
    switch (name.option)
    {
    case IpSetOption::COUNTERS:
        options.counters = true;
        break;
    case IpSetOption::COMMENT:
        options.comment = true;
        break;
    case IpSetOption::FORCEADD:
        options.forceAdd = true;
        break;
    case IpSetOption::SKBINFO:
        options.skbInfo = true;
        break;
    default:
        words.warning +=
            fmt::format("{}Option '--{} {}' is ignored. Please upgrade your syntax.",
                        words.warning.empty() ? "" : "\n",
                        name.option == IpSetOption::IGNORED_NETWORK ? "from" : name.name,
                        value);
    }
}

NfStatus
ParseCreateOption(const NfIpSetOptionName& name, const std::string& value, NfIpSetWords& words)
{
    IpSetOptions& options = words.options;
    switch (name.option)
    {
    case IpSetOption::FAMILY:
        return ParseFamily(value, words);
    case IpSetOption::HASHSIZE:
        return SetNumber(options.hashSize, value, UINT32_MAX);
    case IpSetOption::MAXELEM:
        return SetNumber(options.maxElements, value, UINT32_MAX);
    case IpSetOption::NETMASK:
        return ParseNetmask(value, words);
    case IpSetOption::BITMASK:
        return ParseBitmask(value, words);
    case IpSetOption::MARKMASK:
        return SetNumber(options.markMask, value, UINT32_MAX);
    case IpSetOption::BUCKETSIZE:
        return SetNumber(options.bucketSize, value, UINT8_MAX);
    case IpSetOption::INITVAL:
        return SetNumber(options.initval, value, UINT32_MAX);
    case IpSetOption::SIZE:
        return SetNumber(options.size, value, UINT32_MAX);
    case IpSetOption::RANGE_IP:
        return ParseRange(value, options);
    case IpSetOption::RANGE_PORT: {
        uint16_t port = 0;
        NfStatus status = ParsePlainPort(value, port, options.portTo);
        options.port = port;
        return status;
    }
    case IpSetOption::FROM_IP:
    case IpSetOption::TO_IP: {
        const auto addr = ParseAddress(value, NfFamily::IPV4);
        (name.option == IpSetOption::FROM_IP ? options.ip : options.ipTo) = addr ? *addr : NfAddr{};
        return addr ? NfOk() : NfStatus(addr.Error());
    }
    case IpSetOption::NETWORK:
        if (!HasSlash(value))
        {
            return SyntaxError("IP/netblock must be supplied: " + value);
        }
        return ParseRange(value, options);
    case IpSetOption::FROM_PORT:
    case IpSetOption::TO_PORT: {
        const auto port = ParsePort(value, "tcp");
        (name.option == IpSetOption::FROM_PORT ? options.port : options.portTo) =
            port ? *port : uint16_t{0};
        return port ? NfOk() : NfStatus(port.Error());
    }
    default:
        ParseFlag(name, value, words);
        return NfOk();
    }
}

} // namespace

NfStatus
NfParseIpSetOption(const NfIpSetOptionName& name, const std::string& value, NfIpSetWords& words)
{
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(name.option);
    if (words.seen & bit)
    {
        return SyntaxError(std::string(name.hasValue || value.empty() ? name.name : value) +
                           " already specified");
    }
    words.seen |= bit;
    IpSetEntry& entry = words.entry;
    const auto skbInfo = [&entry]() -> IpSetSkbInfo& {
        return entry.skbInfo ? *entry.skbInfo : entry.skbInfo.emplace();
    };
    switch (name.option)
    {
    case IpSetOption::TIMEOUT: {
        NfStatus status = SetNumber(entry.timeout, value, MAX_TIMEOUT);
        words.options.timeout = entry.timeout;
        return status;
    }
    case IpSetOption::NOMATCH:
        entry.nomatch = true;
        return NfOk();
    case IpSetOption::WILDCARD:
        entry.wildcard = true;
        return NfOk();
    case IpSetOption::PACKETS:
        return SetNumber(entry.packets, value, MAX_COUNTER);
    case IpSetOption::BYTES:
        return SetNumber(entry.bytes, value, MAX_COUNTER);
    case IpSetOption::ADT_COMMENT:
        return ParseComment(value, entry);
    case IpSetOption::SKBMARK:
        return ParseSkbMark(value, skbInfo());
    case IpSetOption::SKBPRIO:
        return ParseSkbPriority(value, skbInfo());
    case IpSetOption::SKBQUEUE: {
        std::optional<uint16_t> queue;
        NfStatus status = SetNumber(queue, value, UINT16_MAX);
        skbInfo().queue = queue.value_or(0);
        return status;
    }
    case IpSetOption::BEFORE:
    case IpSetOption::AFTER:
        return ParseReference(value, name.option == IpSetOption::BEFORE, entry);
    default:
        return ParseCreateOption(name, value, words);
    }
}

NfStatus
NfParseIpSetElement(const IpSetType& type, const std::string& text, NfIpSetWords& words)
{
    const unsigned dimension = type.GetDimension();
    std::vector<std::string> parts;
    std::string rest = text;
    size_t comma = FindSeparator(rest, ',');
    if (dimension == 1)
    {
        if (comma != std::string::npos && type.parts[0] != IpSetPart::NAME)
        {
            return SyntaxError(fmt::format("Elem separator in {}, but settype {} supports none.",
                                           text,
                                           type.name));
        }
        return ParsePart(type, 0, text, words);
    }
    constexpr const char* ORDINALS[] = {"", "Second", "Third"};
    while (comma != std::string::npos && parts.size() + 1 < dimension)
    {
        parts.push_back(rest.substr(0, comma));
        rest = rest.substr(comma + 1);
        comma = FindSeparator(rest, ',');
    }
    if (comma != std::string::npos)
    {
        return SyntaxError(
            dimension == 2
                ? fmt::format("Two elem separators in {}, but settype {} supports one.",
                              text,
                              type.name)
                : fmt::format("Three elem separators in {}, but settype {} supports two.",
                              text,
                              type.name));
    }
    parts.push_back(rest);
    if (parts.size() < dimension && !type.lastOptional)
    {
        return SyntaxError(
            fmt::format("{} element is missing from {}.", ORDINALS[parts.size()], text));
    }
    for (size_t n = 0; n < parts.size(); n++)
    {
        NfStatus status = ParsePart(type, n, parts[n], words);
        if (!status)
        {
            return status;
        }
    }
    return NfOk();
}

} // namespace ns3
