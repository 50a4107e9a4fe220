/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-sync-application.h"

#include "netfilter-address.h"

#include "ns3/boolean.h"
#include "ns3/enum.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/log.h"
#include "ns3/nf-conntrack-text.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <string_view>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("NetfilterSyncApplication");

NS_OBJECT_ENSURE_REGISTERED(NetfilterSyncApplication);

namespace
{

constexpr uint16_t DEFAULT_PORT = 3780; //!< of conntrackd's example configurations
constexpr uint32_t MAX_EARLY = 4096;    //!< messages that may wait for an earlier one
constexpr uint32_t MAX_LEAP = 1U << 20; //!< no sender is further ahead

/// @return the host of a socket address or of a bare address
Address
HostOf(const Address& address)
{
    if (InetSocketAddress::IsMatchingType(address))
    {
        return InetSocketAddress::ConvertFrom(address).GetIpv4();
    }
    if (Inet6SocketAddress::IsMatchingType(address))
    {
        return Inet6SocketAddress::ConvertFrom(address).GetIpv6();
    }
    return address;
}

/// @return where to send to: a socket address stays, a bare one gets the port
Address
WithPort(const Address& address, uint16_t port)
{
    if (Ipv4Address::IsMatchingType(address))
    {
        return InetSocketAddress(Ipv4Address::ConvertFrom(address), port);
    }
    if (Ipv6Address::IsMatchingType(address))
    {
        return Inet6SocketAddress(Ipv6Address::ConvertFrom(address), port);
    }
    return address;
}

Address
AnyOf(const Address& peer, uint16_t port)
{
    return Ipv6Address::IsMatchingType(HostOf(peer))
               ? Address(Inet6SocketAddress(Ipv6Address::GetAny(), port))
               : Address(InetSocketAddress(Ipv4Address::GetAny(), port));
}

bool
IsLocalType(NfAddrType type)
{
    return type == NfAddrType::LOCAL || type == NfAddrType::BROADCAST ||
           type == NfAddrType::MULTICAST;
}

} // namespace

namespace
{

/// From ns-3.39 on the accessor is told the type of the enumeration, before it must not be.
template <class T, class M>
auto
MakeModeAccessor(M member, int) -> decltype(MakeEnumAccessor<T, M>(member))
{
    return MakeEnumAccessor<T, M>(member);
}

template <class T, class M>
Ptr<const AttributeAccessor>
MakeModeAccessor(M member, long)
{
    return MakeEnumAccessor(member);
}

} // namespace

TypeId
NetfilterSyncApplication::GetTypeId()
{
    using Self = NetfilterSyncApplication;
    static TypeId tid =
        TypeId("ns3::NetfilterSyncApplication")
            .SetParent<Application>()
            .SetGroupName("Netfilter")
            .AddConstructor<Self>()
            .AddAttribute("Peer",
                          "The other node: a socket address, or an IP address with the port of the "
                          "attribute Port.",
                          AddressValue(),
                          MakeAddressAccessor(&Self::m_peer),
                          MakeAddressChecker())
            .AddAttribute("Port",
                          "UDP port to listen at.",
                          UintegerValue(DEFAULT_PORT),
                          MakeUintegerAccessor(&Self::m_port),
                          MakeUintegerChecker<uint16_t>(1))
            .AddAttribute("Mode",
                          "How losses are dealt with.",
                          EnumValue(FTFW),
                          MakeModeAccessor<Self::Mode>(&Self::m_mode, 0),
                          MakeEnumChecker(FTFW, "FTFW", NOTRACK, "NOTRACK", ALARM, "ALARM"))
            .AddAttribute("BatchInterval",
                          "How long changes wait for others to share a message.",
                          TimeValue(MilliSeconds(5)),
                          MakeTimeAccessor(&Self::m_batchInterval),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("MessageSize",
                          "Bytes of a message at most, UDP payload.",
                          UintegerValue(1400),
                          MakeUintegerAccessor(&Self::m_messageSize),
                          MakeUintegerChecker<uint32_t>(600, 60000))
            .AddAttribute("Burst",
                          "Messages that leave per BatchInterval at most.",
                          UintegerValue(64),
                          MakeUintegerAccessor(&Self::m_burst),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("AckWindow",
                          "FTFW: messages in order that make an acknowledgement (ACKWindowSize).",
                          UintegerValue(20),
                          MakeUintegerAccessor(&Self::m_window),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("ResendQueue",
                          "FTFW: messages kept to be sent again (ResendQueueSize).",
                          UintegerValue(131072),
                          MakeUintegerAccessor(&Self::m_resendQueue),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("RetryInterval",
                          "FTFW: time between requests for the same missing message.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&Self::m_retryInterval),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("Retries",
                          "FTFW: requests for a missing message before a full dump is asked for.",
                          UintegerValue(20),
                          MakeUintegerAccessor(&Self::m_retries),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("AliveInterval",
                          "Time between messages that say how far the sender is.",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&Self::m_aliveInterval),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("RefreshTime",
                          "ALARM: time after which all is sent again.",
                          TimeValue(Seconds(15)),
                          MakeTimeAccessor(&Self::m_refreshTime),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("CacheTimeout",
                          "ALARM: entries of the peer that were not told for so long are "
                          "forgotten.",
                          TimeValue(Seconds(180)),
                          MakeTimeAccessor(&Self::m_cacheTimeout),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("CacheLimit",
                          "Entries of the peer that are kept (HashLimit).",
                          UintegerValue(131072),
                          MakeUintegerAccessor(&Self::m_cacheLimit),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("CommitTimeout",
                          "Time that committed entries live without traffic; 0: what was left of "
                          "theirs.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&Self::m_commitTimeout),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("PurgeTimeout",
                          "Time that entries of a node live at most once it is a backup.",
                          TimeValue(Seconds(60)),
                          MakeTimeAccessor(&Self::m_purgeTimeout),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("TcpWindowTracking",
                          "Replicate TCP window scales, and check windows of committed "
                          "connections.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&Self::m_tcpWindow),
                          MakeBooleanChecker())
            .AddAttribute("ResyncOnStart",
                          "Ask for a full dump when the application starts.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&Self::m_resyncOnStart),
                          MakeBooleanChecker())
            .AddTraceSource("Tx",
                            "A message was sent.",
                            MakeTraceSourceAccessor(&Self::m_txTrace),
                            "ns3::NetfilterSyncApplication::MessageTracedCallback")
            .AddTraceSource("Rx",
                            "A message of the peer arrived.",
                            MakeTraceSourceAccessor(&Self::m_rxTrace),
                            "ns3::NetfilterSyncApplication::MessageTracedCallback");
    return tid;
}

NetfilterSyncApplication::NetfilterSyncApplication()
    : m_random(CreateObject<UniformRandomVariable>())
{
}

NetfilterSyncApplication::~NetfilterSyncApplication() = default;

size_t
NetfilterSyncApplication::TupleHash::operator()(const NfTuple& tuple) const
{
    return std::hash<std::string_view>()(
        std::string_view(reinterpret_cast<const char*>(&tuple), sizeof(tuple)));
}

int64_t
NetfilterSyncApplication::AssignStreams(int64_t stream)
{
    m_random->SetStream(stream);
    return 1;
}

size_t
NetfilterSyncApplication::GetExternalCount() const
{
    return m_external.size();
}

std::string
NetfilterSyncApplication::GetExternalText() const
{
    std::vector<std::string> lines;
    for (const auto& [tuple, external] : m_external)
    {
        const NetfilterSyncEntry& entry = external.entry;
        lines.push_back(std::to_string(tuple.protocol) + " " + NfTupleText(entry.tuples[0]) + " " +
                        NfTupleText(entry.tuples[1]) +
                        (entry.status & NF_IPS_ASSURED ? " [ASSURED]" : "") +
                        " mark=" + std::to_string(entry.mark) + "\n");
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines)
    {
        text += line;
    }
    return text;
}

// ---- life

void
NetfilterSyncApplication::DoDispose()
{
    StopApplication();
    m_netfilter = nullptr;
    m_external.clear();
    Application::DoDispose();
}

void
NetfilterSyncApplication::StartApplication()
{
    m_netfilter = GetNode()->GetObject<Netfilter>();
    NS_ABORT_MSG_UNLESS(m_netfilter, "Node " << GetNode()->GetId() << " has no netfilter");
    NS_ABORT_MSG_IF(m_peer.IsInvalid(), "NetfilterSyncApplication needs the attribute Peer");
    m_session = m_random->GetInteger(1, 0xffffffff);
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    const int bound = m_socket->Bind(AnyOf(m_peer, m_port));
    NS_ABORT_MSG_IF(bound != 0, "UDP port " << m_port << " is in use");
    m_socket->SetRecvCallback(MakeCallback(&NetfilterSyncApplication::OnReceive, this));
    GetTable().AddListener(*this);
    m_listening = true;
    if (m_resyncOnStart)
    {
        RequestResync();
    }
    m_aliveEvent = Simulator::Schedule(m_aliveInterval, &NetfilterSyncApplication::OnAlive, this);
    if (m_mode == ALARM)
    {
        m_refreshEvent =
            Simulator::Schedule(m_refreshTime, &NetfilterSyncApplication::OnRefresh, this);
    }
}

void
NetfilterSyncApplication::StopApplication()
{
    for (EventId* event : {&m_flushEvent, &m_aliveEvent, &m_refreshEvent, &m_retryEvent})
    {
        event->Cancel();
    }
    if (m_socket)
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket->Close();
        m_socket = nullptr;
    }
    // A disposed netfilter has no node, and no table to leave.
    if (m_listening && m_netfilter->GetNode())
    {
        GetTable().RemoveListener(*this);
    }
    m_listening = false;
    m_open.clear();
    m_waiting.clear();
    m_unacked.clear();
    m_early.clear();
    m_sequence = 0;
    m_transmitted = 0;
    m_peerKnown = false;
    m_resyncWanted = false;
}

NfConntrack&
NetfilterSyncApplication::GetTable() const
{
    return m_netfilter->GetNetns().GetConntrack();
}

// ---- sending

bool
NetfilterSyncApplication::IsLocal(const NfConn& conn) const
{
    if (conn.Has(NF_IPS_NAT_MASK))
    {
        return false;
    }
    const NetfilterStack& stack = m_netfilter->GetStack();
    const NfTuple& tuple = conn.GetOriginal();
    return IsLocalType(stack.GetAddrType(tuple.family, tuple.src, nullptr)) ||
           IsLocalType(stack.GetAddrType(tuple.family, tuple.dst, nullptr));
}

void
NetfilterSyncApplication::OnConntrack(NfEventType type, const NfConn& conn, uint32_t)
{
    if (m_committing || IsLocal(conn))
    {
        return;
    }
    NetfilterSyncChange change;
    change.action =
        type == NfEventType::DESTROY ? NetfilterSyncAction::REMOVE : NetfilterSyncAction::SET;
    change.entry = NetfilterSyncDescribe(GetTable(), conn);
    Tell(change);
}

void
NetfilterSyncApplication::OnExpect(NfEventType, const NfExpectation&)
{
}

void
NetfilterSyncApplication::Tell(const NetfilterSyncChange& change)
{
    const Bytes bytes = NetfilterSyncWrite(change);
    if (NETFILTER_SYNC_HEADER_SIZE + m_open.size() + bytes.size() > m_messageSize)
    {
        CloseMessage();
    }
    m_open.insert(m_open.end(), bytes.begin(), bytes.end());
    ++m_stats.changesSent;
    ScheduleFlush();
}

void
NetfilterSyncApplication::CloseMessage()
{
    if (m_open.empty())
    {
        return;
    }
    NetfilterSyncHeader header;
    header.type = NetfilterSyncType::DATA;
    header.session = m_session;
    header.sequence = ++m_sequence;
    m_waiting.push_back(NetfilterSyncWriteMessage(header, m_open));
    m_open.clear();
}

void
NetfilterSyncApplication::ScheduleFlush()
{
    if (m_flushEvent.IsExpired())
    {
        m_flushEvent = Simulator::Schedule(m_batchInterval, &NetfilterSyncApplication::Flush, this);
    }
}

void
NetfilterSyncApplication::Flush()
{
    CloseMessage();
    for (uint32_t i = 0; i < m_burst && !m_waiting.empty(); ++i)
    {
        const Bytes message = std::move(m_waiting.front());
        m_waiting.pop_front();
        ++m_transmitted;
        SendData(message);
        if (m_mode == FTFW)
        {
            m_unacked.emplace(m_transmitted, message);
            if (m_unacked.size() > m_resendQueue)
            {
                m_unacked.erase(m_unacked.begin());
            }
        }
    }
    if (!m_waiting.empty())
    {
        ScheduleFlush();
    }
}

void
NetfilterSyncApplication::SendData(const Bytes& message)
{
    ++m_stats.sent;
    Transmit(message, *NetfilterSyncReadHeader(message));
}

void
NetfilterSyncApplication::SendControl(NetfilterSyncType type, uint32_t first, uint32_t last)
{
    NetfilterSyncHeader header;
    header.type = type;
    header.session = m_session;
    header.sequence = m_transmitted;
    header.first = first;
    header.last = last;
    Transmit(NetfilterSyncWriteMessage(header), header);
}

void
NetfilterSyncApplication::Transmit(const Bytes& message, const NetfilterSyncHeader& header)
{
    if (!m_socket)
    {
        return;
    }
    const Ptr<Packet> packet =
        Create<Packet>(message.data(), static_cast<uint32_t>(message.size()));
    m_txTrace(packet, header);
    m_socket->SendTo(packet, 0, WithPort(m_peer, m_port));
}

void
NetfilterSyncApplication::OnAlive()
{
    SendControl(NetfilterSyncType::ALIVE);
    if (m_resyncWanted)
    {
        SendControl(NetfilterSyncType::RESYNC);
    }
    if (m_sinceAck > 0)
    {
        Acknowledge(m_expected - 1);
    }
    m_aliveEvent = Simulator::Schedule(m_aliveInterval, &NetfilterSyncApplication::OnAlive, this);
}

void
NetfilterSyncApplication::OnRefresh()
{
    SendBulk();
    const Time oldest = Simulator::Now() - m_cacheTimeout;
    for (auto it = m_external.begin(); it != m_external.end();)
    {
        it = it->second.updated < oldest ? m_external.erase(it) : std::next(it);
    }
    m_refreshEvent = Simulator::Schedule(m_refreshTime, &NetfilterSyncApplication::OnRefresh, this);
}

void
NetfilterSyncApplication::RequestResync()
{
    m_resyncWanted = m_mode == FTFW;
    SendControl(NetfilterSyncType::RESYNC);
}

void
NetfilterSyncApplication::SendBulk()
{
    if (!m_socket)
    {
        return;
    }
    NetfilterSyncChange change;
    // Entries of an ALARM mode peer age by themselves.
    if (m_mode != ALARM)
    {
        change.action = NetfilterSyncAction::CLEAR;
        Tell(change);
    }
    change.action = NetfilterSyncAction::SET;
    NfConntrack& table = GetTable();
    const NfTime now = table.Now();
    table.Inspect([&](const NfConn& conn) {
        if (conn.IsConfirmed() && !conn.Has(NF_IPS_DYING | NF_IPS_NAT_CLASH) &&
            conn.expires > now && !IsLocal(conn))
        {
            change.entry = NetfilterSyncDescribe(table, conn);
            Tell(change);
        }
    });
}

// ---- receiving

void
NetfilterSyncApplication::OnReceive(Ptr<Socket> socket)
{
    Address from;
    while (const Ptr<Packet> packet = socket->RecvFrom(from))
    {
        if (HostOf(from) == HostOf(m_peer))
        {
            Take(packet);
        }
        else
        {
            ++m_stats.alien;
        }
    }
}

void
NetfilterSyncApplication::Take(Ptr<Packet> packet)
{
    Bytes message(packet->GetSize());
    packet->CopyData(message.data(), static_cast<uint32_t>(message.size()));
    const std::optional<NetfilterSyncHeader> header = NetfilterSyncReadHeader(message);
    if (!header)
    {
        ++m_stats.malformed;
        return;
    }
    m_rxTrace(packet, *header);
    NoticeSession(*header);
    switch (header->type)
    {
    case NetfilterSyncType::DATA:
        TakeData(*header, message);
        break;
    case NetfilterSyncType::ACK:
        m_unacked.erase(m_unacked.begin(), m_unacked.upper_bound(header->first));
        break;
    case NetfilterSyncType::NACK:
        Resend(header->first, header->last);
        break;
    case NetfilterSyncType::RESYNC:
        ++m_stats.resyncs;
        SendBulk();
        break;
    case NetfilterSyncType::ALIVE:
        break;
    }
    if (header->type != NetfilterSyncType::DATA)
    {
        NoticeSequence(*header);
    }
}

/// A sender that is new to us: what we know of an earlier one is void, and where it stands counts.
void
NetfilterSyncApplication::NoticeSession(const NetfilterSyncHeader& header)
{
    if (m_peerKnown && header.session == m_peerSession)
    {
        return;
    }
    m_peerKnown = true;
    m_peerSession = header.session;
    const bool data = header.type == NetfilterSyncType::DATA;
    m_expected = data ? header.sequence : header.sequence + 1;
    m_highest = m_expected - 1;
    m_early.clear();
    m_external.clear();
    m_sinceAck = 0;
    m_asked = 0;
    m_retryEvent.Cancel();
    // A dump that begins with its first message needs no request.
    if (!data || header.sequence != 1)
    {
        RequestResync();
    }
}

void
NetfilterSyncApplication::NoticeSequence(const NetfilterSyncHeader& header)
{
    if (header.sequence > m_highest && header.sequence - m_expected < MAX_LEAP)
    {
        m_highest = header.sequence;
    }
    if (m_mode == FTFW && HasGap() && m_retryEvent.IsExpired())
    {
        AskAgain();
    }
}

void
NetfilterSyncApplication::TakeData(const NetfilterSyncHeader& header, const Bytes& message)
{
    ++m_stats.received;
    const uint32_t sequence = header.sequence;
    if (m_mode != FTFW)
    {
        Apply(message);
        if (sequence >= m_expected)
        {
            m_stats.lost += sequence - m_expected;
            m_expected = sequence + 1;
        }
        return;
    }
    if (sequence == m_expected)
    {
        TakeInOrder(header, message);
        return;
    }
    if (sequence > m_expected && sequence - m_expected < MAX_LEAP && m_early.size() < MAX_EARLY)
    {
        m_early.emplace(sequence, message);
        NoticeSequence(header);
    }
}

void
NetfilterSyncApplication::TakeInOrder(const NetfilterSyncHeader& header, const Bytes& message)
{
    Apply(message);
    ++m_expected;
    ++m_sinceAck;
    for (auto it = m_early.begin(); it != m_early.end() && it->first == m_expected;)
    {
        Apply(it->second);
        ++m_expected;
        ++m_sinceAck;
        it = m_early.erase(it);
    }
    m_highest = std::max(m_highest, m_expected - 1);
    m_asked = 0;
    if (m_sinceAck >= m_window)
    {
        Acknowledge(m_expected - 1);
    }
    if (!HasGap())
    {
        m_retryEvent.Cancel();
    }
    NoticeSequence(header);
}

bool
NetfilterSyncApplication::HasGap() const
{
    return m_expected <= m_highest;
}

void
NetfilterSyncApplication::AskAgain()
{
    const uint32_t last = m_early.empty() ? m_highest : m_early.begin()->first - 1;
    SendControl(NetfilterSyncType::NACK, m_expected, last);
    ++m_asked;
    m_retryEvent = Simulator::Schedule(m_retryInterval, &NetfilterSyncApplication::OnRetry, this);
}

void
NetfilterSyncApplication::OnRetry()
{
    if (!HasGap())
    {
        return;
    }
    if (m_asked > m_retries)
    {
        GiveUpGap();
        return;
    }
    AskAgain();
}

/// The peer has it no more: everything anew is the way out.
void
NetfilterSyncApplication::GiveUpGap()
{
    m_stats.lost += m_highest + 1 - m_expected - m_early.size();
    for (const auto& [sequence, message] : m_early)
    {
        Apply(message);
    }
    m_early.clear();
    m_expected = m_highest + 1;
    m_asked = 0;
    RequestResync();
}

void
NetfilterSyncApplication::Acknowledge(uint32_t upTo)
{
    m_sinceAck = 0;
    SendControl(NetfilterSyncType::ACK, upTo);
}

void
NetfilterSyncApplication::Resend(uint32_t first, uint32_t last)
{
    uint32_t count = 0;
    for (auto it = m_unacked.lower_bound(first);
         it != m_unacked.end() && it->first <= last && count < m_burst;
         ++it, ++count)
    {
        ++m_stats.resent;
        SendData(it->second);
    }
}

void
NetfilterSyncApplication::Apply(const Bytes& message)
{
    const auto changes = NetfilterSyncReadChanges(message);
    if (!changes)
    {
        ++m_stats.malformed;
        return;
    }
    for (const NetfilterSyncChange& change : *changes)
    {
        ApplyChange(change);
    }
}

void
NetfilterSyncApplication::ApplyChange(const NetfilterSyncChange& change)
{
    const NfTuple& key = change.entry.tuples[0];
    switch (change.action)
    {
    case NetfilterSyncAction::CLEAR:
        m_external.clear();
        m_resyncWanted = false;
        return;
    case NetfilterSyncAction::REMOVE:
        m_external.erase(key);
        break;
    case NetfilterSyncAction::SET:
        if (m_external.size() >= m_cacheLimit && m_external.count(key) == 0)
        {
            ++m_stats.cacheFull;
            return;
        }
        m_external[key] = {change.entry, Simulator::Now()};
        break;
    }
    ++m_stats.changesTaken;
}

} // namespace ns3
