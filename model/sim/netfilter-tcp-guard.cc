/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-tcp-guard.h"

#include "netfilter-packet.h"

#include "ns3/nf-checksum.h"

#include <algorithm>
#include <array>

namespace ns3
{

namespace
{

constexpr size_t MAX_HEADER = 60;
constexpr uint8_t OPTION_END = 0;   //!< RFC 9293 section 3.2
constexpr uint8_t OPTION_NOP = 1;   //!< RFC 9293 section 3.2
constexpr uint8_t OPTION_SCALE = 3; //!< RFC 7323 section 2.2
constexpr uint8_t OPTION_SACK = 5;  //!< RFC 2018 section 3
constexpr size_t OPTION_LENGTH = 2; //!< bytes of kind and length
constexpr uint8_t MAX_SCALE = 14;   //!< RFC 7323 section 2.3

/// @return Linux would read the option; of kinds that it does not know, any length will do
bool
IsSound(uint8_t kind, size_t length)
{
    static constexpr std::array<uint8_t, 9> SIZES{0, 0, 4, 3, 2, 0, 0, 0, 10}; // MSS to timestamps
    if (kind == OPTION_SACK)
    {
        constexpr size_t BLOCK = 8;
        return length > OPTION_LENGTH && (length - OPTION_LENGTH) % BLOCK == 0;
    }
    return kind >= SIZES.size() || SIZES[kind] == 0 || SIZES[kind] == length;
}

void
CleanOptions(uint8_t* options, size_t size)
{
    size_t at = 0;
    while (at < size && options[at] != OPTION_END)
    {
        if (options[at] == OPTION_NOP)
        {
            at++;
            continue;
        }
        const size_t left = size - at;
        const size_t length = left < OPTION_LENGTH ? 0 : options[at + 1];
        if (length < OPTION_LENGTH || length > left)
        {
            std::fill_n(options + at, left, OPTION_END);
            return;
        }
        if (!IsSound(options[at], length))
        {
            std::fill_n(options + at, length, OPTION_NOP);
        }
        else if (options[at] == OPTION_SCALE)
        {
            options[at + OPTION_LENGTH] = std::min(options[at + OPTION_LENGTH], MAX_SCALE);
        }
        at += length;
    }
}

/// Linux: tcp_rcv_state_process(), tcp_rcv_established().
bool
IsWelcome(uint8_t flags, NetfilterTcpState state)
{
    constexpr uint8_t ANY = NF_TCP_ACK | NF_TCP_RST | NF_TCP_SYN;
    constexpr uint8_t OPENING = ANY | NF_TCP_FIN;
    switch (state)
    {
    case NetfilterTcpState::CLOSED:
        return true; // to be answered with a reset
    case NetfilterTcpState::LISTEN:
        return (flags & OPENING) == NF_TCP_SYN;
    default:
        return (flags & ANY) != 0;
    }
}

/// The checksum ends right if it was. @param size even
void
FixChecksum(const uint8_t* before, uint8_t* after, size_t size)
{
    uint16_t checksum = NfReadU16(before + NF_TCP_CHECKSUM);
    for (size_t i = 0; i < size; i += 2)
    {
        checksum = NfChecksumAdjust(checksum, NfReadU16(before + i), NfReadU16(after + i));
    }
    NfWriteU16(after + NF_TCP_CHECKSUM, checksum);
}

} // namespace

bool
NetfilterNeedsTcpState(const NfPacket& packet)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    const uint8_t flags = tcp[NF_TCP_FLAGS] & (NF_TCP_ACK | NF_TCP_RST | NF_TCP_SYN | NF_TCP_FIN);
    const bool isPlain = (flags & ~NF_TCP_FIN) == NF_TCP_ACK && NfReadU16(tcp + NF_TCP_WINDOW) != 0;
    return !isPlain && flags != NF_TCP_SYN;
}

bool
NetfilterAdmitTcp(const NfPacket& packet, NetfilterTcpState state, const Ptr<Packet>& shown)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    const size_t size = size_t{4} * (tcp[NF_TCP_DOFF] >> 4);
    const uint8_t flags = tcp[NF_TCP_FLAGS];
    if (!IsWelcome(flags, state))
    {
        return false;
    }
    const bool isOpening = (flags & NF_TCP_SYN) != 0 || state == NetfilterTcpState::CONNECTING;
    const bool hidesWindow = isOpening && NfReadU16(tcp + NF_TCP_WINDOW) == 0;
    if (size == NF_TCP_HEADER_SIZE && !hidesWindow)
    {
        return true;
    }
    const uint8_t* before = packet.PullTransport(size);
    std::array<uint8_t, MAX_HEADER> after;
    std::copy_n(before, size, after.begin());
    CleanOptions(after.data() + NF_TCP_HEADER_SIZE, size - NF_TCP_HEADER_SIZE);
    if (hidesWindow)
    {
        NfWriteU16(&after[NF_TCP_WINDOW], 1);
    }
    if (!std::equal(before, before + size, after.begin()))
    {
        FixChecksum(before, after.data(), size);
        NetfilterOverwrite(shown, after.data(), size);
    }
    return true;
}

namespace
{

bool
IsTcpReadable(const NfPacket& packet)
{
    // No option reaches further, whatever it says.
    constexpr size_t ALWAYS_ENOUGH = MAX_HEADER + UINT8_MAX;
    if (packet.GetBuffer().GetSize() >= ALWAYS_ENOUGH)
    {
        return true;
    }
    const uint8_t* tcp = packet.GetBuffer().Pull(NF_TCP_HEADER_SIZE);
    const size_t size = tcp ? size_t{4} * (tcp[NF_TCP_DOFF] >> 4) : 0;
    const uint8_t* whole = packet.GetBuffer().Pull(size);
    if (size < NF_TCP_HEADER_SIZE || !whole)
    {
        return false;
    }
    std::array<uint8_t, MAX_HEADER> clean;
    std::copy_n(whole, size, clean.begin());
    CleanOptions(clean.data() + NF_TCP_HEADER_SIZE, size - NF_TCP_HEADER_SIZE);
    return std::equal(whole, whole + size, clean.begin());
}

} // namespace

bool
NetfilterIsReadable(const NfPacket& packet)
{
    const NfIpHeader& ip = packet.GetIp();
    switch (ip.protocol)
    {
    case NF_IPPROTO_TCP:
        return ip.fragOffset != 0 || IsTcpReadable(packet);
    case NF_IPPROTO_UDP:
        return ip.fragOffset != 0 || packet.GetBuffer().GetSize() >= NF_UDP_HEADER_SIZE;
    default:
        return true;
    }
}

} // namespace ns3
