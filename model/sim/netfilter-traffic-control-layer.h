/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TRAFFIC_CONTROL_LAYER_H
#define NETFILTER_TRAFFIC_CONTROL_LAYER_H

#include "ns3/nf-hook.h"
#include "ns3/traffic-control-layer.h"

namespace ns3
{

class Netfilter;

/**
 * @ingroup netfilter
 * The layer between devices and IP: brings received IP packets to netfilter's journey, and has the
 * netdev hooks INGRESS and EGRESS and the ARP hooks IN and OUT.
 */
class NetfilterTrafficControlLayer : public TrafficControlLayer
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    NetfilterTrafficControlLayer();
    ~NetfilterTrafficControlLayer() override;

    void Receive(Ptr<NetDevice> device,
                 Ptr<const Packet> packet,
                 uint16_t protocol,
                 const Address& from,
                 const Address& to,
                 NetDevice::PacketType type) override;
    void Send(Ptr<NetDevice> device, Ptr<QueueDiscItem> item) override;

    /**
     * Stands in front of a layer that it does not replace, for nodes that others built.
     * @param netfilter of the node
     * @param real gets what passes
     */
    void StandBefore(Ptr<Netfilter> netfilter, Ptr<TrafficControlLayer> real);

  protected:
    void NotifyNewAggregate() override;
    void DoDispose() override;

  private:
    Ptr<const Packet> RunIn(const Ptr<NetDevice>& device,
                            const Ptr<const Packet>& packet,
                            uint16_t protocol);
    bool RunOut(const Ptr<NetDevice>& device, Ptr<QueueDiscItem>& item);
    bool IsOpaque(const QueueDiscItem& item) const;
    bool RunArp(const Ptr<NetDevice>& device, const Ptr<Packet>& bytes, NfHook hook);
    bool Has(NfFamily family, NfHook hook) const;

    Ptr<Netfilter> m_netfilter;      //!< of the node
    Ptr<TrafficControlLayer> m_real; //!< see StandBefore(), else null
};

} // namespace ns3

#endif // NETFILTER_TRAFFIC_CONTROL_LAYER_H
