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
    {.name = "length", .type = XtType::U16RC, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m length: bytes of the IP packet, header included (Linux: net/netfilter/xt_length.c)
class XtLength final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_min = static_cast<uint16_t>(arg.low);
        m_max = static_cast<uint16_t>(arg.count == 2 ? arg.high : arg.low);
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const size_t length = param.packet.GetLength();
        return (length >= m_min && length <= m_max) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --length {}", m_invert ? " !" : "", Range());
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" length {}{}", m_invert ? "!" : "", Range());
    }

  private:
    std::string Range() const
    {
        return m_min == m_max ? fmt::format("{}", m_min) : fmt::format("{}:{}", m_min, m_max);
    }

    uint16_t m_min{0};
    uint16_t m_max{0xffff};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_LENGTH;
const XtMatchType XT_LENGTH{
    .name = "length",
    .options = OPTIONS,
    .make = XtMakeMatch<XtLength>,
};

} // namespace ns3
