/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_FIXTURE_H
#define NF_HELPER_FIXTURE_H

#include "model/core/helpers/nf-helper.h"
#include "nf-nat-fixture.h"

#include <array>
#include <string>
#include <vector>

namespace ns3
{

/// The router of NfNatFixture with all helpers, assigned by the port of the first packet.
class NfHelperFixture : public NfNatFixture
{
  protected:
    NfHelperFixture()
    {
        NfAddHelpers(nat);
    }

    /// New connections to a port get a helper, as by -j CT --helper.
    void Assign(const std::string& helper, uint8_t protocol, uint16_t port)
    {
        for (NfFamily family : {NfFamily::IPV4, NfFamily::IPV6})
        {
            NfHookOps ops;
            ops.function = [=, this](NfPacket& packet, const NfHookState&) {
                if (packet.conn && !packet.conn->IsConfirmed() &&
                    packet.conn->GetProtocol() == protocol &&
                    packet.conn->GetOriginal().dport == port)
                {
                    packet.conn->Ext().helper = conntrack.FindHelper(helper, family, protocol);
                }
                return NfVerdict(NfVerdict::ACCEPT);
            };
            ops.family = family;
            ops.hook = NfHook::FORWARD;
            ops.name = "assign";
            hooks.Register(std::move(ops));
        }
    }

    /// @return "198.51.100.9 > 203.0.113.1:1025" of each live expectation, oldest first
    std::vector<std::string> Expected()
    {
        std::vector<std::string> all;
        conntrack.ForEachExpectation([&](const NfExpectationPtr& e) {
            const NfFamily family = e->tuple.family;
            all.push_back(e->tuple.src.ToString(family) + " > " + e->tuple.dst.ToString(family) +
                          ":" + std::to_string(e->tuple.dport));
        });
        return all;
    }

    /// @return the text that comes out, "drop" when nothing does
    std::string PassUdp(const std::string& src,
                        uint16_t sport,
                        const std::string& dst,
                        uint16_t dport,
                        std::string_view text,
                        const NfDevice& in)
    {
        auto packet = NfPacketBuilder(src, dst).Udp(sport, dport).Payload(text).Build();
        if (!Forward(*packet, in))
        {
            return "drop";
        }
        EXPECT_THAT(*packet, HasValidChecksum());
        const NfBytes out = packet->PullTransportAll().Sub(NF_UDP_HEADER_SIZE);
        return std::string(out.begin(), out.end());
    }
};

/// A TCP connection between a client on the lan and a server on the wan.
class NfTcpHelperFixture : public NfHelperFixture
{
  protected:
    /// Opens the connection. @param port of the server
    void Connect(const std::string& from, const std::string& to, uint16_t port)
    {
        client = from;
        server = to;
        serverPort = port;
        auto syn = NfPacketBuilder(client, server).Tcp(1000, port).Seq(100).Build();
        ASSERT_TRUE(Forward(*syn, lan));
        outside = syn->GetIp().src.ToString(syn->GetFamily());
        outsidePort = NfReadU16(syn->PullTransport(2));
        auto synAck =
            NfPacketBuilder(server, outside).Tcp(port, outsidePort, "SA").Seq(500).Ack(101).Build();
        ASSERT_TRUE(Forward(*synAck, wan));
        seq = {101, 501};
        FromClient("");
    }

    /// @return the text as the server sees it, "drop" when it does not
    std::string FromClient(std::string_view text)
    {
        auto packet = NfPacketBuilder(client, server)
                          .Tcp(1000, serverPort, "PA")
                          .Seq(seq[0])
                          .Ack(seq[1])
                          .Payload(text)
                          .Build();
        seq[0] += static_cast<uint32_t>(text.size());
        return Pass(*packet, lan);
    }

    /// @return the text as the client sees it, "drop" when it does not
    std::string FromServer(std::string_view text)
    {
        auto packet = NfPacketBuilder(server, outside)
                          .Tcp(serverPort, outsidePort, "PA")
                          .Seq(seq[1])
                          .Ack(seq[0])
                          .Payload(text)
                          .Build();
        seq[1] += static_cast<uint32_t>(text.size());
        return Pass(*packet, wan);
    }

    std::string client;
    std::string server;
    std::string outside;           //!< the client's address on the wan
    uint16_t serverPort{0};        //!< of the server
    uint16_t outsidePort{0};       //!< the client's port on the wan
    std::array<uint32_t, 2> seq{}; //!< next sequence number of client and server

  private:
    std::string Pass(NfPacket& packet, const NfDevice& in)
    {
        if (!Forward(packet, in))
        {
            return "drop";
        }
        EXPECT_THAT(packet, HasValidChecksum());
        const NfBytes all = packet.PullTransportAll();
        const NfBytes text = all.Sub(static_cast<size_t>(all[NF_TCP_DOFF] >> 4) * 4);
        return std::string(text.begin(), text.end());
    }
};

} // namespace ns3

#endif // NF_HELPER_FIXTURE_H
