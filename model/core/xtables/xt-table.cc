/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-table.h"

#include "xt-chain-graph.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unordered_map>

namespace ns3
{

/// A row of the table of tables.
struct XtTable::Kind
{
    const char* name;
    uint32_t hooks;   //!< bit per point it is hooked at
    int32_t priority; //!< at all of them, but for nat
    bool nat;         //!< registered with NfNat
};

namespace
{

constexpr size_t POINTS = 5; //!< PRE_ROUTING ... POST_ROUTING

constexpr uint32_t ALL_POINTS = (1U << POINTS) - 1;
constexpr uint32_t OUTER_POINTS = XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_OUT);
constexpr uint32_t FILTER_POINTS = XtHooks(NfHook::LOCAL_IN, NfHook::FORWARD, NfHook::LOCAL_OUT);
constexpr uint32_t NAT_POINTS = ALL_POINTS & ~XtHooks(NfHook::FORWARD);

constexpr XtTable::Kind KINDS[] = {
    {"filter", FILTER_POINTS, NF_PRI_FILTER, false},
    {"nat", NAT_POINTS, 0, true},
    {"mangle", ALL_POINTS, NF_PRI_MANGLE, false},
    {"raw", OUTER_POINTS, NF_PRI_RAW, false},
    {"security", FILTER_POINTS, NF_PRI_SECURITY, false},
};

constexpr uint8_t TRACE_LEVEL = 4; //!< KERN_WARNING
constexpr uint8_t TRACE_FLAGS = NF_LOG_TCPSEQ | NF_LOG_TCPOPT | NF_LOG_IPOPT | NF_LOG_UID;

constexpr size_t SMALL_STACK = 32; //!< return addresses kept without allocation

int32_t
PriorityAt(const XtTable::Kind& kind, NfHook hook)
{
    if (!kind.nat)
    {
        return kind.priority;
    }
    return hook == NfHook::PRE_ROUTING || hook == NfHook::LOCAL_OUT ? NF_PRI_NAT_DST
                                                                    : NF_PRI_NAT_SRC;
}

const char*
ToolName(NfFamily family)
{
    return family == NfFamily::IPV6 ? "ip6tables" : "iptables";
}

/// The part of a rule that most packets fail at, in one cache line (Linux: struct ipt_entry).
struct alignas(64) Hot
{
    enum Flag : uint8_t
    {
        PROTOCOL = 1,     //!< compare the protocol
        NOT_PROTOCOL = 2, //!< ... and want another
        MORE = 4,         //!< look at Cold too
        EMPTY = 8,        //!< unconditional: counts as such for TRACE
    };

    uint32_t src{0};     //!< first word, masked
    uint32_t srcMask{0}; //!< 0: not compared here
    uint32_t dst{0};
    uint32_t dstMask{0};
    uint8_t protocol{0};
    uint8_t flags{0};
    XtJump jump{XtJump::NONE};
    bool tail{false}; //!< the policy of a built-in chain, or the end of a user chain
    uint16_t matchCount{0};
    uint32_t firstMatch{0};  //!< in the program's list
    uint32_t next{0};        //!< CHAIN, GOTO: first rule of the chain
    XtMatch* match{nullptr}; //!< the first, without a detour
    XtTarget* target{nullptr};
    XtCounters counters;
};

static_assert(sizeof(Hot) == 64, "one cache line");

/// An interface name, padded with zeros, as two words (Linux: ifname_compare_aligned()).
using NameWords = std::array<uint64_t, 2>;

NameWords
PackName(std::string_view name)
{
    NameWords words{};
    if (!name.empty()) // memcpy() wants a source even for no bytes
    {
        std::memcpy(words.data(), name.data(), std::min(name.size(), sizeof(words)));
    }
    return words;
}

/// What -i or -o compares.
struct NamePattern
{
    NameWords value{};
    NameWords mask{};
    bool invert{false};

    NamePattern() = default;

    /// @param pattern as typed; "": any
    NamePattern(std::string_view pattern, bool inverted)
        : invert(inverted)
    {
        const bool wildcard = !pattern.empty() && pattern.back() == '+';
        const std::string_view text = pattern.substr(0, pattern.size() - wildcard);
        const size_t compared = pattern.empty() || wildcard ? text.size() : sizeof(mask);
        value = PackName(text);
        mask = PackName(std::string(compared, '\xff'));
    }

    bool Matches(const NameWords& name) const
    {
        const uint64_t differs =
            ((name[0] ^ value[0]) & mask[0]) | ((name[1] ^ value[1]) & mask[1]);
        return (differs != 0) == invert;
    }
};

/// An address under a mask, both in halves.
struct AddressPattern
{
    std::array<uint64_t, 2> value{};
    std::array<uint64_t, 2> mask{};
    bool invert{false};

    AddressPattern() = default;

    AddressPattern(const NfAddr& addr, const NfAddr& netmask, bool inverted)
        : invert(inverted)
    {
        std::memcpy(value.data(), addr.bytes.data(), sizeof(value));
        std::memcpy(mask.data(), netmask.bytes.data(), sizeof(mask));
    }

    bool Matches(const NfAddr& addr) const
    {
        std::array<uint64_t, 2> words;
        std::memcpy(words.data(), addr.bytes.data(), sizeof(words));
        const uint64_t differs =
            ((words[0] & mask[0]) ^ value[0]) | ((words[1] & mask[1]) ^ value[1]);
        return (differs != 0) == invert;
    }
};

/// The part of a rule's XtIp that Hot does not tell (Linux: ip_packet_match()).
struct Cold
{
    Cold() = default;

    explicit Cold(const XtIp& ip)
        : src(ip.src, ip.srcMask, ip.invertSrc),
          dst(ip.dst, ip.dstMask, ip.invertDst),
          in(ip.in, ip.invertIn),
          out(ip.out, ip.invertOut),
          fragment(ip.fragment),
          invertFragment(ip.invertFragment)
    {
    }

    AddressPattern src;
    AddressPattern dst;
    NamePattern in;
    NamePattern out;
    bool fragment{false};
    bool invertFragment{false};
};

/// What of a packet the rules compare, read once.
struct View
{
    View(const NfPacket& packet, const NfHookState& state)
        : in(PackName(state.in ? std::string_view(state.in->name) : std::string_view())),
          out(PackName(state.out ? std::string_view(state.out->name) : std::string_view()))
    {
        Read(packet);
    }

    void Read(const NfPacket& packet)
    {
        const NfIpHeader& ip = packet.GetIp();
        src = ip.src.GetWord(0);
        dst = ip.dst.GetWord(0);
        protocol = packet.GetProtocol();
        valid = packet.IsTransportValid();
        later = packet.IsLaterFragment();
    }

    bool Matches(const Cold& rule, const NfPacket& packet) const
    {
        return rule.in.Matches(in) && rule.out.Matches(out) &&
               rule.src.Matches(packet.GetIp().src) && rule.dst.Matches(packet.GetIp().dst) &&
               (!rule.fragment || later != rule.invertFragment);
    }

    uint32_t src{0};
    uint32_t dst{0};
    uint8_t protocol{0};
    bool valid{true};  //!< false: the header chain is broken, there is no protocol
    bool later{false}; //!< a fragment, not the first
    NameWords in;
    NameWords out;
};

Hot
MakeHot(const XtRule& rule)
{
    Hot hot;
    const XtIp& ip = rule.ip;
    if (!ip.invertSrc)
    {
        hot.srcMask = ip.srcMask.GetWord(0);
        hot.src = ip.src.GetWord(0) & hot.srcMask;
    }
    if (!ip.invertDst)
    {
        hot.dstMask = ip.dstMask.GetWord(0);
        hot.dst = ip.dst.GetWord(0) & hot.dstMask;
    }
    hot.protocol = ip.protocol;
    hot.flags |= ip.protocol ? Hot::PROTOCOL : 0;
    hot.flags |= ip.invertProtocol ? Hot::NOT_PROTOCOL : 0;
    NfAddr behindSrc = ip.srcMask;
    NfAddr behindDst = ip.dstMask;
    behindSrc.SetWord(0, 0);
    behindDst.SetWord(0, 0);
    const bool more = ip.invertSrc || ip.invertDst || !ip.in.empty() || !ip.out.empty() ||
                      ip.fragment || !behindSrc.IsZero() || !behindDst.IsZero();
    hot.flags |= more ? Hot::MORE : 0;
    XtIp any;
    any.family = ip.family;
    hot.flags |= rule.matches.empty() && ip == any ? Hot::EMPTY : 0;
    hot.jump = rule.jump;
    hot.matchCount = static_cast<uint16_t>(rule.matches.size());
    hot.match = rule.matches.empty() ? nullptr : rule.matches[0].object.get();
    hot.target = rule.target.object.get();
    return hot;
}

bool
AllMatch(const Hot& rule, const std::vector<XtMatch*>& matches, XtParam& param)
{
    if (!rule.match->Match(param))
    {
        return false;
    }
    for (uint32_t m = 1; m < rule.matchCount; ++m)
    {
        if (!matches[rule.firstMatch + m]->Match(param))
        {
            return false;
        }
    }
    return true;
}

std::string
PointNames(uint32_t hooks)
{
    std::vector<std::string> names;
    for (size_t i = 0; i < POINTS; ++i)
    {
        if (hooks >> i & 1)
        {
            names.emplace_back(NfHookName(NfFamily::IPV4, static_cast<NfHook>(i)));
        }
    }
    return fmt::format("{}", fmt::join(names, "/"));
}

/// What the type's data says (Linux: xt_check_match(), xt_check_target()).
template <class T>
int
CheckType(const XtExtensionType<T>& type, const char* what, const XtCheck& check)
{
    const std::string head = fmt::format("x_tables: {}_tables: {}{}",
                                         check.family == NfFamily::IPV6 ? "ip6" : "ip",
                                         type.name,
                                         what);
    if (type.table && std::string_view(type.table) != check.table)
    {
        check.Info(
            fmt::format("{}: only valid in {} table, not {}", head, type.table, check.table));
        return EINVAL;
    }
    if (type.hooks && (check.hooks & ~type.hooks))
    {
        check.Info(fmt::format("{}: used from hooks {}, but only valid from {}",
                               head,
                               PointNames(check.hooks),
                               PointNames(type.hooks)));
        return EINVAL;
    }
    if (type.protocol && (type.protocol != check.ip.protocol || check.ip.invertProtocol))
    {
        check.Info(fmt::format("{}: only valid for protocol {}", head, type.protocol));
        return EINVAL;
    }
    return 0;
}

template <class T>
int
CheckUse(const XtUse<T>& use, const char* what, const XtCheck& check)
{
    int error = CheckType(*use.type, what, check);
    error = error ? error : use.object->Check(check);
    if (!error && use.type->conntrack)
    {
        check.context.conntrack.Enable(check.family);
    }
    return error;
}

template <class T>
void
DestroyUse(const XtUse<T>& use, const XtCheck& check)
{
    use.object->Destroy(check);
    if (use.type->conntrack)
    {
        check.context.conntrack.Disable(check.family);
    }
}

void
DestroyRule(const XtRule& rule, const XtCheck& check)
{
    for (const XtUse<XtMatch>& use : rule.matches)
    {
        DestroyUse(use, check);
    }
    if (rule.target)
    {
        DestroyUse(rule.target, check);
    }
}

/// Either the whole rule is checked, or nothing of it is kept.
int
CheckRule(const XtRule& rule, const XtCheck& check)
{
    size_t done = 0;
    int error = 0;
    for (; done < rule.matches.size() && !error; ++done)
    {
        error = CheckUse(rule.matches[done], " match", check);
    }
    if (!error && rule.target)
    {
        error = CheckUse(rule.target, " target", check);
        done += 1;
    }
    if (error)
    {
        for (size_t i = 0; i + 1 < done; ++i)
        {
            DestroyUse(rule.matches[i], check);
        }
    }
    return error;
}

} // namespace

/// The content of a table in the form packets walk: all chains' rules one behind another, each
/// chain closed by its policy or its end (Linux: struct xt_table_info).
struct XtTable::Program
{
    XtRuleset ruleset;                 //!< counters in it are those at Commit()
    std::vector<size_t> first;         //!< by chain: its first rule
    std::vector<Hot> rules;            //!< never moves
    std::vector<Cold> cold;            //!< by rule
    std::vector<const XtRule*> source; //!< by rule: what it was made from, null: tail
    std::vector<XtMatch*> matches;     //!< of all rules
    std::array<uint32_t, POINTS> entry{};
    std::array<uint32_t, POINTS> policy{}; //!< tail of the built-in chain
    size_t depth{0};                       //!< return addresses needed

    /// @param rule index @return index of its chain
    size_t ChainOf(size_t rule) const
    {
        return static_cast<size_t>(std::upper_bound(first.begin(), first.end(), rule) -
                                   first.begin()) -
               1;
    }
};

/// Names the rule behind a drop; makes the text only when somebody asks.
class XtTable::DropInfo final : public NfRuleInfo
{
  public:
    DropInfo(const XtTable& table)
        : m_table(table)
    {
    }

    void Set(const Program& program, size_t rule)
    {
        m_program = &program;
        m_rule = rule;
    }

    void Forget()
    {
        m_program = nullptr;
    }

    std::string Describe() const override
    {
        if (!m_program)
        {
            return fmt::format("{} {}", ToolName(m_table.m_family), m_table.GetName());
        }
        const size_t index = m_program->ChainOf(m_rule);
        const XtChain& chain = m_program->ruleset.chains[index];
        const std::string where =
            fmt::format("{} {} {}", ToolName(m_table.m_family), m_table.GetName(), chain.name);
        const XtRule* rule = m_program->source[m_rule];
        if (!rule)
        {
            return where + " policy";
        }
        return fmt::format("{} rule {}: -A {}{}{}",
                           where,
                           m_rule - m_program->first[index] + 1,
                           chain.name,
                           rule->SaveConditions(),
                           rule->SaveTarget());
    }

  private:
    const XtTable& m_table;
    const Program* m_program{nullptr};
    size_t m_rule{0};
};

/// Turns a ruleset into a program.
class XtTable::Builder
{
  public:
    explicit Builder(const XtRuleset& ruleset)
        : m_program(std::make_unique<Program>())
    {
        m_program->ruleset = ruleset;
    }

    std::unique_ptr<Program> Build()
    {
        Program& program = *m_program;
        Place();
        for (size_t c = 0; c < program.ruleset.chains.size(); ++c)
        {
            const XtChain& chain = program.ruleset.chains[c];
            if (chain.hook)
            {
                const auto point = static_cast<size_t>(*chain.hook);
                program.entry[point] = static_cast<uint32_t>(program.first[c]);
                program.policy[point] =
                    static_cast<uint32_t>(program.first[c] + chain.rules.size());
            }
            for (const XtEntry& entry : chain.rules)
            {
                AddRule(entry);
            }
            AddTail(chain);
        }
        return std::move(m_program);
    }

  private:
    void Place()
    {
        size_t rules = 0;
        size_t matches = 0;
        for (const XtChain& chain : m_program->ruleset.chains)
        {
            m_program->first.push_back(rules);
            m_chains.emplace(chain.name, static_cast<uint32_t>(rules));
            rules += chain.rules.size() + 1;
            for (const XtEntry& entry : chain.rules)
            {
                matches += entry.rule->matches.size();
            }
        }
        m_program->rules.reserve(rules);
        m_program->cold.reserve(rules);
        m_program->source.reserve(rules);
        m_program->matches.reserve(matches);
    }

    void AddRule(const XtEntry& entry)
    {
        const XtRule& rule = *entry.rule;
        Hot hot = MakeHot(rule);
        hot.firstMatch = static_cast<uint32_t>(m_program->matches.size());
        for (const XtUse<XtMatch>& use : rule.matches)
        {
            m_program->matches.push_back(use.object.get());
        }
        if (!rule.chain.empty())
        {
            hot.next = m_chains.at(rule.chain);
        }
        hot.counters = entry.counters;
        m_program->rules.push_back(hot);
        m_program->cold.emplace_back(rule.ip);
        m_program->source.push_back(&rule);
    }

    void AddTail(const XtChain& chain)
    {
        Hot hot;
        hot.flags = Hot::EMPTY;
        hot.jump = chain.hook ? chain.policy : XtJump::RETURN;
        hot.tail = true;
        hot.counters = chain.counters;
        m_program->rules.push_back(hot);
        m_program->cold.emplace_back();
        m_program->source.push_back(nullptr);
    }

    std::unique_ptr<Program> m_program;
    std::unordered_map<std::string_view, uint32_t> m_chains; //!< first rule by name
};

XtTable::XtTable(XtContext& context, NfFamily family, const Kind& kind)
    : m_context(context),
      m_family(family),
      m_kind(kind),
      m_drop(std::make_unique<DropInfo>(*this))
{
    XtRuleset ruleset;
    for (size_t i = 0; i < POINTS; ++i)
    {
        if (kind.hooks >> i & 1)
        {
            XtChain chain;
            chain.hook = static_cast<NfHook>(i);
            chain.name = NfHookName(family, *chain.hook);
            ruleset.chains.push_back(std::move(chain));
        }
    }
    m_program = Builder(ruleset).Build();
    Hook();
}

XtTable::~XtTable()
{
    for (const NfHookId id : m_hooks)
    {
        m_context.hooks.Unregister(id);
    }
    for (const uint64_t id : m_lookups)
    {
        m_context.nat.Unregister(id);
    }
    ForEachRule(*m_program, [this](const XtRule& rule) { Release(rule); });
}

const char*
XtTable::GetName() const
{
    return m_kind.name;
}

void
XtTable::Hook()
{
    const auto function = [this](NfPacket& packet, const NfHookState& state) {
        return Run(packet, state);
    };
    const std::string name = fmt::format("{} {}", ToolName(m_family), m_kind.name);
    for (size_t i = 0; i < POINTS; ++i)
    {
        const auto hook = static_cast<NfHook>(i);
        if (!(m_kind.hooks >> i & 1))
        {
            continue;
        }
        const int32_t priority = PriorityAt(m_kind, hook);
        if (m_kind.nat)
        {
            m_lookups.push_back(m_context.nat.Register(m_family, hook, priority, name, function));
            continue;
        }
        NfHookOps ops;
        ops.function = function;
        ops.family = m_family;
        ops.hook = hook;
        ops.priority = priority;
        ops.name = name;
        m_hooks.push_back(m_context.hooks.Register(std::move(ops)));
    }
}

XtRuleset
XtTable::Copy() const
{
    XtRuleset ruleset = m_program->ruleset;
    const Hot* hot = m_program->rules.data();
    for (XtChain& chain : ruleset.chains)
    {
        for (XtEntry& entry : chain.rules)
        {
            entry.counters = hot++->counters;
        }
        chain.counters = chain.hook ? hot->counters : XtCounters{};
        ++hot;
    }
    return ruleset;
}

XtCheck
XtTable::MakeCheck(const XtRule& rule, uint32_t hooks) const
{
    return XtCheck{m_context, m_family, m_kind.name, hooks, rule.ip, rule};
}

void
XtTable::Release(const XtRule& rule) const
{
    DestroyRule(rule, MakeCheck(rule, rule.m_hooks));
    rule.m_program = 0;
}

template <class F>
void
XtTable::ForEachRule(const Program& program, F visit)
{
    for (const XtRule* rule : program.source)
    {
        if (rule)
        {
            visit(*rule);
        }
    }
}

int
XtTable::CheckNewRules(XtRuleset& ruleset, const XtChainGraph& graph)
{
    std::vector<const XtRule*> checked;
    for (size_t c = 0; c < ruleset.chains.size(); ++c)
    {
        std::vector<XtEntry>& rules = ruleset.chains[c].rules;
        for (size_t r = 0; r < rules.size(); ++r)
        {
            const uint32_t hooks = r < graph.reach[c].rules ? graph.reach[c].hooks : 0;
            const bool known = rules[r].rule->m_program != 0;
            if (known && rules[r].rule->m_hooks == hooks)
            {
                continue;
            }
            if (known)
            {
                // Reached from other points than before: the kernel checks it anew.
                rules[r].rule = rules[r].rule->Clone();
            }
            const XtRule& rule = *rules[r].rule;
            if (const int error = CheckRule(rule, MakeCheck(rule, hooks)))
            {
                std::for_each(checked.rbegin(), checked.rend(), [this](const XtRule* done) {
                    Release(*done);
                });
                return error;
            }
            rule.m_hooks = hooks;
            rule.m_program = m_lastProgram;
            checked.push_back(&rule);
        }
    }
    return 0;
}

int
XtTable::Commit(const XtRuleset& wanted)
{
    const XtChainGraph graph = XtExamineChains(wanted);
    if (graph.loop)
    {
        return ELOOP;
    }
    XtRuleset ruleset = wanted;
    if (const int error = CheckNewRules(ruleset, graph))
    {
        return error;
    }
    auto program = Builder(ruleset).Build();
    program->depth = graph.depth;
    ++m_lastProgram;
    ForEachRule(*program, [this](const XtRule& rule) { rule.m_program = m_lastProgram; });
    ForEachRule(*m_program, [this](const XtRule& rule) {
        if (rule.m_program != m_lastProgram)
        {
            Release(rule);
        }
    });
    ForEachRule(*program, [this](const XtRule& rule) { StartRule(rule); });
    m_program.swap(program);
    DropRetired();
    // A packet may be on its way in it, and the Drop trace may still ask for its rules.
    m_retired.push_back(std::move(program));
    return 0;
}

void
XtTable::StartRule(const XtRule& rule) const
{
    for (const XtUse<XtMatch>& use : rule.matches)
    {
        use.object->Start(m_context);
    }
    if (rule.target)
    {
        rule.target.object->Start(m_context);
    }
}

NfVerdict
XtTable::Run(NfPacket& packet, const NfHookState& state)
{
    std::array<uint32_t, SMALL_STACK> small;
    std::vector<uint32_t> big;
    uint32_t* stack = small.data();
    if (m_program->depth > SMALL_STACK)
    {
        big.resize(m_program->depth);
        stack = big.data();
    }
    if (!m_retired.empty())
    {
        DropRetired();
    }
    ++m_walks;
    const NfVerdict verdict = Walk(*m_program, packet, state, stack);
    --m_walks;
    return verdict;
}

void
XtTable::DropRetired()
{
    if (m_walks == 0)
    {
        m_drop->Forget();
        m_retired.clear();
    }
}

NfVerdict
XtTable::Walk(Program& program, NfPacket& packet, const NfHookState& state, uint32_t* stack)
{
    XtParam param{packet, state, m_context, m_kind.name, m_family};
    View view(packet, state);
    size_t length = packet.GetLength();
    const auto point = static_cast<size_t>(state.hook);
    Hot* const rules = program.rules.data();
    size_t top = 0;
    uint32_t i = program.entry[point];
    for (;;)
    {
        Hot& rule = rules[i];
        if (((view.src ^ rule.src) & rule.srcMask) | ((view.dst ^ rule.dst) & rule.dstMask))
        {
            ++i;
            continue;
        }
        if (rule.flags & Hot::PROTOCOL)
        {
            if (!view.valid)
            {
                return Drop(program, i, packet);
            }
            if ((view.protocol != rule.protocol) != ((rule.flags & Hot::NOT_PROTOCOL) != 0))
            {
                ++i;
                continue;
            }
        }
        if ((rule.flags & Hot::MORE) && !view.Matches(program.cold[i], packet))
        {
            ++i;
            continue;
        }
        if (rule.match && !AllMatch(rule, program.matches, param))
        {
            if (param.hotdrop)
            {
                return Drop(program, i, packet);
            }
            ++i;
            continue;
        }
        if (param.hotdrop)
        {
            return Drop(program, i, packet);
        }
        ++rule.counters.packets;
        rule.counters.bytes += length;
        if (packet.traced)
        {
            Trace(program, i, packet, state);
        }
        switch (rule.jump)
        {
        case XtJump::ACCEPT:
            return NfVerdict::ACCEPT;
        case XtJump::DROP:
            return Drop(program, i, packet);
        case XtJump::QUEUE:
            return NfVerdict::Queue(0);
        case XtJump::RETURN:
            i = top ? stack[--top] : program.policy[point];
            continue;
        case XtJump::CHAIN:
            stack[top++] = i + 1;
            i = rule.next;
            continue;
        case XtJump::GOTO:
            i = rule.next;
            continue;
        case XtJump::NONE:
            ++i;
            continue;
        case XtJump::EXTENSION:
            break;
        }
        const XtVerdict verdict = rule.target->Target(param);
        if (!verdict)
        {
            view.Read(packet);
            length = packet.GetLength();
            ++i;
            continue;
        }
        return *verdict == NfVerdict::DROP ? Drop(program, i, packet) : *verdict;
    }
}

NfVerdict
XtTable::Drop(const Program& program, uint32_t i, NfPacket& packet)
{
    m_drop->Set(program, i);
    packet.dropRule = m_drop.get();
    packet.dropReason = program.rules[i].tail ? "drop-xtables-policy" : "drop-xtables-rule";
    return NfVerdict::DROP;
}

void
XtTable::Trace(const Program& program, uint32_t i, NfPacket& packet, const NfHookState& state)
{
    const size_t c = program.ChainOf(i);
    const XtChain& chain = program.ruleset.chains[c];
    const Hot& rule = program.rules[i];
    const bool verdict = rule.jump != XtJump::CHAIN && rule.jump != XtJump::GOTO &&
                         rule.jump != XtJump::NONE && rule.jump != XtJump::EXTENSION;
    // The kernel takes every unconditional verdict for the end of its chain.
    const bool builtinHere = chain.hook && *chain.hook == state.hook;
    const char* comment = !(rule.flags & Hot::EMPTY) || !verdict ? "rule"
                          : builtinHere                          ? "policy"
                                                                 : "return";
    const std::string prefix = fmt::format("TRACE: {}:{}:{}:{} ",
                                           m_kind.name,
                                           chain.name,
                                           comment,
                                           i - program.first[c] + 1);
    m_context.log.Write(TRACE_LEVEL, NfLogPacketText(packet, state, prefix, TRACE_FLAGS));
}

XtTables::XtTables(XtContext& context, NfFamily family)
    : m_context(context),
      m_family(family)
{
    const std::string stem = family == NfFamily::IPV6 ? "ip6_tables" : "ip_tables";
    context.addProc(stem + "_names", [this] {
        return fmt::format("{}", fmt::join(GetNames(), "\n")) + (m_tables.empty() ? "" : "\n");
    });
}

XtTables::~XtTables() = default;

XtTable*
XtTables::Use(std::string_view name)
{
    if (XtTable* table = Find(name))
    {
        return table;
    }
    for (const XtTable::Kind& kind : KINDS)
    {
        if (name == kind.name)
        {
            m_tables.push_back(std::make_unique<XtTable>(m_context, m_family, kind));
            return m_tables.back().get();
        }
    }
    return nullptr;
}

XtTable*
XtTables::Find(std::string_view name) const
{
    for (const auto& table : m_tables)
    {
        if (name == table->GetName())
        {
            return table.get();
        }
    }
    return nullptr;
}

std::vector<std::string>
XtTables::GetNames() const
{
    std::vector<std::string> names;
    for (auto it = m_tables.rbegin(); it != m_tables.rend(); ++it)
    {
        names.emplace_back((*it)->GetName());
    }
    return names;
}

} // namespace ns3
