/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_ADDRESS_H
#define NETFILTER_ADDRESS_H

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/nf-tuple.h"

namespace ns3
{

/// @param address of ns-3 @return the core's form
inline NfAddr
NetfilterToAddr(const Ipv4Address& address)
{
    return NfAddr::FromIpv4(address.Get());
}

/// @param address of ns-3 @return the core's form
inline NfAddr
NetfilterToAddr(const Ipv6Address& address)
{
    NfAddr a;
    address.GetBytes(a.bytes.data());
    return a;
}

/// @param address of the core @return ns-3's form
inline Ipv4Address
NetfilterToIpv4(const NfAddr& address)
{
    return Ipv4Address(address.GetIpv4());
}

/// @param address of the core @return ns-3's form
inline Ipv6Address
NetfilterToIpv6(const NfAddr& address)
{
    return Ipv6Address(const_cast<uint8_t*>(address.bytes.data()));
}

} // namespace ns3

#endif // NETFILTER_ADDRESS_H
