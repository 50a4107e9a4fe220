/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "model/core/xtables/xt-names.h"
#include "model/core/xtables/xt-option.h"

#include <gtest/gtest.h>
#include <string>

namespace ns3
{
namespace
{

struct ValueCase
{
    const char* name;
    XtType type;
    const char* text;
    const char* error; //!< null: accepted
    uint64_t low;
    uint64_t high;
    uint32_t mask;
    uint64_t max{0};
};

constexpr ValueCase VALUES[] = {
    {"u8", XtType::U8, "255", nullptr, 255, 255, 0},
    {"u8 too big",
     XtType::U8,
     "256",
     "x: bad value for option \"--o\", or out of range (0-255).\n",
     0,
     0,
     0},
    {"u16 hex", XtType::U16, "0xffff", nullptr, 65535, 65535, 0},
    {"u16 octal", XtType::U16, "010", nullptr, 8, 8, 0},
    {"u32 sign",
     XtType::U32,
     "-1",
     "x: bad value for option \"--o\", or out of range (0-4294967295).\n",
     0,
     0,
     0},
    {"u64 biggest",
     XtType::U64,
     "18446744073709551615",
     nullptr,
     18446744073709551615U,
     18446744073709551615U,
     0},
    {"u64 overflow",
     XtType::U64,
     "18446744073709551616",
     "x: bad value for option \"--o\", or out of range (0-18446744073709551615).\n",
     0,
     0,
     0},
    {"own bound",
     XtType::U16,
     "11",
     "x: bad value for option \"--o\", or out of range (0-10).\n",
     0,
     0,
     0,
     10},
    {"empty",
     XtType::U8,
     "",
     "x: bad value for option \"--o\", or out of range (0-255).\n",
     0,
     0,
     0},
    {"range", XtType::U16RC, "10:20", nullptr, 10, 20, 0},
    {"range open above", XtType::U16RC, "10:", nullptr, 10, 65535, 0},
    {"range open below", XtType::U16RC, ":20", nullptr, 0, 20, 0},
    {"range of one", XtType::U16RC, "10", nullptr, 10, 10, 0},
    {"range too long",
     XtType::U16RC,
     "1:2:3",
     "x: Too many components for option \"--o\" (max: 2)\n",
     0,
     0,
     0},
    {"range garbage",
     XtType::U16RC,
     "1-2",
     "x: Argument to \"--o\" has unexpected characters near \"-2\".\n",
     0,
     0,
     0},
    {"mark", XtType::MARKMASK, "0x10/0xf0", nullptr, 16, 0, 0xf0},
    {"mark alone", XtType::MARKMASK, "16", nullptr, 16, 0, 0xffffffff},
    {"tos by name", XtType::TOSMASK, "minimize-delay", nullptr, 0x10, 0, 0x3f},
    {"tos by number", XtType::TOSMASK, "0x10/0xf", nullptr, 0x10, 0, 0xf},
    {"tos unknown", XtType::TOSMASK, "foo", "Symbolic name \"foo\" is unknown", 0, 0, 0},
    {"log level by name", XtType::SYSLOG, "debug", nullptr, 7, 0, 0},
    {"log level by number", XtType::SYSLOG, "3", nullptr, 3, 0, 0},
    {"log level unknown", XtType::SYSLOG, "loud", "log level \"loud\" unknown\n", 0, 0, 0},
    {"protocol", XtType::PROTOCOL, "udp", nullptr, 17, 0, 0},
    {"port by name", XtType::PORT, "ssh", nullptr, 22, 22, 0},
    {"port unknown", XtType::PORT, "foo", "Port \"foo\" does not resolve to anything.\n", 0, 0, 0},
    {"ports", XtType::PORTRC, "ssh:80", nullptr, 22, 80, 0},
    {"string too long",
     XtType::STRING,
     "abcd",
     "Argument must have a maximum length of 4 characters\n",
     0,
     0,
     0,
     4},
    {"string fits", XtType::STRING, "abc", nullptr, 0, 0, 0, 4},
    {"mac bad", XtType::MAC, "1:2:3", "Invalid MAC address specified.", 0, 0, 0},
    {"prefix length", XtType::PLEN, "24", nullptr, 24, 0, 0},
};

TEST(XtOptionTest, EachTypeReadsItsValues)
{
    for (const ValueCase& c : VALUES)
    {
        XtOption option{.name = "o", .type = c.type, .max = c.max};
        XtArg arg;
        arg.option = &option;
        arg.extension = "x";
        arg.text = c.text;
        arg.hasText = true;
        const NfStatus status = XtParseOption(arg);
        EXPECT_EQ(static_cast<bool>(status), c.error == nullptr) << c.name;
        if (!status)
        {
            EXPECT_EQ(status.Error().message, c.error ? c.error : "") << c.name;
            EXPECT_EQ(status.Error().status, 2) << c.name;
            continue;
        }
        EXPECT_EQ(arg.low, c.low) << c.name;
        EXPECT_EQ(arg.mask, c.mask) << c.name;
        if (c.high)
        {
            EXPECT_EQ(arg.high, c.high) << c.name;
        }
    }
}

TEST(XtOptionTest, AddressesKeepWhatWasTyped)
{
    XtOption option{.name = "o", .type = XtType::HOSTMASK};
    XtArg arg;
    arg.option = &option;
    arg.text = "10.1.2.3/16";
    arg.hasText = true;
    ASSERT_TRUE(XtParseOption(arg));
    EXPECT_EQ(arg.addr.ToString(NfFamily::IPV4), "10.1.2.3");
    EXPECT_EQ(arg.addrMask.ToString(NfFamily::IPV4), "255.255.0.0");
    EXPECT_EQ(arg.prefix, 16);
}

TEST(XtOptionTest, UseIsChecked)
{
    constexpr XtOption table[] = {
        {.name = "a", .id = 0, .flags = XT_MANDATORY},
        {.name = "b", .id = 1, .excludes = 1 << 2},
        {.name = "c", .id = 2, .needs = 1 << 1},
    };
    const auto message = [&](uint32_t seen) {
        const NfStatus status = XtCheckOptions("x", table, seen);
        return status ? "" : status.Error().message;
    };
    EXPECT_EQ(message(1), "");
    EXPECT_EQ(message(2), "x: option \"--a\" must be specified\n");
    EXPECT_EQ(message(7), "x: option \"--b\" cannot be used together with \"--c\".\n");
    EXPECT_EQ(message(5), "x: option \"--c\" also requires \"--b\".\n");
}

TEST(XtOptionTest, SavedStringsAreQuotedOnlyWhereNeeded)
{
    EXPECT_EQ(XtSaveString("plain-word_1"), " plain-word_1");
    EXPECT_EQ(XtSaveString("two words"), " \"two words\"");
    EXPECT_EQ(XtSaveString("a\"b\\c'"), " \"a\\\"b\\\\c\\'\"");
    EXPECT_EQ(XtSaveString(""), " \"\"");
}

TEST(XtOptionTest, NamesGoBothWays)
{
    EXPECT_EQ(XtServicePort("domain", "udp"), 53);
    EXPECT_EQ(XtServicePort("nosuch", nullptr), std::nullopt);
    EXPECT_EQ(XtServiceName(80, 6), "http");
    EXPECT_EQ(XtServiceName(4, 6), "");
    EXPECT_EQ(XtProtocolNumber("icmpv6"), 58);
    EXPECT_EQ(XtProtocolName(58), "ipv6-icmp");
    EXPECT_EQ(XtProtocolName(0), "");
}

} // namespace
} // namespace ns3
