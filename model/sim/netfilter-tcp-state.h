/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TCP_STATE_H
#define NETFILTER_TCP_STATE_H

#include "netfilter-tcp-guard.h"
#include "ns3-access.h"

#include "ns3/ipv4-end-point.h"
#include "ns3/ipv6-end-point.h"
#include "ns3/object-ptr-container.h"
#include "ns3/tcp-socket-base.h"

namespace ns3
{

inline bool
NetfilterOwns(const TcpSocketBase& socket, const Ipv4EndPoint* endPoint)
{
    return socket.*Get(netfilter::TcpEndPoint4()) == endPoint;
}

inline bool
NetfilterOwns(const TcpSocketBase& socket, const Ipv6EndPoint* endPoint)
{
    return socket.*Get(netfilter::TcpEndPoint6()) == endPoint;
}

/**
 * @ingroup netfilter
 * @param tcp of the node @param endPoints what its demultiplexer finds for a segment
 * @return what waits for the segment
 */
template <class L>
NetfilterTcpState
NetfilterGetTcpState(const TcpL4Protocol& tcp, const L& endPoints)
{
    if (endPoints.empty())
    {
        return NetfilterTcpState::CLOSED;
    }
    auto* const endPoint = endPoints.front();
    if (endPoint->GetPeerPort() == 0)
    {
        return NetfilterTcpState::LISTEN;
    }
    ObjectPtrContainerValue sockets;
    tcp.GetAttribute("SocketList", sockets);
    for (auto it = sockets.Begin(); it != sockets.End(); ++it)
    {
        const auto socket = DynamicCast<TcpSocketBase>(it->second);
        if (socket && NetfilterOwns(*socket, endPoint))
        {
            const bool isConnected = PeekPointer(socket)->*Get(netfilter::TcpIsConnected());
            return isConnected ? NetfilterTcpState::CONNECTED : NetfilterTcpState::CONNECTING;
        }
    }
    return NetfilterTcpState::CONNECTING;
}

} // namespace ns3

#endif // NETFILTER_TCP_STATE_H
