/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-chain-graph.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <string_view>
#include <unordered_map>

namespace ns3
{
namespace
{

/// How a chain leads to another.
struct JumpEdge
{
    bool pushes{true}; //!< false: goto, leaves no return address
};

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, JumpEdge>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

/// Marks what one built-in chain reaches. BGL copies visitors, so the results are elsewhere.
class ReachVisitor : public boost::dfs_visitor<>
{
  public:
    ReachVisitor(XtChainGraph& result, std::vector<size_t>& depth, uint32_t hook)
        : m_result(result),
          m_depth(depth),
          m_hook(hook)
    {
    }

    void discover_vertex(Vertex chain, const Graph&) const
    {
        m_result.reach[chain].hooks |= m_hook;
    }

    template <class Edge>
    void back_edge(Edge, const Graph&) const
    {
        m_result.loop = true;
    }

    void finish_vertex(Vertex chain, const Graph& graph) const
    {
        for (const auto& edge : boost::make_iterator_range(boost::out_edges(chain, graph)))
        {
            const size_t below = m_depth[boost::target(edge, graph)] + graph[edge].pushes;
            m_depth[chain] = std::max(m_depth[chain], below);
        }
    }

  private:
    XtChainGraph& m_result;
    std::vector<size_t>& m_depth; //!< return addresses a chain and those below need
    uint32_t m_hook;
};

bool
IsUnconditionalVerdict(const XtRule& rule)
{
    const bool verdict = rule.jump == XtJump::ACCEPT || rule.jump == XtJump::DROP ||
                         rule.jump == XtJump::QUEUE || rule.jump == XtJump::RETURN;
    XtIp any;
    any.family = rule.ip.family;
    return verdict && rule.matches.empty() && rule.ip == any;
}

size_t
CountLiveRules(const XtChain& chain)
{
    const auto end = std::find_if(chain.rules.begin(), chain.rules.end(), [](const XtEntry& e) {
        return IsUnconditionalVerdict(*e.rule);
    });
    return end == chain.rules.end() ? chain.rules.size() : end - chain.rules.begin() + 1;
}

} // namespace

XtChainGraph
XtExamineChains(const XtRuleset& ruleset)
{
    XtChainGraph result;
    const size_t count = ruleset.chains.size();
    result.reach.resize(count);
    std::unordered_map<std::string_view, Vertex> vertices;
    for (size_t i = 0; i < count; ++i)
    {
        vertices.emplace(ruleset.chains[i].name, i);
    }
    Graph graph(count);
    for (size_t i = 0; i < count; ++i)
    {
        const XtChain& chain = ruleset.chains[i];
        result.reach[i].rules = CountLiveRules(chain);
        for (size_t r = 0; r < result.reach[i].rules; ++r)
        {
            const XtRule& rule = *chain.rules[r].rule;
            if (rule.jump == XtJump::CHAIN || rule.jump == XtJump::GOTO)
            {
                boost::add_edge(i,
                                vertices.at(rule.chain),
                                JumpEdge{rule.jump == XtJump::CHAIN},
                                graph);
            }
        }
    }
    std::vector<size_t> depth(count, 0);
    for (size_t i = 0; i < count && !result.loop; ++i)
    {
        if (ruleset.chains[i].hook)
        {
            const uint32_t bit = 1U << static_cast<unsigned>(*ruleset.chains[i].hook);
            std::vector<boost::default_color_type> colors(count, boost::white_color);
            boost::depth_first_visit(
                graph,
                i,
                ReachVisitor(result, depth, bit),
                boost::make_iterator_property_map(colors.begin(),
                                                  boost::get(boost::vertex_index, graph)));
            result.depth = std::max(result.depth, depth[i]);
        }
    }
    return result;
}

} // namespace ns3
