/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "visitor-application.h"

#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/tcp-socket-factory.h"

namespace ns3
{

namespace
{

constexpr uint32_t REQUEST = 100; //!< bytes

} // namespace

VisitorApplication::VisitorApplication(const Address& server, double perSecond, Time patience)
    : m_server(server),
      m_patience(patience),
      m_pause(CreateObject<ExponentialRandomVariable>())
{
    m_pause->SetAttribute("Mean", DoubleValue(1 / perSecond));
}

void
VisitorApplication::StartApplication()
{
    m_next = Simulator::Schedule(Seconds(m_pause->GetValue()), &VisitorApplication::Begin, this);
}

void
VisitorApplication::StopApplication()
{
    m_next.Cancel();
}

void
VisitorApplication::Begin()
{
    const auto second = static_cast<size_t>(Simulator::Now().GetSeconds());
    m_seconds.resize(second + 1);
    ++m_seconds[second].visits;
    Ptr<Socket> socket = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
    // As Linux: the first SYN is repeated after a second.
    socket->SetAttribute("ConnTimeout", TimeValue(Seconds(1)));
    socket->SetConnectCallback(MakeCallback(&VisitorApplication::OnConnected, this),
                               MakeNullCallback<void, Ptr<Socket>>());
    socket->SetRecvCallback(MakeCallback(&VisitorApplication::OnData, this));
    socket->Bind();
    socket->Connect(m_server);
    Visit& visit = m_visits[socket];
    visit.second = second;
    visit.end = Simulator::Schedule(m_patience, &VisitorApplication::End, this, socket, false);
    m_next = Simulator::Schedule(Seconds(m_pause->GetValue()), &VisitorApplication::Begin, this);
}

void
VisitorApplication::OnConnected(Ptr<Socket> socket)
{
    socket->Send(Create<Packet>(REQUEST));
}

void
VisitorApplication::OnData(Ptr<Socket> socket)
{
    const auto visit = m_visits.find(socket);
    while (const Ptr<Packet> packet = socket->Recv())
    {
        if (visit != m_visits.end())
        {
            visit->second.received += packet->GetSize();
        }
    }
    if (visit != m_visits.end() && visit->second.received >= PageServer::PAGE)
    {
        End(socket, true);
    }
}

void
VisitorApplication::End(Ptr<Socket> socket, bool page)
{
    Visit& visit = m_visits[socket];
    visit.end.Cancel();
    m_seconds[visit.second].pages += page ? 1 : 0;
    m_visits.erase(socket);
    socket->Close();
}

PageServer::PageServer(uint16_t port)
    : m_port(port)
{
}

void
PageServer::StartApplication()
{
    m_socket = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
    m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), m_port));
    m_socket->Listen();
    m_socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                MakeCallback(&PageServer::OnAccept, this));
}

void
PageServer::StopApplication()
{
    m_socket->Close();
}

void
PageServer::OnAccept(Ptr<Socket> socket, const Address&)
{
    socket->SetRecvCallback(MakeCallback(&PageServer::OnData));
}

void
PageServer::OnData(Ptr<Socket> socket)
{
    bool asked = false;
    while (socket->Recv())
    {
        asked = true;
    }
    if (asked)
    {
        socket->Send(Create<Packet>(PAGE));
        socket->Close();
    }
}

} // namespace ns3
