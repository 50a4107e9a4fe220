/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat.h"

#include <optional>

namespace ns3
{

namespace
{

bool
IsMasqueradedBy(const NfConn& conn, uint32_t index)
{
    return index != 0 && conn.masqueradeIndex == index;
}

} // namespace

NfVerdict
NfNat::Masquerade(NfPacket& packet, const NfNatRange& range, const NfDevice& out)
{
    NfConn* conn = packet.conn.get();
    if (!conn)
    {
        return NfVerdict::ACCEPT;
    }
    const NfFamily family = packet.GetFamily();
    // DHCP clients send from 0.0.0.0 and must go on doing so.
    if (family == NfFamily::IPV4 && conn->GetOriginal().src.IsZero())
    {
        return NfVerdict::ACCEPT;
    }
    NfAddr towards = packet.GetIp().dst;
    if (family == NfFamily::IPV4)
    {
        const std::optional<NfRoute> route =
            m_stack.Route(family, towards, NfAddr{}, &out, packet.mark);
        towards = route ? route->gateway : towards;
    }
    const std::optional<NfAddr> source = m_stack.SelectAddress(family, out, towards);
    if (!source)
    {
        packet.dropReason = "drop-nat-no-address";
        m_conntrack.GetContext().counters.Get(packet.dropReason)++;
        return NfVerdict::DROP;
    }
    conn->masqueradeIndex = out.index;
    NfNatRange mapped = range;
    mapped.flags |= NF_NAT_MAP_IPS;
    mapped.minAddr = *source;
    mapped.maxAddr = *source;
    return SetupInfo(*conn, mapped, NfManip::SRC);
}

void
NfNat::OnDeviceDown(uint32_t index)
{
    m_conntrack.KillIf([index](const NfConn& conn) { return IsMasqueradedBy(conn, index); });
}

void
NfNat::OnAddressRemoved(uint32_t index, NfFamily family, const NfAddr& addr)
{
    m_conntrack.KillIf([&](const NfConn& conn) {
        return IsMasqueradedBy(conn, index) && conn.GetFamily() == family &&
               conn.GetReply().dst == addr;
    });
}

} // namespace ns3
