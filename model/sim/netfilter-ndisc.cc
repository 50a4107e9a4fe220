/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-ndisc.h"

#include "netfilter-packet.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace ns3
{

namespace
{

constexpr uint8_t SOURCE = 1;     //!< option: source link-layer address
constexpr uint8_t TARGET = 2;     //!< option: target link-layer address
constexpr uint8_t PREFIX = 3;     //!< option: prefix information
constexpr uint8_t REDIRECTED = 4; //!< option: redirected header
constexpr uint8_t MTU = 5;        //!< option: MTU
constexpr uint8_t NONCE = 14;     //!< option: RFC 3971 section 5.3.2
constexpr uint8_t NONE = 0;       //!< no option has this type
constexpr size_t UNIT = 8;        //!< bytes that lengths of options count

constexpr uint8_t ROUTER_SOLICITATION = 133;
constexpr uint8_t ROUTER_ADVERTISEMENT = 134;
constexpr uint8_t SOLICITATION = 135;
constexpr uint8_t ADVERTISEMENT = 136;
constexpr uint8_t REDIRECT = 137;

constexpr size_t TARGET_ADDRESS = 8; //!< offset in messages that have a target
constexpr size_t REDIRECT_DESTINATION = 24;

/// What ns-3 reads of a message.
struct Message
{
    uint8_t type;
    size_t size;                    //!< bytes before the options
    uint8_t linkAddress;            //!< option with the link-layer address
    std::array<uint8_t, 3> options; //!< those that ns-3 reads, in the order it wants
    uint8_t filler;                 //!< option to be there when there is none
};

constexpr Message MESSAGES[] = {
    {ROUTER_SOLICITATION, 8, SOURCE, {SOURCE}, NONCE},
    {ROUTER_ADVERTISEMENT, 16, SOURCE, {PREFIX, MTU, SOURCE}, NONE},
    {SOLICITATION, 24, SOURCE, {SOURCE}, NONCE},
    {ADVERTISEMENT, 24, TARGET, {TARGET}, NONCE},
    {REDIRECT, 40, TARGET, {TARGET, REDIRECTED}, REDIRECTED},
};

const Message*
FindMessage(uint8_t type)
{
    const auto* message = std::find_if(std::begin(MESSAGES),
                                       std::end(MESSAGES),
                                       [type](const Message& m) { return m.type == type; });
    return message == std::end(MESSAGES) ? nullptr : message;
}

/// Calls @p each with every option. @return false: one of them breaks the chain
template <class F>
bool
ForEachOption(NfBytes options, F each)
{
    while (options.size() != 0)
    {
        const size_t length = options.size() < 2 ? 0 : UNIT * options[1];
        if (length == 0 || length > options.size())
        {
            return false;
        }
        each(options.Sub(0, length));
        options = options.Sub(length);
    }
    return true;
}

bool
IsMulticast(const uint8_t* address)
{
    return address[0] == 0xff;
}

bool
IsLinkLocal(const uint8_t* address)
{
    return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/// ff02::1:ff00:0/104
bool
IsSolicitedNode(const NfAddr& address)
{
    static constexpr std::array<uint8_t, 13>
        PREFIX_104{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
    return std::equal(PREFIX_104.begin(), PREFIX_104.end(), address.bytes.begin());
}

/// What RFC 4861 wants of each type, sections 6.1, 7.1 and 8.1.
bool
IsHeaderSound(const NfIpHeader& ip, const uint8_t* bytes, bool hasLinkAddress)
{
    constexpr uint8_t SOLICITED = 0x40;
    const uint8_t* target = bytes + TARGET_ADDRESS;
    switch (bytes[0])
    {
    case ROUTER_SOLICITATION:
        return !ip.src.IsZero();
    case ROUTER_ADVERTISEMENT:
        return IsLinkLocal(ip.src.bytes.data());
    case SOLICITATION:
        return !IsMulticast(target) &&
               (!ip.src.IsZero() || (IsSolicitedNode(ip.dst) && !hasLinkAddress));
    case ADVERTISEMENT:
        return !IsMulticast(target) &&
               !(IsMulticast(ip.dst.bytes.data()) && (bytes[4] & SOLICITED) != 0);
    default: {
        const uint8_t* destination = bytes + REDIRECT_DESTINATION;
        const bool isOnLink = std::equal(target, target + 16, destination);
        return IsLinkLocal(ip.src.bytes.data()) && !IsMulticast(ip.dst.bytes.data()) &&
               !IsMulticast(destination) && (isOnLink || IsLinkLocal(target));
    }
    }
}

/// Linux: addrconf_prefix_rcv().
bool
IsPrefixSound(NfBytes option)
{
    constexpr size_t SIZE = 32;
    constexpr uint8_t MAX_LENGTH = 128;
    return option.size() == SIZE && option[2] <= MAX_LENGTH &&
           NfReadU32(option.data() + 8) <= NfReadU32(option.data() + 4) &&
           !IsMulticast(option.data() + 16) && !IsLinkLocal(option.data() + 16);
}

bool
IsReadable(NfBytes option)
{
    switch (option[0])
    {
    case PREFIX:
        return IsPrefixSound(option);
    case MTU:
        return option.size() == UNIT;
    default:
        return true;
    }
}

/// @return options that ns-3 reads to their end, of each type but prefixes only the first
std::vector<uint8_t>
SelectOptions(const Message& message, NfBytes options)
{
    std::vector<uint8_t> selected;
    for (uint8_t type : message.options)
    {
        bool isFirst = true;
        ForEachOption(options, [&](NfBytes option) {
            if (type != NONE && option[0] == type && (isFirst || type == PREFIX) &&
                IsReadable(option))
            {
                selected.insert(selected.end(), option.begin(), option.end());
                isFirst = false;
            }
        });
        const bool mustBeThere = type == message.filler || message.filler == NONCE;
        if (isFirst && type != NONE && mustBeThere)
        {
            selected.resize(selected.size() + UNIT);
            uint8_t* filler = &selected[selected.size() - UNIT];
            filler[0] = message.filler;
            filler[1] = 1;
        }
    }
    return selected;
}

} // namespace

bool
NetfilterIsSoundNdisc(const NfPacket& packet, size_t addressSize)
{
    constexpr uint8_t HOP_LIMIT = 255;
    const NfBytes bytes = packet.PullTransportAll();
    const Message* message = FindMessage(bytes[0]);
    if (!message)
    {
        return true;
    }
    if (bytes.size() < message->size || bytes[1] != 0 || packet.GetIp().ttl != HOP_LIMIT)
    {
        return false;
    }
    const size_t linkOption = (2 + addressSize + UNIT - 1) / UNIT * UNIT;
    bool hasLinkAddress = false;
    bool isSound = true;
    const bool isWhole = ForEachOption(bytes.Sub(message->size), [&](NfBytes option) {
        if (option[0] == message->linkAddress)
        {
            hasLinkAddress = true;
            isSound &= option.size() == linkOption;
        }
    });
    return isWhole && isSound && IsHeaderSound(packet.GetIp(), bytes.data(), hasLinkAddress);
}

void
NetfilterCleanNdisc(const NfPacket& packet, const Ptr<Packet>& shown)
{
    const NfBytes bytes = packet.PullTransportAll();
    const Message* message = FindMessage(bytes[0]);
    if (!message)
    {
        return;
    }
    const NfBytes options = bytes.Sub(message->size);
    const std::vector<uint8_t> selected = SelectOptions(*message, options);
    if (!std::equal(options.begin(), options.end(), selected.begin(), selected.end()))
    {
        shown->RemoveAtEnd(static_cast<uint32_t>(options.size()));
        shown->AddAtEnd(Create<Packet>(selected.data(), static_cast<uint32_t>(selected.size())));
    }
}

} // namespace ns3
