/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <cerrno>
#include <cstring>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SAVE,
    RESTORE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "save", .id = SAVE, .excludes = 1U << RESTORE},
    {.name = "restore", .id = RESTORE, .excludes = 1U << SAVE},
};

/// -j CONNSECMARK (Linux: net/netfilter/xt_CONNSECMARK.c)
class XtTargetConnsecmark final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_save = arg.option->id == SAVE;
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("CONNSECMARK target: parameter required");
    }

    int Check(const XtCheck& check) override
    {
        if (std::strcmp(check.table, "mangle") != 0 && std::strcmp(check.table, "security") != 0)
        {
            check.Info("xt_CONNSECMARK: only valid in 'mangle' or 'security' table");
            return EINVAL;
        }
        return 0;
    }

    XtVerdict Target(XtParam& param) override
    {
        NfPacket& packet = param.packet;
        NfConn* conn = packet.conn.get();
        if (!conn)
        {
            return XT_CONTINUE;
        }
        if (m_save && packet.secmark && !Mark(*conn))
        {
            conn->Ext().secmark = packet.secmark;
            param.context.conntrack.CacheEvent(*conn, NF_EVENT_SECMARK);
        }
        if (!m_save && !packet.secmark)
        {
            packet.secmark = Mark(*conn);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return m_save ? " --save" : " --restore";
    }

    std::string Print(const XtIp&, bool) const override
    {
        return m_save ? " CONNSECMARK save" : " CONNSECMARK restore";
    }

  private:
    static uint32_t Mark(const NfConn& conn)
    {
        const NfConnExt* ext = conn.GetExt();
        return ext ? ext->secmark : 0;
    }

    bool m_save{false};
};

} // namespace

extern const XtTargetType XT_TARGET_CONNSECMARK;
const XtTargetType XT_TARGET_CONNSECMARK{
    .name = "CONNSECMARK",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeTarget<XtTargetConnsecmark>,
};

} // namespace ns3
