/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Trackers, helpers, hooks: what is registered where (Linux: nf_conntrack_proto.c).
#include "nf-conntrack-proto.h"

#include "../packet/nf-checksum.h"
#include "nf-conntrack-impl.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr uint8_t LOG_ALL = 255;  //!< nf_conntrack_log_invalid: every protocol (IPPROTO_RAW)
constexpr uint8_t LOG_NOTICE = 5; //!< Linux: default_loginfo
constexpr uint8_t LOG_FLAGS = NF_LOG_TCPSEQ | NF_LOG_TCPOPT | NF_LOG_IPOPT | NF_LOG_UID;

/// Linux: nf_ct_tcp_fixup(): windows moved unseen while the hooks were off.
void
ForgetWindows(NfConntrack& table, NfFamily family)
{
    table.ForEach([family](NfConn& conn) {
        if (conn.GetFamily() == family && conn.GetProtocol() == NF_IPPROTO_TCP &&
            conn.proto.tcp.state == NF_TCP_CT_ESTABLISHED)
        {
            conn.proto.tcp.seen[0].maxWindow = 0;
            conn.proto.tcp.seen[1].maxWindow = 0;
        }
    });
}

} // namespace

void
NfRegisterBuiltinTrackers(NfConntrack& table)
{
    table.RegisterTracker(NfMakeGenericTracker());
    table.RegisterTracker(NfMakeTcpTracker());
    const auto udpTimeouts = std::make_shared<NfUdpTimeouts>(NfUdpTimeouts{30, 120});
    table.RegisterTracker(NfMakeUdpTracker(udpTimeouts));
    table.RegisterTracker(NfMakeUdpliteTracker(udpTimeouts));
    table.RegisterTracker(NfMakeIcmpTracker());
    table.RegisterTracker(NfMakeIcmpv6Tracker());
    table.RegisterTracker(NfMakeSctpTracker());
    table.RegisterTracker(NfMakeGreTracker(table.GetGreKeymap()));
    // Linux had it compiled in, or not.
    NfAddOption(
        table.GetContext().sysctls,
        "dccp",
        [&table] { return table.GetTracker(NF_IPPROTO_DCCP).GetProtocol() == NF_IPPROTO_DCCP; },
        [&table](bool on) {
            if (on)
            {
                table.RegisterTracker(NfMakeDccpTracker());
            }
            else
            {
                table.UnregisterTracker(NF_IPPROTO_DCCP);
            }
        });
}

void
NfConntrack::Impl::ReplaceTracker(uint8_t protocol, const NfL4Tracker* tracker)
{
    const NfL4Tracker* const old = m_trackers[protocol];
    for (uint32_t slot = 0; slot < m_slab->GetSlots(); ++slot)
    {
        if (!m_slab->IsLive(slot))
        {
            continue;
        }
        NfConn& conn = m_slab->At(slot);
        const uint8_t its = conn.GetProtocol();
        if (!conn.IsTemplate() && (its == protocol || (protocol == 0 && m_trackers[its] == old)))
        {
            m_owner.Kill(conn);
        }
    }
    for (const std::string& name : m_trackerKnobs[protocol])
    {
        m_owner.m_context.sysctls.Remove(name);
    }
    m_trackerKnobs.erase(protocol);
    if (protocol == 0)
    {
        std::replace(m_trackers.begin(), m_trackers.end(), old, tracker);
    }
    m_trackers[protocol] = tracker;
}

void
NfConntrack::RegisterTracker(std::unique_ptr<NfL4Tracker> tracker)
{
    const uint8_t protocol = tracker->GetProtocol();
    m_impl->ReplaceTracker(protocol, tracker.get());
    m_impl->m_trackerKnobs[protocol] =
        m_context.sysctls.Capture([&] { tracker->AddSysctls(m_context.sysctls); });
    m_impl->m_ownTrackers.push_back(std::move(tracker));
}

bool
NfConntrack::UnregisterTracker(uint8_t protocol)
{
    const NfL4Tracker* const generic = m_impl->m_trackers[0];
    if (m_impl->m_trackers[protocol] == generic)
    {
        return false;
    }
    m_impl->ReplaceTracker(protocol, generic);
    return true;
}

const NfL4Tracker&
NfConntrack::GetTracker(uint8_t protocol) const
{
    return *m_impl->m_trackers[protocol];
}

bool
NfConntrack::SetTimeouts(uint8_t protocol, const std::vector<uint32_t>& seconds)
{
    const NfL4Tracker* const wanted = m_impl->m_policies.FindTracker(protocol);
    for (const auto& tracker : m_impl->m_ownTrackers)
    {
        if (tracker.get() == wanted && seconds.size() == wanted->GetTimeouts().size())
        {
            return tracker->SetTimeouts(seconds);
        }
    }
    return false;
}

NfTimeoutPolicies&
NfConntrack::GetTimeoutPolicies()
{
    return m_impl->m_policies;
}

void
NfConntrack::RegisterHelper(std::unique_ptr<NfConntrackHelper> helper)
{
    m_impl->m_helpers.push_back(std::move(helper));
}

void
NfConntrack::UnregisterHelper(const NfConntrackHelper& helper)
{
    ForEachExpectation([&](const NfExpectationPtr& e) {
        if (e->helper == &helper || e->master->GetHelper() == &helper)
        {
            Unexpect(e);
        }
    });
    ForEach([&](NfConn& conn) {
        if (conn.GetHelper() == &helper)
        {
            conn.Ext().helper = nullptr;
        }
    });
    auto& all = m_impl->m_helpers;
    all.erase(
        std::remove_if(all.begin(), all.end(), [&](const auto& h) { return h.get() == &helper; }),
        all.end());
}

NfConntrackHelper*
NfConntrack::FindHelper(std::string_view name, NfFamily family, uint8_t protocol) const
{
    for (const auto& helper : m_impl->m_helpers)
    {
        if (helper->GetName() == name && helper->GetProtocol() == protocol &&
            (helper->GetFamily() == NfFamily::UNSPEC || helper->GetFamily() == family))
        {
            return helper.get();
        }
    }
    return nullptr;
}

NfGreKeymap&
NfConntrack::GetGreKeymap()
{
    return m_impl->m_greKeymap;
}

void
NfConntrack::Impl::RegisterHooks(NfFamily family)
{
    NfConntrack* const table = &m_owner;
    const NfHookFunction in = [table](NfPacket& packet, const NfHookState& state) {
        return table->In(packet, state);
    };
    const NfHookFunction local = [table](NfPacket& packet, const NfHookState& state) {
        // Fragments sent with IP_NODEFRAG: a template must not be taken for a connection later.
        if (state.family == NfFamily::IPV4 && packet.GetIp().fragment)
        {
            if (packet.conn && packet.conn->IsTemplate())
            {
                packet.conn = {};
            }
            return NfVerdict(NfVerdict::ACCEPT);
        }
        return table->In(packet, state);
    };
    const NfHookFunction confirm = [table](NfPacket& packet, const NfHookState& state) {
        return table->Confirm(packet, state);
    };

    const struct
    {
        const NfHookFunction& function;
        NfHook hook;
        int32_t priority;
        const char* name;
    } rows[] = {
        {in, NfHook::PRE_ROUTING, NF_PRI_CONNTRACK, "conntrack"},
        {local, NfHook::LOCAL_OUT, NF_PRI_CONNTRACK, "conntrack"},
        {confirm, NfHook::POST_ROUTING, NF_PRI_CONNTRACK_CONFIRM, "conntrack confirm"},
        {confirm, NfHook::LOCAL_IN, NF_PRI_CONNTRACK_CONFIRM, "conntrack confirm"},
    };

    std::vector<NfHookId>& ids = m_hooks[NfFamilySlot(family)];
    for (const auto& row : rows)
    {
        ids.push_back(m_owner.m_context.hooks.Register(
            {row.function, family, row.hook, row.priority, row.name, nullptr}));
    }
}

void
NfConntrack::Enable(NfFamily family)
{
    if (family == NfFamily::INET)
    {
        Enable(NfFamily::IPV4);
        Enable(NfFamily::IPV6);
        return;
    }
    if (m_impl->m_users[NfFamilySlot(family)]++ == 0)
    {
        m_impl->EnableDefrag(family);
        m_impl->RegisterHooks(family);
        ForgetWindows(*this, family);
    }
}

void
NfConntrack::Disable(NfFamily family)
{
    if (family == NfFamily::INET)
    {
        Disable(NfFamily::IPV4);
        Disable(NfFamily::IPV6);
        return;
    }
    const size_t slot = NfFamilySlot(family);
    if (m_impl->m_users[slot] == 0 || --m_impl->m_users[slot] != 0)
    {
        return;
    }
    for (const NfHookId id : m_impl->m_hooks[slot])
    {
        m_context.hooks.Unregister(id);
    }
    m_impl->m_hooks[slot].clear();
    m_impl->DisableDefrag(family);
}

bool
NfConntrack::IsEnabled(NfFamily family) const
{
    return m_impl->m_users[NfFamilySlot(family)] != 0;
}

void
NfAddOption(NfSysctls& sysctls,
            const std::string& name,
            std::function<bool()> isOn,
            std::function<void(bool)> turn)
{
    NfSysctls::Knob knob;
    knob.read = [isOn] { return std::string(isOn() ? "1" : "0"); };
    knob.write = [isOn, turn](const std::string& text) {
        const NfResult<int64_t> value = NfSysctls::ParseInteger(text, 0, 1);
        if (!value)
        {
            return NfStatus(value.Error());
        }
        if ((*value != 0) != isOn())
        {
            turn(*value != 0);
        }
        return NfOk();
    };
    knob.listed = false;
    sysctls.Add("net.netfilter.nf_conntrack_" + name, std::move(knob));
}

bool
NfIsPartialChecksumBad(NfConntrack& table,
                       NfPacket& packet,
                       const NfHookState& state,
                       uint8_t protocol,
                       size_t covered)
{
    if (state.hook != NfHook::PRE_ROUTING || !table.GetConfig().checksum || packet.checksumOk)
    {
        return false;
    }
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t pseudo = NfPseudoHeader(packet.GetFamily(),
                                           ip.src,
                                           ip.dst,
                                           protocol,
                                           static_cast<uint32_t>(packet.GetTransportSize()));
    const NfBytes bytes(packet.PullTransport(covered), covered);
    return NfChecksumFold(NfChecksumPartial(bytes, pseudo)) != 0;
}

void
NfLogInvalid(NfConntrack& table,
             NfPacket& packet,
             const NfHookState& state,
             uint8_t protocol,
             const std::string& text)
{
    const uint8_t wanted = table.GetConfig().logInvalid;
    if (wanted != protocol && wanted != LOG_ALL)
    {
        return;
    }
    const std::string prefix = "nf_ct_proto_" + std::to_string(protocol) + ": " + text + " ";
    table.GetContext().log.Write(LOG_NOTICE, NfLogPacketText(packet, state, prefix, LOG_FLAGS));
}

void
NfConntrack::LogInvalid(NfPacket& packet,
                        const NfHookState& state,
                        const NfConn* conn,
                        const char* text)
{
    if (m_config.logInvalid)
    {
        NfLogInvalid(*this, packet, state, conn ? conn->GetProtocol() : packet.GetProtocol(), text);
    }
}

} // namespace ns3
