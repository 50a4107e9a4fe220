/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_tcp.c
#include "nf-conntrack-proto-tcp.h"

#include "nf-conntrack-proto-tcp-states.h"
#include "nf-conntrack-proto-tcp-window.h"
#include "nf-kernel-profile.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr uint32_t HZ = 250; //!< the kernel logs timeouts in jiffies
constexpr size_t LARGEST_HEADER = 60;
constexpr NfTime CLOSING_FLOOR = std::chrono::seconds(120);

/// Flag combinations that occur in real life, by FIN..URG without PSH (Linux: tcp_valid_flags).
constexpr bool
AreFlagsValid(uint8_t flags)
{
    switch (flags & ~(NF_TCP_PSH | NF_TCP_ECE | NF_TCP_CWR))
    {
    case NF_TCP_SYN:
    case NF_TCP_SYN | NF_TCP_URG:
    case NF_TCP_SYN | NF_TCP_ACK:
    case NF_TCP_RST:
    case NF_TCP_RST | NF_TCP_ACK:
    case NF_TCP_FIN | NF_TCP_ACK:
    case NF_TCP_FIN | NF_TCP_ACK | NF_TCP_URG:
    case NF_TCP_ACK:
    case NF_TCP_ACK | NF_TCP_URG:
        return true;
    default:
        return false;
    }
}

bool
IsEstablished(const NfConn& conn)
{
    return conn.proto.tcp.state == NF_TCP_CT_ESTABLISHED && conn.Has(NF_IPS_ASSURED);
}

/// What is decided about a segment: by the state machine, then by its window.
enum class Step : uint8_t
{
    CHECK_WINDOW,
    IN_WINDOW, //!< known to be fine
    ACCEPT,    //!< passes, nothing changes
    INVALID,
    REOPEN, //!< a new connection with the same tuple
};

Step
StepOf(NfTcpWindowResult result)
{
    return result == NfTcpWindowResult::IGNORE    ? Step::ACCEPT
           : result == NfTcpWindowResult::INVALID ? Step::INVALID
                                                  : Step::IN_WINDOW;
}

class TcpTracker final : public NfL4Tracker
{
  public:
    TcpTracker()
    {
        m_plainPorts = true;
        for (size_t i = 0; i < NF_TCP_TIMEOUTS; ++i)
        {
            m_timeouts[i] = NF_TCP_TIMEOUT_ROWS[i].seconds;
        }
    }

    std::string_view GetName() const override
    {
        return "tcp";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_TCP;
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
        return NfNameOfState(NF_TCP_STATE_NAMES, conn.proto.tcp.state);
    }

    bool CanEarlyDrop(const NfConn& conn) const override
    {
        return NfTcpIsClosing(conn.proto.tcp.state);
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        for (size_t i = 0; i < NF_TCP_TIMEOUTS; ++i)
        {
            if (NF_TCP_TIMEOUT_ROWS[i].knob)
            {
                NfAddTimeoutKnob(sysctls,
                                 std::string("tcp_timeout_") + NF_TCP_TIMEOUT_ROWS[i].knob,
                                 m_timeouts[i]);
            }
        }
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        std::vector<std::string_view> names;
        for (const NfTcpTimeoutRow& row : NF_TCP_TIMEOUT_ROWS)
        {
            names.emplace_back(row.policy);
        }
        return names;
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

    void SetClosing(NfConntrack& table, NfConn& conn) const override;

  private:
    /// Everything a decision about one segment looks at.
    struct Context
    {
        NfConntrack& table;
        NfConn& conn;
        NfPacket& packet;
        const NfHookState& state;
        const NfTcpSegment& segment;
        NfDir dir;
        uint8_t oldState;
        uint8_t newState;
    };

    static const char* Parse(NfConntrack& table,
                             NfPacket& packet,
                             const NfHookState& state,
                             NfTcpSegment& segment);
    // What only some segments need stays out of the way of those that do not.
    [[gnu::noinline]] static bool StartNew(NfConntrack& table,
                                           NfConn& conn,
                                           const NfTcpSegment& segment);
    static Step Decide(Context& c);
    [[gnu::noinline]] static Step DecideIgnored(Context& c);
    [[gnu::noinline]] static Step DecideReset(Context& c);
    static void Annotate(const Context& c);
    [[gnu::noinline]] static void Log(const Context& c, const char* fate);
    [[gnu::noinline]] NfTrack Judge(NfConntrack& table,
                                    NfConn& conn,
                                    NfPacket& packet,
                                    NfCtInfo info,
                                    const NfHookState& state,
                                    const NfTcpSegment& segment) const;
    [[gnu::noinline]] void ShortenOutOfWindow(const Context& c) const;
    [[gnu::noinline]] static NfTrack Refuse(NfConntrack& table,
                                            NfPacket& packet,
                                            const NfHookState& state,
                                            const char* reason);
    [[gnu::always_inline]] NfTrack Advance(const Context& c, NfCtInfo info) const;
    [[gnu::always_inline]] uint32_t ChooseTimeout(const Context& c, const uint32_t* timeouts) const;

    std::array<uint32_t, NF_TCP_TIMEOUTS> m_timeouts; //!< seconds, by state and NfTcpTimeout
};

/// Linux: tcp_error(). @return what is wrong, or null
const char*
TcpTracker::Parse(NfConntrack& table,
                  NfPacket& packet,
                  const NfHookState& state,
                  NfTcpSegment& segment)
{
    const size_t size = packet.GetTransportSize();
    if (size < NF_TCP_HEADER_SIZE)
    {
        return "";
    }
    const uint8_t* const tcp = packet.PullTransport(std::min(size, LARGEST_HEADER));
    const size_t headerSize = static_cast<size_t>(tcp[NF_TCP_DOFF] >> 4) * 4;
    if (headerSize < NF_TCP_HEADER_SIZE || size < headerSize)
    {
        return "truncated packet";
    }
    if (NfIsChecksumBad(table, packet, state, NF_IPPROTO_TCP))
    {
        return "bad checksum";
    }
    segment.flags = tcp[NF_TCP_FLAGS];
    if (!AreFlagsValid(segment.flags))
    {
        return "invalid tcp flag combination";
    }
    segment.seq = NfReadU32(tcp + NF_TCP_SEQ);
    segment.ack = NfReadU32(tcp + NF_TCP_ACKNO);
    segment.window = NfReadU16(tcp + NF_TCP_WINDOW);
    segment.end = segment.seq + static_cast<uint32_t>(size - headerSize) + segment.Has(NF_TCP_SYN) +
                  segment.Has(NF_TCP_FIN);
    segment.event = NfTcpEventOf(segment.flags);
    segment.options = NfBytes(tcp + NF_TCP_HEADER_SIZE, headerSize - NF_TCP_HEADER_SIZE);
    return nullptr;
}

/// Linux: tcp_new().
bool
TcpTracker::StartNew(NfConntrack& table, NfConn& conn, const NfTcpSegment& segment)
{
    const uint8_t next = NF_TCP_MACHINE[0][segment.event][NF_TCP_CT_NONE];
    const bool opening = next == NF_TCP_CT_SYN_SENT;
    if (next >= NF_TCP_CT_INVALID || (!opening && !table.GetConfig().tcpLoose))
    {
        return false;
    }
    NfTcpState& tcp = conn.proto.tcp;
    tcp = NfTcpState{};
    NfTcpWindow& sender = tcp.seen[0];
    sender.end = sender.maxEnd = segment.end;
    sender.maxWindow = std::max<uint32_t>(segment.window, 1);
    if (opening)
    {
        NfTcpReadOptions(segment.options, sender);
    }
    else
    {
        // The middle of a connection: scale and SACK are unknown, so be liberal.
        sender.maxEnd += sender.maxWindow;
        sender.flags = tcp.seen[1].flags = NF_TCP_FLAG_SACK_PERM | NF_TCP_FLAG_BE_LIBERAL;
    }
    tcp.lastIndex = NF_TCP_EVENT_NONE;
    return true;
}

void
TcpTracker::Log(const Context& c, const char* fate)
{
    if (!c.table.GetConfig().logInvalid)
    {
        return;
    }
    const std::string text = "packet (index " + std::to_string(c.segment.event) + ") in dir " +
                             std::to_string(static_cast<unsigned>(c.dir)) + " " + fate +
                             ", state " + std::string(NF_TCP_STATE_NAMES[c.oldState]);
    c.table.LogInvalid(c.packet, c.state, &c.conn, text.c_str());
}

/// Remembers a segment that was let through, to understand the answer to it.
void
TcpTracker::Annotate(const Context& c)
{
    NfTcpState& tcp = c.conn.proto.tcp;
    tcp.lastIndex = c.segment.event;
    tcp.lastDir = static_cast<uint8_t>(c.dir);
    tcp.lastSeq = c.segment.seq;
    tcp.lastEnd = c.segment.end;
    tcp.lastWindow = c.segment.window;
    if (c.segment.event == NF_TCP_EVENT_SYN && c.dir == NfDir::ORIGINAL)
    {
        NfTcpWindow seen;
        NfTcpReadOptions(c.segment.options, seen);
        tcp.lastFlags = seen.flags;
        tcp.lastScale = seen.flags & NF_TCP_FLAG_WINDOW_SCALE ? seen.scale : 0;
        // RFC 5961 section 4: the ACK that answers it must not pass for the last one.
        if (c.oldState == NF_TCP_CT_LAST_ACK)
        {
            tcp.lastFlags |= NF_TCP_FLAG_EXP_CHALLENGE_ACK;
        }
    }
    if (c.oldState == NF_TCP_CT_SYN_SENT && c.segment.event == NF_TCP_EVENT_ACK &&
        c.dir == NfDir::REPLY)
    {
        tcp.lastAck = c.segment.ack;
    }
}

Step
TcpTracker::DecideIgnored(Context& c)
{
    NfTcpState& tcp = c.conn.proto.tcp;
    if (c.segment.event == NF_TCP_EVENT_SYNACK && tcp.lastIndex == NF_TCP_EVENT_SYN &&
        tcp.lastDir != static_cast<uint8_t>(c.dir) && c.segment.ack == tcp.lastEnd)
    {
        // The SYN let through was meant: both ends are in sync, now we are too.
        NfTcpWindow& opener = tcp.seen[tcp.lastDir];
        c.oldState = NF_TCP_CT_SYN_SENT;
        c.newState = NF_TCP_CT_SYN_RECV;
        opener.end = opener.maxEnd = tcp.lastEnd;
        opener.maxWindow = std::max<uint32_t>(tcp.lastWindow, 1);
        opener.scale = tcp.lastScale;
        tcp.lastFlags &= static_cast<uint8_t>(~NF_TCP_FLAG_EXP_CHALLENGE_ACK);
        opener.flags = tcp.lastFlags;
        NfTcpWindow& answerer = tcp.seen[static_cast<size_t>(c.dir)];
        const uint8_t liberal = answerer.flags & NF_TCP_FLAG_BE_LIBERAL;
        answerer = NfTcpWindow{};
        answerer.flags = liberal;
        return Step::CHECK_WINDOW;
    }
    Annotate(c);
    Log(c, "ignored");
    return Step::ACCEPT;
}

Step
TcpTracker::DecideReset(Context& c)
{
    NfTcpState& tcp = c.conn.proto.tcp;
    const NfTcpWindow& peer = tcp.seen[static_cast<size_t>(!c.dir)];
    const uint32_t seq = c.segment.seq;
    // The ends may use the tuple for something new already: our numbers prove nothing.
    if (NfTcpIsClosing(tcp.state))
    {
        return Step::IN_WINDOW;
    }
    if (peer.flags & NF_TCP_FLAG_MAXACK_SET && tcp.lastIndex != NF_TCP_EVENT_SYN)
    {
        const bool established = IsEstablished(c.conn);
        if (seq == 0 && !established)
        {
            return Step::CHECK_WINDOW;
        }
        if (NfSeqBefore(seq, peer.maxAck) && !c.table.GetConfig().tcpIgnoreInvalidRst)
        {
            c.table.LogInvalid(c.packet, c.state, &c.conn, "invalid rst");
            return Step::INVALID;
        }
        if (!established || seq == peer.maxAck)
        {
            return Step::CHECK_WINDOW;
        }
        // The end of a train: data, and the reset right behind it.
        if (tcp.lastIndex == NF_TCP_EVENT_ACK && tcp.lastDir == static_cast<uint8_t>(c.dir) &&
            seq == tcp.lastEnd)
        {
            return Step::CHECK_WINDOW;
        }
        // RFC 5961 section 3: not exact, so the end answers with a challenge and stays.
        c.newState = c.oldState;
    }
    const bool answersSyn = c.conn.Has(NF_IPS_SEEN_REPLY) && tcp.lastIndex == NF_TCP_EVENT_SYN &&
                            tcp.lastDir != static_cast<uint8_t>(c.dir);
    const bool answersAck = !c.conn.Has(NF_IPS_ASSURED) && tcp.lastIndex == NF_TCP_EVENT_ACK;
    if ((answersSyn || answersAck) && c.segment.ack == tcp.lastEnd)
    {
        return Step::IN_WINDOW;
    }
    // The answer to a challenge ACK that was let through.
    if (c.oldState == NF_TCP_CT_SYN_SENT && tcp.lastIndex == NF_TCP_EVENT_ACK &&
        tcp.lastDir == static_cast<uint8_t>(NfDir::REPLY) && seq == tcp.lastAck)
    {
        return Step::IN_WINDOW;
    }
    return Step::CHECK_WINDOW;
}

Step
TcpTracker::Decide(Context& c)
{
    NfTcpState& tcp = c.conn.proto.tcp;
    const auto dir = static_cast<uint8_t>(c.dir);
    switch (c.newState)
    {
    case NF_TCP_CT_SYN_SENT:
        if (c.oldState < NF_TCP_CT_TIME_WAIT)
        {
            return Step::CHECK_WINDOW;
        }
        if ((tcp.seen[0].flags | tcp.seen[1].flags) & NF_TCP_FLAG_CLOSE_INIT ||
            (tcp.lastDir == dir && tcp.lastIndex == NF_TCP_EVENT_RST))
        {
            return Step::REOPEN;
        }
        return DecideIgnored(c);
    case NF_TCP_CT_IGNORE:
        return DecideIgnored(c);
    case NF_TCP_CT_INVALID: {
        const NfConnExt* ext = c.conn.GetExt();
        // A keep-alive that SYNPROXY's client sends while the server's half is being opened.
        if (ext && ext->hasSynproxy && c.oldState == NF_TCP_CT_SYN_SENT &&
            c.segment.event == NF_TCP_EVENT_ACK && c.dir == NfDir::ORIGINAL && tcp.lastDir == dir &&
            tcp.seen[dir].end - 1 == c.segment.seq)
        {
            return Step::ACCEPT;
        }
        Log(c, "invalid");
        return Step::INVALID;
    }
    case NF_TCP_CT_TIME_WAIT:
        if (c.oldState == NF_TCP_CT_LAST_ACK && c.segment.event == NF_TCP_EVENT_ACK &&
            tcp.lastDir != dir && tcp.lastIndex == NF_TCP_EVENT_SYN &&
            tcp.lastFlags & NF_TCP_FLAG_EXP_CHALLENGE_ACK)
        {
            tcp.lastFlags &= static_cast<uint8_t>(~NF_TCP_FLAG_EXP_CHALLENGE_ACK);
            c.table.LogInvalid(c.packet, c.state, &c.conn, "challenge-ack ignored");
            return Step::ACCEPT;
        }
        return Step::CHECK_WINDOW;
    case NF_TCP_CT_SYN_SENT2:
        tcp.lastFlags |= NF_TCP_FLAG_SIMULTANEOUS_OPEN;
        return Step::CHECK_WINDOW;
    case NF_TCP_CT_SYN_RECV:
        if (c.dir == NfDir::REPLY && c.segment.event == NF_TCP_EVENT_ACK &&
            tcp.lastFlags & NF_TCP_FLAG_SIMULTANEOUS_OPEN)
        {
            c.newState = NF_TCP_CT_ESTABLISHED;
        }
        return Step::CHECK_WINDOW;
    case NF_TCP_CT_CLOSE:
        return c.segment.event == NF_TCP_EVENT_RST ? DecideReset(c) : Step::CHECK_WINDOW;
    default:
        return Step::CHECK_WINDOW;
    }
}

/// Linux: nf_tcp_handle_invalid(). FINs and resets of both sides out of window mean that we are out
/// of sync: such a connection should not stay for days.
void
TcpTracker::ShortenOutOfWindow(const Context& c) const
{
    const uint8_t event = c.segment.event;
    if (c.table.GetProfile().tcpKeepsTimeout)
    {
        return;
    }
    if (!c.conn.Has(NF_IPS_ASSURED) || c.conn.Has(NF_IPS_FIXED_TIMEOUT) ||
        (event != NF_TCP_EVENT_RST && event != NF_TCP_EVENT_FIN))
    {
        return;
    }
    NfTcpState& tcp = c.conn.proto.tcp;
    if (tcp.lastDir == static_cast<uint8_t>(c.dir) ||
        (tcp.lastIndex != NF_TCP_EVENT_FIN && tcp.lastIndex != NF_TCP_EVENT_RST))
    {
        tcp.lastIndex = event;
        tcp.lastDir = static_cast<uint8_t>(c.dir);
        return;
    }
    const NfTime left = c.table.GetTimeLeft(c.conn);
    const uint32_t seconds = NfTimeoutsOf(c.conn, m_timeouts.data())[NF_TCP_TIMEOUT_UNACK];
    if (left < CLOSING_FLOOR || left <= NfSeconds(seconds))
    {
        return;
    }
    if (c.table.GetConfig().logInvalid)
    {
        const std::string text = "packet (index " + std::to_string(event) + ", dir " +
                                 std::to_string(static_cast<unsigned>(c.dir)) +
                                 ") response for index " + std::to_string(tcp.lastIndex) +
                                 " lower timeout to " + std::to_string(seconds * HZ);
        c.table.LogInvalid(c.packet, c.state, &c.conn, text.c_str());
    }
    c.conn.expires = c.table.Now() + NfSeconds(seconds);
}

inline uint32_t
TcpTracker::ChooseTimeout(const Context& c, const uint32_t* timeouts) const
{
    const NfTcpState& tcp = c.conn.proto.tcp;
    const uint32_t normal = timeouts[c.newState];
    if (tcp.retrans >= c.table.GetConfig().tcpMaxRetrans &&
        normal > timeouts[NF_TCP_TIMEOUT_RETRANS])
    {
        return timeouts[NF_TCP_TIMEOUT_RETRANS];
    }
    if (c.segment.event == NF_TCP_EVENT_RST)
    {
        return timeouts[NF_TCP_CT_CLOSE];
    }
    if ((tcp.seen[0].flags | tcp.seen[1].flags) & NF_TCP_FLAG_DATA_UNACKNOWLEDGED &&
        normal > timeouts[NF_TCP_TIMEOUT_UNACK])
    {
        return timeouts[NF_TCP_TIMEOUT_UNACK];
    }
    if (tcp.lastWindow == 0 && normal > timeouts[NF_TCP_TIMEOUT_RETRANS])
    {
        return timeouts[NF_TCP_TIMEOUT_RETRANS];
    }
    return normal;
}

/// The segment is in window: state, timeout and events follow.
inline NfTrack
TcpTracker::Advance(const Context& c, NfCtInfo info) const
{
    NfTcpState& tcp = c.conn.proto.tcp;
    tcp.lastIndex = c.segment.event;
    tcp.lastDir = static_cast<uint8_t>(c.dir);
    tcp.state = c.newState;
    const uint32_t* const timeouts = NfTimeoutsOf(c.conn, m_timeouts.data());
    if (c.oldState != c.newState)
    {
        if (c.newState == NF_TCP_CT_FIN_WAIT)
        {
            tcp.seen[static_cast<size_t>(c.dir)].flags |= NF_TCP_FLAG_CLOSE_INIT;
        }
        c.table.CacheEvent(c.conn, NF_EVENT_PROTOINFO);
    }
    uint32_t timeout = ChooseTimeout(c, timeouts);
    if (!c.conn.Has(NF_IPS_SEEN_REPLY))
    {
        // Refused: there never was a connection.
        if (c.segment.Has(NF_TCP_RST))
        {
            c.table.Account(c.conn, info, c.packet);
            c.table.Kill(c.conn);
            return NfTrack::ACCEPT;
        }
        // A SYN sent again does not buy time.
        if (c.segment.event == NF_TCP_EVENT_SYN && c.oldState == NF_TCP_CT_SYN_SENT)
        {
            return NfTrack::ACCEPT;
        }
        if (c.newState == NF_TCP_CT_ESTABLISHED)
        {
            timeout = std::min(timeout, timeouts[NF_TCP_TIMEOUT_UNACK]);
        }
    }
    else if (!c.conn.Has(NF_IPS_ASSURED) && c.newState == NF_TCP_CT_ESTABLISHED &&
             (c.oldState == NF_TCP_CT_SYN_RECV || c.oldState == NF_TCP_CT_ESTABLISHED))
    {
        c.conn.status |= NF_IPS_ASSURED;
        c.table.CacheEvent(c.conn, NF_EVENT_ASSURED);
    }
    c.table.Refresh(c.conn, info, &c.packet, NfSeconds(timeout));
    return NfTrack::ACCEPT;
}

/// The segment belongs to nothing. @param reason for the log, "": none is given
NfTrack
TcpTracker::Refuse(NfConntrack& table,
                   NfPacket& packet,
                   const NfHookState& state,
                   const char* reason)
{
    if (*reason)
    {
        NfLogInvalid(table, packet, state, NF_IPPROTO_TCP, reason);
    }
    return NfTrack::INVALID;
}

NfTrack
TcpTracker::Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState& state) const
{
    NfTcpSegment segment;
    if (const char* reason = Parse(table, packet, state, segment))
    {
        return Refuse(table, packet, state, reason);
    }
    if (!conn.IsConfirmed() && !StartNew(table, conn, segment))
    {
        const bool known = NF_TCP_MACHINE[0][segment.event][NF_TCP_CT_NONE] < NF_TCP_CT_INVALID;
        return Refuse(table, packet, state, known ? "" : "invalid new");
    }
    const NfDir dir = NfInfoDir(info);
    if (conn.proto.tcp.state == NF_TCP_CT_ESTABLISHED)
    {
        // Nearly every segment: an acknowledgement leaves the state as it is.
        NfTcpWindowCheck check(conn, dir, segment);
        if (check.IsPlain() && check.IsWithinBounds())
        {
            check.Update();
            Context c{table,
                      conn,
                      packet,
                      state,
                      segment,
                      dir,
                      NF_TCP_CT_ESTABLISHED,
                      NF_TCP_CT_ESTABLISHED};
            return Advance(c, info);
        }
    }
    return Judge(table, conn, packet, info, state, segment);
}

/// The long way: what the state machine says, then the window.
NfTrack
TcpTracker::Judge(NfConntrack& table,
                  NfConn& conn,
                  NfPacket& packet,
                  NfCtInfo info,
                  const NfHookState& state,
                  const NfTcpSegment& segment) const
{
    const NfDir dir = NfInfoDir(info);
    const uint8_t oldState = conn.proto.tcp.state;
    Context c{table,
              conn,
              packet,
              state,
              segment,
              dir,
              oldState,
              NF_TCP_MACHINE[static_cast<size_t>(dir)][segment.event][oldState]};
    Step step = Decide(c);
    if (step == Step::CHECK_WINDOW)
    {
        step = StepOf(NfTcpCheckWindow(table, conn, dir, segment, packet, state));
        if (step == Step::INVALID)
        {
            ShortenOutOfWindow(c);
        }
    }
    switch (step)
    {
    case Step::ACCEPT:
        return NfTrack::ACCEPT;
    case Step::REOPEN:
        return table.Kill(conn) ? NfTrack::REPEAT : NfTrack::DROP;
    case Step::IN_WINDOW:
        return Advance(c, info);
    default:
        return NfTrack::INVALID;
    }
}

/// Linux: nf_conntrack_tcp_set_closing().
void
TcpTracker::SetClosing(NfConntrack& table, NfConn& conn) const
{
    NfTcpState& tcp = conn.proto.tcp;
    if (!conn.IsConfirmed())
    {
        return;
    }
    const uint8_t oldState = tcp.state;
    tcp.state = NF_TCP_CT_CLOSE;
    if (oldState == NF_TCP_CT_CLOSE || conn.Has(NF_IPS_FIXED_TIMEOUT))
    {
        return;
    }
    conn.expires = table.Now() + NfSeconds(NfTimeoutsOf(conn, m_timeouts.data())[NF_TCP_CT_CLOSE]);
    table.CacheEvent(conn, NF_EVENT_PROTOINFO);
}

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeTcpTracker()
{
    return std::make_unique<TcpTracker>();
}

} // namespace ns3
