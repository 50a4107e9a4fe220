/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Qualcomm: nf_conntrack_dscpremark_ext.c, ecm_classifier_dscp.c
#include "nf-conntrack-dscpremark-ext.h"

#include "nf-conntrack-proto.h"

namespace ns3
{

namespace
{

constexpr int32_t BEHIND_CONNTRACK = NF_PRI_CONNTRACK + 1;
constexpr int32_t BEFORE_CONFIRM = NF_PRI_CONNTRACK_CONFIRM - 1;
constexpr uint8_t ECN_MASK = 0x3;

/// Of TCP the handshake is looked at as a whole, of the others each direction's first packet.
bool
IsSettled(const NfConn& conn, const NfDscpRemark& remark, uint8_t bit)
{
    return remark.known & bit &&
           (conn.GetProtocol() != NF_IPPROTO_TCP || conn.proto.tcp.state == NF_TCP_CT_ESTABLISHED);
}

} // namespace

NfDscpRemarking::NfDscpRemarking(NfConntrack& table)
    : m_table(table)
{
    NfAddOption(
        table.GetContext().sysctls,
        "dscpremark_ext",
        [this] { return IsEnabled(); },
        [this](bool on) { Enable(on); });
}

NfDscpRemarking::~NfDscpRemarking()
{
    for (const NfHookId id : m_hooks)
    {
        m_table.GetContext().hooks.Unregister(id);
    }
}

void
NfDscpRemarking::Enable(bool on)
{
    if (on == IsEnabled())
    {
        return;
    }
    NfHooks& hooks = m_table.GetContext().hooks;
    if (on)
    {
        const NfHookFunction begin = [this](NfPacket& packet, const NfHookState& state) {
            return Begin(packet, state);
        };
        const NfHookFunction leave = [this](NfPacket& packet, const NfHookState& state) {
            return Leave(packet, state);
        };
        constexpr NfFamily INET = NfFamily::INET;
        m_hooks = hooks.Register(std::vector<NfHookOps>{
            {begin, INET, NfHook::PRE_ROUTING, BEHIND_CONNTRACK, "dscp remark", nullptr},
            {begin, INET, NfHook::LOCAL_OUT, BEHIND_CONNTRACK, "dscp remark", nullptr},
            {leave, INET, NfHook::POST_ROUTING, BEFORE_CONFIRM, "dscp remark", nullptr}});
        return;
    }
    for (const NfHookId id : m_hooks)
    {
        hooks.Unregister(id);
    }
    m_hooks.clear();
    m_table.ForEach([](NfConn& conn) {
        if (NfConnExt* ext = conn.GetExt())
        {
            ext->dscpRemark.reset();
        }
    });
}

NfVerdict
NfDscpRemarking::Begin(NfPacket& packet, const NfHookState&)
{
    if (packet.conn && !packet.conn->IsTemplate() && !packet.conn->IsConfirmed() &&
        !packet.conn->Ext().dscpRemark)
    {
        packet.conn->Ext().dscpRemark = std::make_unique<NfDscpRemark>();
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfDscpRemarking::Leave(NfPacket& packet, const NfHookState&)
{
    const NfConnExt* ext = packet.conn ? packet.conn->GetExt() : nullptr;
    if (!ext || !ext->dscpRemark)
    {
        return NfVerdict::ACCEPT;
    }
    NfDscpRemark& remark = *ext->dscpRemark;
    const auto dir = static_cast<size_t>(NfInfoDir(packet.ctInfo));
    const auto bit = static_cast<uint8_t>(1U << dir);
    const uint8_t tos = packet.GetIp().tos;
    if (!IsSettled(*packet.conn, remark, bit))
    {
        remark.dscp[dir] = tos >> 2;
        remark.priority[dir] = packet.priority;
        remark.known |= bit;
    }
    else if (remark.ruleValid && tos >> 2 != remark.dscp[dir])
    {
        packet.MutableIp().tos = static_cast<uint8_t>((tos & ECN_MASK) | remark.dscp[dir] << 2);
        ++m_remarked;
    }
    return NfVerdict::ACCEPT;
}

} // namespace ns3
