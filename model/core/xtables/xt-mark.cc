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
    {.name = "mark", .type = XtType::MARKMASK, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m mark (Linux: net/netfilter/xt_mark.c, iptables: extensions/libxt_mark.c)
class XtMark final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_mark = static_cast<uint32_t>(arg.low);
        m_mask = arg.mask;
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        return ((param.packet.mark & m_mask) == m_mark) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --mark {}", m_invert ? " !" : "", XtFormatMark(m_mark, m_mask));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" mark match{} {}", m_invert ? " !" : "", XtFormatMark(m_mark, m_mask));
    }

  private:
    uint32_t m_mark{0};
    uint32_t m_mask{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_MARK;
const XtMatchType XT_MARK{
    .name = "mark",
    .options = OPTIONS,
    .help = "mark match options:\n"
            "[!] --mark value[/mask]    Match nfmark value with optional mask\n",
    .make = XtMakeMatch<XtMark>,
};

} // namespace ns3
