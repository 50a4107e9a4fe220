/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_EXPECT_H
#define NF_CONNTRACK_EXPECT_H

#include "nf-conn.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ns3
{

class NfConntrackHelper;

/// Flags with Linux's numbers (NF_CT_EXPECT_*).
enum NfExpectFlag : uint32_t
{
    NF_EXPECT_PERMANENT = 0x1,
    NF_EXPECT_INACTIVE = 0x2,
    NF_EXPECT_USERSPACE = 0x4,
};

/**
 * @ingroup netfilter
 * A connection a helper expects (Linux: struct nf_conntrack_expect). Counted by shared_ptr; the
 * table owns it until it is used, removed or times out.
 */
class NfExpectation
{
  public:
    NfTuple tuple;    //!< what is expected
    NfTuple mask;     //!< which bits of tuple.src/sport count; dst, dport and protocol always do
    NfConnPtr master; //!< who expects it
    NfConntrackHelper* helper{nullptr}; //!< assigned to the new connection, or null
    std::string natFunction;            //!< name shown as fn: "nat-follow-master", ""
    /// Linux: expectfn; sets up NAT of the new connection
    std::function<void(NfConn&, const NfExpectation&)> expectFn;
    NfTime expires{0};          //!< absolute; set from the helper's policy when there is a helper
    uint32_t flags{0};          //!< NfExpectFlag bits
    uint32_t expectClass{0};    //!< index into the helper's policies
    NfAddr savedAddr;           //!< NAT: the address before rewriting
    uint16_t savedPort{0};      //!< NAT: the port before rewriting (Linux: saved_proto)
    NfDir dir{NfDir::ORIGINAL}; //!< NAT: direction of the master's packet that made it
    uint32_t id{0};             //!< stable number, for listings
};

using NfExpectationPtr = std::shared_ptr<NfExpectation>;

/**
 * The usual expectation (Linux: nf_ct_expect_init()).
 * @param expectClass index into the helper's policies
 * @param family of the addresses
 * @param src source address, null: any
 * @param dst destination address
 * @param protocol IP protocol
 * @param sport source port, 0: any
 * @param dport destination port
 */
NfExpectationPtr NfExpectInit(NfConn& master,
                              uint32_t expectClass,
                              NfFamily family,
                              const NfAddr* src,
                              const NfAddr& dst,
                              uint8_t protocol,
                              uint16_t sport,
                              uint16_t dport);

} // namespace ns3

#endif // NF_CONNTRACK_EXPECT_H
