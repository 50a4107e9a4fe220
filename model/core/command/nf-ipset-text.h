/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_IPSET_TEXT_H
#define NF_IPSET_TEXT_H

#include "../packet/nf-result.h"
#include "../sets/ip-set.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/**
 * @file
 * Elements and options of sets as text (ipset: lib/parse.c, lib/print.c, lib/errcode.c).
 */

namespace ns3
{

/// What the words behind a set's name say.
struct NfIpSetWords
{
    NfFamily family{NfFamily::UNSPEC}; //!< of the set, or as given to create
    IpSetOptions options;              //!< create
    IpSetEntry entry;                  //!< add, del, test
    uint64_t seen{0};                  //!< bit per IpSetOption given
    std::string warning;               //!< text that is no failure
    const char* verb{""};              //!< "add", for messages
};

/// An option as typed.
struct NfIpSetOptionName
{
    IpSetOption option;
    const char* name; //!< "timeout"
    const char* help; //!< "[timeout VALUE]", "" if old
    bool hasValue;    //!< a word follows
};

/// @param word as typed, with or without "--" @param options of the type and command, up to END
/// @return its row or null
const NfIpSetOptionName* NfFindIpSetOption(std::string_view word, const IpSetOption* options);

/// @param option one @return its row
const NfIpSetOptionName& NfGetIpSetOption(IpSetOption option);

/**
 * Takes one option of create, add, del or test.
 * @param name its row @param value the word behind it, or the option itself @param words out
 * @return status 1 and the tool's text
 */
NfStatus NfParseIpSetOption(const NfIpSetOptionName& name,
                            const std::string& value,
                            NfIpSetWords& words);

/**
 * An element's text, parts between commas (ipset: ipset_parse_elem()).
 * @param type of the set @param text as typed @param words family in, entry out
 * @return status 1 and the tool's text
 */
NfStatus NfParseIpSetElement(const IpSetType& type, const std::string& text, NfIpSetWords& words);

/// @param type of the set @param family of the set @param entry one @param resolve names of
/// services
/// @return the element without options
std::string NfFormatIpSetElement(const IpSetType& type,
                                 NfFamily family,
                                 const IpSetEntry& entry,
                                 bool resolve);

/// A name of an ICMP or ICMPv6 type and code.
struct NfIpSetIcmpName
{
    const char* name;
    uint8_t type;
    uint8_t code;
};

/// @param family IPV4: ICMP, IPV6: ICMPv6 @return names, the one to show first
std::vector<NfIpSetIcmpName> NfGetIpSetIcmpNames(NfFamily family);

/// An option to show: its name, and its value if it has one.
using NfIpSetShown = std::pair<const char*, std::string>;

/// @return the options of a set as its header shows them, in the type's order; flags have no value
std::vector<NfIpSetShown> NfShowIpSetOptions(const IpSetType& type, const IpSetOptions& options);

/// @return what an element carries, in the type's order
std::vector<NfIpSetShown> NfShowIpSetExtensions(const IpSetType& type, const IpSetEntry& entry);

/// @param a a line of a listing @param b another @return whether a comes first in `ipset list -s`
bool NfIpSetLess(const std::string& a, const std::string& b);

/// What failed, for messages.
enum class NfIpSetCommand : uint8_t
{
    CREATE,
    ADD,
    DEL,
    TEST,
    DESTROY,
    RENAME,
    SWAP,
    OTHER,
};

/// @param error an errno or IpSetError @return the tool's text
std::string NfIpSetErrorText(NfIpSetCommand command, int error);

/// @return what help tells of ports
std::string NfIpSetPortUsage();

} // namespace ns3

#endif // NF_IPSET_TEXT_H
