/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FTP_APPLICATION_H
#define FTP_APPLICATION_H

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/packet.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"

#include <functional>
#include <map>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter-examples
 * Cuts a byte stream into lines that end in CR LF.
 */
class FtpLines
{
  public:
    /**
     * Takes everything that a socket has.
     * @param socket to read from
     * @param onLine gets each complete line without its end
     */
    void Read(Ptr<Socket> socket, const std::function<void(const std::string&)>& onLine);

  private:
    std::string m_partial; //!< bytes behind the last line end
};

/**
 * @ingroup netfilter-examples
 * Sends a number of bytes over a connected socket and closes it.
 */
class FtpSender
{
  public:
    /**
     * @param socket connected
     * @param bytes how many
     * @param onDone called when all bytes are with the socket
     */
    void Start(Ptr<Socket> socket, uint64_t bytes, std::function<void()> onDone);

  private:
    void Send(Ptr<Socket> socket, uint32_t room);

    uint64_t m_left{0};             //!< still to be sent
    std::function<void()> m_onDone; //!< told once
};

/**
 * @ingroup netfilter-examples
 * An FTP server with one file (RFC 959, RFC 2428): USER, PORT, EPRT, PASV, EPSV, RETR, QUIT.
 */
class FtpServer : public Application
{
  public:
    /// @return the type id
    static TypeId GetTypeId();

  private:
    /// One client's control connection and its data connection.
    struct Session
    {
        Ptr<Socket> control;
        FtpLines lines;
        Ptr<Socket> listener; //!< PASV, EPSV: waits for the client
        Address peer;         //!< PORT, EPRT: where the client waits
        Ptr<Socket> data;     //!< the transfer's connection
        bool retrieve{false}; //!< RETR came, the data connection has not
        FtpSender sender;
    };

    void StartApplication() override;
    void StopApplication() override;
    void DoDispose() override;

    void OnAccept(Ptr<Socket> socket, const Address& from);
    void OnControl(Ptr<Socket> socket);
    void OnCommand(Session& session, const std::string& line);
    void Reply(Session& session, const std::string& text);
    void Listen(Session& session, bool extended);
    void Retrieve(Session& session);
    void OnData(Session& session, Ptr<Socket> socket);

    Address m_local;                           //!< attribute Local
    uint64_t m_fileSize{0};                    //!< attribute FileSize
    Ptr<Socket> m_socket;                      //!< listens for control connections
    std::map<Ptr<Socket>, Session> m_sessions; //!< by control connection
};

/**
 * @ingroup netfilter-examples
 * An FTP client that fetches the server's file once, by an active or a passive transfer.
 */
class FtpClient : public Application
{
  public:
    /// @return the type id
    static TypeId GetTypeId();

    /// @return bytes of the file that came
    uint64_t GetReceived() const
    {
        return m_received;
    }

    /// @return true if the server said that the transfer is complete, and said goodbye
    bool IsComplete() const
    {
        return m_complete;
    }

  private:
    void StartApplication() override;
    void StopApplication() override;
    void DoDispose() override;

    void OnConnected(Ptr<Socket> socket);
    void OnControl(Ptr<Socket> socket);
    void OnReply(const std::string& line);
    void Command(const std::string& text);
    void OpenData();
    void ConnectData(const Address& to);
    void OnDataAccept(Ptr<Socket> socket, const Address& from);
    void OnData(Ptr<Socket> socket);

    Address m_remote;                                    //!< attribute Remote
    bool m_passive{false};                               //!< attribute Passive
    bool m_extended{false};                              //!< attribute Extended
    Ptr<Socket> m_control;                               //!< to the server
    Ptr<Socket> m_listener;                              //!< active: the server connects here
    Ptr<Socket> m_data;                                  //!< the transfer's connection
    FtpLines m_lines;                                    //!< of the control connection
    uint64_t m_received{0};                              //!< bytes of the file
    bool m_complete{false};                              //!< 226 and 221 came
    bool m_transferred{false};                           //!< 226 came
    TracedCallback<const std::string&, bool> m_dialogue; //!< lines, true for the server's
};

} // namespace ns3

#endif // FTP_APPLICATION_H
