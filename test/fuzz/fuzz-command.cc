/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * libFuzzer target for command lines and restore files. Input that begins with '*', '#' or ':' goes
 * to iptables-restore (ip6tables-restore if it begins with '6'); other input is command lines.
 * After each input what was saved must restore to the same text.
 */

#include "model/core/command/nf-command.h"
#include "model/core/hook/nf-stack.h"
#include "model/core/netns/nf-netns.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

namespace
{

using namespace ns3;

/// Time stands still.
class StillClock final : public NfClock
{
  public:
    NfTime Now() const override
    {
        return NfTime(0);
    }

    TimerId Schedule(NfTime, std::function<void()>) override
    {
        return ++m_lastId;
    }

    void Cancel(TimerId) override
    {
    }

  private:
    TimerId m_lastId{0};
};

class CountingRandom final : public NfRandom
{
  public:
    uint32_t Next() override
    {
        return m_next += 0x9e3779b9U;
    }

  private:
    uint32_t m_next{0};
};

void
Fail(const char* what, const std::string& first, const std::string& second)
{
    std::fprintf(stderr, "%s\n--- first\n%s--- second\n%s", what, first.c_str(), second.c_str());
    std::abort();
}

/// @return the dump without its comments, which hold the time
std::string
Dump(NfNetns& netns, const char* tool)
{
    return NfRunCommand(netns, std::string(tool) + "-save -c").out;
}

/// A string with a line break (an unclosed quote in a restore file) is saved as it is, by the real
/// tools too. @return no such string in it
bool
IsLineByLine(const std::string& saved)
{
    for (size_t start = 0; start < saved.size(); start = saved.find('\n', start) + 1)
    {
        const size_t end = saved.find('\n', start);
        size_t quotes = 0;
        for (size_t i = start; i < end; ++i)
        {
            i += saved[i] == '\\';
            quotes += i < end && saved[i] == '"';
        }
        if (quotes % 2)
        {
            return false;
        }
    }
    return true;
}

void
CheckRoundTrip(NfNetns& netns, const char* tool)
{
    const std::string saved = Dump(netns, tool);
    if (!IsLineByLine(saved))
    {
        return;
    }
    const NfCommandResult result = NfRunCommand(netns, std::string(tool) + "-restore -c", saved);
    if (result.status != 0)
    {
        Fail("what was saved does not load", saved, result.err);
    }
    const std::string again = Dump(netns, tool);
    if (saved != again)
    {
        Fail("what was saved does not come out as it went in", saved, again);
    }
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    StillClock clock;
    CountingRandom random;
    NfManualStack stack;
    stack.AddDevice("eth0");
    NfNetns netns(clock, random, stack);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool six = !text.empty() && text[0] == '6';
    const std::string_view body = text.substr(six);
    std::string errors;
    if (!body.empty() && (body[0] == '*' || body[0] == '#' || body[0] == ':'))
    {
        const char* tool = six ? "ip6tables-restore" : "iptables-restore";
        errors = NfRunCommand(netns, tool, std::string(body)).err;
    }
    else
    {
        size_t lines = 0;
        for (size_t start = 0; start < body.size() && lines < 64; ++lines)
        {
            const size_t end = std::min(body.find('\n', start), body.size());
            errors += NfRunCommand(netns, body.substr(start, end - start)).err;
            start = end + 1;
        }
    }
    // The tools do not quote interface names, and say so.
    if (errors.find("weird character") == std::string::npos)
    {
        CheckRoundTrip(netns, "iptables");
        CheckRoundTrip(netns, "ip6tables");
    }
    return 0;
}
