/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr uint32_t SCALE = 10000;          //!< avg is in 1/10000 s per packet
constexpr uint32_t CREDITS_PER_TICK = 128; //!< biggest power of two that lasts a day in 32 bits
constexpr uint32_t CREDITS_PER_SECOND = XT_HZ * CREDITS_PER_TICK;

enum Id : uint8_t
{
    LIMIT,
    BURST,
};

constexpr XtOption OPTIONS[] = {
    {.name = "limit", .type = XtType::STRING, .id = LIMIT},
    {.name = "limit-burst", .type = XtType::U32, .id = BURST, .max = 10000},
};

struct Unit
{
    const char* name;
    const char* shown;
    uint32_t seconds;
};

constexpr Unit UNITS[] = {
    {"day", "day", 24 * 60 * 60},
    {"hour", "hour", 60 * 60},
    {"minute", "min", 60},
    {"second", "sec", 1},
};

uint32_t
UserToCredits(uint32_t user)
{
    // Big values are divided first, as 32 bits would not hold the product.
    return user > 0xffffffffU / CREDITS_PER_SECOND ? user / SCALE * CREDITS_PER_SECOND
                                                   : user * CREDITS_PER_SECOND / SCALE;
}

/// -m limit: a token bucket (Linux: net/netfilter/xt_limit.c)
class XtLimit final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == BURST)
        {
            m_burst = static_cast<uint32_t>(arg.low);
            return NfOk();
        }
        return ParseRate(arg.text);
    }

    int Check(const XtCheck& check) override
    {
        if (m_burst == 0 || UserToCredits(m_avg * m_burst) < UserToCredits(m_avg))
        {
            check.Info(fmt::format("xt_limit: Overflow, try lower: {}/{}", m_avg, m_burst));
            return ERANGE;
        }
        return 0;
    }

    void Start(XtContext& context) override
    {
        m_last = XtJiffies(context.clock);
        m_cap = UserToCredits(m_avg * m_burst);
        m_cost = UserToCredits(m_avg);
        m_credit = m_cap;
    }

    bool Match(XtParam& param) override
    {
        const uint64_t now = XtJiffies(param.context.clock);
        const uint64_t credit = m_credit + (now - m_last) * CREDITS_PER_TICK;
        m_last = now;
        m_credit = static_cast<uint32_t>(std::min<uint64_t>(credit, m_cap));
        if (m_credit < m_cost)
        {
            return false;
        }
        m_credit -= m_cost;
        return true;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --limit {}{}",
                           FormatRate(),
                           m_burst == 5 ? "" : fmt::format(" --limit-burst {}", m_burst));
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" limit: avg {} burst {}", FormatRate(), m_burst);
    }

  private:
    NfStatus ParseRate(const std::string& text)
    {
        const NfError bad = XtBadParameter(fmt::format("bad rate \"{}\"'", text));
        const size_t slash = text.find('/');
        uint32_t seconds = 1;
        if (slash != std::string::npos)
        {
            const std::string unit = text.substr(slash + 1);
            const auto* row = std::find_if(std::begin(UNITS), std::end(UNITS), [&](const auto& u) {
                return XtIsPrefix(unit, u.name);
            });
            if (unit.empty() || row == std::end(UNITS))
            {
                return bad;
            }
            seconds = row->seconds;
        }
        const auto count = static_cast<uint32_t>(std::atoi(text.c_str()));
        if (count == 0)
        {
            return bad;
        }
        m_avg = SCALE * seconds / count;
        return m_avg ? NfOk() : XtBadParameter(fmt::format("Rate too fast \"{}\"", text));
    }

    std::string FormatRate() const
    {
        size_t i = 1;
        for (; i < std::size(UNITS); i++)
        {
            const uint32_t period = UNITS[i].seconds * SCALE;
            if (m_avg > period || period / m_avg < period % m_avg)
            {
                break;
            }
        }
        return fmt::format("{}/{}", UNITS[i - 1].seconds * SCALE / m_avg, UNITS[i - 1].shown);
    }

    uint32_t m_avg{SCALE * 60 * 60 / 3}; //!< 1/10000 s between packets
    uint32_t m_burst{5};
    uint32_t m_cap{0};    //!< credit of a full bucket
    uint32_t m_cost{0};   //!< credit a packet takes
    uint32_t m_credit{0}; //!< credit left
    uint64_t m_last{0};   //!< tick of the last packet
};

} // namespace

extern const XtMatchType XT_LIMIT;
const XtMatchType XT_LIMIT{
    .name = "limit",
    .options = OPTIONS,
    .make = XtMakeMatch<XtLimit>,
};

} // namespace ns3
