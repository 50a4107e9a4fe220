/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_MESSAGE_H
#define NF_CONNTRACK_MESSAGE_H

#include "nf-conntrack-event.h"
#include "nf-conntrack.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ns3
{

/**
 * @ingroup netfilter
 * What ctnetlink tells of a connection, in a dump or as an event. Programs see nothing else of it:
 * what a message lacks is neither printed nor matched by a filter.
 */
struct NfConntrackMessage
{
    /// A value for each direction.
    template <class T>
    using Pair = std::array<T, 2>;

    /// CTA_COUNTERS_ORIG, CTA_COUNTERS_REPLY
    struct Counters
    {
        uint64_t packets;
        uint64_t bytes;
    };

    Pair<NfTuple> tuples;                          //!< by NfDir
    bool hasPorts{false};                          //!< the tuples' ports are told
    std::optional<uint16_t> zone;                  //!< of both directions
    Pair<std::optional<uint16_t>> tupleZone;       //!< of one direction only
    uint32_t status{0};                            //!< NfConnStatus bits
    std::optional<uint32_t> timeout;               //!< seconds
    std::string_view state;                        //!< of the protocol; empty: not told
    std::optional<Pair<uint32_t>> vtag;            //!< SCTP
    std::optional<Pair<Counters>> counters;        //!< by NfDir
    std::optional<uint32_t> mark;                  //!< connmark
    std::optional<uint32_t> secmark;               //!< security mark
    std::optional<int64_t> start;                  //!< ns since the epoch
    std::optional<int64_t> stop;                   //!< ns since the epoch
    std::string helper;                            //!< name, empty: not told
    std::optional<uint32_t> use;                   //!< owners
    uint32_t id{0};                                //!< nf_ct_get_id()
    std::optional<std::array<uint32_t, 4>> labels; //!< as words, lowest bits first

    NfFamily GetFamily() const
    {
        return tuples[0].family;
    }

    uint8_t GetProtocol() const
    {
        return tuples[0].protocol;
    }
};

/**
 * Linux: ctnetlink_fill_info().
 * @param table whose it is
 * @param conn confirmed
 * @param holds owners that only this request has: 0 for a dump, 1 for a get
 */
NfConntrackMessage NfConntrackDumpMessage(NfConntrack& table,
                                          const NfConn& conn,
                                          uint32_t holds = 0);

/**
 * Linux: ctnetlink_conntrack_event().
 * @param table whose it is
 * @param type of the event
 * @param conn as it is now
 * @param events NfEvent bits: they decide what is told
 */
NfConntrackMessage NfConntrackEventMessage(NfConntrack& table,
                                           NfEventType type,
                                           const NfConn& conn,
                                           uint32_t events);

} // namespace ns3

#endif // NF_CONNTRACK_MESSAGE_H
