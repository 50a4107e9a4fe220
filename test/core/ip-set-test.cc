/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/command/nf-builtin.h"
#include "model/core/sets/ip-set.h"
#include "test/core/testing/nf-manual-clock.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <random>
#include <set>

using namespace ns3;

namespace
{

/// The sets of a namespace, and shorthands.
class IpSetTest : public testing::Test
{
  protected:
    int Create(const std::string& name,
               const char* type,
               IpSetOptions options = {},
               bool exist = false)
    {
        const IpSetType* found = NfFindIpSetType(type);
        options.family = options.family == NfFamily::UNSPEC ? found->family : options.family;
        return m_sets.Create(name, *found, options, exist);
    }

    static IpSetEntry Ip(uint32_t ip)
    {
        IpSetEntry entry;
        entry.ip = NfAddr::FromIpv4(ip);
        return entry;
    }

    int Add(const std::string& set, const IpSetEntry& entry, bool exist = false)
    {
        return m_sets.Find(set)->Act(IpSetAction::ADD, entry, exist);
    }

    int Del(const std::string& set, const IpSetEntry& entry)
    {
        return m_sets.Find(set)->Act(IpSetAction::DEL, entry, false);
    }

    bool Has(const std::string& set, const IpSetEntry& entry)
    {
        return m_sets.Find(set)->Act(IpSetAction::TEST, entry, false) == 0;
    }

    uint32_t Count(const std::string& set)
    {
        return m_sets.Find(set)->GetHeader().elements;
    }

    NfManualClock m_clock;
    NfSeededRandom m_random;
    IpSets m_sets{m_clock, m_random};
};

TEST_F(IpSetTest, HoldsWhatASetOfNumbersHolds)
{
    for (const uint8_t bucketSize : {2, 12})
    {
        IpSetOptions options;
        options.hashSize = 64;
        options.bucketSize = bucketSize;
        ASSERT_EQ(Create("s", "hash:ip", options), 0);
        std::set<uint32_t> model;
        std::mt19937 draw(bucketSize);
        for (int i = 0; i < 20000; i++)
        {
            const uint32_t ip = 1 + draw() % 3000;
            if (draw() % 3)
            {
                EXPECT_EQ(Add("s", Ip(ip)), model.insert(ip).second ? 0 : IPSET_ERR_EXIST);
            }
            else
            {
                EXPECT_EQ(Del("s", Ip(ip)), model.erase(ip) ? 0 : IPSET_ERR_EXIST);
            }
        }
        for (uint32_t ip = 1; ip <= 3000; ip++)
        {
            EXPECT_EQ(Has("s", Ip(ip)), model.count(ip) == 1) << ip;
        }
        EXPECT_EQ(Count("s"), model.size());
        ASSERT_EQ(m_sets.Destroy("s"), 0);
    }
}

TEST_F(IpSetTest, StopsAtMaxelem)
{
    IpSetOptions options;
    options.maxElements = 10;
    ASSERT_EQ(Create("s", "hash:ip", options), 0);
    IpSetEntry range = Ip(1);
    range.ipTo = NfAddr::FromIpv4(20);
    EXPECT_EQ(Add("s", range), IPSET_ERR_HASH_FULL);
    EXPECT_EQ(Count("s"), 10U);
    EXPECT_TRUE(Has("s", Ip(10)));
    EXPECT_FALSE(Has("s", Ip(11)));
}

TEST_F(IpSetTest, NeverTakesMoreThanTheRangeOneCommandMayName)
{
    IpSetOptions options;
    options.maxElements = UINT32_MAX;
    ASSERT_EQ(Create("s", "hash:ip", options), 0);
    ASSERT_EQ(Add("s", Ip(1)), 0);
    IpSetEntry all = Ip(1);
    all.ipTo = NfAddr::FromIpv4(UINT32_MAX);
    EXPECT_EQ(m_sets.Find("s")->Act(IpSetAction::DEL, all, true), ERANGE);
}

TEST_F(IpSetTest, ForgetsWhatTimedOut)
{
    IpSetOptions options;
    options.timeout = 10;
    ASSERT_EQ(Create("s", "hash:ip", options), 0);
    ASSERT_EQ(Add("s", Ip(1)), 0);
    IpSetEntry forEver = Ip(2);
    forEver.timeout = 0;
    ASSERT_EQ(Add("s", forEver), 0);
    m_clock.Advance(std::chrono::seconds(9));
    EXPECT_TRUE(Has("s", Ip(1)));
    m_clock.Advance(std::chrono::seconds(2));
    EXPECT_FALSE(Has("s", Ip(1)));
    EXPECT_EQ(Del("s", Ip(1)), IPSET_ERR_EXIST);
    EXPECT_EQ(Add("s", Ip(1)), 0);
    EXPECT_TRUE(Has("s", Ip(2)));
    EXPECT_EQ(Count("s"), 2U);
}

TEST_F(IpSetTest, FindsTheLongestNetworkAndObeysIt)
{
    ASSERT_EQ(Create("s", "hash:net"), 0);
    const auto net = [](uint32_t ip, uint8_t cidr, bool nomatch = false) {
        IpSetEntry entry = Ip(ip);
        entry.cidr = cidr;
        entry.nomatch = nomatch;
        return entry;
    };
    ASSERT_EQ(Add("s", net(0x0a000000, 8)), 0);
    ASSERT_EQ(Add("s", net(0x0a010000, 16, true)), 0);
    ASSERT_EQ(Add("s", net(0x0a010200, 24)), 0);
    EXPECT_TRUE(Has("s", Ip(0x0a020001)));
    EXPECT_FALSE(Has("s", Ip(0x0a010001)));
    EXPECT_TRUE(Has("s", Ip(0x0a010201)));
    EXPECT_TRUE(Has("s", net(0x0a010001, 32, true)));
    ASSERT_EQ(Del("s", net(0x0a010000, 16)), 0);
    EXPECT_TRUE(Has("s", Ip(0x0a010001)));
    EXPECT_EQ(Add("s", net(0, 0)), IPSET_ERR_INVALID_CIDR);
}

TEST_F(IpSetTest, SwapsContentsNotNames)
{
    ASSERT_EQ(Create("a", "hash:ip"), 0);
    ASSERT_EQ(Create("b", "hash:ip"), 0);
    ASSERT_EQ(Create("n", "hash:net"), 0);
    ASSERT_EQ(Add("a", Ip(1)), 0);
    const uint16_t index = *m_sets.FindIndex("a");
    m_sets.Hold(index);
    ASSERT_EQ(m_sets.Swap("a", "b"), 0);
    EXPECT_EQ(m_sets.Get(index)->GetName(), "a");
    EXPECT_EQ(m_sets.Get(index)->GetReferences(), 1U);
    EXPECT_FALSE(Has("a", Ip(1)));
    EXPECT_TRUE(Has("b", Ip(1)));
    EXPECT_EQ(m_sets.Swap("a", "n"), IPSET_ERR_TYPE_MISMATCH);
    EXPECT_EQ(m_sets.Swap("x", "a"), ENOENT);
    EXPECT_EQ(m_sets.Swap("a", "x"), IPSET_ERR_EXIST_SETNAME2);
    EXPECT_EQ(m_sets.Rename("a", "c"), IPSET_ERR_REFERENCED);
    EXPECT_EQ(m_sets.Rename("b", "a"), IPSET_ERR_EXIST_SETNAME2);
    EXPECT_EQ(m_sets.Destroy("a"), IPSET_ERR_BUSY);
    EXPECT_EQ(m_sets.DestroyAll(), IPSET_ERR_BUSY);
    m_sets.Release(index);
    EXPECT_EQ(m_sets.DestroyAll(), 0);
    EXPECT_TRUE(m_sets.GetAll().empty());
}

TEST_F(IpSetTest, ListsHoldTheirMembersUntilTheyTimeOut)
{
    IpSetOptions options;
    options.timeout = 5;
    ASSERT_EQ(Create("l", "list:set", options), 0);
    ASSERT_EQ(Create("a", "hash:ip"), 0);
    IpSetEntry member;
    member.name = "a";
    ASSERT_EQ(Add("l", member), 0);
    EXPECT_EQ(m_sets.Destroy("a"), IPSET_ERR_BUSY);
    member.name = "l";
    EXPECT_EQ(Add("l", member), IPSET_ERR_LOOP);
    m_clock.Advance(std::chrono::seconds(6));
    EXPECT_EQ(m_sets.Destroy("a"), 0);
}

TEST_F(IpSetTest, TakesTheIndexThatIsFree)
{
    ASSERT_EQ(Create("a", "hash:ip"), 0);
    ASSERT_EQ(Create("b", "hash:ip"), 0);
    ASSERT_EQ(m_sets.Destroy("a"), 0);
    ASSERT_EQ(Create("c", "hash:ip"), 0);
    EXPECT_EQ(m_sets.FindIndex("c"), uint16_t{0});
    EXPECT_EQ(Create("c", "hash:ip"), EEXIST);
    EXPECT_EQ(Create("c", "hash:ip", {}, true), 0);
    EXPECT_EQ(Create("c", "hash:net", {}, true), EEXIST);
}

TEST_F(IpSetTest, RefusesTablesTooBigForTheKernel)
{
    IpSetOptions options;
    options.hashSize = UINT32_MAX;
    EXPECT_EQ(Create("s", "hash:ip", options), ENOMEM);
    options.hashSize = 1U << 27;
    EXPECT_EQ(Create("s", "hash:ip", options), 0);
    EXPECT_EQ(Add("s", Ip(1)), 0);
    EXPECT_TRUE(Has("s", Ip(1)));
}

} // namespace
