/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    LABEL,
    SET,
};

constexpr XtOption OPTIONS[] = {
    {.name = "label", .type = XtType::STRING, .id = LABEL, .flags = XT_MANDATORY | XT_INVERT},
    {.name = "set", .id = SET},
};

constexpr uint16_t LABELS = 128;

/// -m connlabel: a bit of the connection (Linux: net/netfilter/xt_connlabel.c)
class XtConnlabel final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == SET)
        {
            m_set = true;
            return NfOk();
        }
        const auto label = XtParseNumber(arg.text, 0, 65535);
        if (!label)
        {
            return XtBadParameter(fmt::format("label '{}' not found or invalid value", arg.text));
        }
        m_label = static_cast<uint16_t>(*label);
        m_invert = arg.invert;
        return NfOk();
    }

    int Check(const XtCheck&) override
    {
        return m_label >= LABELS ? ERANGE : 0;
    }

    bool Match(XtParam& param) override
    {
        NfConn* conn = param.packet.conn.get();
        if (!conn || conn->IsTemplate())
        {
            return m_invert;
        }
        const uint32_t bit = 1U << m_label % 32;
        const NfConnExt* ext = conn->GetExt();
        const bool has = ext && ext->labels[m_label / 32] & bit;
        if (!has && m_set)
        {
            conn->Ext().labels[m_label / 32] |= bit;
            conn->Ext().hasLabels = true;
            param.context.conntrack.CacheEvent(*conn, NF_EVENT_LABEL);
        }
        return (has || m_set) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --label \"{}\"{}",
                           m_invert ? " !" : "",
                           m_label,
                           m_set ? " --set" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" connlabel {}{}{}", m_invert ? "! " : "", m_label, m_set ? " set" : "");
    }

  private:
    uint16_t m_label{0};
    bool m_set{false};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_CONNLABEL;
const XtMatchType XT_CONNLABEL{
    .name = "connlabel",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtConnlabel>,
};

} // namespace ns3
