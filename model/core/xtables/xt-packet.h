/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_PACKET_H
#define XT_PACKET_H

#include "xt-extension.h"

#include <cstdint>
#include <optional>

namespace ns3
{

constexpr uint32_t XT_HZ = 250; //!< ticks per second of the reference kernel

/// @return ticks since the start of the run (Linux: jiffies)
inline uint64_t
XtJiffies(const NfClock& clock)
{
    return static_cast<uint64_t>(clock.Now().count()) / (1000000000U / XT_HZ);
}

/**
 * The transport header as protocol matches want it: nothing in later fragments; a header that is
 * cut drops the packet at once (Linux: par->fragoff, skb_header_pointer(), par->hotdrop).
 * @param n bytes wanted
 */
const uint8_t* XtPullHeader(XtParam& param, size_t n);

/// An IPv6 extension header.
struct XtIpv6Header
{
    size_t offset{0};       //!< where it starts in the packet's buffer
    uint8_t protocol{0};    //!< which
    uint16_t fragOffset{0}; //!< bytes, from a fragment header before it
};

/**
 * Walks the IPv6 extension headers (Linux: ipv6_find_hdr()).
 * @param packet an IPv6 packet
 * @param wanted protocol number of a header
 * @param broken out: the chain is cut (any error but "not there"); may be null
 * @return where it is
 */
std::optional<XtIpv6Header> XtFindIpv6Header(NfPacket& packet, uint8_t wanted, bool* broken);

/// What conntrack's state matches compare, as bits (Linux: XT_CONNTRACK_STATE_*).
enum XtStateBit : uint32_t
{
    XT_STATE_INVALID = 1U << 0,
    XT_STATE_ESTABLISHED = 1U << 1,
    XT_STATE_RELATED = 1U << 2,
    XT_STATE_NEW = 1U << 3,
    XT_STATE_SNAT = 1U << 6,
    XT_STATE_DNAT = 1U << 7,
    XT_STATE_UNTRACKED = 1U << 8,
};

/// @return the one bit among the first four or UNTRACKED that holds for a packet
uint32_t XtStateOf(const NfPacket& packet);

/**
 * @param text "NEW,ESTABLISHED", any case, names may be cut short
 * @param nat SNAT and DNAT are states too
 * @return the bits, nothing if a name is unknown or empty
 */
std::optional<uint32_t> XtParseStates(std::string_view text, bool nat);

/// @return "NEW,ESTABLISHED"
std::string XtFormatStates(uint32_t states);

/// @param text @param word @return whether text is word or, ignoring case, the beginning of it
bool XtIsPrefix(std::string_view text, std::string_view word);

/// @return whether both are the same but for case
bool XtIsSameWord(std::string_view a, std::string_view b);

} // namespace ns3

#endif // XT_PACKET_H
