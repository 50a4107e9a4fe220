/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef IP_SET_HASH_H
#define IP_SET_HASH_H

#include "ip-set.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * How a type of hash set stores its elements (Linux: struct hash_x4_elem, hash_x6_elem): the
 * addresses first, 4 or 16 bytes each, then a tail. Offsets count from the start of the tail, -1
 * is for a part the type does not have. The kernel hashes these very bytes, so that with the same
 * `initval` members are listed in its order.
 */
struct IpSetHashKind
{
    uint8_t addresses{1};  //!< 0 to 2
    int8_t port{-1};       //!< 2 bytes, network order
    int8_t protocol{-1};   //!< 1 byte
    int8_t cidr{-1};       //!< 1 byte, of the (first) network
    int8_t cidr2{-1};      //!< 1 byte, of the second network
    bool packed{false};    //!< cidr is one less than the length, in 7 bits beside nomatch
    int8_t mark{-1};       //!< 4 bytes, host order
    int8_t mac{-1};        //!< 6 bytes
    int8_t iface{-1};      //!< 1 byte wildcard, 16 bytes name; physdev is the tail's first byte
    uint8_t tail{0};       //!< bytes of the tail
    uint8_t hashedTail{0}; //!< bytes of it that are hashed
    uint8_t align4{4};     //!< alignment of the IPv4 element
    bool netmask{false};   //!< knows netmask and bitmask
    bool markMask{false};  //!< knows markmask
    bool zeroNet{false};   //!< networks of length 0 can be stored
    int zeroError{0};      //!< why the zero address cannot be stored, 0: it can
    bool wholeNets{false}; //!< ranges step by the size of netmask

    /// @return how many networks of varying length an element has
    unsigned GetNetCount() const
    {
        return (cidr >= 0) + (cidr2 >= 0);
    }
};

/// @param make what for @param kind static data @return a hash set, or an error whose status is an
/// IpSetError or errno
NfResult<std::unique_ptr<IpSet>> IpSetMakeHash(const IpSetMake& make, const IpSetHashKind& kind);

/// What hash types have in common, for IpSetType::create, add, del, test.
extern const IpSetOption IPSET_HASH_CREATE[];
extern const IpSetOption IPSET_HASH_ADD[];
extern const IpSetOption IPSET_NO_OPTIONS[];
/// ... and those with networks.
extern const IpSetOption IPSET_NET_ADD[];
extern const IpSetOption IPSET_NET_TEST[];

} // namespace ns3

#endif // IP_SET_HASH_H
