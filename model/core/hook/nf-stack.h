/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_STACK_H
#define NF_STACK_H

#include "../packet/nf-device.h"
#include "../packet/nf-packet.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// Kinds of addresses with Linux's numbers (RTN_*), for -m addrtype and NAT.
enum class NfAddrType : uint8_t
{
    UNSPEC = 0,
    UNICAST = 1,
    LOCAL = 2,
    BROADCAST = 3,
    ANYCAST = 4,
    MULTICAST = 5,
    BLACKHOLE = 6,
    UNREACHABLE = 7,
    PROHIBIT = 8,
};

/// Answer to a route lookup.
struct NfRoute
{
    const NfDevice* out{nullptr}; //!< the loopback device for local destinations
    NfAddr gateway;               //!< next hop, or the destination itself
    NfAddr source;                //!< preferred source address
    uint32_t mtu{1500};           //!< of the path as far as known
    bool local{false};            //!< destination is this node
};

/// An address of a device.
struct NfDeviceAddr
{
    NfFamily family{NfFamily::UNSPEC};
    NfAddr addr;
    unsigned prefix{0};
    NfAddr broadcast; //!< IPv4 subnet broadcast
    bool linkLocal{false};
};

/**
 * @ingroup netfilter
 * What netfilter asks of the IP stack it sits under: devices, addresses, routes, and sending
 * packets of its own. The sim half answers from ns-3; NfManualStack answers from what a test or
 * nf-shell put in.
 */
class NfStack
{
  public:
    virtual ~NfStack() = default;

    /// @return all devices by index, loopback first
    virtual std::vector<const NfDevice*> GetDevices() const = 0;

    /// @param name "eth0" @return the device or null
    const NfDevice* FindDevice(std::string_view name) const;

    /// @param device one of GetDevices() @return its addresses in order of configuration
    virtual std::vector<NfDeviceAddr> GetAddresses(const NfDevice& device) const = 0;

    /**
     * Linux: inet_dev_addr_type(), ipv6_chk_addr() and friends.
     * @param family which
     * @param addr an address
     * @param device only look at this device's addresses; null: all
     */
    virtual NfAddrType GetAddrType(NfFamily family,
                                   const NfAddr& addr,
                                   const NfDevice* device = nullptr) const = 0;

    /**
     * Linux: inet_select_addr(dev, nexthop, RT_SCOPE_UNIVERSE), ipv6_dev_get_saddr().
     * @return the source address this node would use on a device towards a next hop, if there is
     * one
     */
    virtual std::optional<NfAddr> SelectAddress(NfFamily family,
                                                const NfDevice& out,
                                                const NfAddr& towards) const = 0;

    /**
     * @param family which
     * @param dst destination
     * @param src source, zero if open
     * @param out only routes over this device; null: any
     * @param mark fwmark
     * @return the route, nothing if there is none
     */
    virtual std::optional<NfRoute> Route(NfFamily family,
                                         const NfAddr& dst,
                                         const NfAddr& src = {},
                                         const NfDevice* out = nullptr,
                                         uint32_t mark = 0) const = 0;

    /**
     * Sends a packet this node made (REJECT, ICMP errors, SYNPROXY, TEE): LOCAL_OUT, POST_ROUTING,
     * out (Linux: ip_local_out(), ip6_local_out()). The stack sets the IPv4 id where the packet's
     * is 0 and DF is not set. Runs at once, before it returns.
     * @param packet complete, checksums written
     */
    virtual void SendLocal(std::unique_ptr<NfPacket> packet) = 0;

    /// @param family which @return TTL of packets this node makes (ip_default_ttl, hop_limit)
    virtual uint8_t GetDefaultTtl(NfFamily family) const
    {
        (void)family;
        return 64;
    }
};

/**
 * @ingroup netfilter
 * A stack on paper: devices, addresses and routes as put in; sent packets are collected.
 */
class NfManualStack : public NfStack
{
  public:
    NfManualStack();

    /// @return the new device; index counts from 2, 1 is lo
    NfDevice& AddDevice(const std::string& name);
    /// @param device one of ours @param addr "10.0.0.1/24" or "2001:db8::1/64"
    void AddAddress(const NfDevice& device, std::string_view addr);
    /// Forgets an address. @param device one of ours @param addr without prefix
    void RemoveAddress(const NfDevice& device, const NfAddr& addr);
    /// @param prefix "0.0.0.0/0", "2001:db8::/32" @param out over which device @param gateway zero:
    /// on link
    void AddRoute(std::string_view prefix, const NfDevice& out, const NfAddr& gateway = {});

    std::vector<const NfDevice*> GetDevices() const override;
    std::vector<NfDeviceAddr> GetAddresses(const NfDevice& device) const override;
    NfAddrType GetAddrType(NfFamily family,
                           const NfAddr& addr,
                           const NfDevice* device) const override;
    std::optional<NfAddr> SelectAddress(NfFamily family,
                                        const NfDevice& out,
                                        const NfAddr& towards) const override;
    std::optional<NfRoute> Route(NfFamily family,
                                 const NfAddr& dst,
                                 const NfAddr& src,
                                 const NfDevice* out,
                                 uint32_t mark) const override;
    void SendLocal(std::unique_ptr<NfPacket> packet) override;

    std::vector<std::unique_ptr<NfPacket>> sent; //!< what SendLocal() got

  private:
    struct RouteRow
    {
        NfFamily family;
        NfAddr net;
        unsigned prefix;
        const NfDevice* out;
        NfAddr gateway;
    };

    std::vector<std::unique_ptr<NfDevice>> m_devices;           //!< lo first
    std::vector<std::pair<uint32_t, NfDeviceAddr>> m_addresses; //!< by device index
    std::vector<RouteRow> m_routes;                             //!< longest prefix wins
};

} // namespace ns3

#endif // NF_STACK_H
