/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_TESTING_NETNS_H
#define NF_TESTING_NETNS_H

#include "model/core/command/nf-command.h"
#include "model/core/hook/nf-stack.h"
#include "model/core/netns/nf-netns.h"
#include "nf-testing.h"

#include <gtest/gtest.h>
#include <string_view>

namespace ns3
{

/**
 * A namespace on a stack on paper: lan (10.0.0.1/24, 2001:db8::1/64) and wan (203.0.113.1/24,
 * 2001:db8:f::1/64) with a default route.
 */
struct NfTestNetns
{
    NfTestNetns()
        : lan(stack.AddDevice("lan")),
          wan(stack.AddDevice("wan")),
          netns(clock, random, stack)
    {
        stack.AddAddress(lan, "10.0.0.1/24");
        stack.AddAddress(lan, "2001:db8::1/64");
        stack.AddAddress(wan, "203.0.113.1/24");
        stack.AddAddress(wan, "2001:db8:f::1/64");
        stack.AddRoute("0.0.0.0/0", wan, NfAddr::FromIpv4(0xcb0071fe));
    }

    /// A command that must work. @return what it printed
    std::string Run(std::string_view line, const std::string& input = {})
    {
        const NfCommandResult result = NfRunCommand(netns, line, input);
        EXPECT_EQ(result.status, 0) << line << "\n" << result.err;
        return result.out;
    }

    /// A packet at a point. @return ACCEPT, DROP, ...
    NfVerdict::Code Pass(NfPacket& packet, NfHook hook)
    {
        const bool in = hook == NfHook::PRE_ROUTING || hook == NfHook::LOCAL_IN;
        const bool out = hook == NfHook::LOCAL_OUT || hook == NfHook::POST_ROUTING;
        const NfHookState state{packet.GetFamily(),
                                hook,
                                out ? nullptr : &lan,
                                in ? nullptr : &wan};
        return netns.GetHooks().Run(packet, state);
    }

    NfManualClock clock;
    NfSeededRandom random;
    NfManualStack stack;
    NfDevice& lan;
    NfDevice& wan;
    NfNetns netns;
};

} // namespace ns3

#endif // NF_TESTING_NETNS_H
