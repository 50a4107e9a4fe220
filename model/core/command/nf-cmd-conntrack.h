/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CMD_CONNTRACK_H
#define NF_CMD_CONNTRACK_H

#include "../conntrack/nf-conntrack-message.h"
#include "../conntrack/nf-conntrack-text.h"
#include "nf-command.h"
#include "nf-conntrack-request.h"

#include <string>

namespace ns3
{

/// Does what a command line asks for. @param labels names of the namespace, null: there are none
NfCommandResult NfRunConntrack(NfNetns& netns,
                               const NfConntrackRequest& request,
                               const NfLabelMap* labels);

/**
 * conntrack -R: every line is parsed before the first one runs.
 * @param netns whose tables
 * @param name of the file, "-": standard input
 * @param input standard input
 * @param labels as NfRunConntrack()
 */
NfCommandResult NfConntrackLoad(NfNetns& netns,
                                const std::string& name,
                                const std::string& input,
                                const NfLabelMap* labels);

/// @return true if the connection is one that -L, -D, -G and -E with these options mean
bool NfConntrackMatches(const NfConntrackRequest& request, const NfConntrackMessage& message);

/// @return true if the connection is one that -U with these options means
bool NfConntrackMatchesUpdate(const NfConntrackRequest& request, const NfConntrackMessage& message);

/// @return the message about --mask-src without --src; empty if the filters make sense
std::string NfConntrackBadFilter(const NfConntrackRequest& request);

/**
 * @param message of a connection
 * @param kind NEW: a line that adds it, UPDATE, DESTROY; UNKNOWN: as NEW
 * @return the connection as options of conntrack(8) (-o save), without a newline
 */
std::string NfConntrackSaveLine(const NfConntrackMessage& message, NfConntrackKind kind);

} // namespace ns3

#endif // NF_CMD_CONNTRACK_H
