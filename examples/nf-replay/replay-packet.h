/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_PACKET_H
#define REPLAY_PACKET_H

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace replay
{

using Json = nlohmann::ordered_json;
using Octets = std::vector<uint8_t>;

/**
 * @file
 * The packet grammar of nf-oracle/1 scenarios: packets as one line of text, as an object, or as
 * hex, to bytes and back. A line that PrintPacket() made builds the same bytes again.
 */

/// A packet read back from its bytes.
struct PacketText
{
    std::string line;               //!< in the grammar
    Json fields = Json::object();   //!< by name, for `save` and `random`
    std::vector<std::string> notes; //!< what is odd: "short", "ipcsum-bad", "l4csum-bad"
};

/**
 * @param packet text, {"hex": ..} or {"tcp": {...}, ...}
 * @return its fields by name; null for hex
 * @throw std::invalid_argument when it does not follow the grammar
 */
Json ParsePacket(const Json& packet);

/**
 * @param packet as for ParsePacket()
 * @return the bytes from the IP header on (for "arp" the ARP payload)
 * @throw std::invalid_argument when it does not follow the grammar
 */
Octets BuildPacket(const Json& packet);

/// @param packet IPv4 or IPv6 @param size payload bytes per fragment, a multiple of 8
std::vector<Octets> FragmentPacket(const Octets& packet, size_t size);

/// @param bytes from the IP header on @param inner true: quoted by an ICMP error
PacketText PrintPacket(const Octets& bytes, bool inner = false);

/// @param bytes of an ARP payload @return it in the grammar
std::string PrintArp(const Octets& bytes);

/// @param text data of the grammar: "text:..", "hex:..", "zero:N", "seq:N", joined by '+'
Octets ParseData(const Json& text);

/// @param bytes any @return lower-case digits @param separator between bytes
std::string ToHex(const Octets& bytes, const std::string& separator = "");

/// @param address "1.2.3.4:80", "[::1]:80", "1.2.3.4", "::1" @return address and port, port -1:
/// none
std::pair<std::string, int> SplitAddress(const std::string& address);

} // namespace replay

#endif // REPLAY_PACKET_H
