/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

/// All of them exclude each other.
enum Id : uint8_t
{
    SET_XMARK,
    SET_MARK,
    AND_MARK,
    OR_MARK,
    XOR_MARK,
    ALL = (1 << SET_XMARK | 1 << SET_MARK | 1 << AND_MARK | 1 << OR_MARK | 1 << XOR_MARK),
};

constexpr XtOption OPTIONS[] = {
    {.name = "set-xmark", .type = XtType::MARKMASK, .id = SET_XMARK, .excludes = ALL},
    {.name = "set-mark", .type = XtType::MARKMASK, .id = SET_MARK, .excludes = ALL},
    {.name = "and-mark", .type = XtType::U32, .id = AND_MARK, .excludes = ALL},
    {.name = "or-mark", .type = XtType::U32, .id = OR_MARK, .excludes = ALL},
    {.name = "xor-mark", .type = XtType::U32, .id = XOR_MARK, .excludes = ALL},
};

/// -j MARK: mark = (mark & ~mask) ^ value (Linux: net/netfilter/xt_mark.c)
class XtTargetMark final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        switch (arg.option->id)
        {
        case SET_XMARK:
            Set(value, arg.mask);
            break;
        case SET_MARK:
            Set(value, value | arg.mask);
            break;
        case AND_MARK:
            Set(0, ~value);
            break;
        case OR_MARK:
            Set(value, value);
            break;
        default:
            Set(value, 0);
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk()
                    : XtBadParameter("MARK: One of the --set-xmark, --{and,or,xor,set}-mark "
                                     "options is required");
    }

    XtVerdict Target(XtParam& param) override
    {
        param.packet.mark = (param.packet.mark & ~m_mask) ^ m_value;
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --set-xmark {:#x}/{:#x}", m_value, m_mask);
    }

    std::string Print(const XtIp&, bool) const override
    {
        if (m_value == 0)
        {
            return fmt::format(" MARK and {:#x}", ~m_mask);
        }
        if (m_value == m_mask)
        {
            return fmt::format(" MARK or {:#x}", m_value);
        }
        if (m_mask == 0)
        {
            return fmt::format(" MARK xor {:#x}", m_value);
        }
        return m_mask == 0xffffffff ? fmt::format(" MARK set {:#x}", m_value)
                                    : fmt::format(" MARK xset {:#x}/{:#x}", m_value, m_mask);
    }

  private:
    void Set(uint32_t value, uint32_t mask)
    {
        m_value = value;
        m_mask = mask;
    }

    uint32_t m_value{0};
    uint32_t m_mask{0};
};

} // namespace

extern const XtTargetType XT_TARGET_MARK;
const XtTargetType XT_TARGET_MARK{
    .name = "MARK",
    .options = OPTIONS,
    .help = "MARK target options:\n"
            "  --set-xmark value[/mask]  Clear bits in mask and XOR value into nfmark\n"
            "  --set-mark value[/mask]   Clear bits in mask and OR value into nfmark\n"
            "  --and-mark bits           Binary AND the nfmark with bits\n"
            "  --or-mark bits            Binary OR the nfmark with bits\n"
            "  --xor-mark bits           Binary XOR the nfmark with bits\n",
    .make = XtMakeTarget<XtTargetMark>,
};

} // namespace ns3
