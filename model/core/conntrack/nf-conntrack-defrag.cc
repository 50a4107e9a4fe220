/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-impl.h"

namespace ns3
{

namespace
{

/// Zone in which a packet's fragments are gathered (Linux: nf_ct_defrag_user()); nothing for what
/// is tracked already.
std::optional<uint16_t>
DefragZone(const NfPacket& packet)
{
    if (!packet.conn)
    {
        return 0;
    }
    const NfConn& tmpl = *packet.conn;
    if (!tmpl.IsTemplate())
    {
        return std::nullopt;
    }
    const unsigned bit = 1U << static_cast<unsigned>(NfInfoDir(packet.ctInfo));
    return tmpl.zoneDir & bit ? tmpl.zone : uint16_t{0};
}

} // namespace

NfDefrag&
NfConntrack::GetDefrag()
{
    return m_impl->m_defrag;
}

void
NfConntrack::Impl::EnableDefrag(NfFamily family)
{
    m_defragHooks[NfFamilySlot(family)] =
        m_owner.m_context.hooks.Register(m_defrag.GetOps(family, DefragZone));
}

void
NfConntrack::Impl::DisableDefrag(NfFamily family)
{
    for (const NfHookId id : m_defragHooks[NfFamilySlot(family)])
    {
        m_owner.m_context.hooks.Unregister(id);
    }
    m_defragHooks[NfFamilySlot(family)].clear();
}

} // namespace ns3
