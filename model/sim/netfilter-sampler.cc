/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-sampler.h"

#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/nf-conntrack.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("NetfilterSampler");

NS_OBJECT_ENSURE_REGISTERED(NetfilterSampler);

namespace
{

/// A field of the counters that conntrack -S prints, and its name there.
struct StatField
{
    const char* name;
    uint64_t NfConntrackStats::*field;
};

constexpr StatField STAT_FIELDS[] = {
    {"found", &NfConntrackStats::found},
    {"invalid", &NfConntrackStats::invalid},
    {"insert", &NfConntrackStats::insert},
    {"insert_failed", &NfConntrackStats::insertFailed},
    {"drop", &NfConntrackStats::drop},
    {"early_drop", &NfConntrackStats::earlyDrop},
    {"error", &NfConntrackStats::error},
    {"search_restart", &NfConntrackStats::searchRestart},
    {"clash_resolve", &NfConntrackStats::clashResolve},
    {"chaintoolong", &NfConntrackStats::chainTooLong},
    {"expect_new", &NfConntrackStats::expectNew},
    {"expect_create", &NfConntrackStats::expectCreate},
    {"expect_delete", &NfConntrackStats::expectDelete},
};

/// Counters of NfCounters whose pace is a figure of its own, and what the series calls them.
constexpr std::pair<const char*, const char*> RATES[] = {
    {"conntrack-insert", "insert"},
    {"conntrack-delete", "delete"},
    {"nat-probe", "nat_probe"},
};

bool
IsDrop(const std::string& counter)
{
    return counter.rfind("drop-", 0) == 0;
}

/// Where an entry stands, for protocols without states of their own.
std::string_view
StatusName(const NfConn& conn)
{
    return conn.Has(NF_IPS_ASSURED)      ? "ASSURED"
           : conn.Has(NF_IPS_SEEN_REPLY) ? "REPLIED"
                                         : "UNREPLIED";
}

/**
 * Entries by protocol and state. There are a few dozen kinds and a million entries: kinds are told
 * apart by protocol and by where the name of the state lies, and text is made once at the end.
 */
class StateCounter
{
  public:
    void Count(uint8_t protocol, std::string_view state)
    {
        for (Kind& kind : m_kinds)
        {
            if (kind.protocol == protocol && kind.state.data() == state.data())
            {
                ++kind.count;
                return;
            }
        }
        m_kinds.push_back({protocol, state, 1});
    }

    /// @param table knows the names of the protocols
    std::map<std::string, uint64_t> GetResult(const NfConntrack& table) const
    {
        std::map<std::string, uint64_t> result;
        for (const Kind& kind : m_kinds)
        {
            std::string name;
            if (kind.protocol != NO_PROTOCOL)
            {
                const NfL4Tracker& tracker = table.GetTracker(static_cast<uint8_t>(kind.protocol));
                name = tracker.GetProtocol() == kind.protocol ? std::string(tracker.GetName())
                                                              : std::to_string(kind.protocol);
                name += ' ';
            }
            result[name + std::string(kind.state)] += kind.count;
        }
        return result;
    }

    void CountApart(std::string_view what)
    {
        for (Kind& kind : m_kinds)
        {
            if (kind.protocol == NO_PROTOCOL && kind.state.data() == what.data())
            {
                ++kind.count;
                return;
            }
        }
        m_kinds.push_back({NO_PROTOCOL, what, 1});
    }

  private:
    static constexpr uint16_t NO_PROTOCOL = 0xffff;

    struct Kind
    {
        uint16_t protocol;
        std::string_view state;
        uint64_t count;
    };

    std::vector<Kind> m_kinds; //!< few
};

} // namespace

double
NetfilterSample::Get(const std::string& series, const std::string& key) const
{
    for (const Value& value : values)
    {
        if (value.series == series && value.key == key)
        {
            return value.value;
        }
    }
    return 0;
}

TypeId
NetfilterSampler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::NetfilterSampler")
            .SetParent<Object>()
            .SetGroupName("Netfilter")
            .AddConstructor<NetfilterSampler>()
            .AddAttribute("Interval",
                          "Time between samples.",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&NetfilterSampler::m_interval),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("Start",
                          "Time of the first sample.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&NetfilterSampler::m_start),
                          MakeTimeChecker())
            .AddAttribute("Stop",
                          "No samples later than that; 0: as long as the simulation goes on.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&NetfilterSampler::m_stop),
                          MakeTimeChecker())
            .AddAttribute("States",
                          "Count entries by protocol and state. Costs a pass over the table.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&NetfilterSampler::m_states),
                          MakeBooleanChecker())
            .AddAttribute("Zones",
                          "Count entries by conntrack zone. Costs a pass over the table, the same "
                          "as that of States.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&NetfilterSampler::m_zones),
                          MakeBooleanChecker())
            .AddAttribute("ChainLengths",
                          "Count the chains of the hash table by their length. Costs a pass over "
                          "the index and nf_conntrack_buckets counters.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&NetfilterSampler::m_chainLengths),
                          MakeBooleanChecker())
            .AddTraceSource("Sample",
                            "A node was measured.",
                            MakeTraceSourceAccessor(&NetfilterSampler::m_sampleTrace),
                            "ns3::NetfilterSampler::SampleTracedCallback");
    return tid;
}

NetfilterSampler::NetfilterSampler() = default;

NetfilterSampler::~NetfilterSampler() = default;

void
NetfilterSampler::DoDispose()
{
    m_event.Cancel();
    m_event = EventId(); // which owns this sampler
    m_watched.clear();
    Object::DoDispose();
}

void
NetfilterSampler::Add(Ptr<Netfilter> netfilter)
{
    NS_LOG_FUNCTION(this << netfilter);
    const auto same = [&](const Watched& watched) { return watched.netfilter == netfilter; };
    if (std::any_of(m_watched.begin(), m_watched.end(), same))
    {
        return;
    }
    m_watched.push_back({netfilter, {}, {}, Time(-1)});
    if (m_event.IsExpired())
    {
        Simulator::ScheduleDestroy(&Object::Dispose, Ptr<Object>(this));
        const Time delay = std::max(m_start - Simulator::Now(), Time(0));
        // The event owns the sampler: it may outlive the helper that made it.
        m_event = Simulator::Schedule(delay, &NetfilterSampler::Fire, Ptr<NetfilterSampler>(this));
    }
}

NetfilterSample
NetfilterSampler::Take(Ptr<Netfilter> netfilter)
{
    for (Watched& watched : m_watched)
    {
        if (watched.netfilter == netfilter)
        {
            return Measure(watched, false);
        }
    }
    Watched stranger{netfilter, {}, {}, Time(-1)};
    return Measure(stranger, false);
}

void
NetfilterSampler::Fire()
{
    const Time now = Simulator::Now();
    if (m_stop.IsStrictlyPositive() && now > m_stop)
    {
        return;
    }
    for (Watched& watched : m_watched)
    {
        m_sampleTrace(Measure(watched, true));
    }
    // Asked before the next event is made: true when nothing else is left to happen.
    if (!Simulator::IsFinished())
    {
        m_event =
            Simulator::Schedule(m_interval, &NetfilterSampler::Fire, Ptr<NetfilterSampler>(this));
    }
}

NetfilterSample
NetfilterSampler::Measure(Watched& watched, bool remember)
{
    NetfilterSample sample;
    sample.time = Simulator::Now();
    sample.node = watched.netfilter->GetNode()->GetId();
    NfConntrack& table = watched.netfilter->GetNetns().GetConntrack();
    sample.values.push_back({"table", "count", static_cast<double>(table.GetCount())});
    sample.values.push_back({"table", "max", static_cast<double>(table.GetConfig().max)});
    sample.values.push_back({"table", "buckets", static_cast<double>(table.GetConfig().buckets)});
    uint64_t expectations = 0;
    table.ForEachExpectation([&](const NfExpectationPtr&) { ++expectations; });
    sample.values.push_back({"table", "expectations", static_cast<double>(expectations)});
    if (m_states || m_zones)
    {
        AddEntries(watched, sample);
    }
    if (m_chainLengths)
    {
        AddChains(sample, table);
    }
    AddCounters(watched, sample, remember);
    return sample;
}

void
NetfilterSampler::AddSparse(Watched& watched,
                            NetfilterSample& sample,
                            const std::string& series,
                            std::map<std::string, uint64_t>& values)
{
    for (const auto& [key, value] : values)
    {
        watched.seen.insert({series, key});
    }
    for (const auto& [seenSeries, key] : watched.seen)
    {
        if (seenSeries == series)
        {
            sample.values.push_back({series, key, static_cast<double>(values[key])});
        }
    }
}

void
NetfilterSampler::AddEntries(Watched& watched, NetfilterSample& sample) const
{
    static constexpr std::string_view UNCONFIRMED = "unconfirmed";
    static constexpr std::string_view EXPIRED = "expired";
    const NfConntrack& table = watched.netfilter->GetNetns().GetConntrack();
    const NfTime now = table.Now();
    std::array<const NfL4Tracker*, 256> trackers;
    for (size_t protocol = 0; protocol < trackers.size(); ++protocol)
    {
        trackers[protocol] = &table.GetTracker(static_cast<uint8_t>(protocol));
    }
    StateCounter states;
    std::map<uint16_t, uint64_t> zones;
    table.Inspect([&](const NfConn& conn) {
        if (m_zones)
        {
            ++zones[conn.zone];
        }
        if (!conn.IsConfirmed() || conn.Has(NF_IPS_DYING))
        {
            states.CountApart(UNCONFIRMED);
            return;
        }
        if (conn.expires <= now)
        {
            states.CountApart(EXPIRED);
            return;
        }
        const std::string_view name = trackers[conn.GetProtocol()]->GetStateName(conn);
        states.Count(conn.GetProtocol(), name.empty() ? StatusName(conn) : name);
    });
    if (m_states)
    {
        std::map<std::string, uint64_t> values = states.GetResult(table);
        AddSparse(watched, sample, "entries", values);
    }
    if (m_zones)
    {
        std::map<std::string, uint64_t> values;
        for (const auto& [zone, count] : zones)
        {
            values[std::to_string(zone)] = count;
        }
        AddSparse(watched, sample, "zone", values);
    }
}

void
NetfilterSampler::AddChains(NetfilterSample& sample, const NfConntrack& table)
{
    const std::vector<uint32_t> lengths = table.GetChainLengths();
    for (size_t length = 0; length < lengths.size(); ++length)
    {
        sample.values.push_back(
            {"chain", std::to_string(length), static_cast<double>(lengths[length])});
    }
}

void
NetfilterSampler::AddCounters(Watched& watched, NetfilterSample& sample, bool remember) const
{
    NfNetns& netns = watched.netfilter->GetNetns();
    const NfConntrackStats& stats = netns.GetConntrack().GetStats();
    for (const StatField& row : STAT_FIELDS)
    {
        sample.values.push_back({"stat", row.name, static_cast<double>(stats.*row.field)});
    }
    for (const auto& [name, value] : netns.GetCounters().GetAll())
    {
        sample.values.push_back(
            {IsDrop(name) ? "drop" : "counter", name, static_cast<double>(value)});
    }
    const double seconds = (sample.time - watched.lastTime).GetSeconds();
    for (const auto& [counter, key] : RATES)
    {
        const uint64_t total = netns.GetCounters().Get(counter);
        const bool known = watched.lastTime >= Time(0) && seconds > 0;
        const double pace = known ? static_cast<double>(total - watched.last[key]) / seconds : 0;
        sample.values.push_back({"rate", key, pace});
        if (remember)
        {
            watched.last[key] = total;
        }
    }
    if (remember)
    {
        watched.lastTime = sample.time;
    }
}

} // namespace ns3
