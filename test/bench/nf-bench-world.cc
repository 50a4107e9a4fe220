/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "test/bench/nf-bench-world.h"

#include "model/core/command/nf-command.h"

#include <algorithm>
#include <stdexcept>

namespace ns3
{

namespace
{

constexpr uint32_t PAYLOAD = 22;           //!< bytes: UDP packets over IPv4 have 50
constexpr size_t TCP_HEADER_SIZE = 32;     //!< with timestamps
constexpr uint32_t FIRST_SEQ = 1000;       //!< of the client
constexpr uint32_t FIRST_REPLY_SEQ = 9000; //!< of the server
constexpr uint8_t SYN = 0x02;
constexpr uint8_t ACK = 0x10;

/// Documentation prefixes with room for a number.
NfAddr
AddressOf(NfFamily family, uint32_t host)
{
    if (family == NfFamily::IPV4)
    {
        return NfAddr::FromIpv4(host);
    }
    NfAddr address;
    address.SetWord(0, 0x20010db8);
    address.SetWord(3, host);
    return address;
}

/// What a router's packets pass, from one device to another.
std::array<NfHookState, 3>
PointsOf(NfFamily family, const NfDevice& in, const NfDevice& out)
{
    return {{{family, NfHook::PRE_ROUTING, &in, nullptr},
             {family, NfHook::FORWARD, &in, &out},
             {family, NfHook::POST_ROUTING, nullptr, &out}}};
}

} // namespace

NfClock::TimerId
NfBenchClock::Schedule(NfTime delay, std::function<void()> callback)
{
    m_timers.emplace(std::make_pair(m_now + delay, ++m_last), std::move(callback));
    m_mostPending = std::max(m_mostPending, m_timers.size());
    return m_last;
}

void
NfBenchClock::Cancel(TimerId id)
{
    std::erase_if(m_timers, [id](const auto& timer) { return timer.first.second == id; });
}

void
NfBenchClock::GoTo(NfTime when, const std::function<void(std::chrono::nanoseconds)>& onFired)
{
    while (!m_timers.empty() && m_timers.begin()->first.first <= when)
    {
        auto timer = m_timers.extract(m_timers.begin());
        m_now = std::max(m_now, timer.key().first);
        const auto start = std::chrono::steady_clock::now();
        timer.mapped()();
        if (onFired)
        {
            onFired(std::chrono::steady_clock::now() - start);
        }
    }
    m_now = when;
}

void
NfBenchBuffer::Replace(size_t, size_t, NfBytes)
{
    throw std::logic_error("no helper is to rewrite a packet here");
}

std::unique_ptr<NfBuffer>
NfBenchBuffer::Clone() const
{
    return std::make_unique<NfVectorBuffer>(std::vector<uint8_t>(m_data, m_data + m_size));
}

NfBenchWorld::NfBenchWorld(NfFamily family, bool tcp, NfBenchPath path)
    : m_family(family),
      m_tcp(tcp),
      m_path(path),
      m_lan(m_stack.AddDevice("lan")),
      m_wan(m_stack.AddDevice("wan")),
      m_points{{PointsOf(family, m_lan, m_wan), PointsOf(family, m_wan, m_lan)}}
{
    const bool v4 = family == NfFamily::IPV4;
    m_outside = NfAddr::Parse(v4 ? "203.0.113.1" : "2001:db8:ffff::1", family).value();
    m_stack.AddAddress(m_lan, v4 ? "10.0.0.1/8" : "2001:db8::1/64");
    m_stack.AddAddress(m_wan, v4 ? "203.0.113.1/24" : "2001:db8:ffff::1/64");
    m_stack.AddRoute(v4 ? "0.0.0.0/0" : "::/0", m_wan);
    m_netns = std::make_unique<NfNetns>(clock, random, m_stack);
    GetTable().GetConfig().max = UINT32_MAX;
    // Linux refuses what would make a chain too long: room for ten million.
    GetTable().GetConfig().buckets = 1 << 24;
    if (path == NfBenchPath::HOOKS)
    {
        GetTable().Enable(family);
    }
}

void
NfBenchWorld::Translate(const std::string& target)
{
    const std::string outside = m_outside.ToString(m_family);
    const NfCommandResult result =
        NfRunCommand(*m_netns,
                     std::string(m_family == NfFamily::IPV4 ? "iptables" : "ip6tables") +
                         " -t nat -A POSTROUTING -o wan -j " + target +
                         (target == "SNAT" ? " --to-source " + outside : ""));
    if (result.status != 0)
    {
        throw std::runtime_error(result.err);
    }
    m_translated = true;
}

// Many clients and servers; two flows with one source port have different servers, so that
// translation may keep the port and the answers are known beforehand.
NfBenchHeader
NfBenchWorld::HeaderOf(uint32_t flow) const
{
    return {AddressOf(m_family, 0x0a000002 + (flow & 0xffff)),
            AddressOf(m_family, 0xc6336400 + (flow >> 8 & 0xff)),
            uint16_t(1024 + flow % 60000),
            uint16_t(53 + (flow >> 16))};
}

NfBenchHeader
NfBenchWorld::ReplyOf(const NfBenchHeader& forward) const
{
    NfBenchHeader reply = forward.Reverse();
    if (m_translated)
    {
        reply.dst = m_outside;
    }
    return reply;
}

size_t
NfBenchWorld::FillTransport(NfBenchBuffer& buffer,
                            const NfBenchHeader& header,
                            const NfBenchSegment& segment) const
{
    const size_t size = (m_tcp ? TCP_HEADER_SIZE : NF_UDP_HEADER_SIZE) + segment.payload;
    uint8_t* bytes = buffer.Use(size);
    NfWriteU16(bytes, header.sport);
    NfWriteU16(bytes + 2, header.dport);
    if (!m_tcp)
    {
        NfWriteU16(bytes + 4, static_cast<uint16_t>(size));
        return size;
    }
    static constexpr uint32_t TIMESTAMP_OPTION = 0x0101080a;
    NfWriteU32(bytes + NF_TCP_SEQ, segment.seq);
    NfWriteU32(bytes + NF_TCP_ACKNO, segment.ack);
    bytes[NF_TCP_DOFF] = TCP_HEADER_SIZE / 4 << 4;
    bytes[NF_TCP_FLAGS] = segment.flags;
    NfWriteU16(bytes + NF_TCP_WINDOW, 65535);
    NfWriteU32(bytes + NF_TCP_HEADER_SIZE, TIMESTAMP_OPTION);
    return size;
}

bool
NfBenchWorld::Take(NfPacket& packet, bool reply)
{
    const std::array<NfHookState, 3>& points = m_points[reply];
    if (m_path == NfBenchPath::HARNESS)
    {
        return true;
    }
    if (m_path == NfBenchPath::CONNTRACK)
    {
        return GetTable().In(packet, points[0]) == NfVerdict::ACCEPT &&
               GetTable().Confirm(packet, points[2]) == NfVerdict::ACCEPT && packet.conn;
    }
    NfHooks& hooks = m_netns->GetHooks();
    return hooks.Run(packet, points[0]) == NfVerdict::ACCEPT &&
           hooks.Run(packet, points[1]) == NfVerdict::ACCEPT &&
           hooks.Run(packet, points[2]) == NfVerdict::ACCEPT && packet.conn;
}

void
NfBenchWorld::Send(const NfBenchHeader& header, const NfBenchSegment& segment, bool reply)
{
    NfBenchBuffer buffer;
    FillTransport(buffer, header, segment);
    NfPacket packet(m_family, buffer);
    NfIpHeader ip;
    ip.src = header.src;
    ip.dst = header.dst;
    ip.protocol = m_tcp ? NF_IPPROTO_TCP : NF_IPPROTO_UDP;
    packet.SetIp(ip);
    packet.ParseTransport();
    packet.checksumOk = true;
    dropped += !Take(packet, reply);
}

void
NfBenchWorld::Begin(uint32_t flow)
{
    const NfBenchSegment first =
        m_tcp ? NfBenchSegment{SYN, FIRST_SEQ, 0, 0} : NfBenchSegment{0, 0, 0, PAYLOAD};
    Send(HeaderOf(flow), first, false);
}

void
NfBenchWorld::Establish(uint32_t flow)
{
    const NfBenchHeader forward = HeaderOf(flow);
    if (!m_tcp)
    {
        Send(ReplyOf(forward), {0, 0, 0, PAYLOAD}, true);
        return;
    }
    Send(ReplyOf(forward), {SYN | ACK, FIRST_REPLY_SEQ, FIRST_SEQ + 1, 0}, true);
    Send(forward, {ACK, FIRST_SEQ + 1, FIRST_REPLY_SEQ + 1, 0}, false);
}

void
NfBenchWorld::Continue(uint32_t flow)
{
    const NfBenchHeader forward = HeaderOf(flow);
    if (!m_tcp)
    {
        Send(forward, {0, 0, 0, PAYLOAD}, false);
        return;
    }
    const uint32_t turn = m_turns[flow]++;
    const uint32_t seq = FIRST_SEQ + 1 + turn / 2 * PAYLOAD;
    if (turn % 2 == 0)
    {
        Send(forward, {ACK, seq, FIRST_REPLY_SEQ + 1, PAYLOAD}, false);
        return;
    }
    Send(ReplyOf(forward), {ACK, FIRST_REPLY_SEQ + 1, seq + PAYLOAD, 0}, true);
}

} // namespace ns3
