/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    LOOSE,
    VALIDMARK,
    ACCEPT_LOCAL,
    INVERT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "loose", .id = LOOSE},
    {.name = "validmark", .id = VALIDMARK},
    {.name = "accept-local", .id = ACCEPT_LOCAL},
    {.name = "invert", .id = INVERT},
};

constexpr uint8_t LOOPBACK = 5; //!< packet type

/// -m rpfilter: would an answer leave where this came in (Linux: ipt_rpfilter.c, ip6t_rpfilter.c)
class XtRpfilter final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_flags |= static_cast<uint8_t>(1U << arg.option->id);
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (std::strcmp(check.table, "mangle") != 0 && std::strcmp(check.table, "raw") != 0)
        {
            check.Info(
                fmt::format("{}: only valid in 'raw' or 'mangle' table, not '{}'",
                            check.family == NfFamily::IPV6 ? "ip6t_rpfilter" : "ipt_rpfilter",
                            check.table));
            return EINVAL;
        }
        return 0;
    }

    bool Match(XtParam& param) override
    {
        return IsPlausible(param) != Has(INVERT);
    }

    std::string Save(const XtIp&) const override
    {
        return Format(" --");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " rpfilter" + Format(" ");
    }

  private:
    bool Has(Id id) const
    {
        return m_flags >> id & 1;
    }

    bool IsPlausible(XtParam& param) const
    {
        const NfIpHeader& ip = param.packet.GetIp();
        const NfDevice* in = param.state.in;
        if (!in || in->loopback || param.packet.packetType == LOOPBACK)
        {
            return true;
        }
        const bool v6 = param.family == NfFamily::IPV6;
        if (v6 ? ip.src.IsZero() : IsBootstrap(ip))
        {
            return true;
        }
        NfStack& stack = param.context.stack;
        const NfAddrType type = stack.GetAddrType(param.family, ip.src);
        if (type == NfAddrType::LOCAL)
        {
            return Has(ACCEPT_LOCAL) && (v6 || Has(LOOSE));
        }
        if (type != NfAddrType::UNICAST)
        {
            return false;
        }
        const uint32_t mark = Has(VALIDMARK) ? param.packet.mark : 0;
        // IPv6 looks for a route over that very device, IPv4 at the device of the best route.
        const bool linkLocal = ip.src.bytes[0] == 0xfe && (ip.src.bytes[1] & 0xc0) == 0x80;
        const NfDevice* over = v6 && (linkLocal || !Has(LOOSE)) ? in : nullptr;
        const std::optional<NfRoute> back = stack.Route(param.family, ip.src, {}, over, mark);
        return back && (back->out == in || Has(LOOSE));
    }

    /// A host that has no address yet speaks to everybody.
    static bool IsBootstrap(const NfIpHeader& ip)
    {
        const uint32_t dst = ip.dst.GetIpv4();
        return ip.src.bytes[0] == 0 && (dst == 0xffffffff || (dst & 0xffffff00) == 0xe0000000);
    }

    std::string Format(const char* prefix) const
    {
        std::string text;
        for (const XtOption& option : OPTIONS)
        {
            text += Has(static_cast<Id>(option.id)) ? std::string(prefix) + option.name : "";
        }
        return text;
    }

    uint8_t m_flags{0}; //!< bit per Id
};

} // namespace

extern const XtMatchType XT_RPFILTER;
const XtMatchType XT_RPFILTER{
    .name = "rpfilter",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::PRE_ROUTING),
    .make = XtMakeMatch<XtRpfilter>,
};

} // namespace ns3
