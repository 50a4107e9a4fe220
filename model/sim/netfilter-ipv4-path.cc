/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-ipv4-path.h"

#include "netfilter-address.h"
#include "netfilter-opaque-tag.h"
#include "netfilter-tcp-state.h"
#include "netfilter-transport-check.h"
#include "netfilter.h"
#include "ns3-access.h"

#include "ns3/arp-cache.h"
#include "ns3/icmpv4-l4-protocol.h"
#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-end-point-demux.h"
#include "ns3/ipv4-interface.h"
#include "ns3/loopback-net-device.h"
#include "ns3/nf-checksum.h"
#include "ns3/nf-icmp.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("NetfilterIpv4Path");

namespace
{

constexpr size_t MAX_HEADER_SIZE = 60;
constexpr uint32_t LOOPBACK_NET = 127;

/// IPv4 options on their way through ns-3, which knows only fixed headers.
class OptionsHeader : public Header
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::NetfilterOptionsHeader")
                                .SetParent<Header>()
                                .SetGroupName("Netfilter")
                                .AddConstructor<OptionsHeader>();
        return tid;
    }

    OptionsHeader() = default;

    explicit OptionsHeader(std::vector<uint8_t> bytes)
        : m_bytes(std::move(bytes))
    {
    }

    TypeId GetInstanceTypeId() const override
    {
        return GetTypeId();
    }

    uint32_t GetSerializedSize() const override
    {
        return static_cast<uint32_t>(m_bytes.size());
    }

    void Serialize(Buffer::Iterator i) const override
    {
        i.Write(m_bytes.data(), static_cast<uint32_t>(m_bytes.size()));
    }

    uint32_t Deserialize(Buffer::Iterator) override
    {
        return 0;
    }

    void Print(std::ostream& os) const override
    {
        os << "options " << m_bytes.size();
    }

  private:
    std::vector<uint8_t> m_bytes; //!< as on the wire
};

/**
 * Linux: ip_rcv_core().
 * @param bytes start of the packet @param n how many @param size of the packet
 * @return length of the header, 0 when it is not acceptable
 */
size_t
CheckHeader(const uint8_t* bytes, size_t n, size_t size)
{
    if (n < NF_IPV4_HEADER_SIZE || bytes[0] >> 4 != 4)
    {
        return 0;
    }
    const size_t header = size_t{4} * (bytes[0] & 0xf);
    const size_t length = NfReadU16(bytes + 2);
    const bool acceptable =
        header >= NF_IPV4_HEADER_SIZE && n >= header && length >= header && size >= length;
    return acceptable ? header : 0;
}

/// @return a route on the link behind a device
Ptr<Ipv4Route>
OnLink(Ipv4Address source, Ipv4Address destination, const Ptr<NetDevice>& device)
{
    auto route = Create<Ipv4Route>();
    route->SetSource(source);
    route->SetDestination(destination);
    route->SetGateway(Ipv4Address::GetAny());
    route->SetOutputDevice(device);
    return route;
}

bool
IsLoopbackNet(Ipv4Address address)
{
    return address.Get() >> 24 == LOOPBACK_NET;
}

} // namespace

NS_OBJECT_ENSURE_REGISTERED(OptionsHeader);

NetfilterIpv4Path::NetfilterIpv4Path(Netfilter& netfilter, Ptr<Ipv4L3Protocol> ip)
    : NetfilterPath(netfilter, NfFamily::IPV4),
      m_ip(ip),
      m_onUnicast(MakeCallback(&NetfilterIpv4Path::OnUnicast, this)),
      m_onMulticast(MakeCallback(&NetfilterIpv4Path::OnMulticast, this)),
      m_onLocal(MakeCallback(&NetfilterIpv4Path::OnLocal, this)),
      m_onError(MakeCallback(&NetfilterIpv4Path::OnError, this))
{
}

NetfilterIpv4Path::~NetfilterIpv4Path() = default;

void
NetfilterIpv4Path::Clear()
{
    NetfilterPath::Clear();
    m_ip = nullptr;
}

// ---- in

void
NetfilterIpv4Path::ReceiveLoopback(Ptr<NetDevice> device,
                                   Ptr<const Packet> packet,
                                   uint16_t,
                                   const Address& from,
                                   const Address&,
                                   NetDevice::PacketType)
{
    Receive(device, packet, from);
}

void
NetfilterIpv4Path::Receive(const Ptr<NetDevice>& device,
                           const Ptr<const Packet>& received,
                           const Address& from)
{
    const int32_t interface = m_ip->GetInterfaceForDevice(device);
    if (interface < 0)
    {
        return;
    }
    const Ptr<Ipv4Interface> ipv4Interface = m_ip->GetInterface(interface);
    Ptr<Packet> bytes = received->Copy();
    std::array<uint8_t, MAX_HEADER_SIZE> raw;
    const uint32_t n = bytes->CopyData(raw.data(), raw.size());
    const size_t headerSize = CheckHeader(raw.data(), n, bytes->GetSize());
    auto& dropTrace = PeekPointer(m_ip)->*Get(netfilter::Ip4Drop());
    Ipv4Header header;
    if (!ipv4Interface->IsUp())
    {
        dropTrace(header, bytes, Ipv4L3Protocol::DROP_INTERFACE_DOWN, m_ip, interface);
        return;
    }
    (PeekPointer(m_ip)->*Get(netfilter::Ip4Rx()))(bytes, m_ip, interface);
    const bool isIntact = headerSize != 0 &&
                          (!IsChecksumEnabled() ||
                           NfChecksumFold(NfChecksumPartial(NfBytes(raw.data(), headerSize))) == 0);
    if (!isIntact)
    {
        dropTrace(header, bytes, Ipv4L3Protocol::DROP_BAD_CHECKSUM, m_ip, interface);
        return;
    }
    bytes->RemoveHeader(header);
    const uint32_t payloadSize = NfReadU16(raw.data() + 2) - static_cast<uint32_t>(headerSize);
    if (payloadSize < bytes->GetSize())
    {
        bytes->RemoveAtEnd(bytes->GetSize() - payloadSize);
    }
    RefreshArp(ipv4Interface, header.GetSource(), from);
    if (PeekPointer(m_ip)->*Get(netfilter::Ip4EnableDpd()) &&
        header.GetDestination().IsMulticast() &&
        (PeekPointer(m_ip)->*Get(netfilter::Ip4UpdateDuplicate()))(bytes, header))
    {
        dropTrace(header, bytes, Ipv4L3Protocol::DROP_DUPLICATE, m_ip, interface);
        return;
    }

    NetfilterPacket packet(*this, NfFamily::IPV4, bytes);
    packet.ParseIpv4(raw.data());
    if (headerSize == NF_IPV4_HEADER_SIZE)
    {
        packet.header4 = header;
    }
    packet.in = m_netfilter.GetStack().Get(device);
    packet.inInterface = interface;
    packet.checksumOk = !IsChecksumEnabled();
    FillLinkHeader(packet, from);
    if (packet.in->loopback)
    {
        ReceiveOwn(packet, received);
        return;
    }
    Enter(packet);
}

void
NetfilterIpv4Path::RefreshArp(const Ptr<Ipv4Interface>& interface,
                              Ipv4Address source,
                              const Address& from) const
{
    const Ptr<ArpCache> cache = interface->GetArpCache();
    if (!cache)
    {
        return;
    }
    if (ArpCache::Entry* entry = cache->Lookup(source))
    {
        if (entry->IsAlive())
        {
            entry->UpdateSeen();
        }
        return;
    }
    // A router sends from addresses of others: any of its own entries may be meant.
    for (ArpCache::Entry* entry : cache->LookupInverse(from))
    {
        if (entry->IsAlive())
        {
            entry->UpdateSeen();
        }
    }
}

void
NetfilterIpv4Path::FillLinkHeader(NetfilterPacket& packet, const Address& from)
{
    constexpr uint8_t HOST = 0;
    constexpr uint8_t BROADCAST = 1;
    constexpr uint8_t MULTICAST = 2;
    const uint32_t destination = packet.GetIp().dst.GetIpv4();
    GetOwn();
    const bool isBroadcast =
        destination == UINT32_MAX ||
        std::find(m_broadcasts.begin(), m_broadcasts.end(), destination) != m_broadcasts.end();
    packet.packetType = isBroadcast ? BROADCAST : destination >> 28 == 14 ? MULTICAST : HOST;
    if (!packet.in->hasEthernet || from.GetLength() != 6)
    {
        return;
    }
    packet.hasEthernet = true;
    uint8_t* p = packet.ethernet.data();
    if (packet.packetType == HOST)
    {
        std::copy(packet.in->mac.begin(), packet.in->mac.end(), p);
    }
    else if (packet.packetType == BROADCAST)
    {
        std::fill_n(p, 6, 0xff);
    }
    else
    {
        const std::array<uint8_t, 3> prefix{0x01, 0x00, 0x5e};
        std::copy(prefix.begin(), prefix.end(), p);
        p[3] = static_cast<uint8_t>(destination >> 16 & 0x7f);
        NfWriteU16(p + 4, static_cast<uint16_t>(destination));
    }
    from.CopyTo(p + 6);
    NfWriteU16(p + 12, 0x0800);
}

bool
NetfilterIpv4Path::IsMartian(const NetfilterPacket& packet)
{
    const uint32_t src = packet.GetIp().src.GetIpv4();
    const uint32_t dst = packet.GetIp().dst.GetIpv4();
    if (packet.in->loopback)
    {
        return false;
    }
    // Linux: ip_route_input_slow(), in its order.
    if (src >> 28 == 14 || src == UINT32_MAX)
    {
        return true;
    }
    if (dst == UINT32_MAX || (src == 0 && dst == 0))
    {
        return false;
    }
    if ((src >> 24 == 0 && !(src == 0 && dst >> 28 == 14)) || dst >> 24 == 0 ||
        src >> 24 == LOOPBACK_NET || dst >> 24 == LOOPBACK_NET)
    {
        return true;
    }
    const auto& own = GetOwn();
    return std::find(own.begin(), own.end(), src) != own.end();
}

bool
NetfilterIpv4Path::RouteInput(NetfilterPacket& packet)
{
    const Ptr<Ipv4RoutingProtocol> routing = m_ip->GetRoutingProtocol();
    if (!routing)
    {
        return false;
    }
    const Ptr<Packet> bytes = packet.GetPayload();
    m_currentBytes = PeekPointer(bytes);
    return routing->RouteInput(bytes,
                               packet.GetHeader4(),
                               packet.in->device,
                               m_onUnicast,
                               m_onMulticast,
                               m_onLocal,
                               m_onError);
}

void
NetfilterIpv4Path::OnUnicast(Ptr<Ipv4Route> route,
                             Ptr<const Packet> bytes,
                             const Ipv4Header& header)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    packet = packet ? packet : late.get();
    SetRoute(*packet, route);
    OnRouted(*packet);
}

void
NetfilterIpv4Path::OnMulticast(Ptr<Ipv4MulticastRoute> group,
                               Ptr<const Packet> bytes,
                               const Ipv4Header& header)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    const auto late = packet ? nullptr : FindLate(bytes, header);
    packet = packet ? packet : late.get();
    const std::map<uint32_t, uint32_t> outputs = group->GetOutputTtlMap();
    for (const auto& [interface, threshold] : outputs)
    {
        const auto copy = packet->Copy();
        SetRoute(
            *copy,
            OnLink(header.GetSource(), header.GetDestination(), m_ip->GetNetDevice(interface)));
        OnGroupRouted(*copy);
    }
}

void
NetfilterIpv4Path::OnLocal(Ptr<const Packet> bytes, const Ipv4Header& header, uint32_t interface)
{
    NetfilterPacket* packet = FindCurrent(bytes, header);
    std::unique_ptr<NetfilterPacket> own;
    if (!packet)
    {
        own = FindLate(bytes, header);
    }
    else if (header.GetDestination().IsMulticast() || header.GetDestination().IsBroadcast())
    {
        own = packet->Copy(); // the routing protocol may forward it as well
    }
    packet = own ? own.get() : packet;
    packet->inInterface = interface;
    packet->origin = NetfilterPacket::Origin::RECEIVED;
    Deliver(*packet);
}

void
NetfilterIpv4Path::OnError(Ptr<const Packet> bytes,
                           const Ipv4Header& header,
                           Socket::SocketErrno error)
{
    NS_LOG_LOGIC("no way for " << header << ", error " << error);
    if (NetfilterPacket* packet = FindCurrent(bytes, header))
    {
        OnUnroutable(*packet);
        return;
    }
    const auto late = FindLate(bytes, header);
    OnUnroutable(*late);
}

// ---- up

bool
NetfilterIpv4Path::ReassemblesFirst() const
{
    return true; // Linux: ip_local_deliver()
}

void
NetfilterIpv4Path::DeliverTransport(NetfilterPacket& packet)
{
    const Ptr<Packet> bytes = packet.GetPayload();
    const Ipv4Header& header = packet.GetHeader4();
    const bool wanted = GiveToRawSockets(packet);
    (PeekPointer(m_ip)->*Get(netfilter::Ip4LocalDeliver()))(header, bytes, packet.inInterface);
    if (!NetfilterIsTransportIntact(packet))
    {
        TraceDrop(packet, Fault::MALFORMED);
        return;
    }
    if (AnswerEcho(packet))
    {
        return;
    }
    const Ptr<IpL4Protocol> protocol =
        m_ip->GetProtocol(header.GetProtocol(), static_cast<int32_t>(packet.inInterface));
    if (protocol)
    {
        CallTransport(packet, *protocol, bytes->Copy());
    }
    else if (!wanted)
    {
        // Linux has a UDP-Lite, whose ports nobody opens here.
        const bool isLite = m_linux && header.GetProtocol() == NF_IPPROTO_UDPLITE;
        SendError(packet, isLite ? Error::PORT_UNREACHABLE : Error::PROTOCOL_UNREACHABLE);
    }
}

/// @return one of them wants it
bool
NetfilterIpv4Path::GiveToRawSockets(NetfilterPacket& packet)
{
    // Linux: icmp_filter() lets no socket see less than a header.
    if (packet.GetProtocol() == NF_IPPROTO_ICMP && !packet.PullTransport(NF_ICMP_HEADER_SIZE))
    {
        return false;
    }
    bool wanted = false;
    for (const auto& socket : PeekPointer(m_ip)->*Get(netfilter::Ip4RawSockets()))
    {
        const Ptr<Ipv4RawSocketImpl> keep = socket;
        wanted |= keep->ForwardUp(packet.GetPayload(),
                                  packet.GetHeader4(),
                                  m_ip->GetInterface(packet.inInterface));
    }
    return wanted;
}

void
NetfilterIpv4Path::CallTransport(NetfilterPacket& packet,
                                 IpL4Protocol& protocol,
                                 const Ptr<Packet>& bytes)
{
    const Ipv4Header header = packet.GetHeader4();
    const Ptr<Ipv4Interface> interface = m_ip->GetInterface(packet.inInterface);
    NetfilterPacket* const outer = std::exchange(m_delivering, &packet);
    if (!Show(packet, bytes))
    {
        m_delivering = outer;
        TraceDrop(packet, Fault::MALFORMED);
        return;
    }
    if (IsChecksumEnabled() && packet.GetProtocol() == NF_IPPROTO_UDP)
    {
        FillUdpChecksum(packet, bytes);
    }
    const auto status = protocol.Receive(bytes, header, interface);
    m_delivering = outer;
    if (status == IpL4Protocol::RX_ENDPOINT_UNREACH && packet.packetType == 0)
    {
        SendError(packet, Error::PORT_UNREACHABLE);
    }
}

/// ns-3 does not know datagrams without checksum (RFC 768): shows it one.
void
NetfilterIpv4Path::FillUdpChecksum(NetfilterPacket& packet, const Ptr<Packet>& bytes)
{
    constexpr size_t CHECKSUM = 6;
    const NfBytes udp = packet.PullTransportAll();
    if (NfReadU16(udp.data() + CHECKSUM) != 0)
    {
        return;
    }
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t pseudo = NfPseudoHeader(NfFamily::IPV4,
                                           ip.src,
                                           ip.dst,
                                           NF_IPPROTO_UDP,
                                           static_cast<uint32_t>(udp.size()));
    std::array<uint8_t, NF_UDP_HEADER_SIZE> header;
    std::copy_n(udp.data(), header.size(), header.begin());
    const uint16_t sum = NfChecksumFold(NfChecksumPartial(udp, pseudo));
    NfWriteU16(&header[CHECKSUM], sum == 0 ? 0xffff : sum);
    NetfilterOverwrite(bytes, header.data(), header.size());
}

// ---- out

void
NetfilterIpv4Path::SetRoute(NetfilterPacket& packet, const Ptr<Ipv4Route>& route)
{
    packet.route4 = route;
    const Ptr<NetDevice> device = route->GetOutputDevice();
    SetOut(packet, device, m_ip->GetInterfaceForDevice(device));
}

Ptr<Ipv4Route>
NetfilterIpv4Path::RouteToSelf(const Ptr<Ipv4Route>& route, Ipv4Address destination)
{
    const NetfilterDevice* loopback = GetLoopback();
    if (!m_linux || !loopback || route->GetOutputDevice() == loopback->device ||
        !IsOwn(destination))
    {
        return route;
    }
    return OnLink(route->GetSource(), destination, loopback->device);
}

bool
NetfilterIpv4Path::IsDeferral(const NetfilterPacket& packet)
{
    const Ipv4Address destination = NetfilterToIpv4(packet.GetIp().dst);
    return packet.out->loopback && !IsLoopbackNet(destination) && !IsOwn(destination) &&
           !destination.IsMulticast() && !destination.IsBroadcast();
}

void
NetfilterIpv4Path::Send(const Ptr<Packet>& given,
                        Ipv4Address source,
                        Ipv4Address destination,
                        uint8_t protocol,
                        const Ptr<Ipv4Route>& route)
{
    if (Supersede(protocol, given))
    {
        return;
    }
    // The stack sends one object on several interfaces: each copy finds the tags of the socket.
    const Ptr<Packet> bytes = given->Copy();
    SocketIpTtlTag ttlTag;
    const uint8_t ttl = bytes->RemovePacketTag(ttlTag)
                            ? ttlTag.GetTtl()
                            : PeekPointer(m_ip)->*Get(netfilter::Ip4DefaultTtl());
    SocketIpTosTag tosTag;
    const uint8_t tos = bytes->RemovePacketTag(tosTag) ? tosTag.GetTos() : 0;
    const Ipv4Header header = (PeekPointer(m_ip)->*Get(netfilter::Ip4BuildHeader()))(
        source,
        destination,
        protocol,
        static_cast<uint16_t>(bytes->GetSize()),
        ttl,
        tos,
        true);
    SendWithHeader(bytes, header, route);
}

NetfilterTcpState
NetfilterIpv4Path::GetTcpState(const NetfilterPacket& packet) const
{
    const Ptr<TcpL4Protocol> tcp = m_ip->GetObject<TcpL4Protocol>();
    const uint8_t* ports = packet.PullTransport(4);
    if (!tcp || !ports)
    {
        return NetfilterTcpState::CLOSED;
    }
    const NfIpHeader& ip = packet.GetIp();
    Ipv4EndPointDemux* endPoints = PeekPointer(tcp)->*Get(netfilter::TcpEndPoints4());
    return NetfilterGetTcpState(*tcp,
                                endPoints->Lookup(NetfilterToIpv4(ip.dst),
                                                  NfReadU16(ports + 2),
                                                  NetfilterToIpv4(ip.src),
                                                  NfReadU16(ports),
                                                  m_ip->GetInterface(packet.inInterface)));
}

void
NetfilterIpv4Path::SendUnrouted(const Ptr<Packet>& packet,
                                Ipv4Address source,
                                Ipv4Address destination,
                                uint8_t protocol,
                                const Ptr<Ipv4Route>& route)
{
    if (route)
    {
        Send(packet, source, destination, protocol, route);
        return;
    }
    for (const Ptr<Ipv4Route>& found : FindRoutes(packet, source, destination, protocol))
    {
        Send(packet, source, destination, protocol, found);
    }
}

/// As Ipv4L3Protocol::Send() without a route: one per interface for broadcasts.
std::vector<Ptr<Ipv4Route>>
NetfilterIpv4Path::FindRoutes(const Ptr<Packet>& packet,
                              Ipv4Address source,
                              Ipv4Address destination,
                              uint8_t protocol) const
{
    std::vector<Ptr<Ipv4Route>> routes;
    const bool isEverywhere = destination.IsBroadcast() || destination.IsLocalMulticast();
    for (uint32_t i = 0; i < m_ip->GetNInterfaces(); ++i)
    {
        bool isHere = isEverywhere && source.IsAny();
        for (uint32_t j = 0; j < m_ip->GetNAddresses(i); ++j)
        {
            const Ipv4InterfaceAddress own = m_ip->GetAddress(i, j);
            isHere |= isEverywhere ? own.GetLocal() == source : own.GetBroadcast() == destination;
        }
        if (isHere)
        {
            routes.push_back(OnLink(source, destination, m_ip->GetNetDevice(i)));
        }
    }
    if (!routes.empty() || isEverywhere || !m_ip->GetRoutingProtocol())
    {
        return routes;
    }
    Ipv4Header header;
    header.SetSource(source);
    header.SetDestination(destination);
    header.SetProtocol(protocol);
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    const Ptr<Ipv4Route> route =
        m_ip->GetRoutingProtocol()->RouteOutput(packet, header, nullptr, error);
    if (route)
    {
        routes.push_back(route);
    }
    else
    {
        (PeekPointer(m_ip)->*Get(netfilter::Ip4Drop()))(header,
                                                        packet,
                                                        Ipv4L3Protocol::DROP_NO_ROUTE,
                                                        m_ip,
                                                        0);
    }
    return routes;
}

void
NetfilterIpv4Path::SendWithHeader(const Ptr<Packet>& bytes,
                                  const Ipv4Header& header,
                                  const Ptr<Ipv4Route>& route)
{
    NetfilterPacket packet(*this, NfFamily::IPV4, bytes);
    TakeSocketTags(packet, bytes);
    packet.SetHeader(header);
    if (IsChecksumEnabled())
    {
        packet.header4->EnableChecksum();
    }
    packet.checksumOk = !IsChecksumEnabled();
    packet.hasSocket = true;
    SetRoute(packet, RouteToSelf(route, header.GetDestination()));
    Start(packet);
}

void
NetfilterIpv4Path::Complete(NetfilterPacket& packet)
{
    packet.checksumOk = !IsChecksumEnabled();
    if (packet.GetIp().id != 0 || packet.GetIp().dontFragment)
    {
        return;
    }
    // Linux: ip_select_ident() starts anywhere; 0 would say that nobody chose.
    while (m_nextId == 0)
    {
        m_nextId = static_cast<uint16_t>(m_netfilter.GetNetns().GetRandom().Next());
    }
    packet.MutableIp().id = m_nextId++;
}

bool
NetfilterIpv4Path::RouteOutput(NetfilterPacket& packet)
{
    const Ipv4Address destination = NetfilterToIpv4(packet.GetIp().dst);
    if (packet.route4 && (destination.IsMulticast() || destination.IsBroadcast()))
    {
        return true;
    }
    const Ptr<Ipv4RoutingProtocol> routing = m_ip->GetRoutingProtocol();
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    Ptr<Ipv4Route> route =
        routing ? routing->RouteOutput(packet.GetPayload(), packet.GetHeader4(), nullptr, error)
                : nullptr;
    if (!route)
    {
        return false;
    }
    SetRoute(packet, RouteToSelf(route, destination));
    return true;
}

bool
NetfilterIpv4Path::MayForward(NetfilterPacket& packet)
{
    // Linux: ip_forward() takes only what was sent to this host on the link.
    return !m_linux || packet.packetType == 0;
}

bool
NetfilterIpv4Path::IsForwarding(const NetfilterPacket& packet) const
{
    return m_ip->IsForwarding(packet.inInterface);
}

namespace
{

/// Linux: IN_DEV_TX_REDIRECTS(), on unless switched off for all and for the device.
bool
MaySendRedirects(const NfSysctls& sysctls, const std::string& device)
{
    const auto isOn = [&](const std::string& name) {
        const NfResult<std::string> value =
            sysctls.Read("net.ipv4.conf." + name + ".send_redirects");
        return !value || *value != "0";
    };
    return isOn("all") || isOn(device);
}

} // namespace

void
NetfilterIpv4Path::SendRedirect(NetfilterPacket& packet)
{
    if (!m_linux || packet.in != packet.out || !IsOnLink(packet.inInterface, packet.GetIp().src) ||
        !MaySendRedirects(m_netfilter.GetNetns().GetSysctls(), packet.out->name))
    {
        return;
    }
    // Linux: ip_rt_send_redirect(): nine in a row with growing distance, then silence.
    const Time LOAD = MilliSeconds(20);
    constexpr uint32_t NUMBER = 9;
    constexpr size_t MAX_HOSTS = 4096;
    if (m_redirected.size() > MAX_HOSTS)
    {
        m_redirected.clear();
    }
    Redirected& host = m_redirected[packet.GetIp().src.GetIpv4()];
    const Time now = Simulator::Now();
    if (host.count != 0 && now > host.last + LOAD * int64_t{1 << (NUMBER + 1)})
    {
        host = {};
    }
    if (host.count != 0 &&
        (host.count >= NUMBER || now <= host.last + LOAD * int64_t{1 << host.count}))
    {
        host.last = host.count >= NUMBER ? now : host.last;
        return;
    }
    host.last = now;
    ++host.count;
    const Ipv4Address gateway = packet.route4->GetGateway();
    const uint32_t target = gateway.IsAny() ? packet.GetIp().dst.GetIpv4() : gateway.Get();
    constexpr uint8_t REDIRECT = 5;
    constexpr uint8_t FOR_HOST = 1;
    NfIcmp& icmp = m_netfilter.GetNetns().GetIcmp();
    icmp.Send(icmp.MakeError(packet, {REDIRECT, FOR_HOST, target}, packet.in));
}

bool
NetfilterIpv4Path::IsOnLink(uint32_t interface, const NfAddr& address) const
{
    for (uint32_t i = 0; i < m_ip->GetNAddresses(interface); ++i)
    {
        const Ipv4InterfaceAddress own = m_ip->GetAddress(interface, i);
        if (own.GetMask().IsMatch(own.GetLocal(), NetfilterToIpv4(address)))
        {
            return true;
        }
    }
    return false;
}

void
NetfilterIpv4Path::Transmit(NetfilterPacket& packet)
{
    std::vector<std::unique_ptr<NfPacket>> pieces;
    if (!Cut(packet, pieces))
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
        SendPiece(packet, *piece);
    }
}

/// Slices of the packet keep its tags, which bytes of the core's pieces would not have.
void
NetfilterIpv4Path::SendPiece(NetfilterPacket& whole, const NfPacket& piece)
{
    const auto& bytes = whole.GetPayload();
    const uint32_t start = piece.GetIp().fragOffset - whole.GetIp().fragOffset;
    const auto size = static_cast<uint32_t>(piece.GetBuffer().GetSize());
    NetfilterPacket part(*this, m_family, bytes->CreateFragment(start, size));
    part.CopyFrom(whole);
    part.TakeFrom(piece);
    SendOut(part);
}

void
NetfilterIpv4Path::TraceSent(NetfilterPacket& packet)
{
    Ipv4L3Protocol& ip = *m_ip;
    const Ptr<Packet> bytes = packet.GetPayload();
    const Ipv4Header& header = packet.GetHeader4();
    switch (packet.origin)
    {
    case NetfilterPacket::Origin::FORWARDED: {
        SocketPriorityTag priority;
        bytes->RemovePacketTag(priority);
        if (packet.priority != 0)
        {
            priority.SetPriority(static_cast<uint8_t>(packet.priority));
            bytes->AddPacketTag(priority);
        }
        (ip.*Get(netfilter::Ip4UnicastForward()))(header, bytes, packet.outInterface);
        break;
    }
    case NetfilterPacket::Origin::MULTICAST:
        (ip.*Get(netfilter::Ip4MulticastForward()))(header, bytes, packet.outInterface);
        break;
    default:
        (ip.*Get(netfilter::Ip4SendOutgoing()))(header, bytes, packet.outInterface);
        if (ip.*Get(netfilter::Ip4EnableDpd()) && header.GetDestination().IsMulticast())
        {
            (ip.*Get(netfilter::Ip4UpdateDuplicate()))(bytes, header);
        }
        break;
    }
}

void
NetfilterIpv4Path::SendOut(NetfilterPacket& packet)
{
    const Ptr<Packet> bytes = packet.GetPayload();
    const auto& options = packet.GetIpOptions();
    if (!options.empty() && !packet.out->loopback)
    {
        bytes->AddHeader(OptionsHeader(options));
        MakeOpaque(bytes, options.size());
    }
    else if (!NetfilterIsReadable(packet))
    {
        MakeOpaque(bytes);
    }
    if (HasEgress() && !packet.out->loopback)
    {
        Park(packet, bytes);
    }
    ((*m_ip).*Get(netfilter::Ip4SendRealOut()))(packet.route4, bytes, packet.GetHeader4());
}

void
NetfilterIpv4Path::RestoreOptions(const Ptr<Packet>& packet)
{
    NetfilterOpaqueTag tag;
    std::array<uint8_t, MAX_HEADER_SIZE> raw;
    if (!packet->RemovePacketTag(tag) || tag.GetOptionsSize() == 0)
    {
        return;
    }
    const size_t size = NF_IPV4_HEADER_SIZE + tag.GetOptionsSize();
    if (size > raw.size() || packet->CopyData(raw.data(), size) != size)
    {
        return;
    }
    raw[0] = static_cast<uint8_t>(0x40 | size / 4);
    NfWriteU16(&raw[10], 0);
    NfWriteU16(&raw[10], NfChecksumFold(NfChecksumPartial(NfBytes(raw.data(), size))));
    NetfilterOverwrite(packet, raw.data(), size);
}

// ---- frames

std::unique_ptr<NetfilterPacket>
NetfilterIpv4Path::ParseFrame(const Ptr<const Packet>& frame)
{
    std::array<uint8_t, MAX_HEADER_SIZE> raw;
    const uint32_t n = frame->CopyData(raw.data(), raw.size());
    const size_t headerSize = CheckHeader(raw.data(), n, frame->GetSize());
    if (headerSize == 0)
    {
        return nullptr;
    }
    const Ptr<Packet> bytes = frame->Copy();
    Ipv4Header header;
    bytes->RemoveHeader(header);
    auto packet = std::make_unique<NetfilterPacket>(*this, NfFamily::IPV4, bytes);
    packet->ParseIpv4(raw.data());
    packet->checksumOk = !IsChecksumEnabled();
    return packet;
}

Ptr<Packet>
NetfilterIpv4Path::MakeFrame(NetfilterPacket& packet)
{
    if (!packet.GetIpOptions().empty())
    {
        const std::vector<uint8_t> bytes = packet.Serialize();
        return Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size()));
    }
    const Ptr<Packet> frame = packet.GetPayload();
    frame->AddHeader(packet.GetHeader4());
    return frame;
}

// ---- errors

void
NetfilterIpv4Path::TraceDrop(NetfilterPacket& packet, Fault fault)
{
    // The probes of FlowMonitor abort on codes they do not know: each fault borrows one of theirs.
    static constexpr std::array<Ipv4L3Protocol::DropReason, 7> REASONS{
        Ipv4L3Protocol::DROP_ROUTE_ERROR,
        Ipv4L3Protocol::DROP_TTL_EXPIRED,
        Ipv4L3Protocol::DROP_ROUTE_ERROR,
        Ipv4L3Protocol::DROP_NO_ROUTE,
        Ipv4L3Protocol::DROP_BAD_CHECKSUM,
        Ipv4L3Protocol::DROP_INTERFACE_DOWN,
        Ipv4L3Protocol::DROP_ROUTE_ERROR,
    };
    const Ptr<Packet> bytes = packet.GetPayload();
    (PeekPointer(m_ip)->*Get(netfilter::Ip4Drop()))(packet.GetHeader4(),
                                                    bytes,
                                                    REASONS[static_cast<size_t>(fault)],
                                                    m_ip,
                                                    packet.inInterface);
}

void
NetfilterIpv4Path::SendPlainError(NetfilterPacket& packet, Error error)
{
    const Ptr<Icmpv4L4Protocol> icmp = m_ip->GetObject<Icmpv4L4Protocol>();
    if (!icmp || packet.packetType != 0 || packet.header4->GetDestination().IsMulticast())
    {
        return;
    }
    const Ipv4Header header = packet.GetHeader4();
    const Ptr<Packet> bytes = packet.GetPayload()->Copy();
    switch (error)
    {
    case Error::TTL_EXPIRED:
        icmp->SendTimeExceededTtl(header, bytes, false);
        break;
    case Error::TOO_BIG:
        icmp->SendDestUnreachFragNeeded(header, bytes, static_cast<uint16_t>(GetMtu(packet)));
        break;
    case Error::PORT_UNREACHABLE:
        icmp->SendDestUnreachPort(header, bytes);
        break;
    default:
        break;
    }
}

// ---- addresses

void
NetfilterIpv4Path::ForgetAddresses(bool watched)
{
    m_ownValid = false;
    m_ownWatched = watched;
}

const std::vector<uint32_t>&
NetfilterIpv4Path::GetOwn()
{
    if (m_ownValid)
    {
        return m_own;
    }
    m_own.clear();
    m_broadcasts.clear();
    for (uint32_t i = 0; i < m_ip->GetNInterfaces(); ++i)
    {
        for (uint32_t j = 0; j < m_ip->GetNAddresses(i); ++j)
        {
            const Ipv4InterfaceAddress address = m_ip->GetAddress(i, j);
            m_own.push_back(address.GetLocal().Get());
            m_broadcasts.push_back(address.GetBroadcast().Get());
        }
    }
    m_ownValid = m_ownWatched;
    return m_own;
}

bool
NetfilterIpv4Path::IsOwn(Ipv4Address address)
{
    const auto& own = GetOwn();
    return std::find(own.begin(), own.end(), address.Get()) != own.end();
}

} // namespace ns3
