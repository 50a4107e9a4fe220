/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-names.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    DIR,
    POL,
    STRICT,
    REQID,
    SPI,
    TUNNEL_SRC,
    TUNNEL_DST,
    PROTO,
    MODE,
    NEXT,
};

constexpr uint32_t REPEATED = XT_INVERT | XT_MULTI;

constexpr XtOption OPTIONS[] = {
    {.name = "dir", .type = XtType::STRING, .id = DIR},
    {.name = "pol", .type = XtType::STRING, .id = POL},
    {.name = "strict", .id = STRICT},
    {.name = "reqid", .type = XtType::U32, .id = REQID, .flags = REPEATED},
    {.name = "spi", .type = XtType::U32, .id = SPI, .flags = REPEATED},
    {.name = "tunnel-src", .type = XtType::HOSTMASK, .id = TUNNEL_SRC, .flags = REPEATED},
    {.name = "tunnel-dst", .type = XtType::HOSTMASK, .id = TUNNEL_DST, .flags = REPEATED},
    {.name = "proto", .type = XtType::PROTOCOL, .id = PROTO, .flags = REPEATED},
    {.name = "mode", .type = XtType::STRING, .id = MODE, .flags = REPEATED},
    {.name = "next", .id = NEXT, .flags = XT_MULTI, .needs = 1U << STRICT},
};

constexpr size_t MAX_ELEMENTS = 4;

/// What is asked of one transformation.
struct Element
{
    uint32_t given{0};  //!< bit per Id
    uint32_t invert{0}; //!< bit per Id
    uint32_t reqid{0};
    uint32_t spi{0};
    NfAddr src;
    NfAddr srcMask;
    NfAddr dst;
    NfAddr dstMask;
    uint8_t protocol{0};
    bool tunnel{false};
};

/// -m policy. A simulated node has no IPsec, so packets match --pol none only (Linux: xt_policy.c).
class XtPolicy final : public XtMatch
{
  public:
    explicit XtPolicy(NfFamily family)
        : m_family(family)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case DIR:
            return ParseDir(arg.text);
        case POL:
            m_none = arg.text == "none";
            return m_none || arg.text == "ipsec"
                       ? NfOk()
                       : XtBadParameter(
                             fmt::format("policy match: invalid policy \"{}\"", arg.text));
        case STRICT:
            m_strict = true;
            return NfOk();
        case NEXT:
            m_elements.emplace_back();
            return m_elements.size() > MAX_ELEMENTS
                       ? XtBadParameter("policy match: maximum policy depth reached")
                       : NfOk();
        default:
            return ParseElement(arg, m_elements.back());
        }
    }

    NfStatus Finish(uint32_t) override
    {
        if (!m_in && !m_out)
        {
            return XtBadParameter("policy match: neither --dir in nor --dir out specified");
        }
        if (m_none)
        {
            const bool any = m_strict || m_elements.size() > 1 || m_elements[0].given;
            return any ? XtBadParameter("policy match: policy none but --strict given") : NfOk();
        }
        for (size_t i = 0; i < m_elements.size(); i++)
        {
            const Element& e = m_elements[i];
            if (m_strict && !e.given)
            {
                return XtBadParameter(
                    fmt::format("policy match: empty policy element {}. --strict is in effect, but "
                                "at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode "
                                "is required.",
                                i));
            }
            if (e.given & (1U << TUNNEL_SRC | 1U << TUNNEL_DST) && !e.tunnel)
            {
                return XtBadParameter(
                    "policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode");
            }
        }
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (m_out && check.hooks & XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN))
        {
            check.Info("xt_policy: output policy not valid in PREROUTING and INPUT");
            return EINVAL;
        }
        if (m_in && check.hooks & XtHooks(NfHook::POST_ROUTING, NfHook::LOCAL_OUT))
        {
            check.Info("xt_policy: input policy not valid in POSTROUTING and OUTPUT");
            return EINVAL;
        }
        return 0;
    }

    bool Match(XtParam&) override
    {
        return m_none;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--", true);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return " policy match" + Format("", !numeric);
    }

  private:
    NfStatus ParseDir(const std::string& text)
    {
        m_in = text == "in";
        m_out = text == "out";
        return m_in || m_out
                   ? NfOk()
                   : XtBadParameter(fmt::format("policy match: invalid dir \"{}\"", text));
    }

    static NfStatus ParseElement(const XtArg& arg, Element& e)
    {
        const uint32_t bit = 1U << arg.option->id;
        if (e.given & bit)
        {
            return XtBadParameter(
                fmt::format("policy match: double --{} option", arg.option->name));
        }
        e.given |= bit;
        e.invert |= arg.invert ? bit : 0;
        switch (arg.option->id)
        {
        case REQID:
            e.reqid = static_cast<uint32_t>(arg.low);
            break;
        case SPI:
            e.spi = static_cast<uint32_t>(arg.low);
            break;
        case TUNNEL_SRC:
            e.src = arg.addr;
            e.srcMask = arg.addrMask;
            break;
        case TUNNEL_DST:
            e.dst = arg.addr;
            e.dstMask = arg.addrMask;
            break;
        case PROTO:
            e.protocol = static_cast<uint8_t>(arg.low);
            return e.protocol == NF_IPPROTO_AH || e.protocol == NF_IPPROTO_ESP ||
                           e.protocol == IPCOMP
                       ? NfOk()
                       : XtBadParameter("policy match: protocol must be ah, esp, or ipcomp");
        default:
            e.tunnel = arg.text == "tunnel";
            return e.tunnel || arg.text == "transport"
                       ? NfOk()
                       : XtBadParameter(fmt::format("policy match: invalid mode \"{}\"", arg.text));
        }
        return NfOk();
    }

    std::string Format(const char* prefix, bool names) const
    {
        std::string text = fmt::format(" {0}dir {1} {0}pol {2}",
                                       prefix,
                                       m_in ? "in" : "out",
                                       m_none ? "none" : "ipsec");
        text += m_strict ? fmt::format(" {}strict", prefix) : "";
        for (size_t i = 0; i < m_elements.size(); i++)
        {
            if (m_elements.size() > 1 && !*prefix)
            {
                text += fmt::format(" [{}]", i);
            }
            text += FormatElement(m_elements[i], prefix, names);
            text += i + 1 < m_elements.size() && *prefix ? fmt::format(" {}next", prefix) : "";
        }
        return text;
    }

    std::string FormatElement(const Element& e, const char* prefix, bool names) const
    {
        std::string text;
        auto add = [&](Id id, const char* name, const std::string& value) {
            if (e.given >> id & 1)
            {
                text +=
                    fmt::format("{} {}{} {}", e.invert >> id & 1 ? " !" : "", prefix, name, value);
            }
        };
        const std::string name(XtProtocolName(e.protocol));
        add(REQID, "reqid", fmt::format("{}", e.reqid));
        add(SPI, "spi", fmt::format("0x{:x}", e.spi));
        add(PROTO, "proto", names && !name.empty() ? name : fmt::format("{}", e.protocol));
        add(MODE, "mode", e.tunnel ? "tunnel" : "transport");
        add(TUNNEL_DST, "tunnel-dst", e.dst.ToString(m_family) + XtFormatMask(e.dstMask, m_family));
        add(TUNNEL_SRC, "tunnel-src", e.src.ToString(m_family) + XtFormatMask(e.srcMask, m_family));
        return text;
    }

    static constexpr uint8_t IPCOMP = 108;

    const NfFamily m_family;
    bool m_in{false};
    bool m_out{false};
    bool m_none{false};
    bool m_strict{false};
    std::vector<Element> m_elements{1};
};

} // namespace

extern const XtMatchType XT_POLICY;
const XtMatchType XT_POLICY{
    .name = "policy",
    .options = OPTIONS,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtPolicy>(family);
    },
};

} // namespace ns3
