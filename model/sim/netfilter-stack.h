/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_STACK_H
#define NETFILTER_STACK_H

#include "ns3/net-device.h"
#include "ns3/nf-stack.h"
#include "ns3/node.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class Ipv4L3Protocol;
class Ipv6L3Protocol;
class Netfilter;

/// A device of the node as netfilter knows it.
struct NetfilterDevice : public NfDevice
{
    Ptr<NetDevice> device;   //!< the simulated one
    bool hasEthernet{false}; //!< its frames have an Ethernet header (-m mac, LOG)
};

/**
 * @ingroup netfilter
 * Answers the core's questions about devices, addresses and routes from the node's ns-3 objects.
 */
class NetfilterStack final : public NfStack
{
  public:
    explicit NetfilterStack(Netfilter& netfilter);
    ~NetfilterStack() override;

    std::vector<const NfDevice*> GetDevices() const override;
    std::vector<NfDeviceAddr> GetAddresses(const NfDevice& device) const override;
    NfAddrType GetAddrType(NfFamily family,
                           const NfAddr& addr,
                           const NfDevice* device = nullptr) const override;
    std::optional<NfAddr> SelectAddress(NfFamily family,
                                        const NfDevice& out,
                                        const NfAddr& towards) const override;
    std::optional<NfRoute> Route(NfFamily family,
                                 const NfAddr& dst,
                                 const NfAddr& src = {},
                                 const NfDevice* out = nullptr,
                                 uint32_t mark = 0) const override;
    void SendLocal(std::unique_ptr<NfPacket> packet) override;
    uint8_t GetDefaultTtl(NfFamily family) const override;

    /// @param device one of the node @return netfilter's view of it, never null
    const NetfilterDevice* Get(const Ptr<const NetDevice>& device) const
    {
        const uint32_t index = device->GetIfIndex();
        return index < m_byIfIndex.size() ? m_byIfIndex[index] : nullptr;
    }

    /// @return the loopback device, null before an IP stack made it
    const NetfilterDevice* GetLoopback() const
    {
        return m_loopback;
    }

    /// @param family which @param addr an address @return true if it is one of the node's own
    bool IsLocal(NfFamily family, const NfAddr& addr) const;

    /// @param node whose devices to know, now and later
    void SetNode(Ptr<Node> node);
    /// @param device one of the node @param name what -i and -o compare
    void SetName(const Ptr<NetDevice>& device, const std::string& name);
    /// Forgets the node.
    void Clear();

  private:
    void AddDevice(Ptr<NetDevice> device);
    void OnLinkChange(uint32_t ifIndex);
    void Refresh(NetfilterDevice& device) const;
    std::optional<NfRoute> RouteIpv4(const NfAddr& dst,
                                     const NfAddr& src,
                                     const Ptr<NetDevice>& device) const;
    std::optional<NfRoute> RouteIpv6(const NfAddr& dst,
                                     const NfAddr& src,
                                     const Ptr<NetDevice>& device) const;
    Ptr<Ipv4L3Protocol> GetIpv4() const;
    Ptr<Ipv6L3Protocol> GetIpv6() const;

    Netfilter& m_netfilter;                                  //!< whose
    Ptr<Node> m_node;                                        //!< of which node
    std::vector<std::unique_ptr<NetfilterDevice>> m_devices; //!< in order of appearance
    std::vector<NetfilterDevice*> m_byIfIndex;               //!< by NetDevice::GetIfIndex()
    NetfilterDevice* m_loopback{nullptr};                    //!< lo
    uint32_t m_ethernets{0};                                 //!< default names given so far
};

} // namespace ns3

#endif // NETFILTER_STACK_H
