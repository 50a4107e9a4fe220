/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-number-range.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SPI,
    RESERVED,
};

constexpr XtOption OPTIONS[] = {
    {.name = "ipcompspi", .type = XtType::U32RC, .id = SPI, .flags = XT_INVERT},
    {.name = "compres", .id = RESERVED},
};

constexpr uint8_t PROTOCOL = 108;

/// -m ipcomp (Linux: net/netfilter/xt_ipcomp.c; RFC 3173 section 3)
class XtIpcomp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == SPI)
        {
            m_spi.Set(arg);
        }
        else
        {
            m_reserved = true;
        }
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* header = XtPullHeader(param, 4);
        return header && m_spi.Has(NfReadU16(header + 2));
    }

    std::string Save(const XtIp&) const override
    {
        return m_spi.Save(" --ipcompspi") + (m_reserved ? " --compres" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " comp" + m_spi.Print(" spi") + (m_reserved ? " reserved" : "");
    }

  private:
    XtNumberRange m_spi;
    bool m_reserved{false};
};

} // namespace

extern const XtMatchType XT_IPCOMP;
const XtMatchType XT_IPCOMP{
    .name = "ipcomp",
    .options = OPTIONS,
    .protocol = PROTOCOL,
    .make = XtMakeMatch<XtIpcomp>,
};

} // namespace ns3
