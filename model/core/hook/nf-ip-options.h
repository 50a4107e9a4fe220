/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_IP_OPTIONS_H
#define NF_IP_OPTIONS_H

#include "../packet/nf-clock.h"
#include "nf-stack.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ns3
{

/// What becomes of a packet whose IPv4 options were looked at.
enum class NfIpOptionsFate : uint8_t
{
    PASS,
    BAD,          //!< parameter problem
    SOURCE_ROUTE, //!< silently dropped: hosts and routers do not follow source routes by default
};

/**
 * @ingroup netfilter
 * IPv4 options as Linux's stack handles them (RFC 791 section 3.1; Linux: net/ipv4/ip_options.c):
 * checked when a packet is received, record route and timestamp filled in, and sent back in
 * answers. Source routes are not followed (net.ipv4.conf.all.accept_source_route is 0).
 */
class NfIpOptions
{
  public:
    /// @param stack addresses and routes @param clock time of day for timestamps
    NfIpOptions(const NfStack& stack, const NfClock& clock);

    /**
     * Linux: ip_rcv_options(), __ip_options_compile(). Between routing and what comes after.
     * @param packet IPv4, its options are changed and remembered in its ipOptions
     * @param in the device it came by
     * @param local it is for this node alone
     * @param pointer out for BAD: the offending byte, from the start of the IP header
     */
    NfIpOptionsFate Receive(NfPacket& packet,
                            const NfDevice* in,
                            bool local,
                            uint8_t& pointer) const;

    /// Linux: ip_forward_options(). @param packet after FORWARD @param out where it goes
    void Forward(NfPacket& packet, const NfDevice& out) const;

    /**
     * Linux: __ip_options_echo() and ip_options_build().
     * @param from what is answered, received @param source of the answer
     * @return options of the answer, nothing if they cannot be made: then none is sent
     */
    std::optional<std::vector<uint8_t>> Echo(const NfPacket& from, const NfAddr& source) const;

  private:
    uint32_t GetTimeOfDay() const;
    NfAddr GetOwnAddress(const NfPacket& packet, const NfDevice* in, bool local) const;

    const NfStack& m_stack;
    const NfClock& m_clock;
};

} // namespace ns3

#endif // NF_IP_OPTIONS_H
