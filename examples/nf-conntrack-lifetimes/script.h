/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <cstdint>
#include <string>
#include <vector>

/// A packet of a conversation.
struct LifetimeLine
{
    double pause;               //!< seconds of silence before it
    bool fromClient;            //!< else from the server
    std::string what;           //!< in words
    std::vector<uint8_t> bytes; //!< from the transport header on
};

/// A conversation.
struct LifetimeScript
{
    std::string name;
    std::string title;
    uint8_t protocol;
    std::vector<LifetimeLine> lines;
};

/// @return all conversations: TCP in several ways, UDP, SCTP, ICMP
std::vector<LifetimeScript> MakeLifetimeScripts();

/// @return their names, with commas between
std::string LifetimeScriptNames();

#endif // SCRIPT_H
