/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CMD_IP_H
#define NF_CMD_IP_H

#include "../hook/nf-stack-admin.h"
#include "nf-command.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// A command line of ip(8): options, then words from the subcommand on.
struct NfIpRequest
{
    NfStack& stack;
    NfStackAdmin* admin;               //!< null: nothing can be changed
    NfFamily family{NfFamily::UNSPEC}; //!< of -4, -6
    bool brief{false};
    bool oneline{false};
    std::vector<std::string> words{}; //!< behind the object's name
    size_t next{0};                   //!< first word that was not read

    /// @return the next word; empty at the end
    std::string Take()
    {
        return next < words.size() ? words[next++] : std::string();
    }

    bool IsAtEnd() const
    {
        return next >= words.size();
    }
};

/// A prefix as typed.
struct NfIpPrefix
{
    NfFamily family{NfFamily::UNSPEC};
    NfAddr addr;
    unsigned length{0};
};

/// @param full e.g. "show" @return true if the word is its start, and not empty
bool NfIpIs(std::string_view word, std::string_view full);
/// @param family UNSPEC: any @return "10.0.0.0/8", "default", "2001:db8::1"; nothing: no prefix
std::optional<NfIpPrefix> NfIpParsePrefix(const std::string& text, NfFamily family);

/// @return "RTNETLINK answers: MESSAGE", status 2 @param error number, negative
NfCommandResult NfIpNetlinkError(int error);
/// @return a message that ends with status 1
NfCommandResult NfIpFail(const std::string& message, int status = 1);
NfCommandResult NfIpNoPrefix(const std::string& text);
/// @param duplicate the option that the tool takes the word for
NfCommandResult NfIpGarbage(const std::string& duplicate, const std::string& word);

NfCommandResult NfIpLink(NfIpRequest& request);
NfCommandResult NfIpAddress(NfIpRequest& request);
NfCommandResult NfIpRoute(NfIpRequest& request);

} // namespace ns3

#endif // NF_CMD_IP_H
