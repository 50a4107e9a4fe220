/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Which entries a command line of conntrack(8) means: its own filters (conntrack.c:nfct_filter())
// and libnetfilter_conntrack's nfct_cmp(). Both see messages, so what a message does not carry
// matches nothing, or everything, as it does there.
#include "nf-cmd-conntrack.h"
#include "nf-conntrack-options.h"

#include <algorithm>

namespace ns3
{

namespace
{

using Opt = NfConntrackOpt;

/// Options that make the tool compare entry by entry.
constexpr std::array COMPARISONS = {Opt::PROTOCOL,
                                    Opt::ORIG_SRC,
                                    Opt::ORIG_DST,
                                    Opt::REPLY_SRC,
                                    Opt::REPLY_DST,
                                    Opt::MARK,
                                    Opt::SECMARK,
                                    Opt::STATUS,
                                    Opt::ID,
                                    Opt::ZONE,
                                    Opt::LABEL,
                                    Opt::ORIG_ZONE,
                                    Opt::REPLY_ZONE};

template <class T>
bool
IsOpenOr(const std::optional<T>& wanted, const T& value)
{
    return !wanted || *wanted == value;
}

bool
IsIcmp(uint8_t protocol)
{
    return protocol == NF_IPPROTO_ICMP || protocol == NF_IPPROTO_ICMPV6;
}

/// @param strict what the message does not tell is no match
bool
PortsMatch(const NfConntrackRequest& r,
           const NfConntrackSide& side,
           const NfTuple& tuple,
           bool told,
           bool strict)
{
    if (IsIcmp(tuple.protocol))
    {
        return IsOpenOr(r.icmpId, tuple.sport) && IsOpenOr(r.icmpCode, tuple.GetIcmpCode()) &&
               IsOpenOr(r.icmpType, tuple.GetIcmpType());
    }
    // The library does not compare the keys of GRE.
    if (!NfConntrackShowsPorts(tuple.protocol))
    {
        return true;
    }
    if (!told)
    {
        return !strict || (!side.sport && !side.dport);
    }
    return IsOpenOr(side.sport, tuple.sport) && IsOpenOr(side.dport, tuple.dport);
}

/**
 * libnetfilter_conntrack: __cmp_orig(), cmp_repl().
 * @param srcIsNet the source is compared as a network instead
 * @param dstIsNet the destination is
 */
bool
SideMatches(const NfConntrackRequest& r,
            const NfConntrackSide& side,
            const NfConntrackMessage& message,
            NfDir dir,
            bool strict)
{
    const NfTuple& tuple = message.tuples[static_cast<size_t>(dir)];
    const bool orig = dir == NfDir::ORIGINAL;
    if (side.family != NfFamily::UNSPEC && side.family != tuple.family)
    {
        return false;
    }
    // The library compares types and ids of ICMP in the original direction, whatever it is asked.
    const NfTuple& ports = IsIcmp(tuple.protocol) ? message.tuples[0] : tuple;
    if (side.protocol &&
        (*side.protocol != tuple.protocol || !PortsMatch(r, side, ports, message.hasPorts, strict)))
    {
        return false;
    }
    const bool srcIsNet = orig && r.Has(Opt::MASK_SRC);
    const bool dstIsNet = orig && r.Has(Opt::MASK_DST);
    const auto& zone = r.tupleZone[static_cast<size_t>(dir)];
    return (srcIsNet || IsOpenOr(side.src, tuple.src)) &&
           (dstIsNet || IsOpenOr(side.dst, tuple.dst)) &&
           IsOpenOr(zone, message.tupleZone[static_cast<size_t>(dir)].value_or(0));
}

bool
StateMatches(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    if (!r.state)
    {
        return true;
    }
    const NfConntrackProtocol* protocol = NfConntrackFindProtocol(r.protocol);
    return protocol && protocol->states && message.state == protocol->states[*r.state];
}

/// libnetfilter_conntrack: cmp_meta().
bool
MetaMatches(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    const bool timeout = !r.timeout || (message.timeout && *r.timeout == *message.timeout);
    const bool status = !r.status || (*r.status & message.status) == *r.status;
    return IsOpenOr(r.id, message.id) && timeout && status && StateMatches(r, message) &&
           IsOpenOr(r.zone, message.zone.value_or(0));
}

/// One side of a translation: what a packet had, and what replies are sent to.
struct Translation
{
    const NfAddr& before;
    uint16_t portBefore;
    const NfAddr& after;
    uint16_t portAfter;
    bool done;
};

bool
IsTranslated(const NfConntrackNat& wanted, const Translation& t)
{
    const bool addr = t.done && !(t.before == t.after);
    const bool port = t.done && t.portBefore != t.portAfter;
    // The tool looks at IPv4 addresses only.
    const bool checksAddr = wanted.family == NfFamily::IPV4;
    if (!checksAddr && !wanted.port)
    {
        return addr || port;
    }
    return (!checksAddr || (addr && wanted.addr == t.after)) &&
           (!wanted.port || (port && *wanted.port == t.portAfter));
}

bool
NatMatches(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    const NfTuple& orig = message.tuples[0];
    const NfTuple& reply = message.tuples[1];
    const Translation src{orig.src,
                          orig.sport,
                          reply.dst,
                          IsIcmp(orig.protocol) ? orig.sport : reply.dport,
                          (message.status & NF_IPS_SRC_NAT_DONE) != 0};
    const Translation dst{orig.dst,
                          orig.dport,
                          reply.src,
                          IsIcmp(orig.protocol) ? orig.dport : reply.sport,
                          (message.status & NF_IPS_DST_NAT_DONE) != 0};
    if (r.Has(Opt::ANY_NAT))
    {
        return IsTranslated(r.srcNat, src) || IsTranslated(r.dstNat, dst);
    }
    return (!r.Has(Opt::SRC_NAT) || IsTranslated(r.srcNat, src)) &&
           (!r.Has(Opt::DST_NAT) || IsTranslated(r.dstNat, dst));
}

bool
LabelsMatch(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    if (!r.labels)
    {
        return true;
    }
    for (size_t i = 0; message.labels && i < r.labels->size(); ++i)
    {
        if (((*r.labels)[i] & ~(*message.labels)[i]) != 0)
        {
            return false;
        }
    }
    return message.labels.has_value();
}

bool
NetworkMatches(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    const NfTuple& orig = message.tuples[0];
    const auto inside = [&](Opt option,
                            const std::optional<NfAddr>& addr,
                            const std::optional<NfAddr>& mask,
                            const NfAddr& value) {
        if (!r.Has(option))
        {
            return true;
        }
        const NfAddr bits = mask.value_or(NfAddr{});
        return r.family == orig.family && (addr.value_or(NfAddr{}) & bits) == (value & bits);
    };
    return inside(Opt::MASK_SRC, r.orig.src, r.mask.src, orig.src) &&
           inside(Opt::MASK_DST, r.orig.dst, r.mask.dst, orig.dst);
}

} // namespace

bool
NfConntrackMatches(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    const bool mark = !r.Has(Opt::MARK) || (message.mark && (*message.mark & r.markMask) == r.mark);
    if (!NatMatches(r, message) || !mark || !LabelsMatch(r, message) || !NetworkMatches(r, message))
    {
        return false;
    }
    const bool compares = std::any_of(COMPARISONS.begin(), COMPARISONS.end(), [&r](Opt option) {
        return r.Has(option);
    });
    return !compares || (!r.noSource && MetaMatches(r, message) &&
                         SideMatches(r, r.orig, message, NfDir::ORIGINAL, true) &&
                         SideMatches(r, r.reply, message, NfDir::REPLY, true));
}

bool
NfConntrackMatchesUpdate(const NfConntrackRequest& r, const NfConntrackMessage& message)
{
    const auto any = [&r](Opt a, Opt b) { return r.Has(a) || r.Has(b) || r.Has(Opt::PROTOCOL); };
    if (!NatMatches(r, message) || !LabelsMatch(r, message) || !NetworkMatches(r, message) ||
        !IsOpenOr(r.id, message.id))
    {
        return false;
    }
    return (!any(Opt::ORIG_SRC, Opt::ORIG_DST) ||
            SideMatches(r, r.orig, message, NfDir::ORIGINAL, false)) &&
           (!any(Opt::REPLY_SRC, Opt::REPLY_DST) ||
            SideMatches(r, r.reply, message, NfDir::REPLY, false));
}

std::string
NfConntrackBadFilter(const NfConntrackRequest& r)
{
    if (r.Has(Opt::MASK_SRC) && !r.Has(Opt::ORIG_SRC))
    {
        return "Can't use --mask-src without --src";
    }
    if (r.Has(Opt::MASK_DST) && !r.Has(Opt::ORIG_DST))
    {
        return "Can't use --mask-dst without --dst";
    }
    return {};
}

} // namespace ns3
