/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_CONNTRACK_H
#define REPLAY_CONNTRACK_H

#include "ns3/nf-conntrack-event.h"
#include "ns3/nf-conntrack-expect.h"
#include "ns3/nf-conntrack.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace replay
{

using Json = nlohmann::ordered_json;

/**
 * @param conn a confirmed connection @param table whose it is
 * @return what a netlink dump of it says (snapshot "ct")
 */
Json DescribeConnection(const ns3::NfConn& conn, const ns3::NfConntrack& table);

/// @return what a netlink dump of it says (snapshot "exp")
Json DescribeExpectation(const ns3::NfExpectation& expectation, const ns3::NfConntrack& table);

/// @param value any @return it as Python's json.dumps() writes it, which results are sorted by
std::string DumpAsPython(const Json& value);

/**
 * Writes down connections and expectations as they come, change and go, in the words of
 * conntrack -E.
 */
class EventLog : public ns3::NfConntrackListener
{
  public:
    /// @param table to listen to; outlives this object
    explicit EventLog(ns3::NfConntrack& table);
    ~EventLog() override;
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    /// @return lines since the last call
    std::vector<std::string> Take();

    void OnConntrack(ns3::NfEventType type, const ns3::NfConn& conn, uint32_t events) override;
    void OnExpect(ns3::NfEventType type, const ns3::NfExpectation& expectation) override;

  private:
    ns3::NfConntrack& m_table;
    std::vector<std::string> m_lines;
};

} // namespace replay

#endif // REPLAY_CONNTRACK_H
