/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_UNIQUE_H
#define NF_NAT_UNIQUE_H

#include "../conntrack/nf-conntrack.h"
#include "nf-nat-range.h"
#include "nf-nat-sources.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * The search for a translated tuple whose replies are unique (Linux: nf_nat_core.c,
 * get_unique_tuple() and what it calls). It never fails: with nothing free the last candidate comes
 * back, and the table refuses the connection at confirm.
 */
class NfNatUnique
{
  public:
    /// @param conntrack the table that tuples must be unique in @param sources the mappings in use
    NfNatUnique(NfConntrack& conntrack, const NfNatSources& sources)
        : m_conntrack(conntrack),
          m_sources(sources),
          m_probes(conntrack.GetContext().counters.Get("nat-probe"))
    {
    }

    /**
     * @param original the tuple as it would leave without this manipulation
     * @param range what it may become
     * @param conn the connection it is for, unconfirmed
     * @param manip which side
     * @return the tuple as it shall leave
     */
    NfTuple Choose(const NfTuple& original,
                   const NfNatRange& range,
                   NfConn& conn,
                   NfManip manip) const;

  private:
    bool KeepSource(const NfTuple& original,
                    const NfNatRange& range,
                    NfConn& conn,
                    NfTuple& chosen) const;
    bool FindMapping(const NfTuple& original, const NfNatRange& range, NfTuple& chosen) const;
    void ChoosePort(NfTuple& tuple, const NfNatRange& range, NfConn& conn, NfManip manip) const;
    NfTuple ReplyTo(const NfTuple& tuple, const NfConn& conn) const;
    bool IsUsed(const NfTuple& tuple, const NfConn& conn) const;
    bool IsUsedByOther(const NfTuple& tuple, const NfConn& conn) const;
    bool IsUsedHarder(const NfTuple& tuple, const NfConn& conn, unsigned attemptsLeft) const;
    void SearchAllPorts(NfTuple& tuple,
                        uint16_t& port,
                        unsigned low,
                        unsigned size,
                        const NfNatRange& range,
                        const NfConn& conn) const;

    mutable uint16_t m_lastPort{0}; //!< NfKernelProfile::natSequentialPorts: offset found last
    NfConntrack& m_conntrack;       //!< the table
    const NfNatSources& m_sources;  //!< mappings by source
    uint64_t& m_probes;             //!< nat-probe: tuples that were looked at to find a free one
};

} // namespace ns3

#endif // NF_NAT_UNIQUE_H
