/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-target.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    LEVEL,
    PREFIX,
    TCPSEQ,
    TCPOPT,
    IPOPT,
    UID,
    MACDECODE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "log-level", .type = XtType::SYSLOG, .id = LEVEL},
    {.name = "log-prefix", .type = XtType::STRING, .id = PREFIX, .min = 1},
    {.name = "log-tcp-sequence", .id = TCPSEQ},
    {.name = "log-tcp-options", .id = TCPOPT},
    {.name = "log-ip-options", .id = IPOPT},
    {.name = "log-uid", .id = UID},
    {.name = "log-macdecode", .id = MACDECODE},
};

struct FlagName
{
    Id id;
    uint8_t flag;
    const char* save;
    const char* listing;
};

constexpr FlagName FLAGS[] = {
    {TCPSEQ, NF_LOG_TCPSEQ, " --log-tcp-sequence", " tcp-sequence"},
    {TCPOPT, NF_LOG_TCPOPT, " --log-tcp-options", " tcp-options"},
    {IPOPT, NF_LOG_IPOPT, " --log-ip-options", " ip-options"},
    {UID, NF_LOG_UID, " --log-uid", " uid"},
    {MACDECODE, NF_LOG_MACDECODE, " --log-macdecode", " macdecode"},
};

constexpr const char* LEVELS[] =
    {"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"};

constexpr uint8_t DEFAULT_LEVEL = 4;
constexpr size_t MAX_PREFIX = 29;

/// -j LOG (Linux: net/netfilter/xt_LOG.c; iptables: libxt_LOG.c)
class XtTargetLog final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == LEVEL)
        {
            m_level = static_cast<uint8_t>(arg.low);
            return NfOk();
        }
        if (arg.option->id == PREFIX)
        {
            m_prefix = arg.text.substr(0, MAX_PREFIX);
            return arg.text.find('\n') == std::string::npos
                       ? NfOk()
                       : XtBadParameter("Newlines not allowed in --log-prefix");
        }
        for (const FlagName& row : FLAGS)
        {
            m_flags |= row.id == arg.option->id ? row.flag : 0;
        }
        return NfOk();
    }

    int Check(const XtCheck&) override
    {
        return m_level < 8 ? 0 : EINVAL;
    }

    XtVerdict Target(XtParam& param) override
    {
        param.context.log.Write(m_level,
                                NfLogPacketText(param.packet, param.state, m_prefix, m_flags));
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_prefix.empty() ? "" : " --log-prefix" + XtSaveString(m_prefix);
        text += m_level == DEFAULT_LEVEL ? "" : fmt::format(" --log-level {}", m_level);
        return text + FormatFlags(&FlagName::save);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        std::string text = numeric ? fmt::format(" LOG flags {} level {}", m_flags, m_level)
                                   : fmt::format(" LOG level {}{}",
                                                 LEVELS[m_level & 7],
                                                 FormatFlags(&FlagName::listing));
        return m_prefix.empty() ? text : text + fmt::format(" prefix \"{}\"", m_prefix);
    }

  private:
    std::string FormatFlags(const char* FlagName::*column) const
    {
        std::string text;
        for (const FlagName& row : FLAGS)
        {
            text += m_flags & row.flag ? row.*column : "";
        }
        return text;
    }

    uint8_t m_level{DEFAULT_LEVEL};
    uint8_t m_flags{0}; //!< NfLogFlag bits
    std::string m_prefix;
};

} // namespace

extern const XtTargetType XT_TARGET_LOG;
const XtTargetType XT_TARGET_LOG{
    .name = "LOG",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetLog>,
};

} // namespace ns3
