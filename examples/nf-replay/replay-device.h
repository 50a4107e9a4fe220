/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_DEVICE_H
#define REPLAY_DEVICE_H

#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace replay
{

/// An Ethernet frame, in or out.
struct Frame
{
    ns3::Mac48Address to;
    ns3::Mac48Address from;
    uint16_t protocol{0};         //!< EtherType
    std::vector<uint8_t> payload; //!< what follows the Ethernet header
};

/**
 * A network device with nobody at the other end: frames are put in by hand and what is sent is
 * handed to a function.
 */
class CaptureDevice : public ns3::NetDevice
{
  public:
    /// @return the type
    static ns3::TypeId GetTypeId();

    using Sink = std::function<void(const Frame&)>;

    /// @param sink sees each frame that the node sends here
    void SetSink(Sink sink);
    /// @param needsArp false: neighbours are never resolved (Linux: IFF_NOARP)
    void SetNeedsArp(bool needsArp);
    /// @param frame arrives at the node now
    void Receive(const Frame& frame);

    void SetIfIndex(const uint32_t index) override;
    uint32_t GetIfIndex() const override;
    ns3::Ptr<ns3::Channel> GetChannel() const override;
    void SetAddress(ns3::Address address) override;
    ns3::Address GetAddress() const override;
    bool SetMtu(const uint16_t mtu) override;
    uint16_t GetMtu() const override;
    bool IsLinkUp() const override;
    void AddLinkChangeCallback(ns3::Callback<void> callback) override;
    bool IsBroadcast() const override;
    ns3::Address GetBroadcast() const override;
    bool IsMulticast() const override;
    ns3::Address GetMulticast(ns3::Ipv4Address multicastGroup) const override;
    ns3::Address GetMulticast(ns3::Ipv6Address address) const override;
    bool IsBridge() const override;
    bool IsPointToPoint() const override;
    bool Send(ns3::Ptr<ns3::Packet> packet,
              const ns3::Address& to,
              uint16_t protocolNumber) override;
    bool SendFrom(ns3::Ptr<ns3::Packet> packet,
                  const ns3::Address& from,
                  const ns3::Address& to,
                  uint16_t protocolNumber) override;
    ns3::Ptr<ns3::Node> GetNode() const override;
    void SetNode(ns3::Ptr<ns3::Node> node) override;
    bool NeedsArp() const override;
    void SetReceiveCallback(ReceiveCallback callback) override;
    void SetPromiscReceiveCallback(PromiscReceiveCallback callback) override;
    bool SupportsSendFrom() const override;

  protected:
    void DoDispose() override;

  private:
    PacketType Classify(const ns3::Mac48Address& to) const;

    ns3::Ptr<ns3::Node> m_node;
    uint32_t m_ifIndex{0};
    uint16_t m_mtu{1500};
    bool m_needsArp{false};
    ns3::Mac48Address m_address;
    ReceiveCallback m_receive;
    PromiscReceiveCallback m_promiscReceive;
    ns3::TracedCallback<> m_linkChange;
    Sink m_sink;
};

} // namespace replay

#endif // REPLAY_DEVICE_H
