/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_SYNC_MESSAGE_H
#define NETFILTER_SYNC_MESSAGE_H

#include "ns3/nf-conn.h"
#include "ns3/nf-conntrack.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @file
 * @ingroup netfilter
 * What NetfilterSyncApplication writes on the wire. All numbers are big endian.
 *
 * A message is a header of 20 bytes and, in DATA messages, changes:
 *
 *     0  4  "NFSY"
 *     4  1  version, 1
 *     5  1  type (NetfilterSyncType)
 *     6  2  length of the message, header included
 *     8  4  session: a number that the sender drew when it started
 *    12  4  sequence number: of a DATA message; else of the last DATA message sent
 *    16  4  ACK: last DATA message received in order. NACK: first one that is missing. Else 0
 *
 * A NACK has 4 more bytes: the last one that is missing.
 *
 * A change has a header of 4 bytes and attributes:
 *
 *     0  2  length, header included
 *     2  1  action (NetfilterSyncAction)
 *     3  1  0
 *
 * An attribute is a byte of type, a byte of length (of the value alone), the value. Unknown types
 * are skipped. Changes and messages with wrong lengths, and values that no table can hold, are
 * refused as a whole.
 */

constexpr size_t NETFILTER_SYNC_HEADER_SIZE = 20;

/// Kinds of messages.
enum class NetfilterSyncType : uint8_t
{
    DATA = 1,   //!< changes; numbered
    ACK = 2,    //!< received so far
    NACK = 3,   //!< send these again
    RESYNC = 4, //!< send everything
    ALIVE = 5,  //!< tells the number of the last DATA message
};

/// The fixed part of a message.
struct NetfilterSyncHeader
{
    NetfilterSyncType type{NetfilterSyncType::ALIVE};
    uint32_t session{0};
    uint32_t sequence{0};
    uint32_t first{0}; //!< ACK, NACK
    uint32_t last{0};  //!< NACK
};

/// What to do with an entry.
enum class NetfilterSyncAction : uint8_t
{
    SET = 1,    //!< it is new, or it changed
    REMOVE = 2, //!< it is gone; only its original tuple is told
    CLEAR = 3,  //!< forget all: what follows is a full dump. No attributes
};

/// An entry as it travels: what another table needs to go on with the connection.
struct NetfilterSyncEntry
{
    std::array<NfTuple, 2> tuples; //!< by NfDir, zones included
    uint16_t zone{0};
    uint8_t zoneDir{3};
    uint32_t status{0};  //!< NfConnStatus bits
    uint32_t mark{0};    //!< connmark
    uint32_t timeout{0}; //!< seconds left when it was written
    uint8_t state{0};    //!< of TCP and SCTP trackers
    bool hasState{false};
    std::array<uint8_t, 2> scale{}; //!< TCP window scale
    std::array<uint32_t, 2> vtag{}; //!< SCTP verification tags
    std::optional<NfTuple> master;  //!< original tuple of the connection that expected it
    std::string helper;             //!< name of the helper, empty: none
    bool hasSeqadj{false};          //!< seqadj counts
    std::array<NfSeqAdj, 2> seqadj{};
    bool hasLabels{false}; //!< labels count
    std::array<uint32_t, 4> labels{};
};

/// A change of one entry.
struct NetfilterSyncChange
{
    NetfilterSyncAction action{NetfilterSyncAction::SET};
    NetfilterSyncEntry entry;
};

/// @param table whose entry it is @param conn an entry @return it, ready to travel
NetfilterSyncEntry NetfilterSyncDescribe(const NfConntrack& table, const NfConn& conn);

/// @return a change as bytes, not more than 400
std::vector<uint8_t> NetfilterSyncWrite(const NetfilterSyncChange& change);

/// @param changes as NetfilterSyncWrite() makes them, one behind the other @return a message
std::vector<uint8_t> NetfilterSyncWriteMessage(const NetfilterSyncHeader& header,
                                               NfBytes changes = {});

/// @param message a datagram @return its header, nothing if it is none of ours
std::optional<NetfilterSyncHeader> NetfilterSyncReadHeader(NfBytes message);

/// @param message a DATA message @return its changes, nothing if one is malformed
std::optional<std::vector<NetfilterSyncChange>> NetfilterSyncReadChanges(NfBytes message);

} // namespace ns3

#endif // NETFILTER_SYNC_MESSAGE_H
