/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    TRANSPARENT,
    NOWILDCARD,
    RESTORE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "transparent", .id = TRANSPARENT},
    {.name = "nowildcard", .id = NOWILDCARD},
    {.name = "restore-skmark", .id = RESTORE},
};

/// -m socket: a socket of this node will get it, as far as the stack told (Linux: xt_socket.c)
class XtSocket final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_flags |= static_cast<uint8_t>(1U << arg.option->id);
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        return param.packet.hasSocket;
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        for (const XtOption& option : OPTIONS)
        {
            text += m_flags >> option.id & 1 ? std::string(" --") + option.name : "";
        }
        return text;
    }

    std::string Print(const XtIp& ip, bool) const override
    {
        return " socket" + Save(ip);
    }

  private:
    uint8_t m_flags{0}; //!< bit per Id
};

} // namespace

extern const XtMatchType XT_SOCKET;
const XtMatchType XT_SOCKET{
    .name = "socket",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN),
    .make = XtMakeMatch<XtSocket>,
};

} // namespace ns3
