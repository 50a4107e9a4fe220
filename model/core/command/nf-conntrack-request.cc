/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-request.h"

#include "../conntrack/nf-conn.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <string_view>

namespace ns3
{

namespace
{

enum class Arg : uint8_t
{
    NONE,
    REQUIRED,
    OPTIONAL, //!< also as the next word, if that is no option
};

/**
 * An option of the tool. Commands on expectations count as lower-case letters.
 */
struct Option
{
    char name;            //!< its short name; some have none and use a sign nobody types
    const char* longName; //!< as messages call it
    Arg arg;
    const char* allowed;  //!< commands it may go with
    const char* required; //!< commands that need it
};

// In the order in which the tool checks them.
constexpr std::array OPTIONS = {
    Option{'s', "src", Arg::REQUIRED, "LIAUDGEidg", "idg"},
    Option{'d', "dst", Arg::REQUIRED, "LIAUDGEidg", "idg"},
    Option{'r', "reply-src", Arg::REQUIRED, "LIAUDGEidg", ""},
    Option{'q', "reply-dst", Arg::REQUIRED, "LIAUDGEidg", ""},
    Option{'p', "protonum", Arg::REQUIRED, "LIAUDGEidg", "IAGidg"},
    Option{'t', "timeout", Arg::REQUIRED, "IAUDi", "IAi"},
    Option{'u', "status", Arg::REQUIRED, "LIAUDEi", ""},
    Option{'z', "zero", Arg::NONE, "L", ""},
    Option{'e', "event-mask", Arg::REQUIRED, "Ee", ""},
    Option{'[', "tuple-src", Arg::REQUIRED, "i", "i"},
    Option{']', "tuple-dst", Arg::REQUIRED, "i", "i"},
    Option{'{', "mask-src", Arg::REQUIRED, "LUDEi", "i"},
    Option{'}', "mask-dst", Arg::REQUIRED, "LUDEi", "i"},
    Option{'m', "mark", Arg::REQUIRED, "LIAUDE", ""},
    Option{'f', "family", Arg::REQUIRED, "LIAUDGEFCSlidgefcs", ""},
    Option{'n', "src-nat", Arg::OPTIONAL, "LIAUDE", ""},
    Option{'g', "dst-nat", Arg::OPTIONAL, "LIAUDE", ""},
    Option{'o', "output", Arg::REQUIRED, "LUDGEle", ""},
    Option{'c', "secmark", Arg::REQUIRED, "LIAUDE", ""},
    Option{'b', "buffer-size", Arg::REQUIRED, "EDUe", ""},
    Option{'j', "any-nat", Arg::OPTIONAL, "LUDE", ""},
    Option{'w', "zone", Arg::REQUIRED, "LIAUDGE", ""},
    Option{'l', "label", Arg::REQUIRED, "LUDE", ""},
    Option{'<', "label-add", Arg::REQUIRED, "IAU", ""},
    Option{'>', "label-del", Arg::OPTIONAL, "U", ""},
    Option{'(', "orig-zone", Arg::REQUIRED, "LIAUDGE", ""},
    Option{')', "reply-zone", Arg::REQUIRED, "LIAUDGE", ""},
    Option{'a', "nat-range", Arg::REQUIRED, "LIAUDGEFCSlidgefcs", ""},
    Option{'i', "id", Arg::REQUIRED, "LUDG", ""},
};

/// Long names that are not those of messages.
const std::map<std::string_view, char> LONG_NAMES = {
    {"orig-src", 's'},
    {"orig-dst", 'd'},
    {"dump", 'L'},
    {"create", 'I'},
    {"add", 'A'},
    {"delete", 'D'},
    {"update", 'U'},
    {"get", 'G'},
    {"flush", 'F'},
    {"event", 'E'},
    {"counter", 'C'},
    {"stats", 'S'},
    {"version", 'V'},
    {"help", 'h'},
    {"load-file", 'R'},
};

/// What a protocol's own options set.
enum class Field : uint8_t
{
    SPORT,
    DPORT,
    REPLY_SPORT,
    REPLY_DPORT,
    STATE,
    ICMP_TYPE,
    ICMP_CODE,
    ICMP_ID,
    ORIG_VTAG,
    REPLY_VTAG,
    IGNORED,
};

struct ProtocolOption
{
    std::string_view name;
    Field field;
};

constexpr std::array PORT_OPTIONS = {
    ProtocolOption{"orig-port-src", Field::SPORT},
    ProtocolOption{"orig-port-dst", Field::DPORT},
    ProtocolOption{"sport", Field::SPORT},
    ProtocolOption{"dport", Field::DPORT},
    ProtocolOption{"reply-port-src", Field::REPLY_SPORT},
    ProtocolOption{"reply-port-dst", Field::REPLY_DPORT},
    ProtocolOption{"mask-port-src", Field::IGNORED},
    ProtocolOption{"mask-port-dst", Field::IGNORED},
    ProtocolOption{"tuple-port-src", Field::IGNORED},
    ProtocolOption{"tuple-port-dst", Field::IGNORED},
};
constexpr std::array STATE_OPTIONS = {ProtocolOption{"state", Field::STATE}};
constexpr std::array SCTP_OPTIONS = {ProtocolOption{"orig-vtag", Field::ORIG_VTAG},
                                     ProtocolOption{"reply-vtag", Field::REPLY_VTAG}};
constexpr std::array DCCP_OPTIONS = {ProtocolOption{"role", Field::IGNORED}};
constexpr std::array ICMP_OPTIONS = {ProtocolOption{"icmp-type", Field::ICMP_TYPE},
                                     ProtocolOption{"icmp-code", Field::ICMP_CODE},
                                     ProtocolOption{"icmp-id", Field::ICMP_ID}};
constexpr std::array ICMPV6_OPTIONS = {ProtocolOption{"icmpv6-type", Field::ICMP_TYPE},
                                       ProtocolOption{"icmpv6-code", Field::ICMP_CODE},
                                       ProtocolOption{"icmpv6-id", Field::ICMP_ID}};
constexpr std::array GRE_OPTIONS = {
    ProtocolOption{"orig-key-src", Field::SPORT},
    ProtocolOption{"orig-key-dst", Field::DPORT},
    ProtocolOption{"srckey", Field::SPORT},
    ProtocolOption{"dstkey", Field::DPORT},
    ProtocolOption{"reply-key-src", Field::REPLY_SPORT},
    ProtocolOption{"reply-key-dst", Field::REPLY_DPORT},
};

const std::map<std::string_view, uint8_t> PROTOCOL_NAMES = {
    {"icmp", 1},
    {"igmp", 2},
    {"ipencap", 4},
    {"tcp", 6},
    {"egp", 8},
    {"udp", 17},
    {"dccp", 33},
    {"ipv6", 41},
    {"gre", 47},
    {"esp", 50},
    {"ah", 51},
    {"icmpv6", 58},
    {"ipv6-icmp", 58},
    {"ospf", 89},
    {"pim", 103},
    {"sctp", 132},
    {"udplite", 136},
};

constexpr std::array<std::string_view, 10> TCP_STATES = {"NONE",
                                                         "SYN_SENT",
                                                         "SYN_RECV",
                                                         "ESTABLISHED",
                                                         "FIN_WAIT",
                                                         "CLOSE_WAIT",
                                                         "LAST_ACK",
                                                         "TIME_WAIT",
                                                         "CLOSE",
                                                         "SYN_SENT2"};
constexpr std::array<std::string_view, 10> SCTP_STATES = {"NONE",
                                                          "CLOSED",
                                                          "COOKIE_WAIT",
                                                          "COOKIE_ECHOED",
                                                          "ESTABLISHED",
                                                          "SHUTDOWN_SENT",
                                                          "SHUTDOWN_RECD",
                                                          "SHUTDOWN_ACK_SENT",
                                                          "HEARTBEAT_SENT",
                                                          "HEARTBEAT_ACKED"};

const std::map<std::string_view, uint32_t> STATUS_NAMES = {
    {"ASSURED", NF_IPS_ASSURED},
    {"SEEN_REPLY", NF_IPS_SEEN_REPLY},
    {"UNSET", 0},
    {"FIXED_TIMEOUT", NF_IPS_FIXED_TIMEOUT},
    {"EXPECTED", NF_IPS_EXPECTED},
    {"OFFLOAD", NF_IPS_OFFLOAD},
    {"HW_OFFLOAD", NF_IPS_HW_OFFLOAD},
};

NfError
Problem(const std::string& text)
{
    return {2,
            NF_CONNTRACK_TOOL + text +
                "\nTry `conntrack -h' or 'conntrack --help' for more information."};
}

std::vector<std::string>
SplitList(const std::string& text)
{
    std::vector<std::string> parts;
    for (size_t at = 0; at <= text.size();)
    {
        const size_t comma = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

std::string
Upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
    });
    return text;
}

/// strtoul() of a text that may be anything.
uint32_t
Number(const std::string& text)
{
    return static_cast<uint32_t>(std::strtoul(text.c_str(), nullptr, 0));
}

const Option*
FindOption(char name)
{
    const auto it = std::find_if(OPTIONS.begin(), OPTIONS.end(), [name](const Option& option) {
        return option.name == name;
    });
    return it != OPTIONS.end() ? &*it : nullptr;
}

/// Reads the words of one command line.
class Parser
{
  public:
    explicit Parser(const std::vector<std::string>& args)
        : m_args(args)
    {
    }

    NfResult<NfConntrackRequest> Parse()
    {
        while (!m_error && m_next < m_args.size())
        {
            const std::string& word = m_args[m_next++];
            if (word.size() > 2 && word.compare(0, 2, "--") == 0)
            {
                LongOption(word);
            }
            else if (word.size() > 1 && word[0] == '-')
            {
                ShortOptions(word);
            }
        }
        Check();
        return m_error ? NfResult<NfConntrackRequest>(*m_error)
                       : NfResult<NfConntrackRequest>(std::move(m_request));
    }

  private:
    void Fail(const std::string& text)
    {
        if (!m_error)
        {
            m_error = Problem(text);
        }
    }

    bool NextIsWord() const
    {
        return m_next < m_args.size() && !m_args[m_next].empty() && m_args[m_next][0] != '-' &&
               m_args[m_next][0] != '!';
    }

    /// @param inlined value given in the same word @param shown the option as messages show it
    std::string Value(Arg arg, const std::optional<std::string>& inlined, const std::string& shown)
    {
        if (inlined)
        {
            return *inlined;
        }
        if (arg == Arg::OPTIONAL)
        {
            return NextIsWord() ? m_args[m_next++] : "";
        }
        if (m_next < m_args.size())
        {
            return m_args[m_next++];
        }
        Fail("option `" + shown + "' requires an argument");
        return "";
    }

    void LongOption(const std::string& word);
    void ShortOptions(const std::string& word);
    bool ProtocolWord(const std::string& name,
                      const std::optional<std::string>& inlined,
                      const std::string& shown);
    void Command(char command, const std::optional<std::string>& inlined);
    void Apply(char name, const std::string& value);
    void SetAddress(std::optional<NfMaskedAddr>& slot, const std::string& text);
    void SetMask(std::optional<NfAddr>& slot, const std::string& text);
    std::optional<NfAddr> ParseAddress(const std::string& text);
    void SetProtocol(const std::string& text);
    void SetStatus(const std::string& text);
    void SetMark(const std::string& text);
    void SetOutput(const std::string& text);
    void SetFamily(const std::string& text);
    void SetNat(std::optional<NfConntrackNatArg>& slot, const std::string& text);
    void SetPort(NfConntrackNatArg& nat, const std::string& text);
    void SetField(Field field, const std::string& value);
    void SetState(const std::string& value);
    void Join(NfFamily family);
    void Check();
    void CheckOptions(char command);
    void CheckTuple();
    void ApplyMasks();

    const std::vector<std::string>& m_args;
    size_t m_next{1};
    NfConntrackRequest m_request;
    std::optional<NfError> m_error; //!< the first one
};

void
Parser::LongOption(const std::string& word)
{
    const size_t eq = word.find('=');
    const std::string name = word.substr(2, eq == std::string::npos ? eq : eq - 2);
    const std::optional<std::string> inlined =
        eq == std::string::npos ? std::nullopt : std::optional(word.substr(eq + 1));
    const auto alias = LONG_NAMES.find(name);
    const auto named = std::find_if(OPTIONS.begin(), OPTIONS.end(), [&name](const Option& option) {
        return name == option.longName;
    });
    if (ProtocolWord(name, inlined, word.substr(0, eq)))
    {
        return;
    }
    const char letter = alias != LONG_NAMES.end() ? alias->second
                        : named != OPTIONS.end()  ? named->name
                                                  : '\0';
    const Option* option = FindOption(letter);
    if (letter == '\0')
    {
        Fail("unknown option `" + word + "'");
    }
    else if (!option)
    {
        Command(letter, inlined);
    }
    else
    {
        Apply(letter,
              option->arg == Arg::NONE ? "" : Value(option->arg, inlined, word.substr(0, eq)));
    }
}

void
Parser::ShortOptions(const std::string& word)
{
    for (size_t i = 1; i < word.size() && !m_error; i++)
    {
        const std::string shown = std::string("-") + word[i];
        const bool sign = std::string_view("[]{}<>()").find(word[i]) != std::string_view::npos;
        const Option* option = sign ? nullptr : FindOption(word[i]);
        const std::optional<std::string> rest =
            i + 1 < word.size() ? std::optional(word.substr(i + 1)) : std::nullopt;
        if (option && option->arg == Arg::NONE)
        {
            Apply(word[i], "");
        }
        else if (option)
        {
            Apply(word[i], Value(option->arg, rest, shown));
            return;
        }
        else if (std::string_view("LIAUDGEFCSVhR").find(word[i]) != std::string_view::npos)
        {
            Command(word[i], rest);
            return;
        }
        else
        {
            Fail("unknown option `" + word + "'");
        }
    }
}

void
Parser::Command(char command, const std::optional<std::string>& inlined)
{
    if (m_request.command != '\0')
    {
        Fail("Invalid commands combination");
        return;
    }
    m_request.command = command;
    m_request.table = "conntrack";
    if (command == 'R')
    {
        m_request.loadFile = Value(Arg::REQUIRED, inlined, "-R");
        return;
    }
    if (command == 'V' || command == 'h')
    {
        return;
    }
    const std::string table = inlined        ? *inlined
                              : NextIsWord() ? m_args[m_next++]
                                             : std::string("conntrack");
    const bool known =
        table == "conntrack" || table == "expect" || table == "dying" || table == "unconfirmed";
    if (!known)
    {
        Fail("unknown type `" + table + "'");
    }
    m_request.table = table;
    m_request.expect = table == "expect";
}

bool
Parser::ProtocolWord(const std::string& name,
                     const std::optional<std::string>& inlined,
                     const std::string& shown)
{
    const auto search = [&](const auto& options) {
        const auto it = std::find_if(options.begin(), options.end(), [&name](const auto& option) {
            return option.name == name;
        });
        if (it == options.end())
        {
            return false;
        }
        SetField(it->field, Value(Arg::REQUIRED, inlined, shown));
        return true;
    };
    switch (m_request.protocol.value_or(0))
    {
    case NF_IPPROTO_TCP:
        return search(PORT_OPTIONS) || search(STATE_OPTIONS);
    case NF_IPPROTO_SCTP:
        return search(PORT_OPTIONS) || search(STATE_OPTIONS) || search(SCTP_OPTIONS);
    case NF_IPPROTO_DCCP:
        return search(PORT_OPTIONS) || search(STATE_OPTIONS) || search(DCCP_OPTIONS);
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
        return search(PORT_OPTIONS);
    case NF_IPPROTO_ICMP:
        return search(ICMP_OPTIONS);
    case NF_IPPROTO_ICMPV6:
        return search(ICMPV6_OPTIONS);
    case NF_IPPROTO_GRE:
        return search(GRE_OPTIONS);
    default:
        return false;
    }
}

void
Parser::SetField(Field field, const std::string& value)
{
    const uint32_t number = Number(value);
    const auto port = static_cast<uint16_t>(number);
    switch (field)
    {
    case Field::SPORT:
        m_request.orig.sport = port;
        break;
    case Field::DPORT:
        m_request.orig.dport = port;
        break;
    case Field::REPLY_SPORT:
        m_request.reply.sport = port;
        break;
    case Field::REPLY_DPORT:
        m_request.reply.dport = port;
        break;
    case Field::STATE:
        SetState(value);
        break;
    case Field::ICMP_TYPE:
        m_request.icmpType = static_cast<uint8_t>(number);
        break;
    case Field::ICMP_CODE:
        m_request.icmpCode = static_cast<uint8_t>(number);
        break;
    case Field::ICMP_ID:
        m_request.icmpId = port;
        break;
    case Field::ORIG_VTAG:
        m_request.origVtag = number;
        break;
    case Field::REPLY_VTAG:
        m_request.replyVtag = number;
        break;
    case Field::IGNORED:
        break;
    }
}

void
Parser::SetState(const std::string& value)
{
    const bool tcp = m_request.protocol == NF_IPPROTO_TCP;
    // The tool's older name for the simultaneous open.
    const std::string name = tcp && value == "LISTEN" ? "SYN_SENT2" : value;
    const auto& states = tcp ? TCP_STATES : SCTP_STATES;
    const bool open = m_request.protocol == NF_IPPROTO_DCCP;
    if (!open && std::find(states.begin(), states.end(), name) == states.end())
    {
        Fail(std::string("unknown ") + (tcp ? "TCP" : "SCTP") + " state `" + value + "'");
    }
    m_request.state = name;
}

std::optional<NfAddr>
Parser::ParseAddress(const std::string& text)
{
    if (const auto v6 = NfAddr::Parse(text, NfFamily::IPV6))
    {
        Join(NfFamily::IPV6);
        return v6;
    }
    if (const auto v4 = NfAddr::Parse(text, NfFamily::IPV4))
    {
        Join(NfFamily::IPV4);
        return v4;
    }
    Fail("Invalid IP address `" + text + "'");
    return std::nullopt;
}

void
Parser::Join(NfFamily family)
{
    if (m_request.family != NfFamily::UNSPEC && m_request.family != family)
    {
        Fail("mismatched address family");
    }
    m_request.family = family;
}

void
Parser::SetAddress(std::optional<NfMaskedAddr>& slot, const std::string& text)
{
    const size_t slash = text.find('/');
    const auto addr = ParseAddress(text.substr(0, slash));
    if (!addr)
    {
        return;
    }
    const unsigned width = m_request.family == NfFamily::IPV6 ? 128 : 32;
    unsigned length = width;
    if (slash != std::string::npos)
    {
        const char* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data() + slash + 1, end, length);
        if (parsed.ec != std::errc{} || parsed.ptr != end || length > width)
        {
            Fail("CIDR notation unavailable for `" + text + "'");
            return;
        }
    }
    slot = NfMaskedAddr{*addr, NfPrefixMask(m_request.family, length)};
}

void
Parser::SetMask(std::optional<NfAddr>& slot, const std::string& text)
{
    slot = ParseAddress(text);
}

void
Parser::SetProtocol(const std::string& text)
{
    const auto named = PROTOCOL_NAMES.find(text);
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (named != PROTOCOL_NAMES.end())
    {
        m_request.protocol = named->second;
    }
    else if (parsed.ec == std::errc{} && parsed.ptr == end && number < 256)
    {
        m_request.protocol = static_cast<uint8_t>(number);
    }
    else
    {
        Fail("`" + text + "' unsupported protocol");
    }
}

void
Parser::SetStatus(const std::string& text)
{
    for (const std::string& word : SplitList(text))
    {
        const std::string name = Upper(word);
        const auto status = STATUS_NAMES.find(name);
        if (name == "UNREPLIED")
        {
            m_request.unreplied = true;
        }
        else if (status == STATUS_NAMES.end())
        {
            Fail("Bad parameter `" + word + "'");
        }
        else
        {
            m_request.status |= status->second;
        }
    }
    // The tool keeps both in one place: a status behind a mark takes the place of its value.
    m_request.markValue = m_request.status;
}

void
Parser::SetMark(const std::string& text)
{
    const size_t slash = text.find('/');
    m_request.markValue = Number(text.substr(0, slash));
    m_request.markMask = slash == std::string::npos ? 0xffffffff : Number(text.substr(slash + 1));
}

void
Parser::SetOutput(const std::string& text)
{
    static const std::map<std::string_view, bool NfConntrackRequest::*> TYPES = {
        {"xml", &NfConntrackRequest::xml},
        {"extended", &NfConntrackRequest::extended},
        {"id", &NfConntrackRequest::id},
        {"save", &NfConntrackRequest::save},
        {"labels", &NfConntrackRequest::labels},
        {"timestamp", nullptr},
        {"ktimestamp", nullptr},
        {"userspace", nullptr},
    };
    const std::vector<std::string> words = SplitList(text);
    for (const std::string& word : words)
    {
        const auto type = TYPES.find(word);
        if (type == TYPES.end())
        {
            Fail("Bad parameter `" + word + "'");
        }
        else if (type->second)
        {
            m_request.*(type->second) = true;
        }
    }
    if (m_request.save && words.size() > 1 && !m_error)
    {
        m_error = NfError{1,
                          std::string(NF_CONNTRACK_TOOL) +
                              "cannot combine save output with any other output type, use -o save "
                              "only"};
    }
}

void
Parser::SetFamily(const std::string& text)
{
    static const std::map<std::string_view, NfFamily> FAMILIES = {{"ipv4", NfFamily::IPV4},
                                                                  {"ipv6", NfFamily::IPV6}};
    const auto family = FAMILIES.find(text);
    if (family == FAMILIES.end())
    {
        Fail("`" + text + "' unsupported protocol");
        return;
    }
    Join(family->second);
}

void
Parser::SetPort(NfConntrackNatArg& nat, const std::string& text)
{
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    if (text.empty())
    {
        Fail("No port specified after `:'");
    }
    else if (parsed.ec != std::errc{} || parsed.ptr != end || port == 0 || port > 65535)
    {
        Fail("Invalid port `" + text + "'");
    }
    nat.port = static_cast<uint16_t>(port);
}

void
Parser::SetNat(std::optional<NfConntrackNatArg>& slot, const std::string& text)
{
    slot.emplace();
    if (text.empty())
    {
        return;
    }
    std::string host = text;
    if (text[0] == '[')
    {
        const size_t close = text.find(']');
        if (close == std::string::npos || close + 1 >= text.size() || text[close + 1] != ':')
        {
            Fail(close == std::string::npos ? "Unterminated `['" : "No port specified after `]'");
            return;
        }
        host = text.substr(1, close - 1);
        SetPort(*slot, text.substr(close + 2));
    }
    else if (std::count(text.begin(), text.end(), ':') > 0 && !NfAddr::Parse(text, NfFamily::IPV6))
    {
        const size_t colon = text.find(':');
        host = text.substr(0, colon);
        SetPort(*slot, text.substr(colon + 1));
    }
    slot->addr = ParseAddress(host);
}

void
Parser::Apply(char name, const std::string& value)
{
    if (m_error)
    {
        return;
    }
    m_request.seen += name;
    switch (name)
    {
    case 's':
        return SetAddress(m_request.orig.src, value);
    case 'd':
        return SetAddress(m_request.orig.dst, value);
    case 'r':
        return SetAddress(m_request.reply.src, value);
    case 'q':
        return SetAddress(m_request.reply.dst, value);
    case '[':
        return SetAddress(m_request.tupleSrc, value);
    case ']':
        return SetAddress(m_request.tupleDst, value);
    case '{':
        return SetMask(m_request.maskSrc, value);
    case '}':
        return SetMask(m_request.maskDst, value);
    case 'p':
        return SetProtocol(value);
    case 'u':
        return SetStatus(value);
    case 'm':
        return SetMark(value);
    case 'o':
        return SetOutput(value);
    case 'f':
        return SetFamily(value);
    case 'n':
        return SetNat(m_request.srcNat, value);
    case 'g':
        return SetNat(m_request.dstNat, value);
    case 'j':
        return SetNat(m_request.anyNat, value);
    case 't':
        m_request.timeout = Number(value);
        return;
    case 'w':
        m_request.zone = static_cast<uint16_t>(Number(value));
        return;
    case '(':
        m_request.origZone = static_cast<uint16_t>(Number(value));
        return;
    case ')':
        m_request.replyZone = static_cast<uint16_t>(Number(value));
        return;
    case 'a':
    case 'i':
        m_request.warnings.push_back(std::string("WARNING: ignoring -") + name +
                                     ", deprecated option.");
        m_request.seen.pop_back();
        return;
    default:
        return;
    }
}

void
Parser::CheckOptions(char command)
{
    for (const Option& option : OPTIONS)
    {
        const bool given = m_request.Has(option.name);
        if (!given && std::string_view(option.required).find(command) != std::string_view::npos)
        {
            Fail(std::string("You need to supply the `--") + option.longName +
                 "' option for this command");
        }
        if (given && std::string_view(option.allowed).find(command) == std::string_view::npos)
        {
            Fail(std::string("Illegal option `--") + option.longName + "' with this command");
        }
    }
}

void
Parser::CheckTuple()
{
    const NfConntrackTupleArg& orig = m_request.orig;
    const NfConntrackTupleArg& reply = m_request.reply;
    const bool bothOrig = orig.src && orig.dst;
    const bool bothReply = reply.src && reply.dst;
    const bool replyOnly = (reply.src || reply.dst) && !orig.src && !orig.dst;
    if (!bothOrig && !bothReply)
    {
        Fail(replyOnly ? "you have to specify `--reply-src' and `--reply-dst'"
                       : "you have to specify `--src' and `--dst'");
    }
    const uint8_t protocol = m_request.protocol.value_or(0);
    const bool create = m_request.command == 'I' || m_request.command == 'A';
    if (protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP ||
        protocol == NF_IPPROTO_UDPLITE || protocol == NF_IPPROTO_SCTP ||
        protocol == NF_IPPROTO_DCCP || protocol == NF_IPPROTO_GRE)
    {
        const bool keys = protocol == NF_IPPROTO_GRE;
        if (!(orig.sport && orig.dport) && !(reply.sport && reply.dport))
        {
            Fail(replyOnly || (!bothOrig && bothReply)
                     ? (keys ? "you have to specify `--reply-key-src' and `--reply-key-dst'"
                             : "you have to specify `--reply-port-src' and `--reply-port-dst'")
                     : (keys ? "you have to specify `--srckey' and `--dstkey'"
                             : "you have to specify `--sport' and `--dport'"));
        }
        if (create && !m_request.state &&
            (protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_SCTP))
        {
            Fail("You need to supply the `--state' option for this command");
        }
    }
    const bool icmp = protocol == NF_IPPROTO_ICMP;
    if (icmp || protocol == NF_IPPROTO_ICMPV6)
    {
        const std::string prefix = icmp ? "icmp" : "icmpv6";
        for (const auto& [given, what] : {std::pair{m_request.icmpType.has_value(), "-type"},
                                          std::pair{m_request.icmpCode.has_value(), "-code"},
                                          std::pair{m_request.icmpId.has_value(), "-id"}})
        {
            if (!given)
            {
                Fail("You need to supply the `--" + prefix + what + "' option for this command");
            }
        }
    }
}

void
Parser::ApplyMasks()
{
    const auto apply = [](std::optional<NfMaskedAddr>& slot, const std::optional<NfAddr>& mask) {
        if (mask)
        {
            slot = NfMaskedAddr{slot ? slot->addr : NfAddr{}, *mask};
        }
    };
    apply(m_request.orig.src, m_request.maskSrc);
    apply(m_request.orig.dst, m_request.maskDst);
}

void
Parser::Check()
{
    const char command = m_request.command;
    if (m_error || command == '\0' || command == 'V' || command == 'h')
    {
        return;
    }
    if (m_request.anyNat && (m_request.srcNat || m_request.dstNat))
    {
        Fail("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'");
    }
    if (command != 'R')
    {
        CheckOptions(m_request.expect ? static_cast<char>(command - 'A' + 'a') : command);
    }
    if (!m_request.expect && (command == 'I' || command == 'A' || command == 'G'))
    {
        CheckTuple();
    }
    ApplyMasks();
}

} // namespace

NfResult<NfConntrackRequest>
NfParseConntrackRequest(const std::vector<std::string>& args)
{
    return Parser(args).Parse();
}

} // namespace ns3
