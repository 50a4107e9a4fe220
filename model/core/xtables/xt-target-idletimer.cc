/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    TIMEOUT,
    LABEL,
    ALARM,
};

constexpr XtOption OPTIONS[] = {
    {.name = "timeout", .type = XtType::U32, .id = TIMEOUT, .flags = XT_MANDATORY},
    {.name = "label", .type = XtType::STRING, .id = LABEL, .flags = XT_MANDATORY},
    {.name = "alarm", .id = ALARM},
};

constexpr size_t MAX_LABEL = 27;

/// -j IDLETIMER. Its timer only tells user space, of which a simulated node has none (Linux:
/// net/netfilter/xt_IDLETIMER.c).
class XtTargetIdletimer final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case TIMEOUT:
            m_timeout = static_cast<uint32_t>(arg.low);
            break;
        case LABEL:
            m_label = arg.text.substr(0, MAX_LABEL);
            break;
        default:
            m_alarm = true;
        }
        return NfOk();
    }

    int Check(const XtCheck&) override
    {
        return m_timeout == 0 || m_label.empty() ? EINVAL : 0;
    }

    XtVerdict Target(XtParam&) override
    {
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --timeout {} --label {}{}",
                           m_timeout,
                           m_label,
                           m_alarm ? " --alarm" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" timeout:{} label:{}{}", m_timeout, m_label, m_alarm ? " alarm" : "");
    }

  private:
    uint32_t m_timeout{0}; //!< seconds
    std::string m_label;
    bool m_alarm{false};
};

} // namespace

extern const XtTargetType XT_TARGET_IDLETIMER;
const XtTargetType XT_TARGET_IDLETIMER{
    .name = "IDLETIMER",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetIdletimer>,
};

} // namespace ns3
