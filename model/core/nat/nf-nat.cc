/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat.h"

#include "nf-nat-proto.h"
#include "nf-nat-sources.h"
#include "nf-nat-unique.h"

#include <algorithm>
#include <array>

namespace ns3
{

namespace
{

constexpr size_t FAMILIES = 2;
constexpr size_t POINTS = 5; //!< the IP points, by number

constexpr NfHook NAT_POINTS[] = {NfHook::PRE_ROUTING,
                                 NfHook::LOCAL_OUT,
                                 NfHook::POST_ROUTING,
                                 NfHook::LOCAL_IN};

size_t
FamilySlot(NfFamily family)
{
    return family == NfFamily::IPV6 ? 1 : 0;
}

uint32_t
DoneBit(NfManip manip)
{
    return manip == NfManip::SRC ? NF_IPS_SRC_NAT_DONE : NF_IPS_DST_NAT_DONE;
}

bool
IsRelated(NfCtInfo info)
{
    return info == NfCtInfo::RELATED || info == NfCtInfo::RELATED_REPLY;
}

bool
IsIcmpOf(const NfPacket& packet)
{
    return packet.GetProtocol() ==
           (packet.GetFamily() == NfFamily::IPV6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP);
}

/**
 * Linux: nf_nat_oif_changed(). A flow that moved to another uplink cannot keep the address of the
 * old one.
 */
bool
IsOutDeviceChanged(const NfConn& conn, NfCtInfo info, const NfHookState& state)
{
    return conn.masqueradeIndex != 0 && state.hook == NfHook::POST_ROUTING &&
           NfInfoDir(info) == NfDir::ORIGINAL && state.out &&
           conn.masqueradeIndex != state.out->index;
}

} // namespace

struct NfNat::Impl
{
    /// A nat table that asked to be consulted.
    struct Entry
    {
        uint64_t id;
        int32_t priority;
        std::string name;
        Lookup lookup;
    };

    using Entries = std::vector<Entry>;

    /// What one family has registered.
    struct Family
    {
        std::array<std::shared_ptr<const Entries>, POINTS> lookups; //!< copy on write, null: none
        std::vector<NfHookId> hooks;                                //!< NAT's own hook functions
        size_t users{0};                                            //!< lookups at all points
    };

    Impl(NfNat& nat, NfConntrack& conntrack)
        : m_nat(nat),
          m_conntrack(conntrack),
          m_sources(conntrack.GetContext().random.Next()),
          m_unique(conntrack, m_sources)
    {
    }

    NfVerdict OnPacket(NfPacket& packet, const NfHookState& state);
    NfVerdict OnNew(NfPacket& packet, NfConn& conn, const NfHookState& state);
    NfVerdict KillMoved(NfPacket& packet, NfConn& conn);
    NfVerdict Drop(NfPacket& packet, const char* reason);
    void RegisterHooks(Family& family, NfFamily which);
    void UnregisterHooks(Family& family);

    NfNat& m_nat;                          //!< the public face
    NfConntrack& m_conntrack;              //!< the table
    NfNatSources m_sources;                //!< mappings by source
    NfNatUnique m_unique;                  //!< the search for a free tuple
    std::array<Family, FAMILIES> m_family; //!< IPv4, IPv6
    uint64_t m_nextId{1};                  //!< next lookup id
};

NfVerdict
NfNat::Impl::Drop(NfPacket& packet, const char* reason)
{
    packet.dropReason = reason;
    m_conntrack.GetContext().counters.Get(reason)++;
    return NfVerdict::DROP;
}

/// Linux: nf_nat_ipv4_fn() and nf_nat_inet_fn(): the story of a packet at a nat hook.
NfVerdict
NfNat::Impl::OnPacket(NfPacket& packet, const NfHookState& state)
{
    NfConn* conn = packet.conn.get();
    if (!conn || packet.ctInfo == NfCtInfo::UNTRACKED)
    {
        return NfVerdict::ACCEPT;
    }
    const bool related = IsRelated(packet.ctInfo);
    if (related && IsIcmpOf(packet))
    {
        return NfNatTranslateError(m_conntrack, packet, *conn, state.hook)
                   ? NfVerdict(NfVerdict::ACCEPT)
                   : Drop(packet, "drop-nat-icmp-error");
    }
    const bool decided = conn->Has(DoneBit(NfNatManipOf(state.hook)));
    if ((related || packet.ctInfo == NfCtInfo::NEW) && !decided)
    {
        const NfVerdict verdict = OnNew(packet, *conn, state);
        if (verdict != NfVerdict::ACCEPT)
        {
            return verdict;
        }
    }
    else if (IsOutDeviceChanged(*conn, packet.ctInfo, state))
    {
        return KillMoved(packet, *conn);
    }
    const NfVerdict verdict = m_nat.TranslatePacket(packet, *conn, packet.ctInfo, state.hook);
    return verdict == NfVerdict::DROP ? Drop(packet, "drop-nat-truncated") : verdict;
}

/// Asks the nat tables once per connection and side; silence means a null binding.
NfVerdict
NfNat::Impl::OnNew(NfPacket& packet, NfConn& conn, const NfHookState& state)
{
    const Family& family = m_family[FamilySlot(state.family)];
    const std::shared_ptr<const Entries> lookups = family.lookups[static_cast<size_t>(state.hook)];
    const uint32_t done = DoneBit(NfNatManipOf(state.hook));
    for (size_t i = 0; lookups && i < lookups->size(); i++)
    {
        const NfVerdict verdict = (*lookups)[i].lookup(packet, state);
        if (verdict != NfVerdict::ACCEPT || conn.Has(done))
        {
            return verdict;
        }
    }
    return m_nat.AllocNullBinding(conn, state.hook);
}

NfVerdict
NfNat::Impl::KillMoved(NfPacket& packet, NfConn& conn)
{
    m_conntrack.Account(conn, packet.ctInfo, packet);
    m_conntrack.Kill(conn);
    return Drop(packet, "drop-nat-device-changed");
}

void
NfNat::Impl::RegisterHooks(Family& family, NfFamily which)
{
    std::vector<NfHookOps> ops;
    for (NfHook point : NAT_POINTS)
    {
        NfHookOps op;
        op.function = [this](NfPacket& packet, const NfHookState& state) {
            return OnPacket(packet, state);
        };
        op.family = which;
        op.hook = point;
        op.priority = NfNatManipOf(point) == NfManip::SRC ? NF_PRI_NAT_SRC : NF_PRI_NAT_DST;
        op.name = "nat";
        ops.push_back(std::move(op));
    }
    family.hooks = m_conntrack.GetContext().hooks.Register(std::move(ops));
}

void
NfNat::Impl::UnregisterHooks(Family& family)
{
    for (NfHookId id : family.hooks)
    {
        m_conntrack.GetContext().hooks.Unregister(id);
    }
    family.hooks.clear();
}

NfNat::NfNat(NfConntrack& conntrack, NfStack& stack)
    : m_conntrack(conntrack),
      m_stack(stack),
      m_impl(std::make_unique<Impl>(*this, conntrack))
{
    m_conntrack.SetInsertHook([this](NfConn& conn) {
        if (conn.Has(NF_IPS_SRC_NAT_DONE))
        {
            m_impl->m_sources.Insert(conn);
        }
    });
    m_conntrack.SetDestroyHook([this](NfConn& conn) { m_impl->m_sources.Remove(conn); });
}

NfNat::~NfNat()
{
    m_conntrack.SetInsertHook({});
    m_conntrack.SetDestroyHook({});
    for (Impl::Family& family : m_impl->m_family)
    {
        m_impl->UnregisterHooks(family);
    }
}

uint64_t
NfNat::Register(NfFamily family, NfHook hook, int32_t priority, std::string name, Lookup lookup)
{
    Impl::Family& slot = m_impl->m_family[FamilySlot(family)];
    auto& lookups = slot.lookups[static_cast<size_t>(hook)];
    auto changed = std::make_shared<Impl::Entries>(lookups ? *lookups : Impl::Entries{});
    const auto place = std::find_if(changed->begin(), changed->end(), [&](const Impl::Entry& e) {
        return e.priority > priority;
    });
    const uint64_t id = m_impl->m_nextId++;
    changed->insert(place, Impl::Entry{id, priority, std::move(name), std::move(lookup)});
    lookups = std::move(changed);
    if (slot.users++ == 0)
    {
        m_impl->RegisterHooks(slot, family);
    }
    return id;
}

void
NfNat::Unregister(uint64_t id)
{
    for (Impl::Family& family : m_impl->m_family)
    {
        for (auto& lookups : family.lookups)
        {
            auto changed = std::make_shared<Impl::Entries>(lookups ? *lookups : Impl::Entries{});
            if (std::erase_if(*changed, [id](const Impl::Entry& e) { return e.id == id; }) == 0)
            {
                continue;
            }
            lookups = std::move(changed);
            if (--family.users == 0)
            {
                m_impl->UnregisterHooks(family);
            }
            return;
        }
    }
}

NfVerdict
NfNat::SetupInfo(NfConn& conn, const NfNatRange& range, NfManip manip)
{
    if (conn.IsConfirmed())
    {
        return NfVerdict::ACCEPT;
    }
    NfTuple current;
    if (conn.Has(DoneBit(manip)) || !m_conntrack.InvertTuple(conn.GetReply(), current))
    {
        return NfVerdict::DROP;
    }
    current.zone = conn.GetOriginal().zone;
    const NfTuple chosen = m_impl->m_unique.Choose(current, range, conn, manip);
    if (chosen != current)
    {
        NfTuple reply;
        m_conntrack.InvertTuple(chosen, reply);
        reply.zone = conn.GetReply().zone;
        m_conntrack.AlterReply(conn, reply);
        conn.status |= manip == NfManip::SRC ? NF_IPS_SRC_NAT : NF_IPS_DST_NAT;
        if (conn.GetHelper() && !conn.Ext().seqadj)
        {
            conn.Ext().seqadj = std::make_unique<std::array<NfSeqAdj, 2>>();
        }
    }
    conn.status |= DoneBit(manip);
    return NfVerdict::ACCEPT;
}

NfVerdict
NfNat::AllocNullBinding(NfConn& conn, NfHook hook)
{
    const NfManip manip = NfNatManipOf(hook);
    NfNatRange range;
    range.flags = NF_NAT_MAP_IPS;
    range.minAddr = manip == NfManip::SRC ? conn.GetReply().dst : conn.GetReply().src;
    range.maxAddr = range.minAddr;
    return SetupInfo(conn, range, manip);
}

NfVerdict
NfNat::TranslatePacket(NfPacket& packet, NfConn& conn, NfCtInfo info, NfHook hook)
{
    const NfManip manip = NfNatManipOf(hook);
    if (!conn.Has(NfNatStatusBit(manip, info)))
    {
        return NfVerdict::ACCEPT;
    }
    // The packet shall look like the inverse of what comes back.
    const NfTuple& other = conn.GetTuple(!NfInfoDir(info));
    NfTuple looks;
    if (!m_conntrack.InvertTuple(other, looks))
    {
        return NfVerdict::DROP;
    }
    const bool source = manip == NfManip::SRC;
    const bool id = looks.protocol == NF_IPPROTO_ICMP || looks.protocol == NF_IPPROTO_ICMPV6;
    const NfNatTarget target{manip,
                             looks.protocol,
                             source || id ? looks.sport : looks.dport,
                             source ? looks.src : looks.dst};
    return NfNatManipPacket(packet, target) ? NfVerdict::ACCEPT : NfVerdict::DROP;
}

} // namespace ns3
