/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NETNS_H
#define NF_NETNS_H

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
#include <string_view>
#include <vector>

namespace ns3
{

class IpSets;
class NfDscpRemarking;
class NfEventStream;
class NfRouteCache;
class NfUserHelpers;
class XtTables;
struct XtContext;

/**
 * @ingroup netfilter
 * A network namespace: everything netfilter keeps for one node. Several namespaces share nothing.
 */
class NfNetns
{
  public:
    /**
     * @param clock time and timers @param random random numbers @param stack the IP stack above
     * which it sits; all three outlive it
     */
    NfNetns(NfClock& clock, NfRandom& random, NfStack& stack);
    ~NfNetns();
    NfNetns(const NfNetns&) = delete;
    NfNetns& operator=(const NfNetns&) = delete;

    NfClock& GetClock()
    {
        return m_clock;
    }

    NfRandom& GetRandom()
    {
        return m_random;
    }

    NfStack& GetStack()
    {
        return m_stack;
    }

    NfCounters& GetCounters()
    {
        return m_counters;
    }

    NfLog& GetLog()
    {
        return m_log;
    }

    NfSysctls& GetSysctls()
    {
        return m_sysctls;
    }

    NfQueues& GetQueues()
    {
        return m_queues;
    }

    NfHooks& GetHooks()
    {
        return m_hooks;
    }

    /// @return what answers with ICMP errors and resets
    NfIcmp& GetIcmp()
    {
        return m_icmp;
    }

    NfConntrack& GetConntrack()
    {
        return *m_conntrack;
    }

    NfNat& GetNat()
    {
        return *m_nat;
    }

    /// @return its IP sets
    IpSets& GetSets()
    {
        return *m_sets;
    }

    /// @return the vendor extension RTCACHE, off unless net.netfilter.nf_conntrack_rtcache is 1
    NfRouteCache& GetRouteCache()
    {
        return *m_routeCache;
    }

    /// @return the vendor extension DSCPREMARK, off unless
    /// net.netfilter.nf_conntrack_dscpremark_ext is 1
    NfDscpRemarking& GetDscpRemarking()
    {
        return *m_dscpRemarking;
    }

    /// @return helpers that are made at run time
    NfUserHelpers& GetUserHelpers()
    {
        return *m_userHelpers;
    }

    /// @param family IPV4 or IPV6 @return the xtables of that family
    XtTables& GetXtables(NfFamily family);

    /**
     * Makes conntrack and NAT those of another kernel release: see doc/kernel-profiles.rst. To be
     * set before the first packet.
     * @param name "2.6", "3.10", "4.19", "5.15" or "6.18", the default
     * @return false: no such profile, nothing changed
     */
    bool SetKernelProfile(std::string_view name);

    /// Text files under /proc/net ("nf_conntrack", "nf_conntrack_expect", "ip_tables_names", ...).
    using ProcReader = std::function<std::string()>;
    /// @param name path below /proc/net @param reader makes the text
    void AddProc(std::string name, ProcReader reader);

    /// @return readers by path below /proc/net
    const std::map<std::string, ProcReader>& GetProc() const
    {
        return m_proc;
    }

    /**
     * Gives the namespace a file that tools read, in place of the one on disk: there is none.
     * @param path "/etc/xtables/connlabel.conf" @param text what is in it
     */
    void SetFile(std::string path, std::string text);
    /// @param path of a file that tools read @return its text, null: there is none
    const std::string* FindFile(const std::string& path) const;

    /// @param stream of a program that goes on; it ends at the latest with the namespace
    void AddStream(const std::shared_ptr<NfEventStream>& stream);

    /// @return a number for the next program that changes something by netlink (Linux: portid)
    uint32_t NextPort()
    {
        return ++m_lastPort;
    }

    /// @param port of the program at work, 0: none. Events then are told with it.
    void SetReporter(uint32_t port)
    {
        m_reporter = port;
    }

    /// @return as set
    uint32_t GetReporter() const
    {
        return m_reporter;
    }

  private:
    NfClock& m_clock;
    NfRandom& m_random;
    NfStack& m_stack;
    std::map<std::string, ProcReader> m_proc;
    std::map<std::string, std::string> m_files;          //!< by path
    std::vector<std::weak_ptr<NfEventStream>> m_streams; //!< some may have ended
    uint32_t m_lastPort{1000};
    uint32_t m_reporter{0};
    NfCounters m_counters;
    NfLog m_log;
    NfSysctls m_sysctls;
    NfQueues m_queues;
    NfHooks m_hooks;
    NfIcmp m_icmp;
    std::unique_ptr<NfConntrack> m_conntrack;
    std::unique_ptr<NfRouteCache> m_routeCache;
    std::unique_ptr<NfDscpRemarking> m_dscpRemarking;
    std::unique_ptr<NfNat> m_nat;
    std::unique_ptr<IpSets> m_sets;
    std::unique_ptr<NfUserHelpers> m_userHelpers;
    std::unique_ptr<XtContext> m_xtContext; //!< what tables may use
    std::unique_ptr<XtTables> m_xtables4;
    std::unique_ptr<XtTables> m_xtables6;
};

} // namespace ns3

#endif // NF_NETNS_H
