/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using testing::IsEmpty;

constexpr uint16_t TRAP_PORT = 162;

std::string
Bytes(std::string_view hex)
{
    const std::vector<uint8_t> bytes = NfUnhex(hex);
    return std::string(bytes.begin(), bytes.end());
}

// An SNMPv2c trap with one binding of an IpAddress, 10.0.0.2.
constexpr char TRAP[] =
    "302a020101 04067075626c6963 a71d020101020100020100 3012 3010 06082b06010201010100 "
    "40040a000002";
constexpr char TRANSLATED[] = "302a020101 04067075626c6963 a71d020101020100020100 3012 3010 "
                              "06082b06010201010100 4004cb007101";

class SnmpTest : public NfHelperFixture
{
  protected:
    void Open(bool translated = true)
    {
        if (translated)
        {
            Masquerade();
        }
        Assign("snmp_trap", NF_IPPROTO_UDP, TRAP_PORT);
        Assign("snmp", NF_IPPROTO_UDP, 161);
    }

    std::string Trap(std::string_view message)
    {
        return PassUdp("10.0.0.2", 1000, "198.51.100.9", TRAP_PORT, message, lan);
    }
};

struct MessageCase
{
    const char* name;
    const char* sent;
    const char* seen; //!< null: dropped
};

class SnmpMessageTest : public SnmpTest, public testing::WithParamInterface<MessageCase>
{
};

TEST_P(SnmpMessageTest, IsTranslatedOrDropped)
{
    const MessageCase& c = GetParam();
    Open();
    EXPECT_EQ(Trap(Bytes(c.sent)), c.seen ? Bytes(c.seen) : "drop");
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    SnmpMessageTest,
    testing::Values(
        MessageCase{"Address", TRAP, TRANSLATED},
        MessageCase{"OddOffset",
                    "302b020101 04077075626c696363 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 40040a000002",
                    "302b020101 04077075626c696363 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 4004cb007101"},
        MessageCase{"AnotherHost",
                    "302a020101 04067075626c6963 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 40040a000003",
                    "302a020101 04067075626c6963 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 40040a000003"},
        MessageCase{"LongLength",
                    "3082002a020101 04067075626c6963 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 40040a000002",
                    "3082002a020101 04067075626c6963 a71d020101020100020100 3012 3010 "
                    "06082b06010201010100 4004cb007101"},
        MessageCase{"IndefiniteBindings",
                    "302c020101 04067075626c6963 a71f020101020100020100 3080 3010 "
                    "06082b06010201010100 40040a000002 0000",
                    "302c020101 04067075626c6963 a71f020101020100020100 3080 3010 "
                    "06082b06010201010100 4004cb007101 0000"},
        MessageCase{"ShortAddress",
                    "3029020101 04067075626c6963 a71c020101020100020100 3011 300f "
                    "06082b06010201010100 40030a0000",
                    nullptr},
        MessageCase{"Version3", "3009020103 0404616263640000", nullptr},
        MessageCase{"TrapOfVersion1", "300e020100 040470616263 a403020101", nullptr},
        MessageCase{"LengthOfThreeBytes", "308300000b020101 04067075626c6963", nullptr},
        MessageCase{"LongTag", "3f300b020101 04067075626c6963", nullptr},
        MessageCase{"NoPdu", "300b020101 04067075626c6963", "300b020101 04067075626c6963"},
        MessageCase{"Empty", "", nullptr}),
    [](const auto& info) { return info.param.name; });

TEST_F(SnmpTest, TruncatedAnywhereIsDropped)
{
    Open();
    const std::string trap = Bytes(TRAP);
    for (size_t size = 0; size < trap.size(); size++)
    {
        EXPECT_EQ(Trap(trap.substr(0, size)), "drop") << size;
    }
}

TEST_F(SnmpTest, AnyByteWrongDoesNoHarm)
{
    Open();
    const std::string trap = Bytes(TRAP);
    for (size_t at = 0; at < trap.size(); at++)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            std::string wrong = trap;
            wrong[at] = static_cast<char>(wrong[at] ^ 1 << bit);
            Trap(wrong);
        }
    }
}

TEST_F(SnmpTest, NothingIsReadWithoutNat)
{
    Open(false);
    EXPECT_EQ(Trap("junk"), "junk");
    EXPECT_EQ(Trap(Bytes(TRAP)), Bytes(TRAP));
}

TEST_F(SnmpTest, QueriesPassUnread)
{
    Dnat("203.0.113.1", Range("10.0.0.9"));
    Open(false);
    PassUdp("198.51.100.9", 5000, "203.0.113.1", 161, Bytes(TRAP), wan);
    EXPECT_THAT(Expected(), IsEmpty());
}

/// A query of this node to everybody on the lan.
class BroadcastTest : public NfHelperFixture
{
  protected:
    void Query(const std::string& helper, uint16_t port, bool local = true)
    {
        NfHookOps ops;
        ops.function = [=, this](NfPacket& packet, const NfHookState&) {
            packet.conn->Ext().helper =
                conntrack.FindHelper(helper, NfFamily::IPV4, NF_IPPROTO_UDP);
            return NfVerdict(NfVerdict::ACCEPT);
        };
        ops.family = NfFamily::IPV4;
        ops.hook = NfHook::LOCAL_OUT;
        ops.name = "assign";
        hooks.Register(std::move(ops));
        auto query = NfPacketBuilder("10.0.0.1", "10.0.0.255").Udp(5000, port).Payload("q").Build();
        query->hasSocket = local;
        ASSERT_TRUE(Send(*query));
    }

    NfCtInfo Answer(const std::string& host, uint16_t port)
    {
        auto answer = NfPacketBuilder(host, "10.0.0.1").Udp(port, 5000).Payload("a").Build();
        hooks.Run(*answer, NfHookState{NfFamily::IPV4, NfHook::PRE_ROUTING, &lan, nullptr});
        hooks.Run(*answer, NfHookState{NfFamily::IPV4, NfHook::LOCAL_IN, &lan, nullptr});
        return answer->ctInfo;
    }
};

TEST_F(BroadcastTest, EveryHostOfTheSubnetMayAnswer)
{
    Query("netbios-ns", 137);
    EXPECT_EQ(Answer("10.0.0.7", 137), NfCtInfo::RELATED);
    EXPECT_EQ(Answer("10.0.0.8", 137), NfCtInfo::RELATED); // permanent
    EXPECT_EQ(Answer("10.0.0.9", 138), NfCtInfo::NEW);
    EXPECT_EQ(Answer("10.0.1.7", 137), NfCtInfo::NEW);
    clock.Advance(std::chrono::seconds(4));
    EXPECT_EQ(Answer("10.0.0.10", 137), NfCtInfo::NEW);
}

TEST_F(BroadcastTest, SnmpAnswersMayTakeLonger)
{
    Query("snmp", 161);
    clock.Advance(std::chrono::seconds(29));
    EXPECT_EQ(Answer("10.0.0.7", 161), NfCtInfo::RELATED);
    clock.Advance(std::chrono::seconds(2));
    EXPECT_EQ(Answer("10.0.0.8", 161), NfCtInfo::NEW);
}

TEST_F(BroadcastTest, ForwardedQueriesExpectNothing)
{
    Query("netbios-ns", 137, false);
    EXPECT_THAT(Expected(), IsEmpty());
}

} // namespace
} // namespace ns3
