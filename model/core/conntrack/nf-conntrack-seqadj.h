/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_SEQADJ_H
#define NF_CONNTRACK_SEQADJ_H

#include "nf-conntrack.h"

namespace ns3
{

/**
 * Notes that from a sequence number on the payload is longer or shorter (Linux:
 * nf_ct_seqadj_set()).
 * @param conn the connection @param info direction of the change @param seq where, host order
 * @param off bytes more, negative: fewer
 */
void NfSeqAdjSet(NfConntrack& table, NfConn& conn, NfCtInfo info, uint32_t seq, int32_t off);

/**
 * All numbers of a direction differ by an offset from now on (Linux: nf_ct_seqadj_init()).
 * @param conn the connection @param info direction @param off to be added, 0: nothing changes
 */
void NfSeqAdjInit(NfConn& conn, NfCtInfo info, uint32_t off);

/**
 * Applies the offsets to sequence, acknowledgement and SACK numbers (Linux: nf_ct_seq_adjust()).
 * @return false: truncated packet
 */
bool NfSeqAdjust(NfPacket& packet, const NfConn& conn, NfCtInfo info);

/// Linux: nf_ct_seq_offset(). @return the offset that applies to a sequence number of a direction
int32_t NfSeqOffset(const NfConn& conn, NfDir dir, uint32_t seq);

} // namespace ns3

#endif // NF_CONNTRACK_SEQADJ_H
