/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-mark-change.h"
#include "xt-target.h"

namespace ns3
{
namespace
{

/// All of them exclude each other.
constexpr uint32_t ALL =
    1 << XT_SET_XMARK | 1 << XT_SET_MARK | 1 << XT_AND_MARK | 1 << XT_OR_MARK | 1 << XT_XOR_MARK;

constexpr XtOption OPTIONS[] = {
    {.name = "set-xmark", .type = XtType::MARKMASK, .id = XT_SET_XMARK, .excludes = ALL},
    {.name = "set-mark", .type = XtType::MARKMASK, .id = XT_SET_MARK, .excludes = ALL},
    {.name = "and-mark", .type = XtType::U32, .id = XT_AND_MARK, .excludes = ALL},
    {.name = "or-mark", .type = XtType::U32, .id = XT_OR_MARK, .excludes = ALL},
    {.name = "xor-mark", .type = XtType::U32, .id = XT_XOR_MARK, .excludes = ALL},
};

/// -j MARK: mark = (mark & ~mask) ^ value (Linux: net/netfilter/xt_mark.c)
class XtTargetMark final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_change.Parse(arg);
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
        param.packet.mark = m_change.Apply(param.packet.mark);
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return m_change.Save();
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " MARK " + m_change.Print();
    }

  private:
    XtMarkChange m_change;
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
