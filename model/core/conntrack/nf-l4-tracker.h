/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_L4_TRACKER_H
#define NF_L4_TRACKER_H

#include "../hook/nf-hook.h"
#include "nf-conn.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

class NfConntrack;
class NfSysctls;

/// What a tracker says of a packet (Linux: NF_ACCEPT, -NF_ACCEPT, -NF_REPEAT, NF_DROP ... of
/// l4proto->packet).
enum class NfTrack : uint8_t
{
    NONE,    //!< unusable
    ACCEPT,  //!< belongs to the connection
    INVALID, //!< packet goes on without a connection
    REPEAT,  //!< entry was killed: look up again, a new one starts
    DROP,    //!< as INVALID, and counted as dropped (Linux's -NF_DROP is NF_DROP: dropped)
};

/**
 * @ingroup netfilter
 * What netfilter knows of one transport protocol (Linux: struct nf_conntrack_l4proto and the
 * per-protocol switches of nf_conntrack_core.c). Of protocols that Linux does not know,
 * /proc/net/nf_conntrack shows the tracker's name and ports, unless both are 0, while conntrack(8)
 * knows no more than the real one; NAT changes their addresses only.
 */
class NfL4Tracker
{
  public:
    virtual ~NfL4Tracker() = default;

    /// @return "tcp": as conntrack prints it
    virtual std::string_view GetName() const = 0;
    /// @return IP protocol number, 0 for the generic tracker
    virtual uint8_t GetProtocol() const = 0;

    /// @return true if ParseTuple() does no more than NfParsePorts(), which is then done without it
    bool HasPlainPorts() const
    {
        return m_plainPorts;
    }

    /**
     * Fills the tuple's ports (or what stands for them) from the transport header.
     * @param l4 the first bytes of the transport header: 8, or as many as there are. No more, as
     * ICMP errors may quote no more.
     * @param tuple family, addresses, protocol are filled already
     * @return false: truncated, no tuple
     */
    virtual bool ParseTuple(NfBytes l4, NfTuple& tuple) const = 0;

    /// Linux: nf_ct_invert_tuple(). @return false: has no reply @param tuple in @param inverse
    /// ports out
    virtual bool InvertTuple(const NfTuple& tuple, NfTuple& inverse) const
    {
        inverse.sport = tuple.dport;
        inverse.dport = tuple.sport;
        return true;
    }

    /**
     * Linux: the packet function. Checks the header, moves the state, refreshes the timeout.
     * @param table whose it is
     * @param conn the connection, new if unconfirmed and unseen
     * @param packet the packet
     * @param info direction and state
     * @param state hook state, for log lines
     */
    virtual NfTrack Packet(NfConntrack& table,
                           NfConn& conn,
                           NfPacket& packet,
                           NfCtInfo info,
                           const NfHookState& state) const = 0;

    /**
     * Linux: nf_conntrack_handle_icmp(): what ICMP trackers do before a packet is looked up. An
     * error about a known connection gets packet.conn, a packet that is never tracked gets
     * NfCtInfo::UNTRACKED.
     * @param zone of the packet, by direction
     * @return ACCEPT, or INVALID: goes on without a connection
     */
    virtual NfTrack Error(NfConntrack& table,
                          NfPacket& packet,
                          const std::array<uint16_t, 2>& zone,
                          const NfHookState& state) const
    {
        (void)table;
        (void)packet;
        (void)zone;
        (void)state;
        return NfTrack::ACCEPT;
    }

    /// @return true if a clash at confirm may be resolved (Linux: allow_clash)
    virtual bool AllowsClash() const
    {
        return false;
    }

    /// @return what /proc/net/nf_conntrack shows in place of the state (Linux: print_conntrack)
    virtual std::string GetProcState(const NfConn& conn) const
    {
        return std::string(GetStateName(conn));
    }

    /// Linux: nf_ct_set_closing(). @param conn its peer was sent a reset in its name
    virtual void SetClosing(NfConntrack& table, NfConn& conn) const
    {
        (void)table;
        (void)conn;
    }

    /// @return the state's name for conntrack -L ("ESTABLISHED"), empty for protocols without
    /// states
    virtual std::string_view GetStateName(const NfConn&) const
    {
        return {};
    }

    /// @return true if an early drop may take this connection (Linux: can_early_drop)
    virtual bool CanEarlyDrop(const NfConn&) const
    {
        return false;
    }

    /// Adds its net.netfilter knobs. @param sysctls where
    virtual void AddSysctls(NfSysctls& sysctls)
    {
        (void)sysctls;
    }

    /// Names of the timeouts, in the order of the policy array (nfct timeout). @return by state
    virtual std::vector<std::string_view> GetTimeoutNames() const
    {
        return {};
    }

    /// @return the timeouts that apply without a policy, in seconds, in that order
    virtual std::vector<uint32_t> GetTimeouts() const
    {
        return {};
    }

    /// Changes the timeouts that apply without a policy (nfct timeout default-set). @param seconds
    /// as many as GetTimeouts() has @return false: it has none
    virtual bool SetTimeouts(const std::vector<uint32_t>& seconds)
    {
        (void)seconds;
        return false;
    }

  protected:
    bool m_plainPorts{false}; //!< see HasPlainPorts()
};

} // namespace ns3

#endif // NF_L4_TRACKER_H
