/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../nat/nf-nat-hash.h"
#include "xt-target.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SRC_PREFIX,
    DST_PREFIX,
    SPORT_MASK,
    DPORT_MASK,
    SPI_MASK,
    SPORT,
    DPORT,
    SPI,
    PROTO_MASK,
    RND,
    MOD,
    OFFSET,
    TUPLE,
    CT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "hmark-tuple", .type = XtType::STRING, .id = TUPLE},
    {.name = "hmark-src-prefix", .type = XtType::PLENMASK, .id = SRC_PREFIX},
    {.name = "hmark-dst-prefix", .type = XtType::PLENMASK, .id = DST_PREFIX},
    {.name = "hmark-sport-mask", .type = XtType::U16, .id = SPORT_MASK},
    {.name = "hmark-dport-mask", .type = XtType::U16, .id = DPORT_MASK},
    {.name = "hmark-spi-mask", .type = XtType::U32, .id = SPI_MASK},
    {.name = "hmark-sport", .type = XtType::U16, .id = SPORT},
    {.name = "hmark-dport", .type = XtType::U16, .id = DPORT},
    {.name = "hmark-spi", .type = XtType::U32, .id = SPI},
    {.name = "hmark-proto-mask", .type = XtType::U16, .id = PROTO_MASK},
    {.name = "hmark-rnd", .type = XtType::U32, .id = RND},
    {.name = "hmark-mod", .type = XtType::U32, .id = MOD, .min = 1},
    {.name = "hmark-offset", .type = XtType::U32, .id = OFFSET},
};

struct TupleName
{
    const char* name;
    Id id;
};

constexpr TupleName TUPLE_NAMES[] = {
    {"src", SRC_PREFIX},
    {"dst", DST_PREFIX},
    {"sport", SPORT_MASK},
    {"dport", DPORT_MASK},
    {"proto", PROTO_MASK},
    {"spi", SPI_MASK},
    {"ct", CT},
};

constexpr uint32_t PORTS = 1U << SPORT_MASK | 1U << DPORT_MASK | 1U << SPORT | 1U << DPORT;
constexpr uint32_t SPIS = 1U << SPI_MASK | 1U << SPI;

/// What is hashed (Linux: struct hmark_tuple).
struct Flow
{
    uint32_t src{0};
    uint32_t dst{0};
    uint32_t ports{0};
    uint8_t protocol{0};
};

/// An IP header and what is behind it, perhaps quoted in an ICMP error.
struct Headers
{
    NfAddr src;
    NfAddr dst;
    uint8_t protocol{0};
    bool fragment{false};
    NfBytes transport;
};

/// @return whether the packet quotes another one, whose headers are put out
bool
FindQuoted(const NfPacket& packet, Headers& headers)
{
    constexpr uint32_t IPV4_ERRORS = 1U << 3 | 1U << 4 | 1U << 5 | 1U << 11 | 1U << 12;
    const bool v6 = packet.GetFamily() == NfFamily::IPV6;
    const NfBytes icmp = packet.PullTransportAll();
    const size_t size = v6 ? NF_IPV6_HEADER_SIZE : NF_IPV4_HEADER_SIZE;
    if (headers.fragment || packet.GetProtocol() != (v6 ? NF_IPPROTO_ICMPV6 : NF_IPPROTO_ICMP) ||
        icmp.size() < NF_ICMP_HEADER_SIZE + size)
    {
        return false;
    }
    if (v6 ? icmp[0] >= 128 : icmp[0] > 18 || !(IPV4_ERRORS >> icmp[0] & 1))
    {
        return false;
    }
    const NfBytes ip = icmp.Sub(NF_ICMP_HEADER_SIZE);
    headers.src = NfAddr::FromWire(ip.data() + (v6 ? 8 : 12), packet.GetFamily());
    headers.dst = NfAddr::FromWire(ip.data() + (v6 ? 24 : 16), packet.GetFamily());
    headers.protocol = v6 ? ip[6] : ip[9];
    headers.fragment = !v6 && NfReadU16(ip.data() + 6) & 0x3fff;
    headers.transport = ip.Sub(v6 ? size : (ip[0] & 0xf) * 4U);
    return true;
}

/// -j HMARK: a mark from the hash of the flow (Linux: net/netfilter/xt_HMARK.c)
class XtTargetHmark final : public XtTarget
{
  public:
    explicit XtTargetHmark(NfFamily family)
        : m_family(family)
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        const uint8_t id = arg.option->id;
        if (id == TUPLE)
        {
            return ParseTuple(arg.text);
        }
        m_given |= 1U << id;
        switch (id)
        {
        case SRC_PREFIX:
            m_srcMask = arg.addrMask;
            break;
        case DST_PREFIX:
            m_dstMask = arg.addrMask;
            break;
        case SPORT_MASK:
            m_portMask = (m_portMask & 0xffff) | value << 16;
            break;
        case DPORT_MASK:
            m_portMask = (m_portMask & 0xffff0000) | value;
            break;
        case SPI_MASK:
            m_portMask = value;
            break;
        case SPORT:
            m_portSet = (m_portSet & 0xffff) | value << 16;
            break;
        case DPORT:
            m_portSet = (m_portSet & 0xffff0000) | value;
            break;
        case SPI:
            m_portSet = value;
            break;
        case PROTO_MASK:
            m_protoMask = static_cast<uint16_t>(value);
            break;
        case RND:
            m_rnd = value;
            break;
        case MOD:
            m_mod = value;
            break;
        default:
            m_offset = value;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t) override
    {
        constexpr uint32_t NEEDED =
            1U << SRC_PREFIX | 1U << DST_PREFIX | PORTS | SPIS | 1U << PROTO_MASK | 1U << CT;
        if (!Has(MOD))
        {
            return XtBadParameter("--hmark-mod is mandatory");
        }
        if (!Has(RND))
        {
            return XtBadParameter("--hmark-rnd is mandatory");
        }
        if (m_given & SPIS && m_given & PORTS)
        {
            return XtBadParameter(
                "you cannot use --hmark-spi-mask and --hmark-?port-mask,at the same time");
        }
        return m_given & NEEDED ? NfOk()
                                : XtBadParameter("you have to specify --hmark-tuple at least");
    }

    XtVerdict Target(XtParam& param) override
    {
        Flow flow;
        if (Has(CT) ? FromConnection(param.packet, flow) : FromPacket(param.packet, flow))
        {
            param.packet.mark = Hash(flow);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        auto add = [&](Id id, const std::string& part) {
            text += Has(id) ? " --hmark-" + part : "";
        };
        add(SRC_PREFIX, "src-prefix " + Prefix(m_srcMask, "128"));
        add(DST_PREFIX, "dst-prefix " + Prefix(m_dstMask, "128"));
        add(SPORT_MASK, fmt::format("sport-mask 0x{:04x}", m_portMask >> 16));
        add(DPORT_MASK, fmt::format("dport-mask 0x{:04x}", m_portMask & 0xffff));
        add(SPI_MASK, fmt::format("spi-mask 0x{:08x}", m_portMask));
        add(SPORT, fmt::format("sport 0x{:04x}", m_portSet >> 16));
        add(DPORT, fmt::format("dport 0x{:04x}", m_portSet & 0xffff));
        add(SPI, fmt::format("spi 0x{:08x}", m_portSet));
        add(PROTO_MASK, fmt::format("proto-mask 0x{:02x}", m_protoMask));
        add(RND, fmt::format("rnd 0x{:08x}", m_rnd));
        add(MOD, fmt::format("mod {}", m_mod));
        add(OFFSET, fmt::format("offset {}", m_offset));
        add(CT, "tuple ct");
        return text;
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = fmt::format(" HMARK mod {} ", m_mod);
        auto add = [&](Id id, const std::string& part) { text += Has(id) ? part + " " : ""; };
        add(OFFSET, fmt::format("+ 0x{:x}", m_offset));
        add(CT, "ct,");
        add(SRC_PREFIX, "src-prefix " + Prefix(m_srcMask, ""));
        add(DST_PREFIX, "dst-prefix " + Prefix(m_dstMask, ""));
        add(SPORT_MASK, fmt::format("sport-mask 0x{:x}", m_portMask >> 16));
        add(DPORT_MASK, fmt::format("dport-mask 0x{:x}", m_portMask & 0xffff));
        add(SPI_MASK, fmt::format("spi-mask 0x{:x}", m_portMask));
        add(SPORT, fmt::format("sport 0x{:x}", m_portSet >> 16));
        add(DPORT, fmt::format("dport 0x{:x}", m_portSet & 0xffff));
        add(SPI, fmt::format("spi 0x{:x}", m_portSet));
        add(PROTO_MASK, fmt::format("proto-mask 0x{:x}", m_protoMask));
        add(RND, fmt::format("rnd 0x{:x}", m_rnd));
        return text;
    }

  private:
    bool Has(Id id) const
    {
        return m_given >> id & 1;
    }

    NfStatus ParseTuple(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            const auto* row =
                std::find_if(std::begin(TUPLE_NAMES),
                             std::end(TUPLE_NAMES),
                             [&](const TupleName& name) { return word == name.name; });
            if (row == std::end(TUPLE_NAMES))
            {
                return XtBadParameter(fmt::format("Bad type \"{}\"", word));
            }
            m_given |= 1U << row->id;
            const NfAddr host = NfPrefixMask(m_family, m_family == NfFamily::IPV6 ? 128 : 32);
            m_srcMask = row->id == SRC_PREFIX ? host : m_srcMask;
            m_dstMask = row->id == DST_PREFIX ? host : m_dstMask;
            m_portMask |= row->id == SPORT_MASK   ? 0xffff0000
                          : row->id == DPORT_MASK ? 0x0000ffff
                          : row->id == SPI_MASK   ? 0xffffffff
                                                  : 0;
            m_protoMask |= row->id == PROTO_MASK ? 0xffff : 0;
        }
        return NfOk();
    }

    static uint32_t Fold(const NfAddr& addr, const NfAddr& mask)
    {
        const NfAddr masked = addr & mask;
        return masked.GetWord(0) ^ masked.GetWord(1) ^ masked.GetWord(2) ^ masked.GetWord(3);
    }

    /// Both directions shall hash alike: the bigger port comes first.
    uint32_t OrderPorts(uint32_t ports) const
    {
        ports = (ports & m_portMask) | m_portSet;
        const uint32_t a = ports >> 16;
        const uint32_t b = ports & 0xffff;
        return b > a ? b << 16 | a : ports;
    }

    bool FromConnection(const NfPacket& packet, Flow& flow) const
    {
        const NfConn* conn = packet.conn.get();
        if (!conn)
        {
            return false;
        }
        flow.src = Fold(conn->GetOriginal().src, m_srcMask);
        flow.dst = Fold(conn->GetReply().src, m_dstMask);
        flow.protocol = conn->GetProtocol();
        if (flow.protocol != NF_IPPROTO_ICMP)
        {
            flow.ports =
                OrderPorts(uint32_t{conn->GetOriginal().sport} << 16 | conn->GetReply().sport);
        }
        return true;
    }

    bool FromPacket(const NfPacket& packet, Flow& flow) const
    {
        const NfIpHeader& ip = packet.GetIp();
        Headers headers{ip.src,
                        ip.dst,
                        packet.GetProtocol(),
                        ip.fragment,
                        packet.PullTransportAll()};
        FindQuoted(packet, headers);
        flow.src = Fold(headers.src, m_srcMask);
        flow.dst = Fold(headers.dst, m_dstMask);
        flow.protocol = headers.protocol;
        const bool icmp =
            headers.protocol == NF_IPPROTO_ICMP || headers.protocol == NF_IPPROTO_ICMPV6;
        if (icmp || headers.fragment)
        {
            return true;
        }
        const NfBytes ports = headers.transport.Sub(headers.protocol == NF_IPPROTO_AH ? 4 : 0);
        if (HasPorts(headers.protocol) && ports.size() >= 4)
        {
            flow.ports = OrderPorts(NfReadU32(ports.data()));
        }
        return true;
    }

    static bool HasPorts(uint8_t protocol)
    {
        constexpr uint8_t PORTED[] = {NF_IPPROTO_TCP,
                                      NF_IPPROTO_UDP,
                                      NF_IPPROTO_DCCP,
                                      NF_IPPROTO_ESP,
                                      NF_IPPROTO_SCTP,
                                      NF_IPPROTO_UDPLITE,
                                      NF_IPPROTO_AH};
        return std::find(std::begin(PORTED), std::end(PORTED), protocol) != std::end(PORTED);
    }

    uint32_t Hash(const Flow& flow) const
    {
        const auto [low, high] = std::minmax(flow.src, flow.dst);
        const uint32_t words[] = {low, high, flow.ports};
        const uint32_t hash =
            NfJenkinsHash(words, std::size(words), m_rnd) ^ (flow.protocol & m_protoMask);
        return static_cast<uint32_t>(uint64_t{hash} * m_mod >> 32) + m_offset;
    }

    /// @param full what an IPv6 host mask is shown as
    std::string Prefix(const NfAddr& mask, const char* full) const
    {
        const std::string text = XtFormatMask(mask, m_family);
        return !text.empty() ? text.substr(1) : m_family == NfFamily::IPV6 ? full : "32";
    }

    const NfFamily m_family;
    uint32_t m_given{0}; //!< bit per Id
    NfAddr m_srcMask;
    NfAddr m_dstMask;
    uint32_t m_portMask{0}; //!< source in the upper half, or all of an SPI
    uint32_t m_portSet{0};
    uint16_t m_protoMask{0};
    uint32_t m_rnd{0};
    uint32_t m_mod{0};
    uint32_t m_offset{0};
};

} // namespace

extern const XtTargetType XT_TARGET_HMARK;
const XtTargetType XT_TARGET_HMARK{
    .name = "HMARK",
    .options = OPTIONS,
    .make = [](NfFamily family) -> std::unique_ptr<XtTarget> {
        return std::make_unique<XtTargetHmark>(family);
    },
};

} // namespace ns3
