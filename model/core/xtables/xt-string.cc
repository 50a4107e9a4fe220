/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    FROM,
    TO,
    ALGO,
    STRING,
    HEX,
    ICASE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "from", .type = XtType::U16, .id = FROM},
    {.name = "to", .type = XtType::U16, .id = TO},
    {.name = "algo", .type = XtType::STRING, .id = ALGO, .flags = XT_MANDATORY},
    {.name = "string",
     .type = XtType::STRING,
     .id = STRING,
     .flags = XT_INVERT,
     .excludes = 1U << HEX},
    {.name = "hex-string",
     .type = XtType::STRING,
     .id = HEX,
     .flags = XT_INVERT,
     .excludes = 1U << STRING},
    {.name = "icase", .id = ICASE},
};

constexpr size_t MAX_PATTERN = 128;
constexpr size_t MAX_ALGO = 15;

/// -m string: the pattern anywhere in the IP packet (Linux: net/netfilter/xt_string.c)
class XtString final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case FROM:
            m_from = static_cast<uint16_t>(arg.low);
            return NfOk();
        case TO:
            m_to = static_cast<uint16_t>(arg.low);
            return NfOk();
        case ALGO:
            m_algo = arg.text.substr(0, MAX_ALGO);
            return NfOk();
        case ICASE:
            m_icase = true;
            return NfOk();
        default:
            break;
        }
        m_invert = arg.invert;
        if (arg.option->id == HEX)
        {
            return ParseHex(arg.text);
        }
        m_pattern = arg.text;
        return m_pattern.size() <= MAX_PATTERN ? NfOk() : TooLong(arg.text);
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & (1U << STRING | 1U << HEX)
                   ? NfOk()
                   : XtBadParameter("STRING match: You must specify `--string' or `--hex-string'");
    }

    int Check(const XtCheck&) override
    {
        if (m_from > m_to || m_pattern.empty())
        {
            return EINVAL;
        }
        return m_algo == "bm" || m_algo == "kmp" ? 0 : ENOENT;
    }

    bool Match(XtParam& param) override
    {
        const std::vector<uint8_t> bytes = param.packet.Serialize();
        const size_t end = std::min<size_t>(bytes.size(), m_to);
        if (m_from >= end)
        {
            return m_invert;
        }
        const auto begin = bytes.begin() + m_from;
        const auto stop = bytes.begin() + static_cast<long>(end);
        const auto same = [this](uint8_t a, char b) {
            const auto c = static_cast<uint8_t>(b);
            return m_icase ? std::toupper(a) == std::toupper(c) : a == c;
        };
        const auto found = std::search(begin, stop, m_pattern.begin(), m_pattern.end(), same);
        return (found != stop) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = fmt::format("{} --{} {} --algo {}",
                                       m_invert ? " !" : "",
                                       IsPrintable() ? "string" : "hex-string",
                                       Quoted(),
                                       m_algo);
        text += m_from ? fmt::format(" --from {}", m_from) : "";
        text += m_to != 0xffff ? fmt::format(" --to {}", m_to) : "";
        return text + (m_icase ? " --icase" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text =
            fmt::format(" STRING match {} {} ALGO name {}", m_invert ? "!" : "", Quoted(), m_algo);
        text += m_from ? fmt::format(" FROM {}", m_from) : "";
        text += m_to != 0xffff ? fmt::format(" TO {}", m_to) : "";
        return text + (m_icase ? " ICASE" : "");
    }

  private:
    static NfError TooLong(const std::string& text)
    {
        return XtBadParameter(fmt::format("STRING too long \"{}\"", text));
    }

    /// "|0d 0a|GET" (iptables: libxt_string.c, parse_hex_string())
    NfStatus ParseHex(const std::string& text)
    {
        bool hex = false;
        for (size_t i = 0; i < text.size();)
        {
            if (text[i] == '\\' && hex)
            {
                return XtBadParameter("Cannot include literals in hex data");
            }
            const bool literal = text[i] == '\\';
            if (text[i] == '|')
            {
                hex = !hex;
                while (hex && i + 1 < text.size() && text[i + 1] == ' ')
                {
                    i++;
                }
                if (++i >= text.size())
                {
                    break;
                }
            }
            if (literal && i + 1 >= text.size())
            {
                return XtBadParameter("Bad literal placement at end of string");
            }
            if (literal)
            {
                m_pattern += text[i + 1];
                i += 2;
            }
            else if (!hex)
            {
                m_pattern += text[i++];
            }
            else if (NfStatus status = ParseHexByte(text, i); !status)
            {
                return status;
            }
            if (m_pattern.size() > MAX_PATTERN)
            {
                return TooLong(text);
            }
        }
        return NfOk();
    }

    NfStatus ParseHexByte(const std::string& text, size_t& i)
    {
        if (i + 1 >= text.size())
        {
            return XtBadParameter("Odd number of hex digits");
        }
        if (i + 2 >= text.size())
        {
            return XtBadParameter("Invalid hex block");
        }
        for (const char c : {text[i], text[i + 1]})
        {
            if (!std::isxdigit(static_cast<unsigned char>(c)))
            {
                return XtBadParameter(fmt::format("Invalid hex char '{}'", c));
            }
        }
        m_pattern += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
        i += text[i + 2] == ' ' ? 3 : 2;
        return NfOk();
    }

    bool IsPrintable() const
    {
        return std::all_of(m_pattern.begin(), m_pattern.end(), [](unsigned char c) {
            return std::isprint(c) != 0;
        });
    }

    std::string Quoted() const
    {
        std::string text;
        if (!IsPrintable())
        {
            for (const unsigned char c : m_pattern)
            {
                text += fmt::format("{:02x}", c);
            }
            return "\"|" + text + "|\"";
        }
        for (const char c : m_pattern)
        {
            text += c == '"' || c == '\\' ? "\\" : "";
            text += c;
        }
        return "\"" + text + "\"";
    }

    std::string m_pattern;
    std::string m_algo;
    uint16_t m_from{0};
    uint16_t m_to{0xffff};
    bool m_icase{false};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_STRING;
const XtMatchType XT_STRING{
    .name = "string",
    .options = OPTIONS,
    .make = XtMakeMatch<XtString>,
};

} // namespace ns3
