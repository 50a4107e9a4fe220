/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "flood-application.h"

#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-raw-socket-factory.h"
#include "ns3/netfilter-address.h"
#include "ns3/netfilter-helper.h"
#include "ns3/nf-wire.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/tcp-header.h"

#include <optional>

namespace ns3
{

namespace
{

constexpr uint32_t NET = 0x0a000000; //!< 10.0.0.0
constexpr uint32_t MASK = 0xff000000;
constexpr size_t TCP_HEADER = 20;

Ptr<Socket>
MakeRawSocket(Ptr<Node> node)
{
    Ptr<Socket> socket = Socket::CreateSocket(node, Ipv4RawSocketFactory::GetTypeId());
    socket->SetAttribute("IpHeaderInclude", BooleanValue(true));
    // A socket that is bound to no device looks for the one that has the source address.
    socket->BindToNetDevice(node->GetDevice(1));
    return socket;
}

/// @return the segment, if the packet is one of TCP over IPv4
std::optional<FloodSegment>
ReadSegment(NfPacket& packet)
{
    const uint8_t* tcp = packet.GetProtocol() == NF_IPPROTO_TCP && !packet.GetIp().fragOffset
                             ? packet.PullTransport(TCP_HEADER)
                             : nullptr;
    if (!tcp)
    {
        return std::nullopt;
    }
    FloodSegment segment;
    segment.src = NetfilterToIpv4(packet.GetIp().src);
    segment.dst = NetfilterToIpv4(packet.GetIp().dst);
    segment.sport = NfReadU16(tcp);
    segment.dport = NfReadU16(tcp + 2);
    segment.seq = NfReadU32(tcp + 4);
    segment.ack = NfReadU32(tcp + 8);
    segment.flags = tcp[13];
    return segment;
}

/// @return what goes back: addresses and ports change places
FloodSegment
Answer(const FloodSegment& to, uint8_t flags, uint32_t seq)
{
    FloodSegment answer;
    answer.src = to.dst;
    answer.dst = to.src;
    answer.sport = to.dport;
    answer.dport = to.sport;
    answer.flags = flags;
    answer.seq = seq;
    answer.ack = to.seq + 1;
    return answer;
}

bool
IsOfFlood(Ipv4Address address)
{
    return (address.Get() & MASK) == NET;
}

} // namespace

void
SendFloodSegment(Ptr<Socket> socket, const FloodSegment& segment)
{
    TcpHeader tcp;
    tcp.SetSourcePort(segment.sport);
    tcp.SetDestinationPort(segment.dport);
    tcp.SetFlags(segment.flags);
    tcp.SetSequenceNumber(SequenceNumber32(segment.seq));
    tcp.SetAckNumber(SequenceNumber32(segment.ack));
    tcp.SetWindowSize(65535);
    Ptr<Packet> packet = Create<Packet>();
    packet->AddHeader(tcp);
    Ipv4Header ip;
    ip.SetSource(segment.src);
    ip.SetDestination(segment.dst);
    ip.SetProtocol(NF_IPPROTO_TCP);
    ip.SetTtl(64);
    ip.SetPayloadSize(static_cast<uint16_t>(packet->GetSize()));
    packet->AddHeader(ip);
    socket->SendTo(packet, 0, InetSocketAddress(segment.dst, 0));
}

FloodApplication::FloodApplication(Ipv4Address victim,
                                   uint16_t port,
                                   double perSecond,
                                   uint32_t bots)
    : m_victim(victim),
      m_port(port),
      m_interval(Seconds(1 / perSecond)),
      m_bots(bots),
      m_random(CreateObject<UniformRandomVariable>())
{
}

void
FloodApplication::StartApplication()
{
    m_socket = MakeRawSocket(GetNode());
    NetfilterHelper::Get(GetNode())->RegisterHook(
        [this](NfPacket& packet, const NetfilterHookState&) { return OnPacket(packet); },
        NfFamily::IPV4,
        NfHook::PRE_ROUTING,
        NF_PRI_RAW,
        "flood");
    Send();
}

void
FloodApplication::StopApplication()
{
    m_event.Cancel();
}

Ipv4Address
FloodApplication::DrawSource()
{
    return Ipv4Address(NET + m_random->GetInteger(1, m_bots ? m_bots : ~MASK - 1));
}

void
FloodApplication::Send()
{
    FloodSegment syn;
    syn.src = DrawSource();
    syn.dst = m_victim;
    syn.sport = static_cast<uint16_t>(m_random->GetInteger(1024, 65535));
    syn.dport = m_port;
    syn.flags = TcpHeader::SYN;
    syn.seq = m_random->GetInteger(0, 0xffffffff);
    SendFloodSegment(m_socket, syn);
    ++m_sent;
    m_event = Simulator::Schedule(m_interval, &FloodApplication::Send, this);
}

/// What comes back for the addresses of the flood ends here; bots say yes to it.
NfVerdict
FloodApplication::OnPacket(NfPacket& packet)
{
    const std::optional<FloodSegment> segment = ReadSegment(packet);
    if (!segment || !IsOfFlood(segment->dst))
    {
        return NfVerdict::ACCEPT;
    }
    if (m_bots && segment->flags == (TcpHeader::SYN | TcpHeader::ACK))
    {
        const FloodSegment ack = Answer(*segment, TcpHeader::ACK, segment->ack);
        Simulator::ScheduleNow(&SendFloodSegment, m_socket, ack);
    }
    return NfVerdict::DROP;
}

void
AnswerFloodStatelessly(Ptr<Node> node)
{
    Ptr<Socket> socket = MakeRawSocket(node);
    NetfilterHelper::Get(node)->RegisterHook(
        [socket](NfPacket& packet, const NetfilterHookState&) {
            const std::optional<FloodSegment> segment = ReadSegment(packet);
            if (!segment || !IsOfFlood(segment->src))
            {
                return NfVerdict(NfVerdict::ACCEPT);
            }
            if (segment->flags == TcpHeader::SYN)
            {
                const FloodSegment cookie =
                    Answer(*segment, TcpHeader::SYN | TcpHeader::ACK, ~segment->seq);
                Simulator::ScheduleNow(&SendFloodSegment, socket, cookie);
            }
            return NfVerdict(NfVerdict::DROP);
        },
        NfFamily::IPV4,
        NfHook::PRE_ROUTING,
        NF_PRI_RAW,
        "cookies");
}

} // namespace ns3
