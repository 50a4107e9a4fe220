/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/hook/nf-sysctl.h"

#include <gtest/gtest.h>

namespace ns3
{
namespace
{

struct WriteCase
{
    const char* name;
    const char* text;
    int value; //!< afterwards; 7 is what was there
    const char* error;
};

class NfSysctlsTest : public testing::TestWithParam<WriteCase>
{
};

TEST_P(NfSysctlsTest, IntegerIsParsedAsTheKernelDoes)
{
    int value = 7;
    NfSysctls sysctls;
    sysctls.AddInteger("net.netfilter.x", value, 0, 1000);
    const NfStatus status = sysctls.Write("net.netfilter.x", GetParam().text);
    EXPECT_EQ(value, GetParam().value);
    EXPECT_EQ(status ? "" : status.Error().message, GetParam().error);
    EXPECT_EQ(*sysctls.Read("net.netfilter.x"), std::to_string(value));
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    NfSysctlsTest,
    testing::Values(WriteCase{"Plain", "30", 30, ""},
                    WriteCase{"Newline", " 30\n", 30, ""},
                    WriteCase{"Hex", "0x1f", 31, ""},
                    WriteCase{"Octal", "010", 8, ""},
                    WriteCase{"TooBig", "1001", 7, "Invalid argument"},
                    WriteCase{"Negative", "-1", 7, "Invalid argument"},
                    WriteCase{"Huge", "99999999999999999999", 7, "Invalid argument"},
                    WriteCase{"Word", "abc", 7, "Invalid argument"},
                    WriteCase{"Trailing", "5x", 7, "Invalid argument"},
                    WriteCase{"Empty", "", 7, "Invalid argument"}),
    [](const auto& info) { return info.param.name; });

TEST(NfSysctlsTest, UnknownAndReadOnly)
{
    NfSysctls sysctls;
    sysctls.Add("a.b", {[] { return std::string("1"); }, {}});
    EXPECT_EQ(sysctls.Read("a.c").Error().message, "No such file or directory");
    EXPECT_EQ(sysctls.Write("a.c", "1").Error().message, "No such file or directory");
    EXPECT_EQ(sysctls.Write("a.b", "1").Error().message, "Permission denied");
}

} // namespace
} // namespace ns3
