/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "state", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

/// -m state: the older name of a part of conntrack (iptables: libxt_conntrack.c, state_parse())
class XtState final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        for (size_t at = 0; at != std::string::npos;)
        {
            const size_t comma = arg.text.find(',', at);
            const std::optional<uint32_t> state = XtParseStates(
                std::string_view(arg.text).substr(at,
                                                  comma == std::string::npos ? comma : comma - at),
                false);
            if (!state)
            {
                return XtBadParameter(fmt::format("Bad state \"{}\"", arg.text.substr(at)));
            }
            m_state |= *state;
            at = comma == std::string::npos ? comma : comma + 1;
        }
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        return ((XtStateOf(param.packet) & m_state) != 0) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --state {}", m_invert ? " !" : "", XtFormatStates(m_state));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format("{} state {}", m_invert ? " !" : "", XtFormatStates(m_state));
    }

  private:
    uint32_t m_state{0}; //!< XtStateBit bits
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_STATE;
const XtMatchType XT_STATE{
    .name = "state",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtState>,
};

} // namespace ns3
