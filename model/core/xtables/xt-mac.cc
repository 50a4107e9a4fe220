/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "mac-source", .type = XtType::MAC, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m mac: Ethernet source address (Linux: net/netfilter/xt_mac.c)
class XtMac final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_mac = arg.mac;
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const auto& header = param.packet.ethernet;
        return param.packet.hasEthernet &&
               std::equal(m_mac.begin(), m_mac.end(), header.begin() + 6) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --mac-source {}", m_invert ? " !" : "", XtFormatMac(m_mac));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" MAC{} {}", m_invert ? " !" : "", XtFormatMac(m_mac));
    }

  private:
    std::array<uint8_t, 6> m_mac{};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_MAC;
const XtMatchType XT_MAC{
    .name = "mac",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN, NfHook::FORWARD),
    .make = XtMakeMatch<XtMac>,
};

} // namespace ns3
