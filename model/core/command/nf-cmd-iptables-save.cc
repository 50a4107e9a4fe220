/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-cmd-iptables.h"

#include <ctime>
#include <fmt/format.h>
#include <iterator>
#include <string_view>

namespace ns3
{
namespace
{

constexpr const char* DAYS[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* MONTHS[] =
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The simulated wall clock as ctime() writes it, in UTC.
std::string
WallTime(NfClock& clock)
{
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(clock.GetEpoch() + clock.Now());
    const std::time_t time = seconds.count();
    std::tm t{};
    gmtime_r(&time, &t);
    return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}",
                       DAYS[t.tm_wday],
                       MONTHS[t.tm_mon],
                       t.tm_mday,
                       t.tm_hour,
                       t.tm_min,
                       t.tm_sec,
                       t.tm_year + 1900);
}

struct Options
{
    bool counters{false};
    std::string table; //!< "": all that are there
};

void
SaveTable(std::string& out, const XtTable& table, bool counters)
{
    const auto add = [&out](auto text, const auto&... args) {
        fmt::format_to(std::back_inserter(out), text, args...);
    };
    const XtRuleset ruleset = table.Copy();
    add(FMT_STRING("*{}\n"), table.GetName());
    for (const XtChain& chain : ruleset.chains)
    {
        add(FMT_STRING(":{} {} [{}:{}]\n"),
            chain.name,
            chain.hook ? XtJumpName(chain.policy) : "-",
            chain.counters.packets,
            chain.counters.bytes);
    }
    for (const XtChain& chain : ruleset.chains)
    {
        for (const XtEntry& entry : chain.rules)
        {
            if (counters)
            {
                add(FMT_STRING("[{}:{}] "), entry.counters.packets, entry.counters.bytes);
            }
            add(FMT_STRING("-A {}{}{}\n"),
                chain.name,
                entry.rule->SaveConditions(),
                entry.rule->SaveTarget());
        }
    }
    out += "COMMIT\n";
}

NfCommandResult
BadOption(const NfCommandLine& line, const std::string& tool, const std::string& problem)
{
    return NfCommandResult{1,
                           "",
                           fmt::format("{}: {}\nLook at manual page `{}.8' for more information.\n",
                                       line.args[0],
                                       problem,
                                       tool)};
}

NfCommandResult
RunIpv4(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptablesSave(netns, NfFamily::IPV4, line);
}

NfCommandResult
RunIpv6(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptablesSave(netns, NfFamily::IPV6, line);
}

} // namespace

NfCommandResult
NfRunIptablesSave(NfNetns& netns, NfFamily family, const NfCommandLine& line)
{
    const std::string tool = family == NfFamily::IPV6 ? "ip6tables-save" : "iptables-save";
    Options options;
    for (size_t i = 1; i < line.args.size(); ++i)
    {
        const std::string& arg = line.args[i];
        const bool attached = arg.rfind("--table=", 0) == 0;
        if (arg == "-c" || arg == "--counters")
        {
            options.counters = true;
        }
        else if (attached || ((arg == "-t" || arg == "--table") && i + 1 < line.args.size()))
        {
            options.table = attached ? arg.substr(8) : line.args[++i];
        }
        else if (arg == "-t" || arg == "--table")
        {
            return BadOption(line, tool, "option requires an argument -- 't'");
        }
        else if (arg == "-V" || arg == "--version")
        {
            return NfCommandResult{0,
                                   fmt::format("{} v{} (legacy)\n", tool, NF_IPTABLES_VERSION),
                                   ""};
        }
        else if ((arg == "-M" || arg == "--modprobe") && i + 1 < line.args.size())
        {
            ++i;
        }
        else if (arg.rfind("--", 0) == 0)
        {
            return BadOption(line, tool, fmt::format("unrecognized option '{}'", arg));
        }
        else if (arg.size() > 1 && arg[0] == '-')
        {
            return BadOption(line, tool, fmt::format("invalid option -- '{}'", arg[1]));
        }
        else
        {
            return NfCommandResult{1, "", "Unknown arguments found on commandline\n"};
        }
    }
    XtTables& tables = netns.GetXtables(family);
    if (!options.table.empty() && !tables.Use(options.table))
    {
        return NfCommandResult{1,
                               "",
                               fmt::format("{} v{} (legacy): Cannot initialize: Table does not "
                                           "exist (do you need to insmod?)\n",
                                           tool,
                                           NF_IPTABLES_VERSION)};
    }
    NfCommandResult result;
    for (const std::string& name : tables.GetNames())
    {
        if (!options.table.empty() && name != options.table)
        {
            continue;
        }
        const std::string time = WallTime(netns.GetClock());
        result.out += fmt::format("# Generated by {} v{} on {}\n", tool, NF_IPTABLES_VERSION, time);
        SaveTable(result.out, *tables.Find(name), options.counters);
        result.out += fmt::format("# Completed on {}\n", time);
    }
    return result;
}

extern const NfCommand NF_CMD_IPTABLES_SAVE;
extern const NfCommand NF_CMD_IPTABLES_LEGACY_SAVE;
extern const NfCommand NF_CMD_IP6TABLES_SAVE;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY_SAVE;
const NfCommand NF_CMD_IPTABLES_SAVE{"iptables-save", RunIpv4};
const NfCommand NF_CMD_IPTABLES_LEGACY_SAVE{"iptables-legacy-save", RunIpv4};
const NfCommand NF_CMD_IP6TABLES_SAVE{"ip6tables-save", RunIpv6};
const NfCommand NF_CMD_IP6TABLES_LEGACY_SAVE{"ip6tables-legacy-save", RunIpv6};

} // namespace ns3
