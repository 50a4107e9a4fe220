/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-proto-gre.h"
#include "nf-helper-fixture.h"

namespace ns3
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint16_t START_REQUEST = 1;
constexpr uint16_t START_REPLY = 2;
constexpr uint16_t STOP_REQUEST = 3;
constexpr uint16_t OUT_CALL_REQUEST = 7;
constexpr uint16_t OUT_CALL_REPLY = 8;
constexpr uint16_t IN_CALL_REQUEST = 9;
constexpr uint16_t IN_CALL_REPLY = 10;
constexpr uint16_t IN_CALL_CONNECTED = 11;
constexpr uint16_t CALL_DISCONNECT = 13;
constexpr uint16_t WAN_ERROR = 14;
constexpr uint16_t SET_LINK_INFO = 15;

constexpr uint16_t PORT = 1723;
constexpr uint16_t CLIENT_PORT = 1000; //!< what NAT puts in the place of the client's call id
constexpr uint16_t CLIENT_ID = 0x1234;
constexpr uint16_t SERVER_ID = 0x5678;
constexpr size_t HEADER = 12;

/// A control message: what it begins with, then zeros.
std::string
Control(uint16_t type, std::string_view begin, size_t size)
{
    std::string text(HEADER + size, '\0');
    auto* p = reinterpret_cast<uint8_t*>(text.data());
    NfWriteU16(p, static_cast<uint16_t>(text.size()));
    NfWriteU16(p + 2, 1);
    NfWriteU32(p + 4, 0x1a2b3c4d);
    NfWriteU16(p + 8, type);
    text.replace(HEADER, begin.size(), begin);
    return text;
}

std::string
U16(uint16_t value)
{
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

uint16_t
IdAt(const std::string& message, size_t offset)
{
    return NfReadU16(reinterpret_cast<const uint8_t*>(message.data()) + HEADER + offset);
}

class PptpTest : public NfTcpHelperFixture
{
  protected:
    void Open()
    {
        Assign("pptp", NF_IPPROTO_TCP, PORT);
        Connect("10.0.0.2", "198.51.100.9", PORT);
        FromClient(Control(START_REQUEST, "", 144));
        FromServer(Control(START_REPLY, {"\1\0\1", 3}, 144));
    }

    std::string RequestCall(uint16_t id = CLIENT_ID)
    {
        return FromClient(Control(OUT_CALL_REQUEST, U16(id), 156));
    }

    std::string AcceptCall(uint16_t peer, uint16_t id = SERVER_ID, char result = 1)
    {
        return FromServer(Control(OUT_CALL_REPLY, U16(id) + U16(peer) + result, 20));
    }

    /// @return "10.0.0.2 1234 > 198.51.100.9 5678" of each expectation
    std::vector<std::string> Tunnels()
    {
        std::vector<std::string> all;
        conntrack.ForEachExpectation([&](const NfExpectationPtr& e) {
            EXPECT_EQ(e->mask.sport, 0xffff);
            all.push_back(e->tuple.src.ToString(NfFamily::IPV4) + " " +
                          std::to_string(e->tuple.sport) + " > " +
                          e->tuple.dst.ToString(NfFamily::IPV4) + " " +
                          std::to_string(e->tuple.dport));
        });
        return all;
    }

    static std::unique_ptr<NfPacket> Gre(const char* from, const char* to, uint16_t id)
    {
        std::vector<uint8_t> bytes = {0x30, 0x01, 0x88, 0x0b, 0, 4, 0, 0, 0, 0, 0, 0, 'a', 'b'};
        NfWriteU16(&bytes[6], id);
        return NfPacketBuilder(from, to).Raw(NF_IPPROTO_GRE, bytes).Build();
    }

    static uint16_t CallId(const NfPacket& gre)
    {
        return NfReadU16(gre.PullTransport(8) + 6);
    }

    size_t CountTunnels()
    {
        size_t n = 0;
        conntrack.ForEach([&](NfConn& c) { n += c.GetProtocol() == NF_IPPROTO_GRE; });
        return n;
    }
};

TEST_F(PptpTest, ExpectsBothDirections)
{
    Open();
    RequestCall();
    EXPECT_THAT(Tunnels(), IsEmpty());
    AcceptCall(CLIENT_ID);
    EXPECT_THAT(
        Tunnels(),
        ElementsAre("10.0.0.2 4660 > 198.51.100.9 22136", "198.51.100.9 22136 > 10.0.0.2 4660"));
    EXPECT_FALSE(conntrack.GetGreKeymap().IsEmpty());
}

TEST_F(PptpTest, CallIdBecomesThePortBehindNat)
{
    Masquerade();
    Open();
    EXPECT_EQ(IdAt(RequestCall(), 0), CLIENT_PORT);
    EXPECT_EQ(IdAt(AcceptCall(CLIENT_PORT), 2), CLIENT_ID);
    EXPECT_THAT(
        Tunnels(),
        ElementsAre("10.0.0.2 4660 > 198.51.100.9 22136", "198.51.100.9 22136 > 203.0.113.1 1000"));
    auto forth = Gre("10.0.0.2", "198.51.100.9", SERVER_ID);
    ASSERT_TRUE(Forward(*forth, lan));
    EXPECT_EQ(forth->ctInfo, NfCtInfo::RELATED);
    EXPECT_THAT(*forth, IsFrom("203.0.113.1"));
    EXPECT_EQ(CallId(*forth), SERVER_ID);
    EXPECT_THAT(Tunnels(), IsEmpty());
    auto back = Gre("198.51.100.9", "203.0.113.1", CLIENT_PORT);
    ASSERT_TRUE(Forward(*back, wan));
    EXPECT_EQ(back->ctInfo, NfCtInfo::ESTABLISHED_REPLY);
    EXPECT_THAT(*back, IsTo("10.0.0.2"));
    EXPECT_EQ(CallId(*back), CLIENT_ID);
}

TEST_F(PptpTest, TunnelBegunByTheServer)
{
    Masquerade();
    Open();
    RequestCall();
    AcceptCall(CLIENT_PORT);
    auto back = Gre("198.51.100.9", "203.0.113.1", CLIENT_PORT);
    ASSERT_TRUE(Forward(*back, wan));
    EXPECT_THAT(*back, IsTo("10.0.0.2"));
    EXPECT_EQ(CallId(*back), CLIENT_ID);
    EXPECT_THAT(Tunnels(), SizeIs(1)); // as in Linux, see the helper
    auto forth = Gre("10.0.0.2", "198.51.100.9", SERVER_ID);
    ASSERT_TRUE(Forward(*forth, lan));
    EXPECT_EQ(CountTunnels(), 1U);
}

struct NoticeCase
{
    const char* name;
    uint16_t type;
    size_t size;
};

class PptpNoticeTest : public PptpTest, public testing::WithParamInterface<NoticeCase>
{
};

TEST_P(PptpNoticeTest, ServersNoticeNamesTheClientsOwnId)
{
    const NoticeCase& c = GetParam();
    Masquerade();
    Open();
    RequestCall();
    AcceptCall(CLIENT_PORT);
    const std::string whole = Control(c.type, U16(CLIENT_PORT), c.size);
    EXPECT_EQ(IdAt(FromServer(whole.substr(0, whole.size() - 1)), 0), CLIENT_PORT); // cut short
    EXPECT_EQ(IdAt(FromServer(whole), 0), CLIENT_ID);
}

INSTANTIATE_TEST_SUITE_P(Cases,
                         PptpNoticeTest,
                         testing::Values(NoticeCase{"WanError", WAN_ERROR, 28},
                                         NoticeCase{"LinkInfo", SET_LINK_INFO, 12},
                                         NoticeCase{"Disconnect", CALL_DISCONNECT, 136}),
                         [](const auto& info) { return info.param.name; });

TEST_F(PptpTest, IncomingCall)
{
    Open();
    FromServer(Control(IN_CALL_REQUEST, U16(SERVER_ID), 208));
    FromClient(Control(IN_CALL_REPLY, U16(CLIENT_ID) + U16(SERVER_ID) + '\1', 12));
    FromServer(Control(IN_CALL_CONNECTED, U16(CLIENT_ID + 1), 16));
    EXPECT_THAT(Tunnels(), IsEmpty());
    FromServer(Control(IN_CALL_CONNECTED, U16(CLIENT_ID), 16));
    EXPECT_THAT(Tunnels(), SizeIs(2));
}

TEST_F(PptpTest, RefusedOrMisdirectedCallExpectsNothing)
{
    Open();
    RequestCall();
    AcceptCall(CLIENT_ID + 1);
    EXPECT_THAT(Tunnels(), IsEmpty());
    AcceptCall(CLIENT_ID, SERVER_ID, 2);
    EXPECT_THAT(Tunnels(), IsEmpty());
    AcceptCall(CLIENT_ID); // the call is over
    EXPECT_THAT(Tunnels(), IsEmpty());
}

TEST_F(PptpTest, NoCallWithoutSession)
{
    Assign("pptp", NF_IPPROTO_TCP, PORT);
    Connect("10.0.0.2", "198.51.100.9", PORT);
    RequestCall();
    AcceptCall(CLIENT_ID);
    EXPECT_THAT(Tunnels(), IsEmpty());
}

TEST_F(PptpTest, NoCallWhileStopping)
{
    Open();
    RequestCall();
    FromClient(Control(STOP_REQUEST, "\1", 4));
    AcceptCall(CLIENT_ID);
    EXPECT_THAT(Tunnels(), IsEmpty());
}

TEST_F(PptpTest, DisconnectEndsTheTunnel)
{
    Open();
    RequestCall();
    AcceptCall(CLIENT_ID);
    ASSERT_TRUE(Forward(*Gre("10.0.0.2", "198.51.100.9", SERVER_ID), lan));
    EXPECT_EQ(CountTunnels(), 1U);
    FromServer(Control(CALL_DISCONNECT, U16(SERVER_ID), 136));
    EXPECT_EQ(CountTunnels(), 0U);
    EXPECT_TRUE(conntrack.GetGreKeymap().IsEmpty());
}

TEST_F(PptpTest, TunnelDiesWithItsControlConnection)
{
    Open();
    RequestCall();
    AcceptCall(CLIENT_ID);
    ASSERT_TRUE(Forward(*Gre("10.0.0.2", "198.51.100.9", SERVER_ID), lan));
    conntrack.KillIf([](const NfConn& c) { return c.GetProtocol() == NF_IPPROTO_TCP; });
    EXPECT_EQ(CountTunnels(), 0U);
    EXPECT_EQ(conntrack.GetCount(), 0U);
    EXPECT_TRUE(conntrack.GetGreKeymap().IsEmpty());
}

TEST_F(PptpTest, KeysGoWithTheTunnel)
{
    Open();
    RequestCall();
    AcceptCall(CLIENT_ID);
    ASSERT_TRUE(Forward(*Gre("10.0.0.2", "198.51.100.9", SERVER_ID), lan));
    conntrack.KillIf([](const NfConn& c) { return c.GetProtocol() == NF_IPPROTO_GRE; });
    EXPECT_TRUE(conntrack.GetGreKeymap().IsEmpty());
}

TEST_F(PptpTest, TruncatedAnywhereDoesNoHarm)
{
    Masquerade();
    Open();
    const std::string request = Control(OUT_CALL_REQUEST, U16(CLIENT_ID), 156);
    for (size_t size = 0; size < request.size(); size++)
    {
        EXPECT_EQ(FromClient(request.substr(0, size)), request.substr(0, size));
    }
    AcceptCall(CLIENT_PORT);
    EXPECT_THAT(Tunnels(), IsEmpty());
}

TEST_F(PptpTest, UnknownMessagesPass)
{
    Masquerade();
    Open();
    for (uint16_t type : {0, 16, 0xffff})
    {
        const std::string message = Control(type, U16(CLIENT_ID), 208);
        EXPECT_EQ(FromClient(message), message);
        EXPECT_EQ(FromServer(message), message);
    }
}

} // namespace
} // namespace ns3
