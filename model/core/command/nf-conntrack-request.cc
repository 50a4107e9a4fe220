/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// The command line of conntrack(8): what conntrack-tools 1.4.7 makes of its words.
#include "nf-conntrack-request.h"

#include "nf-conntrack-parser.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace ns3
{

namespace
{

using Opt = NfConntrackOpt;
using Act = NfConntrackAct;

constexpr const char* TRY_HELP = "\nTry `conntrack -h' or 'conntrack --help' for more information.";

/// A command's letter and its acts, on connections and on expectations.
struct Command
{
    char letter;
    Act plain;
    Act expect;
};

constexpr std::array COMMANDS = {Command{'L', Act::LIST, Act::EXP_LIST},
                                 Command{'I', Act::CREATE, Act::EXP_CREATE},
                                 Command{'D', Act::DELETE, Act::EXP_DELETE},
                                 Command{'G', Act::GET, Act::EXP_GET},
                                 Command{'F', Act::FLUSH, Act::EXP_FLUSH},
                                 Command{'E', Act::EVENT, Act::EXP_EVENT},
                                 Command{'V', Act::VERSION, Act::VERSION},
                                 Command{'h', Act::HELP, Act::HELP},
                                 Command{'C', Act::COUNT, Act::EXP_COUNT},
                                 Command{'S', Act::STATS, Act::EXP_STATS},
                                 Command{'U', Act::UPDATE, Act::NONE},
                                 Command{'A', Act::ADD, Act::NONE}};

} // namespace

NfResult<NfConntrackRequest>
NfConntrackParser::Parse()
{
    while (!m_error && m_next < m_args.size() && m_args[m_next] != "--")
    {
        const std::string& word = m_args[m_next++];
        if (word.size() > 2 && word.compare(0, 2, "--") == 0)
        {
            LongOption(word);
        }
        else if (word.size() > 1 && word[0] == '-')
        {
            ShortOptions(word);
        }
    }
    Check();
    return m_error ? NfResult<NfConntrackRequest>(*m_error)
                   : NfResult<NfConntrackRequest>(std::move(m_request));
}

void
NfConntrackParser::Fail(const std::string& text, int status)
{
    if (!m_error)
    {
        m_error =
            NfError{status,
                    m_request.notes + NF_CONNTRACK_TOOL + text + (status == 2 ? TRY_HELP : "")};
    }
}

void
NfConntrackParser::Mark(NfConntrackOpt option)
{
    m_request.options |= 1U << static_cast<unsigned>(option);
}

std::optional<std::string>
NfConntrackParser::OptionalWord(bool inlined)
{
    // The tool looks at the next word only, and finds nothing that stands in the same word.
    const bool there = !inlined && m_next < m_args.size();
    if (!there ||
        (!m_args[m_next].empty() && (m_args[m_next][0] == '-' || m_args[m_next][0] == '!')))
    {
        return std::nullopt;
    }
    return m_args[m_next++];
}

bool
NfConntrackParser::NextValue(const std::optional<std::string>& inlined,
                             const std::string& shown,
                             std::string& value)
{
    if (inlined)
    {
        value = *inlined;
        return true;
    }
    if (m_next < m_args.size())
    {
        value = m_args[m_next++];
        return true;
    }
    Fail("option `" + shown + "' requires an argument");
    return false;
}

void
NfConntrackParser::LongOption(const std::string& word)
{
    const size_t eq = word.find('=');
    const std::string name = word.substr(2, eq == std::string::npos ? eq : eq - 2);
    const std::optional<std::string> inlined =
        eq == std::string::npos ? std::nullopt : std::optional(word.substr(eq + 1));
    const auto option = NfConntrackLongOption(name, m_protocol);
    if (!option || (option->arg == NfOptArg::NONE && inlined))
    {
        Fail("unknown option `" + word + "'");
        return;
    }
    std::string value = inlined.value_or("");
    if (option->arg == NfOptArg::REQUIRED && !NextValue(inlined, word, value))
    {
        return;
    }
    if (option->own)
    {
        SetField(*option->own, value);
        return;
    }
    Apply(option->letter, value, inlined.has_value());
}

void
NfConntrackParser::ShortOptions(const std::string& word)
{
    for (size_t i = 1; i < word.size() && !m_error; i++)
    {
        const std::optional<NfOptArg> arg = NfConntrackShortOption(word[i]);
        const bool last = i + 1 == word.size();
        if (!arg)
        {
            // The tool names the word before the one that getopt() is at.
            Fail("unknown option `" + m_args[last ? m_next - 1 : m_next - 2] + "'");
            return;
        }
        if (*arg == NfOptArg::NONE)
        {
            Apply(word[i], "", false);
            continue;
        }
        const std::optional<std::string> rest =
            last ? std::nullopt : std::optional(word.substr(i + 1));
        std::string value = rest.value_or("");
        if (*arg == NfOptArg::OPTIONAL || NextValue(rest, word, value))
        {
            Apply(word[i], value, rest.has_value());
        }
        return;
    }
}

std::string
NfConntrackParser::TableName(bool inlined)
{
    static constexpr std::array<std::string_view, 4> TABLES = {"expect",
                                                               "conntrack",
                                                               "dying",
                                                               "unconfirmed"};
    const std::optional<std::string> word = OptionalWord(inlined);
    if (!word)
    {
        return "conntrack";
    }
    const auto it = std::find_if(TABLES.begin(), TABLES.end(), [&word](std::string_view table) {
        return table.substr(0, word->size()) == *word;
    });
    if (it == TABLES.end())
    {
        Fail("unknown type `" + *word + "'");
        return "conntrack";
    }
    return std::string(*it);
}

void
NfConntrackParser::SetCommand(char letter, bool inlined)
{
    const auto command = std::find_if(COMMANDS.begin(), COMMANDS.end(), [letter](const auto& row) {
        return row.letter == letter;
    });
    const std::string table = TableName(inlined);
    const bool shadow = table == "dying" || table == "unconfirmed";
    if (shadow && letter != 'L')
    {
        Fail("Can't do that command with tables `dying' and `unconfirmed'");
    }
    const Act act = table == "expect" ? command->expect : command->plain;
    if (act == Act::NONE)
    {
        Fail(fmt::format("Can't do --{} on expectations", NfConntrackLongName(letter)));
    }
    if (m_request.act != Act::NONE)
    {
        Fail("Invalid commands combination");
    }
    m_request.act = act;
    m_request.table = table;
}

void
NfConntrackParser::ApplyFilter(char letter, const std::string& value, bool inlined)
{
    switch (letter)
    {
    case 'm':
        Mark(Opt::MARK);
        return SetMark(value);
    case 'w':
        Mark(Opt::ZONE);
        m_request.zone = static_cast<uint16_t>(NfLooseNumber(value));
        return;
    case '(':
    case ')':
        Mark(letter == '(' ? Opt::ORIG_ZONE : Opt::REPLY_ZONE);
        m_request.tupleZone[letter == '(' ? 0 : 1] = static_cast<uint16_t>(NfLooseNumber(value));
        return;
    case 'i':
        Mark(Opt::ID);
        m_request.id = NfLooseNumber(value);
        return;
    case 'c':
        Mark(Opt::SECMARK);
        return;
    case 'l':
    case '<':
    case '>':
        return SetLabels(letter, value, inlined);
    case 'a':
        m_request.notes += "WARNING: ignoring -a, deprecated option.\n";
        return;
    default:
        return;
    }
}

void
NfConntrackParser::Apply(char letter, const std::string& value, bool inlined)
{
    if (std::string_view("LIDGFEVhCSUA").find(letter) != std::string_view::npos)
    {
        return SetCommand(letter, inlined);
    }
    if (std::string_view("sdrq[]{}").find(letter) != std::string_view::npos)
    {
        return SetAddress(letter, value);
    }
    switch (letter)
    {
    case 'p':
        return SetProtocol(value);
    case 't':
        Mark(Opt::TIMEOUT);
        m_request.timeout = NfLooseDecimal(value);
        return;
    case 'u':
        Mark(Opt::STATUS);
        return SetStatus(value);
    case 'e':
        Mark(Opt::EVENT_MASK);
        return SetEvents(value);
    case 'o':
        Mark(Opt::OUTPUT);
        return SetOutput(value);
    case 'z':
        Mark(Opt::ZERO);
        return;
    case 'n':
    case 'g':
    case 'j':
        return SetNat(letter, inlined);
    case 'f':
        Mark(Opt::FAMILY);
        return SetFamily(value);
    case 'b':
        Mark(Opt::BUFFER_SIZE);
        m_request.bufferSize = std::strtoul(value.c_str(), nullptr, 10);
        return;
    default:
        return ApplyFilter(letter, value, inlined);
    }
}

void
NfConntrackParser::Check()
{
    static constexpr std::array OPEN_FAMILY =
        {Act::LIST, Act::UPDATE, Act::DELETE, Act::GET, Act::FLUSH, Act::EVENT};
    const bool open =
        std::find(OPEN_FAMILY.begin(), OPEN_FAMILY.end(), m_request.act) != OPEN_FAMILY.end();
    if (m_request.family == NfFamily::UNSPEC && !open)
    {
        m_request.family = NfFamily::IPV4;
    }
    if (m_request.Has(Opt::ANY_NAT) && (m_request.Has(Opt::SRC_NAT) || m_request.Has(Opt::DST_NAT)))
    {
        Fail("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'");
    }
    if (const auto message = NfConntrackCheckOptions(m_request))
    {
        Fail(*message);
    }
    const bool help = m_request.act == Act::HELP;
    if (const auto message = m_protocol && !help
                                 ? NfConntrackCheckProtocol(*m_protocol, m_request.act, m_given)
                                 : std::nullopt)
    {
        Fail(*message);
    }
    const bool replied = m_request.reply.family != NfFamily::UNSPEC;
    if (m_request.Has(Opt::PROTOCOL) && !m_protocol && replied)
    {
        m_request.reply.protocol = m_request.protocol;
    }
}

NfResult<NfConntrackRequest>
NfParseConntrackRequest(const std::vector<std::string>& args, const NfLabelMap* labels)
{
    return NfConntrackParser(args, labels).Parse();
}

} // namespace ns3
