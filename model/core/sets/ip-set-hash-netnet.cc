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
    IpSetOption::BITMASK,
    IpSetOption::NETMASK,
    IpSetOption::END,
};

/// Linux: net/netfilter/ipset/ip_set_hash_netnet.c
constexpr IpSetHashKind KIND{
    .addresses = 2,
    .cidr = 2,
    .cidr2 = 3,
    .tail = 4,
    .hashedTail = 4,
    .align4 = 8,
    .netmask = true,
};

} // namespace

extern const IpSetType IP_SET_HASH_NETNET;
const IpSetType IP_SET_HASH_NETNET{
    .name = "hash:net,net",
    .alias = "netnethash",
    .revision = 4,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_IP2 | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::NET, IpSetPart::NET},
    .create = CREATE,
    .add = IPSET_NET_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_RANGE,
    .syntax = {"",
               "IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO",
               "IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO",
               "IP[/CIDR],IP[/CIDR]"},
    .usage = "where depending on the INET family\n"
             "      IP is an IPv4 or IPv6 address (or hostname),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      IP range is not supported with IPv6.\n",
    .revisions = "netmask and bitmask support\n"
                 "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
