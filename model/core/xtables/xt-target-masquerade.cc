/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-nat-range.h"
#include "xt-target.h"

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    TO_PORTS,
    RANDOM,
    RANDOM_FULLY,
};

constexpr XtOption MASQUERADE_OPTIONS[] = {
    {.name = "to-ports", .type = XtType::STRING, .id = TO_PORTS},
    {.name = "random", .id = RANDOM},
    {.name = "random-fully", .id = RANDOM_FULLY},
};

constexpr XtOption REDIRECT_OPTIONS[] = {
    {.name = "to-ports", .type = XtType::STRING, .id = TO_PORTS},
    {.name = "random", .id = RANDOM},
};

/// What -j MASQUERADE and -j REDIRECT share: this node's own address, ports by choice (Linux:
/// xt_MASQUERADE.c, xt_REDIRECT.c; iptables: libxt_NAT.c)
class XtTargetOwnAddress : public XtTarget
{
  public:
    /// @param listing word before the ports in listings
    explicit XtTargetOwnAddress(const char* listing)
        : m_listing(listing)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case TO_PORTS:
            return ParsePorts(arg);
        case RANDOM:
            m_range.flags |= NF_NAT_PROTO_RANDOM;
            break;
        default:
            m_range.flags |= NF_NAT_PROTO_RANDOM_FULLY;
        }
        return NfOk();
    }

    std::string Save(const XtIp&) const override
    {
        return Ports(" --to-ports ") + XtFormatNatFlags(m_range, "--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return Ports(m_listing) + XtFormatNatFlags(m_range, "");
    }

  protected:
    NfNatRange m_range;

  private:
    NfStatus ParsePorts(const XtArg& arg)
    {
        NfStatus status = XtParseNatPorts(arg.text, *arg.ip, m_range);
        return status && m_range.flags & NF_NAT_PROTO_OFFSET
                   ? XtBadParameter("Shifted portmap ranges not supported with this kernel")
                   : status;
    }

    std::string Ports(const char* name) const
    {
        return m_range.flags & NF_NAT_PROTO_SPECIFIED ? name + XtFormatNatPorts(m_range) : "";
    }

    const char* m_listing;
};

class XtTargetMasquerade final : public XtTargetOwnAddress
{
  public:
    XtTargetMasquerade()
        : XtTargetOwnAddress(" masq ports: ")
    {
    }

    XtVerdict Target(XtParam& param) override
    {
        return param.context.nat.Masquerade(param.packet, m_range, *param.state.out);
    }
};

class XtTargetRedirect final : public XtTargetOwnAddress
{
  public:
    XtTargetRedirect()
        : XtTargetOwnAddress(" redir ports ")
    {
    }

    XtVerdict Target(XtParam& param) override
    {
        return param.context.nat.Redirect(param.packet, m_range, param.state);
    }
};

} // namespace

extern const XtTargetType XT_TARGET_MASQUERADE;
const XtTargetType XT_TARGET_MASQUERADE{
    .name = "MASQUERADE",
    .options = MASQUERADE_OPTIONS,
    .table = "nat",
    .hooks = XtHooks(NfHook::POST_ROUTING),
    .conntrack = true,
    .make = XtMakeTarget<XtTargetMasquerade>,
};

extern const XtTargetType XT_TARGET_REDIRECT;
const XtTargetType XT_TARGET_REDIRECT{
    .name = "REDIRECT",
    .options = REDIRECT_OPTIONS,
    .table = "nat",
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_OUT),
    .conntrack = true,
    .make = XtMakeTarget<XtTargetRedirect>,
};

} // namespace ns3
