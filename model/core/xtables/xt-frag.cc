/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-number-range.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    FRAGID,
    LENGTH,
    RESERVED,
    FIRST,
    MORE,
    LAST,
};

constexpr XtOption OPTIONS[] = {
    {.name = "fragid", .type = XtType::U32RC, .id = FRAGID, .flags = XT_INVERT},
    {.name = "fraglen", .type = XtType::U32, .id = LENGTH, .flags = XT_INVERT},
    {.name = "fragres", .id = RESERVED},
    {.name = "fragfirst", .id = FIRST},
    {.name = "fragmore", .id = MORE, .excludes = 1U << LAST},
    {.name = "fraglast", .id = LAST, .excludes = 1U << MORE},
};

/// -m frag: the IPv6 fragment header (Linux: net/ipv6/netfilter/ip6t_frag.c)
class XtFrag final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_given |= 1U << arg.option->id;
        if (arg.option->id == FRAGID)
        {
            m_ids.Set(arg);
        }
        else if (arg.option->id == LENGTH)
        {
            m_length = static_cast<uint32_t>(arg.low);
            m_invertLength = arg.invert;
        }
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        bool broken = false;
        const auto at = XtFindIpv6Header(param.packet, NF_IPPROTO_FRAGMENT, &broken);
        const uint8_t* header = at ? param.packet.GetBuffer().Pull(at->offset + 8) : nullptr;
        if (!header)
        {
            param.hotdrop = broken || at;
            return false;
        }
        header += at->offset;
        const uint16_t word = NfReadU16(header + 2);
        const bool more = word & 1;
        // --fraglen has never been compared: the header has no length.
        return m_ids.Has(NfReadU32(header + 4)) && !(Asks(RESERVED) && (header[1] || word & 6)) &&
               !(Asks(FIRST) && word & 0xfff8) && !(Asks(MORE) && !more) && !(Asks(LAST) && more);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_ids.Save(" --fragid");
        if (Asks(LENGTH))
        {
            text += fmt::format("{} --fraglen {}", m_invertLength ? " !" : "", m_length);
        }
        return text + Flags(" --fragres", " --fragfirst", " --fragmore", " --fraglast");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " frag " + m_ids.Print("id");
        if (Asks(LENGTH))
        {
            text += fmt::format(" length:{}{}", m_invertLength ? "!" : "", m_length);
        }
        return text + Flags(" reserved", " first", " more", " last");
    }

  private:
    bool Asks(uint8_t id) const
    {
        return m_given >> id & 1;
    }

    std::string Flags(const char* reserved,
                      const char* first,
                      const char* more,
                      const char* last) const
    {
        return std::string(Asks(RESERVED) ? reserved : "") + (Asks(FIRST) ? first : "") +
               (Asks(MORE) ? more : "") + (Asks(LAST) ? last : "");
    }

    uint32_t m_given{0}; //!< bit per Id
    XtNumberRange m_ids;
    uint32_t m_length{0};
    bool m_invertLength{false};
};

} // namespace

extern const XtMatchType XT_FRAG;
const XtMatchType XT_FRAG{
    .name = "frag",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .make = XtMakeMatch<XtFrag>,
};

} // namespace ns3
