/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef XT_NUMBER_RANGE_H
#define XT_NUMBER_RANGE_H

#include "xt-option.h"

#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * A range of 32-bit numbers as esp, ah, frag, rt and ipcomp compare it, and its texts.
 */
struct XtNumberRange
{
    uint32_t min{0};
    uint32_t max{0xffffffff};
    bool invert{false};

    /// @param arg of type U32RC
    void Set(const XtArg& arg)
    {
        min = static_cast<uint32_t>(arg.low);
        max = static_cast<uint32_t>(arg.count == 2 ? arg.high : arg.low);
        invert = arg.invert;
    }

    bool Has(uint32_t value) const
    {
        return (value >= min && value <= max) != invert;
    }

    bool IsAny() const
    {
        return min == 0 && max == 0xffffffff;
    }

    /// @param name " --espspi" @return " ! --espspi 1:2", "" for the full range
    std::string Save(const char* name) const
    {
        return IsAny() ? "" : std::string(invert ? " !" : "") + name + " " + Values();
    }

    /// @param name " spi" @return " spis:!1:2", "" for the full range
    std::string Print(const char* name) const
    {
        return IsAny() && !invert
                   ? ""
                   : std::string(name) + (min == max ? ":" : "s:") + (invert ? "!" : "") + Values();
    }

  private:
    std::string Values() const
    {
        return min == max ? std::to_string(min) : std::to_string(min) + ":" + std::to_string(max);
    }
};

} // namespace ns3

#endif // XT_NUMBER_RANGE_H
