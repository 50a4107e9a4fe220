/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../packet/nf-checksum.h"
#include "xt-rule.h"
#include "xt-target.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SET,
    CLAMP,
};

constexpr XtOption OPTIONS[] = {
    {.name = "set-mss", .type = XtType::U16, .id = SET},
    {.name = "clamp-mss-to-pmtu", .id = CLAMP},
};

constexpr uint16_t CLAMP_PMTU = 0xffff; //!< stands for --clamp-mss-to-pmtu
constexpr uint8_t KIND_MSS = 2;
constexpr size_t MSS_SIZE = 4;        //!< bytes of the option
constexpr size_t MAX_TCP_HEADER = 60; //!< data offset has four bits

/// What differs between the families.
struct Limits
{
    uint32_t headers;    //!< bytes of the smallest IP and TCP headers
    uint16_t defaultMss; //!< what a peer assumes that was told nothing (RFC 9293 3.7.1)
};

constexpr Limits IPV4_LIMITS{NF_IPV4_HEADER_SIZE + NF_TCP_HEADER_SIZE, 536};
constexpr Limits IPV6_LIMITS{NF_IPV6_HEADER_SIZE + NF_TCP_HEADER_SIZE, 1220};

/// -j TCPMSS (Linux: net/netfilter/xt_TCPMSS.c)
class XtTargetTcpmss final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_mss = arg.option->id == CLAMP ? CLAMP_PMTU : static_cast<uint16_t>(arg.low);
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("TCPMSS target: At least one parameter is required");
    }

    int Check(const XtCheck& check) override
    {
        constexpr uint32_t ROUTED =
            XtHooks(NfHook::FORWARD, NfHook::LOCAL_OUT, NfHook::POST_ROUTING);
        if (m_mss == CLAMP_PMTU && check.hooks & ~ROUTED)
        {
            check.Info("xt_TCPMSS: path-MTU clamping only supported in FORWARD, OUTPUT and "
                       "POSTROUTING hooks");
            return EINVAL;
        }
        for (const XtUse<XtMatch>& use : check.rule.matches)
        {
            if (use.object->ComparesSyn())
            {
                return 0;
            }
        }
        check.Info("xt_TCPMSS: Only works on TCP SYN packets");
        return EINVAL;
    }

    XtVerdict Target(XtParam& param) override
    {
        NfPacket& packet = param.packet;
        if (packet.IsLaterFragment())
        {
            return XT_CONTINUE;
        }
        const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
        const size_t header = tcp ? (tcp[NF_TCP_DOFF] >> 4) * 4U : 0;
        if (header < NF_TCP_HEADER_SIZE || !packet.PullTransport(header))
        {
            return NfVerdict(NfVerdict::DROP);
        }
        const Limits& limits = param.family == NfFamily::IPV6 ? IPV6_LIMITS : IPV4_LIMITS;
        const std::optional<uint16_t> mss = Wanted(param, limits);
        if (!mss)
        {
            return NfVerdict(NfVerdict::DROP);
        }
        if (!Lower(packet, header, *mss))
        {
            Add(packet, header, std::min(*mss, limits.defaultMss));
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return m_mss == CLAMP_PMTU ? " --clamp-mss-to-pmtu" : fmt::format(" --set-mss {}", m_mss);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return m_mss == CLAMP_PMTU ? " TCPMSS clamp to PMTU" : fmt::format(" TCPMSS set {}", m_mss);
    }

  private:
    /// @return nothing if no segment fits into the path
    std::optional<uint16_t> Wanted(XtParam& param, const Limits& limits) const
    {
        if (m_mss != CLAMP_PMTU)
        {
            return m_mss;
        }
        const NfIpHeader& ip = param.packet.GetIp();
        NfStack& stack = param.context.stack;
        const auto there = stack.Route(param.family, ip.dst, {}, nullptr, param.packet.mark);
        const auto back = stack.Route(param.family, ip.src, {}, nullptr, 0);
        uint32_t mtu = back ? back->mtu : 0xffffffff;
        mtu = std::min(mtu, there ? there->mtu : param.state.out ? param.state.out->mtu : mtu);
        if (mtu <= limits.headers)
        {
            param.context.log.Write(
                3,
                fmt::format("xt_TCPMSS: unknown or invalid path-MTU ({})", mtu));
            return std::nullopt;
        }
        return static_cast<uint16_t>(mtu - limits.headers);
    }

    /// Lowers an option that is there, never raises it. @return false: there is none
    static bool Lower(NfPacket& packet, size_t header, uint16_t mss)
    {
        const uint8_t* tcp = packet.PullTransport(header);
        for (size_t i = NF_TCP_HEADER_SIZE; i + MSS_SIZE <= header;)
        {
            if (tcp[i] == KIND_MSS && tcp[i + 1] == MSS_SIZE)
            {
                const uint16_t old = NfReadU16(tcp + i + 2);
                if (old > mss)
                {
                    uint8_t* out = packet.MakeTransportWritable(header);
                    NfWriteU16(out + i + 2, mss);
                    Adjust(packet, out, old, mss);
                }
                return true;
            }
            i += tcp[i] <= 1 || tcp[i + 1] == 0 ? 1 : tcp[i + 1];
        }
        return false;
    }

    static void Add(NfPacket& packet, size_t header, uint16_t mss)
    {
        const size_t length = packet.GetTransportSize();
        if (length > header || header >= MAX_TCP_HEADER)
        {
            return;
        }
        uint8_t option[MSS_SIZE] = {KIND_MSS, MSS_SIZE};
        NfWriteU16(option + 2, mss);
        packet.GetBuffer().Replace(packet.GetTransportOffset() + NF_TCP_HEADER_SIZE,
                                   0,
                                   NfBytes(option, MSS_SIZE));
        uint8_t* tcp = packet.MakeTransportWritable(header + MSS_SIZE);
        const uint16_t word = NfReadU16(tcp + NF_TCP_DOFF);
        tcp[NF_TCP_DOFF] = static_cast<uint8_t>(tcp[NF_TCP_DOFF] + (1 << 4));
        Adjust(packet, tcp, word, NfReadU16(tcp + NF_TCP_DOFF));
        Adjust(packet,
               tcp,
               static_cast<uint16_t>(length),
               static_cast<uint16_t>(length + MSS_SIZE));
        Adjust(packet, tcp, 0, NfReadU16(option));
        Adjust(packet, tcp, 0, mss);
    }

    static void Adjust(const NfPacket& packet, uint8_t* tcp, uint16_t from, uint16_t to)
    {
        if (!packet.checksumOk)
        {
            uint8_t* sum = tcp + NF_TCP_CHECKSUM;
            NfWriteU16(sum, NfChecksumAdjust(NfReadU16(sum), from, to));
        }
    }

    uint16_t m_mss{0};
};

} // namespace

extern const XtTargetType XT_TARGET_TCPMSS;
const XtTargetType XT_TARGET_TCPMSS{
    .name = "TCPMSS",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_TCP,
    .make = XtMakeTarget<XtTargetTcpmss>,
};

} // namespace ns3
