/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "../packet/nf-checksum.h"
#include "xt-target.h"

#include <bitset>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "strip-options", .type = XtType::STRING},
};

struct OptionName
{
    const char* name;
    uint8_t kind;
};

constexpr OptionName NAMES[] = {
    {"wscale", 3},
    {"mss", 2},
    {"sack-permitted", 4},
    {"sack", 5},
    {"timestamp", 8},
    {"md5", 19},
};

constexpr uint8_t NOP = 1;

std::optional<uint64_t>
FindKind(const std::string& word)
{
    for (const OptionName& row : NAMES)
    {
        if (word == row.name)
        {
            return row.kind;
        }
    }
    return XtParseNumber(word, 0, 255);
}

std::string
NameOf(size_t kind, bool numeric)
{
    for (const OptionName& row : NAMES)
    {
        if (row.kind == kind && !numeric)
        {
            return row.name;
        }
    }
    return fmt::format("{}", kind);
}

/// -j TCPOPTSTRIP: options become padding (Linux: net/netfilter/xt_TCPOPTSTRIP.c)
class XtTargetTcpoptstrip final : public XtTarget
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        for (const std::string& word : XtSplit(arg.text, ','))
        {
            const std::optional<uint64_t> kind = FindKind(word);
            if (!kind)
            {
                return XtBadParameter(fmt::format("Bad TCP option value \"{}\"", word));
            }
            if (*kind < 2)
            {
                return XtBadParameter("Option value may not be 0 or 1");
            }
            m_kinds.set(*kind);
        }
        return NfOk();
    }

    XtVerdict Target(XtParam& param) override
    {
        NfPacket& packet = param.packet;
        if (packet.IsLaterFragment())
        {
            return XT_CONTINUE;
        }
        const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
        const size_t header = tcp ? (tcp[NF_TCP_DOFF] >> 4) * 4U : 0;
        if (header < NF_TCP_HEADER_SIZE || !packet.PullTransport(header))
        {
            return NfVerdict(NfVerdict::DROP);
        }
        if (header > NF_TCP_HEADER_SIZE)
        {
            Strip(packet, packet.MakeTransportWritable(header), header);
        }
        return XT_CONTINUE;
    }

    std::string Save(const XtIp&) const override
    {
        return m_kinds.none() ? "" : " --strip-options " + Format(true);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return m_kinds.none() ? "" : " TCPOPTSTRIP options " + Format(numeric);
    }

  private:
    void Strip(const NfPacket& packet, uint8_t* tcp, size_t header) const
    {
        for (size_t i = NF_TCP_HEADER_SIZE; i + 1 < header;)
        {
            const size_t length = tcp[i] <= NOP || tcp[i + 1] == 0 ? 1 : tcp[i + 1];
            if (i + length > header)
            {
                return;
            }
            const bool strip = m_kinds.test(tcp[i]);
            for (size_t j = i; strip && j < i + length; j++)
            {
                Write(packet, tcp, j);
            }
            i += length;
        }
    }

    static void Write(const NfPacket& packet, uint8_t* tcp, size_t at)
    {
        const unsigned shift = at % 2 ? 0 : 8;
        const auto from = static_cast<uint16_t>(tcp[at] << shift);
        const auto to = static_cast<uint16_t>(NOP << shift);
        tcp[at] = NOP;
        if (!packet.checksumOk)
        {
            uint8_t* sum = tcp + NF_TCP_CHECKSUM;
            NfWriteU16(sum, NfChecksumAdjust(NfReadU16(sum), from, to));
        }
    }

    std::string Format(bool numeric) const
    {
        std::string text;
        for (size_t i = 0; i < m_kinds.size(); i++)
        {
            if (m_kinds.test(i))
            {
                text += text.empty() ? "" : ",";
                text += NameOf(i, numeric);
            }
        }
        return text;
    }

    std::bitset<256> m_kinds; //!< to be stripped
};

} // namespace

extern const XtTargetType XT_TARGET_TCPOPTSTRIP;
const XtTargetType XT_TARGET_TCPOPTSTRIP{
    .name = "TCPOPTSTRIP",
    .options = OPTIONS,
    .table = "mangle",
    .protocol = NF_IPPROTO_TCP,
    .make = XtMakeTarget<XtTargetTcpoptstrip>,
};

} // namespace ns3
