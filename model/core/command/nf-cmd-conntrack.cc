/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// conntrack(8) of conntrack-tools 1.4.7
#include "nf-cmd-conntrack.h"

#include "nf-conntrack-options.h"
#include "nf-conntrack-stream.h"
#include "nf-ctnetlink.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace ns3
{

namespace
{

using Opt = NfConntrackOpt;
using Act = NfConntrackAct;

constexpr const char* TRY_HELP = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
constexpr const char* XML_HEAD = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// What the tool says instead of strerror().
struct ErrorText
{
    int error;
    uint32_t acts; //!< NfConntrackAct as bits
    const char* text;
};

constexpr uint32_t
Bits(std::initializer_list<Act> acts)
{
    uint32_t bits = 0;
    for (const Act act : acts)
    {
        bits |= 1U << static_cast<unsigned>(act);
    }
    return bits;
}

constexpr uint32_t ANY_ACT = ~0U;
constexpr uint32_t FIRST_ACTS = 0xffff; //!< those that the tool's table has in mind

constexpr std::array ERROR_TEXTS = {
    ErrorText{EINVAL, FIRST_ACTS, "invalid parameters"},
    ErrorText{EEXIST, Bits({Act::CREATE}), "Such conntrack exists, try -U to update"},
    ErrorText{ENOENT,
              Bits({Act::CREATE, Act::GET, Act::DELETE, Act::ADD}),
              "such conntrack doesn't exist"},
    ErrorText{ENOMEM, Bits({Act::CREATE, Act::GET, Act::ADD}), "not enough memory"},
    ErrorText{EAFNOSUPPORT, Bits({Act::GET}), "protocol not supported"},
    ErrorText{ETIME, Bits({Act::CREATE, Act::ADD}), "conntrack has expired"},
    ErrorText{ENOENT, Bits({Act::EXP_CREATE}), "master conntrack not found"},
    ErrorText{EPERM, ANY_ACT, "sorry, you must be root or get CAP_NET_ADMIN capability to do this"},
};

/// What the tool says at the end, behind the number; null: nothing.
const char*
EndText(Act act)
{
    switch (act)
    {
    case Act::LIST:
    case Act::GET:
        return "flow entries have been shown";
    case Act::CREATE:
        return "flow entries have been created";
    case Act::UPDATE:
        return "flow entries have been updated";
    case Act::DELETE:
        return "flow entries have been deleted";
    case Act::ADD:
        return "flow entries have been added";
    case Act::EXP_LIST:
    case Act::EXP_DELETE:
        return "expectations have been shown";
    default:
        return nullptr;
    }
}

/// @param error number, positive
std::string
ErrorName(Act act, int error)
{
    for (const ErrorText& row : ERROR_TEXTS)
    {
        if (row.error == error && row.acts >> static_cast<unsigned>(act) & 1)
        {
            return row.text;
        }
    }
    return std::strerror(error);
}

/// Events of this scope are told with the program's port.
class Reporting
{
  public:
    explicit Reporting(NfNetns& netns)
        : m_netns(netns)
    {
        m_netns.SetReporter(m_netns.NextPort());
    }

    ~Reporting()
    {
        m_netns.SetReporter(0);
    }

    Reporting(const Reporting&) = delete;
    Reporting& operator=(const Reporting&) = delete;

  private:
    NfNetns& m_netns;
};

/// One command on one table.
class Conntrack
{
  public:
    Conntrack(NfNetns& netns, const NfConntrackRequest& request, const NfLabelMap* labels)
        : m_netns(netns),
          m_table(netns.GetConntrack()),
          m_netlink(netns),
          m_request(request)
    {
        m_style.output = request.output;
        m_style.now = netns.GetClock().GetEpoch() + m_table.Now();
        m_style.labels = request.labelMap ? labels : nullptr;
        if (request.stamps && request.act == Act::EXP_LIST && request.output & NF_CONNTRACK_XML)
        {
            m_style.output |= NF_CONNTRACK_TIMESTAMP;
        }
    }

    NfCommandResult Run();

  private:
    NfCommandResult Fail(int error);
    NfCommandResult Misuse(const std::string& text) const;
    NfCommandResult Done();
    void Print(const NfConntrackMessage& message, NfConntrackKind kind);
    void PrintExpectation(const NfExpectation& expectation);
    std::vector<NfConnPtr> Matching(bool (*matches)(const NfConntrackRequest&,
                                                    const NfConntrackMessage&));
    NfCommandResult RunOnExpectations();
    NfCommandResult List();
    NfCommandResult ListExpectations();
    NfCommandResult Create();
    NfCommandResult Update();
    NfCommandResult Delete();
    NfCommandResult Get();
    NfCommandResult Flush();
    NfCommandResult FlushExpectations();
    NfCommandResult CountExpectations();
    NfCommandResult Statistics() const;
    NfCommandResult Events() const;

    NfNetns& m_netns;
    NfConntrack& m_table;
    NfCtnetlink m_netlink;
    const NfConntrackRequest& m_request;
    NfConntrackStyle m_style;
    std::string m_out;
    std::string m_err;
    size_t m_counted{0};
};

NfCommandResult
Conntrack::Run()
{
    switch (m_request.act)
    {
    case Act::LIST:
        return List();
    case Act::CREATE:
    case Act::ADD:
        return Create();
    case Act::UPDATE:
        return Update();
    case Act::DELETE:
        return Delete();
    case Act::GET:
        return Get();
    case Act::FLUSH:
        return Flush();
    case Act::EVENT:
    case Act::EXP_EVENT:
        return Events();
    case Act::COUNT:
        return {0, fmt::format("{}\n", m_table.GetCount()), ""};
    case Act::STATS:
    case Act::EXP_STATS:
        return Statistics();
    case Act::VERSION:
        return {0, "conntrack v1.4.7 (conntrack-tools)\n", ""};
    case Act::HELP:
    case Act::NONE:
        return {0, NfConntrackUsage(m_request), ""};
    default:
        return RunOnExpectations();
    }
}

NfCommandResult
Conntrack::RunOnExpectations()
{
    int error = 0;
    switch (m_request.act)
    {
    case Act::EXP_LIST:
        return ListExpectations();
    case Act::EXP_COUNT:
        return CountExpectations();
    case Act::EXP_FLUSH:
        return FlushExpectations();
    case Act::EXP_CREATE: {
        const Reporting reporting(m_netns);
        error = m_netlink.CreateExpectation(m_request);
        return error ? Fail(error) : Done();
    }
    default:
        break;
    }
    const NfExpectationPtr expectation = m_netlink.GetExpectation(m_request);
    if (!expectation)
    {
        return Fail(-ENOENT);
    }
    if (m_request.act == Act::EXP_GET)
    {
        PrintExpectation(*expectation);
        return Done();
    }
    const Reporting reporting(m_netns);
    m_table.Unexpect(expectation);
    return Done();
}

NfCommandResult
Conntrack::Fail(int error)
{
    m_err += fmt::format("{}Operation failed: {}\n",
                         NF_CONNTRACK_TOOL,
                         ErrorName(m_request.act, -error));
    return {1, m_out, m_err};
}

NfCommandResult
Conntrack::Misuse(const std::string& text) const
{
    return {2, m_out, fmt::format("{}{}\n{}", NF_CONNTRACK_TOOL, text, TRY_HELP)};
}

NfCommandResult
Conntrack::Done()
{
    const char* end = EndText(m_request.act);
    const bool lists = m_request.act == Act::LIST || m_request.act == Act::EXP_LIST;
    if (lists && m_request.output & NF_CONNTRACK_XML && m_counted > 0)
    {
        m_out += m_request.act == Act::LIST ? "</conntrack>\n" : "</expect>\n";
    }
    if (!end)
    {
        return {0, m_out, m_err};
    }
    m_err += fmt::format("{}{} {}.\n", NF_CONNTRACK_TOOL, m_counted, end);
    const bool idle = m_counted == 0 && !lists && m_request.act != Act::ADD;
    return {idle ? 1 : 0, m_out, m_err};
}

void
Conntrack::Print(const NfConntrackMessage& message, NfConntrackKind kind)
{
    const bool heads = m_request.act == Act::LIST || m_request.act == Act::GET;
    if (heads && m_request.output & NF_CONNTRACK_XML && m_counted == 0)
    {
        m_out += XML_HEAD + std::string("<conntrack>\n");
    }
    m_out += m_request.save ? NfConntrackSaveLine(message, kind)
                            : NfConntrackText(message, NfConntrackKind::UNKNOWN, m_style);
    m_out += "\n";
    m_counted++;
}

void
Conntrack::PrintExpectation(const NfExpectation& expectation)
{
    if (m_request.output & NF_CONNTRACK_XML && m_counted == 0)
    {
        m_out += XML_HEAD + std::string("<expect>\n");
    }
    if (m_request.stamps && !(m_request.output & NF_CONNTRACK_XML))
    {
        constexpr int64_t SECOND = 1000000000;
        const int64_t now = m_style.now.count();
        m_out += fmt::format("[{:<8}.{:<6}]\t", now / SECOND, now % SECOND / 1000);
    }
    m_out += NfExpectText(m_table, expectation, NfConntrackKind::UNKNOWN, m_style) + "\n";
    m_counted++;
}

std::vector<NfConnPtr>
Conntrack::Matching(bool (*matches)(const NfConntrackRequest&, const NfConntrackMessage&))
{
    // A listing is filtered by the kernel too, and there a status must be exact.
    const bool exact = m_request.act == Act::LIST && m_request.status;
    const uint32_t mask = exact ? m_request.statusMask : 0;
    std::vector<NfConnPtr> found;
    m_table.ForEach([&](NfConn& conn) {
        const bool family =
            m_request.family == NfFamily::UNSPEC || m_request.family == conn.GetFamily();
        const bool status = !exact || (conn.status & mask) == *m_request.status;
        if (family && status && matches(m_request, NfConntrackDumpMessage(m_table, conn)))
        {
            found.emplace_back(&conn);
        }
    });
    return found;
}

NfCommandResult
Conntrack::List()
{
    static constexpr std::array FILTERS = {Opt::PROTOCOL,
                                           Opt::ORIG_SRC,
                                           Opt::ORIG_DST,
                                           Opt::REPLY_SRC,
                                           Opt::REPLY_DST,
                                           Opt::MARK,
                                           Opt::SECMARK,
                                           Opt::STATUS,
                                           Opt::ID,
                                           Opt::ZONE,
                                           Opt::LABEL,
                                           Opt::ORIG_ZONE,
                                           Opt::REPLY_ZONE};
    // The kernel has no lists of dying and unconfirmed entries to show any more.
    if (m_request.table != "conntrack")
    {
        return Done();
    }
    const bool filters = std::any_of(FILTERS.begin(), FILTERS.end(), [this](Opt option) {
        return m_request.Has(option);
    });
    if (filters && m_request.Has(Opt::ZERO))
    {
        return Misuse("Can't use -z with filtering parameters");
    }
    if (const std::string bad = NfConntrackBadFilter(m_request); !bad.empty())
    {
        return Misuse(bad);
    }
    if (m_request.status && m_request.statusMask == 0)
    {
        return Fail(-EINVAL);
    }
    for (const NfConnPtr& conn : Matching(NfConntrackMatches))
    {
        Print(NfConntrackDumpMessage(m_table, *conn, 0), NfConntrackKind::NEW);
        if (m_request.Has(Opt::ZERO) && conn->Ext().acct)
        {
            *conn->Ext().acct = {};
        }
    }
    return Done();
}

NfCommandResult
Conntrack::ListExpectations()
{
    m_table.ForEachExpectation([&](const NfExpectationPtr& e) {
        if (m_request.family == e->tuple.family)
        {
            PrintExpectation(*e);
        }
    });
    return Done();
}

NfCommandResult
Conntrack::CountExpectations()
{
    // Without -f, which -C does not take, the tool asks for those of IPv4.
    size_t count = 0;
    m_table.ForEachExpectation(
        [&](const NfExpectationPtr& e) { count += m_request.family == e->tuple.family ? 1 : 0; });
    return {0, fmt::format("{}\n", count), ""};
}

NfCommandResult
Conntrack::FlushExpectations()
{
    const Reporting reporting(m_netns);
    std::vector<NfExpectationPtr> all;
    m_table.ForEachExpectation([&all](const NfExpectationPtr& e) { all.push_back(e); });
    for (const NfExpectationPtr& expectation : all)
    {
        m_table.Unexpect(expectation);
    }
    return {0, "", std::string(NF_CONNTRACK_TOOL) + "expectation table has been emptied.\n"};
}

NfCommandResult
Conntrack::Create()
{
    const Reporting reporting(m_netns);
    const int error = m_netlink.Create(m_request);
    if (error && !(error == -EEXIST && m_request.act == Act::ADD))
    {
        return Fail(error);
    }
    m_counted = error ? 0 : 1;
    return Done();
}

NfCommandResult
Conntrack::Update()
{
    if (const std::string bad = NfConntrackBadFilter(m_request); !bad.empty())
    {
        return Misuse(bad);
    }
    const Reporting reporting(m_netns);
    for (const NfConnPtr& conn : Matching(NfConntrackMatchesUpdate))
    {
        if (!m_netlink.WouldChange(m_request, *conn))
        {
            continue;
        }
        // The tool names no zone, and so asks for an entry of zone 0.
        if (conn->zone && conn->zoneDir == 3)
        {
            m_err += fmt::format("Operation failed: {}\n", std::strerror(ENOENT));
            continue;
        }
        // The tool names no family to the kernel unless an address or -f tells it.
        const bool open = m_request.family == NfFamily::UNSPEC;
        if (const int error = open ? -EOPNOTSUPP : m_netlink.Change(m_request, *conn))
        {
            m_err += fmt::format("Operation failed: {}\n", ErrorName(Act::UPDATE, -error));
        }
        if (open)
        {
            return Fail(-EOPNOTSUPP);
        }
        Print(NfConntrackDumpMessage(m_table, *conn, 1), NfConntrackKind::NEW);
    }
    return Done();
}

NfCommandResult
Conntrack::Delete()
{
    if (const std::string bad = NfConntrackBadFilter(m_request); !bad.empty())
    {
        return Misuse(bad);
    }
    const Reporting reporting(m_netns);
    for (const NfConnPtr& conn : Matching(NfConntrackMatches))
    {
        Print(NfConntrackDumpMessage(m_table, *conn), NfConntrackKind::DESTROY);
        m_table.Kill(*conn);
    }
    return Done();
}

NfCommandResult
Conntrack::Get()
{
    int error = 0;
    const NfConnPtr conn = m_netlink.Get(m_request, error);
    if (!conn)
    {
        return Fail(error);
    }
    const NfConntrackMessage message = NfConntrackDumpMessage(m_table, *conn, 1);
    if (NfConntrackMatches(m_request, message))
    {
        Print(message, NfConntrackKind::NEW);
    }
    return Done();
}

NfCommandResult
Conntrack::Flush()
{
    const Reporting reporting(m_netns);
    // Linux looks at the family only with a version of the message that this tool does not send.
    m_table.KillIf([](const NfConn&) { return true; });
    return {0,
            "",
            std::string(NF_CONNTRACK_TOOL) + "connection tracking table has been emptied.\n"};
}

NfCommandResult
Conntrack::Events() const
{
    if (const std::string bad = NfConntrackBadFilter(m_request); !bad.empty())
    {
        return Misuse(bad);
    }
    std::string notes;
    if (m_request.Has(Opt::BUFFER_SIZE))
    {
        // Linux keeps twice the size asked for.
        notes = fmt::format("NOTICE: Netlink socket buffer size has been set to {} bytes.\n",
                            std::max<uint64_t>(2 * m_request.bufferSize, 2304));
    }
    const auto stream =
        std::make_shared<NfConntrackStream>(m_netns, m_request, NfConntrackLabels(m_netns));
    m_netns.AddStream(stream);
    return {0, "", notes, stream};
}

NfCommandResult
Conntrack::Statistics() const
{
    const NfConntrackStats& s = m_table.GetStats();
    if (m_request.act == Act::EXP_STATS)
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

} // namespace

NfCommandResult
NfRunConntrack(NfNetns& netns, const NfConntrackRequest& request, const NfLabelMap* labels)
{
    return Conntrack(netns, request, labels).Run();
}

namespace
{

NfCommandResult
RunConntrack(NfNetns& netns, const NfCommandLine& line)
{
    const std::optional<NfLabelMap> map = NfConntrackLabels(netns);
    const NfLabelMap* labels = map ? &*map : nullptr;
    if (line.args.size() > 2 && (line.args[1] == "-R" || line.args[1] == "--load-file"))
    {
        return NfConntrackLoad(netns, line.args[2], line.input, labels);
    }
    NfResult<NfConntrackRequest> request = NfParseConntrackRequest(line.args, labels);
    if (!request)
    {
        return {request.Error().status, "", request.Error().message + "\n"};
    }
    NfCommandResult result = NfRunConntrack(netns, *request, labels);
    result.err = request->notes + result.err;
    return result;
}

} // namespace

extern const NfCommand NF_CMD_CONNTRACK;
const NfCommand NF_CMD_CONNTRACK{"conntrack", RunConntrack};

} // namespace ns3
