/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// ip route (iproute2: iproute.c)
#include "../hook/nf-paper-stack.h"
#include "nf-cmd-ip.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>

namespace ns3
{

namespace
{

constexpr uint32_t V6_METRIC = 1024; //!< of a route that was given none

const char*
TypeName(NfAddrType type)
{
    switch (type)
    {
    case NfAddrType::UNREACHABLE:
        return "unreachable ";
    case NfAddrType::BLACKHOLE:
        return "blackhole ";
    case NfAddrType::PROHIBIT:
        return "prohibit ";
    default:
        return "";
    }
}

std::optional<NfAddrType>
TypeOf(const std::string& word)
{
    return word == "unicast"       ? std::optional(NfAddrType::UNICAST)
           : word == "unreachable" ? std::optional(NfAddrType::UNREACHABLE)
           : word == "blackhole"   ? std::optional(NfAddrType::BLACKHOLE)
           : word == "prohibit"    ? std::optional(NfAddrType::PROHIBIT)
                                   : std::nullopt;
}

std::string
PrefixText(const NfRouteRow& row)
{
    const unsigned width = row.family == NfFamily::IPV6 ? 128 : 32;
    return row.prefix == 0       ? "default"
           : row.prefix == width ? row.dst.ToString(row.family)
                                 : fmt::format("{}/{}", row.dst.ToString(row.family), row.prefix);
}

/// @param withDevice not when the listing is of one device
std::string
RouteText(const NfRouteRow& row, bool withDevice)
{
    const bool v6 = row.family == NfFamily::IPV6;
    std::string text = TypeName(row.type) + PrefixText(row) + " ";
    text += row.gateway ? fmt::format("via {} ", row.gateway->ToString(row.family)) : "";
    text += row.out && withDevice ? fmt::format("dev {} ", row.out->name) : "";
    text += row.kernel ? "proto kernel " : "";
    const bool link = !v6 && !row.gateway && row.type == NfAddrType::UNICAST;
    text += link ? "scope link " : "";
    text += row.source ? fmt::format("src {} ", row.source->ToString(row.family)) : "";
    text += row.metric ? fmt::format("metric {} ", row.metric) : "";
    return v6 ? text + "pref medium" : text;
}

/// A route as typed.
struct RouteArgs
{
    NfRouteRow row;
    bool hasPrefix{false};
    std::string device;
    bool local{false}; //!< table local
};

NfCommandResult
ReadRoute(NfIpRequest& request, RouteArgs& args)
{
    args.row.family = request.family == NfFamily::UNSPEC ? NfFamily::IPV4 : request.family;
    while (!request.IsAtEnd())
    {
        const std::string word = request.Take();
        if (word == "via")
        {
            const std::string text = request.Take();
            const std::optional<NfIpPrefix> gateway =
                NfIpParsePrefix(text == "inet6" ? request.Take() : text, NfFamily::UNSPEC);
            if (!gateway)
            {
                return NfIpNoPrefix(text);
            }
            args.row.gateway = gateway->addr;
            args.row.family = args.hasPrefix ? args.row.family : gateway->family;
        }
        else if (word == "dev" || word == "oif")
        {
            args.device = request.Take();
        }
        else if (word == "metric" || word == "preference" || word == "priority")
        {
            args.row.metric =
                static_cast<uint32_t>(std::strtoul(request.Take().c_str(), nullptr, 0));
        }
        else if (word == "table" || word == "proto" || word == "scope" || word == "src")
        {
            const std::string value = request.Take();
            args.local = args.local || (word == "table" && value == "local");
            if (const auto source = NfIpParsePrefix(value, NfFamily::UNSPEC);
                word == "src" && source)
            {
                args.row.source = source->addr;
            }
        }
        else if (const auto type = TypeOf(word); type && !args.hasPrefix)
        {
            args.row.type = *type;
        }
        else if (word != "onlink" && word != "to" && word != "root" && word != "exact")
        {
            const std::optional<NfIpPrefix> prefix = NfIpParsePrefix(word, request.family);
            if (!prefix)
            {
                return NfIpNoPrefix(word);
            }
            if (args.hasPrefix)
            {
                return NfIpGarbage("to", word);
            }
            args.hasPrefix = true;
            const bool open = prefix->length == 0 && word.find('/') == std::string::npos;
            args.row.family = open && args.row.gateway ? args.row.family : prefix->family;
            args.row.dst = prefix->addr;
            args.row.prefix = prefix->length;
        }
    }
    return {};
}

/// @return status 0 if the device is there, or none was named
NfCommandResult
FindDevice(const NfIpRequest& request, RouteArgs& args)
{
    args.row.out = args.device.empty() ? nullptr : request.stack.FindDevice(args.device);
    return args.device.empty() || args.row.out
               ? NfCommandResult{}
               : NfIpFail(fmt::format("Cannot find device \"{}\"", args.device));
}

/// Linux: fib_check_nh() and ip6_route_check_nh(): the gateway must be on link.
NfCommandResult
CheckGateway(const NfIpRequest& request, NfRouteRow& row)
{
    for (const NfRouteRow& other : request.admin->GetRoutes(row.family))
    {
        const bool fits = !other.gateway && other.out && (!row.out || row.out == other.out) &&
                          NfInNet(*row.gateway, other.dst, row.family, other.prefix);
        if (fits && request.stack.GetAddrType(row.family, *row.gateway) == NfAddrType::UNICAST)
        {
            row.out = other.out;
            return {};
        }
    }
    return row.family == NfFamily::IPV6 ? NfIpNetlinkError(-EHOSTUNREACH)
                                        : NfIpFail("Error: Nexthop has invalid gateway.", 2);
}

NfCommandResult
AddRoute(NfIpRequest& request, bool replace)
{
    RouteArgs args;
    if (NfCommandResult bad = ReadRoute(request, args); bad.status != 0)
    {
        return bad;
    }
    if (NfCommandResult bad = FindDevice(request, args); bad.status != 0)
    {
        return bad;
    }
    if (!request.admin)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    NfRouteRow& row = args.row;
    const bool v6 = row.family == NfFamily::IPV6;
    const NfAddr net = row.dst & NfPrefixMask(row.family, row.prefix);
    if (!v6 && !(net == row.dst))
    {
        return NfIpFail("Error: Invalid prefix for given prefix length.", 2);
    }
    row.dst = net;
    row.metric = v6 && row.metric == 0 ? V6_METRIC : row.metric;
    if (row.type == NfAddrType::UNICAST)
    {
        if (!row.gateway && !row.out)
        {
            return NfIpNetlinkError(-ENODEV);
        }
        if (row.out && !row.out->up)
        {
            return v6 ? NfIpNetlinkError(-ENETDOWN)
                      : NfIpFail("Error: Device for nexthop is not up.", 2);
        }
        if (NfCommandResult bad = row.gateway ? CheckGateway(request, row) : NfCommandResult{};
            bad.status != 0)
        {
            return bad;
        }
    }
    const int error = request.admin->AddRoute(row, replace);
    return error ? NfIpNetlinkError(error) : NfCommandResult{};
}

NfCommandResult
RemoveRoute(NfIpRequest& request)
{
    RouteArgs args;
    if (NfCommandResult bad = ReadRoute(request, args); bad.status != 0)
    {
        return bad;
    }
    if (NfCommandResult bad = FindDevice(request, args); bad.status != 0)
    {
        return bad;
    }
    const int error = request.admin ? request.admin->RemoveRoute(args.row) : -EOPNOTSUPP;
    return error ? NfIpNetlinkError(error) : NfCommandResult{};
}

NfCommandResult
ShowRoutes(NfIpRequest& request, bool flush)
{
    RouteArgs args;
    if (NfCommandResult bad = ReadRoute(request, args); bad.status != 0)
    {
        return bad;
    }
    if (NfCommandResult bad = FindDevice(request, args); bad.status != 0)
    {
        return bad;
    }
    if (!request.admin || args.local)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    std::string text;
    for (const NfRouteRow& row : request.admin->GetRoutes(args.row.family))
    {
        const bool prefix =
            !args.hasPrefix || (row.dst == args.row.dst && row.prefix == args.row.prefix);
        const bool device = !args.row.out || row.out == args.row.out;
        if (!prefix || !device)
        {
            continue;
        }
        if (flush)
        {
            request.admin->RemoveRoute(row);
        }
        else
        {
            text += RouteText(row, !args.row.out) + "\n";
        }
    }
    return {0, text, ""};
}

/// The row of the table that a lookup came to, for its metric.
NfRouteRow
RowOf(const NfIpRequest& request, const NfIpPrefix& to)
{
    NfRouteRow best;
    best.metric = V6_METRIC;
    bool found = false;
    for (const NfRouteRow& row :
         request.admin ? request.admin->GetRoutes(to.family) : std::vector<NfRouteRow>{})
    {
        if (NfInNet(to.addr, row.dst, to.family, row.prefix) &&
            (!found || row.prefix > best.prefix))
        {
            best = row;
            found = true;
        }
    }
    return best;
}

std::string
LookupText(const NfIpRequest& request,
           const NfIpPrefix& to,
           const std::optional<NfIpPrefix>& from,
           const NfRoute& route)
{
    const bool v6 = to.family == NfFamily::IPV6;
    const std::string dst = to.addr.ToString(to.family);
    const std::string source = route.source.ToString(to.family);
    const std::string via =
        route.gateway == to.addr ? "" : fmt::format("via {} ", route.gateway.ToString(to.family));
    if (v6 && route.local)
    {
        return fmt::format("local {} from {} dev lo table local proto kernel src {} metric 0 "
                           "pref medium\n",
                           dst,
                           from ? from->addr.ToString(to.family) : "::",
                           source);
    }
    if (v6)
    {
        const NfRouteRow row = RowOf(request, to);
        return fmt::format("{} from {} {}dev {} {}src {} metric {} pref medium\n",
                           dst,
                           from ? from->addr.ToString(to.family) : "::",
                           via,
                           route.out->name,
                           row.kernel ? "proto kernel " : "",
                           source,
                           row.metric);
    }
    const bool broadcast = request.stack.GetAddrType(to.family, to.addr) == NfAddrType::BROADCAST;
    return fmt::format("{}{} {}{}dev {} {}uid 0 \n    cache {}\n",
                       route.local ? "local "
                       : broadcast ? "broadcast "
                                   : "",
                       dst,
                       from ? fmt::format("from {} ", from->addr.ToString(to.family)) : "",
                       via,
                       route.out->name,
                       from ? "" : fmt::format("src {} ", source),
                       route.local ? "<local> "
                       : broadcast ? "<local,brd> "
                                   : "");
}

NfCommandResult
GetRoute(NfIpRequest& request)
{
    std::optional<NfIpPrefix> to;
    std::optional<NfIpPrefix> from;
    const NfDevice* out = nullptr;
    uint32_t mark = 0;
    while (!request.IsAtEnd())
    {
        const std::string word = request.Take();
        if (word == "oif" || word == "dev")
        {
            const std::string name = request.Take();
            out = request.stack.FindDevice(name);
            if (!out)
            {
                return NfIpFail(fmt::format("Cannot find device \"{}\"", name));
            }
        }
        else if (word == "mark")
        {
            mark = static_cast<uint32_t>(std::strtoul(request.Take().c_str(), nullptr, 0));
        }
        else
        {
            const std::string text = word == "from" || word == "to" ? request.Take() : word;
            auto& slot = word == "from" ? from : to;
            slot = NfIpParsePrefix(text, request.family);
            if (!slot)
            {
                return NfIpNoPrefix(text);
            }
        }
    }
    if (!to)
    {
        return NfIpFail("need at least a destination address");
    }
    const std::optional<NfRoute> route =
        request.stack.Route(to->family, to->addr, from ? from->addr : NfAddr{}, out, mark);
    if (!route)
    {
        const bool refused = request.admin && RowOf(request, *to).type == NfAddrType::UNREACHABLE;
        return NfIpNetlinkError(refused ? -EHOSTUNREACH : -ENETUNREACH);
    }
    return {0, LookupText(request, *to, from, *route), ""};
}

} // namespace

NfCommandResult
NfIpRoute(NfIpRequest& request)
{
    const std::string command = request.IsAtEnd() ? "show" : request.Take();
    if (NfIpIs(command, "list") || NfIpIs(command, "show") || NfIpIs(command, "lst"))
    {
        return ShowRoutes(request, false);
    }
    if (NfIpIs(command, "get"))
    {
        return GetRoute(request);
    }
    const bool replaces = NfIpIs(command, "replace") || NfIpIs(command, "change");
    if (NfIpIs(command, "add") || replaces || NfIpIs(command, "append"))
    {
        return AddRoute(request, replaces);
    }
    if (NfIpIs(command, "delete"))
    {
        return RemoveRoute(request);
    }
    return NfIpIs(command, "flush")
               ? ShowRoutes(request, true)
               : NfIpFail(fmt::format("Command \"{}\" is unknown, try \"ip route help\".", command),
                          255);
}

} // namespace ns3
