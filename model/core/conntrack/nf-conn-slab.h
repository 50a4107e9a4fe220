/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONN_SLAB_H
#define NF_CONN_SLAB_H

#include "nf-conn.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The memory of a table's connections, in chunks that never move: a connection has a small number,
 * which is what the index keeps. A chunk whose last connection goes is given back to the system,
 * but for one that is kept against the next. It outlives its table as long as a packet, in a queue
 * for instance, still owns a connection (Linux: nf_conntrack_cachep).
 */
class NfConnSlab
{
  public:
    /// Makes a slab for a table; the table lets go of it with Orphan().
    static NfConnSlab* Create()
    {
        return new NfConnSlab;
    }

    NfConnSlab(const NfConnSlab&) = delete;
    NfConnSlab& operator=(const NfConnSlab&) = delete;

    /// @return a connection without owners; the caller makes itself one
    NfConn* Alloc();
    /// @return a connection that is not counted and has no number (templates)
    NfConn* AllocUncounted();
    /// The last owner let go (Linux: nf_ct_destroy()). @param conn one of ours
    void Release(NfConn* conn);
    /// The table goes away: no more callbacks, and the slab goes when its last connection does.
    void Orphan();

    /// @param slot a number below GetSlots() @return what lives or lived there
    /// @pre something lives there @param slot a number below GetSlots() @return it
    NfConn& At(uint32_t slot) const
    {
        return reinterpret_cast<NfConn*>(m_memory[slot / CHUNK])[slot % CHUNK];
    }

    /// @param slot any number @return true if a connection lives there
    bool IsLive(uint32_t slot) const
    {
        return slot < m_used && m_live[slot / 64] >> slot % 64 & 1;
    }

    /// @return the first living one that is not before @p slot, GetSlots() if there is none
    uint32_t NextLive(uint32_t slot) const;

    /// @param conn one of ours @return its number
    static uint32_t GetSlot(const NfConn& conn)
    {
        return conn.m_slot;
    }

    /// @return one more than the biggest number ever used
    uint32_t GetSlots() const
    {
        return m_used;
    }

    /// @return connections that live (Linux: nf_conntrack_count())
    size_t GetLive() const
    {
        return m_count;
    }

    /// @return chunks of memory in use; what no connection needs any longer is given back
    size_t GetChunks() const
    {
        return m_chunks.size() - m_holes.size();
    }

    /// @return bytes of the chunks in use
    size_t GetMemory() const
    {
        return GetChunks() * CHUNK * sizeof(NfConn);
    }

    /// @return connections that fit into a chunk
    static constexpr uint32_t GetChunkSize()
    {
        return CHUNK;
    }

    /// Called with a connection that is about to be freed; it has one owner meanwhile.
    std::function<void(NfConn&)> onFree;

  private:
    static constexpr uint32_t CHUNK = 512;   //!< connections per chunk: whole pages
    static constexpr uint32_t NO_SLOT = ~0U; //!< of uncounted connections, end of a list

    struct Chunk
    {
        uint32_t free{NO_SLOT}; //!< head of the list of places to use again
        uint16_t used{0};       //!< places ever used
        uint16_t live{0};       //!< connections in it
        bool listed{false};     //!< in m_roomy
    };

    NfConnSlab() = default;
    ~NfConnSlab();

    bool HasRoom(uint32_t number) const
    {
        const Chunk& chunk = m_chunks[number];
        return m_memory[number] && (chunk.free != NO_SLOT || chunk.used < CHUNK);
    }

    /// @return the number of a chunk with room
    uint32_t FindRoom();
    uint32_t AddChunk();
    /// @return a slot, whose place holds nothing
    uint32_t TakeSlot();
    /// @param slot whose connection is gone
    void GiveSlot(uint32_t slot);
    /// @param number of a chunk without connections
    void Empty(uint32_t number);
    void GiveBack(uint32_t number);

    /// Of each chunk its CHUNK places, null: given back. It comes from the system, so that it goes
    /// back there whatever else lies on the heap.
    std::vector<std::byte*> m_memory;
    std::vector<Chunk> m_chunks;   //!< by slot / CHUNK
    std::vector<uint32_t> m_roomy; //!< chunks that may have room, best last
    std::vector<uint32_t> m_holes; //!< chunks given back
    std::vector<uint64_t> m_live;  //!< bit per slot
    uint32_t m_used{0};            //!< slots used so far
    uint32_t m_nextId{1};          //!< see NfConn::GetId()
    size_t m_count{0};             //!< living connections with a slot
    size_t m_uncounted{0};         //!< living ones without
    uint32_t m_spare{NO_SLOT};     //!< a chunk without connections that is kept
    bool m_orphan{false};          //!< table is gone
};

} // namespace ns3

#endif // NF_CONN_SLAB_H
