/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"
#include "xt-ports.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SPORT,
    DPORT,
    SYN,
    FLAGS,
    OPTION,
};

constexpr XtOption OPTIONS[] = {
    {.name = "source-port", .type = XtType::CUSTOM, .id = SPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "sport", .type = XtType::CUSTOM, .id = SPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "destination-port",
     .type = XtType::CUSTOM,
     .id = DPORT,
     .flags = XT_INVERT | XT_NOCHECK},
    {.name = "dport", .type = XtType::CUSTOM, .id = DPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "syn", .type = XtType::NONE, .id = SYN, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "tcp-flags",
     .type = XtType::CUSTOM,
     .id = FLAGS,
     .flags = XT_INVERT | XT_NOCHECK | XT_SECOND},
    {.name = "tcp-option", .type = XtType::CUSTOM, .id = OPTION, .flags = XT_INVERT | XT_NOCHECK},
};

struct FlagName
{
    const char* name;
    uint8_t bits;
};

constexpr FlagName FLAG_NAMES[] = {
    {"FIN", NF_TCP_FIN},
    {"SYN", NF_TCP_SYN},
    {"RST", NF_TCP_RST},
    {"PSH", NF_TCP_PSH},
    {"ACK", NF_TCP_ACK},
    {"URG", NF_TCP_URG},
    {"ALL", 0x3f},
    {"NONE", 0},
};

NfResult<uint8_t>
ParseFlags(const std::string& text)
{
    uint8_t flags = 0;
    for (const std::string& word : XtSplit(text, ','))
    {
        const auto* row = std::find_if(std::begin(FLAG_NAMES),
                                       std::end(FLAG_NAMES),
                                       [&](const auto& f) { return XtIsSameWord(word, f.name); });
        if (!word.empty() && row == std::end(FLAG_NAMES))
        {
            return XtBadParameter(fmt::format("Unknown TCP flag `{}'", word));
        }
        flags |= word.empty() ? 0 : row->bits;
    }
    return flags;
}

std::string
FormatFlags(uint8_t flags)
{
    std::string text;
    for (size_t i = 0; i < 6; i++)
    {
        if (flags & FLAG_NAMES[i].bits)
        {
            text += text.empty() ? "" : ",";
            text += FLAG_NAMES[i].name;
        }
    }
    return text.empty() ? "NONE" : text;
}

/// -m tcp (Linux: net/netfilter/xt_tcpudp.c; iptables: extensions/libxt_tcp.c)
class XtTcp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SPORT:
            return XtParsePortOption(arg, "--source-port", "tcp", m_sport);
        case DPORT:
            return XtParsePortOption(arg, "--destination-port", "tcp", m_dport);
        case OPTION:
            return ParseOption(arg);
        default:
            return ParseFlagOption(arg);
        }
    }

    bool ComparesSyn() const override
    {
        return (m_flags & NF_TCP_SYN) && !m_invertFlags;
    }

    bool Match(XtParam& param) override
    {
        // RFC 1858: a second fragment that overwrites the flags is never legitimate.
        if (param.packet.GetIp().fragOffset == 8 && param.family == NfFamily::IPV4)
        {
            param.hotdrop = true;
            return false;
        }
        const uint8_t* tcp = XtPullHeader(param, NF_TCP_HEADER_SIZE);
        return tcp && m_sport.Has(NfReadU16(tcp + NF_TCP_SPORT)) &&
               m_dport.Has(NfReadU16(tcp + NF_TCP_DPORT)) &&
               ((tcp[NF_TCP_FLAGS] & m_mask) == m_flags) != m_invertFlags &&
               (!m_option || MatchOption(param, tcp));
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_sport.Save(" --sport") + m_dport.Save(" --dport");
        if (m_option || m_invertOption)
        {
            text += fmt::format("{} --tcp-option {}", m_invertOption ? " !" : "", m_option);
        }
        if (m_mask || m_invertFlags)
        {
            text += fmt::format("{} --tcp-flags {} {}",
                                m_invertFlags ? " !" : "",
                                FormatFlags(m_mask),
                                FormatFlags(m_flags));
        }
        return text;
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        std::string text = " tcp" + m_sport.Print("spt", NF_IPPROTO_TCP, numeric) +
                           m_dport.Print("dpt", NF_IPPROTO_TCP, numeric);
        if (m_option || m_invertOption)
        {
            text += fmt::format(" option={}{}", m_invertOption ? "!" : "", m_option);
        }
        if (m_mask || m_invertFlags)
        {
            text += fmt::format(" flags:{}", m_invertFlags ? "!" : "");
            text += numeric ? fmt::format("0x{:02X}/0x{:02X}", m_mask, m_flags)
                            : FormatFlags(m_mask) + "/" + FormatFlags(m_flags);
        }
        return text;
    }

  private:
    NfStatus ParseOption(const XtArg& arg)
    {
        if (arg.seen >> OPTION & 1)
        {
            return XtBadParameter("Only one `--tcp-option' allowed");
        }
        const std::optional<uint64_t> number = XtParseNumber(arg.text, 1, 255);
        if (!number)
        {
            return XtBadParameter(fmt::format("Bad TCP option \"{}\"", arg.text));
        }
        m_option = static_cast<uint8_t>(*number);
        m_invertOption = arg.invert;
        return NfOk();
    }

    NfStatus ParseFlagOption(const XtArg& arg)
    {
        if (arg.seen & (1U << SYN | 1U << FLAGS))
        {
            return XtBadParameter("Only one of `--syn' or `--tcp-flags'  allowed");
        }
        if (arg.option->id == FLAGS && !arg.hasSecond)
        {
            return XtBadParameter("--tcp-flags requires two args.");
        }
        const bool syn = arg.option->id == SYN;
        NfResult<uint8_t> mask = ParseFlags(syn ? "SYN,RST,ACK,FIN" : arg.text);
        NfResult<uint8_t> flags = ParseFlags(syn ? "SYN" : arg.second);
        if (!mask || !flags)
        {
            return mask ? flags.Error() : mask.Error();
        }
        m_mask = *mask;
        m_flags = *flags;
        m_invertFlags = arg.invert;
        return NfOk();
    }

    bool MatchOption(XtParam& param, const uint8_t* tcp) const
    {
        const size_t size = (tcp[NF_TCP_DOFF] >> 4) * 4U;
        if (size < NF_TCP_HEADER_SIZE)
        {
            param.hotdrop = true;
            return false;
        }
        tcp = XtPullHeader(param, size);
        return tcp && HasOption(NfBytes(tcp, size)) != m_invertOption;
    }

    bool HasOption(NfBytes header) const
    {
        for (size_t i = NF_TCP_HEADER_SIZE; i < header.size();)
        {
            if (header[i] == m_option)
            {
                return true;
            }
            const bool single = header[i] < 2 || i + 1 >= header.size() || header[i + 1] == 0;
            i += single ? 1 : header[i + 1];
        }
        return false;
    }

    XtPortRange m_sport;
    XtPortRange m_dport;
    uint8_t m_option{0}; //!< TCP option kind, 0: any packet
    uint8_t m_mask{0};   //!< flags that are looked at
    uint8_t m_flags{0};  //!< what they must be
    bool m_invertOption{false};
    bool m_invertFlags{false};
};

} // namespace

extern const XtMatchType XT_TCP;
const XtMatchType XT_TCP{
    .name = "tcp",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_TCP,
    .make = XtMakeMatch<XtTcp>,
};

} // namespace ns3
