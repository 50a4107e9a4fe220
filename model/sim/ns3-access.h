/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NS3_ACCESS_H
#define NS3_ACCESS_H

#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-raw-socket-impl.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/packet-metadata.h"
#include "ns3/packet.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-socket-base.h"
#include "ns3/traced-callback.h"

#include <list>

/**
 * @file
 * @ingroup netfilter
 * The one place that reaches members which ns-3 keeps private, so that ns-3 needs no patch. An
 * explicit instantiation may name private members ([temp.spec.general]); names and types are the
 * same from ns-3.37 to the newest release.
 */

namespace ns3
{

class Ipv6RawSocketImpl; // its header is not installed; the list is only asked whether it is empty

namespace netfilter
{

/**
 * Makes Get(Tag) return @p member.
 * @tparam Tag declares Type and the friend Get(Tag)
 * @tparam member what to reach
 */
template <class Tag, typename Tag::Type member>
struct Reach
{
    friend typename Tag::Type Get(Tag)
    {
        return member;
    }
};

/// Declares a tag for a member of type @p TYPE; @p MEMBER is instantiated once per translation
/// unit.
#define NF_REACH(TAG, MEMBER, ...)                                                                 \
    struct TAG                                                                                     \
    {                                                                                              \
        using Type = __VA_ARGS__;                                                                  \
        friend Type Get(TAG);                                                                      \
    };                                                                                             \
    template struct Reach<TAG, MEMBER>;

using RawSockets4 = std::list<Ptr<Ipv4RawSocketImpl>>;
using RawSockets6 = std::list<Ptr<Ipv6RawSocketImpl>>;
using SentTrace4 = TracedCallback<const Ipv4Header&, Ptr<const Packet>, uint32_t>;
using SentTrace6 = TracedCallback<const Ipv6Header&, Ptr<const Packet>, uint32_t>;
using RxTrace4 = TracedCallback<Ptr<const Packet>, Ptr<Ipv4>, uint32_t>;
using RxTrace6 = TracedCallback<Ptr<const Packet>, Ptr<Ipv6>, uint32_t>;
using DropTrace4 = TracedCallback<const Ipv4Header&,
                                  Ptr<const Packet>,
                                  Ipv4L3Protocol::DropReason,
                                  Ptr<Ipv4>,
                                  uint32_t>;
using DropTrace6 = TracedCallback<const Ipv6Header&,
                                  Ptr<const Packet>,
                                  Ipv6L3Protocol::DropReason,
                                  Ptr<Ipv6>,
                                  uint32_t>;

NF_REACH(Ip4Drop, &Ipv4L3Protocol::m_dropTrace, DropTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4Rx, &Ipv4L3Protocol::m_rxTrace, RxTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4SendOutgoing, &Ipv4L3Protocol::m_sendOutgoingTrace, SentTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4UnicastForward, &Ipv4L3Protocol::m_unicastForwardTrace, SentTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4MulticastForward,
         &Ipv4L3Protocol::m_multicastForwardTrace,
         SentTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4LocalDeliver, &Ipv4L3Protocol::m_localDeliverTrace, SentTrace4 Ipv4L3Protocol::*)
NF_REACH(Ip4DefaultTtl, &Ipv4L3Protocol::m_defaultTtl, uint8_t Ipv4L3Protocol::*)
NF_REACH(Ip4RawSockets, &Ipv4L3Protocol::m_sockets, RawSockets4 Ipv4L3Protocol::*)
NF_REACH(Ip4EnableDpd, &Ipv4L3Protocol::m_enableDpd, bool Ipv4L3Protocol::*)
NF_REACH(Ip4UpdateDuplicate,
         &Ipv4L3Protocol::UpdateDuplicate,
         bool (Ipv4L3Protocol::*)(Ptr<const Packet>, const Ipv4Header&))
NF_REACH(Ip4SendRealOut,
         &Ipv4L3Protocol::SendRealOut,
         void (Ipv4L3Protocol::*)(Ptr<Ipv4Route>, Ptr<Packet>, const Ipv4Header&))
NF_REACH(
    Ip4BuildHeader,
    &Ipv4L3Protocol::BuildHeader,
    Ipv4Header (
        Ipv4L3Protocol::*)(Ipv4Address, Ipv4Address, uint8_t, uint16_t, uint8_t, uint8_t, bool))

NF_REACH(Ip6Drop, &Ipv6L3Protocol::m_dropTrace, DropTrace6 Ipv6L3Protocol::*)
NF_REACH(Ip6Rx, &Ipv6L3Protocol::m_rxTrace, RxTrace6 Ipv6L3Protocol::*)
NF_REACH(Ip6SendOutgoing, &Ipv6L3Protocol::m_sendOutgoingTrace, SentTrace6 Ipv6L3Protocol::*)
NF_REACH(Ip6UnicastForward, &Ipv6L3Protocol::m_unicastForwardTrace, SentTrace6 Ipv6L3Protocol::*)
NF_REACH(Ip6LocalDeliverTrace, &Ipv6L3Protocol::m_localDeliverTrace, SentTrace6 Ipv6L3Protocol::*)
NF_REACH(Ip6DefaultTtl, &Ipv6L3Protocol::m_defaultTtl, uint8_t Ipv6L3Protocol::*)
NF_REACH(Ip6DefaultTclass, &Ipv6L3Protocol::m_defaultTclass, uint8_t Ipv6L3Protocol::*)
NF_REACH(Ip6RawSockets, &Ipv6L3Protocol::m_sockets, RawSockets6 Ipv6L3Protocol::*)
NF_REACH(Ip6StrongHost, &Ipv6L3Protocol::m_strongEndSystemModel, bool Ipv6L3Protocol::*)
NF_REACH(Ip6SendRedirect, &Ipv6L3Protocol::m_sendIcmpv6Redirect, bool Ipv6L3Protocol::*)
NF_REACH(Ip6SendRealOut,
         &Ipv6L3Protocol::SendRealOut,
         void (Ipv6L3Protocol::*)(Ptr<Ipv6Route>, Ptr<Packet>, const Ipv6Header&))
NF_REACH(Ip6LocalDeliver,
         &Ipv6L3Protocol::LocalDeliver,
         void (Ipv6L3Protocol::*)(Ptr<const Packet>, const Ipv6Header&, uint32_t))
NF_REACH(PacketBuffer, &Packet::m_buffer, Buffer Packet::*)
NF_REACH(MetadataChecking, &PacketMetadata::m_enableChecking, bool*)
NF_REACH(TcpEndPoints4, &TcpL4Protocol::m_endPoints, Ipv4EndPointDemux* TcpL4Protocol::*)
NF_REACH(TcpEndPoints6, &TcpL4Protocol::m_endPoints6, Ipv6EndPointDemux* TcpL4Protocol::*)
NF_REACH(TcpEndPoint4, &TcpSocketBase::m_endPoint, Ipv4EndPoint* TcpSocketBase::*)
NF_REACH(TcpEndPoint6, &TcpSocketBase::m_endPoint6, Ipv6EndPoint* TcpSocketBase::*)
NF_REACH(TcpIsConnected, &TcpSocketBase::m_connected, bool TcpSocketBase::*)

#undef NF_REACH

/// Argument types of RouteInput(): callbacks by value in ns-3.37, by reference from 3.39 on.
template <class>
struct RouteInputArguments;

/// Picks them from the type of the member function.
template <class C, class H, class U, class M, class L, class E>
struct RouteInputArguments<bool (
    C::*)(Ptr<const Packet>, const H&, Ptr<const NetDevice>, U, M, L, E)>
{
    using UnicastForward = U;
    using MulticastForward = M;
    using LocalDeliver = L;
    using Error = E;
};

} // namespace netfilter
} // namespace ns3

#endif // NS3_ACCESS_H
