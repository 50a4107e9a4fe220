/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_MASK_H
#define REPLAY_MASK_H

#include "replay-packet.h"

#include <set>
#include <string>
#include <vector>

namespace replay
{

/// A packet as a result tells it.
struct Sighting
{
    Json result = Json::object(); //!< "if" or "local", "pkt", "hex", ...
    Json fields = Json::object(); //!< by name, for `save` and `random`
};

/**
 * Hides with '~' what a router draws at random: IP ids and flow labels that no packet of the
 * scenario has, fields that a step calls random, and ports that turned up as such.
 */
class Masks
{
  public:
    /// @param packet was put in by the scenario: its id and flow label are nobody's choice
    void Note(const Octets& packet);
    /// @param packet came out @return it in the grammar, ids masked
    Sighting Describe(const Octets& packet) const;
    /// Masks fields. @param sighting of a packet that came out @param fields names
    void Hide(Sighting& sighting, const std::vector<std::string>& fields);
    /// @param value text, or a table of texts @return it with drawn ports and ids masked
    Json HideDrawn(const Json& value) const;

  private:
    std::string HideDrawnText(const std::string& text) const;

    std::set<unsigned> m_ids;      //!< IPv4 ids of packets put in
    std::set<uint32_t> m_flows;    //!< flow labels of packets put in
    std::set<std::string> m_drawn; //!< ports and ids that turned up in random fields
};

} // namespace replay

#endif // REPLAY_MASK_H
