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
    SET_XMARK,
    SET_MARK,
    AND_MARK,
    OR_MARK,
    XOR_MARK,
    SAVE_MARK,
    RESTORE_MARK,
    LEFT_SHIFT,
    RIGHT_SHIFT,
    CTMASK,
    NFMASK,
    MASK,
    ACTIONS = 0x7f,
};

constexpr XtOption OPTIONS[] = {
    {.name = "set-xmark", .type = XtType::MARKMASK, .id = SET_XMARK, .excludes = ACTIONS},
    {.name = "set-mark", .type = XtType::MARKMASK, .id = SET_MARK, .excludes = ACTIONS},
    {.name = "and-mark", .type = XtType::U32, .id = AND_MARK, .excludes = ACTIONS},
    {.name = "or-mark", .type = XtType::U32, .id = OR_MARK, .excludes = ACTIONS},
    {.name = "xor-mark", .type = XtType::U32, .id = XOR_MARK, .excludes = ACTIONS},
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
        case XOR_MARK:
            Set(value, 0);
            break;
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
            m_ctMask = value;
            break;
        case NFMASK:
            m_nfMask = value;
            break;
        default:
            m_ctMask = m_nfMask = value;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & ACTIONS ? NfOk() : XtBadParameter("CONNMARK target: No operation specified");
    }

    int Check(const XtCheck& check) override
    {
        check.context.conntrack.Enable(check.family);
        return 0;
    }

    void Destroy(const XtCheck& check) override
    {
        check.context.conntrack.Disable(check.family);
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
            Store(param, *conn, Shift((conn->mark & ~m_ctMask) ^ m_ctMark));
            break;
        case Mode::SAVE:
            Store(param, *conn, (conn->mark & ~m_ctMask) ^ Shift(mark & m_nfMask));
            break;
        case Mode::RESTORE:
            mark = (mark & ~m_nfMask) ^ Shift(conn->mark & m_ctMask);
            break;
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        constexpr const char* NAMES[] = {"", "save", "restore"};
        std::string text = m_mode == Mode::SET
                               ? fmt::format(" --set-xmark {:#x}/{:#x}", m_ctMark, m_ctMask)
                               : fmt::format(" --{}-mark --nfmask {:#x} --ctmask {:#x}",
                                             NAMES[static_cast<size_t>(m_mode)],
                                             m_nfMask,
                                             m_ctMask);
        return text + FormatShift("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " CONNMARK " + FormatAction() + FormatShift("");
    }

  private:
    void Set(uint32_t value, uint32_t mask)
    {
        m_mode = Mode::SET;
        m_ctMark = value;
        m_ctMask = mask;
    }

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

    std::string FormatAction() const
    {
        if (m_mode != Mode::SET)
        {
            return FormatCopy();
        }
        if (m_ctMark == 0)
        {
            return fmt::format("and {:#x}", ~m_ctMask);
        }
        if (m_ctMark == m_ctMask)
        {
            return fmt::format("or {:#x}", m_ctMark);
        }
        if (m_ctMask == 0)
        {
            return fmt::format("xor {:#x}", m_ctMark);
        }
        return m_ctMask == 0xffffffff ? fmt::format("set {:#x}", m_ctMark)
                                      : fmt::format("xset {:#x}/{:#x}", m_ctMark, m_ctMask);
    }

    std::string FormatCopy() const
    {
        const bool save = m_mode == Mode::SAVE;
        const char* name = save ? "save" : "restore";
        if (m_nfMask == m_ctMask)
        {
            return m_nfMask == 0xffffffff ? name : fmt::format("{} mask {:#x}", name, m_nfMask);
        }
        return save ? fmt::format("save nfmask {:#x} ctmask ~{:#x}", m_nfMask, m_ctMask)
                    : fmt::format("restore ctmask {:#x} nfmask ~{:#x}", m_ctMask, m_nfMask);
    }

    std::string FormatShift(const char* prefix) const
    {
        return m_shift
                   ? fmt::format(" {}{}-shift-mark {}", prefix, m_right ? "right" : "left", m_shift)
                   : "";
    }

    Mode m_mode{Mode::SET};
    uint32_t m_ctMark{0};
    uint32_t m_ctMask{0xffffffff};
    uint32_t m_nfMask{0xffffffff};
    uint8_t m_shift{0}; //!< bits
    bool m_right{false};
};

} // namespace

extern const XtTargetType XT_TARGET_CONNMARK;
const XtTargetType XT_TARGET_CONNMARK{
    .name = "CONNMARK",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetConnmark>,
};

} // namespace ns3
