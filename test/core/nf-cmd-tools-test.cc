/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-paper-stack.h"
#include "testing/nf-testing-netns.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

/**
 * @file
 * conntrack, nfct and ip by data: test/data/tools/NAME.transcript holds commands and what the real
 * tools printed (test/record-tools.py).
 */

namespace ns3
{
namespace
{

/// A command of a transcript with what is expected of it.
struct Step
{
    std::string command;
    std::string input;
    std::string answer; //!< standard error, standard output, exit status
};

std::vector<std::string>
Transcripts()
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(NF_TEST_DATA "/tools"))
    {
        names.push_back(entry.path().stem());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Step>
Read(const std::string& name)
{
    std::ifstream file(NF_TEST_DATA "/tools/" + name + ".transcript");
    std::vector<Step> steps;
    for (std::string line; std::getline(file, line);)
    {
        if (line.rfind("$ ", 0) == 0)
        {
            steps.push_back({line.substr(2), "", ""});
        }
        else if (line.rfind("< ", 0) == 0)
        {
            steps.back().input += line.substr(2) + "\n";
        }
        else if (!steps.empty())
        {
            steps.back().answer += line + "\n";
        }
    }
    return steps;
}

/// What differs from run to run, as test/record-tools.py masks it.
std::string
Mask(std::string text)
{
    static const std::vector<std::pair<std::regex, std::string>> MASKS = {
        {std::regex("(^|\n)((ipv[46] +[0-9]+ )?[a-z0-9]+ +[0-9]+) [0-9]+ "), "$1$2 T "},
        {std::regex("(^|\n)(-[ADU] -t) [0-9]+"), "$1$2 T"},
        {std::regex("<timeout>[0-9]+"), "<timeout>T"},
        {std::regex("\\bid=[0-9]+"), "id=ID"},
        {std::regex("<id>[0-9]+"), "<id>ID"},
    };
    for (const auto& [pattern, replacement] : MASKS)
    {
        text = std::regex_replace(text, pattern, replacement);
    }
    return text;
}

std::string
SortLines(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
    {
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    std::string sorted;
    for (const std::string& line : lines)
    {
        sorted += line + "\n";
    }
    return sorted;
}

std::string
Answer(const std::string& command, const NfCommandResult& result)
{
    const bool sorts =
        command.rfind("conntrack -L", 0) == 0 || command.rfind("conntrack -D", 0) == 0;
    const std::string out = Mask(result.out);
    return Mask(result.err) + (sorts ? SortLines(out) : out) + "[" + std::to_string(result.status) +
           "]\n";
}

class ToolTranscriptTest : public testing::TestWithParam<std::string>
{
};

TEST_P(ToolTranscriptTest, AnswersAsTheRealTool)
{
    NfManualClock clock;
    NfSeededRandom random;
    NfPaperStack stack;
    stack.AddLink("d0");
    NfNetns netns(clock, random, stack);
    const std::vector<Step> steps = Read(GetParam());
    ASSERT_FALSE(steps.empty());
    for (const Step& step : steps)
    {
        EXPECT_EQ(Answer(step.command, NfRunCommand(netns, step.command, step.input)), step.answer)
            << step.command;
    }
}

std::string
CaseName(const testing::TestParamInfo<std::string>& info)
{
    return std::regex_replace(info.param, std::regex("[^A-Za-z0-9]"), "_");
}

INSTANTIATE_TEST_SUITE_P(Recorded, ToolTranscriptTest, testing::ValuesIn(Transcripts()), CaseName);

} // namespace
} // namespace ns3
