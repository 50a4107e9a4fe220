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
    IpSetOption::PROBES,
    IpSetOption::RESIZE,
    IpSetOption::IGNORED_FROM,
    IpSetOption::IGNORED_TO,
    IpSetOption::IGNORED_NETWORK,
    IpSetOption::END,
};

/// Linux: net/netfilter/ipset/ip_set_hash_ipportnet.c
constexpr IpSetHashKind KIND{
    .addresses = 2,
    .port = 0,
    .protocol = 3,
    .cidr = 2,
    .packed = true,
    .tail = 4,
    .hashedTail = 4,
};

} // namespace

extern const IpSetType IP_SET_HASH_IPPORTNET;
const IpSetType IP_SET_HASH_IPPORTNET{
    .name = "hash:ip,port,net",
    .alias = "ipportnethash",
    .revision = 8,
    .oldest = 1,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_PORT | IPSET_TYPE_IP2 | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::IP, IpSetPart::PORT, IpSetPart::NET},
    .create = CREATE,
    .add = IPSET_NET_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_CIDR | IPSET_FORM_RANGE | IPSET_FORM_PORTS,
    .syntax = {"",
               "IP,[PROTO:]PORT,IP[/CIDR]",
               "IP,[PROTO:]PORT,IP[/CIDR]",
               "IP,[PROTO:]PORT,IP[/CIDR]"},
    .usage = "where depending on the INET family\n"
             "      IP are valid IPv4 or IPv6 addresses (or hostnames),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      Adding/deleting multiple elements in IP/CIDR or FROM-TO form\n"
             "      in the first IP component is supported for IPv4.\n"
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
