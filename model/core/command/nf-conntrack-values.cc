/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// What each option's argument may be.
#include "../conntrack/nf-conn.h"
#include "../xtables/xt-names.h"
#include "nf-conntrack-parser.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace ns3
{

namespace
{

using Opt = NfConntrackOpt;

constexpr unsigned LABEL_BITS = 128;

constexpr std::array STATUS_WORDS = {NfConntrackWord{"ASSURED", NF_IPS_ASSURED},
                                     NfConntrackWord{"SEEN_REPLY", NF_IPS_SEEN_REPLY},
                                     NfConntrackWord{"UNSET", 0},
                                     NfConntrackWord{"FIXED_TIMEOUT", NF_IPS_FIXED_TIMEOUT},
                                     NfConntrackWord{"EXPECTED", NF_IPS_EXPECTED},
                                     NfConntrackWord{"OFFLOAD", NF_IPS_OFFLOAD},
                                     NfConntrackWord{"HW_OFFLOAD", NF_IPS_HW_OFFLOAD}};
constexpr std::array EVENT_WORDS = {NfConntrackWord{"ALL", NF_CONNTRACK_ON_ALL},
                                    NfConntrackWord{"NEW", NF_CONNTRACK_ON_NEW},
                                    NfConntrackWord{"UPDATES", NF_CONNTRACK_ON_UPDATE},
                                    NfConntrackWord{"DESTROY", NF_CONNTRACK_ON_DESTROY}};

constexpr uint32_t STAMPS = 1U << 8; //!< beside NfConntrackOutput
constexpr uint32_t SAVE = 1U << 9;
constexpr std::array OUTPUT_WORDS = {NfConntrackWord{"xml", NF_CONNTRACK_XML},
                                     NfConntrackWord{"extended", NF_CONNTRACK_EXTENDED},
                                     NfConntrackWord{"timestamp", STAMPS},
                                     NfConntrackWord{"id", NF_CONNTRACK_ID},
                                     NfConntrackWord{"ktimestamp", NF_CONNTRACK_KTIMESTAMP},
                                     NfConntrackWord{"labels", NF_CONNTRACK_LABELS},
                                     NfConntrackWord{"userspace", 0},
                                     NfConntrackWord{"save", SAVE}};

bool
IsPort(const std::string& text)
{
    const bool digits =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits && text.size() < 10 && std::strtoul(text.c_str(), nullptr, 10) <= 65535;
}

} // namespace

void
NfConntrackParser::Join(NfFamily family)
{
    if (m_request.family != NfFamily::UNSPEC && m_request.family != family)
    {
        Fail("mismatched address family");
    }
    m_request.family = family;
}

void
NfConntrackParser::SetAddress(char letter, const std::string& text)
{
    const NfParsedAddr parsed = NfParseLooseAddress(text);
    if (parsed.family == NfFamily::UNSPEC)
    {
        Fail("Invalid IP address `" + text + "'");
        return;
    }
    Join(parsed.family);
    const bool maskable = std::string_view("sd[]").find(letter) != std::string_view::npos;
    if (parsed.mask != NfParsedAddr::NO_MASK && !maskable)
    {
        Fail(fmt::format("CIDR notation unavailable for `--{}'", NfConntrackLongName(letter)));
    }
    else if (parsed.mask == NfParsedAddr::BAD_MASK)
    {
        Fail("Invalid netmask");
    }
    StoreAddress(letter, parsed);
    if (parsed.mask != NfParsedAddr::NO_MASK)
    {
        SetNetmask(letter, parsed);
    }
}

void
NfConntrackParser::StoreAddress(char letter, const NfParsedAddr& parsed)
{
    struct Slot
    {
        char letter;
        Opt option;
        NfConntrackSide NfConntrackRequest::*side;
        std::optional<NfAddr> NfConntrackSide::*addr;
    };

    static constexpr std::array SLOTS = {
        Slot{'s', Opt::ORIG_SRC, &NfConntrackRequest::orig, &NfConntrackSide::src},
        Slot{'d', Opt::ORIG_DST, &NfConntrackRequest::orig, &NfConntrackSide::dst},
        Slot{'r', Opt::REPLY_SRC, &NfConntrackRequest::reply, &NfConntrackSide::src},
        Slot{'q', Opt::REPLY_DST, &NfConntrackRequest::reply, &NfConntrackSide::dst},
        Slot{'[', Opt::TUPLE_SRC, &NfConntrackRequest::tuple, &NfConntrackSide::src},
        Slot{']', Opt::TUPLE_DST, &NfConntrackRequest::tuple, &NfConntrackSide::dst},
        Slot{'{', Opt::MASK_SRC, &NfConntrackRequest::mask, &NfConntrackSide::src},
        Slot{'}', Opt::MASK_DST, &NfConntrackRequest::mask, &NfConntrackSide::dst},
    };
    const auto slot = std::find_if(SLOTS.begin(), SLOTS.end(), [letter](const Slot& row) {
        return row.letter == letter;
    });
    NfConntrackSide& side = m_request.*(slot->side);
    side.*(slot->addr) = parsed.addr;
    side.family = parsed.family;
    Mark(slot->option);
    if (letter == 's' && parsed.family == NfFamily::IPV4)
    {
        m_request.noSource = false;
    }
}

void
NfConntrackParser::SetNetmask(char letter, const NfParsedAddr& parsed)
{
    const unsigned width = parsed.family == NfFamily::IPV6 ? 128 : 32;
    const auto length = static_cast<unsigned>(std::max(parsed.mask, 0L));
    if (length < width)
    {
        NfParsedAddr mask = parsed;
        mask.addr = NfPrefixMask(parsed.family, length);
        StoreAddress(letter == 's' || letter == '[' ? '{' : '}', mask);
    }
}

void
NfConntrackParser::SetProtocol(const std::string& text)
{
    Mark(Opt::PROTOCOL);
    m_protocol = NfConntrackFindProtocol(text);
    if (m_protocol)
    {
        m_request.protocol = m_protocol->number;
    }
    else if (const auto named = XtProtocolNumber(text); named && text != "all")
    {
        m_request.protocol = *named;
    }
    else
    {
        char* end = nullptr;
        const unsigned long number = std::strtoul(text.c_str(), &end, 0);
        if (end == text.c_str() || *end != '\0' || number > 255)
        {
            Fail("`" + text + "' unsupported protocol");
            return;
        }
        m_request.protocol = static_cast<uint8_t>(number);
        m_protocol = NfConntrackFindProtocol(m_request.protocol);
    }
    m_request.orig.protocol = m_request.protocol;
}

void
NfConntrackParser::SetState(const std::string& value)
{
    const std::string_view* end = m_protocol->states + m_protocol->stateCount;
    const std::string_view* found = std::find(m_protocol->states, end, value);
    // TCP's older name for the simultaneous open.
    if (m_protocol->number == NF_IPPROTO_TCP && value == "LISTEN")
    {
        found = end - 1;
    }
    if (found == end)
    {
        Fail(fmt::format("{} `{}'", m_protocol->unknownState, value));
        return;
    }
    m_request.state = static_cast<uint8_t>(found - m_protocol->states);
}

void
NfConntrackParser::SetRole(const std::string& value)
{
    const bool client = NfIsStartOf(value, "client");
    if (!client && !NfIsStartOf(value, "server"))
    {
        Fail("Unknown DCCP role `" + value + "'");
        return;
    }
    m_request.role = client ? 0 : 1;
}

void
NfConntrackParser::SetField(const NfConntrackProtocolOption& option, const std::string& value)
{
    using F = NfConntrackField;
    m_given |= 1U << static_cast<unsigned>(&option - m_protocol->options);
    const uint8_t protocol = m_protocol->number;
    const auto number = static_cast<uint16_t>(protocol == NF_IPPROTO_GRE ? NfLooseNumber(value)
                                                                         : NfLooseDecimal(value));
    const auto set = [number](NfConntrackSide& side,
                              std::optional<uint16_t> NfConntrackSide::*port,
                              uint8_t of) {
        side.*port = number;
        side.protocol = of;
    };
    const bool icmp = protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
    if (icmp && m_request.reply.family != NfFamily::UNSPEC)
    {
        m_request.reply.protocol = protocol;
    }
    // The tool takes the port of an expectation for its protocol, but not with UDP and GRE.
    const bool honest =
        protocol == NF_IPPROTO_UDP || protocol == NF_IPPROTO_UDPLITE || protocol == NF_IPPROTO_GRE;
    const uint8_t expected = honest ? protocol : static_cast<uint8_t>(number >> 8);
    switch (option.field)
    {
    case F::SPORT:
        return set(m_request.orig, &NfConntrackSide::sport, protocol);
    case F::DPORT:
        return set(m_request.orig, &NfConntrackSide::dport, protocol);
    case F::REPLY_SPORT:
        return set(m_request.reply, &NfConntrackSide::sport, protocol);
    case F::REPLY_DPORT:
        return set(m_request.reply, &NfConntrackSide::dport, protocol);
    case F::MASK_SPORT:
        return set(m_request.mask, &NfConntrackSide::sport, protocol);
    case F::MASK_DPORT:
        return set(m_request.mask, &NfConntrackSide::dport, protocol);
    case F::TUPLE_SPORT:
        return set(m_request.tuple, &NfConntrackSide::sport, expected);
    case F::TUPLE_DPORT:
        return set(m_request.tuple, &NfConntrackSide::dport, expected);
    case F::STATE:
        return SetState(value);
    case F::ROLE:
        return SetRole(value);
    case F::ICMP_TYPE:
        m_request.icmpType = static_cast<uint8_t>(number);
        m_request.icmpEarly = m_request.orig.family !=
                              (protocol == NF_IPPROTO_ICMPV6 ? NfFamily::IPV6 : NfFamily::IPV4);
        break;
    case F::ICMP_CODE:
        m_request.icmpCode = static_cast<uint8_t>(number);
        break;
    case F::ICMP_ID:
        m_request.icmpId = number;
        break;
    case F::ORIG_VTAG:
    case F::REPLY_VTAG:
        m_request.vtag[option.field == F::ORIG_VTAG ? 0 : 1] = NfLooseDecimal(value);
        break;
    }
}

bool
NfConntrackParser::AddWord(std::string_view word,
                           const NfConntrackWord* words,
                           size_t count,
                           uint32_t& bits)
{
    for (const char* nat : {"SRC_NAT", "DST_NAT"})
    {
        if (NfIsStartOf(word, nat))
        {
            m_request.notes += fmt::format("WARNING: ignoring {0}, use --{1}-nat instead\n",
                                           nat,
                                           nat[0] == 'S' ? "src" : "dst");
            return true;
        }
    }
    const auto it = std::find_if(words, words + count, [word](const NfConntrackWord& row) {
        return NfIsStartOf(word, row.name);
    });
    bits |= it != words + count ? it->bits : 0;
    return it != words + count;
}

uint32_t
NfConntrackParser::ParseWords(const std::string& text, const NfConntrackWord* words, size_t count)
{
    uint32_t bits = 0;
    for (size_t at = 0; at <= text.size() && !m_error;)
    {
        const size_t comma = std::min(text.find(',', at), text.size());
        if (comma == at ||
            !AddWord(std::string_view(text).substr(at, comma - at), words, count, bits))
        {
            Fail("Bad parameter `" + text.substr(at) + "'");
        }
        at = comma + 1;
    }
    return bits;
}

void
NfConntrackParser::SetStatus(const std::string& text)
{
    constexpr std::string_view UNREPLIED = "UNREPLIED";
    uint32_t status = m_request.status.value_or(0);
    for (size_t at = 0; at <= text.size() && !m_error;)
    {
        const size_t comma = std::min(text.find(',', at), text.size());
        const bool negated = at < comma && text[at] == '!';
        at += negated ? 1 : 0;
        uint32_t& bits = negated ? m_request.statusMask : status;
        if (!negated && text.compare(at, UNREPLIED.size(), UNREPLIED) == 0)
        {
            m_request.statusMask |= NF_IPS_SEEN_REPLY;
        }
        else if (comma == at || !AddWord(std::string_view(text).substr(at, comma - at),
                                         STATUS_WORDS.data(),
                                         STATUS_WORDS.size(),
                                         bits))
        {
            Fail("Bad parameter `" + text.substr(at) + "'");
        }
        at = comma + 1;
    }
    m_request.status = status;
    if (m_request.statusMask == 0)
    {
        m_request.statusMask = status;
    }
    // The tool keeps both in one place: a status behind a mark takes the place of its value.
    m_request.mark = status;
}

void
NfConntrackParser::SetOutput(const std::string& text)
{
    const uint32_t bits = ParseWords(text, OUTPUT_WORDS.data(), OUTPUT_WORDS.size());
    m_request.output |= static_cast<uint8_t>(bits);
    m_request.stamps = m_request.stamps || bits & STAMPS;
    m_request.save = m_request.save || bits & SAVE;
    if (m_request.output & NF_CONNTRACK_LABELS && !m_error)
    {
        ReadLabelMap();
    }
    if (m_request.save && (m_request.output || m_request.stamps))
    {
        Fail("cannot combine save output with any other output type, use -o save only", 1);
    }
}

void
NfConntrackParser::SetEvents(const std::string& text)
{
    m_request.eventMask |=
        static_cast<uint8_t>(ParseWords(text, EVENT_WORDS.data(), EVENT_WORDS.size()));
}

void
NfConntrackParser::SetMark(const std::string& text)
{
    char* end = nullptr;
    m_request.mark = static_cast<uint32_t>(std::strtoul(text.c_str(), &end, 0));
    m_request.markMask = *end == '/' ? NfLooseNumber(end + 1) : 0xffffffff;
}

void
NfConntrackParser::SetFamily(const std::string& text)
{
    const std::string start = text.substr(0, 4);
    if (start != "ipv4" && start != "ipv6")
    {
        Fail("`" + text + "' unsupported protocol");
        return;
    }
    Join(start == "ipv4" ? NfFamily::IPV4 : NfFamily::IPV6);
}

bool
NfConntrackParser::SplitNat(const std::string& text,
                            std::string& host,
                            std::optional<std::string>& port)
{
    const size_t open = text.find('[');
    size_t colon = text.find(':');
    host = text;
    if (open != std::string::npos)
    {
        const size_t close = text.find(']', open);
        if (close == std::string::npos || close == open + 1)
        {
            Fail(close == std::string::npos ? "No closing ']' around IPv6 address"
                                            : "No IPv6 address specified");
            return false;
        }
        colon = text.find(':', close);
        host = colon == std::string::npos ? text : text.substr(open + 1, close - open - 1);
    }
    else if (colon != std::string::npos && text.find(':', colon + 1) == std::string::npos)
    {
        host = text.substr(0, colon);
    }
    else
    {
        colon = std::string::npos;
    }
    if (colon == std::string::npos)
    {
        return true;
    }
    port = text.substr(colon + 1);
    if (port->empty() || !IsPort(*port))
    {
        Fail(port->empty() ? "No port specified after `:'" : "Invalid port `" + *port + "'");
    }
    return !m_error;
}

void
NfConntrackParser::SetNat(char letter, bool inlined)
{
    Mark(letter == 'n' ? Opt::SRC_NAT : letter == 'g' ? Opt::DST_NAT : Opt::ANY_NAT);
    const std::optional<std::string> word = OptionalWord(inlined);
    std::string host;
    std::optional<std::string> port;
    if (!word || !SplitNat(*word, host, port))
    {
        return;
    }
    const NfParsedAddr parsed = NfParseLooseAddress(host);
    if (parsed.family == NfFamily::UNSPEC)
    {
        Fail("Invalid IP address `" + host + "'");
        return;
    }
    Join(parsed.family);
    if (parsed.mask != NfParsedAddr::NO_MASK)
    {
        Fail(fmt::format("CIDR notation unavailable for `--{}'", NfConntrackLongName(letter)));
    }
    m_request.noSource = m_request.noSource || letter == 'j';
    for (NfConntrackNat* nat : {&m_request.srcNat, &m_request.dstNat})
    {
        if (letter == 'j' || (letter == 'n') == (nat == &m_request.srcNat))
        {
            nat->family = parsed.family;
            nat->addr = parsed.addr;
            nat->port =
                port ? std::optional(static_cast<uint16_t>(NfLooseDecimal(*port))) : nat->port;
        }
    }
    if (letter != 'j')
    {
        m_request.orig.family = parsed.family;
    }
}

void
NfConntrackParser::ReadLabelMap()
{
    m_request.labelMap = true;
    if (!m_labels || m_labels->IsEmpty())
    {
        m_request.notes += m_labels ? "nfct_labelmap_new: Success\n"
                                    : "nfct_labelmap_new: No such file or directory\n";
    }
}

void
NfConntrackParser::SetLabels(char letter, const std::string& value, bool inlined)
{
    Mark(letter == 'l' ? Opt::LABEL : letter == '<' ? Opt::ADD_LABEL : Opt::DEL_LABEL);
    ReadLabelMap();
    if (m_request.Has(Opt::ADD_LABEL) && m_request.Has(Opt::DEL_LABEL))
    {
        Fail("cannot use --label-add and --label-del at the same time", 1);
        return;
    }
    std::optional<std::string> names = value;
    if (letter == '>')
    {
        names = OptionalWord(inlined);
    }
    if (!names)
    {
        return;
    }
    auto& labels = letter == 'l' ? m_request.labels : m_request.labelsModify;
    labels = labels.value_or(NfConntrackRequest::Labels{});
    for (size_t at = 0; at <= names->size();)
    {
        const size_t comma = std::min(names->find(',', at), names->size());
        const std::string name = names->substr(at, comma - at);
        const int bit = m_labels ? m_labels->GetBit(name) : -1;
        if (bit < 0)
        {
            Fail("unknown label '" + name + "'");
            return;
        }
        if (const auto place = static_cast<unsigned>(bit); place < LABEL_BITS)
        {
            (*labels)[place / 32] |= 1U << place % 32;
        }
        at = comma + 1;
    }
}

} // namespace ns3
