/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-sync-message.h"

#include "ns3/nf-conntrack-helper.h"
#include "ns3/nf-conntrack-proto.h"
#include "ns3/nf-wire.h"

#include <chrono>

namespace ns3
{

namespace
{

constexpr uint32_t MAGIC = 0x4e465359; //!< "NFSY"
constexpr uint8_t VERSION = 1;
constexpr size_t NACK_SIZE = NETFILTER_SYNC_HEADER_SIZE + 4;
constexpr size_t CHANGE_HEADER_SIZE = 4;
constexpr uint8_t SCTP_STATES = 9;     //!< of the tracker: NONE to HEARTBEAT_SENT
constexpr uint8_t MAX_SCALE = 14;      //!< RFC 7323 section 2.3
constexpr size_t MAX_HELPER_NAME = 16; //!< Linux: NF_CT_HELPER_NAME_LEN

/// Types of attributes.
enum Attribute : uint8_t
{
    ORIGINAL = 1, //!< tuple
    REPLY = 2,    //!< tuple
    STATUS = 3,   //!< u32
    MARK = 4,     //!< u32
    TIMEOUT = 5,  //!< u32, seconds
    ZONE = 6,     //!< u16 id, u8 bit per direction
    TCP = 7,      //!< u8 state, u8 window scale of each side
    SCTP = 8,     //!< u8 state, u32 verification tag of each side
    MASTER = 9,   //!< tuple
    HELPER = 10,  //!< name without a final 0
    SEQADJ = 11,  //!< for each direction: u32 position, i32 offset before, i32 offset behind
    LABELS = 12,  //!< four u32
};

/// Appends big-endian numbers.
class Writer
{
  public:
    void U8(uint8_t value)
    {
        m_bytes.push_back(value);
    }

    void U16(uint16_t value)
    {
        U8(static_cast<uint8_t>(value >> 8));
        U8(static_cast<uint8_t>(value));
    }

    void U32(uint32_t value)
    {
        U16(static_cast<uint16_t>(value >> 16));
        U16(static_cast<uint16_t>(value));
    }

    void Bytes(const uint8_t* data, size_t size)
    {
        m_bytes.insert(m_bytes.end(), data, data + size);
    }

    /// Begins an attribute; its length is known when it ends.
    void Begin(Attribute type)
    {
        U8(type);
        U8(0);
        m_attribute = m_bytes.size();
    }

    void End()
    {
        m_bytes[m_attribute - 1] = static_cast<uint8_t>(m_bytes.size() - m_attribute);
    }

    void Attribute32(Attribute type, uint32_t value)
    {
        Begin(type);
        U32(value);
        End();
    }

    std::vector<uint8_t>& Get()
    {
        return m_bytes;
    }

  private:
    std::vector<uint8_t> m_bytes;
    size_t m_attribute{0}; //!< where the value of the one under way begins
};

/// Reads big-endian numbers; beyond the end it reads zeros and remembers that.
class Reader
{
  public:
    explicit Reader(NfBytes bytes)
        : m_bytes(bytes)
    {
    }

    uint8_t U8()
    {
        if (m_at >= m_bytes.size())
        {
            m_good = false;
            return 0;
        }
        return m_bytes[m_at++];
    }

    uint16_t U16()
    {
        const uint16_t high = U8();
        return static_cast<uint16_t>(high << 8 | U8());
    }

    uint32_t U32()
    {
        const uint32_t high = U16();
        return high << 16 | U16();
    }

    NfBytes Bytes(size_t count)
    {
        const NfBytes part = m_bytes.Sub(m_at, count);
        m_good = m_good && part.size() == count;
        m_at += part.size();
        return part;
    }

    bool IsAtEnd() const
    {
        return m_at == m_bytes.size();
    }

    bool IsGood() const
    {
        return m_good;
    }

    /// @return true if all was read and nothing was missing
    bool IsDone() const
    {
        return m_good && IsAtEnd();
    }

  private:
    NfBytes m_bytes;
    size_t m_at{0};
    bool m_good{true};
};

size_t
AddressSize(NfFamily family)
{
    return family == NfFamily::IPV6 ? 16 : 4;
}

void
WriteTuple(Writer& out, Attribute type, const NfTuple& tuple)
{
    out.Begin(type);
    out.U8(static_cast<uint8_t>(tuple.family));
    out.U8(tuple.protocol);
    out.U16(tuple.zone);
    out.U16(tuple.sport);
    out.U16(tuple.dport);
    out.Bytes(tuple.src.bytes.data(), AddressSize(tuple.family));
    out.Bytes(tuple.dst.bytes.data(), AddressSize(tuple.family));
    out.End();
}

bool
ReadAddress(Reader& in, NfFamily family, NfAddr& addr)
{
    const NfBytes bytes = in.Bytes(AddressSize(family));
    std::copy(bytes.begin(), bytes.end(), addr.bytes.begin());
    return in.IsGood();
}

bool
ReadTuple(Reader& in, NfTuple& tuple)
{
    tuple = NfTuple();
    const uint8_t family = in.U8();
    if (family != static_cast<uint8_t>(NfFamily::IPV4) &&
        family != static_cast<uint8_t>(NfFamily::IPV6))
    {
        return false;
    }
    tuple.family = static_cast<NfFamily>(family);
    tuple.protocol = in.U8();
    tuple.zone = in.U16();
    tuple.sport = in.U16();
    tuple.dport = in.U16();
    return ReadAddress(in, tuple.family, tuple.src) && ReadAddress(in, tuple.family, tuple.dst);
}

bool
ReadState(Reader& in, NetfilterSyncEntry& entry, uint8_t states)
{
    entry.hasState = true;
    entry.state = in.U8();
    return entry.state < states;
}

bool
ReadTcp(Reader& in, NetfilterSyncEntry& entry)
{
    const bool good = ReadState(in, entry, NF_TCP_CT_MAX);
    entry.scale = {in.U8(), in.U8()};
    return good && entry.scale[0] <= MAX_SCALE && entry.scale[1] <= MAX_SCALE;
}

bool
ReadSctp(Reader& in, NetfilterSyncEntry& entry)
{
    const bool good = ReadState(in, entry, SCTP_STATES);
    entry.vtag[0] = in.U32();
    entry.vtag[1] = in.U32();
    return good;
}

bool
ReadZone(Reader& in, NetfilterSyncEntry& entry)
{
    entry.zone = in.U16();
    entry.zoneDir = in.U8();
    return entry.zoneDir <= 3;
}

void
ReadSeqadj(Reader& in, NetfilterSyncEntry& entry)
{
    entry.hasSeqadj = true;
    for (NfSeqAdj& side : entry.seqadj)
    {
        side.correctionPos = in.U32();
        side.offsetBefore = static_cast<int32_t>(in.U32());
        side.offsetAfter = static_cast<int32_t>(in.U32());
    }
}

bool
ReadAttribute(uint8_t type, NfBytes value, NetfilterSyncEntry& entry)
{
    Reader in(value);
    bool good = true;
    switch (type)
    {
    case ORIGINAL:
        good = ReadTuple(in, entry.tuples[0]);
        break;
    case REPLY:
        good = ReadTuple(in, entry.tuples[1]);
        break;
    case STATUS:
        entry.status = in.U32();
        break;
    case MARK:
        entry.mark = in.U32();
        break;
    case TIMEOUT:
        entry.timeout = in.U32();
        break;
    case ZONE:
        good = ReadZone(in, entry);
        break;
    case TCP:
        good = ReadTcp(in, entry);
        break;
    case SCTP:
        good = ReadSctp(in, entry);
        break;
    case MASTER:
        good = ReadTuple(in, entry.master.emplace());
        break;
    case HELPER: {
        const NfBytes name = in.Bytes(value.size());
        entry.helper.assign(name.begin(), name.end());
        good = value.size() <= MAX_HELPER_NAME;
        break;
    }
    case SEQADJ:
        ReadSeqadj(in, entry);
        break;
    case LABELS:
        entry.hasLabels = true;
        for (uint32_t& word : entry.labels)
        {
            word = in.U32();
        }
        break;
    default:
        return true;
    }
    return good && in.IsDone();
}

/// What the pieces say must fit together: a table indexes by these.
bool
IsSound(const NetfilterSyncChange& change)
{
    const NetfilterSyncEntry& entry = change.entry;
    const NfTuple& original = entry.tuples[0];
    const NfTuple& reply = entry.tuples[1];
    switch (change.action)
    {
    case NetfilterSyncAction::CLEAR:
        return true;
    case NetfilterSyncAction::REMOVE:
        return original.family != NfFamily::UNSPEC;
    case NetfilterSyncAction::SET:
        break;
    }
    const bool zones = original.zone == (entry.zoneDir & 1 ? entry.zone : 0) &&
                       reply.zone == (entry.zoneDir & 2 ? entry.zone : 0);
    const bool stateful =
        original.protocol == NF_IPPROTO_TCP || original.protocol == NF_IPPROTO_SCTP;
    return original.family != NfFamily::UNSPEC && reply.family == original.family &&
           reply.protocol == original.protocol && zones && entry.hasState == stateful;
}

bool
ReadChange(Reader& in, NetfilterSyncChange& change)
{
    const size_t length = in.U16();
    const uint8_t action = in.U8();
    in.U8();
    if (length < CHANGE_HEADER_SIZE || action < static_cast<uint8_t>(NetfilterSyncAction::SET) ||
        action > static_cast<uint8_t>(NetfilterSyncAction::CLEAR))
    {
        return false;
    }
    change.action = static_cast<NetfilterSyncAction>(action);
    Reader attributes(in.Bytes(length - CHANGE_HEADER_SIZE));
    while (in.IsGood() && !attributes.IsAtEnd())
    {
        const uint8_t type = attributes.U8();
        const uint8_t size = attributes.U8();
        const NfBytes value = attributes.Bytes(size);
        if (!attributes.IsGood() || !ReadAttribute(type, value, change.entry))
        {
            return false;
        }
    }
    return in.IsGood() && IsSound(change);
}

void
WriteProtocol(Writer& out, const NetfilterSyncEntry& entry)
{
    if (entry.tuples[0].protocol == NF_IPPROTO_TCP)
    {
        out.Begin(TCP);
        out.U8(entry.state);
        out.U8(entry.scale[0]);
        out.U8(entry.scale[1]);
        out.End();
    }
    else if (entry.tuples[0].protocol == NF_IPPROTO_SCTP)
    {
        out.Begin(SCTP);
        out.U8(entry.state);
        out.U32(entry.vtag[0]);
        out.U32(entry.vtag[1]);
        out.End();
    }
}

void
WriteExtensions(Writer& out, const NetfilterSyncEntry& entry)
{
    if (entry.master)
    {
        WriteTuple(out, MASTER, *entry.master);
    }
    if (!entry.helper.empty())
    {
        out.Begin(HELPER);
        out.Bytes(reinterpret_cast<const uint8_t*>(entry.helper.data()), entry.helper.size());
        out.End();
    }
    if (entry.hasSeqadj)
    {
        out.Begin(SEQADJ);
        for (const NfSeqAdj& side : entry.seqadj)
        {
            out.U32(side.correctionPos);
            out.U32(static_cast<uint32_t>(side.offsetBefore));
            out.U32(static_cast<uint32_t>(side.offsetAfter));
        }
        out.End();
    }
    if (entry.hasLabels)
    {
        out.Begin(LABELS);
        for (const uint32_t word : entry.labels)
        {
            out.U32(word);
        }
        out.End();
    }
}

void
DescribeExtensions(const NfConnExt& ext, NetfilterSyncEntry& entry)
{
    if (ext.master)
    {
        entry.master = ext.master->GetOriginal();
    }
    if (ext.helper)
    {
        entry.helper = std::string(ext.helper->GetName()).substr(0, MAX_HELPER_NAME);
    }
    if (ext.seqadj)
    {
        entry.hasSeqadj = true;
        entry.seqadj = *ext.seqadj;
    }
    entry.hasLabels = ext.hasLabels;
    entry.labels = ext.labels;
}

} // namespace

NetfilterSyncEntry
NetfilterSyncDescribe(const NfConntrack& table, const NfConn& conn)
{
    NetfilterSyncEntry entry;
    entry.tuples = conn.tuples;
    entry.zone = conn.zone;
    entry.zoneDir = conn.zoneDir;
    entry.status = conn.status;
    entry.mark = conn.mark;
    entry.timeout = static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(table.GetTimeLeft(conn)).count());
    if (conn.GetProtocol() == NF_IPPROTO_TCP)
    {
        entry.hasState = true;
        entry.state = conn.proto.tcp.state;
        entry.scale = {conn.proto.tcp.seen[0].scale, conn.proto.tcp.seen[1].scale};
    }
    else if (conn.GetProtocol() == NF_IPPROTO_SCTP)
    {
        entry.hasState = true;
        entry.state = conn.proto.sctp.state;
        entry.vtag = conn.proto.sctp.vtag;
    }
    if (const NfConnExt* ext = conn.GetExt())
    {
        DescribeExtensions(*ext, entry);
    }
    return entry;
}

std::vector<uint8_t>
NetfilterSyncWrite(const NetfilterSyncChange& change)
{
    Writer out;
    out.U16(0);
    out.U8(static_cast<uint8_t>(change.action));
    out.U8(0);
    const NetfilterSyncEntry& entry = change.entry;
    if (change.action != NetfilterSyncAction::CLEAR)
    {
        WriteTuple(out, ORIGINAL, entry.tuples[0]);
    }
    if (change.action == NetfilterSyncAction::SET)
    {
        WriteTuple(out, REPLY, entry.tuples[1]);
        out.Attribute32(STATUS, entry.status);
        out.Attribute32(MARK, entry.mark);
        out.Attribute32(TIMEOUT, entry.timeout);
        out.Begin(ZONE);
        out.U16(entry.zone);
        out.U8(entry.zoneDir);
        out.End();
        WriteProtocol(out, entry);
        WriteExtensions(out, entry);
    }
    NfWriteU16(out.Get().data(), static_cast<uint16_t>(out.Get().size()));
    return out.Get();
}

std::vector<uint8_t>
NetfilterSyncWriteMessage(const NetfilterSyncHeader& header, NfBytes changes)
{
    const bool nack = header.type == NetfilterSyncType::NACK;
    Writer out;
    out.U32(MAGIC);
    out.U8(VERSION);
    out.U8(static_cast<uint8_t>(header.type));
    const size_t size = nack ? NACK_SIZE : NETFILTER_SYNC_HEADER_SIZE + changes.size();
    out.U16(static_cast<uint16_t>(size));
    out.U32(header.session);
    out.U32(header.sequence);
    out.U32(header.first);
    if (nack)
    {
        out.U32(header.last);
    }
    else
    {
        out.Bytes(changes.data(), changes.size());
    }
    return out.Get();
}

std::optional<NetfilterSyncHeader>
NetfilterSyncReadHeader(NfBytes message)
{
    Reader in(message);
    const bool ours = in.U32() == MAGIC && in.U8() == VERSION;
    const uint8_t type = in.U8();
    const uint16_t length = in.U16();
    NetfilterSyncHeader header;
    header.session = in.U32();
    header.sequence = in.U32();
    header.first = in.U32();
    if (!ours || !in.IsGood() || length != message.size() ||
        type < static_cast<uint8_t>(NetfilterSyncType::DATA) ||
        type > static_cast<uint8_t>(NetfilterSyncType::ALIVE))
    {
        return std::nullopt;
    }
    header.type = static_cast<NetfilterSyncType>(type);
    if (header.type == NetfilterSyncType::DATA)
    {
        return header;
    }
    if (header.type == NetfilterSyncType::NACK)
    {
        header.last = in.U32();
    }
    return in.IsDone() ? std::optional<NetfilterSyncHeader>(header) : std::nullopt;
}

std::optional<std::vector<NetfilterSyncChange>>
NetfilterSyncReadChanges(NfBytes message)
{
    std::vector<NetfilterSyncChange> changes;
    Reader in(message.Sub(NETFILTER_SYNC_HEADER_SIZE));
    while (!in.IsAtEnd())
    {
        if (!ReadChange(in, changes.emplace_back()))
        {
            return std::nullopt;
        }
    }
    return changes;
}

} // namespace ns3
