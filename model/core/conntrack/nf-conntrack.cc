/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// The story of a packet from its arrival to its connection (Linux: nf_conntrack_in()).
#include "nf-conntrack.h"

#include "nf-conntrack-impl.h"
#include "nf-conntrack-proto.h"
#include "nf-kernel-profile.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ns3
{

namespace
{

/// Zone flag of CT --zone mark (Linux: NF_CT_FLAG_MARK).
constexpr uint8_t ZONE_IS_MARK = 1;

/// Linux: nf_ct_zone_tmpl().
NfZonePair
ZoneOf(const NfConn* tmpl, const NfPacket& packet)
{
    if (!tmpl)
    {
        return {0, 0};
    }
    const uint16_t id =
        tmpl->zoneFlags & ZONE_IS_MARK ? static_cast<uint16_t>(packet.mark) : tmpl->zone;
    return {static_cast<uint16_t>(tmpl->zoneDir & 1 ? id : 0),
            static_cast<uint16_t>(tmpl->zoneDir & 2 ? id : 0)};
}

/// Linux: get_l4proto(). @return false: no transport header to look at
bool
HasTransport(const NfPacket& packet)
{
    return !packet.IsLaterFragment() && packet.IsTransportValid() &&
           (packet.GetFamily() != NfFamily::IPV6 || packet.GetProtocol() != NF_IPPROTO_NONE);
}

bool
IsIcmpOf(NfFamily family, uint8_t protocol)
{
    return protocol == (family == NfFamily::IPV6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP);
}

NfCtInfo
InfoOf(const NfConn& conn, NfDir dir)
{
    if (dir == NfDir::REPLY)
    {
        return NfCtInfo::ESTABLISHED_REPLY;
    }
    if (conn.Has(NF_IPS_SEEN_REPLY))
    {
        return NfCtInfo::ESTABLISHED;
    }
    return conn.Has(NF_IPS_EXPECTED) ? NfCtInfo::RELATED : NfCtInfo::NEW;
}

/// Ports that a helper serves unless its name says another ("ftp-2121"), by name.
constexpr std::pair<std::string_view, uint16_t> HELPER_PORTS[] = {{"amanda", 10080},
                                                                  {"ftp", 21},
                                                                  {"irc", 6667},
                                                                  {"netbios-ns", 137},
                                                                  {"pptp", 1723},
                                                                  {"Q.931", 1720},
                                                                  {"RAS", 1719},
                                                                  {"sane", 6566},
                                                                  {"sip", 5060},
                                                                  {"snmp", 161},
                                                                  {"tftp", 69}};

/// @param name of a helper @return its port, 0: none
uint16_t
PortOf(const std::string& name)
{
    for (const auto& [word, port] : HELPER_PORTS)
    {
        if (name == word)
        {
            return port;
        }
    }
    const size_t dash = name.rfind('-');
    return dash == std::string::npos ? 0 : static_cast<uint16_t>(std::atoi(&name[dash + 1]));
}

/// As if it had never been looked at: neither a connection nor untracked.
void
SetInvalid(NfPacket& packet)
{
    packet.conn = {};
    packet.ctInfo = NfCtInfo::ESTABLISHED;
}

} // namespace

NfConntrack::NfConntrack(NfContext context)
    : m_context(context),
      m_profile(&NfGetDefaultProfile()),
      m_impl(std::make_unique<Impl>(*this))
{
    NfRegisterBuiltinTrackers(*this);
    m_impl->AddSysctls();
    SetProfile(NfGetDefaultProfile());
}

NfConntrack::~NfConntrack()
{
    for (std::vector<NfHookId>& hooks : m_impl->m_hooks)
    {
        for (const NfHookId id : hooks)
        {
            m_context.hooks.Unregister(id);
        }
    }
}

bool
NfConntrack::Impl::MeetExpectation(NfConn& conn, NfExpectationPtr& expectation)
{
    if (m_expectations.empty())
    {
        return false;
    }
    expectation = FindExpectation(conn.tuples[0], conn.zone, true);
    // A master that nobody outside has seen yet cannot have been answered.
    if (!expectation || !expectation->master->IsConfirmed() ||
        expectation->master->Has(NF_IPS_DYING))
    {
        expectation.reset();
        return false;
    }
    if (!(expectation->flags & NF_EXPECT_PERMANENT))
    {
        Unlink(expectation);
    }
    conn.status |= NF_IPS_EXPECTED;
    NfConnExt& ext = conn.Ext();
    ext.master = expectation->master;
    if (expectation->helper)
    {
        ext.helper = expectation->helper;
    }
    conn.mark = expectation->master->mark;
    if (const NfConnExt* from = expectation->master->GetExt())
    {
        ext.secmark = from->secmark;
    }
    ++m_owner.m_stats.expectNew;
    return true;
}

void
NfConntrack::Impl::AddExtensions(NfConn& conn, NfConn* tmpl)
{
    const NfConnExt* from = tmpl ? tmpl->GetExt() : nullptr;
    if (from && from->hasSynproxy)
    {
        conn.Ext().hasSynproxy = true;
    }
    // A policy may be older than the tracker that is there now.
    if (from && from->timeoutPolicy &&
        from->timeoutPolicy->seconds.size() >= m_trackers[conn.GetProtocol()]->GetTimeouts().size())
    {
        conn.Ext().timeoutPolicy = from->timeoutPolicy;
    }
    if (m_owner.m_config.acct)
    {
        conn.Ext().acct = std::make_unique<NfConnExt::Acct>();
    }
    if (m_owner.m_config.timestamp)
    {
        conn.Ext().startTime = 0;
    }
    AddEventCache(conn, tmpl);
}

void
NfConntrack::Impl::AssignHelper(NfConn& conn)
{
    if (conn.Has(NF_IPS_HELPER))
    {
        return;
    }
    const NfTuple& reply = conn.GetReply();
    NfConntrackHelper* wanted = nullptr;
    for (const auto& helper : m_helpers)
    {
        const bool fits =
            helper->GetProtocol() == reply.protocol &&
            (helper->GetFamily() == NfFamily::UNSPEC || helper->GetFamily() == reply.family);
        if (fits && PortOf(helper->GetName()) == reply.sport)
        {
            wanted = helper.get();
            break;
        }
    }
    if (wanted || conn.GetHelper())
    {
        conn.Ext().helper = wanted;
    }
}

NfConnPtr
NfConntrack::Impl::Init(const NfTuple& tuple, NfConn* tmpl, const NfZonePair& zone, bool& full)
{
    NfTuple original = tuple;
    original.zone = zone[0];
    NfTuple reply;
    if (!m_owner.InvertTuple(original, reply))
    {
        return {};
    }
    reply.zone = zone[1];
    NfConnPtr conn(Alloc(original, reply));
    if (!conn)
    {
        full = true;
        return {};
    }
    AddExtensions(*conn, tmpl);
    NfExpectationPtr expectation;
    if (MeetExpectation(*conn, expectation))
    {
        if (expectation->expectFn)
        {
            expectation->expectFn(*conn, *expectation);
        }
    }
    else if (tmpl && tmpl->GetHelper())
    {
        conn->Ext().helper = tmpl->GetHelper();
        conn->status |= NF_IPS_HELPER;
    }
    else if (m_owner.m_config.autoHelper)
    {
        AssignHelper(*conn);
    }
    return conn;
}

// Every packet comes through here: no call more than it takes.
[[gnu::always_inline]] inline bool
NfConntrack::Impl::Resolve(NfPacket& packet, NfConn* tmpl, const NfZonePair& zone, bool& full)
{
    NfTuple tuple;
    if (!FillTuple(packet, zone[0], tuple))
    {
        return false;
    }
    const NfConntrackTable::Ref ref = Find(tuple, zone);
    if (ref != NfConntrackTable::NONE && !(m_race.window > NfTime{0} && IsMissed(ref)))
    {
        NfConn& conn = m_table.ConnOf(ref);
        packet.ctInfo = InfoOf(conn, NfConntrackTable::DirOf(ref));
        packet.conn = conn.Hold();
        return true;
    }
    packet.conn = Init(tuple, tmpl, zone, full);
    if (!packet.conn)
    {
        return false;
    }
    packet.ctInfo = InfoOf(*packet.conn, NfDir::ORIGINAL);
    return true;
}

NfVerdict
NfConntrack::In(NfPacket& packet, const NfHookState& state)
{
    if (packet.ctInfo == NfCtInfo::UNTRACKED)
    {
        return NfVerdict::ACCEPT;
    }
    return packet.conn ? m_impl->TrackAgain(packet, state) : m_impl->Track(packet, nullptr, state);
}

NfVerdict
NfConntrack::Impl::TrackAgain(NfPacket& packet, const NfHookState& state)
{
    // Seen before on its way through the loopback device?
    if (!packet.conn->IsTemplate())
    {
        return NfVerdict::ACCEPT;
    }
    const NfConnPtr tmpl = std::exchange(packet.conn, {});
    return Track(packet, tmpl.get(), state);
}

NfVerdict
NfConntrack::Impl::Track(NfPacket& packet, NfConn* tmpl, const NfHookState& state)
{
    if (!HasTransport(packet))
    {
        return Unresolved(packet, false);
    }
    const NfZonePair zone = ZoneOf(tmpl, packet);
    if (IsIcmpOf(packet.GetFamily(), packet.GetProtocol()) && !IsToBeLookedUp(packet, zone, state))
    {
        return NfVerdict::ACCEPT;
    }
    NfTrack track = NfTrack::NONE;
    do
    {
        bool full = false;
        if (!Resolve(packet, tmpl, zone, full))
        {
            return Unresolved(packet, full);
        }
        NfConn& conn = *packet.conn;
        const NfCtInfo info = packet.ctInfo;
        track = m_trackers[conn.GetProtocol()]->Packet(m_owner, conn, packet, info, state);
        if (track == NfTrack::ACCEPT)
        {
            if (info == NfCtInfo::ESTABLISHED_REPLY && !conn.Has(NF_IPS_SEEN_REPLY))
            {
                conn.status |= NF_IPS_SEEN_REPLY;
                m_owner.CacheEvent(conn, NF_EVENT_REPLY);
            }
            return NfVerdict::ACCEPT;
        }
        SetInvalid(packet);
    } while (track == NfTrack::REPEAT);
    return Rejected(packet, track);
}

bool
NfConntrack::Impl::IsToBeLookedUp(NfPacket& packet,
                                  const NfZonePair& zone,
                                  const NfHookState& state)
{
    if (m_trackers[packet.GetProtocol()]->Error(m_owner, packet, zone, state) != NfTrack::ACCEPT)
    {
        ++m_owner.m_stats.error;
        SetInvalid(packet);
        return false;
    }
    return !packet.conn && packet.ctInfo != NfCtInfo::UNTRACKED;
}

NfVerdict
NfConntrack::Impl::Unresolved(NfPacket& packet, bool full)
{
    SetInvalid(packet);
    if (!full)
    {
        ++m_owner.m_stats.invalid;
        return NfVerdict::ACCEPT;
    }
    ++m_owner.m_stats.drop;
    ++m_dropFull;
    packet.dropReason = "drop-conntrack-table-full";
    return NfVerdict::DROP;
}

NfVerdict
NfConntrack::Impl::Rejected(NfPacket& packet, NfTrack track)
{
    ++m_owner.m_stats.invalid;
    if (track != NfTrack::DROP)
    {
        return NfVerdict::ACCEPT;
    }
    ++m_owner.m_stats.drop;
    ++m_dropTracker;
    packet.dropReason = "drop-conntrack-tracker";
    return NfVerdict::DROP;
}

bool
NfConntrack::Impl::IsMissed(NfConntrackTable::Ref ref)
{
    while (!m_fresh.empty() && m_fresh.front().until <= m_owner.Now())
    {
        m_fresh.pop_front();
    }
    const NfConn& conn = m_table.ConnOf(ref);
    const bool fresh = std::any_of(m_fresh.begin(), m_fresh.end(), [&](const Fresh& f) {
        return f.conn == &conn && f.id == conn.GetId();
    });
    return fresh && NfConntrackTable::DirOf(ref) == NfDir::ORIGINAL &&
           !conn.Has(NF_IPS_SEEN_REPLY) &&
           m_owner.m_context.random.Next() * 0x1p-32 < m_race.probability;
}

void
NfConntrack::SetRace(const NfRaceModel& race)
{
    m_impl->m_race = race;
    m_impl->m_fresh.clear();
}

void
NfConntrack::Attach(NfPacket& made, const NfPacket& cause)
{
    if (!cause.conn)
    {
        return;
    }
    made.conn = cause.conn;
    made.ctInfo =
        NfInfoDir(cause.ctInfo) == NfDir::ORIGINAL ? NfCtInfo::RELATED_REPLY : NfCtInfo::RELATED;
}

void
NfConntrack::SetClosing(NfConn& conn)
{
    GetTracker(conn.GetProtocol()).SetClosing(*this, conn);
}

} // namespace ns3
