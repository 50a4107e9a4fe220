/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conn-slab.h"

#include <new>

namespace ns3
{

void
NfRef(NfConn* conn)
{
    ++conn->m_refs;
}

void
NfUnref(NfConn* conn)
{
    if (--conn->m_refs == 0)
    {
        conn->m_slab->Release(conn);
    }
}

NfConnSlab::~NfConnSlab() = default;

NfConn*
NfConnSlab::Alloc()
{
    uint32_t slot = m_used;
    if (!m_free.empty())
    {
        slot = m_free.back();
        m_free.pop_back();
    }
    else
    {
        if (m_used % CHUNK == 0)
        {
            m_chunks.push_back(std::unique_ptr<Chunk>(new Chunk));
            m_live.resize(m_live.size() + CHUNK / 64);
        }
        ++m_used;
    }
    NfConn* conn = new (&At(slot)) NfConn;
    conn->m_slab = this;
    conn->m_slot = slot;
    conn->m_id = m_nextId++;
    m_live[slot / 64] |= uint64_t{1} << slot % 64;
    ++m_count;
    return conn;
}

NfConn*
NfConnSlab::AllocUncounted()
{
    NfConn* conn = new NfConn;
    conn->m_slab = this;
    conn->m_slot = NO_SLOT;
    ++m_uncounted;
    return conn;
}

void
NfConnSlab::Release(NfConn* conn)
{
    const uint32_t slot = conn->m_slot;
    if (slot == NO_SLOT)
    {
        delete conn;
        --m_uncounted;
    }
    else
    {
        if (onFree)
        {
            conn->m_refs = 1;
            onFree(*conn);
        }
        // A master that goes with its child may be freed from here.
        conn->~NfConn();
        m_live[slot / 64] &= ~(uint64_t{1} << slot % 64);
        m_free.push_back(slot);
        --m_count;
    }
    if (m_orphan && m_count == 0 && m_uncounted == 0)
    {
        delete this;
    }
}

void
NfConnSlab::Orphan()
{
    onFree = nullptr;
    m_orphan = true;
    if (m_count == 0 && m_uncounted == 0)
    {
        delete this;
    }
}

} // namespace ns3
