/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_DECORATOR_H
#define NETFILTER_DECORATOR_H

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv6-address.h"
#include "ns3/ipv6-route.h"
#include "ns3/object.h"
#include "ns3/packet.h"

namespace ns3
{

class Ipv4L3Protocol;
class Ipv6L3Protocol;
class Netfilter;
class NetfilterTrafficControlLayer;
class Node;

/**
 * @ingroup netfilter
 * Puts a node's Netfilter under IP stacks that somebody else installed: takes over the handlers of
 * the devices and the down-calls of the transport protocols. Aggregate it to a node that has
 * Netfilter and its interfaces. Raw sockets send past it: nothing of ns-3 can be taken over there.
 */
class NetfilterDecorator : public Object
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    NetfilterDecorator();
    ~NetfilterDecorator() override;

  protected:
    void NotifyNewAggregate() override;
    void DoDispose() override;

  private:
    void TakeOver(Ptr<Node> node);
    void TakeOverIpv4(Ptr<Ipv4L3Protocol> ip);
    void TakeOverIpv6(Ptr<Ipv6L3Protocol> ip);
    void Send4(Ptr<Packet> packet,
               Ipv4Address source,
               Ipv4Address destination,
               uint8_t protocol,
               Ptr<Ipv4Route> route);
    void Send6(Ptr<Packet> packet,
               Ipv6Address source,
               Ipv6Address destination,
               uint8_t protocol,
               Ptr<Ipv6Route> route);

    Ptr<Node> m_node;                          //!< decorated
    Ptr<Netfilter> m_netfilter;                //!< of the node
    Ptr<NetfilterTrafficControlLayer> m_layer; //!< stands before the node's own
    Ptr<Ipv4L3Protocol> m_ipv4;                //!< of the node, or null
    Ptr<Ipv6L3Protocol> m_ipv6;                //!< of the node, or null
};

} // namespace ns3

#endif // NETFILTER_DECORATOR_H
