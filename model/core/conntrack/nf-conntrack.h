/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_H
#define NF_CONNTRACK_H

#include "../hook/nf-hook-chain.h"
#include "../hook/nf-log.h"
#include "../hook/nf-sysctl.h"
#include "../packet/nf-clock.h"
#include "../packet/nf-counter.h"
#include "nf-conn.h"
#include "nf-conntrack-event.h"
#include "nf-conntrack-expect.h"
#include "nf-conntrack-helper.h"
#include "nf-l4-tracker.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

class NfGreKeymap;
class NfTimeoutPolicies;
struct NfKernelProfile;
struct NfTimeoutPolicy;

/// What a namespace's parts are made of: handed to each at construction; all outlive it.
struct NfContext
{
    NfClock& clock;
    NfRandom& random;
    NfHooks& hooks;
    NfCounters& counters;
    NfLog& log;
    NfSysctls& sysctls;
};

class NfDefrag;

/// conntrack -S (Linux: struct ip_conntrack_stat).
struct NfConntrackStats
{
    uint64_t found{0};
    uint64_t invalid{0};
    uint64_t insert{0};
    uint64_t insertFailed{0};
    uint64_t drop{0};
    uint64_t earlyDrop{0};
    uint64_t error{0};
    uint64_t searchRestart{0};
    uint64_t clashResolve{0};
    uint64_t chainTooLong{0};
    uint64_t expectNew{0};
    uint64_t expectCreate{0};
    uint64_t expectDelete{0};
};

/// net.netfilter.nf_conntrack_* that are not a tracker's own.
struct NfConntrackConfig
{
    uint32_t max{262144};
    uint32_t buckets{262144};
    uint32_t expectMax{4096};
    uint8_t checksum{1};
    uint8_t acct{0};
    uint8_t events{2};
    uint8_t timestamp{0};
    uint8_t logInvalid{0}; //!< 0 none, 255 all, else a protocol number
    uint8_t tcpLoose{1};
    uint8_t tcpBeLiberal{0};
    uint8_t tcpIgnoreInvalidRst{0};
    uint8_t tcpMaxRetrans{3};
    uint8_t autoHelper{0}; //!< nf_conntrack_helper of older kernels: helpers by port
};

/// Two CPUs at once, which a simulator does not have: see NfConntrack::SetRace().
struct NfRaceModel
{
    NfTime window{0};      //!< how long a new entry may be missed by a look-up, 0: off
    double probability{1}; //!< that it is
};

/**
 * @ingroup netfilter
 * Connection tracking of one namespace (Linux: nf_conntrack_core.c).
 *
 * In() and Confirm() are what the hook functions call; Enable() registers them, as Linux does when
 * the first rule needs conntrack.
 */
class NfConntrack
{
  public:
    explicit NfConntrack(NfContext context);
    ~NfConntrack();
    NfConntrack(const NfConntrack&) = delete;
    NfConntrack& operator=(const NfConntrack&) = delete;

    /**
     * Linux: nf_ct_netns_get(). Registers defragmentation and tracking; counted.
     * @param family IPV4, IPV6 or INET
     */
    void Enable(NfFamily family);
    /// Linux: nf_ct_netns_put(). @param family as given to Enable()
    void Disable(NfFamily family);
    /// @param family IPV4 or IPV6 @return true while somebody needs it
    bool IsEnabled(NfFamily family) const;

    /**
     * Linux: nf_conntrack_in(): the story of a packet. Looks it up, makes an unconfirmed connection
     * if it is new, lets the tracker judge it, sets packet.conn and packet.ctInfo.
     * @return ACCEPT, or DROP when the table is full or the tracker insists
     */
    NfVerdict In(NfPacket& packet, const NfHookState& state);

    /// Linux: nf_confirm() + __nf_conntrack_confirm(): helper, sequence adjustment, insertion into
    /// the table.
    NfVerdict Confirm(NfPacket& packet, const NfHookState& state);

    // ---- tuples
    /// Linux: nf_ct_get_tuplepr(). @return false if there is no tuple in it
    bool GetTuple(NfPacket& packet, uint16_t zone, NfTuple& tuple) const;
    /// Linux: nf_ct_invert_tuple(). @return false if it cannot be inverted
    bool InvertTuple(const NfTuple& tuple, NfTuple& inverse) const;
    /**
     * Parses the packet quoted in an ICMP error (Linux: nf_ct_get_tuplepr on the inner header).
     * @param bytes from the inner fixed IP header on @param family of the outer packet
     * @param tuple out @param innerTransport offset of the inner transport header in bytes, out
     */
    bool GetInnerTuple(NfBytes bytes,
                       NfFamily family,
                       uint16_t zone,
                       NfTuple& tuple,
                       size_t& innerTransport) const;

    // ---- table
    /// Linux: nf_conntrack_find_get(). Expired entries are not found (and die). @param dir out, may
    /// be null
    NfConnPtr Find(const NfTuple& tuple, NfDir* dir = nullptr);
    /// Linux: nf_conntrack_tuple_taken(). @return true if another connection than @p ignored
    /// answers to it
    bool IsTupleTaken(const NfTuple& tuple, const NfConn* ignored);
    /// Linux: nf_conntrack_alloc(). @return an unconfirmed one that nobody else knows; null: table
    /// full
    NfConnPtr Alloc(const NfTuple& original, const NfTuple& reply);
    /// Linux: nf_ct_tmpl_alloc(). @return a template for the CT target
    NfConnPtr AllocTemplate(uint16_t zone, uint8_t zoneDir);
    /// Linux: nf_conntrack_hash_check_insert() (conntrack -I). @param conn unconfirmed, its timeout
    /// relative @return false if it exists
    bool Insert(NfConn& conn);
    /**
     * Linux: nf_conntrack_attach(). A packet this node makes about another one (ICMP error, reset)
     * belongs to the other's connection, in the other direction.
     * @param made the new packet @param cause the one it is about
     */
    static void Attach(NfPacket& made, const NfPacket& cause);
    /// Linux: nf_ct_set_closing(): a reset was sent in its name. @param conn any, TCP only matters
    void SetClosing(NfConn& conn);
    /// Linux: nf_conntrack_alter_reply(). @pre unconfirmed @param reply new reply tuple
    void AlterReply(NfConn& conn, const NfTuple& reply);
    /// Linux: nf_ct_delete(). Event DESTROY, out of the table. @param conn may be dead already
    /// @return false if it was
    bool Kill(NfConn& conn);
    /// Linux: nf_ct_iterate_cleanup_net(). @param which entries to kill @return how many
    size_t KillIf(const std::function<bool(const NfConn&)>& which);
    /// Visits confirmed entries that are not expired, in a stable order. @param visit called for
    /// each
    void ForEach(const std::function<void(NfConn&)>& visit);
    /**
     * Shows everything that GetCount() counts, unconfirmed and expired entries too, and changes
     * nothing: for measurements, which must not have an effect. One pass over the table's memory.
     * @param look called for each, in a stable order
     */
    void Inspect(const std::function<void(const NfConn&)>& look) const;
    /// @return entries, unconfirmed ones and expired ones not yet collected too
    /// (nf_conntrack_count)
    size_t GetCount() const;
    /// @return bytes that connections and their index take, extensions not included
    size_t GetMemory() const;
    /// Entries look older: what nf-oracle's ff step does. @return entries touched
    size_t FastForward(NfTime by);

    // ---- timeouts
    /// Linux: nf_ct_refresh_acct(). Sets the timeout and counts the packet. @param packet may be
    /// null
    void Refresh(NfConn& conn, NfCtInfo info, const NfPacket* packet, NfTime timeout)
    {
        if (!conn.Has(NF_IPS_FIXED_TIMEOUT))
        {
            const NfTime expires = conn.IsConfirmed() ? Now() + timeout : timeout;
            if (!m_refreshBySeconds || IsNewSecond(conn, expires))
            {
                conn.expires = expires;
            }
        }
        if (packet && conn.GetExt())
        {
            Account(conn, info, *packet);
        }
    }

    /// Linux: nf_ct_acct_update(). @param packet counted in the direction of info
    void Account(NfConn& conn, NfCtInfo info, const NfPacket& packet);
    /// @return time until it expires, not negative
    NfTime GetTimeLeft(const NfConn& conn) const;

    /// @return the policies of CT --timeout
    NfTimeoutPolicies& GetTimeoutPolicies();
    /// @param protocol IP protocol, 255: all without a tracker of their own @param seconds by state
    /// @return false: it has no such timeouts
    bool SetTimeouts(uint8_t protocol, const std::vector<uint32_t>& seconds);
    /// Connections that have a policy fall back to the defaults (Linux: nf_ct_untimeout()).
    void ForgetTimeoutPolicy(const NfTimeoutPolicy& policy);

    // ---- table physics
    /// @return by length, how many of the nf_conntrack_buckets chains that Linux would have are
    /// that long; an entry stands in two. Looks at the whole table.
    std::vector<uint32_t> GetChainLengths() const;
    /**
     * Lets packets race as on several CPUs: one whose connection entered the table less than
     * @p race.window ago and was not answered yet may be looked up as if it had not. It makes a
     * connection of its own, which clashes when it is confirmed (Linux: nf_ct_resolve_clash()).
     */
    void SetRace(const NfRaceModel& race);

    // ---- expectations
    /**
     * Linux: nf_ct_expect_related_report().
     * @param expectation what to expect
     * @param skipMaster the same expectation of another connection does not clash, it is refused
     * with -EALREADY (Linux: NF_CT_EXP_F_SKIP_MASTER)
     * @return 0, or -EBUSY, -EALREADY, -EMFILE, -ESHUTDOWN, -EINVAL
     */
    int ExpectRelated(const NfExpectationPtr& expectation, bool skipMaster = false);
    /// Linux: nf_ct_unexpect_related(). @return false if it was gone
    bool Unexpect(const NfExpectationPtr& expectation);
    /// Linux: nf_ct_expect_find_get(). @return null if none
    NfExpectationPtr FindExpectation(const NfTuple& tuple);
    /// Linux: nf_ct_remove_expectations(). @param master whose
    void RemoveExpectations(NfConn& master);
    /// Visits live expectations in a stable order.
    void ForEachExpectation(const std::function<void(const NfExpectationPtr&)>& visit);

    // ---- registries
    /**
     * Linux: nf_ct_l4proto_register(), at any time, also from inside a hook. Connections of its
     * protocol die, since their state is another tracker's; unconfirmed ones do not get into the
     * table. The tracker it replaces keeps its memory until this object goes: it may be at work.
     * @param tracker for its protocol; that of protocol 0 is for all that have none
     */
    void RegisterTracker(std::unique_ptr<NfL4Tracker> tracker);
    /**
     * Linux: nf_ct_l4proto_unregister(). The generic tracker takes over; connections die, and
     * knobs of net.netfilter go.
     * @param protocol not 0 @return false: it has none of its own
     */
    bool UnregisterTracker(uint8_t protocol);
    /// @param protocol IP protocol @return never null: the generic tracker for unknown ones
    const NfL4Tracker& GetTracker(uint8_t protocol) const;
    /// @param helper kept until Unregister
    void RegisterHelper(std::unique_ptr<NfConntrackHelper> helper);
    /**
     * Linux: nf_conntrack_helper_unregister(). Its connections lose it, its expectations go.
     * @param helper registered here; it is freed: no rule may assign it any more
     */
    void UnregisterHelper(const NfConntrackHelper& helper);
    /// @return the helper or null @param family IPV4 or IPV6
    NfConntrackHelper* FindHelper(std::string_view name, NfFamily family, uint8_t protocol) const;

    // ---- events
    /// Linux: nf_conntrack_event_cache(). @param events NfEvent bits to deliver after this packet
    void CacheEvent(NfConn& conn, uint32_t events)
    {
        if (NfConnExt* ext = conn.GetExt(); ext && ext->hasEventCache)
        {
            ext->eventCache |= events;
        }
    }

    /// Linux: nf_conntrack_eventmask_report(): tells the listeners at once, for commands. @param
    /// conn confirmed, others are silent @param events NfEvent bits
    void ReportEvents(NfConn& conn, uint32_t events);
    /// @param listener not owned
    void AddListener(NfConntrackListener& listener);
    void RemoveListener(NfConntrackListener& listener);

    /// @return reassembly in front of tracking
    NfDefrag& GetDefrag();

    // ---- reports
    /**
     * Takes over defaults and behaviour of another kernel release; values that were written to
     * sysctls which differ between releases are lost.
     * @param profile outlives this object
     */
    void SetProfile(const NfKernelProfile& profile);

    /// @return whose behaviour it has
    const NfKernelProfile& GetProfile() const
    {
        return *m_profile;
    }

    /// max, buckets and expectMax belong to the whole machine in Linux, and a namespace there can
    /// only read them; here each namespace is like a host's first one and has its own.
    NfConntrackConfig& GetConfig()
    {
        return m_config;
    }

    NfConntrackStats& GetStats()
    {
        return m_stats;
    }

    NfContext& GetContext()
    {
        return m_context;
    }

    NfTime Now() const
    {
        return m_context.clock.Now();
    }

    /**
     * Writes a "nf_ct_proto_N: TEXT IN=..." line when nf_conntrack_log_invalid wants it
     * (Linux: nf_ct_l4proto_log_invalid()).
     */
    void LogInvalid(NfPacket& packet,
                    const NfHookState& state,
                    const NfConn* conn,
                    const char* text);

    using Hook = std::function<void(NfConn&)>;
    /**
     * Set by NAT: called once for each connection, whether it was ever in the table or not, when
     * its last owner lets go and its memory is about to be used again (Linux: nf_conntrack_free(),
     * remove_nat_bysrc). The hook must not keep it.
     */
    void SetDestroyHook(Hook hook);
    /// Set by NAT: called when an entry enters the table, for its by-source index.
    void SetInsertHook(Hook hook);

    /// @return GRE call keys that the PPTP helper announced
    NfGreKeymap& GetGreKeymap();

  private:
    /// Older kernels set a timer only when that made a second's difference.
    static bool IsNewSecond(const NfConn& conn, NfTime expires);

    struct Impl;
    NfContext m_context;
    NfConntrackConfig m_config;
    NfConntrackStats m_stats;
    const NfKernelProfile* m_profile;
    bool m_refreshBySeconds{false}; //!< of the profile, for every packet
    std::unique_ptr<Impl> m_impl;   //!< table, expectations, registries
};

} // namespace ns3

#endif // NF_CONNTRACK_H
