/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ftp-application.h"

#include "ns3/address.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FtpApplication");

NS_OBJECT_ENSURE_REGISTERED(FtpServer);
NS_OBJECT_ENSURE_REGISTERED(FtpClient);

namespace
{

/// An address and a port of either family.
struct EndPoint
{
    bool v6{false};
    Ipv4Address v4addr;
    Ipv6Address v6addr;
    uint16_t port{0};

    static EndPoint From(const Address& address)
    {
        EndPoint e;
        e.v6 = Inet6SocketAddress::IsMatchingType(address);
        if (e.v6)
        {
            e.v6addr = Inet6SocketAddress::ConvertFrom(address).GetIpv6();
            e.port = Inet6SocketAddress::ConvertFrom(address).GetPort();
        }
        else
        {
            e.v4addr = InetSocketAddress::ConvertFrom(address).GetIpv4();
            e.port = InetSocketAddress::ConvertFrom(address).GetPort();
        }
        return e;
    }

    Address ToAddress() const
    {
        return v6 ? Address(Inet6SocketAddress(v6addr, port))
                  : Address(InetSocketAddress(v4addr, port));
    }
};

/// The other side is done, so are we.
void
CloseToo(Ptr<Socket> socket)
{
    socket->Close();
}

/// @return the address of a socket's own end
EndPoint
LocalEnd(Ptr<Socket> socket)
{
    Address address;
    socket->GetSockName(address);
    return EndPoint::From(address);
}

/// @return a socket that listens on a free port of the address family of `near`, bound to any
/// address
Ptr<Socket>
ListenAnywhere(Ptr<Node> node, const EndPoint& near)
{
    Ptr<Socket> socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    if (near.v6)
    {
        socket->Bind(Inet6SocketAddress(Ipv6Address::GetAny(), 0));
    }
    else
    {
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), 0));
    }
    socket->Listen();
    return socket;
}

/// @return "h1,h2,h3,h4,p1,p2" (RFC 959, HOST-PORT)
std::string
HostPort(const EndPoint& e)
{
    const uint32_t a = e.v4addr.Get();
    char text[40];
    std::snprintf(text,
                  sizeof(text),
                  "%u,%u,%u,%u,%u,%u",
                  a >> 24,
                  a >> 16 & 255,
                  a >> 8 & 255,
                  a & 255,
                  e.port >> 8U,
                  e.port & 255U);
    return text;
}

/// @param text where HOST-PORT stands in @param e gets it @return true if it does
bool
ParseHostPort(const std::string& text, EndPoint& e)
{
    const size_t digit = text.find_first_of("0123456789");
    unsigned n[6];
    if (digit == std::string::npos || std::sscanf(text.c_str() + digit,
                                                  "%u,%u,%u,%u,%u,%u",
                                                  n,
                                                  n + 1,
                                                  n + 2,
                                                  n + 3,
                                                  n + 4,
                                                  n + 5) != 6)
    {
        return false;
    }
    if (std::any_of(n, n + 6, [](unsigned i) { return i > 255; }))
    {
        return false;
    }
    e.v6 = false;
    e.v4addr = Ipv4Address(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
    e.port = static_cast<uint16_t>(n[4] << 8 | n[5]);
    return true;
}

/// @return "|1|10.0.0.2|6275|" (RFC 2428, EPRT)
std::string
ExtendedHostPort(const EndPoint& e)
{
    std::ostringstream text;
    text << (e.v6 ? "|2|" : "|1|");
    if (e.v6)
    {
        text << e.v6addr;
    }
    else
    {
        text << e.v4addr;
    }
    text << "|" << e.port << "|";
    return text.str();
}

/// Parses what ExtendedHostPort() makes. @param text of EPRT @param e gets it @return true if well
/// formed
bool
ParseExtendedHostPort(const std::string& text, EndPoint& e)
{
    char address[64];
    unsigned family = 0;
    unsigned port = 0;
    if (std::sscanf(text.c_str(), "|%u|%63[^|]|%u|", &family, address, &port) != 3 ||
        port > 65535 || family < 1 || family > 2)
    {
        return false;
    }
    e.v6 = family == 2;
    if (e.v6)
    {
        e.v6addr = Ipv6Address(address);
    }
    else
    {
        e.v4addr = Ipv4Address(address);
    }
    e.port = static_cast<uint16_t>(port);
    return true;
}

void
SendLine(Ptr<Socket> socket, const std::string& text)
{
    const std::string line = text + "\r\n";
    socket->Send(
        Create<Packet>(reinterpret_cast<const uint8_t*>(line.data()), uint32_t(line.size())));
}

void
CloseAll(std::initializer_list<Ptr<Socket>> sockets)
{
    for (const auto& socket : sockets)
    {
        if (socket)
        {
            socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
            socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
            socket->Close();
        }
    }
}

} // namespace

void
FtpLines::Read(Ptr<Socket> socket, const std::function<void(const std::string&)>& onLine)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            break;
        }
        std::string bytes(packet->GetSize(), '\0');
        packet->CopyData(reinterpret_cast<uint8_t*>(&bytes[0]), packet->GetSize());
        m_partial += bytes;
    }
    for (size_t end = m_partial.find("\r\n"); end != std::string::npos;
         end = m_partial.find("\r\n"))
    {
        const std::string line = m_partial.substr(0, end);
        m_partial.erase(0, end + 2);
        onLine(line);
    }
}

void
FtpSender::Start(Ptr<Socket> socket, uint64_t bytes, std::function<void()> onDone)
{
    m_left = bytes;
    m_onDone = std::move(onDone);
    socket->SetSendCallback(MakeCallback(&FtpSender::Send, this));
    Send(socket, socket->GetTxAvailable());
}

void
FtpSender::Send(Ptr<Socket> socket, uint32_t)
{
    while (m_left > 0)
    {
        const uint32_t size = uint32_t(std::min<uint64_t>(m_left, socket->GetTxAvailable()));
        if (size == 0 || socket->Send(Create<Packet>(size)) <= 0)
        {
            return;
        }
        m_left -= size;
    }
    socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
    socket->Close();
    if (m_onDone)
    {
        std::exchange(m_onDone, nullptr)();
    }
}

TypeId
FtpServer::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FtpServer")
            .SetParent<Application>()
            .SetGroupName("Netfilter")
            .AddConstructor<FtpServer>()
            .AddAttribute("Local",
                          "Address and port to listen on.",
                          AddressValue(InetSocketAddress(Ipv4Address::GetAny(), 21)),
                          MakeAddressAccessor(&FtpServer::m_local),
                          MakeAddressChecker())
            .AddAttribute("FileSize",
                          "Size of the one file, in bytes.",
                          UintegerValue(100000),
                          MakeUintegerAccessor(&FtpServer::m_fileSize),
                          MakeUintegerChecker<uint64_t>());
    return tid;
}

void
FtpServer::StartApplication()
{
    m_socket = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
    m_socket->Bind(m_local);
    m_socket->Listen();
    m_socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                MakeCallback(&FtpServer::OnAccept, this));
}

void
FtpServer::StopApplication()
{
    CloseAll({m_socket});
    for (auto& [control, session] : m_sessions)
    {
        CloseAll({session.data, session.listener, control});
    }
    m_sessions.clear();
}

void
FtpServer::DoDispose()
{
    m_sessions.clear();
    m_socket = nullptr;
    Application::DoDispose();
}

void
FtpServer::OnAccept(Ptr<Socket> socket, const Address& from)
{
    NS_LOG_FUNCTION(this << socket << from);
    Session& session = m_sessions[socket];
    session.control = socket;
    socket->SetRecvCallback(MakeCallback(&FtpServer::OnControl, this));
    socket->SetCloseCallbacks(MakeCallback(&CloseToo), MakeCallback(&CloseToo));
    Reply(session, "220 ns-3 FTP server ready");
}

void
FtpServer::OnControl(Ptr<Socket> socket)
{
    const auto found = m_sessions.find(socket);
    if (found != m_sessions.end())
    {
        found->second.lines.Read(socket, [this, &session = found->second](const std::string& line) {
            OnCommand(session, line);
        });
    }
}

void
FtpServer::Reply(Session& session, const std::string& text)
{
    NS_LOG_INFO("> " << text);
    SendLine(session.control, text);
}

void
FtpServer::OnCommand(Session& session, const std::string& line)
{
    NS_LOG_INFO("< " << line);
    const size_t blank = line.find(' ');
    const std::string verb = line.substr(0, blank);
    const std::string argument = blank == std::string::npos ? "" : line.substr(blank + 1);
    EndPoint peer;
    if (verb == "USER")
    {
        Reply(session, "230 User logged in");
    }
    else if (verb == "PASV" || verb == "EPSV")
    {
        Listen(session, verb == "EPSV");
    }
    else if ((verb == "PORT" && ParseHostPort(argument, peer)) ||
             (verb == "EPRT" && ParseExtendedHostPort(argument, peer)))
    {
        session.peer = peer.ToAddress();
        Reply(session, "200 " + verb + " command successful");
    }
    else if (verb == "RETR")
    {
        Retrieve(session);
    }
    else if (verb == "QUIT")
    {
        Reply(session, "221 Goodbye");
        session.control->Close();
    }
    else
    {
        Reply(session, "500 " + verb + " not understood");
    }
}

void
FtpServer::Listen(Session& session, bool extended)
{
    EndPoint local = LocalEnd(session.control);
    session.listener = ListenAnywhere(GetNode(), local);
    local.port = LocalEnd(session.listener).port;
    session.listener->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
        Callback<void, Ptr<Socket>, const Address&>(
            [this, &session](Ptr<Socket> socket, const Address&) { OnData(session, socket); }));
    if (extended)
    {
        Reply(session,
              "229 Entering Extended Passive Mode (|||" + std::to_string(local.port) + "|)");
    }
    else
    {
        Reply(session, "227 Entering Passive Mode (" + HostPort(local) + ")");
    }
}

void
FtpServer::Retrieve(Session& session)
{
    session.retrieve = true;
    Reply(session, "150 Opening data connection");
    if (session.data)
    {
        OnData(session, session.data);
    }
    else if (!session.listener)
    {
        Ptr<Socket> socket = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
        socket->SetConnectCallback(
            Callback<void, Ptr<Socket>>([this, &session](Ptr<Socket> s) { OnData(session, s); }),
            Callback<void, Ptr<Socket>>([this, &session](Ptr<Socket>) {
                Reply(session, "425 Can't open data connection");
            }));
        const bool v6 = EndPoint::From(session.peer).v6;
        v6 ? socket->Bind6() : socket->Bind();
        socket->Connect(session.peer);
    }
}

void
FtpServer::OnData(Session& session, Ptr<Socket> socket)
{
    session.data = socket;
    if (!session.retrieve)
    {
        return;
    }
    session.retrieve = false;
    session.sender.Start(socket, m_fileSize, [this, &session] {
        session.data = nullptr;
        Reply(session, "226 Transfer complete");
    });
}

TypeId
FtpClient::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FtpClient")
            .SetParent<Application>()
            .SetGroupName("Netfilter")
            .AddConstructor<FtpClient>()
            .AddAttribute("Remote",
                          "Address and port of the server.",
                          AddressValue(),
                          MakeAddressAccessor(&FtpClient::m_remote),
                          MakeAddressChecker())
            .AddAttribute("Passive",
                          "True: the client opens the data connection (PASV), false: the server "
                          "does (PORT).",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FtpClient::m_passive),
                          MakeBooleanChecker())
            .AddAttribute("Extended",
                          "Use EPRT and EPSV in place of PORT and PASV; always so over IPv6.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&FtpClient::m_extended),
                          MakeBooleanChecker())
            .AddTraceSource("Dialogue",
                            "A line of the control connection, and whether the server said it.",
                            MakeTraceSourceAccessor(&FtpClient::m_dialogue),
                            "ns3::FtpClient::DialogueCallback");
    return tid;
}

void
FtpClient::StartApplication()
{
    const EndPoint remote = EndPoint::From(m_remote);
    m_extended = m_extended || remote.v6;
    m_control = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
    remote.v6 ? m_control->Bind6() : m_control->Bind();
    m_control->SetRecvCallback(MakeCallback(&FtpClient::OnControl, this));
    m_control->Connect(m_remote);
}

void
FtpClient::StopApplication()
{
    CloseAll({m_data, m_listener, m_control});
}

void
FtpClient::DoDispose()
{
    m_data = nullptr;
    m_listener = nullptr;
    m_control = nullptr;
    Application::DoDispose();
}

void
FtpClient::OnControl(Ptr<Socket> socket)
{
    m_lines.Read(socket, [this](const std::string& line) { OnReply(line); });
}

void
FtpClient::Command(const std::string& text)
{
    m_dialogue(text, false);
    SendLine(m_control, text);
}

void
FtpClient::OnReply(const std::string& line)
{
    m_dialogue(line, true);
    const std::string code = line.substr(0, 3);
    EndPoint data = EndPoint::From(m_remote);
    if (code == "220")
    {
        Command("USER anonymous");
    }
    else if (code == "230")
    {
        OpenData();
    }
    else if (code == "227" && ParseHostPort(line.substr(line.find('(')), data))
    {
        ConnectData(data.ToAddress());
    }
    else if (code == "229")
    {
        data.port = uint16_t(std::strtoul(line.c_str() + line.find("|||") + 3, nullptr, 10));
        ConnectData(data.ToAddress());
    }
    else if (code == "200")
    {
        Command("RETR file");
    }
    else if (code == "226")
    {
        m_transferred = true;
        Command("QUIT");
    }
    else if (code == "221")
    {
        m_complete = m_transferred;
        m_control->Close();
    }
}

void
FtpClient::OpenData()
{
    if (m_passive)
    {
        Command(m_extended ? "EPSV" : "PASV");
        return;
    }
    EndPoint local = LocalEnd(m_control);
    m_listener = ListenAnywhere(GetNode(), local);
    m_listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                  MakeCallback(&FtpClient::OnDataAccept, this));
    local.port = LocalEnd(m_listener).port;
    Command(m_extended ? "EPRT " + ExtendedHostPort(local) : "PORT " + HostPort(local));
}

void
FtpClient::ConnectData(const Address& to)
{
    m_data = Socket::CreateSocket(GetNode(), TcpSocketFactory::GetTypeId());
    EndPoint::From(to).v6 ? m_data->Bind6() : m_data->Bind();
    m_data->SetRecvCallback(MakeCallback(&FtpClient::OnData, this));
    m_data->SetCloseCallbacks(MakeCallback(&CloseToo), MakeCallback(&CloseToo));
    m_data->SetConnectCallback(MakeCallback(&FtpClient::OnConnected, this),
                               MakeNullCallback<void, Ptr<Socket>>());
    m_data->Connect(to);
}

void
FtpClient::OnConnected(Ptr<Socket>)
{
    Command("RETR file");
}

void
FtpClient::OnDataAccept(Ptr<Socket> socket, const Address&)
{
    m_data = socket;
    m_data->SetRecvCallback(MakeCallback(&FtpClient::OnData, this));
    m_data->SetCloseCallbacks(MakeCallback(&CloseToo), MakeCallback(&CloseToo));
}

void
FtpClient::OnData(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            break;
        }
        m_received += packet->GetSize();
    }
}

} // namespace ns3
