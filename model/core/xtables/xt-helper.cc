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
    {.name = "helper", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

constexpr size_t MAX_NAME = 29;

/// -m helper: connections that a helper of that name expected (Linux: net/netfilter/xt_helper.c)
class XtHelper final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_name = arg.text.substr(0, MAX_NAME);
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const NfConn* conn = param.packet.conn.get();
        const NfConn* master = conn ? conn->GetMaster() : nullptr;
        const NfConntrackHelper* helper = master ? master->GetHelper() : nullptr;
        if (!helper)
        {
            return m_invert;
        }
        // The helper's name decides how much is compared: "ftp" answers to "ftp-21" too.
        const std::string& name = helper->GetName();
        return (m_name.empty() || m_name.compare(0, name.size(), name) == 0) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return (m_invert ? " ! --helper" : " --helper") + XtSaveString(m_name);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" helper match {}\"{}\"", m_invert ? "! " : "", m_name);
    }

  private:
    std::string m_name;
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_HELPER;
const XtMatchType XT_HELPER{
    .name = "helper",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtHelper>,
};

} // namespace ns3
