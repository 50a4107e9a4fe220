/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-builtin.h"

/**
 * @file
 * The registration lists: what is built in. A new extension is a file of its own, its declaration
 * and its line here.
 */

namespace ns3
{

// One line per match: xtables/xt-NAME.cc. A name may come once per family.
extern const XtMatchType XT_ADDRTYPE;
extern const XtMatchType XT_AH4;
extern const XtMatchType XT_AH6;
extern const XtMatchType XT_BPF;
extern const XtMatchType XT_CGROUP;
extern const XtMatchType XT_CLUSTER;
extern const XtMatchType XT_COMMENT;
extern const XtMatchType XT_CONNBYTES;
extern const XtMatchType XT_CONNLABEL;
extern const XtMatchType XT_CONNLIMIT;
extern const XtMatchType XT_CONNMARK;
extern const XtMatchType XT_CONNTRACK;
extern const XtMatchType XT_CPU;
extern const XtMatchType XT_DCCP;
extern const XtMatchType XT_DEVGROUP;
extern const XtMatchType XT_DSCP;
extern const XtMatchType XT_DST;
extern const XtMatchType XT_ECN;
extern const XtMatchType XT_ESP;
extern const XtMatchType XT_EUI64;
extern const XtMatchType XT_FRAG;
extern const XtMatchType XT_HASHLIMIT;
extern const XtMatchType XT_HBH;
extern const XtMatchType XT_HELPER;
extern const XtMatchType XT_HL;
extern const XtMatchType XT_ICMP;
extern const XtMatchType XT_ICMP6;
extern const XtMatchType XT_IPCOMP;
extern const XtMatchType XT_IPRANGE;
extern const XtMatchType XT_IPV6HEADER;
extern const XtMatchType XT_LENGTH;
extern const XtMatchType XT_LIMIT;
extern const XtMatchType XT_MAC;
extern const XtMatchType XT_MARK;
extern const XtMatchType XT_MH;
extern const XtMatchType XT_MULTIPORT;
extern const XtMatchType XT_OWNER;
extern const XtMatchType XT_PHYSDEV;
extern const XtMatchType XT_PKTTYPE;
extern const XtMatchType XT_POLICY;
extern const XtMatchType XT_QUOTA;
extern const XtMatchType XT_REALM;
extern const XtMatchType XT_RECENT;
extern const XtMatchType XT_RPFILTER;
extern const XtMatchType XT_RT;
extern const XtMatchType XT_SCTP;
extern const XtMatchType XT_SET;
extern const XtMatchType XT_SOCKET;
extern const XtMatchType XT_SRH;
extern const XtMatchType XT_STATE;
extern const XtMatchType XT_STATISTIC;
extern const XtMatchType XT_STRING;
extern const XtMatchType XT_TCP;
extern const XtMatchType XT_TCPMSS;
extern const XtMatchType XT_TIME;
extern const XtMatchType XT_TOS;
extern const XtMatchType XT_TTL;
extern const XtMatchType XT_U32;
extern const XtMatchType XT_UDP;

// One line per target: xtables/xt-target-NAME.cc.
extern const XtTargetType XT_TARGET_AUDIT;
extern const XtTargetType XT_TARGET_CHECKSUM;
extern const XtTargetType XT_TARGET_CLASSIFY;
extern const XtTargetType XT_TARGET_CONNMARK;
extern const XtTargetType XT_TARGET_CONNSECMARK;
extern const XtTargetType XT_TARGET_CT;
extern const XtTargetType XT_TARGET_DNAT;
extern const XtTargetType XT_TARGET_DNPT;
extern const XtTargetType XT_TARGET_DSCP;
extern const XtTargetType XT_TARGET_ECN;
extern const XtTargetType XT_TARGET_HL;
extern const XtTargetType XT_TARGET_HMARK;
extern const XtTargetType XT_TARGET_IDLETIMER;
extern const XtTargetType XT_TARGET_LOG;
extern const XtTargetType XT_TARGET_MARK;
extern const XtTargetType XT_TARGET_MASQUERADE;
extern const XtTargetType XT_TARGET_NETMAP;
extern const XtTargetType XT_TARGET_NFLOG;
extern const XtTargetType XT_TARGET_NFQUEUE;
extern const XtTargetType XT_TARGET_NOTRACK;
extern const XtTargetType XT_TARGET_REDIRECT;
extern const XtTargetType XT_TARGET_REJECT;
extern const XtTargetType XT_TARGET_SET;
extern const XtTargetType XT_TARGET_SNAT;
extern const XtTargetType XT_TARGET_SNPT;
extern const XtTargetType XT_TARGET_SYNPROXY;
extern const XtTargetType XT_TARGET_TCPMSS;
extern const XtTargetType XT_TARGET_TCPOPTSTRIP;
extern const XtTargetType XT_TARGET_TOS;
extern const XtTargetType XT_TARGET_TRACE;
extern const XtTargetType XT_TARGET_TTL;

// One line per set type: sets/ip-set-NAME.cc.
extern const IpSetType IP_SET_BITMAP_IP;
extern const IpSetType IP_SET_BITMAP_IPMAC;
extern const IpSetType IP_SET_BITMAP_PORT;
extern const IpSetType IP_SET_HASH_IP;
extern const IpSetType IP_SET_HASH_IPMAC;
extern const IpSetType IP_SET_HASH_IPMARK;
extern const IpSetType IP_SET_HASH_IPPORT;
extern const IpSetType IP_SET_HASH_IPPORTIP;
extern const IpSetType IP_SET_HASH_IPPORTNET;
extern const IpSetType IP_SET_HASH_MAC;
extern const IpSetType IP_SET_HASH_NET;
extern const IpSetType IP_SET_HASH_NETIFACE;
extern const IpSetType IP_SET_HASH_NETNET;
extern const IpSetType IP_SET_HASH_NETPORT;
extern const IpSetType IP_SET_HASH_NETPORTNET;
extern const IpSetType IP_SET_LIST_SET;

// One line per command: command/nf-cmd-NAME.cc.
extern const NfCommand NF_CMD_CONNTRACK;
extern const NfCommand NF_CMD_IP;
extern const NfCommand NF_CMD_IP6TABLES;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY_RESTORE;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY_SAVE;
extern const NfCommand NF_CMD_IP6TABLES_RESTORE;
extern const NfCommand NF_CMD_IP6TABLES_SAVE;
extern const NfCommand NF_CMD_IPSET;
extern const NfCommand NF_CMD_IPTABLES;
extern const NfCommand NF_CMD_IPTABLES_LEGACY;
extern const NfCommand NF_CMD_IPTABLES_LEGACY_RESTORE;
extern const NfCommand NF_CMD_IPTABLES_LEGACY_SAVE;
extern const NfCommand NF_CMD_IPTABLES_RESTORE;
extern const NfCommand NF_CMD_IPTABLES_SAVE;
extern const NfCommand NF_CMD_NFCT;
extern const NfCommand NF_CMD_SYSCTL;

namespace
{

// One name per line:
// clang-format off
const XtMatchType* const MATCHES[] = {
    &XT_ADDRTYPE,
    &XT_AH4,
    &XT_AH6,
    &XT_BPF,
    &XT_CGROUP,
    &XT_CLUSTER,
    &XT_COMMENT,
    &XT_CONNBYTES,
    &XT_CONNLABEL,
    &XT_CONNLIMIT,
    &XT_CONNMARK,
    &XT_CONNTRACK,
    &XT_CPU,
    &XT_DCCP,
    &XT_DEVGROUP,
    &XT_DSCP,
    &XT_DST,
    &XT_ECN,
    &XT_ESP,
    &XT_EUI64,
    &XT_FRAG,
    &XT_HASHLIMIT,
    &XT_HBH,
    &XT_HELPER,
    &XT_HL,
    &XT_ICMP,
    &XT_ICMP6,
    &XT_IPCOMP,
    &XT_IPRANGE,
    &XT_IPV6HEADER,
    &XT_LENGTH,
    &XT_LIMIT,
    &XT_MAC,
    &XT_MARK,
    &XT_MH,
    &XT_MULTIPORT,
    &XT_OWNER,
    &XT_PHYSDEV,
    &XT_PKTTYPE,
    &XT_POLICY,
    &XT_QUOTA,
    &XT_REALM,
    &XT_RECENT,
    &XT_RPFILTER,
    &XT_RT,
    &XT_SCTP,
    &XT_SET,
    &XT_SOCKET,
    &XT_SRH,
    &XT_STATE,
    &XT_STATISTIC,
    &XT_STRING,
    &XT_TCP,
    &XT_TCPMSS,
    &XT_TIME,
    &XT_TOS,
    &XT_TTL,
    &XT_U32,
    &XT_UDP,
};

const XtTargetType* const TARGETS[] = {
    &XT_TARGET_AUDIT,
    &XT_TARGET_CHECKSUM,
    &XT_TARGET_CLASSIFY,
    &XT_TARGET_CONNMARK,
    &XT_TARGET_CONNSECMARK,
    &XT_TARGET_CT,
    &XT_TARGET_DNAT,
    &XT_TARGET_DNPT,
    &XT_TARGET_DSCP,
    &XT_TARGET_ECN,
    &XT_TARGET_HL,
    &XT_TARGET_HMARK,
    &XT_TARGET_IDLETIMER,
    &XT_TARGET_LOG,
    &XT_TARGET_MARK,
    &XT_TARGET_MASQUERADE,
    &XT_TARGET_NETMAP,
    &XT_TARGET_NFLOG,
    &XT_TARGET_NFQUEUE,
    &XT_TARGET_NOTRACK,
    &XT_TARGET_REDIRECT,
    &XT_TARGET_REJECT,
    &XT_TARGET_SET,
    &XT_TARGET_SNAT,
    &XT_TARGET_SNPT,
    &XT_TARGET_SYNPROXY,
    &XT_TARGET_TCPMSS,
    &XT_TARGET_TCPOPTSTRIP,
    &XT_TARGET_TOS,
    &XT_TARGET_TRACE,
    &XT_TARGET_TTL,
};
// In the order of `ipset help`, newest kind first.
const IpSetType* const SET_TYPES[] = {
    &IP_SET_LIST_SET,
    &IP_SET_HASH_MAC,
    &IP_SET_HASH_IPMAC,
    &IP_SET_HASH_NETIFACE,
    &IP_SET_HASH_NETPORT,
    &IP_SET_HASH_NETPORTNET,
    &IP_SET_HASH_NETNET,
    &IP_SET_HASH_NET,
    &IP_SET_HASH_IPPORTNET,
    &IP_SET_HASH_IPPORTIP,
    &IP_SET_HASH_IPMARK,
    &IP_SET_HASH_IPPORT,
    &IP_SET_HASH_IP,
    &IP_SET_BITMAP_PORT,
    &IP_SET_BITMAP_IPMAC,
    &IP_SET_BITMAP_IP,
};
// clang-format on

const NfCommand* const COMMANDS[] = {
    &NF_CMD_CONNTRACK,
    &NF_CMD_IP,
    &NF_CMD_IP6TABLES,
    &NF_CMD_IP6TABLES_LEGACY,
    &NF_CMD_IP6TABLES_LEGACY_RESTORE,
    &NF_CMD_IP6TABLES_LEGACY_SAVE,
    &NF_CMD_IP6TABLES_RESTORE,
    &NF_CMD_IP6TABLES_SAVE,
    &NF_CMD_IPSET,
    &NF_CMD_IPTABLES,
    &NF_CMD_IPTABLES_LEGACY,
    &NF_CMD_IPTABLES_LEGACY_RESTORE,
    &NF_CMD_IPTABLES_LEGACY_SAVE,
    &NF_CMD_IPTABLES_RESTORE,
    &NF_CMD_IPTABLES_SAVE,
    &NF_CMD_NFCT,
    &NF_CMD_SYSCTL,
};

template <class T, size_t N>
const T*
FindType(const T* const (&list)[N], std::string_view name, NfFamily family)
{
    for (const T* type : list)
    {
        if (name == type->name && (type->family == NfFamily::UNSPEC || type->family == family))
        {
            return type;
        }
    }
    return nullptr;
}

} // namespace

const XtMatchType*
NfFindMatchType(std::string_view name, NfFamily family)
{
    return FindType(MATCHES, name, family);
}

const XtTargetType*
NfFindTargetType(std::string_view name, NfFamily family)
{
    return FindType(TARGETS, name, family);
}

std::string_view
NfMatchNameOf(std::string_view name)
{
    return name == "icmpv6" || name == "ipv6-icmp" ? std::string_view("icmp6") : name;
}

const IpSetType*
NfFindIpSetType(std::string_view name)
{
    for (const IpSetType* type : SET_TYPES)
    {
        if (name == type->name || name == type->alias)
        {
            return type;
        }
    }
    return nullptr;
}

std::vector<const IpSetType*>
NfGetIpSetTypes()
{
    return {std::begin(SET_TYPES), std::end(SET_TYPES)};
}

const NfCommand*
NfFindCommand(std::string_view name)
{
    for (const NfCommand* command : COMMANDS)
    {
        if (name == command->name)
        {
            return command;
        }
    }
    return nullptr;
}

} // namespace ns3
