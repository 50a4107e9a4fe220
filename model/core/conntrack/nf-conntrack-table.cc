/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-table.h"

#include <algorithm>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ns3
{

namespace
{

constexpr size_t SMALLEST = 64;   //!< entries of a table that has any
constexpr size_t LARGE = 1 << 16; //!< entries whose memory is worth giving back at once

/// The C library keeps what was freed below its mapping threshold, which grows with the table.
void
TrimHeap()
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace

NfConntrackTable::Ref
NfConntrackTable::FindNext(const NfTuple& tuple, uint32_t hash, Ref after) const
{
    bool behind = false;
    if (m_count == 0)
    {
        return NONE;
    }
    for (size_t i = Home(hash); m_entries[i].ref != NONE; i = Next(i))
    {
        const Entry& e = m_entries[i];
        if (behind && e.hash == hash && TupleOf(e.ref) == tuple)
        {
            return e.ref;
        }
        behind |= e.ref == after;
    }
    return NONE;
}

void
NfConntrackTable::Place(const Entry& entry)
{
    size_t i = Home(entry.hash);
    while (m_entries[i].ref != NONE)
    {
        i = Next(i);
    }
    m_entries[i] = entry;
}

void
NfConntrackTable::Resize(size_t size)
{
    std::vector<Entry> old(size);
    old.swap(m_entries);
    m_mask = size - 1;
    m_shift = 32;
    for (size_t left = size; left > 1; left /= 2)
    {
        --m_shift;
    }
    for (const Entry& e : old)
    {
        if (e.ref != NONE)
        {
            Place(e);
        }
    }
}

void
NfConntrackTable::Insert(uint32_t hash, Ref ref)
{
    // Linear probing stays short up to three quarters.
    if ((m_count + 1) * 4 > m_entries.size() * 3)
    {
        Resize(std::max(m_entries.size() * 2, SMALLEST));
    }
    ++m_count;
    Place({hash, ref});
}

bool
NfConntrackTable::Erase(uint32_t hash, Ref ref)
{
    if (m_count == 0)
    {
        return false;
    }
    size_t hole = Home(hash);
    while (m_entries[hole].ref != ref)
    {
        if (m_entries[hole].ref == NONE)
        {
            return false;
        }
        hole = Next(hole);
    }
    // Knuth 6.4 R: later entries of the run move up unless that would put them before their home.
    for (size_t i = Next(hole); m_entries[i].ref != NONE; i = Next(i))
    {
        const size_t home = Home(m_entries[i].hash);
        if (((i - home) & m_mask) >= ((i - hole) & m_mask))
        {
            m_entries[hole] = m_entries[i];
            hole = i;
        }
    }
    m_entries[hole] = Entry{};
    --m_count;
    // Far from where it would grow again.
    if (m_count * 8 < m_entries.size() && m_entries.size() > SMALLEST)
    {
        const size_t size = m_entries.size();
        Resize(size / 2);
        if (size >= LARGE)
        {
            TrimHeap();
        }
    }
    return true;
}

std::vector<NfConntrackTable::Ref>
NfConntrackTable::GetAll() const
{
    std::vector<Ref> all;
    all.reserve(m_count);
    for (const Entry& e : m_entries)
    {
        if (e.ref != NONE)
        {
            all.push_back(e.ref);
        }
    }
    return all;
}

std::vector<uint32_t>
NfConntrackTable::GetChainLengths(uint32_t buckets) const
{
    std::vector<uint32_t> chains(buckets);
    for (const Entry& e : m_entries)
    {
        if (e.ref != NONE)
        {
            ++chains[BucketOf(e.hash, buckets)];
        }
    }
    std::vector<uint32_t> lengths;
    for (const uint32_t length : chains)
    {
        lengths.resize(std::max<size_t>(lengths.size(), length + 1U));
        ++lengths[length];
    }
    return lengths;
}

std::vector<NfConntrackTable::Ref>
NfConntrackTable::GetBucket(uint32_t bucket, uint32_t buckets) const
{
    std::vector<Ref> found;
    if (m_entries.empty())
    {
        return found;
    }
    // Smallest hash of this bucket, and of the next one.
    const uint64_t low = ((uint64_t{bucket} << 32) + buckets - 1) / buckets;
    const uint64_t high = ((uint64_t{bucket + 1} << 32) + buckets - 1) / buckets;
    const size_t last = Home(static_cast<uint32_t>(high - 1));
    const size_t first = Home(static_cast<uint32_t>(low));
    for (size_t i = first, n = 0; n < m_entries.size(); i = Next(i), ++n)
    {
        const Entry& e = m_entries[i];
        if (e.ref == NONE && n >= last - first)
        {
            break;
        }
        if (e.ref != NONE && e.hash >= low && e.hash < high)
        {
            found.push_back(e.ref);
        }
    }
    return found;
}

} // namespace ns3
