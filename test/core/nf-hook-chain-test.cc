/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-hook-chain.h"
#include "model/core/hook/nf-queue.h"
#include "model/core/packet/nf-counter.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

class Observer : public NfHookObserver
{
  public:
    void OnVerdict(const NfPacket& packet,
                   const NfHookState&,
                   NfVerdict verdict,
                   const std::string& function) override
    {
        seen += std::string(NfVerdictName(verdict)) + ":" + function +
                (packet.dropReason ? std::string("/") + packet.dropReason : "") + " ";
    }

    std::string seen;
};

class NfHooksTest : public testing::Test
{
  protected:
    NfHookOps Ops(const std::string& name, int32_t priority, NfVerdict verdict = NfVerdict::ACCEPT)
    {
        NfHookOps ops;
        ops.function = [this, name, verdict](NfPacket&, const NfHookState&) {
            trail += name + " ";
            return verdict;
        };
        ops.family = NfFamily::IPV4;
        ops.hook = NfHook::FORWARD;
        ops.priority = priority;
        ops.name = name;
        return ops;
    }

    NfVerdict Run(NfFamily family = NfFamily::IPV4)
    {
        state.family = family;
        return hooks.Run(*packet, state);
    }

    NfCounters counters;
    NfQueues queues{counters};
    NfHooks hooks{queues};
    std::string trail;
    NfHookState state{NfFamily::IPV4, NfHook::FORWARD, nullptr, nullptr};
    std::unique_ptr<NfPacket> packet = NfPacketBuilder("10.0.0.2", "10.0.0.3").Udp(1, 2).Build();
};

TEST_F(NfHooksTest, RunsByPriorityAndOfEqualOnesTheNewestFirst)
{
    hooks.Register(Ops("late", 10));
    hooks.Register(Ops("a", 0));
    hooks.Register(Ops("b", 0));
    hooks.Register(Ops("first", NF_PRI_FIRST));
    hooks.Register(Ops("last", NF_PRI_LAST));
    EXPECT_EQ(Run(), NfVerdict::ACCEPT);
    EXPECT_EQ(trail, "first b a late last ");
}

TEST_F(NfHooksTest, MaskFollowsRegistration)
{
    EXPECT_FALSE(hooks.HasAny(NfFamily::IPV4));
    NfHookOps ops = Ops("x", 0);
    ops.family = NfFamily::INET;
    const NfHookId id = hooks.Register(ops);
    EXPECT_TRUE(hooks.Has(NfFamily::IPV4, NfHook::FORWARD));
    EXPECT_TRUE(hooks.Has(NfFamily::IPV6, NfHook::FORWARD));
    EXPECT_FALSE(hooks.Has(NfFamily::IPV6, NfHook::LOCAL_IN));
    EXPECT_FALSE(hooks.HasAny(NfFamily::ARP));
    hooks.Unregister(id);
    EXPECT_FALSE(hooks.HasAny(NfFamily::IPV4) || hooks.HasAny(NfFamily::IPV6));
    EXPECT_EQ(Run(), NfVerdict::ACCEPT);
    EXPECT_EQ(trail, "");
}

struct VerdictCase
{
    const char* name;
    NfVerdict verdict;
    NfVerdict result;
    const char* trail;
    const char* observed;
};

class NfHooksVerdictTest : public NfHooksTest, public testing::WithParamInterface<VerdictCase>
{
};

TEST_P(NfHooksVerdictTest, EndsTheWalkAsLinuxDoes)
{
    const VerdictCase& c = GetParam();
    Observer observer;
    hooks.SetObserver(&observer);
    hooks.Register(Ops("one", 1));
    hooks.Register(Ops("two", 2, c.verdict));
    hooks.Register(Ops("three", 3));
    EXPECT_EQ(Run(), c.result);
    EXPECT_EQ(trail, c.trail);
    EXPECT_EQ(observer.seen, c.observed);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfHooksVerdictTest,
    testing::Values(
        VerdictCase{"Accept", NfVerdict::ACCEPT, NfVerdict::ACCEPT, "one two three ", "ACCEPT: "},
        VerdictCase{"Drop", NfVerdict::DROP, NfVerdict::DROP, "one two ", "DROP:two "},
        VerdictCase{"Stolen", NfVerdict::STOLEN, NfVerdict::STOLEN, "one two ", "STOLEN:two "},
        VerdictCase{"Stop", NfVerdict::STOP, NfVerdict::ACCEPT, "one two ", "STOP:two "},
        VerdictCase{"QueueUnbound",
                    NfVerdict::Queue(3),
                    NfVerdict::DROP,
                    "one two ",
                    "DROP:two/drop-queue-no-handler "},
        VerdictCase{"QueueBypass",
                    NfVerdict::Queue(3, true),
                    NfVerdict::ACCEPT,
                    "one two three ",
                    "ACCEPT: "}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfHooksTest, DropsAreCountedByFunction)
{
    hooks.Register(Ops("iptables filter", 0, NfVerdict::DROP));
    Run();
    Run();
    EXPECT_EQ(counters.Get("drop-hook-iptables-filter"), 2U);
}

TEST_F(NfHooksTest, RepeatCallsTheSameFunctionAgain)
{
    int calls = 0;
    NfHookOps ops = Ops("again", 0);
    ops.function = [&](NfPacket&, const NfHookState&) {
        return ++calls < 3 ? NfVerdict(NfVerdict::REPEAT) : NfVerdict(NfVerdict::ACCEPT);
    };
    hooks.Register(ops);
    hooks.Register(Ops("next", 1));
    EXPECT_EQ(Run(), NfVerdict::ACCEPT);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(trail, "next ");
}

TEST_F(NfHooksTest, EndlessRepeatIsCutOff)
{
    NfHookOps ops = Ops("again", 0);
    ops.function = [](NfPacket&, const NfHookState&) { return NfVerdict(NfVerdict::REPEAT); };
    hooks.Register(ops);
    EXPECT_EQ(Run(), NfVerdict::DROP);
    EXPECT_EQ(counters.Get("drop-hook-repeat"), 1U);
    EXPECT_STREQ(packet->dropReason, "drop-hook-repeat");
}

TEST_F(NfHooksTest, ChangesFromInsideTakeEffectForTheNextPacket)
{
    NfHookId self = 0;
    NfHookId victim = hooks.Register(Ops("victim", 5));
    NfHookOps ops = Ops("changer", 0);
    const std::string marker(64, 'm'); // long enough to live on the heap
    ops.function = [this, &self, victim, marker](NfPacket&, const NfHookState&) {
        hooks.Unregister(self);
        hooks.Unregister(victim);
        hooks.Register(Ops("newcomer", 7));
        trail += marker.substr(0, 1) + " ";
        return NfVerdict(NfVerdict::ACCEPT);
    };
    self = hooks.Register(ops);
    Run();
    EXPECT_EQ(trail, "m victim ");
    trail.clear();
    Run();
    EXPECT_EQ(trail, "newcomer ");
}

TEST_F(NfHooksTest, NestedWalksKeepRetiredLists)
{
    NfHookId inner = 0;
    NfHookOps ops = Ops("outer", 0);
    int depth = 0;
    ops.function = [&](NfPacket&, const NfHookState&) {
        if (++depth == 1)
        {
            Run();
            hooks.Unregister(inner);
            Run();
        }
        return NfVerdict(NfVerdict::ACCEPT);
    };
    hooks.Register(ops);
    inner = hooks.Register(Ops("inner", 1));
    Run();
    EXPECT_EQ(trail, "inner inner ");
}

TEST_F(NfHooksTest, NetdevFunctionsSeeTheirDeviceOnly)
{
    NfDevice eth0;
    NfDevice eth1;
    NfHookOps ops = Ops("bound", 0);
    ops.family = NfFamily::NETDEV;
    ops.hook = NfHook::INGRESS;
    ops.device = &eth0;
    hooks.Register(ops);
    hooks.Run(*packet, {NfFamily::NETDEV, NfHook::INGRESS, &eth1, nullptr});
    EXPECT_EQ(trail, "");
    hooks.Run(*packet, {NfFamily::NETDEV, NfHook::INGRESS, &eth0, nullptr});
    EXPECT_EQ(trail, "bound ");
}

TEST(NfHookNameTest, IsWhatIptablesPrints)
{
    EXPECT_STREQ(NfHookName(NfFamily::IPV4, NfHook::PRE_ROUTING), "PREROUTING");
    EXPECT_STREQ(NfHookName(NfFamily::IPV6, NfHook::LOCAL_IN), "INPUT");
    EXPECT_STREQ(NfHookName(NfFamily::ARP, NfHook::ARP_OUT), "OUTPUT");
    EXPECT_STREQ(NfHookName(NfFamily::BRIDGE, NfHook::BROUTING), "BROUTING");
}

} // namespace
} // namespace ns3
