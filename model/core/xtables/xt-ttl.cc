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
    EQUAL,
    LESS,
    GREATER,
    ALL = (1 << EQUAL | 1 << LESS | 1 << GREATER),
};

constexpr XtOption TTL_OPTIONS[] = {
    {.name = "ttl-lt", .type = XtType::U8, .id = LESS, .excludes = ALL},
    {.name = "ttl-gt", .type = XtType::U8, .id = GREATER, .excludes = ALL},
    {.name = "ttl-eq", .type = XtType::U8, .id = EQUAL, .flags = XT_INVERT, .excludes = ALL},
    {.name = "ttl", .type = XtType::U8, .id = EQUAL, .flags = XT_INVERT, .excludes = ALL},
};

constexpr XtOption HL_OPTIONS[] = {
    {.name = "hl-lt", .type = XtType::U8, .id = LESS, .excludes = ALL},
    {.name = "hl-gt", .type = XtType::U8, .id = GREATER, .excludes = ALL},
    {.name = "hl-eq", .type = XtType::U8, .id = EQUAL, .flags = XT_INVERT, .excludes = ALL},
    {.name = "hl", .type = XtType::U8, .id = EQUAL, .flags = XT_INVERT, .excludes = ALL},
};

/// What differs between the families.
struct Words
{
    const char* option;
    const char* listing;
    const char* missing;
};

constexpr Words TTL_WORDS{"ttl",
                          "TTL match TTL",
                          "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt"};
constexpr Words HL_WORDS{"hl",
                         "HL match HL",
                         "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'"};

/// -m ttl and -m hl (Linux: net/netfilter/xt_hl.c; iptables: libipt_ttl.c, libip6t_hl.c)
class XtTtl final : public XtMatch
{
  public:
    explicit XtTtl(NfFamily family)
        : m_words(family == NfFamily::IPV6 ? HL_WORDS : TTL_WORDS)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        m_mode = static_cast<Id>(arg.option->id);
        m_invert = arg.invert;
        m_ttl = static_cast<uint8_t>(arg.low);
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter(m_words.missing);
    }

    bool Match(XtParam& param) override
    {
        const uint8_t ttl = param.packet.GetIp().ttl;
        switch (m_mode)
        {
        case LESS:
            return ttl < m_ttl;
        case GREATER:
            return ttl > m_ttl;
        default:
            return (ttl == m_ttl) != m_invert;
        }
    }

    std::string Save(const XtIp&) const override
    {
        constexpr const char* MODES[] = {"eq", "lt", "gt"};
        return fmt::format("{} --{}-{} {}",
                           m_invert ? " !" : "",
                           m_words.option,
                           MODES[m_mode],
                           m_ttl);
    }

    std::string Print(const XtIp&, bool) const override
    {
        constexpr const char* MODES[] = {"==", "<", ">"};
        return fmt::format(" {} {} {}", m_words.listing, m_invert ? "!=" : MODES[m_mode], m_ttl);
    }

  private:
    const Words& m_words;
    Id m_mode{EQUAL};
    uint8_t m_ttl{0};
    bool m_invert{false};
};

std::unique_ptr<XtMatch>
Make(NfFamily family)
{
    return std::make_unique<XtTtl>(family);
}

} // namespace

extern const XtMatchType XT_TTL;
const XtMatchType XT_TTL{
    .name = "ttl",
    .family = NfFamily::IPV4,
    .options = TTL_OPTIONS,
    .make = Make,
};

extern const XtMatchType XT_HL;
const XtMatchType XT_HL{
    .name = "hl",
    .family = NfFamily::IPV6,
    .options = HL_OPTIONS,
    .make = Make,
};

} // namespace ns3
