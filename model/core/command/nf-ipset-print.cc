/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../xtables/xt-names.h"
#include "nf-ipset-text.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr uint8_t ICMP = 1;
constexpr uint8_t TCP = 6;
constexpr uint8_t ICMPV6 = 58;

std::string
FormatIcmp(NfFamily family, uint16_t port)
{
    for (const NfIpSetIcmpName& row : NfGetIpSetIcmpNames(family))
    {
        if ((row.type << 8 | row.code) == port)
        {
            return row.name;
        }
    }
    return fmt::format("{}/{}", port >> 8, port & 0xff);
}

std::string
FormatPort(uint16_t port, uint8_t protocol, bool resolve)
{
    const std::string_view name = resolve ? XtServiceName(port, protocol) : std::string_view{};
    return name.empty() ? std::to_string(port) : std::string(name);
}

std::string
FormatProtocolPort(const IpSetEntry& entry, bool resolve)
{
    const uint8_t protocol = entry.protocol.value_or(TCP);
    if (protocol == ICMP)
    {
        return "icmp:" + FormatIcmp(NfFamily::IPV4, entry.port);
    }
    if (protocol == ICMPV6)
    {
        return "ipv6-icmp:" + FormatIcmp(NfFamily::IPV6, entry.port);
    }
    const std::string_view name = XtProtocolName(protocol);
    std::string text = name.empty() ? std::to_string(protocol) : std::string(name);
    text += ":" + FormatPort(entry.port, protocol, resolve);
    return entry.portTo ? text + "-" + FormatPort(*entry.portTo, protocol, resolve) : text;
}

std::string
FormatAddress(const NfAddr& ip,
              const std::optional<NfAddr>& ipTo,
              std::optional<uint8_t> cidr,
              NfFamily family)
{
    const unsigned bits = family == NfFamily::IPV6 ? 128 : 32;
    std::string text = ip.ToString(family);
    if (cidr && *cidr != bits)
    {
        text += fmt::format("/{}", *cidr);
    }
    return ipTo ? text + "-" + ipTo->ToString(family) : text;
}

std::string
FormatMac(const std::array<uint8_t, 6>& mac)
{
    return fmt::format("{:02X}:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}",
                       mac[0],
                       mac[1],
                       mac[2],
                       mac[3],
                       mac[4],
                       mac[5]);
}

/// @return an option's value in the header, nothing if it is not shown
std::optional<std::string>
ShowOption(IpSetOption option, const IpSetOptions& options)
{
    const auto number = [](const auto& value) {
        return value ? std::optional<std::string>(std::to_string(*value)) : std::nullopt;
    };
    const auto flag = [](bool value) {
        return value ? std::optional<std::string>("") : std::nullopt;
    };
    switch (option)
    {
    case IpSetOption::FAMILY:
        return options.family == NfFamily::IPV6 ? "inet6" : "inet";
    case IpSetOption::HASHSIZE:
        return number(options.hashSize);
    case IpSetOption::MAXELEM:
        return number(options.maxElements);
    case IpSetOption::NETMASK:
        return number(options.netmask);
    case IpSetOption::BITMASK:
        return options.bitmask
                   ? std::optional<std::string>(options.bitmask->ToString(options.family))
                   : std::nullopt;
    case IpSetOption::MARKMASK:
        return fmt::format("0x{:08x}", options.markMask.value_or(0));
    case IpSetOption::TIMEOUT:
        return number(options.timeout);
    case IpSetOption::COUNTERS:
        return flag(options.counters);
    case IpSetOption::COMMENT:
        return flag(options.comment);
    case IpSetOption::SKBINFO:
        return flag(options.skbInfo);
    case IpSetOption::BUCKETSIZE:
        return number(options.bucketSize);
    case IpSetOption::INITVAL:
        return fmt::format("0x{:08x}", options.initval.value_or(0));
    case IpSetOption::SIZE:
        return number(options.size);
    case IpSetOption::RANGE_IP:
        return FormatAddress(*options.ip, options.ipTo, std::nullopt, NfFamily::IPV4);
    case IpSetOption::RANGE_PORT:
        return fmt::format("{}-{}", *options.port, *options.portTo);
    default:
        return std::nullopt;
    }
}

std::optional<std::string>
ShowExtension(IpSetOption option, const IpSetEntry& entry)
{
    const IpSetSkbInfo info = entry.skbInfo.value_or(IpSetSkbInfo{});
    const auto number = [](const auto& value) {
        return value ? std::optional<std::string>(std::to_string(*value)) : std::nullopt;
    };
    const auto when = [](bool shown, std::string text) {
        return shown ? std::optional<std::string>(std::move(text)) : std::nullopt;
    };
    switch (option)
    {
    case IpSetOption::TIMEOUT:
        return number(entry.timeout);
    case IpSetOption::NOMATCH:
        return when(entry.nomatch, "");
    case IpSetOption::WILDCARD:
        return when(entry.wildcard, "");
    case IpSetOption::PACKETS:
        return number(entry.packets);
    case IpSetOption::BYTES:
        return number(entry.bytes);
    case IpSetOption::ADT_COMMENT:
        return when(entry.comment.has_value(), '"' + entry.comment.value_or("") + '"');
    case IpSetOption::SKBMARK:
        return when(info.mark || info.markMask,
                    info.markMask == UINT32_MAX
                        ? fmt::format("0x{:x}", info.mark)
                        : fmt::format("0x{:x}/0x{:x}", info.mark, info.markMask));
    case IpSetOption::SKBPRIO:
        return when(info.priority != 0,
                    fmt::format("{:x}:{:x}", info.priority >> 16, info.priority & 0xffff));
    case IpSetOption::SKBQUEUE:
        return when(info.queue != 0, std::to_string(info.queue));
    default:
        return std::nullopt;
    }
}

template <class T, class Show>
std::vector<NfIpSetShown>
ShowAll(const IpSetOption* options, const T& from, Show show)
{
    std::vector<NfIpSetShown> shown;
    for (; *options != IpSetOption::END; options++)
    {
        if (auto value = show(*options, from))
        {
            shown.emplace_back(NfGetIpSetOption(*options).name, std::move(*value));
        }
    }
    return shown;
}

} // namespace

std::string
NfFormatIpSetElement(const IpSetType& type, NfFamily family, const IpSetEntry& entry, bool resolve)
{
    std::string text;
    for (unsigned n = 0; n < type.GetDimension(); n++)
    {
        const std::string comma = n ? "," : "";
        switch (type.parts[n])
        {
        case IpSetPart::IP:
        case IpSetPart::SINGLE_IP:
        case IpSetPart::NET:
            text += comma + (n == 0 ? FormatAddress(entry.ip, entry.ipTo, entry.cidr, family)
                                    : FormatAddress(entry.ip2, {}, entry.cidr2, family));
            break;
        case IpSetPart::PORT:
            text += comma + FormatProtocolPort(entry, resolve);
            break;
        case IpSetPart::PLAIN_PORT:
            text += FormatPort(entry.port, TCP, resolve);
            break;
        case IpSetPart::IFACE:
            text += comma + (entry.physdev ? "physdev:" : "") + entry.iface;
            break;
        case IpSetPart::MAC:
            text += entry.ether ? comma + FormatMac(*entry.ether) : "";
            break;
        case IpSetPart::MARK:
            text += comma + fmt::format("0x{:08x}", entry.mark);
            break;
        default:
            text += entry.name + (entry.nameRef.empty() ? "" : " after " + entry.nameRef);
        }
    }
    return text;
}

std::vector<NfIpSetShown>
NfShowIpSetOptions(const IpSetType& type, const IpSetOptions& options)
{
    return ShowAll(type.create, options, ShowOption);
}

std::vector<NfIpSetShown>
NfShowIpSetExtensions(const IpSetType& type, const IpSetEntry& entry)
{
    return ShowAll(type.add, entry, ShowExtension);
}

bool
NfIpSetLess(const std::string& a, const std::string& b)
{
    constexpr const char* SEPARATORS = ",-:./| ";
    size_t start = 0;
    bool prefix = false;
    while (start <= a.size() && start <= b.size())
    {
        const size_t endA = std::min(a.find_first_of(SEPARATORS, start), a.size());
        const size_t endB = std::min(b.find_first_of(SEPARATORS, start), b.size());
        const size_t lengthA = endA - start;
        const size_t lengthB = endB - start;
        const int order = a.compare(start, lengthA, b, start, lengthB);
        if (lengthA != lengthB)
        {
            // Longer prefixes come first.
            return (lengthA < lengthB) != prefix;
        }
        if (order != 0)
        {
            return (order < 0) != prefix;
        }
        if (endA == a.size() || endB == b.size())
        {
            return endA == a.size() && endB != b.size();
        }
        if (a[endA] != b[endB])
        {
            return a[endA] < b[endB];
        }
        prefix = a[endA] == '/';
        start = endA + 1;
    }
    return false;
}

} // namespace ns3
