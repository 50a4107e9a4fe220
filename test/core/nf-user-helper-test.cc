/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/helpers/nf-user-helper.h"
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint16_t PORT = 7777;
constexpr uint16_t QUEUE = 3;
constexpr std::string_view LISTEN = "LISTEN ";

/// What the stack got of packets that had waited.
struct Passed
{
    std::vector<std::string> text;
    std::vector<uint32_t> sequence;
};

/// Writes down what the stack gets when it goes on with a packet.
class StackPacket : public NfPacket
{
  public:
    StackPacket(NfBuffer& buffer, NfFamily family, Passed& passed)
        : NfPacket(family, buffer),
          m_passed(passed)
    {
    }

    StackPacket(const NfPacket& from, Passed& passed)
        : StackPacket(*from.GetBuffer().Clone().release(), from.GetFamily(), passed)
    {
        m_ownBuffer.reset(m_buffer);
        CopyMeta(from);
    }

    std::unique_ptr<NfPacket> MoveToHeap() override
    {
        auto moved = std::make_unique<StackPacket>(*this, m_passed);
        moved->conn = std::move(conn);
        return moved;
    }

    void Okfn(std::unique_ptr<NfPacket>, uint8_t) override
    {
        EXPECT_THAT(*this, HasValidChecksum());
        const NfBytes all = PullTransportAll();
        const NfBytes text = all.Sub(static_cast<size_t>(all[NF_TCP_DOFF] >> 4) * 4);
        m_passed.text.emplace_back(text.begin(), text.end());
        m_passed.sequence.push_back(NfReadU32(all.data() + NF_TCP_SEQ));
    }

  private:
    Passed& m_passed;
};

/// A protocol whose client says where it listens: "LISTEN 1025\n".
class UserHelperTest : public NfTcpHelperFixture
{
  protected:
    static NfUserHelperSpec Spec()
    {
        return {"listen",
                NfFamily::IPV4,
                NF_IPPROTO_TCP,
                QUEUE,
                {NfExpectPolicy{2, 60, "listen"}},
                true};
    }

    void Open()
    {
        ASSERT_TRUE(helpers.Add(Spec()));
        Assign("listen", NF_IPPROTO_TCP, PORT);
    }

    /// What a user's program would do.
    static NfVerdict OnListen(NfUserHelperPacket& p)
    {
        const NfBytes bytes = p.helper.GetPayload(p.packet);
        const std::string text(bytes.begin(), bytes.end());
        if (text.rfind("FORBIDDEN", 0) == 0)
        {
            return NfVerdict::DROP;
        }
        if (text.rfind(LISTEN, 0) != 0)
        {
            return NfVerdict::ACCEPT;
        }
        const NfTuple& back = p.conn.GetReply();
        const auto port = static_cast<uint16_t>(std::stoul(text.substr(LISTEN.size())));
        const NfExpectationPtr expectation =
            NfExpectInit(p.conn, 0, NfFamily::IPV4, &back.src, back.dst, NF_IPPROTO_TCP, 0, port);
        if (!p.conn.Has(NF_IPS_NAT_MASK))
        {
            return p.helper.ExpectConnection(expectation) ? NfVerdict::ACCEPT : NfVerdict::DROP;
        }
        const uint16_t outside = p.helper.ExpectTranslated(expectation, NfDir::REPLY);
        const std::string line = "at " + std::to_string(outside) + ", please\n";
        return p.helper.Mangle(p.packet,
                               0,
                               text.size(),
                               NfBytes(reinterpret_cast<const uint8_t*>(line.data()), line.size()))
                   ? NfVerdict::ACCEPT
                   : NfVerdict::DROP;
    }

    /// Sends it all the way; what waited goes to `passed`.
    void Send(const NfPacketBuilder& builder, const NfDevice& in)
    {
        StackPacket packet(*builder.Build(), passed);
        Forward(packet, in);
    }

    void Handshake()
    {
        Send(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT).Seq(100), lan);
        Send(NfPacketBuilder("198.51.100.9", "203.0.113.1").Tcp(PORT, 1000, "SA").Seq(500).Ack(101),
             wan);
        Say("", 101);
        passed = {};
    }

    void Say(std::string_view text, uint32_t seqNumber)
    {
        Send(NfPacketBuilder("10.0.0.2", "198.51.100.9")
                 .Tcp(1000, PORT, "PA")
                 .Seq(seqNumber)
                 .Ack(501)
                 .Payload(text),
             lan);
    }

    Passed passed;
    NfUserHelpers helpers{nat, queues};
};

TEST_F(UserHelperTest, ExpectsAndRewrites)
{
    Masquerade();
    Open();
    ASSERT_TRUE(helpers.Serve(QUEUE, OnListen));
    Handshake();
    Say("LISTEN 1025\n", 101);
    EXPECT_THAT(passed.text, ElementsAre("at 1025, please\n"));
    EXPECT_THAT(Expected(), ElementsAre("198.51.100.9 > 203.0.113.1:1025"));
    auto data = NfPacketBuilder("198.51.100.9", "203.0.113.1").Tcp(20, 1025).Build();
    ASSERT_TRUE(Forward(*data, wan));
    EXPECT_EQ(data->ctInfo, NfCtInfo::RELATED);
    EXPECT_THAT(*data, IsTo("10.0.0.2:1025"));
}

TEST_F(UserHelperTest, LaterSequenceNumbersFollow)
{
    Masquerade();
    Open();
    ASSERT_TRUE(helpers.Serve(QUEUE, OnListen));
    Handshake();
    Say("LISTEN 1025\n", 101); // 12 bytes become 16
    Say("x", 113);
    EXPECT_THAT(passed.sequence, ElementsAre(101, 117));
}

TEST_F(UserHelperTest, AnswersMayComeLater)
{
    Masquerade();
    Open();
    std::vector<uint32_t> kept;
    ASSERT_TRUE(helpers.Serve(QUEUE, [&](NfUserHelperPacket& p) {
        kept.push_back(p.id);
        return NfVerdict(NfVerdict::QUEUE);
    }));
    Send(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT).Seq(100), lan);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_THAT(passed.text, IsEmpty());
    size_t confirmed = 0;
    const auto count = [&](NfConn&) { confirmed++; };
    conntrack.ForEach(count);
    EXPECT_EQ(confirmed, 0U);
    EXPECT_TRUE(helpers.Finish(QUEUE, kept[0], NfVerdict::ACCEPT));
    EXPECT_FALSE(helpers.Finish(QUEUE, kept[0], NfVerdict::ACCEPT));
    conntrack.ForEach(count);
    EXPECT_EQ(confirmed, 1U);
    EXPECT_THAT(passed.text, ElementsAre(""));
}

TEST_F(UserHelperTest, MayDrop)
{
    Masquerade();
    Open();
    ASSERT_TRUE(helpers.Serve(QUEUE, OnListen));
    Handshake();
    Say("FORBIDDEN\n", 101);
    EXPECT_THAT(passed.text, IsEmpty());
}

TEST_F(UserHelperTest, NobodyThereBlocksNothing)
{
    Open();
    auto syn = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT).Build();
    EXPECT_TRUE(Forward(*syn, lan));
}

TEST_F(UserHelperTest, WaitingPacketsAreBounded)
{
    Open();
    ASSERT_TRUE(helpers.Serve(
        QUEUE,
        [](NfUserHelperPacket&) { return NfVerdict(NfVerdict::QUEUE); },
        2));
    for (uint16_t port = 1; port <= 4; port++)
    {
        Send(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(port, PORT), lan);
    }
    EXPECT_EQ(queues.GetLength(QUEUE), 2U);
    helpers.Unserve(QUEUE);
    EXPECT_EQ(conntrack.GetCount(), 0U);
}

TEST_F(UserHelperTest, PacketsThatWaitMayGoMeanwhile)
{
    Open();
    std::vector<uint32_t> kept;
    ASSERT_TRUE(helpers.Serve(QUEUE, [&](NfUserHelperPacket& p) {
        kept.push_back(p.id);
        return NfVerdict(NfVerdict::QUEUE);
    }));
    Send(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT), lan);
    conntrack.Disable(NfFamily::INET); // the function that queued it is gone
    EXPECT_EQ(queues.GetLength(QUEUE), 0U);
    EXPECT_FALSE(helpers.Finish(QUEUE, kept.at(0), NfVerdict::ACCEPT));
}

TEST_F(UserHelperTest, DisabledSeesNothing)
{
    Open();
    NfUserHelperSpec spec = Spec();
    spec.enabled = false;
    ASSERT_TRUE(helpers.Update(spec));
    ASSERT_TRUE(
        helpers.Serve(QUEUE, [](NfUserHelperPacket&) { return NfVerdict(NfVerdict::DROP); }));
    auto syn = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT).Build();
    EXPECT_TRUE(Forward(*syn, lan));
    EXPECT_EQ(conntrack.GetCount(), 1U);
}

TEST_F(UserHelperTest, RemovedLeavesItsConnections)
{
    Open();
    ASSERT_TRUE(helpers.Serve(QUEUE, OnListen));
    Send(NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, PORT).Seq(100), lan);
    ASSERT_TRUE(helpers.Remove("listen", NfFamily::IPV4, NF_IPPROTO_TCP));
    EXPECT_THAT(helpers.GetAll(), IsEmpty());
    EXPECT_EQ(conntrack.FindHelper("listen", NfFamily::IPV4, NF_IPPROTO_TCP), nullptr);
    conntrack.ForEach([](NfConn& conn) { EXPECT_EQ(conn.GetHelper(), nullptr); });
}

struct SpecCase
{
    const char* name;
    void (*spoil)(NfUserHelperSpec&);
    const char* error;
};

class UserHelperSpecTest : public UserHelperTest, public testing::WithParamInterface<SpecCase>
{
};

TEST_P(UserHelperSpecTest, BadOnesAreRefused)
{
    NfUserHelperSpec spec = Spec();
    GetParam().spoil(spec);
    const NfStatus status = helpers.Add(spec);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.Error().message, GetParam().error);
    EXPECT_THAT(helpers.GetAll(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    UserHelperSpecTest,
    testing::Values(
        SpecCase{"NoName", [](auto& s) { s.name = ""; }, "Invalid argument"},
        SpecCase{"LongName", [](auto& s) { s.name = "sixteen-letters-"; }, "Invalid argument"},
        SpecCase{"NoPolicy", [](auto& s) { s.policies.clear(); }, "Invalid argument"},
        SpecCase{"FivePolicies", [](auto& s) { s.policies.resize(5); }, "Invalid argument"},
        SpecCase{"ManyExpected",
                 [](auto& s) { s.policies[0].maxExpected = 256; },
                 "Invalid argument"},
        SpecCase{"BothFamilies", [](auto& s) { s.family = NfFamily::UNSPEC; }, "Invalid argument"},
        SpecCase{"NoProtocol", [](auto& s) { s.protocol = 0; }, "Invalid argument"},
        SpecCase{"OneOfTheKernels", [](auto& s) { s.name = "ftp"; }, "File exists"}),
    [](const auto& info) { return info.param.name; });

TEST_F(UserHelperTest, TwiceOrUnknownIsRefused)
{
    ASSERT_TRUE(helpers.Add(Spec()));
    EXPECT_EQ(helpers.Add(Spec()).Error().message, "File exists");
    NfUserHelperSpec other = Spec();
    other.name = "other";
    EXPECT_EQ(helpers.Update(other).Error().message, "No such file or directory");
    EXPECT_EQ(helpers.Remove("other", NfFamily::IPV4, NF_IPPROTO_TCP).Error().message,
              "No such file or directory");
    other = Spec();
    other.policies[0].name = "renamed";
    EXPECT_EQ(helpers.Update(other).Error().message, "Invalid argument");
}

} // namespace
} // namespace ns3
