/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_ICMP_H
#define NF_CONNTRACK_PROTO_ICMP_H

#include "nf-conntrack-proto.h"

namespace ns3
{

/// A query type, and the type that answers it.
struct NfIcmpPair
{
    uint8_t query;
    uint8_t answer;
};

/**
 * @ingroup netfilter
 * What ICMP and ICMPv6 have in common: queries are tracked by id, errors belong to the connection
 * they quote (Linux: nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c).
 */
class NfIcmpTrackerBase : public NfL4Tracker
{
  public:
    bool ParseTuple(NfBytes l4, NfTuple& tuple) const override;
    bool InvertTuple(const NfTuple& tuple, NfTuple& inverse) const override;
    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState& state) const override;
    std::vector<std::string_view> GetTimeoutNames() const override;
    std::vector<uint32_t> GetTimeouts() const override;
    bool SetTimeouts(const std::vector<uint32_t>& seconds) override;

  protected:
    /// @param pairs queries that may start a connection, with their answers
    NfIcmpTrackerBase(NfFamily family, std::vector<NfIcmpPair> pairs)
        : m_family(family),
          m_pairs(std::move(pairs))
    {
    }

    /**
     * Linux: nf_conntrack_inet_error(). Finds the connection that an error is about.
     * @param quote offset of the quoted IP header behind the ICMP header's start
     * @return ACCEPT with packet.conn set, or INVALID
     */
    NfTrack TrackError(NfConntrack& table,
                       NfPacket& packet,
                       const std::array<uint16_t, 2>& zone,
                       const NfHookState& state,
                       size_t quote) const;

    /// Logs. @return INVALID
    NfTrack Refuse(NfConntrack& table,
                   NfPacket& packet,
                   const NfHookState& state,
                   const std::string& text) const;

    uint32_t m_timeout{30}; //!< seconds

  private:
    /// @return true for a request, which refreshes the entry; an answer does not, and may end it
    static bool CountRequest(NfConntrack& table,
                             NfConn& conn,
                             const NfPacket& packet,
                             NfCtInfo info);

    NfFamily m_family;               //!< of the packets
    std::vector<NfIcmpPair> m_pairs; //!< queries and answers
};

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_ICMP_H
