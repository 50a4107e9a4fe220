/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-command.h"

#include "nf-builtin.h"

namespace ns3
{
namespace
{

std::string_view
BaseName(std::string_view path)
{
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

} // namespace

NfCommandResult
NfRunCommand(NfNetns& netns, std::string_view line, const std::string& input)
{
    NfResult<std::vector<std::string>> words = NfSplitWords(line);
    if (!words)
    {
        return NfCommandResult{words.Error().status, "", "sh: " + words.Error().message + "\n"};
    }
    return NfRunCommand(netns, NfCommandLine{std::move(*words), input});
}

NfCommandResult
NfRunCommand(NfNetns& netns, const NfCommandLine& line)
{
    if (line.args.empty())
    {
        return {};
    }
    const NfCommand* command = NfFindCommand(BaseName(line.args[0]));
    if (!command)
    {
        return NfCommandResult{127, "", line.args[0] + ": command not found\n"};
    }
    return command->run(netns, line);
}

bool
NfHasCommand(std::string_view name)
{
    return NfFindCommand(BaseName(name)) != nullptr;
}

} // namespace ns3
