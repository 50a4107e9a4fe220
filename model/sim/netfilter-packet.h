/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_PACKET_H
#define NETFILTER_PACKET_H

#include "netfilter-stack.h"

#include "ns3/ipv4-header.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv6-header.h"
#include "ns3/ipv6-route.h"
#include "ns3/nf-packet.h"
#include "ns3/packet.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace ns3
{

class NetfilterPath;

/**
 * @ingroup netfilter
 * The bytes of an ns3::Packet behind its IP header. Read in one copy into a window on the stack,
 * written back by Commit() and only as far as they were changed. Sizes, tags and metadata of the
 * packet survive a write.
 */
class NetfilterBuffer final : public NfBuffer
{
  public:
    /// @param packet without its IP header; nobody else may hold this object
    explicit NetfilterBuffer(Ptr<Packet> packet);

    void Replace(size_t offset, size_t remove, NfBytes insert) override;
    std::unique_ptr<NfBuffer> Clone() const override;

    /// Writes changes back. @return the packet, up to date
    const Ptr<Packet>& Commit();

    /// @return true if Commit() would write
    bool IsChanged() const
    {
        return m_dirty != 0 || m_size != m_packet->GetSize();
    }

    /// @return true if every byte was replaced at once, as reassembly does
    bool IsRebuilt() const
    {
        return m_rebuilt;
    }

  private:
    /// Bytes of the window: whole Ethernet frames are read and rewritten without the heap.
    static constexpr size_t WINDOW = 1664;
    /// Bytes read at once: IP and TCP headers with options.
    static constexpr size_t READ_AHEAD = 128;

    const uint8_t* DoPull(size_t n) override;
    uint8_t* DoMakeWritable(size_t n) override;
    void Load(size_t n);

    Ptr<Packet> m_packet;                //!< the bytes
    size_t m_dirty{0};                   //!< how many bytes from the start differ from m_packet
    bool m_rebuilt{false};               //!< see IsRebuilt()
    std::vector<uint8_t> m_spill;        //!< the window when WINDOW is too small
    std::array<uint8_t, WINDOW> m_bytes; //!< the window; left uninitialised
};

/**
 * @ingroup netfilter
 * A packet on its way through a node's IP stack: netfilter's view of it, and what the stack needs
 * to go on behind a hook.
 */
class NetfilterPacket final : public NfPacket
{
  public:
    /// Where it comes from: decides what happens behind POST_ROUTING.
    enum class Origin : uint8_t
    {
        RECEIVED,  //!< not routed yet, or for this node
        FORWARDED, //!< to another node
        MULTICAST, //!< to a group, one copy per output interface
        LOCAL,     //!< made by this node
        DEFERRED,  //!< made by this node; the routing protocol still looks for a route
        REROUTED,  //!< likewise, and LOCAL_OUT was passed already
    };

    /**
     * @param path the IP stack it is in
     * @param family IPV4 or IPV6
     * @param payload bytes behind the IP header; nobody else may hold this object
     */
    NetfilterPacket(NetfilterPath& path, NfFamily family, Ptr<Packet> payload);
    ~NetfilterPacket() override;

    std::unique_ptr<NfPacket> MoveToHeap() override;
    void Okfn(std::unique_ptr<NfPacket> self, uint8_t point) override;

    /// @return an independent copy that shares the connection @param payload its bytes
    std::unique_ptr<NetfilterPacket> Copy() const;
    /// Takes all that is not bytes from another one. @param other the connection is shared
    void CopyFrom(const NetfilterPacket& other);
    /// Takes header, marks and connection of a packet the core made. @param other as complete
    void TakeFrom(const NfPacket& other);

    /**
     * Reads the header of a received packet.
     * @param bytes the whole IPv4 header, checked already
     */
    void ParseIpv4(const uint8_t* bytes);
    /// @param bytes the fixed IPv6 header, checked already
    void ParseIpv6(const uint8_t* bytes);
    /// @param header of a packet this node makes, or that a routing protocol kept
    void SetHeader(const Ipv4Header& header);
    void SetHeader(const Ipv6Header& header);

    /// @param header of ns-3 @return true if it is the very object that GetHeader() gave
    bool IsHeader(const Ipv4Header& header) const
    {
        return header4 && &header == &*header4;
    }

    bool IsHeader(const Ipv6Header& header) const
    {
        return header6 && &header == &*header6;
    }

    /// @return the header as ns-3 wants it, up to date; payload size counts IPv4 options
    const Ipv4Header& GetHeader4();
    const Ipv6Header& GetHeader6();

    /// @param header gets what GetHeader4() says
    void GetHeader(Ipv4Header& header)
    {
        header = GetHeader4();
    }

    void GetHeader(Ipv6Header& header)
    {
        header = GetHeader6();
    }

    /// @return true if header or bytes differ from what the stack gave
    bool IsChanged() const
    {
        return m_ipChanged || m_bytes.IsChanged();
    }

    /// @return the bytes behind the IP header, up to date
    const Ptr<Packet>& GetPayload();

    /// ip_decrease_ttl().
    void DecrementTtl()
    {
        --m_ip.ttl;
        m_ipChanged = true;
    }

    /// Remembers what the route was looked up for.
    void KeepRouteKey()
    {
        m_routeKey = {m_ip.src, m_ip.dst, mark, m_ip.tos};
    }

    /// @return the route must be looked up again (Linux: ip_route_me_harder())
    bool IsRouteKeyChanged() const
    {
        return m_routeKey.dst != m_ip.dst || m_routeKey.src != m_ip.src ||
               m_routeKey.mark != mark || m_routeKey.tos != m_ip.tos;
    }

    NetfilterPath* path; //!< the stack it is in; null after the node is gone
    Origin origin{Origin::RECEIVED};
    const NetfilterDevice* in{nullptr};  //!< came in through
    const NetfilterDevice* out{nullptr}; //!< goes out through
    uint32_t inInterface{0};             //!< ns-3's interface number
    uint32_t outInterface{0};            //!< ns-3's interface number
    bool routed{false};                  //!< a callback of the routing protocol took it
    Ptr<Ipv4Route> route4;               //!< where to
    Ptr<Ipv6Route> route6;               //!< where to
    std::optional<Ipv4Header> header4;   //!< ns-3's form of the header
    std::optional<Ipv6Header> header6;   //!< ns-3's form of the header

  private:
    struct RouteKey
    {
        NfAddr src;
        NfAddr dst;
        uint32_t mark{0};
        uint8_t tos{0};
    };

    RouteKey m_routeKey;     //!< of the route, for packets this node made
    NetfilterBuffer m_bytes; //!< behind the IP header
};

/**
 * Records the transport header of a packet of raw bytes in its metadata, which
 * Packet::EnableChecking() wants to find there.
 * @param packet without IP header
 * @param view what the core knows of the same bytes
 */
void NetfilterTypePacket(const Ptr<Packet>& packet, const NfPacket& view);

/// Overwrites the first bytes of a packet; its metadata and tags stay. @param n at most its size
void NetfilterOverwrite(const Ptr<Packet>& packet, const uint8_t* bytes, size_t n);

/// @return true after Packet::EnableChecking()
bool NetfilterIsCheckingEnabled();

} // namespace ns3

#endif // NETFILTER_PACKET_H
