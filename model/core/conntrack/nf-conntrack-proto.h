/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_H
#define NF_CONNTRACK_PROTO_H

#include "../packet/nf-checksum.h"
#include "nf-conntrack.h"
#include "nf-cttimeout.h"

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace ns3
{

class NfGreKeymap;

/// Seconds for one-way and for two-way traffic.
using NfUdpTimeouts = std::array<uint32_t, 2>;

/// States of the TCP tracker with Linux's numbers (enum tcp_conntrack).
enum NfTcpConntrack : uint8_t
{
    NF_TCP_CT_NONE,
    NF_TCP_CT_SYN_SENT,
    NF_TCP_CT_SYN_RECV,
    NF_TCP_CT_ESTABLISHED,
    NF_TCP_CT_FIN_WAIT,
    NF_TCP_CT_CLOSE_WAIT,
    NF_TCP_CT_LAST_ACK,
    NF_TCP_CT_TIME_WAIT,
    NF_TCP_CT_CLOSE,
    NF_TCP_CT_SYN_SENT2,
    NF_TCP_CT_MAX,
};

// One maker per tracker file; NfRegisterBuiltinTrackers() is the list.
std::unique_ptr<NfL4Tracker> NfMakeTcpTracker();
std::unique_ptr<NfL4Tracker> NfMakeUdpTracker(std::shared_ptr<NfUdpTimeouts> timeouts);
std::unique_ptr<NfL4Tracker> NfMakeUdpliteTracker(std::shared_ptr<NfUdpTimeouts> timeouts);
std::unique_ptr<NfL4Tracker> NfMakeIcmpTracker();
std::unique_ptr<NfL4Tracker> NfMakeIcmpv6Tracker();
std::unique_ptr<NfL4Tracker> NfMakeSctpTracker();
/// @param keymap of the table; outlives the tracker
std::unique_ptr<NfL4Tracker> NfMakeGreTracker(const NfGreKeymap& keymap);
std::unique_ptr<NfL4Tracker> NfMakeGenericTracker();
/// Not among the trackers of 6.18: net.netfilter.nf_conntrack_dccp turns it on.
std::unique_ptr<NfL4Tracker> NfMakeDccpTracker();

/// Registers the trackers of Linux 6.18. @param table new
void NfRegisterBuiltinTrackers(NfConntrack& table);

/// @param conn a connection @param defaults of its tracker, by state, in seconds
/// @return the timeouts that apply (Linux: nf_ct_timeout_lookup())
inline const uint32_t*
NfTimeoutsOf(const NfConn& conn, const uint32_t* defaults)
{
    const NfConnExt* ext = conn.GetExt();
    return ext && ext->timeoutPolicy ? ext->timeoutPolicy->seconds.data() : defaults;
}

/// @param seconds of a knob, which may be set below 0 @return the same as time
inline NfTime
NfSeconds(uint32_t seconds)
{
    return NfTime{int64_t{static_cast<int32_t>(seconds)} * 1000000000};
}

/// @param names by state @param state maybe of a tracker that was there before @return its name
template <class Names>
std::string_view
NfNameOfState(const Names& names, uint8_t state)
{
    return state < names.size() ? names[state] : std::string_view();
}

/// Reads the first two 16-bit words of a transport header as ports. @return false: too short
inline bool
NfParsePorts(NfBytes l4, NfTuple& tuple)
{
    if (l4.size() < 4)
    {
        return false;
    }
    tuple.sport = NfReadU16(l4.data());
    tuple.dport = NfReadU16(l4.data() + 2);
    return true;
}

/// Adds a timeout knob (Linux: proc_dointvec_jiffies). @param name behind "nf_conntrack_"
void NfAddTimeoutKnob(NfSysctls& sysctls, const std::string& name, uint32_t& seconds);

/**
 * Adds an option of ours: 0 or 1, not among those that sysctl -a lists.
 * @param name behind "net.netfilter.nf_conntrack_"
 * @param isOn whether it is 1 @param turn sets it
 */
void NfAddOption(NfSysctls& sysctls,
                 const std::string& name,
                 std::function<bool()> isOn,
                 std::function<void(bool)> turn);

/**
 * A checksum that conntrack looks at: only at PRE_ROUTING, and with nf_conntrack_checksum.
 * @param protocol of the pseudo header, 0: none @return true if it is wrong
 */
inline bool
NfIsChecksumBad(NfConntrack& table,
                const NfPacket& packet,
                const NfHookState& state,
                uint8_t protocol)
{
    return !packet.checksumOk && state.hook == NfHook::PRE_ROUTING && table.GetConfig().checksum &&
           !NfChecksumVerify(packet, packet.GetTransportOffset(), protocol);
}

/**
 * As NfIsChecksumBad() for protocols whose checksum covers the front of a packet only (Linux:
 * nf_checksum_partial()).
 * @param covered bytes of the transport header and payload, not more than there are
 */
bool NfIsPartialChecksumBad(NfConntrack& table,
                            NfPacket& packet,
                            const NfHookState& state,
                            uint8_t protocol,
                            size_t covered);

/// As NfConntrack::LogInvalid() with a protocol of its own (Linux: nf_l4proto_log_invalid()).
void NfLogInvalid(NfConntrack& table,
                  NfPacket& packet,
                  const NfHookState& state,
                  uint8_t protocol,
                  const std::string& text);

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_H
