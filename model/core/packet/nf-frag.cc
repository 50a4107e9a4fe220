/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-frag.h"

#include "nf-exthdr.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ns3
{

namespace
{

constexpr size_t FRAGMENT_HEADER_SIZE = NF_FRAGMENT_HEADER_SIZE;
constexpr size_t MAX_DATAGRAM = 65535;
constexpr uint32_t IPV6_MIN_MTU = 1280;
constexpr uint8_t ECN_CE = 3;
constexpr uint8_t ECN_INVALID = 0xff;

/// Bits of "a fragment said": 1 << the ECN field, so not-ECT 1, ECT(1) 2, ECT(0) 4, CE 8.
constexpr uint8_t SEEN_NOT_ECT = 1;
constexpr uint8_t SEEN_CE = 8;

/**
 * What the whole datagram says (RFC 3168 section 5.3): CE if any fragment does, but mixtures with
 * not-ECT are refused. Linux: ip_frag_ecn_table.
 * @return bits to set in the traffic class, or ECN_INVALID
 */
constexpr uint8_t
CombineEcn(uint8_t seen)
{
    if ((seen & SEEN_NOT_ECT) && seen != SEEN_NOT_ECT)
    {
        return ECN_INVALID;
    }
    return (seen & SEEN_CE) && seen != SEEN_CE ? ECN_CE : 0;
}

static_assert(CombineEcn(SEEN_NOT_ECT) == 0 && CombineEcn(4) == 0 && CombineEcn(2 | 4) == 0);
static_assert(CombineEcn(4 | SEEN_CE) == ECN_CE && CombineEcn(SEEN_CE) == 0);
static_assert(CombineEcn(4 | SEEN_NOT_ECT) == ECN_INVALID);

/// Memory that Linux charges for a received packet: the kmalloc bucket of its data and the sk_buff.
uint64_t
Truesize(size_t packetLength)
{
    constexpr size_t HEADROOM_AND_SHARED_INFO = 14 + 64 + 320;
    constexpr uint64_t SK_BUFF = 256;
    uint64_t bucket = 512;
    while (bucket < packetLength + HEADROOM_AND_SHARED_INFO)
    {
        bucket *= 2;
    }
    return bucket + SK_BUFF;
}

constexpr uint64_t QUEUE_SIZE = 256; //!< Linux: sizeof(struct ipq), sizeof(struct frag_queue)

/// Where the fragment header of an IPv6 packet is, and the byte that announces it.
struct FragmentHeaderPlace
{
    size_t offset{0};
    size_t announcedAt{SIZE_MAX}; //!< offset in the buffer; SIZE_MAX: in the fixed header
};

/// Linux: find_prev_fhdr().
bool
FindFragmentHeader(uint8_t next, NfBytes bytes, FragmentHeaderPlace& place)
{
    while (next != NF_IPPROTO_FRAGMENT)
    {
        const NfBytes rest = bytes.Sub(place.offset);
        if (!NfIsExtensionHeader(next) || rest.size() < 2)
        {
            return false;
        }
        place.announcedAt = place.offset;
        place.offset += NfExtensionHeaderSize(next, rest.data());
        next = rest[0];
    }
    return place.offset + FRAGMENT_HEADER_SIZE <= bytes.size();
}

/// Where the fragment header goes (Linux: ip6_find_1stfragopt()).
bool
FindFragmentablePart(uint8_t next, NfBytes bytes, FragmentHeaderPlace& place)
{
    bool routingSeen = false;
    while (next == NF_IPPROTO_HOPOPTS || next == NF_IPPROTO_ROUTING ||
           (next == NF_IPPROTO_DSTOPTS && !routingSeen))
    {
        const NfBytes rest = bytes.Sub(place.offset);
        if (rest.size() < 2)
        {
            return false;
        }
        routingSeen = routingSeen || next == NF_IPPROTO_ROUTING;
        place.announcedAt = place.offset;
        place.offset += NfExtensionHeaderSize(next, rest.data());
        next = rest[0];
    }
    return place.offset <= bytes.size();
}

bool
IsLinkScoped(const NfAddr& dst)
{
    return dst.bytes[0] == 0xff || (dst.bytes[0] == 0xfe && (dst.bytes[1] & 0xc0) == 0x80);
}

/// @return how long an incomplete datagram waits: the knob may be set below 0, which is at once
NfTime
GetPatience(const NfFragConfig& config)
{
    return std::chrono::seconds(std::max(static_cast<int32_t>(config.timeout), 0));
}

} // namespace

/// A fragment, taken apart.
struct NfFragments::Piece
{
    uint32_t offset{0};           //!< of its first byte in the datagram
    uint32_t end{0};              //!< behind its last byte
    bool more{false};             //!< more fragments follow
    uint8_t protocol{0};          //!< IPv6: next header of the fragment header
    size_t announcedAt{SIZE_MAX}; //!< IPv6: where the fragment header was announced
    NfBytes prefix;               //!< IPv6: extension headers in front of the fragment header
    NfBytes data;
};

/// A datagram that waits.
struct NfFragments::Queue
{
    std::map<uint32_t, std::vector<uint8_t>> pieces; //!< by offset
    std::map<uint32_t, uint32_t>
        runs;                       //!< begin and end of what arrived in order, as Linux keeps it
    std::unique_ptr<NfPacket> head; //!< the first fragment
    std::vector<uint8_t> prefix;    //!< IPv6: extension headers of the first fragment
    uint8_t protocol{0};            //!< IPv6: what the fragment header announces
    size_t announcedAt{SIZE_MAX};   //!< IPv6: see Piece
    const NfDevice* in{nullptr};    //!< of the latest fragment
    NfFragUser user{NfFragUser::LOCAL_DELIVER};
    uint32_t length{0};   //!< of the datagram as far as known
    uint32_t received{0}; //!< bytes that are there
    bool firstIn{false};
    bool lastIn{false};
    bool checksumOk{true};
    uint8_t ecn{0};        //!< SEEN_* bits
    uint32_t maxSize{0};   //!< biggest fragment, IP header included
    uint32_t maxDfSize{0}; //!< biggest fragment with DF
    uint64_t memory{QUEUE_SIZE};
    uint32_t peerSeen{0}; //!< Peer::seen at the latest fragment
    std::pair<NfTime, uint64_t> deadline;
};

NfFragments::NfFragments(NfFamily family, NfClock& clock, NfCounters& counters)
    : m_family(family),
      m_clock(clock),
      m_counters(counters)
{
    m_config.timeout = family == NfFamily::IPV6 ? 60 : 30;
}

NfFragments::~NfFragments()
{
    m_clock.Cancel(m_timer);
}

void
NfFragments::Clear()
{
    while (!m_queues.empty())
    {
        Kill(m_queues.begin());
    }
}

bool
NfFragments::ParseIpv4(NfPacket& packet, Piece& piece)
{
    const NfIpHeader& ip = packet.GetIp();
    const size_t size = packet.GetBuffer().GetSize();
    piece.offset = ip.fragOffset;
    piece.more = ip.moreFragments;
    piece.data = NfBytes(packet.GetBuffer().Pull(size), size);
    return ip.fragment;
}

bool
NfFragments::ParseIpv6(NfPacket& packet, Piece& piece)
{
    const size_t size = packet.GetBuffer().GetSize();
    const NfBytes bytes(packet.GetBuffer().Pull(size), size);
    FragmentHeaderPlace place;
    if (!packet.GetIp().fragment || !FindFragmentHeader(packet.GetIp().protocol, bytes, place) ||
        NfIsHeaderChainCut(bytes, place.offset))
    {
        return false;
    }
    const uint8_t* header = bytes.data() + place.offset;
    piece.offset = NfReadU16(header + 2) & 0xfff8;
    piece.more = header[3] & 1;
    piece.protocol = header[0];
    piece.announcedAt = place.announcedAt;
    piece.prefix = bytes.Sub(0, place.offset);
    piece.data = bytes.Sub(place.offset + FRAGMENT_HEADER_SIZE);
    return true;
}

NfFragments::Result
NfFragments::Gather(NfPacket& packet, const NfDevice* in, NfFragUser user, uint16_t zone)
{
    Piece piece;
    if (!(m_family == NfFamily::IPV6 ? ParseIpv6 : ParseIpv4)(packet, piece))
    {
        return Result::PASS;
    }
    piece.end = piece.offset + static_cast<uint32_t>(piece.data.size());
    const auto at = Find(packet, in, uint32_t{static_cast<uint8_t>(user)} << 16 | zone);
    if (at == m_queues.end())
    {
        return Drop(packet, "drop-frag-memory");
    }
    at->second.user = user;
    return Add(at, packet, in, piece);
}

NfFragments::Queues::iterator
NfFragments::Find(const NfPacket& packet, const NfDevice* in, uint32_t user)
{
    if (m_config.highThresh == 0 || m_memory > m_config.highThresh)
    {
        return m_queues.end();
    }
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t link = in && IsLinkScoped(ip.dst) ? in->index : 0;
    const Key key(ip.src, ip.dst, ip.id, user, m_family == NfFamily::IPV6 ? link : ip.protocol);
    const auto [at, isNew] = m_queues.try_emplace(key);
    if (!isNew)
    {
        return at;
    }
    Queue& queue = at->second;
    m_memory += queue.memory;
    // Of timers that end together the youngest fires first (Linux: enqueue_timer() adds at the
    // head).
    queue.deadline = {m_clock.Now() + GetPatience(m_config), UINT64_MAX - ++m_lastSerial};
    m_deadlines.emplace(queue.deadline, key);
    if (m_family == NfFamily::IPV4)
    {
        ++m_peers[ip.src].queues;
    }
    Arm();
    return at;
}

// Fragments of one source that come between two of the same datagram mean that the identification
// may have wrapped: what waits is forgotten. Linux: ip_frag_too_far(), ip_frag_reinit().
void
NfFragments::ResetIfTooFar(const NfAddr& source, Queue& queue)
{
    if (m_family != NfFamily::IPV4 || m_config.maxDist == 0)
    {
        return;
    }
    const uint32_t before = std::exchange(queue.peerSeen, ++m_peers[source].seen);
    if (queue.pieces.empty() || queue.peerSeen - before <= m_config.maxDist)
    {
        return;
    }
    ++m_counters.Get("drop-frag-too-far");
    m_memory -= queue.memory - QUEUE_SIZE;
    Queue fresh;
    fresh.user = queue.user;
    fresh.maxSize = queue.maxSize;
    fresh.maxDfSize = queue.maxDfSize;
    fresh.peerSeen = queue.peerSeen;
    fresh.deadline = {m_clock.Now() + GetPatience(m_config), queue.deadline.second};
    auto node = m_deadlines.extract(queue.deadline);
    node.key() = fresh.deadline;
    m_deadlines.insert(std::move(node));
    queue = std::move(fresh);
    Arm();
}

/// Fits the end of a piece to what is known of the length. @return false: they contradict each
/// other
bool
NfFragments::Extend(Queue& queue, Piece& piece) const
{
    if (!piece.more)
    {
        if (piece.end < queue.length || (queue.lastIn && piece.end != queue.length))
        {
            return false;
        }
        queue.lastIn = true;
        queue.length = piece.end;
        return piece.end != piece.offset;
    }
    piece.end &= ~7U;
    if (piece.end > queue.length)
    {
        if (queue.lastIn)
        {
            return false;
        }
        queue.length = piece.end;
    }
    return piece.end != piece.offset;
}

// Linux: inet_frag_queue_insert(). Runs grow only at the end of the datagram; a piece inside one of
// them is a duplicate, whatever its bytes say.
NfFragments::Insertion
NfFragments::Insert(Queue& queue, Piece& piece)
{
    auto& runs = queue.runs;
    const uint32_t lastEnd = runs.empty() ? 0 : runs.rbegin()->second;
    if (runs.empty() || piece.end > lastEnd)
    {
        if (piece.offset < lastEnd)
        {
            return Insertion::OVERLAP;
        }
        if (!runs.empty() && piece.offset == lastEnd)
        {
            runs.rbegin()->second = piece.end;
        }
        else
        {
            runs.emplace(piece.offset, piece.end);
        }
        return Insertion::DONE;
    }
    const auto behind = runs.lower_bound(piece.end);
    if (behind != runs.begin())
    {
        const auto& [begin, end] = *std::prev(behind);
        if (end > piece.offset)
        {
            return begin <= piece.offset && piece.end <= end ? Insertion::DUPLICATE
                                                             : Insertion::OVERLAP;
        }
    }
    runs.emplace(piece.offset, piece.end);
    return Insertion::DONE;
}

// Linux: ip_frag_queue(), nf_ct_frag6_queue(). They differ in what an unfit piece does to the rest:
// IPv4 forgets the datagram, IPv6 conntrack mostly the piece.
NfFragments::Result
NfFragments::Add(Queues::iterator at, NfPacket& packet, const NfDevice* in, Piece& piece)
{
    Queue& queue = at->second;
    const bool v6 = m_family == NfFamily::IPV6;
    const bool killInvalid = !v6 || queue.user == NfFragUser::LOCAL_DELIVER;
    ResetIfTooFar(packet.GetIp().src, queue);
    if (v6 && piece.end > MAX_DATAGRAM)
    {
        return Fail(at, packet, "drop-frag-oversize", killInvalid);
    }
    if (v6 && piece.more && piece.end % 8 != 0)
    {
        Kill(at);
        return Result::PASS;
    }
    if (!Extend(queue, piece))
    {
        return Fail(at, packet, "drop-frag-invalid", killInvalid);
    }
    switch (Insert(queue, piece))
    {
    case Insertion::OVERLAP:
        return Fail(at, packet, "drop-frag-overlap", true);
    case Insertion::DUPLICATE:
        return Fail(at, packet, "drop-frag-duplicate", false);
    case Insertion::DONE:
        break;
    }
    const NfBytes data = piece.data.Sub(0, piece.end - piece.offset);
    const uint32_t size =
        static_cast<uint32_t>(v6 ? packet.GetLength() : packet.GetIpHeaderSize() + data.size());
    const uint64_t memory = Truesize(packet.GetLength());
    queue.in = in;
    queue.received += static_cast<uint32_t>(data.size());
    queue.ecn |= static_cast<uint8_t>(1U << (packet.GetIp().tos & 3));
    queue.maxSize = std::max(queue.maxSize, size);
    queue.maxDfSize = std::max(queue.maxDfSize, packet.GetIp().dontFragment ? size : 0);
    queue.checksumOk = queue.checksumOk && packet.checksumOk;
    queue.memory += memory;
    m_memory += memory;
    queue.pieces.emplace(piece.offset, std::vector<uint8_t>(data.begin(), data.end()));
    if (piece.offset == 0)
    {
        queue.firstIn = true;
        queue.protocol = piece.protocol;
        queue.announcedAt = piece.announcedAt;
        queue.prefix.assign(piece.prefix.begin(), piece.prefix.end());
        queue.head = packet.MoveToHeap();
        const size_t kept = piece.prefix.size() + (v6 ? FRAGMENT_HEADER_SIZE : 0) + data.size();
        NfBuffer& buffer = queue.head->GetBuffer();
        buffer.Replace(kept, buffer.GetSize() - kept, NfBytes());
    }
    if (queue.firstIn && queue.lastIn && queue.received == queue.length)
    {
        return Complete(at, packet);
    }
    packet.conn = {};
    return Result::QUEUED;
}

// Linux: ip_frag_reasm(), nf_ct_frag6_reasm().
NfFragments::Result
NfFragments::Complete(Queues::iterator at, NfPacket& packet)
{
    const bool v6 = m_family == NfFamily::IPV6;
    const Queue queue = std::move(at->second);
    at->second.deadline = queue.deadline;
    at->second.memory = queue.memory;
    Kill(at);
    const uint8_t ecn = CombineEcn(queue.ecn);
    if (ecn == ECN_INVALID)
    {
        return Drop(packet, "drop-frag-ecn");
    }
    const size_t header = v6 ? queue.prefix.size() : queue.head->GetIpHeaderSize();
    if (header + queue.length > MAX_DATAGRAM)
    {
        return Drop(packet, "drop-frag-oversize");
    }
    std::vector<uint8_t> bytes = queue.prefix;
    bytes.reserve(bytes.size() + queue.length);
    packet.fragSizes.clear();
    for (const auto& [offset, data] : queue.pieces)
    {
        bytes.insert(bytes.end(), data.begin(), data.end());
        const size_t size = data.size() + (offset == 0 ? queue.prefix.size() : 0);
        packet.fragSizes.push_back(static_cast<uint16_t>(size));
    }
    NfIpHeader ip = queue.head->GetIp();
    const uint8_t next = v6 && queue.prefix.empty() ? queue.protocol : ip.protocol;
    if (next == NF_IPPROTO_TCP && packet.fragSizes[0] < NF_TCP_HEADER_SIZE)
    {
        // Early demux pulls the TCP header together, so the first piece no longer ends where it
        // did.
        packet.fragSizes.clear();
    }
    ip.fragOffset = 0;
    ip.moreFragments = ip.fragment = ip.atomic = false;
    ip.tos |= ecn;
    if (queue.announcedAt != SIZE_MAX)
    {
        bytes[queue.announcedAt] = queue.protocol;
    }
    else if (v6)
    {
        ip.protocol = queue.protocol;
    }
    FragmentHeaderPlace place;
    if (v6 && FindFragmentablePart(ip.protocol, bytes, place) && place.offset > queue.prefix.size())
    {
        // Headers that came inside the pieces are repeated in each when they leave; there is no
        // room for them in front of those that came (Linux: ip6_fragment() asks for headroom).
        packet.fragSizes.clear();
    }
    packet.fragMaxSize = std::max(queue.maxSize, queue.maxDfSize);
    packet.fragDf = !v6 && queue.maxDfSize == queue.maxSize;
    ip.dontFragment = packet.fragDf;
    packet.MutableIp() = ip;
    packet.SetIpOptions(queue.head->GetIpOptions());
    packet.GetBuffer().Replace(0, packet.GetBuffer().GetSize(), bytes);
    packet.ParseTransport();
    packet.checksumOk = queue.checksumOk;
    packet.conn = queue.head->conn;
    packet.ctInfo = queue.head->ctInfo;
    packet.mark = queue.head->mark;
    packet.priority = queue.head->priority;
    packet.ethernet = queue.head->ethernet;
    packet.hasEthernet = queue.head->hasEthernet;
    return Result::COMPLETE;
}

NfFragments::Result
NfFragments::Fail(Queues::iterator at, NfPacket& packet, const char* reason, bool kill)
{
    const bool duplicate =
        m_family == NfFamily::IPV6 && at->second.user != NfFragUser::LOCAL_DELIVER;
    if (kill)
    {
        Kill(at);
        return Drop(packet, reason);
    }
    Drop(packet, reason);
    return duplicate && std::string_view(reason) == "drop-frag-duplicate" ? Result::QUEUED
                                                                          : Result::DROPPED;
}

NfFragments::Result
NfFragments::Drop(NfPacket& packet, const char* reason)
{
    packet.dropReason = reason;
    ++m_counters.Get(reason);
    return Result::DROPPED;
}

void
NfFragments::Kill(Queues::iterator at)
{
    m_memory -= at->second.memory;
    m_deadlines.erase(at->second.deadline);
    const auto peer = m_peers.find(std::get<0>(at->first));
    if (peer != m_peers.end() && --peer->second.queues == 0)
    {
        m_peers.erase(peer);
    }
    m_queues.erase(at);
}

// The timer stays where it is when datagrams complete: it finds nothing due and moves on.
void
NfFragments::Arm()
{
    if (m_deadlines.empty())
    {
        return;
    }
    const NfTime first = m_deadlines.begin()->first.first;
    if (m_timer != 0 && m_timerAt <= first)
    {
        return;
    }
    m_clock.Cancel(m_timer);
    m_timerAt = first;
    m_timer = m_clock.Schedule(std::max(first - m_clock.Now(), NfTime{0}), [this] { Expire(); });
}

void
NfFragments::Expire()
{
    m_timer = 0;
    while (!m_deadlines.empty() && m_deadlines.begin()->first.first <= m_clock.Now())
    {
        const auto at = m_queues.find(m_deadlines.begin()->second);
        const Queue queue = std::move(at->second);
        at->second.deadline = queue.deadline;
        at->second.memory = queue.memory;
        Kill(at);
        ++m_counters.Get("drop-frag-timeout");
        if (queue.head && m_expired)
        {
            m_expired(*queue.head, queue.in, queue.user);
        }
    }
    Arm();
}

// ---- cutting

namespace
{

/// Options of the pieces behind the first: those without the copied bit become no-operations
/// (RFC 791 section 3.1; Linux: ip_options_fragment()).
std::vector<uint8_t>
OptionsOfLaterPieces(std::vector<uint8_t> options)
{
    constexpr uint8_t END = 0;
    constexpr uint8_t NOOP = 1;
    constexpr uint8_t COPIED = 0x80;
    for (size_t i = 0; i < options.size() && options[i] != END;)
    {
        if (options[i] == NOOP)
        {
            ++i;
            continue;
        }
        const size_t left = options.size() - i;
        const size_t length = left > 1 ? options[i + 1] : 0;
        if (length < 2 || length > left)
        {
            break;
        }
        if (!(options[i] & COPIED))
        {
            std::fill_n(options.begin() + static_cast<std::ptrdiff_t>(i), length, NOOP);
        }
        i += length;
    }
    return options;
}

/**
 * The sizes to cut into.
 * @param original bytes that came in each original piece, empty if it was never in pieces
 * @param total bytes to distribute
 * @param first bytes of the first original piece that are not distributed: unfragmentable headers
 * @param room bytes that fit in one piece, at least 8
 * @param kept out: true when the original sizes are good (Linux: the frag_list path)
 */
std::vector<size_t>
SizesOf(const std::vector<uint16_t>& original, size_t total, size_t first, size_t room, bool& kept)
{
    std::vector<size_t> sizes(original.begin(), original.end());
    size_t sum = 0;
    kept = sizes.size() > 1 && sizes[0] > first;
    if (kept)
    {
        sizes[0] -= first;
    }
    for (size_t i = 0; kept && i < sizes.size(); ++i)
    {
        kept = sizes[i] <= room && (sizes[i] % 8 == 0 || i + 1 == sizes.size());
        sum += sizes[i];
    }
    kept = kept && sum == total;
    if (kept)
    {
        return sizes;
    }
    sizes.clear();
    for (size_t left = total; left > 0; left -= sizes.back())
    {
        sizes.push_back(left <= room ? left : room & ~size_t{7});
    }
    return sizes;
}

/// What all pieces have in common.
struct Cutter
{
    NfPacket& packet;
    size_t unfragmentable;     //!< bytes repeated in front of each piece
    uint32_t baseOffset;       //!< of the first byte: not 0 when the packet is a fragment itself
    bool moreBehind;           //!< the packet is a fragment, and not the last
    std::vector<size_t> sizes; //!< of the pieces
};

NfBytes
AllBytes(NfPacket& packet)
{
    const size_t size = packet.GetBuffer().GetSize();
    return NfBytes(packet.GetBuffer().Pull(size), size);
}

/// @param make (header, data, offset, more) -> the piece
template <class Make>
void
CutInto(const Cutter& c, std::vector<std::unique_ptr<NfPacket>>& pieces, Make make)
{
    const NfBytes all = AllBytes(c.packet);
    size_t at = c.unfragmentable;
    for (size_t i = 0; i < c.sizes.size(); ++i)
    {
        const bool more = i + 1 < c.sizes.size() || c.moreBehind;
        const uint32_t offset = c.baseOffset + static_cast<uint32_t>(at - c.unfragmentable);
        std::unique_ptr<NfPacket> piece = make(all.Sub(at, c.sizes[i]), offset, more);
        piece->fragMaxSize = 0;
        piece->fragSizes.clear();
        pieces.push_back(std::move(piece));
        at += c.sizes[i];
    }
}

// Linux: ip_fragment(), ip_do_fragment().
NfCut
CutIpv4(NfPacket& packet,
        uint32_t mtu,
        bool ignoreDf,
        std::vector<std::unique_ptr<NfPacket>>& pieces)
{
    const NfIpHeader& ip = packet.GetIp();
    const size_t header = packet.GetIpHeaderSize();
    if (packet.GetLength() <= mtu && packet.fragMaxSize == 0)
    {
        return NfCut::FITS;
    }
    const bool mayCut = ignoreDf || packet.fragMaxSize != 0;
    if (ip.dontFragment && (!mayCut || packet.fragMaxSize > mtu))
    {
        return NfCut::TOO_BIG;
    }
    const size_t limit = packet.fragMaxSize != 0 ? std::min(mtu, packet.fragMaxSize) : mtu;
    if (limit < header + 8)
    {
        return NfCut::INVALID;
    }
    bool kept = false;
    Cutter cutter{packet, 0, ip.fragOffset, ip.moreFragments, {}};
    cutter.sizes = SizesOf(packet.fragSizes, packet.GetBuffer().GetSize(), 0, limit - header, kept);
    // DF comes back only where the pieces are cut anew.
    const bool df = packet.fragDf && !kept;
    const std::vector<uint8_t> laterOptions = OptionsOfLaterPieces(packet.GetIpOptions());
    CutInto(cutter, pieces, [&](NfBytes data, uint32_t offset, bool more) {
        NfIpHeader own = ip;
        own.fragOffset = static_cast<uint16_t>(offset);
        own.moreFragments = more;
        own.fragment = more || offset != 0;
        own.dontFragment = df;
        auto piece = packet.CloneWith(own, {data.begin(), data.end()});
        if (offset != ip.fragOffset && ip.fragOffset == 0)
        {
            piece->SetIpOptions(laterOptions);
        }
        return piece;
    });
    return NfCut::CUT;
}

// Linux: __ip6_finish_output(), ip6_fragment().
NfCut
CutIpv6(NfPacket& packet,
        uint32_t mtu,
        uint32_t id,
        bool ignoreDf,
        std::vector<std::unique_ptr<NfPacket>>& pieces)
{
    const NfIpHeader& ip = packet.GetIp();
    const uint32_t biggest = packet.fragMaxSize;
    if (packet.GetLength() <= mtu && (biggest == 0 || packet.GetLength() <= biggest))
    {
        return NfCut::FITS;
    }
    const NfBytes all = AllBytes(packet);
    FragmentHeaderPlace place;
    if (!FindFragmentablePart(ip.protocol, all, place))
    {
        return NfCut::INVALID;
    }
    if (biggest > mtu || (biggest == 0 && !ignoreDf))
    {
        return NfCut::TOO_BIG;
    }
    const size_t limit = biggest != 0 ? std::max(biggest, IPV6_MIN_MTU) : mtu;
    const size_t overhead = NF_IPV6_HEADER_SIZE + place.offset + FRAGMENT_HEADER_SIZE;
    if (limit < overhead + 8)
    {
        return NfCut::TOO_BIG;
    }
    const bool inFixedHeader = place.announcedAt == SIZE_MAX;
    std::vector<uint8_t> prefix(all.begin(), all.begin() + place.offset);
    const uint8_t protocol = inFixedHeader ? ip.protocol : prefix[place.announcedAt];
    NfIpHeader own = ip;
    (inFixedHeader ? own.protocol : prefix[place.announcedAt]) = NF_IPPROTO_FRAGMENT;
    prefix.resize(prefix.size() + FRAGMENT_HEADER_SIZE);
    uint8_t* header = &prefix[place.offset];
    header[0] = protocol;
    NfWriteU32(header + 4, id);

    bool kept = false;
    Cutter cutter{packet, place.offset, 0, false, {}};
    cutter.sizes =
        SizesOf(packet.fragSizes, all.size() - place.offset, place.offset, limit - overhead, kept);
    CutInto(cutter, pieces, [&](NfBytes data, uint32_t offset, bool more) {
        NfWriteU16(header + 2, static_cast<uint16_t>(offset | (more ? 1 : 0)));
        std::vector<uint8_t> bytes = prefix;
        bytes.insert(bytes.end(), data.begin(), data.end());
        return packet.CloneWith(own, std::move(bytes));
    });
    return NfCut::CUT;
}

} // namespace

NfCut
NfFragment(NfPacket& packet,
           uint32_t mtu,
           uint32_t id,
           bool ignoreDf,
           std::vector<std::unique_ptr<NfPacket>>& pieces)
{
    return packet.GetFamily() == NfFamily::IPV6 ? CutIpv6(packet, mtu, id, ignoreDf, pieces)
                                                : CutIpv4(packet, mtu, ignoreDf, pieces);
}

bool
NfExceedsMtu(const NfPacket& packet, uint32_t mtu)
{
    if (packet.GetLength() <= mtu)
    {
        return false;
    }
    if (packet.GetFamily() == NfFamily::IPV4 && !packet.GetIp().dontFragment)
    {
        return false;
    }
    return packet.fragMaxSize == 0 || packet.fragMaxSize > mtu;
}

} // namespace ns3
