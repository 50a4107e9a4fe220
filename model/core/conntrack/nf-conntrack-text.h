/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_TEXT_H
#define NF_CONNTRACK_TEXT_H

#include "nf-conntrack-message.h"
#include "nf-conntrack.h"

#include <map>
#include <string>
#include <string_view>

namespace ns3
{

/**
 * @file
 * @ingroup netfilter
 * Connections and expectations as the kernel's files and conntrack(8) print them. All lines are
 * without a final newline. Times of day are UTC.
 */

/// Which parts a line of conntrack(8) has, beside those it always has (-o).
enum NfConntrackOutput : uint8_t
{
    NF_CONNTRACK_EXTENDED = 1 << 0,   //!< layer 3 protocol first
    NF_CONNTRACK_ID = 1 << 1,         //!< id=
    NF_CONNTRACK_LABELS = 1 << 2,     //!< names of the labels
    NF_CONNTRACK_KTIMESTAMP = 1 << 3, //!< times of start and end
    NF_CONNTRACK_TIMESTAMP = 1 << 4,  //!< expectations in XML: when it was written
    NF_CONNTRACK_XML = 1 << 5,        //!< an element of XML
};

/// What a message says it is about (libnetfilter_conntrack: NFCT_T_*).
enum class NfConntrackKind : uint8_t
{
    NEW,
    UPDATE,
    DESTROY,
    UNKNOWN, //!< an answer, no event
};

/**
 * @ingroup netfilter
 * Names of connection labels (libnetfilter_conntrack: struct nfct_labelmap).
 */
class NfLabelMap
{
  public:
    /**
     * @param text of connlabel.conf: lines "BIT NAME". Others, a bit that has a name and a name
     * that has a bit are passed over.
     */
    explicit NfLabelMap(std::string_view text);

    /// @param name as in the file @return its bit, -1 if unknown
    int GetBit(std::string_view name) const;
    /// @param bit of a connection @return its name, empty if it has none
    std::string_view GetName(unsigned bit) const;

    /// @return true if the text had no name at all
    bool IsEmpty() const
    {
        return m_names.empty();
    }

  private:
    std::map<unsigned, std::string> m_names; //!< by bit
};

/// How a line of conntrack(8) is to look.
struct NfConntrackStyle
{
    uint8_t output{0};                 //!< NfConntrackOutput bits
    NfTime now{0};                     //!< time of day (since the epoch)
    const NfLabelMap* labels{nullptr}; //!< null: without labels
};

/// @return the line of /proc/net/nf_conntrack (Linux: ct_seq_show())
std::string NfConntrackProcLine(NfConntrack& table, const NfConn& conn);

/// @return all of /proc/net/nf_conntrack
std::string NfConntrackProcText(NfConntrack& table);

/// @return all of /proc/net/stat/nf_conntrack, for one processor
std::string NfConntrackStatText(NfConntrack& table);

/// @return the line or the XML element that conntrack(8) prints for a message
std::string NfConntrackText(const NfConntrackMessage& message,
                            NfConntrackKind kind,
                            const NfConntrackStyle& style);

/// @param output NfConntrackOutput bits @return the line of conntrack -L
std::string NfConntrackListLine(NfConntrack& table, const NfConn& conn, uint8_t output = 0);

/**
 * @param table whose it is
 * @param type of the event
 * @param conn as it is now
 * @param events NfEvent bits: decide which fields the message carries
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

/// @return the line or the XML element that conntrack(8) prints for an expectation
std::string NfExpectText(NfConntrack& table,
                         const NfExpectation& expectation,
                         NfConntrackKind kind,
                         const NfConntrackStyle& style);

/// @return the line of conntrack -L expect
std::string NfExpectListLine(NfConntrack& table, const NfExpectation& expectation);

/// @return the line of conntrack -E expect, "    [NEW] 300 proto=6 src=..."
std::string NfExpectEventLine(NfConntrack& table,
                              NfEventType type,
                              const NfExpectation& expectation);

/// @return the mask as the kernel tells it: destination and protocol are always whole
NfTuple NfExpectWholeMask(const NfExpectation& expectation);

/// @return seconds until it dies, not negative
uint32_t NfExpectSecondsLeft(const NfConntrack& table, const NfExpectation& expectation);

/// @param protocol number @return the name that conntrack(8) has for it, or "unknown"
const char* NfConntrackProtocolName(uint8_t protocol);

/// @param protocol number @return true if conntrack(8) prints ports for it
bool NfConntrackShowsPorts(uint8_t protocol);

/// @return "src=10.0.0.2 dst=198.51.100.9 sport=1000 dport=80", IPv6 addresses in short form
std::string NfTupleText(const NfTuple& tuple);

} // namespace ns3

#endif // NF_CONNTRACK_TEXT_H
