/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_PACKET_H
#define NF_PACKET_H

#include "nf-device.h"
#include "nf-tuple.h"
#include "nf-wire.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class NfConn;

/// @param conn a connection, not null: one more owner (defined in conntrack/nf-conn.cc)
void NfRef(NfConn* conn);
/// @param conn a connection, not null: one owner fewer, the last one frees it
void NfUnref(NfConn* conn);

/**
 * @ingroup netfilter
 * Owner of an intrusively counted object; NfRef()/NfUnref() are found by argument type.
 */
template <class T>
class NfRefPtr
{
  public:
    NfRefPtr() = default;

    NfRefPtr(T* object)
        : m_object(object)
    {
        if (m_object)
        {
            NfRef(m_object);
        }
    }

    /// @param object with one owner more than it had @return that owner
    static NfRefPtr Adopt(T* object)
    {
        NfRefPtr owner;
        owner.m_object = object;
        return owner;
    }

    NfRefPtr(const NfRefPtr& o)
        : NfRefPtr(o.m_object)
    {
    }

    NfRefPtr(NfRefPtr&& o) noexcept
        : m_object(o.m_object)
    {
        o.m_object = nullptr;
    }

    ~NfRefPtr()
    {
        if (m_object)
        {
            NfUnref(m_object);
        }
    }

    NfRefPtr& operator=(NfRefPtr o) noexcept
    {
        T* mine = m_object;
        m_object = o.m_object;
        o.m_object = mine;
        return *this;
    }

    T* get() const
    {
        return m_object;
    }

    T* operator->() const
    {
        return m_object;
    }

    T& operator*() const
    {
        return *m_object;
    }

    explicit operator bool() const
    {
        return m_object != nullptr;
    }

  private:
    T* m_object{nullptr}; //!< owned together with others, or null
};

using NfConnPtr = NfRefPtr<NfConn>;

/// What conntrack says of a packet (Linux: enum ip_conntrack_info, same numbers).
enum class NfCtInfo : uint8_t
{
    ESTABLISHED = 0,
    RELATED = 1,
    NEW = 2,
    ESTABLISHED_REPLY = 3,
    RELATED_REPLY = 4,
    UNTRACKED = 7,
};

/// @param info of a tracked packet @return its direction (Linux: CTINFO2DIR)
inline NfDir
NfInfoDir(NfCtInfo info)
{
    return info >= NfCtInfo::ESTABLISHED_REPLY ? NfDir::REPLY : NfDir::ORIGINAL;
}

/**
 * @ingroup netfilter
 * The bytes of a packet behind its fixed IP header. Reading is cheap and lazy: Pull() copies once,
 * into a window that later calls reuse. Writing goes through MakeWritable(), so that the owner can
 * tell whether anything changed and how far.
 */
class NfBuffer
{
  public:
    virtual ~NfBuffer() = default;

    /// @return bytes in the packet behind the fixed IP header
    size_t GetSize() const
    {
        return m_size;
    }

    /**
     * @param n how many bytes from the start are wanted
     * @return at least n contiguous readable bytes, or null when the packet is shorter. Valid until
     * the next non-const call.
     */
    const uint8_t* Pull(size_t n)
    {
        return n <= m_window ? m_data : n <= m_size ? DoPull(n) : nullptr;
    }

    /**
     * @param n how many bytes from the start may be written
     * @return as Pull(), writable; the bytes count as changed
     */
    uint8_t* MakeWritable(size_t n)
    {
        return n <= m_size ? DoMakeWritable(n) : nullptr;
    }

    /**
     * Replaces bytes by others, of another length perhaps.
     * @param offset first byte to go, at most GetSize()
     * @param remove how many go, at most GetSize() - offset
     * @param insert what comes in their place
     */
    virtual void Replace(size_t offset, size_t remove, NfBytes insert) = 0;

    /// @return an independent copy that owns its bytes
    virtual std::unique_ptr<NfBuffer> Clone() const = 0;

  protected:
    /// @param n m_window < n <= m_size @return the window, grown to at least n bytes
    virtual const uint8_t* DoPull(size_t n) = 0;
    /// @param n n <= m_size @return the window, writable, at least n bytes
    virtual uint8_t* DoMakeWritable(size_t n) = 0;

    const uint8_t* m_data{nullptr}; //!< the window: first bytes of the packet
    size_t m_window{0};             //!< readable bytes at m_data
    size_t m_size{0};               //!< bytes in the packet
};

/**
 * @ingroup netfilter
 * A buffer that owns a vector: the core's own, and that of packets kept on the heap.
 */
class NfVectorBuffer final : public NfBuffer
{
  public:
    /// @param bytes what follows the fixed IP header
    explicit NfVectorBuffer(std::vector<uint8_t> bytes = {});
    NfVectorBuffer(const NfVectorBuffer&) = delete;
    NfVectorBuffer& operator=(const NfVectorBuffer&) = delete;

    void Replace(size_t offset, size_t remove, NfBytes insert) override;
    std::unique_ptr<NfBuffer> Clone() const override;

    /// @return all bytes
    const std::vector<uint8_t>& GetBytes() const
    {
        return m_bytes;
    }

  private:
    const uint8_t* DoPull(size_t n) override;
    uint8_t* DoMakeWritable(size_t n) override;
    void Rewindow();

    std::vector<uint8_t> m_bytes; //!< the packet behind its fixed IP header
};

/**
 * @ingroup netfilter
 * The fixed IP header, parsed; one layout for both families. For IPv6 the fragment fields come from
 * the fragment extension header when there is one.
 */
struct NfIpHeader
{
    NfAddr src;
    NfAddr dst;
    uint32_t flowLabel{0};  //!< IPv6 only, 20 bits
    uint32_t id{0};         //!< IPv4 identification, or that of the IPv6 fragment header
    uint16_t fragOffset{0}; //!< bytes
    uint8_t tos{0};         //!< IPv4 TOS or IPv6 traffic class
    uint8_t ttl{64};        //!< IPv4 TTL or IPv6 hop limit
    uint8_t protocol{0};    //!< IPv4 protocol, or IPv6 next header of the fixed header
    bool moreFragments{false};
    bool dontFragment{false}; //!< IPv4 DF
    bool fragment{false};     //!< has offset or more-fragments (IPv4), or a fragment header (IPv6)
    bool atomic{false};       //!< IPv6: fragment header of a whole datagram (RFC 6946)
};

/// What is known of a received packet's IPv4 options (Linux: struct ip_options); see NfIpOptions.
struct NfIpOptionState
{
    uint8_t route{0};      //!< where record route starts in them, from 1; 0: there is none
    uint8_t stamp{0};      //!< likewise timestamp
    uint8_t cipso{0};      //!< likewise a security label
    uint8_t needs{0};      //!< what a forwarder or an answer fills in
    bool isChanged{false}; //!< they do not fit the header's checksum any more
};

/**
 * @ingroup netfilter
 * Where and why a packet was dropped; what the Drop trace and explain report.
 */
class NfRuleInfo
{
  public:
    virtual ~NfRuleInfo() = default;
    /// @return e.g. "iptables filter FORWARD rule 3: -A FORWARD -p tcp -j DROP"
    virtual std::string Describe() const = 0;
};

/**
 * @ingroup netfilter
 * Netfilter's sk_buff. It lives on the stack of the entry point that made it; only QUEUE, STOLEN
 * and fragments move it to the heap (MoveToHeap()). Nothing is written back to the simulated packet
 * unless something changed: `ip` through MutableIp(), bytes through MutableL4() / MutableBuffer().
 */
class NfPacket
{
  public:
    /**
     * @param family IPV4, IPV6, ARP or BRIDGE
     * @param buffer bytes behind the fixed IP header (IPv4 options are not part of it, they are in
     * GetIpOptions()); for ARP and BRIDGE all bytes behind the Ethernet header. Not owned.
     */
    NfPacket(NfFamily family, NfBuffer& buffer)
        : m_family(family),
          m_buffer(&buffer)
    {
    }

    NfPacket(const NfPacket&) = delete;
    NfPacket& operator=(const NfPacket&) = delete;
    virtual ~NfPacket() = default;

    /**
     * Parses a whole IP packet as ip_rcv()/ipv6_rcv() would accept it.
     * @param bytes from the first byte of the IP header
     * @param checksum true: verify the IPv4 header checksum
     * @return a heap packet that owns its bytes, null when the header is not acceptable
     */
    static std::unique_ptr<NfPacket> Parse(NfBytes bytes, bool checksum = true);

    /**
     * @param family IPV4 or IPV6
     * @param ip the fixed header
     * @param bytes what follows it
     * @return a heap packet that owns its bytes, ParseTransport() done
     */
    static std::unique_ptr<NfPacket> Make(NfFamily family,
                                          const NfIpHeader& ip,
                                          std::vector<uint8_t> bytes);

    /**
     * @return the whole IP packet as bytes: header with options, its checksum computed, then the
     * buffer.
     */
    std::vector<uint8_t> Serialize();

    /// @return IPV4, IPV6, ARP or BRIDGE
    NfFamily GetFamily() const
    {
        return m_family;
    }

    /// @return the fixed header
    const NfIpHeader& GetIp() const
    {
        return m_ip;
    }

    /// @return the fixed header, to change it; the packet counts as changed
    NfIpHeader& MutableIp()
    {
        m_ipChanged = true;
        return m_ip;
    }

    /// @param ip the header as parsed by the entry point; does not count as a change
    void SetIp(const NfIpHeader& ip)
    {
        m_ip = ip;
    }

    /// @return true if MutableIp() was called
    bool IsIpChanged() const
    {
        return m_ipChanged;
    }

    /// @return IPv4 options as on the wire (a multiple of 4 bytes), empty for most packets and for
    /// IPv6
    const std::vector<uint8_t>& GetIpOptions() const
    {
        return m_ipOptions;
    }

    /// @param options IPv4 options, padded to a multiple of 4, at most 40 bytes
    void SetIpOptions(std::vector<uint8_t> options)
    {
        m_ipOptions = std::move(options);
    }

    /// @return length of the IPv4 header with options, or 40
    size_t GetIpHeaderSize() const
    {
        return m_family == NfFamily::IPV6 ? NF_IPV6_HEADER_SIZE
                                          : NF_IPV4_HEADER_SIZE + m_ipOptions.size();
    }

    /// @return bytes of the whole IP packet, header included (IPv4 total length)
    size_t GetLength() const
    {
        return GetIpHeaderSize() + m_buffer->GetSize();
    }

    /// @return the bytes behind the fixed IP header
    NfBuffer& GetBuffer() const
    {
        return *m_buffer;
    }

    /**
     * The transport protocol: IPv4 protocol, or what the IPv6 extension header chain ends in
     * (Linux: ipv6_find_hdr(-1)); of a later fragment, what its fragment header names. 59 (no next
     * header) is given as such, though ipv6_skip_exthdr(), and so conntrack, takes it for an error.
     * Computed once; see ParseTransport().
     * @return IP protocol number; 255 with IsTransportValid() false when the chain is broken
     */
    uint8_t GetProtocol() const
    {
        return m_protocol;
    }

    /// @return what ParseTransport() returned
    bool IsTransportValid() const
    {
        return m_transportValid;
    }

    /// @return where the transport header starts in the buffer (0 for IPv4)
    size_t GetTransportOffset() const
    {
        return m_transportOffset;
    }

    /**
     * Finds the transport header behind IPv6 extension headers and fills the fragment fields from a
     * fragment header. To be called by whoever made the packet, and again after the buffer was
     * replaced.
     * @return false when an extension header is truncated, or is in the middle of a datagram
     */
    bool ParseTransport();

    /// @return transport header and payload bytes together
    size_t GetTransportSize() const
    {
        return m_buffer->GetSize() - m_transportOffset;
    }

    /**
     * @param n how many bytes of the transport header are wanted
     * @return n readable bytes of the transport header, or null (packet too short, or a later
     * fragment is NOT checked here: see IsLaterFragment())
     */
    const uint8_t* PullTransport(size_t n) const
    {
        const uint8_t* p = m_buffer->Pull(m_transportOffset + n);
        return p ? p + m_transportOffset : nullptr;
    }

    /// @return all transport bytes
    NfBytes PullTransportAll() const
    {
        const size_t size = GetTransportSize();
        return NfBytes(PullTransport(size), size);
    }

    /// @param n bytes of the transport header to write @return as PullTransport(), writable
    uint8_t* MakeTransportWritable(size_t n)
    {
        uint8_t* p = m_buffer->MakeWritable(m_transportOffset + n);
        return p ? p + m_transportOffset : nullptr;
    }

    /// @return true for a fragment other than the first: no transport header in it
    bool IsLaterFragment() const
    {
        return m_ip.fragOffset != 0;
    }

    /**
     * Moves the packet to the heap, for QUEUE, STOLEN and reassembly: the result owns a copy of the
     * bytes and everything else this one had; this one is left without connection.
     * @return the heap packet
     */
    virtual std::unique_ptr<NfPacket> MoveToHeap();

    /// @return an independent heap copy that shares the connection (Linux: skb_copy)
    std::unique_ptr<NfPacket> Clone() const;

    /**
     * @param ip another fixed header
     * @param bytes what follows it
     * @return a heap packet with these and everything else this one has, the connection included;
     * ParseTransport() done
     */
    std::unique_ptr<NfPacket> CloneWith(const NfIpHeader& ip, std::vector<uint8_t> bytes) const;

    /**
     * Goes on in the stack behind a hook, after a queued packet was reinjected and the rest of the
     * hook's functions accepted it (Linux: okfn). Only heap packets are asked. The base does
     * nothing.
     * @param self this packet, handed over
     * @param point value of NfHook the packet passed
     */
    virtual void Okfn(std::unique_ptr<NfPacket> self, uint8_t point);

    NfConnPtr conn;                 //!< its connection, or null (INVALID, UNTRACKED)
    NfCtInfo ctInfo{NfCtInfo::NEW}; //!< meaning of conn; UNTRACKED with null conn is untracked
    bool checksumOk{
        false}; //!< transport checksums need no check and no update (ns-3 without ChecksumEnabled)
    bool localOut{false};       //!< made by this node
    bool icmpRelatedOut{false}; //!< is an ICMP error or reset this node made about another packet
    uint8_t packetType{0}; //!< PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, LOOPBACK 5
    uint32_t mark{0};      //!< fwmark
    uint32_t priority{0};  //!< skb->priority
    uint32_t secmark{0};   //!< security mark
    uint32_t fragMaxSize{
        0};             //!< biggest original fragment, header included; 0: was never in fragments
    bool fragDf{false}; //!< the biggest fragment had DF (Linux: BR/IPSKB_FRAG_PMTU)
    std::vector<uint16_t> fragSizes;    //!< bytes behind the IP header that came in each original
                                        //!< fragment, in order (Linux: the skb's frag_list)
    bool traced{false};                 //!< -j TRACE
    NfIpOptionState ipOptions;          //!< filled in once they were looked at
    std::array<uint8_t, 14> ethernet{}; //!< Ethernet header as received, if hasEthernet
    bool hasEthernet{false};
    int64_t ownerUid{-1}; //!< uid of the sending socket, -1: none
    int64_t ownerGid{-1};
    bool hasSocket{false};               //!< came from a local socket
    const char* dropReason{nullptr};     //!< static text: why the last function said DROP
    const NfRuleInfo* dropRule{nullptr}; //!< the rule that said so, valid while the Drop trace runs

  protected:
    /// Copies everything but buffer and connection. @param from the other
    void CopyMeta(const NfPacket& from);
    /// @return false when the chain of IPv6 extension headers is broken
    bool SkipExtensionHeaders();

    NfFamily m_family;                     //!< IPV4, IPV6, ARP, BRIDGE
    NfBuffer* m_buffer;                    //!< the bytes; owned by m_ownBuffer for heap packets
    std::unique_ptr<NfBuffer> m_ownBuffer; //!< null for packets on the stack
    NfIpHeader m_ip;                       //!< the fixed header
    std::vector<uint8_t> m_ipOptions;      //!< IPv4 options
    size_t m_transportOffset{0};           //!< where the transport header starts in the buffer
    uint8_t m_protocol{0};                 //!< transport protocol
    bool m_transportValid{true};           //!< the extension header chain is whole
    bool m_ipChanged{false};               //!< MutableIp() was called
};

} // namespace ns3

#endif // NF_PACKET_H
