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

/// Linux: net/netfilter/ipset/ip_set_hash_netport.c
constexpr IpSetHashKind KIND{
    .port = 0,
    .protocol = 2,
    .cidr = 3,
    .packed = true,
    .tail = 4,
    .hashedTail = 4,
};

} // namespace

extern const IpSetType IP_SET_HASH_NETPORT;
const IpSetType IP_SET_HASH_NETPORT{
    .name = "hash:net,port",
    .alias = "netporthash",
    .revision = 8,
    .oldest = 1,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_PORT | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::NET, IpSetPart::PORT},
    .create = CREATE,
    .add = IPSET_NET_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_RANGE | IPSET_FORM_PORTS,
    .syntax = {"",
               "IP[/CIDR]|FROM-TO,[PROTO:]PORT",
               "IP[/CIDR]|FROM-TO,[PROTO:]PORT",
               "IP[/CIDR],[PROTO:]PORT"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE\n"
             "      port range is supported both for IPv4 and IPv6.\n",
    .portUsage = true,
    .revisions = "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "comment support\n"
                 "counters support\n"
                 "nomatch flag support\n"
                 "Add/del range support\n"
                 "SCTP and UDPLITE support",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
