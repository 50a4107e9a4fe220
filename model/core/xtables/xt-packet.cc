/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-packet.h"

#include <algorithm>
#include <cctype>

namespace ns3
{
namespace
{

struct StateName
{
    const char* name;
    uint32_t bit;
    bool nat;
};

constexpr StateName STATES[] = {
    {"INVALID", XT_STATE_INVALID, false},
    {"NEW", XT_STATE_NEW, false},
    {"RELATED", XT_STATE_RELATED, false},
    {"ESTABLISHED", XT_STATE_ESTABLISHED, false},
    {"UNTRACKED", XT_STATE_UNTRACKED, false},
    {"SNAT", XT_STATE_SNAT, true},
    {"DNAT", XT_STATE_DNAT, true},
};

bool
IsExtensionHeader(uint8_t protocol)
{
    return protocol == NF_IPPROTO_HOPOPTS || protocol == NF_IPPROTO_ROUTING ||
           protocol == NF_IPPROTO_FRAGMENT || protocol == NF_IPPROTO_AH ||
           protocol == NF_IPPROTO_DSTOPTS || protocol == NF_IPPROTO_NONE;
}

size_t
ExtensionLength(uint8_t protocol, const uint8_t* header)
{
    switch (protocol)
    {
    case NF_IPPROTO_FRAGMENT:
        return 8;
    case NF_IPPROTO_AH:
        return (header[1] + 2U) * 4;
    default:
        return (header[1] + 1U) * 8;
    }
}

bool
SameLetter(char a, char b)
{
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

} // namespace

const uint8_t*
XtPullHeader(XtParam& param, size_t n)
{
    if (param.packet.IsLaterFragment())
    {
        return nullptr;
    }
    const uint8_t* header = param.packet.PullTransport(n);
    if (!header)
    {
        param.hotdrop = true;
    }
    return header;
}

std::optional<XtIpv6Header>
XtFindIpv6Header(NfPacket& packet, uint8_t wanted, bool* broken)
{
    XtIpv6Header at;
    at.protocol = packet.GetIp().protocol;
    NfBuffer& buffer = packet.GetBuffer();
    while (at.protocol != wanted)
    {
        if (!IsExtensionHeader(at.protocol) || at.protocol == NF_IPPROTO_NONE || at.fragOffset)
        {
            return std::nullopt;
        }
        const size_t need = at.protocol == NF_IPPROTO_FRAGMENT ? 8 : 2;
        const uint8_t* p = buffer.Pull(at.offset + need);
        if (!p)
        {
            if (broken)
            {
                *broken = true;
            }
            return std::nullopt;
        }
        p += at.offset;
        if (at.protocol == NF_IPPROTO_FRAGMENT)
        {
            at.fragOffset = NfReadU16(p + 2) & 0xfff8;
        }
        at.offset += ExtensionLength(at.protocol, p);
        at.protocol = p[0];
    }
    return at;
}

uint32_t
XtStateOf(const NfPacket& packet)
{
    if (!packet.conn)
    {
        return packet.ctInfo == NfCtInfo::UNTRACKED ? XT_STATE_UNTRACKED : XT_STATE_INVALID;
    }
    switch (packet.ctInfo)
    {
    case NfCtInfo::NEW:
        return XT_STATE_NEW;
    case NfCtInfo::RELATED:
    case NfCtInfo::RELATED_REPLY:
        return XT_STATE_RELATED;
    default:
        return XT_STATE_ESTABLISHED;
    }
}

std::optional<uint32_t>
XtParseStates(std::string_view text, bool nat)
{
    uint32_t states = 0;
    for (const std::string& word : XtSplit(text, ','))
    {
        const auto* row = std::find_if(std::begin(STATES), std::end(STATES), [&](const auto& s) {
            return XtIsPrefix(word, s.name) && (nat || !s.nat);
        });
        if (word.empty() || row == std::end(STATES))
        {
            return std::nullopt;
        }
        states |= row->bit;
    }
    return states;
}

std::string
XtFormatStates(uint32_t states)
{
    std::string text;
    for (const StateName& row : STATES)
    {
        if (states & row.bit)
        {
            text += text.empty() ? "" : ",";
            text += row.name;
        }
    }
    return text;
}

bool
XtIsPrefix(std::string_view text, std::string_view word)
{
    return text.size() <= word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), SameLetter);
}

bool
XtIsSameWord(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && XtIsPrefix(a, b);
}

} // namespace ns3
