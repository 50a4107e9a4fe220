/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-log.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ns3
{

namespace
{

constexpr size_t RING_SIZE = 1000;
constexpr size_t RING_CUT =
    100; //!< removed at once, so that a flood does not move the ring each time
constexpr size_t MAX_LINE = 1016; //!< Linux: S_SIZE, without the level marker
constexpr size_t ESP_HEADER_SIZE = 8;
constexpr size_t AH_HEADER_SIZE = 12;
constexpr size_t FRAGMENT_HEADER_SIZE = 8;

/// Everything the writers below need: text so far, flags, and whether they describe a quoted
/// packet.
struct Writer
{
    std::string text;
    uint8_t flags{0};
    bool outermost{true};
    bool cut{false}; //!< the packet ended inside a header: no owner and mark behind it

    template <class... Args>
    void Add(fmt::format_string<Args...> format, Args&&... args)
    {
        fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
    }

    void AddHex(NfBytes bytes)
    {
        for (uint8_t byte : bytes)
        {
            Add("{:02X}", byte);
        }
    }
};

void WriteIpv4(Writer& w, NfBytes packet);
void WriteIpv6(Writer& w, NfBytes packet);

void
WriteTcpFlags(Writer& w, const uint8_t* p)
{
    static constexpr std::pair<uint8_t, const char*> FLAGS[] = {{NF_TCP_CWR, "CWR "},
                                                                {NF_TCP_ECE, "ECE "},
                                                                {NF_TCP_URG, "URG "},
                                                                {NF_TCP_ACK, "ACK "},
                                                                {NF_TCP_PSH, "PSH "},
                                                                {NF_TCP_RST, "RST "},
                                                                {NF_TCP_SYN, "SYN "},
                                                                {NF_TCP_FIN, "FIN "}};
    if (p[NF_TCP_DOFF] & 1)
    {
        w.text += "AE ";
    }
    for (const auto& [bit, name] : FLAGS)
    {
        if (p[NF_TCP_FLAGS] & bit)
        {
            w.text += name;
        }
    }
}

/// Linux: nf_log_dump_tcp_header()
void
WriteTcp(Writer& w, NfBytes l4, bool laterFragment)
{
    w.text += "PROTO=TCP ";
    if (laterFragment)
    {
        return;
    }
    if (l4.size() < NF_TCP_HEADER_SIZE)
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        w.cut = true;
        return;
    }
    const uint8_t* p = l4.data();
    w.Add("SPT={} DPT={} ", NfReadU16(p + NF_TCP_SPORT), NfReadU16(p + NF_TCP_DPORT));
    if (w.flags & NF_LOG_TCPSEQ)
    {
        w.Add("SEQ={} ACK={} ", NfReadU32(p + NF_TCP_SEQ), NfReadU32(p + NF_TCP_ACKNO));
    }
    w.Add("WINDOW={} RES=0x{:02x} ", NfReadU16(p + NF_TCP_WINDOW), (p[NF_TCP_DOFF] & 0xe) << 2);
    WriteTcpFlags(w, p);
    w.Add("URGP={} ", NfReadU16(p + NF_TCP_URGENT));
    const size_t headerSize = size_t{4} * (p[NF_TCP_DOFF] >> 4);
    if (!(w.flags & NF_LOG_TCPOPT) || headerSize <= NF_TCP_HEADER_SIZE)
    {
        return;
    }
    if (l4.size() < headerSize)
    {
        w.text += "OPT (TRUNCATED)";
        w.cut = true;
        return;
    }
    w.text += "OPT (";
    w.AddHex(l4.Sub(NF_TCP_HEADER_SIZE, headerSize - NF_TCP_HEADER_SIZE));
    w.text += ") ";
}

/// Linux: nf_log_dump_udp_header()
void
WriteUdp(Writer& w, NfBytes l4, uint8_t protocol, bool laterFragment)
{
    w.text += protocol == NF_IPPROTO_UDP ? "PROTO=UDP " : "PROTO=UDPLITE ";
    if (laterFragment)
    {
        return;
    }
    if (l4.size() < NF_UDP_HEADER_SIZE)
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        w.cut = true;
        return;
    }
    const uint8_t* p = l4.data();
    w.Add("SPT={} DPT={} LEN={} ", NfReadU16(p), NfReadU16(p + 2), NfReadU16(p + 4));
}

/// Linux: dump_ipv4_packet(), required_len[]: shorter messages of a known type are incomplete.
size_t
RequiredIcmpSize(uint8_t type)
{
    switch (type)
    {
    case 0:
    case 8:
        return 4;
    case 3:
    case 4:
    case 5:
    case 11:
    case 12:
        return 8 + NF_IPV4_HEADER_SIZE;
    case 13:
    case 14:
        return 20;
    case 17:
    case 18:
        return 12;
    default:
        return 0;
    }
}

void
WriteQuoted(Writer& w, NfBytes quoted, void (*write)(Writer&, NfBytes))
{
    if (!w.outermost)
    {
        return;
    }
    w.text += "[";
    w.outermost = false;
    write(w, quoted);
    w.outermost = true;
    w.cut = false;
    w.text += "] ";
}

void
WriteIcmp(Writer& w, NfBytes l4)
{
    if (l4.size() < NF_ICMP_HEADER_SIZE)
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        return;
    }
    const uint8_t* p = l4.data();
    const uint8_t type = p[0];
    w.Add("TYPE={} CODE={} ", type, p[1]);
    if (l4.size() < RequiredIcmpSize(type))
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        return;
    }
    switch (type)
    {
    case 0:
    case 8:
        w.Add("ID={} SEQ={} ", NfReadU16(p + 4), NfReadU16(p + 6));
        break;
    case 12:
        w.Add("PARAMETER={} ", p[4]);
        break;
    case 5:
        w.Add("GATEWAY={}.{}.{}.{} ", p[4], p[5], p[6], p[7]);
        [[fallthrough]];
    case 3:
    case 4:
    case 11:
        WriteQuoted(w, l4.Sub(NF_ICMP_HEADER_SIZE), WriteIpv4);
        if (type == 3 && p[1] == 4)
        {
            w.Add("MTU={} ", NfReadU16(p + 6));
        }
        break;
    default:
        break;
    }
}

void
WriteSpi(Writer& w, const char* name, NfBytes l4, bool laterFragment, size_t size, size_t offset)
{
    w.Add("PROTO={} ", name);
    if (laterFragment)
    {
        return;
    }
    if (l4.size() < size)
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        return;
    }
    w.Add("SPI=0x{:x} ", NfReadU32(l4.data() + offset));
}

void
WriteIpv4Transport(Writer& w, NfBytes l4, uint8_t protocol, bool laterFragment)
{
    switch (protocol)
    {
    case NF_IPPROTO_TCP:
        WriteTcp(w, l4, laterFragment);
        break;
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
        WriteUdp(w, l4, protocol, laterFragment);
        break;
    case NF_IPPROTO_ICMP:
        w.text += "PROTO=ICMP ";
        if (!laterFragment)
        {
            WriteIcmp(w, l4);
        }
        break;
    case NF_IPPROTO_AH:
        WriteSpi(w, "AH", l4, laterFragment, AH_HEADER_SIZE, 4);
        break;
    case NF_IPPROTO_ESP:
        WriteSpi(w, "ESP", l4, laterFragment, ESP_HEADER_SIZE, 0);
        break;
    default:
        w.Add("PROTO={} ", protocol);
    }
}

void
WriteIpv4(Writer& w, NfBytes packet)
{
    if (packet.size() < NF_IPV4_HEADER_SIZE)
    {
        w.text += "TRUNCATED";
        return;
    }
    const uint8_t* p = packet.data();
    const uint16_t fragment = NfReadU16(p + 6);
    w.Add("SRC={}.{}.{}.{} DST={}.{}.{}.{} LEN={} TOS=0x{:02X} PREC=0x{:02X} TTL={} ID={} ",
          p[12],
          p[13],
          p[14],
          p[15],
          p[16],
          p[17],
          p[18],
          p[19],
          NfReadU16(p + 2),
          p[1] & 0x1e,
          p[1] & 0xe0,
          p[8],
          NfReadU16(p + 4));
    w.text += fragment & 0x8000 ? "CE " : "";
    w.text += fragment & 0x4000 ? "DF " : "";
    w.text += fragment & 0x2000 ? "MF " : "";
    if (fragment & 0x1fff)
    {
        w.Add("FRAG:{} ", fragment & 0x1fff);
    }
    const size_t headerSize = size_t{4} * (p[0] & 0xf);
    if ((w.flags & NF_LOG_IPOPT) && headerSize > NF_IPV4_HEADER_SIZE)
    {
        if (packet.size() < headerSize)
        {
            w.text += "TRUNCATED";
            w.cut = true;
            return;
        }
        w.text += "OPT (";
        w.AddHex(packet.Sub(NF_IPV4_HEADER_SIZE, headerSize - NF_IPV4_HEADER_SIZE));
        w.text += ") ";
    }
    WriteIpv4Transport(w, packet.Sub(headerSize), p[9], fragment & 0x1fff);
}

void
WriteIcmpv6(Writer& w, NfBytes l4)
{
    if (l4.size() < NF_ICMP_HEADER_SIZE)
    {
        w.Add("INCOMPLETE [{} bytes] ", l4.size());
        w.cut = true;
        return;
    }
    const uint8_t* p = l4.data();
    w.Add("TYPE={} CODE={} ", p[0], p[1]);
    switch (p[0])
    {
    case 128:
    case 129:
        w.Add("ID={} SEQ={} ", NfReadU16(p + 4), NfReadU16(p + 6));
        break;
    case 4:
        w.Add("POINTER={:08x} ", NfReadU32(p + 4));
        [[fallthrough]];
    case 1:
    case 2:
    case 3:
        WriteQuoted(w, l4.Sub(NF_ICMP_HEADER_SIZE), WriteIpv6);
        if (p[0] == 2)
        {
            w.Add("MTU={} ", NfReadU32(p + 4));
        }
        break;
    default:
        break;
    }
}

/// Outcome of one extension header: its size, or 0 when the line ends there.
size_t
WriteExtensionHeader(Writer& w, uint8_t header, NfBytes rest, bool& laterFragment)
{
    const bool options = w.flags & NF_LOG_IPOPT;
    const uint8_t* p = rest.data();
    switch (header)
    {
    case NF_IPPROTO_FRAGMENT: {
        w.text += "FRAG:";
        if (rest.size() < FRAGMENT_HEADER_SIZE)
        {
            w.text += "TRUNCATED ";
            return 0;
        }
        const uint16_t field = NfReadU16(p + 2);
        w.Add("{} {}ID:{:08x} ", field & 0xfff8, field & 1 ? "INCOMPLETE " : "", NfReadU32(p + 4));
        laterFragment = laterFragment || (field & 0xfff8) != 0;
        return FRAGMENT_HEADER_SIZE;
    }
    case NF_IPPROTO_AH:
        if (!options)
        {
            return (p[1] + size_t{2}) * 4;
        }
        w.text += "AH ";
        if (laterFragment || rest.size() < AH_HEADER_SIZE)
        {
            w.text += laterFragment ? ")" : fmt::format("INCOMPLETE [{} bytes] )", rest.size());
            return 0;
        }
        w.Add("SPI=0x{:x} ", NfReadU32(p + 4));
        return (p[1] + size_t{2}) * 4;
    case NF_IPPROTO_ESP:
        if (!options)
        {
            return 0;
        }
        w.text += "ESP ";
        if (laterFragment || rest.size() < ESP_HEADER_SIZE)
        {
            w.text += laterFragment ? ")" : fmt::format("INCOMPLETE [{} bytes] )", rest.size());
            return 0;
        }
        w.Add("SPI=0x{:x} )", NfReadU32(p));
        return 0;
    default:
        if (laterFragment)
        {
            w.text += options ? ")" : "";
            return 0;
        }
        return (p[1] + size_t{1}) * 8;
    }
}

bool
IsLoggedExtension(uint8_t header)
{
    static constexpr uint8_t HEADERS[] = {NF_IPPROTO_HOPOPTS,
                                          NF_IPPROTO_ROUTING,
                                          NF_IPPROTO_FRAGMENT,
                                          NF_IPPROTO_ESP,
                                          NF_IPPROTO_AH,
                                          NF_IPPROTO_DSTOPTS};
    return std::find(std::begin(HEADERS), std::end(HEADERS), header) != std::end(HEADERS);
}

void
WriteIpv6Transport(Writer& w, NfBytes l4, uint8_t protocol, bool laterFragment)
{
    switch (protocol)
    {
    case NF_IPPROTO_TCP:
        WriteTcp(w, l4, laterFragment);
        break;
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
        WriteUdp(w, l4, protocol, laterFragment);
        break;
    case NF_IPPROTO_ICMPV6:
        w.text += "PROTO=ICMPv6 ";
        if (!laterFragment)
        {
            WriteIcmpv6(w, l4);
        }
        break;
    default:
        w.Add("PROTO={} ", protocol);
    }
}

void
WriteIpv6(Writer& w, NfBytes packet)
{
    if (packet.size() < NF_IPV6_HEADER_SIZE)
    {
        w.text += "TRUNCATED";
        return;
    }
    const uint8_t* p = packet.data();
    w.Add("SRC={} DST={} LEN={} TC={} HOPLIMIT={} FLOWLBL={} ",
          NfAddr::FromWire(p + 8, NfFamily::IPV6).ToFullString(),
          NfAddr::FromWire(p + 24, NfFamily::IPV6).ToFullString(),
          NfReadU16(p + 4) + NF_IPV6_HEADER_SIZE,
          NfReadU16(p) >> 4 & 0xff,
          p[7],
          NfReadU32(p) & 0xfffff);
    uint8_t header = p[6];
    bool laterFragment = false;
    NfBytes rest = packet.Sub(NF_IPV6_HEADER_SIZE);
    while (IsLoggedExtension(header))
    {
        if (rest.size() < 2)
        {
            w.text += "TRUNCATED";
            w.cut = true;
            return;
        }
        const bool options = w.flags & NF_LOG_IPOPT;
        w.text += options ? "OPT ( " : "";
        const size_t size = WriteExtensionHeader(w, header, rest, laterFragment);
        if (size == 0)
        {
            w.cut = true;
            return;
        }
        w.text += options ? ") " : "";
        header = rest[0];
        rest = rest.Sub(size);
    }
    WriteIpv6Transport(w, rest, header, laterFragment);
}

/// Linux: nf_log_arp_packet(), dump_arp_packet().
void
WriteArp(Writer& w, NfBytes arp)
{
    constexpr size_t HEADER = 8;
    constexpr size_t ETHERNET_IPV4 = 28;
    if (arp.size() < HEADER)
    {
        w.text += "TRUNCATED";
        return;
    }
    const uint8_t* p = arp.data();
    w.Add("ARP HTYPE={} PTYPE=0x{:04x} OPCODE={}",
          NfReadU16(p),
          NfReadU16(p + 2),
          NfReadU16(p + 6));
    const bool known = NfReadU16(p) == 1 && p[4] == 6 && p[5] == 4;
    if (!known)
    {
        return;
    }
    if (arp.size() < ETHERNET_IPV4)
    {
        w.Add(" INCOMPLETE [{} bytes]", arp.size() - HEADER);
        return;
    }
    w.Add(" MACSRC={:02x} IPSRC={}.{}.{}.{} MACDST={:02x} IPDST={}.{}.{}.{}",
          fmt::join(p + 8, p + 14, ":"),
          p[14],
          p[15],
          p[16],
          p[17],
          fmt::join(p + 18, p + 24, ":"),
          p[24],
          p[25],
          p[26],
          p[27]);
}

void
WriteMac(Writer& w, const NfPacket& packet)
{
    const uint8_t* p = packet.ethernet.data();
    if ((w.flags & NF_LOG_MACDECODE) && packet.hasEthernet)
    {
        w.Add("MACSRC={:02x} MACDST={:02x} MACPROTO={:04x} ",
              fmt::join(p + 6, p + 12, ":"),
              fmt::join(p, p + 6, ":"),
              NfReadU16(p + 12));
        return;
    }
    w.text += "MAC=";
    if (packet.hasEthernet)
    {
        w.Add("{:02x}", fmt::join(p, p + packet.ethernet.size(), ":"));
    }
    w.text += " ";
}

void
WriteOwnerAndMark(Writer& w, const NfPacket& packet)
{
    if ((w.flags & NF_LOG_UID) && packet.ownerUid >= 0)
    {
        w.Add("UID={} GID={} ", packet.ownerUid, std::max<int64_t>(packet.ownerGid, 0));
    }
    if (packet.mark != 0)
    {
        w.Add("MARK=0x{:x} ", packet.mark);
    }
}

} // namespace

void
NfLog::Write(uint8_t level, std::string text)
{
    if (m_lines.size() >= RING_SIZE)
    {
        m_lines.erase(m_lines.begin(), m_lines.begin() + RING_CUT);
    }
    m_lines.push_back({level, std::move(text)});
    if (m_listener)
    {
        const NfLogLine line = m_lines.back(); // the listener may write or clear
        m_listener(line);
    }
}

std::string
NfLogPacketText(NfPacket& packet,
                const NfHookState& state,
                const std::string& prefix,
                uint8_t flags)
{
    Writer w;
    w.flags = flags;
    w.text.reserve(256);
    w.Add("{}IN={} OUT={} ",
          prefix,
          state.in ? state.in->name : std::string(),
          state.out ? state.out->name : std::string());
    if (packet.GetFamily() == NfFamily::ARP)
    {
        NfBuffer& buffer = packet.GetBuffer();
        WriteArp(w, NfBytes(buffer.Pull(buffer.GetSize()), buffer.GetSize()));
    }
    else
    {
        if (state.in)
        {
            WriteMac(w, packet);
        }
        const bool v6 = packet.GetFamily() == NfFamily::IPV6;
        (v6 ? WriteIpv6 : WriteIpv4)(w, packet.Serialize());
        if (!w.cut)
        {
            WriteOwnerAndMark(w, packet);
        }
    }
    w.text.resize(std::min(w.text.size(), MAX_LINE));
    return std::move(w.text);
}

} // namespace ns3
