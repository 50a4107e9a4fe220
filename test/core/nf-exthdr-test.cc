/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/packet/nf-exthdr.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ns3
{
namespace
{

using Bytes = std::vector<uint8_t>;
using Fate = NfExthdrResult::Fate;

const Bytes UDP{0, 7, 0, 9, 0, 8, 0, 0};

struct Case
{
    const char* name;
    uint8_t first; //!< next header of the fixed header
    Bytes bytes;   //!< behind it
    Fate fate;
    uint8_t code;
    uint32_t pointer;
    bool isMulticast{false};
};

std::unique_ptr<NfPacket>
Make(const Case& c)
{
    NfIpHeader ip;
    ip.src.bytes = {0x20, 1};
    ip.dst.bytes = {static_cast<uint8_t>(c.isMulticast ? 0xff : 0x20), 2};
    ip.protocol = c.first;
    ip.ttl = 64;
    return NfPacket::Make(NfFamily::IPV6, ip, c.bytes);
}

std::string
NameOf(const testing::TestParamInfo<Case>& info)
{
    return info.param.name;
}

Bytes
Option(const Bytes& option)
{
    Bytes header{17, 0};
    header.insert(header.end(), option.begin(), option.end());
    header.insert(header.end(), UDP.begin(), UDP.end());
    return header;
}

Bytes
Fragment(uint16_t field, size_t size)
{
    Bytes bytes{17, 0, static_cast<uint8_t>(field >> 8), static_cast<uint8_t>(field), 0, 0, 0, 1};
    bytes.resize(bytes.size() + size, 1);
    return bytes;
}

class HopByHop : public testing::TestWithParam<Case>
{
};

TEST_P(HopByHop, EndsAsInLinux)
{
    const auto packet = Make(GetParam());
    const NfExthdrResult result = NfCheckHopByHop(*packet);
    EXPECT_EQ(result.fate, GetParam().fate);
    EXPECT_EQ(result.code, GetParam().code);
    EXPECT_EQ(result.pointer, GetParam().pointer);
}

const Case HOP_BY_HOP[] = {
    {"RouterAlert", 0, Option({5, 2, 0, 0, 1, 0}), Fate::PASS, 0, 0},
    {"RouterAlertOfWrongSize", 0, Option({5, 1, 0, 1, 1, 0}), Fate::DROP, 0, 0},
    {"Padding", 0, Option({1, 4, 0, 0, 0, 0}), Fate::PASS, 0, 0},
    {"PaddingThatSpeaks", 0, Option({1, 4, 0, 0, 0, 1}), Fate::DROP, 0, 0},
    {"SingleBytes", 0, Option({0, 0, 0, 0, 0, 0}), Fate::PASS, 0, 0},
    {"LastOptionBeyondTheEnd", 0, Option({1, 2, 0, 0, 5, 2}), Fate::DROP, 0, 0},
    {"LengthOfLastOptionMissing", 0, Option({1, 3, 0, 0, 0, 5}), Fate::DROP, 0, 0},
    {"HeaderBeyondTheEnd", 0, {17, 3, 5, 2, 0, 0, 1, 0}, Fate::DROP, 0, 0},
    {"Empty", 0, {}, Fate::DROP, 0, 0},
    {"UnknownToSkip", 0, Option({0x0b, 4, 1, 2, 3, 4}), Fate::PASS, 0, 0},
    {"UnknownToDrop", 0, Option({0x4b, 4, 1, 2, 3, 4}), Fate::DROP, 0, 0},
    {"UnknownToTell", 0, Option({0x8b, 4, 1, 2, 3, 4}), Fate::PROBLEM, 2, 42},
    {"UnknownToTellOfGroup", 0, Option({0x8b, 4, 1, 2, 3, 4}), Fate::PROBLEM, 2, 42, true},
    {"UnknownToTellUnlessGroup", 0, Option({0xcb, 4, 1, 2, 3, 4}), Fate::DROP, 0, 0, true},
    {"NeedlessJumbo", 0, Option({0xc2, 4, 0, 0, 1, 0}), Fate::PROBLEM, 0, 44},
    {"JumboWithLength", 0, Option({0xc2, 4, 0, 1, 0, 0}), Fate::PROBLEM, 0, 42},
    {"TooMuchPadding", 0, {17, 1, 1, 4, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 5, 0}, Fate::DROP, 0, 0},
};

INSTANTIATE_TEST_SUITE_P(NfExthdr, HopByHop, testing::ValuesIn(HOP_BY_HOP), NameOf);

class Walk : public testing::TestWithParam<Case>
{
};

TEST_P(Walk, EndsAsInLinux)
{
    const auto packet = Make(GetParam());
    const NfExthdrResult result = NfWalkExtensionHeaders(*packet, false);
    EXPECT_EQ(result.fate, GetParam().fate);
    EXPECT_EQ(result.code, GetParam().code);
    EXPECT_EQ(result.pointer, GetParam().pointer);
}

const Case WALK[] = {
    {"NoExtension", 17, UDP, Fate::PASS, 0, 6},
    {"DestinationOptions", 60, Option({1, 4, 0, 0, 0, 0}), Fate::PASS, 0, 40},
    {"DestinationOptionUnknown", 60, Option({0x8b, 4, 0, 0, 0, 0}), Fate::PROBLEM, 2, 42},
    {"JumboIsNoDestinationOption", 60, Option({0xc2, 4, 0, 0, 1, 0}), Fate::PROBLEM, 2, 42},
    {"RoutingDone", 43, Option({0, 0, 0, 0, 0, 0}), Fate::PASS, 0, 40},
    {"RoutingToDo", 43, Option({0, 1, 0, 0, 0, 0}), Fate::PROBLEM, 0, 43},
    {"RoutingOfGroup", 43, Option({0, 0, 0, 0, 0, 0}), Fate::DROP, 0, 0, true},
    {"SegmentRouting", 43, Option({4, 0, 0, 0, 0, 0}), Fate::DROP, 0, 0},
    {"HopByHopInTheMiddle",
     60,
     {0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0},
     Fate::PROBLEM,
     1,
     40},
    {"AtomicFragment", 44, Fragment(0, 8), Fate::PASS, 0, 40},
    {"FirstFragment", 44, Fragment(1, 8), Fate::GATHER, 0, 0},
    {"FirstFragmentWithoutItsHeaders", 44, Fragment(1, 4), Fate::PROBLEM, 3, 0},
    {"LastFragment", 44, Fragment(8, 3), Fate::GATHER, 0, 0},
    {"FragmentOfOddSize", 44, Fragment(9, 3), Fate::PROBLEM, 0, 4},
    {"FragmentBeyondTheEnd", 44, Fragment(65528, 16), Fate::PROBLEM, 0, 42},
    {"FragmentHeaderCutOff", 44, {17, 0, 0, 0}, Fate::PROBLEM, 0, 40},
    {"Encrypted", 50, UDP, Fate::PASS, 0, 6},
    {"Authenticated", 51, UDP, Fate::PASS, 0, 6},
};

INSTANTIATE_TEST_SUITE_P(NfExthdr, Walk, testing::ValuesIn(WALK), NameOf);

TEST(NfExthdr, TakesNoSecondFragmentHeader)
{
    Bytes bytes{44, 0, 0, 0, 0, 0, 0, 1};
    const Bytes inner = Fragment(0, 8);
    bytes.insert(bytes.end(), inner.begin(), inner.end());
    const auto twice = Make({"", 44, bytes, Fate::PASS, 0, 0});
    const NfExthdrResult result = NfWalkExtensionHeaders(*twice, false);
    EXPECT_EQ(result.fate, Fate::PROBLEM);
    EXPECT_EQ(result.pointer, 48U);
    const auto once = Make({"", 44, inner, Fate::PASS, 0, 0});
    EXPECT_EQ(NfWalkExtensionHeaders(*once, true).fate, Fate::PROBLEM);
}

TEST(NfExthdr, EndsForAnyBytes)
{
    uint32_t random = 1;
    for (int i = 0; i < 20000; ++i)
    {
        Bytes bytes(i % 60);
        for (uint8_t& byte : bytes)
        {
            random = random * 1664525 + 1013904223;
            static constexpr uint8_t LIKELY[] = {0, 43, 44, 60, 1, 5, 2, 17};
            byte = (random >> 24) % 4 ? LIKELY[random >> 28 & 7] : random >> 16 & 0xff;
        }
        static constexpr uint8_t FIRST[] = {0, 43, 44, 60};
        const auto packet = Make({"", FIRST[i % 4], bytes, Fate::PASS, 0, 0});
        const NfExthdrResult result = NfWalkExtensionHeaders(*packet, false);
        EXPECT_LE(result.offset, bytes.size());
        NfCheckHopByHop(*packet);
    }
}

} // namespace
} // namespace ns3
