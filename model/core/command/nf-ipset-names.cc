/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-ipset-text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr NfIpSetOptionName NAMES[] = {
    {IpSetOption::FAMILY, "family", "[family inet|inet6]|[-4|-6]", true},
    {IpSetOption::HASHSIZE, "hashsize", "[hashsize VALUE]", true},
    {IpSetOption::MAXELEM, "maxelem", "[maxelem VALUE]", true},
    {IpSetOption::NETMASK, "netmask", "[netmask CIDR]", true},
    {IpSetOption::BITMASK, "bitmask", "[bitmask bitmask]", true},
    {IpSetOption::MARKMASK, "markmask", "markmask VALUE", true},
    {IpSetOption::TIMEOUT, "timeout", "[timeout VALUE]", true},
    {IpSetOption::COUNTERS, "counters", "[counters]", false},
    {IpSetOption::COMMENT, "comment", "[comment]", false},
    {IpSetOption::FORCEADD, "forceadd", "[forceadd]", false},
    {IpSetOption::SKBINFO, "skbinfo", "[skbinfo]", false},
    {IpSetOption::BUCKETSIZE, "bucketsize", "[bucketsize VALUE]", true},
    {IpSetOption::INITVAL, "initval", "[initval VALUE]", true},
    {IpSetOption::RANGE_IP, "range", "", true},
    {IpSetOption::RANGE_PORT, "range", "", true},
    {IpSetOption::SIZE, "size", "[size VALUE]", true},
    {IpSetOption::PROBES, "probes", "", true},
    {IpSetOption::RESIZE, "resize", "", true},
    {IpSetOption::GC, "gc", "", true},
    {IpSetOption::IGNORED_FROM, "from", "", true},
    {IpSetOption::IGNORED_TO, "to", "", true},
    {IpSetOption::IGNORED_NETWORK, "network", "", true},
    {IpSetOption::FROM_IP, "from", "", true},
    {IpSetOption::TO_IP, "to", "", true},
    {IpSetOption::NETWORK, "network", "", true},
    {IpSetOption::FROM_PORT, "from", "", true},
    {IpSetOption::TO_PORT, "to", "", true},
    {IpSetOption::NOMATCH, "nomatch", "[nomatch]", false},
    {IpSetOption::WILDCARD, "wildcard", "[wildcard]", false},
    {IpSetOption::PACKETS, "packets", "[packets VALUE]", true},
    {IpSetOption::BYTES, "bytes", "[bytes VALUE]", true},
    {IpSetOption::ADT_COMMENT, "comment", "[comment \"string\"]", true},
    {IpSetOption::SKBMARK, "skbmark", "[skbmark VALUE]", true},
    {IpSetOption::SKBPRIO, "skbprio", "[skbprio VALUE]", true},
    {IpSetOption::SKBQUEUE, "skbqueue", "[skbqueue VALUE]", true},
    {IpSetOption::BEFORE, "before", "[before|after NAME]", true},
    {IpSetOption::AFTER, "after", "", true},
};

constexpr NfIpSetIcmpName ICMP_NAMES[] = {
    {"echo-reply", 0, 0},
    {"pong", 0, 0},
    {"network-unreachable", 3, 0},
    {"host-unreachable", 3, 1},
    {"protocol-unreachable", 3, 2},
    {"port-unreachable", 3, 3},
    {"fragmentation-needed", 3, 4},
    {"source-route-failed", 3, 5},
    {"network-unknown", 3, 6},
    {"host-unknown", 3, 7},
    {"network-prohibited", 3, 9},
    {"host-prohibited", 3, 10},
    {"TOS-network-unreachable", 3, 11},
    {"TOS-host-unreachable", 3, 12},
    {"communication-prohibited", 3, 13},
    {"host-precedence-violation", 3, 14},
    {"precedence-cutoff", 3, 15},
    {"source-quench", 4, 0},
    {"network-redirect", 5, 0},
    {"host-redirect", 5, 1},
    {"TOS-network-redirect", 5, 2},
    {"TOS-host-redirect", 5, 3},
    {"echo-request", 8, 0},
    {"ping", 8, 0},
    {"router-advertisement", 9, 0},
    {"router-solicitation", 10, 0},
    {"ttl-zero-during-transit", 11, 0},
    {"ttl-zero-during-reassembly", 11, 1},
    {"ip-header-bad", 12, 0},
    {"required-option-missing", 12, 1},
    {"timestamp-request", 13, 0},
    {"timestamp-reply", 14, 0},
    {"address-mask-request", 17, 0},
    {"address-mask-reply", 18, 0},
};

constexpr NfIpSetIcmpName ICMPV6_NAMES[] = {
    {"no-route", 1, 0},
    {"communication-prohibited", 1, 1},
    {"address-unreachable", 1, 3},
    {"port-unreachable", 1, 4},
    {"packet-too-big", 2, 0},
    {"ttl-zero-during-transit", 3, 0},
    {"ttl-zero-during-reassembly", 3, 1},
    {"bad-header", 4, 0},
    {"unknown-header-type", 4, 1},
    {"unknown-option", 4, 2},
    {"echo-request", 128, 0},
    {"ping", 128, 0},
    {"echo-reply", 129, 0},
    {"pong", 129, 0},
    {"router-solicitation", 133, 0},
    {"router-advertisement", 134, 0},
    {"neighbour-solicitation", 135, 0},
    {"neigbour-solicitation", 135, 0},
    {"neighbour-advertisement", 136, 0},
    {"neigbour-advertisement", 136, 0},
    {"redirect", 137, 0},
};

struct ErrorRow
{
    int error;
    NfIpSetCommand command; //!< OTHER: any
    const char* text;
};

constexpr ErrorRow ERRORS[] = {
    {EEXIST,
     NfIpSetCommand::CREATE,
     "Set cannot be created: set with the same name already exists"},
    {IPSET_ERR_BUSY,
     NfIpSetCommand::DESTROY,
     "Set cannot be destroyed: it is in use by a kernel component"},
    {IPSET_ERR_EXIST_SETNAME2,
     NfIpSetCommand::RENAME,
     "Set cannot be renamed: a set with the new name already exists"},
    {IPSET_ERR_REFERENCED,
     NfIpSetCommand::RENAME,
     "Set cannot be renamed: it is in use by another system"},
    {IPSET_ERR_EXIST_SETNAME2,
     NfIpSetCommand::SWAP,
     "Sets cannot be swapped: the second set does not exist"},
    {IPSET_ERR_TYPE_MISMATCH,
     NfIpSetCommand::SWAP,
     "The sets cannot be swapped: their type does not match"},
    {IPSET_ERR_EXIST,
     NfIpSetCommand::ADD,
     "Element cannot be added to the set: it's already added"},
    {IPSET_ERR_EXIST,
     NfIpSetCommand::DEL,
     "Element cannot be deleted from the set: it's not added"},
    {ENOENT, NfIpSetCommand::OTHER, "The set with the given name does not exist"},
    {ERANGE,
     NfIpSetCommand::OTHER,
     "The specified range is too large, split it up into smaller ranges"},
    {IPSET_ERR_PROTOCOL, NfIpSetCommand::OTHER, "Kernel error received: ipset protocol error"},
    {IPSET_ERR_INVALID_NETMASK,
     NfIpSetCommand::OTHER,
     "The value of the netmask parameter is invalid"},
    {IPSET_ERR_INVALID_MARKMASK,
     NfIpSetCommand::OTHER,
     "The value of the markmask parameter is invalid"},
    {IPSET_ERR_INVALID_FAMILY,
     NfIpSetCommand::OTHER,
     "Protocol family not supported by the set type"},
    {IPSET_ERR_NETMASK_BITMASK,
     NfIpSetCommand::OTHER,
     "netmask and bitmask options are mutually exclusive, provide only one"},
    {IPSET_ERR_INVALID_CIDR,
     NfIpSetCommand::OTHER,
     "The value of the CIDR parameter of the IP address is invalid"},
    {IPSET_ERR_TIMEOUT,
     NfIpSetCommand::OTHER,
     "Timeout cannot be used: set was created without timeout support"},
    {IPSET_ERR_COUNTER,
     NfIpSetCommand::OTHER,
     "Packet/byte counters cannot be used: set was created without counter support"},
    {IPSET_ERR_COMMENT,
     NfIpSetCommand::OTHER,
     "Comment cannot be used: set was created without comment support"},
    {IPSET_ERR_SKBINFO,
     NfIpSetCommand::OTHER,
     "Skbinfo mapping cannot be used: set was created without skbinfo support"},
    {IPSET_ERR_HASH_FULL, NfIpSetCommand::OTHER, "Hash is full, cannot add more elements"},
    {IPSET_ERR_HASH_ELEM,
     NfIpSetCommand::OTHER,
     "Null-valued element, cannot be stored in a hash type of set"},
    {IPSET_ERR_INVALID_PROTO, NfIpSetCommand::OTHER, "Invalid protocol specified"},
    {IPSET_ERR_MISSING_PROTO, NfIpSetCommand::OTHER, "Protocol missing, but must be specified"},
    {IPSET_ERR_RANGE_UNSUPPORTED,
     NfIpSetCommand::OTHER,
     "Range is not supported in the \"net\" component of the element"},
    {IPSET_ERR_HASH_RANGE, NfIpSetCommand::OTHER, "Invalid range, covers the whole address space"},
    {IPSET_ERR_BITMAP_RANGE, NfIpSetCommand::OTHER, "Element is out of the range of the set"},
    {IPSET_ERR_BITMAP_RANGE_SIZE,
     NfIpSetCommand::OTHER,
     "The range you specified exceeds the size limit of the set type"},
    {IPSET_ERR_NAME,
     NfIpSetCommand::OTHER,
     "Set to be added/deleted/tested as element does not exist."},
    {IPSET_ERR_LOOP, NfIpSetCommand::OTHER, "Sets with list:set type cannot be added to the set."},
    {IPSET_ERR_BEFORE, NfIpSetCommand::OTHER, "No reference set specified."},
    {IPSET_ERR_NAMEREF,
     NfIpSetCommand::OTHER,
     "The set to which you referred with 'before' or 'after' does not exist."},
    {IPSET_ERR_REF_EXIST,
     NfIpSetCommand::OTHER,
     "The set to which you referred with 'before' or 'after' is not added to the set."},
};

} // namespace

const NfIpSetOptionName&
NfGetIpSetOption(IpSetOption option)
{
    return *std::find_if(std::begin(NAMES), std::end(NAMES), [option](const auto& row) {
        return row.option == option;
    });
}

const NfIpSetOptionName*
NfFindIpSetOption(std::string_view word, const IpSetOption* options)
{
    static constexpr NfIpSetOptionName SHORT_FAMILY{IpSetOption::FAMILY, "family", "", false};
    const bool family = word == "-4" || word == "-6";
    word.remove_prefix(word.substr(0, 2) == "--" ? 2 : 0);
    for (; *options != IpSetOption::END; options++)
    {
        const NfIpSetOptionName& row = NfGetIpSetOption(*options);
        if (family && *options == IpSetOption::FAMILY)
        {
            return &SHORT_FAMILY;
        }
        if (word == row.name)
        {
            return &row;
        }
    }
    return nullptr;
}

std::vector<NfIpSetIcmpName>
NfGetIpSetIcmpNames(NfFamily family)
{
    if (family == NfFamily::IPV6)
    {
        return {std::begin(ICMPV6_NAMES), std::end(ICMPV6_NAMES)};
    }
    return {std::begin(ICMP_NAMES), std::end(ICMP_NAMES)};
}

std::string
NfIpSetErrorText(NfIpSetCommand command, int error)
{
    for (const ErrorRow& row : ERRORS)
    {
        if (row.error == error && (row.command == command || row.command == NfIpSetCommand::OTHER))
        {
            return row.text;
        }
    }
    return error < 4096 ? fmt::format("Kernel error received: {}", std::strerror(error))
                        : fmt::format("Undecoded error {} received from kernel", error);
}

std::string
NfIpSetPortUsage()
{
    std::string text = "      [PROTO:]PORT is a valid pattern of the following:\n"
                       "           PORTNAME         TCP port name from /etc/services\n"
                       "           PORTNUMBER       TCP port number identifier\n"
                       "           tcp|sctp|udp|udplite:PORTNAME|PORTNUMBER\n"
                       "           icmp:CODENAME    supported ICMP codename\n"
                       "           icmp:TYPE/CODE   ICMP type/code value\n"
                       "           icmpv6:CODENAME  supported ICMPv6 codename\n"
                       "           icmpv6:TYPE/CODE ICMPv6 type/code value\n"
                       "           PROTO:0          all other protocols\n"
                       "\n"
                       "           Supported ICMP codenames:\n";
    for (const NfIpSetIcmpName& row : ICMP_NAMES)
    {
        text += fmt::format("               {}\n", row.name);
    }
    text += "           Supported ICMPv6 codenames:\n";
    for (const NfIpSetIcmpName& row : ICMPV6_NAMES)
    {
        text += fmt::format("               {}\n", row.name);
    }
    return text;
}

} // namespace ns3
