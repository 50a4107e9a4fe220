/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-sysctl.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace ns3
{

namespace
{

const NfError INVALID{1, "Invalid argument"};

} // namespace

void
NfSysctls::Add(std::string name, Knob knob)
{
    if (m_captured)
    {
        m_captured->push_back(name);
    }
    m_knobs[std::move(name)] = std::move(knob);
}

void
NfSysctls::Remove(std::string_view name)
{
    for (auto* knobs : {&m_knobs, &m_hidden})
    {
        if (const auto found = knobs->find(name); found != knobs->end())
        {
            knobs->erase(found);
        }
    }
}

void
NfSysctls::SetVisible(std::string_view name, bool visible)
{
    auto& from = visible ? m_hidden : m_knobs;
    auto& to = visible ? m_knobs : m_hidden;
    const auto found = from.find(name);
    if (found != from.end())
    {
        to.insert(from.extract(found));
    }
}

void
NfSysctls::SetReadOnly(std::string_view name)
{
    const auto found = m_knobs.find(name);
    if (found != m_knobs.end())
    {
        found->second.write = {};
    }
}

void
NfSysctls::AddAlias(std::string name, std::string target)
{
    const auto found = m_knobs.find(target);
    if (found == m_knobs.end())
    {
        return;
    }
    Knob knob{[this, target] {
                  const NfResult<std::string> value = Read(target);
                  return value ? *value : std::string();
              },
              {}};
    if (found->second.write)
    {
        knob.write = [this, target](const std::string& text) { return Write(target, text); };
    }
    Add(std::move(name), std::move(knob));
}

std::vector<std::string>
NfSysctls::Capture(const std::function<void()>& add)
{
    std::vector<std::string> names;
    std::vector<std::string>* const outer = std::exchange(m_captured, &names);
    add();
    m_captured = outer;
    return names;
}

NfResult<std::string>
NfSysctls::Read(std::string_view name) const
{
    const auto found = m_knobs.find(name);
    if (found == m_knobs.end())
    {
        return NfError{1, "No such file or directory"};
    }
    return found->second.read();
}

NfStatus
NfSysctls::Write(std::string_view name, const std::string& value)
{
    const auto found = m_knobs.find(name);
    if (found == m_knobs.end())
    {
        return NfError{1, "No such file or directory"};
    }
    if (!found->second.write)
    {
        return NfError{1, "Permission denied"};
    }
    return found->second.write(value);
}

// Linux: kernel/sysctl.c:proc_get_long(). Digits in any base of C, then white space or the end.
NfResult<int64_t>
NfSysctls::ParseInteger(const std::string& text, int64_t low, int64_t high)
{
    const char* p = text.c_str();
    while (std::isspace(static_cast<unsigned char>(*p)))
    {
        ++p;
    }
    const bool negative = *p == '-' && std::isdigit(static_cast<unsigned char>(p[1]));
    if (!negative && !std::isdigit(static_cast<unsigned char>(*p)))
    {
        return INVALID;
    }
    char* end = nullptr;
    errno = 0;
    const int64_t value = std::strtoll(p, &end, 0);
    const bool whole = *end == '\0' || std::isspace(static_cast<unsigned char>(*end));
    if (errno != 0 || !whole || value < low || value > high)
    {
        return INVALID;
    }
    return value;
}

} // namespace ns3
