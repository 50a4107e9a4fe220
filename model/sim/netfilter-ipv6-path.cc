/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-ipv6-path.h"

#include "netfilter-address.h"
#include "netfilter-ndisc.h"
#include "netfilter-tcp-state.h"
#include "netfilter-transport-check.h"
#include "netfilter.h"
#include "ns3-access.h"

#include "ns3/icmpv6-header.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv6-end-point-demux.h"
#include "ns3/ipv6-extension-demux.h"
#include "ns3/ipv6-extension.h"
#include "ns3/ipv6-interface.h"
#include "ns3/loopback-net-device.h"
#include "ns3/ndisc-cache.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("NetfilterIpv6Path");

namespace
{

/**
 * Linux: ip6_rcv_core().
 * @param bytes start of the packet @param n how many @param size of the packet
 * @param isLoopback it came through lo
 * @return it is acceptable
 */
bool
IsHeaderAcceptable(const uint8_t* bytes, size_t n, size_t size, bool isLoopback)
{
    if (n < NF_IPV6_HEADER_SIZE || bytes[0] >> 4 != 6)
    {
        return false;
    }
    if (NF_IPV6_HEADER_SIZE + NfReadU16(bytes + 4) > size)
    {
        return false;
    }
    static constexpr std::array<uint8_t, 16>
        LOCALHOST{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const uint8_t* src = bytes + 8;
    const uint8_t* dst = bytes + 24;
    const bool isLocalhost = std::equal(LOCALHOST.begin(), LOCALHOST.end(), src) ||
                             std::equal(LOCALHOST.begin(), LOCALHOST.end(), dst);
    if ((isLocalhost && !isLoopback) || src[0] == 0xff)
    {
        return false;
    }
    const uint8_t scope = dst[1] & 0xf;
    return dst[0] != 0xff || (scope != 0 && (scope != 1 || isLoopback));
}

} // namespace

NetfilterIpv6Path::NetfilterIpv6Path(Netfilter& netfilter, Ptr<Ipv6L3Protocol> ip)
    : NetfilterPath(netfilter, NfFamily::IPV6),
      m_ip(ip),
      m_onUnicast(MakeCallback(&NetfilterIpv6Path::OnUnicast, this)),
      m_onMulticast(MakeCallback(&NetfilterIpv6Path::OnMulticast, this)),
      m_onLocal(MakeCallback(&NetfilterIpv6Path::OnLocal, this)),
      m_onError(MakeCallback(&NetfilterIpv6Path::OnError, this))
{
    if (m_linux)
    {
        PeekPointer(m_ip)->*Get(netfilter::Ip6StrongHost()) = false;
    }
}

NetfilterIpv6Path::~NetfilterIpv6Path() = default;

void
NetfilterIpv6Path::Clear()
{
    NetfilterPath::Clear();
    m_ip = nullptr;
}

// ---- in

void
NetfilterIpv6Path::ReceiveLoopback(Ptr<NetDevice> device,
                                   Ptr<const Packet> packet,
                                   uint16_t,
                                   const Address& from,
                                   const Address&,
                                   NetDevice::PacketType)
{
    Receive(device, packet, from);
}

void
NetfilterIpv6Path::Receive(const Ptr<NetDevice>& device,
                           const Ptr<const Packet>& received,
                           const Address& from)
{
    const int32_t interface = m_ip->GetInterfaceForDevice(device);
    if (interface < 0)
    {
        return;
    }
    const Ptr<Ipv6Interface> ipv6Interface = m_ip->GetInterface(interface);
    const NetfilterDevice* in = m_netfilter.GetStack().Get(device);
    Ptr<Packet> bytes = received->Copy();
    auto& dropTrace = PeekPointer(m_ip)->*Get(netfilter::Ip6Drop());
    if (!ipv6Interface->IsUp())
    {
        dropTrace(Ipv6Header(), bytes, Ipv6L3Protocol::DROP_INTERFACE_DOWN, m_ip, interface);
        return;
    }
    (PeekPointer(m_ip)->*Get(netfilter::Ip6Rx()))(bytes, m_ip, interface);
    std::array<uint8_t, NF_IPV6_HEADER_SIZE> raw;
    const uint32_t n = bytes->CopyData(raw.data(), raw.size());
    if (!IsHeaderAcceptable(raw.data(), n, bytes->GetSize(), in->loopback))
    {
        dropTrace(Ipv6Header(), bytes, Ipv6L3Protocol::DROP_MALFORMED_HEADER, m_ip, interface);
        return;
    }
    std::optional<Ipv6Header> header;
    header.emplace();
    bytes->RemoveHeader(*header);
    const uint32_t payloadSize = NfReadU16(raw.data() + 4);
    if (payloadSize < bytes->GetSize())
    {
        bytes->RemoveAtEnd(bytes->GetSize() - payloadSize);
    }
    RefreshNeighbor(ipv6Interface, header->GetSource(), from);

    NetfilterPacket packet(*this, NfFamily::IPV6, bytes);
    packet.header6 = std::move(header);
    packet.ParseIpv6(raw.data());
    packet.in = in;
    packet.inInterface = interface;
    packet.checksumOk = !IsChecksumEnabled();
    FillLinkHeader(packet, from);
    if (raw[6] == NF_IPPROTO_HOPOPTS && !ProcessHopByHop(packet))
    {
        return;
    }
    if (in->loopback)
    {
        ReceiveOwn(packet, received);
        return;
    }
    Enter(packet);
}

bool
NetfilterIpv6Path::ProcessHopByHop(NetfilterPacket& packet)
{
    const NfExthdrResult result = NfCheckHopByHop(packet);
    if (!Obey(packet, result))
    {
        return false;
    }
    const auto demux = m_linux ? nullptr : m_ip->GetObject<Ipv6ExtensionDemux>();
    const Ptr<Ipv6Extension> extension = demux ? demux->GetExtension(NF_IPPROTO_HOPOPTS) : nullptr;
    if (!extension)
    {
        return true;
    }
    auto reason = Ipv6L3Protocol::DROP_MALFORMED_HEADER;
    bool isDropped = false;
    bool mustStop = false;
    Ptr<Packet> shown = packet.GetPayload();
    const Ipv6Header& header = packet.GetHeader6();
    extension
        ->Process(shown, 0, header, header.GetDestination(), nullptr, mustStop, isDropped, reason);
    if (isDropped)
    {
        TraceDrop(packet, Fault::MALFORMED);
    }
    return !isDropped && !mustStop;
}

/// @return false: the packet ends here, its sender perhaps told
bool
NetfilterIpv6Path::Obey(NetfilterPacket& packet, const NfExthdrResult& result)
{
    constexpr uint8_t PARAMETER_PROBLEM = 4;
    if (result.fate == NfExthdrResult::PASS)
    {
        return true;
    }
    if (result.fate == NfExthdrResult::PROBLEM)
    {
        SendError(packet, NfIcmpError{PARAMETER_PROBLEM, result.code, result.pointer});
    }
    TraceDrop(packet, Fault::MALFORMED);
    return false;
}

void
NetfilterIpv6Path::RefreshNeighbor(const Ptr<Ipv6Interface>& interface,
                                   const Ipv6Address& source,
                                   const Address& from) const
{
    const Ptr<NdiscCache> cache = interface->GetNdiscCache();
    if (!cache)
    {
        return;
    }
    if (NdiscCache::Entry* entry = cache->Lookup(source))
    {
        entry->UpdateReachableTimer();
        return;
    }
    // A router sends from addresses of others: any of its own entries may be meant.
    for (NdiscCache::Entry* entry : cache->LookupInverse(from))
    {
        entry->UpdateReachableTimer();
    }
}

void
NetfilterIpv6Path::FillLinkHeader(NetfilterPacket& packet, const Address& from) const
{
    constexpr uint8_t MULTICAST = 2;
    const auto& dst = packet.GetIp().dst.bytes;
    const bool isMulticast = dst[0] == 0xff;
    packet.packetType = isMulticast ? MULTICAST : 0;
    if (!packet.in->hasEthernet || from.GetLength() != 6)
    {
        return;
    }
    packet.hasEthernet = true;
    uint8_t* p = packet.ethernet.data();
    if (isMulticast)
    {
        NfWriteU16(p, 0x3333);
        std::copy(dst.begin() + 12, dst.end(), p + 2);
    }
    else
    {
        std::copy(packet.in->mac.begin(), packet.in->mac.end(), p);
    }
    from.CopyTo(p + 6);
    NfWriteU16(p + 12, 0x86dd);
}

bool
NetfilterIpv6Path::IsMartian(const NetfilterPacket&)
{
    return false; // ip6_rcv_core() did
}

NetfilterIpv6Path::Group
NetfilterIpv6Path::GetGroup(const NetfilterPacket& packet) const
{
    const Ipv6Address destination = NetfilterToIpv6(packet.GetIp().dst);
    const Ptr<Ipv6Interface> interface = m_ip->GetInterface(packet.inInterface);
    if (destination.IsAllNodesMulticast() ||
        (destination.IsAllRoutersMulticast() && interface->IsForwarding()))
    {
        return Group::MINE_ONLY;
    }
    const bool isMember = interface->IsSolicitedMulticastAddress(destination) ||
                          m_ip->IsRegisteredMulticastAddress(destination) ||
                          m_ip->IsRegisteredMulticastAddress(destination, packet.inInterface);
    return isMember ? Group::MINE : Group::NOT_MINE;
}

bool
NetfilterIpv6Path::IsForMe(const NetfilterPacket& packet)
{
    const Ipv6Address destination = NetfilterToIpv6(packet.GetIp().dst);
    const bool isStrong = PeekPointer(m_ip)->*Get(netfilter::Ip6StrongHost());
    const bool mustBeOnLink = !packet.in->loopback && (isStrong || destination.IsLinkLocal());
    if (!mustBeOnLink)
    {
        return IsOwn(destination);
    }
    for (uint32_t i = 0; i < m_ip->GetNAddresses(packet.inInterface); ++i)
    {
        if (m_ip->GetAddress(packet.inInterface, i).GetAddress() == destination)
        {
            return true;
        }
    }
    return false;
}

bool
NetfilterIpv6Path::RouteInput(NetfilterPacket& packet)
{
    if (packet.GetIp().dst.bytes[0] == 0xff)
    {
        const Group group = GetGroup(packet);
        if (group != Group::NOT_MINE)
        {
            packet.routed = true;
            const auto copy = packet.Copy();
            Deliver(*copy);
        }
        if (group == Group::MINE_ONLY)
        {
            return true;
        }
    }
    else if (packet.origin == NetfilterPacket::Origin::RECEIVED && IsForMe(packet))
    {
        packet.routed = true;
        Deliver(packet);
        return true;
    }
    const Ptr<Ipv6RoutingProtocol> routing = m_ip->GetRoutingProtocol();
    if (!routing)
    {
        return false;
    }
    const Ptr<Packet> bytes = packet.GetPayload();
    m_currentBytes = PeekPointer(bytes);
    const bool accepted = routing->RouteInput(bytes,
                                              packet.GetHeader6(),
                                              packet.in->device,
                                              m_onUnicast,
                                              m_onMulticast,
                                              m_onLocal,
                                              m_onError);
    return accepted || packet.routed;
}

void
NetfilterIpv6Path::OnUnicast(Ptr<const NetDevice>,
                             Ptr<Ipv6Route> route,
                             Ptr<const Packet> bytes,
                             const Ipv6Header& header)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    packet = packet ? packet : late.get();
    SetRoute(*packet, route);
    OnRouted(*packet);
}

void
NetfilterIpv6Path::OnMulticast(Ptr<const NetDevice>,
                               Ptr<Ipv6MulticastRoute> group,
                               Ptr<const Packet> bytes,
                               const Ipv6Header& header)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    packet = packet ? packet : late.get();
    const std::map<uint32_t, uint32_t> outputs = group->GetOutputTtlMap();
    for (const auto& [interface, threshold] : outputs)
    {
        const auto copy = packet->Copy();
        auto route = Create<Ipv6Route>();
        route->SetSource(NetfilterToIpv6(copy->GetIp().src));
        route->SetDestination(NetfilterToIpv6(copy->GetIp().dst));
        route->SetGateway(Ipv6Address::GetAny());
        route->SetOutputDevice(m_ip->GetNetDevice(interface));
        SetRoute(*copy, route);
        OnGroupRouted(*copy);
    }
}

void
NetfilterIpv6Path::OnLocal(Ptr<const Packet> bytes, const Ipv6Header& header, uint32_t interface)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    packet = packet ? packet : late.get();
    packet->inInterface = interface;
    packet->origin = NetfilterPacket::Origin::RECEIVED;
    Deliver(*packet);
}

void
NetfilterIpv6Path::OnError(Ptr<const Packet> bytes,
                           const Ipv6Header& header,
                           Socket::SocketErrno error)
{
    NS_LOG_LOGIC("no way for " << header << ", error " << error);
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    OnUnroutable(packet ? *packet : *late);
}

// ---- up

bool
NetfilterIpv6Path::ReassemblesFirst() const
{
    return false; // Linux: ip6_input_finish() does it behind LOCAL_IN
}

void
NetfilterIpv6Path::DeliverTransport(NetfilterPacket& packet)
{
    NfExthdrResult walked = NfWalkExtensionHeaders(packet, false);
    if (walked.fate == NfExthdrResult::GATHER)
    {
        if (!Reassemble(packet))
        {
            return;
        }
        walked = NfWalkExtensionHeaders(packet, true);
    }
    if (!Obey(packet, walked))
    {
        return;
    }
    const bool isKnown = walked.protocol == packet.GetProtocol();
    if (walked.protocol == NF_IPPROTO_NONE || (isKnown && !IsTransportSound(packet)))
    {
        TraceDrop(packet, Fault::MALFORMED);
        return;
    }
    NetfilterPacket* const outer = std::exchange(m_delivering, &packet);
    HandUp(packet, walked);
    m_delivering = outer;
}

bool
NetfilterIpv6Path::IsTransportSound(const NetfilterPacket& packet) const
{
    return NetfilterIsTransportIntact(packet) &&
           (packet.GetProtocol() != NF_IPPROTO_ICMPV6 ||
            NetfilterIsSoundNdisc(packet, packet.in->device->GetAddress().GetLength()));
}

void
NetfilterIpv6Path::HandUp(NetfilterPacket& packet, const NfExthdrResult& walked)
{
    const Ptr<Packet> shown = packet.GetPayload()->Copy();
    Ipv6Header header = packet.GetHeader6();
    if (walked.offset != 0)
    {
        shown->RemoveAtStart(static_cast<uint32_t>(walked.offset));
        header.SetNextHeader(walked.protocol);
        header.SetPayloadLength(static_cast<uint16_t>(shown->GetSize()));
    }
    if (walked.protocol == packet.GetProtocol() && !Show(packet, shown))
    {
        TraceDrop(packet, Fault::MALFORMED);
        return;
    }
    const auto& sockets = PeekPointer(m_ip)->*Get(netfilter::Ip6RawSockets());
    if (!sockets.empty())
    {
        ReceiveThroughBase(packet, shown, header);
        return;
    }
    if (AnswerEcho(packet))
    {
        return;
    }
    CallTransport(packet, shown, header, walked.pointer);
}

void
NetfilterIpv6Path::CallTransport(NetfilterPacket& packet,
                                 const Ptr<Packet>& shown,
                                 const Ipv6Header& header,
                                 uint32_t nextHeader)
{
    const Ptr<IpL4Protocol> protocol =
        m_ip->GetProtocol(header.GetNextHeader(), static_cast<int32_t>(packet.inInterface));
    if (!protocol)
    {
        if (!m_linux)
        {
            SendPlainError(packet, Error::PROTOCOL_UNREACHABLE);
        }
        else if (header.GetNextHeader() == NF_IPPROTO_UDPLITE)
        {
            SendError(packet, Error::PORT_UNREACHABLE); // Linux has a UDP-Lite
        }
        else
        {
            SendError(packet, NfProtocolUnreachable(m_family, nextHeader));
        }
        TraceDrop(packet, Fault::NO_PROTOCOL);
        return;
    }
    (PeekPointer(m_ip)->*Get(netfilter::Ip6LocalDeliverTrace()))(header, shown, packet.inInterface);
    const auto status = protocol->Receive(shown, header, m_ip->GetInterface(packet.inInterface));
    if (status == IpL4Protocol::RX_ENDPOINT_UNREACH && packet.packetType == 0)
    {
        SendError(packet, Error::PORT_UNREACHABLE);
    }
}

/// Only the base can give a packet to IPv6 raw sockets. Its Rx trace has fired already.
void
NetfilterIpv6Path::ReceiveThroughBase(NetfilterPacket& packet,
                                      const Ptr<Packet>& shown,
                                      const Ipv6Header& header)
{
    shown->AddHeader(header);
    const Ptr<Ipv6L3Protocol> ip = m_ip;
    auto& rxTrace = PeekPointer(ip)->*Get(netfilter::Ip6Rx());
    netfilter::RxTrace6 kept;
    std::swap(rxTrace, kept);
    ip->Receive(m_ip->GetNetDevice(packet.inInterface),
                shown,
                0x86dd,
                Address(),
                Address(),
                NetDevice::PACKET_HOST);
    std::swap(rxTrace, kept);
}

// ---- out

void
NetfilterIpv6Path::SetRoute(NetfilterPacket& packet, const Ptr<Ipv6Route>& route)
{
    packet.route6 = route;
    const Ptr<NetDevice> device = route->GetOutputDevice();
    SetOut(packet, device, m_ip->GetInterfaceForDevice(device));
}

Ptr<Ipv6Route>
NetfilterIpv6Path::RouteToSelf(const Ptr<Ipv6Route>& route, const Ipv6Address& destination)
{
    const NetfilterDevice* loopback = GetLoopback();
    if (!m_linux || !loopback || (route && route->GetOutputDevice() == loopback->device) ||
        destination.IsMulticast() || !IsOwn(destination))
    {
        return route;
    }
    auto own = Create<Ipv6Route>();
    own->SetSource(route ? route->GetSource() : destination);
    own->SetDestination(destination);
    own->SetGateway(Ipv6Address::GetZero());
    own->SetOutputDevice(loopback->device);
    return own;
}

bool
NetfilterIpv6Path::IsDeferral(const NetfilterPacket&)
{
    return false; // no routing protocol of IPv6 asks for time
}

NetfilterTcpState
NetfilterIpv6Path::GetTcpState(const NetfilterPacket& packet) const
{
    const Ptr<TcpL4Protocol> tcp = m_ip->GetObject<TcpL4Protocol>();
    const uint8_t* ports = packet.PullTransport(4);
    if (!tcp || !ports)
    {
        return NetfilterTcpState::CLOSED;
    }
    const NfIpHeader& ip = packet.GetIp();
    Ipv6EndPointDemux* endPoints = PeekPointer(tcp)->*Get(netfilter::TcpEndPoints6());
    return NetfilterGetTcpState(*tcp,
                                endPoints->Lookup(NetfilterToIpv6(ip.dst),
                                                  NfReadU16(ports + 2),
                                                  NetfilterToIpv6(ip.src),
                                                  NfReadU16(ports),
                                                  m_ip->GetInterface(packet.inInterface)));
}

bool
NetfilterIpv6Path::Send(const Ptr<Packet>& given,
                        Ipv6Address source,
                        Ipv6Address destination,
                        uint8_t protocol,
                        const Ptr<Ipv6Route>& route)
{
    if (Supersede(protocol, given))
    {
        return true;
    }
    Ipv6L3Protocol& ip = *m_ip;
    const Ptr<Packet> bytes = given->Copy();
    SocketIpv6HopLimitTag hopLimit;
    SocketIpv6TclassTag tclass;
    Ipv6Header header;
    header.SetHopLimit(bytes->RemovePacketTag(hopLimit) ? hopLimit.GetHopLimit()
                                                        : ip.*Get(netfilter::Ip6DefaultTtl()));
    header.SetTrafficClass(bytes->RemovePacketTag(tclass) ? tclass.GetTclass()
                                                          : ip.*Get(netfilter::Ip6DefaultTclass()));
    header.SetSource(source);
    header.SetDestination(destination);
    header.SetNextHeader(protocol);
    header.SetPayloadLength(static_cast<uint16_t>(bytes->GetSize()));

    NetfilterPacket packet(*this, NfFamily::IPV6, bytes);
    TakeSocketTags(packet, bytes);
    packet.SetHeader(header);
    packet.checksumOk = !IsChecksumEnabled();
    packet.hasSocket = true;
    const Ptr<Ipv6Route> found = RouteToSelf(route ? route : FindRoute(packet), destination);
    if (!found && destination.IsLinkLocalMulticast())
    {
        TraceDrop(packet, Fault::NO_ROUTE);
        return true;
    }
    if (!found)
    {
        return false;
    }
    SetRoute(packet, found);
    Start(packet);
    return true;
}

void
NetfilterIpv6Path::Complete(NetfilterPacket& packet)
{
    packet.checksumOk = !IsChecksumEnabled();
}

Ptr<Ipv6Route>
NetfilterIpv6Path::FindRoute(NetfilterPacket& packet)
{
    const Ptr<Ipv6RoutingProtocol> routing = m_ip->GetRoutingProtocol();
    if (!routing)
    {
        return nullptr;
    }
    const Ipv6Address source = NetfilterToIpv6(packet.GetIp().src);
    const Ipv6Address destination = NetfilterToIpv6(packet.GetIp().dst);
    Ptr<NetDevice> out;
    if (source.IsLinkLocal() || destination.IsLinkLocal() || destination.IsLinkLocalMulticast())
    {
        // The address does not say which link: the source does, or the link it came from.
        const int32_t interface = m_ip->GetInterfaceForAddress(source);
        out = interface >= 0 ? m_ip->GetNetDevice(interface)
              : packet.out   ? packet.out->device
                             : nullptr;
    }
    if (!out && destination.IsLinkLocalMulticast())
    {
        return nullptr; // static routing asserts that the link is known
    }
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    return routing->RouteOutput(packet.GetPayload(), packet.GetHeader6(), out, error);
}

bool
NetfilterIpv6Path::RouteOutput(NetfilterPacket& packet)
{
    const Ipv6Address destination = NetfilterToIpv6(packet.GetIp().dst);
    if (packet.route6 && destination.IsMulticast())
    {
        return true;
    }
    const Ptr<Ipv6Route> route = RouteToSelf(FindRoute(packet), destination);
    if (!route)
    {
        return false;
    }
    SetRoute(packet, route);
    return true;
}

bool
NetfilterIpv6Path::MayForward(NetfilterPacket& packet)
{
    // Linux: ip6_forward() takes only what was sent to this host on the link.
    if (m_linux && packet.packetType != 0)
    {
        return false;
    }
    const Ipv6Address source = NetfilterToIpv6(packet.GetIp().src);
    if (source.IsLinkLocal())
    {
        SendError(packet, Error::BEYOND_SCOPE);
        return false;
    }
    return !m_linux || !(source.IsAny() || source.IsMulticast() || source.IsLocalhost());
}

void
NetfilterIpv6Path::SendRedirect(NetfilterPacket& packet)
{
    if (packet.in != packet.out || !(PeekPointer(m_ip)->*Get(netfilter::Ip6SendRedirect())))
    {
        return;
    }
    const Ptr<Icmpv6L4Protocol> icmp = m_ip->GetObject<Icmpv6L4Protocol>();
    const Ptr<Packet> copy = packet.GetPayload()->Copy();
    copy->AddHeader(packet.GetHeader6());
    const Ipv6Address source = NetfilterToIpv6(packet.GetIp().src);
    const Ipv6Address destination = NetfilterToIpv6(packet.GetIp().dst);
    const Ipv6Address gateway = packet.route6->GetGateway();
    const Ipv6Address target = gateway.IsAny() ? destination : gateway;
    // Linux: ndisc_send_redirect(). RFC 4861 section 8.2: routers are named by link-local address.
    if (target != destination && !target.IsLinkLocal())
    {
        return;
    }
    const Ipv6Address own =
        m_ip->GetInterface(packet.outInterface)->GetLinkLocalAddress().GetAddress();
    if (m_ip->GetInterfaceForAddress(own) < 0)
    {
        return;
    }
    Address hardware;
    icmp->Lookup(target, packet.out->device, nullptr, &hardware);
    icmp->SendRedirection(copy, own, source, target, destination, hardware);
}

bool
NetfilterIpv6Path::IsForwarding(const NetfilterPacket& packet) const
{
    return m_ip->IsForwarding(packet.inInterface);
}

void
NetfilterIpv6Path::Transmit(NetfilterPacket& packet)
{
    // What this node sends is cut by the stack, which knows the path MTU.
    std::vector<std::unique_ptr<NfPacket>> pieces;
    if (!packet.localOut && !Cut(packet, pieces))
    {
        return;
    }
    TraceSent(packet);
    if (packet.out->loopback)
    {
        ParkForLoopback(packet, packet.GetPayload());
    }
    if (pieces.empty())
    {
        SendOut(packet);
    }
    for (const auto& piece : pieces)
    {
        NetfilterPacket part(*this, m_family, MakePayload(*piece));
        part.CopyFrom(packet);
        part.TakeFrom(*piece);
        SendOut(part);
    }
}

void
NetfilterIpv6Path::TraceSent(NetfilterPacket& packet)
{
    Ipv6L3Protocol& ip = *m_ip;
    const Ptr<Packet> bytes = packet.GetPayload();
    const Ipv6Header& header = packet.GetHeader6();
    if (packet.origin == NetfilterPacket::Origin::FORWARDED)
    {
        SocketPriorityTag priority;
        bytes->RemovePacketTag(priority);
        (ip.*Get(netfilter::Ip6UnicastForward()))(header, bytes, packet.outInterface);
    }
    else if (packet.origin == NetfilterPacket::Origin::LOCAL)
    {
        (ip.*Get(netfilter::Ip6SendOutgoing()))(header, bytes, packet.outInterface);
    }
}

void
NetfilterIpv6Path::SendOut(NetfilterPacket& packet)
{
    const Ptr<Packet> bytes = packet.GetPayload();
    if (!NetfilterIsReadable(packet))
    {
        MakeOpaque(bytes);
    }
    if (HasEgress() && !packet.out->loopback)
    {
        Park(packet, bytes);
    }
    ((*m_ip).*Get(netfilter::Ip6SendRealOut()))(packet.route6, bytes, packet.GetHeader6());
}

// ---- frames

std::unique_ptr<NetfilterPacket>
NetfilterIpv6Path::ParseFrame(const Ptr<const Packet>& frame)
{
    std::array<uint8_t, NF_IPV6_HEADER_SIZE> raw;
    const uint32_t n = frame->CopyData(raw.data(), raw.size());
    if (!IsHeaderAcceptable(raw.data(), n, frame->GetSize(), true))
    {
        return nullptr;
    }
    const Ptr<Packet> bytes = frame->Copy();
    Ipv6Header header;
    bytes->RemoveHeader(header);
    auto packet = std::make_unique<NetfilterPacket>(*this, NfFamily::IPV6, bytes);
    packet->ParseIpv6(raw.data());
    packet->checksumOk = !IsChecksumEnabled();
    return packet;
}

Ptr<Packet>
NetfilterIpv6Path::MakeFrame(NetfilterPacket& packet)
{
    const Ptr<Packet> frame = packet.GetPayload();
    frame->AddHeader(packet.GetHeader6());
    return frame;
}

// ---- errors

void
NetfilterIpv6Path::TraceDrop(NetfilterPacket& packet, Fault fault)
{
    static constexpr std::array<Ipv6L3Protocol::DropReason, 7> REASONS{
        Ipv6L3Protocol::DROP_ROUTE_ERROR,
        Ipv6L3Protocol::DROP_TTL_EXPIRED,
        Ipv6L3Protocol::DROP_ROUTE_ERROR,
        Ipv6L3Protocol::DROP_NO_ROUTE,
        Ipv6L3Protocol::DROP_MALFORMED_HEADER,
        Ipv6L3Protocol::DROP_INTERFACE_DOWN,
        Ipv6L3Protocol::DROP_UNKNOWN_PROTOCOL,
    };
    const Ptr<Packet> bytes = packet.GetPayload();
    (PeekPointer(m_ip)->*Get(netfilter::Ip6Drop()))(packet.GetHeader6(),
                                                    bytes,
                                                    REASONS[static_cast<size_t>(fault)],
                                                    m_ip,
                                                    packet.inInterface);
}

void
NetfilterIpv6Path::SendPlainError(NetfilterPacket& packet, Error error)
{
    const Ptr<Icmpv6L4Protocol> icmp = m_ip->GetObject<Icmpv6L4Protocol>();
    const Ipv6Address source = NetfilterToIpv6(packet.GetIp().src);
    if (!icmp || packet.packetType != 0 || source.IsMulticast() || source.IsAny())
    {
        return;
    }
    const Ptr<Packet> whole = packet.GetPayload()->Copy();
    whole->AddHeader(packet.GetHeader6());
    switch (error)
    {
    case Error::TTL_EXPIRED:
        icmp->SendErrorTimeExceeded(whole, source, Icmpv6Header::ICMPV6_HOPLIMIT);
        break;
    case Error::TOO_BIG:
        icmp->SendErrorTooBig(whole, source, GetMtu(packet));
        break;
    case Error::PORT_UNREACHABLE:
        icmp->SendErrorDestinationUnreachable(whole, source, Icmpv6Header::ICMPV6_PORT_UNREACHABLE);
        break;
    case Error::NO_ROUTE:
        icmp->SendErrorDestinationUnreachable(whole, source, Icmpv6Header::ICMPV6_NO_ROUTE);
        break;
    case Error::PROTOCOL_UNREACHABLE:
        icmp->SendErrorParameterError(whole,
                                      source,
                                      Icmpv6Header::ICMPV6_UNKNOWN_NEXT_HEADER,
                                      NF_IPV6_HEADER_SIZE);
        break;
    case Error::BEYOND_SCOPE:
    case Error::COUNT:
        break;
    }
}

// ---- addresses

void
NetfilterIpv6Path::ForgetAddresses()
{
    m_ownInterfaces = 0;
}

const std::vector<Ipv6Address>&
NetfilterIpv6Path::GetOwn()
{
    // Interfaces give themselves link-local addresses without telling the stack: count.
    const uint32_t interfaces = m_ip->GetNInterfaces();
    size_t addresses = 0;
    for (uint32_t i = 0; i < interfaces; ++i)
    {
        addresses += m_ip->GetNAddresses(i);
    }
    if (m_ownInterfaces == interfaces && m_own.size() == addresses)
    {
        return m_own;
    }
    m_own.clear();
    for (uint32_t i = 0; i < interfaces; ++i)
    {
        for (uint32_t j = 0; j < m_ip->GetNAddresses(i); ++j)
        {
            m_own.push_back(m_ip->GetAddress(i, j).GetAddress());
        }
    }
    m_ownInterfaces = interfaces;
    return m_own;
}

bool
NetfilterIpv6Path::IsOwn(const Ipv6Address& address)
{
    const auto& own = GetOwn();
    return std::find(own.begin(), own.end(), address) != own.end();
}

} // namespace ns3
