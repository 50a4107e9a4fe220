/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    ECE,
    CWR,
    ECT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "ecn-tcp-cwr", .id = CWR, .flags = XT_INVERT},
    {.name = "ecn-tcp-ece", .id = ECE, .flags = XT_INVERT},
    {.name = "ecn-ip-ect", .type = XtType::U8, .id = ECT, .flags = XT_INVERT, .max = 3},
};

constexpr uint8_t TCP_PARTS = 1 << ECE | 1 << CWR;

/// -m ecn (Linux: net/netfilter/xt_ecn.c)
class XtEcn final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto bit = static_cast<uint8_t>(1U << arg.option->id);
        m_given |= bit;
        m_invert |= arg.invert ? bit : 0;
        m_ect = arg.option->id == ECT ? static_cast<uint8_t>(arg.low) : m_ect;
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("ECN match: some option required");
    }

    int Check(const XtCheck& check) override
    {
        if (m_given & TCP_PARTS && (check.ip.protocol != NF_IPPROTO_TCP || check.ip.invertProtocol))
        {
            check.Info("xt_ecn: cannot match TCP bits for non-tcp packets");
            return EINVAL;
        }
        return 0;
    }

    bool Match(XtParam& param) override
    {
        if (Differs(ECT, (param.packet.GetIp().tos & 3) == m_ect))
        {
            return false;
        }
        if (!(m_given & TCP_PARTS))
        {
            return true;
        }
        const uint8_t* tcp = param.packet.PullTransport(NF_TCP_HEADER_SIZE);
        return tcp && !Differs(ECE, tcp[NF_TCP_FLAGS] & NF_TCP_ECE) &&
               !Differs(CWR, tcp[NF_TCP_FLAGS] & NF_TCP_CWR);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        text += Asks(ECE) ? fmt::format("{} --ecn-tcp-ece", Sign(ECE, " !")) : "";
        text += Asks(CWR) ? fmt::format("{} --ecn-tcp-cwr", Sign(CWR, " !")) : "";
        text += Asks(ECT) ? fmt::format("{} --ecn-ip-ect {}", Sign(ECT, " !"), m_ect) : "";
        return text;
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " ECN match";
        text += Asks(ECE) ? fmt::format(" {}ECE", Sign(ECE, "!")) : "";
        text += Asks(CWR) ? fmt::format(" {}CWR", Sign(CWR, "!")) : "";
        text += Asks(ECT) ? fmt::format(" {}ECT={}", Sign(ECT, "!"), m_ect) : "";
        return text;
    }

  private:
    bool Asks(Id id) const
    {
        return m_given >> id & 1;
    }

    bool Differs(Id id, bool holds) const
    {
        return Asks(id) && holds == ((m_invert >> id & 1) != 0);
    }

    const char* Sign(Id id, const char* sign) const
    {
        return m_invert >> id & 1 ? sign : "";
    }

    uint8_t m_given{0};  //!< bit per Id
    uint8_t m_invert{0}; //!< bit per Id
    uint8_t m_ect{0};
};

} // namespace

extern const XtMatchType XT_ECN;
const XtMatchType XT_ECN{
    .name = "ecn",
    .options = OPTIONS,
    .make = XtMakeMatch<XtEcn>,
};

} // namespace ns3
