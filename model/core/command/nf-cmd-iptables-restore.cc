/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-cmd-iptables.h"
#include "nf-tokenizer.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <system_error>

namespace ns3
{
namespace
{

constexpr size_t MAX_CHAIN_NAME = 29; //!< XT_EXTENSION_MAXNAMELEN, with the final 0

struct Options
{
    bool counters{false};
    bool verbose{false};
    bool test{false};
    bool noFlush{false};
    std::string table; //!< "": all
    std::string file;  //!< "": standard input
};

/// Blank separated words taken from the front, as strtok() does.
std::string_view
TakeWord(std::string_view& text)
{
    const size_t start = std::min(text.find_first_not_of(" \t\n"), text.size());
    const size_t end = std::min(text.find_first_of(" \t\n", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    return word;
}

/// "[packets:bytes]" @return nothing if it is not that
std::optional<XtCounters>
ParseCounters(std::string_view text)
{
    constexpr auto max = std::numeric_limits<uint64_t>::max();
    if (text.empty() || text[0] != '[')
    {
        return std::nullopt;
    }
    std::string_view rest;
    const auto packets = XtParseNumberPrefix(text.substr(1), 0, max, rest);
    if (!packets || rest.empty() || rest[0] != ':')
    {
        return std::nullopt;
    }
    const auto bytes = XtParseNumberPrefix(rest.substr(1), 0, max, rest);
    if (!bytes || rest.empty() || rest[0] != ']')
    {
        return std::nullopt;
    }
    return XtCounters{*packets, *bytes};
}

/**
 * Loads a dump. Each table is committed at its COMMIT line, so that errors come in the order of the
 * lines; when a later line fails, the tables committed so far get their old content back.
 */
class Restore
{
  public:
    Restore(NfNetns& netns, NfFamily family, const Options& options)
        : m_tables(netns.GetXtables(family)),
          m_options(options)
    {
        m_tool.family = family;
        m_tool.sets = &netns.GetSets();
        m_tool.name = family == NfFamily::IPV6 ? "ip6tables-restore" : "iptables-restore";
    }

    NfCommandResult Run(std::string_view input)
    {
        while (!input.empty())
        {
            const size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
            ++m_tool.line;
            const NfStatus status = Line(input.substr(0, end));
            if (!status)
            {
                return Fail(status.Error());
            }
            input.remove_prefix(end);
        }
        if (m_inTable)
        {
            return Fail(NfError{
                1,
                fmt::format("{}: COMMIT expected at line {}", m_tool.name, m_tool.line + 1)});
        }
        return std::move(m_result);
    }

  private:
    NfStatus Line(std::string_view line);
    NfStatus Table(std::string_view line);
    NfStatus Chain(std::string_view line);
    NfStatus Policy(const std::string& chain, std::string_view rest);
    NfStatus Rule(std::string_view line);
    NfStatus Commit();
    void Flush();

    NfError LineFailed() const
    {
        return NfError{1, fmt::format("{}: line {} failed", m_tool.name, m_tool.line)};
    }

    NfError Bad(std::string text) const
    {
        return NfIptablesError(m_tool, XtBadParameter(std::move(text)));
    }

    /// Puts everything back. @param error what went wrong
    NfCommandResult Fail(const NfError& error)
    {
        for (auto it = m_undo.rbegin(); it != m_undo.rend(); ++it)
        {
            it->first->Commit(it->second);
        }
        m_result.status = error.status;
        m_result.err += error.message + "\n";
        return std::move(m_result);
    }

    XtTables& m_tables;
    const Options& m_options;
    NfIptablesTool m_tool;
    NfCommandResult m_result;
    bool m_inTable{false};
    std::string m_tableName;                            //!< of the last "*" line
    XtTable* m_table{nullptr};                          //!< under edit
    XtRuleset m_ruleset;                                //!< its content to be
    std::vector<std::pair<XtTable*, XtRuleset>> m_undo; //!< what committed tables had
};

NfStatus
Restore::Line(std::string_view line)
{
    if (line[0] == '\n')
    {
        return NfOk();
    }
    if (line[0] == '#')
    {
        m_result.out += m_options.verbose ? line : "";
        return NfOk();
    }
    if (line[0] == '*' && !m_inTable)
    {
        return Table(line);
    }
    const bool skipped = !m_options.table.empty() && m_options.table != m_tableName;
    if (!m_inTable)
    {
        return skipped ? NfOk() : NfStatus(LineFailed());
    }
    if (line == "COMMIT\n")
    {
        return Commit();
    }
    return line[0] == ':' ? Chain(line) : Rule(line);
}

NfStatus
Restore::Table(std::string_view line)
{
    line.remove_prefix(1);
    m_tableName = TakeWord(line);
    if (m_tableName.empty())
    {
        return Bad(fmt::format("{}: line {} table name invalid", m_tool.name, m_tool.line));
    }
    if (!m_options.table.empty() && m_options.table != m_tableName)
    {
        return NfOk();
    }
    m_table = m_tables.Use(m_tableName);
    if (!m_table)
    {
        return Bad(fmt::format("{}: unable to initialize table '{}'", m_tool.name, m_tableName));
    }
    m_ruleset = m_table->Copy();
    NfZeroPolicyCounters(m_ruleset);
    m_inTable = true;
    if (!m_options.noFlush)
    {
        Flush();
    }
    return NfOk();
}

void
Restore::Flush()
{
    std::string deleted;
    for (XtChain& chain : m_ruleset.chains)
    {
        chain.rules.clear();
        if (m_options.verbose)
        {
            m_result.out += fmt::format("Flushing chain `{}'\n", chain.name);
            deleted += chain.hook ? "" : fmt::format("Deleting chain `{}'\n", chain.name);
        }
    }
    m_result.out += deleted;
    std::erase_if(m_ruleset.chains, [](const XtChain& chain) { return !chain.hook; });
}

NfStatus
Restore::Chain(std::string_view line)
{
    line.remove_prefix(1);
    const std::string name(TakeWord(line));
    if (name.empty())
    {
        return Bad(fmt::format("{}: line {} chain name invalid", m_tool.name, m_tool.line));
    }
    if (name.size() >= MAX_CHAIN_NAME)
    {
        return Bad(fmt::format("Invalid chain name `{}' ({} chars max)", name, MAX_CHAIN_NAME - 1));
    }
    XtChain* chain = m_ruleset.Find(name);
    if (!chain)
    {
        m_ruleset.Create(name);
    }
    else if (!chain->hook && m_options.noFlush)
    {
        chain->rules.clear();
    }
    else if (!chain->hook)
    {
        return Bad(fmt::format("error creating chain '{}':{}", name, NfErrnoText(EEXIST)));
    }
    return Policy(name, line);
}

NfStatus
Restore::Policy(const std::string& chain, std::string_view rest)
{
    const std::string policy(TakeWord(rest));
    if (policy.empty())
    {
        return Bad(fmt::format("{}: line {} policy invalid", m_tool.name, m_tool.line));
    }
    if (policy == "-")
    {
        return NfOk();
    }
    XtCounters counters;
    if (m_options.counters)
    {
        const auto parsed = ParseCounters(TakeWord(rest));
        if (!parsed)
        {
            return Bad(fmt::format("invalid policy counters for chain '{}'", chain));
        }
        counters = *parsed;
    }
    XtChain& c = *m_ruleset.Find(chain);
    if (!c.hook || (policy != "ACCEPT" && policy != "DROP"))
    {
        return NfIptablesError(
            m_tool,
            XtOtherProblem(fmt::format("Can't set policy `{}' on `{}' line {}: {}",
                                       policy,
                                       chain,
                                       m_tool.line,
                                       c.hook ? "Bad policy name" : "Bad built-in chain name")));
    }
    c.policy = *XtFindVerdict(policy);
    c.counters = counters;
    return NfOk();
}

NfStatus
Restore::Rule(std::string_view line)
{
    std::vector<std::string> words{"-t", m_tableName};
    if (line[0] == '[')
    {
        const size_t close = line.find(']');
        if (close == std::string_view::npos)
        {
            return Bad(fmt::format("Bad line {}: need ]", m_tool.line));
        }
        const std::string_view inside = line.substr(1, close - 1);
        const size_t colon = inside.find(':');
        if (colon == std::string_view::npos)
        {
            return Bad(fmt::format("Bad line {}: need ]", m_tool.line));
        }
        if (m_options.counters)
        {
            words.emplace_back("--set-counters");
            words.emplace_back(inside.substr(0, colon));
            words.emplace_back(inside.substr(colon + 1));
        }
        line.remove_prefix(close + 1);
    }
    NfResult<std::vector<std::string>> more = NfSplitRestoreLine(line);
    if (!more)
    {
        return NfStatus(NfIptablesError(m_tool, more.Error()));
    }
    std::move(more->begin(), more->end(), std::back_inserter(words));
    NfIptablesRequest request;
    NfStatus parsed = NfParseIptables(m_tool, words, request);
    m_result.err += request.warnings;
    if (!parsed || request.done)
    {
        m_result.out += request.output;
        return parsed;
    }
    request.verbose += m_options.verbose;
    const NfIptablesOutcome outcome =
        NfApplyIptables(m_tool, request, m_ruleset, m_result.out, m_result.err);
    const auto* failure = std::get_if<NfIptablesFailure>(&outcome);
    if (!failure)
    {
        return NfOk();
    }
    return failure->libiptc ? NfStatus(LineFailed()) : NfStatus(failure->error);
}

NfStatus
Restore::Commit()
{
    m_inTable = false;
    if (m_options.test)
    {
        return NfOk();
    }
    m_undo.emplace_back(m_table, m_table->Copy());
    if (m_table->Commit(m_ruleset))
    {
        m_undo.pop_back();
        return LineFailed();
    }
    return NfOk();
}

/// An option of the command itself.
struct OptionRow
{
    char letter;
    const char* name;
    bool hasValue;
};

constexpr OptionRow OPTION_ROWS[] = {
    {'c', "counters", false},
    {'v', "verbose", false},
    {'V', "version", false},
    {'t', "test", false},
    {'h', "help", false},
    {'n', "noflush", false},
    {'M', "modprobe", true},
    {'T', "table", true},
    {'w', "wait", false},
    {'W', "wait-interval", false},
};

std::string
Usage(const std::string& tool)
{
    return fmt::format(
        "Usage: {} [-c] [-v] [-V] [-t] [-h] [-n] [-w secs] [-W usecs] [-T table] [-M "
        "command] [file]\n"
        "\t   [ --counters ]\n"
        "\t   [ --verbose ]\n"
        "\t   [ --version]\n"
        "\t   [ --test ]\n"
        "\t   [ --help ]\n"
        "\t   [ --noflush ]\n"
        "\t   [ --wait=<seconds>\n"
        "\t   [ --table=<TABLE> ]\n"
        "\t   [ --modprobe=<command> ]\n",
        tool);
}

/// Reads the words of iptables-restore. @return a result to end with at once, or nothing
class OptionParser
{
  public:
    OptionParser(const std::string& tool, const NfCommandLine& line, Options& options)
        : m_tool(tool),
          m_line(line),
          m_options(options)
    {
    }

    std::optional<NfCommandResult> Run()
    {
        for (m_next = 1; m_next < m_line.args.size();)
        {
            const std::string& arg = m_line.args[m_next++];
            const auto result = arg.rfind("--", 0) == 0           ? Long(arg)
                                : arg.size() > 1 && arg[0] == '-' ? Cluster(arg)
                                                                  : File(arg);
            if (result)
            {
                return result;
            }
        }
        return std::nullopt;
    }

  private:
    std::optional<NfCommandResult> Refuse(const std::string& problem) const
    {
        return NfCommandResult{1,
                               "",
                               fmt::format("{}: {}\nTry `{} -h' for more information.\n",
                                           m_line.args[0],
                                           problem,
                                           m_tool)};
    }

    std::optional<NfCommandResult> File(const std::string& arg)
    {
        if (!m_options.file.empty())
        {
            return NfCommandResult{1, "", "Unknown arguments found on commandline\n"};
        }
        m_options.file = arg;
        return std::nullopt;
    }

    std::optional<NfCommandResult> Long(const std::string& arg)
    {
        const size_t equals = arg.find('=');
        const std::string_view name = std::string_view(arg).substr(2, equals - 2);
        const OptionRow* found = nullptr;
        size_t candidates = 0;
        for (const OptionRow& row : OPTION_ROWS)
        {
            if (name == row.name)
            {
                found = &row;
                candidates = 1;
                break;
            }
            if (std::string_view(row.name).substr(0, name.size()) == name)
            {
                found = &row;
                ++candidates;
            }
        }
        if (candidates != 1)
        {
            return Refuse(fmt::format("unrecognized option '{}'", arg));
        }
        return Apply(*found, equals == std::string::npos ? "" : arg.substr(equals + 1));
    }

    std::optional<NfCommandResult> Cluster(const std::string& arg)
    {
        for (size_t i = 1; i < arg.size(); ++i)
        {
            const auto* row = std::find_if(std::begin(OPTION_ROWS),
                                           std::end(OPTION_ROWS),
                                           [&](const auto& r) { return r.letter == arg[i]; });
            if (row == std::end(OPTION_ROWS))
            {
                return Refuse(fmt::format("invalid option -- '{}'", arg[i]));
            }
            const bool takesRest = row->hasValue || row->letter == 'w' || row->letter == 'W';
            if (auto result = Apply(*row, takesRest ? arg.substr(i + 1) : ""))
            {
                return result;
            }
            if (takesRest)
            {
                break;
            }
        }
        return std::nullopt;
    }

    std::optional<NfCommandResult> Apply(const OptionRow& row, std::string value)
    {
        const bool more = m_next < m_line.args.size();
        if (row.hasValue && value.empty())
        {
            if (!more)
            {
                return Refuse(fmt::format("option requires an argument -- '{}'", row.letter));
            }
            value = m_line.args[m_next++];
        }
        switch (row.letter)
        {
        case 'c':
            m_options.counters = true;
            break;
        case 'v':
            m_options.verbose = true;
            break;
        case 't':
            m_options.test = true;
            break;
        case 'n':
            m_options.noFlush = true;
            break;
        case 'T':
            m_options.table = value;
            break;
        case 'V':
            return NfCommandResult{0,
                                   fmt::format("{} v{} (legacy)\n", m_tool, NF_IPTABLES_VERSION),
                                   ""};
        case 'h':
            return NfCommandResult{0, "", Usage(m_tool)};
        case 'w':
        case 'W':
            // The number may stand apart.
            m_next += more && value.empty() && XtParseNumber(m_line.args[m_next], 0, UINT32_MAX);
            break;
        default:
            break;
        }
        return std::nullopt;
    }

    const std::string& m_tool;
    const NfCommandLine& m_line;
    Options& m_options;
    size_t m_next{1};
};

NfCommandResult
RunIpv4(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptablesRestore(netns, NfFamily::IPV4, line);
}

NfCommandResult
RunIpv6(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptablesRestore(netns, NfFamily::IPV6, line);
}

} // namespace

NfCommandResult
NfRunIptablesRestore(NfNetns& netns, NfFamily family, const NfCommandLine& line)
{
    const std::string tool = family == NfFamily::IPV6 ? "ip6tables-restore" : "iptables-restore";
    Options options;
    if (auto result = OptionParser(tool, line, options).Run())
    {
        return *result;
    }
    if (options.file.empty() || options.file == "-" || options.file == "/dev/stdin")
    {
        return Restore(netns, family, options).Run(line.input);
    }
    std::error_code error;
    std::ifstream file;
    if (std::filesystem::is_regular_file(options.file, error))
    {
        file.open(options.file, std::ios::binary);
    }
    if (!file.is_open())
    {
        return NfCommandResult{
            1,
            "",
            fmt::format("Can't open {}: {}\n", options.file, NfErrnoText(ENOENT))};
    }
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    return Restore(netns, family, options).Run(text);
}

extern const NfCommand NF_CMD_IPTABLES_RESTORE;
extern const NfCommand NF_CMD_IPTABLES_LEGACY_RESTORE;
extern const NfCommand NF_CMD_IP6TABLES_RESTORE;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY_RESTORE;
const NfCommand NF_CMD_IPTABLES_RESTORE{"iptables-restore", RunIpv4};
const NfCommand NF_CMD_IPTABLES_LEGACY_RESTORE{"iptables-legacy-restore", RunIpv4};
const NfCommand NF_CMD_IP6TABLES_RESTORE{"ip6tables-restore", RunIpv6};
const NfCommand NF_CMD_IP6TABLES_LEGACY_RESTORE{"ip6tables-legacy-restore", RunIpv6};

} // namespace ns3
