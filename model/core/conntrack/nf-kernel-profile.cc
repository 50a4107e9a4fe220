/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// What changed between kernel releases; doc/kernel-profiles.rst names the source of each row.
#include "nf-kernel-profile.h"

namespace ns3
{

namespace
{

constexpr std::array<NfKernelProfile, NF_PROFILES> PROFILES = {{
    {
        .name = "2.6",
        .column = 0,
        .udpStreamAtOnce = true,
        .icmpDiesOfReply = true,
        .tcpDelayedInvalid = true,
        .tcpOvershotInvalid = true,
        .tcpKeepsTimeout = true,
        .natSequentialPorts = true,
        .evictsByEntries = true,
        .evictsNoneAtCollection = true,
        .refreshesBySeconds = true,
        .dccp = true,
        .oldNames = true,
        .limitsChains = false,
        .clash = NfClashRule::DROP,
        .collector = NfCollector::TIMERS,
    },
    {
        .name = "3.10",
        .column = 1,
        .udpStreamAtOnce = true,
        .icmpDiesOfReply = false,
        .tcpDelayedInvalid = true,
        .tcpOvershotInvalid = true,
        .tcpKeepsTimeout = true,
        .natSequentialPorts = true,
        .evictsByEntries = true,
        .evictsNoneAtCollection = true,
        .refreshesBySeconds = true,
        .dccp = true,
        .oldNames = true,
        .limitsChains = false,
        .clash = NfClashRule::DROP,
        .collector = NfCollector::TIMERS,
    },
    {
        .name = "4.19",
        .column = 2,
        .udpStreamAtOnce = true,
        .icmpDiesOfReply = false,
        .tcpDelayedInvalid = true,
        .tcpOvershotInvalid = true,
        .tcpKeepsTimeout = true,
        .natSequentialPorts = true,
        .evictsByEntries = false,
        .evictsNoneAtCollection = false,
        .refreshesBySeconds = false,
        .dccp = true,
        .oldNames = false,
        .limitsChains = false,
        .clash = NfClashRule::MERGE,
        .collector = NfCollector::RATIO,
    },
    {
        .name = "5.15",
        .column = 3,
        .udpStreamAtOnce = false,
        .icmpDiesOfReply = false,
        .tcpDelayedInvalid = true,
        .tcpOvershotInvalid = true,
        .tcpKeepsTimeout = true,
        .natSequentialPorts = false,
        .evictsByEntries = false,
        .evictsNoneAtCollection = false,
        .refreshesBySeconds = false,
        .dccp = true,
        .oldNames = false,
        .limitsChains = true,
        .clash = NfClashRule::HARDER,
        .collector = NfCollector::MINUTES,
    },
    {
        .name = "6.18",
        .column = 4,
        .udpStreamAtOnce = false,
        .icmpDiesOfReply = false,
        .tcpDelayedInvalid = false,
        .tcpOvershotInvalid = false,
        .tcpKeepsTimeout = false,
        .natSequentialPorts = false,
        .evictsByEntries = false,
        .evictsNoneAtCollection = false,
        .refreshesBySeconds = false,
        .dccp = false,
        .oldNames = false,
        .limitsChains = true,
        .clash = NfClashRule::HARDER,
        .collector = NfCollector::AVERAGE,
    },
}};

constexpr const char* NONE = nullptr;

} // namespace

const std::array<NfKernelProfile, NF_PROFILES>&
NfGetKernelProfiles()
{
    return PROFILES;
}

const NfKernelProfile*
NfFindKernelProfile(std::string_view name)
{
    for (const NfKernelProfile& profile : PROFILES)
    {
        if (profile.name == name)
        {
            return &profile;
        }
    }
    return nullptr;
}

const NfKernelProfile&
NfGetDefaultProfile()
{
    return PROFILES.back();
}

const std::vector<NfProfileKnob>&
NfGetProfileKnobs()
{
    static const std::vector<NfProfileKnob> KNOBS = {
        //                                2.6      3.10      4.19      5.15      6.18
        {"buckets", {"16384", "16384", "65536", "262144", "262144"}},
        {"max", {"65536", "65536", "262144", "262144", "262144"}},
        {"expect_max", {"256", "256", "1024", "4096", "4096"}},
        {"events", {"1", "1", "1", "1", "2"}},
        {"events_retry_timeout", {"15", "15", NONE, NONE, NONE}},
        {"helper", {NONE, "1", "0", "0", NONE}},
        {"timestamp", {NONE, "0", "0", "0", "0"}},
        {"tcp_ignore_invalid_rst", {NONE, NONE, NONE, "0", "0"}},
        {"udp_timeout_stream", {"180", "180", "180", "120", "120"}},
        {"sctp_timeout_established", {"432000", "432000", "432000", "432000", "210"}},
        {"sctp_timeout_heartbeat_sent", {NONE, NONE, "30", "30", "30"}},
        {"sctp_timeout_heartbeat_acked", {NONE, NONE, "210", "210", NONE}},
        {"gre_timeout", {NONE, NONE, NONE, "30", "30"}},
        {"gre_timeout_stream", {NONE, NONE, NONE, "180", "180"}},
    };
    return KNOBS;
}

} // namespace ns3
