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
    {.name = "quota", .type = XtType::U64, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m quota: bytes until it is used up (Linux: net/netfilter/xt_quota.c)
class XtQuota final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_quota = arg.low;
        m_invert = arg.invert;
        return NfOk();
    }

    void Start(XtContext&) override
    {
        m_left = m_quota;
    }

    bool Match(XtParam& param) override
    {
        const size_t length = param.packet.GetLength();
        if (m_left < length)
        {
            // A smaller packet shall not slip through behind a bigger one.
            m_left = 0;
            return m_invert;
        }
        m_left -= length;
        return !m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --quota {}", m_invert ? " !" : "", m_quota);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" quota: {} bytes", m_quota);
    }

  private:
    uint64_t m_quota{0}; //!< bytes as configured
    uint64_t m_left{0};  //!< bytes left
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_QUOTA;
const XtMatchType XT_QUOTA{
    .name = "quota",
    .options = OPTIONS,
    .make = XtMakeMatch<XtQuota>,
};

} // namespace ns3
