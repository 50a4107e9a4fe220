/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_COUNTER_H
#define NF_COUNTER_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ns3
{

/**
 * @ingroup netfilter
 * Named event counters of one namespace. Names are `drop-<subsystem>-<reason>` for drops and
 * `<subsystem>-<event>` for the rest.
 */
class NfCounters
{
  public:
    /**
     * @param name the counter; made with value 0 on first use
     * @return a reference that stays valid as long as this object: fetch once, increment often
     */
    uint64_t& Get(std::string_view name);

    /// @return all counters by name
    const std::map<std::string, uint64_t, std::less<>>& GetAll() const
    {
        return m_values;
    }

  private:
    std::map<std::string, uint64_t, std::less<>> m_values; //!< node based: references are stable
};

} // namespace ns3

#endif // NF_COUNTER_H
