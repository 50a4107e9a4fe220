/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_ROUTER_H
#define REPLAY_ROUTER_H

#include "replay-device.h"
#include "replay-packet.h"

#include "ns3/netfilter.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replay
{

/// What happened at the router: a frame left, or a packet was delivered to it.
struct Capture
{
    bool local{false};
    std::string interface;                       //!< of a frame
    Frame frame;                                 //!< of a frame
    ns3::NfFamily family{ns3::NfFamily::UNSPEC}; //!< of a delivered packet
    uint8_t protocol{0};                         //!< of a delivered packet
    Octets packet;   //!< delivered: from the IP header on (IPv4), the transport (IPv6)
    std::string src; //!< of a delivered IPv6 packet
    std::string dst; //!< of a delivered IPv6 packet
};

/// What the socket of an `app` step is.
struct AppSocket
{
    std::string protocol{"udp"};
    std::string to;   //!< "A:P"
    std::string from; //!< "A:P" or empty
    Octets data;      //!< UDP payload
    int64_t uid{-1};  //!< who opened it
    int64_t gid{-1};
    uint32_t mark{0}; //!< SO_MARK
};

/**
 * The router of a scenario: a simulated node with netfilter, whose devices are open-ended.
 */
class Router
{
  public:
    /**
     * @param description the scenario's "router"
     * @param deliverProtocols IP protocols to report when delivered, besides ICMP, TCP and UDP
     * @throw std::invalid_argument for addresses or routes that are none
     */
    Router(const Json& description, const std::vector<unsigned>& deliverProtocols);
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// @return the router's netfilter
    ns3::Netfilter& GetNetfilter() const;
    /// @return the router's namespace
    ns3::NfNetns& GetNetns() const;
    /// @return interface names in order
    const std::vector<std::string>& GetInterfaces() const;
    /// @return MAC addresses of the router and of the far end on that link
    std::pair<ns3::Mac48Address, ns3::Mac48Address> GetMacs(const std::string& interface) const;

    /// @return true if neighbours on that link are resolved to MAC addresses
    bool ResolvesNeighbours(const std::string& interface) const;

    /// @param interface a name of GetInterfaces() @param frame arrives there
    void Inject(const std::string& interface, const Frame& frame);
    /**
     * The router sends a packet of a raw socket whose user wrote the header.
     * @param packet from its IP header on @param mark SO_MARK
     */
    void SendRaw(const Octets& packet, uint32_t mark);
    /**
     * A socket sends a datagram or starts to connect.
     * @return the system's text if that fails at once
     */
    std::optional<std::string> SendApp(const AppSocket& app);
    /// @param kind "tcp" or "udp" @param where "A:P" @return false if it cannot be bound
    bool Listen(const std::string& kind, const std::string& where);
    /// Closes what Listen() opened.
    void StopListening();

    /// @param seconds of simulated time to pass
    void Advance(double seconds);
    /// @return what happened since the last call, in order
    std::vector<Capture> Take();

    /**
     * Sysctls of the IP stack, which netfilter has no part in.
     * @param name dotted @param value to set
     * @return false if there is no such one
     */
    bool SetStackSysctl(const std::string& name, const std::string& value);

    /// @param route "default via A", "N/P via A dev IF", ... @return false if it is not understood
    bool AddRoute(const std::string& route);
    /// @param interface a name @param address "A/P"
    bool AddAddress(const std::string& interface, const std::string& address);
    /// @param interface a name @param address "A/P" or "A"
    bool RemoveAddress(const std::string& interface, const std::string& address);
    /// @param interface a name @param up or down
    bool SetUp(const std::string& interface, bool up);

  private:
    struct Link
    {
        ns3::Ptr<CaptureDevice> device;
        ns3::Mac48Address far;
    };

    void InstallStack();
    void AddInterface(const std::string& name, const Json& config, unsigned number, bool linkLocal);
    void SetUpIp(const Link& link, bool linkLocal) const;
    void AddStackSysctls();
    void ApplyStackSysctl(const std::string& name, const std::string& value);
    void WatchDelivery();
    void Delivered(ns3::NfPacket& packet);
    void DeliveredFragment(ns3::NfPacket& packet);
    void Report(ns3::NfPacket& packet, uint8_t protocol, Octets bytes);
    int32_t GetIpInterface(ns3::NfFamily family, const std::string& name) const;
    std::string FindInterfaceTowards(const std::string& gateway) const;

    ns3::Ptr<ns3::Node> m_node;
    std::vector<std::string> m_names;               //!< interfaces in order
    std::map<std::string, Link> m_links;            //!< by interface
    std::vector<unsigned> m_deliverProtocols;       //!< reported besides 1, 6, 17, 58
    std::vector<Capture> m_captures;                //!< not taken yet
    std::vector<ns3::NfHookId> m_deliveryHooks;     //!< see WatchDelivery()
    std::vector<ns3::Ptr<ns3::Socket>> m_listeners; //!< see Listen()

    /// An IPv6 datagram on its way up in pieces: bytes by offset.
    struct Pieces
    {
        std::map<size_t, Octets> parts;
        size_t total{0};     //!< 0: the last piece is missing
        uint8_t protocol{0}; //!< of the first piece
    };

    std::map<std::string, Pieces> m_pieces; //!< by source, destination and id
    bool m_localDrop{false};                //!< a packet of this node was dropped on its way out
    uint16_t m_nextPort{32768};             //!< of app sockets
    std::map<std::string, std::string> m_stackSysctls; //!< set ones
};

} // namespace replay

#endif // REPLAY_ROUTER_H
