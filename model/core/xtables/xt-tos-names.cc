/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-tos-names.h"

#include "xt-packet.h"

namespace ns3
{
namespace
{

struct Name
{
    uint8_t value;
    const char* name;
};

constexpr Name TOS_NAMES[] = {
    {0x10, "Minimize-Delay"},
    {0x08, "Maximize-Throughput"},
    {0x04, "Maximize-Reliability"},
    {0x02, "Minimize-Cost"},
    {0x00, "Normal-Service"},
};

constexpr Name CLASSES[] = {
    {0x00, "CS0"},  {0x08, "CS1"},  {0x10, "CS2"},  {0x18, "CS3"},  {0x20, "CS4"},  {0x28, "CS5"},
    {0x30, "CS6"},  {0x38, "CS7"},  {0x00, "BE"},   {0x0a, "AF11"}, {0x0c, "AF12"}, {0x0e, "AF13"},
    {0x12, "AF21"}, {0x14, "AF22"}, {0x16, "AF23"}, {0x1a, "AF31"}, {0x1c, "AF32"}, {0x1e, "AF33"},
    {0x22, "AF41"}, {0x24, "AF42"}, {0x26, "AF43"}, {0x2e, "EF"},
};

} // namespace

const char*
XtTosName(uint8_t value)
{
    for (const Name& row : TOS_NAMES)
    {
        if (row.value == value)
        {
            return row.name;
        }
    }
    return nullptr;
}

std::optional<uint8_t>
XtDscpClass(std::string_view name)
{
    for (const Name& row : CLASSES)
    {
        if (XtIsPrefix(row.name, name))
        {
            return row.value;
        }
    }
    return std::nullopt;
}

} // namespace ns3
