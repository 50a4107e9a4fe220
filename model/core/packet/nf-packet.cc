/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-packet.h"

#include "nf-checksum.h"
#include "nf-exthdr.h"

#include <algorithm>

namespace ns3
{

// ---- NfVectorBuffer

NfVectorBuffer::NfVectorBuffer(std::vector<uint8_t> bytes)
    : m_bytes(std::move(bytes))
{
    Rewindow();
}

void
NfVectorBuffer::Rewindow()
{
    m_data = m_bytes.data();
    m_window = m_bytes.size();
    m_size = m_bytes.size();
}

void
NfVectorBuffer::Replace(size_t offset, size_t remove, NfBytes insert)
{
    offset = std::min(offset, m_bytes.size());
    remove = std::min(remove, m_bytes.size() - offset);
    const auto at = m_bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    const size_t common = std::min(remove, insert.size());
    std::copy_n(insert.begin(), common, at);
    const auto rest = at + static_cast<std::ptrdiff_t>(common);
    if (common < insert.size())
    {
        m_bytes.insert(rest, insert.begin() + common, insert.end());
    }
    else
    {
        m_bytes.erase(rest, at + static_cast<std::ptrdiff_t>(remove));
    }
    Rewindow();
}

std::unique_ptr<NfBuffer>
NfVectorBuffer::Clone() const
{
    return std::make_unique<NfVectorBuffer>(m_bytes);
}

const uint8_t*
NfVectorBuffer::DoPull(size_t)
{
    return m_data;
}

uint8_t*
NfVectorBuffer::DoMakeWritable(size_t)
{
    return m_bytes.data();
}

// ---- NfPacket: parsing

namespace
{

constexpr uint16_t IPV4_DF = 0x4000;
constexpr uint16_t IPV4_MF = 0x2000;
constexpr uint16_t IPV4_OFFSET = 0x1fff; //!< in units of 8 bytes

/// @param p a whole fragment header (RFC 8200 section 4.5)
void
ReadFragmentHeader(const uint8_t* p, NfIpHeader& ip)
{
    const uint16_t field = NfReadU16(p + 2);
    ip.fragOffset = field & 0xfff8;
    ip.moreFragments = field & 1;
    ip.id = NfReadU32(p + 4);
    ip.fragment = true;
    ip.atomic = ip.fragOffset == 0 && !ip.moreFragments;
}

bool
ParseIpv4Header(NfBytes bytes, bool checksum, NfIpHeader& ip, size_t& headerSize, size_t& length)
{
    if (bytes.size() < NF_IPV4_HEADER_SIZE || bytes[0] >> 4 != 4)
    {
        return false;
    }
    headerSize = size_t{4} * (bytes[0] & 0xf);
    length = NfReadU16(&bytes.data()[2]);
    if (headerSize < NF_IPV4_HEADER_SIZE || bytes.size() < headerSize || length < headerSize ||
        bytes.size() < length)
    {
        return false;
    }
    if (checksum && NfChecksumFold(NfChecksumPartial(bytes.Sub(0, headerSize))) != 0)
    {
        return false;
    }
    const uint8_t* p = bytes.data();
    const uint16_t fragment = NfReadU16(p + 6);
    ip.tos = p[1];
    ip.id = NfReadU16(p + 4);
    ip.dontFragment = fragment & IPV4_DF;
    ip.moreFragments = fragment & IPV4_MF;
    ip.fragOffset = static_cast<uint16_t>((fragment & IPV4_OFFSET) * 8);
    ip.fragment = ip.moreFragments || ip.fragOffset != 0;
    ip.ttl = p[8];
    ip.protocol = p[9];
    ip.src = NfAddr::FromWire(p + 12, NfFamily::IPV4);
    ip.dst = NfAddr::FromWire(p + 16, NfFamily::IPV4);
    return true;
}

bool
ParseIpv6Header(NfBytes bytes, NfIpHeader& ip, size_t& headerSize, size_t& length)
{
    if (bytes.size() < NF_IPV6_HEADER_SIZE || bytes[0] >> 4 != 6)
    {
        return false;
    }
    const uint8_t* p = bytes.data();
    headerSize = NF_IPV6_HEADER_SIZE;
    length = headerSize + NfReadU16(p + 4);
    if (bytes.size() < length)
    {
        return false;
    }
    ip.tos = static_cast<uint8_t>(NfReadU16(p) >> 4);
    ip.flowLabel = NfReadU32(p) & 0xfffff;
    ip.protocol = p[6];
    ip.ttl = p[7];
    ip.src = NfAddr::FromWire(p + 8, NfFamily::IPV6);
    ip.dst = NfAddr::FromWire(p + 24, NfFamily::IPV6);
    const bool scopeReserved = ip.dst.bytes[0] == 0xff && (ip.dst.bytes[1] & 0xf) == 0;
    return ip.src.bytes[0] != 0xff && !scopeReserved;
}

void
WriteIpv4Header(const NfIpHeader& ip, size_t headerSize, size_t length, uint8_t* p)
{
    p[0] = static_cast<uint8_t>(0x40 | headerSize / 4);
    p[1] = ip.tos;
    NfWriteU16(p + 2, static_cast<uint16_t>(length));
    NfWriteU16(p + 4, static_cast<uint16_t>(ip.id));
    NfWriteU16(p + 6,
               static_cast<uint16_t>((ip.dontFragment ? IPV4_DF : 0) |
                                     (ip.moreFragments ? IPV4_MF : 0) | ip.fragOffset / 8));
    p[8] = ip.ttl;
    p[9] = ip.protocol;
    NfWriteU16(p + 10, 0);
    std::copy_n(ip.src.bytes.begin(), 4, p + 12);
    std::copy_n(ip.dst.bytes.begin(), 4, p + 16);
    NfWriteU16(p + 10, NfChecksumFold(NfChecksumPartial(NfBytes(p, headerSize))));
}

void
WriteIpv6Header(const NfIpHeader& ip, size_t length, uint8_t* p)
{
    NfWriteU32(p, uint32_t{6} << 28 | uint32_t{ip.tos} << 20 | (ip.flowLabel & 0xfffff));
    NfWriteU16(p + 4, static_cast<uint16_t>(length - NF_IPV6_HEADER_SIZE));
    p[6] = ip.protocol;
    p[7] = ip.ttl;
    std::copy_n(ip.src.bytes.begin(), 16, p + 8);
    std::copy_n(ip.dst.bytes.begin(), 16, p + 24);
}

} // namespace

std::unique_ptr<NfPacket>
NfPacket::Parse(NfBytes bytes, bool checksum)
{
    if (bytes.empty())
    {
        return nullptr;
    }
    const NfFamily family = bytes[0] >> 4 == 6 ? NfFamily::IPV6 : NfFamily::IPV4;
    NfIpHeader ip;
    size_t headerSize = 0;
    size_t length = 0;
    const bool accepted = family == NfFamily::IPV6
                              ? ParseIpv6Header(bytes, ip, headerSize, length)
                              : ParseIpv4Header(bytes, checksum, ip, headerSize, length);
    if (!accepted)
    {
        return nullptr;
    }
    auto packet =
        Make(family, ip, std::vector<uint8_t>(bytes.begin() + headerSize, bytes.begin() + length));
    if (family == NfFamily::IPV4)
    {
        packet->SetIpOptions({bytes.begin() + NF_IPV4_HEADER_SIZE, bytes.begin() + headerSize});
    }
    return packet;
}

std::unique_ptr<NfPacket>
NfPacket::Make(NfFamily family, const NfIpHeader& ip, std::vector<uint8_t> bytes)
{
    auto buffer = std::make_unique<NfVectorBuffer>(std::move(bytes));
    auto packet = std::make_unique<NfPacket>(family, *buffer);
    packet->m_ownBuffer = std::move(buffer);
    packet->m_ip = ip;
    packet->ParseTransport();
    return packet;
}

bool
NfPacket::ParseTransport()
{
    m_transportOffset = 0;
    m_protocol = m_ip.protocol;
    m_transportValid = m_family != NfFamily::IPV6 || SkipExtensionHeaders();
    if (!m_transportValid)
    {
        m_transportOffset = 0;
        m_protocol = NF_IPPROTO_RAW;
    }
    return m_transportValid;
}

bool
NfPacket::SkipExtensionHeaders()
{
    m_ip.fragment = m_ip.moreFragments = m_ip.atomic = false;
    m_ip.fragOffset = 0;
    while (NfIsExtensionHeader(m_protocol))
    {
        const bool isFragment = m_protocol == NF_IPPROTO_FRAGMENT;
        const uint8_t* p = PullTransport(isFragment ? NF_FRAGMENT_HEADER_SIZE : 2);
        if (!p || m_ip.fragOffset != 0)
        {
            return false;
        }
        if (isFragment && !(m_ip.fragment && NfReadU16(p + 2) < 8))
        {
            ReadFragmentHeader(p, m_ip);
        }
        m_transportOffset += NfExtensionHeaderSize(m_protocol, p);
        m_protocol = p[0];
        if (m_transportOffset > m_buffer->GetSize())
        {
            return false;
        }
    }
    return true;
}

std::vector<uint8_t>
NfPacket::Serialize()
{
    const size_t headerSize = GetIpHeaderSize();
    const size_t size = m_buffer->GetSize();
    std::vector<uint8_t> bytes(headerSize + size);
    if (const uint8_t* data = m_buffer->Pull(size); size != 0)
    {
        std::copy_n(data, size, bytes.begin() + static_cast<std::ptrdiff_t>(headerSize));
    }
    if (m_family == NfFamily::IPV6)
    {
        WriteIpv6Header(m_ip, bytes.size(), bytes.data());
        return bytes;
    }
    std::copy(m_ipOptions.begin(), m_ipOptions.end(), bytes.begin() + NF_IPV4_HEADER_SIZE);
    WriteIpv4Header(m_ip, headerSize, bytes.size(), bytes.data());
    return bytes;
}

// ---- NfPacket: copies

void
NfPacket::CopyMeta(const NfPacket& from)
{
    m_ip = from.m_ip;
    m_ipOptions = from.m_ipOptions;
    m_transportOffset = from.m_transportOffset;
    m_protocol = from.m_protocol;
    m_transportValid = from.m_transportValid;
    m_ipChanged = from.m_ipChanged;
    ctInfo = from.ctInfo;
    checksumOk = from.checksumOk;
    localOut = from.localOut;
    icmpRelatedOut = from.icmpRelatedOut;
    packetType = from.packetType;
    mark = from.mark;
    priority = from.priority;
    secmark = from.secmark;
    fragMaxSize = from.fragMaxSize;
    fragDf = from.fragDf;
    fragSizes = from.fragSizes;
    traced = from.traced;
    ipOptions = from.ipOptions;
    ethernet = from.ethernet;
    hasEthernet = from.hasEthernet;
    ownerUid = from.ownerUid;
    ownerGid = from.ownerGid;
    hasSocket = from.hasSocket;
    dropReason = from.dropReason;
    dropRule = from.dropRule;
}

std::unique_ptr<NfPacket>
NfPacket::Clone() const
{
    std::unique_ptr<NfBuffer> buffer = m_buffer->Clone();
    auto copy = std::make_unique<NfPacket>(m_family, *buffer);
    copy->m_ownBuffer = std::move(buffer);
    copy->CopyMeta(*this);
    copy->conn = conn;
    return copy;
}

std::unique_ptr<NfPacket>
NfPacket::CloneWith(const NfIpHeader& ip, std::vector<uint8_t> bytes) const
{
    auto buffer = std::make_unique<NfVectorBuffer>(std::move(bytes));
    auto copy = std::make_unique<NfPacket>(m_family, *buffer);
    copy->m_ownBuffer = std::move(buffer);
    copy->CopyMeta(*this);
    copy->conn = conn;
    copy->m_ip = ip;
    copy->ParseTransport();
    return copy;
}

std::unique_ptr<NfPacket>
NfPacket::MoveToHeap()
{
    auto moved = Clone();
    conn = {};
    return moved;
}

void
NfPacket::Okfn(std::unique_ptr<NfPacket>, uint8_t)
{
}

} // namespace ns3
