/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONN_H
#define NF_CONN_H

#include "../packet/nf-clock.h"
#include "../packet/nf-packet.h"
#include "../packet/nf-tuple.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class NfConnSlab;
class NfConntrack;
class NfConntrackHelper;
class NfExpectation;
struct NfTimeoutPolicy;

/// Status bits with Linux's numbers (include/uapi/linux/netfilter/nf_conntrack_common.h, IPS_*).
enum NfConnStatus : uint32_t
{
    NF_IPS_EXPECTED = 1U << 0,
    NF_IPS_SEEN_REPLY = 1U << 1,
    NF_IPS_ASSURED = 1U << 2,
    NF_IPS_CONFIRMED = 1U << 3,
    NF_IPS_SRC_NAT = 1U << 4,
    NF_IPS_DST_NAT = 1U << 5,
    NF_IPS_NAT_MASK = NF_IPS_SRC_NAT | NF_IPS_DST_NAT,
    NF_IPS_SEQ_ADJUST = 1U << 6,
    NF_IPS_SRC_NAT_DONE = 1U << 7,
    NF_IPS_DST_NAT_DONE = 1U << 8,
    NF_IPS_NAT_DONE_MASK = NF_IPS_SRC_NAT_DONE | NF_IPS_DST_NAT_DONE,
    NF_IPS_DYING = 1U << 9,
    NF_IPS_FIXED_TIMEOUT = 1U << 10,
    NF_IPS_TEMPLATE = 1U << 11,
    NF_IPS_NAT_CLASH = 1U << 12,
    NF_IPS_HELPER = 1U << 13,
    NF_IPS_OFFLOAD = 1U << 14,
    NF_IPS_HW_OFFLOAD = 1U << 15,
};

/// Bits of NfTcpWindow::flags and NfTcpState::lastFlags with Linux's numbers (IP_CT_TCP_FLAG_*).
enum NfTcpConnFlag : uint8_t
{
    NF_TCP_FLAG_WINDOW_SCALE = 0x01,
    NF_TCP_FLAG_SACK_PERM = 0x02,
    NF_TCP_FLAG_CLOSE_INIT = 0x04, //!< sent the first FIN
    NF_TCP_FLAG_BE_LIBERAL = 0x08,
    NF_TCP_FLAG_DATA_UNACKNOWLEDGED = 0x10,
    NF_TCP_FLAG_MAXACK_SET = 0x20,
    NF_TCP_FLAG_EXP_CHALLENGE_ACK = 0x40, //!< a SYN in LAST_ACK may be answered by an ACK
    NF_TCP_FLAG_SIMULTANEOUS_OPEN = 0x80,
};

/// One direction's window as the TCP tracker knows it (Linux: struct ip_ct_tcp_state).
struct NfTcpWindow
{
    uint32_t end{0};    //!< highest sequence number sent + 1
    uint32_t maxEnd{0}; //!< highest acknowledged + window of the other side
    uint32_t maxWindow{0};
    uint32_t maxAck{0};
    uint8_t scale{0}; //!< window scale
    uint8_t flags{0}; //!< IP_CT_TCP_FLAG_* bits
};

/// State of the TCP tracker (Linux: struct ip_ct_tcp).
struct NfTcpState
{
    std::array<NfTcpWindow, 2> seen;
    uint8_t state{0}; //!< TCP_CONNTRACK_*
    uint8_t lastDir{0};
    uint8_t retrans{0};
    uint8_t lastIndex{0};
    uint32_t lastSeq{0};
    uint32_t lastAck{0};
    uint32_t lastEnd{0};
    uint16_t lastWindow{0};
    uint8_t lastScale{0};
    uint8_t lastFlags{0};
};

/// State of the SCTP tracker (Linux: struct ip_ct_sctp).
struct NfSctpState
{
    uint8_t state{0};
    std::array<uint32_t, 2> vtag{};
    std::array<uint8_t, 2> init{};
    uint8_t lastDir{0};
    uint8_t flags{0};
};

/// State of a UDP-like tracker.
struct NfUdpState
{
    int64_t streamSince{0}; //!< ns: packets later than this in both directions make a stream
};

/// State of the ICMP trackers (Linux before 2.6.33: struct ip_ct_icmp).
struct NfIcmpState
{
    uint32_t pending{0}; //!< requests without an answer, with NfKernelProfile::icmpDiesOfReply
};

/// State of the GRE tracker (Linux: struct nf_ct_gre).
struct NfGreState
{
    uint32_t streamTimeout{0}; //!< seconds
    uint32_t timeout{0};       //!< seconds
};

/// State of the DCCP tracker (Linux up to 6.16: struct nf_ct_dccp).
struct NfDccpState
{
    uint64_t handshakeSeq{0};      //!< sequence number of the server's Response
    std::array<uint8_t, 2> role{}; //!< CT_DCCP_ROLE_*, by direction
    uint8_t state{0};              //!< CT_DCCP_*
    uint8_t lastPacket{0};         //!< type of the last packet that counted or was let through
    uint8_t lastDir{0};            //!< and its direction
};

/// Room for a tracker that is not ours; zero in a new connection.
struct NfUserState
{
    std::array<uint64_t, 4> words{};
};

/// Sequence adjustment of one direction (Linux: struct nf_ct_seqadj).
struct NfSeqAdj
{
    uint32_t correctionPos{0}; //!< sequence number of the last change
    int32_t offsetBefore{0};
    int32_t offsetAfter{0};
};

/// Where packets of one direction went last (vendor extension RTCACHE: struct nf_conn_dst_cache).
struct NfCachedRoute
{
    uint32_t in{0};  //!< index of the device they come from, 0: nothing remembered
    uint32_t out{0}; //!< index of the device they leave by
    NfAddr gateway;  //!< next hop
};

/// The code points of a connection (vendor extension DSCPREMARK: struct nf_ct_dscpremark_ext).
struct NfDscpRemark
{
    std::array<uint8_t, 2> dscp{};      //!< as packets leave, by direction
    std::array<uint32_t, 2> priority{}; //!< likewise
    uint8_t known{0};                   //!< bit per direction that has been seen
    bool ruleValid{false};              //!< a DSCP target wrote one of its packets
};

/**
 * @ingroup netfilter
 * What only some connections have (Linux: struct nf_ct_ext). Allocated on first use as a whole.
 */
struct NfConnExt
{
    NfConnPtr master;                         //!< the connection that expected this one
    NfConntrackHelper* helper{nullptr};       //!< assigned helper
    std::vector<uint8_t> helperData;          //!< the helper's own bytes (Linux: nfct_help_data)
    std::array<uint8_t, 4> expecting{};       //!< live expectations per class
    std::vector<NfExpectation*> expectations; //!< live expectations of this master, oldest first
    std::unique_ptr<std::array<NfSeqAdj, 2>> seqadj;

    struct Acct
    {
        std::array<uint64_t, 2> packets{};
        std::array<uint64_t, 2> bytes{};
    };

    std::unique_ptr<Acct> acct;           //!< with nf_conntrack_acct
    uint32_t eventCache{0};               //!< NfEvent bits not yet delivered
    uint32_t eventMask{0xffffffff};       //!< CT --ctevents
    uint32_t expectEventMask{0xffffffff}; //!< CT --expevents
    bool hasEventCache{false};
    const NfTimeoutPolicy* timeoutPolicy{nullptr}; //!< CT --timeout
    int64_t startTime{-1}; //!< nf_conntrack_timestamp: ns since the epoch, -1: none
    int64_t stopTime{-1};
    std::array<uint32_t, 4> labels{}; //!< connlabels
    bool hasLabels{false};
    uint32_t synproxyIsn{0};
    uint32_t synproxyIts{0};
    uint32_t synproxyTsOff{0};
    bool hasSynproxy{false};
    uint32_t secmark{0};                                  //!< security mark (CONNSECMARK)
    std::unique_ptr<std::array<NfCachedRoute, 2>> routes; //!< with nf_conntrack_rtcache, by NfDir
    std::unique_ptr<NfDscpRemark> dscpRemark;             //!< with nf_conntrack_dscpremark_ext
};

/**
 * @ingroup netfilter
 * A tracked connection (Linux: struct nf_conn). Counted: the table, each packet and each child own
 * it.
 */
class NfConn
{
  public:
    /// @param dir which @return that direction's tuple
    const NfTuple& GetTuple(NfDir dir) const
    {
        return tuples[static_cast<size_t>(dir)];
    }

    const NfTuple& GetOriginal() const
    {
        return tuples[0];
    }

    const NfTuple& GetReply() const
    {
        return tuples[1];
    }

    uint8_t GetProtocol() const
    {
        return tuples[0].protocol;
    }

    NfFamily GetFamily() const
    {
        return tuples[0].family;
    }

    bool Has(uint32_t bits) const
    {
        return (status & bits) != 0;
    }

    bool IsConfirmed() const
    {
        return Has(NF_IPS_CONFIRMED);
    }

    bool IsTemplate() const
    {
        return Has(NF_IPS_TEMPLATE);
    }

    /// @return the extensions, made on first use
    NfConnExt& Ext()
    {
        if (!m_ext)
        {
            m_ext = std::make_unique<NfConnExt>();
        }
        return *m_ext;
    }

    /// @return the extensions, or null
    NfConnExt* GetExt() const
    {
        return m_ext.get();
    }

    /// @return the helper, or null
    NfConntrackHelper* GetHelper() const
    {
        return m_ext ? m_ext->helper : nullptr;
    }

    /// @return the connection that expected this one, or null
    NfConn* GetMaster() const
    {
        return m_ext ? m_ext->master.get() : nullptr;
    }

    /// @return one more owner (what NfConnPtr(conn) makes, without a call)
    NfConnPtr Hold()
    {
        ++m_refs;
        return NfConnPtr::Adopt(this);
    }

    std::array<NfTuple, 2> tuples; //!< by NfDir; change the reply of an unconfirmed one only
    NfTime expires{0};    //!< confirmed: absolute; unconfirmed: relative (Linux: ct->timeout)
    uint32_t status{0};   //!< NfConnStatus bits
    uint32_t mark{0};     //!< connmark
    uint16_t zone{0};     //!< zone id
    uint8_t zoneDir{3};   //!< bit per direction the zone applies to (Linux: NF_CT_ZONE_DIR_*)
    uint8_t zoneFlags{0}; //!< 1: zone is the packet mark (NF_CT_FLAG_MARK)
    uint32_t masqueradeIndex{0}; //!< out device of a MASQUERADE mapping, 0: none

    union ProtoState {
        NfTcpState tcp;
        NfSctpState sctp;
        NfUdpState udp;
        NfIcmpState icmp;
        NfGreState gre;
        NfDccpState dccp;
        NfUserState user;

        ProtoState()
            : tcp()
        {
        }
    } proto; //!< of the tracker

    NfConn* natNext{nullptr};  //!< NAT's by-source index: next of the chain (Linux: nat_bysource)
    NfConn** natLink{nullptr}; //!< what points to this one in that chain, null: not in the index

    /// @return owners: the table, packets, children (Linux: use=)
    uint32_t GetUse() const
    {
        return m_refs;
    }

    /// @return a number that names it as long as it lives (Linux: nf_ct_get_id())
    uint32_t GetId() const
    {
        return m_id;
    }

  private:
    friend class NfConnSlab;
    friend void NfRef(NfConn* conn);
    friend void NfUnref(NfConn* conn);

    NfConn() = default;
    ~NfConn() = default;

    std::unique_ptr<NfConnExt> m_ext; //!< null for plain connections
    NfConnSlab* m_slab{nullptr};      //!< gets the memory back
    uint32_t m_refs{0};               //!< owners
    uint32_t m_slot{0};               //!< place in the slab
    uint32_t m_id{0};                 //!< see GetId()
};

static_assert(sizeof(NfConn) <= 216, "with its two index entries, a connection takes 256 bytes");

} // namespace ns3

#endif // NF_CONN_H
