/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <cstdio>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "set-class", .type = XtType::STRING, .flags = XT_MANDATORY},
};

/// -j CLASSIFY: the priority names a class of a queueing discipline (Linux: xt_CLASSIFY.c)
class XtTargetClassify final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        unsigned major = 0;
        unsigned minor = 0;
        if (std::sscanf(arg.text.c_str(), "%x:%x", &major, &minor) != 2)
        {
            return XtBadParameter(fmt::format("Bad class value \"{}\"", arg.text));
        }
        m_priority = major << 16 | (minor & 0xffff);
        return NfOk();
    }

    XtVerdict Target(XtParam& param) override
    {
        param.packet.priority = m_priority;
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --set-class {:04x}:{:04x}", m_priority >> 16, m_priority & 0xffff);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" CLASSIFY set {:x}:{:x}", m_priority >> 16, m_priority & 0xffff);
    }

  private:
    uint32_t m_priority{0};
};

} // namespace

extern const XtTargetType XT_TARGET_CLASSIFY;
const XtTargetType XT_TARGET_CLASSIFY{
    .name = "CLASSIFY",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::LOCAL_OUT, NfHook::FORWARD, NfHook::POST_ROUTING),
    .make = XtMakeTarget<XtTargetClassify>,
};

} // namespace ns3
