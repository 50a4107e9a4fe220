/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_TABLE_H
#define NF_CONNTRACK_TABLE_H

#include "nf-conn-slab.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * Finds connections by tuple: open addressing over (hash, number of the connection and direction),
 * eight bytes an entry. Entries lie in the order of their hash, so that a range of hashes, which is
 * what one of Linux's buckets is, is a range of places (Linux: nf_conntrack_hash).
 */
class NfConntrackTable
{
  public:
    /// Names one direction of a connection: slot * 2 + direction.
    using Ref = uint32_t;
    static constexpr Ref NONE = ~0U;

    /// @param slab where the connections live; outlives this object
    explicit NfConntrackTable(const NfConnSlab& slab)
        : m_slab(slab)
    {
    }

    /// @param seed secret of the hash; to be set while the table is empty
    void SetSeed(const std::array<uint64_t, 4>& seed)
    {
        m_seed = seed;
    }

    /// @return the hash of a tuple, its zone included
    uint32_t Hash(const NfTuple& tuple) const
    {
        uint64_t w[5];
        std::memcpy(w, &tuple, sizeof(w));
        const uint64_t a = Mix(w[0] ^ m_seed[0], w[1] ^ m_seed[1]);
        const uint64_t b = Mix(w[2] ^ m_seed[2], w[3] ^ m_seed[3]);
        return static_cast<uint32_t>(Mix(a ^ w[4] ^ m_seed[1], b ^ m_seed[2]));
    }

    /// @param hash of the tuple @return who has that tuple, NONE: nobody
    Ref Find(const NfTuple& tuple, uint32_t hash) const
    {
        if (m_count == 0)
        {
            return NONE;
        }
        const Entry* const entries = m_entries.data();
        for (size_t i = Home(hash);; i = Next(i))
        {
            const Entry e = entries[i];
            if (e.ref == NONE)
            {
                return NONE;
            }
            if (e.hash == hash && TupleOf(e.ref) == tuple)
            {
                return e.ref;
            }
        }
    }

    /// Goes on behind an entry that Find() gave. @return the next one with the same tuple, or NONE
    Ref FindNext(const NfTuple& tuple, uint32_t hash, Ref after) const;

    /// @param hash of that direction's tuple @param ref who has it
    void Insert(uint32_t hash, Ref ref);
    /// Gives memory back when few are left. @param hash of that direction's tuple @param ref who
    /// had it @return false if it was not there
    bool Erase(uint32_t hash, Ref ref);

    /// @return all entries in the order of their hash
    std::vector<Ref> GetAll() const;

    /**
     * @param buckets how many there are
     * @return by length, how many of the chains of a table of that size are that long
     */
    std::vector<uint32_t> GetChainLengths(uint32_t buckets) const;

    /**
     * @param bucket which @param buckets how many there are
     * @return what Linux would keep in that bucket of a table of that size
     */
    std::vector<Ref> GetBucket(uint32_t bucket, uint32_t buckets) const;

    /// @param hash of a tuple @param buckets how many there are @return which bucket (Linux:
    /// reciprocal_scale())
    static uint32_t BucketOf(uint32_t hash, uint32_t buckets)
    {
        return static_cast<uint32_t>(uint64_t{hash} * buckets >> 32);
    }

    /// @param ref an entry @return the connection
    NfConn& ConnOf(Ref ref) const
    {
        return m_slab.At(ref / 2);
    }

    /// @param ref an entry @return the direction
    static NfDir DirOf(Ref ref)
    {
        return static_cast<NfDir>(ref & 1);
    }

    /// @return the entry of one direction of a connection
    static Ref RefOf(const NfConn& conn, NfDir dir)
    {
        return NfConnSlab::GetSlot(conn) * 2 + static_cast<uint32_t>(dir);
    }

    /// @return bytes the index takes
    size_t GetMemory() const
    {
        return m_entries.capacity() * sizeof(Entry);
    }

  private:
    struct Entry
    {
        uint32_t hash{0};
        Ref ref{NONE}; //!< NONE: free
    };

    static uint64_t Mix(uint64_t a, uint64_t b)
    {
        const auto product = static_cast<unsigned __int128>(a) * b;
        return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    }

    const NfTuple& TupleOf(Ref ref) const
    {
        return ConnOf(ref).tuples[ref & 1];
    }

    size_t Home(uint32_t hash) const
    {
        return static_cast<size_t>(uint64_t{hash} >> m_shift);
    }

    size_t Next(size_t i) const
    {
        return (i + 1) & m_mask;
    }

    void Place(const Entry& entry);
    /// Moves all entries. @param size a power of two, bigger than their number
    void Resize(size_t size);

    const NfConnSlab& m_slab;         //!< where connections live
    std::vector<Entry> m_entries;     //!< as many as a power of two, or none
    size_t m_mask{0};                 //!< their number - 1
    size_t m_count{0};                //!< entries in use
    unsigned m_shift{32};             //!< hash bits that do not count
    std::array<uint64_t, 4> m_seed{}; //!< secret
};

} // namespace ns3

#endif // NF_CONNTRACK_TABLE_H
