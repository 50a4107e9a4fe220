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
    {.name = "mss", .type = XtType::U16RC, .flags = XT_MANDATORY | XT_INVERT},
};

constexpr uint8_t KIND_MSS = 2;
constexpr size_t MSS_SIZE = 4;

/// -m tcpmss (Linux: net/netfilter/xt_tcpmss.c)
class XtTcpmss final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_min = static_cast<uint16_t>(arg.low);
        m_max = static_cast<uint16_t>(arg.count == 2 ? arg.high : arg.low);
        m_invert = arg.invert;
        return m_max < m_min ? NfStatus(XtBadParameter("tcpmss: invalid range given")) : NfOk();
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* tcp = param.packet.PullTransport(NF_TCP_HEADER_SIZE);
        const size_t size = tcp ? (tcp[NF_TCP_DOFF] >> 4) * 4U : 0;
        tcp = size < NF_TCP_HEADER_SIZE ? nullptr : param.packet.PullTransport(size);
        if (!tcp)
        {
            param.hotdrop = true;
            return false;
        }
        for (size_t i = NF_TCP_HEADER_SIZE; i < size;)
        {
            if (tcp[i] == KIND_MSS && size - i >= MSS_SIZE && tcp[i + 1] == MSS_SIZE)
            {
                const uint16_t mss = NfReadU16(tcp + i + 2);
                return (mss >= m_min && mss <= m_max) != m_invert;
            }
            const bool single = tcp[i] < 2 || i + 1 >= size || tcp[i + 1] == 0;
            i += single ? 1 : tcp[i + 1];
        }
        return m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --mss {}", m_invert ? " !" : "", Range());
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" tcpmss match {}{}", m_invert ? "!" : "", Range());
    }

  private:
    std::string Range() const
    {
        return m_min == m_max ? fmt::format("{}", m_min) : fmt::format("{}:{}", m_min, m_max);
    }

    uint16_t m_min{0};
    uint16_t m_max{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_TCPMSS;
const XtMatchType XT_TCPMSS{
    .name = "tcpmss",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_TCP,
    .make = XtMakeMatch<XtTcpmss>,
};

} // namespace ns3
