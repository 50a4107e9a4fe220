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
 * which is what the index keeps. It outlives its table as long as a packet, in a queue for
 * instance, still owns a connection (Linux: nf_conntrack_cachep).
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
    NfConn& At(uint32_t slot) const
    {
        return reinterpret_cast<NfConn*>(m_chunks[slot / CHUNK]->memory)[slot % CHUNK];
    }

    /// @param slot a number below GetSlots() @return true if a connection lives there
    bool IsLive(uint32_t slot) const
    {
        return m_live[slot / 64] >> slot % 64 & 1;
    }

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

    /// Called with a connection that is about to be freed; it has one owner meanwhile.
    std::function<void(NfConn&)> onFree;

  private:
    static constexpr uint32_t CHUNK = 256;   //!< connections per chunk
    static constexpr uint32_t NO_SLOT = ~0U; //!< of uncounted connections

    struct Chunk
    {
        alignas(NfConn) std::byte memory[CHUNK * sizeof(NfConn)]; //!< CHUNK places
    };

    NfConnSlab() = default;
    ~NfConnSlab();

    std::vector<std::unique_ptr<Chunk>> m_chunks; //!< by slot / CHUNK
    std::vector<uint64_t> m_live;                 //!< bit per slot
    std::vector<uint32_t> m_free;                 //!< slots to use again, last first
    uint32_t m_used{0};                           //!< slots used so far
    uint32_t m_nextId{1};                         //!< see NfConn::GetId()
    size_t m_count{0};                            //!< living connections with a slot
    size_t m_uncounted{0};                        //!< living ones without
    bool m_orphan{false};                         //!< table is gone
};

} // namespace ns3

#endif // NF_CONN_SLAB_H
