/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-hook.h"

namespace ns3
{

const char*
NfHookName(NfFamily family, NfHook hook)
{
    using Names = const char* [NF_HOOK_COUNT];
    static constexpr Names IP =
        {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "INGRESS", "EGRESS"};
    static constexpr Names ARP = {"INPUT", "OUTPUT", "FORWARD", "", "", "", ""};
    static constexpr Names BRIDGE =
        {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "BROUTING", ""};
    const size_t i = static_cast<size_t>(hook);
    if (i >= NF_HOOK_COUNT)
    {
        return "";
    }
    return family == NfFamily::ARP ? ARP[i] : family == NfFamily::BRIDGE ? BRIDGE[i] : IP[i];
}

} // namespace ns3
