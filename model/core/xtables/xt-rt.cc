/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-number-range.h"
#include "xt-packet.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    TYPE,
    SEGSLEFT,
    LENGTH,
    RESERVED,
    ADDRS,
    NOT_STRICT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "rt-type", .type = XtType::U32, .id = TYPE, .flags = XT_INVERT},
    {.name = "rt-segsleft", .type = XtType::U32RC, .id = SEGSLEFT, .flags = XT_INVERT},
    {.name = "rt-len", .type = XtType::U32, .id = LENGTH, .flags = XT_INVERT},
    {.name = "rt-0-res", .id = RESERVED},
    {.name = "rt-0-addrs", .type = XtType::STRING, .id = ADDRS},
    {.name = "rt-0-not-strict", .id = NOT_STRICT},
};

constexpr size_t MAX_ADDRS = 16;
constexpr size_t FIXED = 8; //!< bytes in front of the addresses (RFC 2460 section 4.4)
constexpr size_t ADDR_SIZE = 16;

/// -m rt: the IPv6 routing header (Linux: ip6t_rt.c)
class XtRt final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const uint8_t id = arg.option->id;
        const char* before = id == RESERVED ? "rt-0-res" : id == ADDRS ? "rt-0-addrs" : nullptr;
        if (before && !(Asks(TYPE) && m_type == 0 && !m_invertType))
        {
            return XtBadParameter(fmt::format("`--rt-type 0' required before `--{}'", before));
        }
        if (id == NOT_STRICT && !Asks(ADDRS))
        {
            return XtBadParameter("`--rt-0-addr ...' required before `--rt-0-not-strict'");
        }
        m_given |= 1U << id;
        switch (id)
        {
        case TYPE:
            m_type = static_cast<uint32_t>(arg.low);
            m_invertType = arg.invert;
            break;
        case SEGSLEFT:
            m_segments.Set(arg);
            break;
        case LENGTH:
            m_length = static_cast<uint32_t>(arg.low);
            m_invertLength = arg.invert;
            break;
        case ADDRS:
            return ParseAddrs(arg.text);
        default:
            break;
        }
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        bool broken = false;
        const auto at = XtFindIpv6Header(param.packet, NF_IPPROTO_ROUTING, &broken);
        NfBuffer& buffer = param.packet.GetBuffer();
        const uint8_t* header = at ? buffer.Pull(at->offset + 4) : nullptr;
        if (!header)
        {
            param.hotdrop = broken || at;
            return false;
        }
        const size_t length = (header[at->offset + 1] + 1U) * 8;
        header = buffer.Pull(at->offset + length);
        if (!header)
        {
            return false;
        }
        header += at->offset;
        return m_segments.Has(header[3]) &&
               (!Asks(LENGTH) || (length == m_length) != m_invertLength) &&
               (!Asks(TYPE) || (header[2] == m_type) != m_invertType) &&
               (!Asks(RESERVED) || NfReadU32(header + 4) == 0) &&
               (!Asks(ADDRS) || HasAddrs(NfBytes(header, length).Sub(FIXED)));
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        text += Asks(TYPE) ? fmt::format("{} --rt-type {}", m_invertType ? " !" : "", m_type) : "";
        text += m_segments.Save(" --rt-segsleft");
        text +=
            Asks(LENGTH) ? fmt::format("{} --rt-len {}", m_invertLength ? " !" : "", m_length) : "";
        text += Asks(RESERVED) ? " --rt-0-res" : "";
        text += Asks(ADDRS) ? " --rt-0-addrs " + Addrs() : "";
        return text + (Asks(NOT_STRICT) ? " --rt-0-not-strict" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " rt";
        text += Asks(TYPE) ? fmt::format(" type:{}{}", m_invertType ? "!" : "", m_type) : "";
        text += m_segments.Print(" segsleft");
        text +=
            Asks(LENGTH) ? fmt::format(" length:{}{}", m_invertLength ? "!" : "", m_length) : "";
        text += Asks(RESERVED) ? " reserved" : "";
        text += Asks(ADDRS) ? " 0-addrs " + Addrs() : "";
        return text + (Asks(NOT_STRICT) ? " 0-not-strict" : "");
    }

  private:
    bool Asks(uint8_t id) const
    {
        return m_given >> id & 1;
    }

    NfStatus ParseAddrs(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            const std::optional<NfAddr> addr = NfAddr::Parse(word, NfFamily::IPV6);
            if (!addr)
            {
                return XtBadParameter(fmt::format("error parsing address `{}'", word));
            }
            if (m_addrs.size() == MAX_ADDRS)
            {
                return XtBadParameter("too many addresses specified");
            }
            m_addrs.push_back(*addr);
        }
        return NfOk();
    }

    bool HasAddrs(NfBytes bytes) const
    {
        const size_t count = bytes.size() / ADDR_SIZE;
        if (m_addrs.size() > count || (!Asks(NOT_STRICT) && m_addrs.size() != count))
        {
            return false;
        }
        size_t found = 0;
        for (size_t i = 0; i < count && found < m_addrs.size(); i++)
        {
            const NfAddr addr = NfAddr::FromWire(bytes.data() + i * ADDR_SIZE, NfFamily::IPV6);
            found += addr == m_addrs[found] ? 1 : 0;
        }
        return found == m_addrs.size();
    }

    std::string Addrs() const
    {
        std::string text;
        for (const NfAddr& addr : m_addrs)
        {
            text += text.empty() ? "" : ",";
            text += addr.ToString(NfFamily::IPV6);
        }
        return text;
    }

    uint32_t m_given{0}; //!< bit per Id
    uint32_t m_type{0};
    uint32_t m_length{0};
    bool m_invertType{false};
    bool m_invertLength{false};
    XtNumberRange m_segments;
    std::vector<NfAddr> m_addrs;
};

} // namespace

extern const XtMatchType XT_RT;
const XtMatchType XT_RT{
    .name = "rt",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .make = XtMakeMatch<XtRt>,
};

} // namespace ns3
