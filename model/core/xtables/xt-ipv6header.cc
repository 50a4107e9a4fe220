/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-names.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    HEADER,
    SOFT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "header", .type = XtType::STRING, .id = HEADER, .flags = XT_MANDATORY | XT_INVERT},
    {.name = "soft", .id = SOFT},
};

/// A header: its names, its protocol number, its bit in a rule.
struct Header
{
    const char* name;
    const char* alias;
    uint8_t protocol;
    uint8_t bit;
};

constexpr uint8_t UPPER_LAYER = 255; //!< number that stands for any transport protocol

constexpr Header HEADERS[] = {
    {"hop-by-hop", "hop", NF_IPPROTO_HOPOPTS, 0x80},
    {"ipv6-opts", "dst", NF_IPPROTO_DSTOPTS, 0x40},
    {"ipv6-route", "route", NF_IPPROTO_ROUTING, 0x20},
    {"ipv6-frag", "frag", NF_IPPROTO_FRAGMENT, 0x10},
    {"ah", "auth", NF_IPPROTO_AH, 0x08},
    {"esp", "esp", NF_IPPROTO_ESP, 0x04},
    {"ipv6-nonxt", "none", NF_IPPROTO_NONE, 0x02},
    {"protocol", "prot", UPPER_LAYER, 0x01},
};

const Header*
FindHeader(uint8_t protocol)
{
    for (const Header& row : HEADERS)
    {
        if (row.protocol == protocol)
        {
            return &row;
        }
    }
    return nullptr;
}

const Header*
FindHeader(const std::string& text)
{
    for (const Header& row : HEADERS)
    {
        if (text == row.name || text == row.alias)
        {
            return &row;
        }
    }
    const std::optional<uint64_t> number = XtParseNumber(text, 0, 255);
    return number ? FindHeader(static_cast<uint8_t>(*number)) : nullptr;
}

/// -m ipv6header: which headers a packet has (Linux: ip6t_ipv6header.c)
class XtIpv6HeaderMatch final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        if (arg.option->id == SOFT)
        {
            m_soft = true;
            return NfOk();
        }
        m_invert = arg.invert;
        for (const std::string& word : XtSplit(arg.text, ','))
        {
            const Header* header = FindHeader(word);
            if (!header)
            {
                return XtBadParameter(fmt::format("unknown header `{}' specified", word));
            }
            m_headers |= header->bit;
        }
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        uint8_t headers = 0;
        if (!Collect(param.packet, headers))
        {
            return false;
        }
        if (m_soft)
        {
            return m_invert ? (headers & m_headers) == 0 : (headers & m_headers) == m_headers;
        }
        return (headers == m_headers) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --header {}{}",
                           m_invert ? " !" : "",
                           Names(),
                           m_soft ? " --soft" : "");
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return fmt::format(" ipv6header flags:{}{}{}",
                           m_invert ? "!" : "",
                           numeric ? fmt::format("0x{:02X}", m_headers) : Names(),
                           m_soft ? " soft" : "");
    }

  private:
    std::string Names() const
    {
        std::string text;
        for (const Header& row : HEADERS)
        {
            if (m_headers & row.bit)
            {
                text += text.empty() ? "" : ",";
                text += row.name;
            }
        }
        return text;
    }

    /// @return false: the chain is cut
    static bool Collect(NfPacket& packet, uint8_t& headers)
    {
        NfBuffer& buffer = packet.GetBuffer();
        uint8_t next = packet.GetIp().protocol;
        size_t at = 0;
        for (;;)
        {
            const Header* row = FindHeader(next);
            if (!row || next == UPPER_LAYER)
            {
                headers |= FindHeader(UPPER_LAYER)->bit;
                return true;
            }
            const bool last = next == NF_IPPROTO_NONE || next == NF_IPPROTO_ESP;
            const uint8_t* p = next == NF_IPPROTO_NONE ? nullptr : buffer.Pull(at + 2);
            if (!p && next != NF_IPPROTO_NONE)
            {
                return false;
            }
            headers |= row->bit;
            if (last)
            {
                return true;
            }
            p += at;
            at += next == NF_IPPROTO_FRAGMENT ? 8
                  : next == NF_IPPROTO_AH     ? (p[1] + 2U) * 4
                                              : (p[1] + 1U) * 8;
            next = p[0];
        }
    }

    uint8_t m_headers{0}; //!< bit per header
    bool m_invert{false};
    bool m_soft{false};
};

} // namespace

extern const XtMatchType XT_IPV6HEADER;
const XtMatchType XT_IPV6HEADER{
    .name = "ipv6header",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .make = XtMakeMatch<XtIpv6HeaderMatch>,
};

} // namespace ns3
