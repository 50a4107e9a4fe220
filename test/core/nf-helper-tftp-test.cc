/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

struct RequestCase
{
    const char* name;
    std::string_view payload;
    bool expected;
};

class TftpRequestTest : public NfHelperFixture, public testing::WithParamInterface<RequestCase>
{
};

TEST_P(TftpRequestTest, ExpectsTheAnswer)
{
    const RequestCase& c = GetParam();
    Masquerade();
    Assign("tftp", NF_IPPROTO_UDP, 69);
    EXPECT_EQ(PassUdp("10.0.0.2", 5000, "198.51.100.9", 69, c.payload, lan), c.payload);
    if (c.expected)
    {
        EXPECT_THAT(Expected(), ElementsAre("198.51.100.9 > 203.0.113.1:5000"));
    }
    else
    {
        EXPECT_THAT(Expected(), IsEmpty());
    }
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         TftpRequestTest,
                         testing::Values(RequestCase{"Read", {"\0\1f\0octet\0", 10}, true},
                                         RequestCase{"Write", {"\0\2f\0octet\0", 10}, true},
                                         RequestCase{"OpcodeOnly", {"\0\1", 2}, true},
                                         RequestCase{"Data", {"\0\3\0\1", 4}, false},
                                         RequestCase{"OneByte", {"\0", 1}, false},
                                         RequestCase{"Empty", {"", 0}, false}),
                         [](const auto& info) { return info.param.name; });

TEST_F(NfHelperFixture, TftpAnswerReachesTheClient)
{
    Masquerade();
    Assign("tftp", NF_IPPROTO_UDP, 69);
    PassUdp("10.0.0.2", 5000, "198.51.100.9", 69, {"\0\1f", 3}, lan);
    auto data = NfPacketBuilder("198.51.100.9", "203.0.113.1").Udp(3333, 5000).Payload("d").Build();
    ASSERT_TRUE(Forward(*data, wan));
    EXPECT_THAT(*data, testing::AllOf(IsFrom("198.51.100.9:3333"), IsTo("10.0.0.2:5000")));
    EXPECT_EQ(data->ctInfo, NfCtInfo::RELATED);
    EXPECT_THAT(Expected(), IsEmpty());
}

} // namespace
} // namespace ns3
