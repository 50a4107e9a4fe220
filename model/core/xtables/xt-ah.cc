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
    LENGTH,
    RESERVED,
};

constexpr XtOption IPV4_OPTIONS[] = {
    {.name = "ahspi", .type = XtType::U32RC, .id = SPI, .flags = XT_INVERT},
};

constexpr XtOption IPV6_OPTIONS[] = {
    {.name = "ahspi", .type = XtType::U32RC, .id = SPI, .flags = XT_INVERT},
    {.name = "ahlen", .type = XtType::U32, .id = LENGTH, .flags = XT_INVERT},
    {.name = "ahres", .id = RESERVED},
};

constexpr size_t AH_SIZE = 12; //!< RFC 4302 section 2, without the check value

/// -m ah: a protocol in IPv4, an extension header in IPv6 (Linux: ipt_ah.c, ip6t_ah.c)
class XtAh final : public XtMatch
{
  public:
    explicit XtAh(NfFamily family)
        : m_v6(family == NfFamily::IPV6)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SPI:
            m_spi.Set(arg);
            break;
        case LENGTH:
            m_length = static_cast<uint32_t>(arg.low);
            m_invertLength = arg.invert;
            break;
        default:
            m_reserved = true;
        }
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* header = m_v6 ? PullIpv6(param) : XtPullHeader(param, AH_SIZE);
        if (!header || !m_spi.Has(NfReadU32(header + 4)))
        {
            return false;
        }
        const uint32_t length = (header[1] + 2U) * 4;
        return (!m_length || (length == m_length) != m_invertLength) &&
               !(m_reserved && NfReadU16(header + 2));
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_spi.Save(" --ahspi");
        if (HasLength())
        {
            text += fmt::format("{} --ahlen {}", m_invertLength ? " !" : "", m_length);
        }
        return text + (m_reserved ? " --ahres" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = m_v6 ? " ah " + m_spi.Print("spi") : " ah" + m_spi.Print(" spi");
        if (HasLength())
        {
            text += fmt::format("length:{}{}", m_invertLength ? "!" : "", m_length);
        }
        return text + (m_reserved ? " reserved" : "");
    }

  private:
    bool HasLength() const
    {
        return m_length || m_invertLength;
    }

    static const uint8_t* PullIpv6(XtParam& param)
    {
        bool broken = false;
        const auto at = XtFindIpv6Header(param.packet, NF_IPPROTO_AH, &broken);
        const uint8_t* p = at ? param.packet.GetBuffer().Pull(at->offset + AH_SIZE) : nullptr;
        param.hotdrop = param.hotdrop || broken || (at && !p);
        return p ? p + at->offset : nullptr;
    }

    const bool m_v6;
    XtNumberRange m_spi;
    uint32_t m_length{0}; //!< bytes of the header, 0: any
    bool m_invertLength{false};
    bool m_reserved{false};
};

std::unique_ptr<XtMatch>
Make(NfFamily family)
{
    return std::make_unique<XtAh>(family);
}

} // namespace

extern const XtMatchType XT_AH4;
const XtMatchType XT_AH4{
    .name = "ah",
    .family = NfFamily::IPV4,
    .options = IPV4_OPTIONS,
    .protocol = NF_IPPROTO_AH,
    .make = Make,
};

extern const XtMatchType XT_AH6;
const XtMatchType XT_AH6{
    .name = "ah",
    .family = NfFamily::IPV6,
    .options = IPV6_OPTIONS,
    .make = Make,
};

} // namespace ns3
