/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-number-range.h"
#include "xt-packet.h"

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "espspi", .type = XtType::U32RC, .flags = XT_INVERT},
};

/// -m esp (Linux: net/netfilter/xt_esp.c)
class XtEsp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_spi.Set(arg);
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* esp = XtPullHeader(param, 8);
        return esp && m_spi.Has(NfReadU32(esp));
    }

    std::string Save(const XtIp&) const override
    {
        return m_spi.Save(" --espspi");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " esp" + m_spi.Print(" spi");
    }

  private:
    XtNumberRange m_spi;
};

} // namespace

extern const XtMatchType XT_ESP;
const XtMatchType XT_ESP{
    .name = "esp",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_ESP,
    .make = XtMakeMatch<XtEsp>,
};

} // namespace ns3
