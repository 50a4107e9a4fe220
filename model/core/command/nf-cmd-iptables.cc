/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-cmd-iptables.h"

#include "nf-builtin.h"
#include "nf-iptables-list.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <iterator>

namespace ns3
{
namespace
{

/// Texts that depend on what was being done (libiptc: iptc_strerror()); action 0: any.
struct ErrorText
{
    uint32_t action;
    int error;
    const char* text;
};

constexpr ErrorText ERROR_TEXTS[] = {
    {NF_IPT_NEW_CHAIN, EEXIST, "Chain already exists"},
    {NF_IPT_INSERT, E2BIG, "Index of insertion too big"},
    {NF_IPT_REPLACE, E2BIG, "Index of replacement too big"},
    {NF_IPT_DELETE_NUM, E2BIG, "Index of deletion too big"},
    {NF_IPT_ZERO_NUM, E2BIG, "Index of counter too big"},
    {NF_IPT_DELETE, ENOENT, "Bad rule (does a matching rule exist in that chain?)"},
    {NF_IPT_CHECK, ENOENT, "Bad rule (does a matching rule exist in that chain?)"},
    {NF_IPT_SET_POLICY, ENOENT, "Bad built-in chain name"},
    {NF_IPT_SET_POLICY, EINVAL, "Bad policy name"},
    {0, ENOENT, "No chain/target/match by that name"},
    {0, ENOMEM, "Memory allocation problem"},
};

std::string
ErrorTextFor(uint32_t action, int error)
{
    for (const ErrorText& row : ERROR_TEXTS)
    {
        if (row.error == error && (row.action == 0 || row.action == action))
        {
            return row.text;
        }
    }
    return NfErrnoText(error);
}

const char*
ToolName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "ip6tables" : "iptables";
}

NfIptablesFailure
TableFailure(NfFamily family, uint32_t action, int error)
{
    std::string text = fmt::format("{}: {}.", ToolName(family), ErrorTextFor(action, error));
    if (error == EINVAL)
    {
        text += " Run `dmesg' for more information.";
    }
    return NfIptablesFailure{NfError{error == EAGAIN ? 4 : 1, std::move(text)}, true};
}

/// Carries out one request.
class Editor
{
  public:
    Editor(const NfIptablesTool& tool,
           NfIptablesRequest& request,
           XtRuleset& ruleset,
           std::string& out,
           std::string& err)
        : m_tool(tool),
          m_request(request),
          m_ruleset(ruleset),
          m_out(out),
          m_err(err)
    {
    }

    NfIptablesOutcome Run()
    {
        if (m_request.actions & NF_IPT_WITH_RULE)
        {
            if (NfStatus status = MakeRules(); !status)
            {
                return NfIptablesFailure{status.Error(), false};
            }
        }
        if (const int error = Edit())
        {
            return TableFailure(m_tool.family, m_action, error);
        }
        return NfNothing{};
    }

  private:
    NfStatus MakeRules();
    NfStatus SetTarget(XtRule& rule);
    int Edit();
    int EditRules();
    int List();
    int ListRules();
    int Zero();
    int SetPolicy();
    template <class F>
    int ForChains(bool builtin, const char* verb, F action);

    const NfIptablesTool& m_tool;
    NfIptablesRequest& m_request;
    XtRuleset& m_ruleset;
    std::string& m_out;
    std::string& m_err;
    std::vector<std::shared_ptr<XtRule>> m_rules; //!< one per pair of addresses
    uint32_t m_action{0};                         //!< what failed, for the text
};

NfStatus
Editor::SetTarget(XtRule& rule)
{
    const std::string& name = m_request.jumpTo;
    const bool isChain = m_ruleset.Find(name) != nullptr;
    if (m_request.target && isChain)
    {
        m_err += fmt::format("Warning: using chain {}, not extension\n", name);
        m_request.target = {};
    }
    if (name.empty())
    {
        return NfOk();
    }
    if (isChain)
    {
        rule.jump = m_request.isGoto ? XtJump::GOTO : XtJump::CHAIN;
        rule.chain = name;
        return NfOk();
    }
    if (m_request.isGoto)
    {
        return NfIptablesError(m_tool,
                               XtBadParameter(fmt::format("goto '{}' is not a chain", name)));
    }
    if (const auto verdict = XtFindVerdict(name))
    {
        rule.jump = *verdict;
        return NfOk();
    }
    if (!m_request.target)
    {
        return NfIptablesError(
            m_tool,
            XtBadParameter(
                fmt::format("Couldn't load target `{}':No such file or directory\n", name)));
    }
    rule.jump = XtJump::EXTENSION;
    rule.target = std::move(m_request.target);
    return NfOk();
}

NfStatus
Editor::MakeRules()
{
    auto first = std::make_shared<XtRule>();
    first->ip = m_request.ip;
    first->matches = std::move(m_request.matches);
    if (NfStatus status = SetTarget(*first); !status)
    {
        return status;
    }
    for (const NfAddrMask& source : m_request.sources)
    {
        for (const NfAddrMask& destination : m_request.destinations)
        {
            auto rule = m_rules.empty() ? first : first->Clone();
            rule->ip.src = source.first;
            rule->ip.srcMask = source.second;
            rule->ip.dst = destination.first;
            rule->ip.dstMask = destination.second;
            m_rules.push_back(std::move(rule));
        }
    }
    return NfOk();
}

int
Editor::EditRules()
{
    const std::string& chain = m_request.chain;
    const size_t at = m_request.ruleNumber ? m_request.ruleNumber - 1 : 0;
    int result = 0;
    for (const auto& rule : m_rules)
    {
        if (m_request.verbose)
        {
            m_out += NfEchoRule(*rule);
        }
        int error = 0;
        const XtEntry entry{rule, m_request.counters};
        switch (m_request.actions)
        {
        case NF_IPT_APPEND:
            error = m_ruleset.Append(chain, entry);
            break;
        case NF_IPT_INSERT:
            error = m_ruleset.Insert(chain, at, entry);
            break;
        case NF_IPT_REPLACE:
            error = m_ruleset.Replace(chain, at, entry);
            break;
        default: {
            const auto found = m_ruleset.FindRule(chain, *rule);
            error = !found                              ? ENOENT
                    : m_request.actions == NF_IPT_CHECK ? 0
                                                        : m_ruleset.Delete(chain, *found);
        }
        }
        result = error ? error : result;
    }
    return result;
}

/// Does something to the named chain, or to all. @param verb what -v says of each
template <class F>
int
Editor::ForChains(bool builtin, const char* verb, F action)
{
    std::vector<std::string> names;
    for (const XtChain& chain : m_ruleset.chains)
    {
        if (builtin || !chain.hook)
        {
            names.push_back(chain.name);
        }
    }
    if (m_request.hasChain)
    {
        names.assign(1, m_request.chain);
    }
    int result = 0;
    for (const std::string& name : names)
    {
        if (m_request.verbose)
        {
            m_out += fmt::format("{} chain `{}'\n", verb, name);
        }
        const int error = action(name);
        result = error ? error : result;
    }
    return result;
}

int
Editor::List()
{
    NfIptablesFormat format;
    format.numeric = m_request.options & NF_IPT_NUMERIC;
    format.counters = format.interfaces = m_request.verbose > 0;
    format.exact = m_request.options & NF_IPT_EXPANDED;
    format.lineNumbers = m_request.options & NF_IPT_LINE_NUMBERS;
    bool found = false;
    m_out += NfListChains(m_ruleset,
                          m_request.hasChain ? &m_request.chain : nullptr,
                          m_request.ruleNumber,
                          format,
                          found);
    return found ? 0 : ENOENT;
}

int
Editor::ListRules()
{
    bool found = false;
    m_out += NfListRules(m_ruleset,
                         m_request.hasChain ? &m_request.chain : nullptr,
                         m_request.ruleNumber,
                         m_request.verbose > 0,
                         found);
    return found ? 0 : ENOENT;
}

int
Editor::Zero()
{
    if (m_request.actions & NF_IPT_ZERO_NUM)
    {
        m_action = NF_IPT_ZERO_NUM;
        XtChain* chain = m_ruleset.Find(m_request.chain);
        if (!chain)
        {
            return ENOENT;
        }
        if (m_request.ruleNumber > chain->rules.size())
        {
            return E2BIG;
        }
        chain->rules[m_request.ruleNumber - 1].counters = {};
        return 0;
    }
    return ForChains(true, "Zeroing", [this](const std::string& name) {
        XtChain* chain = m_ruleset.Find(name);
        if (!chain)
        {
            return ENOENT;
        }
        chain->counters = {};
        for (XtEntry& entry : chain->rules)
        {
            entry.counters = {};
        }
        return 0;
    });
}

int
Editor::SetPolicy()
{
    XtChain* chain = m_ruleset.Find(m_request.chain);
    if (!chain || !chain->hook)
    {
        return ENOENT;
    }
    if (m_request.policy != "ACCEPT" && m_request.policy != "DROP")
    {
        return EINVAL;
    }
    chain->policy = *XtFindVerdict(m_request.policy);
    if (m_request.options & NF_IPT_COUNTERS)
    {
        chain->counters = m_request.counters;
    }
    return 0;
}

int
Editor::Edit()
{
    const NfIptablesRequest& r = m_request;
    m_action = r.actions;
    if (r.actions & NF_IPT_WITH_RULE)
    {
        return EditRules();
    }
    if (r.actions & (NF_IPT_LIST | NF_IPT_LIST_RULES))
    {
        const int error = r.actions & NF_IPT_LIST ? List() : ListRules();
        return error || !(r.actions & (NF_IPT_ZERO | NF_IPT_ZERO_NUM)) ? error : Zero();
    }
    switch (r.actions)
    {
    case NF_IPT_DELETE_NUM:
        return m_ruleset.Delete(r.chain, r.ruleNumber - 1);
    case NF_IPT_FLUSH:
        return ForChains(true, "Flushing", [this](const std::string& name) {
            return m_ruleset.Flush(name);
        });
    case NF_IPT_ZERO:
    case NF_IPT_ZERO_NUM:
        return Zero();
    case NF_IPT_NEW_CHAIN:
        return m_ruleset.Create(r.chain);
    case NF_IPT_DELETE_CHAIN:
        return ForChains(false, "Deleting", [this](const std::string& name) {
            return m_ruleset.Remove(name);
        });
    case NF_IPT_RENAME_CHAIN:
        return m_ruleset.Rename(r.chain, r.newName);
    default:
        return SetPolicy();
    }
}

NfCommandResult
Failed(NfCommandResult result, const NfError& error)
{
    result.status = error.status;
    result.err += error.message + "\n";
    return result;
}

NfCommandResult
RunIpv4(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptables(netns, NfFamily::IPV4, line);
}

NfCommandResult
RunIpv6(NfNetns& netns, const NfCommandLine& line)
{
    return NfRunIptables(netns, NfFamily::IPV6, line);
}

} // namespace

void
NfZeroPolicyCounters(XtRuleset& ruleset)
{
    for (XtChain& chain : ruleset.chains)
    {
        chain.counters = {};
    }
}

std::string
NfErrnoText(int error)
{
    return std::strerror(error);
}

NfIptablesOutcome
NfApplyIptables(const NfIptablesTool& tool,
                NfIptablesRequest& request,
                XtRuleset& ruleset,
                std::string& out,
                std::string& err)
{
    return Editor(tool, request, ruleset, out, err).Run();
}

NfCommandResult
NfRunIptables(NfNetns& netns, NfFamily family, const NfCommandLine& line)
{
    NfCommandResult result;
    NfIptablesTool tool;
    tool.family = family;
    tool.name = ToolName(family);
    tool.sets = &netns.GetSets();
    NfIptablesRequest request;
    const std::vector<std::string> words(line.args.begin() + 1, line.args.end());
    const NfStatus parsed = NfParseIptables(tool, words, request);
    result.err = std::move(request.warnings);
    if (!parsed)
    {
        return Failed(std::move(result), parsed.Error());
    }
    if (request.done)
    {
        result.out = std::move(request.output);
        return result;
    }
    XtTable* table = netns.GetXtables(family).Use(request.table);
    if (!table)
    {
        return Failed(std::move(result),
                      NfIptablesError(tool,
                                      NfError{3,
                                              fmt::format("can't initialize {} table `{}': Table "
                                                          "does not exist (do you need to "
                                                          "insmod?)",
                                                          tool.name,
                                                          request.table)}));
    }
    constexpr uint32_t reading = NF_IPT_LIST | NF_IPT_LIST_RULES | NF_IPT_CHECK;
    XtRuleset ruleset = table->Copy();
    if (!(request.actions & reading))
    {
        NfZeroPolicyCounters(ruleset);
    }
    const NfIptablesOutcome outcome =
        NfApplyIptables(tool, request, ruleset, result.out, result.err);
    if (const auto* failure = std::get_if<NfIptablesFailure>(&outcome))
    {
        return Failed(std::move(result), failure->error);
    }
    if ((request.actions & ~reading) == 0)
    {
        return result;
    }
    if (request.actions & reading)
    {
        NfZeroPolicyCounters(ruleset);
    }
    if (const int error = table->Commit(ruleset))
    {
        return Failed(std::move(result), TableFailure(family, 0, error).error);
    }
    return result;
}

extern const NfCommand NF_CMD_IPTABLES;
extern const NfCommand NF_CMD_IPTABLES_LEGACY;
extern const NfCommand NF_CMD_IP6TABLES;
extern const NfCommand NF_CMD_IP6TABLES_LEGACY;
const NfCommand NF_CMD_IPTABLES{"iptables", RunIpv4};
const NfCommand NF_CMD_IPTABLES_LEGACY{"iptables-legacy", RunIpv4};
const NfCommand NF_CMD_IP6TABLES{"ip6tables", RunIpv6};
const NfCommand NF_CMD_IP6TABLES_LEGACY{"ip6tables-legacy", RunIpv6};

} // namespace ns3
