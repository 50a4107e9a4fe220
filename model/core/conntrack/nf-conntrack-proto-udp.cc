/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_udp.c
#include "nf-conntrack-proto-udp.h"

#include "nf-kernel-profile.h"

namespace ns3
{

namespace
{

constexpr NfTime AT_ONCE{-1};

} // namespace

NfUdpLikeTracker::NfUdpLikeTracker(uint8_t protocol,
                                   NfTime streamAfter,
                                   std::shared_ptr<NfUdpTimeouts> timeouts)
    : m_timeouts(std::move(timeouts)),
      m_protocol(protocol),
      m_streamAfter(streamAfter)
{
    m_plainPorts = true;
}

NfTrack
NfUdpLikeTracker::Packet(NfConntrack& table,
                         NfConn& conn,
                         NfPacket& packet,
                         NfCtInfo info,
                         const NfHookState& state) const
{
    if (const char* reason = FindError(table, packet, state))
    {
        NfLogInvalid(table, packet, state, m_protocol, reason);
        return NfTrack::INVALID;
    }
    const uint32_t* const timeouts = NfTimeoutsOf(conn, m_timeouts->data());
    if (!conn.IsConfirmed())
    {
        const bool atOnce = table.GetProfile().udpStreamAtOnce;
        conn.proto.udp.streamSince = (table.Now() + (atOnce ? AT_ONCE : m_streamAfter)).count();
    }
    if (!conn.Has(NF_IPS_SEEN_REPLY))
    {
        table.Refresh(conn, info, &packet, NfSeconds(timeouts[UNREPLIED]));
        return NfTrack::ACCEPT;
    }
    const bool stream = table.Now().count() > conn.proto.udp.streamSince;
    table.Refresh(conn, info, &packet, NfSeconds(timeouts[stream ? REPLIED : UNREPLIED]));
    // A resolved clash stays easy to evict: it is to go soon.
    if (stream && !conn.Has(NF_IPS_NAT_CLASH | NF_IPS_ASSURED))
    {
        conn.status |= NF_IPS_ASSURED;
        table.CacheEvent(conn, NF_EVENT_ASSURED);
    }
    return NfTrack::ACCEPT;
}

std::vector<std::string_view>
NfUdpLikeTracker::GetTimeoutNames() const
{
    return {"unreplied", "replied"};
}

std::vector<uint32_t>
NfUdpLikeTracker::GetTimeouts() const
{
    return {m_timeouts->begin(), m_timeouts->end()};
}

bool
NfUdpLikeTracker::SetTimeouts(const std::vector<uint32_t>& seconds)
{
    *m_timeouts = {seconds[UNREPLIED], seconds[REPLIED]};
    return true;
}

namespace
{

constexpr size_t LENGTH_OFFSET = 4;
constexpr size_t CHECKSUM_OFFSET = 6;
constexpr NfTime STREAM_AFTER = std::chrono::seconds(2); //!< a probe is over by then

class UdpTracker final : public NfUdpLikeTracker
{
  public:
    explicit UdpTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
        : NfUdpLikeTracker(NF_IPPROTO_UDP, STREAM_AFTER, std::move(timeouts))
    {
    }

    std::string_view GetName() const override
    {
        return "udp";
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "udp_timeout", (*m_timeouts)[UNREPLIED]);
        NfAddTimeoutKnob(sysctls, "udp_timeout_stream", (*m_timeouts)[REPLIED]);
    }

  private:
    const char* FindError(NfConntrack& table,
                          NfPacket& packet,
                          const NfHookState& state) const override
    {
        const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
        if (!udp)
        {
            return "short packet";
        }
        const uint16_t length = NfReadU16(udp + LENGTH_OFFSET);
        if (length > packet.GetTransportSize() || length < NF_UDP_HEADER_SIZE)
        {
            return "truncated/malformed packet";
        }
        if (NfReadU16(udp + CHECKSUM_OFFSET) != 0 &&
            NfIsChecksumBad(table, packet, state, NF_IPPROTO_UDP))
        {
            return "bad checksum";
        }
        return nullptr;
    }
};

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeUdpTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
{
    return std::make_unique<UdpTracker>(std::move(timeouts));
}

} // namespace ns3
