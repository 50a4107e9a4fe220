/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// ip(8) of iproute2 6.1: what a set-up script needs of it.
#include "nf-cmd-ip.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{

namespace
{

constexpr const char* USAGE =
    "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"
    "       ip [ -force ] -batch filename\n"
    "where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |\n"
    "                   link | macsec | maddress | monitor | mptcp | mroute | mrule |\n"
    "                   neighbor | neighbour | netconf | netns | nexthop | ntable |\n"
    "                   ntbl | route | rule | sr | tap | tcpmetrics |\n"
    "                   token | tunnel | tuntap | vrf | xfrm }\n"
    "       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |\n"
    "                    -h[uman-readable] | -iec | -j[son] | -p[retty] |\n"
    "                    -f[amily] { inet | inet6 | mpls | bridge | link } |\n"
    "                    -4 | -6 | -M | -B | -0 |\n"
    "                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |\n"
    "                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |\n"
    "                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |\n"
    "                    -c[olor]}\n";

// In the order in which the tool compares beginnings.
constexpr std::array<std::string_view, 22> OBJECTS = {
    "address",     "addrlabel",  "maddress", "route",  "rule",   "neighbor", "neighbour", "ntable",
    "ntbl",        "link",       "l2tp",     "tunnel", "tunl",   "tuntap",   "tap",       "token",
    "tcp_metrics", "tcpmetrics", "monitor",  "xfrm",   "mroute", "netns"};

std::string_view
ObjectOf(const std::string& word)
{
    for (const std::string_view object : OBJECTS)
    {
        if (NfIpIs(word, object))
        {
            return object;
        }
    }
    return {};
}

/// ip rule: the rules that are always there.
NfCommandResult
Rule(NfIpRequest& request)
{
    const std::string command = request.IsAtEnd() ? "list" : request.Take();
    if (NfIpIs(command, "list") || NfIpIs(command, "lst") || NfIpIs(command, "show"))
    {
        const bool v6 = request.family == NfFamily::IPV6;
        return {0,
                std::string("0:\tfrom all lookup local\n32766:\tfrom all lookup main\n") +
                    (v6 ? "" : "32767:\tfrom all lookup default\n"),
                ""};
    }
    const bool known = NfIpIs(command, "add") || NfIpIs(command, "delete") ||
                       NfIpIs(command, "flush") || NfIpIs(command, "save") ||
                       NfIpIs(command, "restore");
    return known
               ? NfIpNetlinkError(-EOPNOTSUPP)
               : NfIpFail(fmt::format("Command \"{}\" is unknown, try \"ip rule help\".", command),
                          255);
}

/// ip neigh: nothing is ever resolved here that it could show.
NfCommandResult
Neighbour(NfIpRequest& request)
{
    const std::string command = request.IsAtEnd() ? "show" : request.Take();
    if (NfIpIs(command, "show") || NfIpIs(command, "list") || NfIpIs(command, "lst"))
    {
        const std::string word = request.Take();
        const std::string name = word == "dev" ? request.Take() : word;
        return name.empty() || request.stack.FindDevice(name)
                   ? NfCommandResult{}
                   : NfIpFail(fmt::format("Cannot find device \"{}\"", name));
    }
    const bool known = NfIpIs(command, "add") || NfIpIs(command, "change") ||
                       NfIpIs(command, "replace") || NfIpIs(command, "delete") ||
                       NfIpIs(command, "flush") || NfIpIs(command, "get");
    return known
               ? NfIpNetlinkError(-EOPNOTSUPP)
               : NfIpFail(fmt::format("Command \"{}\" is unknown, try \"ip neigh help\".", command),
                          255);
}

/// @return false if it is no option of the tool
bool
TakeOption(NfIpRequest& request, const NfCommandLine& line, size_t& at)
{
    std::string word = line.args[at];
    word.erase(0, word.size() > 1 && word[1] == '-' ? 1 : 0);
    if (word == "-4" || word == "-6")
    {
        request.family = word == "-4" ? NfFamily::IPV4 : NfFamily::IPV6;
        return true;
    }
    if (word.size() > 1 && NfIpIs(word, "-family"))
    {
        const std::string family = at + 1 < line.args.size() ? line.args[++at] : "";
        request.family = family == "inet6"  ? NfFamily::IPV6
                         : family == "inet" ? NfFamily::IPV4
                                            : NfFamily::UNSPEC;
        return true;
    }
    request.brief = request.brief || (word.size() > 2 && NfIpIs(word, "-brief"));
    request.oneline = request.oneline || NfIpIs(word, "-oneline");
    for (const char* known : {"-oneline",
                              "-brief",
                              "-statistics",
                              "-details",
                              "-resolve",
                              "-human-readable",
                              "-Numeric",
                              "-color",
                              "-timestamp",
                              "-0",
                              "-iec",
                              "-pretty"})
    {
        if (NfIpIs(word, known))
        {
            return true;
        }
    }
    return false;
}

NfCommandResult
RunIp(NfNetns& netns, const NfCommandLine& line)
{
    NfStack& stack = netns.GetStack();
    NfIpRequest request{stack, dynamic_cast<NfStackAdmin*>(&stack)};
    size_t at = 1;
    for (; at < line.args.size() && line.args[at].size() > 1 && line.args[at][0] == '-'; ++at)
    {
        if (NfIpIs(line.args[at], "-Version"))
        {
            return {0, "ip utility, iproute2-6.1.0, libbpf 1.1.2\n", ""};
        }
        if (!TakeOption(request, line, at))
        {
            return NfIpFail(
                fmt::format("Option \"{}\" is unknown, try \"ip -help\".", line.args[at]),
                255);
        }
    }
    if (at == line.args.size())
    {
        return {255, "", USAGE};
    }
    request.words.assign(line.args.begin() + static_cast<ptrdiff_t>(at) + 1, line.args.end());
    const std::string_view object = ObjectOf(line.args[at]);
    if (object == "address")
    {
        return NfIpAddress(request);
    }
    if (object == "link")
    {
        return NfIpLink(request);
    }
    if (object == "route")
    {
        return NfIpRoute(request);
    }
    if (object == "rule")
    {
        return Rule(request);
    }
    if (object == "neighbor" || object == "neighbour")
    {
        return Neighbour(request);
    }
    return object.empty()
               ? NfIpFail(fmt::format("Object \"{}\" is unknown, try \"ip help\".", line.args[at]))
               : NfIpNetlinkError(-EOPNOTSUPP);
}

} // namespace

bool
NfIpIs(std::string_view word, std::string_view full)
{
    return !word.empty() && full.substr(0, word.size()) == word;
}

std::optional<NfIpPrefix>
NfIpParsePrefix(const std::string& text, NfFamily family)
{
    NfIpPrefix parsed;
    const size_t slash = text.find('/');
    const std::string host = text.substr(0, slash);
    if (text == "default" || text == "any" || text == "all")
    {
        parsed.family = family == NfFamily::UNSPEC ? NfFamily::IPV4 : family;
        return parsed;
    }
    for (const NfFamily candidate : {NfFamily::IPV4, NfFamily::IPV6})
    {
        const std::optional<NfAddr> addr = NfAddr::Parse(host, candidate);
        if (addr && (family == NfFamily::UNSPEC || family == candidate))
        {
            parsed.family = candidate;
            parsed.addr = *addr;
        }
    }
    const unsigned width = parsed.family == NfFamily::IPV6 ? 128 : 32;
    parsed.length = width;
    if (slash != std::string::npos)
    {
        const char* end = text.data() + text.size();
        const auto number = std::from_chars(text.data() + slash + 1, end, parsed.length);
        if (number.ec != std::errc{} || number.ptr != end || parsed.length > width)
        {
            return std::nullopt;
        }
    }
    return parsed.family == NfFamily::UNSPEC ? std::nullopt : std::optional(parsed);
}

NfCommandResult
NfIpNetlinkError(int error)
{
    return {2, "", fmt::format("RTNETLINK answers: {}\n", std::strerror(-error))};
}

NfCommandResult
NfIpFail(const std::string& message, int status)
{
    return {status, "", message + "\n"};
}

NfCommandResult
NfIpNoPrefix(const std::string& text)
{
    return NfIpFail(fmt::format("Error: any valid prefix is expected rather than \"{}\".", text));
}

NfCommandResult
NfIpGarbage(const std::string& duplicate, const std::string& word)
{
    return NfIpFail(
        fmt::format("Error: either \"{}\" is duplicate, or \"{}\" is a garbage.", duplicate, word),
        255);
}

extern const NfCommand NF_CMD_IP;
const NfCommand NF_CMD_IP{"ip", RunIp};

} // namespace ns3
