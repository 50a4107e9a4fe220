/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_REQUEST_H
#define NF_CONNTRACK_REQUEST_H

#include "../packet/nf-result.h"
#include "../packet/nf-tuple.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/// Start of each message of conntrack(8).
constexpr const char* NF_CONNTRACK_TOOL = "conntrack v1.4.7 (conntrack-tools): ";

/// An address with the bits of it that count.
struct NfMaskedAddr
{
    NfAddr addr;
    NfAddr mask;
};

/// An argument of --src-nat, --dst-nat, --any-nat.
struct NfConntrackNatArg
{
    std::optional<NfAddr> addr; //!< nothing: any translation
    std::optional<uint16_t> port;
};

/// One direction's part of a tuple as given; what is not given is open.
struct NfConntrackTupleArg
{
    std::optional<NfMaskedAddr> src;
    std::optional<NfMaskedAddr> dst;
    std::optional<uint16_t> sport; //!< port, or GRE key
    std::optional<uint16_t> dport;
};

/**
 * @ingroup netfilter
 * What a command line of conntrack(8) asks for.
 */
struct NfConntrackRequest
{
    char command{'\0'};   //!< 'L', 'I', 'A', 'U', 'D', 'G', 'E', 'F', 'C', 'S', 'R', 'V', 'h'
    bool expect{false};   //!< the table of expectations
    std::string table;    //!< "conntrack", "expect", "dying", "unconfirmed"
    std::string loadFile; //!< of 'R'
    std::string seen;     //!< short names of the options given
    std::vector<std::string> warnings;

    NfFamily family{NfFamily::UNSPEC};
    std::optional<uint8_t> protocol;
    NfConntrackTupleArg orig;
    NfConntrackTupleArg reply;
    std::optional<NfMaskedAddr> tupleSrc; //!< expectations
    std::optional<NfMaskedAddr> tupleDst;
    std::optional<NfAddr> maskSrc;
    std::optional<NfAddr> maskDst;
    std::optional<uint8_t> icmpType;
    std::optional<uint8_t> icmpCode;
    std::optional<uint16_t> icmpId;
    std::optional<std::string> state; //!< of the protocol, as printed
    std::optional<uint32_t> origVtag;
    std::optional<uint32_t> replyVtag;

    uint32_t timeout{0}; //!< seconds
    uint32_t status{0};  //!< NfConnStatus bits
    bool unreplied{false};
    uint32_t markValue{0};
    uint32_t markMask{0xffffffff};
    std::optional<uint16_t> zone;
    std::optional<uint16_t> origZone;
    std::optional<uint16_t> replyZone;
    std::optional<NfConntrackNatArg> srcNat;
    std::optional<NfConntrackNatArg> dstNat;
    std::optional<NfConntrackNatArg> anyNat;
    bool extended{false};
    bool id{false};
    bool xml{false};
    bool save{false};
    bool labels{false};

    /// @param option its short name @return true if it was given
    bool Has(char option) const
    {
        return seen.find(option) != std::string::npos;
    }
};

/**
 * Parses a command line as conntrack 1.4.7 does.
 * @param args with the tool's name in front
 * @return the request, or the tool's message and status
 */
NfResult<NfConntrackRequest> NfParseConntrackRequest(const std::vector<std::string>& args);

} // namespace ns3

#endif // NF_CONNTRACK_REQUEST_H
