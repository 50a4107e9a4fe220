/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-option.h"

#include "xt-names.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>

namespace ns3
{
namespace
{

struct Name
{
    std::string_view name;
    uint8_t value;
};

constexpr Name LOG_LEVELS[] = {
    {"alert", 1},
    {"crit", 2},
    {"debug", 7},
    {"emerg", 0},
    {"error", 3},
    {"info", 6},
    {"notice", 5},
    {"panic", 0},
    {"warning", 4},
};

constexpr Name TOS_VALUES[] = {
    {"Minimize-Delay", 0x10},
    {"Maximize-Throughput", 0x08},
    {"Maximize-Reliability", 0x04},
    {"Minimize-Cost", 0x02},
    {"Normal-Service", 0x00},
};

struct KnownHost
{
    std::string_view name;
    uint32_t addr;
};

/// What the hosts and networks files of a fresh Debian name.
constexpr KnownHost KNOWN_HOSTS[] = {
    {"localhost", 0x7f000001},
    {"loopback", 0x7f000000},
    {"link-local", 0xa9fe0000},
    {"default", 0},
};

constexpr uint32_t TOS_NAME_MASK = 0x3f; //!< bits a TOS name speaks of: all but ECN

bool
EqualNoCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

unsigned
FamilyBits(NfFamily family)
{
    return family == NfFamily::IPV6 ? 128 : 32;
}

uint64_t
TypeMax(XtType type)
{
    switch (type)
    {
    case XtType::U8:
    case XtType::U8RC:
        return std::numeric_limits<uint8_t>::max();
    case XtType::U16:
    case XtType::U16RC:
        return std::numeric_limits<uint16_t>::max();
    case XtType::U32:
    case XtType::U32RC:
        return std::numeric_limits<uint32_t>::max();
    default:
        return std::numeric_limits<uint64_t>::max();
    }
}

/// A message that starts with the extension and names the option.
template <class... A>
NfError
OptionError(const XtArg& arg, std::string_view text, A... args)
{
    return XtBadParameter(
        fmt::format(fmt::runtime(text), arg.extension, arg.option->name, args...));
}

// ---- one parser per type

NfStatus
ParseInteger(XtArg& arg)
{
    const uint64_t low = arg.option->min;
    const uint64_t high = arg.option->max ? arg.option->max : TypeMax(arg.option->type);
    const auto value = XtParseNumber(arg.text, low, high);
    if (!value)
    {
        return OptionError(arg,
                           "{}: bad value for option \"--{}\", or out of range ({}-{}).\n",
                           low,
                           high);
    }
    arg.low = arg.high = *value;
    return NfOk();
}

NfStatus
ParseRange(XtArg& arg)
{
    const uint64_t max = arg.option->max ? arg.option->max : TypeMax(arg.option->type);
    uint64_t values[2] = {0, 0};
    std::string_view text = arg.text;
    for (arg.count = 0;; text.remove_prefix(1))
    {
        if (arg.count == 2)
        {
            return OptionError(arg, "{}: Too many components for option \"--{}\" (max: {})\n", 2);
        }
        std::string_view rest = text;
        uint64_t value = arg.count == 1 ? max : 0;
        if (!text.empty() && text[0] != ':')
        {
            const auto number = XtParseNumberPrefix(text, 0, max, rest);
            if (!number)
            {
                return OptionError(arg,
                                   "{}: bad value for option \"--{}\" near \"{}\", or out of range "
                                   "(0-{}).\n",
                                   text,
                                   max);
            }
            if (!rest.empty() && rest[0] != ':')
            {
                return OptionError(arg,
                                   "{}: Argument to \"--{}\" has unexpected characters near "
                                   "\"{}\".\n",
                                   rest);
            }
            value = *number;
        }
        values[arg.count++] = value;
        text = rest;
        if (text.empty())
        {
            break;
        }
    }
    arg.low = values[0];
    arg.high = arg.count == 2 ? values[1] : values[0];
    return NfOk();
}

NfStatus
ParseDouble(XtArg& arg)
{
    char* end = nullptr;
    arg.real = std::strtod(arg.text.c_str(), &end);
    const auto low = static_cast<double>(arg.option->min);
    const auto high = static_cast<double>(arg.option->max);
    const bool bounded = arg.option->min != arg.option->max;
    if (arg.text.empty() || *end != '\0' || std::isnan(arg.real) ||
        (bounded && (arg.real < low || arg.real > high)))
    {
        return OptionError(arg,
                           "{}: bad value for option \"--{}\", or out of range ({}-{}).\n",
                           arg.option->min,
                           arg.option->max);
    }
    return NfOk();
}

NfStatus
ParseString(XtArg& arg)
{
    const XtOption& option = *arg.option;
    if (arg.text.size() < option.min)
    {
        return XtBadParameter(
            fmt::format("Argument must have a minimum length of {} characters\n", option.min));
    }
    if (option.max && arg.text.size() >= option.max)
    {
        return XtBadParameter(
            fmt::format("Argument must have a maximum length of {} characters\n", option.max));
    }
    return NfOk();
}

NfStatus
ParseTosMask(XtArg& arg)
{
    std::string_view rest;
    if (const auto value = XtParseNumberPrefix(arg.text, 0, 0xff, rest))
    {
        arg.low = *value;
        arg.mask = 0xff;
        if (rest.empty())
        {
            return NfOk();
        }
        if (rest[0] == '/')
        {
            if (const auto mask = XtParseNumber(rest.substr(1), 0, 0xff))
            {
                arg.mask = static_cast<uint32_t>(*mask);
                return NfOk();
            }
        }
        return XtBadParameter(fmt::format("Illegal value: \"{}\"", arg.text));
    }
    for (const Name& tos : TOS_VALUES)
    {
        if (EqualNoCase(tos.name, arg.text))
        {
            arg.low = tos.value;
            arg.mask = TOS_NAME_MASK;
            return NfOk();
        }
    }
    return XtBadParameter(fmt::format("Symbolic name \"{}\" is unknown", arg.text));
}

NfStatus
ParseMark(XtArg& arg)
{
    constexpr uint64_t max = std::numeric_limits<uint32_t>::max();
    constexpr auto bad = "{}: bad integer value for option \"--{}\", or out of range.\n";
    std::string_view rest;
    const auto value = XtParseNumberPrefix(arg.text, 0, max, rest);
    if (!value)
    {
        return OptionError(arg, bad);
    }
    arg.low = *value;
    arg.mask = 0xffffffff;
    if (!rest.empty() && rest[0] == '/')
    {
        const auto mask = XtParseNumberPrefix(rest.substr(1), 0, max, rest);
        if (!mask)
        {
            return OptionError(arg, bad);
        }
        arg.mask = static_cast<uint32_t>(*mask);
    }
    return rest.empty()
               ? NfOk()
               : OptionError(arg, "{}: trailing garbage after value for option \"--{}\".\n");
}

NfStatus
ParseSyslog(XtArg& arg)
{
    if (const auto value = XtParseNumber(arg.text, 0, 7))
    {
        arg.low = *value;
        return NfOk();
    }
    for (const Name& level : LOG_LEVELS)
    {
        if (level.name == arg.text)
        {
            arg.low = level.value;
            return NfOk();
        }
    }
    return XtBadParameter(fmt::format("log level \"{}\" unknown\n", arg.text));
}

NfStatus
ParseAddress(XtArg& arg, std::string_view text)
{
    const auto addr = NfAddr::Parse(text, arg.family);
    if (!addr)
    {
        return XtBadParameter("getaddrinfo: Temporary failure in name resolution\n");
    }
    arg.addr = *addr;
    arg.prefix = static_cast<uint8_t>(FamilyBits(arg.family));
    arg.addrMask = NfPrefixMask(arg.family, arg.prefix);
    return NfOk();
}

NfStatus
ParseHost(XtArg& arg)
{
    return ParseAddress(arg, arg.text);
}

NfStatus
ParsePrefixOrMask(XtArg& arg, std::string_view text)
{
    const unsigned bits = FamilyBits(arg.family);
    if (const auto mask = XtParseMask(text, arg.family))
    {
        arg.addrMask = *mask;
        arg.prefix = static_cast<uint8_t>(NfPrefixLength(arg.family, *mask).value_or(0));
        return NfOk();
    }
    return OptionError(arg,
                       "{}: bad value for option \"--{}\", neither a valid network mask nor valid "
                       "CIDR ({}-{}).\n",
                       0,
                       bits);
}

NfStatus
ParsePlenMask(XtArg& arg)
{
    return ParsePrefixOrMask(arg, arg.text);
}

NfStatus
ParseHostMask(XtArg& arg)
{
    const std::string_view text = arg.text;
    const size_t slash = text.find('/');
    if (NfStatus status = ParseAddress(arg, text.substr(0, slash)); !status)
    {
        return status;
    }
    return slash == std::string_view::npos ? NfOk()
                                           : ParsePrefixOrMask(arg, text.substr(slash + 1));
}

NfStatus
ParsePlen(XtArg& arg)
{
    const unsigned bits = FamilyBits(arg.family);
    const auto value = XtParseNumber(arg.text, 0, bits);
    if (!value)
    {
        return OptionError(arg,
                           "{}: bad value for option \"--{}\", or out of range ({}-{}).\n",
                           0,
                           bits);
    }
    arg.low = arg.prefix = static_cast<uint8_t>(*value);
    return NfOk();
}

NfStatus
ParseProtocol(XtArg& arg)
{
    const auto protocol = XtParseProtocol(arg.text);
    if (!protocol)
    {
        return protocol.Error();
    }
    arg.low = *protocol;
    return NfOk();
}

std::optional<uint16_t>
LookUpPort(std::string_view text)
{
    if (const auto number = XtParseNumber(text, 0, 0xffff))
    {
        return static_cast<uint16_t>(*number);
    }
    return XtServicePort(text, nullptr);
}

NfStatus
ParsePortRange(XtArg& arg, size_t maxParts)
{
    const std::vector<std::string> parts = XtSplit(arg.text, ':');
    if (parts.size() > maxParts)
    {
        return OptionError(arg,
                           "{}: Too many components for option \"--{}\" (max: {})\n",
                           maxParts);
    }
    uint64_t values[2] = {0, 0xffff};
    for (size_t i = 0; i < parts.size(); ++i)
    {
        if (parts[i].empty())
        {
            continue;
        }
        const auto port = LookUpPort(parts[i]);
        if (!port)
        {
            return XtBadParameter(
                fmt::format("Port \"{}\" does not resolve to anything.\n", parts[i]));
        }
        values[i] = *port;
    }
    arg.count = static_cast<uint8_t>(parts.size());
    arg.low = values[0];
    arg.high = parts.size() == 2 ? values[1] : values[0];
    return NfOk();
}

NfStatus
ParsePortPair(XtArg& arg)
{
    return ParsePortRange(arg, 2);
}

NfStatus
ParseOnePort(XtArg& arg)
{
    const auto port = LookUpPort(arg.text);
    if (!port)
    {
        return XtBadParameter(fmt::format("Port \"{}\" does not resolve to anything.\n", arg.text));
    }
    arg.low = arg.high = *port;
    return NfOk();
}

NfStatus
ParseMac(XtArg& arg)
{
    const auto mac = XtParseMac(arg.text);
    if (!mac)
    {
        return XtBadParameter("Invalid MAC address specified.");
    }
    arg.mac = *mac;
    arg.macMask.fill(0xff);
    return NfOk();
}

NfStatus
ParseMacMask(XtArg& arg)
{
    const std::string_view text = arg.text;
    const size_t slash = text.find('/');
    const auto mac = XtParseMac(text.substr(0, slash));
    std::optional<std::array<uint8_t, 6>> mask;
    if (slash == std::string_view::npos)
    {
        mask.emplace().fill(0xff);
    }
    else
    {
        mask = XtParseMac(text.substr(slash + 1));
    }
    if (!mac || !mask)
    {
        return XtBadParameter("Invalid MAC address specified.");
    }
    arg.mac = *mac;
    arg.macMask = *mask;
    return NfOk();
}

NfStatus
ParseNothing(XtArg&)
{
    return NfOk();
}

using TypeParser = NfStatus (*)(XtArg&);

/// In the order of XtType.
constexpr TypeParser PARSERS[] = {
    ParseNothing,  // NONE
    ParseInteger,  // U8
    ParseInteger,  // U16
    ParseInteger,  // U32
    ParseInteger,  // U64
    ParseRange,    // U8RC
    ParseRange,    // U16RC
    ParseRange,    // U32RC
    ParseRange,    // U64RC
    ParseDouble,   // DOUBLE
    ParseString,   // STRING
    ParseTosMask,  // TOSMASK
    ParseMark,     // MARKMASK
    ParseSyslog,   // SYSLOG
    ParseHost,     // HOST
    ParseHostMask, // HOSTMASK
    ParseProtocol, // PROTOCOL
    ParseOnePort,  // PORT
    ParsePortPair, // PORTRC
    ParsePlen,     // PLEN
    ParsePlenMask, // PLENMASK
    ParseMac,      // MAC
    ParseMacMask,  // MACMASK
    ParseNothing,  // CUSTOM
    ParseNothing,  // CUSTOMOPT
};

static_assert(std::size(PARSERS) == static_cast<size_t>(XtType::CUSTOMOPT) + 1,
              "one parser per type");

NfStatus
CheckUse(const XtArg& arg)
{
    const XtOption& option = *arg.option;
    const uint32_t bit = 1U << option.id;
    const bool once = !(option.flags & XT_MULTI) || (option.excludes & bit);
    if (once && (arg.seen & bit))
    {
        return OptionError(arg, "{}: option \"--{}\" can only be used once.\n");
    }
    if (arg.invert && !(option.flags & XT_INVERT))
    {
        return OptionError(arg, "{}: option \"--{}\" cannot be inverted.\n");
    }
    const bool optional = option.type == XtType::NONE || option.type == XtType::CUSTOMOPT;
    if (!optional && !arg.hasText)
    {
        return OptionError(arg, "{}: option \"--{}\" requires an argument.\n");
    }
    return NfOk();
}

const XtOption*
FindOption(const XtOptions& options, unsigned id)
{
    for (const XtOption& option : options)
    {
        if (option.id == id)
        {
            return &option;
        }
    }
    return nullptr;
}

/// The conflicts of one given option with the others.
NfStatus
CheckOthers(const char* extension, const XtOptions& options, const XtOption& option, uint32_t seen)
{
    for (unsigned id = 0; id < 32; ++id)
    {
        const uint32_t bit = 1U << id;
        const XtOption* other = id == option.id ? nullptr : FindOption(options, id);
        if (!other)
        {
            continue;
        }
        if ((option.needs & bit) && !(seen & bit))
        {
            return XtBadParameter(fmt::format("{}: option \"--{}\" also requires \"--{}\".\n",
                                              extension,
                                              option.name,
                                              other->name));
        }
        if (option.excludes & seen & bit)
        {
            return XtBadParameter(
                fmt::format("{}: option \"--{}\" cannot be used together with \"--{}\".\n",
                            extension,
                            option.name,
                            other->name));
        }
    }
    return NfOk();
}

bool
IsSafeInSave(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

} // namespace

NfStatus
XtParseOption(XtArg& arg)
{
    if (!(arg.option->flags & XT_NOCHECK))
    {
        if (NfStatus status = CheckUse(arg); !status)
        {
            return status;
        }
    }
    if (!arg.hasText)
    {
        return NfOk();
    }
    return PARSERS[static_cast<size_t>(arg.option->type)](arg);
}

NfStatus
XtCheckOptions(const char* extension, const XtOptions& options, uint32_t seen)
{
    for (const XtOption& option : options)
    {
        const bool given = seen >> option.id & 1;
        if ((option.flags & XT_MANDATORY) && !given)
        {
            return XtBadParameter(
                fmt::format("{}: option \"--{}\" must be specified\n", extension, option.name));
        }
        if (!given)
        {
            continue;
        }
        if (NfStatus status = CheckOthers(extension, options, option, seen); !status)
        {
            return status;
        }
    }
    return NfOk();
}

NfError
XtBadParameter(std::string text)
{
    return NfError{2, std::move(text)};
}

NfError
XtOtherProblem(std::string text)
{
    return NfError{1, std::move(text)};
}

NfError
XtBadValue(const char* extension, const char* option, const std::string& text)
{
    return XtBadParameter(
        fmt::format("{}: Bad value for \"{}\" option: \"{}\"", extension, option, text));
}

NfError
XtOnlyOnce(const char* extension, const char* option)
{
    return XtBadParameter(
        fmt::format("{}: \"{}\" option may only be specified once", extension, option));
}

NfError
XtNoInvert(const char* extension, const char* option)
{
    return XtBadParameter(fmt::format("{}: \"{}\" option cannot be inverted", extension, option));
}

NfError
XtOneAction(const char* extension)
{
    return XtBadParameter(fmt::format("{}: At most one action is possible", extension));
}

std::optional<uint64_t>
XtParseNumberPrefix(std::string_view text, uint64_t min, uint64_t max, std::string_view& rest)
{
    size_t i = 0;
    while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])))
    {
        ++i;
    }
    i += i < text.size() && text[i] == '+'; // "-" is refused, other than strtoul() does
    unsigned base = 10;
    const auto digit = [&](size_t at) -> unsigned {
        if (at >= text.size())
        {
            return 99;
        }
        const auto c =
            static_cast<unsigned char>(std::tolower(static_cast<unsigned char>(text[at])));
        return std::isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10U : 99;
    };
    if (i + 1 < text.size() && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X'))
    {
        base = 16;
        i += digit(i + 2) < 16 ? 2 : 0;
    }
    else if (i < text.size() && text[i] == '0')
    {
        base = 8;
    }
    const size_t first = i;
    uint64_t value = 0;
    bool overflow = false;
    for (; digit(i) < base; ++i)
    {
        overflow |= value > (std::numeric_limits<uint64_t>::max() - digit(i)) / base;
        value = value * base + digit(i);
    }
    if (i == first || overflow)
    {
        return std::nullopt;
    }
    rest = text.substr(i);
    return value >= min && value <= max ? std::optional(value) : std::nullopt;
}

std::optional<uint64_t>
XtParseNumber(std::string_view text, uint64_t min, uint64_t max)
{
    std::string_view rest;
    const auto value = XtParseNumberPrefix(text, min, max, rest);
    return rest.empty() ? value : std::nullopt;
}

std::optional<std::pair<uint32_t, uint32_t>>
XtParseMarkMask(std::string_view text)
{
    constexpr uint64_t max = std::numeric_limits<uint32_t>::max();
    std::string_view rest;
    const auto value = XtParseNumberPrefix(text, 0, max, rest);
    auto mask = std::optional<uint64_t>(max);
    if (value && !rest.empty() && rest[0] == '/')
    {
        mask = XtParseNumberPrefix(rest.substr(1), 0, max, rest);
    }
    if (!value || !mask || !rest.empty())
    {
        return std::nullopt;
    }
    return std::pair(static_cast<uint32_t>(*value), static_cast<uint32_t>(*mask));
}

NfResult<uint16_t>
XtParsePort(std::string_view text, const char* protocol)
{
    if (const auto number = XtParseNumber(text, 0, 0xffff))
    {
        return static_cast<uint16_t>(*number);
    }
    if (const auto port = XtServicePort(text, protocol))
    {
        return *port;
    }
    return XtBadParameter(fmt::format("invalid port/service `{}' specified", text));
}

NfResult<uint8_t>
XtParseProtocol(std::string_view text)
{
    if (const auto number = XtParseNumber(text, 0, 0xff))
    {
        return static_cast<uint8_t>(*number);
    }
    if (const auto number = XtProtocolNumber(text))
    {
        return *number;
    }
    return XtBadParameter(fmt::format("unknown protocol \"{}\" specified", text));
}

NfResult<NfAddr>
XtParseHost(std::string_view text, NfFamily family)
{
    std::string padded(text);
    if (family == NfFamily::IPV4)
    {
        // "10.1" is a network to iptables: 10.1.0.0
        for (auto dots = std::count(padded.begin(), padded.end(), '.'); dots < 3; ++dots)
        {
            padded += ".0";
        }
    }
    if (const auto addr = NfAddr::Parse(padded, family))
    {
        return *addr;
    }
    for (const KnownHost& host : KNOWN_HOSTS)
    {
        if (family == NfFamily::IPV4 && text == host.name)
        {
            return NfAddr::FromIpv4(host.addr);
        }
    }
    return XtBadParameter(fmt::format("host/network `{}' not found", text));
}

NfResult<NfAddr>
XtParseMask(std::string_view text, NfFamily family)
{
    if (const auto length = XtParseNumber(text, 0, FamilyBits(family)))
    {
        return NfPrefixMask(family, static_cast<unsigned>(*length));
    }
    if (const auto mask = NfAddr::Parse(text, family))
    {
        return *mask;
    }
    return XtBadParameter(fmt::format("invalid mask `{}' specified", text));
}

NfResult<std::pair<NfAddr, NfAddr>>
XtParseHostMask(std::string_view text, NfFamily family)
{
    const size_t slash = text.find('/');
    NfResult<NfAddr> mask = NfPrefixMask(family, FamilyBits(family));
    if (slash != std::string_view::npos)
    {
        mask = XtParseMask(text.substr(slash + 1), family);
    }
    if (!mask)
    {
        return mask.Error();
    }
    const std::string_view host = text.substr(0, slash);
    // A null mask makes the name meaningless: "any/0".
    const NfResult<NfAddr> addr =
        mask->IsZero() ? NfResult<NfAddr>(NfAddr{}) : XtParseHost(host, family);
    if (!addr)
    {
        return addr.Error();
    }
    return std::pair(*addr & *mask, *mask);
}

std::optional<std::array<uint8_t, 6>>
XtParseMac(std::string_view text)
{
    const std::vector<std::string> parts = XtSplit(text, ':');
    std::array<uint8_t, 6> mac{};
    if (parts.size() != mac.size())
    {
        return std::nullopt;
    }
    for (size_t i = 0; i < mac.size(); ++i)
    {
        const auto byte = parts[i].empty() || parts[i].size() > 2
                              ? std::nullopt
                              : XtParseNumber("0x" + parts[i], 0, 0xff);
        if (!byte)
        {
            return std::nullopt;
        }
        mac[i] = static_cast<uint8_t>(*byte);
    }
    return mac;
}

std::vector<std::string>
XtSplit(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (size_t start = 0; start <= text.size();)
    {
        const size_t end = std::min(text.find(separator, start), text.size());
        parts.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

std::string
XtFormatMark(uint32_t value, uint32_t mask)
{
    return mask == 0xffffffff ? fmt::format("0x{:x}", value)
                              : fmt::format("0x{:x}/0x{:x}", value, mask);
}

std::string
XtSaveString(std::string_view value)
{
    if (!value.empty() && std::all_of(value.begin(), value.end(), IsSafeInSave))
    {
        return fmt::format(" {}", value);
    }
    std::string out = " \"";
    for (const char c : value)
    {
        if (c == '"' || c == '\\' || c == '\'')
        {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

std::string
XtFormatMask(const NfAddr& mask, NfFamily family)
{
    const auto length = NfPrefixLength(family, mask);
    if (length)
    {
        return *length == FamilyBits(family) ? "" : fmt::format("/{}", *length);
    }
    return "/" + mask.ToString(family);
}

std::string
XtFormatMac(const std::array<uint8_t, 6>& mac)
{
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
                       mac[0],
                       mac[1],
                       mac[2],
                       mac[3],
                       mac[4],
                       mac[5]);
}

std::string
XtFormatPort(uint16_t port, uint8_t protocol, bool numeric)
{
    const std::string_view name = numeric ? std::string_view() : XtServiceName(port, protocol);
    return name.empty() ? std::to_string(port) : std::string(name);
}

} // namespace ns3
