/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../packet/nf-checksum.h"
#include "xt-target.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    REMOVE,
    CWR,
    ECE,
    ECT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "ecn-tcp-remove", .id = REMOVE, .excludes = 1U << CWR | 1U << ECE},
    {.name = "ecn-tcp-cwr", .type = XtType::U8, .id = CWR, .excludes = 1U << REMOVE, .max = 1},
    {.name = "ecn-tcp-ece", .type = XtType::U8, .id = ECE, .excludes = 1U << REMOVE, .max = 1},
    {.name = "ecn-ip-ect", .type = XtType::U8, .id = ECT, .max = 3},
};

/// -j ECN (Linux: net/ipv4/netfilter/ipt_ECN.c)
class XtTargetEcn final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint8_t>(arg.low);
        switch (arg.option->id)
        {
        case REMOVE:
            m_mask = NF_TCP_ECE | NF_TCP_CWR;
            m_flags = 0;
            break;
        case CWR:
            m_mask |= NF_TCP_CWR;
            m_flags |= value ? NF_TCP_CWR : 0;
            break;
        case ECE:
            m_mask |= NF_TCP_ECE;
            m_flags |= value ? NF_TCP_ECE : 0;
            break;
        default:
            m_hasEct = true;
            m_ect = value;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("ECN target: An operation is required");
    }

    int Check(const XtCheck& check) override
    {
        if (m_mask && (check.ip.protocol != NF_IPPROTO_TCP || check.ip.invertProtocol))
        {
            check.Info("ipt_ECN: cannot use operation on non-tcp rule");
            return EINVAL;
        }
        return 0;
    }

    XtVerdict Target(XtParam& param) override
    {
        NfPacket& packet = param.packet;
        const uint8_t tos = packet.GetIp().tos;
        if (m_hasEct && (tos & 3) != m_ect)
        {
            packet.MutableIp().tos = static_cast<uint8_t>((tos & 0xfc) | m_ect);
        }
        if (!m_mask || packet.GetIp().protocol != NF_IPPROTO_TCP)
        {
            return XT_CONTINUE;
        }
        const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
        if (!tcp)
        {
            return NfVerdict(NfVerdict::DROP);
        }
        if ((tcp[NF_TCP_FLAGS] & m_mask) != m_flags)
        {
            Write(packet);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        constexpr uint8_t BOTH = NF_TCP_ECE | NF_TCP_CWR;
        std::string text;
        if (m_mask == BOTH && m_flags == 0)
        {
            text = " --ecn-tcp-remove";
        }
        else
        {
            text += m_mask & NF_TCP_ECE
                        ? fmt::format(" --ecn-tcp-ece {}", m_flags & NF_TCP_ECE ? 1 : 0)
                        : "";
            text += m_mask & NF_TCP_CWR
                        ? fmt::format(" --ecn-tcp-cwr {}", m_flags & NF_TCP_CWR ? 1 : 0)
                        : "";
        }
        return text + (m_hasEct ? fmt::format(" --ecn-ip-ect {}", m_ect) : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        constexpr uint8_t BOTH = NF_TCP_ECE | NF_TCP_CWR;
        std::string text = " ECN";
        if (m_mask == BOTH && m_flags == 0)
        {
            text += " TCP remove";
        }
        else
        {
            text += m_mask & NF_TCP_ECE ? fmt::format(" ECE={}", m_flags & NF_TCP_ECE ? 1 : 0) : "";
            text += m_mask & NF_TCP_CWR ? fmt::format(" CWR={}", m_flags & NF_TCP_CWR ? 1 : 0) : "";
        }
        return text + (m_hasEct ? fmt::format(" ECT codepoint={}", m_ect) : "");
    }

  private:
    void Write(NfPacket& packet) const
    {
        uint8_t* tcp = packet.MakeTransportWritable(NF_TCP_HEADER_SIZE);
        const uint16_t old = NfReadU16(tcp + NF_TCP_DOFF);
        tcp[NF_TCP_FLAGS] = static_cast<uint8_t>((tcp[NF_TCP_FLAGS] & ~m_mask) | m_flags);
        if (!packet.checksumOk)
        {
            uint8_t* sum = tcp + NF_TCP_CHECKSUM;
            const uint16_t now = NfReadU16(tcp + NF_TCP_DOFF);
            NfWriteU16(sum, NfChecksumAdjust(NfReadU16(sum), old, now));
        }
    }

    uint8_t m_mask{0};  //!< TCP flags that are set
    uint8_t m_flags{0}; //!< what they become
    bool m_hasEct{false};
    uint8_t m_ect{0};
};

} // namespace

extern const XtTargetType XT_TARGET_ECN;
const XtTargetType XT_TARGET_ECN{
    .name = "ECN",
    .family = NfFamily::IPV4,
    .options = OPTIONS,
    .table = "mangle",
    .make = XtMakeTarget<XtTargetEcn>,
};

} // namespace ns3
