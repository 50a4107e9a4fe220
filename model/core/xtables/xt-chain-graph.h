/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_CHAIN_GRAPH_H
#define XT_CHAIN_GRAPH_H

#include "xt-rule.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ns3
{

/// What can be said of a chain from how chains jump to each other.
struct XtChainReach
{
    uint32_t hooks{0}; //!< bit per NfHook from which packets can come into the chain
    size_t rules{0};   //!< rules in front that packets can reach: those behind an unconditional
                       //!< ACCEPT, DROP, QUEUE or RETURN are dead
};

/// Outcome of XtExamineChains().
struct XtChainGraph
{
    bool loop{false};                //!< a packet could go in circles
    size_t depth{0};                 //!< most return addresses that are ever on the stack
    std::vector<XtChainReach> reach; //!< by index of the chain
};

/**
 * Looks at the jumps and gotos of a ruleset as a graph (Linux: mark_source_chains()). Only what
 * packets can reach counts: a loop among chains nobody jumps to is harmless.
 * @param ruleset all targets that are chains exist
 */
XtChainGraph XtExamineChains(const XtRuleset& ruleset);

} // namespace ns3

#endif // XT_CHAIN_GRAPH_H
