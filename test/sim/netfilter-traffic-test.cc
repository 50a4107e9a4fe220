/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-test-net.h"

#include "ns3/aodv-helper.h"
#include "ns3/boolean.h"
#include "ns3/csma-helper.h"
#include "ns3/global-value.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-list-routing-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/mobility-helper.h"
#include "ns3/netfilter-mark-tag.h"
#include "ns3/nf-checksum.h"
#include "ns3/olsr-helper.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/test.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/wifi-helper.h"
#include "ns3/yans-wifi-helper.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <sstream>

using namespace ns3;

namespace
{

using Net = NetfilterTestNet;

constexpr uint32_t BULK = 300000;

/// A story with the network: it says in words what went wrong, nothing when all is well.
struct Story
{
    const char* name;
    std::string (*tell)();
};

std::string
Expect(bool condition, const std::string& text)
{
    return condition ? "" : text + "; ";
}

template <class A, class B>
std::string
ExpectEqual(const A& actual, const B& expected, const std::string& text)
{
    std::ostringstream message;
    message << text << ": " << actual << " instead of " << expected << "; ";
    return actual == expected ? "" : message.str();
}

/// Counts packets of a point that satisfy a test.
std::shared_ptr<uint32_t>
CountAt(Ptr<Node> node, NfHook hook, std::function<bool(NfPacket&)> test, NfFamily family)
{
    auto counter = std::make_shared<uint32_t>(0);
    Net::Nf(node)->RegisterHook(
        [counter, test](NfPacket& packet, const NetfilterHookState&) {
            *counter += test(packet) ? 1 : 0;
            return NfVerdict(NfVerdict::ACCEPT);
        },
        family,
        hook,
        NF_PRI_LAST);
    return counter;
}

bool
IsUdp(NfPacket& packet)
{
    return packet.GetProtocol() == NF_IPPROTO_UDP;
}

/// TCP through MASQUERADE and a port forward at once.
std::string
TellNat(const char* tool, const std::string& forwarded, const std::string& server, Net& net)
{
    Ptr<Netfilter> nf = Net::Nf(net.router);
    const std::string t = tool;
    std::string wrong;
    for (const std::string& command :
         {t + " -t nat -A POSTROUTING -o eth1 -j MASQUERADE",
          t + " -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination " +
              server,
          t + " -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
          t + " -A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT",
          t + " -P FORWARD DROP"})
    {
        const NfCommandResult result = nf->Run(command);
        wrong += ExpectEqual(result.status, 0, command + ": " + result.err);
    }
    const uint32_t& received = net.SendTcp(net.client, forwarded, 8080, net.server, 5001, BULK);
    net.Run(30);
    wrong += ExpectEqual(received, BULK, "bytes");
    const NfCommandResult list = nf->Run("conntrack -L");
    return wrong + Expect(list.status == 127 || list.out.find("5001") != std::string::npos,
                          "conntrack -L shows: " + list.out);
}

std::string
TellNat4()
{
    Net net;
    return TellNat("iptables", "10.1.1.2", "10.2.2.2:5001", net);
}

std::string
TellNat6()
{
    Net net;
    net.Run(5);
    std::ostringstream server;
    server << '[' << net.address6["server"] << "]:5001";
    return TellNat("ip6tables", "router", server.str(), net);
}

/// Restores what a story changes of the whole program.
class WithChecksums
{
  public:
    WithChecksums()
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    }

    ~WithChecksums()
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(false));
    }
};

std::string
TellNatWithChecksums()
{
    const WithChecksums checksums;
    return TellNat4() + TellNat6();
}

/// DNAT of what the router sends itself: the route changes with the destination.
std::string
TellLocalDnat()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    nf->Run("iptables -t nat -A OUTPUT -d 10.1.1.77 -j DNAT --to-destination 10.2.2.2");
    const uint32_t& received = net.SendTcp(net.router, "10.1.1.77", 5001, net.server, 5001, BULK);
    net.Run(20);
    return ExpectEqual(received, BULK, "bytes");
}

std::string
TellLinkDown()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    nf->Run("iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE");
    net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7);
    net.Run(1);
    std::string wrong = ExpectEqual(nf->GetNetns().GetConntrack().GetCount(), 1U, "before");
    net.router->GetObject<Ipv4>()->SetDown(2);
    net.Run(1);
    return wrong + ExpectEqual(nf->GetNetns().GetConntrack().GetCount(), 0U, "after");
}

std::string
TellAddressRemoved()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    nf->Run("iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE");
    net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7);
    net.Run(1);
    std::string wrong = ExpectEqual(nf->GetNetns().GetConntrack().GetCount(), 1U, "before");
    net.router->GetObject<Ipv4>()->RemoveAddress(2, Ipv4Address("10.2.2.1"));
    net.Run(1);
    return wrong + ExpectEqual(nf->GetNetns().GetConntrack().GetCount(), 0U, "after");
}

/// Every point of the router queues, each reinjection comes 5 ms later.
std::string
TellQueue(NfFamily family, const std::string& to)
{
    Net net;
    net.Run(5);
    Ptr<Netfilter> nf = Net::Nf(net.router);
    uint32_t queued = 0;
    nf->BindQueue(3, [&](NfQueueEntry& entry) {
        ++queued;
        const uint32_t id = entry.id;
        Simulator::Schedule(MilliSeconds(5), [nf, id] { nf->Reinject(3, id, NfVerdict::ACCEPT); });
    });
    uint32_t after = 0;
    for (NfHook hook : {NfHook::PRE_ROUTING, NfHook::FORWARD, NfHook::POST_ROUTING})
    {
        nf->RegisterHook(
            [](NfPacket& packet, const NetfilterHookState&) {
                return IsUdp(packet) ? NfVerdict::Queue(3) : NfVerdict(NfVerdict::ACCEPT);
            },
            family,
            hook);
        nf->RegisterHook(
            [&after](NfPacket& packet, const NetfilterHookState&) {
                after += IsUdp(packet) ? 1 : 0;
                return NfVerdict(NfVerdict::ACCEPT);
            },
            family,
            hook,
            NF_PRI_SECURITY);
    }
    const uint32_t& received = net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, to, 7, 100);
    net.Run(1);
    return ExpectEqual(received, 100U, "bytes") + ExpectEqual(queued, 3U, "queued") +
           ExpectEqual(after, 3U, "seen behind the queues");
}

std::string
TellQueue4()
{
    return TellQueue(NfFamily::IPV4, "10.2.2.2");
}

std::string
TellQueue6()
{
    return TellQueue(NfFamily::IPV6, "server");
}

/// LOCAL_OUT and LOCAL_IN queue, too; a ping comes back.
std::string
TellQueueLocal()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    std::vector<uint32_t> waiting;
    nf->BindQueue(0, [&](NfQueueEntry& entry) { waiting.push_back(entry.id); });
    for (NfHook hook : {NfHook::LOCAL_IN, NfHook::LOCAL_OUT})
    {
        nf->RegisterHook([](NfPacket&, const NetfilterHookState&) { return NfVerdict::Queue(0); },
                         NfFamily::IPV4,
                         hook);
    }
    const uint32_t& replies = net.Ping(net.client, "10.1.1.2");
    std::string wrong;
    for (int i = 0; i < 2; ++i)
    {
        net.Run(1);
        wrong += ExpectEqual(replies, 0U, "replies too early");
        wrong += ExpectEqual(waiting.size(), 1U, "waiting");
        const std::vector<uint32_t> ids = std::exchange(waiting, {});
        for (uint32_t id : ids)
        {
            nf->Reinject(0, id, NfVerdict::ACCEPT);
        }
    }
    net.Run(1);
    return wrong + ExpectEqual(replies, 1U, "replies");
}

/// STOLEN packets go on when their thief lets them; REPEAT calls again; STOP skips the rest.
std::string
TellVerdicts()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    std::unique_ptr<NfPacket> stolen;
    uint32_t calls = 0;
    uint32_t skipped = 0;
    nf->RegisterHook(
        [&](NfPacket& packet, const NetfilterHookState&) {
            stolen = packet.MoveToHeap();
            return NfVerdict(NfVerdict::STOLEN);
        },
        NfFamily::IPV4,
        NfHook::FORWARD);
    nf->RegisterHook(
        [&](NfPacket&, const NetfilterHookState&) {
            return NfVerdict(++calls < 3 ? NfVerdict::REPEAT : NfVerdict::STOP);
        },
        NfFamily::IPV4,
        NfHook::PRE_ROUTING,
        NF_PRI_RAW);
    nf->RegisterHook(
        [&](NfPacket&, const NetfilterHookState&) {
            ++skipped;
            return NfVerdict(NfVerdict::DROP);
        },
        NfFamily::IPV4,
        NfHook::PRE_ROUTING);
    const uint32_t& received = net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7, 100);
    net.Run(1);
    std::string wrong = ExpectEqual(received, 0U, "stolen") + ExpectEqual(calls, 3U, "calls") +
                        ExpectEqual(skipped, 0U, "behind STOP");
    if (!stolen)
    {
        return wrong + "nothing stolen";
    }
    NfPacket& packet = *stolen;
    packet.Okfn(std::move(stolen), static_cast<uint8_t>(NfHook::FORWARD));
    net.Run(1);
    return wrong + ExpectEqual(received, 100U, "released");
}

/// A hook unregisters itself and registers another while packets pass.
std::string
TellRegistering()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    uint32_t first = 0;
    uint32_t second = 0;
    NfHookId id = 0;
    id = nf->RegisterHook(
        [&](NfPacket&, const NetfilterHookState&) {
            ++first;
            nf->UnregisterHook(id);
            nf->RegisterHook(
                [&second](NfPacket&, const NetfilterHookState&) {
                    ++second;
                    return NfVerdict(NfVerdict::ACCEPT);
                },
                NfFamily::IPV4,
                NfHook::FORWARD,
                NF_PRI_LAST);
            return NfVerdict(NfVerdict::ACCEPT);
        },
        NfFamily::IPV4,
        NfHook::FORWARD);
    const uint32_t& received = net.SendTcp(net.client, "10.2.2.2", 5001, net.server, 5001, BULK);
    net.Run(20);
    return ExpectEqual(received, BULK, "bytes") + ExpectEqual(first, 1U, "first") +
           Expect(second > 100, "the second saw nothing");
}

/// Writes at all five points reach the receiver.
std::string
TellMangle(NfFamily family, const std::string& to)
{
    Net net;
    net.Run(5);

    struct Place
    {
        Ptr<Node> node;
        NfHook hook;
    };

    const std::array<Place, 6> places{{{net.client, NfHook::LOCAL_OUT},
                                       {net.client, NfHook::POST_ROUTING},
                                       {net.router, NfHook::PRE_ROUTING},
                                       {net.router, NfHook::FORWARD},
                                       {net.router, NfHook::POST_ROUTING},
                                       {net.server, NfHook::LOCAL_IN}}};
    for (size_t i = 0; i < places.size(); ++i)
    {
        Net::Nf(places[i].node)
            ->RegisterHook(
                [i](NfPacket& packet, const NetfilterHookState&) {
                    if (!IsUdp(packet))
                    {
                        return NfVerdict(NfVerdict::ACCEPT);
                    }
                    uint8_t* bytes = packet.MakeTransportWritable(8 + 50);
                    bytes[8 + i] = static_cast<uint8_t>('a' + i);
                    packet.MutableIp().tos = static_cast<uint8_t>(4 * (i + 1));
                    NfChecksumWrite(packet);
                    return NfVerdict(NfVerdict::ACCEPT);
                },
                family,
                places[i].hook);
    }
    std::string text;
    const Ptr<Socket> socket = Socket::CreateSocket(net.server, UdpSocketFactory::GetTypeId());
    socket->Bind(family == NfFamily::IPV6 ? Address(Inet6SocketAddress(Ipv6Address::GetAny(), 7))
                                          : Address(InetSocketAddress(Ipv4Address::GetAny(), 7)));
    socket->SetRecvCallback(Callback<void, Ptr<Socket>>([&text](Ptr<Socket> readable) {
        const Ptr<Packet> packet = readable->Recv();
        uint8_t bytes[6];
        packet->CopyData(bytes, sizeof(bytes));
        text.assign(bytes, bytes + sizeof(bytes));
    }));
    const auto tos = CountAt(
        net.server,
        NfHook::PRE_ROUTING,
        [](NfPacket& packet) { return IsUdp(packet) && packet.GetIp().tos == 20; },
        family);
    net.SendUdp(net.client, to, 7, 100);
    net.Run(1);
    return ExpectEqual(text, "abcdef", "payload") + ExpectEqual(*tos, 1U, "TOS");
}

std::string
TellMangle4()
{
    return TellMangle(NfFamily::IPV4, "10.2.2.2");
}

std::string
TellMangle6()
{
    return TellMangle(NfFamily::IPV6, "server");
}

std::string
TellMangleWithChecksums()
{
    const WithChecksums checksums;
    return TellMangle4() + TellMangle6();
}

/// A TTL of 255 after a hook does not wrap.
std::string
TellTtl255()
{
    Net net;
    Net::Nf(net.router)
        ->RegisterHook(
            [](NfPacket& packet, const NetfilterHookState&) {
                packet.MutableIp().ttl = 255;
                return NfVerdict(NfVerdict::ACCEPT);
            },
            NfFamily::IPV4,
            NfHook::FORWARD);
    const auto seen = CountAt(
        net.server,
        NfHook::PRE_ROUTING,
        [](NfPacket& packet) { return packet.GetIp().ttl == 255; },
        NfFamily::IPV4);
    net.SendUdp(net.client, "10.2.2.2", 9, 100);
    net.Run(1);
    return ExpectEqual(*seen, 1U, "packets");
}

/// The mark of a socket reaches the hooks of its node, crosses lo, and stays at home.
std::string
TellMarks()
{
    Net net;
    const auto marked = [](NfPacket& packet) { return packet.mark == 42; };
    const auto out = CountAt(net.client, NfHook::LOCAL_OUT, marked, NfFamily::IPV4);
    const auto abroad = CountAt(net.router, NfHook::PRE_ROUTING, marked, NfFamily::IPV4);
    const auto home = CountAt(net.client, NfHook::LOCAL_IN, marked, NfFamily::IPV4);
    net.As(net.client, [&net] {
        const Ptr<Socket> socket = Socket::CreateSocket(net.client, UdpSocketFactory::GetTypeId());
        socket->Bind();
        for (const char* to : {"10.2.2.2", "127.0.0.1"})
        {
            const Ptr<Packet> packet = Create<Packet>(10);
            packet->AddPacketTag(NetfilterMarkTag(42));
            socket->SendTo(packet, 0, InetSocketAddress(Ipv4Address(to), 9));
        }
    });
    net.Run(1);
    return ExpectEqual(*out, 2U, "LOCAL_OUT") + ExpectEqual(*abroad, 0U, "abroad") +
           ExpectEqual(*home, 1U, "through lo");
}

/// Drops are told with rule and point; ns-3's own trace sees them.
std::string
TellDrops()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    std::string story;
    nf->TraceConnectWithoutContext("Drop",
                                   Callback<void,
                                            Ptr<const Packet>,
                                            const std::string&,
                                            const std::string&,
                                            const std::string&>([&story](Ptr<const Packet> packet,
                                                                         const std::string&,
                                                                         const std::string& hook,
                                                                         const std::string& rule) {
                                       story += hook + " " + std::to_string(packet->GetSize()) +
                                                " " + rule;
                                   }));
    uint32_t stackDrops = 0;
    net.router->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
        "Drop",
        Callback<void,
                 const Ipv4Header&,
                 Ptr<const Packet>,
                 Ipv4L3Protocol::DropReason,
                 Ptr<Ipv4>,
                 uint32_t>([&stackDrops](const Ipv4Header&,
                                         Ptr<const Packet>,
                                         Ipv4L3Protocol::DropReason,
                                         Ptr<Ipv4>,
                                         uint32_t) { ++stackDrops; }));
    nf->Run("iptables -A FORWARD -p udp --dport 9 -j DROP");
    net.SendUdp(net.client, "10.2.2.2", 9, 100);
    net.Run(1);
    return Expect(story.find("FORWARD 128 ") == 0, "told: " + story) +
           Expect(story.find("--dport 9 -j DROP") != std::string::npos, "rule in: " + story) +
           ExpectEqual(stackDrops, 1U, "Drop of Ipv4L3Protocol");
}

std::string
TellConntrackTraces()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    nf->Run("iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE");
    std::map<std::string, uint32_t> seen;
    for (const char* source : {"ConntrackNew", "ConntrackDestroy", "NatMapping"})
    {
        nf->TraceConnectWithoutContext(
            source,
            Callback<void, const NfConn&>([&seen, source](const NfConn&) { ++seen[source]; }));
    }
    net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7);
    net.Run(200);
    nf->GetNetns().GetConntrack().KillIf([](const NfConn&) { return true; });
    return ExpectEqual(seen["ConntrackNew"], 1U, "new") +
           ExpectEqual(seen["NatMapping"], 1U, "mapping") +
           ExpectEqual(seen["ConntrackDestroy"], 1U, "destroyed");
}

/// One end of an FTP control connection that keeps what it was told.
struct FtpEnd
{
    Ptr<Socket> socket;
    std::string heard;
    std::function<void(FtpEnd&)> onText;

    void Attach(Ptr<Socket> attached)
    {
        socket = attached;
        socket->SetRecvCallback(Callback<void, Ptr<Socket>>([this](Ptr<Socket> readable) {
            Ptr<Packet> packet = readable->Recv();
            while (packet && packet->GetSize() != 0)
            {
                std::string text(packet->GetSize(), ' ');
                packet->CopyData(reinterpret_cast<uint8_t*>(&text[0]), packet->GetSize());
                heard += text;
                packet = readable->Recv();
            }
            onText(*this);
        }));
    }

    void Say(const std::string& text) const
    {
        socket->Send(Create<Packet>(reinterpret_cast<const uint8_t*>(text.data()),
                                    static_cast<uint32_t>(text.size())));
    }
};

/// The port in "PORT a,b,c,d,p,q" at the end of what was heard, 0: none.
uint16_t
PortIn(const std::string& heard, std::string& address)
{
    const size_t at = heard.rfind("PORT ");
    std::array<unsigned, 6> n{};
    const bool isPort = at != std::string::npos && std::sscanf(heard.c_str() + at,
                                                               "PORT %u,%u,%u,%u,%u,%u",
                                                               &n[0],
                                                               &n[1],
                                                               &n[2],
                                                               &n[3],
                                                               &n[4],
                                                               &n[5]) == 6;
    std::ostringstream text;
    text << n[0] << '.' << n[1] << '.' << n[2] << '.' << n[3];
    address = text.str();
    return isPort ? static_cast<uint16_t>(n[4] * 256 + n[5]) : 0;
}

/// Active FTP behind MASQUERADE: PORT is rewritten, the data connection comes in as RELATED, and
/// the control connection survives the longer line in both directions.
std::string
TellFtp()
{
    Net net;
    Ptr<Netfilter> nf = Net::Nf(net.router);
    std::string wrong;
    for (const char* command :
         {"iptables -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp",
          "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE",
          "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
          "iptables -A FORWARD -i eth0 -p tcp --dport 21 -j ACCEPT",
          "iptables -P FORWARD DROP"})
    {
        const NfCommandResult result = nf->Run(command);
        wrong += ExpectEqual(result.status, 0, result.err);
    }
    FtpEnd server;
    FtpEnd client;
    std::string told;
    server.onText = [&](FtpEnd& self) {
        std::string address;
        if (const uint16_t port =
                self.heard.find("RETR") != std::string::npos ? PortIn(self.heard, told) : 0)
        {
            self.Say("150 coming\r\n");
            const Ptr<Socket> data =
                Socket::CreateSocket(net.server, TcpSocketFactory::GetTypeId());
            data->SetConnectCallback(Callback<void, Ptr<Socket>>([](Ptr<Socket> connected) {
                                         connected->Send(Create<Packet>(5000));
                                         connected->Close();
                                     }),
                                     MakeNullCallback<void, Ptr<Socket>>());
            data->Bind(InetSocketAddress(Ipv4Address::GetAny(), 20));
            data->Connect(InetSocketAddress(Ipv4Address(told.c_str()), port));
            self.heard.clear();
        }
        else if (self.heard.find("PORT") == std::string::npos)
        {
            self.Say("331 ok\r\n");
        }
    };
    client.onText = [&](FtpEnd& self) {
        if (self.heard == "331 ok\r\n")
        {
            self.Say("PORT 10,1,1,1,19,136\r\n");
            Simulator::Schedule(MilliSeconds(100), [&self] { self.Say("RETR file\r\n"); });
        }
    };
    const Ptr<Socket> listener = Socket::CreateSocket(net.server, TcpSocketFactory::GetTypeId());
    listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), 21));
    listener->Listen();
    listener->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
        Callback<void, Ptr<Socket>, const Address&>(
            [&server](Ptr<Socket> accepted, const Address&) { server.Attach(accepted); }));
    const uint32_t& received = net.Listen(net.client, 5000);
    net.As(net.client, [&net, &client] {
        client.Attach(Socket::CreateSocket(net.client, TcpSocketFactory::GetTypeId()));
        client.socket->SetConnectCallback(
            Callback<void, Ptr<Socket>>([&client](Ptr<Socket>) { client.Say("USER me\r\n"); }),
            MakeNullCallback<void, Ptr<Socket>>());
        client.socket->Connect(InetSocketAddress(Ipv4Address("10.2.2.2"), 21));
    });
    net.Run(10);
    return wrong + ExpectEqual(told, "10.2.2.1", "address in PORT") +
           ExpectEqual(received, 5000U, "bytes of data") +
           ExpectEqual(client.heard, "331 ok\r\n150 coming\r\n", "control connection");
}

// ---- other nodes, links and routing protocols

std::string
TellDecorated()
{
    Net::Options options;
    options.decorate = true;
    Net net(options);
    std::string wrong = TellNat("iptables", "10.1.1.2", "10.2.2.2:5001", net);
    net.Record(NfFamily::IPV4);
    net.SendUdp(net.client, "10.2.2.2", 9);
    net.Run(1);
    const std::string points = net.Take();
    return wrong + ExpectEqual(points,
                               "client:LOCAL_OUT client:POSTROUTING router:PREROUTING "
                               "router:FORWARD router:POSTROUTING server:PREROUTING "
                               "server:LOCAL_IN server:LOCAL_OUT server:POSTROUTING "
                               "router:PREROUTING router:FORWARD router:POSTROUTING "
                               "client:PREROUTING client:LOCAL_IN",
                               "points");
}

NetDeviceContainer
Csma(NodeContainer ends)
{
    return CsmaHelper().Install(ends);
}

std::string
TellCsma()
{
    Net::Options options;
    options.link = Csma;
    Net net(options);
    uint32_t arp = 0;
    for (NfHook hook : {NfHook::ARP_IN, NfHook::ARP_OUT})
    {
        Net::Nf(net.router)
            ->RegisterHook(
                [&arp](NfPacket& packet, const NetfilterHookState&) {
                    arp += packet.GetBuffer().GetSize() == 28 ? 1 : 0;
                    return NfVerdict(NfVerdict::ACCEPT);
                },
                NfFamily::ARP,
                hook);
    }
    const auto ethernet = CountAt(
        net.router,
        NfHook::PRE_ROUTING,
        [](NfPacket& packet) { return packet.hasEthernet; },
        NfFamily::IPV4);
    const std::string wrong = TellNat("iptables", "10.1.1.2", "10.2.2.2:5001", net);
    return wrong + Expect(arp >= 4, "ARP packets: " + std::to_string(arp)) +
           Expect(*ethernet > 100, "Ethernet headers");
}

NetDeviceContainer
AdhocWifi(NodeContainer ends)
{
    YansWifiPhyHelper phy;
    phy.SetChannel(YansWifiChannelHelper::Default().Create());
    WifiMacHelper mac;
    mac.SetType("ns3::AdhocWifiMac");
    WifiHelper wifi;
    const NetDeviceContainer devices = wifi.Install(phy, mac, ends);
    MobilityHelper mobility;
    mobility.Install(ends);
    return devices;
}

std::string
TellRouting(const Ipv4RoutingHelper& routing,
            const std::function<NetDeviceContainer(NodeContainer)>& link)
{
    Net::Options options;
    options.routing = &routing;
    options.ipv6 = false;
    options.link = link;
    Net net(options);
    net.Run(20); // for protocols that exchange routes
    net.Record(NfFamily::IPV4);
    net.Nf(net.client)
        ->RegisterHook(
            [](NfPacket& packet, const NetfilterHookState&) {
                packet.mark = 7;
                return NfVerdict(NfVerdict::ACCEPT);
            },
            NfFamily::IPV4,
            NfHook::LOCAL_OUT);
    const auto kept = CountAt(
        net.client,
        NfHook::POST_ROUTING,
        [](NfPacket& packet) {
            const uint8_t* udp = IsUdp(packet) ? packet.PullTransport(4) : nullptr;
            return udp && NfReadU16(udp + 2) == 7 && packet.mark == 7;
        },
        NfFamily::IPV4);
    const uint32_t& received = net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7, 100);
    net.Run(5);
    const std::string points = net.Take();
    return ExpectEqual(received, 100U, "bytes") + ExpectEqual(*kept, 1U, "mark kept") +
           Expect(points.find("client:FORWARD") == std::string::npos,
                  "own packets pass FORWARD: " + points) +
           Expect(points.find("router:FORWARD") != std::string::npos, "no FORWARD");
}

std::string
TellOlsr()
{
    return TellRouting(OlsrHelper(), nullptr);
}

std::string
TellAodv()
{
    return TellRouting(AodvHelper(), Csma);
}

std::string
TellList()
{
    Ipv4ListRoutingHelper list;
    list.Add(Ipv4StaticRoutingHelper(), 0);
    list.Add(OlsrHelper(), 10);
    return TellRouting(list, nullptr);
}

std::string
TellWifi()
{
    Net::Options options;
    options.link = AdhocWifi;
    Net net(options);
    return TellNat("iptables", "10.1.1.2", "10.2.2.2:5001", net);
}

std::string
TellMulticast()
{
    Net net;
    Ipv4StaticRoutingHelper routing;
    const Ipv4Address group("225.1.2.3");
    routing.AddMulticastRoute(net.router,
                              Ipv4Address("10.1.1.1"),
                              group,
                              net.lan.Get(1),
                              NetDeviceContainer(net.wan.Get(0)));
    routing.SetDefaultMulticastRoute(net.client, net.lan.Get(0));
    net.Record(NfFamily::IPV4);
    net.SendUdp(net.client, "225.1.2.3", 7);
    net.Run(1);
    const std::string points = net.Take();
    return ExpectEqual(points.substr(0, points.find(" server")),
                       "client:LOCAL_OUT client:POSTROUTING router:PREROUTING router:LOCAL_IN "
                       "router:FORWARD router:POSTROUTING",
                       "points");
}

/// Two simulations in one process: the same bytes at every point.
std::string
OneRun()
{
    Net net;
    NetfilterHelper().AssignStreams(NodeContainer(net.client, net.router, net.server), 100);
    Ptr<Netfilter> nf = Net::Nf(net.router);
    nf->Run("iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE --random");
    uint32_t sum = 0;
    net.Nf(net.server)
        ->RegisterHook(
            [&sum](NfPacket& packet, const NetfilterHookState&) {
                for (uint8_t byte : packet.Serialize())
                {
                    sum = sum * 31 + byte;
                }
                return NfVerdict(NfVerdict::ACCEPT);
            },
            NfFamily::IPV4,
            NfHook::PRE_ROUTING);
    for (int i = 0; i < 20; ++i)
    {
        net.SendUdp(net.client, "10.2.2.2", 7);
    }
    net.SendTcp(net.client, "10.2.2.2", 5001, net.server, 5001, 20000);
    net.Run(5);
    return std::to_string(sum);
}

std::string
TellTwice()
{
    const std::string first = OneRun();
    return ExpectEqual(OneRun(), first, "checksum of all bytes");
}

/// What the stack answers by itself reaches ns-3's receivers.
std::string
TellAnswers()
{
    Net net;
    net.Run(5);
    for (const char* to : {"10.2.2.2", "10.9.9.9", "server", "10.1.1.2"})
    {
        net.SendUdp(net.client, to, 9, 4000);
        net.SendUdp(net.client, to, 9, 100, 1);
        net.SendTcp(net.client, to, 80, net.server, 81, 1);
    }
    const uint32_t& near = net.Ping(net.client, "10.1.1.2");
    const uint32_t& far = net.Ping(net.client, "10.2.2.2");
    const uint32_t& received = net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, "10.2.2.2", 7, 4000);
    net.Run(3);
    // Both raw sockets see both replies.
    return ExpectEqual(near, 2U, "replies of the router") +
           ExpectEqual(far, 2U, "replies of the server") +
           ExpectEqual(received, 4000U, "bytes in fragments");
}

using Bytes = std::vector<uint8_t>;

/// A header and what follows it, with the same addresses as a sample.
Bytes
Wrap(const Bytes& sample,
     bool isIpv6,
     uint8_t protocol,
     const Bytes& payload,
     const Bytes& options = {})
{
    Bytes made(sample.begin(), sample.begin() + (isIpv6 ? 40 : 20));
    made[isIpv6 ? 6 : 9] = protocol;
    made[isIpv6 ? 7 : 8] = 255;
    made[0] = static_cast<uint8_t>(made[0] + options.size() / 4);
    made.insert(made.end(), options.begin(), options.end());
    made.insert(made.end(), payload.begin(), payload.end());
    return made;
}

/// Says in the header how long the packet is.
Bytes
WithLength(Bytes packet, bool isIpv6)
{
    const size_t header = isIpv6 ? 40 : 20;
    if (packet.size() >= header)
    {
        NfWriteU16(&packet[isIpv6 ? 4 : 2],
                   static_cast<uint16_t>(packet.size() - (isIpv6 ? header : 0)));
    }
    return packet;
}

Bytes
operator+(Bytes a, const Bytes& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Bytes UDP{0, 7, 0, 9, 0, 12, 0, 0, 1, 2, 3, 4};
const Bytes LINK_SOURCE{1, 1, 0, 0, 0, 0, 0, 1};
const Bytes LINK_TARGET{2, 1, 0, 0, 0, 0, 0, 1};
const Bytes LINK_LONG{1, 5, 0, 0, 0, 0, 0, 1};
const Bytes MTU{5, 1, 0, 0, 0, 0, 5, 220};

/// Every message and extension header that the IPv6 stack of ns-3 reads. @param sample UDP
std::vector<Bytes>
Rarities6(const Bytes& sample)
{
    const Bytes source(sample.begin() + 8, sample.begin() + 24);
    const Bytes target(sample.begin() + 24, sample.begin() + 40);
    const Bytes prefix = Bytes{3, 4, 64, 0xc0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0} + target;
    const Bytes quoted = Wrap(sample, true, 17, UDP);
    const auto icmp = [](uint8_t type) { return Bytes{type, 0, 0, 0, 0, 0, 0, 0}; };
    const Bytes redirect = icmp(137) + target + source;
    std::vector<Bytes> made;
    for (const Bytes& message : {icmp(135) + target,
                                 icmp(135) + target + LINK_SOURCE,
                                 icmp(135) + target + LINK_SOURCE + LINK_SOURCE + MTU,
                                 icmp(135) + target + LINK_LONG + Bytes(32),
                                 icmp(136) + target,
                                 icmp(136) + source + LINK_TARGET,
                                 icmp(133),
                                 icmp(133) + LINK_SOURCE,
                                 icmp(134) + Bytes(8),
                                 icmp(134) + Bytes(8) + MTU + MTU + prefix + prefix + LINK_SOURCE,
                                 redirect,
                                 redirect + LINK_TARGET,
                                 redirect + LINK_TARGET + Bytes{4, 7} + Bytes(6) + quoted,
                                 icmp(1) + quoted,
                                 icmp(2) + quoted,
                                 icmp(3) + quoted,
                                 icmp(4) + quoted,
                                 icmp(128) + UDP,
                                 icmp(129) + UDP,
                                 icmp(130) + target})
    {
        made.push_back(Wrap(sample, true, NF_IPPROTO_ICMPV6, message));
        // From a link-local address, to a group of all nodes.
        Bytes near = made.back();
        near[8] = 0xfe;
        near[9] = 0x80;
        made.push_back(near);
        const Bytes all{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        std::copy(all.begin(), all.end(), near.begin() + 24);
        made.push_back(near);
    }
    const Bytes alert{17, 0, 5, 2, 0, 0, 1, 0};
    const Bytes jumbo{17, 0, 0xc2, 4, 0, 1, 0, 0};
    const Bytes unknown{17, 0, 0x8b, 2, 0, 0, 1, 0};
    const Bytes route = Bytes{17, 2, 0, 1, 0, 0, 0, 0} + target;
    for (uint8_t header : {0, 43, 44, 50, 51, 59, 60, 135, 139, 140})
    {
        for (const Bytes& extension : {alert, jumbo, unknown, route, alert + alert})
        {
            made.push_back(Wrap(sample, true, header, extension + UDP));
        }
    }
    return made;
}

/// Likewise of IPv4.
std::vector<Bytes>
Rarities4(const Bytes& sample)
{
    const Bytes quoted = Wrap(sample, false, 17, UDP);
    const auto icmp = [](uint8_t type) { return Bytes{type, 0, 0, 0, 0, 0, 0, 0}; };
    std::vector<Bytes> made;
    for (uint8_t type : {0, 3, 4, 5, 8, 10, 11, 12, 13, 15, 17})
    {
        made.push_back(Wrap(sample, false, NF_IPPROTO_ICMP, icmp(type) + quoted));
        made.push_back(Wrap(sample, false, NF_IPPROTO_ICMP, icmp(type)));
    }
    const Bytes record{7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes stamp{68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes source{131, 7, 4, 10, 1, 1, 2, 0};
    const Bytes alert{148, 4, 0, 0};
    for (const Bytes& options : {record, stamp, source, alert, record + stamp + source})
    {
        made.push_back(Wrap(sample, false, NF_IPPROTO_UDP, UDP, options));
        made.push_back(Wrap(sample, false, NF_IPPROTO_ICMP, icmp(8) + UDP, options));
    }
    for (uint8_t protocol : {2, 4, 33, 41, 47, 50, 51, 58, 89, 132, 136, 255})
    {
        made.push_back(Wrap(sample, false, protocol, UDP + UDP));
    }
    return made;
}

/// Segments for every state of a socket of ns-3, with options that it reads.
std::vector<Bytes>
Segments(const Bytes& sample, bool isIpv6)
{
    const Bytes options{2, 4,  5, 180, 1, 3, 3, 15, 4, 2, 5,   10, 0, 0, 0, 1, 0, 0, 0, 2,
                        8, 10, 0, 0,   0, 1, 0, 0,  0, 1, 200, 4,  0, 0, 5, 5, 1, 1, 1, 0};
    std::vector<Bytes> made;
    for (uint8_t flags = 0; flags < 64; ++flags)
    {
        const Bytes header{0xc0, 1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0xf0, flags, 0, 0, 0, 0, 0, 0};
        made.push_back(Wrap(sample, isIpv6, NF_IPPROTO_TCP, header + options));
    }
    return made;
}

/// Packets cut off at every byte, and with every byte changed, harm nobody.
std::string
TellMalformed(NfFamily family)
{
    Net::Options options;
    options.link = Csma;
    Net net(options);
    net.Run(5);
    std::vector<Bytes> samples;
    Net::Nf(net.router)
        ->RegisterHook(
            [&samples](NfPacket& packet, const NetfilterHookState&) {
                samples.push_back(packet.Serialize());
                return NfVerdict(NfVerdict::ACCEPT);
            },
            family,
            NfHook::PRE_ROUTING);
    const bool isIpv6 = family == NfFamily::IPV6;
    const std::string router = isIpv6 ? "router" : "10.1.1.2";
    net.SendUdp(net.client, router, 9, 30);
    net.SendUdp(net.client, isIpv6 ? "server" : "10.2.2.2", 9, 30);
    net.SendTcp(net.client, router, 80, net.router, 80, 10);
    net.Ping(net.router, "10.1.1.1"); // has a raw socket
    net.Run(2);
    std::vector<Bytes> seen = samples;
    const auto isUdp = [isIpv6](const Bytes& b) { return b[isIpv6 ? 6 : 9] == NF_IPPROTO_UDP; };
    const auto udp = std::find_if(samples.begin(), samples.end(), isUdp);
    if (udp == samples.end())
    {
        return "no UDP sample";
    }
    const Bytes first = *udp;
    for (const Bytes& rarity : isIpv6 ? Rarities6(first) : Rarities4(first))
    {
        seen.push_back(rarity);
    }
    for (const Bytes& segment : Segments(first, isIpv6))
    {
        seen.push_back(segment);
    }
    const Ptr<NetDevice> device = net.lan.Get(1);
    const auto layer = net.router->GetObject<TrafficControlLayer>();
    const auto inject = [&](uint16_t protocol, const Bytes& bytes) {
        layer->Receive(device,
                       Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size())),
                       protocol,
                       device->GetBroadcast(),
                       device->GetAddress(),
                       NetDevice::PACKET_HOST);
    };
    const uint16_t protocol = isIpv6 ? 0x86dd : 0x0800;
    net.As(net.router, [&] {
        for (const Bytes& sample : seen)
        {
            inject(protocol, WithLength(sample, isIpv6));
            for (size_t n = 0; n < sample.size(); ++n)
            {
                const Bytes cut(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(n));
                inject(protocol, cut);
                inject(protocol, WithLength(cut, isIpv6));
                for (uint8_t value : {0x00, 0x01, 0x0f, 0x3a, 0x7f, 0xff})
                {
                    Bytes changed = WithLength(sample, isIpv6);
                    changed[n] = value;
                    inject(protocol, changed);
                }
            }
        }
        const Bytes arp{0,  1, 8, 0, 6, 4, 0, 1, 0, 0, 0,  0, 0, 1,
                        10, 1, 1, 1, 0, 0, 0, 0, 0, 0, 10, 1, 1, 2};
        for (size_t n = 0; n <= arp.size(); ++n)
        {
            inject(0x0806, {arp.begin(), arp.begin() + static_cast<std::ptrdiff_t>(n)});
        }
    });
    net.Run(60);
    // The router still does its work.
    const uint32_t& received = net.ReceiveUdp(net.server, 7);
    net.SendUdp(net.client, isIpv6 ? "server" : "10.2.2.2", 7, 100);
    net.Run(1);
    return Expect(samples.size() > seen.size(), "too few reached PRE_ROUTING") +
           ExpectEqual(received, 100U, "bytes afterwards");
}

std::string
TellMalformed4()
{
    return TellMalformed(NfFamily::IPV4);
}

std::string
TellMalformed6()
{
    return TellMalformed(NfFamily::IPV6);
}

std::string
TellChecking()
{
    // Cannot be switched off again: the last story.
    Packet::EnableChecking();
    Packet::EnablePrinting();
    return TellNat4() + TellNat6() + TellMangle4() + TellMangle6() + TellQueue4() + TellCsma() +
           TellFtp() + TellAnswers();
}

const Story STORIES[] = {
    {"NAT: TCP through MASQUERADE and DNAT", TellNat4},
    {"NAT: the same over IPv6", TellNat6},
    {"NAT with ChecksumEnabled", TellNatWithChecksums},
    {"NAT of local packets routes again", TellLocalDnat},
    {"NAT: masquerading dies with the link", TellLinkDown},
    {"NAT: masquerading dies with the address", TellAddressRemoved},
    {"FTP behind MASQUERADE", TellFtp},
    {"Queue and reinject on the way through", TellQueue4},
    {"Queue and reinject over IPv6", TellQueue6},
    {"Queue and reinject at the node itself", TellQueueLocal},
    {"STOLEN, REPEAT and STOP", TellVerdicts},
    {"Hooks come and go from inside a hook", TellRegistering},
    {"Mangling at every point", TellMangle4},
    {"Mangling over IPv6", TellMangle6},
    {"Mangling with ChecksumEnabled", TellMangleWithChecksums},
    {"TTL 255 does not wrap", TellTtl255},
    {"Marks of sockets", TellMarks},
    {"Drop traces", TellDrops},
    {"Conntrack traces", TellConntrackTraces},
    {"Decorated nodes", TellDecorated},
    {"CSMA and ARP", TellCsma},
    {"Wifi", TellWifi},
    {"OLSR", TellOlsr},
    {"AODV keeps packets until it has a route", TellAodv},
    {"List of routing protocols", TellList},
    {"Multicast per output interface", TellMulticast},
    {"Two simulations in one process", TellTwice},
    {"Answers of the stack", TellAnswers},
    {"Malformed packets", TellMalformed4},
    {"Malformed packets over IPv6", TellMalformed6},
    {"EnableChecking and EnablePrinting", TellChecking},
};

class StoryTest : public TestCase
{
  public:
    explicit StoryTest(const Story& story)
        : TestCase(story.name),
          m_story(story)
    {
    }

  private:
    void DoRun() override
    {
        const std::string wrong = m_story.tell();
        NS_TEST_ASSERT_MSG_EQ(wrong, "", "the story ends otherwise");
    }

    const Story& m_story; //!< to tell
};

class TrafficSuite : public TestSuite
{
  public:
    TrafficSuite()
        : TestSuite("netfilter", Type::SYSTEM)
    {
        for (const Story& story : STORIES)
        {
            AddTestCase(new StoryTest(story));
        }
    }
};

TrafficSuite g_trafficSuite;

} // namespace
