/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "checksum-fill", .flags = XT_MANDATORY},
};

/// -j CHECKSUM: packets of a simulated node are complete when they get here, so nothing is left to
/// fill in (Linux: net/netfilter/xt_CHECKSUM.c)
class XtTargetChecksum final : public XtTarget
{
  public:
    XtVerdict Target(XtParam&) override
    {
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return " --checksum-fill";
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " CHECKSUM fill";
    }
};

} // namespace

extern const XtTargetType XT_TARGET_CHECKSUM;
const XtTargetType XT_TARGET_CHECKSUM{
    .name = "CHECKSUM",
    .options = OPTIONS,
    .table = "mangle",
    .make = XtMakeTarget<XtTargetChecksum>,
};

} // namespace ns3
