/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// net.netfilter.nf_conntrack_* (Linux: nf_conntrack_standalone.c).
#include "nf-conntrack-impl.h"
#include "nf-conntrack-proto.h"

#include <limits>

namespace ns3
{

namespace
{

constexpr char PREFIX[] = "net.netfilter.nf_conntrack_";
constexpr int64_t HZ = 250; //!< timeouts are kept in jiffies there, which bounds them

/// A knob of the whole machine: a namespace may read it only (facts F13).
template <class T>
NfSysctls::Knob
ReadOnly(const T& value)
{
    return {[&value] { return std::to_string(value); }, {}};
}

} // namespace

void
NfAddTimeoutKnob(NfSysctls& sysctls, const std::string& name, uint32_t& seconds)
{
    // proc_dointvec_jiffies() takes any sign, and refuses what does not fit an int of jiffies.
    constexpr int64_t MOST = std::numeric_limits<int32_t>::max() / HZ;
    sysctls.Add(PREFIX + name,
                {[&seconds] { return std::to_string(static_cast<int32_t>(seconds)); },
                 [&seconds](const std::string& text) {
                     const NfResult<int64_t> value = NfSysctls::ParseInteger(text, -MOST, MOST);
                     if (!value)
                     {
                         return NfStatus(value.Error());
                     }
                     seconds = static_cast<uint32_t>(*value);
                     return NfOk();
                 }});
}

void
NfConntrack::Impl::AddSysctls()
{
    constexpr int64_t U8_MAX = std::numeric_limits<uint8_t>::max();
    NfConntrackConfig& config = m_owner.m_config;
    NfSysctls& sysctls = m_owner.m_context.sysctls;

    const struct
    {
        const char* name;
        uint8_t& value;
        int64_t high;
    } flags[] = {
        {"checksum", config.checksum, 1},
        {"log_invalid", config.logInvalid, U8_MAX},
        {"acct", config.acct, 1},
        {"events", config.events, 2},
        {"timestamp", config.timestamp, 1},
        {"tcp_loose", config.tcpLoose, 1},
        {"tcp_be_liberal", config.tcpBeLiberal, 1},
        {"tcp_ignore_invalid_rst", config.tcpIgnoreInvalidRst, 1},
        {"tcp_max_retrans", config.tcpMaxRetrans, U8_MAX},
    };

    for (const auto& row : flags)
    {
        sysctls.AddInteger(std::string(PREFIX) + row.name, row.value, 0, row.high);
    }
    sysctls.Add(std::string(PREFIX) + "max", ReadOnly(config.max));
    sysctls.Add(std::string(PREFIX) + "buckets", ReadOnly(config.buckets));
    sysctls.Add(std::string(PREFIX) + "expect_max", ReadOnly(config.expectMax));
    sysctls.Add(std::string(PREFIX) + "count",
                {[this] { return std::to_string(m_owner.GetCount()); }, {}});
}

} // namespace ns3
