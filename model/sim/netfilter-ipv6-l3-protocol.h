/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_IPV6_L3_PROTOCOL_H
#define NETFILTER_IPV6_L3_PROTOCOL_H

#include "ns3/ipv6-l3-protocol.h"

namespace ns3
{

class Netfilter;
class NetfilterIpv6Path;

/**
 * @ingroup netfilter
 * IPv6 whose packets pass the hooks of the node's Netfilter. Attributes, traces and `GetObject`
 * look-ups are those of Ipv6L3Protocol.
 */
class NetfilterIpv6L3Protocol : public Ipv6L3Protocol
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    NetfilterIpv6L3Protocol();
    ~NetfilterIpv6L3Protocol() override;

    void Send(Ptr<Packet> packet,
              Ipv6Address source,
              Ipv6Address destination,
              uint8_t protocol,
              Ptr<Ipv6Route> route) override;
    uint32_t AddInterface(Ptr<NetDevice> device) override;
    bool AddAddress(uint32_t interface, Ipv6InterfaceAddress address, bool addOnLinkRoute) override;
    bool RemoveAddress(uint32_t interface, uint32_t addressIndex) override;
    bool RemoveAddress(uint32_t interface, Ipv6Address address) override;
    void SetDown(uint32_t interface) override;

  protected:
    void NotifyNewAggregate() override;
    void DoDispose() override;

  private:
    void OnAddressRemoved(uint32_t interface, Ipv6Address address);

    Ptr<Netfilter> m_netfilter;         //!< of the node
    NetfilterIpv6Path* m_path{nullptr}; //!< of m_netfilter; null before and after its life
};

} // namespace ns3

#endif // NETFILTER_IPV6_L3_PROTOCOL_H
