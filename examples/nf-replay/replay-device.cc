/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-device.h"

#include "ns3/channel.h"

namespace replay
{

using namespace ns3;

NS_OBJECT_ENSURE_REGISTERED(CaptureDevice);

TypeId
CaptureDevice::GetTypeId()
{
    static TypeId tid = TypeId("replay::CaptureDevice")
                            .SetParent<NetDevice>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<CaptureDevice>();
    return tid;
}

void
CaptureDevice::SetSink(Sink sink)
{
    m_sink = std::move(sink);
}

void
CaptureDevice::SetNeedsArp(bool needsArp)
{
    m_needsArp = needsArp;
}

NetDevice::PacketType
CaptureDevice::Classify(const Mac48Address& to) const
{
    return to == m_address    ? PACKET_HOST
           : to.IsBroadcast() ? PACKET_BROADCAST
           : to.IsGroup()     ? PACKET_MULTICAST
                              : PACKET_OTHERHOST;
}

void
CaptureDevice::Receive(const Frame& frame)
{
    Ptr<Packet> packet = Create<Packet>(frame.payload.data(), frame.payload.size());
    const PacketType type = Classify(frame.to);
    if (!m_promiscReceive.IsNull())
    {
        m_promiscReceive(this, packet->Copy(), frame.protocol, frame.from, frame.to, type);
    }
    if (type != PACKET_OTHERHOST)
    {
        m_receive(this, packet, frame.protocol, frame.from);
    }
}

bool
CaptureDevice::SendFrom(Ptr<Packet> packet,
                        const Address& from,
                        const Address& to,
                        uint16_t protocolNumber)
{
    Frame frame;
    frame.from = Mac48Address::ConvertFrom(from);
    frame.to = Mac48Address::ConvertFrom(to);
    frame.protocol = protocolNumber;
    frame.payload.resize(packet->GetSize());
    packet->CopyData(frame.payload.data(), frame.payload.size());
    m_sink(frame);
    return true;
}

bool
CaptureDevice::Send(Ptr<Packet> packet, const Address& to, uint16_t protocolNumber)
{
    return SendFrom(packet, m_address, to, protocolNumber);
}

void
CaptureDevice::SetIfIndex(const uint32_t index)
{
    m_ifIndex = index;
}

uint32_t
CaptureDevice::GetIfIndex() const
{
    return m_ifIndex;
}

Ptr<Channel>
CaptureDevice::GetChannel() const
{
    return nullptr;
}

void
CaptureDevice::SetAddress(Address address)
{
    m_address = Mac48Address::ConvertFrom(address);
}

Address
CaptureDevice::GetAddress() const
{
    return m_address;
}

bool
CaptureDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

uint16_t
CaptureDevice::GetMtu() const
{
    return m_mtu;
}

bool
CaptureDevice::IsLinkUp() const
{
    return true;
}

void
CaptureDevice::AddLinkChangeCallback(Callback<void> callback)
{
    m_linkChange.ConnectWithoutContext(callback);
}

bool
CaptureDevice::IsBroadcast() const
{
    return true;
}

Address
CaptureDevice::GetBroadcast() const
{
    return Mac48Address::GetBroadcast();
}

bool
CaptureDevice::IsMulticast() const
{
    return true;
}

Address
CaptureDevice::GetMulticast(Ipv4Address multicastGroup) const
{
    return Mac48Address::GetMulticast(multicastGroup);
}

Address
CaptureDevice::GetMulticast(Ipv6Address address) const
{
    return Mac48Address::GetMulticast(address);
}

bool
CaptureDevice::IsBridge() const
{
    return false;
}

bool
CaptureDevice::IsPointToPoint() const
{
    return false;
}

Ptr<Node>
CaptureDevice::GetNode() const
{
    return m_node;
}

void
CaptureDevice::SetNode(Ptr<Node> node)
{
    m_node = node;
}

bool
CaptureDevice::NeedsArp() const
{
    return m_needsArp;
}

void
CaptureDevice::SetReceiveCallback(ReceiveCallback callback)
{
    m_receive = callback;
}

void
CaptureDevice::SetPromiscReceiveCallback(PromiscReceiveCallback callback)
{
    m_promiscReceive = callback;
}

bool
CaptureDevice::SupportsSendFrom() const
{
    return true;
}

void
CaptureDevice::DoDispose()
{
    m_node = nullptr;
    m_sink = nullptr;
    m_receive = ReceiveCallback();
    m_promiscReceive = PromiscReceiveCallback();
    NetDevice::DoDispose();
}

} // namespace replay
