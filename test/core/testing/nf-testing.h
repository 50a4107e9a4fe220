/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_TESTING_H
#define NF_TESTING_H

#include "model/core/hook/nf-hook.h"
#include "model/core/packet/nf-checksum.h"
#include "model/core/packet/nf-packet.h"
#include "test/core/testing/nf-manual-clock.h"

#include <cctype>
#include <cstdint>
#include <gmock/gmock.h>
#include <initializer_list>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/**
 * @file
 * What tests of the core are made of: a clock advanced by hand, repeatable random numbers, a packet
 * builder, and matchers.
 *
 * @code
 * NfManualClock clock;
 * auto syn = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80, "S").Seq(1).Build();
 * EXPECT_THAT(*syn, AllOf(IsFrom("10.0.0.2:1000"), IsTo("198.51.100.9:80"), HasTcpFlags("S")));
 * clock.Advance(std::chrono::seconds(120));
 * @endcode
 */

namespace ns3
{

/// @param text "SA", letters of FSRPAUEC @return TCP flag bits
inline uint8_t
NfTcpFlagBits(std::string_view text)
{
    static constexpr std::string_view LETTERS = "FSRPAUEC";
    uint8_t bits = 0;
    for (char c : text)
    {
        bits |= static_cast<uint8_t>(1U << LETTERS.find(c));
    }
    return bits;
}

/// @param hex digits, white space ignored @return the bytes
inline std::vector<uint8_t>
NfUnhex(std::string_view hex)
{
    std::string digits;
    for (char c : hex)
    {
        if (std::isxdigit(static_cast<unsigned char>(c)))
        {
            digits += c;
        }
    }
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
    {
        bytes.push_back(static_cast<uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

/// @param bytes any @return lower-case hex digits
inline std::string
NfHex(NfBytes bytes)
{
    static constexpr char DIGITS[] = "0123456789abcdef";
    std::string text;
    for (uint8_t byte : bytes)
    {
        text += DIGITS[byte >> 4];
        text += DIGITS[byte & 0xf];
    }
    return text;
}

/**
 * Makes packets, IPv4 or IPv6 by the look of the addresses. Checksums are right unless
 * BadChecksum() or Checksum() say otherwise.
 */
class NfPacketBuilder
{
  public:
    /// @param src "10.0.0.2" or "2001:db8::1" @param dst of the same family
    NfPacketBuilder(std::string_view src, std::string_view dst)
        : m_family(src.find(':') == std::string_view::npos ? NfFamily::IPV4 : NfFamily::IPV6)
    {
        m_ip.src = NfAddr::Parse(src, m_family).value();
        m_ip.dst = NfAddr::Parse(dst, m_family).value();
    }

    /// @param flags letters of FSRPAUEC
    NfPacketBuilder& Tcp(uint16_t sport, uint16_t dport, std::string_view flags = "S")
    {
        Transport(NF_IPPROTO_TCP, NF_TCP_HEADER_SIZE);
        Put16(NF_TCP_SPORT, sport).Put16(NF_TCP_DPORT, dport).Put16(NF_TCP_WINDOW, 65535);
        m_l4[NF_TCP_DOFF] = 0x50;
        m_l4[NF_TCP_FLAGS] = NfTcpFlagBits(flags);
        return *this;
    }

    NfPacketBuilder& Seq(uint32_t seq)
    {
        NfWriteU32(&m_l4[NF_TCP_SEQ], seq);
        return *this;
    }

    NfPacketBuilder& Ack(uint32_t ack)
    {
        NfWriteU32(&m_l4[NF_TCP_ACKNO], ack);
        return *this;
    }

    NfPacketBuilder& Window(uint16_t window)
    {
        return Put16(NF_TCP_WINDOW, window);
    }

    /// @param options TCP options, padded with zeros to a multiple of 4. Before Payload().
    NfPacketBuilder& TcpOptions(std::vector<uint8_t> options)
    {
        options.resize((options.size() + 3) / 4 * 4);
        m_l4.insert(m_l4.end(), options.begin(), options.end());
        m_l4[NF_TCP_DOFF] = static_cast<uint8_t>(m_l4.size() / 4 << 4);
        return *this;
    }

    NfPacketBuilder& Udp(uint16_t sport, uint16_t dport)
    {
        Transport(NF_IPPROTO_UDP, NF_UDP_HEADER_SIZE);
        return Put16(0, sport).Put16(2, dport);
    }

    NfPacketBuilder& UdpLite(uint16_t sport, uint16_t dport, uint16_t coverage = 0)
    {
        Transport(NF_IPPROTO_UDPLITE, NF_UDP_HEADER_SIZE);
        return Put16(0, sport).Put16(2, dport).Put16(4, coverage);
    }

    /// ICMP or ICMPv6. @param rest the second word of the header (id << 16 | sequence of an echo)
    NfPacketBuilder& Icmp(uint8_t type, uint8_t code = 0, uint32_t rest = 0)
    {
        Transport(m_family == NfFamily::IPV6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP,
                  NF_ICMP_HEADER_SIZE);
        m_l4[0] = type;
        m_l4[1] = code;
        NfWriteU32(&m_l4[4], rest);
        return *this;
    }

    NfPacketBuilder& EchoRequest(uint16_t id, uint16_t sequence = 1)
    {
        return Icmp(m_family == NfFamily::IPV6 ? 128 : 8, 0, uint32_t{id} << 16 | sequence);
    }

    NfPacketBuilder& EchoReply(uint16_t id, uint16_t sequence = 1)
    {
        return Icmp(m_family == NfFamily::IPV6 ? 129 : 0, 0, uint32_t{id} << 16 | sequence);
    }

    /// Any protocol. @param bytes its header and payload
    NfPacketBuilder& Raw(uint8_t protocol, std::vector<uint8_t> bytes = {})
    {
        Transport(protocol, 0);
        m_l4 = std::move(bytes);
        return *this;
    }

    NfPacketBuilder& Payload(std::string_view text)
    {
        m_l4.insert(m_l4.end(), text.begin(), text.end());
        return *this;
    }

    NfPacketBuilder& PayloadBytes(const std::vector<uint8_t>& bytes)
    {
        m_l4.insert(m_l4.end(), bytes.begin(), bytes.end());
        return *this;
    }

    /// @param n that many bytes 0, 1, 2, ...
    NfPacketBuilder& PayloadSize(size_t n)
    {
        for (size_t i = 0; i < n; ++i)
        {
            m_l4.push_back(static_cast<uint8_t>(i));
        }
        return *this;
    }

    NfPacketBuilder& Ttl(uint8_t ttl)
    {
        m_ip.ttl = ttl;
        return *this;
    }

    NfPacketBuilder& Tos(uint8_t tos)
    {
        m_ip.tos = tos;
        return *this;
    }

    /// IPv4 identification
    NfPacketBuilder& Id(uint32_t id)
    {
        m_ip.id = id;
        return *this;
    }

    NfPacketBuilder& DontFragment(bool df = true)
    {
        m_ip.dontFragment = df;
        return *this;
    }

    NfPacketBuilder& FlowLabel(uint32_t label)
    {
        m_ip.flowLabel = label;
        return *this;
    }

    /// @param options IPv4 options, a multiple of 4 bytes
    NfPacketBuilder& IpOptions(std::vector<uint8_t> options)
    {
        m_ipOptions = std::move(options);
        return *this;
    }

    /// An IPv6 extension header in front of what is there so far: call from the innermost outwards.
    /// @param header its number @param bytes all of it, the next header field is filled in
    NfPacketBuilder& Extension(uint8_t header, std::vector<uint8_t> bytes)
    {
        bytes.at(0) = m_extensions.empty() ? m_protocol : m_firstExtension;
        m_extensions.insert(m_extensions.begin(), bytes.begin(), bytes.end());
        m_firstExtension = header;
        return *this;
    }

    /**
     * One piece of the datagram built so far, its transport checksum already over the whole.
     * @param offset first byte of the piece, counted behind the IP header
     * @param size bytes in it
     * @param more set the more-fragments flag
     * @param id IPv4 identification, or that of the IPv6 fragment header
     */
    NfPacketBuilder Fragment(size_t offset, size_t size, bool more, uint32_t id = 1) const
    {
        NfPacketBuilder piece(*this);
        const NfBytes whole = WholeBody(piece.m_body);
        const NfBytes part = whole.Sub(offset, size);
        piece.m_fragment = true;
        piece.m_ip.moreFragments = more;
        piece.m_ip.fragOffset = static_cast<uint16_t>(offset);
        piece.m_ip.id = id;
        piece.m_body = std::vector<uint8_t>(part.begin(), part.end());
        return piece;
    }

    /// The transport checksum is stored as it is. @param value host order
    NfPacketBuilder& Checksum(uint16_t value)
    {
        m_checksum = value;
        m_checksumGiven = true;
        return *this;
    }

    NfPacketBuilder& BadChecksum()
    {
        m_badChecksum = true;
        return *this;
    }

    NfPacketBuilder& Mark(uint32_t mark)
    {
        m_mark = mark;
        return *this;
    }

    /// @return the packet
    std::unique_ptr<NfPacket> Build() const
    {
        NfIpHeader ip = m_ip;
        ip.protocol = m_extensions.empty() ? m_protocol : m_firstExtension;
        std::vector<uint8_t> body;
        if (m_fragment)
        {
            body = m_body;
            if (m_family == NfFamily::IPV6)
            {
                PrependFragmentHeader(ip, body);
            }
            ip.fragment = true;
        }
        else
        {
            WholeBody(body);
        }
        auto packet = NfPacket::Make(m_family, ip, std::move(body));
        packet->SetIpOptions(m_ipOptions);
        packet->mark = m_mark;
        return packet;
    }

    /// @return the packet as on the wire
    std::vector<uint8_t> Bytes() const
    {
        return Build()->Serialize();
    }

  private:
    NfPacketBuilder& Transport(uint8_t protocol, size_t size)
    {
        m_protocol = protocol;
        m_l4.assign(size, 0);
        return *this;
    }

    NfPacketBuilder& Put16(size_t offset, uint16_t value)
    {
        NfWriteU16(&m_l4[offset], value);
        return *this;
    }

    void PrependFragmentHeader(NfIpHeader& ip, std::vector<uint8_t>& body) const
    {
        std::vector<uint8_t> header(8);
        header[0] = ip.protocol;
        NfWriteU16(&header[2], static_cast<uint16_t>(ip.fragOffset | (ip.moreFragments ? 1 : 0)));
        NfWriteU32(&header[4], ip.id);
        body.insert(body.begin(), header.begin(), header.end());
        ip.protocol = NF_IPPROTO_FRAGMENT;
    }

    /// Everything behind the IP header, checksums done. @param storage where it is kept
    NfBytes WholeBody(std::vector<uint8_t>& storage) const
    {
        NfIpHeader ip = m_ip;
        ip.fragment = ip.moreFragments = false;
        ip.fragOffset = 0;
        ip.protocol = m_protocol;
        std::vector<uint8_t> l4 = m_l4;
        if (m_protocol == NF_IPPROTO_UDP && l4.size() >= NF_UDP_HEADER_SIZE &&
            NfReadU16(&l4[4]) == 0)
        {
            NfWriteU16(&l4[4], static_cast<uint16_t>(l4.size()));
        }
        auto packet = NfPacket::Make(m_family, ip, std::move(l4));
        NfChecksumWrite(*packet);
        SpoilChecksum(*packet);
        NfBuffer& buffer = packet->GetBuffer();
        const uint8_t* p = buffer.Pull(buffer.GetSize());
        storage = m_extensions;
        storage.insert(storage.end(), p, p + buffer.GetSize());
        return storage;
    }

    void SpoilChecksum(NfPacket& packet) const
    {
        static const std::map<uint8_t, size_t> OFFSETS = {{NF_IPPROTO_TCP, NF_TCP_CHECKSUM},
                                                          {NF_IPPROTO_UDP, 6},
                                                          {NF_IPPROTO_UDPLITE, 6},
                                                          {NF_IPPROTO_ICMP, 2},
                                                          {NF_IPPROTO_ICMPV6, 2},
                                                          {NF_IPPROTO_SCTP, 8}};
        const auto found = OFFSETS.find(m_protocol);
        if (found == OFFSETS.end() || !(m_badChecksum || m_checksumGiven))
        {
            return;
        }
        uint8_t* p = packet.MakeTransportWritable(found->second + 2) + found->second;
        NfWriteU16(p, m_checksumGiven ? m_checksum : static_cast<uint16_t>(NfReadU16(p) ^ 0x5555));
    }

    NfFamily m_family;
    NfIpHeader m_ip;
    std::vector<uint8_t> m_ipOptions;
    std::vector<uint8_t> m_extensions;
    uint8_t m_firstExtension{0};
    uint8_t m_protocol{NF_IPPROTO_UDP};
    std::vector<uint8_t> m_l4;
    std::vector<uint8_t> m_body; //!< of a fragment
    bool m_fragment{false};
    bool m_badChecksum{false};
    bool m_checksumGiven{false};
    uint16_t m_checksum{0};
    uint32_t m_mark{0};
};

/// @return "10.0.0.2:1000" or "[2001:db8::1]:1000", without port for protocols that have none
inline std::string
NfEndpointText(const NfPacket& packet, bool source)
{
    const NfFamily family = packet.GetFamily();
    const std::string addr = (source ? packet.GetIp().src : packet.GetIp().dst).ToString(family);
    const uint8_t protocol = packet.GetProtocol();
    const bool ports = protocol == NF_IPPROTO_TCP || protocol == NF_IPPROTO_UDP ||
                       protocol == NF_IPPROTO_SCTP || protocol == NF_IPPROTO_UDPLITE;
    const uint8_t* p = ports && !packet.IsLaterFragment() ? packet.PullTransport(4) : nullptr;
    if (!p)
    {
        return addr;
    }
    const std::string port = std::to_string(NfReadU16(p + (source ? 0 : 2)));
    return family == NfFamily::IPV6 ? "[" + addr + "]:" + port : addr + ":" + port;
}

/// gtest prints packets as "10.0.0.2:1000 > 198.51.100.9:80 proto 6, 40 bytes".
inline void
PrintTo(const NfPacket& packet, std::ostream* os)
{
    *os << NfEndpointText(packet, true) << " > " << NfEndpointText(packet, false) << " proto "
        << int{packet.GetProtocol()} << ", " << packet.GetLength() << " bytes";
}

inline void
PrintTo(const NfVerdict& verdict, std::ostream* os)
{
    *os << NfVerdictName(verdict.GetCode());
}

/// The source, with port where there is one: IsFrom("10.0.0.2:1000"), IsFrom("10.0.0.2").
MATCHER_P(IsFrom, endpoint, "")
{
    const std::string text = NfEndpointText(arg, true);
    *result_listener << "which is from " << text;
    return text == endpoint || arg.GetIp().src.ToString(arg.GetFamily()) == endpoint;
}

/// The destination, like IsFrom().
MATCHER_P(IsTo, endpoint, "")
{
    const std::string text = NfEndpointText(arg, false);
    *result_listener << "which is to " << text;
    return text == endpoint || arg.GetIp().dst.ToString(arg.GetFamily()) == endpoint;
}

/// Exactly these flags: HasTcpFlags("SA").
MATCHER_P(HasTcpFlags, flags, "")
{
    const uint8_t* p = arg.GetProtocol() == NF_IPPROTO_TCP ? arg.PullTransport(14) : nullptr;
    return p && p[NF_TCP_FLAGS] == NfTcpFlagBits(flags);
}

/// ICMP or ICMPv6 of this type and code.
MATCHER_P2(IsIcmp, type, code, "")
{
    const uint8_t protocol = arg.GetProtocol();
    const bool icmp = protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
    const uint8_t* p = icmp ? arg.PullTransport(2) : nullptr;
    return p && p[0] == type && p[1] == code;
}

/// The transport checksum is right.
MATCHER(HasValidChecksum, "")
{
    const uint8_t protocol = arg.GetProtocol();
    return NfChecksumVerify(arg,
                            arg.GetTransportOffset(),
                            protocol == NF_IPPROTO_ICMP ? 0 : protocol);
}

/// All bytes, IP header included, as hex digits.
MATCHER_P(HasHex, hex, "")
{
    const std::string text = NfHex(arg.Clone()->Serialize());
    *result_listener << "which is " << text;
    return text == NfHex(NfUnhex(hex));
}

} // namespace ns3

#endif // NF_TESTING_H
