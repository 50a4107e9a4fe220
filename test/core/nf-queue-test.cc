/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-queue.h"
#include "model/core/packet/nf-counter.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

/// Writes down that the stack went on with it.
class StackPacket : public NfPacket
{
  public:
    StackPacket(NfBuffer& buffer, std::string& trail)
        : NfPacket(NfFamily::IPV4, buffer),
          m_trail(trail)
    {
    }

    std::unique_ptr<NfPacket> MoveToHeap() override
    {
        auto buffer = m_buffer->Clone();
        auto moved = std::make_unique<StackPacket>(*buffer, m_trail);
        moved->m_ownBuffer = std::move(buffer);
        moved->CopyMeta(*this);
        return moved;
    }

    void Okfn(std::unique_ptr<NfPacket>, uint8_t point) override
    {
        m_trail += "okfn" + std::to_string(point) + " ";
    }

  private:
    std::string& m_trail;
};

class NfQueuesTest : public testing::Test
{
  protected:
    NfQueuesTest()
    {
        Register("before", -10, NfVerdict::ACCEPT);
        queuer = Register("queuer", 0, NfVerdict::Queue(5));
        Register("after", 10, NfVerdict::ACCEPT);
    }

    NfHookId Register(const std::string& name, int32_t priority, NfVerdict verdict)
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
        return hooks.Register(ops);
    }

    NfVerdict Send()
    {
        StackPacket packet(buffer, trail);
        return hooks.Run(packet, {NfFamily::IPV4, NfHook::FORWARD, nullptr, nullptr});
    }

    NfQueues::Handler Keep()
    {
        return [this](NfQueueEntry& entry) { last = entry.id; };
    }

    NfCounters counters;
    NfQueues queues{counters};
    NfHooks hooks{queues};
    NfVectorBuffer buffer{NfUnhex("0001000200080000")};
    NfHookId queuer{0};
    std::string trail;
    uint32_t last{0};
};

struct ReinjectCase
{
    const char* name;
    NfVerdict verdict;
    const char* trail;
};

class NfReinjectTest : public NfQueuesTest, public testing::WithParamInterface<ReinjectCase>
{
};

TEST_P(NfReinjectTest, GoesOnAsNfReinjectDoes)
{
    queues.Bind(5, Keep());
    EXPECT_EQ(Send(), NfVerdict::STOLEN);
    EXPECT_EQ(trail, "before queuer ");
    EXPECT_EQ(queues.GetLength(5), 1U);
    trail.clear();
    EXPECT_TRUE(queues.Reinject(5, last, GetParam().verdict));
    EXPECT_EQ(trail, GetParam().trail);
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfReinjectTest,
    testing::Values(ReinjectCase{"Accept", NfVerdict::ACCEPT, "after okfn2 "},
                    ReinjectCase{"Stop", NfVerdict::STOP, "okfn2 "},
                    ReinjectCase{"Drop", NfVerdict::DROP, ""},
                    ReinjectCase{"Stolen", NfVerdict::STOLEN, ""},
                    ReinjectCase{"Repeat", NfVerdict::REPEAT, "queuer "},
                    ReinjectCase{"QueueNobody", NfVerdict::Queue(9), ""},
                    ReinjectCase{"QueueBypass", NfVerdict::Queue(9, true), "after okfn2 "}),
    [](const auto& info) { return info.param.name; });

TEST_F(NfQueuesTest, OtherQueueTakesAReinjectedPacket)
{
    queues.Bind(5, Keep());
    queues.Bind(9, Keep());
    Send();
    EXPECT_TRUE(queues.Reinject(5, last, NfVerdict::Queue(9)));
    EXPECT_EQ(queues.GetLength(5), 0U);
    EXPECT_EQ(queues.GetLength(9), 1U);
    trail.clear();
    EXPECT_TRUE(queues.Reinject(9, last, NfVerdict::ACCEPT));
    EXPECT_EQ(trail, "after okfn2 ");
}

TEST_F(NfQueuesTest, HandlerMayAnswerAtOnceAndChangeBytes)
{
    queues.Bind(5, [this](NfQueueEntry& entry) {
        entry.packet->GetBuffer().MakeWritable(1)[0] = 0xaa;
        queues.Reinject(entry.queue, entry.id, NfVerdict::ACCEPT);
    });
    EXPECT_EQ(Send(), NfVerdict::STOLEN);
    EXPECT_EQ(trail, "before queuer after okfn2 ");
    EXPECT_EQ(buffer.Pull(1)[0], 0) << "the queued packet owns its bytes";
}

TEST_F(NfQueuesTest, HandlerMayUnbindItself)
{
    const std::string onHeap(64, 'x');
    queues.Bind(5, [this, onHeap](NfQueueEntry& entry) {
        queues.Unbind(entry.queue);
        trail += onHeap.substr(0, 1);
    });
    EXPECT_EQ(Send(), NfVerdict::STOLEN);
    EXPECT_EQ(trail, "before queuer x");
    EXPECT_EQ(counters.Get("drop-queue-unbound"), 1U);
}

TEST_F(NfQueuesTest, FullQueueDropsOrFailsOpen)
{
    queues.Bind(5, Keep(), 2);
    Send();
    Send();
    EXPECT_EQ(Send(), NfVerdict::DROP);
    EXPECT_EQ(counters.Get("drop-queue-full"), 1U);
    EXPECT_EQ(queues.GetLength(5), 2U);
    queues.Unbind(5);
    queues.Bind(5, Keep(), 0, true);
    EXPECT_EQ(Send(), NfVerdict::ACCEPT);
}

TEST_F(NfQueuesTest, UnregisteringDropsWhatItsFunctionQueued)
{
    queues.Bind(5, Keep());
    Send();
    const NfHookId other = Register("other", -5, NfVerdict::Queue(5));
    Send();
    EXPECT_EQ(queues.GetLength(5), 2U);
    hooks.Unregister(other);
    EXPECT_EQ(queues.GetLength(5), 1U);
    EXPECT_EQ(counters.Get("drop-queue-unregistered"), 1U);
    EXPECT_FALSE(queues.Reinject(5, 2, NfVerdict::ACCEPT));
    EXPECT_TRUE(queues.Reinject(5, 1, NfVerdict::ACCEPT));
}

TEST_F(NfQueuesTest, FunctionsRegisteredMeanwhileBehindThePositionRun)
{
    queues.Bind(5, Keep());
    Send();
    Register("new", 5, NfVerdict::ACCEPT);
    Register("tooEarly", -1, NfVerdict::ACCEPT);
    trail.clear();
    queues.Reinject(5, last, NfVerdict::ACCEPT);
    EXPECT_EQ(trail, "new after okfn2 ");
}

TEST_F(NfQueuesTest, OneHandlerPerQueueAndNoReinjectTwice)
{
    EXPECT_TRUE(queues.Bind(5, Keep()));
    EXPECT_FALSE(queues.Bind(5, Keep()));
    Send();
    EXPECT_TRUE(queues.Reinject(5, last, NfVerdict::DROP));
    EXPECT_FALSE(queues.Reinject(5, last, NfVerdict::DROP));
    EXPECT_FALSE(queues.Reinject(6, 1, NfVerdict::DROP));
}

} // namespace
} // namespace ns3
