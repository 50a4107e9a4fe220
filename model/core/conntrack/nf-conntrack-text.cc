/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// libnetfilter_conntrack: conntrack/snprintf_default.c, expect/snprintf_default.c
#include "nf-conntrack-text.h"

#include "nf-conntrack-xml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace ns3
{

namespace
{

constexpr unsigned MAX_LABELS = 1024; //!< as the library reads them; connections have 128
constexpr unsigned LABEL_BITS = 128;
constexpr int64_t SECOND = 1000000000;

constexpr std::array<const char*, 4> KIND_NAMES = {"    [NEW] ", " [UPDATE] ", "[DESTROY] ", ""};

const char*
FamilyName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "ipv6" : "ipv4";
}

/// The part of a tuple behind the addresses, with a blank behind each field.
std::string
PortsText(const NfTuple& tuple)
{
    if (NfConntrackShowsPorts(tuple.protocol))
    {
        return fmt::format("sport={} dport={} ", tuple.sport, tuple.dport);
    }
    switch (tuple.protocol)
    {
    case NF_IPPROTO_ICMP:
    case NF_IPPROTO_ICMPV6:
        return fmt::format("type={} code={} id={} ",
                           tuple.GetIcmpType(),
                           tuple.GetIcmpCode(),
                           tuple.sport);
    case NF_IPPROTO_GRE:
        return fmt::format("srckey=0x{:x} dstkey=0x{:x} ", tuple.sport, tuple.dport);
    default:
        return {};
    }
}

/// @param prefix "", "mask-", "master-"
std::string
TupleText(const NfTuple& tuple, const char* prefix = "")
{
    return fmt::format("{0}src={1} {0}dst={2} {3}",
                       prefix,
                       tuple.src.ToString(tuple.family),
                       tuple.dst.ToString(tuple.family),
                       PortsText(tuple));
}

/// Both tuples with what stands beside each.
std::string
DirectionsText(const NfConntrackMessage& message)
{
    static constexpr std::array<const char*, 2> ZONE_NAMES = {"zone-orig", "zone-reply"};
    std::string text;
    for (size_t dir = 0; dir < 2; ++dir)
    {
        text += dir == 1 && !(message.status & NF_IPS_SEEN_REPLY) ? "[UNREPLIED] " : "";
        text += TupleText(message.tuples[dir]);
        if (message.tupleZone[dir])
        {
            text += fmt::format("{}={} ", ZONE_NAMES[dir], *message.tupleZone[dir]);
        }
        if (message.counters)
        {
            const NfConntrackMessage::Counters& counters = (*message.counters)[dir];
            text += fmt::format("packets={} bytes={} ", counters.packets, counters.bytes);
        }
    }
    return text;
}

const char*
StatusText(uint32_t status)
{
    return status & NF_IPS_HW_OFFLOAD ? "[HW_OFFLOAD] "
           : status & NF_IPS_OFFLOAD  ? "[OFFLOAD] "
           : status & NF_IPS_ASSURED  ? "[ASSURED] "
                                      : "";
}

/// @param name "start", "stop" @param time ns since the epoch
std::string
StampText(const char* name, int64_t time)
{
    const std::time_t seconds = time / SECOND;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &parts);
    return fmt::format("[{}={}] ", name, text.data());
}

std::string
TimesText(const NfConntrackMessage& message, const NfConntrackStyle& style)
{
    if (!message.start)
    {
        return {};
    }
    const int64_t end = message.stop.value_or(style.now.count());
    std::string text = fmt::format("delta-time={} ",
                                   static_cast<uint64_t>(end / SECOND - *message.start / SECOND));
    if (style.output & NF_CONNTRACK_KTIMESTAMP)
    {
        text += StampText("start", *message.start);
        text += message.stop ? StampText("stop", *message.stop) : "";
    }
    return text;
}

/// @return names with a comma behind each
std::string
LabelsText(const NfConntrackMessage& message, const NfLabelMap* map)
{
    if (!map || !message.labels)
    {
        return {};
    }
    std::string text;
    for (unsigned bit = 0; bit < LABEL_BITS; ++bit)
    {
        const bool set = (*message.labels)[bit / 32] >> bit % 32 & 1;
        const std::string_view name = set ? map->GetName(bit) : std::string_view();
        text += name.empty() ? "" : std::string(name) + ",";
    }
    // Without a name the tool takes the equals sign for the comma too many.
    return text.empty() ? "labels " : "labels=" + text.substr(0, text.size() - 1) + " ";
}

/// Marks, zone, times, helper and the rest of the line.
std::string
AttributesText(const NfConntrackMessage& message, const NfConntrackStyle& style)
{
    std::string text;
    text += message.mark ? fmt::format("mark={} ", *message.mark) : "";
    text += message.secmark ? fmt::format("secmark={} ", *message.secmark) : "";
    text += message.zone ? fmt::format("zone={} ", *message.zone) : "";
    text += TimesText(message, style);
    text += message.helper.empty() ? "" : fmt::format("helper={} ", message.helper);
    text += message.use ? fmt::format("use={} ", *message.use) : "";
    text += style.output & NF_CONNTRACK_ID ? fmt::format("id={} ", message.id) : "";
    return text + LabelsText(message, style.labels);
}

/// Takes the blank off the end.
std::string
Trim(std::string text)
{
    if (!text.empty() && text.back() == ' ')
    {
        text.pop_back();
    }
    return text;
}

std::string
LineText(const NfConntrackMessage& message, NfConntrackKind kind, const NfConntrackStyle& style)
{
    std::string text = KIND_NAMES[static_cast<size_t>(kind)];
    if (style.output & NF_CONNTRACK_EXTENDED)
    {
        const auto family = static_cast<unsigned>(message.GetFamily());
        text += fmt::format("{:<8} {} ", FamilyName(message.GetFamily()), family);
    }
    const uint8_t protocol = message.GetProtocol();
    text += fmt::format("{:<8} {} ", NfConntrackProtocolName(protocol), protocol);
    text += message.timeout ? fmt::format("{} ", *message.timeout) : "";
    text += message.state.empty() ? "" : fmt::format("{} ", message.state);
    text += DirectionsText(message);
    text += StatusText(message.status);
    return Trim(text + AttributesText(message, style));
}

/// @return "PERMANENT,INACTIVE "
std::string
ExpectFlags(uint32_t flags)
{
    static constexpr std::array<const char*, 3> NAMES = {"PERMANENT", "INACTIVE", "USERSPACE"};
    std::string text;
    for (size_t bit = 0; bit < NAMES.size(); ++bit)
    {
        if (flags >> bit & 1)
        {
            text += (text.empty() ? "" : ",") + std::string(NAMES[bit]);
        }
    }
    return text.empty() ? text : text + " ";
}

std::string
ExpectLine(NfConntrack& table, const NfExpectation& expectation, NfConntrackKind kind)
{
    const NfConntrackHelper* helper = expectation.master->GetHelper();
    return Trim(fmt::format("{}{} proto={} {}{}{}{}class={} {}",
                            KIND_NAMES[static_cast<size_t>(kind)],
                            NfExpectSecondsLeft(table, expectation),
                            expectation.tuple.protocol,
                            TupleText(expectation.tuple),
                            TupleText(NfExpectWholeMask(expectation), "mask-"),
                            TupleText(expectation.master->GetOriginal(), "master-"),
                            ExpectFlags(expectation.flags),
                            expectation.expectClass,
                            helper ? "helper=" + helper->GetName() : ""));
}

NfTime
TimeOfDay(NfConntrack& table)
{
    return table.GetContext().clock.GetEpoch() + table.Now();
}

NfConntrackKind
KindOf(NfEventType type)
{
    return static_cast<NfConntrackKind>(type);
}

bool
IsLabelBlank(char c)
{
    return std::string_view(" \f\r\t\v").find(c) != std::string_view::npos;
}

std::string_view
TrimLabel(std::string_view name)
{
    while (!name.empty() && IsLabelBlank(name.front()))
    {
        name.remove_prefix(1);
    }
    while (!name.empty() && IsLabelBlank(name.back()))
    {
        name.remove_suffix(1);
    }
    return name;
}

bool
IsLabelName(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == ' ' || c == '-';
    });
}

} // namespace

NfLabelMap::NfLabelMap(std::string_view text)
{
    while (!text.empty())
    {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = TrimLabel(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        unsigned bit = 0;
        const auto parsed = std::from_chars(line.data(), line.data() + line.size(), bit);
        if (parsed.ec != std::errc{} || bit >= MAX_LABELS || m_names.count(bit))
        {
            continue;
        }
        const std::string_view name =
            TrimLabel(line.substr(static_cast<size_t>(parsed.ptr - line.data())));
        if (IsLabelName(name) && GetBit(name) < 0)
        {
            m_names.emplace(bit, name);
        }
    }
}

int
NfLabelMap::GetBit(std::string_view name) const
{
    const auto it = std::find_if(m_names.begin(), m_names.end(), [name](const auto& row) {
        return row.second == name;
    });
    return it != m_names.end() ? static_cast<int>(it->first) : -1;
}

std::string_view
NfLabelMap::GetName(unsigned bit) const
{
    const auto it = m_names.find(bit);
    return it != m_names.end() ? std::string_view(it->second) : std::string_view();
}

const char*
NfConntrackProtocolName(uint8_t protocol)
{
    switch (protocol)
    {
    case NF_IPPROTO_TCP:
        return "tcp";
    case NF_IPPROTO_UDP:
        return "udp";
    case NF_IPPROTO_UDPLITE:
        return "udplite";
    case NF_IPPROTO_ICMP:
        return "icmp";
    case NF_IPPROTO_ICMPV6:
        return "icmpv6";
    case NF_IPPROTO_SCTP:
        return "sctp";
    case NF_IPPROTO_GRE:
        return "gre";
    case NF_IPPROTO_DCCP:
        return "dccp";
    default:
        return "unknown";
    }
}

bool
NfConntrackShowsPorts(uint8_t protocol)
{
    return protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP ||
           protocol == NF_IPPROTO_UDPLITE || protocol == NF_IPPROTO_SCTP ||
           protocol == NF_IPPROTO_DCCP;
}

std::string
NfTupleText(const NfTuple& tuple)
{
    return Trim(TupleText(tuple));
}

std::string
NfConntrackText(const NfConntrackMessage& message,
                NfConntrackKind kind,
                const NfConntrackStyle& style)
{
    return style.output & NF_CONNTRACK_XML ? NfConntrackXml(message, kind, style)
                                           : LineText(message, kind, style);
}

std::string
NfConntrackListLine(NfConntrack& table, const NfConn& conn, uint8_t output)
{
    const NfTime now = TimeOfDay(table);
    return NfConntrackText(NfConntrackDumpMessage(table, conn),
                           NfConntrackKind::UNKNOWN,
                           {output, now, nullptr});
}

std::string
NfConntrackEventLine(NfConntrack& table,
                     NfEventType type,
                     const NfConn& conn,
                     uint32_t events,
                     uint8_t output)
{
    const NfTime now = TimeOfDay(table);
    return NfConntrackText(NfConntrackEventMessage(table, type, conn, events),
                           KindOf(type),
                           {output, now, nullptr});
}

NfTuple
NfExpectWholeMask(const NfExpectation& expectation)
{
    NfTuple mask = expectation.mask;
    mask.family = expectation.tuple.family;
    mask.protocol = expectation.tuple.protocol;
    mask.dst = NfPrefixMask(mask.family, mask.family == NfFamily::IPV6 ? 128 : 32);
    mask.dport = 0xffff;
    return mask;
}

uint32_t
NfExpectSecondsLeft(const NfConntrack& table, const NfExpectation& expectation)
{
    const NfTime left = std::max(expectation.expires - table.Now(), NfTime{0});
    return static_cast<uint32_t>(std::chrono::floor<std::chrono::seconds>(left).count());
}

std::string
NfExpectText(NfConntrack& table,
             const NfExpectation& expectation,
             NfConntrackKind kind,
             const NfConntrackStyle& style)
{
    return style.output & NF_CONNTRACK_XML ? NfExpectXml(table, expectation, kind, style)
                                           : ExpectLine(table, expectation, kind);
}

std::string
NfExpectListLine(NfConntrack& table, const NfExpectation& expectation)
{
    return ExpectLine(table, expectation, NfConntrackKind::UNKNOWN);
}

std::string
NfExpectEventLine(NfConntrack& table, NfEventType type, const NfExpectation& expectation)
{
    return ExpectLine(table, expectation, KindOf(type));
}

} // namespace ns3
