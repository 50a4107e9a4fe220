/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_gre.c
#include "nf-conntrack-proto-gre.h"

#include "nf-conntrack-proto.h"

#include <algorithm>

namespace ns3
{

namespace
{

enum GreState : uint8_t
{
    UNREPLIED,
    REPLIED,
    STATES,
};

constexpr size_t BASE_SIZE = 4;     //!< flags and protocol (RFC 2784)
constexpr size_t PPTP_KEY_SIZE = 8; //!< up to the call id (RFC 2637 section 4.1)
constexpr size_t CALL_ID_OFFSET = 6;
constexpr uint16_t VERSION_MASK = 0x7;
constexpr uint16_t VERSION_PPTP = 1;
constexpr uint16_t PROTOCOL_PPP = 0x880b;

/// Same flow but for the source key.
bool
IsSameCall(const NfTuple& a, const NfTuple& b)
{
    return a.family == b.family && a.protocol == b.protocol && a.src == b.src && a.dst == b.dst &&
           a.dport == b.dport;
}

class GreTracker final : public NfL4Tracker
{
  public:
    explicit GreTracker(const NfGreKeymap& keymap)
        : m_keymap(keymap)
    {
    }

    std::string_view GetName() const override
    {
        return "gre";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_GRE;
    }

    bool ParseTuple(NfBytes l4, NfTuple& tuple) const override
    {
        if (l4.size() < BASE_SIZE || (NfReadU16(l4.data()) & VERSION_MASK) != VERSION_PPTP)
        {
            tuple.sport = tuple.dport = 0;
            return true;
        }
        if (l4.size() < PPTP_KEY_SIZE)
        {
            return true;
        }
        if (NfReadU16(l4.data() + 2) != PROTOCOL_PPP)
        {
            return false;
        }
        tuple.dport = NfReadU16(l4.data() + CALL_ID_OFFSET);
        tuple.sport = m_keymap.Lookup(tuple);
        return true;
    }

    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState&) const override
    {
        NfGreState& gre = conn.proto.gre;
        if (!conn.IsConfirmed())
        {
            const uint32_t* const timeouts = NfTimeoutsOf(conn, m_timeouts);
            gre.timeout = timeouts[UNREPLIED];
            gre.streamTimeout = timeouts[REPLIED];
        }
        const bool replied = conn.Has(NF_IPS_SEEN_REPLY);
        table.Refresh(conn, info, &packet, NfSeconds(replied ? gre.streamTimeout : gre.timeout));
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

    std::string GetProcState(const NfConn& conn) const override
    {
        return "timeout=" + std::to_string(conn.proto.gre.timeout) +
               ", stream_timeout=" + std::to_string(conn.proto.gre.streamTimeout);
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "gre_timeout", m_timeouts[UNREPLIED]);
        NfAddTimeoutKnob(sysctls, "gre_timeout_stream", m_timeouts[REPLIED]);
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        return {"unreplied", "replied"};
    }

    std::vector<uint32_t> GetTimeouts() const override
    {
        return {std::begin(m_timeouts), std::end(m_timeouts)};
    }

    bool SetTimeouts(const std::vector<uint32_t>& seconds) override
    {
        std::copy(seconds.begin(), seconds.end(), m_timeouts);
        return true;
    }

  private:
    const NfGreKeymap& m_keymap; //!< source keys by call
    uint32_t m_timeouts[STATES] = {30, 180};
};

} // namespace

bool
NfGreKeymap::Add(const NfConn& master, NfDir dir, const NfTuple& tuple)
{
    for (const Row& row : m_rows)
    {
        if (row.master == &master && row.dir == dir)
        {
            return IsSameCall(row.tuple, tuple); // sent again
        }
    }
    m_rows.push_back({&master, dir, tuple});
    return true;
}

void
NfGreKeymap::Remove(const NfConn& master)
{
    m_rows.erase(std::remove_if(m_rows.begin(),
                                m_rows.end(),
                                [&](const Row& row) { return row.master == &master; }),
                 m_rows.end());
}

uint16_t
NfGreKeymap::Lookup(const NfTuple& tuple) const
{
    for (const Row& row : m_rows)
    {
        if (IsSameCall(row.tuple, tuple))
        {
            return row.tuple.sport;
        }
    }
    return 0;
}

std::unique_ptr<NfL4Tracker>
NfMakeGreTracker(const NfGreKeymap& keymap)
{
    return std::make_unique<GreTracker>(keymap);
}

} // namespace ns3
