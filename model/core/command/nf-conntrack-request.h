/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_REQUEST_H
#define NF_CONNTRACK_REQUEST_H

#include "../conntrack/nf-conntrack-text.h"
#include "../packet/nf-result.h"
#include "../packet/nf-tuple.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/// Start of each message of conntrack(8).
constexpr const char* NF_CONNTRACK_TOOL = "conntrack v1.4.7 (conntrack-tools): ";

/// What to do; with expectations an act of its own, as what is allowed differs.
enum class NfConntrackAct : uint8_t
{
    LIST,
    CREATE,
    UPDATE,
    DELETE,
    GET,
    FLUSH,
    EVENT,
    VERSION,
    HELP,
    EXP_LIST,
    EXP_CREATE,
    EXP_DELETE,
    EXP_GET,
    EXP_FLUSH,
    EXP_EVENT,
    COUNT,
    EXP_COUNT,
    STATS,
    EXP_STATS,
    ADD,
    NONE,
};

/// Options as the tool counts and checks them; the numbers are bits of NfConntrackRequest::options.
enum class NfConntrackOpt : uint8_t
{
    ORIG_SRC,
    ORIG_DST,
    REPLY_SRC,
    REPLY_DST,
    PROTOCOL,
    TIMEOUT,
    STATUS,
    ZERO,
    EVENT_MASK,
    TUPLE_SRC,
    TUPLE_DST,
    MASK_SRC,
    MASK_DST,
    NAT_RANGE,
    MARK,
    ID,
    FAMILY,
    SRC_NAT,
    DST_NAT,
    OUTPUT,
    SECMARK,
    BUFFER_SIZE,
    ANY_NAT,
    ZONE,
    LABEL,
    ADD_LABEL,
    DEL_LABEL,
    ORIG_ZONE,
    REPLY_ZONE,
};

/// Bits of NfConntrackRequest::eventMask.
enum NfConntrackEventBit : uint8_t
{
    NF_CONNTRACK_ON_NEW = 1 << 0,
    NF_CONNTRACK_ON_UPDATE = 1 << 1,
    NF_CONNTRACK_ON_DESTROY = 1 << 2,
    NF_CONNTRACK_ON_ALL = 7,
};

/// One direction of a tuple as given; what is not given is open.
struct NfConntrackSide
{
    NfFamily family{NfFamily::UNSPEC}; //!< UNSPEC: no address given
    std::optional<NfAddr> src;
    std::optional<NfAddr> dst;
    std::optional<uint8_t> protocol;
    std::optional<uint16_t> sport; //!< port, or GRE key
    std::optional<uint16_t> dport;
};

/// A translation as given; what is not given is open.
struct NfConntrackNat
{
    NfFamily family{NfFamily::UNSPEC}; //!< of the address, UNSPEC: none given
    NfAddr addr;
    std::optional<uint16_t> port;
};

/**
 * @ingroup netfilter
 * What a command line of conntrack(8) asks for.
 */
struct NfConntrackRequest
{
    using Labels = std::array<uint32_t, 4>;

    NfConntrackAct act{NfConntrackAct::NONE};
    std::string table;    //!< "conntrack", "expect", "dying", "unconfirmed"
    uint32_t options{0};  //!< NfConntrackOpt as bits
    uint8_t output{0};    //!< NfConntrackOutput bits
    bool save{false};     //!< -o save
    bool stamps{false};   //!< -o timestamp
    std::string notes;    //!< what goes to standard error before anything else
    bool labelMap{false}; //!< names of labels are needed

    NfFamily family{NfFamily::UNSPEC};
    uint8_t protocol{0}; //!< of -p
    NfConntrackSide orig;
    NfConntrackSide reply;
    bool noSource{false};  //!< -j ADDRESS makes the tool compare with a source no entry has
    NfConntrackSide tuple; //!< of an expectation
    NfConntrackSide mask;  //!< of the original addresses, or of an expectation
    std::optional<uint8_t> icmpType;
    bool icmpEarly{false}; //!< the type came before an address of the family it is of
    std::optional<uint8_t> icmpCode;
    std::optional<uint16_t> icmpId;
    std::optional<uint8_t> state;                //!< of the protocol, its number
    std::optional<uint8_t> role;                 //!< of DCCP
    std::array<std::optional<uint32_t>, 2> vtag; //!< of SCTP

    std::optional<uint32_t> timeout; //!< seconds
    std::optional<uint32_t> status;  //!< NfConnStatus bits
    uint32_t statusMask{0};          //!< bits that a listing compares
    uint32_t mark{0};
    uint32_t markMask{0xffffffff};
    std::optional<uint32_t> id;
    std::optional<uint16_t> zone;
    std::array<std::optional<uint16_t>, 2> tupleZone;
    NfConntrackNat srcNat;
    NfConntrackNat dstNat;
    std::optional<Labels> labels;       //!< bits that must be set
    std::optional<Labels> labelsModify; //!< bits to add or delete; nothing: all
    uint8_t eventMask{0};               //!< NfConntrackEventBit; 0: all
    uint64_t bufferSize{0};             //!< bytes, of -b

    bool Has(NfConntrackOpt option) const
    {
        return options >> static_cast<unsigned>(option) & 1;
    }
};

/**
 * Parses a command line as conntrack 1.4.7 does.
 * @param args with the tool's name in front
 * @param labels of the namespace; null: there is no connlabel.conf
 * @return the request, or the tool's message and status
 */
NfResult<NfConntrackRequest> NfParseConntrackRequest(const std::vector<std::string>& args,
                                                     const NfLabelMap* labels);

} // namespace ns3

#endif // NF_CONNTRACK_REQUEST_H
