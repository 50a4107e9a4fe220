/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-netns.h"

#include "../conntrack/nf-conntrack-dscpremark-ext.h"
#include "../conntrack/nf-conntrack-rtcache.h"
#include "../conntrack/nf-conntrack-text.h"
#include "../conntrack/nf-kernel-profile.h"
#include "../helpers/nf-helper.h"
#include "../helpers/nf-user-helper.h"
#include "../hook/nf-defrag.h"
#include "../sets/ip-set.h"
#include "../xtables/xt-set-reference.h"
#include "../xtables/xt-table.h"
#include "nf-event-stream.h"

#include <algorithm>
#include <sstream>

namespace ns3
{

namespace
{

/// Linux: nf_conntrack_l3proto_ipv4_compat.c. As nf_conntrack, without the family in front.
std::string
OldProcText(NfConntrack& table)
{
    constexpr std::string_view FAMILY = "ipv4     2 ";
    std::istringstream lines(NfConntrackProcText(table));
    std::string text;
    for (std::string line; std::getline(lines, line);)
    {
        if (line.compare(0, FAMILY.size(), FAMILY) == 0)
        {
            text += line.substr(FAMILY.size()) + "\n";
        }
    }
    return text;
}

} // namespace

NfNetns::NfNetns(NfClock& clock, NfRandom& random, NfStack& stack)
    : m_clock(clock),
      m_random(random),
      m_stack(stack),
      m_queues(m_counters),
      m_hooks(m_queues),
      m_icmp(m_stack, m_clock, m_counters),
      m_conntrack(std::make_unique<NfConntrack>(
          NfContext{m_clock, m_random, m_hooks, m_counters, m_log, m_sysctls})),
      m_routeCache(std::make_unique<NfRouteCache>(*m_conntrack, m_stack)),
      m_dscpRemarking(std::make_unique<NfDscpRemarking>(*m_conntrack)),
      m_nat(std::make_unique<NfNat>(*m_conntrack, m_stack)),
      m_sets(std::make_unique<IpSets>(m_clock, m_random)),
      m_userHelpers(std::make_unique<NfUserHelpers>(*m_nat, m_queues)),
      m_xtContext(new XtContext{m_clock,
                                m_random,
                                m_hooks,
                                m_queues,
                                m_counters,
                                m_log,
                                m_sysctls,
                                m_stack,
                                m_icmp,
                                *m_conntrack,
                                *m_nat,
                                [this](std::string name, ProcReader reader) {
                                    AddProc(std::move(name), std::move(reader));
                                },
                                {}}),
      m_xtables4(std::make_unique<XtTables>(*m_xtContext, NfFamily::IPV4)),
      m_xtables6(std::make_unique<XtTables>(*m_xtContext, NfFamily::IPV6))
{
    NfAddHelpers(*m_nat);
    m_xtContext->shared.Get<XtSets>().sets = m_sets.get();
    m_icmp.AddSysctls(m_sysctls);
    m_conntrack->GetDefrag().SetExpireHandler(
        [this](NfPacket& first, const NfDevice* in, NfFragUser user) {
            m_icmp.OnFragmentTimeout(first, in, user);
        });
    AddProc("nf_conntrack", [this] { return NfConntrackProcText(*m_conntrack); });
    AddProc("nf_conntrack_expect", [this] { return NfExpectProcText(*m_conntrack); });
    AddProc("stat/nf_conntrack", [this] { return NfConntrackStatText(*m_conntrack); });
}

NfNetns::~NfNetns()
{
    for (const std::weak_ptr<NfEventStream>& kept : m_streams)
    {
        if (const std::shared_ptr<NfEventStream> stream = kept.lock())
        {
            stream->Stop();
        }
    }
}

void
NfNetns::SetFile(std::string path, std::string text)
{
    m_files[std::move(path)] = std::move(text);
}

const std::string*
NfNetns::FindFile(const std::string& path) const
{
    const auto it = m_files.find(path);
    return it != m_files.end() ? &it->second : nullptr;
}

void
NfNetns::AddStream(const std::shared_ptr<NfEventStream>& stream)
{
    m_streams.erase(std::remove_if(m_streams.begin(),
                                   m_streams.end(),
                                   [](const auto& kept) { return kept.expired(); }),
                    m_streams.end());
    m_streams.push_back(stream);
}

XtTables&
NfNetns::GetXtables(NfFamily family)
{
    return family == NfFamily::IPV6 ? *m_xtables6 : *m_xtables4;
}

bool
NfNetns::SetKernelProfile(std::string_view name)
{
    const NfKernelProfile* const profile = NfFindKernelProfile(name);
    if (!profile)
    {
        return false;
    }
    m_conntrack->SetProfile(*profile);
    m_proc.erase("ip_conntrack");
    if (profile->oldNames)
    {
        AddProc("ip_conntrack", [this] { return OldProcText(*m_conntrack); });
    }
    return true;
}

void
NfNetns::AddProc(std::string name, ProcReader reader)
{
    m_proc[std::move(name)] = std::move(reader);
}

} // namespace ns3
