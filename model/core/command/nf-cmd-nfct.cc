/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// nfct(8) of conntrack-tools 1.4.7: timeout policies (Linux: nfnetlink_cttimeout.c), and the syntax
// of helpers in user space, which Linux's interface for them then refuses where it is not built.
#include "../conntrack/nf-cttimeout.h"
#include "../conntrack/nf-l4-tracker.h"
#include "../xtables/xt-names.h"
#include "nf-command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace ns3
{

namespace
{

enum class Verb : uint8_t
{
    LIST,
    ADD,
    DELETE,
    GET,
    FLUSH,
    DISABLE,
    DEFAULT_SET,
    DEFAULT_GET,
};

enum class Subject : uint8_t
{
    TIMEOUT,
    HELPER,
    VERSION,
    HELP,
};

// In the order in which the tool compares beginnings.
constexpr std::array<std::string_view, 8> VERBS =
    {"list", "add", "delete", "get", "flush", "disable", "default-set", "default-get"};
constexpr std::array<std::string_view, 4> SUBJECTS = {"timeout", "helper", "version", "help"};

constexpr const char* USAGE = "Usage: nfct command subsystem [parameters]...\n";
constexpr const char* VERSION =
    "nfct v1.4.7: utility for the Netfilter's Connection Tracking System\n"
    "Copyright (C) 2012 Pablo Neira Ayuso <pablo@netfilter.org>\n"
    "This program comes with ABSOLUTELY NO WARRANTY.\n"
    "This is free software, and you are welcome to redistribute it under certain \n"
    "conditions; see LICENSE file distributed in this package for details.\n";
constexpr const char* HELP =
    "nfct v1.4.7: utility for the Netfilter's Connection Tracking System\n"
    "Usage: nfct command [parameters]...\n\n"
    "Subsystem:\n"
    "  helper\t\tAllows to configure user-space helper\n"
    "  timeout\t\tAllows definition of fine-grain timeout policies\n"
    "  version\t\tDisplay version and disclaimer\n"
    "  help\t\t\tDisplay this help message\n"
    "Commands:\n"
    "  list [reset]\t\tList the accounting object table (and reset)\n"
    "  add object-name\tAdd new accounting object to table\n"
    "  delete object-name\tDelete existing accounting object\n"
    "  get object-name\tGet existing accounting object\n"
    "  disable\t\tDisable queueing packets to userspace for helper inspection\n"
    "  default-set\t\tSet default timeouts\n"
    "  default-get\t\tGet default timeouts\n"
    "  flush\t\t\tFlush accounting object table\n";
constexpr const char* TIMEOUT_USAGE =
    "nfct v1.4.7: Missing command\n"
    "nfct <list|add|delete|get|default-set|default-get|flush> timeout [<parameters>, ...]\n";
constexpr const char* HELPER_USAGE =
    "nfct v1.4.7: Missing command\n"
    "nfct helper list|add|delete|disable|get|flush [parameters...]\n";

constexpr std::array<std::string_view, 11> TCP_STATES = {"SYN_SENT",
                                                         "SYN_RECV",
                                                         "ESTABLISHED",
                                                         "FIN_WAIT",
                                                         "CLOSE_WAIT",
                                                         "LAST_ACK",
                                                         "TIME_WAIT",
                                                         "CLOSE",
                                                         "SYN_SENT2",
                                                         "RETRANS",
                                                         "UNACKNOWLEDGED"};
constexpr std::array<std::string_view, 7> SCTP_STATES = {"CLOSED",
                                                         "COOKIE_WAIT",
                                                         "COOKIE_ECHOED",
                                                         "ESTABLISHED",
                                                         "SHUTDOWN_SENT",
                                                         "SHUTDOWN_RECD",
                                                         "SHUTDOWN_ACK_SENT"};
constexpr std::array<std::string_view, 7> DCCP_STATES =
    {"REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT"};
constexpr std::array<std::string_view, 2> UDP_STATES = {"UNREPLIED", "REPLIED"};
constexpr std::array<std::string_view, 1> ONE_STATE = {"TIMEOUT"};

/// Names of a protocol's timeouts as the tool has them.
struct States
{
    uint8_t protocol;
    const std::string_view* names;
    size_t count;
};

constexpr std::array STATES = {
    States{NF_IPPROTO_ICMP, ONE_STATE.data(), ONE_STATE.size()},
    States{NF_IPPROTO_TCP, TCP_STATES.data(), TCP_STATES.size()},
    States{NF_IPPROTO_UDP, UDP_STATES.data(), UDP_STATES.size()},
    States{NF_IPPROTO_UDPLITE, UDP_STATES.data(), UDP_STATES.size()},
    States{NF_IPPROTO_SCTP, SCTP_STATES.data(), SCTP_STATES.size()},
    States{NF_IPPROTO_DCCP, DCCP_STATES.data(), DCCP_STATES.size()},
    States{NF_IPPROTO_ICMPV6, ONE_STATE.data(), ONE_STATE.size()},
    States{NF_IPPROTO_GRE, UDP_STATES.data(), UDP_STATES.size()},
    States{NfTimeoutPolicy::GENERIC, ONE_STATE.data(), ONE_STATE.size()},
};

/// A helper that the tool can announce.
struct UserHelper
{
    std::string_view name;
    uint8_t protocol;
};

constexpr std::array USER_HELPERS = {UserHelper{"amanda", NF_IPPROTO_UDP},
                                     UserHelper{"dhcpv6", NF_IPPROTO_UDP},
                                     UserHelper{"ftp", NF_IPPROTO_TCP},
                                     UserHelper{"mdns", NF_IPPROTO_UDP},
                                     UserHelper{"rpc", NF_IPPROTO_TCP},
                                     UserHelper{"rpc", NF_IPPROTO_UDP},
                                     UserHelper{"sane", NF_IPPROTO_TCP},
                                     UserHelper{"slp", NF_IPPROTO_UDP},
                                     UserHelper{"ssdp", NF_IPPROTO_UDP},
                                     UserHelper{"ssdp", NF_IPPROTO_TCP},
                                     UserHelper{"tftp", NF_IPPROTO_UDP},
                                     UserHelper{"tns", NF_IPPROTO_TCP}};

NfCommandResult
Fail(const std::string& text)
{
    return {1, "", "nfct v1.4.7: " + text + "\n"};
}

/// @param error negative number @return its message
NfCommandResult
NetlinkError(int error)
{
    return Fail(fmt::format("netlink error: {}", std::strerror(-error)));
}

/// @return index of the first name that starts so
template <class T, size_t N>
std::optional<T>
ByStart(const std::array<std::string_view, N>& names, const std::string& start)
{
    const auto it = std::find_if(names.begin(), names.end(), [&start](std::string_view name) {
        return name.substr(0, start.size()) == start;
    });
    return it != names.end() ? std::optional(static_cast<T>(it - names.begin())) : std::nullopt;
}

bool
SameLetters(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return lower(x) == lower(y);
           });
}

std::optional<NfFamily>
ParseFamily(const std::string& word)
{
    return word == "inet"    ? std::optional(NfFamily::IPV4)
           : word == "inet6" ? std::optional(NfFamily::IPV6)
                             : std::nullopt;
}

/// @param word of /etc/protocols, aliases in capitals too
std::optional<uint8_t>
ParseProtocol(const std::string& word)
{
    std::string lower = word;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    const bool capitals =
        std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (word == "generic")
    {
        return NfTimeoutPolicy::GENERIC;
    }
    return word == "all" ? std::nullopt : XtProtocolNumber(capitals ? lower : word);
}

const States*
FindStates(uint8_t protocol)
{
    const auto it = std::find_if(STATES.begin(), STATES.end(), [protocol](const States& row) {
        return row.protocol == protocol;
    });
    return it != STATES.end() ? &*it : nullptr;
}

/// nfct ... timeout
class TimeoutCommand
{
  public:
    TimeoutCommand(NfTimeoutPolicies& policies, const std::vector<std::string>& args)
        : m_policies(policies),
          m_args(args)
    {
    }

    NfCommandResult Run(Verb verb)
    {
        switch (verb)
        {
        case Verb::LIST:
            return List();
        case Verb::ADD:
            return Add();
        case Verb::DELETE:
        case Verb::GET:
            return OnOne(verb);
        case Verb::FLUSH:
            return Flush();
        case Verb::DEFAULT_SET:
            return SetDefault();
        case Verb::DEFAULT_GET:
            return GetDefault();
        default:
            return {1, "", TIMEOUT_USAGE};
        }
    }

  private:
    /// What a policy is for, from "inet tcp established 100 ..."
    struct Spec
    {
        NfFamily family{NfFamily::IPV4};
        uint8_t protocol{0};
        std::vector<std::pair<std::string_view, uint32_t>> values;
    };

    NfCommandResult List();
    NfCommandResult Add();
    NfCommandResult OnOne(Verb verb);
    NfCommandResult Flush();
    NfCommandResult SetDefault();
    NfCommandResult GetDefault();
    std::string ParseTarget(size_t at, Spec& spec) const;
    std::string ParseSpec(size_t at, Spec& spec) const;
    NfTimeoutValues Resolve(const Spec& spec) const;
    std::string Body(NfFamily family, uint8_t protocol, const std::vector<uint32_t>& seconds) const;

    std::string Text(const NfTimeoutPolicy& policy) const
    {
        return fmt::format(".{} = {{\n{}",
                           policy.name,
                           Body(policy.family, policy.protocol, policy.seconds));
    }

    NfTimeoutPolicies& m_policies;
    const std::vector<std::string>& m_args;
};

/// @return the message, empty if all is well
std::string
TimeoutCommand::ParseTarget(size_t at, Spec& spec) const
{
    const std::optional<NfFamily> family = ParseFamily(m_args[at]);
    if (!family)
    {
        return "unknown layer 3 protocol";
    }
    const std::optional<uint8_t> protocol = ParseProtocol(m_args[at + 1]);
    if (!protocol)
    {
        return "unknown layer 4 protocol";
    }
    spec.family = *family;
    spec.protocol = *protocol;
    return {};
}

std::string
TimeoutCommand::ParseSpec(size_t at, Spec& spec) const
{
    if (std::string message = ParseTarget(at, spec); !message.empty())
    {
        return message;
    }
    const States* states = FindStates(spec.protocol);
    size_t word = at + 2;
    for (; word + 1 < m_args.size(); word += 2)
    {
        const std::string_view* end = states ? states->names + states->count : nullptr;
        const std::string_view* found =
            std::find_if(states ? states->names : nullptr, end, [&](std::string_view name) {
                return SameLetters(name, m_args[word]);
            });
        if (found == end)
        {
            return fmt::format("Wrong state name: `{}' for protocol `{}'",
                               m_args[word],
                               m_args[at + 1]);
        }
        const long value = std::strtol(m_args[word + 1].c_str(), nullptr, 10);
        spec.values.emplace_back(*found, static_cast<uint32_t>(value));
    }
    return word < m_args.size() ? "missing value for this timeout" : "";
}

NfTimeoutValues
TimeoutCommand::Resolve(const Spec& spec) const
{
    NfTimeoutValues values;
    const NfL4Tracker* tracker = m_policies.FindTracker(spec.protocol);
    const std::vector<std::string_view> names =
        tracker ? tracker->GetTimeoutNames() : std::vector<std::string_view>{};
    for (const auto& [name, seconds] : spec.values)
    {
        for (size_t i = 0; i < names.size(); ++i)
        {
            if (SameLetters(names[i], name))
            {
                values.emplace_back(i, seconds);
            }
        }
    }
    return values;
}

std::string
TimeoutCommand::Body(NfFamily family, uint8_t protocol, const std::vector<uint32_t>& seconds) const
{
    std::string text = fmt::format("\t.l3proto = {},\n\t.l4proto = {},\n\t.policy = {{\n",
                                   static_cast<unsigned>(family),
                                   protocol);
    const States* states = FindStates(protocol);
    const NfL4Tracker* tracker = m_policies.FindTracker(protocol);
    const std::vector<std::string_view> names =
        tracker ? tracker->GetTimeoutNames() : std::vector<std::string_view>{};
    for (size_t s = 0; states && s < states->count; ++s)
    {
        for (size_t i = 0; i < names.size() && i < seconds.size(); ++i)
        {
            if (SameLetters(names[i], states->names[s]))
            {
                text += fmt::format("\t\t.{} = {},\n", states->names[s], seconds[i]);
            }
        }
    }
    return text + "\t},\n};\n";
}

NfCommandResult
TimeoutCommand::List()
{
    if (m_args.size() > 3)
    {
        return Fail("too many arguments");
    }
    std::string text;
    m_policies.ForEach([&](const NfTimeoutPolicy& policy) { text += Text(policy); });
    return {0, text, ""};
}

NfCommandResult
TimeoutCommand::Add()
{
    if (m_args.size() < 6)
    {
        return Fail("missing parameters\n"
                    "syntax: nfct add timeout name family protocol state1 timeout1 ...");
    }
    Spec spec;
    if (const std::string message = ParseSpec(4, spec); !message.empty())
    {
        return Fail(message);
    }
    // Without values the tool sends none, which the kernel does not take.
    const std::string name = m_args[3].substr(0, NfTimeoutPolicy::MAX_NAME);
    const int error = spec.values.empty()
                          ? -EINVAL
                          : m_policies.Add(name, spec.family, spec.protocol, Resolve(spec));
    return error ? NetlinkError(error) : NfCommandResult{};
}

NfCommandResult
TimeoutCommand::OnOne(Verb verb)
{
    if (m_args.size() != 4)
    {
        return Fail(m_args.size() < 4 ? "missing timeout policy name" : "too many arguments");
    }
    const std::string name = m_args[3].substr(0, NfTimeoutPolicy::MAX_NAME);
    if (verb == Verb::DELETE)
    {
        const int error = m_policies.Remove(name);
        return error ? NetlinkError(error) : NfCommandResult{};
    }
    const NfTimeoutPolicy* policy = m_policies.Find(name);
    return policy ? NfCommandResult{0, Text(*policy), ""} : NetlinkError(-ENOENT);
}

NfCommandResult
TimeoutCommand::Flush()
{
    if (m_args.size() > 3)
    {
        return Fail("too many arguments");
    }
    m_policies.RemoveUnused();
    return {};
}

NfCommandResult
TimeoutCommand::SetDefault()
{
    if (m_args.size() < 6)
    {
        return Fail("missing parameters\n"
                    "syntax: nfct default-set timeout family protocol state1 timeout1...");
    }
    Spec spec;
    if (const std::string message = ParseSpec(3, spec); !message.empty())
    {
        return Fail(message);
    }
    const int error =
        spec.values.empty() ? -EINVAL : m_policies.SetDefault(spec.protocol, Resolve(spec));
    return error ? NetlinkError(error) : NfCommandResult{};
}

NfCommandResult
TimeoutCommand::GetDefault()
{
    if (m_args.size() < 5)
    {
        return Fail("missing parameters\nsyntax: nfct default-get timeout family protocol");
    }
    Spec spec;
    if (const std::string message = ParseTarget(3, spec); !message.empty())
    {
        return Fail(message);
    }
    std::vector<uint32_t> seconds;
    const int error = m_policies.GetDefault(spec.protocol, seconds);
    return error ? NetlinkError(error)
                 : NfCommandResult{0, Body(spec.family, spec.protocol, seconds), ""};
}

std::string
CheckHelperWords(const std::vector<std::string>& args)
{
    if (args.size() > 4 && !ParseFamily(args[4]))
    {
        return "unknown layer 3 protocol";
    }
    if (args.size() > 5 && args[5] != "tcp" && args[5] != "udp")
    {
        return "unsupported layer 4 protocol";
    }
    return {};
}

std::string
CheckHelper(Verb verb, const std::vector<std::string>& args)
{
    const bool whole = verb == Verb::ADD || verb == Verb::DISABLE;
    if (whole && args.size() < 6)
    {
        return fmt::format("missing parameters\nsyntax: nfct {} helper name family protocol",
                           verb == Verb::ADD ? "add" : "disable");
    }
    if ((verb == Verb::LIST || verb == Verb::FLUSH) && args.size() > 3)
    {
        return "too many arguments";
    }
    if (verb == Verb::GET || verb == Verb::DELETE)
    {
        if (args.size() < 4 || args.size() > 6)
        {
            return args.size() < 4 ? "missing helper policy name" : "too many arguments";
        }
    }
    if (std::string message = CheckHelperWords(args); !message.empty())
    {
        return message;
    }
    const bool known =
        !whole || std::any_of(USER_HELPERS.begin(), USER_HELPERS.end(), [&](const auto& row) {
            return row.name == args[3] &&
                   row.protocol == (args[5] == "tcp" ? NF_IPPROTO_TCP : NF_IPPROTO_UDP);
        });
    return known ? "" : "that helper is not supported";
}

NfCommandResult
RunHelper(Verb verb, const std::vector<std::string>& args)
{
    if (verb == Verb::DEFAULT_SET || verb == Verb::DEFAULT_GET)
    {
        return {1, "", fmt::format("nfct v1.4.7: Unknown command: {}\n{}", args[2], HELPER_USAGE)};
    }
    const std::string message = CheckHelper(verb, args);
    return message.empty() ? NetlinkError(-EINVAL) : Fail(message);
}

NfCommandResult
RunNfct(NfNetns& netns, const NfCommandLine& line)
{
    if (line.args.size() < 3)
    {
        return {1, "", USAGE};
    }
    std::optional<Verb> verb = ByStart<Verb>(VERBS, line.args[1]);
    // Older versions had the subject first.
    const bool turned = !verb;
    const std::optional<Subject> subject = ByStart<Subject>(SUBJECTS, line.args[turned ? 1 : 2]);
    if (!subject)
    {
        return {1, "", fmt::format("nfct v1.4.7: Unknown subsystem: {}\n{}", line.args[1], USAGE)};
    }
    verb = turned ? ByStart<Verb>(VERBS, line.args[2]) : verb;
    if (!verb)
    {
        return {1, "", fmt::format("nfct v1.4.7: Unknown command: {}\n{}", line.args[1], USAGE)};
    }
    switch (*subject)
    {
    case Subject::VERSION:
        return {0, VERSION, ""};
    case Subject::HELP:
        return {0, HELP, ""};
    case Subject::HELPER:
        return RunHelper(*verb, line.args);
    default:
        return TimeoutCommand(netns.GetConntrack().GetTimeoutPolicies(), line.args).Run(*verb);
    }
}

} // namespace

extern const NfCommand NF_CMD_NFCT;
const NfCommand NF_CMD_NFCT{"nfct", RunNfct};

} // namespace ns3
