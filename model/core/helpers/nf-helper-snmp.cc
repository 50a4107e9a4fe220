/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../packet/nf-checksum.h"
#include "nf-helper-broadcast.h"
#include "nf-helper-list.h"

#include <algorithm>
#include <vector>

namespace ns3
{

namespace
{

constexpr uint16_t SNMP_PORT = 161;
constexpr uint16_t TRAP_PORT = 162;
constexpr uint32_t ANSWER_TIME = 30; //!< seconds; Linux: module parameter timeout of snmp
constexpr uint32_t TRAP_TIMEOUT = 180;
constexpr size_t UDP_LENGTH = 4;
constexpr size_t UDP_CHECKSUM = 6;

/// Tags of the basic encoding rules (X.690) that SNMP uses (RFC 1157, RFC 3416).
enum Tag : uint8_t
{
    END_OF_CONTENTS = 0x00,
    INTEGER = 0x02,
    OCTET_STRING = 0x04,
    NULL_VALUE = 0x05,
    OBJECT_IDENTIFIER = 0x06,
    SEQUENCE = 0x30,
    IP_ADDRESS = 0x40,
};

constexpr uint8_t CONSTRUCTED = 0x20;
constexpr uint8_t LONG_TAG = 0x1f;
constexpr uint8_t INDEFINITE = 0x80;
constexpr uint8_t NEWEST_VERSION = 1; //!< SNMPv2c; v3 puts other things there

/// One of several elements that may stand in a place.
struct Alternative
{
    uint8_t tag;
    bool always; //!< tried even when one before it was there, which Linux's grammar allows
};

constexpr Alternative PDUS[] = {{0xa0, true},
                                {0xa1, true},
                                {0xa5, true},
                                {0xa2, true},
                                {0xa3, true},
                                {0xa6, true},
                                {0xa7, true},
                                {0xa8, true}};

constexpr Alternative VALUES[] = {{INTEGER, true},
                                  {OCTET_STRING, false},
                                  {OBJECT_IDENTIFIER, false},
                                  {IP_ADDRESS, true},
                                  {0x41, true},
                                  {0x43, true},
                                  {0x44, true},
                                  {0x46, true},
                                  {0x42, true},
                                  {NULL_VALUE, false},
                                  {0x80, false},
                                  {0x81, false},
                                  {0x82, false}};

/**
 * Reads an SNMP message and lists where the addresses in it are (Linux:
 * nf_nat_snmp_basic.asn1 as lib/asn1_decoder.c reads it). Each step says whether what it read was
 * there and whole.
 */
class MessageReader
{
  public:
    explicit MessageReader(NfBytes bytes)
        : m_bytes(bytes),
          m_end(bytes.size())
    {
    }

    /// @return false: not an SNMP message of versions 1 or 2c
    bool Read()
    {
        return ReadSequence(SEQUENCE, [this] {
            return ReadVersion() && ReadPrimitive(OCTET_STRING) &&
                   ReadOneOf(PDUS, [this](uint8_t tag) { return ReadPdu(tag); });
        });
    }

    /// @return offsets of the addresses in the order they stand in
    const std::vector<size_t>& GetAddresses() const
    {
        return m_addresses;
    }

  private:
    /// The head of an element.
    struct Head
    {
        size_t length{0};
        bool indefinite{false};
    };

    bool IsAtEnd() const
    {
        return m_at == m_end;
    }

    bool HasHead() const
    {
        return m_end - m_at >= 2;
    }

    /// @param wanted constructed elements may lack that bit
    static bool IsTag(uint8_t tag, uint8_t wanted)
    {
        return ((tag ^ wanted) & ~(wanted & CONSTRUCTED)) == 0;
    }

    bool ReadHead(uint8_t wanted, Head& head)
    {
        if (!HasHead() || !IsTag(m_bytes[m_at], wanted))
        {
            return false;
        }
        const bool constructed = m_bytes[m_at] & CONSTRUCTED;
        const uint8_t first = m_bytes[m_at + 1];
        m_at += 2;
        if (first == INDEFINITE)
        {
            head.indefinite = true;
            return constructed && HasHead();
        }
        return ReadLength(first, head.length);
    }

    bool ReadLength(uint8_t first, size_t& length)
    {
        length = first;
        if (first > INDEFINITE)
        {
            const size_t size = first - INDEFINITE;
            if (size > 2 || size > m_end - m_at)
            {
                return false;
            }
            length = size == 2 ? NfReadU16(m_bytes.data() + m_at) : m_bytes[m_at];
            m_at += size;
        }
        return length <= m_end - m_at;
    }

    bool ReadPrimitive(uint8_t tag)
    {
        Head head;
        if (!ReadHead(tag, head))
        {
            return false;
        }
        m_at += head.length;
        return true;
    }

    bool ReadVersion()
    {
        Head head;
        if (!ReadHead(INTEGER, head) || head.length != 1)
        {
            return false;
        }
        return m_bytes[m_at++] <= NEWEST_VERSION;
    }

    /// @param body reads the members
    template <class Body>
    bool ReadSequence(uint8_t tag, Body body)
    {
        Head head;
        if (!ReadHead(tag, head))
        {
            return false;
        }
        const size_t outer = m_end;
        m_end = head.indefinite ? outer : m_at + head.length;
        if (!body())
        {
            return false;
        }
        const bool closed = head.indefinite ? ReadEndOfContents() : IsAtEnd();
        m_end = outer;
        return closed;
    }

    bool ReadEndOfContents()
    {
        if (!HasHead() || NfReadU16(m_bytes.data() + m_at) != END_OF_CONTENTS)
        {
            return false;
        }
        m_at += 2;
        return true;
    }

    /**
     * The members of a CHOICE in their order. At the end of its sequence nothing needs to stand
     * there.
     */
    template <size_t N, class Body>
    bool ReadOneOf(const Alternative (&alternatives)[N], Body body)
    {
        bool matched = true;
        for (const Alternative& a : alternatives)
        {
            if (IsAtEnd() || (matched && !a.always))
            {
                continue;
            }
            if (!HasHead() || (m_bytes[m_at] & LONG_TAG) == LONG_TAG)
            {
                return false;
            }
            matched = IsTag(m_bytes[m_at], a.tag);
            if (matched && !body(a.tag))
            {
                return false;
            }
        }
        return matched;
    }

    bool ReadPdu(uint8_t tag)
    {
        return ReadSequence(tag, [this] {
            return ReadPrimitive(INTEGER) && ReadPrimitive(INTEGER) && ReadPrimitive(INTEGER) &&
                   ReadSequence(SEQUENCE, [this] { return ReadBindings(); });
        });
    }

    /// One at least.
    bool ReadBindings()
    {
        do
        {
            if (!ReadSequence(SEQUENCE, [this] {
                    return ReadPrimitive(OBJECT_IDENTIFIER) &&
                           ReadOneOf(VALUES, [this](uint8_t tag) { return ReadValue(tag); });
                }))
            {
                return false;
            }
        } while (!IsAtEnd() && m_bytes[m_at] != END_OF_CONTENTS);
        return true;
    }

    bool ReadValue(uint8_t tag)
    {
        Head head;
        if (!ReadHead(tag, head) || (tag == IP_ADDRESS && head.length != 4))
        {
            return false;
        }
        if (tag == IP_ADDRESS)
        {
            m_addresses.push_back(m_at);
        }
        m_at += head.length;
        return true;
    }

    NfBytes m_bytes;                 //!< the whole payload
    size_t m_at{0};                  //!< next byte
    size_t m_end;                    //!< of the innermost sequence whose length is known
    std::vector<size_t> m_addresses; //!< offsets
};

/// Linux: fast_csum(). @param odd the address begins in the second half of a checksum word
uint16_t
AdjustChecksum(uint16_t checksum, uint32_t before, uint32_t after, bool odd)
{
    if (!odd)
    {
        return NfChecksumAdjust32(checksum, before, after);
    }
    checksum = NfChecksumAdjust32(checksum, before >> 8, after >> 8);
    return NfChecksumAdjust(checksum,
                            static_cast<uint16_t>(before << 8),
                            static_cast<uint16_t>(after << 8));
}

/// Linux: snmp_translate(). @param datagram UDP header and payload, writable @return false: no SNMP
bool
TranslateAddresses(uint8_t* datagram, size_t size, uint32_t from, uint32_t to)
{
    uint8_t* const payload = datagram + NF_UDP_HEADER_SIZE;
    MessageReader reader(NfBytes(payload, size - NF_UDP_HEADER_SIZE));
    if (!reader.Read())
    {
        return false;
    }
    for (size_t offset : reader.GetAddresses())
    {
        if (NfReadU32(payload + offset) != from)
        {
            continue;
        }
        uint8_t* const field = datagram + UDP_CHECKSUM;
        const uint16_t checksum = NfReadU16(field);
        NfWriteU16(field, checksum ? AdjustChecksum(checksum, from, to, offset % 2) : checksum);
        NfWriteU32(payload + offset, to);
    }
    return true;
}

/// @return true for what names hosts: answers, and notifications on their way out
bool
IsTranslatedKind(const uint8_t* udp, NfDir dir)
{
    return (NfReadU16(udp) != SNMP_PORT || dir == NfDir::REPLY) &&
           (NfReadU16(udp + 2) != TRAP_PORT || dir == NfDir::ORIGINAL);
}

/**
 * Rewrites the private address in SNMP payloads as NAT rewrites it in the header (Linux:
 * nf_nat_snmp_basic_main.c; RFC 2962). What cannot be read does not pass.
 * @param drop makes the verdict for a malformed message
 */
template <class DropFunction>
NfVerdict
TranslateSnmp(NfPacket& packet, const NfConn& conn, NfCtInfo info, DropFunction drop)
{
    const NfDir dir = NfInfoDir(info);
    const uint8_t* udp = packet.PullTransport(NF_UDP_HEADER_SIZE);
    if (!udp || !IsTranslatedKind(udp, dir))
    {
        return NfVerdict::ACCEPT;
    }
    const size_t size = packet.GetTransportSize();
    if (NfReadU16(udp + UDP_LENGTH) != size)
    {
        return drop("dropping malformed packet");
    }
    // The same both ways: answers too get the outer address, as in Linux.
    const uint32_t from = conn.GetOriginal().src.GetIpv4();
    const uint32_t to = conn.GetReply().dst.GetIpv4();
    if (from == to)
    {
        return NfVerdict::ACCEPT;
    }
    uint8_t* const datagram = packet.MakeTransportWritable(size);
    return datagram && TranslateAddresses(datagram, size, from, to) ? NfVerdict(NfVerdict::ACCEPT)
                                                                    : drop("parser failed");
}

/// Queries (Linux: nf_conntrack_snmp.c): answers to broadcasts, and addresses behind NAT.
class SnmpHelper final : public NfBroadcastHelper
{
  public:
    explicit SnmpHelper(NfNat& nat)
        : NfBroadcastHelper(nat, "snmp", SNMP_PORT, ANSWER_TIME)
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override
    {
        NfBroadcastHelper::Help(packet, conn, info);
        return IsTranslated(conn)
                   ? TranslateSnmp(packet,
                                   conn,
                                   info,
                                   [&](const char* why) { return Drop(packet, why); })
                   : NfVerdict(NfVerdict::ACCEPT);
    }
};

/// Notifications (Linux: snmp_trap_helper of nf_nat_snmp_basic_main.c). They expect nothing.
class SnmpTrapHelper final : public NfHelper
{
  public:
    explicit SnmpTrapHelper(NfNat& nat)
        : NfHelper(nat,
                   "snmp_trap",
                   NfFamily::IPV4,
                   NF_IPPROTO_UDP,
                   {NfExpectPolicy{0, TRAP_TIMEOUT, ""}})
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override
    {
        return IsTranslated(conn)
                   ? TranslateSnmp(packet,
                                   conn,
                                   info,
                                   [&](const char* why) { return Drop(packet, why); })
                   : NfVerdict(NfVerdict::ACCEPT);
    }
};

} // namespace

void
NfAddSnmpHelpers(NfNat& nat)
{
    auto helper = std::make_unique<SnmpHelper>(nat);
    helper->AddTimeoutParameter("nf_conntrack_snmp");
    nat.GetConntrack().RegisterHelper(std::move(helper));
    nat.GetConntrack().RegisterHelper(std::make_unique<SnmpTrapHelper>(nat));
}

} // namespace ns3
