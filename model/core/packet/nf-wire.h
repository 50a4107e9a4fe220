/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_WIRE_H
#define NF_WIRE_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup netfilter
 * Byte views and the offsets of the headers that netfilter reads. All multi-byte fields on the wire
 * are big endian; the readers and writers here return and take host order.
 */

namespace ns3
{

/**
 * @ingroup netfilter
 * A read-only view of contiguous bytes (std::span is C++20; public headers stay C++17).
 */
class NfBytes
{
  public:
    NfBytes() = default;

    NfBytes(const uint8_t* data, size_t size)
        : m_data(data),
          m_size(size)
    {
    }

    NfBytes(const std::vector<uint8_t>& bytes)
        : m_data(bytes.data()),
          m_size(bytes.size())
    {
    }

    const uint8_t* data() const
    {
        return m_data;
    }

    size_t size() const
    {
        return m_size;
    }

    bool empty() const
    {
        return m_size == 0;
    }

    const uint8_t* begin() const
    {
        return m_data;
    }

    const uint8_t* end() const
    {
        return m_data + m_size;
    }

    uint8_t operator[](size_t i) const
    {
        return m_data[i];
    }

    /**
     * @param offset first byte; beyond the end gives an empty view
     * @param count bytes at most
     * @return the part of this view, cut at its end
     */
    NfBytes Sub(size_t offset, size_t count = SIZE_MAX) const
    {
        if (offset >= m_size)
        {
            return NfBytes(m_data + m_size, 0);
        }
        const size_t left = m_size - offset;
        return NfBytes(m_data + offset, count < left ? count : left);
    }

  private:
    const uint8_t* m_data{nullptr}; //!< first byte
    size_t m_size{0};               //!< bytes
};

/// @param p at least two bytes @return the big-endian value
inline uint16_t
NfReadU16(const uint8_t* p)
{
    return static_cast<uint16_t>(p[0] << 8 | p[1]);
}

/// @param p at least four bytes @return the big-endian value
inline uint32_t
NfReadU32(const uint8_t* p)
{
    return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

/// @param p at least two bytes @param v value to store big endian
inline void
NfWriteU16(uint8_t* p, uint16_t v)
{
    p[0] = static_cast<uint8_t>(v >> 8);
    p[1] = static_cast<uint8_t>(v);
}

/// @param p at least four bytes @param v value to store big endian
inline void
NfWriteU32(uint8_t* p, uint32_t v)
{
    NfWriteU16(p, static_cast<uint16_t>(v >> 16));
    NfWriteU16(p + 2, static_cast<uint16_t>(v));
}

/// IP protocol numbers netfilter treats specially (IANA protocol-numbers).
enum NfIpProto : uint8_t
{
    NF_IPPROTO_HOPOPTS = 0,
    NF_IPPROTO_ICMP = 1,
    NF_IPPROTO_IGMP = 2,
    NF_IPPROTO_TCP = 6,
    NF_IPPROTO_UDP = 17,
    NF_IPPROTO_DCCP = 33,
    NF_IPPROTO_IPV6 = 41,
    NF_IPPROTO_ROUTING = 43,
    NF_IPPROTO_FRAGMENT = 44,
    NF_IPPROTO_GRE = 47,
    NF_IPPROTO_ESP = 50,
    NF_IPPROTO_AH = 51,
    NF_IPPROTO_ICMPV6 = 58,
    NF_IPPROTO_NONE = 59,
    NF_IPPROTO_DSTOPTS = 60,
    NF_IPPROTO_MH = 135,
    NF_IPPROTO_SCTP = 132,
    NF_IPPROTO_UDPLITE = 136,
    NF_IPPROTO_RAW = 255,
};

/// TCP flag bits (RFC 9293 section 3.1).
enum NfTcpFlag : uint8_t
{
    NF_TCP_FIN = 0x01,
    NF_TCP_SYN = 0x02,
    NF_TCP_RST = 0x04,
    NF_TCP_PSH = 0x08,
    NF_TCP_ACK = 0x10,
    NF_TCP_URG = 0x20,
    NF_TCP_ECE = 0x40,
    NF_TCP_CWR = 0x80,
};

constexpr size_t NF_IPV4_HEADER_SIZE = 20; //!< without options
constexpr size_t NF_IPV6_HEADER_SIZE = 40; //!< without extension headers
constexpr size_t NF_TCP_HEADER_SIZE = 20;  //!< without options
constexpr size_t NF_UDP_HEADER_SIZE = 8;
constexpr size_t NF_ICMP_HEADER_SIZE = 8;

/// Offsets inside a TCP header (RFC 9293 section 3.1).
enum NfTcpOffset : size_t
{
    NF_TCP_SPORT = 0,
    NF_TCP_DPORT = 2,
    NF_TCP_SEQ = 4,
    NF_TCP_ACKNO = 8,
    NF_TCP_DOFF = 12, //!< upper four bits: header length in 32-bit words
    NF_TCP_FLAGS = 13,
    NF_TCP_WINDOW = 14,
    NF_TCP_CHECKSUM = 16,
    NF_TCP_URGENT = 18,
};

} // namespace ns3

#endif // NF_WIRE_H
