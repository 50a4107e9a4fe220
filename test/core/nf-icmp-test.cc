/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-icmp.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

std::vector<uint8_t>
Zeros(size_t n)
{
    return std::vector<uint8_t>(n);
}

/// What is asked of NfIcmp in a case.
struct Request
{
    enum
    {
        ERROR,
        REJECT,
        RESET,
        ECHO_REPLY,
    } kind;

    NfIcmpError error;
};

Request
Error(NfIcmpError error)
{
    return {Request::ERROR, error};
}

Request
Reject(NfIcmpError error)
{
    return {Request::REJECT, error};
}

Request
Reset()
{
    return {Request::RESET, {}};
}

Request
Echo()
{
    return {Request::ECHO_REPLY, {}};
}

class NfIcmpTest : public testing::Test
{
  protected:
    NfIcmpTest()
        : lan(stack.AddDevice("lan")),
          wan(stack.AddDevice("wan"))
    {
        stack.AddAddress(lan, "10.0.0.1/24");
        stack.AddAddress(lan, "2001:db8:1::1/64");
        stack.AddAddress(wan, "203.0.113.1/24");
        stack.AddAddress(wan, "2001:db8:2::1/64");
        stack.AddRoute("0.0.0.0/0", wan, *NfAddr::Parse("203.0.113.254", NfFamily::IPV4));
        stack.AddRoute("::/0", wan, *NfAddr::Parse("2001:db8:2::fe", NfFamily::IPV6));
        icmp.AddSysctls(sysctls);
    }

    std::unique_ptr<NfPacket> Ask(NfPacket& offender, const Request& request)
    {
        switch (request.kind)
        {
        case Request::ERROR:
            return icmp.MakeError(offender, request.error, &lan);
        case Request::REJECT:
            return icmp.MakeReject(offender, request.error, &lan);
        case Request::RESET:
            return icmp.MakeReset(offender);
        default:
            return icmp.MakeEchoReply(offender, &lan);
        }
    }

    NfManualStack stack;
    NfManualClock clock;
    NfCounters counters;
    NfSysctls sysctls;
    NfIcmp icmp{stack, clock, counters};
    NfDevice& lan;
    NfDevice& wan;
};

struct AnswerCase
{
    const char* name;
    Request request;
    NfPacketBuilder offender;
    const char* hex; //!< what the kernel sent, "" for nothing
};

class NfIcmpAnswerTest : public NfIcmpTest, public testing::WithParamInterface<AnswerCase>
{
  protected:
    /// The identification and the flow label are the sender's choice.
    static std::string WithoutChoices(std::unique_ptr<NfPacket> packet)
    {
        if (!packet)
        {
            return "";
        }
        packet->MutableIp().flowLabel = 0;
        if (!packet->GetIp().dontFragment && packet->GetFamily() == NfFamily::IPV4)
        {
            packet->MutableIp().id = 0;
        }
        return NfHex(packet->Serialize());
    }
};

TEST_P(NfIcmpAnswerTest, IsTheKernels)
{
    const AnswerCase& c = GetParam();
    auto offender = c.offender.Build();
    auto answer = Ask(*offender, c.request);
    // Long quotes are recorded by their beginning; the checksums behind it cover the rest.
    std::vector<uint8_t> expected = NfUnhex(c.hex);
    if (!expected.empty())
    {
        const size_t length =
            expected[0] >> 4 == 6 ? 40U + NfReadU16(&expected[4]) : NfReadU16(&expected[2]);
        expected.resize(length);
    }
    EXPECT_EQ(WithoutChoices(std::move(answer)), WithoutChoices(NfPacket::Parse(expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfIcmpAnswerTest,
    testing::Values(
        AnswerCase{"Udp6",
                   Reject({1, 4, 0}),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Udp(5000, 100)
                       .Payload("abcdefgh")
                       .Ttl(63),
                   "600786cc00403a4020010db800010000000000000000000120010db800010000000000000000000"
                   "2010431dc000000006000"
                   "00000010113f20010db800010000000000000000000220010db8000900000000000000000009138"
                   "800640010fec561626364"
                   "65666768"},
        AnswerCase{"Big6IsQuotedTo1280",
                   Reject({1, 4, 0}),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Udp(5000, 100)
                       .PayloadBytes(Zeros(1240))
                       .Tos(0xb9)
                       .Ttl(63),
                   "600786cc04d83a4020010db800010000000000000000000120010db800010000000000000000000"
                   "2010421b4000000006b90"
                   "000004e0113f20010db800010000000000000000000220010db8000900000000000000000009138"
                   "8006404e086bb"},
        AnswerCase{"BadChecksum6",
                   Reject({1, 4, 0}),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Udp(5000, 100)
                       .Payload("x")
                       .Checksum(0xbad)
                       .Ttl(63),
                   ""},
        AnswerCase{"TooBig6",
                   Error(NfPacketTooBig(NfFamily::IPV6, 1300)),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(1400)),
                   "600a87f204d83a4020010db800010000000000000000000120010db800010000000000000000000"
                   "202002733000005146000"
                   "00000580114020010db800010000000000000000000220010db8000900000000000000000009138"
                   "800c805808517"},
        AnswerCase{"TimeExceeded6",
                   Error(NfTimeExceeded(NfFamily::IPV6)),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(20))
                       .Ttl(1),
                   "6008aaf8004c3a4020010db800010000000000000000000120010db800010000000000000000000"
                   "203003012000000006000"
                   "0000001c110120010db800010000000000000000000220010db8000900000000000000000009138"
                   "800c8001c8fdf"},
        AnswerCase{"Port6",
                   Error(NfPortUnreachable(NfFamily::IPV6)),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:1::1")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(20)),
                   "600786cc004c3a4020010db800010000000000000000000120010db800010000000000000000000"
                   "2010431cf000000006000"
                   "0000001c114020010db800010000000000000000000220010db8000100000000000000000001138"
                   "800c8001c8fef"},
        AnswerCase{"PortOfOtherAddress6",
                   Error(NfPortUnreachable(NfFamily::IPV6)),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:2::1")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(20)),
                   "600eeef5004c3a4020010db800020000000000000000000120010db800010000000000000000000"
                   "2010431ce000000006000"
                   "0000001c114020010db800010000000000000000000220010db8000200000000000000000001138"
                   "800c8001c8fee"},
        AnswerCase{"Protocol6",
                   Error(NfProtocolUnreachable(NfFamily::IPV6, 6)),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:2::1").Raw(99, Zeros(20)),
                   "60013da600443a4020010db800020000000000000000000120010db800010000000000000000000"
                   "204018135000000066000"
                   "00000014634020010db800010000000000000000000220010db8000200000000000000000001"},
        AnswerCase{"NoChecksumKnown6",
                   Reject({1, 0, 0}),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9").Raw(99, Zeros(20)).Ttl(63),
                   ""},
        AnswerCase{"ResetOfSyn6",
                   Reset(),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Tcp(1000, 80, "S")
                       .Seq(100)
                       .Window(1000)
                       .Ttl(63),
                   "600000000014064020010db800090000000000000000000920010db800010000000000000000000"
                   "2005003e8000000000000"
                   "0065501400004fad"},
        AnswerCase{"ResetOfData6",
                   Reset(),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Tcp(1000, 80, "PA")
                       .Seq(100)
                       .Ack(700)
                       .Window(1000)
                       .Payload("hello")
                       .Tos(0x28)
                       .Ttl(63),
                   "600000000014064020010db800090000000000000000000920010db800010000000000000000000"
                   "2005003e8000002bc0000"
                   "0000500400004d66"},
        AnswerCase{"NoResetOfReset6",
                   Reset(),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Tcp(1000, 80, "R")
                       .Seq(100)
                       .Window(1000)
                       .Ttl(63),
                   ""},
        AnswerCase{"ResetOfFin6",
                   Reset(),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .Tcp(1000, 80, "F")
                       .Seq(100)
                       .Window(1000)
                       .Payload("hello")
                       .Ttl(63),
                   "600000000014064020010db800090000000000000000000920010db800010000000000000000000"
                   "2005003e8000000000000"
                   "006a501400004fa8"},
        AnswerCase{"Echo6",
                   Reject({1, 1, 0}),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                       .EchoRequest(3, 1)
                       .PayloadSize(20)
                       .Ttl(63),
                   "600208a1004c3a4020010db800010000000000000000000120010db800010000000000000000000"
                   "2010108fc000000006000"
                   "0000001c3a3f20010db800010000000000000000000220010db8000900000000000000000009800"
                   "0c9b90003000100010203"
                   "0405060708090a0b0c0d0e0f10111213"},
        AnswerCase{
            "NoErrorOfError6",
            Reject({1, 1, 0}),
            NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                .Icmp(1)
                .PayloadBytes(NfPacketBuilder("2001:db8:9::9", "2001:db8:1::2").Udp(1, 2).Bytes())
                .Ttl(63),
            ""},
        AnswerCase{"EchoReply6",
                   Echo(),
                   NfPacketBuilder("2001:db8:1::2", "2001:db8:1::1")
                       .EchoRequest(3, 1)
                       .PayloadSize(20)
                       .Tos(0x28)
                       .FlowLabel(5),
                   "62823656001c3a4020010db800010000000000000000000120010db800010000000000000000000"
                   "28100c8c9000300010001"
                   "02030405060708090a0b0c0d0e0f10111213"},
        AnswerCase{"TosOfErrors",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Udp(5000, 100)
                       .PayloadBytes(Zeros(20))
                       .Tos(0xb9)
                       .Ttl(63),
                   "45d8004c9d8500004001c8510a0000010a000002030331690000000045b90030000000003f1146c"
                   "60a000002c63364091388"
                   "0064001cb78b"},
        AnswerCase{"NoUdpChecksum",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Udp(5000, 100)
                       .PayloadBytes(Zeros(20))
                       .Checksum(0)
                       .Ttl(63),
                   "45c0004c9d8600004001c8680a0000010a0000020303e8f40000000045000030000000003f11477"
                   "f0a000002c63364091388"
                   "0064001c"},
        AnswerCase{"NoChecksumKnown",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(99, {1, 2}).Ttl(63),
                   ""},
        AnswerCase{"SumHappensToBeRight",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(99, {0xff, 0xff}).Ttl(63),
                   "45c000329d8700004001c8810a0000010a0000020303fcfc0000000045000016000000003f63474"
                   "70a000002c6336409ffff"},
        AnswerCase{"GreIsNotSummed",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(47, {1, 2}).Ttl(63),
                   "45c000329d8900004001c87f0a0000010a0000020303fbfa0000000045000016000000003f2f477"
                   "b0a000002c63364090102"},
        AnswerCase{
            "Echo",
            Reject({3, 3, 0}),
            NfPacketBuilder("10.0.0.2", "198.51.100.9").EchoRequest(7, 1).PayloadSize(9).Ttl(63),
            "45c000419d8a00004001c86f0a0000010a0000020303fcfc0000000045000025000000003f01479a0a0000"
            "02c63364090800"
            "e3e700070001000102030405060708"},
        AnswerCase{"NoErrorOfError",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Icmp(3)
                       .PayloadBytes(NfPacketBuilder("198.51.100.9", "10.0.0.2").Udp(1, 2).Bytes())
                       .Ttl(63),
                   ""},
        AnswerCase{"NoErrorOfUnknownIcmp",
                   Reject({3, 3, 0}),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9").Icmp(77).Ttl(63),
                   ""},
        AnswerCase{
            "NoErrorOfBroadcast",
            Error(NfPortUnreachable(NfFamily::IPV4)),
            NfPacketBuilder("10.0.0.2", "203.0.113.255").Udp(5000, 100).PayloadBytes(Zeros(20)),
            ""},
        AnswerCase{"TimeExceeded",
                   Error(NfTimeExceeded(NfFamily::IPV4)),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(20))
                       .Ttl(1),
                   "45c0004c9d8e00004001c8600a0000010a0000020b00296c0000000045000030000000000111857"
                   "f0a000002c63364091388"
                   "00c8001cb727"},
        AnswerCase{"FragmentationNeeded",
                   Error(NfPacketTooBig(NfFamily::IPV4, 1300)),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Udp(5000, 200)
                       .PayloadBytes(Zeros(1400))
                       .DontFragment(),
                   "45c002409d8f00004001c66b0a0000010a000002030431b80000051445000594000040004011011"
                   "b0a000002c63364091388"
                   "00c80580ac5f"},
        AnswerCase{"ProtocolOfOtherAddress",
                   Error(NfProtocolUnreachable(NfFamily::IPV4)),
                   NfPacketBuilder("10.0.0.2", "203.0.113.1").Raw(99, Zeros(20)).Tos(0xff),
                   "45de0044e851000040014b86cb0071010a0000020302fcfd0000000045ff0028000000004063337"
                   "10a000002cb007101"},
        AnswerCase{
            "EchoReply",
            Echo(),
            NfPacketBuilder("10.0.0.2", "10.0.0.1").EchoRequest(7, 1).PayloadSize(9).Tos(0xff),
            "45ff00259d9000004001c8460a0000010a0000020000ebe700070001000102030405060708"},
        AnswerCase{"ResetOfSynFin",
                   Reset(),
                   NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Tcp(1000, 80, "SF")
                       .Seq(100)
                       .Payload("abc")
                       .Ttl(63),
                   "450000280000400040060692c63364090a000002005003e800000000000000695014000076f1"}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfIcmpTest, NoErrorWhereNobodyCouldBeMeant)
{
    const std::vector<NfPacketBuilder> none = {
        NfPacketBuilder("10.0.0.2", "198.51.100.9")
            .Udp(1, 2)
            .PayloadSize(64)
            .Fragment(16, 16, true),
        NfPacketBuilder("0.0.0.0", "198.51.100.9").Udp(1, 2),
        NfPacketBuilder("224.0.0.5", "198.51.100.9").Udp(1, 2),
        NfPacketBuilder("10.0.0.2", "255.255.255.255").Udp(1, 2),
        NfPacketBuilder("10.0.0.2", "224.0.0.5").Udp(1, 2),
        NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(NF_IPPROTO_ICMP),
        NfPacketBuilder("::", "2001:db8:9::9").Udp(1, 2),
        NfPacketBuilder("2001:db8:1::2", "ff0e::1").Udp(1, 2),
        NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9").Raw(NF_IPPROTO_ICMPV6),
    };
    for (const NfPacketBuilder& builder : none)
    {
        auto offender = builder.Build();
        const NfFamily family = offender->GetFamily();
        EXPECT_FALSE(icmp.MakeError(*offender, NfTimeExceeded(family), &lan))
            << testing::PrintToString(*offender);
    }
    auto broadcast = NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).Build();
    broadcast->packetType = 1;
    EXPECT_FALSE(icmp.MakeError(*broadcast, NfTimeExceeded(NfFamily::IPV4), &lan));
}

TEST_F(NfIcmpTest, Ipv6PacketTooBigGoesToSendersOfMulticastToo)
{
    auto offender = NfPacketBuilder("2001:db8:1::2", "ff0e::1").Udp(1, 2).Build();
    auto error = icmp.MakeError(*offender, NfPacketTooBig(NfFamily::IPV6, 1280), &lan);
    ASSERT_TRUE(error);
    EXPECT_THAT(*error, testing::AllOf(IsFrom("2001:db8:1::1"), IsIcmp(2, 0), HasValidChecksum()));
}

TEST_F(NfIcmpTest, ErrorAboutAFirstFragmentIsMade)
{
    auto first = NfPacketBuilder("10.0.0.2", "10.0.0.1")
                     .Udp(1, 2)
                     .PayloadSize(64)
                     .Fragment(0, 16, true)
                     .Build();
    icmp.OnFragmentTimeout(*first, &lan, NfFragUser::CONNTRACK_IN);
    ASSERT_EQ(stack.sent.size(), 1U);
    EXPECT_THAT(*stack.sent[0], testing::AllOf(IsFrom("10.0.0.1"), IsIcmp(11, 1)));
    auto passing = NfPacketBuilder("10.0.0.2", "198.51.100.9")
                       .Udp(1, 2)
                       .PayloadSize(64)
                       .Fragment(0, 16, true)
                       .Build();
    icmp.OnFragmentTimeout(*passing, &lan, NfFragUser::CONNTRACK_IN);
    EXPECT_EQ(stack.sent.size(), 1U) << "only an end host tells (RFC 792)";
    auto passing6 = NfPacketBuilder("2001:db8:1::2", "2001:db8:9::9")
                        .Udp(1, 2)
                        .PayloadSize(64)
                        .Fragment(0, 16, true)
                        .Build();
    icmp.OnFragmentTimeout(*passing6, &lan, NfFragUser::CONNTRACK_IN);
    EXPECT_EQ(stack.sent.size(), 2U) << "IPv6 always tells";
}

TEST_F(NfIcmpTest, DamagedEchoRequestIsNotAnswered)
{
    for (const auto& [src, dst] :
         {std::pair("10.0.0.2", "10.0.0.1"), std::pair("2001:db8:1::2", "2001:db8:1::1")})
    {
        auto request = NfPacketBuilder(src, dst).EchoRequest(1).BadChecksum().Build();
        EXPECT_FALSE(icmp.MakeEchoReply(*request, &lan));
    }
}

TEST_F(NfIcmpTest, NoRouteBackNoAnswer)
{
    NfManualStack isolated;
    NfIcmp silent(isolated, clock, counters);
    auto offender = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1, 2).Build();
    EXPECT_FALSE(silent.MakeError(*offender, NfNoRoute(NfFamily::IPV4), nullptr));
    EXPECT_FALSE(silent.MakeReset(*offender));
}

TEST_F(NfIcmpTest, ErrorsToOneHostAreLimited)
{
    const auto send = [&](const char* src) {
        auto offender = NfPacketBuilder(src, "198.51.100.9").Udp(1, 2).Build();
        return icmp.MakeError(*offender, NfPortUnreachable(NfFamily::IPV4), &lan) != nullptr;
    };
    int sent = 0;
    for (int i = 0; i < 20; ++i)
    {
        sent += send("10.0.0.2");
    }
    EXPECT_EQ(sent, 6);
    EXPECT_EQ(counters.Get("icmp-ratelimited"), 14U);
    EXPECT_TRUE(send("10.0.0.3"));
    clock.Advance(std::chrono::milliseconds(1500));
    EXPECT_TRUE(send("10.0.0.2"));
    EXPECT_FALSE(send("10.0.0.2"));
    auto big = NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).Build();
    EXPECT_TRUE(icmp.MakeError(*big, NfPacketTooBig(NfFamily::IPV4, 1000), &lan))
        << "never limited";
    EXPECT_TRUE(sysctls.Write("net.ipv4.icmp_ratelimit", "0"));
    EXPECT_TRUE(send("10.0.0.2"));
}

TEST_F(NfIcmpTest, EveryTruncatedSegmentIsHarmless)
{
    for (NfFamily family : {NfFamily::IPV4, NfFamily::IPV6})
    {
        const bool v6 = family == NfFamily::IPV6;
        auto whole = NfPacketBuilder(v6 ? "2001:db8:1::2" : "10.0.0.2",
                                     v6 ? "2001:db8:9::9" : "198.51.100.9")
                         .Tcp(1, 2)
                         .Build();
        whole->MakeTransportWritable(20)[NF_TCP_DOFF] = 0xf0;
        NfChecksumWrite(*whole);
        const NfBytes all = whole->PullTransportAll();
        for (size_t size = 0; size <= all.size(); ++size)
        {
            auto cut = NfPacket::Make(family, whole->GetIp(), {all.begin(), all.begin() + size});
            icmp.MakeReset(*cut);
            icmp.MakeReject(*cut, NfPortUnreachable(family), &lan);
            icmp.MakeEchoReply(*cut, &lan);
        }
        EXPECT_TRUE(icmp.MakeReset(*whole)) << "header length past the end: the kernel answers too";
    }
}

} // namespace
} // namespace ns3
