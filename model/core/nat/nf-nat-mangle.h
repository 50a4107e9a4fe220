/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_MANGLE_H
#define NF_NAT_MANGLE_H

#include "nf-nat.h"

namespace ns3
{

/**
 * Replaces payload bytes of a TCP packet, fixes lengths and checksums, and notes the sequence
 * offset (Linux: nf_nat_mangle_tcp_packet()).
 * @param offset where in the TCP payload @param length bytes that go @param insert what comes
 * @return false: the packet would become too long or does not fit
 */
bool NfNatMangleTcp(NfNat& nat,
                    NfPacket& packet,
                    NfConn& conn,
                    NfCtInfo info,
                    size_t offset,
                    size_t length,
                    NfBytes insert,
                    bool adjust = true);

/// As NfNatMangleTcp() for UDP (Linux: nf_nat_mangle_udp_packet()).
bool NfNatMangleUdp(NfNat& nat,
                    NfPacket& packet,
                    NfConn& conn,
                    NfCtInfo info,
                    size_t offset,
                    size_t length,
                    NfBytes insert);

/// Linux: nf_nat_follow_master(): NAT of an expected connection as its master's. An expectFn.
void NfNatFollowMaster(NfNat& nat, NfConn& conn, const NfExpectation& expectation);

/**
 * Registers an expectation whose destination port must be free on this node's side (Linux:
 * nf_nat_exp_find_port()).
 * @param nat whose table
 * @param expectation complete but for the port
 * @param port tried first; others are drawn from above it
 * @return the port it was registered with, 0: none
 */
uint16_t NfNatExpectPort(NfNat& nat, const NfExpectationPtr& expectation, uint16_t port);

} // namespace ns3

#endif // NF_NAT_MANGLE_H
