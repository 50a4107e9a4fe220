/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_NAT_RANGE_H
#define XT_NAT_RANGE_H

#include "../nat/nf-nat-range.h"
#include "xt-extension.h"

#include <string>

namespace ns3
{

/// @return whether the protocol of a rule has ports that NAT may choose
bool XtNatHasPorts(const XtIp& ip);

/**
 * "port[-port[/base]]" (iptables: libxt_NAT.c, parse_ports()).
 * @param ip the rule @param range flags and ports out
 */
NfStatus XtParseNatPorts(const std::string& text, const XtIp& ip, NfNatRange& range);

/**
 * "[address[-address]][:ports]", IPv6 addresses with ports in brackets (iptables: libxt_NAT.c,
 * parse_to()).
 */
NfStatus XtParseNatRange(const XtArg& arg, NfNatRange& range);

/// @return "1.1.1.1-1.1.1.9:1-2/3"
std::string XtFormatNatRange(const NfNatRange& range, NfFamily family);

/// @return "1-2/3"
std::string XtFormatNatPorts(const NfNatRange& range);

/// @param prefix "--" in saves, "" in listings @return " --random --random-fully --persistent"
std::string XtFormatNatFlags(const NfNatRange& range, const char* prefix);

} // namespace ns3

#endif // XT_NAT_RANGE_H
