/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-mark-change.h"
#include "xt-target.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SAVE_MARK = XT_XOR_MARK + 1,
    RESTORE_MARK,
    LEFT_SHIFT,
    RIGHT_SHIFT,
    CTMASK,
    NFMASK,
    MASK,
    ACTIONS = 0x7f,
};

constexpr XtOption OPTIONS[] = {
    {.name = "set-xmark", .type = XtType::MARKMASK, .id = XT_SET_XMARK, .excludes = ACTIONS},
    {.name = "set-mark", .type = XtType::MARKMASK, .id = XT_SET_MARK, .excludes = ACTIONS},
    {.name = "and-mark", .type = XtType::U32, .id = XT_AND_MARK, .excludes = ACTIONS},
    {.name = "or-mark", .type = XtType::U32, .id = XT_OR_MARK, .excludes = ACTIONS},
    {.name = "xor-mark", .type = XtType::U32, .id = XT_XOR_MARK, .excludes = ACTIONS},
    {.name = "save-mark", .id = SAVE_MARK, .excludes = ACTIONS},
    {.name = "restore-mark", .id = RESTORE_MARK, .excludes = ACTIONS},
    {.name = "left-shift-mark", .type = XtType::U8, .id = LEFT_SHIFT, .max = 32},
    {.name = "right-shift-mark", .type = XtType::U8, .id = RIGHT_SHIFT, .max = 32},
    {.name = "ctmask", .type = XtType::U32, .id = CTMASK, .excludes = 1U << MASK},
    {.name = "nfmask", .type = XtType::U32, .id = NFMASK, .excludes = 1U << MASK},
    {.name = "mask", .type = XtType::U32, .id = MASK, .excludes = 1U << CTMASK | 1U << NFMASK},
};

enum class Mode : uint8_t
{
    SET,
    SAVE,
    RESTORE,
};

/// -j CONNMARK (Linux: net/netfilter/xt_connmark.c; iptables: libxt_CONNMARK.c, revision 2)
class XtTargetConnmark final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        switch (arg.option->id)
        {
        case SAVE_MARK:
            m_mode = Mode::SAVE;
            break;
        case RESTORE_MARK:
            m_mode = Mode::RESTORE;
            break;
        case LEFT_SHIFT:
        case RIGHT_SHIFT:
            m_right = arg.option->id == RIGHT_SHIFT;
            m_shift = static_cast<uint8_t>(value);
            break;
        case CTMASK:
            m_set.mask = value;
            break;
        case NFMASK:
            m_nfMask = value;
            break;
        case MASK:
            m_set.mask = m_nfMask = value;
            break;
        default:
            m_mode = Mode::SET;
            m_set.Parse(arg);
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & ACTIONS ? NfOk() : XtBadParameter("CONNMARK target: No operation specified");
    }

    XtVerdict Target(XtParam& param) override
    {
        NfConn* conn = param.packet.conn.get();
        if (!conn)
        {
            return XT_CONTINUE;
        }
        uint32_t& mark = param.packet.mark;
        switch (m_mode)
        {
        case Mode::SET:
            Store(param, *conn, Shift(m_set.Apply(conn->mark)));
            break;
        case Mode::SAVE:
            Store(param, *conn, (conn->mark & ~m_set.mask) ^ Shift(mark & m_nfMask));
            break;
        case Mode::RESTORE:
            mark = (mark & ~m_nfMask) ^ Shift(conn->mark & m_set.mask);
            break;
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        constexpr const char* NAMES[] = {"", "save", "restore"};
        std::string text = m_mode == Mode::SET
                               ? m_set.Save()
                               : fmt::format(" --{}-mark --nfmask {:#x} --ctmask {:#x}",
                                             NAMES[static_cast<size_t>(m_mode)],
                                             m_nfMask,
                                             m_set.mask);
        return text + FormatShift("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " CONNMARK " + (m_mode == Mode::SET ? m_set.Print() : FormatCopy()) +
               FormatShift("");
    }

  private:
    uint32_t Shift(uint32_t value) const
    {
        if (m_shift >= 32)
        {
            return 0;
        }
        return m_right ? value >> m_shift : value << m_shift;
    }

    static void Store(XtParam& param, NfConn& conn, uint32_t mark)
    {
        if (conn.mark != mark)
        {
            conn.mark = mark;
            param.context.conntrack.CacheEvent(conn, NF_EVENT_MARK);
        }
    }

    std::string FormatCopy() const
    {
        const bool save = m_mode == Mode::SAVE;
        const char* name = save ? "save" : "restore";
        if (m_nfMask == m_set.mask)
        {
            return m_nfMask == 0xffffffff ? name : fmt::format("{} mask {:#x}", name, m_nfMask);
        }
        return save ? fmt::format("save nfmask {:#x} ctmask ~{:#x}", m_nfMask, m_set.mask)
                    : fmt::format("restore ctmask {:#x} nfmask ~{:#x}", m_set.mask, m_nfMask);
    }

    std::string FormatShift(const char* prefix) const
    {
        return m_shift
                   ? fmt::format(" {}{}-shift-mark {}", prefix, m_right ? "right" : "left", m_shift)
                   : "";
    }

    Mode m_mode{Mode::SET};
    XtMarkChange m_set{0, 0xffffffff}; //!< SET; its mask is --ctmask of the others
    uint32_t m_nfMask{0xffffffff};
    uint8_t m_shift{0}; //!< bits
    bool m_right{false};
};

} // namespace

extern const XtTargetType XT_TARGET_CONNMARK;
const XtTargetType XT_TARGET_CONNMARK{
    .name = "CONNMARK",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeTarget<XtTargetConnmark>,
};

} // namespace ns3
