/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-test-net.h"

#include "ns3/test.h"

using namespace ns3;

namespace
{

/// A packet's cause and the points that it and the answers to it pass.
struct Journey
{
    const char* name;
    NfFamily family;
    void (*cause)(NetfilterTestNet& net);
    const char* points;
    uint16_t wanMtu{1500}; //!< of the link behind the router
};

const Journey JOURNEYS[] = {
    {"UDP to a closed port: the answer is an ICMP error",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "10.2.2.2", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=128) client:POSTROUTING(>eth0,ttl=64,len=128) "
     "router:PREROUTING(eth0>,ttl=64,len=128) router:FORWARD(eth0>eth1,ttl=63,len=128) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=128) server:PREROUTING(eth0>,ttl=63,len=128) "
     "server:LOCAL_IN(eth0>,ttl=63,len=128) server:LOCAL_OUT(>eth0,ttl=64,len=156) "
     "server:POSTROUTING(>eth0,ttl=64,len=156) router:PREROUTING(eth1>,ttl=64,len=156) "
     "router:FORWARD(eth1>eth0,ttl=63,len=156) router:POSTROUTING(eth1>eth0,ttl=63,len=156) "
     "client:PREROUTING(eth0>,ttl=63,len=156) client:LOCAL_IN(eth0>,ttl=63,len=156)"},
    {"ping through a router",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.Ping(net.client, "10.2.2.2"); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=84) client:POSTROUTING(>eth0,ttl=64,len=84) "
     "router:PREROUTING(eth0>,ttl=64,len=84) router:FORWARD(eth0>eth1,ttl=63,len=84) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=84) server:PREROUTING(eth0>,ttl=63,len=84) "
     "server:LOCAL_IN(eth0>,ttl=63,len=84) server:LOCAL_OUT(>eth0,ttl=64,len=84) "
     "server:POSTROUTING(>eth0,ttl=64,len=84) router:PREROUTING(eth1>,ttl=64,len=84) "
     "router:FORWARD(eth1>eth0,ttl=63,len=84) router:POSTROUTING(eth1>eth0,ttl=63,len=84) "
     "client:PREROUTING(eth0>,ttl=63,len=84) client:LOCAL_IN(eth0>,ttl=63,len=84)"},
    {"TCP to a closed port: the answer is a reset",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendTcp(net.client, "10.2.2.2", 80, net.server, 81, 1); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=56) client:POSTROUTING(>eth0,ttl=64,len=56) "
     "router:PREROUTING(eth0>,ttl=64,len=56) router:FORWARD(eth0>eth1,ttl=63,len=56) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=56) server:PREROUTING(eth0>,ttl=63,len=56) "
     "server:LOCAL_IN(eth0>,ttl=63,len=56) server:LOCAL_OUT(>eth0,ttl=64,len=40) "
     "server:POSTROUTING(>eth0,ttl=64,len=40) router:PREROUTING(eth1>,ttl=64,len=40) "
     "router:FORWARD(eth1>eth0,ttl=63,len=40) router:POSTROUTING(eth1>eth0,ttl=63,len=40) "
     "client:PREROUTING(eth0>,ttl=63,len=40) client:LOCAL_IN(eth0>,ttl=63,len=40)"},
    {"to the router itself",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.Ping(net.client, "10.1.1.2"); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=84) client:POSTROUTING(>eth0,ttl=64,len=84) "
     "router:PREROUTING(eth0>,ttl=64,len=84) router:LOCAL_IN(eth0>,ttl=64,len=84) "
     "router:LOCAL_OUT(>eth0,ttl=64,len=84) router:POSTROUTING(>eth0,ttl=64,len=84) "
     "client:PREROUTING(eth0>,ttl=64,len=84) client:LOCAL_IN(eth0>,ttl=64,len=84)"},
    {"to the router's other address",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.Ping(net.client, "10.2.2.1"); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=84) client:POSTROUTING(>eth0,ttl=64,len=84) "
     "router:PREROUTING(eth0>,ttl=64,len=84) router:LOCAL_IN(eth0>,ttl=64,len=84) "
     "router:LOCAL_OUT(>eth0,ttl=64,len=84) router:POSTROUTING(>eth0,ttl=64,len=84) "
     "client:PREROUTING(eth0>,ttl=64,len=84) client:LOCAL_IN(eth0>,ttl=64,len=84)"},
    {"router to 127.0.0.1",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.router, "127.0.0.1", 9); },
     "router:LOCAL_OUT(>lo,ttl=64,len=128) router:POSTROUTING(>lo,ttl=64,len=128) "
     "router:PREROUTING(lo>,ttl=64,len=128) router:LOCAL_IN(lo>,ttl=64,len=128) "
     "router:LOCAL_OUT(>lo,ttl=64,len=156) router:POSTROUTING(>lo,ttl=64,len=156) "
     "router:PREROUTING(lo>,ttl=64,len=156) router:LOCAL_IN(lo>,ttl=64,len=156)"},
    {"router to its own address: through lo",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.router, "10.1.1.2", 9); },
     "router:LOCAL_OUT(>lo,ttl=64,len=128) router:POSTROUTING(>lo,ttl=64,len=128) "
     "router:PREROUTING(lo>,ttl=64,len=128) router:LOCAL_IN(lo>,ttl=64,len=128) "
     "router:LOCAL_OUT(>lo,ttl=64,len=156) router:POSTROUTING(>lo,ttl=64,len=156) "
     "router:PREROUTING(lo>,ttl=64,len=156) router:LOCAL_IN(lo>,ttl=64,len=156)"},
    {"TTL 1 ends before FORWARD",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "10.2.2.2", 9, 100, 1); },
     "client:LOCAL_OUT(>eth0,ttl=1,len=128) client:POSTROUTING(>eth0,ttl=1,len=128) "
     "router:PREROUTING(eth0>,ttl=1,len=128) router:LOCAL_OUT(>eth0,ttl=64,len=156) "
     "router:POSTROUTING(>eth0,ttl=64,len=156) client:PREROUTING(eth0>,ttl=64,len=156) "
     "client:LOCAL_IN(eth0>,ttl=64,len=156)"},
    {"limited broadcast stays on the link",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "255.255.255.255", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=128) client:POSTROUTING(>eth0,ttl=64,len=128) "
     "router:PREROUTING(eth0>,ttl=64,len=128) router:LOCAL_IN(eth0>,ttl=64,len=128)"},
    {"subnet broadcast stays on the link",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "10.1.1.255", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=128) client:POSTROUTING(>eth0,ttl=64,len=128) "
     "router:PREROUTING(eth0>,ttl=64,len=128) router:LOCAL_IN(eth0>,ttl=64,len=128)"},
    {"fragments one by one, reassembled before LOCAL_IN",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) {
         net.ReceiveUdp(net.server, 7);
         net.SendUdp(net.client, "10.2.2.2", 7, 4000);
     },
     "client:LOCAL_OUT(>eth0,ttl=64,len=4028) client:POSTROUTING(>eth0,ttl=64,len=4028) "
     "router:PREROUTING(eth0>,ttl=64,len=1500,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1500,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1500,frag) "
     "router:PREROUTING(eth0>,ttl=64,len=1500,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1500,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1500,frag) "
     "router:PREROUTING(eth0>,ttl=64,len=1068,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1068,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1068,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1500,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1500,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1068,frag) server:LOCAL_IN(eth0>,ttl=63,len=4028)"},
    {"no route",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "10.9.9.9", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=128) client:POSTROUTING(>eth0,ttl=64,len=128) "
     "router:PREROUTING(eth0>,ttl=64,len=128) router:LOCAL_OUT(>eth0,ttl=64,len=156) "
     "router:POSTROUTING(>eth0,ttl=64,len=156) client:PREROUTING(eth0>,ttl=64,len=156) "
     "client:LOCAL_IN(eth0>,ttl=64,len=156)"},
    {"UDP to a closed port over IPv6",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "server", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=148) client:POSTROUTING(>eth0,ttl=64,len=148) "
     "router:PREROUTING(eth0>,ttl=64,len=148) router:FORWARD(eth0>eth1,ttl=63,len=148) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=148) server:PREROUTING(eth0>,ttl=63,len=148) "
     "server:LOCAL_IN(eth0>,ttl=63,len=148) server:LOCAL_OUT(>eth0,ttl=64,len=196) "
     "server:POSTROUTING(>eth0,ttl=64,len=196) router:PREROUTING(eth1>,ttl=64,len=196) "
     "router:FORWARD(eth1>eth0,ttl=63,len=196) router:POSTROUTING(eth1>eth0,ttl=63,len=196) "
     "client:PREROUTING(eth0>,ttl=63,len=196) client:LOCAL_IN(eth0>,ttl=63,len=196)"},
    {"TCP to a closed port over IPv6",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendTcp(net.client, "server", 80, net.server, 81, 1); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=76) client:POSTROUTING(>eth0,ttl=64,len=76) "
     "router:PREROUTING(eth0>,ttl=64,len=76) router:FORWARD(eth0>eth1,ttl=63,len=76) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=76) server:PREROUTING(eth0>,ttl=63,len=76) "
     "server:LOCAL_IN(eth0>,ttl=63,len=76) server:LOCAL_OUT(>eth0,ttl=64,len=60) "
     "server:POSTROUTING(>eth0,ttl=64,len=60) router:PREROUTING(eth1>,ttl=64,len=60) "
     "router:FORWARD(eth1>eth0,ttl=63,len=60) router:POSTROUTING(eth1>eth0,ttl=63,len=60) "
     "client:PREROUTING(eth0>,ttl=63,len=60) client:LOCAL_IN(eth0>,ttl=63,len=60)"},
    {"IPv6 to the router itself",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "router", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=148) client:POSTROUTING(>eth0,ttl=64,len=148) "
     "router:PREROUTING(eth0>,ttl=64,len=148) router:LOCAL_IN(eth0>,ttl=64,len=148) "
     "router:LOCAL_OUT(>eth0,ttl=64,len=196) router:POSTROUTING(>eth0,ttl=64,len=196) "
     "client:PREROUTING(eth0>,ttl=64,len=196) client:LOCAL_IN(eth0>,ttl=64,len=196)"},
    {"IPv6 to the router's other address",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "router2", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=148) client:POSTROUTING(>eth0,ttl=64,len=148) "
     "router:PREROUTING(eth0>,ttl=64,len=148) router:LOCAL_IN(eth0>,ttl=64,len=148) "
     "router:LOCAL_OUT(>eth0,ttl=64,len=196) router:POSTROUTING(>eth0,ttl=64,len=196) "
     "client:PREROUTING(eth0>,ttl=64,len=196) client:LOCAL_IN(eth0>,ttl=64,len=196)"},
    {"router to ::1",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.router, "::1", 9); },
     "router:LOCAL_OUT(>lo,ttl=64,len=148) router:POSTROUTING(>lo,ttl=64,len=148) "
     "router:PREROUTING(lo>,ttl=64,len=148) router:LOCAL_IN(lo>,ttl=64,len=148) "
     "router:LOCAL_OUT(>lo,ttl=64,len=196) router:POSTROUTING(>lo,ttl=64,len=196) "
     "router:PREROUTING(lo>,ttl=64,len=196) router:LOCAL_IN(lo>,ttl=64,len=196)"},
    {"router to its own IPv6 address: through lo",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.router, "router", 9); },
     "router:LOCAL_OUT(>lo,ttl=64,len=148) router:POSTROUTING(>lo,ttl=64,len=148) "
     "router:PREROUTING(lo>,ttl=64,len=148) router:LOCAL_IN(lo>,ttl=64,len=148) "
     "router:LOCAL_OUT(>lo,ttl=64,len=196) router:POSTROUTING(>lo,ttl=64,len=196) "
     "router:PREROUTING(lo>,ttl=64,len=196) router:LOCAL_IN(lo>,ttl=64,len=196)"},
    {"hop limit 1 ends before FORWARD",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "server", 9, 100, 1); },
     "client:LOCAL_OUT(>eth0,ttl=1,len=148) client:POSTROUTING(>eth0,ttl=1,len=148) "
     "router:PREROUTING(eth0>,ttl=1,len=148) router:LOCAL_OUT(>eth0,ttl=64,len=196) "
     "router:POSTROUTING(>eth0,ttl=64,len=196) client:PREROUTING(eth0>,ttl=64,len=196) "
     "client:LOCAL_IN(eth0>,ttl=64,len=196)"},
    {"all nodes",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "ff02::1", 9); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=148) client:POSTROUTING(>eth0,ttl=64,len=148) "
     "router:PREROUTING(eth0>,ttl=64,len=148) router:LOCAL_IN(eth0>,ttl=64,len=148)"},
    {"fragments that the next link cuts again, behind POSTROUTING",
     NfFamily::IPV4,
     [](NetfilterTestNet& net) {
         net.ReceiveUdp(net.server, 7);
         net.SendUdp(net.client, "10.2.2.2", 7, 4000);
     },
     "client:LOCAL_OUT(>eth0,ttl=64,len=4028) client:POSTROUTING(>eth0,ttl=64,len=4028) "
     "router:PREROUTING(eth0>,ttl=64,len=1500,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1500,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1500,frag) "
     "router:PREROUTING(eth0>,ttl=64,len=1500,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1500,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1500,frag) "
     "router:PREROUTING(eth0>,ttl=64,len=1068,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1068,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1068,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1396,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=124,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1396,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=124,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1068,frag) server:LOCAL_IN(eth0>,ttl=63,len=4028)",
     1400},
    {"IPv6 packet too big precedes FORWARD",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) { net.SendUdp(net.client, "server", 9, 1420); },
     "client:LOCAL_OUT(>eth0,ttl=64,len=1468) client:POSTROUTING(>eth0,ttl=64,len=1468) "
     "router:PREROUTING(eth0>,ttl=64,len=1468) router:LOCAL_OUT(>eth0,ttl=64,len=1280) "
     "router:POSTROUTING(>eth0,ttl=64,len=1280) client:PREROUTING(eth0>,ttl=64,len=1280) "
     "client:LOCAL_IN(eth0>,ttl=64,len=1280)",
     1400},
    {"IPv6 fragments reach LOCAL_IN one by one",
     NfFamily::IPV6,
     [](NetfilterTestNet& net) {
         net.ReceiveUdp(net.server, 7);
         net.SendUdp(net.client, "server", 7, 2000);
     },
     "client:LOCAL_OUT(>eth0,ttl=64,len=2048) client:POSTROUTING(>eth0,ttl=64,len=2048) "
     "router:PREROUTING(eth0>,ttl=64,len=1496,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=1496,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=1496,frag) "
     "router:PREROUTING(eth0>,ttl=64,len=608,frag) "
     "router:FORWARD(eth0>eth1,ttl=63,len=608,frag) "
     "router:POSTROUTING(eth0>eth1,ttl=63,len=608,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=1496,frag) "
     "server:LOCAL_IN(eth0>,ttl=63,len=1496,frag) "
     "server:PREROUTING(eth0>,ttl=63,len=608,frag) server:LOCAL_IN(eth0>,ttl=63,len=608,frag)"},
};

class HookOrderTest : public TestCase
{
  public:
    explicit HookOrderTest(const Journey& journey)
        : TestCase(journey.name),
          m_journey(journey)
    {
    }

  private:
    void DoRun() override
    {
        NetfilterTestNet::Options options;
        options.wanMtu = m_journey.wanMtu;
        NetfilterTestNet net(options);
        net.Run(5); // duplicate address detection, router solicitations
        net.Record(m_journey.family, true);
        m_journey.cause(net);
        net.Run(1);
        const std::string points = net.Take();
        NS_TEST_ASSERT_MSG_EQ(points, m_journey.points, "another way than Linux");
    }

    const Journey& m_journey; //!< what to do and to see
};

class HookOrderSuite : public TestSuite
{
  public:
    HookOrderSuite()
        : TestSuite("netfilter-hook-order", Type::SYSTEM)
    {
        for (const Journey& journey : JOURNEYS)
        {
            AddTestCase(new HookOrderTest(journey));
        }
    }
};

HookOrderSuite g_hookOrderSuite;

} // namespace
