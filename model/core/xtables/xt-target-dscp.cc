/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"
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
    {.name = "set-dscp", .type = XtType::U8, .id = VALUE, .excludes = 1U << CLASS, .max = 63},
    {.name = "set-dscp-class", .type = XtType::STRING, .id = CLASS, .excludes = 1U << VALUE},
};

/// -j DSCP (Linux: net/netfilter/xt_DSCP.c)
class XtTargetDscp final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
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
        return seen ? NfOk() : XtBadParameter("DSCP target: Parameter --set-dscp is required");
    }

    XtVerdict Target(XtParam& param) override
    {
        const uint8_t tos = param.packet.GetIp().tos;
        if (tos >> 2 != m_dscp)
        {
            param.packet.MutableIp().tos = static_cast<uint8_t>((tos & 3) | m_dscp << 2);
        }
        if (param.packet.conn)
        {
            // What of the connection leaves as this rule has it may be written without it later.
            const NfConnExt* ext = param.packet.conn->GetExt();
            if (ext && ext->dscpRemark)
            {
                ext->dscpRemark->ruleValid = true;
            }
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --set-dscp 0x{:02x}", m_dscp);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" DSCP set 0x{:02x}", m_dscp);
    }

  private:
    uint8_t m_dscp{0};
};

} // namespace

extern const XtTargetType XT_TARGET_DSCP;
const XtTargetType XT_TARGET_DSCP{
    .name = "DSCP",
    .options = OPTIONS,
    .table = "mangle",
    .make = XtMakeTarget<XtTargetDscp>,
};

} // namespace ns3
