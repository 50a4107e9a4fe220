/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-tcp-guard.h"

namespace ns3
{

namespace
{

constexpr uint8_t OPTION_END = 0;   //!< RFC 9293 section 3.2
constexpr uint8_t OPTION_NOP = 1;   //!< RFC 9293 section 3.2
constexpr size_t OPTION_LENGTH = 2; //!< bytes of kind and length

bool
HasSoundOptions(NfBytes options)
{
    size_t at = 0;
    while (at < options.size() && options[at] != OPTION_END)
    {
        if (options[at] == OPTION_NOP)
        {
            at++;
            continue;
        }
        if (at + OPTION_LENGTH > options.size() || options[at + 1] < OPTION_LENGTH)
        {
            return false;
        }
        at += options[at + 1];
    }
    return at <= options.size();
}

} // namespace

bool
NetfilterIsSoundTcp(const NfPacket& packet)
{
    if (packet.GetProtocol() != NF_IPPROTO_TCP)
    {
        return true;
    }
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    const size_t header = tcp ? static_cast<size_t>(tcp[NF_TCP_DOFF] >> 4) * 4 : 0;
    const uint8_t* whole = packet.PullTransport(header);
    return header >= NF_TCP_HEADER_SIZE && whole &&
           HasSoundOptions(NfBytes(whole, header).Sub(NF_TCP_HEADER_SIZE));
}

} // namespace ns3
