/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"
#include "xt-tos-names.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SET,
    AND,
    OR,
    XOR,
    ALL = (1 << SET | 1 << AND | 1 << OR | 1 << XOR),
};

constexpr XtOption OPTIONS[] = {
    {.name = "set-tos", .type = XtType::TOSMASK, .id = SET, .excludes = ALL, .max = 0xff},
    {.name = "and-tos", .type = XtType::U8, .id = AND, .excludes = ALL},
    {.name = "or-tos", .type = XtType::U8, .id = OR, .excludes = ALL},
    {.name = "xor-tos", .type = XtType::U8, .id = XOR, .excludes = ALL},
};

/// -j TOS: tos = (tos & ~mask) ^ value (Linux: net/netfilter/xt_DSCP.c tos_tg())
class XtTargetTos final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint8_t>(arg.low);
        switch (arg.option->id)
        {
        case SET:
            Set(value, static_cast<uint8_t>(arg.mask));
            break;
        case AND:
            Set(0, static_cast<uint8_t>(~value));
            break;
        case OR:
            Set(value, value);
            break;
        default:
            Set(value, 0);
        }
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
    void Set(uint8_t value, uint8_t mask)
    {
        m_value = value;
        m_mask = mask;
    }

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
