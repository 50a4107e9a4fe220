/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_ICMP_H
#define NF_ICMP_H

#include "../packet/nf-clock.h"
#include "../packet/nf-counter.h"
#include "../packet/nf-frag.h"
#include "nf-hook.h"
#include "nf-ip-options.h"
#include "nf-stack.h"
#include "nf-sysctl.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>

namespace ns3
{

/// An ICMP or ICMPv6 error, numbers of the packet's own family.
struct NfIcmpError
{
    uint8_t type{0};
    uint8_t code{0};
    uint32_t info{0}; //!< second word of the message: MTU, pointer (IPv4: << 24), gateway; else 0
};

/// @name Errors that both families have
/// @param family IPV4 or IPV6 @return the error of that family
/// @{
NfIcmpError NfTimeExceeded(NfFamily family);
NfIcmpError NfFragmentTimeout(NfFamily family);
NfIcmpError NfNoRoute(NfFamily family);
NfIcmpError NfHostUnreachable(NfFamily family);
NfIcmpError NfPortUnreachable(NfFamily family);
/// @param mtu what would have fitted
NfIcmpError NfPacketTooBig(NfFamily family, uint32_t mtu);
/// @param offset IPv6: of the next header field, from the start of the packet
NfIcmpError NfProtocolUnreachable(NfFamily family, uint32_t offset = 0);

/// @}

/**
 * @ingroup netfilter
 * What a Linux stack answers by itself, and what REJECT sends: ICMP and ICMPv6 errors (RFC 1122
 * section 3.2.2, RFC 4443 section 2.4), echo replies, TCP resets. The same for both families.
 *
 * MakeX() builds a complete packet, checksums written, or returns null when none may be sent;
 * Send() hands it to the stack. An answer to a tracked packet belongs to its connection as RELATED
 * in the other direction (Linux: nf_conntrack_attach()).
 */
class NfIcmp
{
  public:
    /**
     * @param stack addresses, routes, sending @param clock for rate limits @param counters gets
     * icmp-ratelimited
     */
    NfIcmp(NfStack& stack, NfClock& clock, NfCounters& counters);

    /// Adds net.ipv4.icmp_ratelimit, net.ipv4.icmp_ratemask and net.ipv6.icmp.ratelimit.
    /// @param sysctls outlived by this object
    void AddSysctls(NfSysctls& sysctls);

    /**
     * Linux: icmp_send(), icmp6_send(). No error is made about: an ICMP error, a fragment other
     * than the first, a packet that came as broadcast or multicast or goes to such an address (but
     * IPv6 packet too big), a source that is not one host, a source there is no route to, too many
     * errors to one host.
     * @param offender the packet complained about; quoted as it is now
     * @param error what to say
     * @param in the device it came by, null if this node made it
     */
    std::unique_ptr<NfPacket> MakeError(NfPacket& offender,
                                        const NfIcmpError& error,
                                        const NfDevice* in);

    /**
     * The error REJECT sends: also none for later fragments and for packets with a bad transport
     * checksum. Linux: nf_send_unreach(), nf_send_unreach6().
     */
    std::unique_ptr<NfPacket> MakeReject(NfPacket& offender,
                                         const NfIcmpError& error,
                                         const NfDevice* in);

    /**
     * The reset REJECT sends. Linux: nf_send_reset(), nf_send_reset6(). The caller closes the
     * offender's connection (nf_ct_set_closing()) before it sends.
     * @return null for what is no TCP segment, is a reset itself, or has a bad checksum
     */
    std::unique_ptr<NfPacket> MakeReset(NfPacket& offender);

    /// Linux: icmp_echo(), icmpv6_echo_reply(). @param request an echo request to this node, whole
    /// @return null for what is none, and for IPv4 broadcasts
    std::unique_ptr<NfPacket> MakeEchoReply(NfPacket& request, const NfDevice* in);

    /**
     * Linux: ip_rcv_options(). Between routing and what comes after; bad options are answered by a
     * parameter problem. @param local the packet is for this node alone
     * @return false: the packet ends here
     */
    bool ReceiveOptions(NfPacket& packet, const NfDevice* in, bool local);

    /// Linux: ip_forward_options(). @param packet after FORWARD @param out where it goes
    void ForwardOptions(NfPacket& packet, const NfDevice& out) const
    {
        m_options.Forward(packet, out);
    }

    /// @param packet made above; null is ignored
    void Send(std::unique_ptr<NfPacket> packet);

    /// Handler for NfDefrag::SetExpireHandler(): time exceeded, code 1, where Linux sends it.
    void OnFragmentTimeout(NfPacket& first, const NfDevice* in, NfFragUser user);

  private:
    /// Tokens of one destination (Linux: struct inet_peer).
    struct Bucket
    {
        NfTime last{0};
        NfTime tokens{0};
    };

    std::unique_ptr<NfPacket> Answer(NfPacket& offender,
                                     NfIpHeader ip,
                                     std::vector<uint8_t> bytes,
                                     std::vector<uint8_t> options = {}) const;
    bool SelectSource(const NfPacket& offender,
                      const NfDevice* in,
                      NfAddr& src,
                      NfRoute& route) const;
    bool Allow(NfFamily family, const NfIcmpError& error, const NfAddr& to, const NfRoute& route);

    NfStack& m_stack;
    NfClock& m_clock;
    NfCounters& m_counters;
    NfIpOptions m_options;
    uint32_t m_rateLimit4{1000}; //!< ms per error to one host, 0: no limit
    uint32_t m_rateMask4{6168};  //!< bit per type that is limited
    uint32_t m_rateLimit6{1000};
    std::map<NfAddr, Bucket> m_buckets;
};

} // namespace ns3

#endif // NF_ICMP_H
