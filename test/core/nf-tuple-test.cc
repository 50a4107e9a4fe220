/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/packet/nf-tuple.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

struct AddrCase
{
    const char* name;
    NfFamily family;
    const char* text;
    const char* printed; //!< null: not an address
};

class NfAddrTest : public testing::TestWithParam<AddrCase>
{
};

TEST_P(NfAddrTest, ParsesAndPrints)
{
    const AddrCase& c = GetParam();
    const std::optional<NfAddr> addr = NfAddr::Parse(c.text, c.family);
    ASSERT_EQ(addr.has_value(), c.printed != nullptr);
    if (addr)
    {
        EXPECT_EQ(addr->ToString(c.family), c.printed);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfAddrTest,
    testing::Values(
        AddrCase{"Quad", NfFamily::IPV4, "10.0.0.2", "10.0.0.2"},
        AddrCase{"QuadTooBig", NfFamily::IPV4, "10.0.0.256", nullptr},
        AddrCase{"QuadShort", NfFamily::IPV4, "10.0.0", nullptr},
        AddrCase{"QuadWithPrefix", NfFamily::IPV4, "10.0.0.1/8", nullptr},
        AddrCase{"Empty", NfFamily::IPV4, "", nullptr},
        AddrCase{"LongestZerosShrink", NfFamily::IPV6, "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        AddrCase{"Any", NfFamily::IPV6, "::", "::"},
        AddrCase{"Mapped", NfFamily::IPV6, "::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        AddrCase{"QuadAsIpv6", NfFamily::IPV6, "10.0.0.2", nullptr}),
    [](const auto& info) { return info.param.name; });

TEST(NfAddrTest, PrintsAllGroupsForProc)
{
    EXPECT_EQ(NfAddr::Parse("2001:db8:1::2", NfFamily::IPV6)->ToFullString(),
              "2001:0db8:0001:0000:0000:0000:0000:0002");
}

TEST(NfAddrTest, EmbeddedZeroIsNoAddress)
{
    EXPECT_FALSE(NfAddr::Parse(std::string_view("10.0.0.2\0x", 10), NfFamily::IPV4));
}

TEST(NfPrefixTest, MasksRoundTripForEveryLength)
{
    for (NfFamily family : {NfFamily::IPV4, NfFamily::IPV6})
    {
        for (unsigned length = 0; length <= (family == NfFamily::IPV4 ? 32U : 128U); ++length)
        {
            EXPECT_EQ(NfPrefixLength(family, NfPrefixMask(family, length)), length);
        }
    }
    EXPECT_EQ(NfPrefixMask(NfFamily::IPV4, 20).ToString(NfFamily::IPV4), "255.255.240.0");
    EXPECT_FALSE(NfPrefixLength(NfFamily::IPV4, *NfAddr::Parse("255.0.255.0", NfFamily::IPV4)));
}

} // namespace
} // namespace ns3
