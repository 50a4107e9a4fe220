/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-rule.h"

#include "xt-names.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <iterator>

namespace ns3
{
namespace
{

const char*
Not(bool invert)
{
    return invert ? " !" : "";
}

void
SaveAddress(std::string& out,
            char option,
            const NfAddr& addr,
            const NfAddr& mask,
            bool invert,
            NfFamily family)
{
    if (addr.IsZero() && mask.IsZero() && !invert)
    {
        return;
    }
    std::string length = XtFormatMask(mask, family);
    if (length.empty())
    {
        length = family == NfFamily::IPV6 ? "/128" : "/32";
    }
    fmt::format_to(std::back_inserter(out),
                   "{} -{} {}{}",
                   Not(invert),
                   option,
                   addr.ToString(family),
                   length);
}

void
SaveInterface(std::string& out, char option, const std::string& name, bool invert)
{
    // "+" is any interface, and libxtables keeps no trace of it.
    if (!name.empty() && name != "+")
    {
        fmt::format_to(std::back_inserter(out), "{} -{} {}", Not(invert), option, name);
    }
}

void
SaveProtocol(std::string& out, const XtIp& ip)
{
    if (ip.protocol == 0)
    {
        return;
    }
    const std::string_view name = XtProtocolName(ip.protocol);
    fmt::format_to(std::back_inserter(out),
                   "{} -p {}",
                   Not(ip.invertProtocol),
                   name.empty() ? std::to_string(ip.protocol) : std::string(name));
}

template <class T>
bool
SameUse(const XtUse<T>& a, const XtUse<T>& b, const XtIp& ip)
{
    return a.type == b.type && (!a || a.object->Save(ip) == b.object->Save(ip));
}

} // namespace

bool
XtIp::operator==(const XtIp& o) const
{
    const auto bits = [](const XtIp& i) {
        return i.fragment | i.invertSrc << 1 | i.invertDst << 2 | i.invertIn << 3 |
               i.invertOut << 4 | i.invertProtocol << 5 | i.invertFragment << 6;
    };
    return family == o.family && protocol == o.protocol && bits(*this) == bits(o) && src == o.src &&
           srcMask == o.srcMask && dst == o.dst && dstMask == o.dstMask && in == o.in &&
           out == o.out;
}

std::string
XtRule::SaveConditions() const
{
    std::string out;
    SaveAddress(out, 's', ip.src, ip.srcMask, ip.invertSrc, ip.family);
    SaveAddress(out, 'd', ip.dst, ip.dstMask, ip.invertDst, ip.family);
    SaveInterface(out, 'i', ip.in, ip.invertIn);
    SaveInterface(out, 'o', ip.out, ip.invertOut);
    SaveProtocol(out, ip);
    if (ip.fragment)
    {
        out += Not(ip.invertFragment);
        out += " -f";
    }
    for (const XtUse<XtMatch>& use : matches)
    {
        out += " -m ";
        out += use.type->name;
        out += use.object->Save(ip);
    }
    return out;
}

std::string
XtRule::SaveTarget() const
{
    if (jump == XtJump::NONE)
    {
        return {};
    }
    std::string out = jump == XtJump::GOTO ? " -g " : " -j ";
    out += GetTargetName();
    if (target)
    {
        out += target.object->Save(ip);
    }
    return out;
}

std::string_view
XtRule::GetTargetName() const
{
    switch (jump)
    {
    case XtJump::NONE:
        return {};
    case XtJump::CHAIN:
    case XtJump::GOTO:
        return chain;
    case XtJump::EXTENSION:
        return target.type->name;
    default:
        return XtJumpName(jump);
    }
}

bool
XtRule::IsSame(const XtRule& o) const
{
    return jump == o.jump && target.type == o.target.type && ip == o.ip && chain == o.chain &&
           std::equal(matches.begin(),
                      matches.end(),
                      o.matches.begin(),
                      o.matches.end(),
                      [this](const XtUse<XtMatch>& a, const XtUse<XtMatch>& b) {
                          return SameUse(a, b, ip);
                      }) &&
           SameUse(target, o.target, ip);
}

std::shared_ptr<XtRule>
XtRule::Clone() const
{
    auto copy = std::make_shared<XtRule>();
    copy->ip = ip;
    copy->jump = jump;
    copy->chain = chain;
    for (const XtUse<XtMatch>& use : matches)
    {
        copy->matches.push_back(use.Clone(ip));
    }
    if (target)
    {
        copy->target = target.Clone(ip);
    }
    return copy;
}

const char*
XtJumpName(XtJump jump)
{
    switch (jump)
    {
    case XtJump::ACCEPT:
        return "ACCEPT";
    case XtJump::DROP:
        return "DROP";
    case XtJump::QUEUE:
        return "QUEUE";
    case XtJump::RETURN:
        return "RETURN";
    default:
        return "";
    }
}

std::optional<XtJump>
XtFindVerdict(std::string_view name)
{
    for (const XtJump jump : {XtJump::ACCEPT, XtJump::DROP, XtJump::QUEUE, XtJump::RETURN})
    {
        if (name == XtJumpName(jump))
        {
            return jump;
        }
    }
    return std::nullopt;
}

XtChain*
XtRuleset::Find(std::string_view name)
{
    const auto it = std::find_if(chains.begin(), chains.end(), [name](const XtChain& chain) {
        return chain.name == name;
    });
    return it == chains.end() ? nullptr : &*it;
}

const XtChain*
XtRuleset::Find(std::string_view name) const
{
    return const_cast<XtRuleset*>(this)->Find(name);
}

int
XtRuleset::Insert(std::string_view chain, size_t at, XtEntry entry)
{
    XtChain* c = Find(chain);
    if (!c)
    {
        return ENOENT;
    }
    if (at > c->rules.size())
    {
        return E2BIG;
    }
    c->rules.insert(c->rules.begin() + static_cast<std::ptrdiff_t>(at), std::move(entry));
    return 0;
}

int
XtRuleset::Append(std::string_view chain, XtEntry entry)
{
    XtChain* c = Find(chain);
    if (!c)
    {
        return ENOENT;
    }
    c->rules.push_back(std::move(entry));
    return 0;
}

int
XtRuleset::Replace(std::string_view chain, size_t at, XtEntry entry)
{
    XtChain* c = Find(chain);
    if (!c)
    {
        return ENOENT;
    }
    if (at >= c->rules.size())
    {
        return E2BIG;
    }
    c->rules[at] = std::move(entry);
    return 0;
}

int
XtRuleset::Delete(std::string_view chain, size_t at)
{
    XtChain* c = Find(chain);
    if (!c)
    {
        return ENOENT;
    }
    if (at >= c->rules.size())
    {
        return E2BIG;
    }
    c->rules.erase(c->rules.begin() + static_cast<std::ptrdiff_t>(at));
    return 0;
}

std::optional<size_t>
XtRuleset::FindRule(std::string_view chain, const XtRule& rule) const
{
    const XtChain* c = Find(chain);
    for (size_t i = 0; c && i < c->rules.size(); ++i)
    {
        if (c->rules[i].rule->IsSame(rule))
        {
            return i;
        }
    }
    return std::nullopt;
}

int
XtRuleset::Flush(std::string_view chain)
{
    XtChain* c = Find(chain);
    if (!c)
    {
        return ENOENT;
    }
    c->rules.clear();
    return 0;
}

int
XtRuleset::Create(std::string_view name)
{
    if (Find(name))
    {
        return EEXIST;
    }
    const auto place = std::find_if(chains.begin(), chains.end(), [name](const XtChain& chain) {
        return !chain.hook && chain.name > name;
    });
    XtChain chain;
    chain.name = name;
    chains.insert(place, std::move(chain));
    return 0;
}

int
XtRuleset::Remove(std::string_view name)
{
    const XtChain* chain = Find(name);
    if (!chain)
    {
        return ENOENT;
    }
    if (chain->hook)
    {
        return EINVAL;
    }
    if (CountReferences(name) > 0)
    {
        return EMLINK;
    }
    if (!chain->rules.empty())
    {
        return ENOTEMPTY;
    }
    chains.erase(chains.begin() + (chain - chains.data()));
    return 0;
}

int
XtRuleset::Rename(std::string_view from, const std::string& to)
{
    if (Find(to))
    {
        return EEXIST;
    }
    const XtChain* chain = Find(from);
    if (!chain || chain->hook)
    {
        return ENOENT;
    }
    const std::string old(from);
    const auto index = chain - chains.data();
    XtChain moved = std::move(chains[index]);
    chains.erase(chains.begin() + index);
    Create(to);
    moved.name = to;
    *Find(to) = std::move(moved);
    for (XtChain& c : chains)
    {
        for (XtEntry& entry : c.rules)
        {
            if (entry.rule->chain == old)
            {
                auto rule = entry.rule->Clone();
                rule->chain = to;
                entry.rule = std::move(rule);
            }
        }
    }
    return 0;
}

size_t
XtRuleset::CountReferences(std::string_view chain) const
{
    size_t count = 0;
    for (const XtChain& c : chains)
    {
        count += static_cast<size_t>(
            std::count_if(c.rules.begin(), c.rules.end(), [chain](const XtEntry& entry) {
                return entry.rule->chain == chain;
            }));
    }
    return count;
}

} // namespace ns3
