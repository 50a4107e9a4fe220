/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SOURCE,
    DESTINATION,
    IFACE_IN,
    IFACE_OUT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "src-type", .type = XtType::STRING, .id = SOURCE, .flags = XT_INVERT},
    {.name = "dst-type", .type = XtType::STRING, .id = DESTINATION, .flags = XT_INVERT},
    {.name = "limit-iface-in", .id = IFACE_IN, .excludes = 1U << IFACE_OUT},
    {.name = "limit-iface-out", .id = IFACE_OUT, .excludes = 1U << IFACE_IN},
};

/// In the order of their numbers (RTN_*); a rule keeps 1 << number.
constexpr const char* NAMES[] = {"UNSPEC",
                                 "UNICAST",
                                 "LOCAL",
                                 "BROADCAST",
                                 "ANYCAST",
                                 "MULTICAST",
                                 "BLACKHOLE",
                                 "UNREACHABLE",
                                 "PROHIBIT",
                                 "THROW",
                                 "NAT",
                                 "XRESOLVE"};

constexpr uint16_t
Bit(NfAddrType type)
{
    return static_cast<uint16_t>(1U << static_cast<unsigned>(type));
}

/// -m addrtype (Linux: net/netfilter/xt_addrtype.c, revision 1)
class XtAddrtype final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SOURCE:
            m_invertSource = arg.invert;
            return ParseTypes(arg.text, m_source);
        case DESTINATION:
            m_invertDestination = arg.invert;
            return ParseTypes(arg.text, m_destination);
        case IFACE_IN:
            m_limitIn = true;
            return NfOk();
        default:
            m_limitOut = true;
            return NfOk();
        }
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & (1U << SOURCE | 1U << DESTINATION)
                   ? NfOk()
                   : XtBadParameter("addrtype: you must specify --src-type or --dst-type");
    }

    int Check(const XtCheck& check) override
    {
        const char* error = FindError(check.family, check.hooks);
        if (error)
        {
            check.Info(fmt::format("xt_addrtype: {}", error));
        }
        return error ? EINVAL : 0;
    }

    bool Match(XtParam& param) override
    {
        const NfIpHeader& ip = param.packet.GetIp();
        return (!m_source || Matches(param, ip.src, m_source) != m_invertSource) &&
               (!m_destination || Matches(param, ip.dst, m_destination) != m_invertDestination);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        if (m_source)
        {
            text += fmt::format("{} --src-type {}", m_invertSource ? " !" : "", Format(m_source));
        }
        if (m_destination)
        {
            text += fmt::format("{} --dst-type {}",
                                m_invertDestination ? " !" : "",
                                Format(m_destination));
        }
        return text + (m_limitIn ? " --limit-iface-in" : "") +
               (m_limitOut ? " --limit-iface-out" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " ADDRTYPE match";
        if (m_source)
        {
            text += fmt::format(" src-type {}{}", m_invertSource ? "!" : "", Format(m_source));
        }
        if (m_destination)
        {
            text += fmt::format(" dst-type {}{}",
                                m_invertDestination ? "!" : "",
                                Format(m_destination));
        }
        return text + (m_limitIn ? " limit-in" : "") + (m_limitOut ? " limit-out" : "");
    }

  private:
    static NfStatus ParseTypes(const std::string& text, uint16_t& types)
    {
        for (size_t at = 0; at != std::string::npos;)
        {
            const size_t comma = text.find(',', at);
            const std::string word =
                text.substr(at, comma == std::string::npos ? comma : comma - at);
            const auto* row =
                std::find_if(std::begin(NAMES), std::end(NAMES), [&](const char* name) {
                    return XtIsPrefix(word, name);
                });
            if (word.empty() || row == std::end(NAMES))
            {
                return XtBadParameter(fmt::format("addrtype: bad type \"{}\"", text.substr(at)));
            }
            types |= static_cast<uint16_t>(1U << (row - std::begin(NAMES)));
            at = comma == std::string::npos ? comma : comma + 1;
        }
        return NfOk();
    }

    const char* FindError(NfFamily family, uint32_t hooks) const
    {
        if (m_limitOut && hooks & XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN))
        {
            return "output interface limitation not valid in PREROUTING and INPUT";
        }
        if (m_limitIn && hooks & XtHooks(NfHook::POST_ROUTING, NfHook::LOCAL_OUT))
        {
            return "input interface limitation not valid in POSTROUTING and OUTPUT";
        }
        if (family != NfFamily::IPV6)
        {
            return nullptr;
        }
        const uint16_t types = m_source | m_destination;
        if (types & Bit(NfAddrType::BLACKHOLE))
        {
            return "ipv6 BLACKHOLE matching not supported";
        }
        if (types >= Bit(NfAddrType::PROHIBIT))
        {
            return "ipv6 PROHIBIT (THROW, NAT ..) matching not supported";
        }
        return types & Bit(NfAddrType::BROADCAST) ? "ipv6 does not support BROADCAST matching"
                                                  : nullptr;
    }

    bool Matches(XtParam& param, const NfAddr& addr, uint16_t types) const
    {
        const NfDevice* device = m_limitIn    ? param.state.in
                                 : m_limitOut ? param.state.out
                                              : nullptr;
        return param.family == NfFamily::IPV6 ? MatchesIpv6(param, addr, device, types)
                                              : (types & Lookup(param, addr, device)) != 0;
    }

    static uint16_t Lookup(XtParam& param, const NfAddr& addr, const NfDevice* device)
    {
        return Bit(param.context.stack.GetAddrType(param.family, addr, device));
    }

    /// Linux: match_type6(). The scope decides first, the routes only what it cannot tell.
    static bool MatchesIpv6(XtParam& param,
                            const NfAddr& addr,
                            const NfDevice* device,
                            uint16_t types)
    {
        const bool multicast = addr.bytes[0] == 0xff;
        const bool mapped =
            addr.GetWord(0) == 0 && addr.GetWord(1) == 0 && addr.GetWord(2) == 0xffff;
        const bool unicast = !multicast && !mapped && !addr.IsZero();
        if ((types & Bit(NfAddrType::MULTICAST) && !multicast) ||
            (types & Bit(NfAddrType::UNICAST) && !unicast) ||
            (types & Bit(NfAddrType::UNSPEC) && !addr.IsZero()))
        {
            return false;
        }
        constexpr uint16_t ROUTED =
            Bit(NfAddrType::LOCAL) | Bit(NfAddrType::ANYCAST) | Bit(NfAddrType::UNREACHABLE);
        return !(types & ROUTED) || (types & ROUTED & RouteType(param, addr, device)) != 0;
    }

    static uint16_t RouteType(XtParam& param, const NfAddr& addr, const NfDevice* device)
    {
        const uint16_t type = Lookup(param, addr, device);
        const bool reachable = type == Bit(NfAddrType::LOCAL) ||
                               param.context.stack.Route(NfFamily::IPV6, addr, {}, device, 0);
        return reachable ? type : Bit(NfAddrType::UNREACHABLE);
    }

    static std::string Format(uint16_t types)
    {
        std::string text;
        for (size_t i = 0; i < std::size(NAMES); i++)
        {
            if (types >> i & 1)
            {
                text += text.empty() ? "" : ",";
                text += NAMES[i];
            }
        }
        return text;
    }

    uint16_t m_source{0};      //!< bit per type, 0: any
    uint16_t m_destination{0}; //!< bit per type, 0: any
    bool m_invertSource{false};
    bool m_invertDestination{false};
    bool m_limitIn{false};
    bool m_limitOut{false};
};

} // namespace

extern const XtMatchType XT_ADDRTYPE;
const XtMatchType XT_ADDRTYPE{
    .name = "addrtype",
    .options = OPTIONS,
    .make = XtMakeMatch<XtAddrtype>,
};

} // namespace ns3
