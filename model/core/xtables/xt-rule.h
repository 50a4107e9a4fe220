/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_RULE_H
#define XT_RULE_H

#include "xt-match.h"
#include "xt-target.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// Packets and bytes that passed a rule or reached a policy.
struct XtCounters
{
    uint64_t packets{0};
    uint64_t bytes{0};
};

/// What a rule does with a packet that matches.
enum class XtJump : uint8_t
{
    NONE,      //!< no target: only counts
    ACCEPT,    //!< verdict
    DROP,      //!< verdict
    QUEUE,     //!< verdict, queue 0
    RETURN,    //!< back to the calling chain, or to the policy
    CHAIN,     //!< -j to a chain of the table
    GOTO,      //!< -g to a chain of the table
    EXTENSION, //!< asks an XtTarget
};

/// @return "ACCEPT" etc. for a verdict, "" for the others
const char* XtJumpName(XtJump jump);

/// @param name "ACCEPT", "DROP", "QUEUE" or "RETURN" @return it, nothing for other names
std::optional<XtJump> XtFindVerdict(std::string_view name);

/// An option of an extension as typed, kept so that a rule can be made once more.
struct XtWord
{
    const XtOption* option{nullptr};
    std::string text;
    bool hasText{false};
    bool invert{false};
    std::string second; //!< XT_SECOND
    bool hasSecond{false};
};

/**
 * @ingroup netfilter
 * An extension as one rule uses it.
 */
template <class T>
class XtUse
{
  public:
    XtUse() = default;

    /// @param use what to use @param family of the rule
    XtUse(const XtExtensionType<T>& use, NfFamily family)
        : type(&use),
          object(use.make(family))
    {
    }

    /// Takes an option. @param ip the rule as far as known
    NfStatus Add(const XtWord& word, const XtIp& ip)
    {
        XtArg arg;
        arg.option = word.option;
        arg.extension = type->name;
        arg.text = word.text;
        arg.hasText = word.hasText;
        arg.second = word.second;
        arg.hasSecond = word.hasSecond;
        arg.invert = word.invert;
        arg.seen = m_seen;
        arg.family = ip.family;
        arg.ip = &ip;
        if (NfStatus status = XtParseOption(arg); !status)
        {
            return status;
        }
        if (NfStatus status = object->Parse(arg); !status)
        {
            return status;
        }
        m_seen |= 1U << word.option->id;
        m_words.push_back(word);
        return NfOk();
    }

    /// After the last option.
    NfStatus Finish()
    {
        // The extension looks first, as it does in the tool.
        if (NfStatus status = object->Finish(m_seen); !status)
        {
            return status;
        }
        return XtCheckOptions(type->name, type->options, m_seen);
    }

    /// @param ip the rule @return another object with the same options
    XtUse Clone(const XtIp& ip) const
    {
        XtUse copy(*type, ip.family);
        for (const XtWord& word : m_words)
        {
            (void)static_cast<bool>(copy.Add(word, ip));
        }
        (void)static_cast<bool>(copy.Finish());
        return copy;
    }

    explicit operator bool() const
    {
        return type != nullptr;
    }

    const XtExtensionType<T>* type{nullptr}; //!< null: nothing is used
    std::unique_ptr<T> object;

  private:
    uint32_t m_seen{0}; //!< bit per option id given
    std::vector<XtWord> m_words;
};

/**
 * @ingroup netfilter
 * One rule: its own part, its matches in order, its target. What commands make and tables hold; it
 * does not change once a table has it (only the extensions' own state does).
 */
class XtRule
{
  public:
    XtIp ip;
    std::vector<XtUse<XtMatch>> matches;
    XtJump jump{XtJump::NONE};
    std::string chain;      //!< CHAIN and GOTO: where to
    XtUse<XtTarget> target; //!< EXTENSION

    /// @return conditions as iptables-save writes them behind "-A CHAIN", with a leading space
    std::string SaveConditions() const;
    /// @return " -j TARGET ..."; "" without a target
    std::string SaveTarget() const;
    /// @return "ACCEPT", "LOG", the chain's name; "" without a target
    std::string_view GetTargetName() const;
    /// @return whether both do the same to every packet (what -D and -C compare)
    bool IsSame(const XtRule& o) const;
    /// @return a rule like this that no table has, with extension objects of its own
    std::shared_ptr<XtRule> Clone() const;

  private:
    friend class XtTable;

    mutable uint64_t m_program{0}; //!< the table's content that has it, 0: none
    mutable uint32_t m_hooks{0};   //!< what its extensions were checked for
};

using XtRulePtr = std::shared_ptr<const XtRule>;

/// A rule in its place.
struct XtEntry
{
    XtRulePtr rule;
    XtCounters counters;
};

/// A chain of a ruleset.
struct XtChain
{
    std::string name;
    std::optional<NfHook> hook;    //!< built-in chains: where the table is hooked
    XtJump policy{XtJump::ACCEPT}; //!< built-in chains: ACCEPT, DROP or QUEUE
    XtCounters counters;           //!< built-in chains: packets that met the policy
    std::vector<XtEntry> rules;
};

/**
 * @ingroup netfilter
 * The content of a table as a value: commands take a copy, edit it, and hand it back
 * (XtTable::Commit()), as libiptc does. Built-in chains come first in the order of their points,
 * user chains behind them by name.
 *
 * The editing functions return 0 or an errno (positive), as libiptc sets it.
 */
class XtRuleset
{
  public:
    std::vector<XtChain> chains;

    XtChain* Find(std::string_view name);
    const XtChain* Find(std::string_view name) const;

    /// @param at 0-based place, at most the number of rules @return 0, ENOENT no such chain, E2BIG
    int Insert(std::string_view chain, size_t at, XtEntry entry);
    int Append(std::string_view chain, XtEntry entry);
    int Replace(std::string_view chain, size_t at, XtEntry entry);
    int Delete(std::string_view chain, size_t at);
    /// @return 0-based place of the first rule that is the same, nothing if there is none
    std::optional<size_t> FindRule(std::string_view chain, const XtRule& rule) const;
    int Flush(std::string_view chain);
    /// @return 0, EEXIST
    int Create(std::string_view name);
    /// @return 0, ENOENT, EINVAL built-in, EMLINK still used, ENOTEMPTY
    int Remove(std::string_view name);
    /// @return 0, ENOENT (also for built-in chains), EEXIST
    int Rename(std::string_view from, const std::string& to);
    /// @return rules that jump or go to a chain
    size_t CountReferences(std::string_view chain) const;
};

} // namespace ns3

#endif // XT_RULE_H
