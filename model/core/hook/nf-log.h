/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_LOG_H
#define NF_LOG_H

#include "nf-hook.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

/// One line of the kernel log (printk).
struct NfLogLine
{
    uint8_t level{4}; //!< syslog level 0..7
    std::string text; //!< without time stamp and newline
};

/// Bits of -j LOG --log-* (Linux: NF_LOG_TCPSEQ ...).
enum NfLogFlag : uint8_t
{
    NF_LOG_TCPSEQ = 0x01,
    NF_LOG_TCPOPT = 0x02,
    NF_LOG_IPOPT = 0x04,
    NF_LOG_UID = 0x08,
    NF_LOG_MACDECODE = 0x20,
};

/**
 * @ingroup netfilter
 * The kernel log of one namespace: LOG, TRACE and conntrack messages go here, listeners and a
 * bounded ring keep them (dmesg).
 */
class NfLog
{
  public:
    using Listener = std::function<void(const NfLogLine&)>;

    /// @param level syslog level @param text the line
    void Write(uint8_t level, std::string text);

    /// @param listener is called for each line; empty removes it
    void SetListener(Listener listener)
    {
        m_listener = std::move(listener);
    }

    /// @return the last lines, at most 1000, oldest first
    const std::vector<NfLogLine>& GetLines() const
    {
        return m_lines;
    }

    /// Empties the ring.
    void Clear()
    {
        m_lines.clear();
    }

  private:
    Listener m_listener;            //!< called per line
    std::vector<NfLogLine> m_lines; //!< ring
};

/**
 * The text the kernel logs for a packet (Linux: nf_log_syslog.c, nf_log_ip_packet /
 * nf_log_ip6_packet).
 * @param packet what
 * @param state where
 * @param prefix --log-prefix
 * @param flags NfLogFlag bits
 * @return e.g. "pfxIN=lan OUT= MAC=... SRC=10.0.0.2 DST=... LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=1
 * PROTO=UDP ..."
 */
std::string NfLogPacketText(NfPacket& packet,
                            const NfHookState& state,
                            const std::string& prefix,
                            uint8_t flags);

} // namespace ns3

#endif // NF_LOG_H
