/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/xtables/xt-chain-graph.h"
#include "model/core/xtables/xt-table.h"
#include "testing/nf-testing-netns.h"

#include <gtest/gtest.h>
#include <sstream>

namespace ns3
{
namespace
{

class XtTableTest : public testing::Test
{
  protected:
    /// Loads the filter table. @param rules lines behind "*filter"
    void Load(const std::string& rules)
    {
        m_net.Run("iptables-restore", "*filter\n" + rules + "COMMIT\n");
    }

    NfVerdict::Code Forward(NfPacketBuilder builder)
    {
        const auto packet = builder.Build();
        return m_net.Pass(*packet, NfHook::FORWARD);
    }

    NfVerdict::Code Forward()
    {
        return Forward(Udp("10.0.0.2"));
    }

    static NfPacketBuilder Udp(const char* src)
    {
        return NfPacketBuilder(src, "198.51.100.9").Udp(1000, 53);
    }

    /// @return the counters of iptables-save -c, one "[packets] chain rule" per line
    std::string Counters()
    {
        std::istringstream lines(m_net.Run("iptables-save -c -t filter"));
        std::string out;
        for (std::string line; std::getline(lines, line);)
        {
            if (line[0] == '[')
            {
                out += line.substr(0, line.find(':')) + line.substr(line.find(']')) + "\n";
            }
        }
        return out;
    }

    NfTestNetns m_net;
};

TEST_F(XtTableTest, PolicyDecidesWhereNoRuleDoes)
{
    Load(":FORWARD DROP [0:0]\n");
    EXPECT_EQ(Forward(), NfVerdict::DROP);
    EXPECT_NE(m_net.Run("iptables-save -t filter").find(":FORWARD DROP [1:28]"), std::string::npos);
    m_net.Run("iptables -P FORWARD ACCEPT");
    EXPECT_EQ(Forward(), NfVerdict::ACCEPT);
}

TEST_F(XtTableTest, JumpsComeBackAndGotosDoNot)
{
    Load(":FORWARD DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n"
         "-A FORWARD -j a\n-A FORWARD -g b\n-A FORWARD -j ACCEPT\n"
         "-A a -j RETURN\n-A a -j ACCEPT\n-A b -s 10.0.0.2\n");
    EXPECT_EQ(Forward(), NfVerdict::DROP);
    EXPECT_EQ(Counters(),
              "[1] -A FORWARD -j a\n[1] -A FORWARD -g b\n[0] -A FORWARD -j ACCEPT\n"
              "[1] -A a -j RETURN\n[0] -A a -j ACCEPT\n[1] -A b -s 10.0.0.2/32\n");
}

TEST_F(XtTableTest, GotoInsideACalledChainReturnsToTheCaller)
{
    Load(":FORWARD DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n"
         "-A FORWARD -j a\n-A FORWARD -j ACCEPT\n-A a -g b\n-A a -j DROP\n");
    EXPECT_EQ(Forward(), NfVerdict::ACCEPT);
}

TEST_F(XtTableTest, ReturnInABuiltInChainMeansThePolicy)
{
    Load(":FORWARD DROP [0:0]\n-A FORWARD -j RETURN\n-A FORWARD -j ACCEPT\n");
    EXPECT_EQ(Forward(), NfVerdict::DROP);
}

TEST_F(XtTableTest, DeepChainsWork)
{
    std::string rules = ":FORWARD DROP [0:0]\n";
    constexpr int depth = 200;
    for (int i = 0; i < depth; ++i)
    {
        rules += ":c" + std::to_string(i) + " - [0:0]\n";
    }
    rules += "-A FORWARD -j c0\n";
    for (int i = 0; i + 1 < depth; ++i)
    {
        rules += "-A c" + std::to_string(i) + " -j c" + std::to_string(i + 1) + "\n";
    }
    Load(rules + "-A c199 -s 10.0.0.3 -j ACCEPT\n-A FORWARD -s 10.0.0.2 -j ACCEPT\n");
    EXPECT_EQ(Forward(Udp("10.0.0.3")), NfVerdict::ACCEPT);
    EXPECT_EQ(Forward(Udp("10.0.0.2")), NfVerdict::ACCEPT);
    EXPECT_EQ(Forward(Udp("10.0.0.4")), NfVerdict::DROP);
}

struct MatchCase
{
    const char* rule;
    bool matches; //!< UDP 10.0.0.2:1000 > 198.51.100.9:53 from lan to wan
};

constexpr MatchCase MATCHES[] = {
    {"-s 10.0.0.2", true},
    {"-s 10.0.0.3", false},
    {"! -s 10.0.0.3", true},
    {"! -s 10.0.0.0/8", false},
    {"-s 10.0.0.0/30", true},
    {"-s 10.0.0.4/30", false},
    {"-s 10.9.9.2/255.0.0.255", true},
    {"-d 198.51.100.0/24", true},
    {"! -d 198.51.100.9", false},
    {"! -s 0/0", false},
    {"-i lan", true},
    {"-i la+", true},
    {"-i lan+", true},
    {"-i lann", false},
    {"-i la", false},
    {"-i wan", false},
    {"! -i wan", true},
    {"! -i la+", false},
    {"-i +", true},
    {"-o wan", true},
    {"-o w+", true},
    {"! -o wan", false},
    {"-p udp", true},
    {"-p tcp", false},
    {"! -p tcp", true},
    {"! -p udp", false},
    {"-p all", true},
    {"-f", false},
    {"! -f", true},
    {"-s 10.0.0.2 -d 198.51.100.9 -i lan -o wan -p udp ! -f", true},
    {"-s 10.0.0.2 -d 198.51.100.8 -i lan -o wan -p udp", false},
};

TEST_F(XtTableTest, RulesCompareTheirOwnPart)
{
    for (const MatchCase& c : MATCHES)
    {
        Load(std::string("-A FORWARD ") + c.rule + " -j DROP\n");
        EXPECT_EQ(Forward() == NfVerdict::DROP, c.matches) << c.rule;
    }
}

TEST_F(XtTableTest, LocalPacketsHaveNoInputDevice)
{
    m_net.Run("iptables -A OUTPUT -t mangle -o wan -j ACCEPT");
    m_net.Run("iptables -N x");
    m_net.Run("iptables -A x ! -i lan -j DROP");
    m_net.Run("iptables -A OUTPUT -j x");
    const auto packet = Udp("10.0.0.1").Build();
    EXPECT_EQ(m_net.Pass(*packet, NfHook::LOCAL_OUT), NfVerdict::DROP);
    m_net.Run("iptables -R x 1 -i lan -j DROP");
    EXPECT_EQ(m_net.Pass(*packet, NfHook::LOCAL_OUT), NfVerdict::ACCEPT);
}

TEST_F(XtTableTest, OnlyLaterFragmentsMatchF)
{
    const auto whole = NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(1, 2).PayloadSize(100);
    Load("-A FORWARD -f -j DROP\n");
    EXPECT_EQ(Forward(whole.Fragment(0, 56, true)), NfVerdict::ACCEPT);
    EXPECT_EQ(Forward(whole.Fragment(56, 52, false)), NfVerdict::DROP);
    Load("-A FORWARD ! -f -j DROP\n");
    EXPECT_EQ(Forward(whole.Fragment(0, 56, true)), NfVerdict::DROP);
    EXPECT_EQ(Forward(whole.Fragment(56, 52, false)), NfVerdict::ACCEPT);
}

TEST_F(XtTableTest, Ipv6LooksThroughExtensionHeaders)
{
    m_net.Run("ip6tables -A FORWARD -p udp -s 2001:db8::/64 -j DROP");
    const auto plain = NfPacketBuilder("2001:db8::2", "2001:db8:f::9").Udp(1, 2).Build();
    EXPECT_EQ(m_net.Pass(*plain, NfHook::FORWARD), NfVerdict::DROP);
    const auto behind = NfPacketBuilder("2001:db8::2", "2001:db8:f::9")
                            .Udp(1, 2)
                            .Extension(NF_IPPROTO_DSTOPTS, {0, 0, 1, 4, 0, 0, 0, 0})
                            .Build();
    EXPECT_EQ(m_net.Pass(*behind, NfHook::FORWARD), NfVerdict::DROP);
    const auto other = NfPacketBuilder("2001:db8:0:1::2", "2001:db8:f::9").Udp(1, 2).Build();
    EXPECT_EQ(m_net.Pass(*other, NfHook::FORWARD), NfVerdict::ACCEPT);
    const auto later = NfPacketBuilder("2001:db8::2", "2001:db8:f::9")
                           .Udp(1, 2)
                           .PayloadSize(100)
                           .Fragment(56, 52, false)
                           .Build();
    EXPECT_EQ(m_net.Pass(*later, NfHook::FORWARD), NfVerdict::DROP);
}

TEST_F(XtTableTest, TargetsThatChangeThePacketAreSeenByLaterRules)
{
    m_net.Run("iptables -t mangle -A FORWARD -j MARK --set-mark 7");
    m_net.Run("iptables -t mangle -A FORWARD -m mark --mark 7 -j DROP");
    EXPECT_EQ(Forward(), NfVerdict::DROP);
}

TEST_F(XtTableTest, TheDropNamesItsRule)
{
    Load(":FORWARD DROP [0:0]\n-A FORWARD -s 10.0.0.3 -j ACCEPT\n-A FORWARD -s 10.0.0.2 -j DROP\n");
    auto packet = Udp("10.0.0.2").Build();
    m_net.Pass(*packet, NfHook::FORWARD);
    ASSERT_NE(packet->dropRule, nullptr);
    EXPECT_EQ(packet->dropRule->Describe(),
              "iptables filter FORWARD rule 2: -A FORWARD -s 10.0.0.2/32 -j DROP");
    EXPECT_STREQ(packet->dropReason, "drop-xtables-rule");
    packet = Udp("10.0.0.4").Build();
    m_net.Pass(*packet, NfHook::FORWARD);
    EXPECT_EQ(packet->dropRule->Describe(), "iptables filter FORWARD policy");
    m_net.Run("iptables -F");
    EXPECT_NE(packet->dropRule->Describe(), "");
}

TEST_F(XtTableTest, TraceNamesRulesReturnsAndPolicies)
{
    Load(":FORWARD ACCEPT [0:0]\n:x - [0:0]\n-A FORWARD -j x\n-A x -s 10.0.0.3\n");
    auto packet = Udp("10.0.0.2").Build();
    packet->traced = true;
    m_net.Pass(*packet, NfHook::FORWARD);
    std::vector<std::string> heads;
    for (const NfLogLine& line : m_net.netns.GetLog().GetLines())
    {
        heads.push_back(line.text.substr(0, line.text.find(" IN=")));
    }
    EXPECT_THAT(heads,
                testing::ElementsAre("TRACE: filter:FORWARD:rule:1",
                                     "TRACE: filter:x:return:2",
                                     "TRACE: filter:FORWARD:policy:2"));
}

TEST_F(XtTableTest, TablesComeIntoBeingWhenAsked)
{
    EXPECT_FALSE(m_net.netns.GetHooks().HasAny(NfFamily::IPV4));
    m_net.Run("iptables -t mangle -L");
    m_net.Run("iptables -t raw -L");
    EXPECT_TRUE(m_net.netns.GetHooks().Has(NfFamily::IPV4, NfHook::FORWARD));
    EXPECT_FALSE(m_net.netns.GetHooks().HasAny(NfFamily::IPV6));
    EXPECT_EQ(m_net.netns.GetProc().at("ip_tables_names")(), "raw\nmangle\n");
    const auto hooks = m_net.netns.GetHooks().List(NfFamily::IPV4, NfHook::PRE_ROUTING);
    ASSERT_EQ(hooks.size(), 2U);
    EXPECT_EQ(hooks[0].name, "iptables raw");
    EXPECT_EQ(hooks[0].priority, NF_PRI_RAW);
    EXPECT_EQ(hooks[1].priority, NF_PRI_MANGLE);
}

TEST_F(XtTableTest, LoopsAreRefusedOnlyWherePacketsCome)
{
    m_net.Run("iptables -N a");
    m_net.Run("iptables -N b");
    m_net.Run("iptables -A a -j b");
    m_net.Run("iptables -A b -g a");
    const auto refused = NfRunCommand(m_net.netns, "iptables -A INPUT -j a");
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.err, "iptables: Too many levels of symbolic links.\n");
    EXPECT_EQ(m_net.Run("iptables -S INPUT"), "-P INPUT ACCEPT\n");
    // What stands behind an unconditional verdict is never reached.
    m_net.Run("iptables -I b 1 -j RETURN");
    m_net.Run("iptables -A INPUT -j a");
}

TEST_F(XtTableTest, TheKernelChecksWhereATargetIsUsed)
{
    const auto refused = NfRunCommand(m_net.netns, "iptables -A INPUT -p udp -m tcp --dport 1");
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.err, "iptables: Invalid argument. Run `dmesg' for more information.\n");
    ASSERT_FALSE(m_net.netns.GetLog().GetLines().empty());
    EXPECT_EQ(m_net.netns.GetLog().GetLines().back().text,
              "x_tables: ip_tables: tcp match: only valid for protocol 6");
}

TEST_F(XtTableTest, RulesMayChangeWhileAPacketPasses)
{
    m_net.Run("iptables -A FORWARD -s 10.0.0.2 -j MARK --set-mark 1");
    NfHookOps ops;
    ops.family = NfFamily::IPV4;
    ops.hook = NfHook::FORWARD;
    ops.priority = NF_PRI_FILTER + 1;
    ops.name = "administrator";
    ops.function = [this](NfPacket&, const NfHookState&) {
        m_net.Run("iptables -F FORWARD");
        return NfVerdict::ACCEPT;
    };
    const NfHookId id = m_net.netns.GetHooks().Register(ops);
    EXPECT_EQ(Forward(), NfVerdict::ACCEPT);
    EXPECT_EQ(Forward(), NfVerdict::ACCEPT);
    m_net.netns.GetHooks().Unregister(id);
}

TEST_F(XtTableTest, ManyRulesKeepTheirOrderAndCounters)
{
    std::string rules;
    for (int i = 0; i < 10000; ++i)
    {
        rules += "-A FORWARD -s 10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256) +
                 " -j DROP\n";
    }
    Load(rules);
    EXPECT_EQ(Forward(), NfVerdict::ACCEPT);
    EXPECT_EQ(Forward(Udp("10.1.39.15")), NfVerdict::DROP);
    EXPECT_NE(m_net.Run("iptables-save -c").find("[1:28] -A FORWARD -s 10.1.39.15/32 -j DROP"),
              std::string::npos);
}

} // namespace
} // namespace ns3
