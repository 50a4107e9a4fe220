/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// conntrack --load-file
#include "nf-cmd-conntrack.h"
#include "nf-tokenizer.h"

#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ns3
{

namespace
{

using Act = NfConntrackAct;

constexpr const char* TRY_HELP = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
constexpr size_t MAX_WORDS = 254; //!< of a line

/// @return false if there is no such file
bool
ReadLoadFile(const std::string& name, const std::string& input, std::string& text)
{
    if (name == "-")
    {
        text = input;
        return true;
    }
    std::ifstream file(name);
    text.assign(std::istreambuf_iterator<char>(file), {});
    return file.is_open();
}

/// @return the command as the message names it, when --load-file may not have it
const char*
Unloadable(Act act)
{
    switch (act)
    {
    case Act::LIST:
        return "-L";
    case Act::GET:
        return "-G";
    case Act::EVENT:
        return "-E";
    case Act::VERSION:
        return "-V";
    case Act::HELP:
        return "-h";
    case Act::EXP_LIST:
        return "-L expect";
    case Act::EXP_CREATE:
        return "-C expect";
    case Act::EXP_DELETE:
        return "-D expect";
    case Act::EXP_GET:
        return "-G expect";
    case Act::EXP_FLUSH:
        return "-F expect";
    case Act::EXP_EVENT:
        return "-E expect";
    case Act::COUNT:
        return "-C";
    case Act::EXP_COUNT:
        return "-C expect";
    case Act::STATS:
        return "-S";
    case Act::EXP_STATS:
        return "-S expect";
    case Act::NONE:
        return "unknown";
    default:
        return nullptr;
    }
}

NfCommandResult
LoadProblem(const std::string& text)
{
    return {2, "", fmt::format("{}{}\n{}", NF_CONNTRACK_TOOL, text, TRY_HELP)};
}

/// Parses a file of --load-file. @return the result of the first bad line, else of status 0
NfCommandResult
ParseLoadFile(const std::string& text,
              const NfLabelMap* labels,
              std::vector<NfConntrackRequest>& requests)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
    {
        const size_t start = line.find_first_not_of(" \t");
        if (start == std::string::npos || line[start] == '#')
        {
            continue;
        }
        NfResult<std::vector<std::string>> words = NfSplitRestoreLine(line.substr(start));
        if (!words)
        {
            return LoadProblem(words.Error().message);
        }
        if (words->size() >= MAX_WORDS)
        {
            return LoadProblem("too many arguments");
        }
        words->insert(words->begin(), "conntrack");
        NfResult<NfConntrackRequest> request = NfParseConntrackRequest(*words, labels);
        if (!request)
        {
            return {request.Error().status, "", request.Error().message + "\n"};
        }
        requests.push_back(*request);
    }
    return {};
}

} // namespace

NfCommandResult
NfConntrackLoad(NfNetns& netns,
                const std::string& name,
                const std::string& input,
                const NfLabelMap* labels)
{
    std::string text;
    if (!ReadLoadFile(name, input, text))
    {
        return LoadProblem(fmt::format("Failed to open file {} for reading", name));
    }
    std::vector<NfConntrackRequest> requests;
    const NfCommandResult parsed = ParseLoadFile(text, labels, requests);
    if (parsed.status != 0)
    {
        return parsed;
    }
    std::string out;
    std::string err;
    for (const NfConntrackRequest& request : requests)
    {
        err += request.notes;
        if (const char* command = Unloadable(request.act))
        {
            NfCommandResult bad =
                LoadProblem(fmt::format("Cannot use command `{}' with --load-file", command));
            bad.err = err + bad.err;
            return bad;
        }
    }
    for (const NfConntrackRequest& request : requests)
    {
        const NfCommandResult result = NfRunConntrack(netns, request, labels);
        const bool counts = request.act == Act::DELETE || request.act == Act::UPDATE;
        const bool failed = result.status != 0 &&
                            (!counts || result.err.find("Operation failed") != std::string::npos ||
                             result.status == 2);
        out += result.out;
        if (failed || request.act == Act::FLUSH)
        {
            err += result.err;
        }
        if (failed)
        {
            return {result.status, out, err};
        }
    }
    return {0, out, err};
}

} // namespace ns3
