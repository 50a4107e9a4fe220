/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_IPV4_L3_PROTOCOL_H
#define NETFILTER_IPV4_L3_PROTOCOL_H

#include "ns3/ipv4-l3-protocol.h"

namespace ns3
{

class Netfilter;
class NetfilterIpv4Path;

/**
 * @ingroup netfilter
 * IPv4 whose packets pass the hooks of the node's Netfilter. Attributes, traces and `GetObject`
 * look-ups are those of Ipv4L3Protocol.
 */
class NetfilterIpv4L3Protocol : public Ipv4L3Protocol
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    NetfilterIpv4L3Protocol();
    ~NetfilterIpv4L3Protocol() override;

    void Send(Ptr<Packet> packet,
              Ipv4Address source,
              Ipv4Address destination,
              uint8_t protocol,
              Ptr<Ipv4Route> route) override;
    void SendWithHeader(Ptr<Packet> packet, Ipv4Header header, Ptr<Ipv4Route> route) override;
    uint32_t AddInterface(Ptr<NetDevice> device) override;
    bool AddAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    bool RemoveAddress(uint32_t interface, uint32_t addressIndex) override;
    bool RemoveAddress(uint32_t interface, Ipv4Address address) override;
    void SetDown(uint32_t interface) override;

  protected:
    void NotifyNewAggregate() override;
    void DoDispose() override;

  private:
    void OnAddressRemoved(uint32_t interface, Ipv4Address address);

    Ptr<Netfilter> m_netfilter;         //!< of the node
    NetfilterIpv4Path* m_path{nullptr}; //!< of m_netfilter; null before and after its life
};

} // namespace ns3

#endif // NETFILTER_IPV4_L3_PROTOCOL_H
