/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PROTO_GRE_H
#define NF_CONNTRACK_PROTO_GRE_H

#include "../packet/nf-tuple.h"

#include <cstdint>
#include <vector>

namespace ns3
{

class NfConn;

/**
 * @ingroup netfilter
 * Which source key belongs to a PPTP data packet: its header names only the receiver's call
 * (Linux: struct nf_ct_gre_keymap).
 */
class NfGreKeymap
{
  public:
    /**
     * Linux: nf_ct_gre_keymap_add().
     * @param master the control connection
     * @param dir direction of the packets it stands for; one key per direction
     * @param tuple of such a packet, both keys known
     * @return false if the direction has another one already
     */
    bool Add(const NfConn& master, NfDir dir, const NfTuple& tuple);
    /// Linux: nf_ct_gre_keymap_destroy(). @param master whose keys go
    void Remove(const NfConn& master);
    /// @param tuple without source key @return the source key, 0 if unknown
    uint16_t Lookup(const NfTuple& tuple) const;

    /// @return true if there is nothing in it
    bool IsEmpty() const
    {
        return m_rows.empty();
    }

  private:
    struct Row
    {
        const NfConn* master; //!< compared, never looked into
        NfDir dir;
        NfTuple tuple;
    };

    std::vector<Row> m_rows; //!< few: two per PPTP call
};

} // namespace ns3

#endif // NF_CONNTRACK_PROTO_GRE_H
