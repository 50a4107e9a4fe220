/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/boolean.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/csma-helper.h"
#include "ns3/enum.h"
#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-routing-table-entry.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/netfilter-helper.h"
#include "ns3/netfilter-stack-helper.h"
#include "ns3/netfilter-sync-application.h"
#include "ns3/node-container.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <regex>
#include <sstream>

using namespace ns3;

namespace
{

using Sync = NetfilterSyncApplication;

constexpr const char* VIRTUAL_ADDRESS = "203.0.113.100";

/**
 * client --LAN 192.168.1.0/24-- first, second --WAN 203.0.113.0/24-- server, and a link between the
 * two gateways. Both translate to an address that is neither's: who has it is a matter of routes.
 */
class Pair
{
  public:
    explicit Pair(Sync::Mode mode = Sync::FTFW, bool sync = true)
    {
        CsmaHelper ethernet;
        ethernet.SetChannelAttribute("DataRate", StringValue("10Mbps"));
        NetDeviceContainer lan = ethernet.Install(NodeContainer(client, first, second));
        NetDeviceContainer wan = ethernet.Install(NodeContainer(server, first, second));
        PointToPointHelper cable;
        cable.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
        link = cable.Install(first, second);
        NetfilterStackHelper().Install(NodeContainer(client, first, second, server));
        Ipv4AddressHelper("192.168.1.0", "255.255.255.0").Assign(lan);
        Ipv4AddressHelper("203.0.113.0", "255.255.255.0").Assign(wan);
        Ipv4AddressHelper("10.9.9.0", "255.255.255.0").Assign(link);
        Routes(*client).SetDefaultRoute("192.168.1.2", 1);
        Routes(*server).AddHostRouteTo(VIRTUAL_ADDRESS, "203.0.113.2", 1);
        for (const auto& gateway : {first, second})
        {
            SetRules(gateway);
        }
        if (sync)
        {
            firstSync = Install(first, "10.9.9.2", mode);
            secondSync = Install(second, "10.9.9.1", mode);
        }
    }

    ~Pair()
    {
        Simulator::Destroy();
    }

    static Ipv4StaticRouting& Routes(Node& node)
    {
        return *Ipv4StaticRoutingHelper().GetStaticRouting(node.GetObject<Ipv4>());
    }

    static Ptr<Sync> Install(Ptr<Node> node, const char* peer, Sync::Mode mode)
    {
        auto sync = CreateObject<Sync>();
        sync->SetAttribute("Peer", AddressValue(Ipv4Address(peer)));
        sync->SetAttribute("Mode", EnumValue(mode));
        node->AddApplication(sync);
        sync->SetStartTime(Seconds(0.1));
        return sync;
    }

    static void SetRules(Ptr<Node> gateway)
    {
        NetfilterHelper netfilter;
        for (const char* command :
             {"sysctl -w net.netfilter.nf_conntrack_tcp_loose=0",
              "iptables -t nat -A POSTROUTING -o eth1 -j SNAT --to-source 203.0.113.100 "
              "--random-fully",
              "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
              "iptables -A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT",
              "iptables -P FORWARD DROP"})
        {
            netfilter.Run(gateway, command);
        }
    }

    /// Traffic goes through the other gateway from now on.
    void Move()
    {
        Ipv4StaticRouting& inside = Routes(*client);
        for (uint32_t i = inside.GetNRoutes(); i-- > 0;)
        {
            if (inside.GetRoute(i).IsDefault())
            {
                inside.RemoveRoute(i);
            }
        }
        inside.SetDefaultRoute("192.168.1.3", 1);
        Ipv4StaticRouting& outside = Routes(*server);
        for (uint32_t i = outside.GetNRoutes(); i-- > 0;)
        {
            if (outside.GetRoute(i).IsHost())
            {
                outside.RemoveRoute(i);
            }
        }
        outside.AddHostRouteTo(VIRTUAL_ADDRESS, "203.0.113.3", 1);
    }

    void Run(double until)
    {
        Simulator::Stop(Seconds(until) - Simulator::Now());
        Simulator::Run();
    }

    /// The client sends to a sink of the server.
    Ptr<PacketSink> Upload(uint32_t bytes, double at)
    {
        BulkSendHelper sender("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address("203.0.113.1"), 5001));
        sender.SetAttribute("MaxBytes", UintegerValue(bytes));
        sender.Install(client).Start(Seconds(at));
        PacketSinkHelper sink("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address::GetAny(), 5001));
        return DynamicCast<PacketSink>(sink.Install(server).Get(0));
    }

    static std::string Command(Ptr<Node> node, const std::string& command)
    {
        return NetfilterHelper::Get(node)->Run(command).out;
    }

    /// @return the table as conntrack -L shows it, sorted, without timeouts and without the sync
    /// flow
    static std::string Table(Ptr<Node> node)
    {
        std::istringstream all(Command(node, "conntrack -L"));
        std::vector<std::string> lines;
        for (std::string line; std::getline(all, line);)
        {
            if (line.find("dport=3780") == std::string::npos)
            {
                lines.push_back(std::regex_replace(line, std::regex("^(\\S+ +\\d+) \\d+"), "$1"));
            }
        }
        std::sort(lines.begin(), lines.end());
        std::string text;
        for (const std::string& line : lines)
        {
            text += line + "\n";
        }
        return text;
    }

    /// Loses messages on their way to the second gateway.
    void LoseMessages(double rate)
    {
        auto loss = CreateObject<RateErrorModel>();
        loss->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
        loss->SetRate(rate);
        loss->AssignStreams(5);
        link.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(loss));
    }

    /// Entries as a command makes them, of several kinds.
    void MakeEntries(int count = 1)
    {
        NetfilterHelper netfilter;
        for (int i = 0; i < count; ++i)
        {
            const std::string host =
                "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
            for (const std::string& rest :
                 {"-d 198.51.100.9 -p tcp --sport 1000 --dport 80 --state ESTABLISHED -u "
                  "SEEN_REPLY,ASSURED -t 3000 -m 7",
                  "-d 203.0.113.50 -p tcp --sport 1000 --dport 80 --state SYN_SENT -t 300 "
                  "--dst-nat 192.168.1.10:8080",
                  "-d 198.51.100.9 -p udp --sport 1000 --dport 53 -t 300 --src-nat "
                  "203.0.113.100:4000",
                  "-d 198.51.100.9 -p sctp --sport 1000 --dport 80 --state ESTABLISHED "
                  "--orig-vtag 1 --reply-vtag 2 -t 300 -w 3"})
            {
                if (i == 0 || rest.find("src-nat") == std::string::npos)
                {
                    netfilter.Run(first, "conntrack -I -s " + host + " " + rest);
                }
            }
        }
    }

    Ptr<Node> client = CreateObject<Node>();
    Ptr<Node> first = CreateObject<Node>();
    Ptr<Node> second = CreateObject<Node>();
    Ptr<Node> server = CreateObject<Node>();
    NetDeviceContainer link;
    Ptr<Sync> firstSync;
    Ptr<Sync> secondSync;
};

/// Entries made before and after the second gateway came, and entries that go.
class ReplicaTest : public TestCase
{
  public:
    explicit ReplicaTest(Sync::Mode mode)
        : TestCase("Full dump and changes, mode " + std::to_string(mode)),
          m_mode(mode)
    {
    }

  private:
    void DoRun() override
    {
        Pair pair(m_mode);
        pair.secondSync->SetStartTime(Seconds(2));
        Simulator::Schedule(Seconds(1), [&] { pair.MakeEntries(100); });
        pair.Run(1.9);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 0, "not started yet");
        pair.Run(4);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 301, "full dump");
        NS_TEST_ASSERT_MSG_EQ(pair.firstSync->GetExternalCount(), 0, "nothing the other way");
        NetfilterHelper().Run(pair.first, "conntrack -D -p sctp");
        NetfilterHelper().Run(pair.first, "conntrack -U -p tcp -d 203.0.113.50 -m 9");
        pair.Run(5);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 201, "100 deleted");
        const std::string text = pair.secondSync->GetExternalText();
        for (const char* line :
             {"6 src=10.1.0.1 dst=198.51.100.9 sport=1000 dport=80 src=198.51.100.9 dst=10.1.0.1 "
              "sport=80 dport=1000 [ASSURED] mark=7\n",
              "6 src=10.1.0.1 dst=203.0.113.50 sport=1000 dport=80 src=192.168.1.10 dst=10.1.0.1 "
              "sport=8080 dport=1000 mark=9\n"})
        {
            NS_TEST_ASSERT_MSG_NE(text.find(line), std::string::npos, line);
        }
    }

    Sync::Mode m_mode; //!< of both
};

/// The table of the one appears in the other.
class CommitTest : public TestCase
{
  public:
    CommitTest()
        : TestCase("Commit makes the same table")
    {
    }

  private:
    void DoRun() override
    {
        Pair pair;
        Simulator::Schedule(Seconds(1), [&] {
            pair.MakeEntries();
            // Stands in the way of one of them.
            NetfilterHelper().Run(pair.second,
                                  "conntrack -I -s 10.1.0.1 -d 198.51.100.9 -p udp --sport 1000 "
                                  "--dport 53 -t 100 -m 99");
        });
        Ptr<PacketSink> sink = pair.Upload(100000, 2);
        pair.Run(4);
        NS_TEST_ASSERT_MSG_EQ(sink->GetTotalRx(), 100000, "all arrived");
        const std::string there = Pair::Table(pair.first);
        NS_TEST_ASSERT_MSG_NE(there.find("TIME_WAIT"), std::string::npos, there);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 5, there);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->BecomePrimary(), 5, "all committed");
        NS_TEST_ASSERT_MSG_EQ(Pair::Table(pair.second), there, "the same entries");
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 0, "flushed");
        const std::string zone = Pair::Command(pair.second, "conntrack -L -w 3");
        NS_TEST_ASSERT_MSG_NE(zone.find("sctp     132 29"), std::string::npos, zone);
        pair.Run(5);
        NS_TEST_ASSERT_MSG_EQ(pair.firstSync->GetExternalCount(), 5, "the first one is told");
        pair.firstSync->BecomeBackup();
        pair.Run(70);
        NS_TEST_ASSERT_MSG_EQ(Pair::Table(pair.first), "", "the old table is purged");
    }
};

/// A helper, what it expects, and who comes of that.
class FamilyTest : public TestCase
{
  public:
    FamilyTest()
        : TestCase("Helper, child and sequence adjustment are committed")
    {
    }

  private:
    void DoRun() override
    {
        Pair pair;
        Simulator::Schedule(Seconds(1), [&] { Make(pair); });
        pair.Run(2);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->Commit(), 2, "parent and child");
        NfConntrack& table = NetfilterHelper::Get(pair.second)->GetNetns().GetConntrack();
        const NfConnPtr child = table.Find(Tuple("10.1.0.1", 20, "10.2.0.2", 2000));
        NS_TEST_ASSERT_MSG_EQ(bool(child), true, "the child is there");
        NS_TEST_ASSERT_MSG_NE(child->GetMaster(), nullptr, "and has a master");
        const NfConn& parent = *child->GetMaster();
        NS_TEST_ASSERT_MSG_EQ(parent.GetHelper()->GetName(), "ftp", "which has a helper");
        NS_TEST_ASSERT_MSG_EQ((*parent.GetExt()->seqadj)[1].offsetAfter, -3, "and adjusts");
        NS_TEST_ASSERT_MSG_EQ(parent.Has(NF_IPS_SEQ_ADJUST), true, "and says so");
        NS_TEST_ASSERT_MSG_EQ(parent.GetExt()->labels[2], 0x55, "and has labels");
    }

    static NfTuple Tuple(const char* src, uint16_t sport, const char* dst, uint16_t dport)
    {
        NfTuple tuple;
        tuple.family = NfFamily::IPV4;
        tuple.protocol = NF_IPPROTO_TCP;
        tuple.src = *NfAddr::Parse(src, NfFamily::IPV4);
        tuple.dst = *NfAddr::Parse(dst, NfFamily::IPV4);
        tuple.sport = sport;
        tuple.dport = dport;
        return tuple;
    }

    static NfConnPtr Add(NfConntrack& table, const NfTuple& tuple, NfConn* master)
    {
        NfTuple reply;
        table.InvertTuple(tuple, reply);
        NfConnPtr conn = table.Alloc(tuple, reply);
        conn->expires = std::chrono::seconds(100);
        conn->proto.tcp.state = 3;
        conn->Ext().hasEventCache = true;
        if (master)
        {
            conn->Ext().master = NfConnPtr(master);
        }
        table.Insert(*conn);
        return conn;
    }

    static void Make(Pair& pair)
    {
        NfConntrack& table = NetfilterHelper::Get(pair.first)->GetNetns().GetConntrack();
        const NfConnPtr parent = Add(table, Tuple("10.2.0.2", 1000, "10.1.0.1", 21), nullptr);
        NfConnExt& ext = parent->Ext();
        ext.helper = table.FindHelper("ftp", NfFamily::IPV4, NF_IPPROTO_TCP);
        ext.seqadj = std::make_unique<std::array<NfSeqAdj, 2>>();
        (*ext.seqadj)[1].offsetAfter = -3;
        ext.hasLabels = true;
        ext.labels[2] = 0x55;
        // Told in the wrong order: the parent must be committed first all the same.
        const NfConnPtr child = Add(table, Tuple("10.1.0.1", 20, "10.2.0.2", 2000), parent.get());
        table.ReportEvents(*child, NF_EVENT_RELATED);
        table.ReportEvents(*parent, NF_EVENT_NEW);
    }
};

/// Messages get lost.
class LossTest : public TestCase
{
  public:
    LossTest()
        : TestCase("FTFW makes up for lost messages, NOTRACK does not")
    {
    }

  private:
    static std::string Expected(Sync::Mode mode,
                                double loss,
                                Sync::Stats& first,
                                Sync::Stats& second)
    {
        Pair pair(mode);
        pair.LoseMessages(loss);
        for (int i = 0; i < 200; ++i)
        {
            Simulator::Schedule(Seconds(1 + i * 0.02), [&pair, i] {
                const std::string port = std::to_string(1000 + i);
                NetfilterHelper().Run(pair.first,
                                      "conntrack -I -s 10.1.0.1 -d 10.2.0.2 -p udp --sport " +
                                          port + " --dport 53 -t 100");
                if (i >= 20)
                {
                    NetfilterHelper().Run(pair.first,
                                          "conntrack -D -p udp --sport " +
                                              std::to_string(1000 + i - 20));
                }
            });
        }
        pair.Run(12);
        first = pair.firstSync->GetStats();
        second = pair.secondSync->GetStats();
        return pair.secondSync->GetExternalText();
    }

    void DoRun() override
    {
        Sync::Stats first;
        Sync::Stats second;
        const std::string truth = Expected(Sync::FTFW, 0, first, second);
        NS_TEST_ASSERT_MSG_EQ(std::count(truth.begin(), truth.end(), '\n'), 20, truth);
        NS_TEST_ASSERT_MSG_EQ(first.resent, 0, "nothing lost, nothing sent again");
        NS_TEST_ASSERT_MSG_EQ(second.lost, 0, "nothing lost");
        NS_TEST_ASSERT_MSG_EQ(Expected(Sync::FTFW, 0.3, first, second), truth, "in the end");
        NS_TEST_ASSERT_MSG_GT(first.resent, 20, "many were lost");
        NS_TEST_ASSERT_MSG_EQ(second.lost, 0, "none for good");
        NS_TEST_ASSERT_MSG_NE(Expected(Sync::NOTRACK, 0.3, first, second), truth, "best effort");
        NS_TEST_ASSERT_MSG_GT(second.lost, 20, "and it knows");
        NS_TEST_ASSERT_MSG_EQ(first.resent, 0, "but does not ask");
    }
};

/// The link is cut longer than the sender remembers.
class OutageTest : public TestCase
{
  public:
    OutageTest()
        : TestCase("After an outage a full dump puts things right")
    {
    }

  private:
    void DoRun() override
    {
        Pair pair;
        pair.firstSync->SetAttribute("ResendQueue", UintegerValue(2));
        pair.secondSync->SetAttribute("Retries", UintegerValue(3));
        Simulator::Schedule(Seconds(1), [&] { pair.MakeEntries(10); });
        Simulator::Schedule(Seconds(2), [&] { pair.LoseMessages(1); });
        for (int i = 0; i < 10; ++i)
        {
            Simulator::Schedule(Seconds(2.1 + i * 0.1), [&pair, i] {
                NetfilterHelper().Run(pair.first,
                                      "conntrack -D -s 10.1.0." + std::to_string(i + 1));
            });
        }
        pair.Run(3.5);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 31, "it knows of nothing");
        pair.LoseMessages(0);
        pair.Run(6);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 0, "but learns of it");
        NS_TEST_ASSERT_MSG_GT(pair.secondSync->GetStats().lost, 5, "some are lost for good");
        pair.MakeEntries(5);
        pair.Run(7);
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 16, "back to normal");
    }
};

/// A TCP connection through the gateways, one of which goes away.
class FailoverTest : public TestCase
{
  public:
    FailoverTest()
        : TestCase("A translated TCP connection survives the failover, and dies without sync")
    {
    }

  private:
    static uint32_t Receive(bool sync, bool window)
    {
        constexpr uint32_t BYTES = 4000000;
        Pair pair(Sync::FTFW, sync);
        Ptr<PacketSink> sink = pair.Upload(BYTES, 1);
        if (sync && window)
        {
            pair.firstSync->SetAttribute("TcpWindowTracking", BooleanValue(true));
            pair.secondSync->SetAttribute("TcpWindowTracking", BooleanValue(true));
        }
        Simulator::Schedule(Seconds(2), [&] {
            pair.first->GetObject<Ipv4>()->SetDown(1);
            pair.first->GetObject<Ipv4>()->SetDown(2);
            pair.Move();
            if (sync)
            {
                pair.secondSync->BecomePrimary();
            }
        });
        pair.Run(2);
        const uint64_t before = sink->GetTotalRx();
        pair.Run(30);
        return before > 0 && before < BYTES
                   ? static_cast<uint32_t>(sink->GetTotalRx() * 100 / BYTES)
                   : 999;
    }

    void DoRun() override
    {
        NS_TEST_ASSERT_MSG_EQ(Receive(true, false), 100, "all arrives");
        NS_TEST_ASSERT_MSG_EQ(Receive(true, true), 100, "with window tracking, too");
        NS_TEST_ASSERT_MSG_LT(Receive(false, false), 60, "nothing more arrives");
    }
};

/// Anything may come to the port.
class HostileTest : public TestCase
{
  public:
    HostileTest()
        : TestCase("Hostile messages")
    {
    }

  private:
    using Bytes = std::vector<uint8_t>;

    static NetfilterSyncChange Sample()
    {
        NetfilterSyncChange change;
        NetfilterSyncEntry& entry = change.entry;
        entry.tuples[0].family = NfFamily::IPV4;
        entry.tuples[0].protocol = NF_IPPROTO_TCP;
        entry.tuples[0].src = *NfAddr::Parse("10.0.0.1", NfFamily::IPV4);
        entry.tuples[0].dst = *NfAddr::Parse("10.0.0.2", NfFamily::IPV4);
        entry.tuples[0].sport = 1000;
        entry.tuples[0].dport = 80;
        entry.tuples[1] = entry.tuples[0];
        std::swap(entry.tuples[1].src, entry.tuples[1].dst);
        std::swap(entry.tuples[1].sport, entry.tuples[1].dport);
        entry.status = NF_IPS_ASSURED;
        entry.timeout = 100;
        entry.hasState = true;
        entry.state = 3;
        entry.master = entry.tuples[1];
        entry.helper = "ftp";
        entry.hasSeqadj = true;
        entry.hasLabels = true;
        return change;
    }

    /// @return a valid message, then the same with one byte less, with each byte changed, ...
    static std::vector<Bytes> Messages(const NetfilterSyncChange& sample)
    {
        NetfilterSyncHeader header;
        header.type = NetfilterSyncType::DATA;
        header.session = 5;
        header.sequence = 1;
        const Bytes good = NetfilterSyncWriteMessage(header, NetfilterSyncWrite(sample));
        std::vector<Bytes> all{good};
        for (size_t n = 0; n < good.size(); ++n)
        {
            Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
            all.push_back(cut);
            if (n >= NETFILTER_SYNC_HEADER_SIZE)
            {
                NfWriteU16(cut.data() + 6, static_cast<uint16_t>(n));
                all.push_back(cut);
            }
            for (const uint8_t value : {0x00, 0x01, 0x07, 0x09, 0x0a, 0x3a, 0x7f, 0x84, 0xff})
            {
                Bytes changed = good;
                changed[n] = value;
                all.push_back(changed);
            }
        }
        for (uint8_t type = 0; type < 8; ++type)
        {
            header.type = static_cast<NetfilterSyncType>(type);
            header.sequence = 0xffffffff;
            header.first = 0xffffffff;
            header.last = 0;
            all.push_back(NetfilterSyncWriteMessage(header));
        }
        return all;
    }

    void DoRun() override
    {
        const NetfilterSyncChange sample = Sample();
        NetfilterSyncHeader header;
        header.type = NetfilterSyncType::DATA;
        const auto read =
            NetfilterSyncReadChanges(NetfilterSyncWriteMessage(header, NetfilterSyncWrite(sample)));
        NS_TEST_ASSERT_MSG_EQ(read.has_value(), true, "what we write we read");
        NS_TEST_ASSERT_MSG_EQ((NetfilterSyncWrite(read->front()) == NetfilterSyncWrite(sample)),
                              true,
                              "and it is the same");

        for (const Sync::Mode mode : {Sync::FTFW, Sync::NOTRACK})
        {
            Attack(mode);
        }
    }

    void Attack(Sync::Mode mode)
    {
        Pair pair(mode);
        pair.secondSync->SetAttribute("CacheLimit", UintegerValue(50));
        NetfilterSyncChange orphan = Sample();
        orphan.entry.master.reset();
        std::vector<Bytes> messages = Messages(orphan);
        const std::vector<Bytes> more = Messages(Sample());
        messages.insert(messages.end(), more.begin(), more.end());
        Simulator::Schedule(Seconds(1), [&] {
            const Address second = InetSocketAddress(Ipv4Address("10.9.9.2"), 3780);
            Send(pair.first, second, messages);
            Send(pair.client, InetSocketAddress(Ipv4Address("192.168.1.3"), 3780), {messages[0]});
        });
        // Whatever got in is one of the table's: no index of a name is out of its table.
        std::string shown;
        for (int i = 0; i < 100; ++i)
        {
            Simulator::Schedule(Seconds(1.0005 + i * 0.001), [&] {
                pair.secondSync->Commit();
                shown += Pair::Table(pair.second);
            });
        }
        Simulator::Schedule(Seconds(2), [&] { pair.MakeEntries(100); });
        pair.Run(5);
        const Sync::Stats& stats = pair.secondSync->GetStats();
        // Without numbers all that have a good header are read to the end.
        const size_t most = messages.size() / (mode == Sync::NOTRACK ? 3 : 10);
        NS_TEST_ASSERT_MSG_GT(stats.malformed, most, "refused, mode " << mode);
        NS_TEST_ASSERT_MSG_EQ(stats.alien, 1, "not the peer");
        NS_TEST_ASSERT_MSG_GT(stats.committed, 0, "some are entries");
        NS_TEST_ASSERT_MSG_NE(shown, "", "which can be shown");
        NS_TEST_ASSERT_MSG_GT(stats.cacheFull, 0, "memory is bounded");
        NS_TEST_ASSERT_MSG_EQ(pair.secondSync->GetExternalCount(), 50, "the true peer is heard");
    }

    static void Send(Ptr<Node> from, const Address& to, const std::vector<Bytes>& messages)
    {
        Ptr<Socket> socket = Socket::CreateSocket(from, UdpSocketFactory::GetTypeId());
        Time at;
        for (const Bytes& message : messages)
        {
            Simulator::Schedule(at, [=] {
                socket->SendTo(
                    Create<Packet>(message.data(), static_cast<uint32_t>(message.size())),
                    0,
                    to);
            });
            at += MicroSeconds(30);
        }
    }
};

class SyncSuite : public TestSuite
{
  public:
    SyncSuite()
        : TestSuite("netfilter-sync", Type::SYSTEM)
    {
        AddTestCase(new ReplicaTest(Sync::FTFW));
        AddTestCase(new ReplicaTest(Sync::NOTRACK));
        AddTestCase(new ReplicaTest(Sync::ALARM));
        AddTestCase(new CommitTest);
        AddTestCase(new FamilyTest);
        AddTestCase(new LossTest);
        AddTestCase(new OutageTest);
        AddTestCase(new FailoverTest);
        AddTestCase(new HostileTest);
    }
};

SyncSuite g_syncSuite;

} // namespace
