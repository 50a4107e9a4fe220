/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-options.h"

#include "../xtables/xt-names.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ns3
{

namespace
{

using F = NfConntrackField;

// Rules have a digit for each act, in the order of NfConntrackAct.
struct Option
{
    std::string_view name; //!< as messages call it
    std::string_view rules;
};

/// By NfConntrackOpt, the order in which the tool checks them.
constexpr std::array OPTIONS = {
    Option{"src", "23223020001110000003"},        Option{"dst", "23223020001110000003"},
    Option{"reply-src", "23223020002220000003"},  Option{"reply-dst", "23223020002220000003"},
    Option{"protonum", "21221020201110000001"},   Option{"timeout", "01220000001000000001"},
    Option{"status", "22220000002000000002"},     Option{"zero", "20000000000000000000"},
    Option{"event-mask", "00000020000000000000"}, Option{"tuple-src", "00000000001000000000"},
    Option{"tuple-dst", "00000000001000000000"},  Option{"mask-src", "20220020001000000000"},
    Option{"mask-dst", "20220020001000000000"},   Option{"nat-range", "02000000000000000002"},
    Option{"mark", "22220020000000000002"},       Option{"id", "00222000000000000000"},
    Option{"family", "20220220020000000000"},     Option{"src-nat", "22220020000000000002"},
    Option{"dst-nat", "22220020000000000002"},    Option{"output", "20222020020000200000"},
    Option{"secmark", "20000020000000000000"},    Option{"buffer-size", "00000020000000000000"},
    Option{"any-nat", "20000020000000000000"},    Option{"zone", "22020020000000000002"},
    Option{"label", "20222020000000000000"},      Option{"label-add", "02200000000000000002"},
    Option{"label-del", "00200000000000000000"},  Option{"orig-zone", "22020020000000000002"},
    Option{"reply-zone", "22020020000000000002"},
};

struct Letter
{
    std::string_view name;
    NfOptArg arg;
    char letter;
};

/// Long options in the tool's order; messages name a letter by its first one.
constexpr std::array LETTERS = {
    Letter{"dump", NfOptArg::OPTIONAL, 'L'},       Letter{"create", NfOptArg::OPTIONAL, 'I'},
    Letter{"add", NfOptArg::OPTIONAL, 'A'},        Letter{"delete", NfOptArg::OPTIONAL, 'D'},
    Letter{"update", NfOptArg::OPTIONAL, 'U'},     Letter{"get", NfOptArg::OPTIONAL, 'G'},
    Letter{"flush", NfOptArg::OPTIONAL, 'F'},      Letter{"event", NfOptArg::OPTIONAL, 'E'},
    Letter{"counter", NfOptArg::OPTIONAL, 'C'},    Letter{"stats", NfOptArg::NONE, 'S'},
    Letter{"version", NfOptArg::NONE, 'V'},        Letter{"help", NfOptArg::NONE, 'h'},
    Letter{"orig-src", NfOptArg::REQUIRED, 's'},   Letter{"src", NfOptArg::REQUIRED, 's'},
    Letter{"orig-dst", NfOptArg::REQUIRED, 'd'},   Letter{"dst", NfOptArg::REQUIRED, 'd'},
    Letter{"reply-src", NfOptArg::REQUIRED, 'r'},  Letter{"reply-dst", NfOptArg::REQUIRED, 'q'},
    Letter{"protonum", NfOptArg::REQUIRED, 'p'},   Letter{"timeout", NfOptArg::REQUIRED, 't'},
    Letter{"status", NfOptArg::REQUIRED, 'u'},     Letter{"zero", NfOptArg::NONE, 'z'},
    Letter{"event-mask", NfOptArg::REQUIRED, 'e'}, Letter{"tuple-src", NfOptArg::REQUIRED, '['},
    Letter{"tuple-dst", NfOptArg::REQUIRED, ']'},  Letter{"mask-src", NfOptArg::REQUIRED, '{'},
    Letter{"mask-dst", NfOptArg::REQUIRED, '}'},   Letter{"nat-range", NfOptArg::REQUIRED, 'a'},
    Letter{"mark", NfOptArg::REQUIRED, 'm'},       Letter{"secmark", NfOptArg::REQUIRED, 'c'},
    Letter{"id", NfOptArg::OPTIONAL, 'i'},         Letter{"family", NfOptArg::REQUIRED, 'f'},
    Letter{"src-nat", NfOptArg::OPTIONAL, 'n'},    Letter{"dst-nat", NfOptArg::OPTIONAL, 'g'},
    Letter{"output", NfOptArg::REQUIRED, 'o'},     Letter{"buffer-size", NfOptArg::REQUIRED, 'b'},
    Letter{"any-nat", NfOptArg::OPTIONAL, 'j'},    Letter{"zone", NfOptArg::REQUIRED, 'w'},
    Letter{"label", NfOptArg::REQUIRED, 'l'},      Letter{"label-add", NfOptArg::REQUIRED, '<'},
    Letter{"label-del", NfOptArg::OPTIONAL, '>'},  Letter{"orig-zone", NfOptArg::REQUIRED, '('},
    Letter{"reply-zone", NfOptArg::REQUIRED, ')'},
};

constexpr std::array UDP_OPTIONS = {
    NfConntrackProtocolOption{"sport", "orig-port-src", F::SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"dport", "orig-port-dst", F::DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-port-src", {}, F::REPLY_SPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"reply-port-dst", {}, F::REPLY_DPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"mask-port-src", {}, F::MASK_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"mask-port-dst", {}, F::MASK_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-port-src", {}, F::TUPLE_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-port-dst", {}, F::TUPLE_DPORT, "00000000001000000000"},
};
constexpr std::array TCP_OPTIONS = {
    NfConntrackProtocolOption{"sport", "orig-port-src", F::SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"dport", "orig-port-dst", F::DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-port-src", {}, F::REPLY_SPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"reply-port-dst", {}, F::REPLY_DPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"mask-port-src", {}, F::MASK_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"mask-port-dst", {}, F::MASK_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"state", {}, F::STATE, "21222020000000000001"},
    NfConntrackProtocolOption{"tuple-port-src", {}, F::TUPLE_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-port-dst", {}, F::TUPLE_DPORT, "00000000001000000000"},
};
constexpr std::array DCCP_OPTIONS = {
    NfConntrackProtocolOption{"sport", "orig-port-src", F::SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"dport", "orig-port-dst", F::DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-port-src", {}, F::REPLY_SPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"reply-port-dst", {}, F::REPLY_DPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"mask-port-src", {}, F::MASK_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"mask-port-dst", {}, F::MASK_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"state", {}, F::STATE, "21222020000000000001"},
    NfConntrackProtocolOption{"tuple-port-src", {}, F::TUPLE_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-port-dst", {}, F::TUPLE_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"role", {}, F::ROLE, "01000000001000000001"},
};
constexpr std::array SCTP_OPTIONS = {
    NfConntrackProtocolOption{"sport", "orig-port-src", F::SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"dport", "orig-port-dst", F::DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-port-src", {}, F::REPLY_SPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"reply-port-dst", {}, F::REPLY_DPORT, "23223020000110000003"},
    NfConntrackProtocolOption{"mask-port-src", {}, F::MASK_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"mask-port-dst", {}, F::MASK_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"state", {}, F::STATE, "21222020000000000001"},
    NfConntrackProtocolOption{"tuple-port-src", {}, F::TUPLE_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-port-dst", {}, F::TUPLE_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"orig-vtag", {}, F::ORIG_VTAG, "01202000001000000001"},
    NfConntrackProtocolOption{"reply-vtag", {}, F::REPLY_VTAG, "01202000001000000001"},
};
constexpr std::array GRE_OPTIONS = {
    NfConntrackProtocolOption{"srckey", "orig-key-src", F::SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"dstkey", "orig-key-dst", F::DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-key-src", {}, F::REPLY_SPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"reply-key-dst", {}, F::REPLY_DPORT, "23223020001110000003"},
    NfConntrackProtocolOption{"mask-key-src", {}, F::MASK_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"mask-key-dst", {}, F::MASK_DPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-key-src", {}, F::TUPLE_SPORT, "00000000001000000000"},
    NfConntrackProtocolOption{"tuple-key-dst", {}, F::TUPLE_DPORT, "00000000001000000000"},
};
constexpr std::array ICMP_OPTIONS = {
    NfConntrackProtocolOption{"icmp-type", {}, F::ICMP_TYPE, "21221020000000000001"},
    NfConntrackProtocolOption{"icmp-code", {}, F::ICMP_CODE, "21221020000000000001"},
    NfConntrackProtocolOption{"icmp-id", {}, F::ICMP_ID, "22222020000000000002"},
};
constexpr std::array ICMPV6_OPTIONS = {
    NfConntrackProtocolOption{"icmpv6-type", {}, F::ICMP_TYPE, "21221020000000000001"},
    NfConntrackProtocolOption{"icmpv6-code", {}, F::ICMP_CODE, "21221020000000000001"},
    NfConntrackProtocolOption{"icmpv6-id", {}, F::ICMP_ID, "22222020000000000002"},
};

constexpr std::array<std::string_view, 10> TCP_STATES = {"NONE",
                                                         "SYN_SENT",
                                                         "SYN_RECV",
                                                         "ESTABLISHED",
                                                         "FIN_WAIT",
                                                         "CLOSE_WAIT",
                                                         "LAST_ACK",
                                                         "TIME_WAIT",
                                                         "CLOSE",
                                                         "SYN_SENT2"};
constexpr std::array<std::string_view, 8> SCTP_STATES = {"NONE",
                                                         "CLOSED",
                                                         "COOKIE_WAIT",
                                                         "COOKIE_ECHOED",
                                                         "ESTABLISHED",
                                                         "SHUTDOWN_SENT",
                                                         "SHUTDOWN_RECD",
                                                         "SHUTDOWN_ACK_SENT"};
constexpr std::array<std::string_view, 10> DCCP_STATES = {"NONE",
                                                          "REQUEST",
                                                          "RESPOND",
                                                          "PARTOPEN",
                                                          "OPEN",
                                                          "CLOSEREQ",
                                                          "CLOSING",
                                                          "TIMEWAIT",
                                                          "IGNORE",
                                                          "INVALID"};

constexpr const char* TCP_HELP = "  --orig-port-src\t\toriginal source port\n"
                                 "  --orig-port-dst\t\toriginal destination port\n"
                                 "  --reply-port-src\t\treply source port\n"
                                 "  --reply-port-dst\t\treply destination port\n"
                                 "  --mask-port-src\t\tmask source port\n"
                                 "  --mask-port-dst\t\tmask destination port\n"
                                 "  --tuple-port-src\t\texpectation tuple src port\n"
                                 "  --tuple-port-src\t\texpectation tuple dst port\n"
                                 "  --state\t\t\tTCP state, fe. ESTABLISHED\n";

constexpr const char* UDP_HELP = "  --orig-port-src\t\toriginal source port\n"
                                 "  --orig-port-dst\t\toriginal destination port\n"
                                 "  --reply-port-src\t\treply source port\n"
                                 "  --reply-port-dst\t\treply destination port\n"
                                 "  --mask-port-src\t\tmask source port\n"
                                 "  --mask-port-dst\t\tmask destination port\n"
                                 "  --tuple-port-src\t\texpectation tuple src port\n"
                                 "  --tuple-port-src\t\texpectation tuple dst port\n";

constexpr const char* DCCP_HELP = "  --orig-port-src\t\toriginal source port\n"
                                  "  --orig-port-dst\t\toriginal destination port\n"
                                  "  --reply-port-src\t\treply source port\n"
                                  "  --reply-port-dst\t\treply destination port\n"
                                  "  --mask-port-src\t\tmask source port\n"
                                  "  --mask-port-dst\t\tmask destination port\n"
                                  "  --tuple-port-src\t\texpectation tuple src port\n"
                                  "  --tuple-port-src\t\texpectation tuple dst port\n"
                                  "  --state\t\t\tDCCP state, fe. RESPOND\n";

constexpr const char* SCTP_HELP = "  --orig-port-src\t\toriginal source port\n"
                                  "  --orig-port-dst\t\toriginal destination port\n"
                                  "  --reply-port-src\t\treply source port\n"
                                  "  --reply-port-dst\t\treply destination port\n"
                                  "  --mask-port-src\t\tmask source port\n"
                                  "  --mask-port-dst\t\tmask destination port\n"
                                  "  --tuple-port-src\t\texpectation tuple src port\n"
                                  "  --tuple-port-src\t\texpectation tuple dst port\n"
                                  "  --state\t\t\tSCTP state, fe. ESTABLISHED\n"
                                  "  --orig-vtag\t\toriginal verification tag\n"
                                  "  --reply-vtag\t\treply verification tag\n";

constexpr const char* GRE_HELP = "  --orig-key-src\t\toriginal source key\n"
                                 "  --orig-key-dst\t\toriginal destination key\n"
                                 "  --reply-key-src\t\treply source key\n"
                                 "  --reply-key-dst\t\treply destination key\n"
                                 "  --mask-key-src\t\tmask source key\n"
                                 "  --mask-key-dst\t\tmask destination key\n"
                                 "  --tuple-key-src\t\texpectation tuple src key\n"
                                 "  --tuple-key-src\t\texpectation tuple dst key\n";

constexpr const char* ICMP_HELP = "  --icmp-type\t\t\ticmp type\n"
                                  "  --icmp-code\t\t\ticmp code\n"
                                  "  --icmp-id\t\t\ticmp id\n";

constexpr const char* ICMPV6_HELP = "  --icmpv6-type\t\t\ticmpv6 type\n"
                                    "  --icmpv6-code\t\t\ticmpv6 code\n"
                                    "  --icmpv6-id\t\t\ticmpv6 id\n";

constexpr const char* NO_PORTS = "you have to specify `--sport' and `--dport'";
constexpr const char* NO_REPLY_PORTS =
    "you have to specify `--reply-src-port' and `--reply-dst-port'";
constexpr const char* NO_DCCP_REPLY_PORTS =
    "you have to specify `--reply-port-src' and `--report-port-dst'";
constexpr const char* NO_KEYS = "you have to specify `--srckey' and `--dstkey'";
constexpr const char* NO_REPLY_KEYS = "you have to specify `--reply-src-key' and `--reply-dst-key'";

constexpr std::array PROTOCOLS = {
    NfConntrackProtocol{"tcp",
                        NF_IPPROTO_TCP,
                        TCP_OPTIONS.data(),
                        TCP_OPTIONS.size(),
                        NO_PORTS,
                        NO_REPLY_PORTS,
                        TCP_STATES.data(),
                        TCP_STATES.size(),
                        "unknown TCP state",
                        TCP_HELP},
    NfConntrackProtocol{"udp",
                        NF_IPPROTO_UDP,
                        UDP_OPTIONS.data(),
                        UDP_OPTIONS.size(),
                        NO_PORTS,
                        NO_REPLY_PORTS,
                        nullptr,
                        0,
                        nullptr,
                        UDP_HELP},
    NfConntrackProtocol{"udplite",
                        NF_IPPROTO_UDPLITE,
                        UDP_OPTIONS.data(),
                        UDP_OPTIONS.size(),
                        NO_PORTS,
                        NO_REPLY_PORTS,
                        nullptr,
                        0,
                        nullptr,
                        UDP_HELP},
    NfConntrackProtocol{"sctp",
                        NF_IPPROTO_SCTP,
                        SCTP_OPTIONS.data(),
                        SCTP_OPTIONS.size(),
                        NO_PORTS,
                        NO_REPLY_PORTS,
                        SCTP_STATES.data(),
                        SCTP_STATES.size(),
                        "unknown SCTP state",
                        SCTP_HELP},
    NfConntrackProtocol{"dccp",
                        NF_IPPROTO_DCCP,
                        DCCP_OPTIONS.data(),
                        DCCP_OPTIONS.size(),
                        NO_PORTS,
                        NO_DCCP_REPLY_PORTS,
                        DCCP_STATES.data(),
                        DCCP_STATES.size(),
                        "Unknown DCCP state",
                        DCCP_HELP},
    NfConntrackProtocol{"icmp",
                        NF_IPPROTO_ICMP,
                        ICMP_OPTIONS.data(),
                        ICMP_OPTIONS.size(),
                        nullptr,
                        nullptr,
                        nullptr,
                        0,
                        nullptr,
                        ICMP_HELP},
    NfConntrackProtocol{"icmpv6",
                        NF_IPPROTO_ICMPV6,
                        ICMPV6_OPTIONS.data(),
                        ICMPV6_OPTIONS.size(),
                        nullptr,
                        nullptr,
                        nullptr,
                        0,
                        nullptr,
                        ICMPV6_HELP},
    NfConntrackProtocol{"gre",
                        NF_IPPROTO_GRE,
                        GRE_OPTIONS.data(),
                        GRE_OPTIONS.size(),
                        NO_KEYS,
                        NO_REPLY_KEYS,
                        nullptr,
                        0,
                        nullptr,
                        GRE_HELP},
};

constexpr const char* USAGE =
    "Command line interface for the connection tracking system. Version 1.4.7\n"
    "Usage: conntrack [commands] [options]\n"
    "\n"
    "Commands:\n"
    "  -L [table] [options]\t\tList conntrack or expectation table\n"
    "  -G [table] parameters\t\tGet conntrack or expectation\n"
    "  -D [table] parameters\t\tDelete conntrack or expectation\n"
    "  -I [table] parameters\t\tCreate a conntrack or expectation\n"
    "  -U [table] parameters\t\tUpdate a conntrack\n"
    "  -E [table] [options]\t\tShow events\n"
    "  -F [table]\t\t\tFlush table\n"
    "  -C [table]\t\t\tShow counter\n"
    "  -S\t\t\t\tShow statistics\n"
    "\n"
    "Tables: conntrack, expect, dying, unconfirmed\n"
    "\n"
    "Conntrack parameters and options:\n"
    "  -n, --src-nat ip\t\t\tsource NAT ip\n"
    "  -g, --dst-nat ip\t\t\tdestination NAT ip\n"
    "  -j, --any-nat ip\t\t\tsource or destination NAT ip\n"
    "  -m, --mark mark\t\t\tSet mark\n"
    "  -c, --secmark secmark\t\t\tSet selinux secmark\n"
    "  -e, --event-mask eventmask\t\tEvent mask, eg. NEW,DESTROY\n"
    "  -z, --zero \t\t\t\tZero counters while listing\n"
    "  -o, --output type[,...]\t\tOutput format, eg. xml\n"
    "  -l, --label label[,...]\t\tconntrack labels\n"
    "\n"
    "Expectation parameters and options:\n"
    "  --tuple-src ip\tSource address in expect tuple\n"
    "  --tuple-dst ip\tDestination address in expect tuple\n"
    "\n"
    "Updating parameters and options:\n"
    "  --label-add label\tAdd label\n"
    "  --label-del label\tDelete label\n"
    "\n"
    "Common parameters and options:\n"
    "  -s, --src, --orig-src ip\t\tSource address from original direction\n"
    "  -d, --dst, --orig-dst ip\t\tDestination address from original direction\n"
    "  -r, --reply-src ip\t\tSource addres from reply direction\n"
    "  -q, --reply-dst ip\t\tDestination address from reply direction\n"
    "  -p, --protonum proto\t\tLayer 4 Protocol, eg. 'tcp'\n"
    "  -f, --family proto\t\tLayer 3 Protocol, eg. 'ipv6'\n"
    "  -t, --timeout timeout\t\tSet timeout\n"
    "  -u, --status status\t\tSet status, eg. ASSURED\n"
    "  -w, --zone value\t\tSet conntrack zone\n"
    "  --orig-zone value\t\tSet zone for original direction\n"
    "  --reply-zone value\t\tSet zone for reply direction\n"
    "  -b, --buffer-size\t\tNetlink socket buffer size\n"
    "  --mask-src ip\t\t\tSource mask address\n"
    "  --mask-dst ip\t\t\tDestination mask address\n"
    "\n";

std::string
Lower(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    });
    return lower;
}

/// A list of options with what was given, as both checks see it.
class Checker
{
  public:
    Checker(NfConntrackAct act, uint32_t given)
        : m_act(act),
          m_given(given)
    {
    }

    /// @param bit of the option @param rules of it @param name in messages
    void See(size_t bit, std::string_view rules, std::string_view name)
    {
        const auto index = static_cast<size_t>(m_act);
        const char rule = index < rules.size() ? rules[index] : '0';
        const bool given = m_given >> bit & 1;
        m_paired = m_paired || rule == '3';
        if (m_message)
        {
            return;
        }
        if (!given && rule == '1')
        {
            m_message = fmt::format("You need to supply the `--{}' option for this command", name);
        }
        else if (given && rule == '0')
        {
            m_message = fmt::format("Illegal option `--{}' with this command", name);
        }
    }

    /// The first four options come as two pairs, one of which must be whole.
    void SeePairs(const char* missing, const char* missingReply)
    {
        const uint32_t orig = m_given & 3;
        const uint32_t reply = m_given >> 2 & 3;
        if (!m_message && m_paired && orig != 3 && reply != 3)
        {
            m_message = orig == 0 && reply != 0 ? missingReply : missing;
        }
    }

    std::optional<std::string> GetMessage() const
    {
        return m_message;
    }

  private:
    NfConntrackAct m_act;
    uint32_t m_given;
    bool m_paired{false};
    std::optional<std::string> m_message; //!< the first one
};

} // namespace

std::optional<NfOptArg>
NfConntrackShortOption(char letter)
{
    // -i needs its argument, --id does not.
    if (letter == 'i')
    {
        return NfOptArg::REQUIRED;
    }
    const auto it = std::find_if(LETTERS.begin(), LETTERS.end(), [letter](const Letter& row) {
        return row.letter == letter;
    });
    return it != LETTERS.end() ? std::optional(it->arg) : std::nullopt;
}

std::optional<NfConntrackLong>
NfConntrackLongOption(std::string_view name, const NfConntrackProtocol* protocol)
{
    std::vector<NfConntrackLong> found;
    bool exact = false;
    const auto see = [&](std::string_view candidate, const NfConntrackLong& option) {
        const bool same = found.size() == 1 && found[0].letter == option.letter &&
                          found[0].own == option.own && found[0].arg == option.arg;
        if (exact || candidate.substr(0, name.size()) != name || candidate.empty())
        {
            return;
        }
        if (candidate == name)
        {
            exact = true;
            found = {option};
        }
        else if (!same)
        {
            found.push_back(option);
        }
    };
    for (const Letter& row : LETTERS)
    {
        see(row.name, {row.arg, row.letter, nullptr});
    }
    for (size_t i = 0; protocol && i < protocol->optionCount; ++i)
    {
        const NfConntrackProtocolOption& option = protocol->options[i];
        see(option.name, {NfOptArg::REQUIRED, '\0', &option});
        see(option.alias, {NfOptArg::REQUIRED, '\0', &option});
    }
    return found.size() == 1 ? std::optional(found[0]) : std::nullopt;
}

std::string_view
NfConntrackLongName(char letter)
{
    const auto it = std::find_if(LETTERS.begin(), LETTERS.end(), [letter](const Letter& row) {
        return row.letter == letter;
    });
    return it != LETTERS.end() ? it->name : std::string_view("unknown");
}

const NfConntrackProtocol*
NfConntrackFindProtocol(std::string_view name)
{
    const std::string lower = Lower(name);
    const auto it = std::find_if(PROTOCOLS.begin(), PROTOCOLS.end(), [&lower](const auto& row) {
        return lower == row.name;
    });
    return it != PROTOCOLS.end() ? &*it : nullptr;
}

const NfConntrackProtocol*
NfConntrackFindProtocol(uint8_t number)
{
    const auto it = std::find_if(PROTOCOLS.begin(), PROTOCOLS.end(), [number](const auto& row) {
        return number == row.number;
    });
    return it != PROTOCOLS.end() ? &*it : nullptr;
}

std::optional<std::string>
NfConntrackCheckOptions(const NfConntrackRequest& request)
{
    Checker checker(request.act, request.options);
    for (size_t i = 0; i < OPTIONS.size(); ++i)
    {
        checker.See(i, OPTIONS[i].rules, OPTIONS[i].name);
    }
    checker.SeePairs("you have to specify `--src' and `--dst'",
                     "you have to specify `--reply-src' and `--reply-dst'");
    return checker.GetMessage();
}

std::optional<std::string>
NfConntrackCheckProtocol(const NfConntrackProtocol& protocol, NfConntrackAct act, uint32_t given)
{
    Checker checker(act, given);
    for (size_t i = 0; i < protocol.optionCount; ++i)
    {
        checker.See(i, protocol.options[i].rules, protocol.options[i].name);
    }
    if (protocol.missing)
    {
        checker.SeePairs(protocol.missing, protocol.missingReply);
    }
    return checker.GetMessage();
}

std::string
NfConntrackUsage(const NfConntrackRequest& request)
{
    if (request.act != NfConntrackAct::HELP || !request.Has(NfConntrackOpt::PROTOCOL))
    {
        return USAGE;
    }
    const NfConntrackProtocol* known = NfConntrackFindProtocol(request.protocol);
    if (known)
    {
        return fmt::format("{}Proto `{}' help:\n{}", USAGE, known->name, known->help);
    }
    const std::string_view name = XtProtocolName(request.protocol);
    return fmt::format("{}Proto `{}' help:\n  no options (unsupported)\n",
                       USAGE,
                       name.empty() ? std::string_view("unknown") : name);
}

} // namespace ns3
