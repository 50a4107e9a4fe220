/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_IMPL_H
#define NF_CONNTRACK_IMPL_H

#include "../hook/nf-defrag.h"
#include "nf-conntrack-proto-gre.h"
#include "nf-conntrack-proto.h"
#include "nf-conntrack-table.h"
#include "nf-conntrack.h"
#include "nf-cttimeout.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ns3
{

/// A zone as it applies to the directions of a packet's connection (Linux: nf_ct_zone_id()).
using NfZonePair = std::array<uint16_t, 2>;

/// What NfConntrack keeps; shared by the files that implement it.
struct NfConntrack::Impl
{
    explicit Impl(NfConntrack& owner);
    ~Impl();

    // ---- table (nf-conntrack-core.cc)
    /// @param tuple of the first of the zones @return who answers to it in a zone, NONE; expired
    /// ones die on the way
    [[gnu::always_inline]] NfConntrackTable::Ref Find(const NfTuple& tuple, const NfZonePair& zone)
    {
        return zone[0] == zone[1] && !m_hasHalfZones ? FindExact(tuple) : FindInZones(tuple, zone);
    }

    /// As Find(), where zones may differ by direction.
    NfConntrackTable::Ref FindInZones(NfTuple tuple, const NfZonePair& zone);

    /// @return as Find() for one zone id
    [[gnu::always_inline]] NfConntrackTable::Ref FindExact(const NfTuple& tuple)
    {
        const NfTime now = m_owner.Now();
        const uint32_t hash = m_table.Hash(tuple);
        const NfConntrackTable::Ref ref = m_table.Find(tuple, hash);
        return ref == NfConntrackTable::NONE || m_table.ConnOf(ref).expires > now
                   ? ref
                   : FindBehindExpired(tuple, hash);
    }

    /// The rest of FindExact() when the first one found is past its time.
    NfConntrackTable::Ref FindBehindExpired(const NfTuple& tuple, uint32_t hash);
    /// Linux: nf_ct_key_equal(). An entry answers if its zone id is the one asked for in its own
    /// direction; of several the newest. @param tuple its zone is one of @p zone
    NfConntrackTable::Ref FindInZone(const NfTuple& tuple, const NfZonePair& zone);
    /// Puts both directions into the index and tells NAT. @param conn tuples final
    void Insert(NfConn& conn);
    /// Takes both directions out, with the expectations; the table's ownership ends.
    void Remove(NfConn& conn);
    /// Linux: nf_ct_should_gc() + nf_ct_kill(). @return true if it was past its time
    bool KillIfExpired(NfConn& conn);
    /// Linux: __nf_conntrack_alloc(). @return null: table full
    NfConn* Alloc(const NfTuple& original, const NfTuple& reply);
    /// Linux: early_drop(). @param hash of the new tuple @return true if it made room
    bool EarlyDrop(uint32_t hash);
    bool EarlyDropByEntries(uint32_t hash);

    /// Of one place that warns (Linux: net_warn_ratelimited()).
    struct Ratelimit
    {
        NfTime begin{-1};  //!< of the interval
        uint32_t lines{0}; //!< in it
    };

    /// Writes a line to the kernel log, ten in five seconds at most.
    void Warn(Ratelimit& limit, const char* text);

    // ---- story (nf-conntrack.cc)
    /// Looks a packet up and lets the tracker judge it, until it has a connection or is none.
    /// @param tmpl what the CT target gave it, or null
    NfVerdict Track(NfPacket& packet, NfConn* tmpl, const NfHookState& state);
    /// A packet that comes with a connection, or with a template. @return its verdict
    [[gnu::noinline]] NfVerdict TrackAgain(NfPacket& packet, const NfHookState& state);
    /// Linux: nf_conntrack_handle_icmp(). @return false: it has its connection, or gets none
    bool IsToBeLookedUp(NfPacket& packet, const NfZonePair& zone, const NfHookState& state);
    /// Linux: resolve_normal_ct(). @param full out: no room @return false: no connection
    inline bool Resolve(NfPacket& packet, NfConn* tmpl, const NfZonePair& zone, bool& full);
    /// A packet that got no connection. @param full for want of room @return its verdict
    [[gnu::cold]] NfVerdict Unresolved(NfPacket& packet, bool full);

    /// A packet that its tracker did not accept. @param track what it said @return its verdict
    [[gnu::cold]] NfVerdict Rejected(NfPacket& packet, NfTrack track);

    /// See NfConntrack::GetTuple(). @param tuple its ports are 0
    bool FillTuple(const NfPacket& packet, uint16_t zone, NfTuple& tuple) const
    {
        const NfIpHeader& ip = packet.GetIp();
        tuple.src = ip.src;
        tuple.dst = ip.dst;
        tuple.family = packet.GetFamily();
        tuple.protocol = packet.GetProtocol();
        tuple.zone = zone;
        const NfL4Tracker& tracker = *m_trackers[tuple.protocol];
        if (tracker.HasPlainPorts())
        {
            const uint8_t* const ports = packet.PullTransport(4);
            return ports && NfParsePorts(NfBytes(ports, 4), tuple);
        }
        // No tracker needs more than this much of the header for the tuple.
        constexpr size_t ENOUGH = 8;
        const size_t size = std::min(packet.GetTransportSize(), ENOUGH);
        return tracker.ParseTuple(NfBytes(packet.PullTransport(size), size), tuple);
    }

    /// Linux: init_conntrack(). @return the new connection; null with full set or not
    NfConnPtr Init(const NfTuple& tuple, NfConn* tmpl, const NfZonePair& zone, bool& full);
    void AddExtensions(NfConn& conn, NfConn* tmpl);
    /// nf_conntrack_helper of older kernels: the helper of the port that answers.
    void AssignHelper(NfConn& conn);

    /// An entry that another CPU may not have seen yet.
    struct Fresh
    {
        NfTime until;
        const NfConn* conn; //!< may be gone
        uint32_t id;        //!< tells that
    };

    /// See SetRace(). @return true: the look-up that found it came too early
    bool IsMissed(NfConntrackTable::Ref ref);
    bool MeetExpectation(NfConn& conn, NfExpectationPtr& expectation);

    // ---- confirm (nf-conntrack-confirm.cc)
    /// NfConntrack::Confirm() for all but plain connections of the table.
    [[gnu::noinline]] NfVerdict ConfirmMore(NfPacket& packet, const NfHookState& state);
    /// Linux: __nf_conntrack_confirm(). @return ACCEPT, or DROP for a clash
    NfVerdict ConfirmNew(NfPacket& packet);
    /// Counts and names a drop. @return verdict
    NfVerdict Refuse(NfPacket& packet, NfVerdict verdict, uint64_t& counter, const char* reason);
    /// @return true: too many entries where @p conn would go
    bool IsChainTooLong(const NfConn& conn);
    NfVerdict ResolveClash(NfPacket& packet, NfConntrackTable::Ref winner);
    bool Merge(NfPacket& packet, NfConntrackTable::Ref winner);

    // ---- time (nf-conntrack-timeout.cc)
    /// Sees to it that the timer fires at that time or before.
    void WakeAt(NfTime when);
    void OnTimer();
    /// Has the collector run from now on, unless it does already.
    void StartCollector();
    /// Linux: gc_worker(). One run.
    void CollectGarbage(NfTime now);
    /// Unassured and closing connections go until there are fewer than @p limit.
    void EvictUnderPressure(uint32_t limit);
    /// @return true for an entry of the table that is not going
    bool IsSettled(uint32_t slot) const;
    /// Kills what is past its time. @return how many
    uint32_t CollectSlots(uint32_t from, uint32_t count);
    /// @return the pause until the next run, see NfCollector
    NfTime CollectByAverage(NfTime now);
    NfTime CollectByRatio();

    // ---- events (nf-conntrack-event.cc)
    void Deliver(NfConn& conn, uint32_t events);
    void DeliverCached(NfConn& conn);
    void AddEventCache(NfConn& conn, const NfConn* tmpl);
    void TellExpect(NfEventType type, const NfExpectation& expectation);

    // ---- expectations (nf-conntrack-expect.cc)
    static uint64_t ExpectKey(const NfTuple& tuple);
    NfExpectationPtr FindExpectation(const NfTuple& tuple, uint16_t zone, bool activeOnly);
    bool Unlink(const NfExpectationPtr& expectation);
    int CheckExpectation(const NfExpectation& expectation, bool skipMaster);
    void InsertExpectation(const NfExpectationPtr& expectation);
    void ExpireExpectations(NfTime now);

    // ---- registries (nf-conntrack-proto.cc, nf-conntrack-standalone.cc)
    void RegisterHooks(NfFamily family);
    /// Puts a tracker in the place of another; its connections and knobs go.
    void ReplaceTracker(uint8_t protocol, const NfL4Tracker* tracker);
    void EnableDefrag(NfFamily family);
    void DisableDefrag(NfFamily family);
    void AddSysctls();

    NfConntrack& m_owner;
    NfConnSlab* m_slab;
    NfConntrackTable m_table;
    bool m_seeded{false};
    bool m_hasHalfZones{false}; //!< there are, or were, entries in a zone in one direction only

    std::array<const NfL4Tracker*, 256> m_trackers{};           //!< by protocol, never null
    std::vector<std::unique_ptr<NfL4Tracker>> m_ownTrackers;    //!< whom m_trackers ever pointed to
    std::map<uint8_t, std::vector<std::string>> m_trackerKnobs; //!< names, by protocol
    std::vector<std::unique_ptr<NfConntrackHelper>> m_helpers;
    NfTimeoutPolicies m_policies{m_owner};
    NfGreKeymap m_greKeymap;

    std::vector<NfConntrackListener*> m_listeners;
    Hook m_destroyHook;
    Hook m_insertHook;

    std::map<uint32_t, NfExpectationPtr> m_expectations; //!< by id: in order of creation
    std::unordered_map<uint64_t, std::vector<NfExpectationPtr>> m_expectByDst; //!< newest last
    uint32_t m_nextExpectId{1};

    std::array<uint32_t, 2> m_users{};            //!< Enable() less Disable(): IPv4, IPv6
    std::array<std::vector<NfHookId>, 2> m_hooks; //!< registered for them

    NfDefrag m_defrag;
    std::array<std::vector<NfHookId>, 2> m_defragHooks; //!< registered for them

    NfRaceModel m_race;
    std::deque<Fresh> m_fresh; //!< entries that a look-up may still miss, oldest first

    NfClock::TimerId m_timer{0};
    NfTime m_timerAt{0};       //!< when m_timer fires
    NfTime m_gcAt{0};          //!< next run of the collector, 0: idle
    NfTime m_gcNext{0};        //!< the same when idle
    uint32_t m_gcSlot{0};      //!< where the next run goes on
    NfTime m_gcStart{0};       //!< of this pass over the table
    NfTime m_gcAverage{0};     //!< of the times left, with those the pass began with
    int64_t m_gcCount{0};      //!< that make up m_gcAverage
    bool m_gcEarlyDrop{false}; //!< the table was full: be strict in the next pass
    Ratelimit m_fullLimit;     //!< of "table full"
    Ratelimit m_expectLimit;   //!< of "expectation table full"

    uint64_t& m_inserts;     //!< conntrack-insert: entries that came, by packet or command
    uint64_t& m_deletes;     //!< conntrack-delete: entries that went
    uint64_t& m_dropFull;    //!< drop-conntrack-table-full
    uint64_t& m_dropClash;   //!< drop-conntrack-insert-failed
    uint64_t& m_dropSeqadj;  //!< drop-conntrack-seqadj
    uint64_t& m_dropHelper;  //!< drop-conntrack-helper
    uint64_t& m_dropTracker; //!< drop-conntrack-tracker
};

/// @param family IPV4 or IPV6 @return index for per-family arrays
inline size_t
NfFamilySlot(NfFamily family)
{
    return family == NfFamily::IPV6 ? 1 : 0;
}

/// @param conn any @param dir which @return its zone id in that direction
inline uint16_t
NfZoneOf(const NfConn& conn, NfDir dir)
{
    return conn.zoneDir >> static_cast<unsigned>(dir) & 1 ? conn.zone : 0;
}

} // namespace ns3

#endif // NF_CONNTRACK_IMPL_H
