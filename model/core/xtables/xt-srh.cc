/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    NEXT_HDR,
    LEN_EQ,
    LEN_GT,
    LEN_LT,
    SEGS_EQ,
    SEGS_GT,
    SEGS_LT,
    LAST_EQ,
    LAST_GT,
    LAST_LT,
    TAG,
    PSID,
    NSID,
    LSID,
    COUNT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "srh-next-hdr", .type = XtType::U8, .id = NEXT_HDR, .flags = XT_INVERT},
    {.name = "srh-hdr-len-eq", .type = XtType::U8, .id = LEN_EQ, .flags = XT_INVERT},
    {.name = "srh-hdr-len-gt", .type = XtType::U8, .id = LEN_GT, .flags = XT_INVERT},
    {.name = "srh-hdr-len-lt", .type = XtType::U8, .id = LEN_LT, .flags = XT_INVERT},
    {.name = "srh-segs-left-eq", .type = XtType::U8, .id = SEGS_EQ, .flags = XT_INVERT},
    {.name = "srh-segs-left-gt", .type = XtType::U8, .id = SEGS_GT, .flags = XT_INVERT},
    {.name = "srh-segs-left-lt", .type = XtType::U8, .id = SEGS_LT, .flags = XT_INVERT},
    {.name = "srh-last-entry-eq", .type = XtType::U8, .id = LAST_EQ, .flags = XT_INVERT},
    {.name = "srh-last-entry-gt", .type = XtType::U8, .id = LAST_GT, .flags = XT_INVERT},
    {.name = "srh-last-entry-lt", .type = XtType::U8, .id = LAST_LT, .flags = XT_INVERT},
    {.name = "srh-tag", .type = XtType::U16, .id = TAG, .flags = XT_INVERT},
    {.name = "srh-psid", .type = XtType::HOSTMASK, .id = PSID, .flags = XT_INVERT},
    {.name = "srh-nsid", .type = XtType::HOSTMASK, .id = NSID, .flags = XT_INVERT},
    {.name = "srh-lsid", .type = XtType::HOSTMASK, .id = LSID, .flags = XT_INVERT},
};

constexpr size_t FIXED = 8; //!< bytes in front of the segments (RFC 8754 section 2)
constexpr size_t SEGMENT_SIZE = 16;
constexpr uint8_t ROUTING_TYPE = 4;

struct Part
{
    bool given{false};
    bool invert{false};
    uint16_t number{0};
    NfAddr addr;
    NfAddr mask;
};

/// -m srh: the segment routing header (Linux: ip6t_srh.c)
class XtSrh final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        Part& part = m_parts[arg.option->id];
        part.given = true;
        part.invert = arg.invert;
        part.number = static_cast<uint16_t>(arg.low);
        part.addr = arg.addr;
        part.mask = arg.addrMask;
        return NfOk();
    }

    bool Match(XtParam& param) override
    {
        bool broken = false;
        const auto at = XtFindIpv6Header(param.packet, NF_IPPROTO_ROUTING, &broken);
        NfBuffer& buffer = param.packet.GetBuffer();
        const uint8_t* p = at ? buffer.Pull(at->offset + FIXED) : nullptr;
        if (!p)
        {
            param.hotdrop = param.hotdrop || broken;
            return false;
        }
        const size_t length = (p[at->offset + 1] + 1U) * 8;
        p = buffer.Pull(at->offset + length);
        if (!p)
        {
            return false;
        }
        const NfBytes srh(p + at->offset, length);
        return srh[2] == ROUTING_TYPE && srh[3] <= srh[4] && MatchNumbers(srh) &&
               MatchSegments(srh);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        for (const XtOption& option : OPTIONS)
        {
            const Part& part = m_parts[option.id];
            if (part.given)
            {
                text += fmt::format("{} --{} {}",
                                    part.invert ? " !" : "",
                                    option.name,
                                    Value(option.id));
            }
        }
        return text;
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " srh";
        for (const XtOption& option : OPTIONS)
        {
            const Part& part = m_parts[option.id];
            const char* name = option.name + 4;
            const char* sign = part.invert ? "!" : "";
            if (part.given)
            {
                text += option.id < PSID ? fmt::format(" {}:{}{}", name, sign, Value(option.id))
                                         : fmt::format(" {} {} {}", name, sign, Value(option.id));
            }
        }
        return text;
    }

  private:
    bool Accepts(Id id, bool holds) const
    {
        return !m_parts[id].given || holds != m_parts[id].invert;
    }

    bool AcceptsNumber(Id equal, uint8_t value) const
    {
        return Accepts(equal, value == m_parts[equal].number) &&
               Accepts(static_cast<Id>(equal + 1), value > m_parts[equal + 1].number) &&
               Accepts(static_cast<Id>(equal + 2), value < m_parts[equal + 2].number);
    }

    bool MatchNumbers(NfBytes srh) const
    {
        return Accepts(NEXT_HDR, srh[0] == m_parts[NEXT_HDR].number) &&
               AcceptsNumber(LEN_EQ, srh[1]) && AcceptsNumber(SEGS_EQ, srh[3]) &&
               AcceptsNumber(LAST_EQ, srh[4]) &&
               Accepts(TAG, NfReadU16(srh.data() + 6) == m_parts[TAG].number);
    }

    /// Segments are listed from the last one of the path; segs left points at the current one.
    bool MatchSegments(NfBytes srh) const
    {
        const size_t left = srh[3];
        if ((m_parts[PSID].given && left == srh[4]) || (m_parts[NSID].given && left == 0))
        {
            return false;
        }
        return MatchSegment(PSID, srh, left + 1) && MatchSegment(NSID, srh, left - 1) &&
               MatchSegment(LSID, srh, 0);
    }

    bool MatchSegment(Id id, NfBytes srh, size_t index) const
    {
        const Part& part = m_parts[id];
        if (!part.given)
        {
            return true;
        }
        const NfBytes segment = srh.Sub(FIXED + index * SEGMENT_SIZE, SEGMENT_SIZE);
        if (segment.size() < SEGMENT_SIZE)
        {
            return false;
        }
        const NfAddr addr = NfAddr::FromWire(segment.data(), NfFamily::IPV6);
        return Accepts(id, (addr & part.mask) == part.addr);
    }

    std::string Value(uint8_t id) const
    {
        const Part& part = m_parts[id];
        if (id < PSID)
        {
            return fmt::format("{}", part.number);
        }
        return fmt::format("{}/{}",
                           part.addr.ToString(NfFamily::IPV6),
                           NfPrefixLength(NfFamily::IPV6, part.mask).value_or(128));
    }

    Part m_parts[COUNT];
};

} // namespace

extern const XtMatchType XT_SRH;
const XtMatchType XT_SRH{
    .name = "srh",
    .family = NfFamily::IPV6,
    .options = OPTIONS,
    .make = XtMakeMatch<XtSrh>,
};

} // namespace ns3
