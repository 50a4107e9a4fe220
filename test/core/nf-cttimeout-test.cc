/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-cttimeout.h"
#include "testing/nf-testing-netns.h"

#include <cerrno>
#include <chrono>
#include <functional>

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

constexpr uint8_t GRE = 47;
constexpr uint8_t SCTP = 132;
constexpr uint8_t OTHER = 99;

class NfTimeoutPoliciesTest : public testing::Test
{
  protected:
    NfTestNetns net;
    NfTimeoutPolicies& policies{net.netns.GetConntrack().GetTimeoutPolicies()};

    /// @return exit status of a rule that is to be added
    NfCommandResult Rule(const std::string& match, const std::string& policy)
    {
        return NfRunCommand(net.netns,
                            "iptables -t raw -A PREROUTING " + match + " -j CT --timeout " +
                                policy);
    }

    /// A packet goes all the way. @return seconds its connection lives from now
    int64_t Forward(NfPacketBuilder builder)
    {
        auto packet = builder.Build();
        net.Pass(*packet, NfHook::PRE_ROUTING);
        net.Pass(*packet, NfHook::POST_ROUTING);
        if (!packet->conn)
        {
            return -1;
        }
        return std::chrono::duration_cast<std::chrono::seconds>(
                   net.netns.GetConntrack().GetTimeLeft(*packet->conn))
            .count();
    }

    static NfPacketBuilder Query()
    {
        return NfPacketBuilder("10.0.0.2", "198.51.100.9").Udp(5000, 53).Payload("q");
    }

    static NfPacketBuilder Answer()
    {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2").Udp(53, 5000).Payload("a");
    }
};

TEST_F(NfTimeoutPoliciesTest, NamesAreUniqueAndRulesHoldThem)
{
    const auto ipv4 = NfFamily::IPV4;
    EXPECT_EQ(policies.Add("u", ipv4, NF_IPPROTO_UDP, {{0, 7}}), 0);
    EXPECT_EQ(policies.Add("u", ipv4, NF_IPPROTO_UDP, {{0, 8}}), -EBUSY);
    using Mode = NfTimeoutPolicies::Mode;
    EXPECT_EQ(policies.Add("u", ipv4, NF_IPPROTO_UDP, {}, Mode::EXCLUSIVE), -EEXIST);
    EXPECT_EQ(policies.Add("u", ipv4, NF_IPPROTO_TCP, {}, Mode::REPLACE), -EINVAL);
    EXPECT_EQ(policies.Add("u", NfFamily::IPV6, NF_IPPROTO_UDP, {}, Mode::REPLACE), -EINVAL);
    EXPECT_EQ(policies.Find("u")->seconds, (std::vector<uint32_t>{7, 120}));
    EXPECT_EQ(policies.Add("u", ipv4, NF_IPPROTO_UDP, {{1, 9}}, Mode::REPLACE), 0);
    EXPECT_EQ(policies.Find("u")->seconds, (std::vector<uint32_t>{30, 9}));
    EXPECT_EQ(policies.Add("x", ipv4, OTHER, {}), -EOPNOTSUPP);
    EXPECT_EQ(policies.Add("", ipv4, NF_IPPROTO_UDP, {}), -EINVAL);
    EXPECT_EQ(policies.Add(std::string(32, 'n'), ipv4, NF_IPPROTO_UDP, {}), -EINVAL);
    EXPECT_EQ(policies.Add("y", ipv4, NF_IPPROTO_UDP, {{2, 1}}), -EINVAL);

    EXPECT_EQ(Rule("-p udp", "u").status, 0);
    EXPECT_EQ(policies.Remove("u"), -EBUSY);
    policies.RemoveUnused();
    EXPECT_TRUE(policies.Find("u"));
    net.Run("iptables -t raw -F");
    EXPECT_EQ(policies.Remove("u"), 0);
    EXPECT_EQ(policies.Remove("u"), -ENOENT);
}

TEST_F(NfTimeoutPoliciesTest, SecondsWrapAsTheKernelsJiffiesDo)
{
    policies.Add("big", NfFamily::IPV4, NF_IPPROTO_UDP, {{0, 10000000}, {1, 17179870}});
    EXPECT_EQ(policies.Find("big")->seconds, (std::vector<uint32_t>{10000000, 0}));
}

TEST_F(NfTimeoutPoliciesTest, BadRulesAreRefusedWithTheKernelsWords)
{
    policies.Add("u", NfFamily::IPV4, NF_IPPROTO_UDP, {});
    policies.Add("u6", NfFamily::IPV6, NF_IPPROTO_UDP, {});
    policies.Add("g", NfFamily::IPV4, NfTimeoutPolicy::GENERIC, {});
    constexpr char INVALID[] = "iptables: Invalid argument. Run `dmesg' for more information.\n";
    constexpr char MISSING[] = "iptables: No chain/target/match by that name.\n";
    constexpr char PROTOCOL[] =
        "xt_CT: You must specify a L4 protocol and not use inversions on it";

    const struct
    {
        const char* match;
        const char* policy;
        const char* error;
        const char* log;
    } cases[] = {
        {"-p tcp", "u", INVALID, "Timeout policy `u' can only be used by L4 protocol number 17"},
        {"", "u", INVALID, PROTOCOL},
        {"! -p udp", "u", INVALID, PROTOCOL},
        {"-p udp", "u6", INVALID, "Timeout policy `u6' can only be used by L3 protocol number 10"},
        {"-p udp", "nope", MISSING, "No such timeout policy \"nope\""},
        {"-p tcp", "g", INVALID, "Timeout policy `g' can only be used by L4 protocol number 255"},
    };

    for (const auto& c : cases)
    {
        net.netns.GetLog().Clear();
        const NfCommandResult result = Rule(c.match, c.policy);
        EXPECT_EQ(result.status, 1) << c.match << c.policy;
        EXPECT_EQ(result.err, c.error) << c.match << c.policy;
        ASSERT_EQ(net.netns.GetLog().GetLines().size(), 1U) << c.match << c.policy;
        EXPECT_EQ(net.netns.GetLog().GetLines()[0].text, c.log);
    }
    EXPECT_EQ(policies.Find("u")->uses, 0U);
    EXPECT_EQ(Rule("-p 99", "g").status, 0);
}

TEST_F(NfTimeoutPoliciesTest, EveryProtocolLivesAsItsPolicySays)
{
    const char* const client = "10.0.0.2";
    const char* const server = "198.51.100.9";

    const struct
    {
        const char* match;
        uint8_t protocol;
        size_t state;
        std::function<NfPacketBuilder()> packet;
    } cases[] = {
        {"-p tcp",
         NF_IPPROTO_TCP,
         1,
         [&] { return NfPacketBuilder(client, server).Tcp(1, 80, "S"); }},
        {"-p udp", NF_IPPROTO_UDP, 0, [&] { return Query(); }},
        {"-p icmp",
         NF_IPPROTO_ICMP,
         0,
         [&] { return NfPacketBuilder(client, server).EchoRequest(1); }},
        {"-p gre",
         GRE,
         0,
         [&] {
             return NfPacketBuilder(client, server).Raw(GRE, {0, 0, 8, 0});
         }},
        {"-p 99",
         NfTimeoutPolicy::GENERIC,
         0,
         [&] {
             return NfPacketBuilder(client, server).Raw(OTHER, {1, 2, 3, 4});
         }},
    };

    for (const auto& c : cases)
    {
        ASSERT_EQ(policies.Add(c.match, NfFamily::IPV4, c.protocol, {{c.state, 77}}), 0);
        const NfCommandResult result = Rule(c.match, "'" + std::string(c.match) + "'");
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(Forward(c.packet()), 77) << c.match;
    }
    EXPECT_EQ(policies.Add("sctp", NfFamily::IPV4, SCTP, {{4, 5}}), 0);
}

TEST_F(NfTimeoutPoliciesTest, ChangesActOnConnectionsThatHaveThePolicy)
{
    policies.Add("u", NfFamily::IPV4, NF_IPPROTO_UDP, {{0, 7}, {1, 9}});
    ASSERT_EQ(Rule("-p udp", "u").status, 0);
    net.Run("iptables -A FORWARD -m conntrack --ctstate NEW");
    EXPECT_EQ(Forward(Query()), 7);
    EXPECT_EQ(Forward(Answer()), 7);
    // Traffic both ways makes a stream after two seconds, as without a policy.
    net.clock.Advance(3s);
    EXPECT_EQ(Forward(Query()), 9);
    net.Run("iptables -t raw -F");
    EXPECT_EQ(Forward(Query()), 9);
    policies.Add("u", NfFamily::IPV4, NF_IPPROTO_UDP, {{1, 11}}, NfTimeoutPolicies::Mode::REPLACE);
    EXPECT_EQ(Forward(Query()), 11);
    EXPECT_EQ(policies.Remove("u"), 0);
    EXPECT_EQ(Forward(Query()), 120);
}

TEST_F(NfTimeoutPoliciesTest, DefaultsAreThoseOfTheSysctls)
{
    const struct
    {
        uint8_t protocol;
        size_t state;
        const char* knob;
    } cases[] = {{NF_IPPROTO_TCP, 3, "tcp_timeout_established"},
                 {NF_IPPROTO_UDP, 0, "udp_timeout"},
                 {NF_IPPROTO_UDPLITE, 1, "udp_timeout_stream"},
                 {NF_IPPROTO_ICMP, 0, "icmp_timeout"},
                 {NF_IPPROTO_ICMPV6, 0, "icmpv6_timeout"},
                 {GRE, 1, "gre_timeout_stream"},
                 {SCTP, 4, "sctp_timeout_established"},
                 {NfTimeoutPolicy::GENERIC, 0, "generic_timeout"}};

    for (const auto& c : cases)
    {
        std::vector<uint32_t> before;
        EXPECT_EQ(policies.GetDefault(c.protocol, before), 0) << c.knob;
        EXPECT_EQ(policies.SetDefault(c.protocol, {{c.state, 44}}), 0) << c.knob;
        const std::string name = std::string("net.netfilter.nf_conntrack_") + c.knob;
        EXPECT_EQ(*net.netns.GetSysctls().Read(name), "44");
        std::vector<uint32_t> after;
        policies.GetDefault(c.protocol, after);
        before[c.state] = 44;
        EXPECT_EQ(after, before) << c.knob;
    }
    std::vector<uint32_t> none;
    EXPECT_EQ(policies.GetDefault(OTHER, none), -EOPNOTSUPP);
    EXPECT_EQ(policies.SetDefault(OTHER, {}), -EOPNOTSUPP);
}

} // namespace

} // namespace ns3
