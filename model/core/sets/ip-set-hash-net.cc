/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-hash.h"

namespace ns3
{
namespace
{

/// Linux: net/netfilter/ipset/ip_set_hash_net.c
constexpr IpSetHashKind KIND{
    .cidr = 3,
    .tail = 4,
    .hashedTail = 4,
};

} // namespace

extern const IpSetType IP_SET_HASH_NET;
const IpSetType IP_SET_HASH_NET{
    .name = "hash:net",
    .alias = "nethash",
    .revision = 7,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::NET},
    .create = IPSET_HASH_CREATE,
    .add = IPSET_NET_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_RANGE,
    .syntax = {"", "IP[/CIDR]", "IP[/CIDR]", "IP[/CIDR]"},
    .usage = "where depending on the INET family\n"
             "      IP is an IPv4 or IPv6 address (or hostname),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n",
    .revisions = "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "comment support\n"
                 "counters support\n"
                 "nomatch flag support\n"
                 "Add/del range support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
