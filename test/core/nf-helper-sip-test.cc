/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/helpers/nf-sip-text.h"
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A phone (10.0.0.2) behind MASQUERADE and its registrar (198.51.100.9), over UDP.
class SipFixture : public NfHelperFixture
{
  protected:
    void Open(bool translated = true)
    {
        if (translated)
        {
            Masquerade();
        }
        Assign("sip", NF_IPPROTO_UDP, 5060);
        Assign("sip", NF_IPPROTO_TCP, 5060);
    }

    /// @param me how the phone is called on that side @param body SDP @param more header lines
    static std::string Message(const std::string& first,
                               const std::string& cseq,
                               const std::string& me,
                               const std::string& more = "",
                               const std::string& body = "")
    {
        return first + "\r\nVia: SIP/2.0/UDP " + me + ":5060;branch=z9hG4bK1\r\nFrom: <sip:al@" +
               me + ":5060>;tag=1\r\nTo: <sip:bob@198.51.100.9>\r\nCall-ID: 1@x\r\nCSeq: " + cseq +
               "\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    static std::string Contact(const std::string& me, const std::string& parameters = "")
    {
        return "Contact: <sip:al@" + me + ":5060>" + parameters + "\r\n";
    }

    static std::string Sdp(const std::string& me, int port)
    {
        return "v=0\r\no=u 1 1 IN IP4 " + me + "\r\ns=-\r\nc=IN IP4 " + me +
               "\r\nt=0 0\r\nm=audio " + std::to_string(port) + " RTP/AVP 0\r\n";
    }

    std::string FromPhone(const std::string& text)
    {
        return PassUdp(PHONE, 5060, REGISTRAR, 5060, text, lan);
    }

    std::string FromRegistrar(const std::string& text)
    {
        return PassUdp(REGISTRAR, 5060, OUTSIDE, 5060, text, wan);
    }

    static constexpr char PHONE[] = "10.0.0.2";
    static constexpr char OUTSIDE[] = "203.0.113.1";
    static constexpr char REGISTRAR[] = "198.51.100.9";
    static constexpr char INVITE[] = "INVITE sip:bob@198.51.100.9 SIP/2.0";
    static constexpr char REGISTER[] = "REGISTER sip:198.51.100.9 SIP/2.0";
};

TEST_F(SipFixture, InviteIsRewrittenAndItsMediaExpected)
{
    Open();
    EXPECT_EQ(FromPhone(Message(INVITE, "1 INVITE", PHONE, Contact(PHONE), Sdp(PHONE, 8000))),
              Message(INVITE, "1 INVITE", OUTSIDE, Contact(OUTSIDE), Sdp(OUTSIDE, 8000)));
    EXPECT_THAT(Expected(),
                ElementsAre("198.51.100.9 > 203.0.113.1:8000", "198.51.100.9 > 203.0.113.1:8001"));
    auto rtp = NfPacketBuilder(REGISTRAR, OUTSIDE).Udp(9000, 8000).Payload("rtp").Build();
    ASSERT_TRUE(Forward(*rtp, wan));
    EXPECT_THAT(*rtp, IsTo("10.0.0.2:8000"));
}

TEST_F(SipFixture, AnswerIsRewrittenForThePhone)
{
    Open();
    FromPhone(Message(INVITE, "1 INVITE", PHONE, "", Sdp(PHONE, 8000)));
    const std::string ok = "SIP/2.0 200 OK";
    EXPECT_EQ(FromRegistrar(Message(ok, "1 INVITE", OUTSIDE, "", Sdp(REGISTRAR, 20000))),
              Message(ok, "1 INVITE", PHONE, "", Sdp(REGISTRAR, 20000)));
    EXPECT_EQ(Expected().size(), 4U);
}

TEST_F(SipFixture, RefusedCallForgetsItsMedia)
{
    Open();
    FromPhone(Message(INVITE, "1 INVITE", PHONE, "", Sdp(PHONE, 8000)));
    FromRegistrar(Message("SIP/2.0 486 Busy Here", "2 INVITE", OUTSIDE));
    EXPECT_EQ(Expected().size(), 2U);
    FromRegistrar(Message("SIP/2.0 486 Busy Here", "1 INVITE", OUTSIDE));
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(SipFixture, ByeForgetsItsMedia)
{
    Open();
    FromPhone(Message(INVITE, "1 INVITE", PHONE, "", Sdp(PHONE, 8000)));
    FromPhone(Message("BYE sip:bob@198.51.100.9 SIP/2.0", "2 BYE", PHONE));
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(SipFixture, RegistrationLetsCallsIn)
{
    Open();
    FromPhone(Message(REGISTER, "7 REGISTER", PHONE, Contact(PHONE, ";expires=600")));
    ASSERT_THAT(Expected(), ElementsAre("198.51.100.9 > 203.0.113.1:5060"));
    auto early = NfPacketBuilder(REGISTRAR, OUTSIDE).Udp(7777, 5060).Payload("x").Build();
    Forward(*early, wan);
    EXPECT_THAT(*early, IsTo("203.0.113.1:5060"));
    FromRegistrar(
        Message("SIP/2.0 200 OK", "7 REGISTER", OUTSIDE, Contact(OUTSIDE, ";expires=600")));
    clock.Advance(std::chrono::seconds(500));
    auto call = NfPacketBuilder(REGISTRAR, OUTSIDE).Udp(7778, 5060).Payload("x").Build();
    ASSERT_TRUE(Forward(*call, wan));
    EXPECT_THAT(*call, IsTo("10.0.0.2:5060"));
    clock.Advance(std::chrono::seconds(101));
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(SipFixture, RegistrationsOfOthersAreNotExpected)
{
    Open();
    FromPhone(Message(REGISTER, "7 REGISTER", PHONE, Contact("10.0.0.77", ";expires=600")));
    EXPECT_THAT(Expected(), IsEmpty());
}

TEST_F(SipFixture, ReleasedRegistrationIsForgotten)
{
    Open();
    FromPhone(Message(REGISTER, "7 REGISTER", PHONE, Contact(PHONE, ";expires=600")));
    FromPhone(Message(REGISTER, "8 REGISTER", PHONE, Contact(PHONE, ";expires=0")));
    FromRegistrar(Message("SIP/2.0 200 OK", "8 REGISTER", OUTSIDE, Contact(OUTSIDE, ";expires=0")));
    EXPECT_THAT(Expected(), IsEmpty());
}

struct BadCase
{
    const char* name;
    const char* text;
    const char* reason;
};

class SipBadTest : public SipFixture, public testing::WithParamInterface<BadCase>
{
};

TEST_P(SipBadTest, IsDroppedAndLogged)
{
    Open();
    EXPECT_EQ(FromPhone(GetParam().text), "drop");
    ASSERT_FALSE(log.GetLines().empty());
    EXPECT_THAT(log.GetLines()[0].text, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    SipBadTest,
    testing::Values(
        BadCase{"NoCseq", "INVITE sip:bob@x SIP/2.0\r\nTo: x\r\n\r\n", "cannot parse cseq"},
        BadCase{"CseqWithoutNumber",
                "INVITE sip:bob@x SIP/2.0\r\nCSeq: INVITE\r\n\r\n",
                "cannot parse cseq"},
        BadCase{"NoCode", "SIP/2.0 abc OK\r\nCSeq: 1 INVITE\r\n\r\n", "cannot get code"},
        BadCase{"LowMediaPort",
                "INVITE sip:bob@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nc=IN IP4 10.0.0.2\r\n"
                "m=audio 80 RTP/AVP 0\r\n",
                "wrong port 80"},
        BadCase{"MediaWithoutAddress",
                "INVITE sip:bob@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 8000 RTP\r\n",
                "cannot parse SDP message"}),
    [](const auto& info) { return info.param.name; });

TEST_F(SipFixture, TruncatedAnywhereDoesNoHarm)
{
    Open();
    const std::string whole =
        Message(INVITE, "1 INVITE", PHONE, Contact(PHONE, ";expires=5"), Sdp(PHONE, 8000));
    const std::string answer =
        Message("SIP/2.0 200 OK", "1 INVITE", OUTSIDE, Contact(OUTSIDE), Sdp(REGISTRAR, 20000));
    for (size_t size = 0; size < whole.size(); size++)
    {
        FromPhone(whole.substr(0, size));
        FromRegistrar(answer.substr(0, std::min(size, answer.size())));
    }
}

TEST(NfSipText, FindsHeadersAsWritten)
{
    const struct
    {
        const char* name;
        const char* text;
        NfSipFound found;
    } cases[] = {
        {"plain", "X\r\nContact: <sip:al@10.0.0.2:5060>\r\n", NfSipFound::YES},
        {"compact", "X\r\nm: <sip:al@10.0.0.2:5060>\r\n", NfSipFound::YES},
        {"compact is a word", "X\r\nmx: <sip:al@10.0.0.2:5060>\r\n", NfSipFound::NO},
        {"lower case", "X\r\ncontact:<sip:10.0.0.2:5060>\r\n", NfSipFound::YES},
        {"line feed", "X\nContact: <sip:al@10.0.0.2:5060>\n", NfSipFound::YES},
        {"first line", "Contact: <sip:al@10.0.0.2:5060>\r\n", NfSipFound::NO},
        {"no colon", "X\r\nContact <sip:al@10.0.0.2:5060>\r\n", NfSipFound::NO},
        {"host name", "X\r\nContact: <sip:al@example.org>\r\n", NfSipFound::NO},
        {"low port", "X\r\nContact: <sip:al@10.0.0.2:80>\r\n", NfSipFound::BAD},
        {"cut off", "X\r\nContact:", NfSipFound::NO},
    };

    for (const auto& c : cases)
    {
        NfSipMatch match;
        const NfSipText text(NfFamily::IPV4, c.text);
        EXPECT_EQ(text.ParseUri(NfSipHeader::CONTACT, match), c.found) << c.name;
        if (c.found == NfSipFound::YES)
        {
            EXPECT_EQ(match.addr.ToString(NfFamily::IPV4), "10.0.0.2") << c.name;
            EXPECT_EQ(match.port, 5060) << c.name;
        }
    }
}

} // namespace
} // namespace ns3
