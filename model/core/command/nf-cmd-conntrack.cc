/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// conntrack(8) of conntrack-tools 1.4.7, and what ctnetlink does for it
// (Linux: nf_conntrack_netlink.c).
#include "nf-cmd-conntrack.h"

#include "../conntrack/nf-conntrack-text.h"
#include "nf-command.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ns3
{

namespace
{

constexpr const char* USAGE =
    "Command line interface for the connection tracking system. Version 1.4.7\n"
    "Usage: conntrack [commands] [options]\n";
constexpr const char* NOT_SUPPORTED = "Operation failed: Operation not supported";
constexpr const char* INVALID = "Operation failed: invalid parameters";
constexpr const char* EXISTS = "Operation failed: Such conntrack exists, try -U to update";
constexpr const char* NOT_FOUND = "Operation failed: such conntrack doesn't exist";
constexpr uint8_t TCP_FLAGS_OF_TOOL = 0x0a; //!< liberal, SACK permitted (IP_CT_TCP_FLAG_*)

/// What a command from a user reports of a connection (Linux: ctnetlink_new_conntrack()).
constexpr uint32_t REPORTED = NF_EVENT_REPLY | NF_EVENT_ASSURED | NF_EVENT_HELPER |
                              NF_EVENT_PROTOINFO | NF_EVENT_SEQADJ | NF_EVENT_MARK |
                              NF_EVENT_SYNPROXY;

constexpr std::array<std::string_view, 10> TCP_STATES = {"NONE",
                                                         "SYN_SENT",
                                                         "SYN_RECV",
                                                         "ESTABLISHED",
                                                         "FIN_WAIT",
                                                         "CLOSE_WAIT",
                                                         "LAST_ACK",
                                                         "TIME_WAIT",
                                                         "CLOSE",
                                                         "SYN_SENT2"};
constexpr std::array<std::string_view, 9> SCTP_STATES = {"NONE",
                                                         "CLOSED",
                                                         "COOKIE_WAIT",
                                                         "COOKIE_ECHOED",
                                                         "ESTABLISHED",
                                                         "SHUTDOWN_SENT",
                                                         "SHUTDOWN_RECD",
                                                         "SHUTDOWN_ACK_SENT",
                                                         "HEARTBEAT_SENT"};

template <size_t N>
uint8_t
StateNumber(const std::array<std::string_view, N>& names, const std::string& name)
{
    for (size_t i = 0; i < N; i++)
    {
        if (names[i] == name)
        {
            return static_cast<uint8_t>(i);
        }
    }
    return 0;
}

NfCommandResult
Failed(const std::string& text)
{
    return {1, "", NF_CONNTRACK_TOOL + text + "\n"};
}

/// One command on one table.
class Conntrack
{
  public:
    Conntrack(NfNetns& netns, const NfConntrackRequest& request)
        : m_netns(netns),
          m_table(netns.GetConntrack()),
          m_request(request)
    {
    }

    NfCommandResult Run()
    {
        switch (m_request.command)
        {
        case 'L':
            return m_request.expect ? ListExpectations() : List();
        case 'I':
        case 'A':
            return Create();
        case 'U':
            return Update();
        case 'D':
            return Delete();
        case 'G':
            return Get();
        case 'F':
            return Flush();
        case 'C':
            return Count();
        case 'S':
            return Statistics();
        default:
            return Failed(NOT_SUPPORTED);
        }
    }

  private:
    std::string Line(const NfConn& conn, const char* saveAs) const;
    void Print(const NfConn& conn, const char* saveAs);
    NfCommandResult Done(const char* what);
    std::vector<NfConnPtr> Matching();
    NfCommandResult List();
    NfCommandResult ListExpectations();
    NfCommandResult Create();
    NfCommandResult Update();
    NfCommandResult Delete();
    NfCommandResult Get();
    NfCommandResult Flush();
    NfCommandResult Count();
    NfCommandResult Statistics();
    bool MakeTuples(NfTuple& orig, NfTuple& reply) const;
    void FillPorts(NfTuple& tuple, const NfConntrackTupleArg& arg) const;
    void FillState(NfConn& conn) const;
    NfVerdict SetNat(NfConn& conn, const NfConntrackNatArg& arg, NfManip manip);
    bool UpdateOne(NfConn& conn);

    NfNetns& m_netns;
    NfConntrack& m_table;
    const NfConntrackRequest& m_request;
    std::string m_out;
    std::string m_err;
    size_t m_counted{0};
};

std::string
Conntrack::Line(const NfConn& conn, const char* saveAs) const
{
    if (m_request.xml)
    {
        return NfConntrackXmlLine(m_table, conn);
    }
    if (m_request.save)
    {
        return NfConntrackSaveLine(m_table, conn, saveAs);
    }
    const int output =
        (m_request.extended ? NF_CONNTRACK_EXTENDED : 0) | (m_request.id ? NF_CONNTRACK_ID : 0);
    return NfConntrackListLine(m_table, conn, static_cast<uint8_t>(output));
}

void
Conntrack::Print(const NfConn& conn, const char* saveAs)
{
    if (m_request.xml && m_counted == 0)
    {
        m_out += "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n";
    }
    m_out += Line(conn, saveAs) + "\n";
    m_counted++;
}

NfCommandResult
Conntrack::Done(const char* what)
{
    m_out += m_request.xml && m_counted > 0 ? "</conntrack>\n" : "";
    m_err += fmt::format("{}{} {}.\n", NF_CONNTRACK_TOOL, m_counted, what);
    return {0, m_out, m_err};
}

std::vector<NfConnPtr>
Conntrack::Matching()
{
    std::vector<NfConnPtr> found;
    m_table.ForEach([&](NfConn& conn) {
        const std::string_view state = m_table.GetTracker(conn.GetProtocol()).GetStateName(conn);
        const bool filtersState = m_request.state && m_request.command != 'U';
        if ((!filtersState || state == *m_request.state) && NfConntrackMatches(m_request, conn))
        {
            found.emplace_back(&conn);
        }
    });
    return found;
}

NfCommandResult
Conntrack::List()
{
    // The kernel has no lists of dying and unconfirmed entries to show any more.
    const bool nothing = m_request.table != "conntrack";
    for (const NfConnPtr& conn : nothing ? std::vector<NfConnPtr>{} : Matching())
    {
        Print(*conn, "-A");
        if (m_request.Has('z') && conn->Ext().acct)
        {
            *conn->Ext().acct = {};
        }
    }
    return Done("flow entries have been shown");
}

NfCommandResult
Conntrack::ListExpectations()
{
    m_table.ForEachExpectation([&](const NfExpectationPtr& e) {
        if (m_request.family == NfFamily::UNSPEC || m_request.family == e->tuple.family)
        {
            m_out += NfExpectListLine(m_table, *e) + "\n";
            m_counted++;
        }
    });
    return Done("expectations have been shown");
}

void
Conntrack::FillPorts(NfTuple& tuple, const NfConntrackTupleArg& arg) const
{
    switch (tuple.protocol)
    {
    case NF_IPPROTO_ICMP:
    case NF_IPPROTO_ICMPV6:
        tuple.sport = m_request.icmpId.value_or(0);
        tuple.dport = static_cast<uint16_t>(m_request.icmpType.value_or(0) << 8 |
                                            m_request.icmpCode.value_or(0));
        return;
    case NF_IPPROTO_TCP:
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_SCTP:
    case NF_IPPROTO_GRE:
        tuple.sport = arg.sport.value_or(tuple.sport);
        tuple.dport = arg.dport.value_or(tuple.dport);
        return;
    default:
        return;
    }
}

bool
Conntrack::MakeTuples(NfTuple& orig, NfTuple& reply) const
{
    const bool fromOrig = m_request.orig.src && m_request.orig.dst;
    const NfConntrackTupleArg& arg = fromOrig ? m_request.orig : m_request.reply;
    NfTuple given;
    given.family = m_request.family;
    given.protocol = *m_request.protocol;
    given.src = arg.src->addr;
    given.dst = arg.dst->addr;
    FillPorts(given, arg);
    NfTuple inverse = given;
    std::swap(inverse.src, inverse.dst);
    if (!m_table.InvertTuple(given, inverse))
    {
        return false;
    }
    orig = fromOrig ? given : inverse;
    reply = fromOrig ? inverse : given;
    if (fromOrig && m_request.reply.src)
    {
        reply.src = m_request.reply.src->addr;
    }
    if (fromOrig && m_request.reply.dst)
    {
        reply.dst = m_request.reply.dst->addr;
    }
    const bool icmp = orig.protocol == NF_IPPROTO_ICMP || orig.protocol == NF_IPPROTO_ICMPV6;
    if (!icmp)
    {
        FillPorts(reply, m_request.reply);
    }
    orig.zone = m_request.zone.value_or(m_request.origZone.value_or(0));
    reply.zone = m_request.zone.value_or(m_request.replyZone.value_or(0));
    return true;
}

void
Conntrack::FillState(NfConn& conn) const
{
    if (conn.GetProtocol() == NF_IPPROTO_TCP)
    {
        conn.proto.tcp = NfTcpState();
        conn.proto.tcp.state = StateNumber(TCP_STATES, m_request.state.value_or("NONE"));
        conn.proto.tcp.seen[0].flags = TCP_FLAGS_OF_TOOL;
        conn.proto.tcp.seen[1].flags = TCP_FLAGS_OF_TOOL;
    }
    else if (conn.GetProtocol() == NF_IPPROTO_SCTP)
    {
        conn.proto.sctp = NfSctpState();
        conn.proto.sctp.state = StateNumber(SCTP_STATES, m_request.state.value_or("NONE"));
        conn.proto.sctp.vtag = {m_request.origVtag.value_or(0), m_request.replyVtag.value_or(0)};
    }
}

NfVerdict
Conntrack::SetNat(NfConn& conn, const NfConntrackNatArg& arg, NfManip manip)
{
    NfNatRange range;
    if (arg.addr)
    {
        range.flags |= NF_NAT_MAP_IPS;
        range.minAddr = *arg.addr;
        range.maxAddr = *arg.addr;
    }
    if (arg.port)
    {
        range.flags |= NF_NAT_PROTO_SPECIFIED;
        range.minPort = *arg.port;
        range.maxPort = *arg.port;
    }
    return m_netns.GetNat().SetupInfo(conn, range, manip);
}

NfCommandResult
Conntrack::Create()
{
    NfTuple orig;
    NfTuple reply;
    const bool zones = m_request.zone && (m_request.origZone || m_request.replyZone);
    if (m_request.expect)
    {
        return Failed(NOT_SUPPORTED);
    }
    if (zones || !MakeTuples(orig, reply))
    {
        return Failed(INVALID);
    }
    if (m_table.IsTupleTaken(orig, nullptr))
    {
        return m_request.command == 'A' ? Done("flow entries have been added") : Failed(EXISTS);
    }
    const NfConnPtr conn = m_table.Alloc(orig, reply);
    if (!conn)
    {
        return Failed("Operation failed: Cannot allocate memory");
    }
    conn->expires = std::chrono::seconds(m_request.timeout);
    conn->mark = m_request.Has('m') ? m_request.markValue : 0;
    FillState(*conn);
    if ((m_request.dstNat && SetNat(*conn, *m_request.dstNat, NfManip::DST) == NfVerdict::DROP) ||
        (m_request.srcNat && SetNat(*conn, *m_request.srcNat, NfManip::SRC) == NfVerdict::DROP))
    {
        return Failed(INVALID);
    }
    conn->status |= m_request.status;
    conn->Ext().hasSynproxy = true;
    conn->Ext().hasEventCache = m_table.GetConfig().events != 0;
    if (!m_table.Insert(*conn))
    {
        return m_request.command == 'A' ? Done("flow entries have been added") : Failed(EXISTS);
    }
    m_table.ReportEvents(*conn, NF_EVENT_NEW | REPORTED);
    m_counted++;
    return Done(m_request.command == 'A' ? "flow entries have been added"
                                         : "flow entries have been created");
}

bool
Conntrack::UpdateOne(NfConn& conn)
{
    const uint32_t mark =
        m_request.Has('m') ? (conn.mark & ~m_request.markMask) ^ m_request.markValue : conn.mark;
    const uint32_t status = conn.status | m_request.status;
    const bool changed = mark != conn.mark || status != conn.status || m_request.Has('t');
    if (changed && m_request.Has('t') && conn.Has(NF_IPS_FIXED_TIMEOUT))
    {
        m_err += "Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do "
                 "this\n";
        return true;
    }
    if (!changed)
    {
        return false;
    }
    if (m_request.Has('t'))
    {
        conn.expires = m_table.Now() + std::chrono::seconds(m_request.timeout);
    }
    conn.mark = mark;
    conn.status = status;
    m_table.ReportEvents(conn, REPORTED);
    return true;
}

NfCommandResult
Conntrack::Update()
{
    const std::vector<NfConnPtr> found = Matching();
    const bool changes = m_request.Has('m') || m_request.Has('t') || m_request.Has('u');
    if (changes && !found.empty() && m_request.family == NfFamily::UNSPEC)
    {
        // The tool names no family to the kernel unless an address or -f tells it.
        return {1, "", fmt::format("{0}\n{1}{0}\n", NOT_SUPPORTED, NF_CONNTRACK_TOOL)};
    }
    for (const NfConnPtr& conn : found)
    {
        if (changes && UpdateOne(*conn))
        {
            Print(*conn, "-U");
        }
    }
    NfCommandResult result = Done("flow entries have been updated");
    result.status = m_counted == 0 ? 1 : 0;
    return result;
}

NfCommandResult
Conntrack::Delete()
{
    if (m_request.expect)
    {
        return Failed("Operation failed: such expectation doesn't exist");
    }
    for (const NfConnPtr& conn : Matching())
    {
        Print(*conn, "-D");
        m_table.Kill(*conn);
    }
    NfCommandResult result = Done("flow entries have been deleted");
    result.status = m_counted == 0 ? 1 : 0;
    return result;
}

NfCommandResult
Conntrack::Get()
{
    NfTuple orig;
    NfTuple reply;
    if (m_request.expect)
    {
        return Failed("Operation failed: such expectation doesn't exist");
    }
    if (!MakeTuples(orig, reply))
    {
        return Failed(INVALID);
    }
    const bool byOrig = m_request.orig.src && m_request.orig.dst;
    const NfConnPtr conn = m_table.Find(byOrig ? orig : reply);
    if (!conn)
    {
        return Failed(NOT_FOUND);
    }
    Print(*conn, "-A");
    return Done("flow entries have been shown");
}

NfCommandResult
Conntrack::Flush()
{
    if (m_request.expect)
    {
        std::vector<NfExpectationPtr> all;
        m_table.ForEachExpectation([&all](const NfExpectationPtr& e) { all.push_back(e); });
        for (const NfExpectationPtr& expectation : all)
        {
            m_table.Unexpect(expectation);
        }
        return {0, "", std::string(NF_CONNTRACK_TOOL) + "expectation table has been emptied.\n"};
    }
    m_table.KillIf([this](const NfConn& conn) {
        return m_request.family == NfFamily::UNSPEC || m_request.family == conn.GetFamily();
    });
    return {0,
            "",
            std::string(NF_CONNTRACK_TOOL) + "connection tracking table has been emptied.\n"};
}

NfCommandResult
Conntrack::Count()
{
    size_t count = m_table.GetCount();
    if (m_request.expect)
    {
        count = 0;
        m_table.ForEachExpectation([&count](const NfExpectationPtr&) { count++; });
    }
    return {0, fmt::format("{}\n", count), ""};
}

NfCommandResult
Conntrack::Statistics()
{
    const NfConntrackStats& s = m_table.GetStats();
    if (m_request.expect)
    {
        return {0,
                fmt::format("cpu=0   \texpect_new={} expect_create={} expect_delete={} \n",
                            s.expectNew,
                            s.expectCreate,
                            s.expectDelete),
                ""};
    }
    return {0,
            fmt::format("cpu=0   \tfound={} invalid={} insert={} insert_failed={} drop={} "
                        "early_drop={} error={} search_restart={} clash_resolve={} "
                        "chaintoolong={} \n",
                        s.found,
                        s.invalid,
                        s.insert,
                        s.insertFailed,
                        s.drop,
                        s.earlyDrop,
                        s.error,
                        s.searchRestart,
                        s.clashResolve,
                        s.chainTooLong),
            ""};
}

/// @return false if there is no such file
bool
ReadLoadFile(const std::string& name, const std::string& input, std::string& text)
{
    if (name == "-")
    {
        text = input;
        return true;
    }
    std::ifstream file(name);
    text.assign(std::istreambuf_iterator<char>(file), {});
    return file.is_open();
}

/// conntrack -R: every line is parsed before the first one runs.
NfCommandResult
LoadFile(NfNetns& netns, const std::string& name, const std::string& input)
{
    std::string text;
    if (!ReadLoadFile(name, input, text))
    {
        return {2,
                "",
                fmt::format("{}Failed to open file {} for reading\nTry `conntrack -h' or "
                            "'conntrack --help' for more information.\n",
                            NF_CONNTRACK_TOOL,
                            name)};
    }
    std::vector<NfConntrackRequest> requests;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
    {
        std::istringstream stream(line);
        std::vector<std::string> words = {"conntrack"};
        words.insert(words.end(), std::istream_iterator<std::string>(stream), {});
        if (words.size() == 1 || words[1][0] == '#')
        {
            continue;
        }
        NfResult<NfConntrackRequest> request = NfParseConntrackRequest(words);
        const char command = request ? request->command : words[1][0] == '-' ? 'I' : '\0';
        if (command != 'I' && command != 'A' && command != 'U' && command != 'D')
        {
            const std::string shown = command ? std::string("-") + command : "unknown";
            return {2,
                    "",
                    fmt::format("{}Cannot use command `{}' with --load-file\nTry `conntrack -h' or "
                                "'conntrack --help' for more information.\n",
                                NF_CONNTRACK_TOOL,
                                shown)};
        }
        if (!request)
        {
            return {request.Error().status, "", request.Error().message + "\n"};
        }
        requests.push_back(*request);
    }
    std::string out;
    for (const NfConntrackRequest& request : requests)
    {
        const NfCommandResult result = Conntrack(netns, request).Run();
        out += result.out;
        const bool nothing = request.command == 'D' || request.command == 'U';
        if (result.status != 0 && !nothing)
        {
            return {result.status, out, result.err};
        }
    }
    return {0, out, ""};
}

NfCommandResult
RunConntrack(NfNetns& netns, const NfCommandLine& line)
{
    NfResult<NfConntrackRequest> request = NfParseConntrackRequest(line.args);
    if (!request)
    {
        return {request.Error().status, "", request.Error().message + "\n"};
    }
    std::string warnings;
    for (const std::string& warning : request->warnings)
    {
        warnings += warning + "\n";
    }
    switch (request->command)
    {
    case '\0':
    case 'h':
        return {0, USAGE, warnings};
    case 'V':
        return {0, "conntrack v1.4.7 (conntrack-tools)\n", warnings};
    case 'R':
        return LoadFile(netns, request->loadFile, line.input);
    default:
        break;
    }
    NfCommandResult result = Conntrack(netns, *request).Run();
    if (request->labels)
    {
        warnings += "nfct_labelmap_new: No such file or directory\n";
    }
    result.err = warnings + result.err;
    return result;
}

} // namespace

extern const NfCommand NF_CMD_CONNTRACK;
const NfCommand NF_CMD_CONNTRACK{"conntrack", RunConntrack};

} // namespace ns3
