/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * nf-shell [--json] [--seed N] [--profile KERNEL] [--file PATH=FILE]... [-c CMD]...
 *
 * An administrator's commands on a bare namespace: no simulator, no packets, time by `sleep`.
 * conntrack -E goes on: what happens later is printed behind the output of the command that made it
 * happen, until `stop`, `reset` or another conntrack -E. --file gives the namespace a file that
 * tools read. With --json each input line is a command, or {"run": "...", "stdin": "..."}, and each
 * answer is one line {"cmd":, "rc":, "out":, "err":}. `reset` starts over with a fresh namespace.
 */

#include "model/core/command/nf-command.h"
#include "model/core/conntrack/nf-kernel-profile.h"
#include "model/core/hook/nf-paper-stack.h"
#include "model/core/netns/nf-netns.h"
#include "model/core/packet/nf-clock.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace
{

using namespace ns3;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

/// Time that passes only when somebody sleeps.
class ShellClock final : public NfClock
{
  public:
    NfTime Now() const override
    {
        return m_now;
    }

    TimerId Schedule(NfTime delay, std::function<void()> callback) override
    {
        const TimerId id = ++m_lastId;
        m_timers.emplace(Key{m_now + delay, id}, std::move(callback));
        m_due.emplace(id, m_now + delay);
        return id;
    }

    void Cancel(TimerId id) override
    {
        const auto due = m_due.find(id);
        if (due != m_due.end())
        {
            m_timers.erase(Key{due->second, id});
            m_due.erase(due);
        }
    }

    NfTime GetEpoch() const override
    {
        return 1767225600s; // 2026-01-01: listings must not depend on when they were made
    }

    /// @param span not negative: fires what becomes due meanwhile, in order
    void Advance(NfTime span)
    {
        const NfTime until = m_now + span;
        while (!m_timers.empty() && m_timers.begin()->first.first <= until)
        {
            auto timer = m_timers.extract(m_timers.begin());
            m_due.erase(timer.key().second);
            m_now = timer.key().first;
            timer.mapped()();
        }
        m_now = until;
    }

  private:
    using Key = std::pair<NfTime, TimerId>;
    NfTime m_now{0};
    TimerId m_lastId{0};
    std::map<Key, std::function<void()>> m_timers; //!< by time, then age
    std::map<TimerId, NfTime> m_due;               //!< when each pending timer fires
};

/// Random numbers from a seed.
class ShellRandom final : public NfRandom
{
  public:
    explicit ShellRandom(uint32_t seed)
        : m_engine(seed)
    {
    }

    uint32_t Next() override
    {
        return static_cast<uint32_t>(m_engine());
    }

  private:
    std::mt19937 m_engine;
};

/// A namespace with what it stands on.
struct World
{
    /// @param seed of the random numbers @param profile a kernel release
    World(uint32_t seed, const std::string& profile)
        : random(seed)
    {
        for (const char* name : {"eth0", "eth1"})
        {
            stack.AddLink(name);
            NfLinkChange change;
            change.up = true;
            stack.ChangeLink(*stack.FindDevice(name), change);
        }
        netns = std::make_unique<NfNetns>(clock, random, stack);
        netns->SetKernelProfile(profile);
    }

    ShellClock clock;
    ShellRandom random;
    NfPaperStack stack;
    std::unique_ptr<NfNetns> netns;
};

/// @param words of sleep(1): "1.5", "2m", several add up @return their sum, nothing if one is wrong
std::optional<NfTime>
ParseSleep(const std::vector<std::string>& words)
{
    static const std::map<std::string, double> UNITS = {{"", 1},
                                                        {"s", 1},
                                                        {"m", 60},
                                                        {"h", 3600},
                                                        {"d", 86400}};
    double seconds = 0;
    for (size_t i = 1; i < words.size(); i++)
    {
        char* end = nullptr;
        const double value = std::strtod(words[i].c_str(), &end);
        const auto unit = UNITS.find(end);
        if (end == words[i].c_str() || unit == UNITS.end() || !(value >= 0) || value > 1e9)
        {
            return std::nullopt;
        }
        seconds += value * unit->second;
    }
    return words.size() > 1 ? std::optional(NfTime(std::llround(seconds * 1e9))) : std::nullopt;
}

/// The commands of a world, and those of the shell itself.
class Shell
{
  public:
    Shell(uint32_t seed, std::string profile)
        : m_seed(seed),
          m_profile(std::move(profile)),
          m_world(std::make_unique<World>(m_seed, m_profile))
    {
    }

    NfCommandResult Run(const std::string& line, const std::string& input)
    {
        NfResult<std::vector<std::string>> words = NfSplitWords(line);
        if (words && !words->empty() && words->front() == "reset")
        {
            m_stream.reset();
            m_world = MakeWorld();
            return {};
        }
        if (words && !words->empty() && words->front() == "stop")
        {
            NfCommandResult result;
            result.err = m_stream ? m_stream->Stop() : "";
            return WithEvents(std::move(result));
        }
        if (words && !words->empty() && words->front() == "sleep")
        {
            return WithEvents(Sleep(*words));
        }
        NfCommandResult result = WithEvents(NfRunCommand(*m_world->netns, line, input));
        if (result.stream)
        {
            m_stream = std::move(result.stream);
        }
        return result;
    }

    /// @param path as tools name it @param text what is in it
    void AddFile(const std::string& path, const std::string& text)
    {
        m_files[path] = text;
        m_world->netns->SetFile(path, text);
    }

  private:
    NfCommandResult Sleep(const std::vector<std::string>& words)
    {
        const std::optional<NfTime> span = ParseSleep(words);
        if (!span)
        {
            return {1, "", "sleep: invalid time interval\n"};
        }
        m_world->clock.Advance(*span);
        return {};
    }

    /// Adds what a program that goes on has printed meanwhile.
    NfCommandResult WithEvents(NfCommandResult result)
    {
        if (m_stream)
        {
            result.out += m_stream->Take();
        }
        return result;
    }

    std::unique_ptr<World> MakeWorld() const
    {
        auto world = std::make_unique<World>(m_seed, m_profile);
        for (const auto& [path, text] : m_files)
        {
            world->netns->SetFile(path, text);
        }
        return world;
    }

    uint32_t m_seed;
    std::string m_profile;
    std::unique_ptr<World> m_world;
    std::map<std::string, std::string> m_files; //!< by path, for each world
    std::shared_ptr<NfEventStream> m_stream;    //!< of a program that goes on
};

/// @param line as typed, or a JSON object @return what to run and its input
std::pair<std::string, std::string>
ParseRequest(const std::string& line)
{
    const Json request =
        line.front() == '{' ? Json::parse(line, nullptr, false) : Json(Json::value_t::discarded);
    if (!request.is_object() || !request.contains("run") || !request["run"].is_string())
    {
        return {line, ""};
    }
    std::string input;
    if (request.contains("stdin") && request["stdin"].is_string())
    {
        input = request["stdin"];
    }
    return {request["run"], input};
}

/// One answer line per request line.
void
ServeJson(Shell& shell)
{
    std::string line;
    while (std::getline(std::cin, line))
    {
        const auto [command, input] =
            line.empty() ? std::pair<std::string, std::string>{} : ParseRequest(line);
        const NfCommandResult result = shell.Run(command, input);
        const Json answer = {{"cmd", command},
                             {"rc", result.status},
                             {"out", result.out},
                             {"err", result.err}};
        std::cout << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
    }
}

/// Prints what a command printed. @return its exit status
int
Show(const NfCommandResult& result)
{
    std::cout << result.out << std::flush;
    std::cerr << result.err << std::flush;
    return result.status;
}

/// Reads commands as a person types them. @return exit status of the last one
int
Interact(Shell& shell)
{
    const bool prompt = isatty(STDIN_FILENO) != 0;
    int status = 0;
    std::string line;
    while ((!prompt || std::cout << "nf# " << std::flush) && std::getline(std::cin, line))
    {
        const size_t first = line.find_first_not_of(" \t");
        if (first == std::string::npos || line[first] == '#')
        {
            continue;
        }
        if (line.substr(first, 4) == "exit" || line.substr(first, 4) == "quit")
        {
            break;
        }
        status = Show(shell.Run(line, ""));
    }
    return status;
}

/// @return names of the kernel profiles
std::vector<std::string>
ProfileNames()
{
    std::vector<std::string> names;
    for (const NfKernelProfile& profile : NfGetKernelProfiles())
    {
        names.emplace_back(profile.name);
    }
    return names;
}

} // namespace

int
main(int argc, char** argv)
{
    CLI::App app{"Administrator's commands on a bare network namespace"};
    bool json = false;
    uint32_t seed = 1;
    std::string profile(NfGetDefaultProfile().name);
    std::vector<std::string> commands;
    app.add_flag("--json", json, "one JSON answer per line of input");
    app.add_option("--seed", seed, "of the random numbers");
    app.add_option("--profile", profile, "kernel release whose defaults and behaviour count")
        ->check(CLI::IsMember(ProfileNames()));
    app.add_option("-c", commands, "run this command; may be given several times")
        ->allow_extra_args(false);
    std::vector<std::string> files;
    app.add_option("--file", files, "PATH=FILE: what tools find at that path")
        ->allow_extra_args(false);
    CLI11_PARSE(app, argc, argv);

    Shell shell(seed, profile);
    for (const std::string& file : files)
    {
        const size_t eq = std::min(file.find('='), file.size() - 1);
        std::ifstream stream(file.substr(eq + 1));
        shell.AddFile(file.substr(0, eq), std::string(std::istreambuf_iterator<char>(stream), {}));
    }
    int status = 0;
    for (const std::string& command : commands)
    {
        status = Show(shell.Run(command, ""));
    }
    if (json)
    {
        ServeJson(shell);
        return 0;
    }
    return commands.empty() ? Interact(shell) : status;
}
