/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-mark-change.h"
#include "xt-target.h"
#include "xt-tos-names.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr uint32_t ALL = 1 << XT_SET_XMARK | 1 << XT_AND_MARK | 1 << XT_OR_MARK | 1 << XT_XOR_MARK;

constexpr XtOption OPTIONS[] = {
    {.name = "set-tos", .type = XtType::TOSMASK, .id = XT_SET_XMARK, .excludes = ALL, .max = 0xff},
    {.name = "and-tos", .type = XtType::U8, .id = XT_AND_MARK, .excludes = ALL},
    {.name = "or-tos", .type = XtType::U8, .id = XT_OR_MARK, .excludes = ALL},
    {.name = "xor-tos", .type = XtType::U8, .id = XT_XOR_MARK, .excludes = ALL},
};

/// -j TOS: tos = (tos & ~mask) ^ value (Linux: net/netfilter/xt_DSCP.c tos_tg())
class XtTargetTos final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        XtMarkChange change;
        change.Parse(arg);
        m_value = static_cast<uint8_t>(change.value);
        m_mask = static_cast<uint8_t>(change.mask);
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("TOS: An action is required");
    }

    XtVerdict Target(XtParam& param) override
    {
        const uint8_t old = param.packet.GetIp().tos;
        const auto changed = static_cast<uint8_t>((old & ~m_mask) ^ m_value);
        if (changed != old)
        {
            param.packet.MutableIp().tos = changed;
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --set-tos 0x{:02x}/0x{:02x}", m_value, m_mask);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        const char* name = m_mask == 0x3f ? XtTosName(m_value) : nullptr;
        if (!numeric && name)
        {
            // The tool forgets the space.
            return fmt::format("  TOS set{}", name);
        }
        if (!numeric && m_value == 0)
        {
            return fmt::format(" TOS and 0x{:02x}", static_cast<uint8_t>(~m_mask));
        }
        if (!numeric && m_value == m_mask)
        {
            return fmt::format(" TOS or 0x{:02x}", m_value);
        }
        if (!numeric && m_mask == 0)
        {
            return fmt::format(" TOS xor 0x{:02x}", m_value);
        }
        return fmt::format(" TOS set 0x{:02x}/0x{:02x}", m_value, m_mask);
    }

  private:
    uint8_t m_value{0};
    uint8_t m_mask{0};
};

} // namespace

extern const XtTargetType XT_TARGET_TOS;
const XtTargetType XT_TARGET_TOS{
    .name = "TOS",
    .options = OPTIONS,
    .table = "mangle",
    .make = XtMakeTarget<XtTargetTos>,
};

} // namespace ns3
