/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef HOME_APPLICATIONS_H
#define HOME_APPLICATIONS_H

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/ipv4-address.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/socket.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter-examples
 * Sends ICMP echo requests at a steady pace and counts the answers.
 */
class HomePinger : public Application
{
  public:
    /**
     * @param remote whom to ask
     * @param count how many requests
     * @param interval between two of them
     */
    HomePinger(Ipv4Address remote, uint16_t count, Time interval);

    /// @return requests that were sent
    uint16_t GetSent() const
    {
        return m_sent;
    }

    /// @return answers that came
    uint16_t GetAnswered() const
    {
        return m_answered;
    }

  private:
    void StartApplication() override;
    void StopApplication() override;
    void Send();
    void OnReceive(Ptr<Socket> socket);

    Ipv4Address m_remote;
    uint16_t m_count;
    Time m_interval;
    Ptr<Socket> m_socket;
    uint16_t m_sent{0};
    uint16_t m_answered{0};
};

/**
 * @ingroup netfilter-examples
 * Knocks at TCP and UDP ports, and counts the doors that open.
 */
class HomeScanner : public Application
{
  public:
    /**
     * @param remotes addresses and ports to try, by TCP and by UDP
     */
    explicit HomeScanner(std::vector<Address> remotes);

    /// @return ports tried, TCP and UDP counted apart
    uint32_t GetTried() const
    {
        return m_tried;
    }

    /// @return TCP connections made and UDP datagrams answered
    uint32_t GetOpen() const
    {
        return m_open;
    }

  private:
    void StartApplication() override;
    void StopApplication() override;
    void Knock(TypeId kind, Address remote);

    std::vector<Address> m_remotes;
    std::vector<Ptr<Socket>> m_sockets;
    uint32_t m_tried{0};
    uint32_t m_open{0};
};

} // namespace ns3

#endif // HOME_APPLICATIONS_H
