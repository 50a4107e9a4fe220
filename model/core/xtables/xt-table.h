/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_TABLE_H
#define XT_TABLE_H

#include "xt-rule.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

struct XtChainGraph;

/**
 * @ingroup netfilter
 * One table of one family, hooked into the stack (Linux: struct xt_table, ipt_do_table()).
 */
class XtTable
{
  public:
    struct Kind;

    XtTable(XtContext& context, NfFamily family, const Kind& kind);
    ~XtTable();
    XtTable(const XtTable&) = delete;
    XtTable& operator=(const XtTable&) = delete;

    /// @return "filter"
    const char* GetName() const;

    /// @return the content with counters as they are now
    XtRuleset Copy() const;

    /**
     * Replaces the content (Linux: do_replace()): looks for loops, checks matches and targets of
     * new rules, starts the state of all rules afresh, gives back what rules that are gone held.
     * @return 0 or an errno (positive); then nothing has changed, and the reason is in the log
     */
    int Commit(const XtRuleset& ruleset);

    /**
     * Sends a packet through the chain of a point (Linux: ipt_do_table()).
     * @param packet in, possibly changed out
     * @param state where it is
     */
    NfVerdict Run(NfPacket& packet, const NfHookState& state);

  private:
    struct Program;
    class Builder;
    class DropInfo;

    void Hook();
    XtCheck MakeCheck(const XtRule& rule, uint32_t hooks) const;
    /// All or none of the rules that are new, or reached from other points. @return 0 or errno
    int CheckNewRules(XtRuleset& ruleset, const XtChainGraph& graph);
    void Release(const XtRule& rule) const;
    void StartRule(const XtRule& rule) const;
    template <class F>
    static void ForEachRule(const Program& program, F visit);
    void DropRetired();
    NfVerdict Walk(Program& program, NfPacket& packet, const NfHookState& state, uint32_t* stack);
    NfVerdict Drop(const Program& program, uint32_t rule, NfPacket& packet);
    void Trace(const Program& program, uint32_t rule, NfPacket& packet, const NfHookState& state);

    XtContext& m_context;
    const NfFamily m_family;
    const Kind& m_kind;                              //!< name, points, priorities
    std::unique_ptr<Program> m_program;              //!< what packets walk
    std::vector<std::unique_ptr<Program>> m_retired; //!< replaced, perhaps still in use
    uint32_t m_walks{0};                             //!< packets under way
    uint64_t m_lastProgram{1};                       //!< number of the content
    std::unique_ptr<DropInfo> m_drop;                //!< the rule that dropped last
    std::vector<NfHookId> m_hooks;
    std::vector<uint64_t> m_lookups; //!< nat: registrations with NfNat
};

/**
 * @ingroup netfilter
 * The iptables or ip6tables of one namespace. A table comes into being, and is hooked, when it is
 * first asked for (Linux: xt_find_table_lock() and the table's module).
 */
class XtTables
{
  public:
    /// @param context parts of the namespace; outlives this object @param family IPV4 or IPV6
    XtTables(XtContext& context, NfFamily family);
    ~XtTables();
    XtTables(const XtTables&) = delete;
    XtTables& operator=(const XtTables&) = delete;

    /// @return the table, made if it was not there; null: there is no table of that name
    XtTable* Use(std::string_view name);

    /// @return the table if it is there already, else null
    XtTable* Find(std::string_view name) const;

    /// @return names of the tables that are there, newest first (/proc/net/ip_tables_names)
    std::vector<std::string> GetNames() const;

    NfFamily GetFamily() const
    {
        return m_family;
    }

    XtContext& GetContext()
    {
        return m_context;
    }

  private:
    XtContext& m_context;
    const NfFamily m_family;
    std::vector<std::unique_ptr<XtTable>> m_tables; //!< oldest first
};

} // namespace ns3

#endif // XT_TABLE_H
