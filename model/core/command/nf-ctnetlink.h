/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CTNETLINK_H
#define NF_CTNETLINK_H

#include "../netns/nf-netns.h"
#include "nf-conntrack-request.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * What ctnetlink does for a program that changes the tables (Linux: nf_conntrack_netlink.c). Where
 * a function returns a number, it is 0 or a negative error number.
 */
class NfCtnetlink
{
  public:
    /// @param netns whose tables
    explicit NfCtnetlink(NfNetns& netns)
        : m_netns(netns),
          m_table(netns.GetConntrack())
    {
    }

    /// Linux: ctnetlink_new_conntrack() with NLM_F_CREATE and NLM_F_EXCL.
    int Create(const NfConntrackRequest& request);
    /// Linux: ctnetlink_get_conntrack(). @param error out, if null is returned; 0: the library
    /// failed
    NfConnPtr Get(const NfConntrackRequest& request, int& error);
    /// Linux: ctnetlink_change_conntrack(). What stands before the refused part has changed by
    /// then.
    int Change(const NfConntrackRequest& request, NfConn& conn);
    /// @return true if Change() would be asked for anything at all
    bool WouldChange(const NfConntrackRequest& request, const NfConn& conn) const;

    /// Linux: ctnetlink_new_expect(), with NLM_F_CREATE and NLM_F_EXCL.
    int CreateExpectation(const NfConntrackRequest& request);
    /// Linux: ctnetlink_get_expect(). @return the expectation that -s, -d and so on meet, or null
    NfExpectationPtr GetExpectation(const NfConntrackRequest& request);

  private:
    NfTuple TupleOf(const NfConntrackRequest& request,
                    const NfConntrackSide& side,
                    uint8_t protocol) const;
    bool MakeTuples(const NfConntrackRequest& request, NfTuple& orig, NfTuple& reply) const;
    bool SetUpNat(const NfConntrackRequest& request, NfConn& conn);
    int SetStatus(NfConn& conn, uint32_t status) const;
    int SetLabels(const NfConntrackRequest& request, NfConn& conn) const;

    NfNetns& m_netns;
    NfConntrack& m_table;
};

} // namespace ns3

#endif // NF_CTNETLINK_H
