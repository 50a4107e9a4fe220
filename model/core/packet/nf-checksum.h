/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CHECKSUM_H
#define NF_CHECKSUM_H

#include "nf-packet.h"

namespace ns3
{

/// @param bytes any @param sum partial sum to go on from @return ones' complement partial sum (RFC
/// 1071)
uint32_t NfChecksumPartial(NfBytes bytes, uint32_t sum = 0);

/// @param sum a partial sum @return the checksum to store
inline uint16_t
NfChecksumFold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

/// @return partial sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1)
uint32_t NfPseudoHeader(NfFamily family,
                        const NfAddr& src,
                        const NfAddr& dst,
                        uint8_t protocol,
                        uint32_t length);

/**
 * Incremental update (RFC 1624 eqn. 3).
 * @param checksum the stored one
 * @param oldValue what was there
 * @param newValue what is there now
 * @return the new one
 */
inline uint16_t
NfChecksumAdjust(uint16_t checksum, uint16_t oldValue, uint16_t newValue)
{
    uint32_t sum = static_cast<uint16_t>(~checksum);
    sum += static_cast<uint16_t>(~oldValue);
    sum += newValue;
    return NfChecksumFold(sum);
}

/// As NfChecksumAdjust() for 32 bits in host order.
inline uint16_t
NfChecksumAdjust32(uint16_t checksum, uint32_t oldValue, uint32_t newValue)
{
    return NfChecksumAdjust(NfChecksumAdjust(checksum,
                                             static_cast<uint16_t>(oldValue >> 16),
                                             static_cast<uint16_t>(newValue >> 16)),
                            static_cast<uint16_t>(oldValue),
                            static_cast<uint16_t>(newValue));
}

/// As NfChecksumAdjust() for an address of either family.
uint16_t NfChecksumAdjustAddr(uint16_t checksum,
                              NfFamily family,
                              const NfAddr& oldValue,
                              const NfAddr& newValue);

/**
 * @param packet any
 * @param offset where the transport header begins in the buffer
 * @param protocol the protocol number in the pseudo header; 0: no pseudo header (ICMP)
 * @return true if the checksum over the rest of the packet is right, or the packet says checksumOk.
 * Linux: nf_ip_checksum(), nf_ip6_checksum().
 */
bool NfChecksumVerify(const NfPacket& packet, size_t offset, uint8_t protocol);

/**
 * Computes a TCP, UDP, UDP-Lite, ICMP or ICMPv6 checksum afresh and stores it; nothing when the
 * packet says checksumOk. A computed UDP checksum of 0 is stored as 0xffff. SCTP gets its CRC32c.
 * @param packet a whole datagram
 */
void NfChecksumWrite(NfPacket& packet);

/// @param bytes any @return CRC-32C (RFC 9260 appendix A) as stored little endian in SCTP
uint32_t NfCrc32c(NfBytes bytes);

} // namespace ns3

#endif // NF_CHECKSUM_H
