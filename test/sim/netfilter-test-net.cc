/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-test-net.h"

#include "ns3/boolean.h"
#include "ns3/icmpv4.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/string.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace ns3
{

namespace
{

constexpr std::array<NfHook, 5> POINTS{NfHook::PRE_ROUTING,
                                       NfHook::LOCAL_IN,
                                       NfHook::FORWARD,
                                       NfHook::LOCAL_OUT,
                                       NfHook::POST_ROUTING};
constexpr std::array<const char*, 5> POINT_NAMES{"PREROUTING",
                                                 "LOCAL_IN",
                                                 "FORWARD",
                                                 "LOCAL_OUT",
                                                 "POSTROUTING"};

NetDeviceContainer
PointToPoint(NodeContainer ends)
{
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
    link.SetChannelAttribute("Delay", StringValue("1ms"));
    return link.Install(ends);
}

void
SetMtu(const NetDeviceContainer& devices, uint16_t mtu)
{
    for (uint32_t i = 0; i < devices.GetN(); ++i)
    {
        devices.Get(i)->SetMtu(mtu);
    }
}

void
AddRoute6(Ptr<Node> node, const char* prefix, const Ipv6Address& gateway)
{
    Ipv6StaticRoutingHelper helper;
    helper.GetStaticRouting(node->GetObject<Ipv6>())
        ->AddNetworkRouteTo(Ipv6Address(prefix), Ipv6Prefix(64), gateway, 1);
}

} // namespace

NetfilterTestNet::NetfilterTestNet()
    : NetfilterTestNet(Options())
{
}

NetfilterTestNet::NetfilterTestNet(const Options& options)
{
    NodeContainer nodes(3);
    client = nodes.Get(0);
    router = nodes.Get(1);
    server = nodes.Get(2);
    const auto link = options.link ? options.link : PointToPoint;
    lan = link(NodeContainer(client, router));
    wan = link(NodeContainer(router, server));
    SetMtu(lan, options.lanMtu);
    SetMtu(wan, options.wanMtu);
    if (options.decorate)
    {
        InternetStackHelper stack;
        stack.SetIpv6StackInstall(options.ipv6);
        stack.Install(nodes);
    }
    else
    {
        NetfilterStackHelper stack;
        stack.SetIpv6StackInstall(options.ipv6);
        stack.SetNetfilterAttribute("LinuxBehavior", BooleanValue(options.linuxBehavior));
        if (options.routing)
        {
            stack.SetRoutingHelper(*options.routing);
        }
        stack.Install(nodes);
    }
    Ipv4AddressHelper("10.1.1.0", "255.255.255.0").Assign(lan);
    Ipv4AddressHelper("10.2.2.0", "255.255.255.0").Assign(wan);
    if (!options.routing)
    {
        Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    }
    if (options.ipv6)
    {
        AddIpv6();
    }
    if (options.decorate)
    {
        NetfilterHelper().Decorate(nodes);
    }
}

void
NetfilterTestNet::AddIpv6()
{
    Ipv6AddressHelper helper;
    helper.SetBase(Ipv6Address("fd00:1::"), Ipv6Prefix(64));
    Ipv6InterfaceContainer i1 = helper.Assign(lan);
    helper.SetBase(Ipv6Address("fd00:2::"), Ipv6Prefix(64));
    Ipv6InterfaceContainer i2 = helper.Assign(wan);
    i1.SetForwarding(1, true);
    i2.SetForwarding(0, true);
    address6["client"] = i1.GetAddress(0, 1);
    address6["router"] = i1.GetAddress(1, 1);
    address6["router2"] = i2.GetAddress(0, 1);
    address6["server"] = i2.GetAddress(1, 1);
    AddRoute6(client, "fd00:2::", i1.GetAddress(1, 1));
    AddRoute6(server, "fd00:1::", i2.GetAddress(0, 1));
}

NetfilterTestNet::~NetfilterTestNet()
{
    m_sockets.clear();
    Simulator::Destroy();
}

std::string
NetfilterTestNet::NameOf(Ptr<Node> node) const
{
    return node == client ? "client" : node == router ? "router" : "server";
}

void
NetfilterTestNet::Record(NfFamily family, bool detail)
{
    const auto note = [this, detail](NfPacket& packet, const NetfilterHookState& state) {
        std::ostringstream word;
        word << NameOf(state.node) << ':' << POINT_NAMES[static_cast<size_t>(state.hook)];
        if (detail)
        {
            word << '(' << (state.in ? state.in->name : "") << '>'
                 << (state.out ? state.out->name : "") << ",ttl=" << +packet.GetIp().ttl
                 << ",len=" << packet.GetLength() << (packet.GetIp().fragment ? ",frag)" : ")");
        }
        m_record += (m_record.empty() ? "" : " ") + word.str();
        return NfVerdict(NfVerdict::ACCEPT);
    };
    for (const Ptr<Node>& node : {client, router, server})
    {
        for (NfHook hook : POINTS)
        {
            Nf(node)->RegisterHook(note, family, hook, NF_PRI_FIRST, "record");
        }
    }
}

std::string
NetfilterTestNet::Take()
{
    return std::exchange(m_record, {});
}

void
NetfilterTestNet::Run(double seconds)
{
    Simulator::Stop(Seconds(seconds));
    Simulator::Run();
}

void
NetfilterTestNet::As(Ptr<Node> node, std::function<void()> function)
{
    Simulator::ScheduleWithContext(node->GetId(), Seconds(0), [function] { function(); });
}

Address
NetfilterTestNet::MakeAddress(const std::string& to, uint16_t port) const
{
    const auto named = address6.find(to);
    if (named != address6.end())
    {
        return Inet6SocketAddress(named->second, port);
    }
    if (to.find(':') != std::string::npos)
    {
        return Inet6SocketAddress(Ipv6Address(to.c_str()), port);
    }
    return InetSocketAddress(Ipv4Address(to.c_str()), port);
}

void
NetfilterTestNet::SendUdp(Ptr<Node> from,
                          const std::string& to,
                          uint16_t port,
                          uint32_t size,
                          uint8_t ttl)
{
    As(from, [this, from, to, port, size, ttl] {
        const Address address = MakeAddress(to, port);
        const bool isIpv6 = Inet6SocketAddress::IsMatchingType(address);
        const Ptr<Socket> socket = Socket::CreateSocket(from, UdpSocketFactory::GetTypeId());
        m_sockets.push_back(socket);
        isIpv6 ? socket->Bind6() : socket->Bind();
        if (ttl != 0)
        {
            isIpv6 ? socket->SetIpv6HopLimit(ttl) : socket->SetIpTtl(ttl);
        }
        if (to.rfind("ff", 0) == 0)
        {
            socket->BindToNetDevice(from->GetDevice(0));
        }
        socket->SetAllowBroadcast(true);
        socket->SendTo(Create<Packet>(size), 0, address);
    });
}

uint32_t*
NetfilterTestNet::NewCounter()
{
    m_counters.push_back(std::make_unique<uint32_t>(0));
    return m_counters.back().get();
}

void
NetfilterTestNet::Count(Ptr<Socket> socket, uint32_t* counter)
{
    m_sockets.push_back(socket);
    socket->SetRecvCallback(Callback<void, Ptr<Socket>>([counter](Ptr<Socket> readable) {
        Ptr<Packet> packet = readable->Recv();
        while (packet && packet->GetSize() != 0)
        {
            *counter += packet->GetSize();
            packet = readable->Recv();
        }
    }));
}

uint32_t&
NetfilterTestNet::ReceiveUdp(Ptr<Node> at, uint16_t port)
{
    uint32_t* counter = NewCounter();
    for (const Address& local : {Address(InetSocketAddress(Ipv4Address::GetAny(), port)),
                                 Address(Inet6SocketAddress(Ipv6Address::GetAny(), port))})
    {
        const Ptr<Socket> socket = Socket::CreateSocket(at, UdpSocketFactory::GetTypeId());
        socket->Bind(local);
        Count(socket, counter);
    }
    return *counter;
}

uint32_t&
NetfilterTestNet::Ping(Ptr<Node> from, const std::string& to)
{
    uint32_t* counter = NewCounter();
    const Ptr<Socket> socket =
        Socket::CreateSocket(from, TypeId::LookupByName("ns3::Ipv4RawSocketFactory"));
    socket->SetAttribute("Protocol", UintegerValue(1));
    m_sockets.push_back(socket);
    socket->SetRecvCallback(Callback<void, Ptr<Socket>>([counter](Ptr<Socket> readable) {
        while (const Ptr<Packet> packet = readable->Recv())
        {
            std::array<uint8_t, 21> bytes;
            const bool isWhole = packet->CopyData(bytes.data(), bytes.size()) == bytes.size();
            *counter += isWhole && bytes[20] == Icmpv4Header::ICMPV4_ECHO_REPLY ? 1 : 0;
        }
    }));
    As(from, [socket, to] {
        Icmpv4Echo echo;
        echo.SetData(Create<Packet>(56));
        echo.SetIdentifier(7);
        Icmpv4Header icmp;
        icmp.SetType(Icmpv4Header::ICMPV4_ECHO);
        if (Node::ChecksumEnabled())
        {
            icmp.EnableChecksum();
        }
        const Ptr<Packet> packet = Create<Packet>();
        packet->AddHeader(echo);
        packet->AddHeader(icmp);
        socket->SendTo(packet, 0, InetSocketAddress(Ipv4Address(to.c_str()), 0));
    });
    return *counter;
}

uint32_t&
NetfilterTestNet::Listen(Ptr<Node> at, uint16_t port, bool isIpv6)
{
    uint32_t* counter = NewCounter();
    const Ptr<Socket> listener = Socket::CreateSocket(at, TcpSocketFactory::GetTypeId());
    listener->Bind(isIpv6 ? Address(Inet6SocketAddress(Ipv6Address::GetAny(), port))
                          : Address(InetSocketAddress(Ipv4Address::GetAny(), port)));
    listener->Listen();
    listener->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
        Callback<void, Ptr<Socket>, const Address&>(
            [this, counter](Ptr<Socket> accepted, const Address&) { Count(accepted, counter); }));
    m_sockets.push_back(listener);
    return *counter;
}

namespace
{

void
Fill(Ptr<Socket> socket, const std::shared_ptr<uint32_t>& left)
{
    while (*left != 0 && socket->GetTxAvailable() != 0)
    {
        const uint32_t size = std::min({*left, socket->GetTxAvailable(), uint32_t{1400}});
        const int sent = socket->Send(Create<Packet>(size));
        if (sent <= 0)
        {
            return;
        }
        *left -= static_cast<uint32_t>(sent);
    }
    if (*left == 0)
    {
        socket->Close();
    }
}

} // namespace

uint32_t&
NetfilterTestNet::SendTcp(Ptr<Node> from,
                          const std::string& to,
                          uint16_t port,
                          Ptr<Node> at,
                          uint16_t serverPort,
                          uint32_t bytes)
{
    const Address remote = MakeAddress(to, port);
    uint32_t& counter = Listen(at, serverPort, Inet6SocketAddress::IsMatchingType(remote));
    As(from, [this, from, remote, bytes] {
        const Ptr<Socket> socket = Socket::CreateSocket(from, TcpSocketFactory::GetTypeId());
        m_sockets.push_back(socket);
        const auto left = std::make_shared<uint32_t>(bytes);
        socket->SetConnectCallback(
            Callback<void, Ptr<Socket>>([left](Ptr<Socket> connected) { Fill(connected, left); }),
            MakeNullCallback<void, Ptr<Socket>>());
        socket->SetSendCallback(Callback<void, Ptr<Socket>, uint32_t>(
            [left](Ptr<Socket> writable, uint32_t) { Fill(writable, left); }));
        socket->Connect(remote);
    });
    return counter;
}

} // namespace ns3
