/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-stack.h"
#include "test/core/testing/nf-testing.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

NfAddr
A(const char* text)
{
    const std::string s = text;
    return *NfAddr::Parse(s, s.find(':') == std::string::npos ? NfFamily::IPV4 : NfFamily::IPV6);
}

class NfManualStackTest : public testing::Test
{
  protected:
    NfManualStackTest()
        : lan(stack.AddDevice("lan")),
          wan(stack.AddDevice("wan"))
    {
        stack.AddAddress(lan, "10.0.0.1/24");
        stack.AddAddress(wan, "203.0.113.1/24");
        stack.AddAddress(wan, "192.0.2.1/24");
        stack.AddRoute("0.0.0.0/0", wan, A("203.0.113.254"));
        stack.AddAddress(lan, "fe80::1/64");
        stack.AddAddress(lan, "2001:db8:1::1/64");
    }

    NfManualStack stack;
    NfDevice& lan;
    NfDevice& wan;
};

TEST_F(NfManualStackTest, AddressTypes)
{
    const auto type = [&](const char* text, const NfDevice* device = nullptr) {
        const NfAddr addr = A(text);
        return stack.GetAddrType(std::string(text).find(':') == std::string::npos ? NfFamily::IPV4
                                                                                  : NfFamily::IPV6,
                                 addr,
                                 device);
    };
    EXPECT_EQ(type("10.0.0.1"), NfAddrType::LOCAL);
    EXPECT_EQ(type("10.0.0.1", &wan), NfAddrType::UNICAST);
    EXPECT_EQ(type("127.9.9.9"), NfAddrType::LOCAL);
    EXPECT_EQ(type("10.0.0.255"), NfAddrType::BROADCAST);
    EXPECT_EQ(type("255.255.255.255"), NfAddrType::BROADCAST);
    EXPECT_EQ(type("0.0.0.0"), NfAddrType::BROADCAST);
    EXPECT_EQ(type("224.0.0.1"), NfAddrType::MULTICAST);
    EXPECT_EQ(type("198.51.100.9"), NfAddrType::UNICAST);
    EXPECT_EQ(type("ff02::1"), NfAddrType::MULTICAST);
    EXPECT_EQ(type("2001:db8:1::1"), NfAddrType::LOCAL);
    EXPECT_EQ(type("2001:db8:1::2"), NfAddrType::UNICAST);
}

TEST_F(NfManualStackTest, RoutesByLongestPrefix)
{
    EXPECT_EQ(stack.Route(NfFamily::IPV4, A("10.0.0.7"), {}, nullptr, 0)->out, &lan);
    const auto far = stack.Route(NfFamily::IPV4, A("198.51.100.9"), {}, nullptr, 0);
    EXPECT_EQ(far->out, &wan);
    EXPECT_EQ(far->gateway, A("203.0.113.254"));
    EXPECT_EQ(far->source, A("203.0.113.1"));
    EXPECT_TRUE(stack.Route(NfFamily::IPV4, A("10.0.0.1"), {}, nullptr, 0)->local);
    EXPECT_FALSE(stack.Route(NfFamily::IPV4, A("198.51.100.9"), {}, &lan, 0));
    EXPECT_FALSE(stack.Route(NfFamily::IPV6, A("2001:db8:9::1"), {}, nullptr, 0));
    wan.up = false;
    EXPECT_FALSE(stack.Route(NfFamily::IPV4, A("198.51.100.9"), {}, nullptr, 0));
}

TEST_F(NfManualStackTest, SourceAddressFitsTheNextHop)
{
    EXPECT_EQ(*stack.SelectAddress(NfFamily::IPV4, wan, A("192.0.2.9")), A("192.0.2.1"));
    EXPECT_EQ(*stack.SelectAddress(NfFamily::IPV4, wan, A("8.8.8.8")), A("203.0.113.1"));
    EXPECT_EQ(*stack.SelectAddress(NfFamily::IPV6, lan, A("fe80::9")), A("fe80::1"));
    EXPECT_EQ(*stack.SelectAddress(NfFamily::IPV6, lan, A("2001:db8:9::1")), A("2001:db8:1::1"));
    stack.RemoveAddress(wan, A("203.0.113.1"));
    EXPECT_EQ(*stack.SelectAddress(NfFamily::IPV4, wan, A("8.8.8.8")), A("192.0.2.1"));
}

TEST_F(NfManualStackTest, DevicesByName)
{
    EXPECT_EQ(stack.FindDevice("wan"), &wan);
    EXPECT_EQ(stack.FindDevice("lo")->index, 1U);
    EXPECT_EQ(stack.FindDevice("ppp0"), nullptr);
}

} // namespace
} // namespace ns3
