/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "home-applications.h"

#include "ns3/icmpv4.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-raw-socket-factory.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace ns3
{

HomePinger::HomePinger(Ipv4Address remote, uint16_t count, Time interval)
    : m_remote(remote),
      m_count(count),
      m_interval(interval)
{
}

void
HomePinger::StartApplication()
{
    m_socket = Socket::CreateSocket(GetNode(), Ipv4RawSocketFactory::GetTypeId());
    m_socket->SetAttribute("Protocol", UintegerValue(1));
    m_socket->SetRecvCallback(MakeCallback(&HomePinger::OnReceive, this));
    m_socket->Bind();
    Send();
}

void
HomePinger::StopApplication()
{
    if (m_socket)
    {
        m_socket->Close();
    }
}

void
HomePinger::Send()
{
    Icmpv4Echo echo;
    echo.SetIdentifier(uint16_t(GetNode()->GetId()));
    echo.SetSequenceNumber(m_sent);
    echo.SetData(Create<Packet>(56));
    Icmpv4Header header;
    header.SetType(Icmpv4Header::ICMPV4_ECHO);
    header.SetCode(0);
    header.EnableChecksum();
    Ptr<Packet> packet = Create<Packet>();
    packet->AddHeader(echo);
    packet->AddHeader(header);
    m_socket->SendTo(packet, 0, InetSocketAddress(m_remote, 0));
    if (++m_sent < m_count)
    {
        Simulator::Schedule(m_interval, &HomePinger::Send, this);
    }
}

void
HomePinger::OnReceive(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        Ipv4Header ip;
        Icmpv4Header header;
        packet->RemoveHeader(ip);
        packet->RemoveHeader(header);
        if (header.GetType() != Icmpv4Header::ICMPV4_ECHO_REPLY)
        {
            continue;
        }
        Icmpv4Echo echo;
        packet->RemoveHeader(echo);
        m_answered += ip.GetSource() == m_remote && echo.GetIdentifier() == GetNode()->GetId();
    }
}

HomeScanner::HomeScanner(std::vector<Address> remotes)
    : m_remotes(std::move(remotes))
{
}

void
HomeScanner::StartApplication()
{
    // One after the other: neighbour discovery keeps but few packets while it waits.
    Time at;
    for (const auto& remote : m_remotes)
    {
        for (TypeId kind : {TcpSocketFactory::GetTypeId(), UdpSocketFactory::GetTypeId()})
        {
            Simulator::Schedule(at, &HomeScanner::Knock, this, kind, remote);
            at += MilliSeconds(20);
        }
    }
}

void
HomeScanner::StopApplication()
{
    for (const auto& socket : m_sockets)
    {
        socket->Close();
    }
    m_sockets.clear();
}

void
HomeScanner::Knock(TypeId kind, Address remote)
{
    Ptr<Socket> socket = Socket::CreateSocket(GetNode(), kind);
    m_sockets.push_back(socket);
    m_tried++;
    const bool tcp = kind == TcpSocketFactory::GetTypeId();
    if (tcp)
    {
        socket->SetAttribute("ConnCount", UintegerValue(1));
        socket->SetConnectCallback(Callback<void, Ptr<Socket>>([this](Ptr<Socket>) { m_open++; }),
                                   MakeNullCallback<void, Ptr<Socket>>());
    }
    Inet6SocketAddress::IsMatchingType(remote) ? socket->Bind6() : socket->Bind();
    socket->Connect(remote);
    if (!tcp)
    {
        socket->SetRecvCallback(Callback<void, Ptr<Socket>>([this](Ptr<Socket>) { m_open++; }));
        socket->Send(Create<Packet>(8));
    }
}

} // namespace ns3
