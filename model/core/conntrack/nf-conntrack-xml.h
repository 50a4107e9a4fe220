/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_XML_H
#define NF_CONNTRACK_XML_H

#include "nf-conntrack-text.h"

#include <string>

namespace ns3
{

/// @return the element <flow> of conntrack -o xml
std::string NfConntrackXml(const NfConntrackMessage& message,
                           NfConntrackKind kind,
                           const NfConntrackStyle& style);

/// @return the element <flow> of conntrack -L expect -o xml
std::string NfExpectXml(NfConntrack& table,
                        const NfExpectation& expectation,
                        NfConntrackKind kind,
                        const NfConntrackStyle& style);

} // namespace ns3

#endif // NF_CONNTRACK_XML_H
