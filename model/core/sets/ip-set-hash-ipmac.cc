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

/// Linux: net/netfilter/ipset/ip_set_hash_ipmac.c
constexpr IpSetHashKind KIND{
    .mac = 0,
    .tail = 8,
    .hashedTail = 8,
};

} // namespace

extern const IpSetType IP_SET_HASH_IPMAC;
const IpSetType IP_SET_HASH_IPMAC{
    .name = "hash:ip,mac",
    .alias = "ipmachash",
    .revision = 1,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_MAC,
    .parts = {IpSetPart::SINGLE_IP, IpSetPart::MAC},
    .create = CREATE,
    .add = IPSET_HASH_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NO_OPTIONS,
    .syntax = {"", "IP,MAC", "IP,MAC", "IP,MAC"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname),\n"
             "      MAC is a MAC address.\n",
    .revisions = "bucketsize, initval support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
