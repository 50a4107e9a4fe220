/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-hash.h"

namespace ns3
{
namespace
{

constexpr IpSetOption CREATE[] = {
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

/// Linux: net/netfilter/ipset/ip_set_hash_mac.c
constexpr IpSetHashKind KIND{
    .addresses = 0,
    .mac = 0,
    .tail = 8,
    .hashedTail = 8,
};

} // namespace

extern const IpSetType IP_SET_HASH_MAC;
const IpSetType IP_SET_HASH_MAC{
    .name = "hash:mac",
    .alias = "machash",
    .revision = 1,
    .family = NfFamily::UNSPEC,
    .features = IPSET_TYPE_MAC,
    .parts = {IpSetPart::MAC},
    .create = CREATE,
    .add = IPSET_HASH_ADD,
    .del = IPSET_NO_OPTIONS,
    .test = IPSET_NO_OPTIONS,
    .syntax = {"", "MAC", "MAC", "MAC"},
    .usage = "\n",
    .revisions = "bucketsize, initval support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) { return IpSetMakeHash(make, KIND); },
};

} // namespace ns3
