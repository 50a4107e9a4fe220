/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-tos-names.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "tos", .type = XtType::TOSMASK, .flags = XT_MANDATORY | XT_INVERT, .max = 0xff},
};

/// -m tos (Linux: net/netfilter/xt_dscp.c, tos_mt())
class XtTos final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_tos = static_cast<uint8_t>(arg.low);
        m_mask = static_cast<uint8_t>(arg.mask);
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        return ((param.packet.GetIp().tos & m_mask) == m_tos) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --tos 0x{:02x}/0x{:02x}", m_invert ? " !" : "", m_tos, m_mask);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        const char* sign = m_invert ? "!" : "";
        const char* name = !numeric && m_mask == 0x3f ? XtTosName(m_tos) : nullptr;
        return name ? fmt::format(" tos match{} {}", sign, name)
                    : fmt::format(" tos match{}0x{:02x}/0x{:02x}", sign, m_tos, m_mask);
    }

  private:
    uint8_t m_tos{0};
    uint8_t m_mask{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_TOS;
const XtMatchType XT_TOS{
    .name = "tos",
    .options = OPTIONS,
    .make = XtMakeMatch<XtTos>,
};

} // namespace ns3
