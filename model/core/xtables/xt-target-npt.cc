/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../packet/nf-checksum.h"
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
    FROM,
    TO,
};

constexpr XtOption OPTIONS[] = {
    {.name = "src-pfx", .type = XtType::HOSTMASK, .id = FROM, .flags = XT_MANDATORY},
    {.name = "dst-pfx", .type = XtType::HOSTMASK, .id = TO, .flags = XT_MANDATORY},
};

constexpr unsigned MAX_PREFIX = 64;
constexpr unsigned SUBNET_PREFIX = 48; //!< shorter prefixes keep the checksum in the subnet id

/// Ones' complement sum of two 16-bit numbers.
uint16_t
Add(uint32_t a, uint32_t b)
{
    const uint32_t sum = a + b;
    return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

uint16_t
SumOf(const NfAddr& addr)
{
    return static_cast<uint16_t>(
        ~NfChecksumFold(NfChecksumPartial(NfBytes(addr.bytes.data(), addr.bytes.size()))));
}

/// -j SNPT and -j DNPT: stateless prefix translation, neutral to checksums (RFC 6296; Linux:
/// ip6t_NPT.c)
class XtTargetNpt final : public XtTarget
{
  public:
    explicit XtTargetNpt(bool source)
        : m_source(source)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        (arg.option->id == FROM ? m_from : m_to) = arg.addr;
        (arg.option->id == FROM ? m_fromLength : m_toLength) =
            NfPrefixLength(NfFamily::IPV6, arg.addrMask).value_or(128);
        return NfOk();
    }

    int Check(const XtCheck&) override
    {
        if (m_fromLength > MAX_PREFIX || m_toLength > MAX_PREFIX)
        {
            return EINVAL;
        }
        m_adjustment = Add(SumOf(m_from), static_cast<uint16_t>(~SumOf(m_to)));
        return 0;
    }

    XtVerdict Target(XtParam& param) override
    {
        const NfIpHeader& ip = param.packet.GetIp();
        NfAddr addr = m_source ? ip.src : ip.dst;
        if (!Map(addr))
        {
            return NfVerdict(NfVerdict::DROP);
        }
        (m_source ? param.packet.MutableIp().src : param.packet.MutableIp().dst) = addr;
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return Format(" --src-pfx ", " --dst-pfx ");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return std::string(m_source ? " SNPT" : " DNPT") + Format(" src-pfx ", " dst-pfx ");
    }

  private:
    /// Linux: ip6t_npt_map_pfx(). @return false: the address cannot be translated
    bool Map(NfAddr& addr) const
    {
        const unsigned length = std::max(m_fromLength, m_toLength);
        const NfAddr mask = NfPrefixMask(NfFamily::IPV6, length);
        for (size_t i = 0; i < 4; i++)
        {
            addr.SetWord(i,
                         (addr.GetWord(i) & ~mask.GetWord(i)) |
                             (m_to.GetWord(i) & mask.GetWord(i)));
        }
        size_t at = 3;
        if (length > SUBNET_PREFIX)
        {
            at = 4;
            while (at < 8 && NfReadU16(&addr.bytes[2 * at]) == 0xffff)
            {
                at++;
            }
            if (at == 8)
            {
                return false;
            }
        }
        uint8_t* word = &addr.bytes[2 * at];
        const uint16_t sum = Add(NfReadU16(word), m_adjustment);
        NfWriteU16(word, sum == 0xffff ? 0 : sum);
        return true;
    }

    std::string Format(const char* from, const char* to) const
    {
        return fmt::format("{}{}/{}{}{}/{}",
                           from,
                           m_from.ToString(NfFamily::IPV6),
                           m_fromLength,
                           to,
                           m_to.ToString(NfFamily::IPV6),
                           m_toLength);
    }

    const bool m_source;
    NfAddr m_from;
    NfAddr m_to;
    unsigned m_fromLength{0};
    unsigned m_toLength{0};
    uint16_t m_adjustment{0}; //!< what the prefixes differ by
};

} // namespace

extern const XtTargetType XT_TARGET_SNPT;
const XtTargetType XT_TARGET_SNPT{
    .name = "SNPT",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .table = "mangle",
    .hooks = XtHooks(NfHook::LOCAL_IN, NfHook::POST_ROUTING),
    .make = [](NfFamily) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetNpt>(true);
    },
};

extern const XtTargetType XT_TARGET_DNPT;
const XtTargetType XT_TARGET_DNPT{
    .name = "DNPT",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .table = "mangle",
    .hooks = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_OUT),
    .make = [](NfFamily) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetNpt>(false);
    },
};

} // namespace ns3
