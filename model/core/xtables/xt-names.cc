/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-names.h"

/**
 * @file
 * Names of ports and protocols. A simulation must not depend on the files of the machine it runs
 * on, so the names of a Debian 12 (IANA's, with the usual aliases) are here.
 */

namespace ns3
{
namespace
{

/// Transport protocols a service name is valid for.
enum Transport : uint8_t
{
    T = 1, //!< TCP
    U = 2, //!< UDP
    S = 4, //!< SCTP
    D = 8, //!< DCCP
    ANY = T | U | S | D,
};

struct Service
{
    std::string_view name;
    uint16_t port;
    uint8_t transports;
    bool alias{false}; //!< found by name, never shown
};

// clang-format off
constexpr Service SERVICES[] = {
    {"tcpmux", 1, T},
    {"echo", 7, T | U},
    {"discard", 9, T | U},
    {"sink", 9, T | U, true},
    {"null", 9, T | U, true},
    {"systat", 11, T},
    {"users", 11, T, true},
    {"daytime", 13, T | U},
    {"netstat", 15, T},
    {"qotd", 17, T},
    {"quote", 17, T, true},
    {"chargen", 19, T | U},
    {"ttytst", 19, T | U, true},
    {"source", 19, T | U, true},
    {"ftp-data", 20, T},
    {"ftp", 21, T},
    {"fsp", 21, U},
    {"fspd", 21, U, true},
    {"ssh", 22, T},
    {"telnet", 23, T},
    {"smtp", 25, T},
    {"mail", 25, T, true},
    {"time", 37, T | U},
    {"timserver", 37, T | U, true},
    {"whois", 43, T},
    {"nicname", 43, T, true},
    {"tacacs", 49, T | U},
    {"domain", 53, T | U},
    {"bootps", 67, U},
    {"bootpc", 68, U},
    {"tftp", 69, U},
    {"gopher", 70, T},
    {"finger", 79, T},
    {"http", 80, T},
    {"www", 80, T, true},
    {"kerberos", 88, T | U},
    {"kerberos5", 88, T | U, true},
    {"krb5", 88, T | U, true},
    {"kerberos-sec", 88, T | U, true},
    {"iso-tsap", 102, T},
    {"tsap", 102, T, true},
    {"acr-nema", 104, T},
    {"dicom", 104, T, true},
    {"pop3", 110, T},
    {"pop-3", 110, T, true},
    {"sunrpc", 111, T | U},
    {"portmapper", 111, T | U, true},
    {"auth", 113, T},
    {"authentication", 113, T, true},
    {"tap", 113, T, true},
    {"ident", 113, T, true},
    {"nntp", 119, T},
    {"readnews", 119, T, true},
    {"untp", 119, T, true},
    {"ntp", 123, U},
    {"epmap", 135, T},
    {"loc-srv", 135, T, true},
    {"netbios-ns", 137, U},
    {"netbios-dgm", 138, U},
    {"netbios-ssn", 139, T},
    {"imap2", 143, T},
    {"imap", 143, T, true},
    {"snmp", 161, T | U},
    {"snmp-trap", 162, T | U},
    {"snmptrap", 162, T | U, true},
    {"cmip-man", 163, T | U},
    {"cmip-agent", 164, T | U},
    {"mailq", 174, T},
    {"xdmcp", 177, U},
    {"bgp", 179, T},
    {"smux", 199, T},
    {"qmtp", 209, T},
    {"z3950", 210, T},
    {"wais", 210, T, true},
    {"ipx", 213, U},
    {"ptp-event", 319, U},
    {"ptp-general", 320, U},
    {"pawserv", 345, T},
    {"zserv", 346, T},
    {"rpc2portmap", 369, T | U},
    {"codaauth2", 370, T | U},
    {"clearcase", 371, U},
    {"Clearcase", 371, U, true},
    {"ldap", 389, T | U},
    {"svrloc", 427, T | U},
    {"https", 443, T | U},
    {"snpp", 444, T},
    {"microsoft-ds", 445, T},
    {"kpasswd", 464, T | U},
    {"submissions", 465, T},
    {"ssmtp", 465, T, true},
    {"smtps", 465, T, true},
    {"urd", 465, T, true},
    {"saft", 487, T},
    {"isakmp", 500, U},
    {"rtsp", 554, T | U},
    {"nqs", 607, T},
    {"asf-rmcp", 623, U},
    {"qmqp", 628, T},
    {"ipp", 631, T},
    {"ldp", 646, T | U},
    {"exec", 512, T},
    {"biff", 512, U},
    {"comsat", 512, U, true},
    {"login", 513, T},
    {"who", 513, U},
    {"whod", 513, U, true},
    {"shell", 514, T},
    {"cmd", 514, T, true},
    {"syslog", 514, T, true},
    {"syslog", 514, U},
    {"printer", 515, T},
    {"spooler", 515, T, true},
    {"talk", 517, U},
    {"ntalk", 518, U},
    {"route", 520, U},
    {"router", 520, U, true},
    {"routed", 520, U, true},
    {"gdomap", 538, T | U},
    {"uucp", 540, T},
    {"uucpd", 540, T, true},
    {"klogin", 543, T},
    {"kshell", 544, T},
    {"krcmd", 544, T, true},
    {"dhcpv6-client", 546, U},
    {"dhcpv6-server", 547, U},
    {"afpovertcp", 548, T},
    {"nntps", 563, T},
    {"snntp", 563, T, true},
    {"submission", 587, T},
    {"ldaps", 636, T | U},
    {"tinc", 655, T | U},
    {"silc", 706, T},
    {"kerberos-adm", 749, T},
    {"domain-s", 853, T | U},
    {"rsync", 873, T},
    {"ftps-data", 989, T},
    {"ftps", 990, T},
    {"telnets", 992, T},
    {"imaps", 993, T},
    {"pop3s", 995, T},
    {"socks", 1080, T},
    {"proofd", 1093, T},
    {"rootd", 1094, T},
    {"openvpn", 1194, T | U},
    {"rmiregistry", 1099, T},
    {"lotusnote", 1352, T},
    {"lotusnotes", 1352, T, true},
    {"ms-sql-s", 1433, T},
    {"ms-sql-m", 1434, U},
    {"ingreslock", 1524, T},
    {"datametrics", 1645, T | U},
    {"old-radius", 1645, T | U, true},
    {"sa-msg-port", 1646, T | U},
    {"old-radacct", 1646, T | U, true},
    {"kermit", 1649, T},
    {"groupwise", 1677, T},
    {"l2f", 1701, U},
    {"l2tp", 1701, U, true},
    {"radius", 1812, T | U},
    {"radius-acct", 1813, T | U},
    {"radacct", 1813, T | U, true},
    {"cisco-sccp", 2000, T},
    {"nfs", 2049, T | U},
    {"gnunet", 2086, T | U},
    {"rtcm-sc104", 2101, T | U},
    {"gsigatekeeper", 2119, T},
    {"gris", 2135, T},
    {"cvspserver", 2401, T},
    {"venus", 2430, T | U},
    {"venus-se", 2431, T | U},
    {"codasrv", 2432, T | U},
    {"codasrv-se", 2433, T | U},
    {"mon", 2583, T | U},
    {"dict", 2628, T},
    {"f5-globalsite", 2792, T},
    {"gsiftp", 2811, T},
    {"gpsd", 2947, T},
    {"gds-db", 3050, T},
    {"gds_db", 3050, T, true},
    {"icpv2", 3130, U},
    {"icp", 3130, U, true},
    {"isns", 3205, T | U},
    {"iscsi-target", 3260, T},
    {"mysql", 3306, T},
    {"ms-wbt-server", 3389, T},
    {"nut", 3493, T | U},
    {"distcc", 3632, T},
    {"daap", 3689, T},
    {"svn", 3690, T},
    {"subversion", 3690, T, true},
    {"suucp", 4031, T},
    {"sysrqd", 4094, T},
    {"sieve", 4190, T},
    {"epmd", 4369, T},
    {"remctl", 4373, T},
    {"f5-iquery", 4353, T},
    {"ntske", 4460, T},
    {"ipsec-nat-t", 4500, U},
    {"iax", 4569, U},
    {"mtn", 4691, T},
    {"radmin-port", 4899, T},
    {"sip", 5060, T | U},
    {"sip-tls", 5061, T | U},
    {"xmpp-client", 5222, T},
    {"jabber-client", 5222, T, true},
    {"xmpp-server", 5269, T},
    {"jabber-server", 5269, T, true},
    {"cfengine", 5308, T},
    {"mdns", 5353, U},
    {"postgresql", 5432, T},
    {"postgres", 5432, T, true},
    {"freeciv", 5556, T},
    {"rptp", 5556, T, true},
    {"amqps", 5671, T},
    {"amqp", 5672, T | S},
    {"x11", 6000, T},
    {"x11-0", 6000, T, true},
    {"x11-1", 6001, T},
    {"x11-2", 6002, T},
    {"x11-3", 6003, T},
    {"x11-4", 6004, T},
    {"x11-5", 6005, T},
    {"x11-6", 6006, T},
    {"x11-7", 6007, T},
    {"gnutella-svc", 6346, T | U},
    {"gnutella-rtr", 6347, T | U},
    {"redis", 6379, T},
    {"sge-qmaster", 6444, T},
    {"sge_qmaster", 6444, T, true},
    {"sge-execd", 6445, T},
    {"sge_execd", 6445, T, true},
    {"mysql-proxy", 6446, T},
    {"babel", 6696, U},
    {"ircs-u", 6697, T},
    {"bbs", 7000, T},
    {"afs3-fileserver", 7000, U},
    {"afs3-callback", 7001, U},
    {"afs3-prserver", 7002, U},
    {"afs3-vlserver", 7003, U},
    {"afs3-kaserver", 7004, U},
    {"afs3-volser", 7005, U},
    {"afs3-bos", 7007, U},
    {"afs3-update", 7008, U},
    {"afs3-rmtsys", 7009, U},
    {"font-service", 7100, T},
    {"xfs", 7100, T, true},
    {"http-alt", 8080, T},
    {"webcache", 8080, T, true},
    {"puppet", 8140, T},
    {"bacula-dir", 9101, T},
    {"bacula-fd", 9102, T},
    {"bacula-sd", 9103, T},
    {"xmms2", 9667, T},
    {"nbd", 10809, T},
    {"zabbix-agent", 10050, T},
    {"zabbix-trapper", 10051, T},
    {"amanda", 10080, T},
    {"dicom", 11112, T},
    {"hkp", 11371, T},
    {"db-lsp", 17500, T},
    {"dcap", 22125, T},
    {"gsidcap", 22128, T},
    {"wnn6", 22273, T},
    {"kerberos4", 750, T | U},
    {"kerberos-iv", 750, T | U, true},
    {"kdc", 750, T | U, true},
    {"kerberos-master", 751, T | U},
    {"kerberos_master", 751, U, true},
    {"passwd-server", 752, U},
    {"passwd_server", 752, U, true},
    {"krb-prop", 754, T},
    {"krb_prop", 754, T, true},
    {"krb5_prop", 754, T, true},
    {"hprop", 754, T, true},
    {"zephyr-srv", 2102, U},
    {"zephyr-clt", 2103, U},
    {"zephyr-hm", 2104, U},
    {"iprop", 2121, T},
    {"supfilesrv", 871, T},
    {"supfiledbg", 1127, T},
    {"poppassd", 106, T},
    {"moira-db", 775, T},
    {"moira_db", 775, T, true},
    {"moira-update", 777, T},
    {"moira_update", 777, T, true},
    {"moira-ureg", 779, U},
    {"moira_ureg", 779, U, true},
    {"spamd", 783, T},
    {"skkserv", 1178, T},
    {"predict", 1210, U},
    {"rmtcfg", 1236, T},
    {"xtel", 1313, T},
    {"xtelw", 1314, T},
    {"zebrasrv", 2600, T},
    {"zebra", 2601, T},
    {"ripd", 2602, T},
    {"ripngd", 2603, T},
    {"ospfd", 2604, T},
    {"bgpd", 2605, T},
    {"ospf6d", 2606, T},
    {"ospfapi", 2607, T},
    {"isisd", 2608, T},
    {"fax", 4557, T},
    {"hylafax", 4559, T},
    {"munin", 4949, T},
    {"lrrd", 4949, T, true},
    {"rplay", 5555, U},
    {"nrpe", 5666, T},
    {"nsca", 5667, T},
    {"canna", 5680, T},
    {"syslog-tls", 6514, T},
    {"sane-port", 6566, T},
    {"sane", 6566, T, true},
    {"saned", 6566, T, true},
    {"ircd", 6667, T},
    {"zope-ftp", 8021, T},
    {"tproxy", 8081, T},
    {"omniorb", 8088, T},
    {"clc-build-daemon", 8990, T},
    {"xinetd", 9098, T},
    {"git", 9418, T},
    {"zope", 9673, T},
    {"webmin", 10000, T},
    {"kamanda", 10081, T},
    {"amandaidx", 10082, T},
    {"amidxtape", 10083, T},
    {"sgi-cmsd", 17001, U},
    {"sgi-crsd", 17002, U},
    {"sgi-gcd", 17003, U},
    {"sgi-cad", 17004, T},
    {"binkp", 24554, T},
    {"asp", 27374, T | U},
    {"csync2", 30865, T},
    {"dircproxy", 57000, T},
    {"tfido", 60177, T},
    {"fido", 60179, T},
};

// clang-format on

struct Protocol
{
    std::string_view name;
    uint8_t number;
};

// The first row of a number has the name that is shown. 0 is "all" for iptables, never a name.
// clang-format off
constexpr Protocol PROTOCOLS[] = {
    {"icmp", 1},
    {"igmp", 2},
    {"ggp", 3},
    {"ipencap", 4},
    {"st", 5},
    {"tcp", 6},
    {"egp", 8},
    {"igp", 9},
    {"pup", 12},
    {"udp", 17},
    {"hmp", 20},
    {"xns-idp", 22},
    {"rdp", 27},
    {"iso-tp4", 29},
    {"dccp", 33},
    {"xtp", 36},
    {"ddp", 37},
    {"idpr-cmtp", 38},
    {"ipv6", 41},
    {"ipv6-route", 43},
    {"ipv6-frag", 44},
    {"idrp", 45},
    {"rsvp", 46},
    {"gre", 47},
    {"esp", 50},
    {"ah", 51},
    {"skip", 57},
    {"ipv6-icmp", 58},
    {"ipv6-nonxt", 59},
    {"ipv6-opts", 60},
    {"rspf", 73},
    {"vmtp", 81},
    {"eigrp", 88},
    {"ospf", 89},
    {"ax.25", 93},
    {"ipip", 94},
    {"etherip", 97},
    {"encap", 98},
    {"pim", 103},
    {"ipcomp", 108},
    {"vrrp", 112},
    {"l2tp", 115},
    {"isis", 124},
    {"sctp", 132},
    {"fc", 133},
    {"mobility-header", 135},
    {"udplite", 136},
    {"mpls-in-ip", 137},
    {"manet", 138},
    {"hip", 139},
    {"shim6", 140},
    {"wesp", 141},
    {"rohc", 142},
    {"ethernet", 143},
    {"ip", 0},
    {"hopopt", 0},
    {"all", 0},
    {"icmpv6", 58},
    {"ipv6-mh", 135},
    {"mh", 135},
};

// clang-format on

uint8_t
TransportOf(uint8_t protocol)
{
    switch (protocol)
    {
    case 6:
        return T;
    case 17:
        return U;
    case 132:
        return S;
    case 33:
        return D;
    default:
        return protocol == 0 ? ANY : 0;
    }
}

uint8_t
TransportOf(const char* protocol)
{
    if (!protocol)
    {
        return ANY;
    }
    const auto number = XtProtocolNumber(protocol);
    return number ? TransportOf(*number) : 0;
}

} // namespace

std::optional<uint16_t>
XtServicePort(std::string_view name, const char* protocol)
{
    const uint8_t wanted = TransportOf(protocol);
    for (const Service& service : SERVICES)
    {
        if (service.name == name && (service.transports & wanted))
        {
            return service.port;
        }
    }
    return std::nullopt;
}

std::string_view
XtServiceName(uint16_t port, uint8_t protocol)
{
    const uint8_t wanted = TransportOf(protocol);
    for (const Service& service : SERVICES)
    {
        if (service.port == port && !service.alias && (service.transports & wanted))
        {
            return service.name;
        }
    }
    return {};
}

std::optional<uint8_t>
XtProtocolNumber(std::string_view name)
{
    for (const Protocol& protocol : PROTOCOLS)
    {
        if (protocol.name == name)
        {
            return protocol.number;
        }
    }
    return std::nullopt;
}

std::string_view
XtProtocolName(uint8_t number)
{
    if (number == 0)
    {
        return {};
    }
    for (const Protocol& protocol : PROTOCOLS)
    {
        if (protocol.number == number)
        {
            return protocol.name;
        }
    }
    return {};
}

} // namespace ns3
