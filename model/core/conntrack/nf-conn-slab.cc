/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conn-slab.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <sys/mman.h>

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

NfConnSlab::~NfConnSlab()
{
    for (uint32_t number = 0; number < m_chunks.size(); ++number)
    {
        GiveBack(number);
    }
}

void
NfConnSlab::GiveBack(uint32_t number)
{
    if (m_memory[number])
    {
        munmap(m_memory[number], CHUNK * sizeof(NfConn));
        m_memory[number] = nullptr;
    }
}

uint32_t
NfConnSlab::AddChunk()
{
    void* const memory = mmap(nullptr,
                              CHUNK * sizeof(NfConn),
                              PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS,
                              -1,
                              0);
    if (memory == MAP_FAILED)
    {
        throw std::bad_alloc();
    }
    auto number = static_cast<uint32_t>(m_chunks.size());
    if (!m_holes.empty())
    {
        number = m_holes.back();
        m_holes.pop_back();
    }
    else
    {
        m_chunks.emplace_back();
        m_memory.push_back(nullptr);
        m_live.resize(m_live.size() + CHUNK / 64);
    }
    m_chunks[number] = Chunk{};
    m_memory[number] = static_cast<std::byte*>(memory);
    return number;
}

uint32_t
NfConnSlab::FindRoom()
{
    while (!m_roomy.empty())
    {
        const uint32_t number = m_roomy.back();
        if (number < m_chunks.size() && HasRoom(number))
        {
            return number;
        }
        if (number < m_chunks.size())
        {
            m_chunks[number].listed = false;
        }
        m_roomy.pop_back();
    }
    const uint32_t number = AddChunk();
    m_chunks[number].listed = true;
    m_roomy.push_back(number);
    return number;
}

uint32_t
NfConnSlab::TakeSlot()
{
    const uint32_t number = FindRoom();
    Chunk& chunk = m_chunks[number];
    uint32_t slot = number * CHUNK + chunk.used;
    if (chunk.free != NO_SLOT)
    {
        slot = chunk.free;
        std::memcpy(&chunk.free, &At(slot), sizeof(slot));
    }
    else
    {
        ++chunk.used;
    }
    if (!HasRoom(number))
    {
        chunk.listed = false;
        m_roomy.pop_back();
    }
    if (chunk.live++ == 0 && m_spare == number)
    {
        m_spare = NO_SLOT;
    }
    m_used = std::max(m_used, slot + 1);
    m_live[slot / 64] |= uint64_t{1} << slot % 64;
    ++m_count;
    return slot;
}

void
NfConnSlab::GiveSlot(uint32_t slot)
{
    const uint32_t number = slot / CHUNK;
    Chunk& chunk = m_chunks[number];
    // The place of the dead names the next one of the list.
    std::memcpy(static_cast<void*>(&At(slot)), &chunk.free, sizeof(slot));
    chunk.free = slot;
    m_live[slot / 64] &= ~(uint64_t{1} << slot % 64);
    --m_count;
    if (--chunk.live == 0)
    {
        Empty(number);
        return;
    }
    if (!chunk.listed)
    {
        chunk.listed = true;
        m_roomy.push_back(number);
    }
}

void
NfConnSlab::Empty(uint32_t number)
{
    if (m_spare == NO_SLOT)
    {
        m_spare = number;
    }
    else
    {
        GiveBack(number);
        m_holes.push_back(number);
    }
    if (m_count == 0 && m_chunks.size() > 1)
    {
        // Nobody has a number any longer: the lists start anew as well.
        Chunk kept;
        kept.listed = true;
        m_chunks = std::vector<Chunk>{kept};
        m_memory = std::vector<std::byte*>{m_memory[m_spare]};
        m_roomy = std::vector<uint32_t>{0};
        m_holes = {};
        m_live = std::vector<uint64_t>(CHUNK / 64);
        m_used = 0;
        m_spare = 0;
    }
}

uint32_t
NfConnSlab::NextLive(uint32_t slot) const
{
    for (; slot < m_used; slot = (slot / 64 + 1) * 64)
    {
        const uint64_t rest = m_live[slot / 64] >> slot % 64;
        if (rest)
        {
            return slot + static_cast<uint32_t>(std::countr_zero(rest));
        }
    }
    return m_used;
}

NfConn*
NfConnSlab::Alloc()
{
    const uint32_t slot = TakeSlot();
    NfConn* conn = new (&At(slot)) NfConn;
    conn->m_slab = this;
    conn->m_slot = slot;
    conn->m_id = m_nextId++;
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
        GiveSlot(slot);
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
