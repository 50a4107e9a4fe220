/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_KERNEL_PROFILE_H
#define NF_KERNEL_PROFILE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ns3
{

/// How entries that timed out are found.
enum class NfCollector : uint8_t
{
    TIMERS,  //!< a timer each: gone within a second (Linux before 4.9)
    RATIO,   //!< 1/128 of the table a run, the pace follows the share of expired ones (4.9 to 5.13)
    MINUTES, //!< the whole table every two minutes (5.14 to 5.17)
    AVERAGE, //!< the whole table, the pause follows the average time left (5.18 and later)
};

/// What becomes of the later one of two packets that made the same connection at once.
enum class NfClashRule : uint8_t
{
    DROP,   //!< it is dropped (Linux before 4.7)
    MERGE,  //!< it joins the other's connection if both are alike (4.7 to 5.6)
    HARDER, //!< else it may get an entry that is found by its replies only (5.7 and later)
};

/**
 * @ingroup netfilter
 * What a kernel release does otherwise than Linux 6.18: doc/kernel-profiles.rst has each row with
 * its source. Knobs that differ are rows of NfGetProfileKnobs().
 */
struct NfKernelProfile
{
    std::string_view name;   //!< "6.18"
    size_t column;           //!< in NfProfileKnob::values
    bool udpStreamAtOnce;    //!< the first UDP reply makes a stream, not one after two seconds
    bool icmpDiesOfReply;    //!< an ICMP entry is gone when every request has its answer
    bool tcpDelayedInvalid;  //!< segments below the window are INVALID
    bool tcpOvershotInvalid; //!< segments that start above the window are INVALID
    bool tcpKeepsTimeout;    //!< FIN and RST outside the window do not shorten the timeout
    bool natSequentialPorts; //!< ports are searched from where the last search ended, all of them
    bool evictsByEntries;    //!< early drop looks at 8 entries, in as many buckets as it takes
    bool evictsNoneAtCollection; //!< the collector takes none above 95 % of the maximum
    bool refreshesBySeconds;     //!< a timeout moves only when it moves by a second
    bool dccp;                   //!< DCCP has a tracker
    bool oldNames;               //!< net.ipv4.netfilter.ip_conntrack_* and /proc/net/ip_conntrack
    bool limitsChains;           //!< chains longer than 50 to 80 entries refuse more
    NfClashRule clash;
    NfCollector collector;
};

constexpr size_t NF_PROFILES = 5; //!< 2.6, 3.10, 4.19, 5.15, 6.18

/// A knob that is not the same in all profiles.
struct NfProfileKnob
{
    const char* name;                            //!< behind net.netfilter.nf_conntrack_
    std::array<const char*, NF_PROFILES> values; //!< default by column, null: not there
};

/// @return profiles, oldest first
const std::array<NfKernelProfile, NF_PROFILES>& NfGetKernelProfiles();
/// @param name "2.6", "3.10", "4.19", "5.15", "6.18" @return the profile, or null
const NfKernelProfile* NfFindKernelProfile(std::string_view name);
/// @return Linux 6.18
const NfKernelProfile& NfGetDefaultProfile();
/// @return knobs that differ
const std::vector<NfProfileKnob>& NfGetProfileKnobs();

} // namespace ns3

#endif // NF_KERNEL_PROFILE_H
