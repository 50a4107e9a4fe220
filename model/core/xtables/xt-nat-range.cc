/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-nat-range.h"

#include "xt-names.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr uint8_t PORTED[] = {NF_IPPROTO_TCP,
                              NF_IPPROTO_UDP,
                              NF_IPPROTO_SCTP,
                              NF_IPPROTO_DCCP,
                              NF_IPPROTO_ICMP,
                              NF_IPPROTO_ICMPV6};

NfError
BadPort(std::string_view text)
{
    return XtBadParameter(fmt::format("Port `{}' not valid", text));
}

/// A port by number or name at the front of a text. @param rest what is behind it
std::optional<uint16_t>
ParsePort(std::string_view text, uint64_t min, std::string_view& rest)
{
    if (const std::optional<uint64_t> n = XtParseNumberPrefix(text, min, 65535, rest))
    {
        return static_cast<uint16_t>(*n);
    }
    rest = {};
    return XtServicePort(text, nullptr);
}

NfStatus
ParseAddrs(const std::string& text, NfFamily family, NfNatRange& range)
{
    const size_t dash = text.find('-');
    const std::string low = text.substr(0, dash);
    const std::string high = dash == std::string::npos ? low : text.substr(dash + 1);
    for (const std::string& word : {low, high})
    {
        const std::optional<NfAddr> addr = NfAddr::Parse(word, family);
        if (!addr)
        {
            return XtBadParameter(fmt::format("Bad IP address \"{}\"", word));
        }
        range.maxAddr = *addr;
        if (!(range.flags & NF_NAT_MAP_IPS))
        {
            range.minAddr = *addr;
        }
        range.flags |= NF_NAT_MAP_IPS;
    }
    return NfOk();
}

} // namespace

bool
XtNatHasPorts(const XtIp& ip)
{
    return std::find(std::begin(PORTED), std::end(PORTED), ip.protocol) != std::end(PORTED);
}

NfStatus
XtParseNatPorts(const std::string& text, const XtIp& ip, NfNatRange& range)
{
    if (!XtNatHasPorts(ip))
    {
        return XtBadParameter("Need TCP, UDP, SCTP or DCCP with port specification");
    }
    range.flags |= NF_NAT_PROTO_SPECIFIED;
    std::string_view rest;
    const std::optional<uint16_t> low = ParsePort(text, 0, rest);
    if (!low)
    {
        return BadPort(text);
    }
    range.minPort = range.maxPort = *low;
    if (rest.empty())
    {
        return NfOk();
    }
    if (rest[0] != '-')
    {
        return XtBadParameter(rest[0] == ':' ? "Invalid port:port syntax - use dash"
                                             : fmt::format("Garbage after port value: `{}'", rest));
    }
    const std::string_view second = rest.substr(1);
    const std::optional<uint64_t> high = XtParseNumberPrefix(second, 0, 65535, rest);
    if (!high)
    {
        return BadPort(second);
    }
    if (*high < *low)
    {
        return XtBadParameter(fmt::format("Port range `{}' funky", second));
    }
    range.maxPort = static_cast<uint16_t>(*high);
    if (rest.empty())
    {
        return NfOk();
    }
    if (rest[0] != '/')
    {
        return XtBadParameter(fmt::format("Garbage after port range: `{}'", rest));
    }
    const std::string_view third = rest.substr(1);
    const std::optional<uint16_t> base = ParsePort(third, 1, rest);
    if (!base)
    {
        return BadPort(third);
    }
    range.basePort = *base;
    range.flags |= NF_NAT_PROTO_OFFSET;
    return NfOk();
}

NfStatus
XtParseNatRange(const XtArg& arg, NfNatRange& range)
{
    std::string addrs = arg.text;
    size_t colon = std::string::npos;
    if (const size_t open = addrs.find('['); open != std::string::npos)
    {
        const size_t close = addrs.find(']', open);
        if (close == std::string::npos)
        {
            return XtBadParameter("Invalid address format");
        }
        colon = arg.text.find(':', close);
        addrs = addrs.substr(open + 1, close - open - 1);
    }
    else
    {
        colon = addrs.find(':');
        // More than one colon is an IPv6 address without ports.
        if (colon != std::string::npos && addrs.find(':', colon + 1) != std::string::npos)
        {
            colon = std::string::npos;
        }
        addrs = addrs.substr(0, colon);
    }
    if (colon != std::string::npos)
    {
        if (NfStatus status = XtParseNatPorts(arg.text.substr(colon + 1), *arg.ip, range); !status)
        {
            return status;
        }
        if (addrs.empty())
        {
            return NfOk();
        }
    }
    return ParseAddrs(addrs, arg.family, range);
}

std::string
XtFormatNatPorts(const NfNatRange& range)
{
    std::string text = fmt::format("{}", range.minPort);
    if (range.minPort != range.maxPort)
    {
        text += fmt::format("-{}", range.maxPort);
    }
    if (range.flags & NF_NAT_PROTO_OFFSET)
    {
        text += fmt::format("/{}", range.basePort);
    }
    return text;
}

std::string
XtFormatNatRange(const NfNatRange& range, NfFamily family)
{
    const bool ports = range.flags & NF_NAT_PROTO_SPECIFIED;
    std::string text;
    if (range.flags & NF_NAT_MAP_IPS)
    {
        text = range.minAddr.ToString(family);
        if (range.minAddr != range.maxAddr)
        {
            text += "-" + range.maxAddr.ToString(family);
        }
        if (ports && family == NfFamily::IPV6)
        {
            text = "[" + text + "]";
        }
    }
    return ports ? text + ":" + XtFormatNatPorts(range) : text;
}

std::string
XtFormatNatFlags(const NfNatRange& range, const char* prefix)
{
    struct Row
    {
        uint32_t flag;
        const char* name;
    };

    constexpr Row ROWS[] = {
        {NF_NAT_PROTO_RANDOM, "random"},
        {NF_NAT_PROTO_RANDOM_FULLY, "random-fully"},
        {NF_NAT_PERSISTENT, "persistent"},
    };
    std::string text;
    for (const Row& row : ROWS)
    {
        text += range.flags & row.flag ? fmt::format(" {}{}", prefix, row.name) : "";
    }
    return text;
}

} // namespace ns3
