/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Who is told of changes, and when (Linux: nf_conntrack_ecache.c, ctnetlink_conntrack_event()).
#include "nf-conntrack-impl.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// nf_conntrack_events: 0 only by rule, 1 always, 2 while somebody listens.
enum EventsMode : uint8_t
{
    EVENTS_BY_RULE = 0,
    EVENTS_AUTO = 2,
};

constexpr uint32_t ALL_EVENTS = ~0U;

} // namespace

void
NfConntrack::Impl::AddEventCache(NfConn& conn, const NfConn* tmpl)
{
    const NfConnExt* from = tmpl ? tmpl->GetExt() : nullptr;
    const bool ruled = from && from->hasEventCache;
    uint32_t events = ruled ? from->eventMask : 0;
    uint32_t expectEvents = ruled ? from->expectEventMask : 0;
    const uint8_t mode = m_owner.m_config.events;
    if (mode == EVENTS_BY_RULE && !events && !expectEvents)
    {
        return;
    }
    if (mode == EVENTS_AUTO && m_listeners.empty())
    {
        return;
    }
    if (mode != EVENTS_BY_RULE && !events && !expectEvents)
    {
        events = ALL_EVENTS;
        expectEvents = ALL_EVENTS;
    }
    NfConnExt& ext = conn.Ext();
    ext.hasEventCache = true;
    ext.eventMask = events;
    ext.expectEventMask = expectEvents;
}

void
NfConntrack::Impl::Deliver(NfConn& conn, uint32_t events)
{
    const NfConnExt* ext = conn.GetExt();
    if (!conn.IsConfirmed() || !ext || !ext->hasEventCache || !(events & ext->eventMask))
    {
        return;
    }
    const NfEventType type = events & NF_EVENT_DESTROY                    ? NfEventType::DESTROY
                             : events & (NF_EVENT_NEW | NF_EVENT_RELATED) ? NfEventType::NEW
                                                                          : NfEventType::UPDATE;
    // A listener may take itself off the list.
    const std::vector<NfConntrackListener*> listeners = m_listeners;
    for (NfConntrackListener* listener : listeners)
    {
        listener->OnConntrack(type, conn, events);
    }
}

void
NfConntrack::Impl::DeliverCached(NfConn& conn)
{
    if (!conn.IsConfirmed() || conn.Has(NF_IPS_DYING))
    {
        return;
    }
    NfConnExt& ext = conn.Ext();
    const uint32_t events = ext.eventCache;
    ext.eventCache = 0;
    Deliver(conn, events);
}

void
NfConntrack::Impl::TellExpect(NfEventType type, const NfExpectation& expectation)
{
    const NfConnExt* ext = expectation.master ? expectation.master->GetExt() : nullptr;
    const uint32_t event = type == NfEventType::NEW ? NF_EVENT_EXPECT_NEW : NF_EVENT_EXPECT_DESTROY;
    if (!ext || !ext->hasEventCache || !(ext->expectEventMask & event))
    {
        return;
    }
    const std::vector<NfConntrackListener*> listeners = m_listeners;
    for (NfConntrackListener* listener : listeners)
    {
        listener->OnExpect(type, expectation);
    }
}

void
NfConntrack::ReportEvents(NfConn& conn, uint32_t events)
{
    m_impl->Deliver(conn, events);
}

void
NfConntrack::AddListener(NfConntrackListener& listener)
{
    m_impl->m_listeners.push_back(&listener);
}

void
NfConntrack::RemoveListener(NfConntrackListener& listener)
{
    auto& listeners = m_impl->m_listeners;
    listeners.erase(std::remove(listeners.begin(), listeners.end(), &listener), listeners.end());
}

void
NfConntrack::SetDestroyHook(Hook hook)
{
    m_impl->m_destroyHook = std::move(hook);
}

void
NfConntrack::SetInsertHook(Hook hook)
{
    m_impl->m_insertHook = std::move(hook);
}

} // namespace ns3
