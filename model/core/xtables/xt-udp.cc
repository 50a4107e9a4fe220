/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"
#include "xt-ports.h"

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SPORT,
    DPORT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "source-port", .type = XtType::PORTRC, .id = SPORT, .flags = XT_INVERT},
    {.name = "sport", .type = XtType::PORTRC, .id = SPORT, .flags = XT_INVERT},
    {.name = "destination-port", .type = XtType::PORTRC, .id = DPORT, .flags = XT_INVERT},
    {.name = "dport", .type = XtType::PORTRC, .id = DPORT, .flags = XT_INVERT},
};

/// -m udp (Linux: net/netfilter/xt_tcpudp.c; iptables: extensions/libxt_udp.c)
class XtUdp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        (arg.option->id == SPORT ? m_sport : m_dport) = XtPortRangeOf(arg);
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* udp = XtPullHeader(param, NF_UDP_HEADER_SIZE);
        return udp && m_sport.Has(NfReadU16(udp)) && m_dport.Has(NfReadU16(udp + 2));
    }

    std::string Save(const XtIp&) const override
    {
        return m_sport.Save(" --sport") + m_dport.Save(" --dport");
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return " udp" + m_sport.Print("spt", NF_IPPROTO_UDP, numeric) +
               m_dport.Print("dpt", NF_IPPROTO_UDP, numeric);
    }

  private:
    XtPortRange m_sport;
    XtPortRange m_dport;
};

} // namespace

extern const XtMatchType XT_UDP;
const XtMatchType XT_UDP{
    .name = "udp",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_UDP,
    .make = XtMakeMatch<XtUdp>,
};

} // namespace ns3
