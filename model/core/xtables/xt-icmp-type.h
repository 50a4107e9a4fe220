/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_ICMP_TYPE_H
#define XT_ICMP_TYPE_H

#include "xt-match.h"

#include <cstdint>
#include <string>

namespace ns3
{

/// A name of an ICMP or ICMPv6 type, with or without code.
struct XtIcmpName
{
    const char* name;
    uint8_t type;
    uint8_t codeMin;
    uint8_t codeMax;
};

struct XtIcmpKind;

/**
 * @ingroup netfilter
 * The value of --icmp-type and --icmpv6-type (iptables: extensions/libxt_icmp.h).
 */
struct XtIcmpType
{
    uint8_t type{0xff};
    uint8_t codeMin{0};
    uint8_t codeMax{0xff};
    bool invert{false};

    /// @return whether an ICMP header has this type and code; inversion is not applied
    bool Has(uint8_t headerType, uint8_t headerCode) const
    {
        return headerType == type && headerCode >= codeMin && headerCode <= codeMax;
    }

    /// @param kind names for listings @return "8 code 0" as listings show it
    std::string Print(const XtIcmpKind& kind, bool numeric) const;
};

/// What differs between -m icmp and -m icmp6.
struct XtIcmpKind
{
    const XtIcmpName* names; //!< of types
    size_t count;            //!< of names
    const char* protocol;    //!< "ICMP", for messages
    const char* option;      //!< "icmp-type"
    const char* listing;     //!< "icmp"
    bool hasAny;             //!< type 255 is any type
};

/**
 * @param arg "echo-request", "8", "8/0", "8/0:3"
 * @param kind names and texts
 */
NfResult<XtIcmpType> XtParseIcmpType(const XtArg& arg, const XtIcmpKind& kind);

/// -m icmp and -m icmp6 (Linux: net/netfilter/xt_tcpudp.c icmp_match(), icmp6_match()).
class XtIcmpMatch final : public XtMatch
{
  public:
    /// @param kind must outlive it
    explicit XtIcmpMatch(const XtIcmpKind& kind);

    NfStatus Parse(const XtArg& arg) override;
    bool Match(XtParam& param) override;
    std::string Save(const XtIp& ip) const override;
    std::string Print(const XtIp& ip, bool numeric) const override;

  private:
    bool IsAny() const;

    const XtIcmpKind& m_kind;
    XtIcmpType m_icmp;
};

} // namespace ns3

#endif // XT_ICMP_TYPE_H
