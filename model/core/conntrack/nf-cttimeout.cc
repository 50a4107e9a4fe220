/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-cttimeout.h"

#include "nf-conntrack-impl.h"

#include <algorithm>
#include <cerrno>

namespace ns3
{

namespace
{

constexpr uint32_t HZ = 250; //!< of the reference kernel

/// Linux keeps 32 bits of jiffies: more seconds than fit wrap around.
uint32_t
Wrap(uint32_t seconds)
{
    return seconds * HZ / HZ;
}

/// @return false: an index that the protocol does not have
bool
Assign(const NfTimeoutValues& values, std::vector<uint32_t>& seconds)
{
    for (const auto& [index, value] : values)
    {
        if (index >= seconds.size())
        {
            return false;
        }
        seconds[index] = Wrap(value);
    }
    return true;
}

/// Linux: NFPROTO_IPV4, NFPROTO_IPV6.
int
NumberOf(NfFamily family)
{
    return family == NfFamily::IPV6 ? 10 : 2;
}

} // namespace

const NfL4Tracker*
NfTimeoutPolicies::FindTracker(uint8_t protocol) const
{
    const NfL4Tracker& generic = m_table.GetTracker(0);
    const NfL4Tracker* tracker =
        protocol == NfTimeoutPolicy::GENERIC ? &generic : &m_table.GetTracker(protocol);
    const bool own = protocol == NfTimeoutPolicy::GENERIC || tracker != &generic;
    return own && !tracker->GetTimeouts().empty() ? tracker : nullptr;
}

NfTimeoutPolicy*
NfTimeoutPolicies::Get(std::string_view name) const
{
    const auto found = std::find_if(m_policies.begin(), m_policies.end(), [&](const auto& policy) {
        return policy->name == name;
    });
    return found == m_policies.end() ? nullptr : found->get();
}

const NfTimeoutPolicy*
NfTimeoutPolicies::Find(std::string_view name) const
{
    return Get(name);
}

int
NfTimeoutPolicies::Add(const std::string& name,
                       NfFamily family,
                       uint8_t protocol,
                       const NfTimeoutValues& values,
                       Mode mode)
{
    if (name.empty() || name.size() > NfTimeoutPolicy::MAX_NAME)
    {
        return -EINVAL;
    }
    NfTimeoutPolicy* const old = Get(name);
    if (old && mode != Mode::REPLACE)
    {
        return mode == Mode::EXCLUSIVE ? -EEXIST : -EBUSY;
    }
    if (old && (old->family != family || old->protocol != protocol))
    {
        return -EINVAL;
    }
    const NfL4Tracker* const tracker = FindTracker(protocol);
    if (!tracker)
    {
        return -EOPNOTSUPP;
    }
    std::vector<uint32_t> seconds = tracker->GetTimeouts();
    if (!Assign(values, seconds))
    {
        return -EINVAL;
    }
    if (old)
    {
        old->seconds = std::move(seconds);
        return 0;
    }
    m_policies.push_back(std::make_unique<NfTimeoutPolicy>(
        NfTimeoutPolicy{name, family, protocol, std::move(seconds)}));
    return 0;
}

void
NfTimeoutPolicies::Forget(const NfTimeoutPolicy& policy)
{
    m_table.ForgetTimeoutPolicy(policy);
    m_policies.erase(std::find_if(m_policies.begin(), m_policies.end(), [&](const auto& p) {
        return p.get() == &policy;
    }));
}

int
NfTimeoutPolicies::Remove(std::string_view name)
{
    const NfTimeoutPolicy* const policy = Get(name);
    if (!policy)
    {
        return -ENOENT;
    }
    if (policy->uses)
    {
        return -EBUSY;
    }
    Forget(*policy);
    return 0;
}

void
NfTimeoutPolicies::RemoveUnused()
{
    for (size_t i = m_policies.size(); i-- > 0;)
    {
        if (m_policies[i]->uses == 0)
        {
            Forget(*m_policies[i]);
        }
    }
}

void
NfTimeoutPolicies::ForEach(const std::function<void(const NfTimeoutPolicy&)>& visit) const
{
    for (const auto& policy : m_policies)
    {
        visit(*policy);
    }
}

int
NfTimeoutPolicies::Acquire(std::string_view name,
                           NfFamily family,
                           uint8_t protocol,
                           const NfTimeoutPolicy*& policy,
                           std::string& log)
{
    NfTimeoutPolicy* const found = Get(name);
    if (!found)
    {
        log = "No such timeout policy \"" + std::string(name) + "\"";
        return -ENOENT;
    }
    const auto mismatch = [&](const char* layer, int number) {
        log = "Timeout policy `" + found->name + "' can only be used by " + layer +
              " protocol number " + std::to_string(number);
        return -EINVAL;
    };
    if (found->family != family)
    {
        return mismatch("L3", NumberOf(found->family));
    }
    const bool tracked = &m_table.GetTracker(protocol) != &m_table.GetTracker(0);
    if (found->protocol != (tracked ? protocol : NfTimeoutPolicy::GENERIC))
    {
        return mismatch("L4", found->protocol);
    }
    ++found->uses;
    policy = found;
    return 0;
}

void
NfTimeoutPolicies::Release(const NfTimeoutPolicy& policy)
{
    NfTimeoutPolicy* const found = Get(policy.name);
    if (found == &policy)
    {
        --found->uses;
    }
}

int
NfTimeoutPolicies::SetDefault(uint8_t protocol, const NfTimeoutValues& values)
{
    std::vector<uint32_t> seconds;
    if (int error = GetDefault(protocol, seconds))
    {
        return error;
    }
    if (!Assign(values, seconds))
    {
        return -EINVAL;
    }
    return m_table.SetTimeouts(protocol, seconds) ? 0 : -EOPNOTSUPP;
}

int
NfTimeoutPolicies::GetDefault(uint8_t protocol, std::vector<uint32_t>& seconds) const
{
    const NfL4Tracker* const tracker = FindTracker(protocol);
    if (!tracker)
    {
        return -EOPNOTSUPP;
    }
    seconds = tracker->GetTimeouts();
    return 0;
}

} // namespace ns3
