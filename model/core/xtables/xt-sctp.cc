/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"
#include "xt-ports.h"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SPORT,
    DPORT,
    CHUNKS,
};

constexpr XtOption OPTIONS[] = {
    {.name = "source-port", .type = XtType::CUSTOM, .id = SPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "sport", .type = XtType::CUSTOM, .id = SPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "destination-port",
     .type = XtType::CUSTOM,
     .id = DPORT,
     .flags = XT_INVERT | XT_NOCHECK},
    {.name = "dport", .type = XtType::CUSTOM, .id = DPORT, .flags = XT_INVERT | XT_NOCHECK},
    {.name = "chunk-types",
     .type = XtType::CUSTOM,
     .id = CHUNKS,
     .flags = XT_INVERT | XT_NOCHECK | XT_SECOND},
};

/// A chunk type (IANA sctp-parameters) and the letters of its flags, highest bit first.
struct ChunkName
{
    const char* name;
    uint8_t type;
    const char* flags;
};

constexpr ChunkName CHUNK_NAMES[] = {
    {"DATA", 0, "----IUBE"},
    {"INIT", 1, "--------"},
    {"INIT_ACK", 2, "--------"},
    {"SACK", 3, "--------"},
    {"HEARTBEAT", 4, "--------"},
    {"HEARTBEAT_ACK", 5, "--------"},
    {"ABORT", 6, "-------T"},
    {"SHUTDOWN", 7, "--------"},
    {"SHUTDOWN_ACK", 8, "--------"},
    {"ERROR", 9, "--------"},
    {"COOKIE_ECHO", 10, "--------"},
    {"COOKIE_ACK", 11, "--------"},
    {"ECN_ECNE", 12, "--------"},
    {"ECN_CWR", 13, "--------"},
    {"SHUTDOWN_COMPLETE", 14, "-------T"},
    {"I_DATA", 64, "----IUBE"},
    {"RE_CONFIG", 130, "--------"},
    {"PAD", 132, "--------"},
    {"ASCONF", 193, "--------"},
    {"ASCONF_ACK", 128, "--------"},
    {"FORWARD_TSN", 192, "--------"},
    {"I_FORWARD_TSN", 194, "--------"},
};

constexpr size_t MAX_FLAG_RULES = 4;

enum class Which : uint8_t
{
    ANY,
    ALL,
    ONLY,
};

constexpr const char* WHICH_NAMES[] = {"any", "all", "only"};

struct FlagRule
{
    uint8_t type;
    uint8_t flags;
    uint8_t mask;

    bool Accepts(uint8_t chunkFlags) const
    {
        return (chunkFlags & mask) == flags;
    }
};

using ChunkSet = std::bitset<256>;

constexpr size_t SCTP_HEADER_SIZE = 12;
constexpr size_t CHUNK_HEADER_SIZE = 4;

/// -m sctp (Linux: net/netfilter/xt_sctp.c; iptables: libxt_sctp.c)
class XtSctp final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case SPORT:
            return XtParsePortOption(arg, "--source-port", "sctp", m_sport);
        case DPORT:
            return XtParsePortOption(arg, "--destination-port", "sctp", m_dport);
        default:
            return ParseChunkOption(arg);
        }
    }

    bool Match(XtParam& param) override
    {
        const uint8_t* sctp = XtPullHeader(param, SCTP_HEADER_SIZE);
        return sctp && m_sport.Has(NfReadU16(sctp)) && m_dport.Has(NfReadU16(sctp + 2)) &&
               (!m_hasChunks || MatchChunks(param) != m_invertChunks);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text = m_sport.Save(" --sport") + m_dport.Save(" --dport");
        if (m_hasChunks)
        {
            text +=
                fmt::format("{} --chunk-types {}", m_invertChunks ? " !" : "", FormatChunks(false));
        }
        return text;
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        std::string text = " sctp" + m_sport.Print("spt", NF_IPPROTO_SCTP, numeric) +
                           m_dport.Print("dpt", NF_IPPROTO_SCTP, numeric);
        if (m_hasChunks)
        {
            text += fmt::format("{} {}", m_invertChunks ? " !" : "", FormatChunks(numeric));
        }
        return text;
    }

  private:
    NfStatus ParseChunkOption(const XtArg& arg)
    {
        if (arg.seen >> CHUNKS & 1)
        {
            return XtBadParameter("Only one `--chunk-types' allowed");
        }
        if (!arg.hasSecond)
        {
            return XtBadParameter("--chunk-types requires two args");
        }
        const auto* which =
            std::find_if(std::begin(WHICH_NAMES), std::end(WHICH_NAMES), [&](const char* name) {
                return XtIsSameWord(arg.text, name);
            });
        if (which == std::end(WHICH_NAMES))
        {
            return XtBadParameter("Match type has to be one of \"ALL\", \"ANY\" or \"ONLY\"");
        }
        m_which = static_cast<Which>(which - std::begin(WHICH_NAMES));
        m_hasChunks = true;
        m_invertChunks = arg.invert;
        if (XtIsSameWord(arg.second, "ALL"))
        {
            m_chunks.set();
            return NfOk();
        }
        return XtIsSameWord(arg.second, "NONE") ? NfOk() : ParseChunks(arg.second);
    }

    NfStatus ParseChunks(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            if (word.empty())
            {
                continue;
            }
            const size_t colon = word.find(':');
            const std::string name = word.substr(0, colon);
            const auto* row =
                std::find_if(std::begin(CHUNK_NAMES), std::end(CHUNK_NAMES), [&](const auto& c) {
                    return XtIsSameWord(name, c.name);
                });
            if (row == std::end(CHUNK_NAMES))
            {
                return XtBadParameter(fmt::format("Unknown sctp chunk `{}'", name));
            }
            m_chunks.set(row->type);
            if (colon == std::string::npos)
            {
                continue;
            }
            for (const char c : word.substr(colon + 1))
            {
                if (NfStatus status = AddFlag(*row, c); !status)
                {
                    return status;
                }
            }
        }
        return NfOk();
    }

    NfStatus AddFlag(const ChunkName& chunk, char letter)
    {
        const int upper = std::toupper(static_cast<unsigned char>(letter));
        const char* at = upper == '-' ? nullptr : std::strchr(chunk.flags, upper);
        if (!at)
        {
            return XtBadParameter(
                fmt::format("Invalid flags for chunk type {}", &chunk - CHUNK_NAMES));
        }
        FlagRule* rule = FindFlagRule(chunk.type);
        if (!rule)
        {
            if (m_flagRules.size() == MAX_FLAG_RULES)
            {
                return XtBadParameter("Number of chunk types with flags exceeds currently allowed "
                                      "limit.Increasing this limit involves changing IPT_NUM_CHUNK_"
                                      "FLAGS and recompiling both the kernel space and user space "
                                      "modules");
            }
            m_flagRules.push_back(FlagRule{chunk.type, 0, 0});
            rule = &m_flagRules.back();
        }
        const auto bit = static_cast<uint8_t>(0x80 >> (at - chunk.flags));
        rule->mask |= bit;
        rule->flags |= letter == upper ? bit : 0;
        return NfOk();
    }

    FlagRule* FindFlagRule(uint8_t type)
    {
        for (FlagRule& rule : m_flagRules)
        {
            if (rule.type == type)
            {
                return &rule;
            }
        }
        return nullptr;
    }

    bool AcceptsFlags(uint8_t type, uint8_t flags)
    {
        const FlagRule* rule = FindFlagRule(type);
        return !rule || rule->Accepts(flags);
    }

    /// Linux: match_packet()
    bool MatchChunks(XtParam& param)
    {
        ChunkSet left = m_chunks;
        const NfBytes bytes = param.packet.PullTransportAll();
        for (size_t at = SCTP_HEADER_SIZE;;)
        {
            const NfBytes chunk = bytes.Sub(at);
            const size_t length =
                chunk.size() < CHUNK_HEADER_SIZE ? 0 : NfReadU16(chunk.data() + 2);
            if (length == 0)
            {
                param.hotdrop = true;
                return false;
            }
            const bool listed = m_chunks.test(chunk[0]);
            const bool wanted = listed && AcceptsFlags(chunk[0], chunk[1]);
            if (m_which == Which::ANY && wanted)
            {
                return true;
            }
            if (m_which == Which::ONLY && !wanted)
            {
                return false;
            }
            if (wanted)
            {
                left.reset(chunk[0]);
            }
            at += (length + 3) & ~size_t{3};
            if (at >= bytes.size())
            {
                break;
            }
        }
        return m_which == Which::ALL ? left.none() : m_which == Which::ONLY;
    }

    std::string FormatChunks(bool numeric) const
    {
        std::string text;
        for (unsigned type = 0; type < 256 && !m_chunks.all(); type++)
        {
            if (m_chunks.test(type))
            {
                text += text.empty() ? "" : ",";
                text += FormatChunk(static_cast<uint8_t>(type), numeric);
            }
        }
        return fmt::format("{} {}",
                           WHICH_NAMES[static_cast<size_t>(m_which)],
                           m_chunks.all()    ? "ALL"
                           : m_chunks.none() ? "NONE"
                                             : text);
    }

    std::string FormatChunk(uint8_t type, bool numeric) const
    {
        const auto* row = std::find_if(std::begin(CHUNK_NAMES),
                                       std::end(CHUNK_NAMES),
                                       [&](const auto& c) { return c.type == type; });
        std::string text = numeric ? fmt::format("0x{:04X}", type) : row->name;
        for (const FlagRule& rule : m_flagRules)
        {
            text += rule.type == type ? ":" + FormatFlags(rule, row->flags) : "";
        }
        return text;
    }

    static std::string FormatFlags(const FlagRule& rule, const char* letters)
    {
        std::string text;
        for (int i = 0; i < 8; i++)
        {
            const int bit = 0x80 >> i;
            if (rule.mask & bit)
            {
                text += static_cast<char>(rule.flags & bit ? letters[i] : std::tolower(letters[i]));
            }
        }
        return text;
    }

    XtPortRange m_sport;
    XtPortRange m_dport;
    bool m_hasChunks{false};
    bool m_invertChunks{false};
    Which m_which{Which::ANY};
    ChunkSet m_chunks;
    std::vector<FlagRule> m_flagRules;
};

} // namespace

extern const XtMatchType XT_SCTP;
const XtMatchType XT_SCTP{
    .name = "sctp",
    .options = OPTIONS,
    .protocol = NF_IPPROTO_SCTP,
    .make = XtMakeMatch<XtSctp>,
};

} // namespace ns3
