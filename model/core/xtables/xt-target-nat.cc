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
    TO,
    RANDOM,
    RANDOM_FULLY,
    PERSISTENT,
};

constexpr XtOption SNAT_OPTIONS[] = {
    {.name = "to-source", .type = XtType::STRING, .id = TO, .flags = XT_MANDATORY},
    {.name = "random", .id = RANDOM},
    {.name = "random-fully", .id = RANDOM_FULLY},
    {.name = "persistent", .id = PERSISTENT},
};

constexpr XtOption DNAT_OPTIONS[] = {
    {.name = "to-destination", .type = XtType::STRING, .id = TO, .flags = XT_MANDATORY},
    {.name = "random", .id = RANDOM},
    {.name = "persistent", .id = PERSISTENT},
};

/// -j SNAT and -j DNAT (Linux: net/netfilter/xt_nat.c; iptables: libxt_NAT.c)
class XtTargetNat : public XtTarget
{
  public:
    XtTargetNat(NfFamily family, NfManip manip)
        : m_family(family),
          m_manip(manip)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case TO:
            return ParseTo(arg);
        case RANDOM:
            m_range.flags |= NF_NAT_PROTO_RANDOM;
            break;
        case RANDOM_FULLY:
            m_range.flags |= NF_NAT_PROTO_RANDOM_FULLY;
            break;
        default:
            m_range.flags |= NF_NAT_PERSISTENT;
        }
        return NfOk();
    }

    XtVerdict Target(XtParam& param) override
    {
        NfConn* conn = param.packet.conn.get();
        return conn ? param.context.nat.SetupInfo(*conn, m_range, m_manip)
                    : NfVerdict(NfVerdict::ACCEPT);
    }

    std::string Save(const XtIp&) const override
    {
        return (m_manip == NfManip::SRC ? " --to-source " : " --to-destination ") +
               XtFormatNatRange(m_range, m_family) + XtFormatNatFlags(m_range, "--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return " to:" + XtFormatNatRange(m_range, m_family) + XtFormatNatFlags(m_range, "");
    }

  private:
    NfStatus ParseTo(const XtArg& arg)
    {
        NfStatus status = XtParseNatRange(arg, m_range);
        if (m_manip == NfManip::SRC)
        {
            // SNAT's revision has no place for the base of a shifted range.
            m_range.basePort = 0;
        }
        return status;
    }

    const NfFamily m_family;
    const NfManip m_manip;
    NfNatRange m_range;
};

} // namespace

extern const XtTargetType XT_TARGET_SNAT;
const XtTargetType XT_TARGET_SNAT{
    .name = "SNAT",
    .options = SNAT_OPTIONS,
    .table = "nat",
    .hooks = XtHooks(NfHook::POST_ROUTING, NfHook::LOCAL_IN),
    .conntrack = true,
    .make = [](NfFamily family) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetNat>(family, NfManip::SRC);
    },
};

extern const XtTargetType XT_TARGET_DNAT;
const XtTargetType XT_TARGET_DNAT{
    .name = "DNAT",
    .options = DNAT_OPTIONS,
    .table = "nat",
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_OUT),
    .conntrack = true,
    .make = [](NfFamily family) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetNat>(family, NfManip::DST);
    },
};

} // namespace ns3
