/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// libnetfilter_conntrack: conntrack/snprintf_xml.c, expect/snprintf_xml.c
#include "nf-conntrack-xml.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <fmt/format.h>

namespace ns3
{

namespace
{

constexpr int64_t SECOND = 1000000000;
constexpr unsigned LABEL_BITS = 128;

constexpr std::array<const char*, 4> FLOWS = {"<flow type=\"new\">",
                                              "<flow type=\"update\">",
                                              "<flow type=\"destroy\">",
                                              "<flow>"};

// The library prints the states of SCTP and DCCP by the names that TCP has for their numbers.
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
constexpr std::array<std::string_view, 10> DCCP_STATES = {"NONE",
                                                          "REQUEST",
                                                          "RESPOND",
                                                          "PARTOPEN",
                                                          "OPEN",
                                                          "CLOSEREQ",
                                                          "CLOSING",
                                                          "TIMEWAIT",
                                                          "IGNORE",
                                                          "INVALID"};

std::string_view
StateName(const NfConntrackMessage& message)
{
    if (message.GetProtocol() != NF_IPPROTO_SCTP && message.GetProtocol() != NF_IPPROTO_DCCP)
    {
        return message.state;
    }
    const auto& names = message.GetProtocol() == NF_IPPROTO_SCTP ? SCTP_STATES : DCCP_STATES;
    const auto it = std::find(names.begin(), names.end(), message.state);
    return it != names.end() ? TCP_STATES[static_cast<size_t>(it - names.begin())] : TCP_STATES[0];
}

std::string
Addresses(const NfTuple& tuple)
{
    return fmt::format("<src>{}</src><dst>{}</dst>",
                       tuple.src.ToString(tuple.family),
                       tuple.dst.ToString(tuple.family));
}

std::string
Ports(const NfTuple& tuple)
{
    if (NfConntrackShowsPorts(tuple.protocol))
    {
        return fmt::format("<sport>{}</sport><dport>{}</dport>", tuple.sport, tuple.dport);
    }
    if (tuple.protocol == NF_IPPROTO_GRE)
    {
        return fmt::format("<srckey>0x{:x}</srckey><dstkey>0x{:x}</dstkey>",
                           tuple.sport,
                           tuple.dport);
    }
    return {};
}

std::string
Layer3Tag(const NfTuple& tuple)
{
    const bool v6 = tuple.family == NfFamily::IPV6;
    return fmt::format("<layer3 protonum=\"{}\" protoname=\"{}\">",
                       v6 ? 10 : 2,
                       v6 ? "ipv6" : "ipv4");
}

std::string
Layer4Tag(const NfTuple& tuple)
{
    return fmt::format("<layer4 protonum=\"{}\" protoname=\"{}\">",
                       tuple.protocol,
                       NfConntrackProtocolName(tuple.protocol));
}

std::string
Direction(const NfConntrackMessage& message, size_t dir)
{
    const NfTuple& tuple = message.tuples[dir];
    std::string rest;
    if (message.tupleZone[dir])
    {
        rest = fmt::format("<zone>{}</zone>", *message.tupleZone[dir]);
    }
    if (message.counters)
    {
        const NfConntrackMessage::Counters& counters = (*message.counters)[dir];
        rest += fmt::format("<counters><packets>{}</packets><bytes>{}</bytes></counters>",
                            counters.packets,
                            counters.bytes);
    }
    return fmt::format("<meta direction=\"{}\">{}{}</layer3>{}{}</layer4>{}</meta>",
                       dir == 0 ? "original" : "reply",
                       Layer3Tag(tuple),
                       Addresses(tuple),
                       Layer4Tag(tuple),
                       Ports(tuple),
                       rest);
}

std::string
Labels(const NfConntrackMessage& message, const NfLabelMap* map)
{
    if (!map || !message.labels)
    {
        return {};
    }
    std::string text = "<labels>";
    for (unsigned bit = 0; bit < LABEL_BITS; ++bit)
    {
        const bool set = (*message.labels)[bit / 32] >> bit % 32 & 1;
        const std::string_view name = set ? map->GetName(bit) : std::string_view();
        text += name.empty() ? "" : fmt::format("<label>{}</label>", name);
    }
    return text + "</labels>";
}

std::string
Times(const NfConntrackMessage& message, const NfConntrackStyle& style)
{
    if (!message.start)
    {
        return {};
    }
    std::string text;
    if (style.output & NF_CONNTRACK_KTIMESTAMP)
    {
        text = fmt::format("<timestamp><start>{}</start>", *message.start);
        text += message.stop ? fmt::format("<stop>{}</stop>", *message.stop) : "";
        text += "</timestamp>";
    }
    const int64_t delta = message.stop ? (*message.stop - *message.start) / SECOND
                                       : style.now.count() / SECOND - *message.start / SECOND;
    return text + fmt::format("<deltatime>{}</deltatime>", static_cast<uint64_t>(delta));
}

/// What does not belong to a direction.
std::string
Independent(const NfConntrackMessage& message, const NfConntrackStyle& style)
{
    std::string text = "<meta direction=\"independent\">";
    text += message.state.empty() ? "" : fmt::format("<state>{}</state>", StateName(message));
    text += message.timeout ? fmt::format("<timeout>{}</timeout>", *message.timeout) : "";
    text += message.mark ? fmt::format("<mark>{}</mark>", *message.mark) : "";
    text += Labels(message, style.labels);
    text += message.secmark ? fmt::format("<secmark>{}</secmark>", *message.secmark) : "";
    text += message.zone ? fmt::format("<zone>{}</zone>", *message.zone) : "";
    text += message.use ? fmt::format("<use>{}</use>", *message.use) : "";
    text += fmt::format("<id>{}</id>", message.id);
    text += message.status & NF_IPS_ASSURED ? "<assured/>" : "";
    text += message.status & NF_IPS_SEEN_REPLY ? "" : "<unreplied/>";
    return text + Times(message, style) + "</meta>";
}

/// @return element <when> of a time since the epoch
std::string
When(NfTime now)
{
    const std::time_t seconds = now.count() / SECOND;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("<when><hour>{}</hour><min>{:02}</min><sec>{:02}</sec><wday>{}</wday>"
                       "<day>{}</day><month>{}</month><year>{}</year></when>",
                       parts.tm_hour,
                       parts.tm_min,
                       parts.tm_sec,
                       parts.tm_wday + 1,
                       parts.tm_mday,
                       parts.tm_mon + 1,
                       parts.tm_year + 1900);
}

/// One layer of an expectation: what is expected, the mask, the master.
std::string
ExpectLayer(const NfExpectation& expectation,
            std::string (*tag)(const NfTuple&),
            std::string (*fields)(const NfTuple&),
            const char* end)
{
    return fmt::format("{}<expected>{}</expected><mask>{}</mask><master>{}</master>{}",
                       tag(expectation.tuple),
                       fields(expectation.tuple),
                       fields(NfExpectWholeMask(expectation)),
                       fields(expectation.master->GetOriginal()),
                       end);
}

} // namespace

std::string
NfConntrackXml(const NfConntrackMessage& message,
               NfConntrackKind kind,
               const NfConntrackStyle& style)
{
    std::string text = FLOWS[static_cast<size_t>(kind)];
    text += Direction(message, 0) + Direction(message, 1) + Independent(message, style);
    text += style.output & NF_CONNTRACK_TIMESTAMP ? When(style.now) : "";
    text += message.helper.empty() ? "" : fmt::format("<helper>{}</helper>", message.helper);
    return text + "</flow>";
}

std::string
NfExpectXml(NfConntrack& table,
            const NfExpectation& expectation,
            NfConntrackKind kind,
            const NfConntrackStyle& style)
{
    const NfConntrackHelper* helper = expectation.master->GetHelper();
    std::string text = FLOWS[static_cast<size_t>(kind)];
    text += ExpectLayer(expectation, Layer3Tag, Addresses, "</layer3>");
    text += ExpectLayer(expectation, Layer4Tag, Ports, "</layer4>");
    text += "<meta>";
    text += helper ? fmt::format("<helper-name>{}</helper-name>", helper->GetName()) : "";
    text += fmt::format("<timeout>{}</timeout><class>{}</class>",
                        NfExpectSecondsLeft(table, expectation),
                        expectation.expectClass);
    text += style.output & NF_CONNTRACK_TIMESTAMP ? When(style.now) : "";
    text += expectation.flags & NF_EXPECT_PERMANENT ? "<permanent/>" : "";
    text += expectation.flags & NF_EXPECT_INACTIVE ? "<inactive/>" : "";
    text += expectation.flags & NF_EXPECT_USERSPACE ? "<userspace/>" : "";
    return text + "</meta></flow>";
}

} // namespace ns3
