/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CMD_CONNTRACK_H
#define NF_CMD_CONNTRACK_H

#include "../conntrack/nf-conntrack.h"
#include "nf-conntrack-request.h"

#include <string>

namespace ns3
{

/// @return true if the connection is one that -L, -D and -U with these options mean
bool NfConntrackMatches(const NfConntrackRequest& request, const NfConn& conn);

/**
 * @param prefix "-A", "-D": the command that the line is to be
 * @return the connection as options of conntrack(8) (-o save), without a newline
 */
std::string NfConntrackSaveLine(NfConntrack& table, const NfConn& conn, const std::string& prefix);

/// @return the connection as an element of conntrack(8)'s XML (-o xml), without a newline
std::string NfConntrackXmlLine(NfConntrack& table, const NfConn& conn);

} // namespace ns3

#endif // NF_CMD_CONNTRACK_H
