/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-checksum.h"

#include <algorithm>
#include <array>

namespace ns3
{

namespace
{

/// Adds 16-bit words; the order of bytes within them does not matter to the sum (RFC 1071 2.B).
uint64_t
SumNative(const uint8_t* p, size_t size)
{
    uint64_t sum = 0;
    for (; size >= 8; p += 8, size -= 8)
    {
        uint64_t words;
        std::memcpy(&words, p, 8);
        sum += words;
        sum += sum < words;
    }
    uint64_t rest = 0;
    std::memcpy(&rest, p, size);
    sum += rest;
    return sum + (sum < rest);
}

uint32_t
FoldTo16(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint32_t>(sum);
}

uint16_t
NativeToHost(uint32_t sum)
{
    const uint16_t native = static_cast<uint16_t>(sum);
    uint8_t bytes[2];
    std::memcpy(bytes, &native, 2);
    return NfReadU16(bytes);
}

constexpr std::array<uint32_t, 256>
MakeCrcTable()
{
    constexpr uint32_t REVERSED_CASTAGNOLI = 0x82f63b78;
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i)
    {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
        {
            crc = crc >> 1 ^ (crc & 1 ? REVERSED_CASTAGNOLI : 0);
        }
        table[i] = crc;
    }
    return table;
}

constexpr std::array<uint32_t, 256> CRC_TABLE = MakeCrcTable();
static_assert(CRC_TABLE[1] == 0xf26b8303);

/// Where a protocol keeps its checksum, and whether a pseudo header is part of it.
struct ChecksumRow
{
    uint8_t protocol;
    uint8_t offset;
    bool pseudoHeader;
    bool zeroMeansNone; //!< a computed 0 is stored as 0xffff
};

constexpr ChecksumRow CHECKSUMS[] = {
    {NF_IPPROTO_TCP, NF_TCP_CHECKSUM, true, false},
    {NF_IPPROTO_UDP, 6, true, true},
    {NF_IPPROTO_UDPLITE, 6, true, true},
    {NF_IPPROTO_ICMP, 2, false, false},
    {NF_IPPROTO_ICMPV6, 2, true, false},
};

void
WriteCrc32c(NfPacket& packet)
{
    constexpr size_t OFFSET = 8;
    const size_t size = packet.GetTransportSize();
    uint8_t* p = packet.MakeTransportWritable(size);
    if (!p || size < OFFSET + 4)
    {
        return;
    }
    std::fill_n(p + OFFSET, 4, uint8_t{0});
    const uint32_t crc = NfCrc32c(NfBytes(p, size));
    for (size_t i = 0; i < 4; ++i)
    {
        p[OFFSET + i] = static_cast<uint8_t>(crc >> 8 * i);
    }
}

/// @return how many bytes the checksum covers: UDP-Lite says it itself (RFC 3828 section 3.1)
size_t
Coverage(uint8_t protocol, const uint8_t* p, size_t size)
{
    const size_t coverage = protocol == NF_IPPROTO_UDPLITE ? NfReadU16(p + 4) : 0;
    return coverage < NF_UDP_HEADER_SIZE ? size : std::min(coverage, size);
}

void
WriteInternetChecksum(NfPacket& packet, const ChecksumRow& row)
{
    const size_t size = packet.GetTransportSize();
    uint8_t* p = packet.MakeTransportWritable(size);
    if (!p || size < row.offset + size_t{2})
    {
        return;
    }
    NfWriteU16(p + row.offset, 0);
    const uint32_t pseudo = row.pseudoHeader ? NfPseudoHeader(packet.GetFamily(),
                                                              packet.GetIp().src,
                                                              packet.GetIp().dst,
                                                              row.protocol,
                                                              static_cast<uint32_t>(size))
                                             : 0;
    const uint16_t checksum =
        NfChecksumFold(NfChecksumPartial(NfBytes(p, Coverage(row.protocol, p, size)), pseudo));
    NfWriteU16(p + row.offset, checksum == 0 && row.zeroMeansNone ? 0xffff : checksum);
}

} // namespace

uint32_t
NfChecksumPartial(NfBytes bytes, uint32_t sum)
{
    if (bytes.empty())
    {
        return sum;
    }
    return FoldTo16(sum) + NativeToHost(FoldTo16(SumNative(bytes.data(), bytes.size())));
}

uint32_t
NfPseudoHeader(NfFamily family,
               const NfAddr& src,
               const NfAddr& dst,
               uint8_t protocol,
               uint32_t length)
{
    const size_t size = family == NfFamily::IPV6 ? 16 : 4;
    const uint32_t sum = NfChecksumPartial(NfBytes(src.bytes.data(), size),
                                           NfChecksumPartial(NfBytes(dst.bytes.data(), size)));
    return sum + protocol + (length >> 16) + (length & 0xffff);
}

uint16_t
NfChecksumAdjustAddr(uint16_t checksum,
                     NfFamily family,
                     const NfAddr& oldValue,
                     const NfAddr& newValue)
{
    const size_t words = family == NfFamily::IPV6 ? 4 : 1;
    for (size_t i = 0; i < words; ++i)
    {
        checksum = NfChecksumAdjust32(checksum, oldValue.GetWord(i), newValue.GetWord(i));
    }
    return checksum;
}

bool
NfChecksumVerify(const NfPacket& packet, size_t offset, uint8_t protocol)
{
    if (packet.checksumOk)
    {
        return true;
    }
    const size_t size = packet.GetBuffer().GetSize();
    const uint8_t* p = packet.GetBuffer().Pull(size);
    if (offset > size)
    {
        return false;
    }
    const uint32_t pseudo = protocol != 0 ? NfPseudoHeader(packet.GetFamily(),
                                                           packet.GetIp().src,
                                                           packet.GetIp().dst,
                                                           protocol,
                                                           static_cast<uint32_t>(size - offset))
                                          : 0;
    return NfChecksumFold(NfChecksumPartial(NfBytes(p, size).Sub(offset), pseudo)) == 0;
}

void
NfChecksumWrite(NfPacket& packet)
{
    if (packet.checksumOk || packet.GetIp().moreFragments || packet.IsLaterFragment())
    {
        return;
    }
    if (packet.GetProtocol() == NF_IPPROTO_SCTP)
    {
        WriteCrc32c(packet);
        return;
    }
    for (const ChecksumRow& row : CHECKSUMS)
    {
        if (row.protocol == packet.GetProtocol())
        {
            WriteInternetChecksum(packet, row);
            return;
        }
    }
}

uint32_t
NfCrc32c(NfBytes bytes)
{
    uint32_t crc = 0xffffffff;
    for (uint8_t byte : bytes)
    {
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xff];
    }
    return ~crc;
}

} // namespace ns3
