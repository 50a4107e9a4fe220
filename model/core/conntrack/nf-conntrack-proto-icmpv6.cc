/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_icmpv6.c
#include "nf-conntrack-proto-icmp.h"

namespace ns3
{

namespace
{

// RFC 4443, 4861, 4620, 3810.
enum Icmpv6Type : uint8_t
{
    ECHO_REQUEST = 128,
    ECHO_REPLY = 129,
    MLD_QUERY = 130,
    NEIGHBOUR_ADVERTISEMENT = 136,
    REDIRECT = 137,
    NODE_INFO_QUERY = 139,
    NODE_INFO_REPLY = 140,
    MLD2_REPORT = 143,
    ROUTER_DISCOVERY_ADVERTISEMENT = 151, //!< of multicast routers (RFC 4286)
    ROUTER_DISCOVERY_SOLICITATION = 152,
    FIRST_INFORMATIONAL = 128,
};

constexpr size_t REDIRECT_SIZE = 40;     //!< RFC 4861 section 4.5, without options
constexpr size_t OPTION_HEADER_SIZE = 2; //!< type and length
constexpr size_t REDIRECTED_OFFSET = 8;  //!< where the quote starts in its option
constexpr uint8_t OPTION_REDIRECTED = 4; //!< RFC 4861 section 4.6.3
constexpr uint8_t HOPS_ON_LINK = 255;

/// Neighbour and listener discovery: nothing to track.
bool
IsDiscovery(uint8_t type)
{
    return (type >= MLD_QUERY && type <= NEIGHBOUR_ADVERTISEMENT) || type == MLD2_REPORT ||
           type == ROUTER_DISCOVERY_ADVERTISEMENT || type == ROUTER_DISCOVERY_SOLICITATION;
}

bool
IsLinkLocal(const NfAddr& addr)
{
    return addr.bytes[0] == 0xfe && (addr.bytes[1] & 0xc0) == 0x80;
}

class Icmpv6Tracker final : public NfIcmpTrackerBase
{
  public:
    Icmpv6Tracker()
        : NfIcmpTrackerBase(NfFamily::IPV6,
                            {{ECHO_REQUEST, ECHO_REPLY}, {NODE_INFO_QUERY, NODE_INFO_REPLY}})
    {
    }

    std::string_view GetName() const override
    {
        return "icmpv6";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_ICMPV6;
    }

    NfTrack Error(NfConntrack& table,
                  NfPacket& packet,
                  const std::array<uint16_t, 2>& zone,
                  const NfHookState& state) const override
    {
        const uint8_t* icmp = packet.PullTransport(NF_ICMP_HEADER_SIZE);
        if (!icmp)
        {
            return Refuse(table, packet, state, "short packet");
        }
        const uint8_t type = icmp[0];
        if (NfIsChecksumBad(table, packet, state, NF_IPPROTO_ICMPV6))
        {
            return Refuse(table, packet, state, "ICMPv6 checksum failed");
        }
        if (IsDiscovery(type))
        {
            packet.ctInfo = NfCtInfo::UNTRACKED;
            return NfTrack::ACCEPT;
        }
        if (type == REDIRECT)
        {
            return TrackRedirect(table, packet, zone, state);
        }
        return type < FIRST_INFORMATIONAL
                   ? TrackError(table, packet, zone, state, NF_ICMP_HEADER_SIZE)
                   : NfTrack::ACCEPT;
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "icmpv6_timeout", m_timeout);
    }

  private:
    /// Linux: nf_conntrack_icmpv6_redirect().
    NfTrack TrackRedirect(NfConntrack& table,
                          NfPacket& packet,
                          const std::array<uint16_t, 2>& zone,
                          const NfHookState& state) const
    {
        const uint8_t* redirect = packet.PullTransport(REDIRECT_SIZE);
        if (!redirect)
        {
            return Refuse(table, packet, state, "short redirect");
        }
        if (redirect[1] != 0)
        {
            return NfTrack::ACCEPT;
        }
        if (packet.GetIp().ttl != HOPS_ON_LINK || !IsLinkLocal(packet.GetIp().src))
        {
            return Refuse(table, packet, state, "invalid saddr or hoplimit for redirect");
        }
        const uint8_t* option = packet.PullTransport(REDIRECT_SIZE + OPTION_HEADER_SIZE);
        if (!option || option[REDIRECT_SIZE + 1] == 0)
        {
            return Refuse(table, packet, state, "redirect without options");
        }
        if (option[REDIRECT_SIZE] != OPTION_REDIRECTED)
        {
            return NfTrack::ACCEPT;
        }
        return TrackError(table, packet, zone, state, REDIRECT_SIZE + REDIRECTED_OFFSET);
    }
};

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeIcmpv6Tracker()
{
    return std::make_unique<Icmpv6Tracker>();
}

} // namespace ns3
