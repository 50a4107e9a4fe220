/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SET,
    INC,
    DEC,
    ALL = (1 << SET | 1 << INC | 1 << DEC),
};

constexpr XtOption TTL_OPTIONS[] = {
    {.name = "ttl-set", .type = XtType::U8, .id = SET, .excludes = ALL},
    {.name = "ttl-dec", .type = XtType::U8, .id = DEC, .excludes = ALL, .min = 1},
    {.name = "ttl-inc", .type = XtType::U8, .id = INC, .excludes = ALL, .min = 1},
};

constexpr XtOption HL_OPTIONS[] = {
    {.name = "hl-set", .type = XtType::U8, .id = SET, .excludes = ALL},
    {.name = "hl-dec", .type = XtType::U8, .id = DEC, .excludes = ALL, .min = 1},
    {.name = "hl-inc", .type = XtType::U8, .id = INC, .excludes = ALL, .min = 1},
};

/// -j TTL and -j HL (Linux: net/netfilter/xt_HL.c; iptables: libipt_TTL.c, libip6t_HL.c)
class XtTargetTtl final : public XtTarget
{
  public:
    explicit XtTargetTtl(NfFamily family)
        : m_v6(family == NfFamily::IPV6)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        m_action = static_cast<Id>(arg.option->id);
        m_value = static_cast<uint8_t>(arg.low);
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk()
                    : XtBadParameter(m_v6 ? "HL: You must specify an action"
                                          : "TTL: You must specify an action");
    }

    XtVerdict Target(XtParam& param) override
    {
        const int old = param.packet.GetIp().ttl;
        const int changed = m_action == SET   ? m_value
                            : m_action == INC ? std::min(old + m_value, 255)
                                              : std::max(old - m_value, 0);
        if (changed != old)
        {
            param.packet.MutableIp().ttl = static_cast<uint8_t>(changed);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        constexpr const char* ACTIONS[] = {"set", "inc", "dec"};
        return fmt::format(" --{}-{} {}", m_v6 ? "hl" : "ttl", ACTIONS[m_action], m_value);
    }

    std::string Print(const XtIp&, bool) const override
    {
        constexpr const char* ACTIONS[] = {"set to", "increment by", "decrement by"};
        return fmt::format(" {} {} {}", m_v6 ? "HL" : "TTL", ACTIONS[m_action], m_value);
    }

  private:
    const bool m_v6;
    Id m_action{SET};
    uint8_t m_value{0};
};

std::unique_ptr<XtTarget>
Make(NfFamily family)
{
    return std::make_unique<XtTargetTtl>(family);
}

} // namespace

extern const XtTargetType XT_TARGET_TTL;
const XtTargetType XT_TARGET_TTL{
    .name = "TTL",
    .family = NfFamily::IPV4,
    .options = TTL_OPTIONS,
    .table = "mangle",
    .make = Make,
};

extern const XtTargetType XT_TARGET_HL;
const XtTargetType XT_TARGET_HL{
    .name = "HL",
    .family = NfFamily::IPV6,
    .options = HL_OPTIONS,
    .table = "mangle",
    .make = Make,
};

} // namespace ns3
