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

enum Id : uint8_t
{
    LENGTH,
    OPTS,
};

constexpr XtOption HBH_OPTIONS[] = {
    {.name = "hbh-len", .type = XtType::U32, .id = LENGTH, .flags = XT_INVERT},
    {.name = "hbh-opts", .type = XtType::STRING, .id = OPTS},
};

constexpr XtOption DST_OPTIONS[] = {
    {.name = "dst-len", .type = XtType::U32, .id = LENGTH, .flags = XT_INVERT},
    {.name = "dst-opts", .type = XtType::STRING, .id = OPTS},
};

constexpr size_t MAX_OPTS = 16;
constexpr uint8_t ANY_LENGTH = 0xff;

struct Wanted
{
    uint8_t type;
    uint8_t length;
};

/// -m hbh and -m dst: options of IPv6 extension headers (Linux: ip6t_hbh.c)
class XtHbh final : public XtMatch
{
  public:
    /// @param name "hbh" or "dst" @param header which
    XtHbh(const char* name, uint8_t header)
        : m_name(name),
          m_header(header)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == OPTS)
        {
            return ParseOpts(arg.text);
        }
        m_length = static_cast<uint32_t>(arg.low);
        m_hasLength = true;
        m_invert = arg.invert;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        bool broken = false;
        const auto at = XtFindIpv6Header(param.packet, m_header, &broken);
        NfBuffer& buffer = param.packet.GetBuffer();
        const uint8_t* header = at ? buffer.Pull(at->offset + 2) : nullptr;
        if (!header)
        {
            param.hotdrop = broken || at;
            return false;
        }
        const size_t length = (header[at->offset + 1] + 1U) * 8;
        header = buffer.Pull(at->offset + length);
        if (!header || (m_hasLength && (length == m_length) == m_invert))
        {
            return false;
        }
        return m_wanted.empty() || HasOptions(NfBytes(header + at->offset + 2, length - 2));
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        if (m_hasLength)
        {
            text += fmt::format("{} --{}-len {}", m_invert ? " !" : "", m_name, m_length);
        }
        return m_wanted.empty() ? text : text + fmt::format(" --{}-opts {}", m_name, Opts());
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = fmt::format(" {}", m_name);
        if (m_hasLength)
        {
            text += fmt::format(" length:{}{}", m_invert ? "!" : "", m_length);
        }
        return m_wanted.empty() ? text : text + " opts " + Opts();
    }

  private:
    NfStatus ParseOpts(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            const size_t colon = word.find(':');
            const std::string type = word.substr(0, colon);
            const auto number = XtParseNumber(type, 0, 255);
            if (!number)
            {
                return NoDigits("opt", type);
            }
            Wanted wanted{static_cast<uint8_t>(*number), ANY_LENGTH};
            if (colon != std::string::npos)
            {
                const auto length = XtParseNumber(word.substr(colon + 1), 0, 255);
                if (!length)
                {
                    return NoDigits("length", word.substr(colon + 1));
                }
                wanted.length = static_cast<uint8_t>(*length);
            }
            if (m_wanted.size() == MAX_OPTS)
            {
                return XtBadParameter(fmt::format("{}: too many ports specified", m_name));
            }
            m_wanted.push_back(wanted);
        }
        return NfOk();
    }

    NfError NoDigits(const char* what, const std::string& text) const
    {
        return XtBadParameter(fmt::format("{}: no valid digits in {} `{}'", m_name, what, text));
    }

    /// The first options must be the wanted ones, in their order.
    bool HasOptions(NfBytes options) const
    {
        size_t at = 0;
        for (const Wanted& wanted : m_wanted)
        {
            const NfBytes left = options.Sub(at);
            if (left.empty() || left[0] != wanted.type)
            {
                return false;
            }
            if (wanted.type == 0)
            {
                at++;
                continue;
            }
            if (left.size() < 2 || (wanted.length != ANY_LENGTH && wanted.length != left[1]))
            {
                return false;
            }
            at += left[1] + 2U;
        }
        return true;
    }

    std::string Opts() const
    {
        std::string text;
        for (const Wanted& wanted : m_wanted)
        {
            text += fmt::format("{}{}", text.empty() ? "" : ",", wanted.type);
            text += wanted.length == ANY_LENGTH ? "" : fmt::format(":{}", wanted.length);
        }
        return text;
    }

    const char* m_name;
    const uint8_t m_header;
    bool m_hasLength{false};
    bool m_invert{false};
    uint32_t m_length{0}; //!< bytes
    std::vector<Wanted> m_wanted;
};

} // namespace

extern const XtMatchType XT_HBH;
const XtMatchType XT_HBH{
    .name = "hbh",
    .family = NfFamily::IPV6,
    .options = HBH_OPTIONS,
    .make = [](NfFamily) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtHbh>("hbh", NF_IPPROTO_HOPOPTS);
    },
};

extern const XtMatchType XT_DST;
const XtMatchType XT_DST{
    .name = "dst",
    .family = NfFamily::IPV6,
    .options = DST_OPTIONS,
    .make = [](NfFamily) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtHbh>("dst", NF_IPPROTO_DSTOPTS);
    },
};

} // namespace ns3
