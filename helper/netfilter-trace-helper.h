/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TRACE_HELPER_H
#define NETFILTER_TRACE_HELPER_H

#include "ns3/netfilter-sampler.h"
#include "ns3/node-container.h"

#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * Time series of what the netfilter of nodes does, to files. doc/time-series.rst has the columns.
 *
 *     NetfilterTraceHelper trace;
 *     trace.SetAttribute("Interval", TimeValue(MilliSeconds(100)));
 *     trace.Install(gateway);
 *     trace.EnableCsv("gateway.csv");
 *
 * The helper may go out of scope: sampling goes on until the simulation ends, and the files are
 * complete after Simulator::Destroy().
 */
class NetfilterTraceHelper
{
  public:
    NetfilterTraceHelper();

    /// @param name attribute of ns3::NetfilterSampler @param value for all nodes, from now on
    void SetAttribute(const std::string& name, const AttributeValue& value);

    /// Samples a node. @param node has netfilter; fatal if not
    void Install(Ptr<Node> node);
    /// @param nodes each
    void Install(NodeContainer nodes);

    /**
     * Writes each figure of each sample as a line "time,node,series,key,value".
     * @param fileName is overwritten
     * @return false: it cannot be written
     */
    bool EnableCsv(const std::string& fileName);

    /**
     * Writes each figure of each sample as a row of the table Netfilter (run, time, node, series,
     * key, value). The file may be the one that ns3::SqliteDataOutput writes: the label of the run
     * is what relates them. Rows of an earlier run with the same label stay.
     * @param fileName an SQLite 3 database, made if it is not there
     * @param run label of this run
     * @return false: it cannot be written, or ns-3 was built without SQLite
     */
    bool EnableSqlite(const std::string& fileName, const std::string& run = "");

    /// @return what samples; its trace source Sample is for other uses
    Ptr<NetfilterSampler> GetSampler() const;

  private:
    Ptr<NetfilterSampler> m_sampler; //!< of all nodes
};

} // namespace ns3

#endif // NETFILTER_TRACE_HELPER_H
