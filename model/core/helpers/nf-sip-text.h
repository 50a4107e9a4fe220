/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_SIP_TEXT_H
#define NF_SIP_TEXT_H

#include "../packet/nf-tuple.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ns3
{

/// Headers of a SIP message that the helper reads (RFC 3261 section 20).
enum class NfSipHeader : uint8_t
{
    CSEQ,
    FROM,
    TO,
    CONTACT,
    VIA_UDP,
    VIA_TCP,
    EXPIRES,
    CONTENT_LENGTH,
};

/// Lines of a session description that the helper reads (RFC 4566 section 5).
enum class NfSdpHeader : uint8_t
{
    NONE, //!< as a terminator: search to the end
    VERSION,
    OWNER,
    CONNECTION,
    MEDIA,
};

struct NfSipRow;

/// Outcome of a search.
enum class NfSipFound : uint8_t
{
    NO,  //!< not there
    YES, //!< there, and understood
    BAD, //!< there, but not understood
};

/// Where something stands in a message, and the address in it if it is one.
struct NfSipMatch
{
    size_t offset{0};
    size_t length{0};
    NfAddr addr;
    uint16_t port{0};
    uint32_t number{0};

    size_t End() const
    {
        return offset + length;
    }
};

/// A walk over the values of all headers of one kind.
struct NfSipCursor
{
    size_t offset{0};     //!< where to go on
    bool inHeader{false}; //!< further values of the same header may follow
};

/**
 * @ingroup netfilter
 * Reads SIP messages and session descriptions as Linux's helper does (nf_conntrack_sip.c,
 * ct_sip_*()): by searching, with continuation lines and compact header names, tolerant where it is
 * tolerant and strict where it is strict.
 */
class NfSipText
{
  public:
    /// @param family of the addresses @param text one message
    NfSipText(NfFamily family, std::string_view text)
        : m_family(family),
          m_text(text)
    {
    }

    /// Linux: ct_sip_parse_request(). @param match the address of the request URI
    NfSipFound ParseRequest(NfSipMatch& match) const;
    /// Linux: ct_sip_get_header(). @param from where to search @param match the value's interesting
    /// part; its offset is set for BAD too
    NfSipFound GetHeader(size_t from, NfSipHeader type, NfSipMatch& match) const;
    /// Linux: ct_sip_parse_header_uri(). @param match address and port of the first one
    NfSipFound ParseUri(NfSipHeader type, NfSipMatch& match) const;
    /// As above for all of them. @param cursor where the walk is
    NfSipFound ParseNextUri(NfSipHeader type, NfSipCursor& cursor, NfSipMatch& match) const;
    /// Linux: ct_sip_parse_address_param(). @param from where to search @param name "maddr="
    /// @param brackets IPv6 addresses must be in brackets
    bool ParseAddressParam(size_t from,
                           std::string_view name,
                           bool brackets,
                           NfSipMatch& match) const;
    /// Linux: ct_sip_parse_numerical_param(). @param match the number and where it stands
    NfSipFound ParseNumberParam(size_t from, std::string_view name, NfSipMatch& match) const;
    /// Linux: ct_sip_parse_transport(). @return false: not that of the connection
    bool IsTransport(size_t from, uint8_t protocol) const;
    /// Linux: ct_sip_get_sdp_header(). @param until stop at the first of these
    NfSipFound GetSdp(size_t from, NfSdpHeader type, NfSdpHeader until, NfSipMatch& match) const;
    /// Linux: ct_sip_parse_sdp_addr().
    NfSipFound ParseSdpAddr(size_t from,
                            NfSdpHeader type,
                            NfSdpHeader until,
                            NfSipMatch& match) const;
    /// @return the decimal number at a place, nothing if it is none, too big or too long
    std::optional<uint32_t> ParseNumber(size_t at) const;

  private:
    char At(long at) const;
    bool HasNoCase(long at, std::string_view word) const;
    long FollowContinuation(long at, long limit) const;
    long SkipWhitespace(long at) const;
    long Search(long at, long limit, std::string_view needle) const;
    long SearchLine(long at, std::string_view needle) const;
    long NextLine(long at) const;
    long FindParam(size_t from, std::string_view name) const;
    bool ParseAddr(long at, bool brackets, NfAddr& addr, long& end) const;
    bool ParsePort(long& at, uint16_t& port) const;
    long DigitsLength(long at) const;
    long AddrLength(long at) const;
    long UserAddrLength(long at, long& shift) const;
    long MediaLength(long at) const;
    long MatchLength(const NfSipRow& row, long at, long& shift) const;
    NfSipFound GetNextValue(size_t from, const NfSipRow& row, NfSipMatch& match) const;
    NfSipFound Walk(NfSipCursor& cursor, NfSipHeader type, NfSipMatch& match) const;
    NfSipFound ReadUri(NfSipMatch& match, size_t& end) const;

    NfFamily m_family;       //!< of the addresses
    std::string_view m_text; //!< one message
};

} // namespace ns3

#endif // NF_SIP_TEXT_H
