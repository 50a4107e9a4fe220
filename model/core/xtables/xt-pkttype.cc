/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "pkt-type", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

struct TypeName
{
    const char* name;
    uint8_t type;
};

constexpr uint8_t HOST = 0;
constexpr uint8_t BROADCAST = 1;
constexpr uint8_t MULTICAST = 2;
constexpr uint8_t LOOPBACK = 5;

constexpr TypeName NAMES[] = {
    {"unicast", HOST},
    {"broadcast", BROADCAST},
    {"multicast", MULTICAST},
    {"bcast", BROADCAST},
    {"mcast", MULTICAST},
    {"host", HOST},
};

/// -m pkttype: what the link layer thought of the destination (Linux: net/netfilter/xt_pkttype.c)
class XtPkttype final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto* row = std::find_if(std::begin(NAMES), std::end(NAMES), [&](const auto& n) {
            return XtIsSameWord(arg.text, n.name);
        });
        if (row == std::end(NAMES))
        {
            return XtBadParameter(fmt::format("Bad packet type '{}'", arg.text));
        }
        m_type = row->type;
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        return (TypeOf(param.packet) == m_type) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --pkt-type {}", m_invert ? " !" : "", NAMES[m_type].name);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" PKTTYPE {} {}", m_invert ? "!=" : "=", NAMES[m_type].name);
    }

  private:
    static uint8_t TypeOf(const NfPacket& packet)
    {
        if (packet.packetType != LOOPBACK)
        {
            return packet.packetType;
        }
        const uint8_t first = packet.GetIp().dst.bytes[0];
        const bool multicast =
            packet.GetFamily() == NfFamily::IPV6 ? first == 0xff : first >> 4 == 0xe;
        return multicast ? MULTICAST : BROADCAST;
    }

    uint8_t m_type{HOST};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_PKTTYPE;
const XtMatchType XT_PKTTYPE{
    .name = "pkttype",
    .options = OPTIONS,
    .make = XtMakeMatch<XtPkttype>,
};

} // namespace ns3
