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

enum Id : uint8_t
{
    VALUE,
    CLASS,
};

constexpr XtOption OPTIONS[] = {
    {.name = "dscp",
     .type = XtType::U8,
     .id = VALUE,
     .flags = XT_INVERT,
     .excludes = 1U << CLASS,
     .max = 63},
    {.name = "dscp-class",
     .type = XtType::STRING,
     .id = CLASS,
     .flags = XT_INVERT,
     .excludes = 1U << VALUE},
};

/// -m dscp (Linux: net/netfilter/xt_dscp.c)
class XtDscp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_invert = arg.invert;
        if (arg.option->id == VALUE)
        {
            m_dscp = static_cast<uint8_t>(arg.low);
            return NfOk();
        }
        const std::optional<uint8_t> dscp = XtDscpClass(arg.text);
        if (!dscp)
        {
            return XtBadParameter(fmt::format("Invalid DSCP value `{}'", arg.text));
        }
        m_dscp = *dscp;
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("DSCP match: Parameter --dscp is required");
    }

    bool Match(XtParam& param) override
    {
        return (param.packet.GetIp().tos >> 2 == m_dscp) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --dscp 0x{:02x}", m_invert ? " !" : "", m_dscp);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" DSCP match {}0x{:02x}", m_invert ? "!" : "", m_dscp);
    }

  private:
    uint8_t m_dscp{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_DSCP;
const XtMatchType XT_DSCP{
    .name = "dscp",
    .options = OPTIONS,
    .make = XtMakeMatch<XtDscp>,
};

} // namespace ns3
