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

/// Linux: net/netfilter/ipset/ip_set_hash_netportnet.c
constexpr IpSetHashKind KIND{
    .addresses = 2,
    .port = 0,
    .protocol = 7,
    .cidr = 2,
    .cidr2 = 3,
    .tail = 8,
    .hashedTail = 8,
    .align4 = 8,
    .zeroNet = true,
};

} // namespace

extern const IpSetType IP_SET_HASH_NETPORTNET;
const IpSetType IP_SET_HASH_NETPORTNET{
    .name = "hash:net,port,net",
    .alias = "netportnethash",
    .revision = 3,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_PORT | IPSET_TYPE_IP2 | IPSET_TYPE_NOMATCH,
    .parts = {IpSetPart::NET, IpSetPart::PORT, IpSetPart::NET},
    .create = CREATE,
    .add = IPSET_NET_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NET_TEST,
    .testRefuses = IPSET_FORM_RANGE | IPSET_FORM_PORTS,
    .syntax = {"",
               "IP[/CIDR],[PROTO:]PORT,IP[/CIDR]",
               "IP[/CIDR],[PROTO:]PORT,IP[/CIDR]",
               "IP[/CIDR],[PROTO:]PORT,IP[/CIDR]"},
    .usage = "where depending on the INET family\n"
             "      IP are valid IPv4 or IPv6 addresses (or hostnames),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      Adding/deleting multiple elements in IP/CIDR or FROM-TO form\n"
             "      in both IP components are supported for IPv4.\n"
             "      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE\n"
             "      port range is supported both for IPv4 and IPv6.\n",
    .portUsage = true,
    .revisions = "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
