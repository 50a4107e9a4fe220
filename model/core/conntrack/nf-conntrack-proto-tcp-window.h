/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_TCP_WINDOW_H
#define NF_CONNTRACK_PROTO_TCP_WINDOW_H

#include "nf-conntrack-proto-tcp.h"

#include <algorithm>

namespace ns3
{

/// How old an acknowledgement may be at least (Linux: MAXACKWINCONST).
constexpr uint32_t NF_TCP_MAX_ACK_WINDOW = 66000;

/// @return true if it can be told at once that no option is a SACK
inline bool
NfTcpHasNoSack(NfBytes options)
{
    // NOP, NOP, timestamp of ten bytes: what most segments carry, and nothing of interest.
    constexpr uint32_t ALIGNED_TIMESTAMP = 0x0101080a;
    constexpr size_t ALIGNED_TIMESTAMP_SIZE = 12;
    return options.empty() || (options.size() == ALIGNED_TIMESTAMP_SIZE &&
                               NfReadU32(options.data()) == ALIGNED_TIMESTAMP);
}

/**
 * @ingroup netfilter
 * One segment held against the windows of its connection: the numbers of Linux's tcp_in_window(),
 * and what is true of nearly all segments. It is inline, because it is done for each of them;
 * NfTcpCheckWindow() knows the rest.
 */
class NfTcpWindowCheck
{
  public:
    /// @param conn whose windows change @param dir of the segment
    NfTcpWindowCheck(NfConn& conn, NfDir dir, const NfTcpSegment& segment)
        : m_conn(conn),
          m_dir(dir),
          m_segment(segment),
          m_sender(conn.proto.tcp.seen[static_cast<size_t>(dir)]),
          m_receiver(conn.proto.tcp.seen[static_cast<size_t>(!dir)]),
          m_seq(segment.seq),
          m_ack(segment.ack),
          m_sack(segment.ack),
          m_end(segment.end),
          m_win(segment.window)
    {
    }

    /**
     * @return true for what nearly all segments are: nothing but an acknowledgement, of ends that
     * are both known, and no option or translation moves a number. It only remains to look at the
     * bounds.
     */
    bool IsPlain() const
    {
        return m_segment.event == NF_TCP_EVENT_ACK && m_sender.maxWindow != 0 &&
               m_receiver.maxWindow != 0 && !m_conn.Has(NF_IPS_SEQ_ADJUST) &&
               (!(m_receiver.flags & NF_TCP_FLAG_SACK_PERM) || NfTcpHasNoSack(m_segment.options));
    }

    /// The four conditions. @return true if the segment is within all of them
    bool IsWithinBounds() const
    {
        return NfSeqBefore(m_seq, m_sender.maxEnd + 1) && NfSeqBefore(m_sack, m_receiver.end + 1) &&
               (m_receiver.maxWindow == 0 ||
                NfSeqAfter(m_end, m_sender.end - m_receiver.maxWindow - 1)) &&
               NfSeqAfter(m_sack, GetLowestAck());
    }

    /// The segment is within the bounds: learns from it.
    [[gnu::always_inline]] void Update()
    {
        const bool isAck = m_segment.event == NF_TCP_EVENT_ACK;
        // RFC 7323 section 2.2: the window of a SYN is not scaled.
        if (isAck || !m_segment.Has(NF_TCP_SYN))
        {
            m_win <<= m_sender.scale;
        }
        UpdateSender();
        UpdateReceiver();
        if (isAck)
        {
            CountRetransmission();
        }
    }

  protected:
    uint32_t GetLowestAck() const
    {
        return m_receiver.end - std::max(m_sender.maxWindow, NF_TCP_MAX_ACK_WINDOW) - 1;
    }

    void UpdateSender()
    {
        m_sender.maxWindow = std::max(m_sender.maxWindow, m_win + (m_sack - m_ack));
        if (NfSeqAfter(m_end, m_sender.end))
        {
            m_sender.end = m_end;
            m_sender.flags |= NF_TCP_FLAG_DATA_UNACKNOWLEDGED;
        }
        if (!m_segment.Has(NF_TCP_ACK))
        {
            return;
        }
        if (!(m_sender.flags & NF_TCP_FLAG_MAXACK_SET) || NfSeqAfter(m_ack, m_sender.maxAck))
        {
            m_sender.maxAck = m_ack;
            m_sender.flags |= NF_TCP_FLAG_MAXACK_SET;
        }
    }

    void UpdateReceiver()
    {
        if (m_receiver.maxWindow != 0 && NfSeqAfter(m_end, m_sender.maxEnd))
        {
            m_receiver.maxWindow += m_end - m_sender.maxEnd;
        }
        if (NfSeqAfter(m_sack + m_win, m_receiver.maxEnd - 1))
        {
            m_receiver.maxEnd = m_sack + m_win + (m_win == 0);
        }
        if (m_ack == m_receiver.end)
        {
            m_receiver.flags &= static_cast<uint8_t>(~NF_TCP_FLAG_DATA_UNACKNOWLEDGED);
        }
    }

    void CountRetransmission()
    {
        NfTcpState& tcp = m_conn.proto.tcp;
        const auto dir = static_cast<uint8_t>(m_dir);
        if (tcp.lastDir == dir && tcp.lastSeq == m_seq && tcp.lastAck == m_ack &&
            tcp.lastEnd == m_end && tcp.lastWindow == m_segment.window)
        {
            ++tcp.retrans;
            return;
        }
        tcp.lastDir = dir;
        tcp.lastSeq = m_seq;
        tcp.lastAck = m_ack;
        tcp.lastEnd = m_end;
        tcp.lastWindow = m_segment.window;
        tcp.retrans = 0;
    }

    NfConn& m_conn;
    const NfDir m_dir;
    const NfTcpSegment& m_segment;
    NfTcpWindow& m_sender;
    NfTcpWindow& m_receiver;
    uint32_t m_seq;
    uint32_t m_ack;  //!< without the offset of translated payload
    uint32_t m_sack; //!< likewise
    uint32_t m_end;
    uint32_t m_win; //!< scaled by Update()
};

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_TCP_WINDOW_H
