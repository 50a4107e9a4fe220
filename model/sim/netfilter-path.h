/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_PATH_H
#define NETFILTER_PATH_H

#include "netfilter-packet.h"
#include "netfilter-tcp-guard.h"

#include "ns3/address.h"
#include "ns3/net-device.h"
#include "ns3/nf-hook-chain.h"
#include "ns3/nf-icmp.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace ns3
{

class Netfilter;
class NfNetns;

/**
 * @ingroup netfilter
 * The journey of an IP packet through a node, told once for both families (Linux: ip_input.c,
 * ip_forward.c, ip_output.c and their IPv6 twins). Subclasses know ns-3's two IP stacks.
 *
 * @verbatim
 * Receive -> PRE_ROUTING -> Route -+-> Deliver -> LOCAL_IN -> transport
 *                                  +-> Forward -> FORWARD -> Post
 * Send -> LOCAL_OUT -> route again if changed -> Post -> POST_ROUTING -> Transmit
 * @endverbatim
 */
class NetfilterPath
{
  public:
    /// Why a packet ends here without a hook's verdict; ns-3's Drop trace has a code for each.
    enum class Fault : uint8_t
    {
        HOOK,        //!< a hook function said DROP
        TTL,         //!< expired
        TOO_BIG,     //!< more than the next link takes, and DF
        NO_ROUTE,    //!< nowhere to go
        MALFORMED,   //!< not what ip_rcv() accepts
        DOWN,        //!< the interface is down
        NO_PROTOCOL, //!< no transport protocol takes it
    };

    /// Kinds of ICMP errors that the stack sends.
    enum class Error : uint8_t
    {
        TTL_EXPIRED,
        TOO_BIG,
        NO_ROUTE,
        PORT_UNREACHABLE,
        PROTOCOL_UNREACHABLE,
        BEYOND_SCOPE,
        COUNT
    };

    NetfilterPath(Netfilter& netfilter, NfFamily family);
    virtual ~NetfilterPath();
    NetfilterPath(const NetfilterPath&) = delete;
    NetfilterPath& operator=(const NetfilterPath&) = delete;

    /**
     * A packet arrives from a device.
     * @param device which
     * @param packet from its IP header on
     * @param from link-layer address of the sender
     */
    virtual void Receive(const Ptr<NetDevice>& device,
                         const Ptr<const Packet>& packet,
                         const Address& from) = 0;

    /**
     * Sends a packet that netfilter made. @param packet complete, of this family
     */
    void SendLocal(const NfPacket& packet);

    /// What follows a hook whose functions all accepted (Linux: okfn). @param packet queued before
    void Continue(NetfilterPacket& packet, NfHook hook);

    /// @return checksums are computed and checked
    bool IsChecksumEnabled() const;

    /**
     * Netdev ingress: a frame's packet before the IP stack sees it.
     * @param device it came by @param packet from its IP header on
     * @return the packet, perhaps changed; null: it ended here
     */
    Ptr<const Packet> RunIngress(const Ptr<NetDevice>& device, const Ptr<const Packet>& packet);
    /**
     * Netdev egress: a packet before the queue of the device.
     * @param device it leaves by @param bytes behind its IP header; changed in place
     * @param header of ns-3, changed in place
     * @return false: it ended here
     */
    template <class H>
    bool RunEgress(const Ptr<NetDevice>& device, const Ptr<Packet>& bytes, H& header);

    /// @param packet about to leave, without its header @return no queue may look into it
    bool IsOpaque(const Ptr<const Packet>& packet) const;

    /// Forgets the node and every packet.
    virtual void Clear();

  protected:
    // ---- the journey
    /// PRE_ROUTING, then where the routing protocol says.
    void Enter(NetfilterPacket& packet);
    /// LOCAL_IN, then up. @pre packet is for this node
    void Deliver(NetfilterPacket& packet);
    /// ip_forward(): checks, FORWARD, POST_ROUTING, out. @pre has a route
    void Forward(NetfilterPacket& packet);
    /// A packet of this node sets out: Output(), at once or when there is a real route.
    void Start(NetfilterPacket& packet);
    /// LOCAL_OUT, POST_ROUTING, out. @pre has a route
    void Output(NetfilterPacket& packet);
    /// Behind FORWARD (Linux: ip_forward_finish()).
    void OkForward(NetfilterPacket& packet);
    /// POST_ROUTING, out.
    void Post(NetfilterPacket& packet);

    // ---- what a family knows
    /// Asks the routing protocol, which calls back. @return false: no route
    virtual bool RouteInput(NetfilterPacket& packet) = 0;
    /// Finds a new route for a packet this node made. @return false: none
    virtual bool RouteOutput(NetfilterPacket& packet) = 0;
    /// Hands over to the device, in fragments if it must be.
    virtual void Transmit(NetfilterPacket& packet) = 0;
    /// Hands over to sockets and transport protocols.
    virtual void DeliverTransport(NetfilterPacket& packet) = 0;
    /// @return fragments for this node are put together before LOCAL_IN, not behind it
    virtual bool ReassemblesFirst() const = 0;
    /// Fires the Drop trace of ns-3.
    virtual void TraceDrop(NetfilterPacket& packet, Fault fault) = 0;
    /// Lets the original stack send an ICMP error; used when LinuxBehavior is off.
    virtual void SendPlainError(NetfilterPacket& packet, Error error) = 0;
    /// @return false: the packet may not be forwarded at all, e.g. from a link-local address
    virtual bool MayForward(NetfilterPacket& packet) = 0;
    /// Tells the sender of a shorter way; before FORWARD.
    virtual void SendRedirect(NetfilterPacket& packet) = 0;
    /// @return the interface a packet came by forwards others' packets
    virtual bool IsForwarding(const NetfilterPacket& packet) const = 0;
    /// @return true if a packet with these addresses cannot have come from here
    virtual bool IsMartian(const NetfilterPacket& packet) = 0;
    /// @return true if the route only leads to lo until the routing protocol finds the real one
    virtual bool IsDeferral(const NetfilterPacket& packet) = 0;
    /**
     * Makes netfilter's packet of a received one.
     * @param packet from its IP header on
     * @return null when the header is not acceptable
     */
    virtual std::unique_ptr<NetfilterPacket> ParseFrame(const Ptr<const Packet>& packet) = 0;
    /// @return a whole packet again
    virtual Ptr<Packet> MakeFrame(NetfilterPacket& packet) = 0;
    /// @return what waits for a received TCP segment at its port
    virtual NetfilterTcpState GetTcpState(const NetfilterPacket& packet) const = 0;
    /// Fills in what the stack fills in of a packet that netfilter made (IPv4 identification).
    virtual void Complete(NetfilterPacket& packet) = 0;

    // ---- answers of the routing protocol
    /**
     * @param bytes what the protocol calls back about @param header likewise
     * @return the packet it was just asked about, or null when it is a later answer
     */
    template <class H>
    NetfilterPacket* FindCurrent(const Ptr<const Packet>& bytes, const H& header) const;
    /// @return the packet of a later answer: parked, or unknown and made anew
    template <class H>
    std::unique_ptr<NetfilterPacket> FindLate(const Ptr<const Packet>& bytes, const H& header);
    /// A packet got its route and goes on to another node. @pre SetOut() was called
    void OnRouted(NetfilterPacket& packet);
    /// Likewise for one output interface of a group. @param packet a copy of its own
    void OnGroupRouted(NetfilterPacket& packet);
    /// A packet of this node comes back through lo. @param bytes that lo carried
    void ReceiveOwn(NetfilterPacket& packet, const Ptr<const Packet>& bytes);
    /// Before lo carries a packet: what is known of it waits at the other end.
    void ParkForLoopback(NetfilterPacket& packet, const Ptr<const Packet>& bytes);

    /// @return true if netdev hooks will ask at egress what is known of a packet
    bool HasEgress() const
    {
        return m_hooks->Has(NfFamily::NETDEV, NfHook::EGRESS);
    }

    // ---- tools for the family
    /// @return true if any function is registered at the point
    bool Has(NfHook hook) const
    {
        return m_hooks->Has(m_family, hook);
    }

    /// Shows a packet to the routing protocol, and parks it when that keeps it.
    void RouteReceived(NetfilterPacket& packet);
    /// @return netfilter's view of a device
    const NetfilterDevice* GetDevice(const Ptr<NetDevice>& device) const;
    /// Runs a netdev hook. @return true: go on
    bool RunNetdev(NetfilterPacket& packet, NfHook hook);
    /// @return the loopback device
    const NetfilterDevice* GetLoopback() const;
    /// Runs a hook. @return true: go on
    bool Run(NetfilterPacket& packet, NfHook hook, const NfDevice* in, const NfDevice* out);
    /// Puts the fragments of a packet for this node together. @return false: it waits, or is lost
    bool Reassemble(NetfilterPacket& packet);
    bool ReceiveOptions(NetfilterPacket& packet, bool local);
    /// Sends an ICMP error about a packet.
    void SendError(NetfilterPacket& packet, Error error);
    void SendError(NetfilterPacket& packet, const NfIcmpError& error);
    /// Answers an echo request to this node. @return false: it is none, or ns-3 shall answer
    bool AnswerEcho(NetfilterPacket& packet);
    /**
     * Linux's answer in the place of one that the transport protocol makes to m_delivering: a reset
     * from a closed port, an ICMPv6 message.
     * @param protocol of the answer @param answer behind its IP header
     * @return true: the answer must not be sent
     */
    bool Supersede(uint8_t protocol, const Ptr<Packet>& answer);
    /// Makes a packet one that transport protocols of ns-3 may read. @param bytes from the
    /// transport header on; changed in place @return false: they must not see it
    bool Show(const NetfilterPacket& packet, const Ptr<Packet>& bytes) const;
    /// Cuts what does not fit the way out. @return false: it is dropped
    bool Cut(NetfilterPacket& packet, std::vector<std::unique_ptr<NfPacket>>& pieces);
    /// No route for a packet to be forwarded.
    void OnUnroutable(NetfilterPacket& packet);
    /// @return bytes of one packet that fit on the way out
    static uint32_t GetMtu(const NetfilterPacket& packet);
    /// Writes what netfilter made as a packet of ns-3. @return its bytes behind the IP header
    Ptr<Packet> MakePayload(const NfPacket& packet) const;
    /// Tells where a packet goes out. @param device of the route
    void SetOut(NetfilterPacket& packet, const Ptr<NetDevice>& device, uint32_t interface);
    /// Takes the mark and the priority that the socket gave.
    void TakeSocketTags(NetfilterPacket& packet, const Ptr<Packet>& bytes) const;

    /// Keeps queues of devices from looking into a packet. @param optionsSize see
    /// NetfilterOpaqueTag
    void MakeOpaque(const Ptr<Packet>& packet, size_t optionsSize = 0);

    // ---- packets that the stack carries while netfilter does not see them
    /// Keeps mark, connection and the rest. @param bytes by which it will be known
    void Park(NetfilterPacket& packet, const Ptr<const Packet>& bytes);
    /// @return what was parked under these bytes, or null
    std::unique_ptr<NetfilterPacket> Unpark(const Ptr<const Packet>& bytes);

    Netfilter& m_netfilter;                 //!< of the node
    NfHooks* m_hooks;                       //!< of the node
    NfFamily m_family;                      //!< IPV4 or IPV6
    bool m_linux;                           //!< Linux behaviour on
    NetfilterPacket* m_delivering{nullptr}; //!< what a transport protocol looks at
    NetfilterPacket* m_current{nullptr};    //!< the packet that the routing protocol looks at
    const Packet* m_currentBytes{nullptr};  //!< what it was shown of m_current
    bool m_sentOpaque{false};               //!< MakeOpaque() was needed

  private:
    struct Parked
    {
        Ptr<const Packet> bytes; //!< keeps the key from being reused
        std::unique_ptr<NetfilterPacket> packet;
    };

    void OkPreRouting(NetfilterPacket& packet);
    void AnswerReset();
    bool AnswerIcmpv6(const Ptr<Packet>& answer);
    void OkOutput(NetfilterPacket& packet);
    void DropForgotten();

    std::unordered_map<const Packet*, Parked> m_parked; //!< by bytes
    size_t m_parkedSweep{64}; //!< size at which to look for forgotten ones
};

template <class H>
NetfilterPacket*
NetfilterPath::FindCurrent(const Ptr<const Packet>& bytes, const H& header) const
{
    const bool isSame =
        m_current && m_currentBytes &&
        (PeekPointer(bytes) == m_currentBytes || bytes->GetUid() == m_currentBytes->GetUid());
    if (!isSame)
    {
        return nullptr;
    }
    m_current->routed = true;
    if (!m_current->IsHeader(header))
    {
        m_current->SetHeader(header);
    }
    return m_current;
}

template <class H>
std::unique_ptr<NetfilterPacket>
NetfilterPath::FindLate(const Ptr<const Packet>& bytes, const H& header)
{
    std::unique_ptr<NetfilterPacket> packet = Unpark(bytes);
    if (!packet)
    {
        packet = std::make_unique<NetfilterPacket>(*this, m_family, bytes->Copy());
        packet->checksumOk = !IsChecksumEnabled();
        packet->in = GetLoopback();
    }
    packet->SetHeader(header);
    return packet;
}

template <class H>
bool
NetfilterPath::RunEgress(const Ptr<NetDevice>& device, const Ptr<Packet>& bytes, H& header)
{
    NetfilterPacket packet(*this, m_family, bytes);
    if (const std::unique_ptr<NetfilterPacket> sent = Unpark(bytes))
    {
        packet.CopyFrom(*sent);
    }
    packet.SetHeader(header);
    packet.out = GetDevice(device);
    const bool passed = RunNetdev(packet, NfHook::EGRESS);
    packet.GetPayload();
    packet.GetHeader(header);
    return passed;
}

} // namespace ns3

#endif // NETFILTER_PATH_H
