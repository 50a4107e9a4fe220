/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SOURCE,
    DESTINATION,
};

constexpr XtOption OPTIONS[] = {
    {.name = "src-range", .type = XtType::STRING, .id = SOURCE, .flags = XT_INVERT},
    {.name = "dst-range", .type = XtType::STRING, .id = DESTINATION, .flags = XT_INVERT},
};

struct AddrRange
{
    NfAddr min;
    NfAddr max;
    bool given{false};
    bool invert{false};

    bool Accepts(const NfAddr& addr) const
    {
        return !given || (addr < min || max < addr) == invert;
    }
};

/// -m iprange (Linux: net/netfilter/xt_iprange.c; iptables: libxt_iprange.c, revision 1)
class XtIprange final : public XtMatch
{
  public:
    explicit XtIprange(NfFamily family)
        : m_family(family)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        const bool source = arg.option->id == SOURCE;
        const char* option = source ? "--src-range" : "--dst-range";
        const size_t dash = arg.text.find('-');
        const std::string low = arg.text.substr(0, dash);
        const std::string high = dash == std::string::npos ? low : arg.text.substr(dash + 1);
        const std::optional<NfAddr> min = NfAddr::Parse(low, m_family);
        if (!min)
        {
            return XtBadValue("iprange", option, low);
        }
        const std::optional<NfAddr> max = NfAddr::Parse(high, m_family);
        if (!max)
        {
            return XtBadValue("iprange", option, high);
        }
        (source ? m_source : m_destination) = AddrRange{*min, *max, true, arg.invert};
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk()
                    : XtBadParameter(
                          "iprange match: You must specify `--src-range' or `--dst-range'");
    }

    bool Match(XtParam& param) override
    {
        const NfIpHeader& ip = param.packet.GetIp();
        return m_source.Accepts(ip.src) && m_destination.Accepts(ip.dst);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        if (m_source.given)
        {
            text += fmt::format("{} --src-range {}", m_source.invert ? " !" : "", Format(m_source));
        }
        if (m_destination.given)
        {
            text += fmt::format("{} --dst-range {}",
                                m_destination.invert ? " !" : "",
                                Format(m_destination));
        }
        return text;
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text;
        if (m_source.given)
        {
            text +=
                fmt::format(" source IP range{} {}", m_source.invert ? " !" : "", Format(m_source));
        }
        if (m_destination.given)
        {
            text += fmt::format(" destination IP range{} {}",
                                m_destination.invert ? " !" : "",
                                Format(m_destination));
        }
        return text;
    }

  private:
    std::string Format(const AddrRange& range) const
    {
        return range.min.ToString(m_family) + "-" + range.max.ToString(m_family);
    }

    const NfFamily m_family;
    AddrRange m_source;
    AddrRange m_destination;
};

} // namespace

extern const XtMatchType XT_IPRANGE;
const XtMatchType XT_IPRANGE{
    .name = "iprange",
    .options = OPTIONS,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtIprange>(family);
    },
};

} // namespace ns3
