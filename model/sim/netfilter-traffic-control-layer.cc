/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-traffic-control-layer.h"

#include "netfilter-ipv4-path.h"
#include "netfilter-ipv6-path.h"
#include "netfilter.h"

#include "ns3/ipv4-queue-disc-item.h"
#include "ns3/ipv6-queue-disc-item.h"
#include "ns3/queue-item.h"

#include <array>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterTrafficControlLayer);

namespace
{

constexpr uint16_t ETHERTYPE_IPV4 = 0x0800;
constexpr uint16_t ETHERTYPE_ARP = 0x0806;
constexpr uint16_t ETHERTYPE_IPV6 = 0x86dd;

/// A packet whose header is in its bytes already: TrafficControlLayer adds none.
class CompleteItem final : public QueueDiscItem
{
  public:
    explicit CompleteItem(const Ptr<QueueDiscItem>& item)
        : QueueDiscItem(item->GetPacket(), item->GetAddress(), item->GetProtocol())
    {
        SetTxQueueIndex(item->GetTxQueueIndex());
    }

    void AddHeader() override
    {
    }

    bool Mark() override
    {
        return false;
    }
};

/**
 * Linux: arp_rcv(), arp_process(): ns-3 reads as far as the lengths in the header say.
 * @param packet from the ARP header on @param addressSize of the device
 */
bool
IsArpSound(const Packet& packet, size_t addressSize)
{
    constexpr size_t FIXED = 8;
    constexpr size_t HARDWARE_SIZE = 4;
    constexpr size_t PROTOCOL_SIZE = 5;
    constexpr size_t IPV4_SIZE = 4;
    std::array<uint8_t, FIXED> header;
    return packet.CopyData(header.data(), header.size()) == header.size() &&
           header[HARDWARE_SIZE] == addressSize && header[PROTOCOL_SIZE] == IPV4_SIZE &&
           packet.GetSize() >= FIXED + 2 * (addressSize + IPV4_SIZE);
}

} // namespace

TypeId
NetfilterTrafficControlLayer::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterTrafficControlLayer")
                            .SetParent<TrafficControlLayer>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterTrafficControlLayer>();
    return tid;
}

NetfilterTrafficControlLayer::NetfilterTrafficControlLayer() = default;

NetfilterTrafficControlLayer::~NetfilterTrafficControlLayer() = default;

void
NetfilterTrafficControlLayer::NotifyNewAggregate()
{
    if (!m_netfilter)
    {
        m_netfilter = GetObject<Netfilter>();
    }
    TrafficControlLayer::NotifyNewAggregate();
}

void
NetfilterTrafficControlLayer::DoDispose()
{
    m_netfilter = nullptr;
    m_real = nullptr;
    TrafficControlLayer::DoDispose();
}

void
NetfilterTrafficControlLayer::StandBefore(Ptr<Netfilter> netfilter, Ptr<TrafficControlLayer> real)
{
    m_netfilter = netfilter;
    m_real = real;
}

void
NetfilterTrafficControlLayer::Receive(Ptr<NetDevice> device,
                                      Ptr<const Packet> packet,
                                      uint16_t protocol,
                                      const Address& from,
                                      const Address& to,
                                      NetDevice::PacketType type)
{
    if (!m_netfilter)
    {
        return;
    }
    packet = RunIn(device, packet, protocol);
    if (!packet)
    {
        return;
    }
    if (protocol == ETHERTYPE_IPV4 && m_netfilter->GetIpv4Path())
    {
        m_netfilter->GetIpv4Path()->Receive(device, packet, from);
        return;
    }
    if (protocol == ETHERTYPE_IPV6 && m_netfilter->GetIpv6Path())
    {
        m_netfilter->GetIpv6Path()->Receive(device, packet, from);
        return;
    }
    if (m_real)
    {
        m_real->Receive(device, packet, protocol, from, to, type);
        return;
    }
    TrafficControlLayer::Receive(device, packet, protocol, from, to, type);
}

void
NetfilterTrafficControlLayer::Send(Ptr<NetDevice> device, Ptr<QueueDiscItem> item)
{
    if (!m_netfilter || !RunOut(device, item))
    {
        return;
    }
    if (m_real)
    {
        m_real->Send(device, item);
        return;
    }
    TrafficControlLayer::Send(device, item);
}

bool
NetfilterTrafficControlLayer::Has(NfFamily family, NfHook hook) const
{
    return m_netfilter->GetNetns().GetHooks().Has(family, hook);
}

Ptr<const Packet>
NetfilterTrafficControlLayer::RunIn(const Ptr<NetDevice>& device,
                                    const Ptr<const Packet>& packet,
                                    uint16_t protocol)
{
    Ptr<const Packet> passed = packet;
    if (Has(NfFamily::NETDEV, NfHook::INGRESS))
    {
        NetfilterPath* path = protocol == ETHERTYPE_IPV4   ? m_netfilter->GetPath(NfFamily::IPV4)
                              : protocol == ETHERTYPE_IPV6 ? m_netfilter->GetPath(NfFamily::IPV6)
                                                           : nullptr;
        passed = path ? path->RunIngress(device, packet) : packet;
    }
    if (passed && protocol == ETHERTYPE_ARP &&
        !IsArpSound(*passed, device->GetAddress().GetLength()))
    {
        return nullptr;
    }
    if (passed && protocol == ETHERTYPE_ARP && Has(NfFamily::ARP, NfHook::ARP_IN))
    {
        const Ptr<Packet> bytes = passed->Copy();
        return RunArp(device, bytes, NfHook::ARP_IN) ? bytes : nullptr;
    }
    return passed;
}

bool
NetfilterTrafficControlLayer::RunArp(const Ptr<NetDevice>& device,
                                     const Ptr<Packet>& bytes,
                                     NfHook hook)
{
    NetfilterBuffer buffer(bytes);
    NfPacket packet(NfFamily::ARP, buffer);
    const NfDevice* known = m_netfilter->GetStack().Get(device);
    NfHookState state;
    state.family = NfFamily::ARP;
    state.hook = hook;
    state.in = hook == NfHook::ARP_IN ? known : nullptr;
    state.out = hook == NfHook::ARP_OUT ? known : nullptr;
    const bool passed = m_netfilter->GetNetns().GetHooks().Run(packet, state) == NfVerdict::ACCEPT;
    buffer.Commit();
    return passed;
}

bool
NetfilterTrafficControlLayer::IsOpaque(const QueueDiscItem& item) const
{
    const uint16_t protocol = item.GetProtocol();
    const NetfilterPath* path = protocol == ETHERTYPE_IPV4   ? m_netfilter->GetPath(NfFamily::IPV4)
                                : protocol == ETHERTYPE_IPV6 ? m_netfilter->GetPath(NfFamily::IPV6)
                                                             : nullptr;
    return path && path->IsOpaque(item.GetPacket());
}

bool
NetfilterTrafficControlLayer::RunOut(const Ptr<NetDevice>& device, Ptr<QueueDiscItem>& item)
{
    if (item->GetProtocol() == ETHERTYPE_ARP && Has(NfFamily::ARP, NfHook::ARP_OUT))
    {
        item->AddHeader();
        item = Create<CompleteItem>(item);
        return RunArp(device, item->GetPacket(), NfHook::ARP_OUT);
    }
    const bool hasEgress = Has(NfFamily::NETDEV, NfHook::EGRESS);
    if (const auto item4 = hasEgress ? DynamicCast<Ipv4QueueDiscItem>(item) : nullptr)
    {
        Ipv4Header header = item4->GetHeader();
        const Ptr<Packet> bytes = item->GetPacket();
        const bool passed = m_netfilter->GetIpv4Path()->RunEgress(device, bytes, header);
        item = Create<Ipv4QueueDiscItem>(bytes, item->GetAddress(), ETHERTYPE_IPV4, header);
        if (!passed)
        {
            return false;
        }
    }
    else if (const auto item6 = hasEgress ? DynamicCast<Ipv6QueueDiscItem>(item) : nullptr)
    {
        Ipv6Header header = item6->GetHeader();
        const Ptr<Packet> bytes = item->GetPacket();
        const bool passed = m_netfilter->GetIpv6Path()->RunEgress(device, bytes, header);
        item = Create<Ipv6QueueDiscItem>(bytes, item->GetAddress(), ETHERTYPE_IPV6, header);
        if (!passed)
        {
            return false;
        }
    }
    if (IsOpaque(*item))
    {
        item->AddHeader();
        NetfilterIpv4Path::RestoreOptions(item->GetPacket());
        item = Create<CompleteItem>(item);
    }
    return true;
}

} // namespace ns3
