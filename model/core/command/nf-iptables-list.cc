/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-iptables-list.h"

#include "../xtables/xt-names.h"

#include <fmt/format.h>
#include <iterator>

namespace ns3
{
namespace
{

constexpr uint64_t PLAIN_LIMIT = 99999; //!< biggest count that is printed digit by digit
constexpr uint64_t UNIT_LIMIT = 9999;   //!< biggest count in one unit

struct NetworkName
{
    uint32_t addr;
    const char* name;
};

/// What the hosts and networks files of a fresh Debian name.
constexpr NetworkName NETWORK_NAMES[] = {
    {0x7f000001, "localhost"},
    {0x7f000000, "loopback"},
    {0xa9fe0000, "link-local"},
    {0x00000000, "default"},
};

std::string
FormatCount(uint64_t count, const NfIptablesFormat& format)
{
    if (format.exact)
    {
        return fmt::format(fmt::runtime(format.table ? "{:8} " : "{} "), count);
    }
    if (count <= PLAIN_LIMIT)
    {
        return fmt::format(fmt::runtime(format.table ? "{:5} " : "{} "), count);
    }
    for (const char unit : {'K', 'M', 'G', 'T'})
    {
        count = (count + 500) / 1000;
        if (count <= UNIT_LIMIT || unit == 'T')
        {
            return fmt::format(fmt::runtime(format.table ? "{:4}{} " : "{}{} "), count, unit);
        }
    }
    return {};
}

std::string
FormatAddress(const NfAddr& addr, const NfAddr& mask, NfFamily family, bool numeric)
{
    if (mask.IsZero() && !numeric)
    {
        return "anywhere";
    }
    std::string text = addr.ToString(family);
    for (const NetworkName& network : NETWORK_NAMES)
    {
        if (!numeric && family == NfFamily::IPV4 && network.addr == addr.GetIpv4())
        {
            text = network.name;
            break;
        }
    }
    return text + XtFormatMask(mask, family);
}

std::string
FormatInterface(const std::string& name, bool invert, bool numeric)
{
    return (invert ? "!" : "") + (!name.empty() ? name : numeric ? "*" : "any");
}

std::string
FormatProtocol(uint8_t protocol, const NfIptablesFormat& format)
{
    const std::string_view name = protocol == 0 ? "all" : XtProtocolName(protocol);
    if ((format.numeric && format.table) || name.empty())
    {
        return fmt::format(fmt::runtime(format.table ? "{:<4} " : "{} "), protocol);
    }
    return fmt::format(fmt::runtime(format.table ? "{:<4} " : "{} "), name);
}

/// The opt column: "--", "-f", "!f".
std::string
FormatFragment(const XtIp& ip, const NfIptablesFormat& format)
{
    return fmt::format("{}{}{} ",
                       format.table ? "" : "opt ",
                       ip.invertFragment ? '!' : '-',
                       ip.fragment ? 'f' : '-');
}

std::string
FormatHeader(const XtRuleset& ruleset, const XtChain& chain, const NfIptablesFormat& format)
{
    std::string out = fmt::format("Chain {}", chain.name);
    if (chain.hook)
    {
        out += fmt::format(" (policy {}", XtJumpName(chain.policy));
        NfIptablesFormat plain = format;
        plain.table = false;
        if (format.counters)
        {
            out += fmt::format(" {}packets, {}bytes",
                               FormatCount(chain.counters.packets, plain),
                               FormatCount(chain.counters.bytes, plain));
        }
        out += ")\n";
    }
    else
    {
        out += fmt::format(" ({} references)\n", ruleset.CountReferences(chain.name));
    }
    out += format.lineNumbers ? "num  " : "";
    if (format.counters)
    {
        out += format.exact ? "    pkts      bytes " : " pkts bytes ";
    }
    out += "target     prot opt";
    out += format.interfaces ? " in     out    " : "";
    return out + fmt::format(" {:<19}  {:<19} \n", "source", "destination");
}

} // namespace

std::string
NfFormatRule(const XtEntry& entry, unsigned number, const NfIptablesFormat& format)
{
    const XtRule& rule = *entry.rule;
    const XtIp& ip = rule.ip;
    std::string out;
    const auto add = [&out](std::string_view text, const auto&... args) {
        fmt::format_to(std::back_inserter(out), fmt::runtime(text), args...);
    };
    const bool table = format.table;
    if (format.lineNumbers)
    {
        add(table ? "{:<4} " : "{} ", number);
    }
    if (format.counters)
    {
        out += FormatCount(entry.counters.packets, format);
        out += FormatCount(entry.counters.bytes, format);
    }
    add(table ? "{:<9} " : "{} ", rule.GetTargetName());
    out += ip.invertProtocol ? '!' : ' ';
    out += FormatProtocol(ip.protocol, format);
    out += FormatFragment(ip, format);
    if (format.interfaces)
    {
        add(table ? " {:<6} " : "in {} ", FormatInterface(ip.in, ip.invertIn, format.numeric));
        add(table ? "{:<6} " : "out {} ", FormatInterface(ip.out, ip.invertOut, format.numeric));
    }
    out += ip.invertSrc ? '!' : ' ';
    add(table ? "{:<19} " : "{} ", FormatAddress(ip.src, ip.srcMask, ip.family, format.numeric));
    out += ip.invertDst ? '!' : ' ';
    add(table ? "{:<19} " : "-> {}", FormatAddress(ip.dst, ip.dstMask, ip.family, format.numeric));
    out += table ? "" : "  ";
    out += rule.jump == XtJump::GOTO ? "[goto] " : "";
    for (const XtUse<XtMatch>& use : rule.matches)
    {
        out += use.object->Print(ip, format.numeric);
    }
    if (rule.target)
    {
        out += rule.target.object->Print(ip, format.numeric);
    }
    return out + "\n";
}

std::string
NfEchoRule(const XtRule& rule)
{
    NfIptablesFormat format;
    format.numeric = true;
    format.interfaces = true;
    format.table = false;
    const XtEntry entry{XtRulePtr(XtRulePtr(), &rule), {}};
    return NfFormatRule(entry, 0, format);
}

std::string
NfListChains(const XtRuleset& ruleset,
             const std::string* chain,
             unsigned rule,
             const NfIptablesFormat& format,
             bool& found)
{
    std::string out;
    found = false;
    for (const XtChain& c : ruleset.chains)
    {
        if (chain && *chain != c.name)
        {
            continue;
        }
        out += found ? "\n" : "";
        found = true;
        if (!rule)
        {
            out += FormatHeader(ruleset, c, format);
        }
        for (size_t i = 0; i < c.rules.size(); ++i)
        {
            if (!rule || rule == i + 1)
            {
                out += NfFormatRule(c.rules[i], static_cast<unsigned>(i + 1), format);
            }
        }
    }
    return out;
}

std::string
NfListRules(const XtRuleset& ruleset,
            const std::string* chain,
            unsigned rule,
            bool counters,
            bool& found)
{
    std::string out;
    found = false;
    for (const XtChain& c : ruleset.chains)
    {
        if (rule || (chain && *chain != c.name))
        {
            continue;
        }
        if (!c.hook)
        {
            out += fmt::format("-N {}\n", c.name);
            continue;
        }
        out += fmt::format("-P {} {}", c.name, XtJumpName(c.policy));
        out += counters ? fmt::format(" -c {} {}", c.counters.packets, c.counters.bytes) : "";
        out += '\n';
    }
    for (const XtChain& c : ruleset.chains)
    {
        if (chain && *chain != c.name)
        {
            continue;
        }
        found = true;
        for (size_t i = 0; i < c.rules.size(); ++i)
        {
            if (rule && rule != i + 1)
            {
                continue;
            }
            const XtEntry& entry = c.rules[i];
            out += fmt::format("-A {}{}", c.name, entry.rule->SaveConditions());
            out += counters ? fmt::format(" -c {} {}", entry.counters.packets, entry.counters.bytes)
                            : "";
            out += entry.rule->SaveTarget() + "\n";
        }
    }
    return out;
}

} // namespace ns3
