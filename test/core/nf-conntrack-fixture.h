/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_FIXTURE_H
#define NF_CONNTRACK_FIXTURE_H

#include "model/core/conntrack/nf-conntrack-text.h"
#include "model/core/conntrack/nf-conntrack.h"
#include "model/core/hook/nf-queue.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ns3
{

/// What an event listener saw, as conntrack -E would print it.
class NfEventRecorder : public NfConntrackListener
{
  public:
    explicit NfEventRecorder(NfConntrack& table)
        : m_table(table)
    {
        table.AddListener(*this);
    }

    ~NfEventRecorder() override
    {
        m_table.RemoveListener(*this);
    }

    void OnConntrack(NfEventType type, const NfConn& conn, uint32_t events) override
    {
        lines.push_back(NfConntrackEventLine(m_table, type, conn, events));
    }

    void OnExpect(NfEventType type, const NfExpectation& expectation) override
    {
        lines.push_back(NfExpectEventLine(m_table, type, expectation));
    }

    /// @return what was seen since the last call
    std::vector<std::string> Take()
    {
        return std::exchange(lines, {});
    }

    std::vector<std::string> lines;

  private:
    NfConntrack& m_table;
};

/// A table of its own with all that it needs; packets go in at PRE_ROUTING and out at POST_ROUTING.
class NfConntrackFixture : public ::testing::Test
{
  protected:
    NfManualClock clock;
    NfSeededRandom random;
    NfCounters counters;
    NfQueues queues{counters};
    NfHooks hooks{queues};
    NfLog log;
    NfSysctls sysctls;
    NfConntrack table{NfContext{clock, random, hooks, counters, log, sysctls}};
    NfDevice lan;
    NfDevice wan;

    NfConntrackFixture()
    {
        lan.index = 2;
        lan.name = "lan";
        wan.index = 3;
        wan.name = "wan";
    }

    NfHookState StateAt(const NfPacket& packet, NfHook hook)
    {
        const bool in = hook == NfHook::PRE_ROUTING;
        return {packet.GetFamily(), hook, &lan, in ? nullptr : &wan};
    }

    NfVerdict In(NfPacket& packet)
    {
        return table.In(packet, StateAt(packet, NfHook::PRE_ROUTING));
    }

    NfVerdict Confirm(NfPacket& packet)
    {
        return table.Confirm(packet, StateAt(packet, NfHook::POST_ROUTING));
    }

    /// @return "NEW", "ESTABLISHED", ... as -m conntrack --ctstate sees it; the packet goes all the
    /// way
    std::string Forward(const NfPacketBuilder& builder)
    {
        auto packet = builder.Build();
        return Forward(*packet);
    }

    std::string Forward(NfPacket& packet)
    {
        if (In(packet) == NfVerdict::DROP)
        {
            return "DROP";
        }
        const std::string state = StateName(packet);
        if (Confirm(packet) == NfVerdict::DROP)
        {
            return "DROP";
        }
        return state;
    }

    static std::string StateName(const NfPacket& packet)
    {
        if (!packet.conn)
        {
            return packet.ctInfo == NfCtInfo::UNTRACKED ? "UNTRACKED" : "INVALID";
        }
        switch (packet.ctInfo)
        {
        case NfCtInfo::NEW:
            return "NEW";
        case NfCtInfo::RELATED:
        case NfCtInfo::RELATED_REPLY:
            return "RELATED";
        default:
            return "ESTABLISHED";
        }
    }

    /// @return lines of conntrack -L, in order of the table
    std::vector<std::string> List(uint8_t output = 0)
    {
        std::vector<std::string> lines;
        table.ForEach(
            [&](NfConn& conn) { lines.push_back(NfConntrackListLine(table, conn, output)); });
        return lines;
    }

    /// @return the only line of conntrack -L, or how many there are
    std::string Only()
    {
        const std::vector<std::string> lines = List();
        return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " entries";
    }
};

} // namespace ns3

#endif // NF_CONNTRACK_FIXTURE_H
