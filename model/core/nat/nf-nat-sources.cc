/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-nat-sources.h"

#include "nf-nat-hash.h"

namespace ns3
{

namespace
{

constexpr size_t FIRST_CHAINS = 64; //!< a power of two

} // namespace

NfNatSources::NfNatSources(uint32_t seed)
    : m_chains(FIRST_CHAINS),
      m_seed(seed)
{
}

NfNatSources::~NfNatSources()
{
    for (NfConn* conn : m_chains)
    {
        while (conn)
        {
            NfConn* next = conn->natNext;
            conn->natNext = nullptr;
            conn->natLink = nullptr;
            conn = next;
        }
    }
}

bool
NfNatSources::IsSameSource(const NfTuple& a, const NfTuple& b)
{
    return a.sport == b.sport && a.src == b.src && a.protocol == b.protocol &&
           a.family == b.family && a.zone == b.zone;
}

size_t
NfNatSources::Hash(const NfTuple& source) const
{
    const uint32_t words[] = {source.src.GetWord(0),
                              source.src.GetWord(1),
                              source.src.GetWord(2),
                              source.src.GetWord(3),
                              uint32_t{source.sport} << 16 | source.zone,
                              uint32_t{source.protocol}};
    return NfJenkinsHash(words, std::size(words), m_seed) & (m_chains.size() - 1);
}

void
NfNatSources::Insert(NfConn& conn)
{
    if (conn.natLink)
    {
        return;
    }
    if (m_size >= m_chains.size())
    {
        Grow();
    }
    Push(conn);
    m_size++;
}

void
NfNatSources::Remove(NfConn& conn)
{
    if (!conn.natLink)
    {
        return;
    }
    *conn.natLink = conn.natNext;
    if (conn.natNext)
    {
        conn.natNext->natLink = conn.natLink;
    }
    conn.natNext = nullptr;
    conn.natLink = nullptr;
    m_size--;
}

void
NfNatSources::Push(NfConn& conn)
{
    NfConn*& head = m_chains[Hash(conn.GetOriginal())];
    conn.natNext = head;
    conn.natLink = &head;
    if (head)
    {
        head->natLink = &conn.natNext;
    }
    head = &conn;
}

void
NfNatSources::Grow()
{
    std::vector<NfConn*> old(m_chains.size() * 2);
    old.swap(m_chains);
    std::vector<NfConn*> chain;
    for (NfConn* conn : old)
    {
        chain.clear();
        for (; conn; conn = conn->natNext)
        {
            chain.push_back(conn);
        }
        // Oldest first, so that each new chain is newest first again.
        for (auto it = chain.rbegin(); it != chain.rend(); ++it)
        {
            Push(**it);
        }
    }
}

} // namespace ns3
