/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Linux: nf_conntrack_netlink.c (ctnetlink_fill_info, ctnetlink_conntrack_event)
#include "nf-conntrack-message.h"

#include <chrono>

namespace ns3
{

namespace
{

constexpr uint8_t BOTH_DIRECTIONS = 3;

/// Tuples, zones, id and status: what each message has.
NfConntrackMessage
Identify(NfConntrack& table, const NfConn& conn)
{
    NfConntrackMessage message;
    message.tuples = conn.tuples;
    message.hasPorts = table.GetTracker(conn.GetProtocol()).GetProtocol() != 0;
    if (conn.zone && conn.zoneDir == BOTH_DIRECTIONS)
    {
        message.zone = conn.zone;
    }
    for (size_t dir = 0; dir < 2; ++dir)
    {
        if (conn.zone && conn.zoneDir == 1U << dir)
        {
            message.tupleZone[dir] = conn.zone;
        }
    }
    message.status = conn.status;
    message.id = conn.GetId();
    return message;
}

/// Linux: ctnetlink_dump_timeout().
uint32_t
SecondsLeft(const NfConntrack& table, const NfConn& conn)
{
    return static_cast<uint32_t>(
        std::chrono::floor<std::chrono::seconds>(table.GetTimeLeft(conn)).count());
}

/// Linux: nf_conn's count, which expectations do not add to.
uint32_t
CountOwners(const NfConn& conn)
{
    const NfConnExt* ext = conn.GetExt();
    return conn.GetUse() - (ext ? static_cast<uint32_t>(ext->expectations.size()) : 0);
}

/// Linux: ctnetlink_dump_protoinfo().
void
AddProtocolState(NfConntrackMessage& message, NfConntrack& table, const NfConn& conn, bool destroy)
{
    message.state = table.GetTracker(conn.GetProtocol()).GetStateName(conn);
    if (conn.GetProtocol() == NF_IPPROTO_SCTP && !destroy)
    {
        message.vtag = conn.proto.sctp.vtag;
    }
}

void
AddCounters(NfConntrackMessage& message, const NfConnExt& ext)
{
    if (!ext.acct)
    {
        return;
    }
    message.counters.emplace();
    for (size_t dir = 0; dir < 2; ++dir)
    {
        (*message.counters)[dir] = {ext.acct->packets[dir], ext.acct->bytes[dir]};
    }
}

void
AddTimestamp(NfConntrackMessage& message, const NfConnExt& ext)
{
    if (ext.startTime >= 0)
    {
        message.start = ext.startTime;
    }
    if (ext.startTime >= 0 && ext.stopTime > 0)
    {
        message.stop = ext.stopTime;
    }
}

void
AddLabels(NfConntrackMessage& message, const NfConnExt& ext)
{
    if (ext.labels != std::array<uint32_t, 4>{})
    {
        message.labels = ext.labels;
    }
}

void
AddHelper(NfConntrackMessage& message, const NfConn& conn)
{
    if (const NfConntrackHelper* helper = conn.GetHelper())
    {
        message.helper = helper->GetName();
    }
}

} // namespace

NfConntrackMessage
NfConntrackDumpMessage(NfConntrack& table, const NfConn& conn, uint32_t holds)
{
    NfConntrackMessage message = Identify(table, conn);
    message.mark = conn.mark;
    // Who asks holds the entry itself; programs see the owners it has without that.
    const uint32_t owners = CountOwners(conn);
    message.use = (owners > 1 ? owners - 1 : 1) + holds;
    if (!conn.Has(NF_IPS_OFFLOAD))
    {
        message.timeout = SecondsLeft(table, conn);
        AddProtocolState(message, table, conn, false);
    }
    if (const NfConnExt* ext = conn.GetExt())
    {
        AddCounters(message, *ext);
        AddTimestamp(message, *ext);
        AddHelper(message, conn);
        AddLabels(message, *ext);
        if (ext->secmark)
        {
            message.secmark = ext->secmark;
        }
    }
    return message;
}

NfConntrackMessage
NfConntrackEventMessage(NfConntrack& table, NfEventType type, const NfConn& conn, uint32_t events)
{
    NfConntrackMessage message = Identify(table, conn);
    const NfConnExt* ext = conn.GetExt();
    const bool destroy = type == NfEventType::DESTROY;
    // Linux: ctnetlink_dump_timeout(skip_zero).
    if (const uint32_t left = SecondsLeft(table, conn); left || !destroy)
    {
        message.timeout = left;
    }
    if (destroy || events & NF_EVENT_PROTOINFO)
    {
        AddProtocolState(message, table, conn, destroy);
    }
    if (ext && destroy)
    {
        AddCounters(message, *ext);
        AddTimestamp(message, *ext);
    }
    if (ext && !destroy)
    {
        AddHelper(message, conn);
    }
    if (ext && !destroy && events & NF_EVENT_LABEL)
    {
        AddLabels(message, *ext);
    }
    if (ext && !destroy && ext->secmark)
    {
        message.secmark = ext->secmark;
    }
    if (conn.mark || events & NF_EVENT_MARK)
    {
        message.mark = conn.mark;
    }
    return message;
}

} // namespace ns3
