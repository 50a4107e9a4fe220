/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "cpu", .type = XtType::U32, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m cpu: a simulated node has one processor, number 0 (Linux: net/netfilter/xt_cpu.c)
class XtCpu final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_cpu = static_cast<uint32_t>(arg.low);
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam&) override
    {
        return (m_cpu == 0) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --cpu {}", m_invert ? " !" : "", m_cpu);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" cpu {}{}", m_invert ? "! " : "", m_cpu);
    }

  private:
    uint32_t m_cpu{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_CPU;
const XtMatchType XT_CPU{
    .name = "cpu",
    .options = OPTIONS,
    .make = XtMakeMatch<XtCpu>,
};

} // namespace ns3
