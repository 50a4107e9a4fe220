/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_COMMAND_H
#define NF_COMMAND_H

#include "../netns/nf-event-stream.h"
#include "../netns/nf-netns.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * What a command printed and how it ended. A command that goes on (conntrack -E) has a stream: what
 * it prints later comes there, for as long as somebody holds it.
 */
struct NfCommandResult
{
    int status{0};                           //!< exit status; 127: no such command
    std::string out;                         //!< standard output
    std::string err;                         //!< standard error
    std::shared_ptr<NfEventStream> stream{}; //!< null: it has ended
};

/// A command line after word splitting.
struct NfCommandLine
{
    std::vector<std::string> args; //!< args[0] is the command's name
    std::string input;             //!< standard input
};

/// An administrator's program, e.g. iptables.
struct NfCommand
{
    const char* name; //!< as typed
    NfCommandResult (*run)(NfNetns& netns, const NfCommandLine& line);
};

/**
 * Splits a line as a POSIX shell does: blanks, '...', "...", backslash. No expansions, no pipes.
 * @return the words, or an error for an unterminated quote
 */
NfResult<std::vector<std::string>> NfSplitWords(std::string_view line);

/**
 * Runs one command of the built-in list.
 * @param netns in which namespace @param line as typed @param input its standard input
 */
NfCommandResult NfRunCommand(NfNetns& netns, std::string_view line, const std::string& input = {});

/// As NfRunCommand() on words that are split already.
NfCommandResult NfRunCommand(NfNetns& netns, const NfCommandLine& line);

/// @param name of a command @return true if the built-in list has it
bool NfHasCommand(std::string_view name);

} // namespace ns3

#endif // NF_COMMAND_H
