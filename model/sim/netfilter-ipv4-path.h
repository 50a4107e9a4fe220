/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_IPV4_PATH_H
#define NETFILTER_IPV4_PATH_H

#include "netfilter-path.h"

#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-routing-protocol.h"

#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The journey of an IPv4 packet: takes the place of Ipv4L3Protocol::Receive() and of the way from
 * Send() to the interface.
 */
class NetfilterIpv4Path final : public NetfilterPath
{
  public:
    /// @param netfilter of the node @param ip its IPv4
    NetfilterIpv4Path(Netfilter& netfilter, Ptr<Ipv4L3Protocol> ip);
    ~NetfilterIpv4Path() override;

    void Receive(const Ptr<NetDevice>& device,
                 const Ptr<const Packet>& packet,
                 const Address& from) override;

    /// Handler of the loopback device, which has no traffic control layer. @see Node
    void ReceiveLoopback(Ptr<NetDevice> device,
                         Ptr<const Packet> packet,
                         uint16_t protocol,
                         const Address& from,
                         const Address& to,
                         NetDevice::PacketType type);

    /**
     * Ipv4::Send() with a route.
     * @param packet without IP header; not changed
     * @param route not null
     */
    void Send(const Ptr<Packet>& packet,
              Ipv4Address source,
              Ipv4Address destination,
              uint8_t protocol,
              const Ptr<Ipv4Route>& route);
    /// Ipv4::Send() with or without a route, for stacks that do not come back here with one.
    void SendUnrouted(const Ptr<Packet>& packet,
                      Ipv4Address source,
                      Ipv4Address destination,
                      uint8_t protocol,
                      const Ptr<Ipv4Route>& route);
    /// Ipv4::SendWithHeader() with a route.
    void SendWithHeader(const Ptr<Packet>& packet,
                        const Ipv4Header& header,
                        const Ptr<Ipv4Route>& route);

    /// The node's addresses changed. @param watched false: nobody tells of changes
    void ForgetAddresses(bool watched = true);
    /// @param address any @return true if it is one of the node's
    bool IsOwn(Ipv4Address address);

    /**
     * Turns options, which ns-3 carries as the start of the payload, into a real header.
     * @param packet IsOpaque(), with its IP header, about to leave through a device
     */
    static void RestoreOptions(const Ptr<Packet>& packet);

    void Clear() override;

  protected:
    bool RouteInput(NetfilterPacket& packet) override;
    bool RouteOutput(NetfilterPacket& packet) override;
    void Transmit(NetfilterPacket& packet) override;
    void DeliverTransport(NetfilterPacket& packet) override;
    bool ReassemblesFirst() const override;
    void TraceDrop(NetfilterPacket& packet, Fault fault) override;
    void SendPlainError(NetfilterPacket& packet, Error error) override;
    bool MayForward(NetfilterPacket& packet) override;
    void SendRedirect(NetfilterPacket& packet) override;
    bool IsMartian(const NetfilterPacket& packet) override;
    bool IsForwarding(const NetfilterPacket& packet) const override;
    std::unique_ptr<NetfilterPacket> ParseFrame(const Ptr<const Packet>& packet) override;
    Ptr<Packet> MakeFrame(NetfilterPacket& packet) override;
    void Complete(NetfilterPacket& packet) override;
    bool IsDeferral(const NetfilterPacket& packet) override;
    NetfilterTcpState GetTcpState(const NetfilterPacket& packet) const override;

  private:
    void OnUnicast(Ptr<Ipv4Route> route, Ptr<const Packet> bytes, const Ipv4Header& header);
    void OnMulticast(Ptr<Ipv4MulticastRoute> route,
                     Ptr<const Packet> bytes,
                     const Ipv4Header& header);
    void OnLocal(Ptr<const Packet> bytes, const Ipv4Header& header, uint32_t interface);
    void OnError(Ptr<const Packet> bytes, const Ipv4Header& header, Socket::SocketErrno error);

    void SetRoute(NetfilterPacket& packet, const Ptr<Ipv4Route>& route);
    Ptr<Ipv4Route> RouteToSelf(const Ptr<Ipv4Route>& route, Ipv4Address destination);
    void RefreshArp(const Ptr<Ipv4Interface>& interface,
                    Ipv4Address source,
                    const Address& from) const;
    void FillLinkHeader(NetfilterPacket& packet, const Address& from);
    void CallTransport(NetfilterPacket& packet, IpL4Protocol& protocol, const Ptr<Packet>& bytes);
    void TraceSent(NetfilterPacket& packet);
    void SendPiece(NetfilterPacket& whole, const NfPacket& piece);
    void SendOut(NetfilterPacket& packet);
    static void FillUdpChecksum(NetfilterPacket& packet, const Ptr<Packet>& bytes);
    bool GiveToRawSockets(NetfilterPacket& packet);
    bool IsOnLink(uint32_t interface, const NfAddr& address) const;
    std::vector<Ptr<Ipv4Route>> FindRoutes(const Ptr<Packet>& packet,
                                           Ipv4Address source,
                                           Ipv4Address destination,
                                           uint8_t protocol) const;
    const std::vector<uint32_t>& GetOwn();

    /// A host that was told of a shorter way (Linux: struct inet_peer).
    struct Redirected
    {
        uint32_t count{0}; //!< times in a row
        Time last;         //!< when
    };

    Ptr<Ipv4L3Protocol> m_ip;                                    //!< under whose hooks this is
    Ipv4RoutingProtocol::UnicastForwardCallback m_onUnicast;     //!< made once: dear to make
    Ipv4RoutingProtocol::MulticastForwardCallback m_onMulticast; //!< likewise
    Ipv4RoutingProtocol::LocalDeliverCallback m_onLocal;         //!< likewise
    Ipv4RoutingProtocol::ErrorCallback m_onError;                //!< likewise
    std::vector<uint32_t> m_own;                                 //!< own addresses
    std::vector<uint32_t> m_broadcasts;                          //!< of the own subnets
    std::map<uint32_t, Redirected> m_redirected;                 //!< by address
    uint16_t m_nextId{0};     //!< identification of what netfilter sends, 0: draw one
    bool m_ownValid{false};   //!< m_own is up to date
    bool m_ownWatched{false}; //!< changes are told
};

} // namespace ns3

#endif // NETFILTER_IPV4_PATH_H
