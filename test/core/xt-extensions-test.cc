/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "testing/nf-testing-netns.h"

#include <functional>
#include <gtest/gtest.h>

/**
 * @file
 * What matches say of packets and what targets do to them. That their options are read and written
 * as the real tool does is in test/data/iptables.
 */

namespace ns3
{
namespace
{

using Build = std::function<NfPacketBuilder()>;

NfPacketBuilder
Tcp(const char* flags = "S")
{
    return NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80, flags);
}

NfPacketBuilder
Udp()
{
    return NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(5000, 53).Payload("GET /index");
}

NfPacketBuilder
Udp6()
{
    return NfPacketBuilder("2001:db8::2", "2001:db8:9::9").Udp(5000, 53).Payload("query");
}

struct MatchCase
{
    const char* name;
    const char* rule; //!< conditions
    Build packet;
    bool matches;
};

class MatchTest : public testing::TestWithParam<MatchCase>
{
};

/// The rule drops what it matches.
TEST_P(MatchTest, SeesWhatLinuxSees)
{
    const MatchCase& c = GetParam();
    NfTestNetns net;
    const auto packet = c.packet().Build();
    const bool v6 = packet->GetFamily() == NfFamily::IPV6;
    net.Run(std::string(v6 ? "ip6tables" : "iptables") + " -A FORWARD " + c.rule + " -j DROP");
    EXPECT_EQ(net.Pass(*packet, NfHook::FORWARD) == NfVerdict::DROP, c.matches) << c.rule;
}

const MatchCase MATCHES[] = {
    {"TcpPort", "-p tcp --dport 80", [] { return Tcp(); }, true},
    {"TcpPortRange", "-p tcp --dport 81:", [] { return Tcp(); }, false},
    {"TcpPortInverted", "-p tcp ! --sport 1000", [] { return Tcp(); }, false},
    {"TcpSyn", "-p tcp --syn", [] { return Tcp("S"); }, true},
    {"TcpSynAckIsNoSyn", "-p tcp --syn", [] { return Tcp("SA"); }, false},
    {"TcpFlags", "-p tcp --tcp-flags ALL FIN,ACK", [] { return Tcp("FA"); }, true},
    {"TcpOption",
     "-p tcp --tcp-option 3",
     [] {
         return Tcp().TcpOptions({2, 4, 5, 180, 1, 3, 3, 7});
     },
     true},
    {"TcpOptionMissing",
     "-p tcp --tcp-option 8",
     [] {
         return Tcp().TcpOptions({2, 4, 5, 180});
     },
     false},
    {"TcpOptionOfLengthZeroEnds",
     "-p tcp --tcp-option 8",
     [] {
         return Tcp().TcpOptions({99, 0, 99, 0});
     },
     false},
    {"TcpTruncatedIsDropped",
     "-p tcp --dport 443",
     [] {
         return NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(6, {0, 80, 1, 187});
     },
     true},
    {"TcpOverwritingFragmentIsDropped",
     "-p tcp --dport 443",
     [] { return Tcp().PayloadSize(64).Fragment(8, 16, true); },
     true},
    {"LaterFragmentHasNoPorts",
     "-p udp --dport 53",
     [] { return Udp().PayloadSize(64).Fragment(16, 16, true); },
     false},
    {"Udp", "-p udp --sport 5000 --dport 53", [] { return Udp(); }, true},
    {"Udp6", "-p udp --dport 53", [] { return Udp6(); }, true},
    {"IcmpType",
     "-p icmp --icmp-type echo-request",
     [] { return NfPacketBuilder("10.0.0.2", "198.51.100.9").EchoRequest(1); },
     true},
    {"IcmpCode",
     "-p icmp --icmp-type 3/4",
     [] { return NfPacketBuilder("10.0.0.2", "198.51.100.9").Icmp(3, 3); },
     false},
    {"IcmpAny",
     "-p icmp --icmp-type any",
     [] { return NfPacketBuilder("10.0.0.2", "198.51.100.9").Icmp(3, 3); },
     true},
    {"Icmp6Type",
     "-p icmpv6 --icmpv6-type echo-request",
     [] { return NfPacketBuilder("2001:db8::2", "2001:db8:9::9").EchoRequest(1); },
     true},
    {"Multiport", "-p tcp -m multiport --ports 22,79:81", [] { return Tcp(); }, true},
    {"MultiportInverted", "-p tcp -m multiport ! --dports 22,80", [] { return Tcp(); }, false},
    {"Length", "-m length --length 38", [] { return Udp(); }, true},
    {"LengthInverted", "-m length ! --length 0:100", [] { return Udp(); }, false},
    {"Ttl", "-m ttl --ttl-lt 5", [] { return Udp().Ttl(4); }, true},
    {"Hl", "-m hl ! --hl-eq 64", [] { return Udp6().Ttl(64); }, false},
    {"IpRange", "-m iprange --src-range 10.0.0.1-10.0.0.3", [] { return Udp(); }, true},
    {"IpRangeInverted",
     "-m iprange ! --dst-range 198.51.100.0-198.51.100.255",
     [] { return Udp(); },
     false},
    {"Mark", "-m mark --mark 0x10/0xf0", [] { return Udp().Mark(0x1f); }, true},
    {"CtStateInvalidWithoutConnection",
     "-m conntrack --ctstate INVALID",
     [] { return Udp(); },
     true},
    {"CtMatchesNothingElseWithoutConnection",
     "-m conntrack --ctproto udp",
     [] { return Udp(); },
     false},
    {"Tos", "-m tos --tos 0x10/0xff", [] { return Udp().Tos(0x10); }, true},
    {"Dscp", "-m dscp --dscp-class EF", [] { return Udp().Tos(0xb8 | 1); }, true},
    {"EcnIp", "-m ecn --ecn-ip-ect 2", [] { return Udp().Tos(2); }, true},
    {"EcnTcp", "-p tcp -m ecn --ecn-tcp-ece ! --ecn-tcp-cwr", [] { return Tcp("SE"); }, true},
    {"AddrTypeLocal", "-m addrtype --src-type LOCAL", [] { return Udp(); }, false},
    {"AddrTypeUnicast", "-m addrtype --dst-type UNICAST", [] { return Udp(); }, true},
    {"StringAnywhere", "-m string --algo bm --string GET", [] { return Udp(); }, true},
    {"StringWindow", "-m string --algo kmp --string GET --to 30", [] { return Udp(); }, false},
    {"StringCase", "-m string --algo bm --icase --string get", [] { return Udp(); }, true},
    {"StringHex", "-m string --algo bm --hex-string '|47 45|T'", [] { return Udp(); }, true},
    {"U32Protocol", "-m u32 --u32 '6&0xff=17'", [] { return Udp(); }, true},
    {"U32Indirect", "-m u32 --u32 '0>>22&0x3c@0&0xffff=53'", [] { return Udp(); }, true},
    {"U32BeyondTheEnd", "-m u32 --u32 '1000=0'", [] { return Udp(); }, false},
    {"Bpf", "-m bpf --bytecode '4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0'", [] { return Udp(); }, true},
    {"BpfBeyondTheEnd", "-m bpf --bytecode '2,32 0 0 900,6 0 0 1'", [] { return Udp(); }, false},
    {"Time", "-m time --datestart 2020-01-01", [] { return Udp(); }, true},
    {"TimeWrongDay", "-m time --weekdays Mon", [] { return Udp(); }, false},
    {"TimeRightDay", "-m time --weekdays Tue", [] { return Udp(); }, true},
    {"TimeOfDay", "-m time --timestart 22:13 --timestop 22:14", [] { return Udp(); }, true},
    {"PolicyNone", "-m policy --dir in --pol none", [] { return Udp(); }, true},
    {"TcpMss",
     "-p tcp -m tcpmss --mss 1400:1500",
     [] {
         return Tcp().TcpOptions({2, 4, 5, 180});
     },
     true},
    {"Esp",
     "-p esp -m esp --espspi 256:300",
     [] {
         return NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(50, {0, 0, 1, 0, 0, 0, 0, 1});
     },
     true},
    {"SctpChunks",
     "-p sctp --chunk-types only INIT",
     [] {
         return NfPacketBuilder("10.0.0.2", "198.51.100.9")
             .Raw(132, {0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 4});
     },
     true},
    {"SctpChunkOfLengthZeroIsDropped",
     "-p sctp --chunk-types any DATA",
     [] {
         return NfPacketBuilder("10.0.0.2", "198.51.100.9")
             .Raw(132, {0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
     },
     true},
    {"DccpType",
     "-p dccp --dccp-types RESPONSE",
     [] {
         return NfPacketBuilder("10.0.0.2", "198.51.100.9")
             .Raw(33, {0, 1, 0, 2, 3, 0, 0, 0, 2, 0, 0, 0});
     },
     true},
    {"Frag6",
     "-m frag --fragid 7 --fragfirst",
     [] { return Udp6().Fragment(0, 8, true, 7); },
     true},
    {"Frag6Last", "-m frag --fraglast", [] { return Udp6().Fragment(0, 8, true, 7); }, false},
    {"HopByHop",
     "-m hbh --hbh-len 8 --hbh-opts 5:2",
     [] {
         return Udp6().Extension(0, {0, 0, 5, 2, 0, 0, 1, 0});
     },
     true},
    {"DestinationOptions",
     "-m dst --dst-opts 6",
     [] {
         return Udp6().Extension(60, {0, 0, 5, 2, 0, 0, 1, 0});
     },
     false},
    {"RoutingHeader",
     "-m rt --rt-type 2 --rt-segsleft 1",
     [] {
         return Udp6().Extension(43, {0, 0, 2, 1, 0, 0, 0, 0});
     },
     true},
    {"Ipv6Header",
     "-m ipv6header --header hop,prot",
     [] {
         return Udp6().Extension(0, {0, 0, 1, 4, 0, 0, 0, 0});
     },
     true},
    {"PkttypeHost", "-m pkttype --pkt-type unicast", [] { return Udp(); }, true},
};

std::string
MatchName(const testing::TestParamInfo<MatchCase>& info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Cases, MatchTest, testing::ValuesIn(MATCHES), MatchName);

struct TargetCase
{
    const char* name;
    const char* target; //!< of a rule in mangle FORWARD
    Build packet;
    std::function<void(NfPacket&)> expect;
};

class TargetTest : public testing::TestWithParam<TargetCase>
{
};

TEST_P(TargetTest, ChangesThePacket)
{
    const TargetCase& c = GetParam();
    NfTestNetns net;
    const auto packet = c.packet().Build();
    const bool v6 = packet->GetFamily() == NfFamily::IPV6;
    net.Run(std::string(v6 ? "ip6tables" : "iptables") + " -t mangle -A FORWARD " + c.target);
    EXPECT_EQ(net.Pass(*packet, NfHook::FORWARD), NfVerdict::ACCEPT);
    c.expect(*packet);
    if (packet->GetProtocol() == NF_IPPROTO_TCP)
    {
        EXPECT_TRUE(NfChecksumVerify(*packet, packet->GetTransportOffset(), NF_IPPROTO_TCP));
    }
}

/// @return the TCP header's options
std::vector<uint8_t>
Options(const NfPacket& packet)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    const size_t size = (tcp[NF_TCP_DOFF] >> 4) * 4U;
    tcp = packet.PullTransport(size);
    return {tcp + NF_TCP_HEADER_SIZE, tcp + size};
}

using Bytes = std::vector<uint8_t>;

const TargetCase TARGETS[] = {
    {"TtlSet",
     "-j TTL --ttl-set 7",
     [] { return Udp(); },
     [](NfPacket& p) { EXPECT_EQ(p.GetIp().ttl, 7); }},
    {"TtlStopsAtZero",
     "-j TTL --ttl-dec 200",
     [] { return Udp(); },
     [](NfPacket& p) { EXPECT_EQ(p.GetIp().ttl, 0); }},
    {"HopLimitStopsAt255",
     "-j HL --hl-inc 250",
     [] { return Udp6(); },
     [](NfPacket& p) { EXPECT_EQ(p.GetIp().ttl, 255); }},
    {"TosMask",
     "-j TOS --set-tos 0x08/0x0f",
     [] { return Udp().Tos(0xf7); },
     [](NfPacket& p) { EXPECT_EQ(p.GetIp().tos, 0xf8); }},
    {"DscpKeepsEcn",
     "-j DSCP --set-dscp 46",
     [] { return Udp().Tos(3); },
     [](NfPacket& p) { EXPECT_EQ(p.GetIp().tos, 0xbb); }},
    {"ClassifySetsThePriority",
     "-j CLASSIFY --set-class 1:2",
     [] { return Udp(); },
     [](NfPacket& p) { EXPECT_EQ(p.priority, 0x10002U); }},
    {"MssLowered",
     "-p tcp --syn -j TCPMSS --set-mss 1000",
     [] {
         return Tcp().TcpOptions({1, 1, 1, 1, 2, 4, 5, 180});
     },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{1, 1, 1, 1, 2, 4, 3, 232}));
     }},
    {"MssNeverRaised",
     "-p tcp --syn -j TCPMSS --set-mss 1460",
     [] {
         return Tcp().TcpOptions({2, 4, 2, 0});
     },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{2, 4, 2, 0}));
     }},
    {"MssAddedIsTheDefaultAtMost",
     "-p tcp --syn -j TCPMSS --set-mss 1460",
     [] { return Tcp(); },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{2, 4, 2, 24}));
     }},
    {"MssAddedInIpv6",
     "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu",
     [] { return NfPacketBuilder("2001:db8::2", "2001:db8:f::9").Tcp(1000, 80, "S"); },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{2, 4, 4, 196}));
     }},
    {"MssNotAddedInFrontOfData",
     "-p tcp --syn -j TCPMSS --set-mss 1460",
     [] { return Tcp().Payload("early"); },
     [](NfPacket& p) { EXPECT_TRUE(Options(p).empty()); }},
    {"MssClampedToThePath",
     "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu",
     [] {
         return Tcp().TcpOptions({2, 4, 0x23, 0x28});
     },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{2, 4, 5, 180}));
     }},
    {"OptionsStripped",
     "-p tcp -j TCPOPTSTRIP --strip-options mss,timestamp",
     [] {
         return Tcp().TcpOptions({1, 2, 4, 5, 180, 3, 3, 7});
     },
     [](NfPacket& p) {
         EXPECT_EQ(Options(p), (Bytes{1, 1, 1, 1, 1, 3, 3, 7}));
     }},
    {"EcnRemoved",
     "-p tcp -j ECN --ecn-tcp-remove",
     [] { return Tcp("SEC"); },
     [](NfPacket& p) { EXPECT_EQ(p.PullTransport(14)[NF_TCP_FLAGS], NF_TCP_SYN); }},
};

std::string
TargetName(const testing::TestParamInfo<TargetCase>& info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Cases, TargetTest, testing::ValuesIn(TARGETS), TargetName);

/// Rules whose state changes with packets and time.
class StatefulTest : public testing::Test
{
  protected:
    /// @return one letter per packet: m if the rule matched, - if not
    std::string Send(
        int count,
        const Build& build = [] { return Udp(); })
    {
        std::string out;
        for (int i = 0; i < count; i++)
        {
            const auto packet = build().Build();
            out += m_net.Pass(*packet, NfHook::FORWARD) == NfVerdict::DROP ? 'm' : '-';
        }
        return out;
    }

    void Rule(const std::string& conditions)
    {
        m_net.Run("iptables -A FORWARD " + conditions + " -j DROP");
    }

    NfTestNetns m_net;
};

TEST_F(StatefulTest, LimitRefillsAtItsRate)
{
    Rule("-m limit --limit 1/sec --limit-burst 2");
    EXPECT_EQ(Send(3), "mm-");
    m_net.clock.Advance(std::chrono::milliseconds(1000));
    EXPECT_EQ(Send(2), "m-");
    m_net.clock.Advance(std::chrono::hours(1));
    EXPECT_EQ(Send(3), "mm-");
}

TEST_F(StatefulTest, AnyChangeOfTheTableStartsAfresh)
{
    Rule("-m limit --limit 1/hour --limit-burst 2");
    EXPECT_EQ(Send(3), "mm-");
    m_net.Run("iptables -A INPUT");
    EXPECT_EQ(Send(3), "mm-");
}

TEST_F(StatefulTest, NthCountsFromThePacketGiven)
{
    Rule("-m statistic --mode nth --every 3 --packet 0");
    EXPECT_EQ(Send(7), "m--m--m");
}

TEST_F(StatefulTest, NthStartsLater)
{
    Rule("-m statistic --mode nth --every 3 --packet 2");
    EXPECT_EQ(Send(7), "--m--m-");
}

TEST_F(StatefulTest, QuotaEndsWithThePacketThatDoesNotFit)
{
    Rule("-m quota --quota 100");
    EXPECT_EQ(Send(4), "mm--");
}

TEST_F(StatefulTest, HashlimitKeepsABucketPerSource)
{
    Rule("-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-mode srcip "
         "--hashlimit-name h --hashlimit-htable-expire 20000");
    const Build other = [] { return NfPacketBuilder("10.0.0.3", "198.51.100.9").Udp(1, 2); };
    EXPECT_EQ(Send(3), "mm-");
    EXPECT_EQ(Send(3, other), "mm-");
    m_net.clock.Advance(std::chrono::milliseconds(1000));
    EXPECT_EQ(Send(2), "m-");
    const std::string text = m_net.netns.GetProc().at("ipt_hashlimit/h")();
    EXPECT_NE(text.find(" 10.0.0.2:0->0.0.0.0:0 "), std::string::npos) << text;
    EXPECT_NE(text.find(" 10.0.0.3:0->0.0.0.0:0 "), std::string::npos) << text;
}

TEST_F(StatefulTest, RecentRemembersForSomeTime)
{
    m_net.Run("iptables -A FORWARD -p udp -m recent --name r --set");
    Rule("-m recent --name r --rcheck --seconds 10 --hitcount 2");
    EXPECT_EQ(Send(3), "-mm");
    m_net.clock.Advance(std::chrono::seconds(11));
    EXPECT_EQ(Send(2), "-m");
    EXPECT_EQ(m_net.netns.GetProc().at("xt_recent/r")().substr(0, 20), "src=10.0.0.2 ttl: 65");
}

} // namespace
} // namespace ns3
