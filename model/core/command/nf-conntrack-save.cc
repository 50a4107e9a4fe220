/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// conntrack -o save
#include "nf-cmd-conntrack.h"

#include <array>
#include <fmt/format.h>

namespace ns3
{

namespace
{

struct StatusName
{
    uint32_t bit;
    const char* name;
};

constexpr std::array STATUS_NAMES = {StatusName{NF_IPS_EXPECTED, "EXPECTED"},
                                     StatusName{NF_IPS_SEEN_REPLY, "SEEN_REPLY"},
                                     StatusName{NF_IPS_ASSURED, "ASSURED"},
                                     StatusName{NF_IPS_FIXED_TIMEOUT, "FIXED_TIMEOUT"}};

std::string
StatusList(uint32_t status)
{
    std::string text;
    for (const StatusName& row : STATUS_NAMES)
    {
        if (status & row.bit)
        {
            text += (text.empty() ? "" : ",") + std::string(row.name);
        }
    }
    return text.empty() ? "UNSET" : text;
}

/// Options that are the same for all protocols.
std::string
CommonOptions(const NfConntrackMessage& message)
{
    std::string text;
    text += message.timeout ? fmt::format("-t {} ", *message.timeout) : "";
    text += fmt::format("-u {} ", StatusList(message.status));
    text += message.secmark ? fmt::format("-c {} ", *message.secmark) : "";
    text += message.zone ? fmt::format("-w {} ", *message.zone) : "";
    text += message.tupleZone[0] ? fmt::format("--orig-zone {} ", *message.tupleZone[0]) : "";
    text += message.tupleZone[1] ? fmt::format("--reply-zone {} ", *message.tupleZone[1]) : "";
    return text;
}

std::string
AddressOptions(const NfConntrackMessage& message)
{
    const NfTuple& orig = message.tuples[0];
    const NfTuple& reply = message.tuples[1];
    const bool dnat = message.status & NF_IPS_DST_NAT_DONE && !(orig.dst == reply.src);
    const bool snat = message.status & NF_IPS_SRC_NAT_DONE && !(orig.src == reply.dst);
    return fmt::format("-s {} -d {} {} {} {} {} ",
                       orig.src.ToString(orig.family),
                       orig.dst.ToString(orig.family),
                       dnat ? "-g" : "-r",
                       reply.src.ToString(orig.family),
                       snat ? "-n" : "-q",
                       reply.dst.ToString(orig.family));
}

std::string
PortOptions(const NfConntrackMessage& message)
{
    const NfTuple& orig = message.tuples[0];
    const NfTuple& reply = message.tuples[1];
    const bool icmp = orig.protocol == NF_IPPROTO_ICMP || orig.protocol == NF_IPPROTO_ICMPV6;
    if (!message.hasPorts)
    {
        return {};
    }
    if (icmp)
    {
        return fmt::format("--{0}-type {1} --{0}-code {2} --{0}-id {3} ",
                           NfConntrackProtocolName(orig.protocol),
                           orig.GetIcmpType(),
                           orig.GetIcmpCode(),
                           orig.sport);
    }
    const bool gre = orig.protocol == NF_IPPROTO_GRE;
    return fmt::format("--{} {} --{} {} --reply-{}-src {} --reply-{}-dst {} ",
                       gre ? "srckey" : "sport",
                       orig.sport,
                       gre ? "dstkey" : "dport",
                       orig.dport,
                       gre ? "key" : "port",
                       reply.sport,
                       gre ? "key" : "port",
                       reply.dport);
}

std::string
ProtocolOptions(const NfConntrackMessage& message)
{
    const uint8_t protocol = message.GetProtocol();
    const std::string name = NfConntrackProtocolName(protocol);
    if (name == "unknown")
    {
        return fmt::format("-p {} ", protocol);
    }
    std::string text = fmt::format("-p {} ", name) + PortOptions(message);
    text += message.state.empty() ? "" : fmt::format("--state {} ", message.state);
    if (message.vtag)
    {
        text +=
            fmt::format("--orig-vtag {} --reply-vtag {} ", (*message.vtag)[0], (*message.vtag)[1]);
    }
    return text;
}

} // namespace

std::string
NfConntrackSaveLine(const NfConntrackMessage& message, NfConntrackKind kind)
{
    std::string text = kind == NfConntrackKind::DESTROY  ? "-D "
                       : kind == NfConntrackKind::UPDATE ? "-U "
                                                         : "-A ";
    text += CommonOptions(message) + AddressOptions(message) + ProtocolOptions(message);
    text.pop_back();
    return text;
}

} // namespace ns3
