/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <algorithm>

namespace ns3
{
namespace
{

/// -m eui64: the source address is made from the hardware address (Linux: ip6t_eui64.c)
class XtEui64 final : public XtMatch
{
  public:
    bool Match(XtParam& param) override
    {
        const NfPacket& packet = param.packet;
        if (!packet.hasEthernet)
        {
            return false;
        }
        const uint8_t* mac = packet.ethernet.data() + 6;
        const uint8_t identifier[] =
            {static_cast<uint8_t>(mac[0] ^ 2), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
        return std::equal(std::begin(identifier),
                          std::end(identifier),
                          packet.GetIp().src.bytes.begin() + 8);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return "eui64 ";
    }
};

} // namespace

extern const XtMatchType XT_EUI64;
const XtMatchType XT_EUI64{
    .name = "eui64",
    .family = NfFamily::IPV6,
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN, NfHook::FORWARD),
    .make = XtMakeMatch<XtEui64>,
};

} // namespace ns3
