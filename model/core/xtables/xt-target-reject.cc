/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-packet.h"
#include "xt-target.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "reject-with", .type = XtType::STRING},
};

constexpr uint8_t TCP_RESET = 0xff; //!< in place of a code
constexpr uint8_t UNREACHABLE4 = 3; //!< ICMP type
constexpr uint8_t UNREACHABLE6 = 1; //!< ICMPv6 type

/// An answer: its name, another one, the code of the ICMP error.
struct Answer
{
    const char* name;
    const char* alias;
    uint8_t code;
};

constexpr Answer IPV4_ANSWERS[] = {
    {"icmp-net-unreachable", "net-unreach", 0},
    {"icmp-host-unreachable", "host-unreach", 1},
    {"icmp-proto-unreachable", "proto-unreach", 2},
    {"icmp-port-unreachable", "port-unreach", 3},
    {"icmp-net-prohibited", "net-prohib", 9},
    {"icmp-host-prohibited", "host-prohib", 10},
    {"tcp-reset", "tcp-rst", TCP_RESET},
    {"icmp-admin-prohibited", "admin-prohib", 13},
};

constexpr Answer IPV6_ANSWERS[] = {
    {"icmp6-no-route", "no-route", 0},
    {"icmp6-adm-prohibited", "adm-prohibited", 1},
    {"icmp6-addr-unreachable", "addr-unreach", 3},
    {"icmp6-port-unreachable", "port-unreach", 4},
    {"tcp-reset", "tcp-reset", TCP_RESET},
    {"icmp6-policy-fail", "policy-fail", 5},
    {"icmp6-reject-route", "reject-route", 6},
};

constexpr size_t DEFAULT_ANSWER = 3; //!< port unreachable in both tables

/// -j REJECT (Linux: ipt_REJECT.c, ip6t_REJECT.c)
class XtTargetReject final : public XtTarget
{
  public:
    explicit XtTargetReject(NfFamily family)
        : m_answer(family == NfFamily::IPV6 ? &IPV6_ANSWERS[DEFAULT_ANSWER]
                                            : &IPV4_ANSWERS[DEFAULT_ANSWER])
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        m_answer = arg.family == NfFamily::IPV6 ? Find(IPV6_ANSWERS, arg.text)
                                                : Find(IPV4_ANSWERS, arg.text);
        return m_answer ? NfOk()
                        : XtBadParameter(fmt::format("unknown reject type \"{}\"", arg.text));
    }

    int Check(const XtCheck& check) override
    {
        const bool tcp = check.ip.protocol == NF_IPPROTO_TCP && !check.ip.invertProtocol;
        if (m_answer->code != TCP_RESET || tcp)
        {
            return 0;
        }
        check.Info(check.family == NfFamily::IPV6 ? "ip6t_REJECT: TCP_RESET illegal for non-tcp"
                                                  : "ipt_REJECT: TCP_RESET invalid for non-tcp");
        return EINVAL;
    }

    XtVerdict Target(XtParam& param) override
    {
        NfIcmp& icmp = param.context.icmp;
        NfPacket& packet = param.packet;
        if (m_answer->code == TCP_RESET)
        {
            std::unique_ptr<NfPacket> reset = icmp.MakeReset(packet);
            if (reset && packet.conn)
            {
                param.context.conntrack.SetClosing(*packet.conn);
            }
            icmp.Send(std::move(reset));
            return NfVerdict(NfVerdict::DROP);
        }
        NfIcmpError error;
        error.type = param.family == NfFamily::IPV6 ? UNREACHABLE6 : UNREACHABLE4;
        error.code = m_answer->code;
        icmp.Send(icmp.MakeReject(packet, error, param.state.in));
        return NfVerdict(NfVerdict::DROP);
    }

    std::string Save(const XtIp&) const override
    {
        return std::string(" --reject-with ") + m_answer->name;
    }

    std::string Print(const XtIp&, bool) const override
    {
        return std::string(" reject-with ") + m_answer->name;
    }

  private:
    template <size_t N>
    static const Answer* Find(const Answer (&answers)[N], const std::string& text)
    {
        for (const Answer& row : answers)
        {
            if (XtIsPrefix(text, row.name) || XtIsPrefix(text, row.alias))
            {
                return &row;
            }
        }
        return nullptr;
    }

    const Answer* m_answer;
};

} // namespace

extern const XtTargetType XT_TARGET_REJECT;
const XtTargetType XT_TARGET_REJECT{
    .name = "REJECT",
    .options = OPTIONS,
    .table = "filter",
    .hooks = XtHooks(NfHook::LOCAL_IN, NfHook::FORWARD, NfHook::LOCAL_OUT),
    .make = [](NfFamily family) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetReject>(family);
    },
};

} // namespace ns3
