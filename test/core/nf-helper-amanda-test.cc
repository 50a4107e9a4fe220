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

constexpr uint16_t PORT = 10080;

struct AnswerCase
{
    const char* name;
    std::string_view text;
    std::vector<int> ports;
};

class AmandaTest : public NfHelperFixture, public testing::WithParamInterface<AnswerCase>
{
  protected:
    std::string Ask(const std::string& client)
    {
        Assign("amanda", NF_IPPROTO_UDP, PORT);
        return PassUdp(client, 1000, "198.51.100.9", PORT, "SERVICE sendbackup\n", lan);
    }

    std::string Answer(std::string_view text, const std::string& to)
    {
        return PassUdp("198.51.100.9", PORT, to, 1000, text, wan);
    }
};

TEST_P(AmandaTest, AnswerNamesPorts)
{
    const AnswerCase& c = GetParam();
    Ask("10.0.0.2");
    EXPECT_EQ(Answer(c.text, "10.0.0.2"), c.text);
    std::vector<std::string> wanted;
    for (int port : c.ports)
    {
        wanted.push_back("10.0.0.2 > 198.51.100.9:" + std::to_string(port));
    }
    EXPECT_EQ(Expected(), wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    AmandaTest,
    testing::Values(
        AnswerCase{"Three", "CONNECT DATA 1108 MESG 1109 INDEX 1110\n", {1108, 1109, 1110}},
        AnswerCase{"State", "x CONNECT STATE 7 \n", {7}},
        AnswerCase{"NoLineEnd", "CONNECT DATA 1108", {}},
        AnswerCase{"PortZeroEndsIt", "CONNECT DATA 0 MESG 1109\n", {}},
        AnswerCase{"FiveDigits", "CONNECT DATA 123456\n", {12345}},
        AnswerCase{"Overflow", "CONNECT DATA 99999\n", {99999 & 0xffff}},
        AnswerCase{"NextLine", "CONNECT DATA 31\nMESG 33\n", {31}},
        AnswerCase{"LowerCase", "connect data 12\n", {}},
        AnswerCase{"Empty", "", {}}),
    [](const auto& info) { return info.param.name; });

TEST_F(AmandaTest, TruncatedAnywhereDoesNoHarm)
{
    Ask("10.0.0.2");
    const std::string answer = "CONNECT DATA 1108 MESG 1109 INDEX 1110\n";
    for (size_t size = 0; size < answer.size(); size++)
    {
        EXPECT_EQ(Answer(answer.substr(0, size), "10.0.0.2"), answer.substr(0, size));
    }
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(AmandaTest, DataReachesTheClientBehindNat)
{
    Dnat("203.0.113.1", Range("10.0.0.9"));
    Assign("amanda", NF_IPPROTO_UDP, PORT);
    PassUdp("198.51.100.9", 1000, "203.0.113.1", PORT, "SERVICE\n", wan);
    EXPECT_EQ(PassUdp("10.0.0.9", PORT, "198.51.100.9", 1000, "CONNECT DATA 1108\n", lan),
              "CONNECT DATA 1108\n");
    auto syn = NfPacketBuilder("198.51.100.9", "203.0.113.1").Tcp(2000, 1108).Build();
    ASSERT_TRUE(Forward(*syn, wan));
    EXPECT_EQ(syn->ctInfo, NfCtInfo::RELATED);
    EXPECT_THAT(*syn, IsTo("10.0.0.9:1108"));
}

/// SANE: what the answer to the last START names.
class SaneTest : public NfTcpHelperFixture
{
  protected:
    void Open()
    {
        Assign("sane", NF_IPPROTO_TCP, 6566);
        Connect("10.0.0.2", "198.51.100.9", 6566);
    }

    static std::string Words(std::initializer_list<uint32_t> words)
    {
        std::string text;
        for (uint32_t w : words)
        {
            uint8_t bytes[4];
            NfWriteU32(bytes, w);
            text.append(bytes, bytes + 4);
        }
        return text;
    }
};

TEST_F(SaneTest, AnswerToStartNamesThePort)
{
    Open();
    FromServer(Words({0, 2221})); // of nothing
    EXPECT_THAT(Expected(), IsEmpty());
    FromClient(Words({7, 0}));
    FromServer(Words({0, 2222, 0x1234}));
    EXPECT_THAT(Expected(), ElementsAre("10.0.0.2 > 198.51.100.9:2222"));
    FromServer(Words({0, 2223})); // only the first answer counts
    EXPECT_THAT(Expected(), ElementsAre("10.0.0.2 > 198.51.100.9:2222"));
}

TEST_F(SaneTest, OtherAnswersAndRequestsExpectNothing)
{
    Open();
    for (const auto& request : {Words({7, 0, 1}), Words({7}), Words({8, 0}), std::string("x")})
    {
        FromClient(request);
        FromServer(Words({0, 2222}));
    }
    for (const auto& answer : {Words({1, 2222}), Words({0}), Words({0, 0x12345})})
    {
        FromClient(Words({7, 0}));
        FromServer(answer);
    }
    EXPECT_THAT(Expected(), IsEmpty());
}

} // namespace
} // namespace ns3
