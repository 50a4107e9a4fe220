/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-defrag.h"
#include "model/core/packet/nf-frag.h"
#include "test/core/testing/nf-testing.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

namespace ns3
{
namespace
{

using Result = NfFragments::Result;
using std::chrono::seconds;

/// One fragment of a case: bytes [offset, offset + size), each byte its own position.
struct Part
{
    uint32_t offset;
    uint32_t size;
    bool more;
    bool df = false;
    uint8_t tos = 0;
};

std::vector<uint8_t>
PositionBytes(size_t offset, size_t size)
{
    std::vector<uint8_t> bytes(size);
    std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(offset));
    return bytes;
}

std::unique_ptr<NfPacket>
MakePart(bool v6, const Part& part, uint32_t id = 7, const char* src = nullptr)
{
    NfIpHeader ip;
    const NfFamily family = v6 ? NfFamily::IPV6 : NfFamily::IPV4;
    ip.src = *NfAddr::Parse(src ? src : v6 ? "2001:db8:1::2" : "10.0.0.2", family);
    ip.dst = *NfAddr::Parse(v6 ? "2001:db8:9::9" : "198.51.100.9", family);
    ip.tos = part.tos;
    ip.protocol = v6 ? static_cast<uint8_t>(NF_IPPROTO_FRAGMENT) : 99;
    std::vector<uint8_t> bytes = PositionBytes(part.offset, part.size);
    if (v6)
    {
        std::vector<uint8_t> header = {99, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(id)};
        NfWriteU16(&header[2], static_cast<uint16_t>((part.offset & 0xfff8) | part.more));
        bytes.insert(bytes.begin(), header.begin(), header.end());
    }
    else
    {
        ip.id = id;
        ip.fragOffset = static_cast<uint16_t>(part.offset);
        ip.moreFragments = part.more;
        ip.fragment = part.more || part.offset != 0;
        ip.dontFragment = part.df;
    }
    return NfPacket::Make(family, ip, std::move(bytes));
}

class NfFragmentsTest : public testing::Test
{
  protected:
    NfFragments& Table(bool v6)
    {
        return v6 ? ipv6 : ipv4;
    }

    /// Feeds parts. @return one letter per part: P(ass) C(omplete) Q(ueued) D(ropped)
    std::string Feed(bool v6, const std::vector<Part>& parts, uint32_t id = 7)
    {
        std::string letters;
        for (const Part& part : parts)
        {
            last = MakePart(v6, part, id);
            const Result result = Table(v6).Gather(*last, &device, NfFragUser::CONNTRACK_IN);
            letters += "PCQD"[static_cast<size_t>(result)];
        }
        return letters;
    }

    NfManualClock clock;
    NfCounters counters;
    NfDevice device{2, "lan", 1500, {}, 0, false, true};
    NfFragments ipv4{NfFamily::IPV4, clock, counters};
    NfFragments ipv6{NfFamily::IPV6, clock, counters};
    std::unique_ptr<NfPacket> last;
};

struct GatherCase
{
    const char* name;
    std::vector<Part> parts;
    const char* ipv4;
    const char* ipv6;
    size_t left4; //!< datagrams that still wait
    size_t left6;
};

class NfGatherTest : public NfFragmentsTest, public testing::WithParamInterface<GatherCase>
{
};

TEST_P(NfGatherTest, DoesWhatLinuxDoes)
{
    const GatherCase& c = GetParam();
    EXPECT_EQ(Feed(false, c.parts), c.ipv4);
    EXPECT_EQ(ipv4.GetCount(), c.left4);
    EXPECT_EQ(Feed(true, c.parts), c.ipv6);
    EXPECT_EQ(ipv6.GetCount(), c.left6);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfGatherTest,
    testing::Values(
        GatherCase{"InOrder", {{0, 16, true}, {16, 24, true}, {40, 5, false}}, "QQC", "QQC", 0, 0},
        GatherCase{"Reversed", {{40, 5, false}, {16, 24, true}, {0, 16, true}}, "QQC", "QQC", 0, 0},
        GatherCase{"Hole", {{0, 16, true}, {24, 8, false}}, "QQ", "QQ", 1, 1},
        GatherCase{"Duplicate", {{0, 16, true}, {0, 16, true}, {16, 8, false}}, "QDC", "QQC", 0, 0},
        GatherCase{"InsideARun",
                   {{0, 16, true}, {16, 24, true}, {8, 16, true}, {40, 8, false}},
                   "QQDC",
                   "QQQC",
                   0,
                   0},
        GatherCase{"TailOverlaps", {{0, 24, true}, {16, 16, false}}, "QD", "QD", 0, 0},
        GatherCase{"HeadOverlaps", {{16, 16, false}, {0, 24, true}}, "QD", "QD", 0, 0},
        GatherCase{"CoversARun",
                   {{16, 8, true}, {24, 8, false}, {8, 24, true}},
                   "QQD",
                   "QQD",
                   0,
                   0},
        // Two runs that touch are not merged: a piece over both is an overlap, not a duplicate.
        GatherCase{"OverTwoRuns", {{16, 8, true}, {8, 8, true}, {8, 16, true}}, "QQD", "QQD", 0, 0},
        GatherCase{"TwoEnds", {{16, 16, false}, {32, 16, false}}, "QD", "QD", 0, 1},
        GatherCase{"BeyondTheEnd", {{16, 16, false}, {32, 16, true}}, "QD", "QD", 0, 1},
        GatherCase{"EmptyPiece", {{0, 16, true}, {16, 0, true}}, "QD", "QD", 0, 1},
        GatherCase{"OddMiddle", {{0, 21, true}, {16, 8, false}}, "QC", "PQ", 0, 1},
        GatherCase{"PastTheLimit", {{65528, 16, false}, {0, 16, true}}, "QQ", "DQ", 1, 1}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfFragmentsTest, WholeDatagramHasHeaderOfTheFirstAndTellsHowItCame)
{
    for (bool v6 : {false, true})
    {
        auto tail = MakePart(v6, {40, 5, false});
        auto first = MakePart(v6, {0, 16, true});
        auto middle = MakePart(v6, {16, 24, true});
        first->MutableIp().ttl = 9;
        first->mark = 5;
        NfFragments& table = Table(v6);
        EXPECT_EQ(table.Gather(*tail, &device, NfFragUser::CONNTRACK_IN), Result::QUEUED);
        EXPECT_EQ(table.Gather(*first, &device, NfFragUser::CONNTRACK_IN), Result::QUEUED);
        ASSERT_EQ(table.Gather(*middle, &device, NfFragUser::CONNTRACK_IN), Result::COMPLETE);
        EXPECT_EQ(middle->GetIp().ttl, 9);
        EXPECT_EQ(middle->mark, 5U);
        EXPECT_FALSE(middle->GetIp().fragment || middle->GetIp().moreFragments);
        EXPECT_TRUE(middle->IsIpChanged());
        EXPECT_EQ(middle->GetProtocol(), 99);
        EXPECT_EQ(NfHex(middle->PullTransportAll()), NfHex(PositionBytes(0, 45)));
        EXPECT_EQ(middle->fragSizes, (std::vector<uint16_t>{16, 24, 5}));
        EXPECT_EQ(middle->fragMaxSize, v6 ? 40U + 8 + 24 : 20U + 24);
        EXPECT_EQ(table.GetMemory(), 0U);
    }
}

TEST_F(NfFragmentsTest, Ipv6ExtensionHeadersInFrontStay)
{
    const auto part = [](uint32_t offset, bool more) {
        std::vector<uint8_t> bytes = NfUnhex("2c00000000000000 6300000000000007");
        NfWriteU16(&bytes[10], static_cast<uint16_t>(offset | more));
        const std::vector<uint8_t> data = PositionBytes(offset, 8);
        bytes.insert(bytes.end(), data.begin(), data.end());
        NfIpHeader ip;
        ip.protocol = NF_IPPROTO_HOPOPTS;
        return NfPacket::Make(NfFamily::IPV6, ip, bytes);
    };
    auto first = part(0, true);
    auto second = part(8, false);
    ipv6.Gather(*first, &device, NfFragUser::CONNTRACK_IN);
    ASSERT_EQ(ipv6.Gather(*second, &device, NfFragUser::CONNTRACK_IN), Result::COMPLETE);
    EXPECT_EQ(second->GetIp().protocol, NF_IPPROTO_HOPOPTS);
    EXPECT_EQ(second->GetProtocol(), 99);
    EXPECT_EQ(NfHex(NfBytes(second->GetBuffer().Pull(24), 24)),
              "6300000000000000000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(second->fragSizes, (std::vector<uint16_t>{16, 8}));
}

TEST_F(NfFragmentsTest, Ipv6ExtensionHeadersInsideForgetThePieces)
{
    const auto part = [](uint32_t offset, bool more, const char* data) {
        std::vector<uint8_t> bytes = NfUnhex("3c00000000000007");
        NfWriteU16(&bytes[2], static_cast<uint16_t>(offset | more));
        const std::vector<uint8_t> behind = NfUnhex(data);
        bytes.insert(bytes.end(), behind.begin(), behind.end());
        NfIpHeader ip;
        ip.protocol = NF_IPPROTO_FRAGMENT;
        return NfPacket::Make(NfFamily::IPV6, ip, bytes);
    };
    auto first = part(0, true, "6300010400000000 0001020304050607");
    auto second = part(16, false, "08090a0b0c0d0e0f 1011121314151617 18191a1b1c1d1e1f");
    ipv6.Gather(*first, &device, NfFragUser::CONNTRACK_IN);
    ASSERT_EQ(ipv6.Gather(*second, &device, NfFragUser::CONNTRACK_IN), Result::COMPLETE);
    EXPECT_TRUE(second->fragSizes.empty());
    std::vector<std::unique_ptr<NfPacket>> pieces;
    ASSERT_EQ(NfFragment(*second, 1500, 5, false, pieces), NfCut::CUT);
    EXPECT_EQ(pieces.size(), 1U); // an atomic fragment
}

TEST_F(NfFragmentsTest, AtomicFragmentLosesItsHeader)
{
    EXPECT_EQ(Feed(true, {{0, 20, false}}), "C");
    EXPECT_EQ(last->GetLength(), 60U);
    EXPECT_FALSE(last->GetIp().fragment);
}

TEST_F(NfFragmentsTest, Ipv6FirstFragmentWithoutTransportHeaderPasses)
{
    NfIpHeader ip;
    ip.protocol = NF_IPPROTO_FRAGMENT;
    auto packet = NfPacket::Make(NfFamily::IPV6, ip, NfUnhex("0600000100000007 0001000200000000"));
    EXPECT_EQ(ipv6.Gather(*packet, &device, NfFragUser::CONNTRACK_IN), Result::PASS);
    EXPECT_EQ(ipv6.GetCount(), 0U);
}

struct EcnCase
{
    const char* name;
    uint8_t first;
    uint8_t second;
    int tos; //!< of the whole, -1: dropped
};

class NfFragmentEcnTest : public NfFragmentsTest, public testing::WithParamInterface<EcnCase>
{
};

TEST_P(NfFragmentEcnTest, IsCombined)
{
    const EcnCase& c = GetParam();
    for (bool v6 : {false, true})
    {
        const std::string letters =
            Feed(v6, {{0, 8, true, false, c.first}, {8, 8, false, false, c.second}});
        EXPECT_EQ(letters, c.tos < 0 ? "QD" : "QC");
        if (c.tos >= 0)
        {
            EXPECT_EQ(last->GetIp().tos, c.tos);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         NfFragmentEcnTest,
                         testing::Values(EcnCase{"None", 0, 0, 0},
                                         EcnCase{"Ect", 1, 2, 1},
                                         EcnCase{"CongestedLater", 0x2a, 0x2b, 0x2b},
                                         EcnCase{"CongestedOnly", 3, 3, 3},
                                         EcnCase{"NotEctAndCongested", 0, 3, -1},
                                         EcnCase{"NotEctAndEct", 2, 0, -1}),
                         [](const auto& info) { return info.param.name; });

TEST_F(NfFragmentsTest, DontFragmentComesBackOnlyIfTheBiggestHadIt)
{
    Feed(false, {{0, 16, true, true}, {16, 8, false}});
    EXPECT_TRUE(last->fragDf);
    EXPECT_TRUE(last->GetIp().dontFragment);
    Feed(false, {{0, 16, true}, {16, 8, false, true}});
    EXPECT_FALSE(last->fragDf);
    EXPECT_FALSE(last->GetIp().dontFragment);
}

TEST_F(NfFragmentsTest, OversizedDatagramIsDroppedWhenComplete)
{
    std::vector<Part> parts;
    for (uint32_t offset = 0; offset < 65536; offset += 8192)
    {
        parts.push_back({offset, 8192, offset + 8192 < 65536});
    }
    EXPECT_EQ(Feed(false, parts), "QQQQQQQD");
    EXPECT_EQ(counters.Get("drop-frag-oversize"), 1U);
    EXPECT_EQ(ipv4.GetMemory(), 0U);
}

TEST_F(NfFragmentsTest, MemoryIsBounded)
{
    ipv4.GetConfig().highThresh = 20000;
    uint32_t id = 0;
    while (Feed(false, {{0, 16, true}}, ++id) == "Q")
    {
        ASSERT_LT(id, 1000U);
    }
    EXPECT_EQ(counters.Get("drop-frag-memory"), 1U);
    EXPECT_LT(ipv4.GetMemory(), 20000U + 4096);
    ipv4.GetConfig().highThresh = 0;
    ipv4.Clear();
    EXPECT_EQ(ipv4.GetMemory(), 0U);
    EXPECT_EQ(Feed(false, {{0, 16, true}}), "D");
}

TEST_F(NfFragmentsTest, UsersZonesAndProtocolsDoNotMix)
{
    auto a = MakePart(false, {0, 16, true});
    ipv4.Gather(*a, &device, NfFragUser::CONNTRACK_IN, 0);
    for (const auto& [user, zone] : {std::pair(NfFragUser::LOCAL_DELIVER, 0),
                                     std::pair(NfFragUser::CONNTRACK_OUT, 0),
                                     std::pair(NfFragUser::CONNTRACK_IN, 1)})
    {
        auto b = MakePart(false, {16, 8, false});
        EXPECT_EQ(ipv4.Gather(*b, &device, user, static_cast<uint16_t>(zone)), Result::QUEUED);
    }
    auto other = MakePart(false, {16, 8, false});
    other->MutableIp().protocol = 98;
    EXPECT_EQ(ipv4.Gather(*other, &device, NfFragUser::CONNTRACK_IN, 0), Result::QUEUED);
    EXPECT_EQ(ipv4.GetCount(), 5U);
}

TEST_F(NfFragmentsTest, TimesOutWithOneTimerAndShowsTheFirstFragment)
{
    std::vector<std::string> shown;
    ipv4.SetExpireHandler([&](NfPacket& first, const NfDevice* in, NfFragUser) {
        shown.push_back(std::to_string(first.GetIp().id) + in->name +
                        std::to_string(first.GetLength()));
    });
    Feed(false, {{0, 21, true}}, 1);
    clock.Advance(seconds(10));
    Feed(false, {{8, 16, true}}, 2);
    Feed(false, {{0, 16, true}}, 3);
    EXPECT_EQ(clock.GetPending(), 1U);
    clock.Advance(seconds(20));
    EXPECT_THAT(shown, testing::ElementsAre("1lan36"));
    EXPECT_EQ(ipv4.GetCount(), 2U);
    clock.Advance(seconds(10));
    EXPECT_THAT(shown, testing::ElementsAre("1lan36", "3lan36"));
    EXPECT_EQ(ipv4.GetCount(), 0U);
    EXPECT_EQ(ipv4.GetMemory(), 0U);
    EXPECT_EQ(counters.Get("drop-frag-timeout"), 3U);
    EXPECT_EQ(clock.GetPending(), 0U);
}

TEST_F(NfFragmentsTest, ShorterTimeoutOfALaterDatagramIsKept)
{
    Feed(false, {{0, 16, true}}, 1);
    ipv4.GetConfig().timeout = 1;
    Feed(false, {{0, 16, true}}, 2);
    clock.Advance(seconds(2));
    EXPECT_EQ(ipv4.GetCount(), 1U);
}

TEST_F(NfFragmentsTest, TooManyOthersBetweenForgetWhatWaited)
{
    Feed(false, {{0, 16, true}}, 1);
    for (uint32_t i = 0; i < 64; ++i)
    {
        Feed(false, {{0, 8, true}}, 1000 + i);
    }
    EXPECT_EQ(Feed(false, {{16, 8, false}}, 1), "Q") << "65 fragments later: starts afresh";
    EXPECT_EQ(Feed(false, {{0, 16, true}}, 1), "C");
    Feed(false, {{0, 16, true}}, 2);
    for (uint32_t i = 0; i < 63; ++i)
    {
        Feed(false, {{0, 8, true}}, 2000 + i);
    }
    EXPECT_EQ(Feed(false, {{16, 8, false}}, 2), "C");
}

// ---- cutting

struct CutCase
{
    const char* name;
    std::vector<Part> parts; //!< how it came; one part with more=false: whole
    uint32_t mtu;
    NfCut outcome4;
    const char* pieces4; //!< "offset+size[MD] ..."
    NfCut outcome6;
    const char* pieces6;
};

class NfFragmentCutTest : public NfFragmentsTest, public testing::WithParamInterface<CutCase>
{
  protected:
    static std::string Describe(const std::vector<std::unique_ptr<NfPacket>>& pieces)
    {
        std::string text;
        for (const auto& piece : pieces)
        {
            const NfIpHeader& ip = piece->GetIp();
            text += (text.empty() ? "" : " ") + std::to_string(ip.fragOffset) + "+" +
                    std::to_string(piece->GetTransportSize()) + (ip.moreFragments ? "M" : "") +
                    (ip.dontFragment ? "D" : "");
            EXPECT_EQ(NfHex(piece->PullTransportAll()),
                      NfHex(PositionBytes(ip.fragOffset, piece->GetTransportSize())));
        }
        return text;
    }

    void Check(bool v6, NfCut outcome, const char* expected)
    {
        Feed(v6, GetParam().parts);
        std::vector<std::unique_ptr<NfPacket>> pieces;
        EXPECT_EQ(NfFragment(*last, GetParam().mtu, 0x1234, false, pieces), outcome);
        EXPECT_EQ(Describe(pieces), expected);
    }
};

TEST_P(NfFragmentCutTest, CutsAsLinuxDoes)
{
    const CutCase& c = GetParam();
    Check(false, c.outcome4, c.pieces4);
    Check(true, c.outcome6, c.pieces6);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfFragmentCutTest,
    testing::Values(
        CutCase{"OriginalSizes",
                {{0, 1200, true}, {1200, 80, true}, {1280, 40, false}},
                1500,
                NfCut::CUT,
                "0+1200M 1200+80M 1280+40",
                NfCut::CUT,
                "0+1200M 1200+80M 1280+40"},
        CutCase{"DfOfThePiecesIsLostWhereTheyAreKept",
                {{0, 16, true, true}, {16, 8, false, true}},
                1500,
                NfCut::CUT,
                "0+16M 16+8",
                NfCut::FITS,
                ""},
        CutCase{"NarrowerLink",
                {{0, 1400, true}, {1400, 100, false}},
                1300,
                NfCut::CUT,
                "0+1280M 1280+220",
                NfCut::TOO_BIG,
                ""},
        CutCase{"NarrowerLinkDf",
                {{0, 1400, true, true}, {1400, 100, false}},
                1300,
                NfCut::TOO_BIG,
                "",
                NfCut::TOO_BIG,
                ""},
        CutCase{"WholeAndFits", {{0, 1000, false}}, 1500, NfCut::FITS, "", NfCut::FITS, ""},
        CutCase{"WholeTooBig",
                {{0, 2000, false}},
                1500,
                NfCut::CUT,
                "0+1480M 1480+520",
                NfCut::TOO_BIG,
                ""}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfFragmentsTest, TcpHeaderInTwoPiecesIsCutAnew)
{
    auto whole = NfPacketBuilder("10.0.0.2", "10.0.0.3").Tcp(1, 2).PayloadSize(20);
    std::unique_ptr<NfPacket> piece;
    for (const auto& [offset, size] : {std::pair(0, 16), std::pair(16, 8), std::pair(24, 16)})
    {
        piece = whole.Fragment(offset, size, offset != 24).DontFragment().Build();
        ipv4.Gather(*piece, &device, NfFragUser::CONNTRACK_IN);
    }
    std::vector<std::unique_ptr<NfPacket>> pieces;
    ASSERT_EQ(NfFragment(*piece, 1500, 0, false, pieces), NfCut::CUT);
    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_EQ(pieces[1]->GetTransportSize(), 16U);
    EXPECT_TRUE(pieces[1]->GetIp().dontFragment);
}

TEST_F(NfFragmentsTest, WholeIpv6PacketIsCutOnlyByLeave)
{
    auto packet =
        NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9").Udp(1, 2).PayloadSize(2000).Build();
    std::vector<std::unique_ptr<NfPacket>> pieces;
    EXPECT_EQ(NfFragment(*packet, 1280, 0xabcd, false, pieces), NfCut::TOO_BIG);
    ASSERT_EQ(NfFragment(*packet, 1280, 0xabcd, true, pieces), NfCut::CUT);
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(pieces[0]->GetLength(), 1280U);
    EXPECT_EQ(pieces[0]->GetIp().protocol, NF_IPPROTO_FRAGMENT);
    EXPECT_EQ(pieces[1]->GetIp().id, 0xabcdU);
    EXPECT_EQ(pieces[0]->GetProtocol(), NF_IPPROTO_UDP);
}

TEST_F(NfFragmentsTest, Ipv4WholePacketWithDfIsTooBig)
{
    auto packet =
        NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).PayloadSize(2000).DontFragment().Build();
    std::vector<std::unique_ptr<NfPacket>> pieces;
    EXPECT_EQ(NfFragment(*packet, 1500, 0, false, pieces), NfCut::TOO_BIG);
    EXPECT_EQ(NfFragment(*packet, 1500, 0, true, pieces), NfCut::CUT);
    EXPECT_TRUE(NfExceedsMtu(*packet, 1500));
    EXPECT_FALSE(NfExceedsMtu(*packet, 2028));
}

TEST_F(NfFragmentsTest, FragmentOfAFragmentKeepsOffsetAndMore)
{
    last = MakePart(false, {800, 1200, true});
    std::vector<std::unique_ptr<NfPacket>> pieces;
    ASSERT_EQ(NfFragment(*last, 1000, 0, false, pieces), NfCut::CUT);
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(pieces[1]->GetIp().fragOffset, 800 + 976);
    EXPECT_TRUE(pieces[1]->GetIp().moreFragments);
}

TEST_F(NfFragmentsTest, OnlyCopiedOptionsAreInLaterPieces)
{
    auto packet = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).PayloadSize(100).Build();
    packet->SetIpOptions({7, 3, 4, 0x94, 4, 0, 0, 0}); // record route, router alert, end
    std::vector<std::unique_ptr<NfPacket>> pieces;
    ASSERT_EQ(NfFragment(*packet, 92, 0, false, pieces), NfCut::CUT);
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(NfHex(pieces[0]->GetIpOptions()), "0703049404000000");
    EXPECT_EQ(NfHex(pieces[1]->GetIpOptions()), "0101019404000000");
}

TEST_F(NfFragmentsTest, CuttingAndGatheringIsTheIdentityWhateverTheOrder)
{
    NfSeededRandom random(11);
    for (int round = 0; round < 200; ++round)
    {
        const bool v6 = random.Below(2);
        NfPacketBuilder builder = v6 ? NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                                     : NfPacketBuilder("10.0.0.2", "10.0.0.3");
        auto packet = builder.Udp(1, 2).PayloadSize(random.Below(9000)).Id(5).Build();
        const std::string whole = NfHex(packet->Serialize());
        std::vector<std::unique_ptr<NfPacket>> pieces;
        const uint32_t mtu = (v6 ? 1280 : 68) + random.Below(1400);
        if (NfFragment(*packet, mtu, 5, true, pieces) != NfCut::CUT)
        {
            continue;
        }
        for (size_t i = pieces.size(); i > 1; --i)
        {
            std::swap(pieces[i - 1], pieces[random.Below(static_cast<uint32_t>(i))]);
        }
        for (size_t i = 0; i < pieces.size(); ++i)
        {
            ASSERT_LE(pieces[i]->GetLength(), mtu);
            const Result result = Table(v6).Gather(*pieces[i], &device, NfFragUser::CONNTRACK_IN);
            ASSERT_EQ(result, i + 1 < pieces.size() ? Result::QUEUED : Result::COMPLETE);
        }
        EXPECT_EQ(NfHex(pieces.back()->Serialize()), whole);
    }
}

TEST_F(NfFragmentsTest, HostilePiecesNeitherCrashNorLeak)
{
    NfSeededRandom random(23);
    for (int round = 0; round < 20000; ++round)
    {
        const bool v6 = random.Below(2);
        const Part part{random.Below(8192) * 8, random.Below(200), random.Below(2) == 0};
        last = MakePart(v6, part, random.Below(8));
        if (random.Below(4) == 0)
        {
            NfBuffer& buffer = last->GetBuffer();
            buffer.Replace(random.Below(static_cast<uint32_t>(buffer.GetSize()) + 1),
                           SIZE_MAX,
                           NfBytes());
            last->ParseTransport();
        }
        Table(v6).Gather(*last, &device, static_cast<NfFragUser>(random.Below(3)));
        clock.Advance(std::chrono::milliseconds(random.Below(500)));
    }
    clock.Advance(seconds(100));
    EXPECT_EQ(ipv4.GetCount() + ipv6.GetCount(), 0U);
    EXPECT_EQ(ipv4.GetMemory() + ipv6.GetMemory(), 0U);
    EXPECT_EQ(clock.GetPending(), 0U);
}

// ---- the hook function and its knobs

class NfDefragTest : public testing::Test
{
  protected:
    NfManualClock clock;
    NfCounters counters;
    NfSysctls sysctls;
    NfDefrag defrag{clock, counters, sysctls};
};

TEST_F(NfDefragTest, StealsUntilComplete)
{
    const std::vector<NfHookOps> ops = defrag.GetOps(NfFamily::IPV4);
    ASSERT_EQ(ops.size(), 2U);
    EXPECT_EQ(ops[0].priority, -400);
    EXPECT_EQ(ops[1].hook, NfHook::LOCAL_OUT);
    const NfHookState state{NfFamily::IPV4, NfHook::PRE_ROUTING, nullptr, nullptr};
    auto first = MakePart(false, {0, 16, true});
    auto rest = MakePart(false, {16, 8, false});
    EXPECT_EQ(ops[0].function(*first, state), NfVerdict::STOLEN);
    EXPECT_EQ(ops[0].function(*rest, state), NfVerdict::ACCEPT);
    EXPECT_EQ(rest->GetLength(), 44U);
    auto whole = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Build();
    EXPECT_EQ(ops[0].function(*whole, state), NfVerdict::ACCEPT);
    auto overlapping = MakePart(false, {0, 0, true});
    EXPECT_EQ(ops[0].function(*overlapping, state), NfVerdict::DROP);
    EXPECT_STREQ(overlapping->dropReason, "drop-frag-invalid");
}

TEST_F(NfDefragTest, UntrackedFragmentsAreLeftAlone)
{
    const std::vector<NfHookOps> ops = defrag.GetOps(NfFamily::IPV6, [](const NfPacket& packet) {
        return packet.mark == 1 ? std::nullopt : std::optional<uint16_t>(3);
    });
    const NfHookState state{NfFamily::IPV6, NfHook::PRE_ROUTING, nullptr, nullptr};
    auto untracked = MakePart(true, {0, 16, true});
    untracked->ctInfo = NfCtInfo::UNTRACKED;
    EXPECT_EQ(ops[0].function(*untracked, state), NfVerdict::ACCEPT);
    auto tracked = MakePart(true, {0, 16, true});
    tracked->mark = 1;
    EXPECT_EQ(ops[0].function(*tracked, state), NfVerdict::ACCEPT);
    EXPECT_EQ(defrag.GetFragments(NfFamily::IPV6).GetCount(), 0U);
}

TEST_F(NfDefragTest, KnobsHaveLinuxDefaultsAndGuardEachOther)
{
    EXPECT_EQ(*sysctls.Read("net.ipv4.ipfrag_high_thresh"), "4194304");
    EXPECT_EQ(*sysctls.Read("net.ipv4.ipfrag_low_thresh"), "3145728");
    EXPECT_EQ(*sysctls.Read("net.ipv4.ipfrag_time"), "30");
    EXPECT_EQ(*sysctls.Read("net.ipv4.ipfrag_max_dist"), "64");
    EXPECT_EQ(*sysctls.Read("net.netfilter.nf_conntrack_frag6_timeout"), "60");
    EXPECT_FALSE(sysctls.Write("net.ipv4.ipfrag_high_thresh", "1000"));
    EXPECT_TRUE(sysctls.Write("net.ipv4.ipfrag_low_thresh", "500"));
    EXPECT_TRUE(sysctls.Write("net.ipv4.ipfrag_high_thresh", "1000"));
    EXPECT_EQ(defrag.GetFragments(NfFamily::IPV4).GetConfig().highThresh, 1000U);
}

} // namespace
} // namespace ns3
