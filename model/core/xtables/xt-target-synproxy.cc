/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../conntrack/nf-synproxy-core.h"
#include "xt-target.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SACK_PERM,
    TIMESTAMP,
    WSCALE,
    MSS,
    ECN,
};

constexpr XtOption OPTIONS[] = {
    {.name = "sack-perm", .id = SACK_PERM},
    {.name = "timestamp", .id = TIMESTAMP},
    {.name = "wscale", .type = XtType::U32, .id = WSCALE},
    {.name = "mss", .type = XtType::U32, .id = MSS},
    {.name = "ecn", .id = ECN},
};

constexpr const char* HELP = R"(
SYNPROXY target options:
  --sack-perm                        Set SACK_PERM
  --timestamp                        Set TIMESTAMP
  --wscale value                     Set window scaling factor
  --mss value                        Set MSS value
  --ecn                              Set ECN
)";

/// The one SYNPROXY of a namespace, made when the first rule wants it.
struct Shared
{
    std::unique_ptr<NfSynproxy> proxy;
};

NfSynproxy&
ProxyOf(XtContext& context)
{
    std::unique_ptr<NfSynproxy>& proxy = context.shared.Get<Shared>().proxy;
    if (!proxy)
    {
        proxy = std::make_unique<NfSynproxy>(context.conntrack, context.stack);
        context.addProc("stat/synproxy", [p = proxy.get()] { return p->GetStatText(); });
    }
    return *proxy;
}

/// -j SYNPROXY (Linux: net/ipv4/netfilter/ipt_SYNPROXY.c, ip6t_SYNPROXY.c)
class XtTargetSynproxy final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SACK_PERM:
            m_info.options |= NF_SYNPROXY_SACK_PERM;
            break;
        case TIMESTAMP:
            m_info.options |= NF_SYNPROXY_TIMESTAMP;
            break;
        case WSCALE:
            m_info.options |= NF_SYNPROXY_WSCALE;
            m_info.wscale = static_cast<uint8_t>(arg.low);
            break;
        case MSS:
            m_info.options |= NF_SYNPROXY_MSS;
            m_info.mss = static_cast<uint16_t>(arg.low);
            break;
        default:
            m_info.options |= NF_SYNPROXY_ECN;
            break;
        }
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (check.ip.protocol != NF_IPPROTO_TCP || check.ip.invertProtocol)
        {
            return EINVAL;
        }
        ProxyOf(check.context).Enable(check.family);
        return 0;
    }

    void Destroy(const XtCheck& check) override
    {
        ProxyOf(check.context).Disable(check.family);
    }

    XtVerdict Target(XtParam& param) override
    {
        return ProxyOf(param.context).Target(param.packet, m_info);
    }

    std::string Save(const XtIp&) const override
    {
        return Text(" --");
    }

    std::string Print(const XtIp&, bool) const override
    {
        const std::string text = Text(" ");
        return " SYNPROXY" + text + " ";
    }

  private:
    std::string Text(const std::string& before) const
    {
        std::string text;
        text += m_info.options & NF_SYNPROXY_SACK_PERM ? before + "sack-perm" : "";
        text += m_info.options & NF_SYNPROXY_TIMESTAMP ? before + "timestamp" : "";
        if (m_info.options & NF_SYNPROXY_WSCALE)
        {
            text += fmt::format("{}wscale {}", before, m_info.wscale);
        }
        if (m_info.options & NF_SYNPROXY_MSS)
        {
            text += fmt::format("{}mss {}", before, m_info.mss);
        }
        text += m_info.options & NF_SYNPROXY_ECN ? before + "ecn" : "";
        return text;
    }

    NfSynproxyInfo m_info; //!< what the server can
};

} // namespace

extern const XtTargetType XT_TARGET_SYNPROXY;
const XtTargetType XT_TARGET_SYNPROXY{
    .name = "SYNPROXY",
    .options = OPTIONS,
    .help = HELP,
    .hooks = XtHooks(NfHook::LOCAL_IN, NfHook::FORWARD),
    .conntrack = true,
    .make = XtMakeTarget<XtTargetSynproxy>,
};

} // namespace ns3
