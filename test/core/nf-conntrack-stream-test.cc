/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "testing/nf-testing-netns.h"

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace ns3
{
namespace
{

using namespace std::chrono_literals;

/// conntrack -E on a namespace whose packets pass FORWARD.
class ConntrackStreamTest : public testing::Test
{
  protected:
    ConntrackStreamTest()
    {
        m_net.Run("iptables -A FORWARD -m conntrack --ctstate NEW -j ACCEPT");
    }

    std::shared_ptr<NfEventStream> Start(const std::string& command)
    {
        NfCommandResult result = NfRunCommand(m_net.netns, command);
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_NE(result.stream, nullptr);
        return result.stream;
    }

    void Forward(const NfPacketBuilder& builder)
    {
        const auto packet = builder.Build();
        m_net.Pass(*packet, NfHook::PRE_ROUTING);
        m_net.Pass(*packet, NfHook::FORWARD);
        m_net.Pass(*packet, NfHook::POST_ROUTING);
    }

    void Ask()
    {
        Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(5001, 53).Payload("x"));
    }

    void Answer()
    {
        Forward(NfPacketBuilder("198.51.100.9", "10.0.0.2").Udp(53, 5001).Payload("yy"));
    }

    NfTestNetns m_net;
};

// Lines as conntrack 1.4.7 printed them on Linux 6.18 for the same packets.
constexpr const char* NEW_UDP =
    "    [NEW] udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5001 dport=53 [UNREPLIED] "
    "src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5001\n";
constexpr const char* UPDATE_UDP =
    " [UPDATE] udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=5001 dport=53 "
    "src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5001\n";

TEST_F(ConntrackStreamTest, PrintsWhatHappensWhileItRuns)
{
    Ask();
    const auto stream = Start("conntrack -E");
    EXPECT_EQ(stream->Take(), "");
    m_net.Run("conntrack -F");
    EXPECT_EQ(stream->Take(), "") << "the entry was made when nobody listened";
    Ask();
    Answer();
    EXPECT_EQ(stream->Take(), std::string(NEW_UDP) + UPDATE_UDP);
    EXPECT_EQ(stream->Stop(),
              "conntrack v1.4.7 (conntrack-tools): 2 flow events have been shown.\n");
    EXPECT_EQ(stream->Stop(), "");
    m_net.Run("conntrack -F");
    EXPECT_EQ(stream->Take(), "");
}

TEST_F(ConntrackStreamTest, CountersComeWithTheEnd)
{
    m_net.Run("sysctl -w net.netfilter.nf_conntrack_acct=1");
    const auto stream = Start("conntrack -E -e DESTROY");
    Ask();
    Answer();
    m_net.clock.Advance(300s);
    EXPECT_EQ(stream->Take(),
              "[DESTROY] udp      17 src=10.0.0.2 dst=198.51.100.9 sport=5001 dport=53 packets=1 "
              "bytes=29 src=198.51.100.9 dst=10.0.0.2 sport=53 dport=5001 packets=1 bytes=30\n");
}

TEST_F(ConntrackStreamTest, FiltersAreThoseOfTheListing)
{
    const auto tcp = Start("conntrack -E -p tcp");
    const auto port = Start("conntrack -E -p udp --dport 53 -s 10.0.0.0/8 -e NEW");
    const auto six = Start("conntrack -E -f ipv6");
    const auto state = Start("conntrack -E -p tcp --state SYN_SENT");
    Ask();
    Answer();
    Forward(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 80));
    EXPECT_EQ(port->Take(), NEW_UDP);
    EXPECT_EQ(six->Take(), "");
    const std::string line =
        "    [NEW] tcp      6 120 SYN_SENT src=10.0.0.2 dst=198.51.100.9 sport=1000 dport=80 "
        "[UNREPLIED] src=198.51.100.9 dst=10.0.0.2 sport=80 dport=1000\n";
    EXPECT_EQ(tcp->Take(), line);
    EXPECT_EQ(state->Take(), line);
}

TEST_F(ConntrackStreamTest, CommandsAreToldWithTheirPort)
{
    const auto stream = Start("conntrack -E");
    const auto save = Start("conntrack -E -o save");
    m_net.Run("conntrack -I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 100 -m 3");
    m_net.Run("conntrack -U -s 1.1.1.1 -m 5");
    m_net.Run("conntrack -D -p udp");
    const std::string tuples =
        "src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 [UNREPLIED] src=2.2.2.2 dst=1.1.1.1 sport=2 "
        "dport=1 mark=";
    EXPECT_EQ(stream->Take(),
              "    [NEW] udp      17 100 " + tuples +
                  "3 [USERSPACE] portid=1001 progname=conntrack\n"
                  " [UPDATE] udp      17 100 " +
                  tuples +
                  "5 [USERSPACE] portid=1002 progname=conntrack\n"
                  "[DESTROY] udp      17 100 " +
                  tuples + "5 [USERSPACE] portid=1003 progname=conntrack\n");
    const std::string options = " -t 100 -u UNSET -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p "
                                "udp --sport 1 --dport 2 --reply-port-src 2 --reply-port-dst 1 "
                                "[USERSPACE] portid=";
    EXPECT_EQ(save->Take(),
              "-A" + options + "1001 progname=conntrack\n-U" + options +
                  "1002 progname=conntrack\n-D" + options + "1003 progname=conntrack\n");
}

TEST_F(ConntrackStreamTest, TimesAreThoseOfTheSimulation)
{
    const auto stream = Start("conntrack -E -o timestamp,extended,id -e NEW");
    m_net.clock.Advance(1500ms);
    Ask();
    const std::string text = stream->Take();
    EXPECT_NE(text.find(".500000]\t    [NEW] ipv4     2 udp      17 30 "), std::string::npos)
        << text;
    EXPECT_NE(text.find(" id="), std::string::npos) << text;
}

TEST_F(ConntrackStreamTest, XmlIsOneDocument)
{
    const auto stream = Start("conntrack -E -o xml");
    Ask();
    stream->Stop();
    const std::string text = stream->Take();
    EXPECT_EQ(text.rfind("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n"
                         "<flow type=\"new\"><meta direction=\"original\">",
                         0),
              0U)
        << text;
    EXPECT_EQ(text.substr(text.size() - 13), "</conntrack>\n");
}

TEST_F(ConntrackStreamTest, ASinkGetsTextAtOnce)
{
    const auto stream = Start("conntrack -E -e NEW");
    Ask();
    std::string seen;
    stream->SetSink([&seen](const std::string& text) { seen += text; });
    EXPECT_EQ(seen, NEW_UDP);
    m_net.Run("conntrack -F");
    Ask();
    EXPECT_EQ(seen, std::string(NEW_UDP) + NEW_UDP);
    EXPECT_EQ(stream->Take(), "");
}

TEST_F(ConntrackStreamTest, EventsThatRulesMaskAreNotTold)
{
    m_net.Run("iptables -t raw -A PREROUTING -j CT --ctevents destroy");
    const auto stream = Start("conntrack -E");
    Ask();
    Answer();
    m_net.Run("conntrack -F");
    EXPECT_EQ(stream->Take().rfind("[DESTROY] udp ", 0), 0U);
}

TEST_F(ConntrackStreamTest, WithoutEventsNothingIsTold)
{
    m_net.Run("sysctl -w net.netfilter.nf_conntrack_events=0");
    const auto stream = Start("conntrack -E");
    Ask();
    m_net.Run("conntrack -F");
    EXPECT_EQ(stream->Take(), "");
}

TEST(ConntrackStreamLifeTest, TheNamespaceMayGoFirst)
{
    auto net = std::make_unique<NfTestNetns>();
    const NfCommandResult result = NfRunCommand(net->netns, "conntrack -E");
    net.reset();
    EXPECT_EQ(result.stream->Stop(), "");
    EXPECT_EQ(result.stream->Take(), "");
}

TEST(ConntrackLabelTest, NamesComeFromTheFileOfTheNamespace)
{
    NfTestNetns net;
    net.netns.SetFile("/etc/xtables/connlabel.conf", "# comment\n1 seen\n2 vip\n2 other\n3 b_d\n");
    net.Run("iptables -t mangle -A FORWARD -m connlabel --label 1 --set");
    {
        const auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).Build();
        net.Pass(*packet, NfHook::PRE_ROUTING);
        net.Pass(*packet, NfHook::FORWARD);
        net.Pass(*packet, NfHook::POST_ROUTING);
    }
    const std::string line = "udp      17 30 src=10.0.0.2 dst=198.51.100.9 sport=1 dport=2 "
                             "[UNREPLIED] src=198.51.100.9 dst=10.0.0.2 sport=2 dport=1 mark=0 "
                             "use=";
    EXPECT_EQ(net.Run("conntrack -L -o labels"), line + "1 labels=seen\n");
    EXPECT_EQ(net.Run("conntrack -U -s 10.0.0.2 --label-add vip"), line + "2 labels=seen,vip\n");
    EXPECT_EQ(net.Run("conntrack -L -l vip,seen"), line + "1 labels=seen,vip\n");
    EXPECT_EQ(net.Run("conntrack -U -s 10.0.0.2 --label-del seen"), line + "2 labels=vip\n");
    EXPECT_EQ(net.Run("conntrack -L -l seen"), "");
    EXPECT_EQ(net.Run("conntrack -U -s 10.0.0.2 --label-del"), line + "2\n");
    const NfCommandResult bad = NfRunCommand(net.netns, "conntrack -L -l b_d");
    EXPECT_EQ(bad.status, 2);
    EXPECT_EQ(bad.err.rfind("conntrack v1.4.7 (conntrack-tools): unknown label 'b_d'\n", 0), 0U)
        << bad.err;
}

} // namespace
} // namespace ns3
