/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_H
#define NF_NAT_H

#include "../conntrack/nf-conntrack.h"
#include "../hook/nf-stack.h"
#include "nf-nat-range.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * Address translation of one namespace (Linux: nf_nat_core.c, nf_nat_proto.c, nf_nat_masquerade.c).
 */
class NfNat
{
  public:
    /// A nat table: asked for a mapping of the first packet of a connection at one point.
    using Lookup = NfHookFunction;

    NfNat(NfConntrack& conntrack, NfStack& stack);
    ~NfNat();

    /**
     * Linux: nf_nat_ipv4_register_fn(). The first lookup of a family registers the NAT hooks at
     * PRE_ROUTING, LOCAL_OUT (NAT_DST) and POST_ROUTING, LOCAL_IN (NAT_SRC). Conntrack is not
     * enabled by that: an empty nat table tracks nothing; each rule with a NAT target does
     * (NfConntrack::Enable() in its Check()).
     * @param family IPV4 or IPV6
     * @param hook one of those four points
     * @param priority order among several nat tables (iptables, nft)
     * @param name for traces
     * @param lookup runs the rules; a NAT target in them calls SetupInfo()
     * @return id for Unregister()
     */
    uint64_t Register(NfFamily family,
                      NfHook hook,
                      int32_t priority,
                      std::string name,
                      Lookup lookup);
    /// @param id of a lookup
    void Unregister(uint64_t id);

    /**
     * Linux: nf_nat_setup_info(). Chooses the unique tuple and sets the reply.
     * @return ACCEPT, or DROP when no tuple is free
     */
    NfVerdict SetupInfo(NfConn& conn, const NfNatRange& range, NfManip manip);

    /// Linux: nf_nat_alloc_null_binding(). @param hook the point that asks
    NfVerdict AllocNullBinding(NfConn& conn, NfHook hook);

    /**
     * Linux: nf_nat_masquerade_ipv4() / _ipv6(): SNAT to the address of the outgoing device.
     * @param range ports and flags; addresses are filled in
     */
    NfVerdict Masquerade(NfPacket& packet, const NfNatRange& range, const NfDevice& out);

    /// Linux: nf_nat_redirect_ipv4() / _ipv6(): DNAT to this node. @param state where the rule
    /// matched
    NfVerdict Redirect(NfPacket& packet, const NfNatRange& range, const NfHookState& state);

    /// Kills the MASQUERADE entries of a device (Linux: masq_device_event()). @param index of the
    /// device
    void OnDeviceDown(uint32_t index);
    /// Kills the MASQUERADE entries that use an address (Linux: masq_inet_event()).
    void OnAddressRemoved(uint32_t index, NfFamily family, const NfAddr& addr);

    /// Linux: nf_nat_packet(). Translates according to the connection. @param hook the point
    NfVerdict TranslatePacket(NfPacket& packet, NfConn& conn, NfCtInfo info, NfHook hook);

    NfConntrack& GetConntrack()
    {
        return m_conntrack;
    }

    NfStack& GetStack()
    {
        return m_stack;
    }

  private:
    struct Impl;
    NfConntrack& m_conntrack;
    NfStack& m_stack;
    std::unique_ptr<Impl> m_impl;
};

} // namespace ns3

#endif // NF_NAT_H
