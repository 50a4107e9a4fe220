/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-set-reference.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    MATCH_SET,
    RETURN_NOMATCH,
    UPDATE_COUNTERS,
    UPDATE_SUBCOUNTERS,
    PACKETS_EQ,
    PACKETS_LT,
    PACKETS_GT,
    BYTES_EQ,
    BYTES_LT,
    BYTES_GT,
};

constexpr uint32_t ANY = XT_INVERT | XT_MULTI | XT_NOCHECK;

constexpr XtOption OPTIONS[] = {
    {.name = "match-set", .type = XtType::CUSTOM, .id = MATCH_SET, .flags = ANY | XT_SECOND},
    {.name = "set", .type = XtType::CUSTOM, .id = MATCH_SET, .flags = ANY | XT_SECOND},
    {.name = "return-nomatch", .id = RETURN_NOMATCH, .flags = ANY},
    {.name = "update-counters", .id = UPDATE_COUNTERS, .flags = ANY},
    {.name = "update-subcounters", .id = UPDATE_SUBCOUNTERS, .flags = ANY},
    {.name = "packets-eq", .type = XtType::CUSTOM, .id = PACKETS_EQ, .flags = ANY},
    {.name = "packets-lt", .type = XtType::CUSTOM, .id = PACKETS_LT, .flags = ANY},
    {.name = "packets-gt", .type = XtType::CUSTOM, .id = PACKETS_GT, .flags = ANY},
    {.name = "bytes-eq", .type = XtType::CUSTOM, .id = BYTES_EQ, .flags = ANY},
    {.name = "bytes-lt", .type = XtType::CUSTOM, .id = BYTES_LT, .flags = ANY},
    {.name = "bytes-gt", .type = XtType::CUSTOM, .id = BYTES_GT, .flags = ANY},
};

/// @return " --packets-eq 1" or ""
std::string
FormatCounter(const IpSetCounterMatch& counter, const char* name, const char* dashes)
{
    constexpr const char* INVERTED[] = {"", "", "! ", "", ""};
    constexpr const char* NAMES[] = {"", "eq", "eq", "lt", "gt"};
    const auto op = static_cast<size_t>(counter.op);
    return counter.op == IpSetCompare::NONE
               ? ""
               : fmt::format(" {}{}{}-{} {}", INVERTED[op], dashes, name, NAMES[op], counter.value);
}

/// -m set (Linux: net/netfilter/xt_set.c; iptables: libxt_set.c, revision 4)
class XtSet final : public XtMatch, public XtSetUser
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case MATCH_SET:
            m_invert |= arg.invert;
            return m_set.Parse(arg);
        case RETURN_NOMATCH:
            m_returnNomatch = true;
            return arg.invert ? XtBadParameter("--return-nomatch flag cannot be inverted") : NfOk();
        case UPDATE_COUNTERS:
            m_skipCounters |= arg.invert;
            return NfOk();
        case UPDATE_SUBCOUNTERS:
            m_skipSubCounters |= arg.invert;
            return NfOk();
        default:
            return arg.option->id < BYTES_EQ ? ParseCounter(arg, PACKETS_EQ, m_packets)
                                             : ParseCounter(arg, BYTES_EQ, m_bytes);
        }
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen & 1U << MATCH_SET
                   ? NfOk()
                   : XtBadParameter("You must specify `--match-set' with proper arguments");
    }

    int Check(const XtCheck& check) override
    {
        return m_set.Hold(check);
    }

    void Destroy(const XtCheck&) override
    {
        m_set.Release();
    }

    NfStatus ResolveSets(const IpSets* sets, NfFamily family) override
    {
        return m_set ? m_set.Resolve(sets, family) : NfOk();
    }

    bool Match(XtParam& param) override
    {
        IpSetRequest request = m_set.MakeRequest(param);
        request.returnNomatch = m_returnNomatch;
        request.skipCounters = m_skipCounters;
        request.skipSubCounters = m_skipSubCounters;
        request.packets = m_packets;
        request.bytes = m_bytes;
        return m_set.Test(request) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return Format("--");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return Format("");
    }

  private:
    static NfStatus ParseCounter(const XtArg& arg, uint8_t first, IpSetCounterMatch& counter)
    {
        constexpr IpSetCompare OPS[] = {IpSetCompare::EQ, IpSetCompare::LT, IpSetCompare::GT};
        const char* what = first == PACKETS_EQ ? "packets" : "bytes";
        const IpSetCompare op = OPS[arg.option->id - first];
        if (counter.op != IpSetCompare::NONE)
        {
            return XtBadParameter(fmt::format("only one of the --{}-[eq|lt|gt] is allowed", what));
        }
        if (arg.invert && op != IpSetCompare::EQ)
        {
            return XtBadParameter(fmt::format("--{} option cannot be inverted", arg.option->name));
        }
        const auto value = XtParseNumber(arg.text, 0, UINT64_MAX);
        if (!value)
        {
            return XtBadParameter(fmt::format("Cannot parse {} as a counter value", arg.text));
        }
        counter.op = arg.invert ? IpSetCompare::NE : op;
        counter.value = *value;
        return NfOk();
    }

    std::string Format(const char* dashes) const
    {
        std::string text =
            fmt::format("{} {}match-set {}", m_invert ? " !" : "", dashes, m_set.Format());
        text += m_returnNomatch ? fmt::format(" {}return-nomatch", dashes) : "";
        text += m_skipCounters ? fmt::format(" ! {}update-counters", dashes) : "";
        text += m_skipSubCounters ? fmt::format(" ! {}update-subcounters", dashes) : "";
        return text + FormatCounter(m_packets, "packets", dashes) +
               FormatCounter(m_bytes, "bytes", dashes);
    }

    XtSetReference m_set;
    bool m_invert{false};
    bool m_returnNomatch{false};
    bool m_skipCounters{false};
    bool m_skipSubCounters{false};
    IpSetCounterMatch m_packets;
    IpSetCounterMatch m_bytes;
};

} // namespace

extern const XtMatchType XT_SET;
const XtMatchType XT_SET{
    .name = "set",
    .options = OPTIONS,
    .help = "set match options:\n"
            " [!] --match-set name flags [--return-nomatch]\n"
            "   [! --update-counters] [! --update-subcounters]\n"
            "   [[!] --packets-eq value | --packets-lt value | --packets-gt value\n"
            "   [[!] --bytes-eq value | --bytes-lt value | --bytes-gt value\n"
            "\t\t 'name' is the set name from to match,\n"
            "\t\t 'flags' are the comma separated list of\n"
            "\t\t 'src' and 'dst' specifications.\n",
    .make = XtMakeMatch<XtSet>,
};

} // namespace ns3
