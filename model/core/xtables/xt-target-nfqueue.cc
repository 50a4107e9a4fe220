/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../nat/nf-nat-hash.h"
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
    NUMBER,
    BALANCE,
    BYPASS,
    FANOUT,
};

constexpr XtOption OPTIONS[] = {
    {.name = "queue-num", .type = XtType::U16, .id = NUMBER, .excludes = 1U << BALANCE},
    {.name = "queue-balance", .type = XtType::U16RC, .id = BALANCE, .excludes = 1U << NUMBER},
    {.name = "queue-bypass", .id = BYPASS},
    {.name = "queue-cpu-fanout", .id = FANOUT, .needs = 1U << BALANCE},
};

/// -j NFQUEUE (Linux: net/netfilter/xt_NFQUEUE.c, revision 3)
class XtTargetNfqueue final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case NUMBER:
            m_first = m_last = static_cast<uint16_t>(arg.low);
            break;
        case BALANCE:
            if (arg.count != 2 || arg.low >= arg.high)
            {
                return XtBadParameter("NFQUEUE: Range order mismatch");
            }
            m_first = static_cast<uint16_t>(arg.low);
            m_last = static_cast<uint16_t>(arg.high);
            break;
        case BYPASS:
            m_bypass = true;
            break;
        default:
            m_fanout = true;
        }
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (Total() > 65535)
        {
            check.Info("xt_NFQUEUE: number of total queues is 0");
            return EINVAL;
        }
        return 0;
    }

    void Start(XtContext& context) override
    {
        m_seed = Total() > 1 ? context.random.Next() : 0;
    }

    XtVerdict Target(XtParam& param) override
    {
        const auto number = static_cast<uint16_t>(m_first + Spread(param));
        return NfVerdict::Queue(number, m_bypass);
    }

    std::string Save(const XtIp&) const override
    {
        return (Total() > 1 ? fmt::format(" --queue-balance {}:{}", m_first, m_last)
                            : fmt::format(" --queue-num {}", m_first)) +
               (m_bypass ? " --queue-bypass" : "") + (m_fanout ? " --queue-cpu-fanout" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return (Total() > 1 ? fmt::format(" NFQUEUE balance {}:{}", m_first, m_last)
                            : fmt::format(" NFQUEUE num {}", m_first)) +
               (m_bypass ? " bypass" : "") + (m_fanout ? " cpu-fanout" : "");
    }

  private:
    uint32_t Total() const
    {
        return m_last - m_first + 1U;
    }

    /// Linux: nfqueue_hash(). Both directions of a flow get the same queue.
    uint32_t Spread(XtParam& param) const
    {
        if (Total() == 1 || m_fanout)
        {
            return 0; // the one processor is number 0
        }
        const NfIpHeader& ip = param.packet.GetIp();
        const auto [low, high] = std::minmax(ip.src, ip.dst);
        const size_t last = param.family == NfFamily::IPV6 ? 3 : 0;
        const uint32_t words[] = {low.GetWord(last), high.GetWord(last), ip.protocol};
        const uint64_t hash = NfJenkinsHash(words, std::size(words), m_seed);
        return static_cast<uint32_t>(hash * Total() >> 32);
    }

    uint16_t m_first{0};
    uint16_t m_last{0};
    bool m_bypass{false};
    bool m_fanout{false};
    uint32_t m_seed{0}; //!< of the hash
};

} // namespace

extern const XtTargetType XT_TARGET_NFQUEUE;
const XtTargetType XT_TARGET_NFQUEUE{
    .name = "NFQUEUE",
    .options = OPTIONS,
    .make = XtMakeTarget<XtTargetNfqueue>,
};

} // namespace ns3
