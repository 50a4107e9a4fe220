/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-value-mask.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "realm", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

/// The name of realm 0 in /etc/iproute2/rt_realms.
constexpr const char* COSMOS = "cosmos";

/// -m realm: routes of a simulated node have no realm, so it is always 0 (Linux: xt_realm.c)
class XtRealm final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        return m_realm.Parse(arg, COSMOS);
    }

    bool Match(XtParam&) override
    {
        return (m_realm.value == 0) != m_realm.invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --realm {}", m_realm.invert ? " !" : "", m_realm.Format(COSMOS));
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return fmt::format("{} realm {}",
                           m_realm.invert ? " !" : "",
                           m_realm.Format(numeric ? nullptr : COSMOS));
    }

  private:
    XtValueMask m_realm;
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
