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
    IpSetOption::MARKMASK,
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

/// Linux: net/netfilter/ipset/ip_set_hash_ipmark.c
constexpr IpSetHashKind KIND{
    .mark = 0,
    .tail = 4,
    .hashedTail = 4,
    .markMask = true,
};

} // namespace

extern const IpSetType IP_SET_HASH_IPMARK;
const IpSetType IP_SET_HASH_IPMARK{
    .name = "hash:ip,mark",
    .alias = "ipmarkhash",
    .revision = 3,
    .anyFamily = true,
    .features = IPSET_TYPE_IP | IPSET_TYPE_MARK,
    .parts = {IpSetPart::IP, IpSetPart::MARK},
    .create = CREATE,
    .add = IPSET_HASH_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NO_OPTIONS,
    .testRefuses = IPSET_FORM_CIDR | IPSET_FORM_RANGE,
    .syntax = {"", "IP,MARK", "IP,MARK", "IP,MARK"},
    .usage = "where depending on the INET family\n"
             "      IP is a valid IPv4 or IPv6 address (or hostname).\n"
             "      Adding/deleting multiple elements in IP/CIDR or FROM-TO form\n"
             "      is supported for IPv4.\n"
             "      Adding/deleting single mark element\n"
             "      is supported both for IPv4 and IPv6.\n",
    .revisions = "bucketsize, initval support\n"
                 "skbinfo support\n"
                 "forceadd support\n"
                 "initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
