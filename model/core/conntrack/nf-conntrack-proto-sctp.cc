/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_sctp.c
#include "../packet/nf-checksum.h"
#include "nf-conntrack-proto.h"

#include <bitset>
#include <fmt/format.h>

namespace ns3
{

namespace
{

/// Linux: enum sctp_conntrack.
enum SctpState : uint8_t
{
    sNO, //!< nothing seen
    sCL, //!< CLOSED
    sCW, //!< COOKIE_WAIT
    sCE, //!< COOKIE_ECHOED
    sES, //!< ESTABLISHED
    sSS, //!< SHUTDOWN_SENT
    sSR, //!< SHUTDOWN_RECD
    sSA, //!< SHUTDOWN_ACK_SENT
    sHS, //!< HEARTBEAT_SENT
    sIV, //!< invalid
};

constexpr size_t STATES = sIV;

/// Chunk types (RFC 9260 section 3.2).
enum ChunkType : uint8_t
{
    DATA = 0,
    INIT = 1,
    INIT_ACK = 2,
    HEARTBEAT = 4,
    HEARTBEAT_ACK = 5,
    ABORT = 6,
    SHUTDOWN = 7,
    SHUTDOWN_ACK = 8,
    ERROR = 9,
    COOKIE_ECHO = 10,
    COOKIE_ACK = 11,
    SHUTDOWN_COMPLETE = 14,
};

constexpr size_t HEADER_SIZE = 12;
constexpr size_t VTAG_OFFSET = 4;
constexpr size_t CHECKSUM_OFFSET = 8;
constexpr size_t CHUNK_HEADER_SIZE = 4;
constexpr size_t INIT_SIZE = 16; //!< fixed part of INIT and INIT ACK behind the chunk header
constexpr uint8_t FLAG_T = 0x01; //!< reflected verification tag (RFC 9260 section 8.5.1)
constexpr uint8_t HEARTBEAT_VTAG_FAILED = 1;

using Row = std::array<uint8_t, STATES>;

struct ChunkRow
{
    uint8_t type;
    std::array<Row, 2> next; //!< by direction, then by state before
};

/// The state behind a chunk. Chunks that are not here change nothing.
// clang-format off
constexpr std::array<ChunkRow, 11> MACHINE = {{
    //                               sNO  sCL  sCW  sCE  sES  sSS  sSR  sSA  sHS
    {INIT,              {{{{ sCL, sCL, sCW, sCE, sES, sCL, sCL, sSA, sCW }},
                          {{ sIV, sCL, sCW, sCE, sES, sSS, sSR, sSA, sIV }}}}},
    {INIT_ACK,          {{{{ sCL, sCL, sCW, sCE, sES, sSS, sSR, sSA, sCL }},
                          {{ sIV, sCW, sCW, sCE, sES, sSS, sSR, sSA, sIV }}}}},
    {ABORT,             {{{{ sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL }},
                          {{ sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sIV }}}}},
    {SHUTDOWN,          {{{{ sCL, sCL, sCW, sCE, sSS, sSS, sSR, sSA, sCL }},
                          {{ sIV, sCL, sCW, sCE, sSR, sSS, sSR, sSA, sIV }}}}},
    {SHUTDOWN_ACK,      {{{{ sSA, sCL, sCW, sCE, sES, sSA, sSA, sSA, sSA }},
                          {{ sIV, sCL, sCW, sCE, sES, sSA, sSA, sSA, sIV }}}}},
    {ERROR,             {{{{ sCL, sCL, sCW, sCE, sES, sSS, sSR, sSA, sCL }},
                          {{ sIV, sCL, sCW, sCL, sES, sSS, sSR, sSA, sIV }}}}},
    {COOKIE_ECHO,       {{{{ sCL, sCL, sCE, sCE, sES, sSS, sSR, sSA, sCL }},
                          {{ sIV, sCL, sCE, sCE, sES, sSS, sSR, sSA, sIV }}}}},
    {COOKIE_ACK,        {{{{ sCL, sCL, sCW, sES, sES, sSS, sSR, sSA, sCL }},
                          {{ sIV, sCL, sCW, sES, sES, sSS, sSR, sSA, sIV }}}}},
    {SHUTDOWN_COMPLETE, {{{{ sCL, sCL, sCW, sCE, sES, sSS, sSR, sCL, sCL }},
                          {{ sIV, sCL, sCW, sCE, sES, sSS, sSR, sCL, sIV }}}}},
    {HEARTBEAT,         {{{{ sHS, sCL, sCW, sCE, sES, sSS, sSR, sSA, sHS }},
                          {{ sIV, sCL, sCW, sCE, sES, sSS, sSR, sSA, sHS }}}}},
    {HEARTBEAT_ACK,     {{{{ sCL, sCL, sCW, sCE, sES, sSS, sSR, sSA, sHS }},
                          {{ sIV, sCL, sCW, sCE, sES, sSS, sSR, sSA, sES }}}}},
}};

// clang-format on

constexpr bool
IsMachineSound()
{
    for (const ChunkRow& row : MACHINE)
    {
        // A reply begins nothing, and nothing leads back to the beginning.
        if (row.next[1][sNO] != sIV)
        {
            return false;
        }
        for (const Row& states : row.next)
        {
            for (const uint8_t next : states)
            {
                if (next == sNO)
                {
                    return false;
                }
            }
        }
    }
    return true;
}

static_assert(IsMachineSound());

constexpr std::array<std::string_view, STATES> STATE_NAMES = {"NONE",
                                                              "CLOSED",
                                                              "COOKIE_WAIT",
                                                              "COOKIE_ECHOED",
                                                              "ESTABLISHED",
                                                              "SHUTDOWN_SENT",
                                                              "SHUTDOWN_RECD",
                                                              "SHUTDOWN_ACK_SENT",
                                                              "HEARTBEAT_SENT"};

constexpr std::array<std::string_view, STATES> TIMEOUT_NAMES = {"none",
                                                                "closed",
                                                                "cookie_wait",
                                                                "cookie_echoed",
                                                                "established",
                                                                "shutdown_sent",
                                                                "shutdown_recd",
                                                                "shutdown_ack_sent",
                                                                "heartbeat_sent"};

uint8_t
NextState(NfDir dir, uint8_t state, uint8_t type)
{
    for (const ChunkRow& row : MACHINE)
    {
        if (row.type == type)
        {
            return row.next[static_cast<size_t>(dir)][state];
        }
    }
    return state;
}

struct Chunk
{
    uint8_t type;
    uint8_t flags;
    uint16_t length;  //!< as on the wire, header included
    NfBytes contents; //!< behind the chunk header, to the end of the packet
};

/**
 * Calls a function for each chunk until it says stop.
 * @param visit (chunk, number) -> true to go on
 * @return chunks visited and found good
 */
template <class Visit>
size_t
ForEachChunk(NfBytes sctp, Visit visit)
{
    size_t count = 0;
    for (size_t at = HEADER_SIZE; at < sctp.size() && sctp.size() - at >= CHUNK_HEADER_SIZE;
         ++count)
    {
        const uint8_t* p = sctp.data() + at;
        const Chunk chunk{p[0], p[1], NfReadU16(p + 2), sctp.Sub(at + CHUNK_HEADER_SIZE)};
        if (!visit(chunk, count))
        {
            break;
        }
        at += (size_t{chunk.length} + 3) & ~size_t{3};
    }
    return count;
}

/// The kernel prints numbers of the wire without turning them round.
uint32_t
AsLogged(uint32_t wire)
{
    return __builtin_bswap32(wire);
}

using ChunkSet = std::bitset<256>;

class SctpTracker final : public NfL4Tracker
{
  public:
    std::string_view GetName() const override
    {
        return "sctp";
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_SCTP;
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
        return NfNameOfState(STATE_NAMES, conn.proto.sctp.state);
    }

    bool CanEarlyDrop(const NfConn& conn) const override
    {
        const uint8_t state = conn.proto.sctp.state;
        return state == sSS || state == sSR || state == sSA;
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        for (size_t i = sCL; i < STATES; ++i)
        {
            NfAddTimeoutKnob(sysctls,
                             "sctp_timeout_" + std::string(TIMEOUT_NAMES[i]),
                             m_timeouts[i]);
        }
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
    struct Context
    {
        NfConntrack& table;
        NfConn& conn;
        NfPacket& packet;
        const NfHookState& state;
        NfBytes sctp; //!< the whole packet
        uint32_t vtag;
        NfDir dir;
        ChunkSet chunks;
        bool ignore{false}; //!< passes without a longer life
        uint8_t newState{sNO};

        NfSctpState& Sctp() const
        {
            return conn.proto.sctp;
        }

        uint32_t& Vtag(NfDir d) const
        {
            return conn.proto.sctp.vtag[static_cast<size_t>(d)];
        }

        uint8_t& Init(NfDir d) const
        {
            return conn.proto.sctp.init[static_cast<size_t>(d)];
        }

        bool Has(uint8_t type) const
        {
            return chunks[type];
        }

        void Log(const std::string& text) const
        {
            table.LogInvalid(packet, state, &conn, text.c_str());
        }
    };

    static const char* FindError(NfConntrack& table, NfPacket& packet, const NfHookState& state);
    static bool CheckChunks(Context& c);
    static bool StartNew(const Context& c);
    static bool IsTagWrong(const Context& c);
    static bool CheckTag(Context& c, const Chunk& chunk, bool& skip);
    static bool CheckHeartbeat(Context& c, const Chunk& chunk, bool& skip);
    static bool NoteInit(Context& c, const Chunk& chunk, uint8_t oldState);
    static bool Step(Context& c, const Chunk& chunk);

    std::array<uint32_t, STATES> m_timeouts{0, 10, 3, 3, 210, 3, 3, 3, 30}; //!< seconds
};

/// Linux: sctp_error(). @return what is wrong, or null
const char*
SctpTracker::FindError(NfConntrack& table, NfPacket& packet, const NfHookState& state)
{
    const NfBytes sctp = packet.PullTransportAll();
    if (sctp.size() < HEADER_SIZE)
    {
        return "nf_ct_sctp: short packet ";
    }
    if (state.hook != NfHook::PRE_ROUTING || !table.GetConfig().checksum || packet.checksumOk)
    {
        return nullptr;
    }
    std::vector<uint8_t> copy(sctp.begin(), sctp.end());
    const uint8_t* stored = sctp.data() + CHECKSUM_OFFSET;
    const uint32_t checksum = uint32_t{stored[3]} << 24 | uint32_t{stored[2]} << 16 |
                              uint32_t{stored[1]} << 8 | stored[0];
    NfWriteU32(copy.data() + CHECKSUM_OFFSET, 0);
    return NfCrc32c(copy) == checksum ? nullptr : "nf_ct_sctp: bad CRC ";
}

/// Linux: do_basic_checks(). Some chunks must be alone, some must be first.
bool
SctpTracker::CheckChunks(Context& c)
{
    bool alone = false;
    bool good = true;
    const size_t count = ForEachChunk(c.sctp, [&](const Chunk& chunk, size_t number) {
        alone |= chunk.type == INIT || chunk.type == INIT_ACK || chunk.type == SHUTDOWN_COMPLETE;
        const bool first = chunk.type == COOKIE_ACK || chunk.type == COOKIE_ECHO || alone;
        if ((first && number != 0) || chunk.length == 0)
        {
            c.Log(fmt::format("do_basic_checks failed. chunk num {}, type {}, len {} flag {}\n",
                              number,
                              chunk.type,
                              __builtin_bswap16(chunk.length),
                              int{alone}));
            good = false;
            return false;
        }
        c.chunks.set(chunk.type);
        return true;
    });
    return good && count != 0;
}

/// Linux: sctp_new().
bool
SctpTracker::StartNew(const Context& c)
{
    // Out of the blue (RFC 9260 section 8.4): discarded.
    if (c.Has(ABORT) || c.Has(SHUTDOWN_COMPLETE) || c.Has(COOKIE_ACK))
    {
        return false;
    }
    c.Sctp() = NfSctpState{};
    bool good = true;
    ForEachChunk(c.sctp, [&](const Chunk& chunk, size_t) {
        const uint8_t next = NextState(NfDir::ORIGINAL, sNO, chunk.type);
        if (next == sNO || next == sIV)
        {
            good = false;
        }
        else if (chunk.type == INIT)
        {
            good = c.vtag == 0 && chunk.contents.size() >= INIT_SIZE;
            if (good)
            {
                c.Vtag(NfDir::REPLY) = NfReadU32(chunk.contents.data());
            }
        }
        else if (chunk.type == HEARTBEAT)
        {
            c.Vtag(NfDir::ORIGINAL) = c.vtag;
        }
        else if (chunk.type == SHUTDOWN_ACK)
        {
            c.Vtag(NfDir::REPLY) = c.vtag;
        }
        return good;
    });
    return good;
}

/// RFC 9260 section 8.5, for packets without one of the special chunks.
bool
SctpTracker::IsTagWrong(const Context& c)
{
    static constexpr uint8_t SPECIAL[] =
        {INIT, SHUTDOWN_COMPLETE, COOKIE_ECHO, ABORT, SHUTDOWN_ACK, HEARTBEAT, HEARTBEAT_ACK};
    for (const uint8_t type : SPECIAL)
    {
        if (c.Has(type))
        {
            return false;
        }
    }
    if (c.vtag == c.Vtag(c.dir))
    {
        return false;
    }
    c.Log(fmt::format("verification tag check failed {:x} vs {:x} for dir {}",
                      AsLogged(c.vtag),
                      AsLogged(c.Vtag(c.dir)),
                      static_cast<unsigned>(c.dir)));
    return true;
}

bool
SctpTracker::CheckHeartbeat(Context& c, const Chunk& chunk, bool& skip)
{
    NfSctpState& sctp = c.Sctp();
    if (c.Vtag(c.dir) == 0)
    {
        c.Vtag(c.dir) = c.vtag;
        return true;
    }
    if (c.vtag == c.Vtag(c.dir))
    {
        sctp.flags &= static_cast<uint8_t>(~HEARTBEAT_VTAG_FAILED);
        return true;
    }
    if (c.Has(DATA) || c.ignore)
    {
        return false;
    }
    if (chunk.type == HEARTBEAT)
    {
        sctp.flags |= HEARTBEAT_VTAG_FAILED;
        sctp.lastDir = static_cast<uint8_t>(c.dir);
        c.ignore = skip = true;
        return true;
    }
    // The answer to a heartbeat with a new tag: the path was opened anew on both sides.
    if (!(sctp.flags & HEARTBEAT_VTAG_FAILED) || sctp.lastDir == static_cast<uint8_t>(c.dir))
    {
        return false;
    }
    sctp.flags &= static_cast<uint8_t>(~HEARTBEAT_VTAG_FAILED);
    c.Vtag(c.dir) = c.vtag;
    c.Vtag(!c.dir) = 0;
    return true;
}

/// RFC 9260 section 8.5.1. @param skip out: chunk is fine and changes nothing
bool
SctpTracker::CheckTag(Context& c, const Chunk& chunk, bool& skip)
{
    switch (chunk.type)
    {
    case INIT:
        return c.vtag == 0;
    case ABORT:
    case SHUTDOWN_COMPLETE:
        return c.vtag == c.Vtag(chunk.flags & FLAG_T ? !c.dir : c.dir);
    case COOKIE_ECHO:
        return c.vtag == c.Vtag(c.dir);
    case COOKIE_ACK:
        c.Init(NfDir::ORIGINAL) = c.Init(NfDir::REPLY) = 0;
        return true;
    case HEARTBEAT:
    case HEARTBEAT_ACK:
        return CheckHeartbeat(c, chunk, skip);
    default:
        return true;
    }
}

/// Notes the tag that the other side is to use. @return false: truncated, or not the expected one
bool
SctpTracker::NoteInit(Context& c, const Chunk& chunk, uint8_t oldState)
{
    if (chunk.contents.size() < INIT_SIZE)
    {
        return false;
    }
    const uint32_t tag = NfReadU32(chunk.contents.data());
    uint32_t& known = c.Vtag(!c.dir);
    if (chunk.type == INIT)
    {
        // The same tag again is the same attempt again.
        if (!c.conn.IsConfirmed() || known != tag)
        {
            if (c.Init(c.dir) && c.Init(!c.dir))
            {
                c.Init(!c.dir) = 0;
            }
            c.Init(c.dir) = 1;
        }
        known = tag;
        // Sent again and again by a client that reuses its port: that must not keep it alive.
        c.ignore |= c.newState == sCL && oldState == sCL && c.conn.IsConfirmed();
        return true;
    }
    const bool collision = c.Init(c.dir) && c.Init(!c.dir);
    if ((!c.Init(!c.dir) && known && known != tag) || (collision && known != tag))
    {
        return false;
    }
    known = tag;
    return true;
}

/// One chunk. @return false: the packet is invalid
bool
SctpTracker::Step(Context& c, const Chunk& chunk)
{
    bool skip = false;
    if (!CheckTag(c, chunk, skip))
    {
        return false;
    }
    if (skip)
    {
        return true;
    }
    const uint8_t oldState = c.Sctp().state;
    c.newState = NextState(c.dir, oldState, chunk.type);
    if (c.newState == sIV)
    {
        c.Log(fmt::format("Invalid, old_state {}, dir {}, type {}",
                          oldState,
                          static_cast<unsigned>(c.dir),
                          chunk.type));
        return false;
    }
    if ((chunk.type == INIT || chunk.type == INIT_ACK) && !NoteInit(c, chunk, oldState))
    {
        return false;
    }
    c.Sctp().state = c.newState;
    if (oldState != c.newState)
    {
        c.table.CacheEvent(c.conn, NF_EVENT_PROTOINFO);
        if (c.newState == sES && !c.conn.Has(NF_IPS_ASSURED))
        {
            c.conn.status |= NF_IPS_ASSURED;
            c.table.CacheEvent(c.conn, NF_EVENT_ASSURED);
        }
    }
    return true;
}

NfTrack
SctpTracker::Packet(NfConntrack& table,
                    NfConn& conn,
                    NfPacket& packet,
                    NfCtInfo info,
                    const NfHookState& state) const
{
    if (const char* reason = FindError(table, packet, state))
    {
        NfLogInvalid(table, packet, state, NF_IPPROTO_SCTP, reason);
        return NfTrack::INVALID;
    }
    // A command may have set the state that Linux had once, HEARTBEAT_ACKED.
    if (conn.proto.sctp.state >= STATES)
    {
        return NfTrack::INVALID;
    }
    const NfBytes sctp = packet.PullTransportAll();
    Context c{table,
              conn,
              packet,
              state,
              sctp,
              NfReadU32(sctp.data() + VTAG_OFFSET),
              NfInfoDir(info),
              {}};
    if (!CheckChunks(c) || (!conn.IsConfirmed() && !StartNew(c)) || IsTagWrong(c))
    {
        return NfTrack::INVALID;
    }
    bool good = true;
    ForEachChunk(sctp, [&](const Chunk& chunk, size_t) { return good = Step(c, chunk); });
    if (!good)
    {
        return NfTrack::INVALID;
    }
    if (!c.ignore)
    {
        const uint32_t seconds = NfTimeoutsOf(conn, m_timeouts.data())[c.newState];
        table.Refresh(conn, info, &packet, NfSeconds(seconds));
    }
    return NfTrack::ACCEPT;
}

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeSctpTracker()
{
    return std::make_unique<SctpTracker>();
}

} // namespace ns3
