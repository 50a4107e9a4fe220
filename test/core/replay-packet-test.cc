/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "examples/nf-replay/replay-expression.h"
#include "examples/nf-replay/replay-packet.h"

#include <gtest/gtest.h>
#include <stdexcept>

namespace
{

using replay::BuildPacket;
using replay::Expressions;
using replay::Json;
using replay::Octets;
using replay::PrintPacket;
using replay::ToHex;

struct PacketCase
{
    const char* name;
    const char* line;
    const char* hex;
};

class ReplayPacketTest : public testing::TestWithParam<PacketCase>
{
};

TEST_P(ReplayPacketTest, BuildsTheBytesOfALine)
{
    EXPECT_EQ(ToHex(BuildPacket(GetParam().line)), GetParam().hex);
}

TEST_P(ReplayPacketTest, PrintsTheLineOfTheBytes)
{
    EXPECT_EQ(PrintPacket(BuildPacket(Json{{"hex", GetParam().hex}})).line, GetParam().line);
}

TEST_P(ReplayPacketTest, PrintsEveryDamagedPacket)
{
    const Octets whole = BuildPacket(GetParam().line);
    for (size_t size = 0; size <= whole.size(); size++)
    {
        for (size_t at = 0; at < size; at++)
        {
            Octets damaged(whole.begin(), whole.begin() + size);
            damaged[at] ^= 0xff;
            EXPECT_FALSE(PrintPacket(damaged).line.empty());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    ReplayPacketTest,
    testing::Values(
        PacketCase{"TcpOptions",
                   "tcp 10.0.0.2:1000 > 198.51.100.9:80 S seq=1 ack=0 win=1000 "
                   "opt=mss:1460,sok,ts:5:0,ws:7 ttl=64",
                   "4500003c000000004006467e0a000002c633640903e800500000000100000000a00203e805a2000"
                   "0020405b40402080a000000050000000003030701"},
        PacketCase{"TcpSack",
                   "tcp 10.0.0.2:1000 > 198.51.100.9:80 A seq=509 ack=123 win=65535 "
                   "opt=sack:126-129/200-300 ttl=63",
                   "4500003c000000003f06477e0a000002c633640903e80050000001fd0000007ba010ffff1bcc000"
                   "005120000007e00000081000000c80000012c0101"},
        PacketCase{"TcpText",
                   "tcp 10.0.0.2:1000 > 198.51.100.9:80 FPAUEC seq=4294967295 ack=7 win=0 urp=9 "
                   "data=text:PORT%2010,0,0,2,4,1%0D%0A ttl=64 tos=0x10 id=7 df",
                   "4510003b00074000400606680a000002c633640903e80050ffffffff0000000750f900008193000"
                   "9504f52542031302c302c302c322c342c310d0a"},
        PacketCase{"TcpIpv6",
                   "tcp [2001:db8:1::2]:1000 > [2001:db8:99::9]:80 none seq=1 ack=2 win=3 "
                   "data=seq:9 ttl=64 flow=0x12345",
                   "60012345001d064020010db800010000000000000000000220010db800990000000000000000000"
                   "903e800500000000100000002500000033b770000000102030405060708"},
        PacketCase{"UdpNoChecksum",
                   "udp 10.0.0.2:5000 > 198.51.100.9:53 data=text:q l4csum=0 ttl=64",
                   "4500001d00000000401146920a000002c6336409138800350009000071"},
        PacketCase{"UdpBadChecksum",
                   "udp 10.0.0.2:5000 > 198.51.100.9:53 data=hex:00ff l4csum=bad ttl=64",
                   "4500001e00000000401146910a000002c633640913880035000aa4eb00ff"},
        PacketCase{"IpOptions",
                   "udp 10.0.0.2:5000 > 198.51.100.9:53 data=zero:3 ttl=255 ipopt=01010100",
                   "4600002300000000ff11848a0a000002c63364090101010013880035000bb7dc000000"},
        PacketCase{"UdpLite",
                   "udplite 10.0.0.2:1 > 10.0.0.3:2 data=text:abc ttl=64",
                   "4500001f00000000408866530a0000020a0000030001000200002702616263"},
        PacketCase{"Echo",
                   "icmp 10.0.0.2 > 10.0.0.3 echo icmpid=3 seq=4 data=text:ping ttl=64",
                   "4500002000000000400166d90a0000020a000003080019280003000470696e67"},
        PacketCase{"FragmentationNeeded",
                   "icmp 10.0.0.2 > 10.0.0.3 unreach code=4 mtu=1400 ttl=64 { udp 10.0.0.3:5 > "
                   "10.0.0.2:6 data=text:x ttl=63 id=9 df }",
                   "4500003900000000400166c00a0000020a00000303040ba3000005784500001d000940003f1127c"
                   "30a0000030a00000200050006000973cc78"},
        PacketCase{"Redirect",
                   "icmp 10.0.0.2 > 10.0.0.3 redirect code=1 gw=10.0.0.9 ttl=64 { tcp 10.0.0.3:5 > "
                   "10.0.0.2:6 S seq=1 ack=0 win=1 ttl=63 }",
                   "4500004400000000400166b50a0000020a000003050105150a00000945000028000000003f0667c"
                   "c0a0000030a000002000500060000000100000000500200019bd10000"},
        PacketCase{"PacketTooBig",
                   "icmp6 2001:db8::1 > 2001:db8::2 toobig mtu=1280 ttl=64 { udp [2001:db8::2]:5 > "
                   "[2001:db8::1]:6 data=zero:8 ttl=64 }",
                   "6000000000403a4020010db800000000000000000000000120010db800000000000000000000000"
                   "202002be100000500600000000010114020010db800000000000000000000000220010db8000000"
                   "000000000000000001000500060010a44e0000000000000000"},
        PacketCase{"GreKey",
                   "gre 10.0.0.2 > 10.0.0.3 proto=0x800 key=7 data=text:in ttl=64",
                   "4500001e00000000402f66ad0a0000020a0000032000080000000007696e"},
        PacketCase{"SctpInit",
                   "sctp 10.0.0.2:1000 > 10.0.0.3:80 vtag=9 chunk=init ttl=64",
                   "4500003400000000408466420a0000020a00000303e8005000000009becc419d010000140000000"
                   "10000ffff0001000100000001"},
        PacketCase{
            "Dccp",
            "dccp 10.0.0.2:1000 > 10.0.0.3:80 dtype=0 ttl=64",
            "4500002800000000402166b10a0000020a00000303e800500500e18d010000000000000000000000"},
        PacketCase{"OtherProtocol",
                   "ip 10.0.0.2 > 10.0.0.3 proto=50 data=hex:0102030405060708 ttl=64",
                   "4500001c00000000403266ac0a0000020a0000030102030405060708"},
        PacketCase{"LaterFragment",
                   "ip 10.0.0.2 > 10.0.0.3 proto=17 data=text:later ttl=64 id=77 off=1480 mf",
                   "45000019004d20b9401145ca0a0000020a0000036c61746572"},
        PacketCase{"FirstFragmentIpv6",
                   "udp [2001:db8::1]:5 > [2001:db8::2]:6 data=zero:8 ttl=64 id=9 off=0 mf",
                   "6000000000182c4020010db800000000000000000000000120010db800000000000000000000000"
                   "21100000100000009000500060010a44e0000000000000000"},
        PacketCase{"LaterFragmentIpv6",
                   "ip 2001:db8::1 > 2001:db8::2 proto=17 data=text:more ttl=64 id=9 off=1448",
                   "60000000000c2c4020010db800000000000000000000000120010db800000000000000000000000"
                   "2110005a8000000096d6f7265"},
        PacketCase{
            "ExtensionHeader",
            "udp [2001:db8::1]:5 > [2001:db8::2]:6 data=text:h ttl=64 exthdr=hopopt tos=0x20",
            "620000000011004020010db800000000000000000000000120010db8000000000000000000000002110001"
            "04000000000005000600093c5c68"}),
    [](const auto& info) { return info.param.name; });

TEST(ReplayFragmentTest, CutsThePayload)
{
    const Octets whole = BuildPacket("udp 10.0.0.2:5 > 10.0.0.3:6 data=seq:100 id=7");
    const auto parts = replay::FragmentPacket(whole, 48);
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(PrintPacket(parts[1]).line.find("ip 10.0.0.2 > 10.0.0.3 proto=17"), 0U);
    EXPECT_NE(PrintPacket(parts[1]).line.find("id=7 off=48 mf"), std::string::npos);
    EXPECT_EQ(PrintPacket(parts[2]).line.find("mf"), std::string::npos);
}

struct ExpressionCase
{
    const char* name;
    const char* text;
    const char* value; //!< null: refused
};

class ReplayExpressionTest : public testing::TestWithParam<ExpressionCase>
{
};

TEST_P(ReplayExpressionTest, Substitutes)
{
    Expressions expressions;
    expressions.Set("p", 1000);
    expressions.Set("word", "SA");
    if (GetParam().value)
    {
        EXPECT_EQ(expressions.Substitute(GetParam().text), GetParam().value);
    }
    else
    {
        EXPECT_THROW(expressions.Substitute(GetParam().text), std::invalid_argument);
    }
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         ReplayExpressionTest,
                         testing::Values(ExpressionCase{"Name", "a ${p} b ${p}", "a 1000 b 1000"},
                                         ExpressionCase{"Word", "${word}", "SA"},
                                         ExpressionCase{"Sum", "${p+1} ${p - 1}", "1001 999"},
                                         ExpressionCase{"Ranks", "${1+2*3 << 1 | 1}", "15"},
                                         ExpressionCase{"Parentheses", "${(1+2)*3}", "9"},
                                         ExpressionCase{"RoundsDown", "${-7/2} ${-7%3}", "-4 2"},
                                         ExpressionCase{"Hex", "${0xff & p}", "232"},
                                         ExpressionCase{"Plain", "$p {p}", "$p {p}"},
                                         ExpressionCase{"UnknownName", "${q}", nullptr},
                                         ExpressionCase{"ByZero", "${1/0}", nullptr},
                                         ExpressionCase{"Unfinished", "${p+}", nullptr}),
                         [](const auto& info) { return info.param.name; });

} // namespace
