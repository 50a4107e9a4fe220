/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-builtin.h"
#include "nf-ipset-text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>

namespace ns3
{
namespace
{

constexpr const char* VERSION = "ipset v7.17";
constexpr size_t MAX_NAME = 31;
constexpr size_t MAX_WORDS = 32; //!< of a line of restore, with the program's name

/// Status of a tool that leaves with -1.
constexpr int STATUS_LOST = 255;

enum class Verb : uint8_t
{
    NONE,
    CREATE,
    ADD,
    DEL,
    TEST,
    DESTROY,
    LIST,
    SAVE,
    RESTORE,
    FLUSH,
    RENAME,
    SWAP,
    HELP,
    VERSION,
    QUIT,
};

struct VerbRow
{
    Verb verb;
    const char* name;
    const char* others[3]; //!< other names
    unsigned needs;        //!< words that must follow
    bool takesOne;         //!< a word may follow
    const char* help;
};

constexpr VerbRow VERBS[] = {
    {Verb::CREATE,
     "create",
     {"new", "n", "-N"},
     2,
     true,
     "SETNAME TYPENAME [type-specific-options]\n        Create a new set"},
    {Verb::ADD,
     "add",
     {"-A", nullptr, nullptr},
     2,
     true,
     "SETNAME ENTRY\n        Add entry to the named set"},
    {Verb::DEL,
     "del",
     {"-D", nullptr, nullptr},
     2,
     true,
     "SETNAME ENTRY\n        Delete entry from the named set"},
    {Verb::TEST,
     "test",
     {"-T", nullptr, nullptr},
     2,
     true,
     "SETNAME ENTRY\n        Test entry in the named set"},
    {Verb::DESTROY,
     "destroy",
     {"x", "-X", nullptr},
     0,
     true,
     "[SETNAME]\n        Destroy a named set or all sets"},
    {Verb::LIST,
     "list",
     {"-L", nullptr, nullptr},
     0,
     true,
     "[SETNAME]\n        List the entries of a named set or all sets"},
    {Verb::SAVE,
     "save",
     {"-S", nullptr, nullptr},
     0,
     true,
     "[SETNAME]\n        Save the named set or all sets to stdout"},
    {Verb::RESTORE,
     "restore",
     {"-R", nullptr, nullptr},
     0,
     false,
     "\n        Restore a saved state"},
    {Verb::FLUSH,
     "flush",
     {"-F", nullptr, nullptr},
     0,
     true,
     "[SETNAME]\n        Flush a named set or all sets"},
    {Verb::RENAME,
     "rename",
     {"e", "-E", nullptr},
     2,
     true,
     "FROM-SETNAME TO-SETNAME\n        Rename two sets"},
    {Verb::SWAP,
     "swap",
     {"w", "-W", nullptr},
     2,
     true,
     "FROM-SETNAME TO-SETNAME\n        Swap the contect of two existing sets"},
    {Verb::HELP,
     "help",
     {"-h", "-H", nullptr},
     0,
     true,
     "[TYPENAME]\n        Print help, and settype specific help"},
    {Verb::VERSION,
     "version",
     {"-v", "-V", nullptr},
     0,
     false,
     "\n        Print version information"},
    {Verb::QUIT, "quit", {nullptr, nullptr, nullptr}, 0, false, "\n        Quit interactive mode"},
};

constexpr const char* OPTION_HELP =
    "\nOptions:\n"
    "-o plain|save|xml\n"
    "       Specify output mode for listing sets.\n"
    "       Default value for \"list\" command is mode \"plain\"\n"
    "       and for \"save\" command is mode \"save\".\n"
    "-s \n"
    "        Print elements sorted (if supported by the set type).\n"
    "-q \n"
    "        Suppress any notice or warning message.\n"
    "-r \n"
    "        Try to resolve IP addresses in the output (slow!)\n"
    "-! \n"
    "        Ignore errors when creating or adding sets or\n"
    "        elements that do exist or when deleting elements\n"
    "        that don't exist.\n"
    "-n \n"
    "        When listing, just list setnames from the kernel.\n"
    "\n"
    "-t \n"
    "        When listing, list setnames and set headers\n"
    "        from kernel only.\n"
    "-f \n"
    "        Read from the given file instead of standard\n"
    "        input (restore) or write to given file instead\n"
    "        of standard output (list/save).\n";

enum class Mode : uint8_t
{
    DEFAULT,
    PLAIN,
    SAVE,
    XML,
};

/// One word of "ipset cr"; the whole name, its beginning, or another name.
bool
IsVerb(std::string word, const VerbRow& row)
{
    if (word.size() > 2 && word.compare(0, 2, "--") == 0)
    {
        word = word.substr(2);
    }
    if (!word.empty() && std::string_view(row.name).substr(0, word.size()) == word)
    {
        return true;
    }
    return std::any_of(std::begin(row.others), std::end(row.others), [&word](const char* other) {
        return other && word == other;
    });
}

const IpSetOption*
OptionsOf(const IpSetType& type, Verb verb)
{
    switch (verb)
    {
    case Verb::CREATE:
        return type.create;
    case Verb::ADD:
        return type.add;
    case Verb::DEL:
        return type.del;
    default:
        return type.test;
    }
}

const char*
FamilyName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "inet6" : family == NfFamily::IPV4 ? "inet" : "unspec";
}

/// Lists one set after the other.
class Lister
{
  public:
    Lister(Mode mode, bool namesOnly, bool terse, bool sorted, bool resolve)
        : m_mode(mode),
          m_namesOnly(namesOnly),
          m_terse(terse && mode != Mode::SAVE),
          m_sorted(sorted),
          m_resolve(resolve)
    {
    }

    std::string List(const std::vector<IpSet*>& sets)
    {
        m_out = m_mode == Mode::XML ? "<ipsets>\n" : "";
        for (size_t i = 0; i < sets.size(); i++)
        {
            One(*sets[i]);
            const bool gap = m_mode == Mode::PLAIN && !m_namesOnly && i + 1 < sets.size();
            m_out += gap ? "\n" : "";
        }
        m_out += m_mode == Mode::XML ? "</ipsets>\n" : "";
        return std::move(m_out);
    }

  private:
    void One(IpSet& set)
    {
        if (m_namesOnly && m_mode != Mode::SAVE)
        {
            const std::string& name = set.GetName();
            m_out +=
                m_mode == Mode::XML ? fmt::format("<ipset name=\"{}\"/>\n", name) : name + "\n";
            return;
        }
        Header(set);
        if (!m_terse)
        {
            Members(set);
        }
        m_out += m_mode == Mode::XML ? "</ipset>\n" : "";
    }

    void Header(IpSet& set)
    {
        const IpSetHeader header = set.GetHeader();
        const IpSetType& type = set.GetType();
        const auto options = NfShowIpSetOptions(type, header.options);
        switch (m_mode)
        {
        case Mode::XML:
            m_out += fmt::format("<ipset name=\"{}\">\n<type>{}</type>\n<revision>{}</revision>\n",
                                 set.GetName(),
                                 type.name,
                                 type.revision);
            m_out += "<header>" + Xml(options) + "\n";
            m_out += fmt::format("<memsize>{}</memsize>\n<references>{}</references>\n"
                                 "<numentries>{}</numentries>\n</header>\n",
                                 header.memory,
                                 set.GetReferences(),
                                 header.elements);
            break;
        case Mode::SAVE:
            m_out += fmt::format("create {} {}{}\n", set.GetName(), type.name, Plain(options));
            break;
        default:
            m_out += fmt::format("Name: {}\nType: {}\nRevision: {}\nHeader:{}\n"
                                 "Size in memory: {}\nReferences: {}\nNumber of entries: {}\n",
                                 set.GetName(),
                                 type.name,
                                 type.revision,
                                 Plain(options),
                                 header.memory,
                                 set.GetReferences(),
                                 header.elements);
        }
    }

    void Members(IpSet& set)
    {
        m_out += m_mode == Mode::XML ? "<members>\n" : m_mode == Mode::PLAIN ? "Members:\n" : "";
        const IpSetType& type = set.GetType();
        std::vector<std::pair<std::string, std::string>> rows;
        set.List([&](const IpSetEntry& entry) {
            std::string element = NfFormatIpSetElement(type, set.GetFamily(), entry, m_resolve);
            const auto shown = NfShowIpSetExtensions(type, entry);
            rows.emplace_back(std::move(element), m_mode == Mode::XML ? Xml(shown) : Plain(shown));
        });
        if (m_sorted && !(type.features & IPSET_TYPE_NAME))
        {
            std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
                return NfIpSetLess(a.first, b.first);
            });
        }
        for (const auto& [element, rest] : rows)
        {
            m_out += m_mode == Mode::XML
                         ? fmt::format("<member><elem>{}</elem>{}</member>\n", element, rest)
                     : m_mode == Mode::SAVE
                         ? fmt::format("add {} {}{}\n", set.GetName(), element, rest)
                         : element + rest + "\n";
        }
        m_out += m_mode == Mode::XML ? "</members>\n" : "";
    }

    static std::string Plain(const std::vector<NfIpSetShown>& shown)
    {
        std::string text;
        for (const auto& [name, value] : shown)
        {
            text += fmt::format(" {}{}{}", name, value.empty() ? "" : " ", value);
        }
        return text;
    }

    static std::string Xml(const std::vector<NfIpSetShown>& shown)
    {
        std::string text;
        for (const auto& [name, value] : shown)
        {
            text += value.empty() ? fmt::format("<{}/>", name)
                                  : fmt::format("<{0}>{1}</{0}>", name, value);
        }
        return text;
    }

    Mode m_mode;
    bool m_namesOnly;
    bool m_terse;
    bool m_sorted;
    bool m_resolve;
    std::string m_out;
};

/// One run of the tool (ipset: lib/ipset.c, lib/session.c).
class Session
{
  public:
    Session(NfNetns& netns, const NfCommandLine& line)
        : m_sets(netns.GetSets()),
          m_input(line.input)
    {
    }

    NfCommandResult Run(std::vector<std::string> words)
    {
        (void)Execute(std::move(words));
        return std::move(m_result);
    }

  private:
    /// An element that restore has not handed to the kernel yet.
    struct Pending
    {
        unsigned line;
        IpSetEntry entry;
        bool exist;
    };

    // All return whether the session goes on.

    bool Fail(const std::string& text)
    {
        m_result.status = 1;
        const std::string where = m_line ? fmt::format("Error in line {}: ", m_line) : "";
        m_result.err += m_quiet ? "" : fmt::format("{}: {}{}\n", VERSION, where, text);
        return false;
    }

    /// No line is told.
    bool Refuse(const std::string& text)
    {
        m_result.status = 1;
        m_result.err += m_quiet ? "" : fmt::format("{}: {}\n", VERSION, text);
        return false;
    }

    bool Misuse(const std::string& text)
    {
        m_result.status = 2;
        m_result.err +=
            m_quiet
                ? ""
                : fmt::format("{}: {}\nTry `ipset help' for more information.\n", VERSION, text);
        return false;
    }

    bool FailWith(NfIpSetCommand command, int error)
    {
        return Fail(NfIpSetErrorText(command, error));
    }

    bool Execute(std::vector<std::string> words);
    bool TakeGlobalOptions(std::vector<std::string>& words);
    bool TakeGlobalOption(char letter, const std::string& value);
    bool Dispatch(const VerbRow& row, std::vector<std::string> words);
    bool Create(const std::vector<std::string>& words);
    bool Change(Verb verb, const std::vector<std::string>& words);
    bool Test(IpSet& set, const IpSetEntry& entry);
    bool Queue(Verb verb, const std::string& name, const IpSetEntry& entry);
    bool Commit();
    bool List(Verb verb, const std::vector<std::string>& words);
    bool Restore();
    bool SplitLine(const std::string& line, std::vector<std::string>& words);
    bool Help(const std::vector<std::string>& words);
    bool TypeHelp(const std::string& name);
    bool TakeOptions(const IpSetType& type,
                     Verb verb,
                     const std::vector<std::string>& words,
                     bool familyPass,
                     NfIpSetWords& into);
    bool CheckForms(const IpSetType& type, const NfIpSetWords& words);
    bool CheckRange(const IpSetType& type, const NfIpSetWords& words);
    bool CheckName(const std::string& name);
    bool Outcome(NfIpSetCommand command, int error);

    IpSets& m_sets;
    const std::string& m_input;
    NfCommandResult m_result;
    Mode m_mode{Mode::DEFAULT};
    bool m_sorted{false};
    bool m_quiet{false};
    bool m_resolve{false};
    bool m_exist{false};
    bool m_namesOnly{false};
    bool m_terse{false};
    std::string m_file;
    unsigned m_line{0}; //!< of restore, 0: command line
    std::set<std::string> m_known;
    Verb m_pendingVerb{Verb::NONE};
    std::string m_pendingSet;
    std::vector<Pending> m_pending;
};

bool
Session::TakeGlobalOption(char letter, const std::string& value)
{
    switch (letter)
    {
    case 'o':
        m_mode = value == "plain"  ? Mode::PLAIN
                 : value == "save" ? Mode::SAVE
                 : value == "xml"  ? Mode::XML
                                   : Mode::DEFAULT;
        return m_mode != Mode::DEFAULT ||
               Fail(fmt::format("Syntax error: unknown output mode '{}'", value));
    case 's':
        m_sorted = true;
        return true;
    case 'q':
        m_quiet = true;
        return true;
    case 'r':
        m_resolve = true;
        return true;
    case '!':
        m_exist = true;
        return true;
    case 'n':
        m_namesOnly = true;
        return true;
    case 't':
        m_terse = true;
        return true;
    default:
        m_file = value;
        return true;
    }
}

bool
Session::TakeGlobalOptions(std::vector<std::string>& words)
{
    struct Row
    {
        char letter;
        const char* name;
        bool hasValue;
    };

    constexpr Row ROWS[] = {
        {'o', "-output", true},
        {'s', "-sorted", false},
        {'q', "-quiet", false},
        {'r', "-resolve", false},
        {'!', "-exist", false},
        {'n', "-name", false},
        {'t', "-terse", false},
        {'f', "-file", true},
    };
    for (const Row& row : ROWS)
    {
        for (size_t i = 1; i < words.size();)
        {
            std::string word = words[i];
            word.erase(0, word.compare(0, 2, "--") == 0 ? 1 : 0);
            const bool isShort = word.size() == 2 && word[0] == '-' && word[1] == row.letter;
            if (!isShort && word != row.name)
            {
                i++;
                continue;
            }
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            std::string value;
            if (row.hasValue)
            {
                if (i >= words.size())
                {
                    return Misuse(
                        fmt::format("Missing mandatory argument to option -{}", row.letter));
                }
                value = words[i];
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            }
            if (!TakeGlobalOption(row.letter, value))
            {
                return false;
            }
        }
    }
    return true;
}

bool
Session::Execute(std::vector<std::string> words)
{
    if (!TakeGlobalOptions(words))
    {
        return false;
    }
    if (words.size() < 2)
    {
        return Misuse("No command specified.");
    }
    const auto row = std::find_if(std::begin(VERBS), std::end(VERBS), [&words](const VerbRow& r) {
        return IsVerb(words[1], r);
    });
    if (row == std::end(VERBS))
    {
        return Misuse("No command specified: unknown argument " + words[1]);
    }
    const bool outside =
        row->verb == Verb::RESTORE || row->verb == Verb::VERSION || row->verb == Verb::HELP;
    if (m_line && outside)
    {
        return Misuse(fmt::format("Command `{}' is invalid in restore mode.", row->name));
    }
    words.erase(words.begin(), words.begin() + 2);
    if (words.empty() && row->needs > 0)
    {
        return Misuse(fmt::format("Missing mandatory argument to command {}", row->name));
    }
    if (words.size() < row->needs)
    {
        return Misuse(fmt::format("Missing second mandatory argument to command {}", row->name));
    }
    return Dispatch(*row, std::move(words));
}

bool
Session::CheckName(const std::string& name)
{
    return name.size() <= MAX_NAME ||
           Fail(fmt::format("Syntax error: setname '{}' is longer than {} characters",
                            name,
                            MAX_NAME));
}

bool
Session::Outcome(NfIpSetCommand command, int error)
{
    return error == 0 || FailWith(command, error);
}

bool
Session::Dispatch(const VerbRow& row, std::vector<std::string> words)
{
    const Verb verb = row.verb;
    switch (verb)
    {
    case Verb::VERSION:
        m_result.out += fmt::format("{}, protocol version: 7\n", VERSION);
        return false;
    case Verb::HELP:
        return Help(words);
    case Verb::QUIT:
        return false;
    case Verb::CREATE:
        return Create(words);
    case Verb::ADD:
    case Verb::DEL:
    case Verb::TEST:
        return Change(verb, words);
    default:
        break;
    }
    for (const std::string& name : words)
    {
        if (!CheckName(name))
        {
            return false;
        }
    }
    const size_t takes = row.needs ? row.needs : row.takesOne ? 1 : 0;
    if (words.size() > takes)
    {
        return Misuse("Unknown argument " + words[takes]);
    }
    if (verb == Verb::RESTORE)
    {
        return Restore();
    }
    if (!Commit())
    {
        return false;
    }
    const bool all = words.empty();
    switch (verb)
    {
    case Verb::DESTROY:
        return Outcome(NfIpSetCommand::DESTROY,
                       all ? m_sets.DestroyAll() : m_sets.Destroy(words[0]));
    case Verb::FLUSH:
        if (all)
        {
            m_sets.FlushAll();
            return true;
        }
        return Outcome(NfIpSetCommand::OTHER, m_sets.Flush(words[0]));
    case Verb::RENAME:
        return Outcome(NfIpSetCommand::RENAME, m_sets.Rename(words[0], words[1]));
    case Verb::SWAP:
        return Outcome(NfIpSetCommand::SWAP, m_sets.Swap(words[0], words[1]));
    default:
        return List(verb, words);
    }
}

bool
Session::TakeOptions(const IpSetType& type,
                     Verb verb,
                     const std::vector<std::string>& words,
                     bool familyPass,
                     NfIpSetWords& into)
{
    const IpSetOption* options = OptionsOf(type, verb);
    for (size_t i = 2; i < words.size();)
    {
        const NfIpSetOptionName* name = NfFindIpSetOption(words[i], options);
        if (!name)
        {
            return Misuse(fmt::format("Unknown argument: `{}'", words[i]));
        }
        const std::string* value = &words[i++];
        if (name->hasValue)
        {
            if (i >= words.size())
            {
                return Misuse(fmt::format("Missing mandatory argument of option `{}'", name->name));
            }
            value = &words[i++];
        }
        if ((name->option == IpSetOption::FAMILY) != familyPass)
        {
            continue;
        }
        const NfStatus status = NfParseIpSetOption(*name, *value, into);
        if (!status)
        {
            return Fail(status.Error().message);
        }
    }
    return true;
}

bool
Session::CheckRange(const IpSetType& type, const NfIpSetWords& words)
{
    const IpSetOptions& o = words.options;
    for (const IpSetOption* option = type.create; *option != IpSetOption::END; option++)
    {
        const bool isIp = *option == IpSetOption::RANGE_IP;
        if (!isIp && *option != IpSetOption::RANGE_PORT)
        {
            continue;
        }
        if (isIp ? !o.ip : !o.port)
        {
            return Misuse("Mandatory option `range' is missing");
        }
        if (isIp ? !o.ipTo && !o.cidr : !o.portTo)
        {
            return Misuse("Mandatory option `to' is missing");
        }
    }
    return true;
}

bool
Session::Create(const std::vector<std::string>& words)
{
    if (!CheckName(words[0]))
    {
        return false;
    }
    if (words[1].size() > MAX_NAME)
    {
        return Fail(fmt::format("Syntax error: typename '{}' is longer than {} characters",
                                words[1],
                                MAX_NAME));
    }
    const IpSetType* type = NfFindIpSetType(words[1]);
    if (!type)
    {
        return Fail(fmt::format("Syntax error: typename '{}' is unknown", words[1]));
    }
    NfIpSetWords parsed;
    parsed.family = type->anyFamily ? NfFamily::IPV4 : type->family;
    if (!TakeOptions(*type, Verb::CREATE, words, true, parsed) ||
        !TakeOptions(*type, Verb::CREATE, words, false, parsed) || !CheckRange(*type, parsed) ||
        !Commit())
    {
        return false;
    }
    if (type->anyFamily && parsed.family == NfFamily::UNSPEC)
    {
        return FailWith(NfIpSetCommand::CREATE, IPSET_ERR_INVALID_FAMILY);
    }
    parsed.options.family = parsed.family;
    const int error = m_sets.Create(words[0], *type, parsed.options, m_exist);
    if (error)
    {
        return FailWith(NfIpSetCommand::CREATE, error);
    }
    m_known.insert(words[0]);
    if (!parsed.warning.empty() && !m_quiet)
    {
        m_result.err += "Warning: " + parsed.warning + "\n";
    }
    return true;
}

bool
Session::CheckForms(const IpSetType& type, const NfIpSetWords& words)
{
    const IpSetEntry& entry = words.entry;
    const char* form = nullptr;
    if (entry.portTo && (type.testRefuses & IPSET_FORM_PORTS))
    {
        form = "FROM-TO port";
    }
    if (entry.cidr && (type.testRefuses & IPSET_FORM_CIDR))
    {
        form = "IP/CIDR";
    }
    if (entry.ipTo && (type.testRefuses & IPSET_FORM_RANGE))
    {
        form = "FROM-TO IP";
    }
    return !form || Refuse(fmt::format(
                        "{} range is not allowed in command test with set type {} and family {}",
                        form,
                        type.name,
                        FamilyName(words.family)));
}

bool
Session::Change(Verb verb, const std::vector<std::string>& words)
{
    const std::string& name = words[0];
    // The tool asks the kernel about sets it does not know, and so hands over what waits.
    if (!CheckName(name) || (!m_known.count(name) && !Commit()))
    {
        return false;
    }
    IpSet* set = m_sets.Find(name);
    if (!set)
    {
        return FailWith(NfIpSetCommand::OTHER, ENOENT);
    }
    m_known.insert(name);
    const IpSetType& type = set->GetType();
    NfIpSetWords parsed;
    parsed.family = set->GetFamily();
    parsed.verb = verb == Verb::ADD ? "add" : verb == Verb::DEL ? "del" : "test";
    const NfStatus status = NfParseIpSetElement(type, words[1], parsed);
    if (!status)
    {
        return Fail(status.Error().message);
    }
    if (!TakeOptions(type, verb, words, false, parsed) ||
        (verb == Verb::TEST && !CheckForms(type, parsed)))
    {
        return false;
    }
    if (verb == Verb::TEST)
    {
        return Commit() && Test(*set, parsed.entry);
    }
    return Queue(verb, name, parsed.entry);
}

bool
Session::Test(IpSet& set, const IpSetEntry& entry)
{
    // The kernel makes no difference between errors; a test is the last thing restore does.
    const int error = set.Act(IpSetAction::TEST, entry, false);
    IpSetEntry shown = entry;
    shown.physdev = false; // The tool does not tell it here.
    const std::string element =
        NfFormatIpSetElement(set.GetType(), set.GetFamily(), shown, m_resolve);
    const char* text = error ? "{} is NOT in set {}.\n" : "Warning: {} is in set {}.\n";
    m_result.err += m_quiet ? "" : fmt::format(fmt::runtime(text), element, set.GetName());
    m_result.status = error ? 1 : 0;
    return false;
}

bool
Session::Queue(Verb verb, const std::string& name, const IpSetEntry& entry)
{
    if ((verb != m_pendingVerb || name != m_pendingSet) && !Commit())
    {
        return false;
    }
    m_pendingVerb = verb;
    m_pendingSet = name;
    m_pending.push_back(Pending{m_line, entry, m_exist});
    return m_line || Commit();
}

bool
Session::Commit()
{
    const std::vector<Pending> pending = std::move(m_pending);
    m_pending.clear();
    IpSet* set = pending.empty() ? nullptr : m_sets.Find(m_pendingSet);
    const bool add = m_pendingVerb == Verb::ADD;
    for (const Pending& one : pending)
    {
        const int error =
            set ? set->Act(add ? IpSetAction::ADD : IpSetAction::DEL, one.entry, one.exist)
                : ENOENT;
        if (error)
        {
            m_line = one.line;
            return FailWith(add ? NfIpSetCommand::ADD : NfIpSetCommand::DEL, error);
        }
    }
    return true;
}

bool
Session::List(Verb verb, const std::vector<std::string>& words)
{
    m_sets.ReleaseExpired();
    std::vector<IpSet*> sets = m_sets.GetAll();
    if (!words.empty())
    {
        sets = {m_sets.Find(words[0])};
        if (!sets[0])
        {
            return FailWith(NfIpSetCommand::OTHER, ENOENT);
        }
    }
    const Mode usual = verb == Verb::SAVE ? Mode::SAVE : Mode::PLAIN;
    Lister lister(m_mode == Mode::DEFAULT ? usual : m_mode,
                  m_namesOnly,
                  m_terse,
                  m_sorted,
                  m_resolve);
    const std::string text = lister.List(sets);
    if (m_file.empty())
    {
        m_result.out += text;
        return true;
    }
    std::ofstream file(m_file);
    file << text;
    if (!file.flush())
    {
        m_result.status = STATUS_LOST;
        return false;
    }
    return true;
}

/// Words of a line of restore: blanks part them, quotes keep them together.
bool
Session::SplitLine(const std::string& line, std::vector<std::string>& words)
{
    std::string word;
    bool quoted = false;
    words = {"ipset"};
    for (size_t i = 0; i < line.size(); i++)
    {
        const char c = line[i];
        const bool last = i + 1 == line.size();
        if (words.size() + 1 == MAX_WORDS)
        {
            return Misuse("Line is too long to parse.");
        }
        const bool blank = std::strchr(" \r\n\t", c) != nullptr;
        if (c == '"')
        {
            quoted = !quoted;
        }
        else if (!blank || quoted)
        {
            word += c;
        }
        if (blank ? quoted : !last)
        {
            continue;
        }
        if (last && quoted)
        {
            return Misuse("Missing close quote!");
        }
        if (!word.empty())
        {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return true;
}

bool
Session::Restore()
{
    std::string text = m_input;
    if (!m_file.empty())
    {
        std::ifstream file(m_file);
        if (!file)
        {
            m_result.status = STATUS_LOST;
            return false;
        }
        std::stringstream content;
        content << file.rdbuf();
        text = content.str();
        m_file.clear();
    }
    for (size_t at = 0; at < text.size();)
    {
        const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        std::string line = text.substr(at, end - at);
        at = end;
        m_line++;
        line.erase(0, std::min(line.find_first_not_of(" \t\r\n\v\f"), line.size()));
        if (line.empty() || line[0] == '#')
        {
            continue;
        }
        std::vector<std::string> words;
        const bool commit = line == "COMMIT\n" || line == "COMMIT\r\n";
        const bool goesOn = commit ? Commit() : SplitLine(line, words) && Execute(std::move(words));
        if (!goesOn)
        {
            return false;
        }
    }
    return Commit();
}

bool
Session::TypeHelp(const std::string& name)
{
    const IpSetType* type = NfFindIpSetType(name);
    if (!type)
    {
        return Misuse(fmt::format("Unknown settype: `{}'", name));
    }
    constexpr std::pair<Verb, const char*> PARTS[] = {
        {Verb::CREATE, "create SETNAME"},
        {Verb::ADD, "add    SETNAME"},
        {Verb::DEL, "del    SETNAME"},
        {Verb::TEST, "test   SETNAME"},
    };
    std::string& out = m_result.out;
    out += fmt::format("\n{} type specific options:\n\n", type->name);
    for (size_t i = 0; i < std::size(PARTS); i++)
    {
        out += fmt::format("{} {} {}\n", PARTS[i].second, type->name, type->syntax[i]);
        const IpSetOption* option = OptionsOf(*type, PARTS[i].first);
        for (; *option != IpSetOption::END; option++)
        {
            const char* help = NfGetIpSetOption(*option).help;
            out += *help ? fmt::format("               {}\n", help) : "";
        }
    }
    out += fmt::format("\n{}\n", type->usage);
    if (type->portUsage)
    {
        out.pop_back();
        out += NfIpSetPortUsage() + "\n";
    }
    if (!type->anyFamily && type->family == NfFamily::UNSPEC)
    {
        out += fmt::format("Type {} is family neutral.\n", type->name);
    }
    else
    {
        out += fmt::format("Type {} supports {}.\n",
                           type->name,
                           type->anyFamily ? "inet and inet6" : "family inet only");
    }
    return false;
}

bool
Session::Help(const std::vector<std::string>& words)
{
    std::string& out = m_result.out;
    out += fmt::format("{}\n\nUsage: ipset [options] COMMAND\n\nCommands:\n", VERSION);
    for (const VerbRow& row : VERBS)
    {
        out += fmt::format("{} {}\n", row.name, row.help);
    }
    out += OPTION_HELP;
    if (m_quiet)
    {
        return false;
    }
    if (!words.empty())
    {
        return TypeHelp(words[0]);
    }
    out += "\nSupported set types:\n";
    for (const IpSetType* type : NfGetIpSetTypes())
    {
        unsigned revision = type->revision;
        std::istringstream lines(type->revisions);
        for (std::string line; std::getline(lines, line); revision--)
        {
            out += fmt::format("    {}\t{}{}\t{}\n",
                               type->name,
                               std::strlen(type->name) < 12 ? "\t" : "",
                               revision,
                               line);
        }
    }
    return false;
}

} // namespace

extern const NfCommand NF_CMD_IPSET;
const NfCommand NF_CMD_IPSET{
    .name = "ipset",
    .run = [](NfNetns& netns,
              const NfCommandLine& line) { return Session(netns, line).Run(line.args); },
};

} // namespace ns3
