/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-router.h"

#include "ns3/arp-cache.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-interface.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/ndisc-cache.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/nf-checksum.h"
#include "ns3/simulator.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace replay
{

using namespace ns3;

namespace
{

bool
IsIpv6(const std::string& address)
{
    return address.find(':') != std::string::npos;
}

/// "A/P" in its parts; without "/P" a whole address.
struct Prefix
{
    std::string address;
    unsigned length;

    explicit Prefix(const std::string& text)
    {
        const size_t slash = text.find('/');
        address = text.substr(0, slash);
        const unsigned width = IsIpv6(address) ? 128 : 32;
        length = slash == std::string::npos ? width : std::stoul(text.substr(slash + 1));
        const NfFamily family = IsIpv6(address) ? NfFamily::IPV6 : NfFamily::IPV4;
        if (!NfAddr::Parse(address, family) || length > width)
        {
            throw std::invalid_argument("not an address: " + text);
        }
    }

    Ipv4Mask Mask() const
    {
        return Ipv4Mask(length == 0 ? 0 : ~uint32_t{0} << (32 - length));
    }
};

Mac48Address
MacOr(const Json& config, const char* key, const char* format, unsigned number)
{
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), format, number);
    return config.contains(key) ? Mac48Address(config[key].get<std::string>().c_str())
                                : Mac48Address(text.data());
}

std::vector<std::string>
Words(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
    {
        words.push_back(word);
    }
    return words;
}

bool
Truth(const Json& object, const char* key)
{
    return object.contains(key) && object[key].is_boolean() && object[key].get<bool>();
}

} // namespace

Router::Router(const Json& description, const std::vector<unsigned>& deliverProtocols)
    : m_node(CreateObject<Node>()),
      m_deliverProtocols(deliverProtocols)
{
    InstallStack();
    const Json interfaces = description.value("interfaces", Json::object());
    const bool linkLocal = Truth(description, "linklocal");
    unsigned number = 0;
    for (const auto& [name, config] : interfaces.items())
    {
        AddInterface(name, config, ++number, linkLocal);
    }
    for (const auto& route : description.value("routes", Json::array()))
    {
        if (!AddRoute(route))
        {
            throw std::invalid_argument("route " + route.get<std::string>());
        }
    }
    // Without a link-local address there is nobody to send a redirect (Linux:
    // ndisc_send_redirect()).
    m_node->GetObject<Ipv6>()->SetAttribute("SendIcmpv6Redirect", BooleanValue(linkLocal));
    AddStackSysctls();
    WatchDelivery();
}

Router::~Router()
{
    StopListening();
    for (const NfHookId id : m_deliveryHooks)
    {
        GetNetns().GetHooks().Unregister(id);
    }
    m_node = nullptr;
    m_links.clear();
    Simulator::Destroy();
}

void
Router::InstallStack()
{
    NetfilterStackHelper helper;
    helper.SetRoutingHelper(Ipv4StaticRoutingHelper());
    helper.SetRoutingHelper(Ipv6StaticRoutingHelper());
    helper.SetIpv4ArpJitter(false);
    helper.SetIpv6NsRsJitter(false);
    helper.Install(m_node);
    const auto onDrop =
        [this](Ptr<const Packet>, const std::string&, const std::string& hook, const std::string&) {
            m_localDrop = m_localDrop || hook == "OUTPUT" || hook == "POSTROUTING";
        };
    GetNetfilter().TraceConnectWithoutContext("Drop",
                                              Callback<void,
                                                       Ptr<const Packet>,
                                                       const std::string&,
                                                       const std::string&,
                                                       const std::string&>(onDrop));
    // The same numbers however many routers ran before.
    helper.AssignStreams(NodeContainer(m_node), 1);
    m_node->GetObject<Ipv4>()->SetAttribute("IpForward", BooleanValue(true));
    m_node->GetObject<Ipv6>()->SetAttribute("IpForward", BooleanValue(true));
    // Any day between the years that rules on time are likely to name.
    m_node->GetObject<Netfilter>()->SetAttribute("Epoch", TimeValue(Days(56 * 365 + 200)));
}

void
Router::AddInterface(const std::string& name, const Json& config, unsigned number, bool linkLocal)
{
    Link link;
    link.device = CreateObject<CaptureDevice>();
    link.device->SetAddress(MacOr(config, "mac", "02:00:00:00:00:%02x", number));
    link.far = MacOr(config, "peer_mac", "02:00:00:00:01:%02x", number);
    link.device->SetMtu(config.value("mtu", 1500));
    link.device->SetNeedsArp(Truth(config, "arp"));
    link.device->SetSink([this, name](const Frame& frame) {
        Capture capture;
        capture.interface = name;
        capture.frame = frame;
        m_captures.push_back(std::move(capture));
    });
    m_node->AddDevice(link.device);
    GetNetfilter().SetDeviceName(link.device, name);
    m_names.push_back(name);
    m_links[name] = link;
    SetUpIp(link, linkLocal);
    for (const auto& address : config.value("ip", Json::array()))
    {
        AddAddress(name, address);
    }
}

void
Router::SetUpIp(const Link& link, bool linkLocal) const
{
    Ptr<Ipv4> ipv4 = m_node->GetObject<Ipv4>();
    ipv4->SetUp(ipv4->AddInterface(link.device));
    Ptr<Ipv6> ipv6 = m_node->GetObject<Ipv6>();
    const uint32_t index = ipv6->AddInterface(link.device);
    ipv6->SetUp(index);
    ipv6->SetForwarding(index, true);
    for (uint32_t i = linkLocal ? 0 : ipv6->GetNAddresses(index); i-- > 0;)
    {
        ipv6->RemoveAddress(index, i);
    }
}

bool
Router::AddAddress(const std::string& interface, const std::string& address)
{
    const Prefix prefix(address);
    const NfFamily family = IsIpv6(address) ? NfFamily::IPV6 : NfFamily::IPV4;
    const int32_t index = GetIpInterface(family, interface);
    if (index < 0)
    {
        return false;
    }
    if (family == NfFamily::IPV6)
    {
        return m_node->GetObject<Ipv6>()->AddAddress(
            index,
            Ipv6InterfaceAddress(Ipv6Address(prefix.address.c_str()), Ipv6Prefix(prefix.length)));
    }
    return m_node->GetObject<Ipv4>()->AddAddress(
        index,
        Ipv4InterfaceAddress(Ipv4Address(prefix.address.c_str()), prefix.Mask()));
}

bool
Router::RemoveAddress(const std::string& interface, const std::string& address)
{
    const Prefix prefix(address);
    const NfFamily family = IsIpv6(address) ? NfFamily::IPV6 : NfFamily::IPV4;
    const int32_t index = GetIpInterface(family, interface);
    if (index < 0)
    {
        return false;
    }
    return family == NfFamily::IPV6
               ? m_node->GetObject<Ipv6>()->RemoveAddress(index,
                                                          Ipv6Address(prefix.address.c_str()))
               : m_node->GetObject<Ipv4>()->RemoveAddress(index,
                                                          Ipv4Address(prefix.address.c_str()));
}

bool
Router::SetUp(const std::string& interface, bool up)
{
    const int32_t v4 = GetIpInterface(NfFamily::IPV4, interface);
    const int32_t v6 = GetIpInterface(NfFamily::IPV6, interface);
    if (v4 < 0 || v6 < 0)
    {
        return false;
    }
    Ptr<Ipv4> ipv4 = m_node->GetObject<Ipv4>();
    Ptr<Ipv6> ipv6 = m_node->GetObject<Ipv6>();
    if (up)
    {
        ipv4->SetUp(v4);
        ipv6->SetUp(v6);
    }
    else
    {
        ipv4->SetDown(v4);
        ipv6->SetDown(v6);
        GetNetfilter().NotifyDeviceDown(m_links.at(interface).device);
    }
    return true;
}

int32_t
Router::GetIpInterface(NfFamily family, const std::string& name) const
{
    Ptr<NetDevice> device;
    const auto link = m_links.find(name);
    if (link != m_links.end())
    {
        device = link->second.device;
    }
    else if (name == "lo" && GetNetfilter().GetStack().GetLoopback())
    {
        device = GetNetfilter().GetStack().GetLoopback()->device;
    }
    if (!device)
    {
        return -1;
    }
    return family == NfFamily::IPV6 ? m_node->GetObject<Ipv6>()->GetInterfaceForDevice(device)
                                    : m_node->GetObject<Ipv4>()->GetInterfaceForDevice(device);
}

std::string
Router::FindInterfaceTowards(const std::string& gateway) const
{
    const NfFamily family = IsIpv6(gateway) ? NfFamily::IPV6 : NfFamily::IPV4;
    const auto address = NfAddr::Parse(gateway, family);
    const auto route = address ? GetNetfilter().GetStack().Route(family, *address) : std::nullopt;
    return route && route->out ? route->out->name : "";
}

bool
Router::AddRoute(const std::string& route)
{
    const std::vector<std::string> words = Words(route);
    std::string gateway;
    std::string device;
    for (size_t i = 1; i + 1 < words.size(); i += 2)
    {
        std::string& where = words[i] == "via" ? gateway : device;
        where = words[i] == "via" || words[i] == "dev" ? words[i + 1] : where;
    }
    if (words.empty())
    {
        return false;
    }
    const bool v6 = IsIpv6(words[0] == "default" ? gateway : words[0]);
    const Prefix prefix(words[0] != "default" ? words[0] : v6 ? "::/0" : "0.0.0.0/0");
    device = device.empty() ? FindInterfaceTowards(gateway) : device;
    const int32_t index = GetIpInterface(v6 ? NfFamily::IPV6 : NfFamily::IPV4, device);
    if (index < 0)
    {
        return false;
    }
    if (v6)
    {
        Ipv6StaticRoutingHelper()
            .GetStaticRouting(m_node->GetObject<Ipv6>())
            ->AddNetworkRouteTo(Ipv6Address(prefix.address.c_str()),
                                Ipv6Prefix(prefix.length),
                                gateway.empty() ? Ipv6Address::GetZero()
                                                : Ipv6Address(gateway.c_str()),
                                index);
        return true;
    }
    Ptr<Ipv4StaticRouting> routing =
        Ipv4StaticRoutingHelper().GetStaticRouting(m_node->GetObject<Ipv4>());
    const Ipv4Address network(prefix.address.c_str());
    if (gateway.empty())
    {
        routing->AddNetworkRouteTo(network, prefix.Mask(), index);
    }
    else
    {
        routing->AddNetworkRouteTo(network, prefix.Mask(), Ipv4Address(gateway.c_str()), index);
    }
    return true;
}

Netfilter&
Router::GetNetfilter() const
{
    return *m_node->GetObject<Netfilter>();
}

NfNetns&
Router::GetNetns() const
{
    return GetNetfilter().GetNetns();
}

const std::vector<std::string>&
Router::GetInterfaces() const
{
    return m_names;
}

std::pair<Mac48Address, Mac48Address>
Router::GetMacs(const std::string& interface) const
{
    const Link& link = m_links.at(interface);
    return {Mac48Address::ConvertFrom(link.device->GetAddress()), link.far};
}

bool
Router::ResolvesNeighbours(const std::string& interface) const
{
    return m_links.at(interface).device->NeedsArp();
}

void
Router::Inject(const std::string& interface, const Frame& frame)
{
    const auto link = m_links.find(interface);
    if (link == m_links.end())
    {
        throw std::invalid_argument("no interface " + interface);
    }
    Ptr<CaptureDevice> device = link->second.device;
    Simulator::ScheduleWithContext(m_node->GetId(), Time(0), [device, frame]() {
        device->Receive(frame);
    });
    Advance(10e-6); // packets of a burst keep their order
}

void
Router::SendRaw(const Octets& packet, uint32_t mark)
{
    Octets bytes = packet;
    if (bytes.size() >= NF_IPV4_HEADER_SIZE && bytes[0] >> 4 == 4)
    {
        // Linux: raw_send_hdrinc() writes the length itself.
        NfWriteU16(&bytes[2], static_cast<uint16_t>(bytes.size()));
    }
    std::unique_ptr<NfPacket> parsed = NfPacket::Parse(bytes, false);
    if (!parsed)
    {
        return;
    }
    parsed->mark = mark;
    parsed->hasSocket = true;
    parsed->localOut = true;
    parsed->ownerUid = 0;
    parsed->ownerGid = 0;
    GetNetfilter().GetStack().SendLocal(std::move(parsed));
    Advance(10e-6);
}

std::optional<std::string>
Router::SendApp(const AppSocket& app)
{
    const auto [host, port] = SplitAddress(app.to);
    const NfFamily family = IsIpv6(host) ? NfFamily::IPV6 : NfFamily::IPV4;
    const auto dst = NfAddr::Parse(host, family);
    if (!dst)
    {
        return "Invalid argument";
    }
    auto [source, sport] =
        app.from.empty() ? std::pair<std::string, int>{} : SplitAddress(app.from);
    const auto route = GetNetfilter().GetStack().Route(family, *dst, {}, nullptr, app.mark);
    if (!route)
    {
        return "Network is unreachable";
    }
    source = source.empty() ? route->source.ToString(family) : source;
    sport = sport > 0 ? sport : m_nextPort++;
    Json fields = {{"l4", app.protocol},
                   {"src", source},
                   {"sport", sport},
                   {"dst", host},
                   {"dport", port},
                   {"df", 1}};
    const bool v6 = family == NfFamily::IPV6;
    fields["ttl"] = GetNetfilter().GetStack().GetDefaultTtl(family);
    fields["id"] = v6 ? 0 : 1 + GetNetns().GetRandom().Below(0xffff);
    fields["flow"] = v6 ? 1 + GetNetns().GetRandom().Below(0xfffff) : 0;
    if (app.protocol == "tcp")
    {
        fields["flags"] = "S";
        fields["seq"] = GetNetns().GetRandom().Next();
        fields["win"] = v6 ? 64800 : 64240;
        const std::string mss = std::to_string(v6 ? 1440 : 1460);
        const std::string now = std::to_string(GetNetns().GetRandom().Next());
        fields["opt"] = "mss:" + mss + ",sok,ts:" + now + ":0,nop,ws:10";
    }
    else
    {
        fields["data"] = "hex:" + ToHex(app.data);
    }
    std::unique_ptr<NfPacket> packet =
        NfPacket::Parse(BuildPacket(Json{{app.protocol, fields}}), false);
    if (!packet)
    {
        return "Invalid argument";
    }
    packet->mark = app.mark;
    packet->hasSocket = true;
    packet->localOut = true;
    packet->ownerUid = std::max<int64_t>(app.uid, 0);
    packet->ownerGid = std::max<int64_t>(app.gid, 0);
    m_localDrop = false;
    GetNetfilter().GetStack().SendLocal(std::move(packet));
    Advance(10e-6);
    return m_localDrop && app.protocol == "udp"
               ? std::optional<std::string>("Operation not permitted")
               : std::nullopt;
}

bool
Router::Listen(const std::string& kind, const std::string& where)
{
    const auto [host, port] = SplitAddress(where);
    Ptr<Socket> socket = Socket::CreateSocket(m_node,
                                              kind == "tcp" ? TcpSocketFactory::GetTypeId()
                                                            : UdpSocketFactory::GetTypeId());
    const Address local = IsIpv6(host)
                              ? Address(Inet6SocketAddress(Ipv6Address(host.c_str()), port))
                              : Address(InetSocketAddress(Ipv4Address(host.c_str()), port));
    if (socket->Bind(local) != 0)
    {
        return false;
    }
    if (kind == "tcp")
    {
        socket->Listen();
    }
    m_listeners.push_back(socket);
    return true;
}

void
Router::StopListening()
{
    for (const Ptr<Socket>& socket : m_listeners)
    {
        socket->Close();
    }
    m_listeners.clear();
}

void
Router::Advance(double seconds)
{
    WatchDelivery();
    Simulator::Stop(Seconds(seconds));
    Simulator::Run();
}

std::vector<Capture>
Router::Take()
{
    return std::exchange(m_captures, {});
}

void
Router::WatchDelivery()
{
    // What is delivered is what passed every function of LOCAL_IN: ours must stay the last.
    NfHooks& hooks = GetNetns().GetHooks();
    for (const NfHookId id : m_deliveryHooks)
    {
        hooks.Unregister(id);
    }
    m_deliveryHooks.clear();
    for (const NfFamily family : {NfFamily::IPV4, NfFamily::IPV6})
    {
        NfHookOps ops;
        ops.family = family;
        ops.hook = NfHook::LOCAL_IN;
        ops.priority = NF_PRI_LAST;
        ops.name = "delivery";
        ops.function = [this](NfPacket& packet, const NfHookState&) -> NfVerdict {
            Delivered(packet);
            return NfVerdict::ACCEPT;
        };
        m_deliveryHooks.push_back(hooks.Register(ops));
    }
}

void
Router::Report(NfPacket& packet, uint8_t protocol, Octets bytes)
{
    Capture capture;
    capture.local = true;
    capture.family = packet.GetFamily();
    capture.protocol = protocol;
    capture.packet = std::move(bytes);
    capture.src = packet.GetIp().src.ToString(packet.GetFamily());
    capture.dst = packet.GetIp().dst.ToString(packet.GetFamily());
    m_captures.push_back(std::move(capture));
}

/// Raw ICMP sockets see no message whose header is short, those of ICMPv6 none with a bad checksum
/// (Linux: icmp_filter(), icmpv6_filter(), rawv6_rcv_skb()).
bool
PassesIcmpSocket(const NfPacket& packet)
{
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    constexpr size_t LEAST4 = 8;
    constexpr size_t LEAST6 = 4;
    if (v6 && packet.GetIp().fragment)
    {
        return true;
    }
    return packet.GetTransportSize() >= (v6 ? LEAST6 : LEAST4) &&
           (!v6 || NfChecksumVerify(packet, packet.GetTransportOffset(), NF_IPPROTO_ICMPV6));
}

void
Router::Delivered(NfPacket& packet)
{
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    const uint8_t protocol = packet.GetProtocol();
    const bool usual = protocol == 6 || protocol == 17 || protocol == (v6 ? 58 : 1);
    if (!usual && std::find(m_deliverProtocols.begin(), m_deliverProtocols.end(), protocol) ==
                      m_deliverProtocols.end())
    {
        return;
    }
    if (protocol == (v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP) && !PassesIcmpSocket(packet))
    {
        return;
    }
    if (!v6)
    {
        Report(packet, protocol, packet.Serialize());
    }
    else if (packet.GetIp().fragment && !packet.GetIp().atomic)
    {
        DeliveredFragment(packet);
    }
    else
    {
        const NfBytes transport = packet.PullTransportAll();
        Report(packet, protocol, Octets(transport.begin(), transport.end()));
    }
}

void
Router::DeliveredFragment(NfPacket& packet)
{
    // Without conntrack, IPv6 puts pieces together behind LOCAL_IN; sockets get the whole.
    const NfIpHeader& ip = packet.GetIp();
    const std::string key = ip.src.ToFullString() + ip.dst.ToFullString() + std::to_string(ip.id);
    Pieces& pieces = m_pieces[key];
    const NfBytes bytes = packet.PullTransportAll();
    pieces.parts[ip.fragOffset] = Octets(bytes.begin(), bytes.end());
    pieces.total = ip.moreFragments ? pieces.total : ip.fragOffset + bytes.size();
    pieces.protocol = ip.fragOffset == 0 ? packet.GetProtocol() : pieces.protocol;
    Octets whole;
    for (const auto& [offset, part] : pieces.parts)
    {
        if (offset != whole.size())
        {
            return;
        }
        whole.insert(whole.end(), part.begin(), part.end());
    }
    if (pieces.total != 0 && whole.size() == pieces.total)
    {
        Report(packet, pieces.protocol, std::move(whole));
        m_pieces.erase(key);
    }
}

void
Router::AddStackSysctls()
{
    std::vector<std::string> names = {"net.ipv4.ip_forward",
                                      "net.ipv4.ip_default_ttl",
                                      "net.ipv4.ip_local_port_range",
                                      "net.ipv6.conf.all.forwarding"};
    std::vector<std::string> places = {"all", "default", "lo"};
    places.insert(places.end(), m_names.begin(), m_names.end());
    for (const std::string& place : places)
    {
        for (const char* knob : {"send_redirects", "rp_filter", "route_localnet", "forwarding"})
        {
            names.push_back("net.ipv4.conf." + place + "." + knob);
        }
    }
    const std::map<std::string, std::string> first = {
        {"net.ipv4.ip_default_ttl", "64"},
        {"net.ipv4.ip_local_port_range", "32768\t60999"}};
    NfSysctls& sysctls = GetNetns().GetSysctls();
    for (const std::string& name : names)
    {
        if (sysctls.GetAll().count(name) != 0)
        {
            continue;
        }
        const auto value = first.find(name);
        const bool zero = name.find("rp_filter") != std::string::npos ||
                          name.find("localnet") != std::string::npos;
        m_stackSysctls[name] = value != first.end() ? value->second : zero ? "0" : "1";
        NfSysctls::Knob knob;
        knob.read = [this, name] { return m_stackSysctls[name]; };
        knob.write = [this, name](const std::string& text) {
            ApplyStackSysctl(name, text);
            return NfOk();
        };
        sysctls.Add(name, knob);
    }
}

bool
Router::SetStackSysctl(const std::string& name, const std::string& value)
{
    if (name.rfind("net.ipv4.", 0) != 0 && name.rfind("net.ipv6.", 0) != 0 &&
        name.rfind("net.core.", 0) != 0)
    {
        return false;
    }
    ApplyStackSysctl(name, value);
    return true;
}

void
Router::ApplyStackSysctl(const std::string& name, const std::string& value)
{
    m_stackSysctls[name] = value;
    const bool on = value != "0";
    if (name == "net.ipv4.ip_forward")
    {
        m_node->GetObject<Ipv4>()->SetAttribute("IpForward", BooleanValue(on));
    }
    else if (name == "net.ipv6.conf.all.forwarding")
    {
        m_node->GetObject<Ipv6>()->SetAttribute("IpForward", BooleanValue(on));
    }
    else if (name == "net.ipv4.ip_default_ttl")
    {
        m_node->GetObject<Ipv4>()->SetAttribute("DefaultTtl", UintegerValue(std::stoul(value)));
    }
}

} // namespace replay
