/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_OPTIONS_H
#define NF_CONNTRACK_OPTIONS_H

#include "nf-conntrack-request.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * @file
 * @ingroup netfilter
 * The options of conntrack(8): names, which act may or must have which, and those that a protocol
 * adds.
 */

/// As getopt_long() has it.
enum class NfOptArg : uint8_t
{
    NONE,
    REQUIRED,
    OPTIONAL,
};

/// What an option of a protocol sets.
enum class NfConntrackField : uint8_t
{
    SPORT,
    DPORT,
    REPLY_SPORT,
    REPLY_DPORT,
    MASK_SPORT,
    MASK_DPORT,
    TUPLE_SPORT,
    TUPLE_DPORT,
    STATE,
    ICMP_TYPE,
    ICMP_CODE,
    ICMP_ID,
    ORIG_VTAG,
    REPLY_VTAG,
    ROLE,
};

/// An option of a protocol. Its place in the protocol's list is its bit in what was given.
struct NfConntrackProtocolOption
{
    std::string_view name;  //!< as messages call it
    std::string_view alias; //!< another name, or empty
    NfConntrackField field; //!< what it sets
    std::string_view rules; //!< by NfConntrackAct: '0' illegal, '1' needed, '2' free, '3' in pairs
};

/// A protocol that the tool knows.
struct NfConntrackProtocol
{
    const char* name;
    uint8_t number;
    const NfConntrackProtocolOption* options;
    size_t optionCount;
    const char* missing;            //!< message when neither pair of ports is whole
    const char* missingReply;       //!< the same if something of the reply was given
    const std::string_view* states; //!< names by number
    size_t stateCount;
    const char* unknownState; //!< start of the message about another one
    const char* help;         //!< its part of conntrack -h -p NAME
};

/// A long option as found.
struct NfConntrackLong
{
    NfOptArg arg{NfOptArg::REQUIRED};
    char letter{'\0'};                             //!< NUL: one of the protocol
    const NfConntrackProtocolOption* own{nullptr}; //!< the protocol's
};

/// @param letter of a word with one dash @return how it takes an argument, nothing if unknown
std::optional<NfOptArg> NfConntrackShortOption(char letter);

/**
 * @param name without dashes, may be cut off where it stays unique
 * @param protocol of -p so far, or null
 * @return nothing if there is none or several
 */
std::optional<NfConntrackLong> NfConntrackLongOption(std::string_view name,
                                                     const NfConntrackProtocol* protocol);

/// @return the long name that messages use for a letter
std::string_view NfConntrackLongName(char letter);

/// @return the protocol of that name (either case) or number, null: it has no options of its own
const NfConntrackProtocol* NfConntrackFindProtocol(std::string_view name);
const NfConntrackProtocol* NfConntrackFindProtocol(uint8_t number);

/// @return the message about an option that is missing or too much; nothing if all is well
std::optional<std::string> NfConntrackCheckOptions(const NfConntrackRequest& request);

/// @param given bits of the protocol's options @return as NfConntrackCheckOptions()
std::optional<std::string> NfConntrackCheckProtocol(const NfConntrackProtocol& protocol,
                                                    NfConntrackAct act,
                                                    uint32_t given);

/// @return what conntrack -h prints
std::string NfConntrackUsage(const NfConntrackRequest& request);

} // namespace ns3

#endif // NF_CONNTRACK_OPTIONS_H
