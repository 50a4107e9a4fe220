/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * What a gateway's connection tracking makes of conversations, packet by packet: the state of the
 * entry and the time it has left; then what becomes of it when nobody says anything any more.
 *
 *     client 192.168.1.2 ---- gateway ---- server 203.0.113.2
 *
 * Both ends are puppets: they send what the script says and hear nothing.
 */
#include "nf-conntrack-lifetimes/script.h"

#include "ns3/boolean.h"
#include "ns3/command-line.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-raw-socket-factory.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/nf-conntrack.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string>

using namespace ns3;

namespace
{

/// Plays scripts, one after the other, and prints the table's view of each packet.
class Stage
{
  public:
    Stage()
    {
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
        NetDeviceContainer lan = link.Install(m_client, m_gateway);
        NetDeviceContainer wan = link.Install(m_gateway, m_server);
        NetfilterStackHelper().Install(NodeContainer(m_client, m_gateway, m_server));
        Ipv4AddressHelper("192.168.1.0", "255.255.255.0", "0.0.0.2").Assign(lan);
        Ipv4AddressHelper("203.0.113.0", "255.255.255.0", "0.0.0.1").Assign(wan);
        for (const auto& end : {m_client, m_server})
        {
            NetfilterHelper().Run(end, "iptables -t raw -A PREROUTING -j DROP");
            Ipv4StaticRoutingHelper()
                .GetStaticRouting(end->GetObject<Ipv4>())
                ->SetDefaultRoute(end == m_client ? "192.168.1.3" : "203.0.113.1", 1);
        }
        const Ptr<Netfilter> netfilter = NetfilterHelper::Get(m_gateway);
        netfilter->Run("iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP");
        m_table = &netfilter->GetNetns().GetConntrack();
        netfilter->TraceConnectWithoutContext("ConntrackDestroy",
                                              MakeCallback(&Stage::OnDestroy, this));
        netfilter->RegisterHook(
            [this](NfPacket& packet, const NetfilterHookState&) { return OnPacket(packet); },
            NfFamily::IPV4,
            NfHook::FORWARD,
            NF_PRI_FIRST,
            "lifetimes");
    }

    ~Stage()
    {
        Simulator::Destroy();
    }

    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    void Play(const LifetimeScript& script)
    {
        std::cout << "\n"
                  << script.title << "\n"
                  << "   time  packet                                  packet is    state          "
                     "      timer  status\n";
        m_begin = Simulator::Now();
        for (const LifetimeLine& line : script.lines)
        {
            Wait(line.pause);
            m_info = "INVALID";
            Send(line.fromClient ? m_client : m_server, script.protocol, line);
            Wait(0.001);
            PrintLine(line, script.protocol);
        }
        WaitForEnd(script.protocol);
    }

  private:
    static void Wait(double seconds)
    {
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
    }

    void Send(Ptr<Node> from, uint8_t protocol, const LifetimeLine& line)
    {
        const bool client = from == m_client;
        Ptr<Packet> packet = Create<Packet>(line.bytes.data(), uint32_t(line.bytes.size()));
        Ipv4Header ip;
        ip.SetSource(Ipv4Address(client ? "192.168.1.2" : "203.0.113.2"));
        ip.SetDestination(Ipv4Address(client ? "203.0.113.2" : "192.168.1.2"));
        ip.SetProtocol(protocol);
        ip.SetTtl(64);
        ip.SetPayloadSize(static_cast<uint16_t>(packet->GetSize()));
        packet->AddHeader(ip);
        Ptr<Socket> socket = Socket::CreateSocket(from, Ipv4RawSocketFactory::GetTypeId());
        socket->SetAttribute("IpHeaderInclude", BooleanValue(true));
        socket->SendTo(packet, 0, InetSocketAddress(ip.GetDestination(), 0));
        socket->Close();
    }

    NfVerdict OnPacket(NfPacket& packet)
    {
        if (packet.conn)
        {
            switch (packet.ctInfo)
            {
            case NfCtInfo::NEW:
                m_info = "NEW";
                break;
            case NfCtInfo::ESTABLISHED:
            case NfCtInfo::ESTABLISHED_REPLY:
                m_info = "ESTABLISHED";
                break;
            default:
                m_info = "RELATED";
                break;
            }
        }
        return NfVerdict::ACCEPT;
    }

    /// @return the only entry, or null
    const NfConn* FindEntry(uint8_t protocol) const
    {
        const NfConn* found = nullptr;
        const NfTime now = m_table->Now();
        m_table->Inspect([&](const NfConn& conn) {
            if (conn.GetProtocol() == protocol && conn.IsConfirmed() && conn.expires > now)
            {
                found = &conn;
            }
        });
        return found;
    }

    void PrintTime() const
    {
        std::cout << std::fixed << std::setprecision(1) << std::setw(7)
                  << (Simulator::Now() - m_begin).GetSeconds() << "  " << std::left;
    }

    void PrintLine(const LifetimeLine& line, uint8_t protocol) const
    {
        PrintTime();
        std::cout << std::setw(40) << (line.fromClient ? "> " : "< ") + line.what << std::setw(13)
                  << m_info << std::right;
        const NfConn* conn = FindEntry(protocol);
        if (!conn)
        {
            std::cout << "no entry\n";
            return;
        }
        const std::string state(m_table->GetTracker(protocol).GetStateName(*conn));
        const double left = std::chrono::duration<double>(m_table->GetTimeLeft(*conn)).count();
        std::cout << std::left << std::setw(15) << (state.empty() ? "-" : state) << std::right
                  << std::setprecision(0) << std::setw(8) << left << " s  "
                  << (conn->Has(NF_IPS_ASSURED)      ? "ASSURED"
                      : conn->Has(NF_IPS_SEEN_REPLY) ? "replied"
                                                     : "UNREPLIED")
                  << "\n";
    }

    /// Nobody says anything: the entry's time runs out, and some time later it is collected.
    void WaitForEnd(uint8_t protocol)
    {
        const NfConn* conn = FindEntry(protocol);
        Wait(conn ? std::chrono::duration<double>(m_table->GetTimeLeft(*conn)).count() : 0);
        PrintTime();
        std::cout << "silence                                 expired: no packet finds it\n"
                  << std::right;
        m_silent = true;
        Wait(120);
        m_silent = false;
        m_table->KillIf([](const NfConn&) { return true; });
    }

    void OnDestroy(const NfConn&)
    {
        if (m_silent)
        {
            PrintTime();
            std::cout << "                                        the collector frees it\n"
                      << std::right;
        }
    }

    Ptr<Node> m_client{CreateObject<Node>()};
    Ptr<Node> m_gateway{CreateObject<Node>()};
    Ptr<Node> m_server{CreateObject<Node>()};
    NfConntrack* m_table{nullptr}; //!< the gateway's
    Time m_begin;                  //!< of the script
    std::string m_info;            //!< what the last packet was
    bool m_silent{false};          //!< nothing is sent any more
};

} // namespace

int
main(int argc, char* argv[])
{
    std::string only;
    CommandLine cmd(__FILE__);
    cmd.AddValue("only", "name of one conversation: " + LifetimeScriptNames(), only);
    cmd.Parse(argc, argv);
    size_t played = 0;
    Stage stage;
    for (const LifetimeScript& script : MakeLifetimeScripts())
    {
        if (only.empty() || only == script.name)
        {
            stage.Play(script);
            ++played;
        }
    }
    if (played == 0)
    {
        std::cerr << "nf-conntrack-lifetimes: no conversation of that name; there are "
                  << LifetimeScriptNames() << "\n";
        return 2;
    }
    return 0;
}
