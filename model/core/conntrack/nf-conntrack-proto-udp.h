/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_UDP_H
#define NF_CONNTRACK_PROTO_UDP_H

#include "nf-conntrack-proto.h"

#include <memory>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * What the trackers of UDP and UDP-Lite share: ports, two timeouts, and that traffic both ways
 * makes a stream (Linux: nf_conntrack_proto_udp.c).
 */
class NfUdpLikeTracker : public NfL4Tracker
{
  public:
    /// Index of a timeout (Linux: enum udp_conntrack).
    enum State : uint8_t
    {
        UNREPLIED,
        REPLIED,
    };

    uint8_t GetProtocol() const override
    {
        return m_protocol;
    }

    bool ParseTuple(NfBytes l4, NfTuple& tuple) const override
    {
        return NfParsePorts(l4, tuple);
    }

    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState& state) const override;

    bool AllowsClash() const override
    {
        return true;
    }

    std::vector<std::string_view> GetTimeoutNames() const override;
    std::vector<uint32_t> GetTimeouts() const override;
    bool SetTimeouts(const std::vector<uint32_t>& seconds) override;

  protected:
    /**
     * @param protocol IP protocol number
     * @param streamAfter how much later than the first packet traffic must be to make a stream,
     * negative: the first reply does
     * @param timeouts seconds, by State
     */
    NfUdpLikeTracker(uint8_t protocol, NfTime streamAfter, std::shared_ptr<NfUdpTimeouts> timeouts);

    /// Linux: udp_error(), udplite_error(). @return what is wrong with a packet, or null
    virtual const char* FindError(NfConntrack& table,
                                  NfPacket& packet,
                                  const NfHookState& state) const = 0;

    std::shared_ptr<NfUdpTimeouts> m_timeouts; //!< the same knobs for both

  private:
    uint8_t m_protocol;   //!< IP protocol number
    NfTime m_streamAfter; //!< since the first packet
};

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_UDP_H
