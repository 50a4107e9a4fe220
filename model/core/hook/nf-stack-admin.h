/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_STACK_ADMIN_H
#define NF_STACK_ADMIN_H

#include "nf-stack.h"

#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/// An address as ip-address(8) knows it.
struct NfAddressRow
{
    NfDeviceAddr own;
    bool showsBroadcast{false}; //!< a broadcast address was given
    bool secondary{false};      //!< another address of its subnet came first
    bool hasRoute{true};        //!< the route to its subnet was not removed
};

/// A route of the main table as ip-route(8) knows it.
struct NfRouteRow
{
    NfFamily family{NfFamily::IPV4};
    NfAddrType type{NfAddrType::UNICAST}; //!< UNICAST, UNREACHABLE, BLACKHOLE or PROHIBIT
    NfAddr dst;
    unsigned prefix{0};
    const NfDevice* out{nullptr};  //!< null: none
    std::optional<NfAddr> gateway; //!< nothing: on link
    uint32_t metric{0};
    bool kernel{false};           //!< came with an address
    std::optional<NfAddr> source; //!< preferred source
};

/// Changes of a device; what is not given stays.
struct NfLinkChange
{
    std::optional<bool> up;
    std::optional<uint32_t> mtu;
    std::optional<std::array<uint8_t, 6>> mac;
    std::optional<uint32_t> group;
    std::optional<std::string> name;
};

/**
 * @ingroup netfilter
 * What an administrator can change of a stack (Linux: rtnetlink). A stack that can also is one of
 * these. Numbers returned are 0 or negative error numbers.
 */
class NfStackAdmin
{
  public:
    virtual ~NfStackAdmin() = default;

    /// @param name of the new device @return 0 or -EEXIST
    virtual int AddLink(const std::string& name) = 0;
    /// @return 0 or -EOPNOTSUPP (loopback)
    virtual int RemoveLink(const NfDevice& device) = 0;
    virtual void ChangeLink(const NfDevice& device, const NfLinkChange& change) = 0;
    /// @return true if it was never up
    virtual bool IsFresh(const NfDevice& device) const = 0;

    /// @return addresses of a device, in the order in which they are shown
    virtual std::vector<NfAddressRow> GetAddressRows(const NfDevice& device) const = 0;
    /// @return 0 or -EEXIST
    virtual int AddAddress(const NfDevice& device, const NfAddressRow& row) = 0;
    /// @return 0 or -EADDRNOTAVAIL
    virtual int RemoveAddress(const NfDevice& device, const NfDeviceAddr& addr) = 0;

    /// @param family IPV4 or IPV6 @return the main table, in the order in which it is shown
    virtual std::vector<NfRouteRow> GetRoutes(NfFamily family) const = 0;
    /// @param row checked @param replace takes the place of one with that prefix and metric
    /// @return 0 or -EEXIST
    virtual int AddRoute(const NfRouteRow& row, bool replace) = 0;
    /// @param row what is given counts: prefix always, gateway, device and metric if not null or 0
    /// @return 0 or -ESRCH
    virtual int RemoveRoute(const NfRouteRow& row) = 0;
};

} // namespace ns3

#endif // NF_STACK_ADMIN_H
