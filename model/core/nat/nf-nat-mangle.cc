/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat-mangle.h"

#include "../conntrack/nf-conntrack-seqadj.h"
#include "../packet/nf-checksum.h"

#include <algorithm>
#include <cerrno>

namespace ns3
{

namespace
{

constexpr size_t MAX_PACKET = 65535;
constexpr size_t UDP_LENGTH = 4;
constexpr size_t UDP_CHECKSUM = 6;

/**
 * Replaces payload bytes.
 * @param header size of the transport header before the payload
 * @return false: out of the packet, or the packet would not fit into an IP length
 */
bool
ReplacePayload(NfPacket& packet, size_t header, size_t offset, size_t length, NfBytes insert)
{
    const size_t size = packet.GetTransportSize();
    if (header > size || offset > size - header || length > size - header - offset)
    {
        return false;
    }
    const size_t whole = packet.GetIpHeaderSize() + packet.GetBuffer().GetSize();
    if (insert.size() > length && whole + (insert.size() - length) > MAX_PACKET)
    {
        return false;
    }
    packet.GetBuffer().Replace(packet.GetTransportOffset() + header + offset, length, insert);
    return true;
}

} // namespace

bool
NfNatMangleTcp(NfNat& nat,
               NfPacket& packet,
               NfConn& conn,
               NfCtInfo info,
               size_t offset,
               size_t length,
               NfBytes insert,
               bool adjust)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    if (!tcp)
    {
        return false;
    }
    const uint32_t seq = NfReadU32(tcp + NF_TCP_SEQ);
    const size_t header = static_cast<size_t>(tcp[NF_TCP_DOFF] >> 4) * 4;
    if (header < NF_TCP_HEADER_SIZE || !ReplacePayload(packet, header, offset, length, insert))
    {
        return false;
    }
    NfChecksumWrite(packet);
    if (adjust && insert.size() != length)
    {
        NfSeqAdjSet(nat.GetConntrack(),
                    conn,
                    info,
                    seq,
                    static_cast<int32_t>(insert.size()) - static_cast<int32_t>(length));
    }
    return true;
}

bool
NfNatMangleUdp(NfNat&,
               NfPacket& packet,
               NfConn&,
               NfCtInfo,
               size_t offset,
               size_t length,
               NfBytes insert)
{
    if (!packet.PullTransport(NF_UDP_HEADER_SIZE) ||
        !ReplacePayload(packet, NF_UDP_HEADER_SIZE, offset, length, insert))
    {
        return false;
    }
    uint8_t* udp = packet.MakeTransportWritable(NF_UDP_HEADER_SIZE);
    NfWriteU16(udp + UDP_LENGTH, static_cast<uint16_t>(packet.GetTransportSize()));
    if (NfReadU16(udp + UDP_CHECKSUM) != 0)
    {
        NfChecksumWrite(packet);
    }
    return true;
}

void
NfNatFollowMaster(NfNat& nat, NfConn& conn, const NfExpectation& expectation)
{
    const NfConn* master = conn.GetMaster();
    if (!master || conn.Has(NF_IPS_NAT_DONE_MASK))
    {
        return;
    }
    const NfTuple& towards = master->GetTuple(!expectation.dir);
    NfNatRange range;
    range.flags = NF_NAT_MAP_IPS;
    range.minAddr = towards.dst;
    range.maxAddr = towards.dst;
    nat.SetupInfo(conn, range, NfManip::SRC);

    range.flags = NF_NAT_MAP_IPS | NF_NAT_PROTO_SPECIFIED;
    range.minPort = expectation.savedPort;
    range.maxPort = expectation.savedPort;
    range.minAddr = towards.src;
    range.maxAddr = towards.src;
    nat.SetupInfo(conn, range, NfManip::DST);
}

uint16_t
NfNatExpectPort(NfNat& nat, const NfExpectationPtr& expectation, uint16_t port)
{
    constexpr int MAX_ATTEMPTS = 128;
    const uint32_t range = 0xffffU - port;
    const uint16_t first = port;
    for (int left = static_cast<int>(std::min<uint32_t>(range, MAX_ATTEMPTS));; left--)
    {
        expectation->tuple.dport = port;
        const int error = nat.GetConntrack().ExpectRelated(expectation);
        if (error == 0)
        {
            return port;
        }
        if (error != -EBUSY || left <= 0)
        {
            return 0;
        }
        port = static_cast<uint16_t>(first + nat.GetConntrack().GetContext().random.Below(range));
    }
}

} // namespace ns3
