/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter.h"

#include "netfilter-ipv4-path.h"
#include "netfilter-ipv6-path.h"
#include "netfilter-mark-tag.h"
#include "netfilter-packet.h"

#include "ns3/boolean.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/nf-conntrack-rtcache.h"
#include "ns3/nf-kernel-profile.h"
#include "ns3/nf-nat.h"
#include "ns3/string.h"
#include "ns3/tcp-socket-base.h"

#include <fstream>
#include <sstream>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("Netfilter");

NS_OBJECT_ENSURE_REGISTERED(Netfilter);

TypeId
Netfilter::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::Netfilter")
            .SetParent<Object>()
            .SetGroupName("Netfilter")
            .AddConstructor<Netfilter>()
            .AddAttribute(
                "LinuxBehavior",
                "Do as Linux does where ns-3's stack differs: ICMP errors and resets with "
                "Linux's bytes, reassembly before LOCAL_IN, martian addresses, packets to "
                "own addresses through lo.",
                BooleanValue(true),
                MakeBooleanAccessor(&Netfilter::m_linux),
                MakeBooleanChecker())
            .AddAttribute("Epoch",
                          "Wall-clock time since 1970-01-01 UTC that the start of the simulation "
                          "stands for (-m time, conntrack timestamps).",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&Netfilter::SetEpoch, &Netfilter::GetEpoch),
                          MakeTimeChecker())
            .AddAttribute(
                "KernelProfile",
                "Kernel release whose conntrack and NAT this is: 2.6, 3.10, 4.19, 5.15 "
                "or 6.18. Sets the sysctls in which they differ; others are not known "
                "and are refused.",
                StringValue("6.18"),
                MakeStringAccessor(&Netfilter::SetKernelProfile, &Netfilter::GetKernelProfile),
                MakeStringChecker())
            .AddTraceSource("Drop",
                            "A packet ended at a hook: packet, reason, point, rule.",
                            MakeTraceSourceAccessor(&Netfilter::m_dropTrace),
                            "ns3::Netfilter::DropTracedCallback")
            .AddTraceSource("Verdict",
                            "A packet passed a hook point that has functions.",
                            MakeTraceSourceAccessor(&Netfilter::m_verdictTrace),
                            "ns3::Netfilter::VerdictTracedCallback")
            .AddTraceSource("ConntrackNew",
                            "A connection entered the table.",
                            MakeTraceSourceAccessor(&Netfilter::m_newTrace),
                            "ns3::Netfilter::ConntrackTracedCallback")
            .AddTraceSource("ConntrackUpdate",
                            "A connection changed.",
                            MakeTraceSourceAccessor(&Netfilter::m_updateTrace),
                            "ns3::Netfilter::ConntrackUpdateTracedCallback")
            .AddTraceSource("ConntrackDestroy",
                            "A connection left the table.",
                            MakeTraceSourceAccessor(&Netfilter::m_destroyTrace),
                            "ns3::Netfilter::ConntrackTracedCallback")
            .AddTraceSource("NatMapping",
                            "A connection with translated addresses or ports entered the table.",
                            MakeTraceSourceAccessor(&Netfilter::m_natTrace),
                            "ns3::Netfilter::ConntrackTracedCallback");
    return tid;
}

Netfilter::Netfilter()
    : m_stack(*this)
{
    m_netns = std::make_unique<NfNetns>(m_clock, m_random, m_stack);
    m_dropTrace.SetOnConnect([this] { Observe(); });
    m_verdictTrace.SetOnConnect([this] { Observe(); });
    for (auto* trace : {&m_newTrace, &m_destroyTrace, &m_natTrace})
    {
        trace->SetOnConnect([this] { Listen(); });
    }
    m_updateTrace.SetOnConnect([this] { Listen(); });
}

Netfilter::~Netfilter() = default;

void
Netfilter::NotifyNewAggregate()
{
    const Ptr<Node> node = GetObject<Node>();
    if (node && !m_node)
    {
        m_node = node;
        m_stack.SetNode(node);
    }
    Object::NotifyNewAggregate();
}

void
Netfilter::DoDispose()
{
    for (NetfilterPath* path : std::initializer_list<NetfilterPath*>{m_ipv4.get(), m_ipv6.get()})
    {
        if (path)
        {
            path->Clear();
        }
    }
    m_netns.reset();
    m_clock.Clear();
    m_stack.Clear();
    m_ipv4.reset();
    m_ipv6.reset();
    m_node = nullptr;
    Object::DoDispose();
}

// ---- administration

NfCommandResult
Netfilter::Run(const std::string& command, const std::string& input)
{
    return NfRunCommand(*m_netns, command, input);
}

NfCommandResult
Netfilter::RestoreFile(const std::string& fileName, NfFamily family)
{
    const std::string tool = family == NfFamily::IPV6 ? "ip6tables-restore" : "iptables-restore";
    std::ifstream file(fileName);
    if (!file)
    {
        NfCommandResult result;
        result.status = 1;
        result.err = "Can't open " + fileName + ": No such file or directory\n";
        return result;
    }
    std::ostringstream text;
    text << file.rdbuf();
    return Run(tool, text.str());
}

// ---- programming

NfHookId
Netfilter::RegisterHook(NetfilterHookFunction function,
                        NfFamily family,
                        NfHook hook,
                        int32_t priority,
                        const std::string& name)
{
    NfHookOps ops;
    ops.function = [this, function = std::move(function)](NfPacket& packet,
                                                          const NfHookState& state) {
        NetfilterHookState where;
        static_cast<NfHookState&>(where) = state;
        where.node = m_node;
        return function(packet, where);
    };
    ops.family = family;
    ops.hook = hook;
    ops.priority = priority;
    ops.name = name;
    return m_netns->GetHooks().Register(std::move(ops));
}

void
Netfilter::UnregisterHook(NfHookId id)
{
    m_netns->GetHooks().Unregister(id);
}

bool
Netfilter::BindQueue(uint16_t number, NfQueues::Handler handler, size_t maxLength, bool failOpen)
{
    return m_netns->GetQueues().Bind(number, std::move(handler), maxLength, failOpen);
}

void
Netfilter::UnbindQueue(uint16_t number)
{
    m_netns->GetQueues().Unbind(number);
}

bool
Netfilter::Reinject(uint16_t number, uint32_t id, NfVerdict verdict)
{
    return m_netns->GetQueues().Reinject(number, id, verdict);
}

void
Netfilter::SetSocketMark(Ptr<Socket> socket, uint32_t mark)
{
    const Ptr<TcpSocketBase> tcp = DynamicCast<TcpSocketBase>(socket);
    NS_ABORT_MSG_UNLESS(tcp, "Only TCP sockets: add a NetfilterMarkTag to what others send");
    // TCP shows each segment here just before it sends it.
    tcp->TraceConnectWithoutContext(
        "Tx",
        Callback<void, Ptr<const Packet>, const TcpHeader&, Ptr<const TcpSocketBase>>(
            [mark](Ptr<const Packet> packet, const TcpHeader&, Ptr<const TcpSocketBase>) {
                NetfilterMarkTag old;
                if (!packet->PeekPacketTag(old))
                {
                    packet->AddPacketTag(NetfilterMarkTag(mark));
                }
            }));
}

// ---- parts

NfNetns&
Netfilter::GetNetns()
{
    return *m_netns;
}

Ptr<Node>
Netfilter::GetNode() const
{
    return m_node;
}

NetfilterStack&
Netfilter::GetStack()
{
    return m_stack;
}

void
Netfilter::SetDeviceName(Ptr<NetDevice> device, const std::string& name)
{
    m_stack.SetName(device, name);
}

bool
Netfilter::IsLinux() const
{
    return m_linux;
}

bool
Netfilter::IsChecksumEnabled() const
{
    if (m_checksumEnabled < 0)
    {
        m_checksumEnabled = Node::ChecksumEnabled() ? 1 : 0;
    }
    return m_checksumEnabled == 1;
}

NetfilterPath*
Netfilter::GetPath(NfFamily family) const
{
    switch (family)
    {
    case NfFamily::IPV4:
        return m_ipv4.get();
    case NfFamily::IPV6:
        return m_ipv6.get();
    default:
        return nullptr;
    }
}

NetfilterIpv4Path*
Netfilter::GetIpv4Path() const
{
    return m_ipv4.get();
}

NetfilterIpv6Path*
Netfilter::GetIpv6Path() const
{
    return m_ipv6.get();
}

int64_t
Netfilter::AssignStreams(int64_t stream)
{
    m_random.SetStream(stream);
    return 1;
}

void
Netfilter::SetEpoch(Time epoch)
{
    m_clock.SetEpoch(epoch);
}

Time
Netfilter::GetEpoch() const
{
    return m_clock.GetEpochTime();
}

bool
Netfilter::SetKernelProfile(const std::string& name)
{
    return m_netns->SetKernelProfile(name);
}

std::string
Netfilter::GetKernelProfile() const
{
    return std::string(m_netns->GetConntrack().GetProfile().name);
}

// ---- the stacks

NetfilterIpv4Path*
Netfilter::AttachIpv4(Ptr<Ipv4L3Protocol> ip)
{
    m_ipv4 = std::make_unique<NetfilterIpv4Path>(*this, ip);
    const NetfilterDevice* loopback = m_stack.GetLoopback();
    NS_ASSERT_MSG(loopback, "An IP stack has a loopback device");
    constexpr uint16_t ETHERTYPE_IPV4 = 0x0800;
    m_node->UnregisterProtocolHandler(MakeCallback(&Ipv4L3Protocol::Receive, PeekPointer(ip)));
    m_node->RegisterProtocolHandler(MakeCallback(&NetfilterIpv4Path::ReceiveLoopback, m_ipv4.get()),
                                    ETHERTYPE_IPV4,
                                    loopback->device);
    return m_ipv4.get();
}

NetfilterIpv6Path*
Netfilter::AttachIpv6(Ptr<Ipv6L3Protocol> ip)
{
    m_ipv6 = std::make_unique<NetfilterIpv6Path>(*this, ip);
    const NetfilterDevice* loopback = m_stack.GetLoopback();
    NS_ASSERT_MSG(loopback, "An IP stack has a loopback device");
    constexpr uint16_t ETHERTYPE_IPV6 = 0x86dd;
    m_node->UnregisterProtocolHandler(MakeCallback(&Ipv6L3Protocol::Receive, PeekPointer(ip)));
    m_node->RegisterProtocolHandler(MakeCallback(&NetfilterIpv6Path::ReceiveLoopback, m_ipv6.get()),
                                    ETHERTYPE_IPV6,
                                    loopback->device);
    return m_ipv6.get();
}

void
Netfilter::NotifyDeviceDown(Ptr<NetDevice> device)
{
    const NetfilterDevice* known = m_stack.Get(device);
    if (known && m_netns)
    {
        m_netns->GetNat().OnDeviceDown(known->index);
        m_netns->GetRouteCache().OnDeviceDown(known->index);
    }
}

void
Netfilter::NotifyAddressRemoved(Ptr<NetDevice> device, NfFamily family, const NfAddr& address)
{
    const NetfilterDevice* known = m_stack.Get(device);
    if (known && m_netns)
    {
        m_netns->GetNat().OnAddressRemoved(known->index, family, address);
    }
}

// ---- traces

void
Netfilter::Observe()
{
    m_netns->GetHooks().SetObserver(this);
}

void
Netfilter::Listen()
{
    if (!m_listening)
    {
        m_listening = true;
        m_netns->GetConntrack().AddListener(*this);
    }
}

void
Netfilter::OnVerdict(const NfPacket& packet,
                     const NfHookState& state,
                     NfVerdict verdict,
                     const std::string& function)
{
    m_verdictTrace(packet, state, verdict.GetCode(), function);
    if (verdict == NfVerdict::DROP && !m_dropTrace.IsEmpty())
    {
        ReportDrop(packet, state, function);
    }
}

void
Netfilter::ReportDrop(const NfPacket& packet, const NfHookState& state, const std::string& function)
{
    const std::vector<uint8_t> bytes = const_cast<NfPacket&>(packet).Serialize();
    const std::string reason = packet.dropReason ? packet.dropReason : "drop-hook-" + function;
    const std::string rule = packet.dropRule ? packet.dropRule->Describe() : "";
    m_dropTrace(Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size())),
                reason,
                NfHookName(state.family, state.hook),
                rule);
}

void
Netfilter::OnConntrack(NfEventType type, const NfConn& conn, uint32_t events)
{
    switch (type)
    {
    case NfEventType::NEW:
        m_newTrace(conn);
        if (conn.Has(NF_IPS_NAT_MASK))
        {
            m_natTrace(conn);
        }
        break;
    case NfEventType::UPDATE:
        m_updateTrace(conn, events);
        break;
    case NfEventType::DESTROY:
        m_destroyTrace(conn);
        break;
    }
}

void
Netfilter::OnExpect(NfEventType, const NfExpectation&)
{
}

} // namespace ns3
