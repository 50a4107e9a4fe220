/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_USER_HELPER_H
#define NF_USER_HELPER_H

#include "../hook/nf-queue.h"
#include "nf-helper.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/// What `nfct helper add` says of a helper (Linux: NFCTH_* attributes).
struct NfUserHelperSpec
{
    std::string name;                        //!< 1 to 15 characters: what CT --helper names
    NfFamily family{NfFamily::IPV4};         //!< IPV4 or IPV6
    uint8_t protocol{NF_IPPROTO_TCP};        //!< IP protocol of its connections
    uint16_t queue{0};                       //!< where its packets wait
    std::vector<NfExpectPolicy> policies{1}; //!< one to four, by class
    bool enabled{true};                      //!< false: packets pass unseen
};

/**
 * @ingroup netfilter
 * A helper whose work is done by the user of the library (Linux: nfnl_userspace_cthelper()): each
 * packet of its connections waits in a queue until somebody has looked at it. Nobody there: packets
 * pass, and as in Linux new connections stay out of the table.
 */
class NfUserHelper final : public NfHelper
{
  public:
    NfUserHelper(NfNat& nat, const NfUserHelperSpec& spec);

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;

    /// @return what it was made or changed with last
    const NfUserHelperSpec& GetSpec() const
    {
        return m_spec;
    }

    /// @param packet of one of its connections @return the payload, empty when there is none. Valid
    /// until the packet changes.
    NfBytes GetPayload(const NfPacket& packet) const;

    /**
     * Replaces payload bytes; lengths, checksums and later sequence numbers follow.
     * @param packet which waits
     * @param offset where in the payload
     * @param length bytes that go
     * @param insert what comes
     * @return false: it does not fit
     */
    bool Mangle(NfPacket& packet, size_t offset, size_t length, NfBytes insert);

    /// Expects a connection (NfExpectInit()). @return false: clash, no room, no such class
    bool ExpectConnection(const NfExpectationPtr& expectation);

    /**
     * Expects a connection to a translated master, and has it translated likewise.
     * @param expectation complete; its port may change
     * @param dir direction of the master in which the connection comes
     * @return the port it can be reached at, 0: none
     */
    uint16_t ExpectTranslated(const NfExpectationPtr& expectation, NfDir dir);

  private:
    friend class NfUserHelpers;

    void Retire();

    NfUserHelperSpec m_spec;            //!< as it is now
    const NfPacket* m_passing{nullptr}; //!< was looked at, is on its way
    bool m_retired{false};              //!< removed, but in memory
};

/// A packet that a helper is asked about.
struct NfUserHelperPacket
{
    NfUserHelper& helper;
    NfPacket& packet;
    NfConn& conn;   //!< its helper data (NfConnExt::helperData) is the user's
    NfCtInfo info;  //!< direction and state
    uint16_t queue; //!< with id: for Finish()
    uint32_t id;
};

/**
 * @ingroup netfilter
 * The helpers of a namespace that are made at run time (Linux: nfnetlink_cthelper.c), and the
 * queues they ask.
 *
 * @code
 * NfUserHelpers& helpers = netns.GetUserHelpers();
 * helpers.Add({"rpc", NfFamily::IPV4, NF_IPPROTO_UDP, 3, {NfExpectPolicy{1, 300, "rpc"}}});
 * helpers.Serve(3, [](NfUserHelperPacket& p) {
 *     p.helper.ExpectConnection(NfExpectInit(p.conn, 0, ...));
 *     return NfVerdict(NfVerdict::ACCEPT);
 * });
 * @endcode
 */
class NfUserHelpers
{
  public:
    /// @return ACCEPT, DROP, or QUEUE to answer later with Finish()
    using Handler = std::function<NfVerdict(NfUserHelperPacket&)>;

    /// @param nat of the namespace @param queues of the namespace; both outlive it
    NfUserHelpers(NfNat& nat, NfQueues& queues);
    ~NfUserHelpers();
    NfUserHelpers(const NfUserHelpers&) = delete;
    NfUserHelpers& operator=(const NfUserHelpers&) = delete;

    /// `nfct helper add`. @return "File exists", "Invalid argument"
    NfStatus Add(const NfUserHelperSpec& spec);
    /// Changes queue, status and the bounds of a helper's classes, whose number and names stay.
    /// @return "No such file or directory", "Invalid argument"
    NfStatus Update(const NfUserHelperSpec& spec);
    /**
     * `nfct helper delete`. Connections lose it, its expectations go; rules that assign it stay
     * and assign nothing.
     * @return "No such file or directory"
     */
    NfStatus Remove(const std::string& name, NfFamily family, uint8_t protocol);

    /// @return those there are, in the order they were added
    const std::vector<NfUserHelper*>& GetAll() const
    {
        return m_helpers;
    }

    /**
     * Has somebody look at the packets of a queue.
     * @param queue number @param handler called for each @param maxLength how many may wait
     * @return false: somebody does already
     */
    bool Serve(uint16_t queue, Handler handler, size_t maxLength = 1024);
    /// Ends Serve(); waiting packets are dropped. @param queue number
    void Unserve(uint16_t queue);
    /// The answer to a packet that was kept. @param verdict ACCEPT or DROP @return false: no such
    bool Finish(uint16_t queue, uint32_t id, NfVerdict verdict);

  private:
    /// A packet in a queue.
    struct Waiting
    {
        NfUserHelper* helper;   //!< who is asked, null: a rule queued it
        const NfPacket* packet; //!< compared, never looked into: it may be gone
    };

    NfUserHelper* Find(const std::string& name, NfFamily family, uint8_t protocol) const;
    NfUserHelper* FindOf(const NfConn& conn) const;
    void OnPacket(NfQueueEntry& entry, const Handler& handler);
    void Forget(uint16_t queue);

    NfNat& m_nat;                                               //!< of the namespace
    NfQueues& m_queues;                                         //!< of the namespace
    std::vector<NfUserHelper*> m_helpers;                       //!< the table keeps them
    std::vector<uint16_t> m_served;                             //!< queues that ask here
    std::map<std::pair<uint16_t, uint32_t>, Waiting> m_waiting; //!< by queue and id
};

} // namespace ns3

#endif // NF_USER_HELPER_H
