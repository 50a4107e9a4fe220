/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-packet.h"
#include "xt-target.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "type", .type = XtType::STRING, .flags = XT_MANDATORY},
};

constexpr const char* TYPES[] = {"accept", "drop", "reject"};

/// -j AUDIT. No audit daemon listens on a simulated node (Linux: net/netfilter/xt_AUDIT.c).
class XtTargetAudit final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto* row = std::find_if(std::begin(TYPES), std::end(TYPES), [&](const char* name) {
            return XtIsSameWord(arg.text, name);
        });
        if (row == std::end(TYPES))
        {
            return XtBadParameter(fmt::format("Bad action type value \"{}\"", arg.text));
        }
        m_type = *row;
        return NfOk();
    }

    XtVerdict Target(XtParam&) override
    {
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --type {}", m_type);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" AUDIT {}", m_type);
    }

  private:
    const char* m_type{TYPES[0]};
};

} // namespace

extern const XtTargetType XT_TARGET_AUDIT;
const XtTargetType XT_TARGET_AUDIT{
    .name = "AUDIT",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetAudit>,
};

} // namespace ns3
