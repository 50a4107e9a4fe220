/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <fmt/format.h>
#include <limits>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    RANGE,
    DIRECTION,
    MODE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "connbytes", .type = XtType::U64RC, .id = RANGE, .flags = XT_MANDATORY | XT_INVERT},
    {.name = "connbytes-dir", .type = XtType::STRING, .id = DIRECTION, .flags = XT_MANDATORY},
    {.name = "connbytes-mode", .type = XtType::STRING, .id = MODE, .flags = XT_MANDATORY},
};

constexpr const char* DIRECTIONS[] = {"original", "reply", "both"};
constexpr const char* MODES[] = {"packets", "bytes", "avgpkt"};
constexpr uint64_t NO_END = std::numeric_limits<uint64_t>::max();

/// @return its place in a table of three, 3 if it is not there
template <size_t N>
size_t
Find(const char* const (&names)[N], const std::string& text)
{
    size_t i = 0;
    while (i < N && text != names[i])
    {
        i++;
    }
    return i;
}

/// -m connbytes (Linux: net/netfilter/xt_connbytes.c)
class XtConnbytes final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case RANGE:
            return ParseRange(arg);
        case DIRECTION:
            m_direction = Find(DIRECTIONS, arg.text);
            return m_direction < 3 ? NfOk() : Unknown("dir", arg.text);
        default:
            m_mode = Find(MODES, arg.text);
            return m_mode < 3 ? NfOk() : Unknown("mode", arg.text);
        }
    }

    int Check(const XtCheck& check) override
    {
        NfConntrackConfig& config = check.context.conntrack.GetConfig();
        if (!config.acct)
        {
            check.context.log.Write(4, "xt_connbytes: Forcing CT accounting to be enabled");
            config.acct = 1;
        }
        return 0;
    }

    bool Match(XtParam& param) override
    {
        const NfConn* conn = param.packet.conn.get();
        const NfConnExt* ext = conn ? conn->GetExt() : nullptr;
        if (!ext || !ext->acct)
        {
            return false;
        }
        const uint64_t packets = Sum(ext->acct->packets);
        const uint64_t bytes = Sum(ext->acct->bytes);
        const uint64_t average = packets ? bytes / packets : 0;
        const uint64_t value = m_mode == 0 ? packets : m_mode == 1 ? bytes : average;
        return (value >= m_from && value <= m_to) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --connbytes {} --connbytes-mode {} --connbytes-dir {}",
                           m_invert ? " !" : "",
                           Range(),
                           MODES[m_mode],
                           DIRECTIONS[m_direction]);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format("{} connbytes {} connbytes mode {} connbytes direction {}",
                           m_invert ? " !" : "",
                           Range(),
                           MODES[m_mode],
                           DIRECTIONS[m_direction]);
    }

  private:
    static NfStatus Unknown(const char* option, const std::string& text)
    {
        return XtBadParameter(fmt::format("Unknown --connbytes-{} `{}'", option, text));
    }

    NfStatus ParseRange(const XtArg& arg)
    {
        m_from = arg.low;
        m_to = arg.count == 2 ? arg.high : arg.low;
        // An empty range cannot be told from its opposite in the kernel's form.
        m_invert = arg.invert && m_from != m_to;
        return m_from <= m_to
                   ? NfOk()
                   : XtBadParameter(fmt::format("{} should be less than {}", m_from, m_to));
    }

    uint64_t Sum(const std::array<uint64_t, 2>& counters) const
    {
        return m_direction < 2 ? counters[m_direction] : counters[0] + counters[1];
    }

    std::string Range() const
    {
        return m_to == NO_END ? fmt::format("{}", m_from) : fmt::format("{}:{}", m_from, m_to);
    }

    uint64_t m_from{0};
    uint64_t m_to{0};
    bool m_invert{false};
    size_t m_direction{0}; //!< into DIRECTIONS
    size_t m_mode{0};      //!< into MODES
};

} // namespace

extern const XtMatchType XT_CONNBYTES;
const XtMatchType XT_CONNBYTES{
    .name = "connbytes",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtConnbytes>,
};

} // namespace ns3
