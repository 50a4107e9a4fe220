/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-fixture.h"

#include <cerrno>

using namespace std::chrono_literals;

namespace ns3
{

namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A helper that expects what the test tells it to.
class TestHelper : public NfConntrackHelper
{
  public:
    const std::string& GetName() const override
    {
        return m_name;
    }

    uint8_t GetProtocol() const override
    {
        return NF_IPPROTO_TCP;
    }

    NfFamily GetFamily() const override
    {
        return NfFamily::UNSPEC;
    }

    const std::vector<NfExpectPolicy>& GetPolicies() const override
    {
        return m_policies;
    }

    NfVerdict Help(NfPacket&, NfConn&, NfCtInfo) override
    {
        ++calls;
        return verdict;
    }

    int calls{0};
    NfVerdict verdict{NfVerdict::ACCEPT};

  private:
    std::string m_name{"test"};
    std::vector<NfExpectPolicy> m_policies{{2, 300, {}}, {1, 60, "second"}};
};

class NfExpectTest : public NfConntrackFixture
{
  protected:
    NfExpectTest()
    {
        auto own = std::make_unique<TestHelper>();
        helper = own.get();
        table.RegisterHelper(std::move(own));
    }

    /// A confirmed control connection with the helper.
    NfConnPtr Master(uint16_t sport = 1000)
    {
        auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(sport, 21).Build();
        packet->conn = table.AllocTemplate(0, 3);
        packet->conn->Ext().helper = table.FindHelper("test", NfFamily::IPV4, NF_IPPROTO_TCP);
        EXPECT_EQ(Forward(*packet), "NEW");
        return packet->conn;
    }

    NfExpectationPtr Expect(const NfConnPtr& master, uint16_t dport, uint32_t expectClass = 0)
    {
        const NfAddr src = NfAddr::FromIpv4(0xc6336409);
        const NfAddr dst = NfAddr::FromIpv4(0x0a000002);
        return NfExpectInit(*master,
                            expectClass,
                            NfFamily::IPV4,
                            &src,
                            dst,
                            NF_IPPROTO_TCP,
                            0,
                            dport);
    }

    static NfPacketBuilder Data(uint16_t dport, uint16_t sport = 20)
    {
        return NfPacketBuilder("198.51.100.9", "10.0.0.2").Tcp(sport, dport);
    }

    TestHelper* helper;
};

TEST_F(NfExpectTest, ExpectedConnectionIsRelatedAndHasItsMaster)
{
    NfEventRecorder events(table);
    const NfConnPtr master = Master();
    master->mark = 7;
    ASSERT_EQ(table.ExpectRelated(Expect(master, 1025)), 0);
    events.Take();
    auto packet = Data(1025).Build();
    EXPECT_EQ(Forward(*packet), "RELATED");
    EXPECT_EQ(packet->conn->GetMaster(), master.get());
    EXPECT_EQ(packet->conn->mark, 7U);
    EXPECT_THAT(events.Take(), ElementsAre(StartsWith("[DESTROY] 300"), StartsWith("    [NEW]")));
    EXPECT_EQ(Forward(Data(1025, 30)), "NEW");
    EXPECT_EQ(table.GetStats().expectNew, 1U);
    EXPECT_EQ(table.GetStats().expectCreate, 1U);
    EXPECT_EQ(table.GetStats().expectDelete, 1U);
}

TEST_F(NfExpectTest, TextOfAnExpectation)
{
    const NfExpectationPtr expectation = Expect(Master(), 1025);
    table.ExpectRelated(expectation);
    clock.Advance(500ms);
    EXPECT_EQ(NfExpectListLine(table, *expectation),
              "299 proto=6 src=198.51.100.9 dst=10.0.0.2 sport=0 dport=1025 "
              "mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 "
              "master-src=10.0.0.2 master-dst=198.51.100.9 sport=1000 dport=21 class=0 "
              "helper=test");
    EXPECT_EQ(NfExpectProcText(table),
              "299 l3proto = 2 proto=6 src=198.51.100.9 dst=10.0.0.2 sport=0 dport=1025 test\n");
    EXPECT_EQ(NfExpectEventLine(table, NfEventType::NEW, *expectation),
              "    [NEW] 299 proto=6 src=198.51.100.9 dst=10.0.0.2 sport=0 dport=1025 "
              "mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 "
              "master-src=10.0.0.2 master-dst=198.51.100.9 sport=1000 dport=21 class=0 "
              "helper=test");
}

TEST_F(NfExpectTest, BoundsAreKept)
{
    const NfConnPtr master = Master();
    const NfConnPtr other = Master(1001);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 1)), 0);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 1)), 0) << "the same again is a refresh";
    EXPECT_EQ(master->GetExt()->expectations.size(), 1U);
    EXPECT_EQ(table.ExpectRelated(Expect(other, 1)), -EBUSY);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 1, 1)), -EALREADY);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 2)), 0);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 3)), 0) << "the oldest makes room";
    EXPECT_EQ(Forward(Data(1)), "NEW");
    EXPECT_EQ(Forward(Data(2)), "RELATED");
    table.GetConfig().expectMax = 1;
    EXPECT_EQ(table.ExpectRelated(Expect(master, 4)), -EMFILE);
    EXPECT_EQ(table.ExpectRelated(Expect(master, 5, 9)), -EINVAL);
}

TEST_F(NfExpectTest, ExpectationsTimeOutWithAnEvent)
{
    NfEventRecorder events(table);
    const NfConnPtr master = Master();
    table.ExpectRelated(Expect(master, 1, 1));
    events.Take();
    clock.Advance(59s);
    EXPECT_THAT(events.Take(), IsEmpty());
    clock.Advance(1s);
    EXPECT_THAT(events.Take(), ElementsAre(StartsWith("[DESTROY] 0 ")));
    EXPECT_EQ(Forward(Data(1)), "NEW");
}

TEST_F(NfExpectTest, ExpectationsGoWithTheirMaster)
{
    NfEventRecorder events(table);
    const NfConnPtr master = Master();
    table.ExpectRelated(Expect(master, 1));
    table.ExpectRelated(Expect(master, 2));
    events.Take();
    table.Kill(*master);
    EXPECT_THAT(
        events.Take(),
        ElementsAre(StartsWith("[DESTROY]"), HasSubstr("dport=2 mask"), HasSubstr("dport=1 mask")));
    EXPECT_EQ(NfExpectProcText(table), "");
}

TEST_F(NfExpectTest, HelperSeesPacketsBeforeConfirmAndMayDrop)
{
    Master();
    EXPECT_EQ(helper->calls, 1);
    helper->verdict = NfVerdict::DROP;
    auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(2000, 21).Build();
    packet->conn = table.AllocTemplate(0, 3);
    packet->conn->Ext().helper = helper;
    EXPECT_EQ(Forward(*packet), "DROP");
    EXPECT_STREQ(packet->dropReason, "drop-conntrack-helper");
    EXPECT_EQ(List().size(), 1U);
    EXPECT_THAT(Only(), HasSubstr("helper=test"));
}

TEST_F(NfExpectTest, PermanentAndInactive)
{
    const NfConnPtr master = Master();
    const NfExpectationPtr permanent = Expect(master, 1);
    permanent->flags = NF_EXPECT_PERMANENT;
    const NfExpectationPtr inactive = Expect(master, 2);
    inactive->flags = NF_EXPECT_INACTIVE;
    table.ExpectRelated(permanent);
    table.ExpectRelated(inactive);
    EXPECT_EQ(Forward(Data(1, 20)), "RELATED");
    EXPECT_EQ(Forward(Data(1, 21)), "RELATED");
    EXPECT_EQ(Forward(Data(2)), "NEW");
}

} // namespace

} // namespace ns3
