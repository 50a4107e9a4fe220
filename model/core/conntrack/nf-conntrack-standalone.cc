/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// net.netfilter.nf_conntrack_* (Linux: nf_conntrack_standalone.c).
#include "nf-conntrack-impl.h"
#include "nf-conntrack-proto.h"
#include "nf-kernel-profile.h"

#include <limits>
#include <memory>

namespace ns3
{

namespace
{

constexpr char PREFIX[] = "net.netfilter.nf_conntrack_";
constexpr int64_t HZ = 250; //!< timeouts are kept in jiffies there, which bounds them

constexpr int64_t INT_MOST = std::numeric_limits<int32_t>::max();
// proc_dointvec_jiffies() takes any sign, and refuses what does not fit an int of jiffies.
constexpr int64_t TIMEOUT_MOST = INT_MOST / HZ;
constexpr uint32_t BUCKET_STEP = 512;             //!< chain heads on a page: sizes are multiples
constexpr uint32_t BUCKETS_MOST = UINT32_MAX / 8; //!< Linux: nf_ct_alloc_hashtable()

/// Names of Linux before 4.9, behind net.ipv4.netfilter.ip_conntrack_; ours have the same ends
/// (Linux: CONFIG_NF_CONNTRACK_PROC_COMPAT).
constexpr const char* OLD_NAMES[] = {
    "max",
    "count",
    "buckets",
    "checksum",
    "log_invalid",
    "generic_timeout",
    "icmp_timeout",
    "udp_timeout",
    "udp_timeout_stream",
    "tcp_be_liberal",
    "tcp_loose",
    "tcp_max_retrans",
    "tcp_timeout_close",
    "tcp_timeout_close_wait",
    "tcp_timeout_established",
    "tcp_timeout_fin_wait",
    "tcp_timeout_last_ack",
    "tcp_timeout_max_retrans",
    "tcp_timeout_syn_recv",
    "tcp_timeout_syn_sent",
    "tcp_timeout_time_wait",
    "sctp_timeout_closed",
    "sctp_timeout_cookie_echoed",
    "sctp_timeout_cookie_wait",
    "sctp_timeout_established",
    "sctp_timeout_shutdown_ack_sent",
    "sctp_timeout_shutdown_recd",
    "sctp_timeout_shutdown_sent",
};

/// Knobs of older releases that are there to be written only.
constexpr const char* IDLE_KNOBS[] = {"events_retry_timeout", "sctp_timeout_heartbeat_acked"};

/// Linux: nf_conntrack_hash_sysctl() and nf_conntrack_hash_resize().
NfStatus
WriteBuckets(uint32_t& buckets, const std::string& text)
{
    const NfResult<int64_t> value = NfSysctls::ParseInteger(text, INT32_MIN, INT_MOST);
    if (!value || *value == 0)
    {
        return value ? NfError{1, "Invalid argument"} : value.Error();
    }
    const auto wanted = static_cast<uint32_t>(*value);
    if (wanted > BUCKETS_MOST)
    {
        return NfError{1, "Cannot allocate memory"};
    }
    buckets = (wanted + BUCKET_STEP - 1) / BUCKET_STEP * BUCKET_STEP;
    return NfOk();
}

} // namespace

void
NfAddTimeoutKnob(NfSysctls& sysctls, const std::string& name, uint32_t& seconds)
{
    sysctls.Add(PREFIX + name,
                {[&seconds] { return std::to_string(static_cast<int32_t>(seconds)); },
                 [&seconds](const std::string& text) {
                     const NfResult<int64_t> value =
                         NfSysctls::ParseInteger(text, -TIMEOUT_MOST, TIMEOUT_MOST);
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
        {"helper", config.autoHelper, 1},
    };

    for (const auto& row : flags)
    {
        sysctls.AddInteger(std::string(PREFIX) + row.name, row.value, 0, row.high);
    }
    sysctls.AddInteger(std::string(PREFIX) + "max", config.max, 0, INT_MOST);
    sysctls.AddInteger(std::string(PREFIX) + "expect_max", config.expectMax, 1, INT_MOST);
    sysctls.Add(
        std::string(PREFIX) + "buckets",
        {[&config] { return std::to_string(config.buckets); },
         [&config](const std::string& text) { return WriteBuckets(config.buckets, text); }});
    for (const char* name : IDLE_KNOBS)
    {
        const auto seconds = std::make_shared<std::string>();
        sysctls.Add(std::string(PREFIX) + name,
                    {[seconds] { return *seconds; },
                     [seconds](const std::string& text) {
                         const NfResult<int64_t> value =
                             NfSysctls::ParseInteger(text, -TIMEOUT_MOST, TIMEOUT_MOST);
                         if (!value)
                         {
                             return NfStatus(value.Error());
                         }
                         *seconds = std::to_string(*value);
                         return NfOk();
                     }});
    }
    sysctls.AddAlias("net.nf_conntrack_max", std::string(PREFIX) + "max");
    sysctls.Add(std::string(PREFIX) + "count",
                {[this] { return std::to_string(m_owner.GetCount()); }, {}});
}

void
NfConntrack::SetProfile(const NfKernelProfile& profile)
{
    NfSysctls& sysctls = m_context.sysctls;
    m_profile = &profile;
    m_refreshBySeconds = profile.refreshesBySeconds;
    m_config.autoHelper = profile.column == 0; // 2.6 had no knob, and always did
    for (const NfProfileKnob& knob : NfGetProfileKnobs())
    {
        const std::string name = std::string(PREFIX) + knob.name;
        const char* const value = knob.values[profile.column];
        sysctls.SetVisible(name, value != nullptr);
        if (value)
        {
            (void)sysctls.Write(name, value);
        }
    }
    (void)sysctls.Write(std::string(PREFIX) + "dccp", profile.dccp ? "1" : "0");
    for (const char* end : OLD_NAMES)
    {
        const std::string name = std::string("net.ipv4.netfilter.ip_conntrack_") + end;
        sysctls.Remove(name);
        if (profile.oldNames)
        {
            sysctls.AddAlias(name, std::string(PREFIX) + end);
        }
    }
    sysctls.Remove("net.ipv4.ip_conntrack_max");
    if (profile.oldNames)
    {
        sysctls.AddAlias("net.ipv4.ip_conntrack_max", std::string(PREFIX) + "max");
    }
}

} // namespace ns3
