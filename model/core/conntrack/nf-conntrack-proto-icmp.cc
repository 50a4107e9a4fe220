/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_icmp.c
#include "nf-conntrack-proto-icmp.h"

#include "nf-kernel-profile.h"

namespace ns3
{

namespace
{

// RFC 792 and IANA's icmp-parameters.
enum IcmpType : uint8_t
{
    ECHO_REPLY = 0,
    DEST_UNREACH = 3,
    SOURCE_QUENCH = 4,
    REDIRECT = 5,
    ECHO = 8,
    TIME_EXCEEDED = 11,
    PARAMETER_PROBLEM = 12,
    TIMESTAMP = 13,
    TIMESTAMP_REPLY = 14,
    INFO_REQUEST = 15,
    INFO_REPLY = 16,
    ADDRESS = 17,
    ADDRESS_REPLY = 18,
    LAST_KNOWN = 18, //!< RFC 1122 section 3.2.2: unknown messages are discarded
};

constexpr size_t CODE_OFFSET = 1;
constexpr size_t ID_OFFSET = 4;

bool
IsError(uint8_t type)
{
    switch (type)
    {
    case DEST_UNREACH:
    case SOURCE_QUENCH:
    case REDIRECT:
    case TIME_EXCEEDED:
    case PARAMETER_PROBLEM:
        return true;
    default:
        return false;
    }
}

class IcmpTracker final : public NfIcmpTrackerBase
{
  public:
    IcmpTracker()
        : NfIcmpTrackerBase(NfFamily::IPV4,
                            {{ECHO, ECHO_REPLY},
                             {TIMESTAMP, TIMESTAMP_REPLY},
                             {INFO_REQUEST, INFO_REPLY},
                             {ADDRESS, ADDRESS_REPLY}})
    {
    }

    std::string_view GetName() const override
    {
        return "icmp";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_ICMP;
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
        if (NfIsChecksumBad(table, packet, state, 0))
        {
            return Refuse(table, packet, state, "bad hw icmp checksum");
        }
        if (type > LAST_KNOWN)
        {
            return Refuse(table, packet, state, "invalid icmp type");
        }
        return IsError(type) ? TrackError(table, packet, zone, state, NF_ICMP_HEADER_SIZE)
                             : NfTrack::ACCEPT;
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "icmp_timeout", m_timeout);
    }
};

} // namespace

bool
NfIcmpTrackerBase::ParseTuple(NfBytes l4, NfTuple& tuple) const
{
    if (l4.size() < NF_ICMP_HEADER_SIZE)
    {
        return false;
    }
    tuple.sport = NfReadU16(l4.data() + ID_OFFSET);
    tuple.dport = static_cast<uint16_t>(l4[0] << 8 | l4[CODE_OFFSET]);
    return true;
}

bool
NfIcmpTrackerBase::InvertTuple(const NfTuple& tuple, NfTuple& inverse) const
{
    const uint8_t type = tuple.GetIcmpType();
    for (const NfIcmpPair& pair : m_pairs)
    {
        if (type == pair.query || type == pair.answer)
        {
            const uint8_t other = type == pair.query ? pair.answer : pair.query;
            inverse.sport = tuple.sport;
            inverse.dport = static_cast<uint16_t>(other << 8 | tuple.GetIcmpCode());
            return true;
        }
    }
    return false;
}

// Linux before 2.6.33: icmp_packet(). The last answer takes the entry with it.
bool
NfIcmpTrackerBase::CountRequest(NfConntrack& table,
                                NfConn& conn,
                                const NfPacket& packet,
                                NfCtInfo info)
{
    uint32_t& pending = conn.proto.icmp.pending;
    if (NfInfoDir(info) == NfDir::ORIGINAL)
    {
        ++pending;
        return true;
    }
    if (pending && --pending == 0)
    {
        table.Account(conn, info, packet);
        table.Kill(conn);
    }
    return false;
}

NfTrack
NfIcmpTrackerBase::Packet(NfConntrack& table,
                          NfConn& conn,
                          NfPacket& packet,
                          NfCtInfo info,
                          const NfHookState&) const
{
    if (packet.GetFamily() != m_family)
    {
        return NfTrack::INVALID;
    }
    const uint8_t type = conn.GetOriginal().GetIcmpType();
    for (const NfIcmpPair& pair : m_pairs)
    {
        if (type == pair.query)
        {
            if (table.GetProfile().icmpDiesOfReply && !CountRequest(table, conn, packet, info))
            {
                return NfTrack::ACCEPT;
            }
            table.Refresh(conn, info, &packet, NfSeconds(*NfTimeoutsOf(conn, &m_timeout)));
            return NfTrack::ACCEPT;
        }
    }
    return NfTrack::INVALID;
}

NfTrack
NfIcmpTrackerBase::Refuse(NfConntrack& table,
                          NfPacket& packet,
                          const NfHookState& state,
                          const std::string& text) const
{
    NfLogInvalid(table, packet, state, GetProtocol(), text);
    return NfTrack::INVALID;
}

NfTrack
NfIcmpTrackerBase::TrackError(NfConntrack& table,
                              NfPacket& packet,
                              const std::array<uint16_t, 2>& zone,
                              const NfHookState& state,
                              size_t quote) const
{
    NfTuple quoted;
    NfTuple answer;
    size_t transport = 0;
    if (!table.GetInnerTuple(packet.PullTransportAll().Sub(quote),
                             m_family,
                             zone[0],
                             quoted,
                             transport) ||
        !table.InvertTuple(quoted, answer))
    {
        return NfTrack::INVALID;
    }
    // The packet that caused the error went the other way than the error comes.
    NfDir dir = NfDir::ORIGINAL;
    NfConnPtr conn = table.Find(answer, &dir);
    if (!conn && zone[0] != zone[1])
    {
        answer.zone = zone[1];
        conn = table.Find(answer, &dir);
    }
    if (!conn)
    {
        return NfTrack::INVALID;
    }
    const NfAddr& outer = packet.GetIp().dst;
    const NfAddr& expected = conn->GetTuple(dir).dst;
    if (outer != expected)
    {
        const bool six = m_family == NfFamily::IPV6;
        return Refuse(table,
                      packet,
                      state,
                      "outer daddr " + (six ? outer.ToFullString() : outer.ToString(m_family)) +
                          " != inner " +
                          (six ? expected.ToFullString() : expected.ToString(m_family)));
    }
    packet.ctInfo = dir == NfDir::REPLY ? NfCtInfo::RELATED_REPLY : NfCtInfo::RELATED;
    packet.conn = std::move(conn);
    return NfTrack::ACCEPT;
}

std::vector<std::string_view>
NfIcmpTrackerBase::GetTimeoutNames() const
{
    return {"timeout"};
}

std::vector<uint32_t>
NfIcmpTrackerBase::GetTimeouts() const
{
    return {m_timeout};
}

bool
NfIcmpTrackerBase::SetTimeouts(const std::vector<uint32_t>& seconds)
{
    m_timeout = seconds[0];
    return true;
}

std::unique_ptr<NfL4Tracker>
NfMakeIcmpTracker()
{
    return std::make_unique<IcmpTracker>();
}

} // namespace ns3
