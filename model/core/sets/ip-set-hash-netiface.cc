/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-hash.h"

namespace ns3
{
namespace
{

constexpr IpSetOption CREATE[] = {
    IpSetOption::FAMILY,
    IpSetOption::HASHSIZE,
    IpSetOption::MAXELEM,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::FORCEADD,
    IpSetOption::SKBINFO,
    IpSetOption::BUCKETSIZE,
    IpSetOption::INITVAL,
    IpSetOption::END,
};

constexpr IpSetOption ADD[] = {
    IpSetOption::TIMEOUT,
    IpSetOption::NOMATCH,
    IpSetOption::WILDCARD,
    IpSetOption::PACKETS,
    IpSetOption::BYTES,
    IpSetOption::ADT_COMMENT,
    IpSetOption::SKBMARK,
    IpSetOption::SKBPRIO,
    IpSetOption::SKBQUEUE,
    IpSetOption::END,
};

/// Linux: net/netfilter/ipset/ip_set_hash_netiface.c
constexpr IpSetHashKind KIND{
    .cidr = 1,
    .iface = 4,
    .tail = 21,
    .hashedTail = 4,
    .zeroNet = true,
};

} // namespace

extern const IpSetType IP_SET_HASH_NETIFACE;
const IpSetType IP_SET_HASH_NETIFACE{
    .name = "hash:net,iface",
    .alias = "netifacehash",
    .revision = 8,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_IFACE | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::NET, IpSetPart::IFACE},
    .create = CREATE,
    .add = ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_RANGE,
    .syntax = {"",
               "IP[/CIDR]|FROM-TO,[physdev:]IFACE",
               "IP[/CIDR]|FROM-TO,[physdev:]IFACE",
               "IP[/CIDR],[physdev:]IFACE"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      Adding/deleting multiple elements with IPv4 is supported.\n",
    .revisions = "bucketsize, initval support\n"
                 "skbinfo and wildcard support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "comment support\n"
                 "counters support\n"
                 "/0 network support\n"
                 "nomatch flag support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
