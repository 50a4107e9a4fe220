/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-defrag.h"

#include <limits>
#include <string>
#include <utility>

namespace ns3
{

namespace
{

constexpr int64_t INT_LIMIT = std::numeric_limits<int32_t>::max();
constexpr int64_t SECONDS_LIMIT = INT_LIMIT / 250; //!< the kernel keeps jiffies

/// The two memory bounds guard each other: low stays below high (Linux: proc_doulongvec_minmax).
void
AddThresholds(NfSysctls& sysctls, const std::string& prefix, NfFragConfig& config)
{
    const auto add = [&sysctls](std::string name, uint64_t& value, auto low, auto high) {
        const auto write = [&value, low, high](const std::string& text) -> NfStatus {
            const NfResult<int64_t> n = NfSysctls::ParseInteger(text, low(), high());
            if (!n)
            {
                return n.Error();
            }
            value = static_cast<uint64_t>(*n);
            return NfOk();
        };
        sysctls.Add(std::move(name), {[&value] { return std::to_string(value); }, write});
    };
    add(
        prefix + "high_thresh",
        config.highThresh,
        [&config] { return static_cast<int64_t>(config.lowThresh); },
        [] { return std::numeric_limits<int64_t>::max(); });
    add(
        prefix + "low_thresh",
        config.lowThresh,
        [] { return int64_t{0}; },
        [&config] { return static_cast<int64_t>(config.highThresh); });
}

/// Linux: proc_dointvec_jiffies(), which takes any sign.
void
AddSeconds(NfSysctls& sysctls, const std::string& name, uint32_t& seconds)
{
    sysctls.Add(name,
                {[&seconds] { return std::to_string(static_cast<int32_t>(seconds)); },
                 [&seconds](const std::string& text) -> NfStatus {
                     const NfResult<int64_t> n =
                         NfSysctls::ParseInteger(text, -SECONDS_LIMIT, SECONDS_LIMIT);
                     if (!n)
                     {
                         return n.Error();
                     }
                     seconds = static_cast<uint32_t>(*n);
                     return NfOk();
                 }});
}

} // namespace

NfDefrag::NfDefrag(NfClock& clock, NfCounters& counters, NfSysctls& sysctls)
    : m_ipv4(NfFamily::IPV4, clock, counters),
      m_ipv6(NfFamily::IPV6, clock, counters)
{
    AddThresholds(sysctls, "net.ipv4.ipfrag_", m_ipv4.GetConfig());
    AddSeconds(sysctls, "net.ipv4.ipfrag_time", m_ipv4.GetConfig().timeout);
    sysctls.AddInteger("net.ipv4.ipfrag_max_dist", m_ipv4.GetConfig().maxDist, 0, INT_LIMIT);
    AddThresholds(sysctls, "net.netfilter.nf_conntrack_frag6_", m_ipv6.GetConfig());
    AddSeconds(sysctls, "net.netfilter.nf_conntrack_frag6_timeout", m_ipv6.GetConfig().timeout);
}

std::vector<NfHookOps>
NfDefrag::GetOps(NfFamily family, ZoneOf zoneOf)
{
    NfHookOps ops;
    ops.family = family;
    ops.priority = NF_PRI_CONNTRACK_DEFRAG;
    ops.name = "defrag";
    ops.function = [this, zoneOf = std::move(zoneOf)](NfPacket& packet, const NfHookState& state) {
        if (!packet.GetIp().fragment || (!packet.conn && packet.ctInfo == NfCtInfo::UNTRACKED))
        {
            return NfVerdict(NfVerdict::ACCEPT);
        }
        const std::optional<uint16_t> zone = zoneOf ? zoneOf(packet) : 0;
        return zone ? Run(packet, state, *zone) : NfVerdict(NfVerdict::ACCEPT);
    };
    std::vector<NfHookOps> both;
    for (NfHook hook : {NfHook::PRE_ROUTING, NfHook::LOCAL_OUT})
    {
        ops.hook = hook;
        both.push_back(ops);
    }
    return both;
}

NfVerdict
NfDefrag::Run(NfPacket& packet, const NfHookState& state, uint16_t zone)
{
    const NfFragUser user =
        state.hook == NfHook::PRE_ROUTING ? NfFragUser::CONNTRACK_IN : NfFragUser::CONNTRACK_OUT;
    switch (GetFragments(packet.GetFamily()).Gather(packet, state.in, user, zone))
    {
    case NfFragments::Result::QUEUED:
        return NfVerdict::STOLEN;
    case NfFragments::Result::DROPPED:
        return NfVerdict::DROP;
    default:
        return NfVerdict::ACCEPT;
    }
}

void
NfDefrag::Clear()
{
    m_ipv4.Clear();
    m_ipv6.Clear();
}

void
NfDefrag::SetExpireHandler(const NfFragments::ExpireHandler& handler)
{
    m_ipv4.SetExpireHandler(handler);
    m_ipv6.SetExpireHandler(handler);
}

} // namespace ns3
