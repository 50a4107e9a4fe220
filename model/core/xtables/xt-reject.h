/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_REJECT_H
#define XT_REJECT_H

#include "xt-extension.h"

namespace ns3
{

/**
 * Answers a TCP segment with a reset in the name of its destination (Linux: nf_send_reset(),
 * nf_send_reset6()). Nothing is sent for a segment that is a reset itself, a fragment, or damaged.
 */
void XtSendReset(XtParam& param);

/**
 * Answers a packet with ICMP or ICMPv6 destination unreachable (Linux: nf_send_unreach(),
 * icmp_send(); nf_send_unreach6(), icmp6_send()). Nothing is sent for what RFC 1122 section 3.2.2
 * and RFC 4443 section 2.4 exempt, nor for damaged packets.
 */
void XtSendUnreachable(XtParam& param, uint8_t code);

} // namespace ns3

#endif // XT_REJECT_H
