/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-runner.h"

#include "replay-conntrack.h"
#include "replay-expression.h"
#include "replay-mask.h"
#include "replay-packet.h"
#include "replay-router.h"
#include "replay-shell.h"

#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace replay
{

using namespace ns3;

namespace
{

constexpr const char* FORMAT = "nf-oracle/1";
constexpr double PACKET_TIME = 0.002;   //!< seconds a packet step takes, about
constexpr double SNAPSHOT_TIME = 0.004; //!< seconds a snapshot takes, about
constexpr double FF_TIME = 0.010;       //!< seconds it takes to make entries look older, about
constexpr uint16_t ETHERTYPE_IPV4 = 0x0800;
constexpr uint16_t ETHERTYPE_ARP = 0x0806;
constexpr uint16_t ETHERTYPE_IPV6 = 0x86dd;

std::vector<std::string>
Lines(const std::string& text)
{
    std::vector<std::string> lines;
    for (size_t at = 0; at <= text.size();)
    {
        const size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string
Strip(const std::string& text)
{
    constexpr const char* BLANKS = " \t\r\n\v\f";
    const size_t first = text.find_first_not_of(BLANKS);
    return first == std::string::npos
               ? ""
               : text.substr(first, text.find_last_not_of(BLANKS) - first + 1);
}

std::string
StripRight(const std::string& text)
{
    return text.substr(0, text.find_last_not_of(" \t\r\n\v\f") + 1);
}

std::vector<std::string>
FilledLines(const std::string& text)
{
    std::vector<std::string> lines = Lines(text);
    lines.erase(std::remove_if(lines.begin(),
                               lines.end(),
                               [](const std::string& line) { return Strip(line).empty(); }),
                lines.end());
    return lines;
}

std::vector<std::string>
SortedTable(const std::string& text)
{
    std::vector<std::string> lines = FilledLines(text);
    std::transform(lines.begin(), lines.end(), lines.begin(), StripRight);
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::string
ToText(const Json& value)
{
    return value.is_string()    ? value.get<std::string>()
           : value.is_boolean() ? (value.get<bool>() ? "1" : "0")
                                : value.dump();
}

double
ToSeconds(const Json& value)
{
    return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

std::vector<std::string>
Texts(const Json& value)
{
    std::vector<std::string> texts;
    for (const auto& item : value)
    {
        texts.push_back(ToText(item));
    }
    return texts;
}

/// A message as /dev/kmsg has it; the number of the namespace is nobody's choice.
std::string
LogText(const std::string& text)
{
    static const std::regex NETNS("\\bnetns \\d+");
    static const std::regex INNER_LINE("\n");
    const std::string line = text.substr(0, text.find_last_not_of('\n') + 1);
    return std::regex_replace(std::regex_replace(line, INNER_LINE, "\\x0a"), NETNS, "netns ~");
}

/// One scenario under way.
class Runner
{
  public:
    Runner(const Json& scenario)
        : m_scenario(scenario),
          m_router(scenario.value("router", Json::object()), DeliverProtocols(scenario)),
          m_shell(m_router)
    {
    }

    /// Fills the result; what is in it stays when a step throws.
    void Run(Json& result)
    {
        SetUp(result);
        m_start = Simulator::Now();
        result["steps"] = Json::array();
        const Json steps = m_scenario.value("steps", Json::array());
        for (size_t number = 0; number < steps.size(); number++)
        {
            const int64_t times = steps[number].value("repeat", 1);
            for (int64_t i = 0; i < times; i++)
            {
                m_expressions.Set("i", i);
                Json step = {{"step", number}};
                Step(steps[number], step);
                if (times > 1)
                {
                    step["i"] = i;
                }
                result["steps"].push_back(std::move(step));
            }
        }
    }

  private:
    static std::vector<unsigned> DeliverProtocols(const Json& scenario)
    {
        return scenario.value("deliver_protos", std::vector<unsigned>{});
    }

    void SetUp(Json& result);
    void SetSysctls(const Json& sysctls, Json& errors);
    void SetGlobalSysctls(const Json& sysctls);
    Json Command(const Json& command);
    void Step(const Json& raw, Json& out);
    void Send(const Json& step);
    void SendOne(const Json& step, const Octets& bytes, const Json& fields);
    std::vector<Sighting> Sightings();
    Sighting Describe(const Capture& capture) const;
    void Save(const Json& wanted, const std::vector<Sighting>& seen, Json& out);
    void Report(std::vector<Sighting> seen, const Json& random, Json& out, bool always);
    void App(const Json& app, Json& out);
    void Listen(const Json& what, Json& out);
    void Snapshot(const Json& what, Json& out);
    Json SnapshotOf(const std::string& what);
    Json Sysctl(const std::string& name);
    Json Connections();
    Json Expectations();
    Json Statistics();
    std::vector<std::string> Listing(const std::string& command, bool mayLack = false);
    void Trailer(const Json& step, Json& out);

    const Json& m_scenario;
    Router m_router;
    Shell m_shell;
    Expressions m_expressions;
    Masks m_masks;
    std::unique_ptr<EventLog> m_events;
    std::vector<std::string> m_log; //!< kernel log lines not taken yet
    Time m_start;                   //!< when the steps began
};

/// What the recorder sets in every namespace: forwarding, and no limits that hang on the clock.
const std::vector<std::pair<std::string, std::string>> USUAL_SYSCTLS = {
    {"net.ipv4.ip_forward", "1"},
    {"net.ipv6.conf.all.forwarding", "1"},
    {"net.ipv4.conf.all.rp_filter", "0"},
    {"net.ipv4.icmp_ratelimit", "0"},
    {"net.ipv6.icmp.ratelimit", "0"},
    {"net.ipv4.icmp_msgs_per_sec", "1000000"}};

void
Runner::SetUp(Json& result)
{
    Json errors = Json::array();
    Json usual = Json::object();
    for (const auto& [name, value] : USUAL_SYSCTLS)
    {
        usual[name] = value;
    }
    Json ignored = Json::array();
    SetSysctls(usual, ignored);
    SetGlobalSysctls(m_scenario.value("global_sysctls", Json::object()));
    SetSysctls(m_scenario.value("sysctls", Json::object()), errors);
    if (m_scenario.value("kmsg", false))
    {
        m_router.GetNetns().GetLog().SetListener(
            [this](const NfLogLine& line) { m_log.push_back(LogText(line.text)); });
    }
    if (m_scenario.value("events", true))
    {
        m_events = std::make_unique<EventLog>(m_router.GetNetns().GetConntrack());
    }
    m_router.Advance(PACKET_TIME);
    Json told = Json::array();
    for (const auto& command : m_scenario.value("setup", Json::array()))
    {
        const Json ran = Command(command);
        if (ran["rc"] != 0 || ran.contains("out") || ran.contains("err"))
        {
            told.push_back(ran);
        }
    }
    m_router.Take();
    m_log.clear();
    if (m_events)
    {
        m_events->Take();
    }
    if (m_scenario.contains("unstable"))
    {
        result["unstable"] = m_scenario["unstable"];
    }
    if (!errors.empty())
    {
        result["sysctl_errors"] = errors;
    }
    if (!told.empty())
    {
        result["setup"] = told;
    }
    const std::vector<std::string> unsupported = m_shell.TakeUnsupported();
    if (!unsupported.empty())
    {
        result["unsupported"] = unsupported;
    }
}

void
Runner::SetGlobalSysctls(const Json& sysctls)
{
    // Machine-wide: the oracle's namespace is not a machine's first one, and can only read these.
    NfConntrackConfig& config = m_router.GetNetns().GetConntrack().GetConfig();
    const std::map<std::string, uint32_t*> places = {
        {"net.netfilter.nf_conntrack_max", &config.max},
        {"net.nf_conntrack_max", &config.max},
        {"net.netfilter.nf_conntrack_buckets", &config.buckets},
        {"net.netfilter.nf_conntrack_expect_max", &config.expectMax}};
    for (const auto& [name, value] : sysctls.items())
    {
        const auto place = places.find(name);
        if (place != places.end())
        {
            *place->second = std::stoul(ToText(value));
        }
    }
    NfSysctls& knobs = m_router.GetNetns().GetSysctls();
    knobs.Remove("net.nf_conntrack_max");
    for (const char* name : {"max", "buckets", "expect_max"})
    {
        knobs.SetReadOnly(std::string("net.netfilter.nf_conntrack_") + name);
    }
}

void
Runner::SetSysctls(const Json& sysctls, Json& errors)
{
    NfSysctls& knobs = m_router.GetNetns().GetSysctls();
    for (const auto& [name, value] : sysctls.items())
    {
        if (knobs.GetAll().count(name) == 0 && m_router.SetStackSysctl(name, ToText(value)))
        {
            continue;
        }
        const NfStatus status = knobs.Write(name, ToText(value));
        if (!status)
        {
            errors.push_back(name + ": " + status.Error().message);
        }
    }
}

Json
Runner::Command(const Json& command)
{
    const std::string line = command.is_string() ? command : command.at("run");
    std::string input;
    if (command.is_object() && command.contains("stdin"))
    {
        const Json& text = command["stdin"];
        for (const auto& part : text.is_array() ? text : Json::array())
        {
            input += part.get<std::string>() + "\n";
        }
        input = text.is_string() ? text.get<std::string>() : input;
    }
    const ShellResult ran = m_shell.Run(m_expressions.Substitute(line), input);
    Json out = {{"run", line}, {"rc", ran.status}};
    if (!Strip(ran.out).empty())
    {
        out["out"] = Lines(Strip(ran.out));
    }
    if (!Strip(ran.err).empty())
    {
        out["err"] = Lines(Strip(ran.err));
    }
    return out;
}

void
Runner::SendOne(const Json& step, const Octets& bytes, const Json& fields)
{
    const bool arp = fields.value("l4", "") == "arp";
    if (!arp)
    {
        m_masks.Note(bytes);
    }
    if (!step.contains("rx"))
    {
        m_router.SendRaw(bytes,
                         step.contains("mark") ? std::stoul(ToText(step["mark"]), nullptr, 0) : 0);
        return;
    }
    const std::string interface = step["rx"];
    const auto [own, far] = m_router.GetMacs(interface);
    Frame frame;
    frame.payload = bytes;
    frame.from = fields.contains("mac") ? Mac48Address(ToText(fields["mac"]).c_str()) : far;
    frame.to = fields.contains("dmac") ? Mac48Address(ToText(fields["dmac"]).c_str()) : own;
    frame.protocol = !bytes.empty() && bytes[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    if (arp)
    {
        frame.protocol = ETHERTYPE_ARP;
        frame.to = Mac48Address::GetBroadcast();
        frame.from = Mac48Address(ToText(fields["smac"]).c_str());
    }
    m_router.Inject(interface, frame);
}

void
Runner::Send(const Json& step)
{
    const Json packets = step.contains("pkts") ? step["pkts"] : Json::array({step.at("pkt")});
    for (const auto& packet : packets)
    {
        const Octets bytes = BuildPacket(packet);
        const Json parsed = ParsePacket(packet);
        const Json fields = parsed.is_object() ? parsed : Json::object();
        std::vector<Octets> parts = {bytes};
        if (step.contains("fragment"))
        {
            parts = FragmentPacket(bytes, std::stoul(ToText(step["fragment"])));
        }
        std::vector<Octets> ordered = parts;
        if (step.contains("order"))
        {
            ordered.clear();
            for (const auto& index : step["order"])
            {
                ordered.push_back(parts.at(index.get<size_t>()));
            }
        }
        for (const Octets& part : ordered)
        {
            SendOne(step, part, fields);
        }
    }
}

Sighting
Runner::Describe(const Capture& capture) const
{
    if (capture.local && capture.family == NfFamily::IPV6)
    {
        Sighting s;
        s.fields = {{"src", capture.src}, {"dst", capture.dst}};
        if ((capture.protocol == 6 || capture.protocol == 17) && capture.packet.size() >= 4)
        {
            s.fields["sport"] = capture.packet[0] << 8 | capture.packet[1];
            s.fields["dport"] = capture.packet[2] << 8 | capture.packet[3];
        }
        s.result = {
            {"local", true},
            {"pkt", std::to_string(capture.protocol) + "6 " + capture.src + " > " + capture.dst},
            {"l4hex", ToHex(capture.packet)}};
        return s;
    }
    if (capture.local)
    {
        Sighting s = m_masks.Describe(capture.packet);
        s.result["local"] = true;
        return s;
    }
    const Frame& frame = capture.frame;
    Sighting s;
    if (frame.protocol == ETHERTYPE_ARP)
    {
        s.result["pkt"] = PrintArp(frame.payload);
    }
    else
    {
        s = m_masks.Describe(frame.payload);
    }
    s.result["if"] = capture.interface;
    return s;
}

/// Adds MAC addresses that are not the usual ones.
void
AddOddMacs(const Capture& capture, const Router& router, Json& result)
{
    const auto [own, far] = router.GetMacs(capture.interface);
    const auto text = [](const Mac48Address& mac) {
        std::array<uint8_t, 6> bytes{};
        mac.CopyTo(bytes.data());
        return ToHex(Octets(bytes.begin(), bytes.end()), ":");
    };
    if (capture.frame.from != own)
    {
        result["smac"] = text(capture.frame.from);
    }
    if (router.ResolvesNeighbours(capture.interface) && capture.frame.to != own &&
        capture.frame.to != far)
    {
        result["dmac"] = text(capture.frame.to);
    }
}

std::vector<Sighting>
Runner::Sightings()
{
    std::vector<Sighting> seen;
    for (const Capture& capture : m_router.Take())
    {
        seen.push_back(Describe(capture));
        if (!capture.local)
        {
            AddOddMacs(capture, m_router, seen.back().result);
        }
    }
    return seen;
}

void
Runner::Save(const Json& wanted, const std::vector<Sighting>& seen, Json& out)
{
    static const std::regex PATH(R"((out|local)\[(\d+)\]\.(\w+))");
    for (const auto& [variable, path] : wanted.items())
    {
        const std::string text = path;
        std::smatch match;
        Json value;
        if (std::regex_match(text, match, PATH))
        {
            size_t index = std::stoul(match[2]);
            for (const Sighting& s : seen)
            {
                if (s.result.contains("local") == (match[1] == "local") && index-- == 0)
                {
                    value = s.fields.value(match[3].str(), Json());
                    break;
                }
            }
        }
        if (value.is_null())
        {
            out["errors"].push_back("save " + variable + ": no " + text);
            value = 0;
        }
        m_expressions.Set(variable, value);
    }
}

void
Runner::Report(std::vector<Sighting> seen, const Json& random, Json& out, bool always)
{
    Json frames = Json::array();
    Json delivered = Json::array();
    for (Sighting& s : seen)
    {
        m_masks.Hide(s, Texts(random));
        (s.result.contains("local") ? delivered : frames).push_back(s.result);
    }
    if (always || !frames.empty())
    {
        out["out"] = frames;
    }
    if (!delivered.empty())
    {
        out["local"] = delivered;
    }
}

void
Runner::App(const Json& app, Json& out)
{
    AppSocket socket;
    socket.protocol = app.value("proto", "udp");
    socket.to = app.at("to");
    socket.from = app.value("from", "");
    socket.data = ParseData(app.value("data", Json("x")));
    socket.uid = app.contains("uid") ? std::stol(ToText(app["uid"])) : -1;
    socket.gid = app.contains("gid") ? std::stol(ToText(app["gid"])) : socket.uid;
    socket.mark = app.contains("mark") ? std::stoul(ToText(app["mark"]), nullptr, 0) : 0;
    if (const auto error = m_router.SendApp(socket))
    {
        out["errno"] = *error;
    }
    m_router.Advance(PACKET_TIME);
    std::vector<Sighting> seen = Sightings();
    seen.erase(std::remove_if(seen.begin(),
                              seen.end(),
                              [](const Sighting& s) { return s.result.contains("local"); }),
               seen.end());
    Report(seen, app.value("random", Json::array()), out, true);
}

void
Runner::Listen(const Json& what, Json& out)
{
    for (const auto& [kind, where] : what.items())
    {
        for (const auto& address : where.is_array() ? where : Json::array({where}))
        {
            if (!m_router.Listen(kind, address))
            {
                out["errors"].push_back("listen " + kind + " " + ToText(address));
            }
        }
    }
}

std::vector<std::string>
Runner::Listing(const std::string& command, bool mayLack)
{
    const std::vector<std::string> before = m_shell.TakeUnsupported();
    const ShellResult ran = m_shell.Run(command);
    std::vector<std::string> lacking = m_shell.TakeUnsupported();
    if (!lacking.empty() && !mayLack)
    {
        throw std::runtime_error(lacking.front());
    }
    return FilledLines(ran.out);
}

Json
Runner::Connections()
{
    NfConntrack& table = m_router.GetNetns().GetConntrack();
    Json list = Json::array();
    table.ForEach([&](NfConn& conn) { list.push_back(DescribeConnection(conn, table)); });
    const auto key = [](const Json& d) {
        return DumpAsPython(Json::array({d["orig"], d.value("zone", Json()), d["reply"]}));
    };
    std::sort(list.begin(), list.end(), [&key](const Json& a, const Json& b) {
        return key(a) < key(b);
    });
    return list;
}

Json
Runner::Expectations()
{
    NfConntrack& table = m_router.GetNetns().GetConntrack();
    Json list = Json::array();
    table.ForEachExpectation(
        [&](const NfExpectationPtr& e) { list.push_back(DescribeExpectation(*e, table)); });
    std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
        return DumpAsPython(a["tuple"]) < DumpAsPython(b["tuple"]);
    });
    return list;
}

Json
Runner::Statistics()
{
    Json total = Json::object();
    static const std::regex COUNTER(R"((\w+)=(\d+))");
    for (const std::string& line : Listing("conntrack -S"))
    {
        for (std::sregex_iterator it(line.begin(), line.end(), COUNTER), end; it != end; ++it)
        {
            const std::string name = (*it)[1];
            if (name != "cpu")
            {
                total[name] = total.value(name, int64_t{0}) + std::stoll((*it)[2]);
            }
        }
    }
    return total;
}

Json
Runner::Sysctl(const std::string& name)
{
    const NfResult<std::string> value = m_router.GetNetns().GetSysctls().Read(name);
    return value ? Strip(*value) : "absent: " + value.Error().message;
}

/// ipset prints a random hash seed, and time left that drifts.
std::vector<std::string>
Steady(std::vector<std::string> lines)
{
    static const std::regex SEED(" initval \\S+");
    static const std::regex LEFT("(timeout )\\d+$");
    for (std::string& line : lines)
    {
        line = std::regex_replace(line, SEED, "");
        if (line.rfind("add ", 0) == 0)
        {
            line = std::regex_replace(line, LEFT, "$1");
        }
    }
    return lines;
}

std::vector<std::string>
WithoutComments(std::vector<std::string> lines)
{
    lines.erase(std::remove_if(lines.begin(),
                               lines.end(),
                               [](const std::string& line) { return line.front() == '#'; }),
                lines.end());
    return lines;
}

Json
Runner::SnapshotOf(const std::string& what)
{
    if (what == "conntrack" || what == "expect")
    {
        const std::string table = what == "expect" ? " expect" : " -o extended";
        std::vector<std::string> lines = Listing("conntrack -L" + table + " 2>/dev/null");
        std::transform(lines.begin(), lines.end(), lines.begin(), StripRight);
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    if (what == "proc")
    {
        const auto& files = m_router.GetNetns().GetProc();
        const auto file = files.find("nf_conntrack");
        return file != files.end() ? SortedTable(file->second()) : std::vector<std::string>{};
    }
    if (what == "rules" || what == "rules6")
    {
        return WithoutComments(Listing(what == "rules" ? "iptables-save -c" : "ip6tables-save -c"));
    }
    if (what == "nft")
    {
        std::vector<std::string> lines = Listing("nft list ruleset");
        static const std::regex EXPIRES("expires [0-9msdh]+");
        std::transform(lines.begin(), lines.end(), lines.begin(), [](const std::string& line) {
            return std::regex_replace(line, EXPIRES, "expires ~");
        });
        return lines;
    }
    if (what == "count")
    {
        return m_router.GetNetns().GetConntrack().GetCount();
    }
    if (what == "ipset")
    {
        return Steady(Listing("ipset save"));
    }
    if (what.rfind("cmd:", 0) == 0)
    {
        return Listing(what.substr(4));
    }
    throw std::runtime_error("snapshot of " + what);
}

void
Runner::Snapshot(const Json& what, Json& out)
{
    static const std::vector<std::string> USUAL = {"conntrack", "rules"};
    m_router.Advance(SNAPSHOT_TIME);
    Json tables = Json::object();
    for (const std::string& name : what.is_array() ? Texts(what) : USUAL)
    {
        try
        {
            if (name.rfind("sysctl:", 0) == 0)
            {
                tables[name.substr(7)] = Sysctl(name.substr(7));
                continue;
            }
            tables[name] = name == "ct"      ? Connections()
                           : name == "exp"   ? Expectations()
                           : name == "stats" ? Statistics()
                                             : SnapshotOf(name);
        }
        catch (const std::runtime_error& e)
        {
            out["unsupported"].push_back("snapshot " + name + ": " + e.what());
        }
    }
    out["snapshot"] = m_masks.HideDrawn(tables);
}

void
Runner::Trailer(const Json& step, Json& out)
{
    const std::vector<std::string> events =
        m_events ? m_events->Take() : std::vector<std::string>{};
    if (!events.empty() && !step.contains("ff"))
    {
        out["events"] = m_masks.HideDrawn(events);
    }
    if (!m_log.empty())
    {
        out["kmsg"] = std::exchange(m_log, {});
    }
    for (const std::string& what : m_shell.TakeUnsupported())
    {
        out["unsupported"].push_back(what);
    }
}

/// What a step may consist of.
bool
IsKnownKey(const std::string& key)
{
    static const std::set<std::string> KEYS = {
        "rx",    "tx",     "burst",       "pkt",  "pkts",     "sleep",  "ff",       "run",
        "stdin", "listen", "stop_listen", "app",  "snapshot", "repeat", "fragment", "order",
        "save",  "random", "settle",      "mark", "about",    "comment"};
    return KEYS.count(key) != 0;
}

void
Runner::Step(const Json& raw, Json& out)
{
    const Json step = m_expressions.Substitute(raw);
    for (const auto& [key, value] : step.items())
    {
        if (!IsKnownKey(key))
        {
            out["unsupported"].push_back("step " + key);
        }
    }
    out["t"] = std::round((Simulator::Now() - m_start).GetSeconds() * 1000) / 1000;
    if (step.contains("rx") || step.contains("tx") || step.contains("burst"))
    {
        Send(step);
        m_router.Advance(std::max(PACKET_TIME, step.value("settle", 0.0)));
        const std::vector<Sighting> seen = Sightings();
        Save(step.value("save", Json::object()), seen, out);
        Report(seen, step.value("random", Json::array()), out, true);
    }
    if (step.contains("sleep"))
    {
        m_router.Advance(ToSeconds(step["sleep"]));
        Report(Sightings(), Json::array(), out, false);
    }
    if (step.contains("ff"))
    {
        m_router.Advance(FF_TIME);
        const int64_t seconds = std::stoll(ToText(step["ff"]));
        out["aged"] = m_router.GetNetns().GetConntrack().FastForward(std::chrono::seconds(seconds));
    }
    if (step.contains("run"))
    {
        out["run"] = Command(step);
        out["run"]["run"] = raw["run"];
        Report(Sightings(), Json::array(), out, false);
    }
    if (step.contains("listen"))
    {
        Listen(step["listen"], out);
    }
    if (step.contains("stop_listen"))
    {
        m_router.StopListening();
    }
    if (step.contains("app"))
    {
        App(step["app"], out);
    }
    if (step.contains("snapshot"))
    {
        Snapshot(step["snapshot"], out);
    }
    Trailer(step, out);
}

} // namespace

Json
ReplayScenario(const Json& scenario, uint32_t seed)
{
    const auto started = std::chrono::steady_clock::now();
    Json result = {{"format", std::string(FORMAT) + "-result"},
                   {"name", scenario.value("name", "")},
                   {"backend", scenario.value("backend", "legacy")},
                   {"kernel", "ns3-netfilter"}};
    try
    {
        if (scenario.value("format", "") != FORMAT)
        {
            throw std::invalid_argument("scenario format is not " + std::string(FORMAT));
        }
        RngSeedManager::SetSeed(seed);
        Runner(scenario).Run(result);
    }
    catch (const std::exception& e)
    {
        result["error"] = e.what();
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    result["wall_s"] = std::round(wall.count() * 1000) / 1000;
    return result;
}

} // namespace replay
