/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_udp.c, the UDP-Lite half
#include "../packet/nf-checksum.h"
#include "nf-conntrack-proto.h"

namespace ns3
{

namespace
{

enum UdpliteState : uint8_t
{
    UNREPLIED,
    REPLIED,
};

constexpr size_t COVERAGE_OFFSET = 4;
constexpr size_t CHECKSUM_OFFSET = 6;

class UdpliteTracker final : public NfL4Tracker
{
  public:
    explicit UdpliteTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
        : m_timeouts(std::move(timeouts))
    {
    }

    std::string_view GetName() const override
    {
        return "udplite";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_UDPLITE;
    }

    bool ParseTuple(NfBytes l4, NfTuple& tuple) const override
    {
        return NfParsePorts(l4, tuple);
    }

    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState& state) const override
    {
        if (const char* reason = FindError(table, packet, state))
        {
            NfLogInvalid(table, packet, state, NF_IPPROTO_UDPLITE, reason);
            return NfTrack::INVALID;
        }
        const uint32_t* const timeouts = NfTimeoutsOf(conn, m_timeouts->data());
        const bool replied = conn.Has(NF_IPS_SEEN_REPLY);
        table.Refresh(conn, info, &packet, NfSeconds(timeouts[replied ? REPLIED : UNREPLIED]));
        if (replied && !conn.Has(NF_IPS_NAT_CLASH | NF_IPS_ASSURED))
        {
            conn.status |= NF_IPS_ASSURED;
            table.CacheEvent(conn, NF_EVENT_ASSURED);
        }
        return NfTrack::ACCEPT;
    }

    bool AllowsClash() const override
    {
        return true;
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        return {"unreplied", "replied"};
    }

    std::vector<uint32_t> GetTimeouts() const override
    {
        return {m_timeouts->begin(), m_timeouts->end()};
    }

  private:
    /// Linux: udplite_error(). @return what is wrong, or null
    static const char* FindError(NfConntrack& table, NfPacket& packet, const NfHookState& state)
    {
        const uint8_t* header = packet.PullTransport(NF_UDP_HEADER_SIZE);
        if (!header)
        {
            return "short packet";
        }
        size_t coverage = NfReadU16(header + COVERAGE_OFFSET);
        if (coverage == 0)
        {
            coverage = packet.GetTransportSize();
        }
        else if (coverage < NF_UDP_HEADER_SIZE || coverage > packet.GetTransportSize())
        {
            return "invalid checksum coverage";
        }
        if (NfReadU16(header + CHECKSUM_OFFSET) == 0)
        {
            return "checksum missing";
        }
        if (state.hook == NfHook::PRE_ROUTING && table.GetConfig().checksum && !packet.checksumOk &&
            !IsChecksumRight(packet, coverage))
        {
            return "bad checksum";
        }
        return nullptr;
    }

    /// Linux takes UDP's number into the pseudo header (facts Q1), so right sums look wrong.
    static bool IsChecksumRight(NfPacket& packet, size_t coverage)
    {
        const NfIpHeader& ip = packet.GetIp();
        const uint32_t pseudo = NfPseudoHeader(packet.GetFamily(),
                                               ip.src,
                                               ip.dst,
                                               NF_IPPROTO_UDP,
                                               static_cast<uint32_t>(packet.GetTransportSize()));
        const NfBytes covered(packet.PullTransport(coverage), coverage);
        return NfChecksumFold(NfChecksumPartial(covered, pseudo)) == 0;
    }

    std::shared_ptr<NfUdpTimeouts> m_timeouts; //!< those of UDP
};

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeUdpliteTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
{
    return std::make_unique<UdpliteTracker>(std::move(timeouts));
}

} // namespace ns3
