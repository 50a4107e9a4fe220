/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_SYNC_APPLICATION_H
#define NETFILTER_SYNC_APPLICATION_H

#include "netfilter-sync-message.h"
#include "netfilter.h"

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/nf-conntrack-event.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * Replicates a node's connection tracking table to another node over the simulated network, as
 * conntrackd(8) of conntrack-tools 1.4.7 does, so that the other can take over (failover). It runs
 * on both nodes; each keeps what the other tells in an external cache, and Commit() puts that into
 * the node's own table.
 *
 * The wire format is the module's own, see netfilter-sync-message.h; it is not conntrackd's. What
 * is replicated of an entry: tuples with zone, status (SEEN_REPLY, ASSURED), mark, timeout, NAT
 * mapping, TCP state, SCTP state and tags, sequence adjustment, labels, helper and master. What is
 * not: expectations, TCP windows (a committed connection is tracked liberally), accounting,
 * timestamps, timeout policies, a helper's own memory, security marks, SYNPROXY state.
 *
 * Flows of the node itself are not replicated unless they are translated, as conntrackd's
 * configuration ignores the node's own addresses: else each message would be news.
 *
 * The port takes messages from anybody who has the peer's address: guard it with rules. No bytes
 * that arrive there can do more than fill the cache up to its limit.
 */
class NetfilterSyncApplication : public Application, private NfConntrackListener
{
  public:
    /// How losses are dealt with: conntrackd's three modes.
    enum Mode
    {
        FTFW,    //!< numbered messages, lost ones are sent again, changes apply in order
        NOTRACK, //!< best effort: what is lost is lost
        ALARM, //!< best effort, and all is sent again from time to time; old entries are forgotten
    };

    /// What happened so far.
    struct Stats
    {
        uint64_t sent{0};         //!< DATA messages, those sent again too
        uint64_t resent{0};       //!< of them, sent again after a NACK
        uint64_t received{0};     //!< DATA messages, in any order
        uint64_t lost{0};         //!< DATA messages that never came
        uint64_t malformed{0};    //!< datagrams that are no message
        uint64_t alien{0};        //!< datagrams that another host than the peer sent
        uint64_t changesSent{0};  //!< changes in new messages
        uint64_t changesTaken{0}; //!< changes that went into the external cache
        uint64_t cacheFull{0};    //!< entries that found no room there
        uint64_t resyncs{0};      //!< full dumps asked for by the peer
        uint64_t committed{0};    //!< entries that Commit() put into the table
        uint64_t commitFailed{0}; //!< entries that the table did not take
    };

    /// @return the type
    static TypeId GetTypeId();
    NetfilterSyncApplication();
    ~NetfilterSyncApplication() override;

    /// Asks the peer for everything (conntrackd -n).
    void RequestResync();
    /// Sends everything (conntrackd -B).
    void SendBulk();
    /**
     * Puts the external cache into the node's table (conntrackd -c): connections first, then those
     * that others expected. An entry of the table that is in the way is replaced. NAT mappings are
     * made again as they were. TCP is tracked liberally unless the attribute TcpWindowTracking is
     * set; then window scales are kept and windows learned anew.
     * @return entries that are in the table now
     */
    size_t Commit();
    /// Empties the external cache (conntrackd -f external).
    void FlushExternal();
    /**
     * Takes over: Commit(), FlushExternal(), SendBulk(), as conntrackd's primary-backup.sh does for
     * "primary". Moving addresses is the caller's.
     * @return entries committed
     */
    size_t BecomePrimary();
    /**
     * Stands back: entries of the own table live for the attribute PurgeTimeout at most (conntrackd
     * -t), and RequestResync().
     */
    void BecomeBackup();

    /// @return entries of the peer that are known here
    size_t GetExternalCount() const;
    /// @return the external cache, a line per entry (conntrackd -e), sorted
    std::string GetExternalText() const;

    /// @return what happened so far
    const Stats& GetStats() const
    {
        return m_stats;
    }

    /// @param stream of the session number @return streams used
    int64_t AssignStreams(int64_t stream);

    /// A message went or came: (message, its header)
    typedef void (*MessageTracedCallback)(Ptr<const Packet> message,
                                          const NetfilterSyncHeader& header);

  protected:
    void DoDispose() override;

  private:
    using Bytes = std::vector<uint8_t>;

    /// An entry of the peer.
    struct External
    {
        NetfilterSyncEntry entry;
        Time updated; //!< when it was told last
    };

    /// Tuples are compared as bytes, and hashed so.
    struct TupleHash
    {
        size_t operator()(const NfTuple& tuple) const;
    };

    void StartApplication() override;
    void StopApplication() override;
    void OnConntrack(NfEventType type, const NfConn& conn, uint32_t events) override;
    void OnExpect(NfEventType type, const NfExpectation& expectation) override;

    NfConntrack& GetTable() const;
    bool IsLocal(const NfConn& conn) const;

    // ---- sending
    void Tell(const NetfilterSyncChange& change);
    void CloseMessage();
    void Flush();
    void ScheduleFlush();
    void SendData(const Bytes& message);
    void SendControl(NetfilterSyncType type, uint32_t first = 0, uint32_t last = 0);
    void Transmit(const Bytes& message, const NetfilterSyncHeader& header);
    void OnAlive();
    void OnRefresh();

    // ---- receiving
    void OnReceive(Ptr<Socket> socket);
    void Take(Ptr<Packet> packet);
    void TakeData(const NetfilterSyncHeader& header, const Bytes& message);
    void TakeInOrder(const NetfilterSyncHeader& header, const Bytes& message);
    void Apply(const Bytes& message);
    void ApplyChange(const NetfilterSyncChange& change);
    void NoticeSession(const NetfilterSyncHeader& header);
    void NoticeSequence(const NetfilterSyncHeader& header);
    bool HasGap() const;
    void AskAgain();
    void OnRetry();
    void GiveUpGap();
    void Acknowledge(uint32_t upTo);
    void Resend(uint32_t first, uint32_t last);

    // ---- committing
    bool CommitEntry(const External& external) const;
    NfConnPtr MakeConnection(const NetfilterSyncEntry& entry) const;
    bool SetNat(NfConn& conn, const NetfilterSyncEntry& entry) const;
    bool SetMaster(NfConn& conn, const NetfilterSyncEntry& entry) const;
    void SetProtocol(NfConn& conn, const NetfilterSyncEntry& entry) const;
    void SetExtensions(NfConn& conn, const NetfilterSyncEntry& entry) const;
    NfTime GetCommitTimeout(const External& external) const;

    Address m_peer;              //!< attribute
    uint16_t m_port{0};          //!< attribute
    Mode m_mode{FTFW};           //!< attribute
    Time m_batchInterval;        //!< attribute
    uint32_t m_messageSize{0};   //!< attribute
    uint32_t m_burst{0};         //!< attribute
    uint32_t m_window{0};        //!< attribute
    uint32_t m_resendQueue{0};   //!< attribute
    Time m_retryInterval;        //!< attribute
    uint32_t m_retries{0};       //!< attribute
    Time m_aliveInterval;        //!< attribute
    Time m_refreshTime;          //!< attribute
    Time m_cacheTimeout;         //!< attribute
    uint32_t m_cacheLimit{0};    //!< attribute
    Time m_commitTimeout;        //!< attribute
    Time m_purgeTimeout;         //!< attribute
    bool m_tcpWindow{false};     //!< attribute
    bool m_resyncOnStart{false}; //!< attribute

    Ptr<Netfilter> m_netfilter; //!< whose table
    Ptr<Socket> m_socket;
    Ptr<UniformRandomVariable> m_random; //!< for the session number
    bool m_committing{false};            //!< events are of our own making
    bool m_listening{false};             //!< the table tells us

    uint32_t m_session{0};               //!< ours
    uint32_t m_sequence{0};              //!< of the last DATA message made
    uint32_t m_transmitted{0};           //!< of the last DATA message sent
    Bytes m_open;                        //!< changes of the message under way
    std::deque<Bytes> m_waiting;         //!< DATA messages to send
    std::map<uint32_t, Bytes> m_unacked; //!< FTFW: sent ones, by sequence number
    EventId m_flushEvent;
    EventId m_aliveEvent;
    EventId m_refreshEvent;

    bool m_peerKnown{false};           //!< we have heard of a session
    uint32_t m_peerSession{0};         //!< the peer's
    uint32_t m_expected{1};            //!< next DATA message of the peer
    uint32_t m_highest{0};             //!< last one that it is known to have sent
    std::map<uint32_t, Bytes> m_early; //!< FTFW: those that came before their turn
    uint32_t m_sinceAck{0};            //!< messages since the last ACK
    uint32_t m_asked{0};               //!< NACKs for the same gap
    bool m_resyncWanted{false};        //!< FTFW: asked for a dump that has not begun yet
    EventId m_retryEvent;

    std::unordered_map<NfTuple, External, TupleHash> m_external; //!< by original tuple
    Stats m_stats;

    TracedCallback<Ptr<const Packet>, const NetfilterSyncHeader&> m_txTrace;
    TracedCallback<Ptr<const Packet>, const NetfilterSyncHeader&> m_rxTrace;
};

} // namespace ns3

#endif // NETFILTER_SYNC_APPLICATION_H
