/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_udp.c, the UDP-Lite half
#include "../packet/nf-checksum.h"
#include "nf-conntrack-proto-udp.h"

namespace ns3
{

namespace
{

constexpr size_t COVERAGE_OFFSET = 4;
constexpr size_t CHECKSUM_OFFSET = 6;
constexpr NfTime STREAM_AT_ONCE{-1};

class UdpliteTracker final : public NfUdpLikeTracker
{
  public:
    explicit UdpliteTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
        : NfUdpLikeTracker(NF_IPPROTO_UDPLITE, STREAM_AT_ONCE, std::move(timeouts))
    {
    }

    std::string_view GetName() const override
    {
        return "udplite";
    }

  private:
    const char* FindError(NfConntrack& table,
                          NfPacket& packet,
                          const NfHookState& state) const override
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
        // Linux takes UDP's number into the pseudo header (facts Q1), so right sums look wrong.
        if (NfIsPartialChecksumBad(table, packet, state, NF_IPPROTO_UDP, coverage))
        {
            return "bad checksum";
        }
        return nullptr;
    }
};

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeUdpliteTracker(std::shared_ptr<NfUdpTimeouts> timeouts)
{
    return std::make_unique<UdpliteTracker>(std::move(timeouts));
}

} // namespace ns3
