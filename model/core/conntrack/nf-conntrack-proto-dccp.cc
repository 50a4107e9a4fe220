/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux up to 6.16: nf_conntrack_proto_dccp.c; later kernels track DCCP by addresses alone.
#include "nf-conntrack-proto.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Linux: enum ct_dccp_states.
enum DccpState : uint8_t
{
    sNO, //!< NONE: nothing seen
    sRQ, //!< REQUEST of the client seen
    sRS, //!< RESPOND: the server answered
    sPO, //!< PARTOPEN: the client acknowledged the answer
    sOP, //!< OPEN: the server has sent something else than Response, Reset or Sync
    sCR, //!< CLOSEREQ of the server seen
    sCG, //!< CLOSING: a Close seen
    sTW, //!< TIMEWAIT: a Reset seen
    sIG, //!< no state: passes, since we may be out of sync or do not care
    sIV, //!< no state: the packet is invalid
};

constexpr size_t STATES = sIG;

/// Packet types (RFC 4340 section 5.1).
enum DccpType : uint8_t
{
    REQUEST,
    RESPONSE,
    DATA,
    ACK,
    DATAACK,
    CLOSEREQ,
    CLOSE,
    RESET,
    SYNC,
    SYNCACK,
    TYPES, //!< the others are reserved
};

/// Linux: enum ct_dccp_roles.
enum DccpRole : uint8_t
{
    CLIENT,
    SERVER,
};

using Row = std::array<uint8_t, STATES>;
using Machine = std::array<std::array<Row, TYPES>, 2>;

/**
 * The state behind a packet, by the role of its sender, its type and the state before (Linux:
 * dccp_state_table).
 *
 * - Only a Request begins; in TIMEWAIT it begins anew, from the server with the roles turned round.
 *   Elsewhere, and a Response where none is due: the ends know better, it passes.
 * - REQUEST, RESPOND, PARTOPEN and CLOSEREQ are states of one side; the other is where it was.
 * - The client has to use DataAck, not Data, before the server has confirmed (RFC 4340 8.1.5).
 * - Only the server asks for a Close; until the client sends it, the server is done (8.3).
 * - Syncs change nothing that we look at.
 * - A Reset of the server keeps TIMEWAIT alive, one of the client does not; and a client's Close
 *   that is sent again in CLOSING is invalid: so Linux has it, odd as it looks.
 */
// clang-format off
constexpr Machine MACHINE = {{
    {{
    // CLIENT           sNO  sRQ  sRS  sPO  sOP  sCR  sCG  sTW
    /* REQUEST  */ {{ sRQ, sRQ, sRS, sIG, sIG, sIG, sIG, sRQ }},
    /* RESPONSE */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sIV }},
    /* DATA     */ {{ sIV, sIV, sIV, sIV, sOP, sCR, sCG, sIV }},
    /* ACK      */ {{ sIV, sIV, sPO, sPO, sOP, sCR, sCG, sIV }},
    /* DATAACK  */ {{ sIV, sIV, sPO, sPO, sOP, sCR, sCG, sIV }},
    /* CLOSEREQ */ {{ sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV }},
    /* CLOSE    */ {{ sIV, sIV, sIV, sCG, sCG, sCG, sIV, sIV }},
    /* RESET    */ {{ sIV, sTW, sTW, sTW, sTW, sTW, sTW, sIG }},
    /* SYNC     */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sIG }},
    /* SYNCACK  */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sIG }},
    }},
    {{
    // SERVER           sNO  sRQ  sRS  sPO  sOP  sCR  sCG  sTW
    /* REQUEST  */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sRQ }},
    /* RESPONSE */ {{ sIV, sRS, sRS, sIG, sIG, sIG, sIG, sIV }},
    /* DATA     */ {{ sIV, sIV, sIV, sOP, sOP, sIV, sCG, sIV }},
    /* ACK      */ {{ sIV, sIV, sIV, sOP, sOP, sIV, sCG, sIV }},
    /* DATAACK  */ {{ sIV, sIV, sIV, sOP, sOP, sIV, sCG, sIV }},
    /* CLOSEREQ */ {{ sIV, sIV, sIV, sCR, sCR, sCR, sCR, sIV }},
    /* CLOSE    */ {{ sIV, sIV, sIV, sCG, sCG, sIV, sCG, sIV }},
    /* RESET    */ {{ sIV, sTW, sTW, sTW, sTW, sTW, sTW, sTW }},
    /* SYNC     */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sIG }},
    /* SYNCACK  */ {{ sIV, sIG, sIG, sIG, sIG, sIG, sIG, sIG }},
    }},
}};

// clang-format on

constexpr bool
IsMachineSound()
{
    for (size_t role = CLIENT; role <= SERVER; ++role)
    {
        for (size_t type = 0; type < TYPES; ++type)
        {
            const bool begins = role == CLIENT && type == REQUEST;
            for (const uint8_t next : MACHINE[role][type])
            {
                // Nothing leads back to the beginning.
                if (next == sNO)
                {
                    return false;
                }
            }
            if ((MACHINE[role][type][sNO] == sRQ) != begins)
            {
                return false;
            }
        }
    }
    return true;
}

static_assert(IsMachineSound());

constexpr std::array<std::string_view, STATES> STATE_NAMES =
    {"NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT"};

constexpr std::array<std::string_view, STATES> TIMEOUT_NAMES =
    {"none", "request", "respond", "partopen", "open", "closereq", "closing", "timewait"};

constexpr uint32_t MSL = 120; //!< seconds (RFC 4340 section 3.4)

// The header (RFC 4340 section 5.1).
constexpr size_t HEADER_SIZE = 12; //!< with the short sequence number
constexpr size_t LONG_SEQ_SIZE = 4;
constexpr size_t DOFF_OFFSET = 4;
constexpr size_t COVERAGE_OFFSET = 5; //!< low half of the byte
constexpr size_t TYPE_OFFSET = 8;
constexpr uint8_t FLAG_X = 0x01; //!< sequence numbers have 48 bits

/// What a packet's type adds to the header (RFC 4340 sections 5.2 to 5.8).
constexpr std::array<uint8_t, TYPES> TYPE_SIZES = {4, 12, 0, 8, 8, 8, 8, 12, 8, 8};

uint8_t
TypeOf(const uint8_t* dccp)
{
    return dccp[TYPE_OFFSET] >> 1 & 0xf;
}

size_t
BasicSize(const uint8_t* dccp)
{
    return HEADER_SIZE + (dccp[TYPE_OFFSET] & FLAG_X ? LONG_SEQ_SIZE : 0);
}

/// Linux: dccp_hdr_seq().
uint64_t
SequenceOf(const uint8_t* dccp)
{
    const uint64_t high = NfReadU16(dccp + 10);
    return dccp[TYPE_OFFSET] & FLAG_X ? high << 32 | NfReadU32(dccp + HEADER_SIZE)
                                      : uint64_t{dccp[9]} << 16 | high;
}

/// Linux: dccp_ack_seq(). @pre the header has an acknowledgement
uint64_t
AckOf(const uint8_t* dccp)
{
    const uint8_t* ack = dccp + BasicSize(dccp);
    return uint64_t{NfReadU16(ack + 2)} << 32 | NfReadU32(ack + 4);
}

class DccpTracker final : public NfL4Tracker
{
  public:
    std::string_view GetName() const override
    {
        return "dccp";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_DCCP;
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

    std::string_view GetStateName(const NfConn& conn) const override
    {
        return NfNameOfState(STATE_NAMES, conn.proto.dccp.state);
    }

    bool CanEarlyDrop(const NfConn& conn) const override
    {
        const uint8_t state = conn.proto.dccp.state;
        return state == sCR || state == sCG || state == sTW;
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        for (size_t i = sRQ; i < STATES; ++i)
        {
            NfAddTimeoutKnob(sysctls,
                             "dccp_timeout_" + std::string(TIMEOUT_NAMES[i]),
                             m_timeouts[i]);
        }
        sysctls.AddInteger("net.netfilter.nf_conntrack_dccp_loose", m_loose, 0, 1);
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        return {TIMEOUT_NAMES.begin(), TIMEOUT_NAMES.end()};
    }

    std::vector<uint32_t> GetTimeouts() const override
    {
        return {m_timeouts.begin(), m_timeouts.end()};
    }

    bool SetTimeouts(const std::vector<uint32_t>& seconds) override
    {
        std::copy(seconds.begin(), seconds.end(), m_timeouts.begin());
        return true;
    }

  private:
    /// Everything a decision about one packet looks at.
    struct Context
    {
        NfConntrack& table;
        NfConn& conn;
        NfPacket& packet;
        const NfHookState& state;
        const uint8_t* dccp; //!< the header with what its type adds
        uint8_t type;
        NfDir dir;

        NfDccpState& Dccp() const
        {
            return conn.proto.dccp;
        }

        uint8_t& Role(NfDir d) const
        {
            return conn.proto.dccp.role[static_cast<size_t>(d)];
        }
    };

    static const char* FindError(NfConntrack& table,
                                 NfPacket& packet,
                                 const NfHookState& state,
                                 const uint8_t* dccp);
    bool StartNew(const Context& c) const;
    static uint8_t Decide(const Context& c);
    static uint8_t DecideIgnored(const Context& c);
    NfTrack Advance(const Context& c, uint8_t newState, NfCtInfo info) const;

    /// Seconds, by state; a policy's first one is what new connections get.
    std::array<uint32_t, STATES>
        m_timeouts{2 * MSL, 2 * MSL, 4 * MSL, 4 * MSL, 12 * 3600, 64, 64, 2 * MSL};
    uint8_t m_loose{1}; //!< nothing but a Request begins a connection either way
};

/// Linux: dccp_error(). @return what is wrong, or null
const char*
DccpTracker::FindError(NfConntrack& table,
                       NfPacket& packet,
                       const NfHookState& state,
                       const uint8_t* dccp)
{
    const size_t size = packet.GetTransportSize();
    const size_t headerSize = size_t{dccp[DOFF_OFFSET]} * 4;
    if (headerSize < HEADER_SIZE || headerSize > size)
    {
        return "nf_ct_dccp: truncated/malformed packet ";
    }
    const uint8_t coverage = dccp[COVERAGE_OFFSET] & 0xf;
    const uint8_t type = TypeOf(dccp);
    // Linux leaves the header out of the coverage, so partial sums of senders look wrong.
    const size_t covered = coverage ? size_t{coverage - 1U} * 4 : size;
    if (covered > size)
    {
        return "nf_ct_dccp: bad checksum coverage ";
    }
    if (NfIsPartialChecksumBad(table, packet, state, NF_IPPROTO_DCCP, covered))
    {
        return "nf_ct_dccp: bad checksum ";
    }
    return type >= TYPES ? "nf_ct_dccp: reserved packet type " : nullptr;
}

/// Linux: dccp_new().
bool
DccpTracker::StartNew(const Context& c) const
{
    const uint8_t next = MACHINE[CLIENT][c.type][sNO];
    if (next == sIV || (next != sRQ && !m_loose))
    {
        c.table.LogInvalid(c.packet,
                           c.state,
                           &c.conn,
                           next == sIV ? "invalid state transition "
                                       : "not picking up existing connection ");
        return false;
    }
    c.Dccp() = NfDccpState{};
    c.Role(NfDir::ORIGINAL) = CLIENT;
    c.Role(NfDir::REPLY) = SERVER;
    c.Dccp().lastPacket = REQUEST;
    return true;
}

/// A packet that passes without effect, unless it shows that an earlier one of those was meant.
uint8_t
DccpTracker::DecideIgnored(const Context& c)
{
    NfDccpState& dccp = c.Dccp();
    if (dccp.lastDir == static_cast<uint8_t>(!c.dir) && dccp.lastPacket == REQUEST &&
        c.type == RESPONSE)
    {
        c.Role(!c.dir) = CLIENT;
        c.Role(c.dir) = SERVER;
        dccp.handshakeSeq = SequenceOf(c.dccp);
        return sRS;
    }
    dccp.lastDir = static_cast<uint8_t>(c.dir);
    dccp.lastPacket = c.type;
    c.table.LogInvalid(c.packet, c.state, &c.conn, "invalid packet");
    return sIG;
}

/// @return the new state, sIG or sIV
uint8_t
DccpTracker::Decide(const Context& c)
{
    NfDccpState& dccp = c.Dccp();
    const uint8_t role = c.Role(c.dir);
    // A command may have set one that is none.
    if (dccp.state >= STATES)
    {
        return sIV;
    }
    const uint8_t next = MACHINE[role][c.type][dccp.state];
    switch (next)
    {
    case sRQ:
        if (dccp.state == sTW && role == SERVER)
        {
            c.Role(c.dir) = CLIENT;
            c.Role(!c.dir) = SERVER;
        }
        return next;
    case sRS:
        if (dccp.state == sRQ)
        {
            dccp.handshakeSeq = SequenceOf(c.dccp);
        }
        return next;
    case sPO:
        if (dccp.state == sRS && c.type == ACK && AckOf(c.dccp) == dccp.handshakeSeq)
        {
            c.conn.status |= NF_IPS_ASSURED;
        }
        return next;
    case sIG:
        return DecideIgnored(c);
    case sIV:
        c.table.LogInvalid(c.packet, c.state, &c.conn, "invalid state transition");
        return next;
    default:
        return next;
    }
}

NfTrack
DccpTracker::Advance(const Context& c, uint8_t newState, NfCtInfo info) const
{
    NfDccpState& dccp = c.Dccp();
    dccp.lastDir = static_cast<uint8_t>(c.dir);
    dccp.lastPacket = c.type;
    if (dccp.state != newState)
    {
        dccp.state = newState;
        c.table.CacheEvent(c.conn, NF_EVENT_PROTOINFO);
    }
    const uint32_t seconds = NfTimeoutsOf(c.conn, m_timeouts.data())[newState];
    c.table.Refresh(c.conn, info, &c.packet, NfSeconds(seconds));
    return NfTrack::ACCEPT;
}

NfTrack
DccpTracker::Packet(NfConntrack& table,
                    NfConn& conn,
                    NfPacket& packet,
                    NfCtInfo info,
                    const NfHookState& state) const
{
    const uint8_t* dccp = packet.PullTransport(HEADER_SIZE);
    if (!dccp)
    {
        return NfTrack::DROP;
    }
    if (const char* reason = FindError(table, packet, state, dccp))
    {
        NfLogInvalid(table, packet, state, NF_IPPROTO_DCCP, reason);
        return NfTrack::INVALID;
    }
    dccp = packet.PullTransport(HEADER_SIZE); // the checksum may have moved it
    const uint8_t type = TypeOf(dccp);
    dccp = packet.PullTransport(BasicSize(dccp) + TYPE_SIZES[type]);
    if (!dccp)
    {
        return NfTrack::DROP;
    }
    const Context c{table, conn, packet, state, dccp, type, NfInfoDir(info)};
    if (!conn.IsConfirmed() && !StartNew(c))
    {
        return NfTrack::INVALID;
    }
    // Refused: there never was a connection.
    if (type == RESET && !conn.Has(NF_IPS_SEEN_REPLY))
    {
        table.Account(conn, info, packet);
        table.Kill(conn);
        return NfTrack::ACCEPT;
    }
    const uint8_t newState = Decide(c);
    return newState == sIV   ? NfTrack::INVALID
           : newState == sIG ? NfTrack::ACCEPT
                             : Advance(c, newState, info);
}

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeDccpTracker()
{
    return std::make_unique<DccpTracker>();
}

} // namespace ns3
