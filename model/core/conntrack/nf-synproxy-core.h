/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_SYNPROXY_CORE_H
#define NF_SYNPROXY_CORE_H

#include "../hook/nf-stack.h"
#include "nf-conntrack.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/// TCP options that SYNPROXY knows, as bits (Linux: NF_SYNPROXY_OPT_*).
enum NfSynproxyOption : uint8_t
{
    NF_SYNPROXY_MSS = 0x01,
    NF_SYNPROXY_WSCALE = 0x02,
    NF_SYNPROXY_SACK_PERM = 0x04,
    NF_SYNPROXY_TIMESTAMP = 0x08,
    NF_SYNPROXY_ECN = 0x10,
};

/// What a rule says of the server's TCP (Linux: struct nf_synproxy_info).
struct NfSynproxyInfo
{
    uint8_t options{0}; //!< NfSynproxyOption bits that the server understands
    uint8_t wscale{0};  //!< the server's window scale
    uint16_t mss{0};    //!< the server's maximum segment size, bytes
};

/**
 * @ingroup netfilter
 * Opens TCP connections in a server's place (Linux: nf_synproxy_core.c, target SYNPROXY). A
 * client's SYN is answered with a cookie and nothing is kept; only who sends the cookie back gets a
 * connection to the server, in his own name. From then on sequence numbers and timestamps are
 * translated, as the server has chosen its own.
 *
 * The cookie holds one of four segment sizes; other options survive only in the timestamp of
 * clients that use timestamps. The hash in it is not Linux's SipHash but has its layout and its
 * lifetime of one to two minutes (Linux: secure_tcp_syn_cookie()).
 */
class NfSynproxy
{
  public:
    /// @param conntrack tracks both halves @param stack sends what is made here
    NfSynproxy(NfConntrack& conntrack, NfStack& stack);
    ~NfSynproxy();
    NfSynproxy(const NfSynproxy&) = delete;
    NfSynproxy& operator=(const NfSynproxy&) = delete;

    /// Linux: nf_synproxy_ipv4_init(). Registers the hooks that translate; counted.
    /// @param family IPV4 or IPV6
    void Enable(NfFamily family);
    /// Linux: nf_synproxy_ipv4_fini(). @param family as given to Enable()
    void Disable(NfFamily family);

    /**
     * Linux: synproxy_tg4(). What the target does with a packet from a client.
     * @param packet TCP, from the client @param info of the rule
     * @return STOLEN: answered; DROP: bad checksum, no header, wrong cookie; nothing: neither a SYN
     * nor an ACK, the next rule decides
     */
    std::optional<NfVerdict> Target(NfPacket& packet, const NfSynproxyInfo& info);

    /// @return all of /proc/net/stat/synproxy, for one processor
    std::string GetStatText() const;

  private:
    /// TCP options of a segment, or to be written into one (Linux: struct synproxy_options).
    struct Options
    {
        uint8_t options{0};
        uint8_t wscale{0};
        uint16_t mssOption{0};
        uint16_t mssEncode{0};
        uint32_t tsval{0};
        uint32_t tsecr{0};
    };

    /// A TCP segment without payload, to be made.
    struct Segment
    {
        NfFamily family{NfFamily::IPV4};
        NfAddr src;
        NfAddr dst;
        uint16_t sport{0};
        uint16_t dport{0};
        uint32_t seq{0};
        uint32_t ack{0};
        uint8_t flags{0};
        uint16_t window{0};
    };

    /// A TCP header as this class reads it.
    struct Header
    {
        uint16_t sport{0};
        uint16_t dport{0};
        uint32_t seq{0};
        uint32_t ack{0};
        uint8_t flags{0};
        uint16_t window{0};
        size_t size{0}; //!< bytes, options included
    };

    static std::optional<Header> ReadHeader(const NfPacket& packet);
    static bool ReadOptions(const NfPacket& packet, const Header& header, Options& options);
    static std::vector<uint8_t> WriteOptions(const Options& options);
    static Segment Same(const NfPacket& packet, const Header& header);
    static Segment Reverse(const NfPacket& packet, const Header& header);
    void Send(const Segment& segment,
              const Options& options,
              const NfConnPtr& conn,
              NfCtInfo info) const;

    // ---- cookies
    uint32_t Hash(const NfPacket& packet, const Header& header, uint32_t count, size_t key) const;
    uint32_t MakeCookie(const NfPacket& packet, const Header& header, uint16_t mss);
    uint16_t CheckCookie(const NfPacket& packet, const Header& header);
    uint32_t GetMinute() const;
    void Seed();
    void InitTimestampCookie(const NfSynproxyInfo& info, Options& options) const;
    static void CheckTimestampCookie(Options& options);

    // ---- both halves
    void SendClientSynAck(const NfPacket& packet, const Header& header, const Options& options);
    bool ReceiveClientAck(const NfPacket& packet,
                          const Header& header,
                          Options options,
                          uint32_t receivedSeq);
    void SendServerAck(const NfPacket& packet, const Header& header, const Options& options) const;
    void SendClientAck(const NfPacket& packet, const Header& header, const Options& options) const;

    // ---- translation
    NfVerdict Hook(NfPacket& packet, const NfHookState& state);
    NfVerdict OnOpening(NfPacket& packet, const Header& header);
    NfVerdict OnServerAnswer(NfPacket& packet, const Header& header);
    NfVerdict OnClosed(NfPacket& packet, const Header& header);
    static bool AdjustTimestamp(NfPacket& packet, const Header& header);

    NfConntrack& m_conntrack;
    NfStack& m_stack;
    NfConnPtr m_template;                              //!< of connections to servers
    std::array<uint32_t, 2> m_users{};                 //!< Enable() less Disable(): IPv4, IPv6
    std::array<std::vector<NfHookId>, 2> m_hooks;      //!< registered for them
    std::array<std::array<uint64_t, 2>, 2> m_secret{}; //!< of the cookies
    bool m_seeded{false};                              //!< m_secret is drawn

    uint64_t& m_synReceived;   //!< synproxy-syn-received
    uint64_t& m_cookieInvalid; //!< synproxy-cookie-invalid
    uint64_t& m_cookieValid;   //!< synproxy-cookie-valid
    uint64_t& m_cookieRetrans; //!< synproxy-cookie-retrans
    uint64_t& m_connReopened;  //!< synproxy-conn-reopened
};

} // namespace ns3

#endif // NF_SYNPROXY_CORE_H
