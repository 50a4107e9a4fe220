/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Sequence numbers of connections whose payload was made longer or shorter (Linux:
// nf_conntrack_seqadj.c).
#include "nf-conntrack-seqadj.h"

#include "../packet/nf-checksum.h"

namespace ns3
{

namespace
{

constexpr uint8_t OPTION_END = 0;
constexpr uint8_t OPTION_NOP = 1;
constexpr uint8_t OPTION_SACK = 5;
constexpr size_t SACK_BLOCK = 8; //!< two sequence numbers

bool
After(uint32_t a, uint32_t b)
{
    return static_cast<int32_t>(b - a) < 0;
}

/// The offset to take from a number that acknowledges translated data.
int32_t
AckOffset(const NfSeqAdj& adj, uint32_t ack)
{
    return After(ack - adj.offsetBefore, adj.correctionPos) ? adj.offsetAfter : adj.offsetBefore;
}

/// Rewrites 32 bits of a TCP header and its checksum.
void
Rewrite(uint8_t* tcp, size_t offset, uint32_t value, bool checksum)
{
    const uint32_t old = NfReadU32(tcp + offset);
    NfWriteU32(tcp + offset, value);
    if (checksum && value != old)
    {
        NfWriteU16(tcp + NF_TCP_CHECKSUM,
                   NfChecksumAdjust32(NfReadU16(tcp + NF_TCP_CHECKSUM), old, value));
    }
}

/// Linux: nf_ct_sack_adjust(). @return false: options do not add up
bool
AdjustSack(uint8_t* tcp, size_t end, const NfSeqAdj& other, bool checksum)
{
    for (size_t at = NF_TCP_HEADER_SIZE; at < end;)
    {
        const uint8_t kind = tcp[at];
        if (kind == OPTION_END)
        {
            return true;
        }
        if (kind == OPTION_NOP)
        {
            ++at;
            continue;
        }
        if (at + 1 == end || tcp[at + 1] < 2 || at + tcp[at + 1] > end)
        {
            return false;
        }
        const size_t size = tcp[at + 1];
        if (kind == OPTION_SACK && size >= 2 + SACK_BLOCK && (size - 2) % SACK_BLOCK == 0)
        {
            for (size_t edge = at + 2; edge < at + size; edge += 4)
            {
                const uint32_t seq = NfReadU32(tcp + edge);
                Rewrite(tcp, edge, seq - AckOffset(other, seq), checksum);
            }
        }
        at += size;
    }
    return true;
}

} // namespace

void
NfSeqAdjSet(NfConntrack&, NfConn& conn, NfCtInfo info, uint32_t seq, int32_t off)
{
    if (off == 0)
    {
        return;
    }
    NfConnExt& ext = conn.Ext();
    if (!ext.seqadj)
    {
        ext.seqadj = std::make_unique<std::array<NfSeqAdj, 2>>();
    }
    conn.status |= NF_IPS_SEQ_ADJUST;
    NfSeqAdj& adj = (*ext.seqadj)[static_cast<size_t>(NfInfoDir(info))];
    if (adj.offsetBefore == adj.offsetAfter || After(seq, adj.correctionPos))
    {
        adj.correctionPos = seq;
        adj.offsetBefore = adj.offsetAfter;
        adj.offsetAfter += off;
    }
}

void
NfSeqAdjInit(NfConn& conn, NfCtInfo info, uint32_t off)
{
    if (off == 0)
    {
        return;
    }
    NfConnExt& ext = conn.Ext();
    if (!ext.seqadj)
    {
        ext.seqadj = std::make_unique<std::array<NfSeqAdj, 2>>();
    }
    conn.status |= NF_IPS_SEQ_ADJUST;
    NfSeqAdj& adj = (*ext.seqadj)[static_cast<size_t>(NfInfoDir(info))];
    adj.offsetBefore = static_cast<int32_t>(off);
    adj.offsetAfter = static_cast<int32_t>(off);
}

int32_t
NfSeqOffset(const NfConn& conn, NfDir dir, uint32_t seq)
{
    const NfConnExt* ext = conn.GetExt();
    if (!ext || !ext->seqadj)
    {
        return 0;
    }
    const NfSeqAdj& adj = (*ext->seqadj)[static_cast<size_t>(dir)];
    return After(seq, adj.correctionPos) ? adj.offsetAfter : adj.offsetBefore;
}

bool
NfSeqAdjust(NfPacket& packet, const NfConn& conn, NfCtInfo info)
{
    const NfConnExt* ext = conn.GetExt();
    if (!ext || !ext->seqadj)
    {
        return true;
    }
    const NfDir dir = NfInfoDir(info);
    const NfSeqAdj& other = (*ext->seqadj)[static_cast<size_t>(!dir)];
    uint8_t* tcp = packet.MakeTransportWritable(NF_TCP_HEADER_SIZE);
    if (!tcp)
    {
        return false;
    }
    const bool checksum = !packet.checksumOk;
    const uint32_t seq = NfReadU32(tcp + NF_TCP_SEQ);
    Rewrite(tcp, NF_TCP_SEQ, seq + NfSeqOffset(conn, dir, seq), checksum);
    if (!(tcp[NF_TCP_FLAGS] & NF_TCP_ACK))
    {
        return true;
    }
    const uint32_t ack = NfReadU32(tcp + NF_TCP_ACKNO);
    Rewrite(tcp, NF_TCP_ACKNO, ack - AckOffset(other, ack), checksum);
    const size_t end = static_cast<size_t>(tcp[NF_TCP_DOFF] >> 4) * 4;
    tcp = packet.MakeTransportWritable(end);
    return tcp && AdjustSack(tcp, end, other, checksum);
}

} // namespace ns3
