/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_FRAG_H
#define NF_FRAG_H

#include "nf-clock.h"
#include "nf-counter.h"
#include "nf-packet.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

namespace ns3
{

/// Who reassembles; the same datagram may be gathered by several (Linux: enum ip_defrag_users).
enum class NfFragUser : uint8_t
{
    LOCAL_DELIVER,
    CONNTRACK_IN,
    CONNTRACK_OUT,
};

/// net.ipv4.ipfrag_* or net.netfilter.nf_conntrack_frag6_*.
struct NfFragConfig
{
    uint64_t highThresh{4194304}; //!< bytes that may wait; 0: nothing is gathered
    uint64_t lowThresh{3145728};  //!< no longer used by Linux
    uint32_t timeout{30};         //!< seconds that an incomplete datagram waits
    uint32_t maxDist{64}; //!< IPv4: fragments of the same source that may come between two of one
                          //!< datagram; 0: any
};

/**
 * @ingroup netfilter
 * Datagrams of one family that wait for their fragments (Linux: inet_fragment.c, ip_fragment.c,
 * nf_conntrack_reasm.c; RFC 791, RFC 8200 section 4.5, RFC 5722). Bounded by memory; one timer for
 * all.
 *
 * Any overlap kills the datagram; a fragment that lies within what arrived in order is a duplicate
 * and ignored.
 */
class NfFragments
{
  public:
    /// What became of a packet given to Gather().
    enum class Result
    {
        PASS,     //!< no fragment, or one that Linux lets pass as it is; goes on
        COMPLETE, //!< the last piece: the packet is the whole datagram now and goes on
        QUEUED,   //!< taken; the packet must not be used any more
        DROPPED,  //!< taken, counted, dropReason set
    };

    /**
     * Told of a datagram that timed out and whose first fragment is there. For IPv4 and conntrack
     * an ICMP error is due only if the destination is local (Linux: ip_expire()); for IPv6 always.
     */
    using ExpireHandler = std::function<void(NfPacket& first, const NfDevice* in, NfFragUser user)>;

    /**
     * @param family IPV4 or IPV6
     * @param clock times out what stays incomplete; outlives this object
     * @param counters gets drop-frag-*; outlives this object
     */
    NfFragments(NfFamily family, NfClock& clock, NfCounters& counters);
    ~NfFragments();
    NfFragments(const NfFragments&) = delete;
    NfFragments& operator=(const NfFragments&) = delete;

    /**
     * Linux: ip_defrag(), nf_ct_frag6_gather().
     * @param packet a packet of the family. On COMPLETE its header is that of the first fragment
     * without fragment fields, its bytes are the datagram's, fragMaxSize, fragDf and fragSizes tell
     * how it came
     * @param in the device it came by, null for packets made here
     * @param user who wants it
     * @param zone conntrack zone
     */
    Result Gather(NfPacket& packet, const NfDevice* in, NfFragUser user, uint16_t zone = 0);

    /// @param handler is called for each, empty removes it
    void SetExpireHandler(ExpireHandler handler)
    {
        m_expired = std::move(handler);
    }

    /// @return the knobs; changes apply to datagrams that begin later
    NfFragConfig& GetConfig()
    {
        return m_config;
    }

    /// @return datagrams that wait
    size_t GetCount() const
    {
        return m_queues.size();
    }

    /// @return bytes accounted to them, as Linux counts (truesize)
    uint64_t GetMemory() const
    {
        return m_memory;
    }

    /// Drops everything that waits, silently.
    void Clear();

  private:
    struct Queue;
    struct Piece;
    /// Source, destination, id, user and zone, then protocol (IPv4) or link (IPv6 link-local).
    using Key = std::tuple<NfAddr, NfAddr, uint32_t, uint32_t, uint32_t>;
    using Queues = std::map<Key, Queue>;

    /// A source of IPv4 fragments (Linux: inet_peer).
    struct Peer
    {
        uint32_t seen{0};   //!< fragments so far
        uint32_t queues{0}; //!< datagrams of it that wait
    };

    enum class Insertion
    {
        DONE,
        DUPLICATE,
        OVERLAP,
    };

    static bool ParseIpv4(NfPacket& packet, Piece& piece);
    static bool ParseIpv6(NfPacket& packet, Piece& piece);
    static Insertion Insert(Queue& queue, Piece& piece);

    Queues::iterator Find(const NfPacket& packet, const NfDevice* in, uint32_t user);
    Result Add(Queues::iterator at, NfPacket& packet, const NfDevice* in, Piece& piece);
    bool Extend(Queue& queue, Piece& piece) const;
    Result Complete(Queues::iterator at, NfPacket& packet);
    Result Fail(Queues::iterator at, NfPacket& packet, const char* reason, bool kill);
    Result Drop(NfPacket& packet, const char* reason);
    void ResetIfTooFar(const NfAddr& source, Queue& queue);
    void Kill(Queues::iterator at);
    void Expire();
    void Arm();

    NfFamily m_family;
    NfClock& m_clock;
    NfCounters& m_counters;
    NfFragConfig m_config;
    ExpireHandler m_expired;
    Queues m_queues;
    std::map<std::pair<NfTime, uint64_t>, Key> m_deadlines; //!< by time, then age
    std::map<NfAddr, Peer> m_peers;
    uint64_t m_memory{0};
    uint64_t m_lastSerial{0};
    NfClock::TimerId m_timer{0};
    NfTime m_timerAt{0}; //!< when m_timer fires
};

/// What NfFragment() did.
enum class NfCut
{
    FITS,    //!< nothing to do: send it as it is
    CUT,     //!< send the pieces in its place
    TOO_BIG, //!< must not be cut: drop it and tell the sender (frag needed, packet too big)
    INVALID, //!< cannot be cut: drop it
};

/**
 * Cuts a packet behind POST_ROUTING as Linux does (ip_finish_output(), ip_do_fragment(),
 * ip6_finish_output(), ip6_fragment()). A reassembled packet leaves in the pieces it came in where
 * they fit, else in pieces not bigger than its biggest one.
 * @param packet the packet, unchanged
 * @param mtu of the link or path
 * @param id for the IPv6 fragment header; unused for IPv4
 * @param ignoreDf cut even what says it must not be: packets of local senders that do no path MTU
 * discovery. True for IPv6 packets made by this node. Reassembled packets need no such leave.
 * @param pieces out, for CUT: in order
 */
NfCut NfFragment(NfPacket& packet,
                 uint32_t mtu,
                 uint32_t id,
                 bool ignoreDf,
                 std::vector<std::unique_ptr<NfPacket>>& pieces);

/**
 * @param packet a packet to forward, before FORWARD @param mtu of the way out
 * @return true: the stack drops it and tells its sender (Linux: ip_exceeds_mtu(),
 * ip6_pkt_too_big())
 */
bool NfExceedsMtu(const NfPacket& packet, uint32_t mtu);

} // namespace ns3

#endif // NF_FRAG_H
