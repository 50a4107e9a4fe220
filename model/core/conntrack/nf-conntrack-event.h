/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_EVENT_H
#define NF_CONNTRACK_EVENT_H

#include "nf-conn.h"

#include <cstdint>
#include <functional>

namespace ns3
{

/// Event kinds as bits (Linux: enum ip_conntrack_events, 1 << IPCT_*).
enum NfEvent : uint32_t
{
    NF_EVENT_NEW = 1U << 0,
    NF_EVENT_RELATED = 1U << 1,
    NF_EVENT_DESTROY = 1U << 2,
    NF_EVENT_REPLY = 1U << 3,
    NF_EVENT_ASSURED = 1U << 4,
    NF_EVENT_PROTOINFO = 1U << 5,
    NF_EVENT_HELPER = 1U << 6,
    NF_EVENT_MARK = 1U << 7,
    NF_EVENT_SEQADJ = 1U << 8,
    NF_EVENT_SECMARK = 1U << 9,
    NF_EVENT_LABEL = 1U << 10,
    NF_EVENT_SYNPROXY = 1U << 11,
};

/// Kinds of expectation events as bits of expectEventMask (Linux: 1 << IPEXP_*).
enum NfExpectEvent : uint32_t
{
    NF_EVENT_EXPECT_NEW = 1U << 0,
    NF_EVENT_EXPECT_DESTROY = 1U << 1,
};

/// Message type of an event, as conntrack -E prints it.
enum class NfEventType : uint8_t
{
    NEW,
    UPDATE,
    DESTROY,
};

/**
 * @ingroup netfilter
 * Sees connections come, change and go, after the packet that caused it was processed (Linux:
 * nf_ct_deliver_cached_events()), and expectations come and go.
 */
class NfConntrackListener
{
  public:
    virtual ~NfConntrackListener() = default;
    /// @param type of message @param conn as it is now @param events NfEvent bits
    virtual void OnConntrack(NfEventType type, const NfConn& conn, uint32_t events) = 0;
    /// @param type NEW or DESTROY @param expectation as it is now
    virtual void OnExpect(NfEventType type, const NfExpectation& expectation) = 0;
};

} // namespace ns3

#endif // NF_CONNTRACK_EVENT_H
