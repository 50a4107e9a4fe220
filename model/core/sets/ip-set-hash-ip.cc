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
    IpSetOption::NETMASK,
    IpSetOption::BITMASK,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::FORCEADD,
    IpSetOption::SKBINFO,
    IpSetOption::BUCKETSIZE,
    IpSetOption::INITVAL,
    IpSetOption::PROBES,
    IpSetOption::RESIZE,
    IpSetOption::GC,
    IpSetOption::END,
};

/// Linux: net/netfilter/ipset/ip_set_hash_ip.c
constexpr IpSetHashKind KIND{
    .netmask = true,
    .zeroError = IPSET_ERR_HASH_ELEM,
    .wholeNets = true,
};

} // namespace

extern const IpSetType IP_SET_HASH_IP;
const IpSetType IP_SET_HASH_IP{
    .name = "hash:ip",
    .alias = "iphash",
    .revision = 6,
    .anyFamily = true,
    .features = IPSET_TYPE_IP,
    .parts = {IpSetPart::IP},
    .create = CREATE,
    .add = IPSET_HASH_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NO_OPTIONS,
    .syntax = {"", "IP", "IP", "IP"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname),\n"
             "      CIDR is a valid IPv4 or IPv6 CIDR prefix.\n"
             "      Adding/deleting multiple elements in IP/CIDR or FROM-TO form\n"
             "      is supported for IPv4.\n",
    .revisions = "bitmask support\n"
                 "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "comment support\n"
                 "counters support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
