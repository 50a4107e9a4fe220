/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_CONTEXT_H
#define XT_CONTEXT_H

#include "../conntrack/nf-conntrack.h"
#include "../hook/nf-hook-chain.h"
#include "../hook/nf-icmp.h"
#include "../hook/nf-log.h"
#include "../hook/nf-queue.h"
#include "../hook/nf-stack.h"
#include "../hook/nf-sysctl.h"
#include "../nat/nf-nat.h"
#include "../packet/nf-clock.h"
#include "../packet/nf-counter.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeindex>

namespace ns3
{

/**
 * @ingroup netfilter
 * What extensions share among the rules and tables of one namespace (Linux: net_generic()): the
 * tables of hashlimit, the lists of recent, the estimators of RATEEST.
 */
class XtShared
{
  public:
    /// @return the one T of this namespace, default constructed on first use
    template <class T>
    T& Get()
    {
        std::shared_ptr<void>& slot = m_slots[std::type_index(typeid(T))];
        if (!slot)
        {
            slot = std::make_shared<T>();
        }
        return *static_cast<T*>(slot.get());
    }

  private:
    std::map<std::type_index, std::shared_ptr<void>> m_slots; //!< one object per type
};

/**
 * @ingroup netfilter
 * The parts of a namespace that tables and extensions may use. One per namespace, for both
 * families; everything in it outlives the tables.
 */
struct XtContext
{
    NfClock& clock;
    NfRandom& random;
    NfHooks& hooks;
    NfQueues& queues;
    NfCounters& counters;
    NfLog& log;
    NfSysctls& sysctls;
    NfStack& stack;
    NfIcmp& icmp;
    NfConntrack& conntrack;
    NfNat& nat;
    /// Adds a file below /proc/net: its path there, and who makes its text.
    std::function<void(std::string, std::function<std::string()>)> addProc;
    XtShared shared; //!< state that rules share
};

} // namespace ns3

#endif // XT_CONTEXT_H
