/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TEST_NET_H
#define NETFILTER_TEST_NET_H

#include "ns3/ipv4-routing-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/netfilter-helper.h"
#include "ns3/node-container.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter-tests
 * client --10.1.1.0/24, fd00:1::/64-- router --10.2.2.0/24, fd00:2::/64-- server, netfilter on all
 * three, and a record of the hook points that packets pass.
 */
class NetfilterTestNet
{
  public:
    /// What differs between networks of this shape.
    struct Options
    {
        bool linuxBehavior{true};
        uint16_t lanMtu{1500};
        uint16_t wanMtu{1500};
        bool decorate{false};
        bool ipv6{true};
        const Ipv4RoutingHelper* routing{nullptr};             //!< null: static and global
        std::function<NetDeviceContainer(NodeContainer)> link; //!< point-to-point by default
    };

    NetfilterTestNet();
    explicit NetfilterTestNet(const Options& options);
    ~NetfilterTestNet();

    /// Records every point of a family on all nodes. @param detail adds devices, TTL and length
    void Record(NfFamily family, bool detail = false);
    /// @return what was recorded, one word per point: "router:FORWARD ..."; starts anew
    std::string Take();
    /// Runs the simulation for some more seconds.
    void Run(double seconds);
    /// Runs a function at once, as the node. @param function e.g. sends a packet
    void As(Ptr<Node> node, std::function<void()> function);

    /// Sends one UDP datagram. @param size payload @param ttl 0: default
    void SendUdp(Ptr<Node> from,
                 const std::string& to,
                 uint16_t port,
                 uint32_t size = 100,
                 uint8_t ttl = 0);
    /// Counts what a UDP port receives. @return bytes so far, kept up to date
    uint32_t& ReceiveUdp(Ptr<Node> at, uint16_t port);
    /// One ICMP echo request through a raw socket. @return replies so far, kept up to date
    uint32_t& Ping(Ptr<Node> from, const std::string& to);
    /// Sends TCP bytes. @return bytes that the server got so far, kept up to date
    uint32_t& SendTcp(Ptr<Node> from,
                      const std::string& to,
                      uint16_t port,
                      Ptr<Node> server,
                      uint16_t serverPort,
                      uint32_t bytes);

    /// Counts what a TCP port receives. @return bytes so far, kept up to date
    uint32_t& Listen(Ptr<Node> at, uint16_t port, bool isIpv6 = false);

    /// @param node with netfilter @return it
    static Ptr<Netfilter> Nf(Ptr<Node> node)
    {
        return NetfilterHelper::Get(node);
    }

    /// @return the node's name in records
    std::string NameOf(Ptr<Node> node) const;

    Ptr<Node> client;
    Ptr<Node> router;
    Ptr<Node> server;
    NetDeviceContainer lan;
    NetDeviceContainer wan;
    std::map<std::string, Ipv6Address> address6; //!< "client", "router", "router2", "server"

  private:
    void AddIpv6();
    Address MakeAddress(const std::string& to, uint16_t port) const;
    uint32_t* NewCounter();
    void Count(Ptr<Socket> socket, uint32_t* counter);

    std::string m_record;                              //!< points so far
    std::vector<Ptr<Socket>> m_sockets;                //!< kept open
    std::vector<std::unique_ptr<uint32_t>> m_counters; //!< handed out
};

} // namespace ns3

#endif // NETFILTER_TEST_NET_H
