/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-verdict.h"

#include <iterator>

namespace ns3
{

const char*
NfVerdictName(NfVerdict::Code code)
{
    static constexpr const char* NAMES[] = {"DROP", "ACCEPT", "STOLEN", "QUEUE", "REPEAT", "STOP"};
    return code < std::size(NAMES) ? NAMES[code] : "UNKNOWN";
}

} // namespace ns3
