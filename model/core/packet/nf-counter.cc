/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-counter.h"

namespace ns3
{

uint64_t&
NfCounters::Get(std::string_view name)
{
    auto found = m_values.find(name);
    if (found == m_values.end())
    {
        found = m_values.emplace(std::string(name), 0).first;
    }
    return found->second;
}

} // namespace ns3
