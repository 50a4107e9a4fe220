/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_SET_REFERENCE_H
#define XT_SET_REFERENCE_H

#include "../sets/ip-set.h"
#include "xt-extension.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ns3
{

/// The sets of the namespace, where its rules share things (XtContext::shared).
struct XtSets
{
    IpSets* sets{nullptr}; //!< null: there are none
};

/**
 * @ingroup netfilter
 * An extension that names sets. Commands ask it after each of its options, because the tool looks
 * sets up while it reads a rule, not when the rule enters a table.
 */
class XtSetUser
{
  public:
    virtual ~XtSetUser() = default;

    /// @param sets the namespace's, or null @param family of the rule @return status 2 and the
    /// tool's text if a set does not exist or does not fit
    virtual NfStatus ResolveSets(const IpSets* sets, NfFamily family) = 0;
};

/**
 * @ingroup netfilter
 * A set as a rule names it, with its directions: "foo src,dst" (Linux: struct xt_set_info;
 * iptables: libxt_set.h). While a rule in a table has it, the set keeps its index and name.
 */
class XtSetReference
{
  public:
    /// @param arg an option with two words
    NfStatus Parse(const XtArg& arg);
    /// @return see XtSetUser
    NfStatus Resolve(const IpSets* sets, NfFamily family) const;

    /// Takes the set for a rule. @return 0, ENOENT
    int Hold(const XtCheck& check);
    /// Gives it back. @pre Hold()
    void Release();

    /// @return "foo src,dst"
    std::string Format() const;

    /// @return what to ask the set about a packet
    IpSetRequest MakeRequest(XtParam& param) const;

    /// Linux: ip_set_test() @pre Hold() @return whether the packet is in the set
    bool Test(IpSetRequest& request) const
    {
        return m_sets->Test(m_index, request);
    }

    /// Linux: ip_set_add(), ip_set_del() @pre Hold()
    void Change(IpSetAction action, IpSetRequest& request) const
    {
        (void)m_sets->Change(m_index, action, request);
    }

    explicit operator bool() const
    {
        return !m_name.empty();
    }

  private:
    NfStatus ParseDirections(const std::string& text);

    std::string m_name;
    std::optional<NfError> m_error; //!< in the directions; told when the set is known
    IpSets* m_sets{nullptr};        //!< the namespace's, since Hold()
    uint16_t m_index{0};            //!< of the set, since Hold()
    uint8_t m_dimension{0};         //!< how many directions
    uint8_t m_sources{0};           //!< bit n: the n-th is src
};

} // namespace ns3

#endif // XT_SET_REFERENCE_H
