/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_TEXT_H
#define NF_CONNTRACK_TEXT_H

#include "nf-conntrack.h"

#include <string>

namespace ns3
{

/**
 * @file
 * @ingroup netfilter
 * Connections and expectations as the kernel's files and conntrack(8) print them. All lines are
 * without a final newline.
 */

/// Which parts a line of conntrack(8) has, beside those it always has.
enum NfConntrackOutput : uint8_t
{
    NF_CONNTRACK_EXTENDED = 1 << 0, //!< -o extended: layer 3 protocol first
    NF_CONNTRACK_ID = 1 << 1,       //!< -o id
    NF_CONNTRACK_LABELS = 1 << 2,   //!< -o labels
};

/// @return the line of /proc/net/nf_conntrack (Linux: ct_seq_show())
std::string NfConntrackProcLine(NfConntrack& table, const NfConn& conn);

/// @return all of /proc/net/nf_conntrack
std::string NfConntrackProcText(NfConntrack& table);

/// @return all of /proc/net/stat/nf_conntrack, for one processor
std::string NfConntrackStatText(NfConntrack& table);

/// @param output NfConntrackOutput bits @return the line of conntrack -L
std::string NfConntrackListLine(NfConntrack& table, const NfConn& conn, uint8_t output = 0);

/**
 * @param type of the event @param events NfEvent bits: decide which fields the message carries
 * @param output NfConntrackOutput bits
 * @return the line of conntrack -E, "    [NEW] udp      17 30 src=..."
 */
std::string NfConntrackEventLine(NfConntrack& table,
                                 NfEventType type,
                                 const NfConn& conn,
                                 uint32_t events,
                                 uint8_t output = 0);

/// @return the line of /proc/net/nf_conntrack_expect (Linux: exp_seq_show())
std::string NfExpectProcLine(NfConntrack& table, const NfExpectation& expectation);

/// @return all of /proc/net/nf_conntrack_expect
std::string NfExpectProcText(NfConntrack& table);

/// @return the line of conntrack -L expect
std::string NfExpectListLine(NfConntrack& table, const NfExpectation& expectation);

/// @return the line of conntrack -E expect, "[EXP_NEW] 300 proto=6 src=..."
std::string NfExpectEventLine(NfConntrack& table,
                              NfEventType type,
                              const NfExpectation& expectation);

/// @return "src=10.0.0.2 dst=198.51.100.9 sport=1000 dport=80", IPv6 addresses in short form
std::string NfTupleText(const NfTuple& tuple);

} // namespace ns3

#endif // NF_CONNTRACK_TEXT_H
