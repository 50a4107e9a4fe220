/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-packet.h"

#include "netfilter-address.h"
#include "netfilter-path.h"
#include "netfilter-transport-check.h"
#include "ns3-access.h"

#include "ns3/icmpv4.h"
#include "ns3/icmpv6-header.h"
#include "ns3/tcp-header.h"
#include "ns3/udp-header.h"

#include <algorithm>

namespace ns3
{

void
NetfilterOverwrite(const Ptr<Packet>& packet, const uint8_t* bytes, size_t n)
{
    Buffer& buffer = PeekPointer(packet)->*Get(netfilter::PacketBuffer());
    buffer.RemoveAtStart(n);
    buffer.AddAtStart(n);
    buffer.Begin().Write(bytes, n);
}

namespace
{

/// @param bytes exactly those of the header and what belongs to it
template <class H>
H
ReadHeader(NfBytes bytes)
{
    Buffer buffer;
    buffer.AddAtStart(static_cast<uint32_t>(bytes.size()));
    buffer.Begin().Write(bytes.data(), static_cast<uint32_t>(bytes.size()));
    H header;
    header.Deserialize(buffer.Begin());
    return header;
}

/// Puts a header of the right type in the place of bytes, so that Packet::EnableChecking() finds
/// what was put on; the bytes stay.
template <class H>
void
SetTyped(const Ptr<Packet>& packet, NfBytes bytes)
{
    const H header = ReadHeader<H>(bytes);
    const uint32_t size = header.GetSerializedSize();
    if (size <= bytes.size())
    {
        packet->RemoveAtStart(size);
        packet->AddHeader(header);
        NetfilterOverwrite(packet, bytes.data(), size);
    }
}

void
SetTypedIcmp(const Ptr<Packet>& packet, NfBytes bytes)
{
    constexpr size_t TYPE_SIZE = 4;
    constexpr uint8_t ECHO_REPLY = 0;
    constexpr uint8_t ECHO = 8;
    if (bytes[0] != ECHO && bytes[0] != ECHO_REPLY)
    {
        SetTyped<Icmpv4Header>(packet, bytes);
        return;
    }
    // Two headers: type, code and checksum; then id, number and data.
    const auto echo = ReadHeader<Icmpv4Echo>(bytes.Sub(TYPE_SIZE));
    packet->RemoveAtStart(static_cast<uint32_t>(bytes.size()));
    packet->AddHeader(echo);
    packet->AddHeader(ReadHeader<Icmpv4Header>(bytes));
    NetfilterOverwrite(packet, bytes.data(), bytes.size());
}

/// An ICMPv6 error and the IPv6 header that it quotes.
template <class H>
void
SetTypedError(const Ptr<Packet>& packet, NfBytes bytes)
{
    constexpr size_t SIZE = NF_ICMP_HEADER_SIZE + NF_IPV6_HEADER_SIZE;
    const NfBytes quoted = bytes.Sub(NF_ICMP_HEADER_SIZE);
    H error = ReadHeader<H>(bytes);
    error.SetPacket(Create<Packet>(quoted.data(), static_cast<uint32_t>(quoted.size())));
    packet->RemoveAtStart(SIZE);
    packet->AddHeader(ReadHeader<Ipv6Header>(quoted));
    packet->AddHeader(error);
    NetfilterOverwrite(packet, bytes.data(), SIZE);
}

void
SetTypedIcmpv6(const Ptr<Packet>& packet, NfBytes bytes)
{
    switch (bytes[0])
    {
    case Icmpv6Header::ICMPV6_ERROR_DESTINATION_UNREACHABLE:
        SetTypedError<Icmpv6DestinationUnreachable>(packet, bytes);
        break;
    case Icmpv6Header::ICMPV6_ERROR_PACKET_TOO_BIG:
        SetTypedError<Icmpv6TooBig>(packet, bytes);
        break;
    case Icmpv6Header::ICMPV6_ERROR_TIME_EXCEEDED:
        SetTypedError<Icmpv6TimeExceeded>(packet, bytes);
        break;
    case Icmpv6Header::ICMPV6_ERROR_PARAMETER_ERROR:
        SetTypedError<Icmpv6ParameterError>(packet, bytes);
        break;
    case Icmpv6Header::ICMPV6_ECHO_REQUEST:
    case Icmpv6Header::ICMPV6_ECHO_REPLY:
        SetTyped<Icmpv6Echo>(packet, bytes);
        break;
    default:
        break;
    }
}

} // namespace

void
NetfilterTypePacket(const Ptr<Packet>& packet, const NfPacket& view)
{
    const size_t size = view.GetBuffer().GetSize();
    const NfBytes bytes(view.GetBuffer().Pull(size), size);
    if (view.GetTransportOffset() != 0 || !NetfilterIsTransportIntact(view))
    {
        return;
    }
    switch (view.GetProtocol())
    {
    case NF_IPPROTO_TCP:
        SetTyped<TcpHeader>(packet, bytes);
        break;
    case NF_IPPROTO_UDP:
        SetTyped<UdpHeader>(packet, bytes);
        break;
    case NF_IPPROTO_ICMP:
        SetTypedIcmp(packet, bytes);
        break;
    case NF_IPPROTO_ICMPV6:
        SetTypedIcmpv6(packet, bytes);
        break;
    default:
        break;
    }
}

bool
NetfilterIsCheckingEnabled()
{
    return *Get(netfilter::MetadataChecking());
}

// ---- NetfilterBuffer

NetfilterBuffer::NetfilterBuffer(Ptr<Packet> packet)
    : m_packet(std::move(packet))
{
    m_size = m_packet->GetSize();
}

void
NetfilterBuffer::Load(size_t n)
{
    if (n > WINDOW)
    {
        const size_t kept = m_dirty;
        std::vector<uint8_t> all(m_size);
        m_packet->CopyData(all.data(), m_size);
        std::copy_n(m_data, kept, all.begin());
        m_spill = std::move(all);
        m_data = m_spill.data();
        m_window = m_size;
        return;
    }
    const size_t wanted = std::min(std::max(n, READ_AHEAD), m_size);
    if (m_dirty == 0)
    {
        m_packet->CopyData(m_bytes.data(), wanted);
    }
    else
    {
        std::array<uint8_t, WINDOW> fresh;
        m_packet->CopyData(fresh.data(), wanted);
        std::copy(fresh.begin() + m_dirty, fresh.begin() + wanted, m_bytes.begin() + m_dirty);
    }
    m_data = m_bytes.data();
    m_window = wanted;
}

const uint8_t*
NetfilterBuffer::DoPull(size_t n)
{
    Load(n);
    return m_data;
}

uint8_t*
NetfilterBuffer::DoMakeWritable(size_t n)
{
    if (n > m_window)
    {
        Load(n);
    }
    m_dirty = std::max(m_dirty, n);
    return m_spill.empty() ? m_bytes.data() : m_spill.data();
}

void
NetfilterBuffer::Replace(size_t offset, size_t remove, NfBytes insert)
{
    offset = std::min(offset, m_size);
    remove = std::min(remove, m_size - offset);
    if (m_size != 0 && m_window < m_size)
    {
        Load(m_size);
    }
    m_rebuilt = m_rebuilt || (offset == 0 && remove == m_size);
    std::vector<uint8_t> all;
    all.reserve(m_size - remove + insert.size());
    all.insert(all.end(), m_data, m_data + offset);
    all.insert(all.end(), insert.begin(), insert.end());
    all.insert(all.end(), m_data + offset + remove, m_data + m_size);
    m_spill = std::move(all);
    m_size = m_spill.size();
    m_window = m_size;
    m_data = m_spill.data();
    m_dirty = m_size;
}

std::unique_ptr<NfBuffer>
NetfilterBuffer::Clone() const
{
    std::vector<uint8_t> bytes(m_size);
    if (m_dirty < m_size)
    {
        m_packet->CopyData(bytes.data(), m_size);
    }
    std::copy_n(m_data, m_dirty, bytes.begin());
    return std::make_unique<NfVectorBuffer>(std::move(bytes));
}

const Ptr<Packet>&
NetfilterBuffer::Commit()
{
    const size_t size = m_packet->GetSize();
    if (size < m_size)
    {
        m_packet->AddPaddingAtEnd(m_size - size);
    }
    else if (size > m_size)
    {
        m_packet->RemoveAtEnd(size - m_size);
    }
    if (m_dirty != 0)
    {
        NetfilterOverwrite(m_packet, m_data, m_dirty);
        m_dirty = 0;
    }
    return m_packet;
}

// ---- NetfilterPacket

NetfilterPacket::NetfilterPacket(NetfilterPath& path, NfFamily family, Ptr<Packet> payload)
    : NfPacket(family, m_bytes),
      path(&path),
      m_bytes(std::move(payload))
{
}

NetfilterPacket::~NetfilterPacket() = default;

void
NetfilterPacket::CopyFrom(const NetfilterPacket& other)
{
    CopyMeta(other);
    conn = other.conn;
    origin = other.origin;
    in = other.in;
    out = other.out;
    inInterface = other.inInterface;
    outInterface = other.outInterface;
    route4 = other.route4;
    route6 = other.route6;
    header4 = other.header4;
    header6 = other.header6;
    m_routeKey = other.m_routeKey;
}

void
NetfilterPacket::TakeFrom(const NfPacket& other)
{
    CopyMeta(other);
    conn = other.conn;
    m_ipChanged = true;
}

std::unique_ptr<NetfilterPacket>
NetfilterPacket::Copy() const
{
    auto& bytes = const_cast<NetfilterBuffer&>(m_bytes);
    const bool rebuilt = bytes.IsRebuilt();
    auto copy = std::make_unique<NetfilterPacket>(*path, m_family, bytes.Commit()->Copy());
    copy->CopyFrom(*this);
    if (rebuilt && NetfilterIsCheckingEnabled())
    {
        copy->GetPayload();
    }
    return copy;
}

std::unique_ptr<NfPacket>
NetfilterPacket::MoveToHeap()
{
    auto moved = Copy();
    conn = {};
    return moved;
}

void
NetfilterPacket::Okfn(std::unique_ptr<NfPacket> self, uint8_t point)
{
    if (path)
    {
        path->Continue(*this, static_cast<NfHook>(point));
    }
    self.reset();
}

void
NetfilterPacket::ParseIpv4(const uint8_t* bytes)
{
    const uint16_t fragment = NfReadU16(bytes + 6);
    m_ip.src = NfAddr::FromWire(bytes + 12, NfFamily::IPV4);
    m_ip.dst = NfAddr::FromWire(bytes + 16, NfFamily::IPV4);
    m_ip.id = NfReadU16(bytes + 4);
    m_ip.fragOffset = static_cast<uint16_t>((fragment & 0x1fff) * 8);
    m_ip.tos = bytes[1];
    m_ip.ttl = bytes[8];
    m_ip.protocol = bytes[9];
    m_ip.moreFragments = fragment & 0x2000;
    m_ip.dontFragment = fragment & 0x4000;
    m_ip.fragment = m_ip.moreFragments || m_ip.fragOffset != 0;
    const size_t size = size_t{4} * (bytes[0] & 0xf);
    if (size > NF_IPV4_HEADER_SIZE)
    {
        m_ipOptions.assign(bytes + NF_IPV4_HEADER_SIZE, bytes + size);
    }
    ParseTransport();
}

void
NetfilterPacket::ParseIpv6(const uint8_t* bytes)
{
    m_ip.src = NfAddr::FromWire(bytes + 8, NfFamily::IPV6);
    m_ip.dst = NfAddr::FromWire(bytes + 24, NfFamily::IPV6);
    m_ip.tos = static_cast<uint8_t>(NfReadU16(bytes) >> 4);
    m_ip.flowLabel = NfReadU32(bytes) & 0xfffff;
    m_ip.protocol = bytes[6];
    m_ip.ttl = bytes[7];
    ParseTransport();
}

void
NetfilterPacket::SetHeader(const Ipv4Header& header)
{
    m_ip.src = NetfilterToAddr(header.GetSource());
    m_ip.dst = NetfilterToAddr(header.GetDestination());
    m_ip.id = header.GetIdentification();
    m_ip.fragOffset = header.GetFragmentOffset();
    m_ip.tos = header.GetTos();
    m_ip.ttl = header.GetTtl();
    m_ip.protocol = header.GetProtocol();
    m_ip.moreFragments = !header.IsLastFragment();
    m_ip.dontFragment = header.IsDontFragment();
    m_ip.fragment = m_ip.moreFragments || m_ip.fragOffset != 0;
    header4 = header;
    m_ipChanged = false;
    ParseTransport();
}

void
NetfilterPacket::SetHeader(const Ipv6Header& header)
{
    m_ip.src = NetfilterToAddr(header.GetSource());
    m_ip.dst = NetfilterToAddr(header.GetDestination());
    m_ip.tos = header.GetTrafficClass();
    m_ip.flowLabel = header.GetFlowLabel();
    m_ip.protocol = header.GetNextHeader();
    m_ip.ttl = header.GetHopLimit();
    header6 = header;
    m_ipChanged = false;
    ParseTransport();
}

const Ipv4Header&
NetfilterPacket::GetHeader4()
{
    const bool made = !header4;
    if (made)
    {
        header4.emplace();
    }
    if (made || m_ipChanged)
    {
        m_ipChanged = false;
        header4->SetSource(NetfilterToIpv4(m_ip.src));
        header4->SetDestination(NetfilterToIpv4(m_ip.dst));
        header4->SetIdentification(static_cast<uint16_t>(m_ip.id));
        header4->SetFragmentOffset(m_ip.fragOffset);
        header4->SetTos(m_ip.tos);
        header4->SetTtl(m_ip.ttl);
        header4->SetProtocol(m_ip.protocol);
        m_ip.moreFragments ? header4->SetMoreFragments() : header4->SetLastFragment();
        m_ip.dontFragment ? header4->SetDontFragment() : header4->SetMayFragment();
        if (path && path->IsChecksumEnabled())
        {
            header4->EnableChecksum();
        }
    }
    header4->SetPayloadSize(static_cast<uint16_t>(m_bytes.GetSize() + m_ipOptions.size()));
    return *header4;
}

const Ipv6Header&
NetfilterPacket::GetHeader6()
{
    const bool made = !header6;
    if (made)
    {
        header6.emplace();
    }
    if (made || m_ipChanged)
    {
        m_ipChanged = false;
        header6->SetSource(NetfilterToIpv6(m_ip.src));
        header6->SetDestination(NetfilterToIpv6(m_ip.dst));
        header6->SetTrafficClass(m_ip.tos);
        header6->SetFlowLabel(m_ip.flowLabel);
        header6->SetHopLimit(m_ip.ttl);
        header6->SetNextHeader(m_ip.protocol);
    }
    header6->SetPayloadLength(static_cast<uint16_t>(m_bytes.GetSize()));
    return *header6;
}

const Ptr<Packet>&
NetfilterPacket::GetPayload()
{
    const Ptr<Packet>& packet = m_bytes.Commit();
    if (m_bytes.IsRebuilt() && NetfilterIsCheckingEnabled())
    {
        NetfilterTypePacket(packet, *this);
    }
    return packet;
}

} // namespace ns3
