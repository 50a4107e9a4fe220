/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_DEVICE_H
#define NF_DEVICE_H

#include <array>
#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * What netfilter knows of a network device. Owned by the stack (NfStack); packets and hook states
 * point to it.
 */
struct NfDevice
{
    uint32_t index{0};            //!< interface index, 1 is lo; never 0
    std::string name;             //!< "eth0"; what -i and -o compare
    uint32_t mtu{1500};           //!< bytes of one IP packet
    std::array<uint8_t, 6> mac{}; //!< hardware address
    uint32_t group{0};            //!< -m devgroup
    bool loopback{false};
    bool up{true};
};

} // namespace ns3

#endif // NF_DEVICE_H
