/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-icmp-type.h"

#include <iterator>

namespace ns3
{
namespace
{

constexpr XtIcmpName NAMES[] = {
    {"destination-unreachable", 1, 0, 0xff},
    {"no-route", 1, 0, 0},
    {"communication-prohibited", 1, 1, 1},
    {"beyond-scope", 1, 2, 2},
    {"address-unreachable", 1, 3, 3},
    {"port-unreachable", 1, 4, 4},
    {"failed-policy", 1, 5, 5},
    {"reject-route", 1, 6, 6},
    {"packet-too-big", 2, 0, 0xff},
    {"time-exceeded", 3, 0, 0xff},
    {"ttl-exceeded", 3, 0, 0xff},
    {"ttl-zero-during-transit", 3, 0, 0},
    {"ttl-zero-during-reassembly", 3, 1, 1},
    {"parameter-problem", 4, 0, 0xff},
    {"bad-header", 4, 0, 0},
    {"unknown-header-type", 4, 1, 1},
    {"unknown-option", 4, 2, 2},
    {"echo-request", 128, 0, 0xff},
    {"ping", 128, 0, 0xff},
    {"echo-reply", 129, 0, 0xff},
    {"pong", 129, 0, 0xff},
    {"router-solicitation", 133, 0, 0xff},
    {"router-advertisement", 134, 0, 0xff},
    {"neighbour-solicitation", 135, 0, 0xff},
    {"neighbor-solicitation", 135, 0, 0xff},
    {"neighbour-advertisement", 136, 0, 0xff},
    {"neighbor-advertisement", 136, 0, 0xff},
    {"redirect", 137, 0, 0xff},
};

constexpr XtOption OPTIONS[] = {
    {.name = "icmpv6-type", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

constexpr XtIcmpKind KIND{NAMES, std::size(NAMES), "ICMPv6", "icmpv6-type", "ipv6-icmp", false};

} // namespace

extern const XtMatchType XT_ICMP6;
const XtMatchType XT_ICMP6{
    .name = "icmp6",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .protocol = NF_IPPROTO_ICMPV6,
    .make = [](NfFamily) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtIcmpMatch>(KIND);
    },
};

} // namespace ns3
