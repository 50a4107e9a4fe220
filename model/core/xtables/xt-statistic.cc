/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cmath>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    MODE,
    PROBABILITY,
    EVERY,
    PACKET,
};

constexpr XtOption OPTIONS[] = {
    {.name = "mode", .type = XtType::STRING, .id = MODE, .flags = XT_MANDATORY},
    {.name = "probability",
     .type = XtType::DOUBLE,
     .id = PROBABILITY,
     .flags = XT_INVERT,
     .max = 1},
    {.name = "every",
     .type = XtType::U32,
     .id = EVERY,
     .flags = XT_INVERT,
     .excludes = 1U << PROBABILITY,
     .needs = 1U << PACKET,
     .min = 1},
    {.name = "packet",
     .type = XtType::U32,
     .id = PACKET,
     .excludes = 1U << PROBABILITY,
     .needs = 1U << EVERY},
};

constexpr double ONE = 0x80000000; //!< what stands for probability 1

/// -m statistic (Linux: net/netfilter/xt_statistic.c)
class XtStatistic final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_invert = m_invert || arg.invert;
        switch (arg.option->id)
        {
        case MODE:
            return ParseMode(arg.text);
        case PROBABILITY:
            m_probability = static_cast<uint32_t>(std::lround(ONE * arg.real));
            break;
        case EVERY:
            m_every = static_cast<uint32_t>(arg.low - 1);
            break;
        default:
            m_packet = static_cast<uint32_t>(arg.low);
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        if (!m_nth)
        {
            return seen >> PROBABILITY & 1
                       ? NfOk()
                       : XtBadParameter("--probability must be specified when using random mode");
        }
        if (!(seen & (1U << EVERY | 1U << PACKET)))
        {
            return XtBadParameter("--every and --packet must be specified when using nth mode");
        }
        return m_packet <= m_every ? NfOk()
                                   : XtBadParameter("the --packet p must be 0 <= p <= n-1");
    }

    void Start(XtContext&) override
    {
        m_count = m_every - m_packet;
    }

    bool Match(XtParam& param) override
    {
        if (!m_nth)
        {
            return ((param.context.random.Next() & 0x7fffffff) < m_probability) != m_invert;
        }
        m_count = m_count == m_every ? 0 : m_count + 1;
        return (m_count == 0) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " statistic" + Format("");
    }

  private:
    NfStatus ParseMode(const std::string& text)
    {
        m_nth = text == "nth";
        return m_nth || text == "random" ? NfOk()
                                         : XtBadParameter(fmt::format("Bad mode \"{}\"", text));
    }

    std::string Format(const char* prefix) const
    {
        const char* sign = m_invert ? " !" : "";
        return m_nth ? fmt::format(" {0}mode nth{1} {0}every {2} {0}packet {3}",
                                   prefix,
                                   sign,
                                   m_every + 1,
                                   m_packet)
                     : fmt::format(" {0}mode random{1} {0}probability {2:.11f}",
                                   prefix,
                                   sign,
                                   m_probability / ONE);
    }

    bool m_nth{false};
    bool m_invert{false};
    uint32_t m_probability{0}; //!< in 1/2^31
    uint32_t m_every{0};       //!< one less than given
    uint32_t m_packet{0};
    uint32_t m_count{0}; //!< 0..m_every
};

} // namespace

extern const XtMatchType XT_STATISTIC;
const XtMatchType XT_STATISTIC{
    .name = "statistic",
    .options = OPTIONS,
    .make = XtMakeMatch<XtStatistic>,
};

} // namespace ns3
