/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-iptables-request.h"

#include "../xtables/xt-names.h"
#include "../xtables/xt-set-reference.h"
#include "nf-builtin.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <optional>

namespace ns3
{
namespace
{

constexpr size_t MAX_NAME = 29;      //!< XT_EXTENSION_MAXNAMELEN, with the final 0
constexpr size_t MAX_INTERFACE = 16; //!< IFNAMSIZ, with the final 0

enum class Value : uint8_t
{
    NO,
    YES,
    MAYBE,
};

/// An option of the command itself.
struct BaseOption
{
    const char* name;
    char letter;
    Value value;
};

constexpr char LINE_NUMBERS = '0'; //!< long option only

constexpr BaseOption BASE_OPTIONS[] = {
    {"append", 'A', Value::YES},
    {"delete", 'D', Value::YES},
    {"check", 'C', Value::YES},
    {"insert", 'I', Value::YES},
    {"replace", 'R', Value::YES},
    {"list", 'L', Value::MAYBE},
    {"list-rules", 'S', Value::MAYBE},
    {"flush", 'F', Value::MAYBE},
    {"zero", 'Z', Value::MAYBE},
    {"new-chain", 'N', Value::YES},
    {"delete-chain", 'X', Value::MAYBE},
    {"rename-chain", 'E', Value::YES},
    {"policy", 'P', Value::YES},
    {"source", 's', Value::YES},
    {"destination", 'd', Value::YES},
    {"src", 's', Value::YES},
    {"dst", 'd', Value::YES},
    {"protocol", 'p', Value::YES},
    {"in-interface", 'i', Value::YES},
    {"jump", 'j', Value::YES},
    {"table", 't', Value::YES},
    {"match", 'm', Value::YES},
    {"numeric", 'n', Value::NO},
    {"out-interface", 'o', Value::YES},
    {"verbose", 'v', Value::NO},
    {"wait", 'w', Value::MAYBE},
    {"wait-interval", 'W', Value::MAYBE},
    {"exact", 'x', Value::NO},
    {"fragments", 'f', Value::NO},
    {"version", 'V', Value::NO},
    {"help", 'h', Value::MAYBE},
    {"line-numbers", LINE_NUMBERS, Value::NO},
    {"modprobe", 'M', Value::YES},
    {"set-counters", 'c', Value::YES},
    {"goto", 'g', Value::YES},
    {"ipv4", '4', Value::NO},
    {"ipv6", '6', Value::NO},
};

/// Letters of the actions in the order of their bits.
constexpr std::string_view ACTION_LETTERS = "IDDRALFZNXPESZC";
/// Letters of the options in the order of their bits.
constexpr std::string_view OPTION_LETTERS = "nsdpjvxio0cf";

/// Per action the options that are refused, in the order of their bits ('x').
constexpr const char* REFUSED_OPTIONS[] = {
    /*              nsdpjvxio0cf */
    /* INSERT */ "x     x  x  ",
    /* DELETE */ "x     x  xx ",
    /* DELETE_NUM */ "xxxxx xxxxxx",
    /* REPLACE */ "x     x  x  ",
    /* APPEND */ "x     x  x  ",
    /* LIST */ " xxxx  xx xx",
    /* FLUSH */ "xxxxx xxxxxx",
    /* ZERO */ "xxxxx xxxxxx",
    /* NEW_CHAIN */ "xxxxx xxxxxx",
    /* DELETE_CHAIN */ "xxxxx xxxxxx",
    /* SET_POLICY */ "xxxxx xxxx x",
    /* RENAME_CHAIN */ "xxxxx xxxxxx",
    /* LIST_RULES */ "xxxxx xxxxxx",
    /* ZERO_NUM */ "xxxxx xxxxxx",
    /* CHECK */ "x     x  xx ",
};

static_assert(std::size(REFUSED_OPTIONS) == ACTION_LETTERS.size());

constexpr uint32_t INVERTIBLE_OPTIONS =
    NF_IPT_SOURCE | NF_IPT_DESTINATION | NF_IPT_PROTOCOL | NF_IPT_IN | NF_IPT_OUT | NF_IPT_FRAGMENT;

/// IPv6 extension headers that -p can never see.
constexpr uint8_t NEVER_MATCHED[] = {NF_IPPROTO_ROUTING,
                                     NF_IPPROTO_FRAGMENT,
                                     NF_IPPROTO_AH,
                                     NF_IPPROTO_DSTOPTS};

/// Lowest bit of a mask as an index.
size_t
BitIndex(uint32_t bits)
{
    size_t i = 0;
    while (!(bits >> i & 1))
    {
        ++i;
    }
    return i;
}

bool
HasSpace(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); });
}

/// Reads the words of one command as getopt_long() with "-" does: in order, "!" included.
class Parser
{
  public:
    Parser(const NfIptablesTool& tool,
           const std::vector<std::string>& words,
           NfIptablesRequest& request)
        : m_tool(tool),
          m_words(words),
          m_request(request)
    {
        request.ip.family = tool.family;
    }

    NfStatus Run();

  private:
    struct Found
    {
        const BaseOption* base{nullptr};
        size_t extension{0}; //!< index into m_loaded
        const XtOption* option{nullptr};
        Value value{Value::NO};
    };

    /// An extension whose options are known, as in the list getopt looks at.
    struct Loaded
    {
        const XtMatchType* match{nullptr}; //!< null: the target
    };

    NfStatus Word();
    NfStatus Cluster(const std::string& word);
    NfStatus Long(const std::string& word);
    NfStatus NonOption(const std::string& word);
    std::optional<Found> FindLong(std::string_view name) const;
    const XtOptions& OptionsOf(const Loaded& loaded) const;
    NfStatus Base(char letter, const std::string* value);
    NfStatus Extension(const Found& found, const std::string* value);
    NfStatus ResolveSets(XtExtension* extension) const;
    bool LoadProtocolMatch();
    void LoadMatch(const XtMatchType& type);

    NfStatus SetAction(uint32_t action, uint32_t together = 0);
    NfStatus SetOption(uint32_t option, bool* invert = nullptr);
    NfStatus ChainAction(uint32_t action, const std::string* value);
    NfStatus OptionalChain(uint32_t action, uint32_t together, const std::string* value);
    NfStatus RuleNumber();
    NfStatus NewChain(const std::string& name);
    NfStatus Protocol(const std::string& value);
    NfStatus Interface(const std::string& value, uint32_t option, std::string& name, bool& invert);
    NfStatus Jump(const std::string& value, bool isGoto);
    NfStatus Match(const std::string& name);
    NfStatus Table(const std::string& value);
    NfStatus Counters(const std::string& value);
    NfStatus Wait(char letter, const std::string* value);
    NfStatus Family(NfFamily family);
    NfStatus Help();

    NfStatus Finish();
    NfStatus FinishExtensions();
    NfStatus FinishAddresses();
    NfStatus CheckOptions() const;
    NfStatus CheckInterfaces() const;

    bool HasArg() const
    {
        return m_next < m_words.size() && !m_words[m_next].empty() && m_words[m_next][0] != '-' &&
               m_words[m_next][0] != '!';
    }

    const NfIptablesTool& m_tool;
    const std::vector<std::string>& m_words;
    NfIptablesRequest& m_request;
    size_t m_next{0};
    bool m_invert{false};
    bool m_tableSet{false};
    bool m_waitSet{false};
    bool m_intervalSet{false};
    bool m_protocolUsed{false}; //!< a match was loaded because of -p
    bool m_rest{false};         //!< words were left behind "--"
    std::string m_protocol;     //!< as typed
    std::string m_source;
    std::string m_destination;
    std::vector<Loaded> m_loaded; //!< newest last
};

NfStatus
Parser::Run()
{
    while (m_next < m_words.size() && !m_rest && !m_request.done)
    {
        if (NfStatus status = Word(); !status)
        {
            return status;
        }
    }
    return m_request.done ? NfOk() : Finish();
}

NfStatus
Parser::Word()
{
    const std::string& word = m_words[m_next++];
    if (word == "--")
    {
        m_rest = m_next < m_words.size();
        return NfOk();
    }
    if (word.size() < 2 || word[0] != '-')
    {
        return NonOption(word);
    }
    const NfStatus status = word[1] == '-' ? Long(word) : Cluster(word);
    m_invert = false;
    return status;
}

NfStatus
Parser::NonOption(const std::string& word)
{
    if (word != "!")
    {
        // The one message that does not say who speaks.
        return NfError{-2, fmt::format("Bad argument `{}'\n{}", word, NfIptablesTryHelp(m_tool))};
    }
    if (m_invert)
    {
        return XtBadParameter("multiple consecutive ! not allowed");
    }
    m_invert = true;
    return NfOk();
}

NfStatus
Parser::Cluster(const std::string& word)
{
    for (size_t i = 1; i < word.size() && !m_request.done; ++i)
    {
        const auto* option =
            std::find_if(std::begin(BASE_OPTIONS), std::end(BASE_OPTIONS), [&](const auto& o) {
                return o.letter == word[i] && o.letter != LINE_NUMBERS;
            });
        if (option == std::end(BASE_OPTIONS))
        {
            return XtBadParameter(fmt::format("unknown option \"{}\"", word));
        }
        if (option->value == Value::NO)
        {
            if (NfStatus status = Base(option->letter, nullptr); !status)
            {
                return status;
            }
            m_invert = false;
            continue;
        }
        std::string value = word.substr(i + 1);
        if (!value.empty())
        {
            return Base(option->letter, &value);
        }
        if (option->value == Value::MAYBE)
        {
            return Base(option->letter, nullptr);
        }
        if (m_next >= m_words.size())
        {
            return XtBadParameter(fmt::format("option \"{}\" requires an argument", word));
        }
        value = m_words[m_next++];
        return Base(option->letter, &value);
    }
    return NfOk();
}

const XtOptions&
Parser::OptionsOf(const Loaded& loaded) const
{
    return loaded.match ? loaded.match->options : m_request.target.type->options;
}

std::optional<Parser::Found>
Parser::FindLong(std::string_view name) const
{
    std::vector<Found> all;
    for (const BaseOption& option : BASE_OPTIONS)
    {
        all.push_back(Found{&option, 0, nullptr, option.value});
    }
    for (size_t i = m_loaded.size(); i-- > 0;)
    {
        for (const XtOption& option : OptionsOf(m_loaded[i]))
        {
            const Value value = option.type == XtType::NONE        ? Value::NO
                                : option.type == XtType::CUSTOMOPT ? Value::MAYBE
                                                                   : Value::YES;
            all.push_back(Found{nullptr, i, &option, value});
        }
    }
    const auto nameOf = [](const Found& f) {
        return std::string_view(f.base ? f.base->name : f.option->name);
    };
    std::optional<Found> partial;
    bool ambiguous = false;
    for (const Found& found : all)
    {
        if (nameOf(found) == name)
        {
            return found;
        }
        if (nameOf(found).substr(0, name.size()) == name)
        {
            const bool same = partial && partial->base && found.base &&
                              partial->base->letter == found.base->letter;
            ambiguous |= partial && !same;
            partial = partial ? partial : found;
        }
    }
    return ambiguous ? std::nullopt : partial;
}

NfStatus
Parser::Long(const std::string& word)
{
    const size_t equals = word.find('=');
    const std::string_view name = std::string_view(word).substr(2, equals - 2);
    std::optional<Found> found = FindLong(name);
    if (!found && LoadProtocolMatch())
    {
        found = FindLong(name);
    }
    const bool attached = equals != std::string::npos;
    if (!found || (attached && found->value == Value::NO))
    {
        return XtBadParameter(fmt::format("unknown option \"{}\"", word));
    }
    std::string value;
    const std::string* given = nullptr;
    if (attached)
    {
        value = word.substr(equals + 1);
        given = &value;
    }
    else if (found->value == Value::YES)
    {
        if (m_next >= m_words.size())
        {
            return XtBadParameter(fmt::format("option \"{}\" requires an argument", word));
        }
        value = m_words[m_next++];
        given = &value;
    }
    return found->base ? Base(found->base->letter, given) : Extension(*found, given);
}

NfStatus
Parser::Extension(const Found& found, const std::string* value)
{
    XtWord word;
    word.option = found.option;
    word.text = value ? *value : "";
    word.hasText = value != nullptr;
    word.invert = m_invert;
    if ((found.option->flags & XT_SECOND) && HasArg())
    {
        word.second = m_words[m_next++];
        word.hasSecond = true;
    }
    const XtMatchType* type = m_loaded[found.extension].match;
    if (!type)
    {
        NfStatus status = m_request.target.Add(word, m_request.ip);
        return status ? ResolveSets(m_request.target.object.get()) : std::move(status);
    }
    // The newest use of a match gets the options.
    auto use = std::find_if(m_request.matches.rbegin(),
                            m_request.matches.rend(),
                            [type](const auto& u) { return u.type == type; });
    NfStatus status = use->Add(word, m_request.ip);
    return status ? ResolveSets(use->object.get()) : std::move(status);
}

NfStatus
Parser::ResolveSets(XtExtension* extension) const
{
    auto* user = dynamic_cast<XtSetUser*>(extension);
    return user ? user->ResolveSets(m_tool.sets, m_tool.family) : NfOk();
}

void
Parser::LoadMatch(const XtMatchType& type)
{
    m_request.matches.emplace_back(type, m_tool.family);
    const bool known = std::any_of(m_loaded.begin(), m_loaded.end(), [&type](const Loaded& l) {
        return l.match == &type;
    });
    if (!known)
    {
        m_loaded.push_back(Loaded{&type});
    }
}

bool
Parser::LoadProtocolMatch()
{
    if (m_protocol.empty() || m_protocolUsed)
    {
        return false;
    }
    std::string_view name = m_protocol;
    if (const auto number = XtParseNumber(m_protocol, 0, 255))
    {
        name = XtProtocolName(static_cast<uint8_t>(*number));
    }
    const XtMatchType* type = NfFindMatchType(NfMatchNameOf(name), m_tool.family);
    if (!type)
    {
        return false;
    }
    m_protocolUsed = true;
    LoadMatch(*type);
    return true;
}

NfStatus
Parser::Base(char letter, const std::string* value)
{
    NfIptablesRequest& r = m_request;
    switch (letter)
    {
    case 'A':
        return ChainAction(NF_IPT_APPEND, value);
    case 'C':
        return ChainAction(NF_IPT_CHECK, value);
    case 'D':
        return ChainAction(NF_IPT_DELETE, value);
    case 'R':
        return ChainAction(NF_IPT_REPLACE, value);
    case 'I':
        return ChainAction(NF_IPT_INSERT, value);
    case 'P':
        return ChainAction(NF_IPT_SET_POLICY, value);
    case 'E':
        return ChainAction(NF_IPT_RENAME_CHAIN, value);
    case 'L':
        return OptionalChain(NF_IPT_LIST, NF_IPT_ZERO | NF_IPT_ZERO_NUM, value);
    case 'S':
        return OptionalChain(NF_IPT_LIST_RULES, NF_IPT_ZERO | NF_IPT_ZERO_NUM, value);
    case 'F':
        return OptionalChain(NF_IPT_FLUSH, 0, value);
    case 'Z':
        return OptionalChain(NF_IPT_ZERO, NF_IPT_LIST | NF_IPT_LIST_RULES, value);
    case 'X':
        return OptionalChain(NF_IPT_DELETE_CHAIN, 0, value);
    case 'N':
        return NewChain(*value);
    case 'h':
        return Help();
    case 'p':
        return Protocol(*value);
    case 's':
        m_source = *value;
        return SetOption(NF_IPT_SOURCE, &r.ip.invertSrc);
    case 'd':
        m_destination = *value;
        return SetOption(NF_IPT_DESTINATION, &r.ip.invertDst);
    case 'j':
        return Jump(*value, false);
    case 'g':
        return Jump(*value, true);
    case 'i':
        return Interface(*value, NF_IPT_IN, r.ip.in, r.ip.invertIn);
    case 'o':
        return Interface(*value, NF_IPT_OUT, r.ip.out, r.ip.invertOut);
    case 'f':
        if (m_tool.family == NfFamily::IPV6)
        {
            return XtBadParameter("`-f' is not supported in IPv6, use -m frag instead");
        }
        r.ip.fragment = true;
        return SetOption(NF_IPT_FRAGMENT, &r.ip.invertFragment);
    case 'v':
        return r.verbose++ ? NfOk() : SetOption(NF_IPT_VERBOSE);
    case 'm':
        return Match(*value);
    case 'n':
        return SetOption(NF_IPT_NUMERIC);
    case 't':
        return Table(*value);
    case 'x':
        return SetOption(NF_IPT_EXPANDED);
    case LINE_NUMBERS:
        return SetOption(NF_IPT_LINE_NUMBERS);
    case 'V':
        r.done = true;
        r.output = m_invert ? fmt::format("Not {} (legacy) ;-)\n", NF_IPTABLES_VERSION)
                            : fmt::format("{} v{} (legacy)\n", m_tool.name, NF_IPTABLES_VERSION);
        return NfOk();
    case 'w':
    case 'W':
        return Wait(letter, value);
    case 'c':
        return Counters(*value);
    case '4':
        return Family(NfFamily::IPV4);
    case '6':
        return Family(NfFamily::IPV6);
    default:
        return NfOk(); // -M: nothing to load
    }
}

NfStatus
Parser::SetAction(uint32_t action, uint32_t together)
{
    if (m_invert)
    {
        return XtBadParameter("unexpected '!' flag");
    }
    if (const uint32_t others = m_request.actions & ~together)
    {
        return XtBadParameter(fmt::format("Cannot use -{} with -{}",
                                          ACTION_LETTERS[BitIndex(action)],
                                          ACTION_LETTERS[BitIndex(others)]));
    }
    m_request.actions |= action;
    return NfOk();
}

NfStatus
Parser::SetOption(uint32_t option, bool* invert)
{
    const char letter = OPTION_LETTERS[BitIndex(option)];
    if (m_request.options & option)
    {
        return XtBadParameter(fmt::format("multiple -{} flags not allowed", letter));
    }
    m_request.options |= option;
    if (m_invert && !(option & INVERTIBLE_OPTIONS))
    {
        return XtBadParameter(fmt::format("cannot have ! before -{}", letter));
    }
    if (invert)
    {
        *invert = m_invert;
    }
    return NfOk();
}

/// Actions whose chain is required, with what follows it.
NfStatus
Parser::ChainAction(uint32_t action, const std::string* value)
{
    if (NfStatus status = SetAction(action); !status)
    {
        return status;
    }
    NfIptablesRequest& r = m_request;
    r.hasChain = true;
    r.chain = *value;
    switch (action)
    {
    case NF_IPT_DELETE:
        if (!HasArg())
        {
            return NfOk();
        }
        r.actions = NF_IPT_DELETE_NUM;
        return RuleNumber();
    case NF_IPT_INSERT:
        r.ruleNumber = 1;
        return HasArg() ? RuleNumber() : NfOk();
    case NF_IPT_REPLACE:
        return HasArg() ? RuleNumber() : XtBadParameter("-R requires a rule number");
    case NF_IPT_RENAME_CHAIN:
        if (!HasArg())
        {
            return XtBadParameter("-E requires old-chain-name and new-chain-name");
        }
        r.newName = m_words[m_next++];
        return NfOk();
    case NF_IPT_SET_POLICY:
        if (!HasArg())
        {
            return XtBadParameter("-P requires a chain and a policy");
        }
        r.policy = m_words[m_next++];
        return NfOk();
    default:
        return NfOk();
    }
}

/// Actions for all chains unless one is named.
NfStatus
Parser::OptionalChain(uint32_t action, uint32_t together, const std::string* value)
{
    if (NfStatus status = SetAction(action, together); !status)
    {
        return status;
    }
    if (value || HasArg())
    {
        m_request.hasChain = true;
        m_request.chain = value ? *value : m_words[m_next++];
    }
    const bool numbered = action & (NF_IPT_LIST | NF_IPT_LIST_RULES | NF_IPT_ZERO);
    if (!numbered || !HasArg())
    {
        return NfOk();
    }
    if (action == NF_IPT_ZERO)
    {
        m_request.actions = (m_request.actions & ~NF_IPT_ZERO) | NF_IPT_ZERO_NUM;
    }
    return RuleNumber();
}

NfStatus
Parser::RuleNumber()
{
    const std::string& word = m_words[m_next++];
    const auto number = XtParseNumber(word, 1, std::numeric_limits<int>::max());
    if (!number)
    {
        return XtBadParameter(fmt::format("Invalid rule number `{}'", word));
    }
    m_request.ruleNumber = static_cast<unsigned>(*number);
    return NfOk();
}

NfStatus
Parser::NewChain(const std::string& name)
{
    if (!name.empty() && (name[0] == '-' || name[0] == '!'))
    {
        return XtBadParameter(fmt::format("chain name not allowed to start with `{}'", name[0]));
    }
    if (name.empty() || XtFindVerdict(name) || NfFindTargetType(name, m_tool.family))
    {
        return XtBadParameter("chain name may not clash with target name");
    }
    if (HasSpace(name))
    {
        return XtBadParameter(fmt::format("Invalid chain name `{}'", name));
    }
    m_request.hasChain = true;
    m_request.chain = name;
    return SetAction(NF_IPT_NEW_CHAIN);
}

NfStatus
Parser::Protocol(const std::string& value)
{
    XtIp& ip = m_request.ip;
    if (NfStatus status = SetOption(NF_IPT_PROTOCOL, &ip.invertProtocol); !status)
    {
        return status;
    }
    m_protocol = value;
    std::transform(value.begin(), value.end(), m_protocol.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const NfResult<uint8_t> protocol = XtParseProtocol(m_protocol);
    if (!protocol)
    {
        return protocol.Error();
    }
    ip.protocol = *protocol;
    if (ip.protocol == 0 && ip.invertProtocol)
    {
        return XtBadParameter("rule would never match protocol");
    }
    const bool header = std::count(std::begin(NEVER_MATCHED), std::end(NEVER_MATCHED), *protocol);
    if (m_tool.family == NfFamily::IPV6 && header && !ip.invertProtocol)
    {
        m_request.warnings +=
            fmt::format("Warning: never matched protocol: {}. use extension match instead.\n",
                        m_protocol);
    }
    return NfOk();
}

NfStatus
Parser::Interface(const std::string& value, uint32_t option, std::string& name, bool& invert)
{
    if (value.empty())
    {
        return XtBadParameter("Empty interface is likely to be undesired");
    }
    if (NfStatus status = SetOption(option, &invert); !status)
    {
        return status;
    }
    if (value.size() >= MAX_INTERFACE)
    {
        return XtBadParameter(fmt::format("interface name `{}' must be shorter than IFNAMSIZ ({})",
                                          value,
                                          MAX_INTERFACE - 1));
    }
    if (value.find_first_of("/ ") != std::string::npos)
    {
        m_request.warnings += fmt::format("Warning: weird character in interface `{}' ('/' and ' ' "
                                          "are not allowed by the kernel).\n",
                                          value);
    }
    name = value;
    return NfOk();
}

NfStatus
Parser::Jump(const std::string& value, bool isGoto)
{
    if (NfStatus status = SetOption(NF_IPT_JUMP); !status)
    {
        return status;
    }
    if (value.empty())
    {
        return XtBadParameter("Invalid target name (too short)");
    }
    if (value.size() >= MAX_NAME)
    {
        return XtBadParameter(
            fmt::format("Invalid target name `{}' ({} chars max)", value, MAX_NAME - 1));
    }
    if (HasSpace(value))
    {
        return XtBadParameter(fmt::format("Invalid target name `{}'", value));
    }
    m_request.jumpTo = value;
    m_request.isGoto = isGoto;
    const XtTargetType* type = isGoto ? nullptr : NfFindTargetType(value, m_tool.family);
    if (type)
    {
        m_request.target = XtUse<XtTarget>(*type, m_tool.family);
        m_loaded.push_back(Loaded{nullptr});
    }
    return NfOk();
}

NfStatus
Parser::Match(const std::string& name)
{
    if (m_invert)
    {
        return XtBadParameter("unexpected ! flag before --match");
    }
    if (name.size() >= MAX_NAME)
    {
        return XtBadParameter(
            fmt::format("Invalid match name \"{}\" ({} chars max)", name, MAX_NAME - 1));
    }
    const XtMatchType* type = NfFindMatchType(NfMatchNameOf(name), m_tool.family);
    if (!type)
    {
        return XtBadParameter(
            fmt::format("Couldn't load match `{}':No such file or directory\n", name));
    }
    LoadMatch(*type);
    return NfOk();
}

NfStatus
Parser::Table(const std::string& value)
{
    if (m_invert)
    {
        return XtBadParameter("unexpected ! flag before --table");
    }
    if (m_tool.line && m_tableSet)
    {
        return XtBadParameter(fmt::format("The -t option cannot be used in {}.\n", m_tool.name));
    }
    m_request.table = value;
    m_tableSet = true;
    return NfOk();
}

NfStatus
Parser::Counters(const std::string& value)
{
    if (NfStatus status = SetOption(NF_IPT_COUNTERS); !status)
    {
        return status;
    }
    const size_t comma = value.find(',', 1);
    std::string bytes;
    if (comma != std::string::npos)
    {
        bytes = value.substr(comma + 1);
    }
    else if (HasArg())
    {
        bytes = m_words[m_next++];
    }
    else
    {
        return XtBadParameter("-c requires packet and byte counter");
    }
    std::string_view rest;
    constexpr auto max = std::numeric_limits<uint64_t>::max();
    const auto packetCount = XtParseNumberPrefix(value, 0, max, rest);
    if (!packetCount)
    {
        return XtBadParameter("-c packet counter not numeric");
    }
    const auto byteCount = XtParseNumberPrefix(bytes, 0, max, rest);
    if (!byteCount)
    {
        return XtBadParameter("-c byte counter not numeric");
    }
    m_request.counters = XtCounters{*packetCount, *byteCount};
    return NfOk();
}

/// The lock nobody else can hold here: only the words are checked.
NfStatus
Parser::Wait(char letter, const std::string* value)
{
    if (m_tool.line)
    {
        return XtBadParameter(fmt::format("You cannot use `-{}' from iptables-restore", letter));
    }
    std::string text = value ? *value : "";
    if (!value && HasArg())
    {
        text = m_words[m_next++];
    }
    std::string_view rest;
    const bool numeric =
        text.empty() || XtParseNumberPrefix(text, 0, std::numeric_limits<uint64_t>::max(), rest);
    if (letter == 'w')
    {
        m_waitSet = true;
        return numeric ? NfOk() : XtBadParameter("wait seconds not numeric");
    }
    m_request.warnings += "Ignoring deprecated --wait-interval option.\n";
    m_intervalSet = true;
    if (text.empty())
    {
        return XtBadParameter("wait interval value required");
    }
    return numeric ? NfOk() : XtBadParameter("wait interval not numeric");
}

NfStatus
Parser::Family(NfFamily family)
{
    if (family == m_tool.family)
    {
        return NfOk();
    }
    if (!m_tool.line)
    {
        return NfError{-2, NfIptablesTryHelp(m_tool)};
    }
    // A line of a restore file that serves both families.
    m_request.done = true;
    return NfOk();
}

NfStatus
Parser::Help()
{
    LoadProtocolMatch();
    const std::string& n = m_tool.name;
    std::string text = fmt::format("{0} v{1} (legacy)\n\n"
                                   "Usage: {0} -[ACD] chain rule-specification [options]\n"
                                   "       {0} -I chain [rulenum] rule-specification [options]\n"
                                   "       {0} -R chain rulenum rule-specification [options]\n"
                                   "       {0} -D chain rulenum [options]\n"
                                   "       {0} -[LS] [chain [rulenum]] [options]\n"
                                   "       {0} -[FZ] [chain] [options]\n"
                                   "       {0} -[NX] chain\n"
                                   "       {0} -E old-chain-name new-chain-name\n"
                                   "       {0} -P chain target [options]\n"
                                   "       {0} -h (print this help information)\n\n"
                                   "Commands (long or short):\n",
                                   n,
                                   NF_IPTABLES_VERSION);
    for (const BaseOption& option : BASE_OPTIONS)
    {
        const bool action = ACTION_LETTERS.find(option.letter) != std::string_view::npos;
        text += std::string_view(option.name) == "source" ? "\nOptions:\n" : "";
        if (option.letter != LINE_NUMBERS)
        {
            text += fmt::format("  --{:<15} -{}{}\n",
                                option.name,
                                option.letter,
                                option.value == Value::NO ? ""
                                : action                  ? " chain"
                                                          : " value");
        }
        else
        {
            text += fmt::format("  --{}\n", option.name);
        }
    }
    for (const XtUse<XtMatch>& use : m_request.matches)
    {
        text += fmt::format("\n{}", use.type->help);
    }
    if (m_request.target)
    {
        text += fmt::format("\n{}", m_request.target.type->help);
    }
    m_request.output = std::move(text);
    m_request.done = true;
    return NfOk();
}

NfStatus
Parser::Finish()
{
    NfIptablesRequest& r = m_request;
    if (m_intervalSet && !m_waitSet)
    {
        return XtBadParameter("--wait-interval only makes sense with --wait\n");
    }
    if (r.table == "nat" && (r.policy == "DROP" || r.jumpTo == "DROP"))
    {
        return XtBadParameter("\nThe \"nat\" table is not intended for filtering, the use of DROP "
                              "is therefore inhibited.\n\n");
    }
    if (NfStatus status = FinishExtensions(); !status)
    {
        return status;
    }
    if (m_rest)
    {
        return XtBadParameter("unknown arguments found on commandline");
    }
    if (!r.actions)
    {
        return XtBadParameter("no command specified");
    }
    if (m_invert)
    {
        return XtBadParameter("nothing appropriate following !");
    }
    if (NfStatus status = FinishAddresses(); !status)
    {
        return status;
    }
    if (NfStatus status = CheckOptions(); !status)
    {
        return status;
    }
    if (r.chain.size() >= MAX_NAME)
    {
        return XtBadParameter(
            fmt::format("chain name `{}' too long (must be under {} chars)", r.chain, MAX_NAME));
    }
    return CheckInterfaces();
}

NfStatus
Parser::FinishExtensions()
{
    for (XtUse<XtMatch>& use : m_request.matches)
    {
        if (NfStatus status = use.Finish(); !status)
        {
            return status;
        }
    }
    return m_request.target ? m_request.target.Finish() : NfOk();
}

NfStatus
Parser::FinishAddresses()
{
    NfIptablesRequest& r = m_request;
    const bool needed = r.actions & NF_IPT_WITH_RULE;
    const std::pair<std::string*, std::vector<NfAddrMask>*> sides[] = {
        {&m_source, &r.sources},
        {&m_destination, &r.destinations},
    };
    for (const auto& [text, list] : sides)
    {
        const bool given = r.options & (text == &m_source ? NF_IPT_SOURCE : NF_IPT_DESTINATION);
        if (!given)
        {
            list->resize(needed);
            continue;
        }
        for (const std::string& part : XtSplit(*text, ','))
        {
            const size_t start = std::min(part.find_first_not_of(" \t"), part.size());
            const auto address = XtParseHostMask(std::string_view(part).substr(start), r.ip.family);
            if (!address)
            {
                return address.Error();
            }
            list->push_back(*address);
        }
    }
    if ((r.sources.size() > 1 || r.destinations.size() > 1) && (r.ip.invertSrc || r.ip.invertDst))
    {
        return XtBadParameter("! not allowed with multiple source or destination IP addresses");
    }
    if (r.actions == NF_IPT_REPLACE && (r.sources.size() != 1 || r.destinations.size() != 1))
    {
        return XtBadParameter("Replacement rule does not specify a unique address");
    }
    return NfOk();
}

NfStatus
Parser::CheckOptions() const
{
    for (size_t option = 0; option < OPTION_LETTERS.size(); ++option)
    {
        if (!(m_request.options >> option & 1))
        {
            continue;
        }
        bool allowed = false;
        for (size_t action = 0; action < ACTION_LETTERS.size(); ++action)
        {
            allowed |= (m_request.actions >> action & 1) && REFUSED_OPTIONS[action][option] != 'x';
        }
        if (!allowed)
        {
            return XtBadParameter(
                fmt::format("Illegal option `-{}' with this command", OPTION_LETTERS[option]));
        }
    }
    return NfOk();
}

NfStatus
Parser::CheckInterfaces() const
{
    const NfIptablesRequest& r = m_request;
    if (!(r.actions & NF_IPT_WITH_RULE))
    {
        return NfOk();
    }
    const bool inward = r.chain == "PREROUTING" || r.chain == "INPUT";
    const bool outward = r.chain == "POSTROUTING" || r.chain == "OUTPUT";
    if ((inward && (r.options & NF_IPT_OUT)) || (outward && (r.options & NF_IPT_IN)))
    {
        return XtBadParameter(fmt::format("Can't use -{} with {}\n", inward ? 'o' : 'i', r.chain));
    }
    return NfOk();
}

} // namespace

std::string
NfIptablesTryHelp(const NfIptablesTool& tool)
{
    return fmt::format("{}Try `{} -h' or '{} --help' for more information.",
                       tool.line ? fmt::format("Error occurred at line: {}\n", tool.line) : "",
                       tool.name,
                       tool.name);
}

NfError
NfIptablesError(const NfIptablesTool& tool, const NfError& error)
{
    if (error.status < 0)
    {
        return NfError{-error.status, error.message};
    }
    std::string text =
        fmt::format("{} v{} (legacy): {}", tool.name, NF_IPTABLES_VERSION, error.message);
    if (error.status == 2)
    {
        text += "\n" + NfIptablesTryHelp(tool);
    }
    if (error.status == 3)
    {
        text += fmt::format("\nPerhaps {} or your kernel needs to be upgraded.", tool.name);
    }
    return NfError{error.status, std::move(text)};
}

NfStatus
NfParseIptables(const NfIptablesTool& tool,
                const std::vector<std::string>& words,
                NfIptablesRequest& request)
{
    NfStatus status = Parser(tool, words, request).Run();
    return status ? NfOk() : NfStatus(NfIptablesError(tool, status.Error()));
}

} // namespace ns3
