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

// 10.0.0.2 is 167772162, 203.0.113.1 is 3405803777.
constexpr char LISTENS[] = "0.0.0.0 > 203.0.113.1:1025";

struct DccCase
{
    const char* name;
    const char* text;
    const char* passed; //!< null: unchanged
    bool expected;
};

class IrcDccTest : public NfTcpHelperFixture, public testing::WithParamInterface<DccCase>
{
};

TEST_P(IrcDccTest, IsRewrittenAndExpected)
{
    const DccCase& c = GetParam();
    Masquerade();
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    EXPECT_EQ(FromClient(c.text), c.passed ? c.passed : c.text);
    if (c.expected)
    {
        EXPECT_THAT(Expected(), ElementsAre(LISTENS));
    }
    else
    {
        EXPECT_THAT(Expected(), IsEmpty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    IrcDccTest,
    testing::Values(
        DccCase{"Send",
                "PRIVMSG bob :\1DCC SEND f.txt 167772162 1025 77\1\r\n",
                "PRIVMSG bob :\1DCC SEND f.txt 3405803777 1025 77\1\r\n",
                true},
        DccCase{"Chat",
                "PRIVMSG bob :\1DCC CHAT chat 167772162 1025\1\r\n",
                "PRIVMSG bob :\1DCC CHAT chat 3405803777 1025\1\r\n",
                true},
        DccCase{"LowerCaseCommand",
                "privmsg bob :\1DCC CHAT chat 167772162 1025\1\r\n",
                "privmsg bob :\1DCC CHAT chat 3405803777 1025\1\r\n",
                true},
        DccCase{"OwnOutsideAddress",
                "PRIVMSG bob :\1DCC CHAT chat 3405803777 1025\1\r\n",
                nullptr,
                true},
        DccCase{"AnotherHost", "PRIVMSG bob :\1DCC CHAT chat 167772163 1025\1\r\n", nullptr, false},
        DccCase{"PortZero", "PRIVMSG bob :\1DCC CHAT chat 167772162 0\1\r\n\r\n", nullptr, false},
        DccCase{"NoNewline", "PRIVMSG bob :\1DCC CHAT chat 167772162 1025\1", nullptr, false},
        DccCase{"UnknownCommand",
                "PRIVMSG bob :\1DCC RESUME f 167772162 1025\1\r\n",
                nullptr,
                false},
        DccCase{"Notice", "NOTICE bob :\1DCC CHAT chat 167772162 1025\1\r\n", nullptr, false},
        DccCase{"NoMessage", "PRIVMSG bob hello and a few words\r\n", nullptr, false}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfTcpHelperFixture, IrcTruncatedAnywhereDoesNoHarm)
{
    const std::string line = "PRIVMSG bob :\1DCC CHAT chat 167772162 1025\1\r\n";
    Masquerade();
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    for (size_t size = 0; size < line.size(); size++)
    {
        EXPECT_EQ(FromClient(line.substr(0, size)), line.substr(0, size));
        EXPECT_THAT(Expected(), IsEmpty());
    }
}

TEST_F(NfTcpHelperFixture, IrcServersAreNotSearched)
{
    Masquerade();
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    FromServer("PRIVMSG al :\1DCC CHAT chat 3325256713 1025\1\r\n");
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(NfTcpHelperFixture, IrcForgeryIsLogged)
{
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    FromClient("PRIVMSG bob :\1DCC CHAT chat 167772163 1025\1\r\n");
    ASSERT_EQ(log.GetLines().size(), 1U);
    EXPECT_EQ(log.GetLines()[0].text,
              "nf_conntrack_irc: Forged DCC command from 10.0.0.2: 10.0.0.3:1025");
}

} // namespace
} // namespace ns3
