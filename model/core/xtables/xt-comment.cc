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
    {.name = "comment", .type = XtType::STRING, .flags = XT_MANDATORY},
};

/// -m comment: words for the reader (Linux: net/netfilter/xt_comment.c)
class XtComment final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_text = arg.text.substr(0, 255);
        return NfOk();
    }

    bool Match(XtParam&) override
    {
        return true;
    }

    std::string Save(const XtIp&) const override
    {
        return " --comment" + XtSaveString(m_text);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" /* {} */", m_text);
    }

  private:
    std::string m_text;
};

} // namespace

extern const XtMatchType XT_COMMENT;
const XtMatchType XT_COMMENT{
    .name = "comment",
    .options = OPTIONS,
    .make = XtMakeMatch<XtComment>,
};

} // namespace ns3
