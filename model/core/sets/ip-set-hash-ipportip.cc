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

/// Linux: net/netfilter/ipset/ip_set_hash_ipportip.c
constexpr IpSetHashKind KIND{
    .addresses = 2,
    .port = 0,
    .protocol = 2,
    .tail = 4,
    .hashedTail = 4,
};

} // namespace

extern const IpSetType IP_SET_HASH_IPPORTIP;
const IpSetType IP_SET_HASH_IPPORTIP{
    .name = "hash:ip,port,ip",
    .alias = "ipportiphash",
    .revision = 6,
    .oldest = 1,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_PORT | IPSET_TYPE_IP2,
    .parts = {IpSetPart::IP, IpSetPart::PORT, IpSetPart::SINGLE_IP},
    .create = CREATE,
    .add = IPSET_HASH_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NO_OPTIONS,
    .testRefuses = IPSET_FORM_CIDR | IPSET_FORM_RANGE | IPSET_FORM_PORTS,
    .syntax = {"", "IP,[PROTO:]PORT,IP", "IP,[PROTO:]PORT,IP", "IP,[PROTO:]PORT,IP"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname).\n"
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
                 "SCTP and UDPLITE support",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
