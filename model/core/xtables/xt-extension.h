/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_EXTENSION_H
#define XT_EXTENSION_H

#include "xt-context.h"
#include "xt-option.h"

#include <cstdint>
#include <memory>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * A rule's own part, without its matches (Linux: struct ipt_ip, struct ip6t_ip6), for both
 * families.
 */
struct XtIp
{
    NfFamily family{NfFamily::IPV4};
    NfAddr src;
    NfAddr srcMask;
    NfAddr dst;
    NfAddr dstMask;
    std::string in;      //!< -i as typed, "+" at the end is a wildcard; "": any
    std::string out;     //!< -o
    uint8_t protocol{0}; //!< -p; 0: any
    bool fragment{false};
    bool invertSrc{false};
    bool invertDst{false};
    bool invertIn{false};
    bool invertOut{false};
    bool invertProtocol{false};
    bool invertFragment{false};

    bool operator==(const XtIp& o) const;
};

class XtRule;

/// Where an extension is used when a table is checked (Linux: struct xt_mtchk_param).
struct XtCheck
{
    XtContext& context;
    NfFamily family;    //!< IPV4 or IPV6
    const char* table;  //!< "nat"
    uint32_t hooks;     //!< bit per NfHook from which the rule can be reached
    const XtIp& ip;     //!< the rule's own part
    const XtRule& rule; //!< all of it (xt-rule.h)

    /// A line for the kernel log (Linux: pr_info_ratelimited). @param text with the module's
    /// prefix, "xt_CT: ..."
    void Info(std::string text) const
    {
        context.log.Write(6, std::move(text));
    }
};

/// What an extension may look at while a packet passes its rule (Linux: struct xt_action_param).
struct XtParam
{
    NfPacket& packet;
    const NfHookState& state; //!< point, in and out device
    XtContext& context;
    const char* table;   //!< name of the table
    NfFamily family;     //!< IPV4 or IPV6
    bool hotdrop{false}; //!< a match sets it: drop the packet at once
};

/**
 * @ingroup netfilter
 * What matches and targets have in common: one object per rule that uses the extension, from the
 * words of the command to the end of the rule. Linux has this in two halves, libxt_x.c and xt_x.c.
 *
 * Life: Make() - Parse() per option - Finish() - [Check() when the rule enters a table - Start() -
 * packets - Destroy() when it leaves]. The same object may enter several tables' states in turn:
 * when an administrator changes any rule of a table, the kernel starts all rules of that table
 * afresh, so Start() is called for every rule of the table on each change.
 */
class XtExtension
{
  public:
    XtExtension() = default;
    XtExtension(const XtExtension&) = delete;
    XtExtension& operator=(const XtExtension&) = delete;
    virtual ~XtExtension() = default;

    /**
     * Takes one option, use and value already checked by XtParseOption() (iptables: x6_parse).
     * @return an error with status 2 (bad value) or 1 and the tool's text
     */
    virtual NfStatus Parse(const XtArg& arg)
    {
        (void)arg;
        return NfOk();
    }

    /**
     * After the last option, mandatory ones already checked (iptables: x6_fcheck, final_check).
     * @param seen bit per option id that was given
     */
    virtual NfStatus Finish(uint32_t seen)
    {
        (void)seen;
        return NfOk();
    }

    /**
     * The kernel's own check (Linux: checkentry). Takes what the rule needs, shared tables for
     * instance. What the type's `table`, `hooks` and `protocol` say is checked already; what its
     * `conntrack` asks for is taken afterwards.
     * @return 0 or an errno (EINVAL, ENOENT, ...; positive); nothing is kept then
     */
    virtual int Check(const XtCheck& check)
    {
        (void)check;
        return 0;
    }

    /// Gives back what Check() took (Linux: destroy).
    virtual void Destroy(const XtCheck& check)
    {
        (void)check;
    }

    /// The rule's mutable state as new: buckets full, quota as configured. Cannot fail.
    virtual void Start(XtContext& context)
    {
        (void)context;
    }

    /// @param ip the rule @return options as iptables-save writes them, each with a leading space:
    /// " --mark 0x1"; must parse back to the same rule
    virtual std::string Save(const XtIp& ip) const
    {
        (void)ip;
        return {};
    }

    /// @param ip the rule @param numeric -n given @return as iptables -L shows it behind the
    /// columns, with a leading space: " mark match 0x1"
    virtual std::string Print(const XtIp& ip, bool numeric) const
    {
        (void)ip;
        (void)numeric;
        return {};
    }
};

/**
 * @ingroup netfilter
 * What the registration list holds per extension: its name and data, and how to make one. All
 * pointers are to static data.
 */
template <class T>
struct XtExtensionType
{
    const char* name;                  //!< "mark", "SNAT"
    NfFamily family{NfFamily::UNSPEC}; //!< IPV4 or IPV6 only, UNSPEC for both
    XtOptions options{};               //!< its option table
    const char* help{""};              //!< what -h prints behind the general help
    const char* table{nullptr};        //!< only valid in that table, null: all
    uint32_t hooks{0};                 //!< bit per NfHook it may be reached from, 0: all
    uint8_t protocol{0};               //!< only with that -p, 0: any
    bool conntrack{false};             //!< a rule with it needs connection tracking
    std::unique_ptr<T> (*make)(NfFamily family){nullptr}; //!< family of the rule: IPV4 or IPV6
};

/// @param hooks points @return a bit per point
template <class... H>
constexpr uint32_t
XtHooks(H... hooks)
{
    return ((1U << static_cast<unsigned>(hooks)) | ... | 0U);
}

} // namespace ns3

#endif // XT_EXTENSION_H
