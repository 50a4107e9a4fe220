/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_SIP_H
#define NF_HELPER_SIP_H

#include "nf-helper-text.h"
#include "nf-helper.h"
#include "nf-sip-text.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// Classes of expectations (Linux: enum sip_expectation_classes).
enum NfSipClass : uint32_t
{
    NF_SIP_SIGNALLING,
    NF_SIP_AUDIO,
    NF_SIP_VIDEO,
    NF_SIP_IMAGE,
};

/// What a connection remembers (Linux: struct nf_ct_sip_master).
struct NfSipState
{
    uint32_t registerCseq;
    uint32_t inviteCseq;
    uint16_t forcedPort; //!< where the phone wants replies, 0: where it sends from
};

/// What a namespace sets for all its SIP helpers.
struct NfSipParameters
{
    uint8_t directSignalling{1}; //!< calls come from the registrar only
    uint8_t directMedia{1};      //!< media flows between the signalling ends only
    uint8_t externalMedia{0};    //!< media behind the way of the signalling is none of ours
    uint32_t timeout{3600};      //!< seconds that a call may be silent
};

/// One message inside a packet. The packet may hold several (TCP).
struct NfSipMessage
{
    NfPacket& packet;
    NfConn& conn;
    NfCtInfo info;
    NfBytes (*payload)(const NfPacket&); //!< the transport's payload
    size_t offset;                       //!< of the message in the payload
    size_t length;

    NfSipText Text() const
    {
        return NfSipText(conn.GetFamily(), View());
    }

    std::string_view View() const
    {
        return NfText(payload(packet).Sub(offset, length));
    }

    NfDir Dir() const
    {
        return NfInfoDir(info);
    }

    const NfTuple& This() const
    {
        return conn.GetTuple(Dir());
    }

    const NfTuple& Other() const
    {
        return conn.GetTuple(!Dir());
    }
};

/**
 * SIP over UDP or TCP (Linux: nf_conntrack_sip.c, nf_nat_sip.c). Expects registered phones to be
 * called and the media of a call, and translates addresses in headers and session descriptions.
 */
class NfSipHelper final : public NfHelper
{
  public:
    /**
     * @param nat of the namespace
     * @param name "sip"
     * @param protocol UDP or TCP
     * @param parameters shared by the helpers of a namespace
     */
    NfSipHelper(NfNat& nat,
                std::string name,
                uint8_t protocol,
                std::shared_ptr<const NfSipParameters> parameters);

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;

  private:
    using Handler = NfVerdict (NfSipHelper::*)(NfSipMessage&, uint32_t cseq, uint32_t code);

    /// What to do with a method (Linux: struct sip_handler).
    struct Method
    {
        std::string_view name;
        Handler request;
        Handler response;
    };

    static const Method METHODS[6];

    /// What became of a line that should be rewritten.
    enum class Rewritten : uint8_t
    {
        NO, //!< it is not there
        YES,
        FAILED,
    };

    /// Where the media of a session goes.
    struct Session
    {
        std::optional<NfAddr> addr; //!< what the session description says
        std::optional<NfAddr> told; //!< what the other side shall be told
    };

    NfVerdict HelpTcp(NfPacket& packet, NfConn& conn, NfCtInfo info);
    NfVerdict Process(NfSipMessage& message);
    NfVerdict ProcessRequest(NfSipMessage& message);
    NfVerdict ProcessResponse(NfSipMessage& message);
    std::optional<NfVerdict> GetCseq(NfSipMessage& message, NfSipMatch& cseq);

    NfVerdict OnInvite(NfSipMessage& message, uint32_t cseq, uint32_t code);
    NfVerdict OnAnswer(NfSipMessage& message, uint32_t cseq, uint32_t code);
    NfVerdict OnDescription(NfSipMessage& message, uint32_t cseq, uint32_t code);
    NfVerdict OnBye(NfSipMessage& message, uint32_t cseq, uint32_t code);
    NfVerdict OnRegister(NfSipMessage& message, uint32_t cseq, uint32_t code);
    NfVerdict OnRegistered(NfSipMessage& message, uint32_t cseq, uint32_t code);

    NfVerdict OnMedia(NfSipMessage& message,
                      Session& session,
                      const NfSipMatch& media,
                      uint32_t port,
                      NfSipClass expectClass);
    NfVerdict ExpectMedia(NfSipMessage& message,
                          NfAddr& addr,
                          uint16_t port,
                          NfSipClass expectClass,
                          const NfSipMatch& media);
    bool IsExternal(const NfSipMessage& message, const NfAddr& addr) const;
    bool FindDirectMedia(const NfSipMessage& message,
                         const NfAddr* from,
                         NfAddr& addr,
                         uint16_t& port,
                         NfSipClass expectClass,
                         bool& direct);
    NfExpectationPtr MakeMedia(const NfSipMessage& message,
                               const NfAddr* from,
                               const NfAddr& addr,
                               uint16_t port,
                               NfSipClass expectClass);
    NfVerdict ExpectPlainMedia(const NfExpectationPtr& rtp, const NfExpectationPtr& rtcp);
    NfVerdict TranslateMedia(NfSipMessage& message,
                             const NfExpectationPtr& rtp,
                             const NfExpectationPtr& rtcp,
                             const NfSipMatch& media,
                             NfAddr& addr);
    uint16_t ExpectMediaPair(const NfExpectationPtr& rtp, const NfExpectationPtr& rtcp);
    void FlushExpectations(NfConn& conn, bool media);
    bool RefreshSignalling(NfConn& conn, const NfSipMatch& contact, uint32_t expires);

    bool Mangle(NfSipMessage& message, size_t offset, size_t length, std::string_view text);
    Rewritten MangleSdp(NfSipMessage& message, size_t from, NfSdpHeader type, const NfAddr& addr);
    bool MangleSession(NfSipMessage& message, size_t start, const NfAddr& addr);
    bool MangleContentLength(NfSipMessage& message);
    bool MangleMediaPort(NfSipMessage& message, const NfSipMatch& media, uint16_t port);
    bool MapAddr(NfSipMessage& message, const NfSipMatch& match);
    bool MapHeader(NfSipMessage& message, NfSipHeader type);
    NfVerdict Translate(NfSipMessage& message);
    NfVerdict TranslateVia(NfSipMessage& message, bool request);
    NfVerdict TranslateViaParams(NfSipMessage& message, size_t from);
    NfVerdict TranslateContacts(NfSipMessage& message);
    NfVerdict ForcePort(NfSipMessage& message);
    NfVerdict TranslateSignalling(NfSipMessage& message,
                                  const NfExpectationPtr& expectation,
                                  const NfSipMatch& contact);
    void FollowCall(NfExpectation& expectation,
                    const NfSipMessage& message,
                    const NfAddr& addr) const;
    static void OnExpected(NfNat& nat, NfConn& conn, const NfExpectation& expectation);

    std::shared_ptr<const NfSipParameters> m_parameters; //!< shared by the names of one namespace
};

} // namespace ns3

#endif // NF_HELPER_SIP_H
