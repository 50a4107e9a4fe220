/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-synproxy-core.h"

#include "../packet/nf-checksum.h"
#include "nf-conntrack-impl.h"
#include "nf-conntrack-proto.h"
#include "nf-conntrack-seqadj.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{

namespace
{

enum TcpOption : uint8_t
{
    KIND_END = 0,
    KIND_NOP = 1,
    KIND_MSS = 2,
    KIND_WSCALE = 3,
    KIND_SACK_PERM = 4,
    KIND_TIMESTAMP = 8,
};

constexpr uint8_t SIZE_MSS = 4;
constexpr uint8_t SIZE_WSCALE = 3;
constexpr uint8_t SIZE_SACK_PERM = 2;
constexpr uint8_t SIZE_TIMESTAMP = 10;
constexpr uint8_t MAX_WSCALE = 14; //!< RFC 7323 section 2.3

// Linux: net/ipv4/syncookies.c, net/ipv6/syncookies.c: what two bits of a cookie stand for.
constexpr std::array<uint16_t, 4> MSS_TABLE4 = {536, 1300, 1440, 1460};
constexpr std::array<uint16_t, 4> MSS_TABLE6 = {1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60};
constexpr unsigned COOKIE_BITS = 24; //!< above them is the minute
constexpr uint32_t COOKIE_MASK = (1U << COOKIE_BITS) - 1;
constexpr uint32_t MAX_COOKIE_AGE = 2; //!< minutes

// Bits of a timestamp cookie; below them the window scale.
constexpr uint32_t TS_NO_WSCALE = 0xf;
constexpr uint32_t TS_SACK_PERM = 1U << 4;
constexpr uint32_t TS_ECN = 1U << 5;
constexpr uint32_t TS_MASK = 0x3f;

const std::array<uint16_t, 4>&
MssTable(NfFamily family)
{
    return family == NfFamily::IPV6 ? MSS_TABLE6 : MSS_TABLE4;
}

uint64_t
Mix(uint64_t a, uint64_t b)
{
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

void
Append32(std::vector<uint8_t>& bytes, uint32_t value)
{
    bytes.resize(bytes.size() + 4);
    NfWriteU32(bytes.data() + bytes.size() - 4, value);
}

uint32_t
OptionWord(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return uint32_t{a} << 24 | uint32_t{b} << 16 | uint32_t{c} << 8 | d;
}

} // namespace

NfSynproxy::NfSynproxy(NfConntrack& conntrack, NfStack& stack)
    : m_conntrack(conntrack),
      m_stack(stack),
      m_synReceived(conntrack.GetContext().counters.Get("synproxy-syn-received")),
      m_cookieInvalid(conntrack.GetContext().counters.Get("synproxy-cookie-invalid")),
      m_cookieValid(conntrack.GetContext().counters.Get("synproxy-cookie-valid")),
      m_cookieRetrans(conntrack.GetContext().counters.Get("synproxy-cookie-retrans")),
      m_connReopened(conntrack.GetContext().counters.Get("synproxy-conn-reopened"))
{
    m_template = m_conntrack.AllocTemplate(0, 3);
    m_template->Ext().hasSynproxy = true;
}

NfSynproxy::~NfSynproxy()
{
    for (const std::vector<NfHookId>& hooks : m_hooks)
    {
        for (const NfHookId id : hooks)
        {
            m_conntrack.GetContext().hooks.Unregister(id);
        }
    }
}

void
NfSynproxy::Enable(NfFamily family)
{
    const size_t slot = NfFamilySlot(family);
    if (m_users[slot]++ > 0)
    {
        return;
    }
    for (const NfHook point : {NfHook::LOCAL_IN, NfHook::POST_ROUTING})
    {
        NfHookOps ops;
        ops.function = [this](NfPacket& packet, const NfHookState& state) {
            return Hook(packet, state);
        };
        ops.family = family;
        ops.hook = point;
        ops.priority = NF_PRI_CONNTRACK_CONFIRM - 1;
        ops.name = "synproxy";
        m_hooks[slot].push_back(m_conntrack.GetContext().hooks.Register(std::move(ops)));
    }
}

void
NfSynproxy::Disable(NfFamily family)
{
    const size_t slot = NfFamilySlot(family);
    if (--m_users[slot] > 0)
    {
        return;
    }
    for (const NfHookId id : m_hooks[slot])
    {
        m_conntrack.GetContext().hooks.Unregister(id);
    }
    m_hooks[slot].clear();
}

std::string
NfSynproxy::GetStatText() const
{
    return fmt::format("entries\t\tsyn_received\tcookie_invalid\tcookie_valid\tcookie_retrans\t"
                       "conn_reopened\n{:08x}\t{:08x}\t{:08x}\t{:08x}\t{:08x}\t{:08x}\n",
                       0,
                       m_synReceived,
                       m_cookieInvalid,
                       m_cookieValid,
                       m_cookieRetrans,
                       m_connReopened);
}

// ---- segments

std::optional<NfSynproxy::Header>
NfSynproxy::ReadHeader(const NfPacket& packet)
{
    const uint8_t* tcp = packet.IsTransportValid() && !packet.IsLaterFragment()
                             ? packet.PullTransport(NF_TCP_HEADER_SIZE)
                             : nullptr;
    if (!tcp)
    {
        return std::nullopt;
    }
    Header header;
    header.sport = NfReadU16(tcp + NF_TCP_SPORT);
    header.dport = NfReadU16(tcp + NF_TCP_DPORT);
    header.seq = NfReadU32(tcp + NF_TCP_SEQ);
    header.ack = NfReadU32(tcp + NF_TCP_ACKNO);
    header.flags = tcp[NF_TCP_FLAGS];
    header.window = NfReadU16(tcp + NF_TCP_WINDOW);
    header.size = size_t{4} * (tcp[NF_TCP_DOFF] >> 4);
    return header;
}

/// Linux: synproxy_parse_options(). @return false: there are fewer bytes than the header says
bool
NfSynproxy::ReadOptions(const NfPacket& packet, const Header& header, Options& options)
{
    const uint8_t* tcp = packet.PullTransport(std::max(header.size, NF_TCP_HEADER_SIZE));
    if (!tcp)
    {
        return false;
    }
    options.options = 0;
    for (size_t at = NF_TCP_HEADER_SIZE; at < header.size && tcp[at] != KIND_END;)
    {
        if (tcp[at] == KIND_NOP)
        {
            ++at;
            continue;
        }
        const size_t left = header.size - at;
        if (left < 2 || tcp[at + 1] < 2 || tcp[at + 1] > left)
        {
            break;
        }
        const uint8_t size = tcp[at + 1];
        const uint8_t* value = tcp + at + 2;
        if (tcp[at] == KIND_MSS && size == SIZE_MSS)
        {
            options.mssOption = NfReadU16(value);
            options.options |= NF_SYNPROXY_MSS;
        }
        else if (tcp[at] == KIND_WSCALE && size == SIZE_WSCALE)
        {
            options.wscale = std::min(*value, MAX_WSCALE);
            options.options |= NF_SYNPROXY_WSCALE;
        }
        else if (tcp[at] == KIND_TIMESTAMP && size == SIZE_TIMESTAMP)
        {
            options.tsval = NfReadU32(value);
            options.tsecr = NfReadU32(value + 4);
            options.options |= NF_SYNPROXY_TIMESTAMP;
        }
        else if (tcp[at] == KIND_SACK_PERM && size == SIZE_SACK_PERM)
        {
            options.options |= NF_SYNPROXY_SACK_PERM;
        }
        at += size;
    }
    return true;
}

/// Linux: synproxy_build_options().
std::vector<uint8_t>
NfSynproxy::WriteOptions(const Options& options)
{
    std::vector<uint8_t> bytes;
    const bool sack = options.options & NF_SYNPROXY_SACK_PERM;
    if (options.options & NF_SYNPROXY_MSS)
    {
        Append32(bytes, OptionWord(KIND_MSS, SIZE_MSS, 0, 0) | options.mssOption);
    }
    if (options.options & NF_SYNPROXY_TIMESTAMP)
    {
        Append32(bytes,
                 sack ? OptionWord(KIND_SACK_PERM, SIZE_SACK_PERM, KIND_TIMESTAMP, SIZE_TIMESTAMP)
                      : OptionWord(KIND_NOP, KIND_NOP, KIND_TIMESTAMP, SIZE_TIMESTAMP));
        Append32(bytes, options.tsval);
        Append32(bytes, options.tsecr);
    }
    else if (sack)
    {
        Append32(bytes, OptionWord(KIND_NOP, KIND_NOP, KIND_SACK_PERM, SIZE_SACK_PERM));
    }
    if (options.options & NF_SYNPROXY_WSCALE)
    {
        Append32(bytes, OptionWord(KIND_NOP, KIND_WSCALE, SIZE_WSCALE, options.wscale));
    }
    return bytes;
}

NfSynproxy::Segment
NfSynproxy::Same(const NfPacket& packet, const Header& header)
{
    Segment segment;
    segment.family = packet.GetFamily();
    segment.src = packet.GetIp().src;
    segment.dst = packet.GetIp().dst;
    segment.sport = header.sport;
    segment.dport = header.dport;
    return segment;
}

NfSynproxy::Segment
NfSynproxy::Reverse(const NfPacket& packet, const Header& header)
{
    Segment segment = Same(packet, header);
    std::swap(segment.src, segment.dst);
    std::swap(segment.sport, segment.dport);
    return segment;
}

/// Linux: synproxy_send_tcp(). @param conn what it belongs to, null: to be looked up
void
NfSynproxy::Send(const Segment& segment,
                 const Options& options,
                 const NfConnPtr& conn,
                 NfCtInfo info) const
{
    std::vector<uint8_t> bytes(NF_TCP_HEADER_SIZE);
    NfWriteU16(&bytes[NF_TCP_SPORT], segment.sport);
    NfWriteU16(&bytes[NF_TCP_DPORT], segment.dport);
    NfWriteU32(&bytes[NF_TCP_SEQ], segment.seq);
    NfWriteU32(&bytes[NF_TCP_ACKNO], segment.ack);
    bytes[NF_TCP_FLAGS] = segment.flags;
    NfWriteU16(&bytes[NF_TCP_WINDOW], segment.window);
    const std::vector<uint8_t> tail = WriteOptions(options);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    bytes[NF_TCP_DOFF] = static_cast<uint8_t>(bytes.size() / 4 << 4);
    NfIpHeader ip;
    ip.src = segment.src;
    ip.dst = segment.dst;
    ip.protocol = NF_IPPROTO_TCP;
    ip.ttl = m_stack.GetDefaultTtl(segment.family);
    ip.dontFragment = segment.family == NfFamily::IPV4;
    auto packet = NfPacket::Make(segment.family, ip, std::move(bytes));
    NfChecksumWrite(*packet);
    packet->localOut = true;
    if (conn)
    {
        packet->conn = conn;
        packet->ctInfo = info;
    }
    m_stack.SendLocal(std::move(packet));
}

// ---- cookies

void
NfSynproxy::Seed()
{
    if (m_seeded)
    {
        return;
    }
    m_seeded = true;
    NfRandom& random = m_conntrack.GetContext().random;
    for (std::array<uint64_t, 2>& key : m_secret)
    {
        for (uint64_t& word : key)
        {
            word = uint64_t{random.Next()} << 32 | random.Next();
        }
    }
}

uint32_t
NfSynproxy::Hash(const NfPacket& packet, const Header& header, uint32_t count, size_t key) const
{
    const std::array<uint64_t, 2>& secret = m_secret[key];
    uint64_t words[4];
    std::memcpy(words, packet.GetIp().src.bytes.data(), 16);
    std::memcpy(words + 2, packet.GetIp().dst.bytes.data(), 16);
    const uint64_t ports = uint64_t{header.sport} << 48 | uint64_t{header.dport} << 32 | count;
    const uint64_t src = Mix(words[0] ^ secret[0], words[1] ^ secret[1]);
    const uint64_t dst = Mix(words[2] ^ secret[1], words[3] ^ ~secret[0]);
    return static_cast<uint32_t>(Mix(src ^ ports ^ secret[1], dst ^ secret[0]));
}

uint32_t
NfSynproxy::GetMinute() const
{
    using namespace std::chrono;
    return static_cast<uint32_t>(duration_cast<minutes>(m_conntrack.Now()).count());
}

/// Linux: cookie_v4_init_sequence(), secure_tcp_syn_cookie().
uint32_t
NfSynproxy::MakeCookie(const NfPacket& packet, const Header& header, uint16_t mss)
{
    Seed();
    const std::array<uint16_t, 4>& table = MssTable(packet.GetFamily());
    uint32_t index = static_cast<uint32_t>(table.size() - 1);
    while (index > 0 && mss < table[index])
    {
        --index;
    }
    const uint32_t minute = GetMinute();
    return Hash(packet, header, 0, 0) + header.seq + (minute << COOKIE_BITS) +
           ((Hash(packet, header, minute, 1) + index) & COOKIE_MASK);
}

/// Linux: __cookie_v4_check(), check_tcp_syn_cookie(). @return the segment size in it, 0: not ours
uint16_t
NfSynproxy::CheckCookie(const NfPacket& packet, const Header& header)
{
    Seed();
    const std::array<uint16_t, 4>& table = MssTable(packet.GetFamily());
    const uint32_t minute = GetMinute();
    const uint32_t cookie = header.ack - 1 - Hash(packet, header, 0, 0) - (header.seq - 1);
    const uint32_t age = (minute - (cookie >> COOKIE_BITS)) & (~0U >> COOKIE_BITS);
    if (age >= MAX_COOKIE_AGE)
    {
        return 0;
    }
    const uint32_t index = (cookie - Hash(packet, header, minute - age, 1)) & COOKIE_MASK;
    return index < table.size() ? table[index] : 0;
}

/// Linux: synproxy_init_timestamp_cookie(). Our timestamp remembers the client's options.
void
NfSynproxy::InitTimestampCookie(const NfSynproxyInfo& info, Options& options) const
{
    using namespace std::chrono;
    const NfTime clock = m_conntrack.GetContext().clock.GetEpoch() + m_conntrack.Now();
    options.tsecr = options.tsval;
    options.tsval = static_cast<uint32_t>(duration_cast<milliseconds>(clock).count()) & ~TS_MASK;
    if (options.options & NF_SYNPROXY_WSCALE)
    {
        options.tsval |= options.wscale;
        options.wscale = info.wscale;
    }
    else
    {
        options.tsval |= TS_NO_WSCALE;
    }
    options.tsval |= options.options & NF_SYNPROXY_SACK_PERM ? TS_SACK_PERM : 0;
    options.tsval |= options.options & NF_SYNPROXY_ECN ? TS_ECN : 0;
}

/// Linux: synproxy_check_timestamp_cookie().
void
NfSynproxy::CheckTimestampCookie(Options& options)
{
    options.wscale = options.tsecr & TS_NO_WSCALE;
    uint8_t found = options.wscale != TS_NO_WSCALE ? NF_SYNPROXY_WSCALE : 0;
    found |= options.tsecr & TS_SACK_PERM ? NF_SYNPROXY_SACK_PERM : 0;
    found |= options.tsecr & TS_ECN ? NF_SYNPROXY_ECN : 0;
    options.options |= found;
}

// ---- the client's half

std::optional<NfVerdict>
NfSynproxy::Target(NfPacket& packet, const NfSynproxyInfo& info)
{
    const std::optional<Header> header = ReadHeader(packet);
    Options options;
    if (!NfChecksumVerify(packet, packet.GetTransportOffset(), NF_IPPROTO_TCP) || !header ||
        !ReadOptions(packet, *header, options))
    {
        return NfVerdict(NfVerdict::DROP);
    }
    constexpr uint8_t CONTROL = NF_TCP_SYN | NF_TCP_ACK | NF_TCP_FIN | NF_TCP_RST;
    switch (header->flags & CONTROL)
    {
    case NF_TCP_SYN: {
        ++m_synReceived;
        constexpr uint8_t ECN_SETUP = NF_TCP_ECE | NF_TCP_CWR;
        const bool ecn = (header->flags & ECN_SETUP) == ECN_SETUP;
        options.options |= ecn ? uint8_t{NF_SYNPROXY_ECN} : uint8_t{0};
        options.options &= info.options;
        options.mssEncode = options.mssOption;
        options.mssOption = info.mss;
        if (options.options & NF_SYNPROXY_TIMESTAMP)
        {
            InitTimestampCookie(info, options);
        }
        else
        {
            options.options &= NF_SYNPROXY_MSS;
        }
        SendClientSynAck(packet, *header, options);
        return NfVerdict(NfVerdict::STOLEN);
    }
    case NF_TCP_ACK:
        return NfVerdict(ReceiveClientAck(packet, *header, options, header->seq) ? NfVerdict::STOLEN
                                                                                 : NfVerdict::DROP);
    default:
        return std::nullopt;
    }
}

void
NfSynproxy::SendClientSynAck(const NfPacket& packet, const Header& header, const Options& options)
{
    Segment segment = Reverse(packet, header);
    segment.seq = MakeCookie(packet, header, options.mssEncode);
    segment.ack = header.seq + 1;
    segment.flags = NF_TCP_SYN | NF_TCP_ACK;
    if (options.options & NF_SYNPROXY_ECN)
    {
        segment.flags |= NF_TCP_ECE;
    }
    Send(segment, options, packet.conn, NfCtInfo::ESTABLISHED_REPLY);
}

/// Linux: synproxy_recv_client_ack(), synproxy_send_server_syn(). @return false: no cookie of ours
bool
NfSynproxy::ReceiveClientAck(const NfPacket& packet,
                             const Header& header,
                             Options options,
                             uint32_t receivedSeq)
{
    const uint16_t mss = CheckCookie(packet, header);
    if (mss == 0)
    {
        ++m_cookieInvalid;
        return false;
    }
    ++m_cookieValid;
    options.mssOption = mss;
    options.options |= NF_SYNPROXY_MSS;
    if (options.options & NF_SYNPROXY_TIMESTAMP)
    {
        CheckTimestampCookie(options);
    }
    Segment segment = Same(packet, header);
    segment.seq = receivedSeq - 1;
    // Tells Hook() the number that the client knows; the server does not look at it.
    segment.ack = header.ack - 1;
    segment.flags = NF_TCP_SYN;
    if (options.options & NF_SYNPROXY_ECN)
    {
        segment.flags |= NF_TCP_ECE | NF_TCP_CWR;
    }
    segment.window = header.window;
    Send(segment, options, m_template, NfCtInfo::NEW);
    return true;
}

// ---- the server's half

void
NfSynproxy::SendServerAck(const NfPacket& packet,
                          const Header& header,
                          const Options& options) const
{
    Segment segment = Reverse(packet, header);
    segment.seq = header.ack;
    segment.ack = header.seq + 1;
    segment.flags = NF_TCP_ACK;
    segment.window = static_cast<uint16_t>(packet.conn->proto.tcp.seen[0].maxWindow);
    Send(segment, options, {}, NfCtInfo::NEW);
}

void
NfSynproxy::SendClientAck(const NfPacket& packet,
                          const Header& header,
                          const Options& options) const
{
    Segment segment = Same(packet, header);
    segment.seq = header.seq + 1;
    segment.ack = header.ack;
    segment.flags = NF_TCP_ACK;
    segment.window = static_cast<uint16_t>(header.window >> options.wscale);
    Send(segment, options, packet.conn, NfCtInfo::ESTABLISHED_REPLY);
}

/// Linux: ipv4_synproxy_hook().
NfVerdict
NfSynproxy::Hook(NfPacket& packet, const NfHookState& state)
{
    const NfConnExt* ext = packet.conn ? packet.conn->GetExt() : nullptr;
    const bool loopback = state.in && state.in->loopback;
    if (!ext || !ext->hasSynproxy || loopback || packet.GetProtocol() != NF_IPPROTO_TCP)
    {
        return NfVerdict::ACCEPT;
    }
    const std::optional<Header> header = ReadHeader(packet);
    if (!header)
    {
        return NfVerdict::DROP;
    }
    NfVerdict verdict = NfVerdict::ACCEPT;
    switch (packet.conn->proto.tcp.state)
    {
    case NF_TCP_CT_CLOSE:
        verdict = OnClosed(packet, *header);
        break;
    case NF_TCP_CT_SYN_SENT:
        verdict = OnOpening(packet, *header);
        break;
    case NF_TCP_CT_SYN_RECV:
        verdict = OnServerAnswer(packet, *header);
        break;
    default:
        break;
    }
    if (verdict == NfVerdict::ACCEPT)
    {
        AdjustTimestamp(packet, *header);
    }
    return verdict;
}

NfVerdict
NfSynproxy::OnClosed(NfPacket& packet, const Header& header)
{
    NfConn& conn = *packet.conn;
    const bool original = NfInfoDir(packet.ctInfo) == NfDir::ORIGINAL;
    if (header.flags & NF_TCP_RST && !original)
    {
        NfSeqAdjInit(conn, packet.ctInfo, conn.GetExt()->synproxyIsn - header.seq + 1);
        return NfVerdict::ACCEPT;
    }
    if (!(header.flags & NF_TCP_SYN) || header.flags & NF_TCP_ACK || !original)
    {
        return NfVerdict::ACCEPT;
    }
    // Opened again: what to add to timestamps will be known when the server answers.
    conn.Ext().synproxyTsOff = 0;
    ++m_connReopened;
    return OnOpening(packet, header);
}

NfVerdict
NfSynproxy::OnOpening(NfPacket& packet, const Header& header)
{
    Options options;
    if (!ReadOptions(packet, header, options))
    {
        return NfVerdict::DROP;
    }
    const bool original = NfInfoDir(packet.ctInfo) == NfDir::ORIGINAL;
    if (!(header.flags & NF_TCP_SYN) && header.flags & NF_TCP_ACK && original)
    {
        // A keep-alive, one below the next number: the SYN to the server, or its answer, was lost.
        if (!ReceiveClientAck(packet, header, options, header.seq + 1))
        {
            return NfVerdict::DROP;
        }
        ++m_cookieRetrans;
        return NfVerdict::STOLEN;
    }
    NfConnExt& ext = packet.conn->Ext();
    ext.synproxyIsn = header.ack;
    if (options.options & NF_SYNPROXY_TIMESTAMP)
    {
        ext.synproxyIts = options.tsecr;
    }
    m_conntrack.CacheEvent(*packet.conn, NF_EVENT_SYNPROXY);
    return NfVerdict::ACCEPT;
}

NfVerdict
NfSynproxy::OnServerAnswer(NfPacket& packet, const Header& header)
{
    constexpr uint8_t SYN_ACK = NF_TCP_SYN | NF_TCP_ACK;
    Options options;
    if ((header.flags & SYN_ACK) != SYN_ACK)
    {
        return NfVerdict::ACCEPT;
    }
    if (!ReadOptions(packet, header, options))
    {
        return NfVerdict::DROP;
    }
    NfConn& conn = *packet.conn;
    NfConnExt& ext = conn.Ext();
    if (options.options & NF_SYNPROXY_TIMESTAMP)
    {
        ext.synproxyTsOff = options.tsval - ext.synproxyIts;
        m_conntrack.CacheEvent(conn, NF_EVENT_SYNPROXY);
    }
    options.options &= NF_SYNPROXY_TIMESTAMP | NF_SYNPROXY_ECN;
    std::swap(options.tsval, options.tsecr);
    SendServerAck(packet, header, options);
    NfSeqAdjInit(conn, packet.ctInfo, ext.synproxyIsn - header.seq);
    m_conntrack.CacheEvent(conn, NF_EVENT_SEQADJ);
    std::swap(options.tsval, options.tsecr);
    SendClientAck(packet, header, options);
    return NfVerdict::STOLEN;
}

/// Linux: synproxy_tstamp_adjust(). @return false: options do not add up
bool
NfSynproxy::AdjustTimestamp(NfPacket& packet, const Header& header)
{
    const uint32_t offset = packet.conn->GetExt()->synproxyTsOff;
    if (offset == 0)
    {
        return true;
    }
    uint8_t* tcp = packet.MakeTransportWritable(std::max(header.size, NF_TCP_HEADER_SIZE));
    if (!tcp)
    {
        return false;
    }
    for (size_t at = NF_TCP_HEADER_SIZE; at < header.size && tcp[at] != KIND_END;)
    {
        if (tcp[at] == KIND_NOP)
        {
            ++at;
            continue;
        }
        if (at + 1 == header.size || tcp[at + 1] < 2 || at + tcp[at + 1] > header.size)
        {
            return false;
        }
        if (tcp[at] == KIND_TIMESTAMP && tcp[at + 1] == SIZE_TIMESTAMP)
        {
            const bool reply = NfInfoDir(packet.ctInfo) == NfDir::REPLY;
            uint8_t* field = tcp + at + (reply ? 2 : 6);
            const uint32_t old = NfReadU32(field);
            const uint32_t changed = reply ? old - offset : old + offset;
            NfWriteU32(field, changed);
            if (!packet.checksumOk)
            {
                NfWriteU16(tcp + NF_TCP_CHECKSUM,
                           NfChecksumAdjust32(NfReadU16(tcp + NF_TCP_CHECKSUM), old, changed));
            }
            return true;
        }
        at += tcp[at + 1];
    }
    return true;
}

} // namespace ns3
