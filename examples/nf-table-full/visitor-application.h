/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef VISITOR_APPLICATION_H
#define VISITOR_APPLICATION_H

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/socket.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter-examples
 * Visits a PageServer again and again, at random moments, each time over a TCP connection of its
 * own. A visit that has not got its page when patience ends has failed.
 */
class VisitorApplication : public Application
{
  public:
    /// Visits that began in one second.
    struct Second
    {
        uint32_t visits{0};
        uint32_t pages{0}; //!< those that got their page
    };

    /// @param server whom @param perSecond visits on average @param patience time a visit may take
    VisitorApplication(const Address& server, double perSecond, Time patience);

    /// @return by second of simulated time
    const std::vector<Second>& GetSeconds() const
    {
        return m_seconds;
    }

  private:
    /// A visit under way.
    struct Visit
    {
        size_t second{0};
        uint32_t received{0};
        EventId end;
    };

    void StartApplication() override;
    void StopApplication() override;
    void Begin();
    void OnConnected(Ptr<Socket> socket);
    void OnData(Ptr<Socket> socket);
    void End(Ptr<Socket> socket, bool page);

    Address m_server;
    Time m_patience;
    Ptr<ExponentialRandomVariable> m_pause;
    EventId m_next;
    std::map<Ptr<Socket>, Visit> m_visits;
    std::vector<Second> m_seconds;
};

/**
 * @ingroup netfilter-examples
 * Answers whatever comes over a TCP connection with one page, and hangs up.
 */
class PageServer : public Application
{
  public:
    static constexpr uint32_t PAGE = 1000; //!< bytes of a page

    /// @param port where to listen
    explicit PageServer(uint16_t port);

  private:
    void StartApplication() override;
    void StopApplication() override;
    void OnAccept(Ptr<Socket> socket, const Address& from);
    static void OnData(Ptr<Socket> socket);

    uint16_t m_port;
    Ptr<Socket> m_socket;
};

} // namespace ns3

#endif // VISITOR_APPLICATION_H
