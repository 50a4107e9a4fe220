/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// sysctl(8) of procps-ng 4.0
#include "nf-command.h"

#include <algorithm>
#include <fmt/format.h>
#include <regex>
#include <string_view>

namespace ns3
{

namespace
{

constexpr const char* NO_VARIABLES =
    "sysctl: no variables specified\nTry `sysctl --help' for more information.\n";

/// How to print, and what to do.
struct Options
{
    bool all{false};
    bool write{false};
    bool quiet{false};
    bool ignore{false};     //!< -e: unknown names are no error
    bool valuesOnly{false}; //!< -n
    bool namesOnly{false};  //!< -N
    bool binary{false};     //!< -b: as -n, without a newline
    std::string pattern;    //!< -r
    std::vector<std::string> words;
};

/// In a path '/' separates and '.' is a character; dotted names are the other way round.
std::string
DottedName(std::string name)
{
    const size_t first = name.find_first_of("./");
    if (first == std::string::npos || name[first] == '.')
    {
        return name;
    }
    for (char& c : name)
    {
        c = c == '/' ? '.' : c == '.' ? '/' : c;
    }
    return name;
}

std::string
PathOf(std::string name)
{
    for (char& c : name)
    {
        c = c == '/' ? '.' : c == '.' ? '/' : c;
    }
    return "/proc/sys/" + name;
}

/// @return the text without white space at its ends
std::string
Trim(const std::string& text)
{
    constexpr const char* SPACE = " \t\n\v\f\r";
    const size_t first = text.find_first_not_of(SPACE);
    return first == std::string::npos
               ? std::string()
               : text.substr(first, text.find_last_not_of(SPACE) - first + 1);
}

class Sysctl
{
  public:
    Sysctl(NfSysctls& knobs, Options options)
        : m_knobs(knobs),
          m_options(std::move(options))
    {
    }

    NfCommandResult Run()
    {
        if (m_options.all)
        {
            ShowBelow("");
        }
        else if (m_options.words.empty())
        {
            return {1, "", NO_VARIABLES};
        }
        for (size_t i = 0; i < m_options.words.size(); i++)
        {
            One(m_options.words[i]);
        }
        return m_result;
    }

  private:
    void One(const std::string& word)
    {
        const size_t eq = word.find('=');
        if (eq != std::string::npos)
        {
            Set(Trim(word.substr(0, eq)), Trim(word.substr(eq + 1)));
        }
        else if (m_options.write)
        {
            Fail("sysctl: command line(0): invalid syntax, continuing...\n");
        }
        else
        {
            Get(DottedName(word));
        }
    }

    void Fail(const std::string& text)
    {
        m_result.err += text;
        m_result.status = 1;
    }

    void Unknown(const std::string& name)
    {
        if (!m_options.ignore)
        {
            Fail("sysctl: cannot stat " + PathOf(name) + ": No such file or directory\n");
        }
    }

    void Print(const std::string& name, const std::string& value)
    {
        if (m_options.namesOnly)
        {
            m_result.out += name + "\n";
        }
        else if (m_options.valuesOnly || m_options.binary)
        {
            m_result.out += value + (m_options.binary ? "" : "\n");
        }
        else
        {
            m_result.out += name + " = " + value + "\n";
        }
    }

    void Show(const std::string& name)
    {
        NfResult<std::string> value = m_knobs.Read(name);
        if (value)
        {
            while (!value->empty() && value->back() == '\n')
            {
                value->pop_back();
            }
            Print(name, *value);
        }
    }

    void ShowBelow(const std::string& prefix)
    {
        std::regex pattern(".");
        try
        {
            pattern = m_options.pattern.empty()
                          ? pattern
                          : std::regex(m_options.pattern, std::regex::extended);
        }
        catch (const std::regex_error&)
        {
            Fail("sysctl: invalid pattern: " + m_options.pattern + "\n");
            return;
        }
        for (const auto& [name, knob] : m_knobs.GetAll())
        {
            if (knob.listed && name.rfind(prefix, 0) == 0 && std::regex_search(name, pattern))
            {
                Show(name);
            }
        }
    }

    void Get(const std::string& name)
    {
        if (m_knobs.GetAll().count(name) != 0)
        {
            Show(name);
            return;
        }
        const auto below = m_knobs.GetAll().lower_bound(name + ".");
        if (below != m_knobs.GetAll().end() && below->first.rfind(name + ".", 0) == 0)
        {
            ShowBelow(name + ".");
            return;
        }
        Unknown(name);
    }

    void Set(const std::string& given, const std::string& value)
    {
        const std::string name = DottedName(given);
        const auto knob = m_knobs.GetAll().find(name);
        if (knob == m_knobs.GetAll().end())
        {
            Unknown(name);
            return;
        }
        const NfStatus status = m_knobs.Write(name, value);
        if (!status)
        {
            m_result.err +=
                fmt::format("sysctl: setting key \"{}\": {}\n",
                            name,
                            knob->second.write ? status.Error().message : "Invalid argument");
            // Files that nobody may write do not make the tool fail.
            m_result.status = knob->second.write ? 1 : m_result.status;
        }
        else if (!m_options.quiet)
        {
            Print(name, value);
        }
    }

    NfSysctls& m_knobs;
    Options m_options;
    NfCommandResult m_result;
};

/// @return false for an unknown letter
bool
Letter(char letter, Options& options)
{
    switch (letter)
    {
    case 'a':
    case 'A':
    case 'X':
        options.all = true;
        return true;
    case 'w':
        options.write = true;
        return true;
    case 'q':
        options.quiet = true;
        return true;
    case 'e':
        options.ignore = true;
        return true;
    case 'n':
        options.valuesOnly = true;
        return true;
    case 'N':
        options.namesOnly = true;
        return true;
    case 'b':
        options.binary = true;
        return true;
    case 'x':
    case 'd':
        return true;
    default:
        return false;
    }
}

bool
LongName(const std::string& word, Options& options)
{
    static constexpr std::pair<std::string_view, char> NAMES[] = {{"--all", 'a'},
                                                                  {"--write", 'w'},
                                                                  {"--quiet", 'q'},
                                                                  {"--ignore", 'e'},
                                                                  {"--values", 'n'},
                                                                  {"--names", 'N'},
                                                                  {"--binary", 'b'}};
    const auto* row = std::find_if(std::begin(NAMES), std::end(NAMES), [&word](const auto& name) {
        return name.first == word;
    });
    return row != std::end(NAMES) && Letter(row->second, options);
}

NfCommandResult
RunSysctl(NfNetns& netns, const NfCommandLine& line)
{
    Options options;
    for (size_t i = 1; i < line.args.size(); i++)
    {
        const std::string& word = line.args[i];
        if (word == "-r" || word == "--pattern")
        {
            options.pattern = ++i < line.args.size() ? line.args[i] : "";
            continue;
        }
        const bool option = word.size() > 1 && word[0] == '-';
        const bool known =
            !option ||
            (word[1] == '-' ? LongName(word, options)
                            : std::all_of(word.begin() + 1, word.end(), [&options](char c) {
                                  return Letter(c, options);
                              }));
        if (!known)
        {
            return {
                1,
                "",
                fmt::format("sysctl: invalid option -- '{}'\n{}", word.substr(1), NO_VARIABLES)};
        }
        if (!option)
        {
            options.words.push_back(word);
        }
    }
    return Sysctl(netns.GetSysctls(), std::move(options)).Run();
}

} // namespace

extern const NfCommand NF_CMD_SYSCTL;
const NfCommand NF_CMD_SYSCTL{"sysctl", RunSysctl};

} // namespace ns3
