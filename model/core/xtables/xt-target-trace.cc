/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

namespace ns3
{
namespace
{

/// -j TRACE: the log tells the packet's way through the rules (Linux: net/netfilter/xt_TRACE.c)
class XtTargetTrace final : public XtTarget
{
  public:
    XtVerdict Target(XtParam& param) override
    {
        param.packet.traced = true;
        return XT_CONTINUE;
    }
};

} // namespace

extern const XtTargetType XT_TARGET_TRACE;
const XtTargetType XT_TARGET_TRACE{
    .name = "TRACE",
    .table = "raw",
    .make = XtMakeTarget<XtTargetTrace>,
};

} // namespace ns3
