/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// ip link, ip address (iproute2: ipaddress.c, iplink.c)
#include "../hook/nf-paper-stack.h"
#include "nf-cmd-ip.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

namespace ns3
{

namespace
{

std::string
MacText(const std::array<uint8_t, 6>& mac)
{
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
                       mac[0],
                       mac[1],
                       mac[2],
                       mac[3],
                       mac[4],
                       mac[5]);
}

std::string
Flags(const NfDevice& device)
{
    return fmt::format("<{}{}>",
                       device.loopback ? "LOOPBACK" : "BROADCAST,MULTICAST",
                       device.up ? ",UP,LOWER_UP" : "");
}

const char*
State(const NfDevice& device)
{
    return !device.up ? "DOWN" : device.loopback ? "UNKNOWN" : "UP";
}

/// What is shown, and of which devices.
struct Filter
{
    const NfDevice* device{nullptr}; //!< null: all
    bool up{false};                  //!< those that are up only
    std::optional<NfIpPrefix> to;    //!< addresses inside
};

/// Words behind show. @return a message, empty if all is well
NfCommandResult
ReadFilter(NfIpRequest& request, Filter& filter)
{
    while (!request.IsAtEnd())
    {
        const std::string word = request.Take();
        if (word == "up")
        {
            filter.up = true;
        }
        else if (word == "to")
        {
            const std::string text = request.Take();
            filter.to = NfIpParsePrefix(text, request.family);
            if (!filter.to)
            {
                return NfIpNoPrefix(text);
            }
        }
        else
        {
            const std::string name = word == "dev" ? request.Take() : word;
            filter.device = request.stack.FindDevice(name);
            if (!filter.device)
            {
                return NfIpFail(fmt::format("Device \"{}\" does not exist.", name));
            }
        }
    }
    return {};
}

/// @param mode of link show, which address show leaves out
std::string
LinkHead(const NfIpRequest& request, const NfDevice& device, const char* mode)
{
    const bool fresh = !device.up && request.admin && request.admin->IsFresh(device);
    return fmt::format("{}: {}: {} mtu {} qdisc {} state {} {}group {} qlen 1000",
                       device.index,
                       device.name,
                       Flags(device),
                       device.mtu,
                       fresh ? "noop" : "noqueue",
                       State(device),
                       mode,
                       device.group ? std::to_string(device.group) : "default");
}

std::string
LinkLayer(const NfDevice& device)
{
    return fmt::format("    link/{} {} brd {}",
                       device.loopback ? "loopback" : "ether",
                       MacText(device.mac),
                       device.loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
}

NfCommandResult
ShowLinks(NfIpRequest& request)
{
    Filter filter;
    if (NfCommandResult bad = ReadFilter(request, filter); bad.status != 0)
    {
        return bad;
    }
    std::string text;
    for (const NfDevice* device : request.stack.GetDevices())
    {
        if ((filter.device && filter.device != device) || (filter.up && !device->up))
        {
            continue;
        }
        text += request.brief ? fmt::format("{:<16} {:<14} {} {} \n",
                                            device->name,
                                            State(*device),
                                            MacText(device->mac),
                                            Flags(*device))
                              : fmt::format("{}{}{}\n",
                                            LinkHead(request, *device, "mode DEFAULT "),
                                            request.oneline ? "\\" : "\n",
                                            LinkLayer(*device));
    }
    return {0, text, ""};
}

/// Addresses of a device that pass the filter. A stack that nobody can change shows what it has.
std::vector<NfAddressRow>
Rows(const NfIpRequest& request, const NfDevice& device, const Filter& filter)
{
    std::vector<NfAddressRow> rows;
    if (request.admin)
    {
        rows = request.admin->GetAddressRows(device);
    }
    else
    {
        for (const NfDeviceAddr& own : request.stack.GetAddresses(device))
        {
            const bool shows = own.family == NfFamily::IPV4 && own.prefix < 31 && !device.loopback;
            rows.push_back({own, shows, false, true});
        }
    }
    const auto hidden = [&](const NfAddressRow& row) {
        const bool family = request.family == NfFamily::UNSPEC || request.family == row.own.family;
        const bool inside =
            !filter.to ||
            (filter.to->family == row.own.family &&
             NfInNet(row.own.addr, filter.to->addr, row.own.family, filter.to->length));
        return !family || !inside;
    };
    rows.erase(std::remove_if(rows.begin(), rows.end(), hidden), rows.end());
    return rows;
}

std::string
AddressText(const NfDevice& device, const NfAddressRow& row)
{
    const NfDeviceAddr& own = row.own;
    const bool v6 = own.family == NfFamily::IPV6;
    std::string text = fmt::format("    {} {}/{} ",
                                   v6 ? "inet6" : "inet",
                                   own.addr.ToString(own.family),
                                   own.prefix);
    text += row.showsBroadcast ? fmt::format("brd {} ", own.broadcast.ToString(own.family)) : "";
    text += fmt::format("scope {} ", device.loopback ? "host" : own.linkLocal ? "link" : "global");
    text += row.secondary ? "secondary " : "";
    return v6 ? text : text + device.name;
}

NfCommandResult
ShowAddresses(NfIpRequest& request)
{
    Filter filter;
    if (NfCommandResult bad = ReadFilter(request, filter); bad.status != 0)
    {
        return bad;
    }
    const bool all = request.family == NfFamily::UNSPEC && !filter.to;
    std::string text;
    for (const NfDevice* device : request.stack.GetDevices())
    {
        const std::vector<NfAddressRow> rows = Rows(request, *device, filter);
        if ((filter.device && filter.device != device) || (filter.up && !device->up) ||
            (rows.empty() && !all))
        {
            continue;
        }
        if (request.brief)
        {
            text += fmt::format("{:<16} {:<14} ", device->name, State(*device));
        }
        else if (!request.oneline)
        {
            text += LinkHead(request, *device, "") + "\n";
            text += all ? LinkLayer(*device) + "\n" : "";
        }
        for (const NfAddressRow& row : rows)
        {
            text +=
                request.brief
                    ? fmt::format("{}/{} ", row.own.addr.ToString(row.own.family), row.own.prefix)
                : request.oneline
                    ? fmt::format("{}: {}{}\\       valid_lft forever preferred_lft forever\n",
                                  device->index,
                                  device->name,
                                  AddressText(*device, row))
                    : AddressText(*device, row) +
                          "\n       valid_lft forever preferred_lft forever\n";
        }
        text += request.brief ? "\n" : "";
    }
    return {0, text, ""};
}

/// @return nothing: no such address
std::optional<std::array<uint8_t, 6>>
ParseMac(const std::string& text)
{
    std::array<uint8_t, 6> mac{};
    std::array<unsigned, 6> parts{};
    char rest = 0;
    const int read = std::sscanf(text.c_str(),
                                 "%2x:%2x:%2x:%2x:%2x:%2x%c",
                                 &parts[0],
                                 &parts[1],
                                 &parts[2],
                                 &parts[3],
                                 &parts[4],
                                 &parts[5],
                                 &rest);
    for (size_t i = 0; i < mac.size(); ++i)
    {
        mac[i] = static_cast<uint8_t>(parts[i]);
    }
    return read == 6 ? std::optional(mac) : std::nullopt;
}

/// One setting of ip link set. @return status 0 if it is known
NfCommandResult
ReadChange(NfIpRequest& request, const std::string& word, NfLinkChange& change)
{
    if (word == "up" || word == "down")
    {
        change.up = word == "up";
    }
    else if (word == "mtu" || word == "group")
    {
        const std::string value = request.Take();
        const auto number = static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 0));
        (word == "mtu" ? change.mtu : change.group) = value == "default" ? 0 : number;
    }
    else if (word == "address")
    {
        const std::string text = request.Take();
        change.mac = ParseMac(text);
        if (!change.mac)
        {
            return NfIpFail(fmt::format("\"{}\" is invalid lladdr.", text));
        }
    }
    else if (word == "name")
    {
        change.name = request.Take();
    }
    else
    {
        return NfIpGarbage("dev", word);
    }
    return {};
}

NfCommandResult
SetLink(NfIpRequest& request)
{
    std::string name;
    NfLinkChange change;
    while (!request.IsAtEnd())
    {
        std::string word = request.Take();
        const bool isName = word == "dev" || (name.empty() && word != "group");
        if (isName)
        {
            name = word == "dev" ? request.Take() : word;
        }
        else if (NfCommandResult bad = ReadChange(request, word, change); bad.status != 0)
        {
            return bad;
        }
    }
    if (name.empty())
    {
        return NfIpFail("Not enough information: \"dev\" argument is required.");
    }
    const NfDevice* device = request.stack.FindDevice(name);
    if (!device)
    {
        return NfIpFail(fmt::format("Cannot find device \"{}\"", name));
    }
    if (!request.admin)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    if (change.name && request.stack.FindDevice(*change.name))
    {
        return NfIpNetlinkError(-EEXIST);
    }
    request.admin->ChangeLink(*device, change);
    return {};
}

NfCommandResult
AddLink(NfIpRequest& request)
{
    std::string name;
    std::string type;
    while (!request.IsAtEnd() && type.empty())
    {
        const std::string word = request.Take();
        if (word == "type")
        {
            if (request.IsAtEnd())
            {
                return NfIpFail("Command line is not complete. Try option \"help\"", 255);
            }
            type = request.Take();
        }
        else
        {
            name = word == "name" || word == "dev" ? request.Take() : word;
        }
    }
    if (type.empty())
    {
        return NfIpFail("Not enough information: \"type\" argument is required");
    }
    if (!request.admin)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    if (type != "dummy")
    {
        return NfIpFail("Error: Unknown device type.", 2);
    }
    if (name.empty() || name.size() > 15)
    {
        return NfIpFail(
            fmt::format("Error: argument \"{}\" is wrong: \"name\" not a valid ifname", name),
            255);
    }
    const int error = request.admin->AddLink(name);
    return error ? NfIpNetlinkError(error) : NfCommandResult{};
}

NfCommandResult
RemoveLink(NfIpRequest& request)
{
    std::string name = request.Take();
    name = name == "dev" ? request.Take() : name;
    const NfDevice* device = request.stack.FindDevice(name);
    if (!device)
    {
        return NfIpFail(fmt::format("Cannot find device \"{}\"", name));
    }
    const int error = request.admin ? request.admin->RemoveLink(*device) : -EOPNOTSUPP;
    return error ? NfIpNetlinkError(error) : NfCommandResult{};
}

/// What ip address add and delete name.
struct AddressArgs
{
    std::optional<NfIpPrefix> prefix;
    bool broadcast{false};
    std::string device;
};

NfCommandResult
ReadAddress(NfIpRequest& request, AddressArgs& args)
{
    while (!request.IsAtEnd())
    {
        const std::string word = request.Take();
        if (word == "dev" || word == "label" || word == "scope")
        {
            const std::string value = request.Take();
            args.device = word == "dev" ? value : args.device;
        }
        else if (word == "brd" || word == "broadcast")
        {
            args.broadcast = request.Take() != "-";
        }
        else if (word != "nodad" && word != "noprefixroute" && word != "local")
        {
            if (args.prefix)
            {
                return NfIpGarbage("local", word);
            }
            args.prefix = NfIpParsePrefix(word, request.family);
            if (!args.prefix)
            {
                return NfIpNoPrefix(word);
            }
        }
    }
    return {};
}

NfCommandResult
ChangeAddress(NfIpRequest& request, bool adds)
{
    AddressArgs args;
    if (NfCommandResult bad = ReadAddress(request, args); bad.status != 0)
    {
        return bad;
    }
    if (args.device.empty())
    {
        return NfIpFail("Not enough information: \"dev\" argument is required.");
    }
    const NfDevice* device = request.stack.FindDevice(args.device);
    if (!device)
    {
        return NfIpFail(fmt::format("Cannot find device \"{}\"", args.device));
    }
    if (!request.admin || !args.prefix)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    NfAddressRow row;
    row.own.family = args.prefix->family;
    row.own.addr = args.prefix->addr;
    row.own.prefix = args.prefix->length;
    row.showsBroadcast = args.broadcast;
    const bool v6 = row.own.family == NfFamily::IPV6;
    if (adds && request.admin->AddAddress(*device, row) != 0)
    {
        return NfIpFail(v6 ? "Error: ipv6: address already assigned."
                           : "Error: ipv4: Address already assigned.",
                        2);
    }
    if (!adds && request.admin->RemoveAddress(*device, row.own) != 0)
    {
        return v6 ? NfIpNetlinkError(-EADDRNOTAVAIL)
                  : NfIpFail("Error: ipv4: Address not found.", 2);
    }
    return {};
}

NfCommandResult
FlushAddresses(NfIpRequest& request)
{
    Filter filter;
    if (NfCommandResult bad = ReadFilter(request, filter); bad.status != 0)
    {
        return bad;
    }
    if (!request.admin)
    {
        return NfIpNetlinkError(-EOPNOTSUPP);
    }
    for (const NfDevice* device : request.stack.GetDevices())
    {
        for (const NfAddressRow& row : filter.device&& filter.device != device
                                           ? std::vector<NfAddressRow>{}
                                           : Rows(request, *device, filter))
        {
            request.admin->RemoveAddress(*device, row.own);
        }
    }
    return {};
}

bool
IsShow(const std::string& command)
{
    return NfIpIs(command, "show") || NfIpIs(command, "list") || NfIpIs(command, "lst");
}

} // namespace

NfCommandResult
NfIpLink(NfIpRequest& request)
{
    const std::string command = request.IsAtEnd() ? "show" : request.Take();
    if (NfIpIs(command, "add"))
    {
        return AddLink(request);
    }
    if (NfIpIs(command, "set") || NfIpIs(command, "change"))
    {
        return SetLink(request);
    }
    if (NfIpIs(command, "delete"))
    {
        return RemoveLink(request);
    }
    return IsShow(command)
               ? ShowLinks(request)
               : NfIpFail(fmt::format("Command \"{}\" is unknown, try \"ip link help\".", command),
                          255);
}

NfCommandResult
NfIpAddress(NfIpRequest& request)
{
    const std::string command = request.IsAtEnd() ? "show" : request.Take();
    if (NfIpIs(command, "add") || NfIpIs(command, "delete"))
    {
        return ChangeAddress(request, NfIpIs(command, "add"));
    }
    if (NfIpIs(command, "flush"))
    {
        return FlushAddresses(request);
    }
    return IsShow(command)
               ? ShowAddresses(request)
               : NfIpFail(
                     fmt::format("Command \"{}\" is unknown, try \"ip address help\".", command),
                     255);
}

} // namespace ns3
