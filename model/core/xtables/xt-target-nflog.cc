/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    GROUP,
    PREFIX,
    RANGE,
    SIZE,
    THRESHOLD,
};

constexpr XtOption OPTIONS[] = {
    {.name = "nflog-group", .type = XtType::U16, .id = GROUP},
    {.name = "nflog-prefix", .type = XtType::STRING, .id = PREFIX, .min = 1},
    {.name = "nflog-range", .type = XtType::U32, .id = RANGE},
    {.name = "nflog-size", .type = XtType::U32, .id = SIZE},
    {.name = "nflog-threshold", .type = XtType::U16, .id = THRESHOLD},
};

constexpr size_t MAX_PREFIX = 63;

/// -j NFLOG. Nobody listens on a netlink group of a simulated node, so packets only pass (Linux:
/// net/netfilter/xt_NFLOG.c).
class XtTargetNflog final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        switch (arg.option->id)
        {
        case GROUP:
            m_group = value;
            break;
        case PREFIX:
            m_prefix = arg.text.substr(0, MAX_PREFIX);
            return arg.text.find('\n') == std::string::npos
                       ? NfOk()
                       : XtBadParameter("Newlines not allowed in --log-prefix");
        case RANGE:
            m_length = value;
            break;
        case SIZE:
            m_length = value;
            m_isSize = true;
            break;
        default:
            m_threshold = value;
        }
        return NfOk();
    }

    XtVerdict Target(XtParam&) override
    {
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return Format("");
    }

  private:
    std::string Format(const char* prefix) const
    {
        std::string text;
        text +=
            m_prefix.empty() ? "" : fmt::format(" {}nflog-prefix", prefix) + XtSaveString(m_prefix);
        text += m_group ? fmt::format(" {}nflog-group {}", prefix, m_group) : "";
        text += m_isSize   ? fmt::format(" {}nflog-size {}", prefix, m_length)
                : m_length ? fmt::format(" {}nflog-range {}", prefix, m_length)
                           : "";
        text += m_threshold ? fmt::format(" {}nflog-threshold {}", prefix, m_threshold) : "";
        return text;
    }

    uint32_t m_group{0};
    uint32_t m_length{0};
    bool m_isSize{false};
    uint32_t m_threshold{0};
    std::string m_prefix;
};

} // namespace

extern const XtTargetType XT_TARGET_NFLOG;
const XtTargetType XT_TARGET_NFLOG{
    .name = "NFLOG",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetNflog>,
};

} // namespace ns3
