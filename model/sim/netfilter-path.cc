/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-path.h"

#include "netfilter-mark-tag.h"
#include "netfilter-ndisc.h"
#include "netfilter-opaque-tag.h"
#include "netfilter-transport-check.h"
#include "netfilter.h"

#include "ns3/nf-defrag.h"
#include "ns3/nf-frag.h"
#include "ns3/socket.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ns3
{

namespace
{

constexpr size_t PARKED_SWEEP = 64; //!< parked packets before forgotten ones are looked for

} // namespace

NetfilterPath::NetfilterPath(Netfilter& netfilter, NfFamily family)
    : m_netfilter(netfilter),
      m_hooks(&netfilter.GetNetns().GetHooks()),
      m_family(family),
      m_linux(netfilter.IsLinux())
{
}

NetfilterPath::~NetfilterPath() = default;

void
NetfilterPath::Clear()
{
    m_parked.clear();
}

bool
NetfilterPath::IsChecksumEnabled() const
{
    return m_netfilter.IsChecksumEnabled();
}

// ---- the journey

bool
NetfilterPath::Run(NetfilterPacket& packet, NfHook hook, const NfDevice* in, const NfDevice* out)
{
    NfHookState state;
    state.family = m_family;
    state.hook = hook;
    state.in = in;
    state.out = out;
    const NfVerdict verdict = m_hooks->Run(packet, state);
    if (verdict == NfVerdict::DROP)
    {
        TraceDrop(packet, Fault::HOOK);
    }
    return verdict == NfVerdict::ACCEPT;
}

void
NetfilterPath::Continue(NetfilterPacket& packet, NfHook hook)
{
    switch (hook)
    {
    case NfHook::PRE_ROUTING:
        OkPreRouting(packet);
        break;
    case NfHook::LOCAL_IN:
        DeliverTransport(packet);
        break;
    case NfHook::FORWARD:
        OkForward(packet);
        break;
    case NfHook::LOCAL_OUT:
        OkOutput(packet);
        break;
    default:
        Transmit(packet);
        break;
    }
}

void
NetfilterPath::Enter(NetfilterPacket& packet)
{
    if (Has(NfHook::PRE_ROUTING) && !Run(packet, NfHook::PRE_ROUTING, packet.in, nullptr))
    {
        return;
    }
    OkPreRouting(packet);
}

void
NetfilterPath::OkPreRouting(NetfilterPacket& packet)
{
    if (m_linux && IsMartian(packet))
    {
        TraceDrop(packet, Fault::NO_ROUTE);
        return;
    }
    RouteReceived(packet);
}

void
NetfilterPath::RouteReceived(NetfilterPacket& packet)
{
    packet.routed = false;
    NetfilterPacket* const outer = std::exchange(m_current, &packet);
    const Packet* const outerBytes = std::exchange(m_currentBytes, nullptr);
    const bool accepted = RouteInput(packet);
    const Packet* const bytes = std::exchange(m_currentBytes, outerBytes);
    m_current = outer;
    if (!accepted)
    {
        OnUnroutable(packet);
    }
    else if (!packet.routed && bytes)
    {
        // The routing protocol keeps it until it has a route (AODV, DSDV).
        Park(packet, packet.GetPayload());
    }
}

void
NetfilterPath::OnRouted(NetfilterPacket& packet)
{
    using Origin = NetfilterPacket::Origin;
    if (packet.origin == Origin::DEFERRED || packet.origin == Origin::REROUTED)
    {
        packet.DecrementTtl(); // the protocol took lo for a hop and allowed for it
        const bool wasOutput = packet.origin == Origin::REROUTED;
        packet.origin = Origin::FORWARDED;
        packet.localOut = true;
        wasOutput ? Post(packet) : Output(packet);
        return;
    }
    packet.origin = Origin::FORWARDED;
    packet.priority = Socket::IpTos2Priority(packet.GetIp().tos);
    Forward(packet);
}

void
NetfilterPath::OnGroupRouted(NetfilterPacket& packet)
{
    if (packet.GetIp().ttl <= 1)
    {
        TraceDrop(packet, Fault::TTL);
        return;
    }
    packet.origin = NetfilterPacket::Origin::MULTICAST;
    packet.DecrementTtl();
    if (Has(NfHook::FORWARD) && !Run(packet, NfHook::FORWARD, packet.in, packet.out))
    {
        return;
    }
    OkForward(packet);
}

void
NetfilterPath::ReceiveOwn(NetfilterPacket& packet, const Ptr<const Packet>& bytes)
{
    using Origin = NetfilterPacket::Origin;
    if (const std::unique_ptr<NetfilterPacket> sent = Unpark(bytes))
    {
        packet.mark = sent->mark;
        packet.conn = sent->conn;
        packet.ctInfo = sent->ctInfo;
        packet.priority = sent->priority;
        if (sent->origin == Origin::DEFERRED || sent->origin == Origin::REROUTED)
        {
            // It comes through lo only because the routing protocol asked for time.
            packet.origin = sent->origin;
            RouteReceived(packet);
            return;
        }
    }
    Enter(packet);
}

void
NetfilterPath::ParkForLoopback(NetfilterPacket& packet, const Ptr<const Packet>& bytes)
{
    using Origin = NetfilterPacket::Origin;
    const bool isKnown = packet.mark != 0 || packet.conn || packet.ctInfo == NfCtInfo::UNTRACKED ||
                         packet.origin == Origin::DEFERRED || packet.origin == Origin::REROUTED;
    if (isKnown)
    {
        Park(packet, bytes);
    }
}

void
NetfilterPath::Deliver(NetfilterPacket& packet)
{
    constexpr uint8_t PACKET_HOST = 0;
    if (!ReceiveOptions(packet, packet.packetType == PACKET_HOST) ||
        (ReassemblesFirst() && !Reassemble(packet)))
    {
        return;
    }
    if (Has(NfHook::LOCAL_IN) && !Run(packet, NfHook::LOCAL_IN, packet.in, nullptr))
    {
        return;
    }
    DeliverTransport(packet);
}

/// Checks and fills in the IPv4 options of a packet, if it has any. @return false: it ended
bool
NetfilterPath::ReceiveOptions(NetfilterPacket& packet, bool local)
{
    if (packet.GetIpOptions().empty() || !m_linux)
    {
        return true;
    }
    if (m_netfilter.GetNetns().GetIcmp().ReceiveOptions(packet, packet.in, local))
    {
        return true;
    }
    TraceDrop(packet, Fault::MALFORMED);
    return false;
}

bool
NetfilterPath::Reassemble(NetfilterPacket& packet)
{
    if (!packet.GetIp().fragment)
    {
        return true;
    }
    NfFragments& fragments =
        m_netfilter.GetNetns().GetConntrack().GetDefrag().GetFragments(m_family);
    switch (fragments.Gather(packet, packet.in, NfFragUser::LOCAL_DELIVER))
    {
    case NfFragments::Result::PASS:
    case NfFragments::Result::COMPLETE:
        return true;
    case NfFragments::Result::DROPPED:
        TraceDrop(packet, Fault::MALFORMED);
        return false;
    case NfFragments::Result::QUEUED:
        break;
    }
    return false;
}

void
NetfilterPath::Forward(NetfilterPacket& packet)
{
    if (!ReceiveOptions(packet, false) || !MayForward(packet))
    {
        return;
    }
    if (packet.GetIp().ttl <= 1)
    {
        SendError(packet, Error::TTL_EXPIRED);
        TraceDrop(packet, Fault::TTL);
        return;
    }
    if (NfExceedsMtu(packet, GetMtu(packet)) && (m_linux || m_family == NfFamily::IPV6))
    {
        SendError(packet, Error::TOO_BIG);
        TraceDrop(packet, Fault::TOO_BIG);
        return;
    }
    SendRedirect(packet);
    // Linux: ip_forward() decrements before NF_INET_FORWARD.
    packet.DecrementTtl();
    if (Has(NfHook::FORWARD) && !Run(packet, NfHook::FORWARD, packet.in, packet.out))
    {
        return;
    }
    OkForward(packet);
}

void
NetfilterPath::OkForward(NetfilterPacket& packet)
{
    if (!packet.GetIpOptions().empty() && m_linux)
    {
        m_netfilter.GetNetns().GetIcmp().ForwardOptions(packet, *packet.out);
    }
    Post(packet);
}

void
NetfilterPath::Start(NetfilterPacket& packet)
{
    packet.origin = NetfilterPacket::Origin::LOCAL;
    if (packet.out->loopback && IsDeferral(packet))
    {
        packet.origin = NetfilterPacket::Origin::DEFERRED;
        Transmit(packet);
        return;
    }
    Output(packet);
}

void
NetfilterPath::Output(NetfilterPacket& packet)
{
    packet.localOut = true;
    if (Has(NfHook::LOCAL_OUT))
    {
        packet.KeepRouteKey();
        if (!Run(packet, NfHook::LOCAL_OUT, nullptr, packet.out))
        {
            return;
        }
        OkOutput(packet);
        return;
    }
    Post(packet);
}

void
NetfilterPath::OkOutput(NetfilterPacket& packet)
{
    if (!packet.IsRouteKeyChanged())
    {
        Post(packet);
        return;
    }
    if (!RouteOutput(packet))
    {
        TraceDrop(packet, Fault::NO_ROUTE);
        return;
    }
    if (packet.out->loopback && IsDeferral(packet))
    {
        packet.origin = NetfilterPacket::Origin::REROUTED;
        Transmit(packet);
        return;
    }
    Post(packet);
}

void
NetfilterPath::Post(NetfilterPacket& packet)
{
    const NfDevice* in = packet.localOut ? nullptr : packet.in;
    if (Has(NfHook::POST_ROUTING) && !Run(packet, NfHook::POST_ROUTING, in, packet.out))
    {
        return;
    }
    Transmit(packet);
}

bool
NetfilterPath::Cut(NetfilterPacket& packet, std::vector<std::unique_ptr<NfPacket>>& pieces)
{
    const uint32_t mtu = GetMtu(packet);
    if (packet.out->loopback || (packet.GetLength() <= mtu && packet.fragMaxSize == 0))
    {
        return true;
    }
    const uint32_t id =
        m_family == NfFamily::IPV6 ? m_netfilter.GetNetns().GetRandom().Next() : packet.GetIp().id;
    const bool ignoreDf = !m_linux || (m_family == NfFamily::IPV6 && packet.localOut);
    switch (NfFragment(packet, mtu, id, ignoreDf, pieces))
    {
    case NfCut::FITS:
    case NfCut::CUT:
        return true;
    case NfCut::TOO_BIG:
        SendError(packet, Error::TOO_BIG);
        TraceDrop(packet, Fault::TOO_BIG);
        return false;
    case NfCut::INVALID:
        TraceDrop(packet, Fault::MALFORMED);
        return false;
    }
    return false;
}

void
NetfilterPath::SendLocal(const NfPacket& made)
{
    NetfilterPacket packet(*this, m_family, MakePayload(made));
    packet.TakeFrom(made);
    Complete(packet);
    if (RouteOutput(packet))
    {
        Start(packet);
    }
    else
    {
        TraceDrop(packet, Fault::NO_ROUTE);
    }
}

// ---- netdev

bool
NetfilterPath::RunNetdev(NetfilterPacket& packet, NfHook hook)
{
    NfHookState state;
    state.family = NfFamily::NETDEV;
    state.hook = hook;
    state.in = hook == NfHook::INGRESS ? packet.in : nullptr;
    state.out = hook == NfHook::EGRESS ? packet.out : nullptr;
    return m_hooks->Run(packet, state) == NfVerdict::ACCEPT;
}

Ptr<const Packet>
NetfilterPath::RunIngress(const Ptr<NetDevice>& device, const Ptr<const Packet>& frame)
{
    const std::unique_ptr<NetfilterPacket> packet = ParseFrame(frame);
    if (!packet)
    {
        return frame;
    }
    packet->in = GetDevice(device);
    if (!RunNetdev(*packet, NfHook::INGRESS))
    {
        return nullptr;
    }
    if (packet->IsChanged())
    {
        return MakeFrame(*packet);
    }
    return frame;
}

// ---- errors

void
NetfilterPath::SendError(NetfilterPacket& packet, Error error)
{
    if (!m_linux)
    {
        SendPlainError(packet, error);
        return;
    }
    constexpr uint32_t NEXT_HEADER_OFFSET = 6;
    const std::array<NfIcmpError, static_cast<size_t>(Error::COUNT)> errors{
        NfTimeExceeded(m_family),
        NfPacketTooBig(m_family, GetMtu(packet)),
        NfNoRoute(m_family),
        NfPortUnreachable(m_family),
        NfProtocolUnreachable(m_family, NEXT_HEADER_OFFSET),
        NfIcmpError{1, 2, 0}, // only IPv6 has scopes
    };
    SendError(packet, errors[static_cast<size_t>(error)]);
}

void
NetfilterPath::SendError(NetfilterPacket& packet, const NfIcmpError& error)
{
    const NfDevice* in = packet.localOut ? nullptr : packet.in;
    NfIcmp& icmp = m_netfilter.GetNetns().GetIcmp();
    icmp.Send(icmp.MakeError(packet, error, in));
}

bool
NetfilterPath::AnswerEcho(NetfilterPacket& packet)
{
    constexpr uint8_t ECHO4 = 8;
    constexpr uint8_t ECHO6 = 128;
    const bool isIpv6 = m_family == NfFamily::IPV6;
    if (!m_linux || packet.GetProtocol() != (isIpv6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP))
    {
        return false;
    }
    const uint8_t* type = packet.PullTransport(1);
    if (!type || *type != (isIpv6 ? ECHO6 : ECHO4))
    {
        return false;
    }
    NfIcmp& icmp = m_netfilter.GetNetns().GetIcmp();
    icmp.Send(icmp.MakeEchoReply(packet, packet.in));
    return true;
}

bool
NetfilterPath::Show(const NetfilterPacket& packet, const Ptr<Packet>& bytes) const
{
    switch (packet.GetProtocol())
    {
    case NF_IPPROTO_TCP: {
        const bool isDear = NetfilterNeedsTcpState(packet);
        const auto state = isDear ? GetTcpState(packet) : NetfilterTcpState::CONNECTED;
        return NetfilterAdmitTcp(packet, state, bytes);
    }
    case NF_IPPROTO_UDP: {
        // Linux: __udp4_lib_rcv() cuts off what the length does not count.
        const size_t excess = packet.GetTransportSize() - NetfilterGetUdpSize(packet);
        bytes->RemoveAtEnd(static_cast<uint32_t>(excess));
        return true;
    }
    case NF_IPPROTO_ICMPV6:
        if (m_family == NfFamily::IPV6)
        {
            NetfilterCleanNdisc(packet, bytes);
        }
        return true;
    default:
        return true;
    }
}

bool
NetfilterPath::Supersede(uint8_t protocol, const Ptr<Packet>& answer)
{
    if (!m_delivering || !m_linux)
    {
        return false;
    }
    if (protocol == NF_IPPROTO_TCP && m_delivering->GetProtocol() == NF_IPPROTO_TCP &&
        answer->GetSize() == NF_TCP_HEADER_SIZE)
    {
        std::array<uint8_t, NF_TCP_HEADER_SIZE> tcp;
        answer->CopyData(tcp.data(), tcp.size());
        if ((tcp[NF_TCP_FLAGS] & NF_TCP_RST) != 0 &&
            GetTcpState(*m_delivering) == NetfilterTcpState::CLOSED)
        {
            AnswerReset();
            return true;
        }
    }
    return protocol == NF_IPPROTO_ICMPV6 && AnswerIcmpv6(answer);
}

void
NetfilterPath::AnswerReset()
{
    NfIcmp& icmp = m_netfilter.GetNetns().GetIcmp();
    std::unique_ptr<NfPacket> reset = icmp.MakeReset(*m_delivering);
    if (reset)
    {
        // Linux: tcp_v4_send_reset(), tcp_v6_send_reset() keep the TOS without its ECN bits, and
        // leave it to LOCAL_OUT to find the connection, which the reset then closes.
        constexpr uint8_t ECN_MASK = 3;
        reset->conn = {};
        reset->ctInfo = NfCtInfo::NEW;
        reset->MutableIp().tos = static_cast<uint8_t>(m_delivering->GetIp().tos & ~ECN_MASK);
        if (m_family == NfFamily::IPV6)
        {
            // Any label will do that is one (Linux: ip6_make_flowlabel()).
            constexpr uint32_t LABELS = 0xfffff;
            reset->MutableIp().flowLabel = 1 + m_netfilter.GetNetns().GetRandom().Below(LABELS);
        }
        icmp.Send(std::move(reset));
    }
}

bool
NetfilterPath::AnswerIcmpv6(const Ptr<Packet>& answer)
{
    constexpr uint8_t INFORMATIONAL = 0x80;
    std::array<uint8_t, NF_ICMP_HEADER_SIZE> message;
    if (answer->CopyData(message.data(), message.size()) != message.size() ||
        message[0] >= INFORMATIONAL)
    {
        return false;
    }
    const NfIcmpError error{message[0], message[1], NfReadU32(&message[4])};
    NfIcmp& icmp = m_netfilter.GetNetns().GetIcmp();
    icmp.Send(icmp.MakeError(*m_delivering, error, m_delivering->in));
    return true;
}

void
NetfilterPath::OnUnroutable(NetfilterPacket& packet)
{
    // Linux: ip_error() keeps still where it does not forward.
    if (!m_linux || IsForwarding(packet))
    {
        SendError(packet, Error::NO_ROUTE);
    }
    TraceDrop(packet, Fault::NO_ROUTE);
}

uint32_t
NetfilterPath::GetMtu(const NetfilterPacket& packet)
{
    return packet.out ? packet.out->device->GetMtu() : UINT32_MAX;
}

// ---- tools

const NetfilterDevice*
NetfilterPath::GetDevice(const Ptr<NetDevice>& device) const
{
    return m_netfilter.GetStack().Get(device);
}

const NetfilterDevice*
NetfilterPath::GetLoopback() const
{
    return m_netfilter.GetStack().GetLoopback();
}

Ptr<Packet>
NetfilterPath::MakePayload(const NfPacket& packet) const
{
    const size_t size = packet.GetBuffer().GetSize();
    const NfBytes bytes(packet.GetBuffer().Pull(size), size);
    auto payload = Create<Packet>(bytes.data(), static_cast<uint32_t>(size));
    if (NetfilterIsCheckingEnabled())
    {
        NetfilterTypePacket(payload, packet);
    }
    return payload;
}

void
NetfilterPath::SetOut(NetfilterPacket& packet, const Ptr<NetDevice>& device, uint32_t interface)
{
    packet.out = m_netfilter.GetStack().Get(device);
    packet.outInterface = interface;
}

void
NetfilterPath::TakeSocketTags(NetfilterPacket& packet, const Ptr<Packet>& bytes) const
{
    NetfilterMarkTag mark;
    if (bytes->RemovePacketTag(mark))
    {
        packet.mark = mark.GetMark();
    }
    SocketPriorityTag priority;
    if (bytes->PeekPacketTag(priority))
    {
        packet.priority = priority.GetPriority();
    }
}

void
NetfilterPath::MakeOpaque(const Ptr<Packet>& packet, size_t optionsSize)
{
    packet->AddPacketTag(NetfilterOpaqueTag(static_cast<uint8_t>(optionsSize)));
    m_sentOpaque = true;
}

bool
NetfilterPath::IsOpaque(const Ptr<const Packet>& packet) const
{
    NetfilterOpaqueTag tag;
    return m_sentOpaque && packet->PeekPacketTag(tag);
}

// ---- parked packets

void
NetfilterPath::Park(NetfilterPacket& packet, const Ptr<const Packet>& bytes)
{
    if (m_parked.size() >= m_parkedSweep)
    {
        DropForgotten();
    }
    m_parked[PeekPointer(bytes)] = {bytes, packet.Copy()};
}

std::unique_ptr<NetfilterPacket>
NetfilterPath::Unpark(const Ptr<const Packet>& bytes)
{
    const auto it = m_parked.find(PeekPointer(bytes));
    if (it == m_parked.end())
    {
        return nullptr;
    }
    std::unique_ptr<NetfilterPacket> packet = std::move(it->second.packet);
    m_parked.erase(it);
    return packet;
}

void
NetfilterPath::DropForgotten()
{
    for (auto it = m_parked.begin(); it != m_parked.end();)
    {
        const bool onlyOurs = it->second.bytes->GetReferenceCount() == 1;
        it = onlyOurs ? m_parked.erase(it) : std::next(it);
    }
    m_parkedSweep = std::max(PARKED_SWEEP, 2 * m_parked.size());
}

} // namespace ns3
