/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using Builder = NfPacketBuilder;

/// An FTP control connection from lan to wan, greeted in both directions.
class FtpFixture : public NfTcpHelperFixture
{
  protected:
    void Open(bool v6 = false)
    {
        Assign("ftp", NF_IPPROTO_TCP, 21);
        Connect(v6 ? "2001:db8:1::2" : "10.0.0.2", v6 ? "2001:db8:99::9" : "198.51.100.9", 21);
        FromServer("220 hello\r\n");
        FromClient("USER anonymous\r\n");
    }
};

struct CommandCase
{
    const char* name;
    bool fromServer;
    const char* text;
    const char* passed;   //!< as the other side sees it, behind MASQUERADE
    const char* expected; //!< nullptr: none
};

class FtpCommandTest : public FtpFixture, public testing::WithParamInterface<CommandCase>
{
};

TEST_P(FtpCommandTest, IsRewrittenAndExpected)
{
    const CommandCase& c = GetParam();
    Masquerade();
    Open();
    const std::string passed = c.fromServer ? FromServer(c.text) : FromClient(c.text);
    EXPECT_EQ(passed, c.passed ? c.passed : c.text);
    const std::vector<std::string> expected = Expected();
    if (c.expected)
    {
        EXPECT_THAT(expected, testing::ElementsAre(c.expected));
    }
    else
    {
        EXPECT_THAT(expected, testing::IsEmpty());
    }
}

constexpr char BACK[] = "198.51.100.9 > 203.0.113.1:1025";
constexpr char FORTH[] = "10.0.0.2 > 198.51.100.9:1025";

INSTANTIATE_TEST_SUITE_P(
    Cases,
    FtpCommandTest,
    testing::Values(
        CommandCase{"Port", false, "PORT 10,0,0,2,4,1\r\n", "PORT 203,0,113,1,4,1\r\n", BACK},
        CommandCase{"PortLowerCase",
                    false,
                    "port 10,0,0,2,4,1\r\n",
                    "port 203,0,113,1,4,1\r\n",
                    BACK},
        CommandCase{"PortTwoBlanks", false, "PORT  10,0,0,2,4,1\r\n", "drop", nullptr},
        CommandCase{"PortOfAnother", false, "PORT 10,0,0,3,4,1\r\n", nullptr, nullptr},
        CommandCase{"PortWithoutNumbers", false, "PORT\r\n", "drop", nullptr},
        CommandCase{"PortFiveNumbers", false, "PORT 10,0,0,2,4\r\n", "drop", nullptr},
        CommandCase{"PortLetters", false, "PORT 10,0,0,2,a,1\r\n", "drop", nullptr},
        CommandCase{"PortNoReturn", false, "PORT 10,0,0,2,4,1\n", "drop", nullptr},
        CommandCase{"Eprt",
                    false,
                    "EPRT |1|10.0.0.2|1025|\r\n",
                    "EPRT |1|203.0.113.1|1025|\r\n",
                    BACK},
        CommandCase{"EprtOtherDelimiter",
                    false,
                    "EPRT !1!10.0.0.2!1025!\r\n",
                    "EPRT |1|203.0.113.1|1025|\r\n",
                    BACK},
        CommandCase{"EprtDigitDelimiter", false, "EPRT 11110.0.0.2110251\r\n", "drop", nullptr},
        CommandCase{"EprtOtherFamily", false, "EPRT |2|2001:db8::2|1025|\r\n", "drop", nullptr},
        CommandCase{"EprtPortZero", false, "EPRT |1|10.0.0.2|0|\r\n", "drop", nullptr},
        CommandCase{"ClientSays227", false, "227 (198,51,100,9,4,1)\r\n", nullptr, nullptr},
        CommandCase{"Pasv",
                    true,
                    "227 Entering Passive Mode (198,51,100,9,4,1)\r\n",
                    nullptr,
                    FORTH},
        CommandCase{"PasvBare", true, "227 =198,51,100,9,4,1\r\n", nullptr, FORTH},
        CommandCase{"PasvOfAnother", true, "227 x (198,51,100,8,4,1)\r\n", nullptr, nullptr},
        CommandCase{"PasvWithoutNumbers", true, "227 Entering\r\n", "drop", nullptr},
        CommandCase{"PasvOtherCode", true, "226 (198,51,100,9,4,1)\r\n", nullptr, nullptr},
        CommandCase{"Epsv", true, "229 Extended (|||1025|)\r\n", nullptr, FORTH},
        CommandCase{"EpsvAddress", true, "229 Extended (|1|x|1025|)\r\n", "drop", nullptr},
        CommandCase{"OtherLine", false, "LIST\r\n", nullptr, nullptr}),
    [](const auto& info) { return info.param.name; });

TEST_F(FtpFixture, EveryTruncationIsDroppedOrPassesUntouched)
{
    // Only their last character says that the numbers do not go on.
    const std::string lines[] = {"PORT 10,0,0,2,4,1\r", "EPRT |1|10.0.0.2|1025|"};
    Masquerade();
    Open();
    for (const std::string& line : lines)
    {
        for (size_t size = 1; size < line.size(); size++)
        {
            const uint32_t before = seq[0];
            EXPECT_EQ(FromClient(line.substr(0, size)), "drop") << line.substr(0, size);
            seq[0] = before;
            EXPECT_THAT(Expected(), testing::IsEmpty());
        }
    }
}

TEST_F(FtpFixture, RepliesTruncatedAnywhereDoNoHarm)
{
    const std::string lines[] = {"227 Entering Passive Mode (198,51,100,9,4,1)\r\n",
                                 "229 Extended (|||1025|)\r\n"};
    Masquerade();
    Open();
    for (const std::string& line : lines)
    {
        for (size_t size = 1; size < line.size() - 3; size++)
        {
            const uint32_t before = seq[1];
            EXPECT_EQ(FromServer(line.substr(0, size)), "drop") << line.substr(0, size);
            seq[1] = before;
        }
    }
}

TEST_F(FtpFixture, SequenceNumbersFollowTheLongerText)
{
    Masquerade();
    Open();
    const uint32_t first = seq[0];
    FromClient("PORT 10,0,0,2,4,1\r\n");
    auto next = Builder(client, server)
                    .Tcp(1000, 21, "PA")
                    .Seq(seq[0])
                    .Ack(seq[1])
                    .Payload("LIST\r\n")
                    .Build();
    ASSERT_TRUE(Forward(*next, lan));
    EXPECT_EQ(NfReadU32(next->PullTransport(20) + NF_TCP_SEQ), seq[0] + 3);
    EXPECT_THAT(*next, HasValidChecksum());
    auto ack = Builder(server, outside).Tcp(21, 1000, "A").Seq(seq[1]).Ack(first + 22).Build();
    ASSERT_TRUE(Forward(*ack, wan));
    EXPECT_EQ(NfReadU32(ack->PullTransport(20) + NF_TCP_ACKNO), first + 19);
    EXPECT_THAT(*ack, HasValidChecksum());
}

TEST_F(FtpFixture, ExpectedConnectionIsTranslatedToTheClient)
{
    Masquerade();
    Open();
    FromClient("PORT 10,0,0,2,4,1\r\n");
    auto data = Builder(server, outside).Tcp(20, 1025).Seq(9).Build();
    ASSERT_TRUE(Forward(*data, wan));
    EXPECT_THAT(*data, testing::AllOf(IsFrom("198.51.100.9:20"), IsTo("10.0.0.2:1025")));
    EXPECT_EQ(data->conn->GetMaster() != nullptr, true);
    EXPECT_THAT(Expected(), testing::IsEmpty());
    auto answer = Builder(client, server).Tcp(1025, 20, "SA").Seq(8).Ack(10).Build();
    ASSERT_TRUE(Forward(*answer, lan));
    EXPECT_THAT(*answer, IsFrom("203.0.113.1:1025"));
}

TEST_F(FtpFixture, PortTakenByAnotherExpectationMoves)
{
    Masquerade();
    Open();
    FromClient("PORT 10,0,0,2,4,1\r\n");
    ASSERT_THAT(Expected(), testing::ElementsAre(BACK));
    // A second client behind the same address asks for the same port.
    Connect("10.0.0.3", server, 21);
    ASSERT_NE(outsidePort, 1000);
    FromClient("USER anonymous\r\n");
    const std::string passed = FromClient("PORT 10,0,0,3,4,1\r\n");
    EXPECT_EQ(passed.substr(0, 17), "PORT 203,0,113,1,");
    EXPECT_NE(passed, "PORT 203,0,113,1,4,1\r\n");
    EXPECT_EQ(Expected().size(), 2U);
}

TEST_F(FtpFixture, LooseExpectsOtherHosts)
{
    Open();
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_ftp.loose", "1"));
    EXPECT_EQ(FromClient("PORT 10,0,0,77,4,1\r\n"), "PORT 10,0,0,77,4,1\r\n");
    EXPECT_THAT(Expected(), testing::ElementsAre("198.51.100.9 > 10.0.0.77:1025"));
}

TEST_F(FtpFixture, Ipv6AddressesAreWrittenInFull)
{
    Masquerade({}, NfFamily::IPV6);
    Open(true);
    EXPECT_EQ(FromClient("EPRT |2|2001:db8:1::2|1025|\r\n"),
              "EPRT |2|2001:0db8:0002:0000:0000:0000:0000:0001|1025|\r\n");
    EXPECT_THAT(Expected(), testing::ElementsAre("2001:db8:99::9 > 2001:db8:2::1:1025"));
}

TEST_F(FtpFixture, FirstLineOfADirectionIsNotSearched)
{
    Masquerade();
    Open();
    seq[0] += 1000; // a gap: no line ended here
    EXPECT_EQ(FromClient("PORT 10,0,0,2,4,1\r\n"), "PORT 10,0,0,2,4,1\r\n");
    EXPECT_EQ(FromClient("PORT 10,0,0,2,4,1\r\n"), "PORT 203,0,113,1,4,1\r\n");
}

TEST_F(FtpFixture, PortsParameterAddsNames)
{
    EXPECT_EQ(conntrack.FindHelper("ftp-2121", NfFamily::IPV4, 6), nullptr);
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_ftp.ports", "21,2121"));
    EXPECT_NE(conntrack.FindHelper("ftp-2121", NfFamily::IPV4, 6), nullptr);
    EXPECT_EQ(*sysctls.Read("module.nf_conntrack_ftp.ports"), "21,2121");
    EXPECT_FALSE(sysctls.Write("module.nf_conntrack_ftp.ports", "21,x"));
    EXPECT_FALSE(sysctls.Write("module.nf_conntrack_ftp.ports", ""));
}

} // namespace
} // namespace ns3
