/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CTTIMEOUT_H
#define NF_CTTIMEOUT_H

#include "../packet/nf-packet.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ns3
{

class NfConntrack;
class NfL4Tracker;

/**
 * @ingroup netfilter
 * A timeout policy (Linux: struct ctnl_timeout, net/netfilter/nfnetlink_cttimeout.c): what "nfct
 * timeout add" makes and "-j CT --timeout" gives to new connections.
 */
struct NfTimeoutPolicy
{
    /// Protocol number of a policy for whatever has no tracker of its own (Linux: IPPROTO_RAW).
    static constexpr uint8_t GENERIC = 255;
    static constexpr size_t MAX_NAME = 31; //!< Linux: CTNL_TIMEOUT_NAME_MAX - 1

    std::string name;
    NfFamily family{NfFamily::IPV4}; //!< IPV4 or IPV6
    uint8_t protocol{0};             //!< IP protocol number, or GENERIC
    std::vector<uint32_t> seconds;   //!< by index of NfL4Tracker::GetTimeoutNames()
    uint32_t uses{0};                //!< rules that name it
};

/// Some timeouts of a policy: index of NfL4Tracker::GetTimeoutNames(), seconds.
using NfTimeoutValues = std::vector<std::pair<size_t, uint32_t>>;

/**
 * @ingroup netfilter
 * The timeout policies of one namespace. Changes act at once, on the connections that have a policy
 * too: they look at it with each packet.
 */
class NfTimeoutPolicies
{
  public:
    /// @param table whose connections they are for; outlives this object
    explicit NfTimeoutPolicies(NfConntrack& table)
        : m_table(table)
    {
    }

    /// What to do when the name is taken.
    enum class Mode : uint8_t
    {
        ADD,       //!< refuse: -EBUSY (what nfct does)
        EXCLUSIVE, //!< refuse: -EEXIST
        REPLACE,   //!< new values, if family and protocol are the same: else -EINVAL
    };

    /**
     * Linux: cttimeout_new_timeout(). What @p values leave out is as the sysctls are now.
     * @return 0 or a negative error number: see Mode; -EOPNOTSUPP: no such tracker; -EINVAL: name
     * empty or too long
     */
    int Add(const std::string& name,
            NfFamily family,
            uint8_t protocol,
            const NfTimeoutValues& values,
            Mode mode = Mode::ADD);

    /// Linux: cttimeout_del_timeout(). Its connections fall back to the sysctls. @return 0, -ENOENT
    /// or -EBUSY (a rule has it)
    int Remove(std::string_view name);
    /// Removes those that no rule has (nfct timeout flush).
    void RemoveUnused();

    /// @return the policy or null
    const NfTimeoutPolicy* Find(std::string_view name) const;
    /// @param visit called for each, oldest first
    void ForEach(const std::function<void(const NfTimeoutPolicy&)>& visit) const;

    /**
     * Linux: nf_ct_set_timeout(), for a rule.
     * @param name of a policy @param family of the rule @param protocol that the rule is for
     * @param policy out: kept until Release()
     * @param log what the kernel log says, without the line's newline, out
     * @return 0, -ENOENT or -EINVAL
     */
    int Acquire(std::string_view name,
                NfFamily family,
                uint8_t protocol,
                const NfTimeoutPolicy*& policy,
                std::string& log);
    /// @param policy as Acquire() gave it
    void Release(const NfTimeoutPolicy& policy);

    /// Linux: cttimeout_default_set(). What @p values leave out stays. @return 0 or -EOPNOTSUPP
    int SetDefault(uint8_t protocol, const NfTimeoutValues& values);
    /// Linux: cttimeout_default_get(). @param seconds out, by state @return 0 or -EOPNOTSUPP
    int GetDefault(uint8_t protocol, std::vector<uint32_t>& seconds) const;

    /// @param protocol IP protocol or GENERIC @return whose states a policy for it has, or null
    const NfL4Tracker* FindTracker(uint8_t protocol) const;

  private:
    NfTimeoutPolicy* Get(std::string_view name) const;
    void Forget(const NfTimeoutPolicy& policy);

    NfConntrack& m_table;
    std::vector<std::unique_ptr<NfTimeoutPolicy>> m_policies; //!< oldest first
};

} // namespace ns3

#endif // NF_CTTIMEOUT_H
