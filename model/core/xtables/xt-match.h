/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_MATCH_H
#define XT_MATCH_H

#include "xt-extension.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * A match of one rule (-m). A new one is a file xt-<name>.cc like xt-mark.cc and a line in
 * command/nf-builtin.cc.
 */
class XtMatch : public XtExtension
{
  public:
    /**
     * @param param the packet and where it is; may set hotdrop
     * @return whether the packet matches
     */
    virtual bool Match(XtParam& param) = 0;

    /// @return whether it asks for the TCP SYN flag without inversion: TCPMSS wants such a match in
    /// its rule (Linux: xt_TCPMSS.c, find_syn_match())
    virtual bool ComparesSyn() const
    {
        return false;
    }
};

using XtMatchType = XtExtensionType<XtMatch>;

/// For XtMatchType::make. @return a T
template <class T>
std::unique_ptr<XtMatch>
XtMakeMatch(NfFamily family)
{
    (void)family;
    return std::make_unique<T>();
}

} // namespace ns3

#endif // XT_MATCH_H
