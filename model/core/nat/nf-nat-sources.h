/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_SOURCES_H
#define NF_NAT_SOURCES_H

#include "../conntrack/nf-conn.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * Connections by the source of their original direction, so that a source keeps its mapping towards
 * other destinations (Linux: nf_nat_bysource). Chains are intrusive and newest first, as Linux's.
 */
class NfNatSources
{
  public:
    /// @param seed mixed into the hash, so that senders cannot choose their chain
    explicit NfNatSources(uint32_t seed);
    ~NfNatSources();
    NfNatSources(const NfNatSources&) = delete;
    NfNatSources& operator=(const NfNatSources&) = delete;

    /// @param conn with its source side set up; one that is in the index stays where it is
    void Insert(NfConn& conn);

    /// @param conn one that is not in the index is ignored
    void Remove(NfConn& conn);

    /**
     * @param source tuple of the original direction; destination does not count
     * @param accept bool(const NfConn&): whether that connection's mapping will do
     * @return the newest accepted connection with that source, protocol and zone, or null
     */
    template <class Accept>
    const NfConn* Find(const NfTuple& source, Accept accept) const
    {
        for (const NfConn* conn = m_chains[Hash(source)]; conn; conn = conn->natNext)
        {
            if (IsSameSource(conn->GetOriginal(), source) && accept(*conn))
            {
                return conn;
            }
        }
        return nullptr;
    }

    /// @return connections in the index
    size_t GetSize() const
    {
        return m_size;
    }

  private:
    static bool IsSameSource(const NfTuple& a, const NfTuple& b);
    size_t Hash(const NfTuple& source) const;
    void Push(NfConn& conn);
    void Grow();

    std::vector<NfConn*> m_chains; //!< heads; a power of two of them
    size_t m_size{0};              //!< connections in all chains
    uint32_t m_seed;               //!< of Hash()
};

} // namespace ns3

#endif // NF_NAT_SOURCES_H
