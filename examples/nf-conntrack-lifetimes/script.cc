/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "script.h"

#include "ns3/nf-checksum.h"
#include "ns3/nf-wire.h"

#include <utility>

using namespace ns3;

namespace
{

using Bytes = std::vector<uint8_t>;

constexpr uint16_t CLIENT_PORT = 40000;
constexpr uint16_t SERVER_PORT = 80;
constexpr uint32_t CLIENT_TAG = 0xc1c1c1c1; //!< what the client wants to see in SCTP packets
constexpr uint32_t SERVER_TAG = 0x5e5e5e5e;

enum TcpFlag : uint8_t
{
    FIN = 1,
    SYN = 2,
    RST = 4,
    ACK = 16,
};

enum SctpChunk : uint8_t
{
    DATA = 0,
    INIT = 1,
    INIT_ACK = 2,
    HEARTBEAT = 4,
    ABORT = 6,
    SHUTDOWN = 7,
    SHUTDOWN_ACK = 8,
    COOKIE_ECHO = 10,
    COOKIE_ACK = 11,
    SHUTDOWN_COMPLETE = 14,
};

void
WritePorts(Bytes& bytes, bool fromClient)
{
    NfWriteU16(bytes.data(), fromClient ? CLIENT_PORT : SERVER_PORT);
    NfWriteU16(bytes.data() + 2, fromClient ? SERVER_PORT : CLIENT_PORT);
}

/// Both ends of a TCP connection: it knows the sequence numbers.
class TcpPair
{
  public:
    LifetimeLine Say(double pause,
                     bool fromClient,
                     const std::string& what,
                     uint8_t flags,
                     uint32_t payload = 0)
    {
        uint32_t& seq = fromClient ? m_client : m_server;
        const uint32_t ack = fromClient ? m_server : m_client;
        Bytes bytes(20 + payload);
        WritePorts(bytes, fromClient);
        NfWriteU32(bytes.data() + 4, seq);
        NfWriteU32(bytes.data() + 8, flags & ACK ? ack : 0);
        bytes[12] = 5 << 4;
        bytes[13] = flags;
        NfWriteU16(bytes.data() + 14, 65535);
        seq += payload + (flags & (SYN | FIN) ? 1 : 0);
        return {pause, fromClient, what, bytes};
    }

    std::vector<LifetimeLine> Handshake()
    {
        return {Say(0, true, "SYN", SYN),
                Say(0.1, false, "SYN ACK", SYN | ACK),
                Say(0.1, true, "ACK", ACK)};
    }

  private:
    uint32_t m_client{1000}; //!< next sequence number
    uint32_t m_server{5000};
};

std::vector<LifetimeLine>
With(std::vector<LifetimeLine> first, const std::vector<LifetimeLine>& then)
{
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

LifetimeScript
MakeTcp()
{
    TcpPair tcp;
    std::vector<LifetimeLine> lines = tcp.Handshake();
    lines = With(lines,
                 {tcp.Say(1, true, "100 bytes", ACK, 100),
                  tcp.Say(1, false, "ACK", ACK),
                  tcp.Say(600, false, "1000 bytes after ten minutes", ACK, 1000),
                  tcp.Say(0.1, true, "ACK", ACK),
                  tcp.Say(5, true, "FIN ACK", FIN | ACK),
                  tcp.Say(0.1, false, "ACK", ACK),
                  tcp.Say(2, false, "FIN ACK", FIN | ACK),
                  tcp.Say(0.1, true, "ACK", ACK)});
    return {"tcp", "TCP: handshake, data, both ends close", NF_IPPROTO_TCP, lines};
}

LifetimeScript
MakeTcpReset()
{
    TcpPair tcp;
    std::vector<LifetimeLine> lines = tcp.Handshake();
    lines.push_back(tcp.Say(1, true, "RST ACK", RST | ACK));
    return {"tcp-reset", "TCP: reset", NF_IPPROTO_TCP, lines};
}

LifetimeScript
MakeTcpUnanswered()
{
    TcpPair tcp;
    std::vector<LifetimeLine> lines{tcp.Say(0, true, "SYN, nobody answers", SYN)};
    return {"tcp-unanswered", "TCP: no answer", NF_IPPROTO_TCP, lines};
}

LifetimeScript
MakeTcpUnacknowledged()
{
    TcpPair tcp;
    std::vector<LifetimeLine> lines = tcp.Handshake();
    lines.push_back(tcp.Say(1, true, "100 bytes", ACK, 100));
    LifetimeLine again = lines.back();
    again.what = "the same again, and again: no answer";
    for (int i = 0; i < 4; ++i)
    {
        again.pause = 1 << i;
        lines.push_back(again);
    }
    return {"tcp-retransmissions", "TCP: data that is not acknowledged", NF_IPPROTO_TCP, lines};
}

LifetimeScript
MakeTcpPickUp()
{
    TcpPair tcp;
    tcp.Handshake();
    std::vector<LifetimeLine> lines{tcp.Say(0, true, "ACK of a connection nobody knows", ACK),
                                    tcp.Say(1, false, "1000 bytes", ACK, 1000),
                                    tcp.Say(1, true, "ACK", ACK)};
    return {"tcp-pickup",
            "TCP: picked up in the middle (nf_conntrack_tcp_loose)",
            NF_IPPROTO_TCP,
            lines};
}

LifetimeLine
Udp(double pause, bool fromClient, const std::string& what)
{
    Bytes bytes(8 + 32);
    WritePorts(bytes, fromClient);
    NfWriteU16(bytes.data() + 4, static_cast<uint16_t>(bytes.size()));
    return {pause, fromClient, what, bytes};
}

LifetimeScript
MakeUdp()
{
    return {"udp",
            "UDP: a question, an answer, a stream",
            NF_IPPROTO_UDP,
            {Udp(0, true, "question"),
             Udp(0.1, false, "answer"),
             Udp(1, true, "another question within 2 s"),
             Udp(0.1, false, "answer"),
             Udp(1.5, true, "later than 2 s: a stream"),
             Udp(0.1, false, "answer")}};
}

LifetimeScript
MakeUdpLate()
{
    return {"udp-late",
            "UDP: an answer that comes too late",
            NF_IPPROTO_UDP,
            {Udp(0, true, "question"), Udp(31, false, "answer: begins a flow of its own")}};
}

LifetimeLine
Sctp(double pause, bool fromClient, const std::string& what, uint8_t type, size_t body)
{
    constexpr size_t COMMON = 12;
    const size_t length = 4 + body;
    Bytes bytes(COMMON + (length + 3) / 4 * 4);
    WritePorts(bytes, fromClient);
    // An INIT carries no tag: it tells the one that its sender wants to see.
    const uint32_t tag = fromClient ? SERVER_TAG : CLIENT_TAG;
    NfWriteU32(bytes.data() + 4, type == INIT ? 0 : tag);
    bytes[COMMON] = type;
    NfWriteU16(bytes.data() + COMMON + 2, static_cast<uint16_t>(length));
    if (type == INIT || type == INIT_ACK)
    {
        NfWriteU32(bytes.data() + COMMON + 4, fromClient ? CLIENT_TAG : SERVER_TAG);
    }
    const uint32_t crc = NfCrc32c(bytes);
    for (size_t i = 0; i < 4; ++i)
    {
        bytes[8 + i] = static_cast<uint8_t>(crc >> 8 * i);
    }
    return {pause, fromClient, what, bytes};
}

LifetimeScript
MakeSctp()
{
    return {"sctp",
            "SCTP: an association comes and goes",
            NF_IPPROTO_SCTP,
            {Sctp(0, true, "INIT", INIT, 16),
             Sctp(0.1, false, "INIT ACK", INIT_ACK, 16),
             Sctp(0.1, true, "COOKIE ECHO", COOKIE_ECHO, 8),
             Sctp(0.1, false, "COOKIE ACK", COOKIE_ACK, 0),
             Sctp(1, true, "DATA", DATA, 28),
             Sctp(30, false, "HEARTBEAT", HEARTBEAT, 8),
             Sctp(5, true, "SHUTDOWN", SHUTDOWN, 4),
             Sctp(0.1, false, "SHUTDOWN ACK", SHUTDOWN_ACK, 0),
             Sctp(0.1, true, "SHUTDOWN COMPLETE", SHUTDOWN_COMPLETE, 0)}};
}

LifetimeScript
MakeSctpAbort()
{
    return {"sctp-abort",
            "SCTP: abort",
            NF_IPPROTO_SCTP,
            {Sctp(0, true, "INIT", INIT, 16),
             Sctp(0.1, false, "INIT ACK", INIT_ACK, 16),
             Sctp(0.1, true, "COOKIE ECHO", COOKIE_ECHO, 8),
             Sctp(0.1, false, "COOKIE ACK", COOKIE_ACK, 0),
             Sctp(1, false, "ABORT", ABORT, 0)}};
}

LifetimeScript
MakeIcmp()
{
    constexpr uint8_t ECHO_REQUEST = 8;
    const auto echo = [](double pause, bool fromClient, const std::string& what) {
        Bytes bytes(16);
        bytes[0] = fromClient ? ECHO_REQUEST : 0;
        NfWriteU16(bytes.data() + 4, 77);
        NfWriteU16(bytes.data() + 2, static_cast<uint16_t>(~(uint32_t{bytes[0]} << 8) - 77));
        return LifetimeLine{pause, fromClient, what, bytes};
    };
    return {"icmp",
            "ICMP: ping",
            NF_IPPROTO_ICMP,
            {echo(0, true, "echo request"),
             echo(0.1, false, "echo reply"),
             echo(1, true, "echo request")}};
}

} // namespace

std::vector<LifetimeScript>
MakeLifetimeScripts()
{
    return {MakeTcp(),
            MakeTcpReset(),
            MakeTcpUnanswered(),
            MakeTcpUnacknowledged(),
            MakeTcpPickUp(),
            MakeUdp(),
            MakeUdpLate(),
            MakeSctp(),
            MakeSctpAbort(),
            MakeIcmp()};
}

std::string
LifetimeScriptNames()
{
    std::string names;
    for (const LifetimeScript& script : MakeLifetimeScripts())
    {
        names += (names.empty() ? "" : ", ") + script.name;
    }
    return names;
}
