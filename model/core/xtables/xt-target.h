/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_TARGET_H
#define XT_TARGET_H

#include "xt-extension.h"

#include <optional>

namespace ns3
{

/// What a target says: a verdict, or nothing: go on with the next rule.
using XtVerdict = std::optional<NfVerdict>;

/// Go on with the next rule (Linux: XT_CONTINUE).
constexpr std::nullopt_t XT_CONTINUE = std::nullopt;

/**
 * @ingroup netfilter
 * The target of one rule (-j), other than ACCEPT, DROP, QUEUE, RETURN and chains, which the engine
 * has itself. A new one is a file xt-target-<name>.cc like xt-target-mark.cc and a line in
 * command/nf-builtin.cc.
 */
class XtTarget : public XtExtension
{
  public:
    /**
     * @param param the packet, to be changed at will, and where it is
     * @return a verdict or XT_CONTINUE
     */
    virtual XtVerdict Target(XtParam& param) = 0;
};

using XtTargetType = XtExtensionType<XtTarget>;

/// For XtTargetType::make. @return a T
template <class T>
std::unique_ptr<XtTarget>
XtMakeTarget(NfFamily family)
{
    (void)family;
    return std::make_unique<T>();
}

} // namespace ns3

#endif // XT_TARGET_H
