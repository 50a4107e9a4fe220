/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/conntrack/nf-conntrack-text.h"
#include "model/core/conntrack/nf-conntrack.h"
#include "model/core/hook/nf-queue.h"
#include "test/core/testing/nf-manual-clock.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

/**
 * @file
 * Whatever bytes come in: every tracker takes them for what it may, a small table stays small, and
 * all memory comes back. Each input is a sequence of packets, each behind two bytes: its length,
 * and in the two highest bits whether it is lost on the way and whether its checksum is looked at.
 */

namespace ns3
{
namespace
{

constexpr uint16_t LOST = 0x8000;
constexpr uint16_t CHECKSUMMED = 0x4000;
constexpr uint32_t MAX = 16;

/// Stops the fuzzer, in builds without assertions too.
void
Require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// A table in the way of packets; fresh for each input.
class House
{
  public:
    House()
    {
        m_lan.index = 2;
        m_lan.name = "lan";
        m_table.GetConfig().max = MAX;
        m_table.GetConfig().acct = 1;
        m_table.GetConfig().logInvalid = 255;
    }

    void Receive(NfBytes bytes, uint16_t flags)
    {
        std::unique_ptr<NfPacket> packet = NfPacket::Parse(bytes, false);
        if (!packet)
        {
            return;
        }
        packet->checksumOk = !(flags & CHECKSUMMED);
        const NfHookState in{packet->GetFamily(), NfHook::PRE_ROUTING, &m_lan, nullptr};
        const NfHookState out{packet->GetFamily(), NfHook::POST_ROUTING, nullptr, &m_lan};
        if (m_table.In(*packet, in) == NfVerdict::ACCEPT && !(flags & LOST))
        {
            m_table.Confirm(*packet, out);
        }
        Require(!packet->conn || packet->conn->GetUse() >= 1);
        packet.reset();
        Require(m_table.GetCount() <= MAX);
        m_table.ForEach([this](NfConn& conn) {
            Require(!NfConntrackListLine(m_table, conn, 0).empty());
            Require(m_table.GetTimeLeft(conn) >= NfTime{0});
        });
        m_clock.Advance(std::chrono::milliseconds(bytes.size() * bytes.size()));
    }

    void Close()
    {
        m_clock.Advance(std::chrono::hours(24 * 30));
        Require(m_table.GetCount() == 0);
        Require(m_clock.GetPending() <= 1);
    }

  private:
    NfManualClock m_clock;
    NfSeededRandom m_random;
    NfCounters m_counters;
    NfQueues m_queues{m_counters};
    NfHooks m_hooks{m_queues};
    NfLog m_log;
    NfSysctls m_sysctls;
    NfDevice m_lan;
    NfConntrack m_table{NfContext{m_clock, m_random, m_hooks, m_counters, m_log, m_sysctls}};
};

} // namespace
} // namespace ns3

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    using namespace ns3;
    House house;
    NfBytes rest(data, size);
    while (rest.size() >= 2)
    {
        const uint16_t head = NfReadU16(rest.data());
        const size_t length = head & ~(LOST | CHECKSUMMED);
        house.Receive(rest.Sub(2, length), head);
        rest = rest.Sub(2 + length);
    }
    house.Close();
    return 0;
}
