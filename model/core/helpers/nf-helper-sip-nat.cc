/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-sip.h"

#include <cerrno>

// Address translation of SIP (Linux: nf_nat_sip.c).
namespace ns3
{

namespace
{

std::string
FormatAddr(NfFamily family, const NfAddr& addr, bool brackets)
{
    const std::string text = addr.ToString(family);
    return brackets && family == NfFamily::IPV6 ? "[" + text + "]" : text;
}

std::string
FormatEndpoint(NfFamily family, const NfAddr& addr, uint16_t port)
{
    return FormatAddr(family, addr, true) + ":" + std::to_string(port);
}

} // namespace

/// Linux: nf_nat_sdp_media().
NfVerdict
NfSipHelper::TranslateMedia(NfSipMessage& message,
                            const NfExpectationPtr& rtp,
                            const NfExpectationPtr& rtcp,
                            const NfSipMatch& media,
                            NfAddr& addr)
{
    const bool same = message.This().src == message.Other().dst;
    addr = same ? rtp->tuple.dst : message.Other().dst;
    FollowCall(*rtp, message, addr);
    FollowCall(*rtcp, message, addr);
    const uint16_t port = ExpectMediaPair(rtp, rtcp);
    if (port == 0)
    {
        return Drop(message.packet, "all ports in use for SDP media");
    }
    if (port != rtp->savedPort && !MangleMediaPort(message, media, port))
    {
        m_nat.GetConntrack().Unexpect(rtp);
        m_nat.GetConntrack().Unexpect(rtcp);
        return Drop(message.packet, "cannot mangle SDP message");
    }
    return NfVerdict::ACCEPT;
}

/// @return the even port of the first free pair, 0: none
uint16_t
NfSipHelper::ExpectMediaPair(const NfExpectationPtr& rtp, const NfExpectationPtr& rtcp)
{
    NfConntrack& conntrack = m_nat.GetConntrack();
    for (uint16_t port = rtp->tuple.dport; port != 0; port = static_cast<uint16_t>(port + 2))
    {
        rtp->tuple.dport = port;
        const int first = conntrack.ExpectRelated(rtp, true);
        if (first == -EBUSY)
        {
            continue;
        }
        if (first != 0)
        {
            return 0;
        }
        rtcp->tuple.dport = static_cast<uint16_t>(port + 1);
        const int second = conntrack.ExpectRelated(rtcp, true);
        if (second == 0)
        {
            return port;
        }
        conntrack.Unexpect(rtp);
        if (second != -EBUSY)
        {
            return 0;
        }
    }
    return 0;
}

/// The expected connection is translated to the address and port named inside.
void
NfSipHelper::FollowCall(NfExpectation& expectation,
                        const NfSipMessage& message,
                        const NfAddr& addr) const
{
    expectation.savedAddr = expectation.tuple.dst;
    expectation.savedPort = expectation.tuple.dport;
    expectation.tuple.dst = addr;
    expectation.dir = !message.Dir();
    expectation.natFunction = "sip";
    expectation.expectFn = [nat = &m_nat](NfConn& conn, const NfExpectation& from) {
        OnExpected(*nat, conn, from);
    };
}

/// Linux: nf_nat_sip_expected().
void
NfSipHelper::OnExpected(NfNat& nat, NfConn& conn, const NfExpectation& expectation)
{
    const NfConn* master = conn.GetMaster();
    if (!master || conn.Has(NF_IPS_NAT_DONE_MASK))
    {
        return;
    }
    const NfTuple original = conn.GetOriginal();
    NfNatRange range;
    range.flags = NF_NAT_MAP_IPS | NF_NAT_PROTO_SPECIFIED;
    range.minPort = range.maxPort = expectation.savedPort;
    range.minAddr = range.maxAddr = expectation.savedAddr;
    nat.SetupInfo(conn, range, NfManip::DST);

    // Media that leaves gets the port that the other end was told to expect it from.
    NfExpectationPtr pair;
    nat.GetConntrack().ForEachExpectation([&](const NfExpectationPtr& e) {
        if (e->master.get() == master && e->tuple.family == original.family &&
            e->tuple.protocol == original.protocol && e->savedAddr == original.src &&
            e->savedPort == original.sport)
        {
            pair = e; // the newest
        }
    });
    if (pair)
    {
        range.minPort = range.maxPort = pair->tuple.dport;
        range.minAddr = range.maxAddr = pair->tuple.dst;
        nat.SetupInfo(conn, range, NfManip::SRC);
    }
    else if (original.src == master->GetTuple(expectation.dir).src)
    {
        range.flags = NF_NAT_MAP_IPS;
        range.minAddr = range.maxAddr = master->GetTuple(!expectation.dir).dst;
        nat.SetupInfo(conn, range, NfManip::SRC);
    }
}

// ---- rewriting

bool
NfSipHelper::Mangle(NfSipMessage& message, size_t offset, size_t length, std::string_view text)
{
    const size_t at = message.offset + offset;
    const NfBytes insert = NfTextBytes(text);
    const bool done =
        GetProtocol() == NF_IPPROTO_TCP
            ? NfNatMangleTcp(m_nat,
                             message.packet,
                             message.conn,
                             message.info,
                             at,
                             length,
                             insert,
                             false)
            : NfNatMangleUdp(m_nat, message.packet, message.conn, message.info, at, length, insert);
    message.length += done ? text.size() - length : 0;
    return done;
}

/// Replaces the address in a line of the session description.
NfSipHelper::Rewritten
NfSipHelper::MangleSdp(NfSipMessage& message, size_t from, NfSdpHeader type, const NfAddr& addr)
{
    NfSipMatch match;
    if (message.Text().GetSdp(from, type, NfSdpHeader::MEDIA, match) != NfSipFound::YES)
    {
        return Rewritten::NO;
    }
    const std::string text = FormatAddr(message.conn.GetFamily(), addr, false);
    return Mangle(message, match.offset, match.length, text) ? Rewritten::YES : Rewritten::FAILED;
}

bool
NfSipHelper::MangleContentLength(NfSipMessage& message)
{
    NfSipMatch match;
    if (message.Text().GetSdp(0, NfSdpHeader::VERSION, NfSdpHeader::NONE, match) != NfSipFound::YES)
    {
        return false;
    }
    const size_t length = message.length - match.offset + 2; // with "v="
    return message.Text().GetHeader(0, NfSipHeader::CONTENT_LENGTH, match) == NfSipFound::YES &&
           Mangle(message, match.offset, match.length, std::to_string(length));
}

bool
NfSipHelper::MangleMediaPort(NfSipMessage& message, const NfSipMatch& media, uint16_t port)
{
    return Mangle(message, media.offset, media.length, std::to_string(port)) &&
           MangleContentLength(message);
}

/// Linux: map_addr(). @return false: could not be rewritten
bool
NfSipHelper::MapAddr(NfSipMessage& message, const NfSipMatch& match)
{
    const NfTuple& here = message.This();
    const NfTuple& there = message.Other();
    NfAddr addr;
    uint16_t port = 0;
    if (here.src == match.addr && here.sport == match.port)
    {
        addr = there.dst;
        port = there.dport;
    }
    else if (here.dst == match.addr && here.dport == match.port)
    {
        const uint16_t forced = NfLoadHelperData<NfSipState>(message.conn).forcedPort;
        addr = there.src;
        port = forced ? forced : there.sport;
    }
    else
    {
        return true;
    }
    if (addr == match.addr && port == match.port)
    {
        return true;
    }
    const std::string text = FormatEndpoint(message.conn.GetFamily(), addr, port);
    return Mangle(message, match.offset, match.length, text);
}

bool
NfSipHelper::MapHeader(NfSipMessage& message, NfSipHeader type)
{
    NfSipMatch match;
    return message.Text().ParseUri(type, match) != NfSipFound::YES || MapAddr(message, match);
}

/// Linux: nf_nat_sip().
NfVerdict
NfSipHelper::Translate(NfSipMessage& message)
{
    const bool request = !NfStartsWithNoCase(message.View(), "SIP/2.0");
    NfSipMatch match;
    if (request && message.Text().ParseRequest(match) == NfSipFound::YES &&
        !MapAddr(message, match))
    {
        return Drop(message.packet, "cannot mangle SIP message");
    }
    NfVerdict verdict = TranslateVia(message, request);
    if (verdict == NfVerdict::ACCEPT)
    {
        verdict = TranslateContacts(message);
    }
    if (verdict != NfVerdict::ACCEPT)
    {
        return verdict;
    }
    if (!MapHeader(message, NfSipHeader::FROM) || !MapHeader(message, NfSipHeader::TO))
    {
        return Drop(message.packet, "cannot mangle SIP from/to");
    }
    return ForcePort(message);
}

NfVerdict
NfSipHelper::TranslateVia(NfSipMessage& message, bool request)
{
    const NfSipHeader type =
        GetProtocol() == NF_IPPROTO_TCP ? NfSipHeader::VIA_TCP : NfSipHeader::VIA_UDP;
    NfSipMatch via;
    if (message.Text().ParseUri(type, via) != NfSipFound::YES)
    {
        return NfVerdict::ACCEPT;
    }
    const NfTuple& here = message.This();
    if (via.addr != (request ? here.src : here.dst) ||
        via.port != (request ? here.sport : here.dport))
    {
        return NfVerdict::ACCEPT;
    }
    const size_t before = message.length;
    if (!MapAddr(message, via))
    {
        return Drop(message.packet, "cannot mangle Via header");
    }
    return TranslateViaParams(message, via.End() + message.length - before);
}

/// maddr= and received= (RFC 3261 18.2), rport= (RFC 3581).
NfVerdict
NfSipHelper::TranslateViaParams(NfSipMessage& message, size_t from)
{
    const NfFamily family = message.conn.GetFamily();
    const NfTuple& here = message.This();
    const NfTuple& there = message.Other();
    NfSipMatch match;
    if (message.Text().ParseAddressParam(from, "maddr=", true, match) && match.addr == here.src &&
        match.addr != there.dst &&
        !Mangle(message, match.offset, match.length, FormatAddr(family, there.dst, true)))
    {
        return Drop(message.packet, "cannot mangle maddr");
    }
    if (message.Text().ParseAddressParam(from, "received=", false, match) &&
        match.addr == here.dst && match.addr != there.src &&
        !Mangle(message, match.offset, match.length, FormatAddr(family, there.src, false)))
    {
        return Drop(message.packet, "cannot mangle received");
    }
    if (message.Text().ParseNumberParam(from, "rport=", match) == NfSipFound::YES &&
        static_cast<uint16_t>(match.number) == here.dport &&
        static_cast<uint16_t>(match.number) != there.sport &&
        !Mangle(message, match.offset, match.length, std::to_string(there.sport)))
    {
        return Drop(message.packet, "cannot mangle rport");
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::TranslateContacts(NfSipMessage& message)
{
    NfSipCursor cursor;
    NfSipMatch contact;
    while (message.Text().ParseNextUri(NfSipHeader::CONTACT, cursor, contact) == NfSipFound::YES)
    {
        if (!MapAddr(message, contact))
        {
            return Drop(message.packet, "cannot mangle contact");
        }
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSipHelper::ForcePort(NfSipMessage& message)
{
    const uint16_t forced = NfLoadHelperData<NfSipState>(message.conn).forcedPort;
    if (message.Dir() != NfDir::REPLY || forced == 0 || GetProtocol() != NF_IPPROTO_UDP)
    {
        return NfVerdict::ACCEPT;
    }
    uint8_t* udp = message.packet.MakeTransportWritable(NF_UDP_HEADER_SIZE);
    NfWriteU16(udp + 2, forced);
    return Mangle(message, 0, 0, "") ? NfVerdict(NfVerdict::ACCEPT)
                                     : Drop(message.packet, "cannot mangle packet");
}

/// Linux: nf_nat_sip_expect().
NfVerdict
NfSipHelper::TranslateSignalling(NfSipMessage& message,
                                 const NfExpectationPtr& expectation,
                                 const NfSipMatch& contact)
{
    const NfTuple& here = message.This();
    const NfTuple& there = message.Other();
    const NfAddr addr = here.src == there.dst ? expectation->tuple.dst : there.dst;
    const uint16_t forced = NfLoadHelperData<NfSipState>(message.conn).forcedPort;
    const uint16_t source = forced ? forced : here.sport;
    uint16_t port = expectation->tuple.dport == source ? there.dport : expectation->tuple.dport;
    FollowCall(*expectation, message, addr);
    for (; port != 0; port++)
    {
        expectation->tuple.dport = port;
        const int error = m_nat.GetConntrack().ExpectRelated(expectation, true);
        if (error == 0)
        {
            break;
        }
        if (error != -EBUSY)
        {
            port = 0;
            break;
        }
    }
    if (port == 0)
    {
        return Drop(message.packet, "all ports in use for SIP");
    }
    const bool changed = expectation->tuple.dst != expectation->savedAddr ||
                         expectation->tuple.dport != expectation->savedPort;
    if (changed && !Mangle(message,
                           contact.offset,
                           contact.length,
                           FormatEndpoint(message.conn.GetFamily(), addr, port)))
    {
        m_nat.GetConntrack().Unexpect(expectation);
        return Drop(message.packet, "cannot mangle packet");
    }
    return NfVerdict::ACCEPT;
}

} // namespace ns3
