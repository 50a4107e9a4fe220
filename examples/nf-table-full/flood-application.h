/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FLOOD_APPLICATION_H
#define FLOOD_APPLICATION_H

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/ipv4-address.h"
#include "ns3/netfilter.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/socket.h"

#include <cstdint>

namespace ns3
{

/// A TCP segment without payload, as raw sockets send it.
struct FloodSegment
{
    Ipv4Address src;
    Ipv4Address dst;
    uint16_t sport{0};
    uint16_t dport{0};
    uint8_t flags{0}; //!< TcpHeader::Flags_t
    uint32_t seq{0};
    uint32_t ack{0};
};

/// @param socket raw, with IpHeaderInclude
void SendFloodSegment(Ptr<Socket> socket, const FloodSegment& segment);

/**
 * @ingroup netfilter-examples
 * Sends SYNs from addresses of 10.0.0.0/8 to one port at a steady pace. The addresses are either
 * drawn at random for each, and nobody answers for them; or they are those of a number of bots,
 * which finish each handshake and then keep silent. Its node needs netfilter.
 */
class FloodApplication : public Application
{
  public:
    /**
     * @param victim whom @param port which port @param perSecond SYNs per second
     * @param bots 0: random addresses; else as many, that finish handshakes
     */
    FloodApplication(Ipv4Address victim, uint16_t port, double perSecond, uint32_t bots);

    /// @return SYNs that were sent
    uint64_t GetSent() const
    {
        return m_sent;
    }

  private:
    void StartApplication() override;
    void StopApplication() override;
    void Send();
    Ipv4Address DrawSource();
    NfVerdict OnPacket(NfPacket& packet);

    Ipv4Address m_victim;
    uint16_t m_port;
    Time m_interval;
    uint32_t m_bots;
    Ptr<Socket> m_socket;
    Ptr<UniformRandomVariable> m_random;
    EventId m_event;
    uint64_t m_sent{0};
};

/**
 * @ingroup netfilter-examples
 * Lets a server answer SYNs from 10.0.0.0/8 without keeping anything of them, as SYN cookies do; no
 * socket sees them. Everything else goes its way.
 * @param node the server, with netfilter
 */
void AnswerFloodStatelessly(Ptr<Node> node);

} // namespace ns3

#endif // FLOOD_APPLICATION_H
