/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_TUPLE_H
#define NF_TUPLE_H

#include "nf-wire.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ns3
{

/// Protocol families, with Linux's numbers (include/uapi/linux/netfilter.h, NFPROTO_*).
enum class NfFamily : uint8_t
{
    UNSPEC = 0,
    INET = 1, //!< both IPV4 and IPV6, for registration only
    IPV4 = 2,
    ARP = 3,
    NETDEV = 5,
    BRIDGE = 7,
    IPV6 = 10,
};

/**
 * @ingroup netfilter
 * An IPv4 or IPv6 address in network byte order (Linux: union nf_inet_addr). IPv4 takes the first
 * four bytes, the rest is zero, so both families compare and hash alike.
 */
struct NfAddr
{
    std::array<uint8_t, 16> bytes{}; //!< network byte order

    /// @param host an IPv4 address in host order @return it
    static NfAddr FromIpv4(uint32_t host)
    {
        NfAddr a;
        NfWriteU32(a.bytes.data(), host);
        return a;
    }

    /// @param wire 4 (IPv4) or 16 (IPv6) readable bytes @param family which @return the address
    static NfAddr FromWire(const uint8_t* wire, NfFamily family)
    {
        NfAddr a;
        std::memcpy(a.bytes.data(), wire, family == NfFamily::IPV6 ? 16 : 4);
        return a;
    }

    /**
     * @param text dotted quad or RFC 4291 text, no prefix length, no names
     * @param family which of the two
     * @return the address, nothing if the text is not one
     */
    static std::optional<NfAddr> Parse(std::string_view text, NfFamily family);

    /// @return the IPv4 address in host order
    uint32_t GetIpv4() const
    {
        return NfReadU32(bytes.data());
    }

    /// @param i 0..3 @return the i-th 32-bit word in host order
    uint32_t GetWord(size_t i) const
    {
        return NfReadU32(bytes.data() + 4 * i);
    }

    /// @param i 0..3 @param host the i-th 32-bit word in host order
    void SetWord(size_t i, uint32_t host)
    {
        NfWriteU32(bytes.data() + 4 * i, host);
    }

    /// @return true if all bits are 0
    bool IsZero() const
    {
        return *this == NfAddr{};
    }

    /// @param family how to write it @return dotted quad, or RFC 5952 text
    std::string ToString(NfFamily family) const;

    /// @return eight groups of four digits, as /proc/net/nf_conntrack writes IPv6
    std::string ToFullString() const;

    bool operator==(const NfAddr& o) const
    {
        return std::memcmp(bytes.data(), o.bytes.data(), 16) == 0;
    }

    bool operator!=(const NfAddr& o) const
    {
        return !(*this == o);
    }

    bool operator<(const NfAddr& o) const
    {
        return std::memcmp(bytes.data(), o.bytes.data(), 16) < 0;
    }
};

/// @param a an address @param b another @return their bitwise and (for masks)
NfAddr operator&(const NfAddr& a, const NfAddr& b);

/// @param family width 32 or 128 @param length prefix length, not more than the width @return the
/// mask
NfAddr NfPrefixMask(NfFamily family, unsigned length);

/// @param family width @param mask a mask @return its prefix length, nothing if the ones are not in
/// front
std::optional<unsigned> NfPrefixLength(NfFamily family, const NfAddr& mask);

/**
 * @ingroup netfilter
 * One direction of a flow (Linux: struct nf_conntrack_tuple;
 * include/net/netfilter/nf_conntrack_tuple.h).
 *
 * `sport` and `dport` are in host order. Protocols without ports use them as Linux does: ICMP and
 * ICMPv6 keep the query id in sport and type << 8 | code in dport, GRE the call keys, the generic
 * tracker zeros.
 */
struct NfTuple
{
    NfAddr src;
    NfAddr dst;
    uint16_t sport{0};
    uint16_t dport{0};
    NfFamily family{NfFamily::UNSPEC};
    uint8_t protocol{0}; //!< IP protocol number
    uint16_t zone{0};    //!< conntrack zone that applies to this direction, 0 by default

    uint8_t GetIcmpType() const
    {
        return static_cast<uint8_t>(dport >> 8);
    }

    uint8_t GetIcmpCode() const
    {
        return static_cast<uint8_t>(dport);
    }

    bool operator==(const NfTuple& o) const
    {
        return std::memcmp(this, &o, sizeof(NfTuple)) == 0;
    }

    bool operator!=(const NfTuple& o) const
    {
        return !(*this == o);
    }
};

static_assert(sizeof(NfTuple) == 40, "hashed and compared as bytes: no padding");

/// Direction of a packet within its connection (Linux: enum ip_conntrack_dir).
enum class NfDir : uint8_t
{
    ORIGINAL = 0,
    REPLY = 1,
};

/// @param dir one @return the other
inline NfDir
operator!(NfDir dir)
{
    return dir == NfDir::ORIGINAL ? NfDir::REPLY : NfDir::ORIGINAL;
}

} // namespace ns3

#endif // NF_TUPLE_H
