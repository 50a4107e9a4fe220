/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_IPV6_PATH_H
#define NETFILTER_IPV6_PATH_H

#include "netfilter-path.h"

#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-routing-protocol.h"
#include "ns3/nf-exthdr.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The journey of an IPv6 packet: takes the place of Ipv6L3Protocol::Receive() and of the way from
 * Send() to the interface.
 */
class NetfilterIpv6Path final : public NetfilterPath
{
  public:
    /// @param netfilter of the node @param ip its IPv6
    NetfilterIpv6Path(Netfilter& netfilter, Ptr<Ipv6L3Protocol> ip);
    ~NetfilterIpv6Path() override;

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
     * Ipv6::Send().
     * @param packet without IP header; not changed
     * @param route null: to be looked up
     * @return false: no route, nothing was done
     */
    bool Send(const Ptr<Packet>& packet,
              Ipv6Address source,
              Ipv6Address destination,
              uint8_t protocol,
              const Ptr<Ipv6Route>& route);

    /// The node's addresses changed.
    void ForgetAddresses();
    /// @param address any @return true if it is one of the node's
    bool IsOwn(const Ipv6Address& address);

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
    void OnUnicast(Ptr<const NetDevice> in,
                   Ptr<Ipv6Route> route,
                   Ptr<const Packet> bytes,
                   const Ipv6Header& header);
    void OnMulticast(Ptr<const NetDevice> in,
                     Ptr<Ipv6MulticastRoute> route,
                     Ptr<const Packet> bytes,
                     const Ipv6Header& header);
    void OnLocal(Ptr<const Packet> bytes, const Ipv6Header& header, uint32_t interface);
    void OnError(Ptr<const Packet> bytes, const Ipv6Header& header, Socket::SocketErrno error);

    enum class Group : uint8_t
    {
        NOT_MINE,
        MINE,     //!< and perhaps others'
        MINE_ONLY //!< never forwarded
    };

    Group GetGroup(const NetfilterPacket& packet) const;
    bool IsForMe(const NetfilterPacket& packet);
    bool ProcessHopByHop(NetfilterPacket& packet);
    bool Obey(NetfilterPacket& packet, const NfExthdrResult& result);
    bool IsTransportSound(const NetfilterPacket& packet) const;
    void RefreshNeighbor(const Ptr<Ipv6Interface>& interface,
                         const Ipv6Address& source,
                         const Address& from) const;
    void FillLinkHeader(NetfilterPacket& packet, const Address& from) const;
    void SetRoute(NetfilterPacket& packet, const Ptr<Ipv6Route>& route);
    Ptr<Ipv6Route> RouteToSelf(const Ptr<Ipv6Route>& route, const Ipv6Address& destination);
    Ptr<Ipv6Route> FindRoute(NetfilterPacket& packet);
    void HandUp(NetfilterPacket& packet, const NfExthdrResult& walked);
    void CallTransport(NetfilterPacket& packet,
                       const Ptr<Packet>& shown,
                       const Ipv6Header& header,
                       uint32_t nextHeader);
    void TraceSent(NetfilterPacket& packet);
    void SendOut(NetfilterPacket& packet);
    void ReceiveThroughBase(NetfilterPacket& packet,
                            const Ptr<Packet>& shown,
                            const Ipv6Header& header);
    const std::vector<Ipv6Address>& GetOwn();

    Ptr<Ipv6L3Protocol> m_ip;                                    //!< under whose hooks this is
    Ipv6RoutingProtocol::UnicastForwardCallback m_onUnicast;     //!< made once: dear to make
    Ipv6RoutingProtocol::MulticastForwardCallback m_onMulticast; //!< likewise
    Ipv6RoutingProtocol::LocalDeliverCallback m_onLocal;         //!< likewise
    Ipv6RoutingProtocol::ErrorCallback m_onError;                //!< likewise
    std::vector<Ipv6Address> m_own;                              //!< own addresses
    uint32_t m_ownInterfaces{0}; //!< interfaces when m_own was made, 0: not made
};

} // namespace ns3

#endif // NETFILTER_IPV6_PATH_H
