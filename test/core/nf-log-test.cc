/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-log.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

NfHookState
In(const NfDevice& device)
{
    return {NfFamily::IPV4, NfHook::FORWARD, &device, nullptr};
}

struct LogCase
{
    const char* name;
    NfPacketBuilder builder;
    uint8_t flags;
    const char* text; //!< behind "IN=lan OUT= MAC= "
};

class NfLogPacketTest : public testing::TestWithParam<LogCase>
{
};

TEST_P(NfLogPacketTest, ReadsAsTheKernelWrites)
{
    NfDevice lan;
    lan.name = "lan";
    auto packet = GetParam().builder.Build();
    EXPECT_EQ(NfLogPacketText(*packet, In(lan), "", GetParam().flags),
              std::string("IN=lan OUT= MAC= ") + GetParam().text);
}

const NfPacketBuilder V4("10.0.0.2", "198.51.100.9");
const NfPacketBuilder V6("2001:db8::1", "2001:db8::2");

NfPacketBuilder
From(const NfPacketBuilder& base)
{
    return base;
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfLogPacketTest,
    testing::Values(
        LogCase{"Udp",
                From(V4).Udp(5000, 53).Payload("x").Id(1),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=29 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP "
                "SPT=5000 DPT=53 LEN=9 "},
        LogCase{
            "TcpWithNumbers",
            From(V4).Tcp(1000, 80, "AP").Seq(50000).Ack(501).Window(1000).Tos(0xb9).DontFragment(),
            NF_LOG_TCPSEQ,
            "SRC=10.0.0.2 DST=198.51.100.9 LEN=40 TOS=0x18 PREC=0xA0 TTL=64 ID=0 DF PROTO=TCP "
            "SPT=1000 DPT=80 SEQ=50000 ACK=501 WINDOW=1000 RES=0x00 ACK PSH URGP=0 "},
        LogCase{"TcpOptions",
                From(V4).Tcp(1, 2, "S").TcpOptions({2, 4, 5, 0xb4}),
                NF_LOG_TCPOPT,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=44 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP "
                "SPT=1 DPT=2 WINDOW=65535 RES=0x00 SYN URGP=0 OPT (020405B4) "},
        LogCase{"IpOptions",
                From(V4).Udp(1, 2).IpOptions({1, 1, 1, 0}),
                NF_LOG_IPOPT,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=32 TOS=0x00 PREC=0x00 TTL=64 ID=0 OPT "
                "(01010100) PROTO=UDP SPT=1 DPT=2 LEN=8 "},
        LogCase{"Echo",
                From(V4).EchoRequest(7, 2).Mark(0x1f),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=ICMP "
                "TYPE=8 CODE=0 ID=7 SEQ=2 MARK=0x1f "},
        LogCase{"LaterFragment",
                From(V4).Udp(1, 2).PayloadSize(40).Fragment(16, 8, true, 3),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=3 MF FRAG:2 "
                "PROTO=UDP "},
        LogCase{"QuotedOnce",
                From(V4).Icmp(3, 4, 1280).PayloadBytes(From(V4).Udp(1, 2).Bytes()),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=56 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=ICMP "
                "TYPE=3 CODE=4 "
                "[SRC=10.0.0.2 DST=198.51.100.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=UDP "
                "SPT=1 DPT=2 LEN=8 ] MTU=1280 "},
        LogCase{"IncompleteHasNoMark",
                From(V4).Raw(NF_IPPROTO_TCP, {1, 2, 3}).Mark(1),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=23 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP "
                "INCOMPLETE [3 bytes] "},
        LogCase{
            "TcpReservedBits",
            From(V4).Raw(NF_IPPROTO_TCP, NfUnhex("03e80050 00000001 00000000 5fff0001 00000000")),
            0,
            "SRC=10.0.0.2 DST=198.51.100.9 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP "
            "SPT=1000 DPT=80 WINDOW=1 RES=0x38 AE CWR ECE URG ACK PSH RST SYN FIN URGP=0 "},
        LogCase{"ShortRedirect",
                From(V4).Raw(NF_IPPROTO_ICMP, NfUnhex("0500f7ff0000000000")),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=29 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=ICMP "
                "TYPE=5 CODE=0 INCOMPLETE [9 bytes] "},
        LogCase{"Authentication",
                From(V4).Raw(NF_IPPROTO_AH, NfUnhex("04000000000000010000000200ff")),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=34 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=AH "
                "SPI=0x1 "},
        LogCase{"Authentication6",
                From(V6).Raw(NF_IPPROTO_AH, NfUnhex("11010000000000010000000200010002")),
                NF_LOG_IPOPT,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=56 TC=0 HOPLIMIT=64 FLOWLBL=0 OPT "
                "( AH SPI=0x1 ) PROTO=UDP INCOMPLETE [4 bytes] "},
        LogCase{"OptionInLaterFragment6",
                From(V6).Raw(NF_IPPROTO_FRAGMENT, NfUnhex("3c000009000000071100000000000000")),
                NF_LOG_IPOPT,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=56 TC=0 HOPLIMIT=64 FLOWLBL=0 OPT "
                "( FRAG:8 INCOMPLETE ID:00000007 ) OPT ( )"},
        LogCase{"Esp6",
                From(V6).Raw(NF_IPPROTO_ESP, NfUnhex("0001000200080000")),
                NF_LOG_IPOPT,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 OPT "
                "( ESP SPI=0x10002 )"},
        LogCase{"TruncatedOption6",
                From(V6).Raw(NF_IPPROTO_DSTOPTS, NfUnhex("11")),
                0,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=41 TC=0 HOPLIMIT=64 FLOWLBL=0 "
                "TRUNCATED"},
        LogCase{"OtherProtocol",
                From(V4).Raw(89),
                0,
                "SRC=10.0.0.2 DST=198.51.100.9 LEN=20 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=89 "},
        LogCase{"Udp6",
                From(V6).Udp(5000, 53).FlowLabel(0x12345).Tos(0x20),
                0,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=48 TC=32 HOPLIMIT=64 "
                "FLOWLBL=74565 PROTO=UDP SPT=5000 DPT=53 LEN=8 "},
        LogCase{"Fragment6",
                From(V6).Udp(1, 2).PayloadSize(40).Fragment(8, 8, true, 0xabc),
                0,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=56 TC=0 HOPLIMIT=64 FLOWLBL=0 "
                "FRAG:8 INCOMPLETE ID:00000abc PROTO=UDP "},
        LogCase{"Echo6",
                From(V6).EchoRequest(7, 1),
                0,
                "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 "
                "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 "
                "PROTO=ICMPv6 TYPE=128 CODE=0 ID=7 SEQ=1 "}),
    [](const auto& info) { return info.param.name; });

TEST(NfLogPacketTest, MacHeaderRawAndDecoded)
{
    NfDevice lan;
    lan.name = "lan";
    auto packet = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Build();
    packet->hasEthernet = true;
    packet->ethernet = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 1, 8, 0};
    EXPECT_THAT(
        NfLogPacketText(*packet, In(lan), "pfx: ", 0),
        testing::StartsWith("pfx: IN=lan OUT= MAC=02:00:00:00:00:01:02:00:00:00:01:01:08:00 SRC="));
    EXPECT_THAT(
        NfLogPacketText(*packet, In(lan), "", NF_LOG_MACDECODE),
        testing::HasSubstr("MACSRC=02:00:00:00:01:01 MACDST=02:00:00:00:00:01 MACPROTO=0800 SRC="));
    EXPECT_THAT(NfLogPacketText(*packet, {NfFamily::IPV4, NfHook::LOCAL_OUT, nullptr, &lan}, "", 0),
                testing::StartsWith("IN= OUT=lan SRC="));
}

TEST(NfLogPacketTest, EveryTruncationIsHarmless)
{
    const std::vector<NfPacketBuilder> builders = {
        From(V4).Icmp(3, 0).PayloadBytes(From(V4).Tcp(1, 2).TcpOptions({2, 4, 5, 0xb4}).Bytes()),
        From(V6).Icmp(1, 0).PayloadBytes(
            From(V6).Tcp(1, 2).Extension(0, std::vector<uint8_t>(8)).Bytes()),
        From(V6).Raw(NF_IPPROTO_AH, std::vector<uint8_t>(24)),
        From(V6).Raw(NF_IPPROTO_ESP, std::vector<uint8_t>(24)),
        From(V6).Raw(NF_IPPROTO_FRAGMENT, std::vector<uint8_t>(24)),
    };
    for (const NfPacketBuilder& builder : builders)
    {
        auto whole = builder.Build();
        const NfBytes all(whole->GetBuffer().Pull(whole->GetBuffer().GetSize()),
                          whole->GetBuffer().GetSize());
        for (size_t size = 0; size <= all.size(); ++size)
        {
            auto cut = NfPacket::Make(whole->GetFamily(),
                                      whole->GetIp(),
                                      {all.begin(), all.begin() + size});
            EXPECT_FALSE(NfLogPacketText(*cut, {}, "", 0xff).empty());
        }
    }
}

TEST(NfLogTest, RingIsBoundedAndKeepsTheNewest)
{
    NfLog log;
    for (int i = 0; i < 2500; ++i)
    {
        log.Write(4, std::to_string(i));
    }
    EXPECT_LE(log.GetLines().size(), 1000U);
    EXPECT_GE(log.GetLines().size(), 900U);
    EXPECT_EQ(log.GetLines().back().text, "2499");
}

TEST(NfLogTest, ListenerMayWrite)
{
    NfLog log;
    int calls = 0;
    log.SetListener([&](const NfLogLine& line) {
        if (++calls == 1)
        {
            log.Write(line.level, "more " + line.text);
        }
    });
    log.Write(3, "text");
    ASSERT_EQ(log.GetLines().size(), 2U);
    EXPECT_EQ(log.GetLines()[1].text, "more text");
}

} // namespace
} // namespace ns3
