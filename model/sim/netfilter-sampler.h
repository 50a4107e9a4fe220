/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_SAMPLER_H
#define NETFILTER_SAMPLER_H

#include "netfilter.h"

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/// What a node's netfilter looked like at one instant.
struct NetfilterSample
{
    /// One figure.
    struct Value
    {
        std::string series; //!< what is measured: "entries", "rate"; doc/time-series.rst lists them
        std::string key;    //!< of what: "tcp ESTABLISHED", "insert"
        double value;       //!< a number, or a number per second in the series "rate"
    };

    Time time;                 //!< when
    uint32_t node{0};          //!< Node::GetId()
    std::vector<Value> values; //!< by series, then by key

    /// @param series which @param key which @return its value, 0 if it is not there
    double Get(const std::string& series, const std::string& key) const;
};

/**
 * @ingroup netfilter
 * Measures the netfilter of nodes again and again: entries by protocol and state and by zone,
 * chain lengths, counters and their pace. It changes nothing in what it measures: expired entries
 * are shown as such and stay.
 *
 * Its cost is one pass over the table per sample and node with the attributes States and Zones,
 * and one over the index with ChainLengths;
 * figures are in doc/time-series.rst. Without them a sample costs the same whatever the table
 * holds. Between samples it costs nothing.
 *
 * It ends with the simulation: at the time Stop, with Simulator::Stop(), or when it finds that
 * nothing else is left to happen. (Two samplers see each other, and need one of the first two.)
 */
class NetfilterSampler : public Object
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    NetfilterSampler();
    ~NetfilterSampler() override;

    /// Measures a node from now on, at the next instant of the others.
    /// @param netfilter its netfilter; a second time is ignored
    void Add(Ptr<Netfilter> netfilter);

    /**
     * Measures a node at once, beside the regular samples. Rates are those since the last sample.
     * @param netfilter of any node
     * @return the sample; the trace source Sample does not fire
     */
    NetfilterSample Take(Ptr<Netfilter> netfilter);

    /// A node was measured: (sample)
    typedef void (*SampleTracedCallback)(const NetfilterSample& sample);

  protected:
    void DoDispose() override;

  private:
    using Key = std::pair<std::string, std::string>; //!< series and key

    /// What is remembered of a node between samples.
    struct Watched
    {
        Ptr<Netfilter> netfilter;
        std::set<Key> seen;                   //!< keys that come and go: absent ones are shown as 0
        std::map<std::string, uint64_t> last; //!< counters of the series "rate" at the last sample
        Time lastTime{-1};                    //!< of the last sample, negative: none yet
    };

    void Fire();
    NetfilterSample Measure(Watched& watched, bool remember);
    void AddEntries(Watched& watched, NetfilterSample& sample) const;
    static void AddChains(NetfilterSample& sample, const NfConntrack& table);
    void AddCounters(Watched& watched, NetfilterSample& sample, bool remember) const;
    static void AddSparse(Watched& watched,
                          NetfilterSample& sample,
                          const std::string& series,
                          std::map<std::string, uint64_t>& values);

    Time m_interval;            //!< attribute
    Time m_start;               //!< attribute
    Time m_stop;                //!< attribute
    bool m_states{true};        //!< attribute
    bool m_chainLengths{false}; //!< attribute
    bool m_zones{true};         //!< attribute

    std::vector<Watched> m_watched; //!< in the order of Add()
    EventId m_event;                //!< next Fire()
    TracedCallback<const NetfilterSample&> m_sampleTrace;
};

} // namespace ns3

#endif // NETFILTER_SAMPLER_H
