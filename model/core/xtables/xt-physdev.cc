/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    IS_IN,
    IN,
    IS_OUT,
    OUT,
    IS_BRIDGED,
};

constexpr XtOption OPTIONS[] = {
    {.name = "physdev-in", .type = XtType::STRING, .id = IN, .flags = XT_INVERT, .max = 15},
    {.name = "physdev-out", .type = XtType::STRING, .id = OUT, .flags = XT_INVERT, .max = 15},
    {.name = "physdev-is-in", .id = IS_IN, .flags = XT_INVERT},
    {.name = "physdev-is-out", .id = IS_OUT, .flags = XT_INVERT},
    {.name = "physdev-is-bridged", .id = IS_BRIDGED, .flags = XT_INVERT},
};

constexpr const char* NAMES[] = {"physdev-is-in",
                                 "physdev-in",
                                 "physdev-is-out",
                                 "physdev-out",
                                 "physdev-is-bridged"};

/// -m physdev. IP packets of a simulated node never come from a bridge port, so each question is
/// answered with no (Linux: net/netfilter/xt_physdev.c).
class XtPhysdev final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto bit = static_cast<uint8_t>(1U << arg.option->id);
        m_given |= bit;
        m_invert |= arg.invert ? bit : 0;
        (arg.option->id == IN ? m_in : m_out) = arg.hasText            ? arg.text
                                                : arg.option->id == IN ? m_in
                                                                       : m_out;
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("PHYSDEV: no physdev option specified");
    }

    int Check(const XtCheck& check) override
    {
        const bool bridged = m_given & ~m_invert & 1 << IS_BRIDGED;
        if (m_given & (1 << OUT | 1 << IS_OUT) && !bridged &&
            check.hooks & XtHooks(NfHook::LOCAL_OUT))
        {
            check.Info("xt_physdev: --physdev-out and --physdev-is-out only supported in the "
                       "FORWARD and POSTROUTING chains with bridged traffic");
            return EINVAL;
        }
        return 0;
    }

    bool Match(XtParam&) override
    {
        return (m_given & ~m_invert) == 0;
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        for (uint8_t i = IS_IN; i <= IS_BRIDGED; i++)
        {
            if (m_given >> i & 1)
            {
                text += fmt::format("{} --{}", m_invert >> i & 1 ? " !" : "", NAMES[i]);
                text += i == IN ? " " + m_in : i == OUT ? " " + m_out : "";
            }
        }
        return text;
    }

    std::string Print(const XtIp& ip, bool) const override
    {
        return " PHYSDEV match" + Save(ip);
    }

  private:
    uint8_t m_given{0};  //!< bit per Id
    uint8_t m_invert{0}; //!< bit per Id
    std::string m_in;
    std::string m_out;
};

} // namespace

extern const XtMatchType XT_PHYSDEV;
const XtMatchType XT_PHYSDEV{
    .name = "physdev",
    .options = OPTIONS,
    .make = XtMakeMatch<XtPhysdev>,
};

} // namespace ns3
