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

/// -m connmark (Linux: net/netfilter/xt_connmark.c)
class XtConnmark final : public XtMatch
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
        const NfConn* conn = param.packet.conn.get();
        return conn && ((conn->mark & m_mask) == m_mark) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --mark {}", m_invert ? " !" : "", XtFormatMark(m_mark, m_mask));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" connmark match {} {}",
                           m_invert ? "!" : "",
                           XtFormatMark(m_mark, m_mask));
    }

  private:
    uint32_t m_mark{0};
    uint32_t m_mask{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_CONNMARK;
const XtMatchType XT_CONNMARK{
    .name = "connmark",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtConnmark>,
};

} // namespace ns3
