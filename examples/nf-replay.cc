/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * nf-replay SCENARIO.json... [-o FILE|DIR] [--seed N]
 *
 * Replays recorded scenarios (rules as an administrator types them, and packets) on a simulated
 * router: which bytes come out of which interface, what is delivered, events, counters, tables.
 * The results have the form of the recorded ones, so that a comparison shows each difference.
 */

#include "nf-replay/replay-runner.h"
#include "nf-replay/replay-shell.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/global-value.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;

/// The wire carries checksums, and addresses are used as soon as they are there.
void
SetDefaults()
{
    ns3::GlobalValue::Bind("ChecksumEnabled", ns3::BooleanValue(true));
    ns3::Config::SetDefault("ns3::Icmpv6L4Protocol::DAD", ns3::BooleanValue(false));
}

/// @return where the result of a scenario goes, empty for standard output
fs::path
ResultPath(const std::string& out, const fs::path& scenario, bool several)
{
    if (out.empty())
    {
        return {};
    }
    const bool folder = several || out.back() == '/' || fs::is_directory(out);
    if (folder)
    {
        fs::create_directories(out);
    }
    return folder ? fs::path(out) / scenario.filename() : fs::path(out);
}

/// @return false if it could not be replayed as a whole
bool
Replay(const fs::path& scenario, const fs::path& out, uint32_t seed)
{
    std::ifstream file(scenario);
    const replay::Json text = replay::Json::parse(file, nullptr, false);
    if (!text.is_object())
    {
        std::cerr << "nf-replay: " << scenario.string() << " is not a scenario\n";
        return false;
    }
    const replay::Json result = replay::ReplayScenario(text, seed);
    const std::string dump = result.dump(1, ' ', true, replay::Json::error_handler_t::replace);
    if (out.empty())
    {
        std::cout << dump << "\n";
    }
    else if (!(std::ofstream(out) << dump << "\n"))
    {
        std::cerr << "nf-replay: cannot write " << out.string() << "\n";
        return false;
    }
    if (result.contains("error"))
    {
        std::cerr << "nf-replay: " << scenario.string() << ": " << result["error"] << "\n";
    }
    return !result.contains("error");
}

} // namespace

int
main(int argc, char** argv)
{
    if (const auto status = replay::Shell::ServeAsTool(argc, argv))
    {
        return *status;
    }
    CLI::App app{"Replays nf-oracle/1 scenarios on a simulated router"};
    std::vector<std::string> scenarios;
    std::string out;
    uint32_t seed = 1;
    app.add_option("scenarios", scenarios, "scenario files")->required()->check(CLI::ExistingFile);
    app.add_option("-o,--out", out, "file, or folder, of the results; default: standard output");
    app.add_option("--seed", seed, "of the random numbers")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);

    SetDefaults();
    bool good = true;
    for (const std::string& scenario : scenarios)
    {
        good = Replay(scenario, ResultPath(out, scenario, scenarios.size() > 1), seed) && good;
    }
    return good ? 0 : 1;
}
