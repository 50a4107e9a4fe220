/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_STACK_HELPER_H
#define NETFILTER_STACK_HELPER_H

#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-routing-helper.h"
#include "ns3/ipv6-routing-helper.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <memory>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * InternetStackHelper for nodes with netfilter: the same calls, and Install() gives each node
 * ns3::Netfilter and IP stacks with its hooks. Traces (EnablePcapIpv4 and friends) are inherited.
 * Install() hides that of the base: through a reference to InternetStackHelper a plain stack would
 * be installed.
 */
class NetfilterStackHelper : public InternetStackHelper
{
  public:
    NetfilterStackHelper();
    ~NetfilterStackHelper() override;
    NetfilterStackHelper(const NetfilterStackHelper& other);
    NetfilterStackHelper& operator=(const NetfilterStackHelper& other);

    /// @param routing makes each node's IPv4 routing protocol
    void SetRoutingHelper(const Ipv4RoutingHelper& routing);
    /// @param routing makes each node's IPv6 routing protocol
    void SetRoutingHelper(const Ipv6RoutingHelper& routing);
    /// @param enable whether nodes get IPv4
    void SetIpv4StackInstall(bool enable);
    /// @param enable whether nodes get IPv6
    void SetIpv6StackInstall(bool enable);
    /// @param enable random delay before ARP requests
    void SetIpv4ArpJitter(bool enable);
    /// @param enable random delay before neighbour and router solicitations
    void SetIpv6NsRsJitter(bool enable);
    /// @param typeId of the TCP, "ns3::TcpL4Protocol" by default
    void SetTcp(std::string typeId);
    /// @param name attribute of ns3::Netfilter @param value for nodes installed from now on
    void SetNetfilterAttribute(std::string name, const AttributeValue& value);
    /// As just constructed.
    void Reset();

    /// @param node gets netfilter and the IP stacks; must have none
    void Install(Ptr<Node> node) const;
    /// @param nodes each gets them
    void Install(NodeContainer nodes) const;
    /// @param nodeName see Names
    void Install(std::string nodeName) const;
    /// All nodes of the simulation.
    void InstallAll() const;

    /**
     * @param nodes that were installed
     * @param stream first random stream
     * @return streams used, those of InternetStackHelper first
     */
    int64_t AssignStreams(NodeContainer nodes, int64_t stream);

  private:
    void InstallIpv4(Ptr<Node> node) const;
    void InstallIpv6(Ptr<Node> node) const;

    std::unique_ptr<Ipv4RoutingHelper> m_routing4; //!< makes IPv4 routing
    std::unique_ptr<Ipv6RoutingHelper> m_routing6; //!< makes IPv6 routing
    ObjectFactory m_netfilter;                     //!< makes ns3::Netfilter
    std::string m_tcp;                             //!< type of the TCP
    bool m_ipv4{true};
    bool m_ipv6{true};
    bool m_arpJitter{true};
    bool m_solicitationJitter{true};
};

} // namespace ns3

#endif // NETFILTER_STACK_HELPER_H
