/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-sip.h"

#include "../conntrack/nf-conntrack-seqadj.h"
#include "nf-helper-list.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace ns3
{

namespace
{

constexpr uint16_t SIP_PORT = 5060;
constexpr std::string_view VERSION = "SIP/2.0 ";
constexpr size_t SHORTEST_MESSAGE = 11; //!< "SIP/2.0 200"
constexpr std::string_view HEADER_END = "\r\n\r\n";
constexpr size_t MAX_MEDIA = 3; //!< descriptions looked at, as many as there are types

std::vector<NfExpectPolicy>
GetSipPolicies()
{
    return {{1, 180, "signalling"}, {4, 180, "audio"}, {4, 180, "video"}, {2, 180, "image"}};
}

/// A kind of media, and its class of expectations.
struct MediaType
{
    std::string_view name;
    NfSipClass expectClass;
};

constexpr MediaType MEDIA_TYPES[] = {{"audio ", NF_SIP_AUDIO},
                                     {"video ", NF_SIP_VIDEO},
                                     {"image ", NF_SIP_IMAGE}};

/// @return length of the first message of a stream, nothing: no complete header
std::optional<size_t>
GetMessageLength(NfFamily family, std::string_view text)
{
    const NfSipText sip(family, text);
    NfSipMatch match;
    if (sip.GetHeader(0, NfSipHeader::CONTENT_LENGTH, match) != NfSipFound::YES)
    {
        return std::nullopt;
    }
    const size_t end = text.find(HEADER_END, match.End());
    if (end == std::string_view::npos)
    {
        return std::nullopt;
    }
    const std::optional<uint32_t> length = sip.ParseNumber(match.offset);
    return length ? std::optional(end + HEADER_END.size() + *length) : std::nullopt;
}

const MediaType*
FindMediaType(std::string_view text)
{
    const auto type = std::find_if(std::begin(MEDIA_TYPES),
                                   std::end(MEDIA_TYPES),
                                   [&](const MediaType& t) { return text.starts_with(t.name); });
    return type == std::end(MEDIA_TYPES) ? nullptr : type;
}

} // namespace

NfSipHelper::NfSipHelper(NfNat& nat,
                         std::string name,
                         uint8_t protocol,
                         std::shared_ptr<const NfSipParameters> parameters)
    : NfHelper(nat, std::move(name), NfFamily::UNSPEC, protocol, GetSipPolicies()),
      m_parameters(std::move(parameters))
{
}

// ---- messages

NfVerdict
NfSipHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo info)
{
    const bool tcp = GetProtocol() == NF_IPPROTO_TCP;
    if (tcp && !IsEstablished(info))
    {
        return NfVerdict::ACCEPT;
    }
    const NfBytes payload = tcp ? GetTcpPayload(packet) : GetUdpPayload(packet);
    if (payload.empty())
    {
        return NfVerdict::ACCEPT;
    }
    m_nat.GetConntrack().Refresh(conn, info, nullptr, std::chrono::seconds(m_parameters->timeout));
    if (payload.size() < SHORTEST_MESSAGE)
    {
        return NfVerdict::ACCEPT;
    }
    if (tcp)
    {
        return HelpTcp(packet, conn, info);
    }
    NfSipMessage message{packet, conn, info, GetUdpPayload, 0, payload.size()};
    return Process(message);
}

NfVerdict
NfSipHelper::HelpTcp(NfPacket& packet, NfConn& conn, NfCtInfo info)
{
    size_t offset = 0;
    int32_t grown = 0;
    while (true)
    {
        const NfBytes rest = GetTcpPayload(packet).Sub(offset);
        const std::optional<size_t> length = GetMessageLength(conn.GetFamily(), NfText(rest));
        if (!length)
        {
            break;
        }
        if (*length > rest.size())
        {
            return NfVerdict::ACCEPT;
        }
        NfSipMessage message{packet, conn, info, GetTcpPayload, offset, *length};
        const NfVerdict verdict = Process(message);
        if (verdict != NfVerdict::ACCEPT)
        {
            return verdict;
        }
        grown += static_cast<int32_t>(message.length) - static_cast<int32_t>(*length);
        offset += message.length;
    }
    if (IsTranslated(conn) && grown != 0)
    {
        const uint32_t seq = NfReadU32(packet.PullTransport(NF_TCP_HEADER_SIZE) + NF_TCP_SEQ);
        NfSeqAdjSet(m_nat.GetConntrack(), conn, info, seq, grown);
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::Process(NfSipMessage& message)
{
    const bool response = NfStartsWithNoCase(message.View(), VERSION);
    const NfVerdict verdict = response ? ProcessResponse(message) : ProcessRequest(message);
    if (verdict != NfVerdict::ACCEPT || !IsTranslated(message.conn))
    {
        return verdict;
    }
    return Translate(message);
}

/// @return a verdict when the sequence number is missing or bad
std::optional<NfVerdict>
NfSipHelper::GetCseq(NfSipMessage& message, NfSipMatch& cseq)
{
    const NfSipText text = message.Text();
    const bool found = text.GetHeader(0, NfSipHeader::CSEQ, cseq) == NfSipFound::YES;
    const std::optional<uint32_t> number = found ? text.ParseNumber(cseq.offset) : std::nullopt;
    if (!number)
    {
        return Drop(message.packet, "cannot parse cseq");
    }
    cseq.number = *number;
    return std::nullopt;
}

NfVerdict
NfSipHelper::ProcessRequest(NfSipMessage& message)
{
    // Some phones send from a high port, but want the response at the port in their Via header.
    NfSipMatch via;
    if (message.Text().ParseUri(NfSipHeader::VIA_UDP, via) == NfSipFound::YES &&
        via.port != message.This().sport && via.addr == message.This().src)
    {
        NfSipState state = NfLoadHelperData<NfSipState>(message.conn);
        state.forcedPort = via.port;
        NfStoreHelperData(message.conn, state);
    }
    for (const Method& method : METHODS)
    {
        if (!method.request || !NfStartsWithNoCase(message.View(), method.name))
        {
            continue;
        }
        NfSipMatch cseq;
        const std::optional<NfVerdict> bad = GetCseq(message, cseq);
        return bad ? *bad : (this->*method.request)(message, cseq.number, 0);
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::ProcessResponse(NfSipMessage& message)
{
    if (message.length < SHORTEST_MESSAGE)
    {
        return NfVerdict::ACCEPT;
    }
    const uint32_t code = message.Text().ParseNumber(VERSION.size()).value_or(0);
    if (code == 0)
    {
        return Drop(message.packet, "cannot get code");
    }
    NfSipMatch cseq;
    const std::optional<NfVerdict> bad = GetCseq(message, cseq);
    if (bad)
    {
        return *bad;
    }
    const std::string_view view = message.View();
    const std::string_view word = view.substr(std::min(cseq.End() + 1, view.size()));
    for (const Method& method : METHODS)
    {
        if (method.response && NfStartsWithNoCase(word, method.name))
        {
            return (this->*method.response)(message, cseq.number, code);
        }
    }
    return NfVerdict::ACCEPT;
}

// ---- methods

const NfSipHelper::Method NfSipHelper::METHODS[6] = {
    {"INVITE", &NfSipHelper::OnInvite, &NfSipHelper::OnAnswer},
    {"UPDATE", &NfSipHelper::OnDescription, &NfSipHelper::OnAnswer},
    {"ACK", &NfSipHelper::OnDescription, nullptr},
    {"PRACK", &NfSipHelper::OnDescription, &NfSipHelper::OnAnswer},
    {"BYE", &NfSipHelper::OnBye, nullptr},
    {"REGISTER", &NfSipHelper::OnRegister, &NfSipHelper::OnRegistered},
};

NfVerdict
NfSipHelper::OnInvite(NfSipMessage& message, uint32_t cseq, uint32_t code)
{
    FlushExpectations(message.conn, true);
    const NfVerdict verdict = OnDescription(message, cseq, code);
    if (verdict == NfVerdict::ACCEPT)
    {
        NfSipState state = NfLoadHelperData<NfSipState>(message.conn);
        state.inviteCseq = cseq;
        NfStoreHelperData(message.conn, state);
    }
    return verdict;
}

NfVerdict
NfSipHelper::OnAnswer(NfSipMessage& message, uint32_t cseq, uint32_t code)
{
    if (code >= 100 && code <= 299)
    {
        return OnDescription(message, cseq, code);
    }
    if (NfLoadHelperData<NfSipState>(message.conn).inviteCseq == cseq)
    {
        FlushExpectations(message.conn, true);
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::OnBye(NfSipMessage& message, uint32_t, uint32_t)
{
    FlushExpectations(message.conn, true);
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::OnRegister(NfSipMessage& message, uint32_t cseq, uint32_t)
{
    // Connections that are calls themselves cannot register.
    if (message.conn.Has(NF_IPS_EXPECTED))
    {
        return NfVerdict::ACCEPT;
    }
    const NfSipText text = message.Text();
    NfSipMatch match;
    uint32_t expires = 0;
    if (text.GetHeader(0, NfSipHeader::EXPIRES, match) == NfSipFound::YES)
    {
        expires = text.ParseNumber(match.offset).value_or(0);
    }
    NfSipMatch contact;
    const NfSipFound found = text.ParseUri(NfSipHeader::CONTACT, contact);
    if (found == NfSipFound::BAD)
    {
        return Drop(message.packet, "cannot parse contact");
    }
    // Nobody may register others.
    if (found == NfSipFound::NO || contact.addr != message.This().src ||
        !text.IsTransport(contact.End(), GetProtocol()))
    {
        return NfVerdict::ACCEPT;
    }
    const NfSipFound own = text.ParseNumberParam(contact.End(), "expires=", match);
    if (own == NfSipFound::BAD)
    {
        return Drop(message.packet, "cannot parse expires");
    }
    expires = own == NfSipFound::YES ? match.number : expires;
    NfVerdict verdict = NfVerdict::ACCEPT;
    if (expires > 0)
    {
        const NfExpectationPtr expectation =
            NfExpectInit(message.conn,
                         NF_SIP_SIGNALLING,
                         message.conn.GetFamily(),
                         m_parameters->directSignalling ? &message.Other().src : nullptr,
                         contact.addr,
                         GetProtocol(),
                         0,
                         contact.port);
        expectation->helper = this;
        // The registrar's answer activates it; it serves any number of calls.
        expectation->flags = NF_EXPECT_PERMANENT | NF_EXPECT_INACTIVE;
        verdict = IsTranslated(message.conn) ? TranslateSignalling(message, expectation, contact)
                                             : Expect(message.packet, expectation);
    }
    if (verdict == NfVerdict::ACCEPT)
    {
        NfSipState state = NfLoadHelperData<NfSipState>(message.conn);
        state.registerCseq = cseq;
        NfStoreHelperData(message.conn, state);
    }
    return verdict;
}

NfVerdict
NfSipHelper::OnRegistered(NfSipMessage& message, uint32_t cseq, uint32_t code)
{
    // Late answers to older requests must not count.
    if (NfLoadHelperData<NfSipState>(message.conn).registerCseq != cseq ||
        (code >= 100 && code <= 199))
    {
        return NfVerdict::ACCEPT;
    }
    const NfSipText text = message.Text();
    NfSipMatch match;
    uint32_t expires = 0;
    if (text.GetHeader(0, NfSipHeader::EXPIRES, match) == NfSipFound::YES)
    {
        expires = text.ParseNumber(match.offset).value_or(0);
    }
    NfSipCursor cursor;
    while (code >= 200 && code <= 299)
    {
        NfSipMatch contact;
        const NfSipFound found = text.ParseNextUri(NfSipHeader::CONTACT, cursor, contact);
        if (found == NfSipFound::BAD)
        {
            return Drop(message.packet, "cannot parse contact");
        }
        if (found == NfSipFound::NO)
        {
            break;
        }
        if (contact.addr != message.This().dst || !text.IsTransport(contact.End(), GetProtocol()))
        {
            continue;
        }
        const NfSipFound own = text.ParseNumberParam(contact.End(), "expires=", match);
        if (own == NfSipFound::BAD)
        {
            return Drop(message.packet, "cannot parse expires");
        }
        const uint32_t lifetime = own == NfSipFound::YES ? match.number : expires;
        if (lifetime == 0)
        {
            break;
        }
        if (RefreshSignalling(message.conn, contact, lifetime))
        {
            return NfVerdict::ACCEPT;
        }
    }
    FlushExpectations(message.conn, false);
    return NfVerdict::ACCEPT;
}

// ---- session descriptions

/// Linux: process_sdp().
NfVerdict
NfSipHelper::OnDescription(NfSipMessage& message, uint32_t, uint32_t)
{
    NfSipMatch match;
    if (message.Text().GetSdp(0, NfSdpHeader::VERSION, NfSdpHeader::NONE, match) != NfSipFound::YES)
    {
        return NfVerdict::ACCEPT;
    }
    const size_t start = match.offset;
    Session session;
    if (message.Text().ParseSdpAddr(start, NfSdpHeader::CONNECTION, NfSdpHeader::MEDIA, match) ==
        NfSipFound::YES)
    {
        session.addr = session.told = match.addr; // without media it is told as it is
    }
    NfSipMatch media;
    media.offset = start;
    for (size_t known = 0; known < MAX_MEDIA;)
    {
        if (message.Text().GetSdp(media.offset, NfSdpHeader::MEDIA, NfSdpHeader::NONE, media) !=
            NfSipFound::YES)
        {
            break;
        }
        const MediaType* type = FindMediaType(message.View().substr(media.offset, media.length));
        const size_t skip = type ? type->name.size() : media.length;
        media.offset += skip;
        media.length -= skip;
        const uint32_t port = type ? message.Text().ParseNumber(media.offset).value_or(0) : 0;
        if (port == 0) // an inactive stream, or one we do not know
        {
            continue;
        }
        const NfVerdict verdict = OnMedia(message, session, media, port, type->expectClass);
        if (verdict != NfVerdict::ACCEPT)
        {
            return verdict;
        }
        known++;
    }
    if (!IsTranslated(message.conn) || !session.told)
    {
        return NfVerdict::ACCEPT;
    }
    // Linux says nothing here, it just drops.
    return MangleSession(message, start, *session.told) ? NfVerdict::ACCEPT : NfVerdict::DROP;
}

/// One media description. @param media its port
NfVerdict
NfSipHelper::OnMedia(NfSipMessage& message,
                     Session& session,
                     const NfSipMatch& media,
                     uint32_t port,
                     NfSipClass expectClass)
{
    if (port < 1024 || port > 65535)
    {
        return Drop(message.packet, "wrong port " + std::to_string(port));
    }
    NfSipMatch match;
    const bool own = message.Text().ParseSdpAddr(media.offset,
                                                 NfSdpHeader::CONNECTION,
                                                 NfSdpHeader::MEDIA,
                                                 match) == NfSipFound::YES;
    if (!own && !session.addr)
    {
        return Drop(message.packet, "cannot parse SDP message");
    }
    NfAddr addr = own ? match.addr : *session.addr;
    if (ExpectMedia(message, addr, static_cast<uint16_t>(port), expectClass, media) !=
        NfVerdict::ACCEPT)
    {
        return Drop(message.packet, "cannot add expectation for voice");
    }
    session.told = addr;
    if (!own || !IsTranslated(message.conn))
    {
        return NfVerdict::ACCEPT;
    }
    const Rewritten done = MangleSdp(message, media.offset, NfSdpHeader::CONNECTION, addr);
    return done == Rewritten::YES && MangleContentLength(message)
               ? NfVerdict(NfVerdict::ACCEPT)
               : Drop(message.packet, "cannot mangle SDP");
}

/// Linux: nf_nat_sdp_session().
bool
NfSipHelper::MangleSession(NfSipMessage& message, size_t start, const NfAddr& addr)
{
    return MangleSdp(message, start, NfSdpHeader::OWNER, addr) == Rewritten::YES &&
           MangleSdp(message, start, NfSdpHeader::CONNECTION, addr) != Rewritten::FAILED &&
           MangleContentLength(message);
}

/// Linux: set_expected_rtp_rtcp(). @param addr where media goes; what the other side is told, out
NfVerdict
NfSipHelper::ExpectMedia(NfSipMessage& message,
                         NfAddr& addr,
                         uint16_t port,
                         NfSipClass expectClass,
                         const NfSipMatch& media)
{
    const NfAddr* from = nullptr;
    if (m_parameters->directMedia)
    {
        if (addr != message.This().src)
        {
            return NfVerdict::ACCEPT;
        }
        from = &message.Other().src;
    }
    else if (m_parameters->externalMedia && IsExternal(message, addr))
    {
        return NfVerdict::ACCEPT;
    }
    bool direct = false;
    const bool known = FindDirectMedia(message, from, addr, port, expectClass, direct);
    const uint16_t base = port & ~1U;
    if (direct && !MangleMediaPort(message, media, base))
    {
        return NfVerdict::DROP;
    }
    if (known)
    {
        return NfVerdict::ACCEPT;
    }
    const NfExpectationPtr rtp = MakeMedia(message, from, addr, base, expectClass);
    const NfExpectationPtr rtcp =
        MakeMedia(message, from, addr, static_cast<uint16_t>(base + 1), expectClass);
    return IsTranslated(message.conn) && !direct ? TranslateMedia(message, rtp, rtcp, media, addr)
                                                 : ExpectPlainMedia(rtp, rtcp);
}

/// @return true for media that goes where the message goes
bool
NfSipHelper::IsExternal(const NfSipMessage& message, const NfAddr& addr) const
{
    const auto deviceTowards = [&](const NfAddr& dst) {
        const std::optional<NfRoute> route =
            m_nat.GetStack().Route(message.conn.GetFamily(), dst, {}, nullptr, 0);
        return route ? route->out : nullptr;
    };
    const NfDevice* const device = deviceTowards(addr);
    return device && device == deviceTowards(message.packet.GetIp().dst);
}

/**
 * A call between two phones on the inside shows its media twice: the one that another connection
 * expects already is used, with the address it has inside.
 * @return true: nothing more to expect
 */
bool
NfSipHelper::FindDirectMedia(const NfSipMessage& message,
                             const NfAddr* from,
                             NfAddr& addr,
                             uint16_t& port,
                             NfSipClass expectClass,
                             bool& direct)
{
    NfTuple tuple;
    tuple.family = message.conn.GetFamily();
    tuple.protocol = NF_IPPROTO_UDP;
    tuple.src = from ? *from : NfAddr{};
    tuple.zone = message.conn.zone;
    while (true)
    {
        tuple.dst = addr;
        tuple.dport = port;
        const NfExpectationPtr known = m_nat.GetConntrack().FindExpectation(tuple);
        if (!known || known->master.get() == &message.conn ||
            known->master->GetHelper() != message.conn.GetHelper() ||
            known->expectClass != expectClass)
        {
            return false;
        }
        const bool translated =
            known->savedAddr != known->tuple.dst || known->savedPort != known->tuple.dport;
        if (direct || !translated || !IsTranslated(message.conn))
        {
            return true;
        }
        addr = known->savedAddr;
        port = known->savedPort;
        direct = true;
    }
}

NfExpectationPtr
NfSipHelper::MakeMedia(const NfSipMessage& message,
                       const NfAddr* from,
                       const NfAddr& addr,
                       uint16_t port,
                       NfSipClass expectClass)
{
    return NfExpectInit(message.conn,
                        expectClass,
                        message.conn.GetFamily(),
                        from,
                        addr,
                        NF_IPPROTO_UDP,
                        0,
                        port);
}

/// The same port named twice, or by another call, counts as expected.
NfVerdict
NfSipHelper::ExpectPlainMedia(const NfExpectationPtr& rtp, const NfExpectationPtr& rtcp)
{
    NfConntrack& conntrack = m_nat.GetConntrack();
    const int first = conntrack.ExpectRelated(rtp, true);
    if (first != 0 && first != -EALREADY)
    {
        return NfVerdict::DROP;
    }
    const int second = conntrack.ExpectRelated(rtcp, true);
    if (second == 0 || second == -EALREADY)
    {
        return NfVerdict::ACCEPT;
    }
    if (first == 0)
    {
        conntrack.Unexpect(rtp);
    }
    return NfVerdict::DROP;
}

// ---- expectations

void
NfSipHelper::FlushExpectations(NfConn& conn, bool media)
{
    std::vector<NfExpectationPtr> gone;
    m_nat.GetConntrack().ForEachExpectation([&](const NfExpectationPtr& e) {
        if (e->master.get() == &conn && (e->expectClass != NF_SIP_SIGNALLING) == media)
        {
            gone.push_back(e);
        }
    });
    // Newest first, as in Linux's list; one registration at a time, media all together.
    std::reverse(gone.begin(), gone.end());
    if (!media && gone.size() > 1)
    {
        gone.resize(1);
    }
    for (const NfExpectationPtr& e : gone)
    {
        m_nat.GetConntrack().Unexpect(e);
    }
}

/// @return false: no such registration
bool
NfSipHelper::RefreshSignalling(NfConn& conn, const NfSipMatch& contact, uint32_t expires)
{
    NfConntrack& conntrack = m_nat.GetConntrack();
    bool found = false;
    conntrack.ForEachExpectation([&](const NfExpectationPtr& e) {
        if (!found && e->master.get() == &conn && e->expectClass == NF_SIP_SIGNALLING &&
            e->tuple.dst == contact.addr && e->tuple.protocol == GetProtocol() &&
            e->tuple.dport == contact.port)
        {
            e->flags &= ~uint32_t{NF_EXPECT_INACTIVE};
            e->expires = conntrack.Now() + std::chrono::seconds(expires);
            found = true;
        }
    });
    return found;
}

void
NfAddSipHelper(NfNat& nat)
{
    auto parameters = std::make_shared<NfSipParameters>();
    NfAddHelperByPorts(
        nat,
        "nf_conntrack_sip",
        "sip",
        SIP_PORT,
        [=, &nat](std::string name) -> std::unique_ptr<NfConntrackHelper> {
            nat.GetConntrack().RegisterHelper(
                std::make_unique<NfSipHelper>(nat, name, NF_IPPROTO_TCP, parameters));
            return std::make_unique<NfSipHelper>(nat, std::move(name), NF_IPPROTO_UDP, parameters);
        });
    NfSysctls& sysctls = nat.GetConntrack().GetContext().sysctls;
    NfAddParameter(sysctls,
                   "module.nf_conntrack_sip.sip_direct_signalling",
                   parameters,
                   &NfSipParameters::directSignalling,
                   1);
    NfAddParameter(sysctls,
                   "module.nf_conntrack_sip.sip_direct_media",
                   parameters,
                   &NfSipParameters::directMedia,
                   1);
    NfAddParameter(sysctls,
                   "module.nf_conntrack_sip.sip_external_media",
                   parameters,
                   &NfSipParameters::externalMedia,
                   1);
    NfAddParameter(sysctls,
                   "module.nf_conntrack_sip.sip_timeout",
                   parameters,
                   &NfSipParameters::timeout,
                   UINT32_MAX);
}

} // namespace ns3
