/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_OPTION_H
#define XT_OPTION_H

#include "../packet/nf-result.h"
#include "../packet/nf-tuple.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * Kinds of option values (iptables: enum xt_option_type). The comment says which members of XtArg
 * are filled.
 */
enum class XtType : uint8_t
{
    NONE,      //!< takes no value
    U8,        //!< low
    U16,       //!< low
    U32,       //!< low
    U64,       //!< low
    U8RC,      //!< "n", "n:m", "n:", ":m": low, high; count 1 or 2
    U16RC,     //!< as U8RC
    U32RC,     //!< as U8RC
    U64RC,     //!< as U8RC
    DOUBLE,    //!< real
    STRING,    //!< text; length at least min and below max, the size of Linux's field (0: no bound)
    TOSMASK,   //!< "n", "n/m" or the name of a TOS value: low, mask
    MARKMASK,  //!< "n" or "n/m" in 32 bits: low, mask
    SYSLOG,    //!< log level by number or name: low
    HOST,      //!< one address of the rule's family: addr
    HOSTMASK,  //!< address with optional /length or /mask: addr (as typed), addrMask, prefix (0 if
               //!< odd)
    PROTOCOL,  //!< number or name: low
    PORT,      //!< number or service name: low
    PORTRC,    //!< "p", "p:q": low, high; count 1 or 2
    PLEN,      //!< prefix length: prefix
    PLENMASK,  //!< prefix length or mask: addrMask
    MAC,       //!< mac
    MACMASK,   //!< "mac" or "mac/mask": mac, macMask
    CUSTOM,    //!< text, not looked at: the extension parses it
    CUSTOMOPT, //!< as CUSTOM, and the value may be missing (getopt's optional_argument)
};

/// Bits of XtOption::flags (iptables: XTOPT_*).
enum XtOptionFlag : uint32_t
{
    XT_INVERT = 1U << 0,    //!< "!" may stand before it
    XT_MANDATORY = 1U << 1, //!< must be given
    XT_MULTI = 1U << 2,     //!< may be given more than once
    XT_NOCHECK = 1U << 3,   //!< old-style extension: the extension checks inversion and repetition
    XT_SECOND = 1U << 4, //!< takes the next word too (--tcp-flags mask comp), if there is one that
                         //!< begins neither with '-' nor with '!': second
};

/**
 * @ingroup netfilter
 * One option of an extension as data (iptables: struct xt_option_entry).
 */
struct XtOption
{
    const char* name;          //!< without "--"
    XtType type{XtType::NONE}; //!< kind of value
    uint8_t id{0};             //!< 0..31; options with one id are synonyms
    uint32_t flags{0};         //!< XtOptionFlag bits
    uint32_t excludes{0};      //!< bit per id that must not be given together with it
    uint32_t needs{0};         //!< bit per id that must be given too
    uint64_t min{0};           //!< smallest value; STRING: shortest length
    uint64_t max{0};           //!< biggest value, 0: that of the type; STRING: length is below
};

/// A view of an option table (std::span is C++20).
struct XtOptions
{
    XtOptions() = default;

    template <size_t N>
    constexpr XtOptions(const XtOption (&table)[N])
        : data(table),
          size(N)
    {
    }

    const XtOption* begin() const
    {
        return data;
    }

    const XtOption* end() const
    {
        return data + size;
    }

    const XtOption* data{nullptr}; //!< first row
    size_t size{0};                //!< rows
};

struct XtIp;

/**
 * @ingroup netfilter
 * An option as given by the user and parsed by its type (iptables: struct xt_option_call).
 */
struct XtArg
{
    const XtOption* option{nullptr}; //!< its row; option->id says which
    const char* extension{""};       //!< name of the extension, for messages
    std::string text;                //!< the value as typed, "" if none
    bool hasText{false};             //!< a value was given
    std::string second;              //!< XT_SECOND: the second word
    bool hasSecond{false};           //!< XT_SECOND: there was one
    bool invert{false};              //!< "!" stood before it
    uint32_t seen{0};                //!< bit per id given so far, this one not yet
    NfFamily family{NfFamily::IPV4}; //!< IPV4 or IPV6
    const XtIp* ip{nullptr};         //!< the rule's own part as far as parsed (iptables: xt_entry)
    uint8_t count{1};                //!< values given: 2 for ranges
    uint64_t low{0};
    uint64_t high{0};
    uint32_t mask{0};
    double real{0};
    NfAddr addr;
    NfAddr addrMask;
    uint8_t prefix{0};
    std::array<uint8_t, 6> mac{};
    std::array<uint8_t, 6> macMask{};
};

/**
 * Checks use (once, inverted, has value) and parses the value by its type (iptables:
 * xtables_option_parse()).
 * @param arg option, extension, text, invert, seen and family in; the rest out
 * @return status 2 and the tool's text for a bad one
 */
NfStatus XtParseOption(XtArg& arg);

/**
 * Mandatory, excluded and needed options (iptables: xtables_options_fcheck()).
 * @param extension its name @param options its table @param seen bit per id that was given
 */
NfStatus XtCheckOptions(const char* extension, const XtOptions& options, uint32_t seen);

// ---- errors

/// @param text without the tool's name and the "Try ..." line @return status 2 (PARAMETER_PROBLEM)
NfError XtBadParameter(std::string text);
/// @param text without the tool's name @return status 1 (OTHER_PROBLEM)
NfError XtOtherProblem(std::string text);
/// 'NAME: Bad value for "--opt" option: "text"' (iptables: XTF_BAD_VALUE). @param option with
/// dashes
NfError XtBadValue(const char* extension, const char* option, const std::string& text);
/// iptables: XTF_ONLY_ONCE @param option with dashes
NfError XtOnlyOnce(const char* extension, const char* option);
/// iptables: XTF_NO_INVERT @param option with dashes
NfError XtNoInvert(const char* extension, const char* option);
/// iptables: XTF_ONE_ACTION
NfError XtOneAction(const char* extension);

// ---- values

/**
 * A number as strtoul(..., 0) reads it: decimal, 0x hex, leading 0 octal (iptables:
 * xtables_strtoul()). A sign, an empty text, or trailing characters make it fail.
 * @return the number if it lies in [min, max]
 */
std::optional<uint64_t> XtParseNumber(std::string_view text, uint64_t min, uint64_t max);

/// As XtParseNumber(), stops at the first other character. @param rest out: what is left
std::optional<uint64_t> XtParseNumberPrefix(std::string_view text,
                                            uint64_t min,
                                            uint64_t max,
                                            std::string_view& rest);

/// "n" or "n/m" in 32 bits (mask all ones if not given). @return value and mask
std::optional<std::pair<uint32_t, uint32_t>> XtParseMarkMask(std::string_view text);

/**
 * A port by number or service name (iptables: xtables_parse_port()).
 * @param protocol "tcp", "udp", ... or null: any
 * @return the port, or "invalid port/service `x' specified"
 */
NfResult<uint16_t> XtParsePort(std::string_view text, const char* protocol);

/// A protocol by number or name (iptables: xtables_parse_protocol()). "all" is 0.
/// @return the number, or 'unknown protocol "x" specified'
NfResult<uint8_t> XtParseProtocol(std::string_view text);

/// An address, numeric (names cannot be resolved in a simulation). @return "host/network `x' not
/// found"
NfResult<NfAddr> XtParseHost(std::string_view text, NfFamily family);

/// A mask behind "/": prefix length or, dotted, mask. @return "invalid mask `x' specified"
NfResult<NfAddr> XtParseMask(std::string_view text, NfFamily family);

/// "address[/mask]"; the address is masked. @return address and mask
NfResult<std::pair<NfAddr, NfAddr>> XtParseHostMask(std::string_view text, NfFamily family);

/// "aa:bb:cc:dd:ee:ff" @return nothing if it is not one
std::optional<std::array<uint8_t, 6>> XtParseMac(std::string_view text);

/// "xx" in seconds etc.: parts between a separator. @return the parts, empty ones too
std::vector<std::string> XtSplit(std::string_view text, char separator);

// ---- output

/// "0x1" or "0x1/0xff" when the mask is not all ones
std::string XtFormatMark(uint32_t value, uint32_t mask);

/// A string as iptables-save quotes it, with a leading space (iptables: xtables_save_string()).
std::string XtSaveString(std::string_view value);

/// "/24", "" for a host mask, "/255.0.255.0" if odd (iptables: xtables_ipmask_to_numeric()).
std::string XtFormatMask(const NfAddr& mask, NfFamily family);

/// "aa:bb:cc:dd:ee:ff" in lower case
std::string XtFormatMac(const std::array<uint8_t, 6>& mac);

/// @param port a port @param protocol its IP protocol @param numeric never a service name
std::string XtFormatPort(uint16_t port, uint8_t protocol, bool numeric);

} // namespace ns3

#endif // XT_OPTION_H
