/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_H
#define NETFILTER_H

#include "netfilter-clock.h"
#include "netfilter-stack.h"
#include "netfilter-trace.h"

#include "ns3/nf-command.h"
#include "ns3/nf-conntrack-event.h"
#include "ns3/nf-hook-chain.h"
#include "ns3/nf-netns.h"
#include "ns3/nf-queue.h"
#include "ns3/node.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/socket.h"

#include <functional>
#include <memory>
#include <string>

namespace ns3
{

class Ipv4L3Protocol;
class Ipv6L3Protocol;
class NetfilterIpv4Path;
class NetfilterPath;
class NetfilterIpv6Path;

/**
 * @ingroup netfilter
 * What a hook function written for the simulator is told: where the packet is, and on which node.
 */
struct NetfilterHookState : public NfHookState
{
    Ptr<Node> node; //!< whose packet it is
};

/// A hook function that knows its node. It may change any byte of the packet at any point.
using NetfilterHookFunction = std::function<NfVerdict(NfPacket&, const NetfilterHookState&)>;

/**
 * @ingroup netfilter
 * Linux netfilter of one node, aggregated to it: hooks, connection tracking, NAT, tables, and the
 * commands that configure them. NetfilterStackHelper and NetfilterHelper put it under the node's IP
 * stacks.
 */
class Netfilter : public Object, private NfHookObserver, private NfConntrackListener
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    Netfilter();
    ~Netfilter() override;

    // ---- administration
    /**
     * Runs a command as an administrator would type it, without a shell.
     * @param command e.g. "iptables -A FORWARD -p tcp --dport 22 -j DROP"
     * @param input its standard input
     * @return what it printed and its exit status
     */
    NfCommandResult Run(const std::string& command, const std::string& input = "");

    /**
     * Feeds a file to iptables-restore or ip6tables-restore.
     * @param fileName an iptables-save file
     * @param family IPV4 or IPV6
     * @return as Run(); status 1 when the file cannot be read
     */
    NfCommandResult RestoreFile(const std::string& fileName, NfFamily family = NfFamily::IPV4);

    // ---- programming
    /**
     * Linux: nf_register_net_hook().
     * @param function is asked about each packet
     * @param family IPV4, IPV6, INET (both), ARP or NETDEV
     * @param hook at which point
     * @param priority smaller ones run first
     * @param name for traces
     * @return id for UnregisterHook()
     */
    NfHookId RegisterHook(NetfilterHookFunction function,
                          NfFamily family,
                          NfHook hook,
                          int32_t priority = NF_PRI_FILTER,
                          const std::string& name = "user");

    /// @param id what RegisterHook() returned
    void UnregisterHook(NfHookId id);

    /**
     * Listens to a queue (-j NFQUEUE, NfVerdict::Queue()).
     * @param number which
     * @param handler sees each packet and keeps its id for Reinject()
     * @param maxLength packets that may wait
     * @param failOpen accept instead of drop when the queue is full
     * @return false if somebody listens there already
     */
    bool BindQueue(uint16_t number,
                   NfQueues::Handler handler,
                   size_t maxLength = 1024,
                   bool failOpen = false);
    /// Stops listening; waiting packets are dropped. @param number which queue
    void UnbindQueue(uint16_t number);
    /// Ends a packet's wait. @return false if it does not wait. @see NfQueues::Reinject()
    bool Reinject(uint16_t number, uint32_t id, NfVerdict verdict);

    /**
     * Gives what a socket sends a mark (Linux: SO_MARK). For TCP sockets; to mark what a UDP or raw
     * socket sends, add a NetfilterMarkTag to the packets.
     * @param socket one of this node
     * @param mark fwmark
     */
    static void SetSocketMark(Ptr<Socket> socket, uint32_t mark);

    // ---- parts
    /// @return the namespace: all of the core's state of this node
    NfNetns& GetNetns();
    /// @return the node it is aggregated to
    Ptr<Node> GetNode() const;
    /// @return devices, addresses and routes as netfilter sees them
    NetfilterStack& GetStack();
    /// @param device one of the node @param name what -i and -o compare; the default is eth0,
    /// eth1...
    void SetDeviceName(Ptr<NetDevice> device, const std::string& name);
    /// @return Linux behaviour is on where ns-3's stack differs (attribute LinuxBehavior)
    bool IsLinux() const;
    /// @return checksums are computed and checked in this simulation (Node::ChecksumEnabled())
    bool IsChecksumEnabled() const;
    /// @param family IPV4 or IPV6 @return that half of the journey, or null without such a stack
    NetfilterPath* GetPath(NfFamily family) const;
    /// @return the IPv4 half of the journey, or null without an IPv4 stack
    NetfilterIpv4Path* GetIpv4Path() const;
    /// @return the IPv6 half, or null
    NetfilterIpv6Path* GetIpv6Path() const;

    /// @param stream first stream @return streams used
    int64_t AssignStreams(int64_t stream);

    // ---- for the L3 protocols
    /// Puts the hooks under an IPv4 stack. @param ip of this node
    NetfilterIpv4Path* AttachIpv4(Ptr<Ipv4L3Protocol> ip);
    /// Puts the hooks under an IPv6 stack. @param ip of this node
    NetfilterIpv6Path* AttachIpv6(Ptr<Ipv6L3Protocol> ip);
    /**
     * Tells masquerading that a device lost its link or that it was taken down.
     * @param device one of the node
     */
    void NotifyDeviceDown(Ptr<NetDevice> device);
    /// Tells masquerading that an address is gone. @param device had it
    void NotifyAddressRemoved(Ptr<NetDevice> device, NfFamily family, const NfAddr& address);

    /// A packet ended: (packet from its IP header, reason, "FORWARD", the rule's text or "")
    typedef void (*DropTracedCallback)(Ptr<const Packet> packet,
                                       const std::string& reason,
                                       const std::string& hook,
                                       const std::string& rule);
    /// A hook point was passed: (packet, where, verdict, name of the function that decided or "")
    typedef void (*VerdictTracedCallback)(const NfPacket& packet,
                                          const NfHookState& state,
                                          NfVerdict::Code verdict,
                                          const std::string& function);
    /// A connection came, changed or went.
    typedef void (*ConntrackTracedCallback)(const NfConn& connection);
    /// A connection changed: (connection, NfEvent bits)
    typedef void (*ConntrackUpdateTracedCallback)(const NfConn& connection, uint32_t events);

  protected:
    void NotifyNewAggregate() override;
    void DoDispose() override;

  private:
    void OnVerdict(const NfPacket& packet,
                   const NfHookState& state,
                   NfVerdict verdict,
                   const std::string& function) override;
    void OnConntrack(NfEventType type, const NfConn& conn, uint32_t events) override;
    void OnExpect(NfEventType type, const NfExpectation& expectation) override;
    void ReportDrop(const NfPacket& packet, const NfHookState& state, const std::string& function);
    void Observe();
    void Listen();
    void SetEpoch(Time epoch);
    Time GetEpoch() const;
    bool SetKernelProfile(const std::string& name);
    std::string GetKernelProfile() const;

    Ptr<Node> m_node;         //!< aggregated to
    NetfilterClock m_clock;   //!< the core's time
    NetfilterRandom m_random; //!< the core's dice
    NetfilterStack m_stack;   //!< the core's view of the node
    std::unique_ptr<NfNetns> m_netns;
    std::unique_ptr<NetfilterIpv4Path> m_ipv4;
    std::unique_ptr<NetfilterIpv6Path> m_ipv6;
    bool m_linux{true};                   //!< attribute LinuxBehavior
    bool m_listening{false};              //!< we are a conntrack listener
    mutable int8_t m_checksumEnabled{-1}; //!< -1: not asked yet

    NetfilterTrace<Ptr<const Packet>, const std::string&, const std::string&, const std::string&>
        m_dropTrace;
    NetfilterTrace<const NfPacket&, const NfHookState&, NfVerdict::Code, const std::string&>
        m_verdictTrace;
    NetfilterTrace<const NfConn&> m_newTrace;
    NetfilterTrace<const NfConn&, uint32_t> m_updateTrace;
    NetfilterTrace<const NfConn&> m_destroyTrace;
    NetfilterTrace<const NfConn&> m_natTrace;
};

} // namespace ns3

#endif // NETFILTER_H
