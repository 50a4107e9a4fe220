/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "realm", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m realm: routes of a simulated node have no realm, so it is always 0 (Linux: xt_realm.c)
class XtRealm final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = XtParseMarkMask(arg.text);
        if (!value)
        {
            return XtBadParameter(fmt::format(
                "realm: could not map name {} to an integer value for option \"--realm\".\n",
                arg.text));
        }
        m_realm = value->first;
        m_mask = value->second;
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam&) override
    {
        return (m_realm == 0) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --realm {}", m_invert ? " !" : "", XtFormatMark(m_realm, m_mask));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format("{} realm {}", m_invert ? " !" : "", XtFormatMark(m_realm, m_mask));
    }

  private:
    uint32_t m_realm{0};
    uint32_t m_mask{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_REALM;
const XtMatchType XT_REALM{
    .name = "realm",
    .family = NfFamily::IPV4,
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::POST_ROUTING, NfHook::FORWARD, NfHook::LOCAL_OUT, NfHook::LOCAL_IN),
    .make = XtMakeMatch<XtRealm>,
};

} // namespace ns3
