/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "to", .type = XtType::HOSTMASK, .flags = XT_MANDATORY},
};

/// -j NETMAP: the network part is replaced, the host part kept (Linux: xt_NETMAP.c)
class XtTargetNetmap final : public XtTarget
{
  public:
    explicit XtTargetNetmap(NfFamily family)
        : m_family(family)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        // The tool takes a mask with holes for that of one host.
        const unsigned host = m_family == NfFamily::IPV6 ? 128 : 32;
        m_mask = NfPrefixMask(m_family, NfPrefixLength(m_family, arg.addrMask).value_or(host));
        m_net = arg.addr & m_mask;
        return NfOk();
    }

    XtVerdict Target(XtParam& param) override
    {
        NfConn* conn = param.packet.conn.get();
        if (!conn)
        {
            return NfVerdict(NfVerdict::ACCEPT);
        }
        const NfHook hook = param.state.hook;
        const bool destination = hook == NfHook::PRE_ROUTING || hook == NfHook::LOCAL_OUT;
        const NfIpHeader& ip = param.packet.GetIp();
        NfNatRange range;
        range.flags = NF_NAT_MAP_IPS;
        range.minAddr = Map(destination ? ip.dst : ip.src);
        range.maxAddr = range.minAddr;
        return param.context.nat.SetupInfo(*conn, range, destination ? NfManip::DST : NfManip::SRC);
    }

    std::string Save(const XtIp&) const override
    {
        return " --to " + Format();
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " to:" + Format();
    }

  private:
    NfAddr Map(const NfAddr& addr) const
    {
        NfAddr mapped;
        for (size_t i = 0; i < 4; i++)
        {
            const uint32_t mask = m_mask.GetWord(i);
            mapped.SetWord(i, (addr.GetWord(i) & ~mask) | (m_net.GetWord(i) & mask));
        }
        return mapped;
    }

    std::string Format() const
    {
        const std::string mask = XtFormatMask(m_mask, m_family);
        const char* host = m_family == NfFamily::IPV6 ? "/128" : "/32";
        return m_net.ToString(m_family) + (mask.empty() ? host : mask);
    }

    const NfFamily m_family;
    NfAddr m_net;
    NfAddr m_mask;
};

} // namespace

extern const XtTargetType XT_TARGET_NETMAP;
const XtTargetType XT_TARGET_NETMAP{
    .name = "NETMAP",
    .options = OPTIONS,
    .table = "nat",
    .hooks =
        XtHooks(NfHook::PRE_ROUTING, NfHook::POST_ROUTING, NfHook::LOCAL_OUT, NfHook::LOCAL_IN),
    .conntrack = true,
    .make = [](NfFamily family) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetNetmap>(family);
    },
};

} // namespace ns3
