/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

struct ParameterCase
{
    const char* name; //!< without "module.nf_conntrack_"
    const char* initial;
    const char* other;
    const char* bad;
};

class HelperParameterTest : public NfHelperFixture,
                            public testing::WithParamInterface<ParameterCase>
{
};

TEST_P(HelperParameterTest, IsReadWrittenAndBounded)
{
    const ParameterCase& c = GetParam();
    const std::string name = std::string("module.nf_conntrack_") + c.name;
    ASSERT_TRUE(sysctls.Read(name));
    EXPECT_EQ(*sysctls.Read(name), c.initial);
    EXPECT_TRUE(sysctls.Write(name, c.other));
    EXPECT_FALSE(sysctls.Write(name, c.bad));
    EXPECT_EQ(*sysctls.Read(name), c.other);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    HelperParameterTest,
    testing::Values(ParameterCase{"amanda.master_timeout", "300", "60", "-1"},
                    ParameterCase{"ftp.loose", "0", "1", "2"},
                    ParameterCase{"ftp.max_outstanding", "1", "3", "256"},
                    ParameterCase{"ftp.ports", "21", "21,2121", "70000"},
                    ParameterCase{"irc.ports", "6667", "6667,7000", "x"},
                    ParameterCase{"irc.max_dcc_channels", "8", "2", "256"},
                    ParameterCase{"irc.dcc_timeout", "300", "10", "x"},
                    ParameterCase{"netbios_ns.timeout", "3", "7", "4294967296"},
                    ParameterCase{"sane.ports", "6566", "6566,6567", ""},
                    ParameterCase{"sip.ports", "5060", "5060,5061", "5060,"},
                    ParameterCase{"sip.sip_direct_media", "1", "0", "2"},
                    ParameterCase{"sip.sip_direct_signalling", "1", "0", "x"},
                    ParameterCase{"sip.sip_external_media", "0", "1", "2"},
                    ParameterCase{"sip.sip_timeout", "3600", "60", "-1"},
                    ParameterCase{"snmp.timeout", "30", "5", ""},
                    ParameterCase{"tftp.ports", "69", "69,6969", "1,2,3,4,5,6,7,8,9"}),
    [](const auto& info) {
        std::string name = info.param.name;
        std::replace_if(
            name.begin(),
            name.end(),
            [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
            '_');
        return name;
    });

TEST_F(NfTcpHelperFixture, DccChannelsAreBounded)
{
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_irc.max_dcc_channels", "2"));
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    for (const char* port : {"1025", "1026", "1027"})
    {
        FromClient(std::string("PRIVMSG bob :\1DCC CHAT chat 167772162 ") + port + "\1\r\n");
    }
    EXPECT_THAT(Expected(),
                testing::ElementsAre("0.0.0.0 > 10.0.0.2:1026", "0.0.0.0 > 10.0.0.2:1027"));
}

TEST_F(NfTcpHelperFixture, UnregisteredHelperIsForgotten)
{
    Assign("irc", NF_IPPROTO_TCP, 6667);
    Connect("10.0.0.2", "198.51.100.9", 6667);
    FromClient("PRIVMSG bob :\1DCC CHAT chat 167772162 1025\1\r\n");
    ASSERT_THAT(Expected(), testing::SizeIs(1));
    conntrack.UnregisterHelper(*conntrack.FindHelper("irc", NfFamily::IPV4, NF_IPPROTO_TCP));
    EXPECT_THAT(Expected(), testing::IsEmpty());
    EXPECT_EQ(conntrack.FindHelper("irc", NfFamily::IPV4, NF_IPPROTO_TCP), nullptr);
    size_t left = 0;
    conntrack.ForEach([&](NfConn& conn) {
        left++;
        EXPECT_EQ(conn.GetHelper(), nullptr);
    });
    EXPECT_EQ(left, 1U);
}

/// A call whose media goes to a host on the wan.
class SipMediaTest : public NfHelperFixture
{
  protected:
    void Invite(const std::string& media)
    {
        Assign("sip", NF_IPPROTO_UDP, 5060);
        const std::string body = "v=0\r\no=a 1 1 IN IP4 " + media + "\r\ns=-\r\nc=IN IP4 " + media +
                                 "\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
        PassUdp("10.0.0.2",
                5060,
                "198.51.100.9",
                5060,
                "INVITE sip:bob@198.51.100.9 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2\r\n"
                "CSeq: 1 INVITE\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body,
                lan);
    }
};

TEST_F(SipMediaTest, ElsewhereIsNotExpected)
{
    Invite("192.0.2.7");
    EXPECT_THAT(Expected(), testing::IsEmpty());
}

TEST_F(SipMediaTest, ElsewhereIsExpectedWhenAllowed)
{
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_sip.sip_direct_media", "0"));
    Invite("192.0.2.7");
    EXPECT_THAT(Expected(), testing::SizeIs(2));
}

TEST_F(SipMediaTest, ExternalMediaIsNotExpected)
{
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_sip.sip_direct_media", "0"));
    ASSERT_TRUE(sysctls.Write("module.nf_conntrack_sip.sip_external_media", "1"));
    Invite("192.0.2.7");
    EXPECT_THAT(Expected(), testing::IsEmpty());
    Invite("10.0.0.7");
    EXPECT_THAT(Expected(), testing::SizeIs(2));
}

} // namespace
} // namespace ns3
