/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-seqadj.h"
#include "nf-conntrack-fixture.h"

namespace ns3
{

namespace
{

class NfSeqAdjTest : public NfConntrackFixture
{
  protected:
    NfSeqAdjTest()
    {
        auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9").Tcp(1000, 21).Build();
        In(*packet);
        conn = packet->conn;
    }

    static uint32_t Field(const NfPacket& packet, size_t offset)
    {
        return NfReadU32(packet.PullTransport(offset + 4) + offset);
    }

    NfConnPtr conn;
};

TEST_F(NfSeqAdjTest, LaterDataMovesAndEarlierDoesNot)
{
    // Three bytes more at sequence number 120.
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 120, 3);
    EXPECT_TRUE(conn->Has(NF_IPS_SEQ_ADJUST));

    const struct
    {
        const char* name;
        NfCtInfo info;
        uint32_t seq;
        uint32_t ack;
        uint32_t seqAfter;
        uint32_t ackAfter;
    } cases[] = {{"before", NfCtInfo::ESTABLISHED, 110, 1, 110, 1},
                 {"the changed segment itself", NfCtInfo::ESTABLISHED, 120, 1, 120, 1},
                 {"behind", NfCtInfo::ESTABLISHED, 121, 1, 124, 1},
                 {"wrapped", NfCtInfo::ESTABLISHED, 0x7fffffff, 1, 0x80000002, 1},
                 {"old acknowledgement", NfCtInfo::ESTABLISHED_REPLY, 500, 120, 500, 120},
                 {"new acknowledgement", NfCtInfo::ESTABLISHED_REPLY, 500, 142, 500, 139}};

    for (const auto& c : cases)
    {
        auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9")
                          .Tcp(1000, 21, "PA")
                          .Seq(c.seq)
                          .Ack(c.ack)
                          .Payload("x")
                          .Build();
        EXPECT_TRUE(NfSeqAdjust(*packet, *conn, c.info)) << c.name;
        EXPECT_EQ(Field(*packet, NF_TCP_SEQ), c.seqAfter) << c.name;
        EXPECT_EQ(Field(*packet, NF_TCP_ACKNO), c.ackAfter) << c.name;
        EXPECT_THAT(*packet, HasValidChecksum()) << c.name;
    }
}

TEST_F(NfSeqAdjTest, ChangesAddUp)
{
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 120, 3);
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 200, -1);
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 150, 7); // sent again: known already
    EXPECT_EQ(NfSeqOffset(*conn, NfDir::ORIGINAL, 150), 3);
    EXPECT_EQ(NfSeqOffset(*conn, NfDir::ORIGINAL, 201), 2);
    EXPECT_EQ(NfSeqOffset(*conn, NfDir::REPLY, 201), 0);
}

TEST_F(NfSeqAdjTest, SackBlocksFollow)
{
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 120, 3);
    auto packet = NfPacketBuilder("198.51.100.9", "10.0.0.2")
                      .Tcp(21, 1000, "A")
                      .Ack(140)
                      .TcpOptions(NfUnhex("0101 050a 000000a0 000000b0"))
                      .Build();
    EXPECT_TRUE(NfSeqAdjust(*packet, *conn, NfCtInfo::ESTABLISHED_REPLY));
    EXPECT_EQ(Field(*packet, 24), 0x9dU);
    EXPECT_EQ(Field(*packet, 28), 0xadU);
    EXPECT_THAT(*packet, HasValidChecksum());
}

TEST_F(NfSeqAdjTest, BrokenOptionsAreRefused)
{
    NfSeqAdjSet(table, *conn, NfCtInfo::ESTABLISHED, 120, 3);

    const struct
    {
        const char* options;
        bool good;
    } cases[] = {{"01010101", true},
                 {"00ffffff", true},
                 {"05000000", false},
                 {"050c0000", false},
                 {"01010105", false}};

    for (const auto& c : cases)
    {
        auto packet = NfPacketBuilder("10.0.0.2", "198.51.100.9")
                          .Tcp(1000, 21, "A")
                          .TcpOptions(NfUnhex(c.options))
                          .Build();
        EXPECT_EQ(NfSeqAdjust(*packet, *conn, NfCtInfo::ESTABLISHED), c.good) << c.options;
    }
    auto cut = NfPacketBuilder("10.0.0.2", "198.51.100.9").Raw(NF_IPPROTO_TCP, {1, 2, 3}).Build();
    EXPECT_FALSE(NfSeqAdjust(*cut, *conn, NfCtInfo::ESTABLISHED));
}

} // namespace

} // namespace ns3
