/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_proto_tcp.c, tcp_in_window() and what it needs
#include "nf-conntrack-proto-tcp-window.h"

#include "nf-conntrack-seqadj.h"
#include "nf-kernel-profile.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr uint8_t OPTION_END = 0;
constexpr uint8_t OPTION_NOP = 1;
constexpr uint8_t OPTION_WINDOW = 3;
constexpr uint8_t OPTION_SACK_PERMITTED = 4;
constexpr uint8_t OPTION_SACK = 5;
constexpr uint8_t MAX_SCALE = 14;  //!< RFC 7323 section 2.3
constexpr uint32_t SACK_BLOCK = 8; //!< left and right edge

/**
 * Calls a function for each whole option with kind and contents, until it says stop.
 * @param visit (kind, bytes behind the length) -> true to go on
 */
template <class Visit>
void
ForEachOption(NfBytes options, Visit visit)
{
    for (size_t at = 0; at < options.size();)
    {
        const uint8_t kind = options[at];
        if (kind == OPTION_END)
        {
            return;
        }
        if (kind == OPTION_NOP)
        {
            ++at;
            continue;
        }
        if (options.size() - at < 2)
        {
            return;
        }
        const size_t size = options[at + 1];
        if (size < 2 || size > options.size() - at)
        {
            return;
        }
        if (!visit(kind, options.Sub(at + 2, size - 2)))
        {
            return;
        }
        at += size;
    }
}

/// The same for any segment.
class FullCheck final : public NfTcpWindowCheck
{
  public:
    FullCheck(NfConntrack& table,
              NfConn& conn,
              NfDir dir,
              const NfTcpSegment& segment,
              NfPacket& packet,
              const NfHookState& state)
        : NfTcpWindowCheck(conn, dir, segment),
          m_table(table),
          m_packet(packet),
          m_state(state)
    {
    }

    NfTcpWindowResult Run()
    {
        if (m_receiver.flags & NF_TCP_FLAG_SACK_PERM)
        {
            m_sack = NfTcpHighestSack(m_segment.options, m_sack);
        }
        if (m_conn.Has(NF_IPS_SEQ_ADJUST))
        {
            const auto offset = static_cast<uint32_t>(NfSeqOffset(m_conn, !m_dir, m_ack - 1));
            m_ack -= offset;
            m_sack -= offset;
        }
        if (!LearnSender())
        {
            return NfTcpWindowResult::ACCEPT;
        }
        AssumeMissing();
        if (IsWithinBounds())
        {
            Update();
            return NfTcpWindowResult::ACCEPT;
        }
        return NfSeqBefore(m_seq, m_sender.maxEnd + 1) ? JudgeBounds() : JudgeOvershot();
    }

  private:
    /// First segment of this side, or a new SYN of it. @return false: nothing left to check
    bool LearnSender()
    {
        const bool syn = m_segment.Has(NF_TCP_SYN);
        const uint8_t state = m_conn.proto.tcp.state;
        if (m_sender.maxWindow == 0)
        {
            if (syn)
            {
                InitSender();
                return m_segment.Has(NF_TCP_ACK);
            }
            AdoptSender();
        }
        else if (syn && NfSeqAfter(m_end, m_sender.end) &&
                 (state == NF_TCP_CT_SYN_SENT || state == NF_TCP_CT_SYN_RECV))
        {
            // RFC 9293 section 3.4.1: a new incarnation starts above the numbers of the old one.
            InitSender();
            return m_dir != NfDir::REPLY || m_segment.Has(NF_TCP_ACK);
        }
        return true;
    }

    /// Linux: tcp_init_sender().
    void InitSender()
    {
        m_sender.end = m_sender.maxEnd = m_end;
        m_sender.maxWindow = std::max<uint32_t>(m_win, 1);
        NfTcpReadOptions(m_segment.options, m_sender);
        // RFC 7323 section 2.2: scaling needs the option of both sides.
        if (m_dir == NfDir::REPLY &&
            !(m_sender.flags & m_receiver.flags & NF_TCP_FLAG_WINDOW_SCALE))
        {
            m_sender.scale = m_receiver.scale = 0;
        }
    }

    /// The history of this side is lost: the segment is all there is.
    void AdoptSender()
    {
        m_sender.end = m_end;
        m_sender.maxWindow = std::max<uint32_t>(m_win << m_sender.scale, 1);
        m_sender.maxEnd = m_end + m_sender.maxWindow;
        if (m_receiver.maxWindow == 0)
        {
            m_receiver.end = m_receiver.maxEnd = m_sack;
        }
        else if (m_sack == m_receiver.end + 1)
        {
            // The answer to a keep-alive.
            ++m_receiver.end;
        }
    }

    void AssumeMissing()
    {
        const bool brokenReset =
            m_segment.Has(NF_TCP_RST) && m_segment.Has(NF_TCP_ACK) && m_ack == 0;
        if (!m_segment.Has(NF_TCP_ACK) || brokenReset)
        {
            m_ack = m_sack = m_receiver.end;
        }
        if (m_segment.Has(NF_TCP_RST) && m_seq == 0 && m_conn.proto.tcp.state == NF_TCP_CT_SYN_SENT)
        {
            m_seq = m_end = m_sender.end;
        }
    }

    /// It starts behind the window: tolerated if it goes over by no more than one window.
    NfTcpWindowResult JudgeOvershot()
    {
        const uint32_t overshot = m_end - m_sender.maxEnd + 1;
        const bool ackOk = NfSeqAfter(m_sack, GetLowestAck());
        const bool inReceiveWindow =
            m_receiver.maxWindow && NfSeqAfter(m_end, m_sender.end - m_receiver.maxWindow - 1);
        const bool tolerated = !m_table.GetProfile().tcpOvershotInvalid;
        if (tolerated && inReceiveWindow && ackOk && overshot <= m_receiver.maxWindow &&
            NfSeqBefore(m_sack, m_receiver.end + 1))
        {
            m_sender.end = m_end;
            m_sender.flags |= NF_TCP_FLAG_DATA_UNACKNOWLEDGED;
            return Blame(NfTcpWindowResult::IGNORE, "", overshot, " bytes more than expected");
        }
        return Blame(NfTcpWindowResult::INVALID,
                     "SEQ is over upper bound ",
                     m_sender.maxEnd + 1,
                     " (over the window of the receiver)");
    }

    /// It is out of one of the other bounds.
    NfTcpWindowResult JudgeBounds()
    {
        if (!NfSeqBefore(m_sack, m_receiver.end + 1))
        {
            return Blame(NfTcpWindowResult::INVALID,
                         "ACK is over upper bound ",
                         m_receiver.end + 1,
                         " (ACKed data not seen yet)");
        }
        const NfTcpWindowResult delayed = m_table.GetProfile().tcpDelayedInvalid
                                              ? NfTcpWindowResult::INVALID
                                              : NfTcpWindowResult::IGNORE;
        const uint32_t lowestSeq = m_sender.end - m_receiver.maxWindow - 1;
        if (m_receiver.maxWindow && !NfSeqAfter(m_end, lowestSeq))
        {
            return Blame(delayed,
                         "SEQ is under lower bound ",
                         lowestSeq,
                         " (already ACKed data retransmitted)");
        }
        return Blame(delayed,
                     "ignored ACK under lower bound ",
                     GetLowestAck(),
                     " (possible overly delayed)");
    }

    /// Linux: nf_tcp_log_invalid(). A liberal table accepts after all.
    NfTcpWindowResult Blame(NfTcpWindowResult result,
                            const char* before,
                            uint32_t bound,
                            const char* after)
    {
        if (m_sender.flags & NF_TCP_FLAG_BE_LIBERAL || m_table.GetConfig().tcpBeLiberal)
        {
            return NfTcpWindowResult::ACCEPT;
        }
        if (m_table.GetConfig().logInvalid)
        {
            const std::string text = before + std::to_string(bound) + after;
            m_table.LogInvalid(m_packet, m_state, &m_conn, text.c_str());
        }
        return result;
    }

    NfConntrack& m_table;
    NfPacket& m_packet;
    const NfHookState& m_state;
};

} // namespace

void
NfTcpReadOptions(NfBytes options, NfTcpWindow& window)
{
    if (options.empty())
    {
        return;
    }
    window.scale = 0;
    window.flags &= NF_TCP_FLAG_BE_LIBERAL;
    ForEachOption(options, [&window](uint8_t kind, NfBytes contents) {
        if (kind == OPTION_SACK_PERMITTED && contents.empty())
        {
            window.flags |= NF_TCP_FLAG_SACK_PERM;
        }
        else if (kind == OPTION_WINDOW && contents.size() == 1)
        {
            window.scale = std::min(contents[0], MAX_SCALE);
            window.flags |= NF_TCP_FLAG_WINDOW_SCALE;
        }
        return true;
    });
}

uint32_t
NfTcpHighestSack(NfBytes options, uint32_t sack)
{
    if (NfTcpHasNoSack(options))
    {
        return sack;
    }
    ForEachOption(options, [&sack](uint8_t kind, NfBytes contents) {
        if (kind != OPTION_SACK || contents.size() < SACK_BLOCK || contents.size() % SACK_BLOCK)
        {
            return true;
        }
        for (size_t block = 0; block < contents.size(); block += SACK_BLOCK)
        {
            const uint32_t right = NfReadU32(contents.data() + block + 4);
            sack = NfSeqAfter(right, sack) ? right : sack;
        }
        return false;
    });
    return sack;
}

NfTcpWindowResult
NfTcpCheckWindow(NfConntrack& table,
                 NfConn& conn,
                 NfDir dir,
                 const NfTcpSegment& segment,
                 NfPacket& packet,
                 const NfHookState& state)
{
    return FullCheck(table, conn, dir, segment, packet, state).Run();
}

} // namespace ns3
