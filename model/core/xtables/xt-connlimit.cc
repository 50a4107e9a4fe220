/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <map>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    UPTO,
    ABOVE,
    MASK,
    SOURCE,
    DESTINATION,
};

constexpr XtOption OPTIONS[] = {
    {.name = "connlimit-upto",
     .type = XtType::U32,
     .id = UPTO,
     .flags = XT_INVERT,
     .excludes = 1U << ABOVE},
    {.name = "connlimit-above",
     .type = XtType::U32,
     .id = ABOVE,
     .flags = XT_INVERT,
     .excludes = 1U << UPTO},
    {.name = "connlimit-mask", .type = XtType::PLENMASK, .id = MASK},
    {.name = "connlimit-saddr", .id = SOURCE, .excludes = 1U << DESTINATION},
    {.name = "connlimit-daddr", .id = DESTINATION, .excludes = 1U << SOURCE},
};

constexpr uint8_t TCP_TIME_WAIT = 7;
constexpr uint8_t TCP_CLOSE = 8;
constexpr size_t MAX_COLLECTED = 8; //!< dead connections taken out per look

/// Connections that were counted together (Linux: struct nf_conncount_list).
struct Group
{
    std::vector<NfTuple> tuples;
    uint64_t collected{0}; //!< tick of the last look for dead ones
};

/// -m connlimit (Linux: net/netfilter/xt_connlimit.c, nf_conncount.c)
class XtConnlimit final : public XtMatch
{
  public:
    explicit XtConnlimit(NfFamily family)
        : m_mask(NfPrefixMask(family, family == NfFamily::IPV6 ? 128 : 32))
    {
    }

    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case UPTO:
        case ABOVE:
            m_limit = static_cast<uint32_t>(arg.low);
            m_upto = (arg.option->id == UPTO) != arg.invert;
            break;
        case MASK:
            m_mask = arg.addrMask;
            break;
        default:
            m_destination = arg.option->id == DESTINATION;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & (1U << UPTO | 1U << ABOVE)
                   ? NfOk()
                   : XtBadParameter(
                         "You must specify \"--connlimit-above\" or \"--connlimit-upto\".");
    }

    void Start(XtContext&) override
    {
        m_groups.clear();
    }

    bool Match(XtParam& param) override
    {
        NfTuple tuple;
        const NfConn* conn = param.packet.conn.get();
        uint16_t zone = 0;
        if (conn)
        {
            tuple = conn->GetOriginal();
            zone = conn->zone;
        }
        else if (!param.context.conntrack.GetTuple(param.packet, 0, tuple))
        {
            param.hotdrop = true;
            return false;
        }
        const NfIpHeader& ip = param.packet.GetIp();
        const NfAddr addr = (m_destination ? ip.dst : ip.src) & m_mask;
        const size_t count = Count(param, m_groups[{addr, zone}], tuple);
        return (count > m_limit) != m_upto;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --connlimit-{} {} --connlimit-mask {} --connlimit-{}",
                           m_upto ? "upto" : "above",
                           m_limit,
                           Bits(),
                           m_destination ? "daddr" : "saddr");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" #conn {}/{} {} {}",
                           m_destination ? "dst" : "src",
                           Bits(),
                           m_upto ? "<=" : ">",
                           m_limit);
    }

  private:
    /// Linux: __nf_conncount_add(). @return connections of the group with this one
    static size_t Count(XtParam& param, Group& group, const NfTuple& tuple)
    {
        const uint64_t now = XtJiffies(param.context.clock) + 1;
        if (now != group.collected)
        {
            if (Collect(param.context.conntrack, group, tuple))
            {
                return group.tuples.size();
            }
            group.collected = now;
        }
        group.tuples.push_back(tuple);
        return group.tuples.size();
    }

    /// @return true if the connection is counted already
    static bool Collect(NfConntrack& conntrack, Group& group, const NfTuple& tuple)
    {
        size_t gone = 0;
        for (size_t i = 0; i < group.tuples.size() && gone < MAX_COLLECTED;)
        {
            const NfConnPtr found = conntrack.Find(group.tuples[i]);
            if (found && group.tuples[i] == tuple)
            {
                return true;
            }
            if (found && !IsClosed(*found))
            {
                i++;
                continue;
            }
            group.tuples.erase(group.tuples.begin() + static_cast<long>(i));
            gone++;
        }
        return false;
    }

    static bool IsClosed(const NfConn& conn)
    {
        return conn.GetProtocol() == NF_IPPROTO_TCP &&
               (conn.proto.tcp.state == TCP_TIME_WAIT || conn.proto.tcp.state == TCP_CLOSE);
    }

    unsigned Bits() const
    {
        unsigned bits = 0;
        for (size_t i = 0; i < 4; i++)
        {
            bits += static_cast<unsigned>(__builtin_popcount(m_mask.GetWord(i)));
        }
        return bits;
    }

    uint32_t m_limit{0};
    bool m_upto{false};
    bool m_destination{false};
    NfAddr m_mask;
    std::map<std::pair<NfAddr, uint16_t>, Group> m_groups; //!< by masked address and zone
};

} // namespace

extern const XtMatchType XT_CONNLIMIT;
const XtMatchType XT_CONNLIMIT{
    .name = "connlimit",
    .options = OPTIONS,
    .conntrack = true,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtConnlimit>(family);
    },
};

} // namespace ns3
