/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../nat/nf-nat-hash.h"
#include "xt-match.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    TOTAL,
    NODE,
    MASK,
    SEED,
};

constexpr XtOption OPTIONS[] = {
    {.name = "cluster-total-nodes", .type = XtType::U32, .id = TOTAL, .min = 1, .max = 32},
    {.name = "cluster-local-node",
     .type = XtType::U32,
     .id = NODE,
     .flags = XT_INVERT,
     .excludes = 1U << MASK,
     .min = 1,
     .max = 32},
    {.name = "cluster-local-nodemask",
     .type = XtType::U32,
     .id = MASK,
     .flags = XT_INVERT,
     .excludes = 1U << NODE},
    {.name = "cluster-hash-seed", .type = XtType::U32, .id = SEED, .flags = XT_MANDATORY},
};

constexpr uint8_t PACKET_HOST = 0;
constexpr uint8_t PACKET_MULTICAST = 2;

/// -m cluster: which node of several is to take a connection (Linux: net/netfilter/xt_cluster.c)
class XtCluster final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        switch (arg.option->id)
        {
        case TOTAL:
            m_total = value;
            break;
        case NODE:
            m_mask = 1U << (value - 1);
            m_node = value;
            m_invert = arg.invert;
            break;
        case MASK:
            m_mask = value;
            m_invert = arg.invert;
            break;
        default:
            m_seed = value;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        if (!(seen & (1U << NODE | 1U << MASK)))
        {
            return XtBadParameter("cluster match: `--cluster-local-node' or"
                                  "`--cluster-local-nodemask' is missing");
        }
        return m_node <= m_total ? NfOk()
                                 : XtBadParameter("cluster match: `--cluster-local-node' must be "
                                                  "<= `--cluster-total-nodes'");
    }

    int Check(const XtCheck& check) override
    {
        if (uint64_t{m_mask} >= uint64_t{1} << m_total)
        {
            check.Info("xt_cluster: node mask cannot exceed total number of nodes");
            return EDOM;
        }
        return 0;
    }

    bool Match(XtParam& param) override
    {
        NfPacket& packet = param.packet;
        const uint8_t first = packet.GetIp().dst.bytes[0];
        const bool multicast = param.family == NfFamily::IPV6 ? first == 0xff : first >> 4 == 0xe;
        if (!multicast && packet.packetType == PACKET_MULTICAST)
        {
            // All nodes got it by a shared hardware address; the chosen one shall take it.
            packet.packetType = PACKET_HOST;
        }
        const NfConn* conn = packet.conn.get();
        if (!conn)
        {
            return false;
        }
        const NfConn* master = conn->GetMaster();
        return (m_mask >> Hash(master ? *master : *conn) & 1) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --cluster-local-nodemask 0x{:08x} --cluster-total-nodes {} "
                           "--cluster-hash-seed 0x{:08x}",
                           m_invert ? " !" : "",
                           m_mask,
                           m_total,
                           m_seed);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" cluster {}node_mask=0x{:08x} total_nodes={} hash_seed=0x{:08x}",
                           m_invert ? "!" : "",
                           m_mask,
                           m_total,
                           m_seed);
    }

  private:
    uint32_t Hash(const NfConn& conn) const
    {
        // The kernel hashes the bytes as they lie in memory, and of an IPv6 address too only the
        // first four: NF_CT_TUPLE_L3SIZE counts words where xt_cluster takes it for bytes.
        const uint32_t word = __builtin_bswap32(conn.GetOriginal().src.GetWord(0));
        const uint64_t hash = NfJenkinsHash(&word, 1, m_seed);
        return static_cast<uint32_t>(hash * m_total >> 32);
    }

    uint32_t m_total{0};
    uint32_t m_node{0}; //!< as typed, 0: not given
    uint32_t m_mask{0}; //!< bit per node
    uint32_t m_seed{0};
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_CLUSTER;
const XtMatchType XT_CLUSTER{
    .name = "cluster",
    .options = OPTIONS,
    .conntrack = true,
    .make = XtMakeMatch<XtCluster>,
};

} // namespace ns3
