/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../conntrack/nf-conntrack-proto-gre.h"
#include "nf-helper-list.h"
#include "nf-helper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace ns3
{

namespace
{

constexpr uint16_t CONTROL_MESSAGE = 1; //!< PPTP message type (RFC 2637 section 2.1)
constexpr uint32_t MAGIC_COOKIE = 0x1a2b3c4d;
constexpr size_t PACKET_TYPE = 2;
constexpr size_t COOKIE = 4;
constexpr size_t MESSAGE_TYPE = 8;
constexpr size_t HEADER_SIZE = 12; //!< up to what a message says of its own
constexpr size_t CALL_ID = 0;      //!< in the messages that begin with one
constexpr size_t PEER_CALL_ID = 2; //!< in the answers to a call
constexpr size_t CALL_RESULT = 4;
constexpr size_t START_RESULT = 2;
constexpr size_t STOP_RESULT = 0;
constexpr uint8_t RESULT_OK = 1; //!< of all answers

/// Control messages (RFC 2637 section 2).
enum Message : uint16_t
{
    START_REQUEST = 1,
    START_REPLY,
    STOP_REQUEST,
    STOP_REPLY,
    ECHO_REQUEST,
    ECHO_REPLY,
    OUT_CALL_REQUEST,
    OUT_CALL_REPLY,
    IN_CALL_REQUEST,
    IN_CALL_REPLY,
    IN_CALL_CONNECTED,
    CALL_CLEAR,
    CALL_DISCONNECT,
    WAN_ERROR,
    SET_LINK_INFO,
    MESSAGES,
};

/// Bytes behind the header that must be there, by message (RFC 2637 section 2). Echoes are not
/// looked into.
constexpr std::array<uint8_t, MESSAGES> MESSAGE_SIZES =
    {0, 144, 144, 4, 4, 0, 0, 156, 20, 208, 12, 16, 4, 136, 28, 12};

/// The control connection's state, in Linux's order: comparisons count on it.
enum Session : uint8_t
{
    SESSION_NONE,
    SESSION_ERROR,
    SESSION_STOPPING,
    SESSION_REQUESTED,
    SESSION_CONFIRMED,
};

/// The last call's state.
enum Call : uint8_t
{
    CALL_NONE,
    CALL_OUT_REQUESTED,
    CALL_OUT_CONFIRMED,
    CALL_IN_REQUESTED,
    CALL_IN_REPLIED,
    CALL_IN_CONFIRMED,
    CALL_CLEARED,
};

/// What a control connection remembers (Linux: struct nf_ct_pptp_master, struct nf_nat_pptp).
struct State
{
    uint8_t session; //!< Session
    uint8_t call;    //!< Call
    uint16_t pac;    //!< call id of the server (PPTP access concentrator)
    uint16_t pns;    //!< call id of the client (PPTP network server), as seen by the server
    uint16_t natPac; //!< the server's, as the server chose it
    uint16_t natPns; //!< the client's, as the client chose it
};

/// A control message in a packet.
struct Control
{
    uint16_t type;
    NfBytes body; //!< as long as its type says, or longer

    uint16_t GetU16(size_t offset) const
    {
        return NfReadU16(body.data() + offset);
    }

    bool IsOk(size_t result) const
    {
        return body[result] == RESULT_OK;
    }
};

/// Where a message carries the client's call id. @return offset in the body, nothing if nowhere
std::optional<size_t>
FindClientId(NfDir dir, uint16_t type)
{
    switch (type)
    {
    case OUT_CALL_REQUEST:
    case IN_CALL_REPLY:
    case CALL_CLEAR:
        return dir == NfDir::ORIGINAL ? std::optional(CALL_ID) : std::nullopt;
    case OUT_CALL_REPLY:
        return dir == NfDir::REPLY ? std::optional(PEER_CALL_ID) : std::nullopt;
    case IN_CALL_CONNECTED:
    case WAN_ERROR:
    case CALL_DISCONNECT:
    case SET_LINK_INFO:
        return dir == NfDir::REPLY ? std::optional(CALL_ID) : std::nullopt;
    default:
        return std::nullopt;
    }
}

NfTuple
GreTuple(const NfTuple& control, uint16_t sourceKey, uint16_t key)
{
    NfTuple tuple = control;
    tuple.protocol = NF_IPPROTO_GRE;
    tuple.sport = sourceKey;
    tuple.dport = key;
    return tuple;
}

/**
 * PPTP (Linux: nf_conntrack_pptp.c, nf_nat_pptp.c): the control connection agrees on a pair of call
 * ids, which the GRE packets of the tunnel carry. The client is taken for the network server (PNS),
 * the server for the access concentrator (PAC).
 */
class PptpHelper final : public NfHelper
{
  public:
    explicit PptpHelper(NfNat& nat)
        : NfHelper(nat, "pptp", NfFamily::IPV4, NF_IPPROTO_TCP, {NfExpectPolicy{2, 300, "pptp"}})
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;
    void OnDestroy(NfConn& conn) override;

  private:
    bool OnClient(const Control& message, State& state) const;
    bool OnServer(const Control& message, NfConn& conn, State& state);
    bool OnOutCallReply(const Control& message, NfConn& conn, State& state);
    bool OnInCallConnected(const Control& message, NfConn& conn, State& state);
    void ExpectTunnel(NfConn& conn, State& state);
    NfExpectationPtr MakeExpectation(NfConn& conn,
                                     NfDir dir,
                                     uint16_t sourceKey,
                                     uint16_t key,
                                     uint16_t savedKey);
    void RemoveTwin(const NfConn& conn, const NfTuple& tuple);
    void OnExpected(NfConn& conn, const NfExpectation& expectation);
    NfVerdict Translate(NfPacket& packet, NfConn& conn, NfCtInfo info, uint16_t type, State& state);
};

/// @return the message in a packet, nothing unless all of it is there
std::optional<Control>
ReadControl(NfBytes payload)
{
    if (payload.size() < HEADER_SIZE ||
        NfReadU16(payload.data() + PACKET_TYPE) != CONTROL_MESSAGE ||
        NfReadU32(payload.data() + COOKIE) != MAGIC_COOKIE)
    {
        return std::nullopt;
    }
    const Control message{NfReadU16(payload.data() + MESSAGE_TYPE), payload.Sub(HEADER_SIZE)};
    const bool whole =
        message.type < MESSAGES && message.body.size() >= MESSAGE_SIZES[message.type];
    return whole ? std::optional(message) : std::nullopt;
}

NfVerdict
PptpHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo info)
{
    const std::optional<Control> message =
        IsEstablished(info) ? ReadControl(GetTcpPayload(packet)) : std::nullopt;
    if (!message)
    {
        return NfVerdict::ACCEPT;
    }
    State state = NfLoadHelperData<State>(conn);
    const bool valid = NfInfoDir(info) == NfDir::ORIGINAL ? OnClient(*message, state)
                                                          : OnServer(*message, conn, state);
    const NfVerdict verdict = valid && IsTranslated(conn)
                                  ? Translate(packet, conn, info, message->type, state)
                                  : NfVerdict(NfVerdict::ACCEPT);
    NfStoreHelperData(conn, state);
    return verdict;
}

/// Linux: pptp_outbound_pkt() of nf_conntrack_pptp.c. @return false: a message out of place
bool
PptpHelper::OnClient(const Control& message, State& state) const
{
    const bool confirmed = state.session == SESSION_CONFIRMED;
    switch (message.type)
    {
    case START_REQUEST:
        if (state.session == SESSION_NONE)
        {
            state.session = SESSION_REQUESTED;
            return true;
        }
        return false;
    case STOP_REQUEST:
        state.session = SESSION_STOPPING;
        return true;
    case OUT_CALL_REQUEST:
        if (confirmed)
        {
            state.call = CALL_OUT_REQUESTED;
            state.pns = message.GetU16(CALL_ID);
        }
        return confirmed;
    case IN_CALL_REPLY:
        if ((state.call != CALL_IN_REQUESTED && state.call != CALL_IN_REPLIED) ||
            state.pac != message.GetU16(PEER_CALL_ID))
        {
            return false;
        }
        state.call = message.IsOk(CALL_RESULT) ? CALL_IN_REPLIED : CALL_NONE;
        state.pns = message.IsOk(CALL_RESULT) ? message.GetU16(CALL_ID) : state.pns;
        return true;
    case CALL_CLEAR:
        state.call = confirmed ? static_cast<uint8_t>(CALL_CLEARED) : state.call;
        return confirmed;
    case SET_LINK_INFO:
    case ECHO_REQUEST:
    case ECHO_REPLY:
        return true;
    default:
        return false;
    }
}

/// Linux: pptp_inbound_pkt() of nf_conntrack_pptp.c. @return false: a message out of place
bool
PptpHelper::OnServer(const Control& message, NfConn& conn, State& state)
{
    switch (message.type)
    {
    case START_REPLY:
        if (state.session < SESSION_REQUESTED)
        {
            return false;
        }
        state.session = message.IsOk(START_RESULT) ? SESSION_CONFIRMED : SESSION_ERROR;
        return true;
    case STOP_REPLY:
        if (state.session > SESSION_STOPPING)
        {
            return false;
        }
        state.session = message.IsOk(STOP_RESULT) ? SESSION_NONE : SESSION_ERROR;
        return true;
    case OUT_CALL_REPLY:
        return OnOutCallReply(message, conn, state);
    case IN_CALL_REQUEST:
        if (state.session != SESSION_CONFIRMED)
        {
            return false;
        }
        state.call = CALL_IN_REQUESTED;
        state.pac = message.GetU16(CALL_ID);
        return true;
    case IN_CALL_CONNECTED:
        return OnInCallConnected(message, conn, state);
    case CALL_DISCONNECT:
        OnDestroy(conn);
        return true;
    case WAN_ERROR:
    case SET_LINK_INFO:
    case ECHO_REQUEST:
    case ECHO_REPLY:
        return true;
    default:
        return false;
    }
}

bool
PptpHelper::OnOutCallReply(const Control& message, NfConn& conn, State& state)
{
    if (state.session != SESSION_CONFIRMED ||
        (state.call != CALL_OUT_REQUESTED && state.call != CALL_OUT_CONFIRMED) ||
        state.pns != message.GetU16(PEER_CALL_ID))
    {
        return false;
    }
    if (!message.IsOk(CALL_RESULT))
    {
        state.call = CALL_NONE;
        return true;
    }
    state.call = CALL_OUT_CONFIRMED;
    state.pac = message.GetU16(CALL_ID);
    ExpectTunnel(conn, state);
    return true;
}

bool
PptpHelper::OnInCallConnected(const Control& message, NfConn& conn, State& state)
{
    if (state.session != SESSION_CONFIRMED ||
        (state.call != CALL_IN_REPLIED && state.call != CALL_IN_CONFIRMED) ||
        state.pns != message.GetU16(CALL_ID))
    {
        return false;
    }
    state.call = CALL_IN_CONFIRMED;
    ExpectTunnel(conn, state);
    return true;
}

/// Linux: exp_gre(), pptp_exp_gre(). Both directions or none.
void
PptpHelper::ExpectTunnel(NfConn& conn, State& state)
{
    uint16_t pns = state.pns;
    if (IsTranslated(conn))
    {
        state.natPac = state.pac;
        pns = state.natPns;
    }
    const auto forth = MakeExpectation(conn, NfDir::ORIGINAL, pns, state.pac, state.pns);
    const auto back = MakeExpectation(conn, NfDir::REPLY, state.pac, state.pns, pns);
    NfConntrack& conntrack = m_nat.GetConntrack();
    if (conntrack.ExpectRelated(forth) != 0)
    {
        return;
    }
    if (conntrack.ExpectRelated(back) != 0)
    {
        conntrack.Unexpect(forth);
        return;
    }
    NfGreKeymap& keymap = conntrack.GetGreKeymap();
    const bool forthKnown = keymap.Add(conn, NfDir::ORIGINAL, forth->tuple);
    if (forthKnown && keymap.Add(conn, NfDir::REPLY, back->tuple))
    {
        return;
    }
    if (forthKnown)
    {
        keymap.Remove(conn);
    }
    conntrack.Unexpect(back);
    conntrack.Unexpect(forth);
}

NfExpectationPtr
PptpHelper::MakeExpectation(NfConn& conn,
                            NfDir dir,
                            uint16_t sourceKey,
                            uint16_t key,
                            uint16_t savedKey)
{
    const NfTuple& way = conn.GetTuple(dir);
    const NfExpectationPtr expectation =
        NfExpectInit(conn, 0, NfFamily::IPV4, &way.src, way.dst, NF_IPPROTO_GRE, sourceKey, key);
    expectation->mask.sport = 0xffff; // 0 is a call id as good as others
    expectation->dir = dir;
    expectation->savedPort = savedKey;
    expectation->expectFn = [this](NfConn& child, const NfExpectation& from) {
        OnExpected(child, from);
    };
    return expectation;
}

/// One packet of the tunnel is enough: the other direction needs no expectation any more.
void
PptpHelper::RemoveTwin(const NfConn& conn, const NfTuple& tuple)
{
    NfTuple wanted = tuple;
    wanted.zone = conn.zone;
    if (const NfExpectationPtr twin = m_nat.GetConntrack().FindExpectation(wanted))
    {
        m_nat.GetConntrack().Unexpect(twin);
    }
}

/// Linux: pptp_expectfn(), pptp_nat_expected().
void
PptpHelper::OnExpected(NfConn& conn, const NfExpectation& expectation)
{
    const NfConn& master = *conn.GetMaster();
    if (!IsTranslated(master))
    {
        NfTuple inverse;
        m_nat.GetConntrack().InvertTuple(expectation.tuple, inverse);
        RemoveTwin(conn, inverse);
        return;
    }
    const bool forth = expectation.dir == NfDir::ORIGINAL;
    const NfTuple& other = master.GetTuple(!expectation.dir);
    const State state = NfLoadHelperData<State>(master);
    // Linux looks the client's own call id up in the child, which has none: only a tunnel that the
    // client begins takes the other expectation with it.
    RemoveTwin(conn, GreTuple(other, forth ? state.pac : 0, forth ? state.pns : 0));

    const NfManip keyed = forth ? NfManip::SRC : NfManip::DST;
    for (NfManip manip : {NfManip::SRC, NfManip::DST})
    {
        NfNatRange range;
        range.flags = NF_NAT_MAP_IPS;
        range.minAddr = range.maxAddr = manip == NfManip::SRC ? other.dst : other.src;
        if (manip == keyed)
        {
            range.flags |= NF_NAT_PROTO_SPECIFIED;
            range.minPort = range.maxPort = expectation.savedPort;
        }
        m_nat.SetupInfo(conn, range, manip);
    }
}

/// Linux: pptp_outbound_pkt() and pptp_inbound_pkt() of nf_nat_pptp.c.
NfVerdict
PptpHelper::Translate(NfPacket& packet, NfConn& conn, NfCtInfo info, uint16_t type, State& state)
{
    const NfDir dir = NfInfoDir(info);
    const std::optional<size_t> offset = FindClientId(dir, type);
    if (!offset)
    {
        return NfVerdict::ACCEPT;
    }
    if (type == OUT_CALL_REQUEST)
    {
        // The TCP port is the only number that is known to be unique towards this server.
        state.natPns = std::exchange(state.pns, conn.GetReply().dport);
    }
    uint8_t id[2];
    NfWriteU16(id, dir == NfDir::ORIGINAL ? state.pns : state.natPns);
    return NfNatMangleTcp(m_nat,
                          packet,
                          conn,
                          info,
                          HEADER_SIZE + *offset,
                          sizeof(id),
                          NfBytes(id, sizeof(id)))
               ? NfVerdict(NfVerdict::ACCEPT)
               : Drop(packet, "cannot mangle packet");
}

/// Linux: pptp_destroy_siblings(). The tunnel does not outlive its control connection.
void
PptpHelper::OnDestroy(NfConn& conn)
{
    NfConntrack& conntrack = m_nat.GetConntrack();
    conntrack.GetGreKeymap().Remove(conn);
    const State state = NfLoadHelperData<State>(conn);
    for (NfDir dir : {NfDir::ORIGINAL, NfDir::REPLY})
    {
        const bool forth = dir == NfDir::ORIGINAL;
        const NfTuple tuple = GreTuple(conn.GetTuple(dir),
                                       forth ? state.pns : state.pac,
                                       forth ? state.pac : state.pns);
        if (const NfConnPtr sibling = conntrack.Find(tuple))
        {
            conntrack.Kill(*sibling);
        }
        else if (const NfExpectationPtr expectation = conntrack.FindExpectation(tuple))
        {
            conntrack.Unexpect(expectation);
        }
    }
}

} // namespace

void
NfAddPptpHelper(NfNat& nat)
{
    nat.GetConntrack().RegisterHelper(std::make_unique<PptpHelper>(nat));
}

} // namespace ns3
