/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-exthdr.h"

#include <algorithm>

namespace ns3
{

bool
NfIsExtensionHeader(uint8_t header)
{
    return header == NF_IPPROTO_HOPOPTS || header == NF_IPPROTO_ROUTING ||
           header == NF_IPPROTO_FRAGMENT || header == NF_IPPROTO_AH || header == NF_IPPROTO_DSTOPTS;
}

size_t
NfExtensionHeaderSize(uint8_t header, const uint8_t* bytes)
{
    return header == NF_IPPROTO_FRAGMENT ? NF_FRAGMENT_HEADER_SIZE
           : header == NF_IPPROTO_AH     ? (bytes[1] + size_t{2}) * 4
                                         : (bytes[1] + size_t{1}) * 8;
}

bool
NfIsHeaderChainCut(NfBytes bytes, size_t offset)
{
    uint8_t next = NF_IPPROTO_FRAGMENT;
    while (NfIsExtensionHeader(next))
    {
        const NfBytes rest = bytes.Sub(offset);
        const bool isFragment = next == NF_IPPROTO_FRAGMENT;
        if (rest.size() < (isFragment ? size_t{4} : size_t{2}) ||
            (isFragment && NfReadU16(rest.data() + 2) >= 8))
        {
            return false;
        }
        offset += NfExtensionHeaderSize(next, rest.data());
        next = rest[0];
    }
    if (next == NF_IPPROTO_NONE)
    {
        return false;
    }
    const size_t need = next == NF_IPPROTO_TCP                                ? NF_TCP_HEADER_SIZE
                        : next == NF_IPPROTO_UDP || next == NF_IPPROTO_ICMPV6 ? NF_UDP_HEADER_SIZE
                                                                              : 1;
    return offset + need > bytes.size();
}

namespace
{

constexpr size_t MIN_SIZE = 8;             //!< of any extension header
constexpr uint8_t HEADER_FIELD = 0;        //!< code: erroneous header field
constexpr uint8_t UNKNOWN_NEXT_HEADER = 1; //!< code
constexpr uint8_t UNKNOWN_OPTION = 2;      //!< code
constexpr uint32_t FIXED_NEXT_HEADER = 6;  //!< offset of the field in the fixed header
constexpr uint8_t PACKET_HOST = 0;

constexpr NfExthdrResult
Drop()
{
    return {NfExthdrResult::DROP, 0, 0, 0, 0};
}

constexpr NfExthdrResult
Problem(uint8_t code, size_t pointer)
{
    return {NfExthdrResult::PROBLEM, code, static_cast<uint32_t>(pointer), 0, 0};
}

/// Walks the options of one header.
class OptionWalk
{
  public:
    /// @param packet has the header @param header whole @param offset of it from the fixed header
    OptionWalk(const NfPacket& packet, NfBytes header, size_t offset, bool isHopByHop)
        : m_packet(packet),
          m_header(header),
          m_offset(NF_IPV6_HEADER_SIZE + offset),
          m_isHopByHop(isHopByHop)
    {
    }

    NfExthdrResult Run()
    {
        size_t at = 2;
        while (at < m_header.size())
        {
            const size_t left = m_header.size() - at;
            const size_t size = m_header[at] == PAD1 ? 1
                                : left < 2           ? SIZE_MAX
                                                     : m_header[at + 1] + 2U;
            if (size > left)
            {
                return Drop();
            }
            const NfExthdrResult result = Look(at, m_header.Sub(at, size));
            if (result.fate != NfExthdrResult::PASS)
            {
                return result;
            }
            at += size;
        }
        return {};
    }

  private:
    static constexpr uint8_t PAD1 = 0;
    static constexpr uint8_t PADN = 1;
    static constexpr uint8_t ROUTER_ALERT = 5;
    static constexpr uint8_t JUMBO = 0xc2;
    static constexpr unsigned MAX_PADDING = 7; //!< bytes in a row
    static constexpr unsigned MAX_OPTIONS = 8; //!< Linux: max_hbh_opts_number, max_dst_opts_number

    NfExthdrResult Look(size_t at, NfBytes option)
    {
        if (option[0] == PAD1 || option[0] == PADN)
        {
            m_padding += static_cast<unsigned>(option.size());
            const NfBytes padding = option.Sub(std::min<size_t>(2, option.size()));
            const bool isZero =
                std::all_of(padding.begin(), padding.end(), [](uint8_t b) { return b == 0; });
            return m_padding > MAX_PADDING || !isZero ? Drop() : NfExthdrResult{};
        }
        m_padding = 0;
        if (++m_options > MAX_OPTIONS)
        {
            return Drop();
        }
        if (m_isHopByHop && option[0] == ROUTER_ALERT)
        {
            return option[1] == 2 ? NfExthdrResult{} : Drop();
        }
        if (m_isHopByHop && option[0] == JUMBO)
        {
            return LookAtJumbo(at, option);
        }
        return LookAtUnknown(at, option[0]);
    }

    /// Linux: ipv6_hop_jumbo(). No link here takes packets that need the option.
    NfExthdrResult LookAtJumbo(size_t at, NfBytes option) const
    {
        constexpr uint32_t MAX_ORDINARY = 65535;
        if (option[1] != 4 || (m_offset + at) % 4 != 2)
        {
            return Drop();
        }
        const bool isNeedless = NfReadU32(option.data() + 2) <= MAX_ORDINARY;
        const bool hasLength = m_packet.GetBuffer().GetSize() != 0;
        return isNeedless  ? Problem(HEADER_FIELD, m_offset + at + 2)
               : hasLength ? Problem(HEADER_FIELD, m_offset + at)
                           : Drop();
    }

    /// RFC 8200 section 4.2: the two upper bits say what to do.
    NfExthdrResult LookAtUnknown(size_t at, uint8_t type) const
    {
        constexpr uint8_t MULTICAST = 0xff;
        switch (type >> 6)
        {
        case 0:
            return {};
        case 1:
            return Drop();
        case 3:
            if (m_packet.GetIp().dst.bytes[0] == MULTICAST)
            {
                return Drop();
            }
            [[fallthrough]];
        default:
            return Problem(UNKNOWN_OPTION, m_offset + at);
        }
    }

    const NfPacket& m_packet;
    NfBytes m_header;
    size_t m_offset; //!< from the start of the packet
    bool m_isHopByHop;
    unsigned m_padding{0};
    unsigned m_options{0};
};

/// @return a whole extension header, empty when it is cut off
NfBytes
PullHeader(const NfPacket& packet, size_t offset)
{
    const uint8_t* start = packet.GetBuffer().Pull(offset + MIN_SIZE);
    if (!start)
    {
        return {};
    }
    const size_t size = (start[offset + 1] + size_t{1}) * MIN_SIZE;
    const uint8_t* whole = packet.GetBuffer().Pull(offset + size);
    return whole ? NfBytes(whole + offset, size) : NfBytes();
}

/// Linux: ipv6_rthdr_rcv() with segment routing, RPL and Mobile IPv6 off.
NfExthdrResult
CheckRouting(const NfPacket& packet, NfBytes header, size_t offset)
{
    constexpr uint8_t MOBILE = 2;
    constexpr uint8_t RPL = 3;
    constexpr uint8_t SEGMENTS = 4;
    constexpr uint8_t MULTICAST = 0xff;
    const uint8_t type = header[2];
    const bool isForHost =
        packet.packetType == PACKET_HOST && packet.GetIp().dst.bytes[0] != MULTICAST;
    if (!isForHost || type == MOBILE || type == RPL || type == SEGMENTS)
    {
        return Drop();
    }
    constexpr size_t SEGMENTS_LEFT = 3;
    return header[SEGMENTS_LEFT] == 0
               ? NfExthdrResult{}
               : Problem(HEADER_FIELD, NF_IPV6_HEADER_SIZE + offset + SEGMENTS_LEFT);
}

} // namespace

NfExthdrResult
NfCheckHopByHop(const NfPacket& packet)
{
    const NfBytes header = PullHeader(packet, 0);
    return header.empty() ? Drop() : OptionWalk(packet, header, 0, true).Run();
}

namespace
{

/// Linux: ipv6_frag_rcv(), and what of ip6_frag_queue() needs no queue.
NfExthdrResult
CheckFragment(NfBytes bytes, size_t offset, bool isReassembled)
{
    constexpr size_t MAX_DATAGRAM = 65535;
    constexpr uint8_t INCOMPLETE_CHAIN = 3;
    constexpr uint32_t PAYLOAD_LENGTH_FIELD = 4;
    constexpr size_t OFFSET_FIELD = 2;
    const NfBytes header = bytes.Sub(offset);
    const size_t pointer = NF_IPV6_HEADER_SIZE + offset;
    if (isReassembled || header.size() < NF_FRAGMENT_HEADER_SIZE)
    {
        return Problem(HEADER_FIELD, pointer);
    }
    const uint16_t field = NfReadU16(header.data() + OFFSET_FIELD);
    const size_t from = field & 0xfff8;
    const bool isLast = (field & 1) == 0;
    if (from == 0 && isLast)
    {
        return {};
    }
    if (NfIsHeaderChainCut(bytes, offset))
    {
        return Problem(INCOMPLETE_CHAIN, 0);
    }
    const size_t size = header.size() - NF_FRAGMENT_HEADER_SIZE;
    if (from + size > MAX_DATAGRAM)
    {
        return Problem(HEADER_FIELD, pointer + OFFSET_FIELD);
    }
    if (!isLast && size % 8 != 0)
    {
        return Problem(HEADER_FIELD, PAYLOAD_LENGTH_FIELD);
    }
    return {NfExthdrResult::GATHER, 0, 0, 0, 0};
}

/// @param isReassembled changed: no other fragment header may follow
NfExthdrResult
CheckHeader(const NfPacket& packet, const NfExthdrResult& at, NfBytes bytes, bool& isReassembled)
{
    if (at.protocol == NF_IPPROTO_FRAGMENT)
    {
        const NfExthdrResult result = CheckFragment(bytes, at.offset, isReassembled);
        isReassembled = true;
        return result;
    }
    const NfBytes header = PullHeader(packet, at.offset);
    if (header.empty())
    {
        return Drop();
    }
    if (at.protocol == NF_IPPROTO_HOPOPTS)
    {
        return at.offset == 0 ? NfExthdrResult{} : Problem(UNKNOWN_NEXT_HEADER, at.pointer);
    }
    return at.protocol == NF_IPPROTO_ROUTING ? CheckRouting(packet, header, at.offset)
                                             : OptionWalk(packet, header, at.offset, false).Run();
}

} // namespace

NfExthdrResult
NfWalkExtensionHeaders(const NfPacket& packet, bool isReassembled)
{
    NfExthdrResult at;
    at.protocol = packet.GetIp().protocol;
    at.pointer = FIXED_NEXT_HEADER;
    const size_t size = packet.GetBuffer().GetSize();
    while (NfIsExtensionHeader(at.protocol) && at.protocol != NF_IPPROTO_AH)
    {
        const NfBytes bytes(packet.GetBuffer().Pull(size), size);
        const NfExthdrResult found = CheckHeader(packet, at, bytes, isReassembled);
        if (found.fate != NfExthdrResult::PASS)
        {
            return found;
        }
        const NfBytes header = bytes.Sub(at.offset);
        at.pointer = static_cast<uint32_t>(NF_IPV6_HEADER_SIZE + at.offset);
        at.offset += NfExtensionHeaderSize(at.protocol, header.data());
        at.protocol = header[0];
    }
    return at;
}

} // namespace ns3
