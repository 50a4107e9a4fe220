/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Memory of connections: what they take, and that it comes back.
#include "model/core/conntrack/nf-conn-slab.h"
#include "model/core/conntrack/nf-conntrack-table.h"
#include "test/core/nf-conntrack-fixture.h"

#include <gtest/gtest.h>
#include <set>
#include <vector>

using namespace ns3;
using namespace std::chrono_literals;

namespace
{

class NfConnSlabTest : public ::testing::Test
{
  protected:
    ~NfConnSlabTest() override
    {
        connections.clear();
        slab->Orphan();
    }

    void Fill(uint32_t count)
    {
        for (uint32_t i = 0; i < count; ++i)
        {
            connections.emplace_back(slab->Alloc());
        }
    }

    std::vector<uint32_t> LiveSlots() const
    {
        std::vector<uint32_t> slots;
        for (uint32_t at = slab->NextLive(0); at < slab->GetSlots(); at = slab->NextLive(at + 1))
        {
            slots.push_back(at);
        }
        return slots;
    }

    static constexpr uint32_t CHUNK = NfConnSlab::GetChunkSize();
    NfConnSlab* slab = NfConnSlab::Create();
    std::vector<NfConnPtr> connections;
};

TEST_F(NfConnSlabTest, ChunksGoWithTheirLastConnection)
{
    Fill(10 * CHUNK);
    EXPECT_EQ(slab->GetChunks(), 10U);
    EXPECT_EQ(slab->GetSlots(), 10 * CHUNK);
    connections.resize(4 * CHUNK + 1);
    // Five are in use, and one is kept against the next connection.
    EXPECT_EQ(slab->GetChunks(), 6U);
    connections.clear();
    EXPECT_EQ(slab->GetChunks(), 1U);
    EXPECT_EQ(slab->GetSlots(), 0U);
    EXPECT_EQ(slab->GetLive(), 0U);
}

TEST_F(NfConnSlabTest, OneConnectionAtATimeKeepsOneChunk)
{
    std::set<uint32_t> ids;
    for (int i = 0; i < 1000; ++i)
    {
        Fill(1);
        ids.insert(connections[0]->GetId());
        connections.clear();
        EXPECT_EQ(slab->GetChunks(), 1U);
    }
    EXPECT_EQ(ids.size(), 1000U);
}

TEST_F(NfConnSlabTest, PlacesAreUsedAgainLastOneFirst)
{
    Fill(2 * CHUNK);
    const uint32_t early = NfConnSlab::GetSlot(*connections[3]);
    const uint32_t late = NfConnSlab::GetSlot(*connections[CHUNK + 7]);
    connections[3] = {};
    connections[CHUNK + 7] = {};
    Fill(2);
    EXPECT_EQ(NfConnSlab::GetSlot(*connections[2 * CHUNK]), late);
    EXPECT_EQ(NfConnSlab::GetSlot(*connections[2 * CHUNK + 1]), early);
    EXPECT_EQ(slab->GetChunks(), 2U);
}

TEST_F(NfConnSlabTest, LiveOnesAreFoundAcrossHoles)
{
    Fill(6 * CHUNK);
    const std::set<uint32_t> kept = {0, 63, 64, 2 * CHUNK, 5 * CHUNK + 130, 6 * CHUNK - 1};
    for (uint32_t i = 0; i < 6 * CHUNK; ++i)
    {
        if (!kept.count(i))
        {
            connections[i] = {};
        }
    }
    EXPECT_EQ(LiveSlots(), std::vector<uint32_t>(kept.begin(), kept.end()));
    EXPECT_FALSE(slab->IsLive(3 * CHUNK));
    EXPECT_FALSE(slab->IsLive(1000 * CHUNK));
    // The holes are filled before the slab grows.
    Fill(6 * CHUNK - 6);
    EXPECT_EQ(slab->GetSlots(), 6 * CHUNK);
    EXPECT_EQ(LiveSlots().size(), 6 * CHUNK);
}

TEST_F(NfConnSlabTest, IndexShrinksAsItGrew)
{
    NfConntrackTable index(*slab);
    Fill(10000);
    for (uint32_t i = 0; i < 10000; ++i)
    {
        connections[i]->tuples[0].sport = static_cast<uint16_t>(i);
        index.Insert(index.Hash(connections[i]->tuples[0]),
                     NfConntrackTable::RefOf(*connections[i], NfDir::ORIGINAL));
    }
    EXPECT_EQ(index.GetMemory(), 16384 * 8U);
    for (uint32_t i = 1; i < 10000; ++i)
    {
        EXPECT_TRUE(index.Erase(index.Hash(connections[i]->tuples[0]),
                                NfConntrackTable::RefOf(*connections[i], NfDir::ORIGINAL)));
    }
    EXPECT_EQ(index.GetMemory(), 64 * 8U);
    const NfTuple& left = connections[0]->tuples[0];
    EXPECT_EQ(index.Find(left, index.Hash(left)),
              NfConntrackTable::RefOf(*connections[0], NfDir::ORIGINAL));
}

class NfConntrackScaleTest : public NfConntrackFixture
{
  protected:
    void Open(uint16_t flows)
    {
        for (uint16_t flow = 0; flow < flows; ++flow)
        {
            ASSERT_EQ(Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1000 + flow, 53)),
                      "NEW");
        }
    }
};

TEST_F(NfConntrackScaleTest, MassExpiryGivesTheMemoryBack)
{
    Open(1);
    const size_t one = table.GetMemory();
    Open(20000);
    EXPECT_GT(table.GetMemory(), 20000 * sizeof(NfConn));
    EXPECT_LE(table.GetMemory(), 21000 * 256U);
    clock.Advance(5min);
    EXPECT_EQ(table.GetCount(), 0U);
    EXPECT_LE(table.GetMemory(), one);
}

TEST_F(NfConntrackScaleTest, ConnectionsHaveNoTimersOfTheirOwn)
{
    Open(1);
    const size_t pending = clock.GetPending();
    Open(5000);
    EXPECT_EQ(table.GetCount(), 5000U);
    EXPECT_EQ(clock.GetPending(), pending);
}

TEST_F(NfConntrackScaleTest, RefreshIsAStoreWithoutATimer)
{
    Open(100);
    const size_t pending = clock.GetPending();
    table.ForEach([this](NfConn& conn) {
        table.Refresh(conn, NfCtInfo::ESTABLISHED, nullptr, 500s);
        EXPECT_EQ(table.GetTimeLeft(conn), NfTime(500s));
    });
    EXPECT_EQ(clock.GetPending(), pending);
}

} // namespace
