/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    SOURCE,
    DESTINATION,
};

constexpr XtOption OPTIONS[] = {
    {.name = "src-group", .type = XtType::STRING, .id = SOURCE, .flags = XT_INVERT},
    {.name = "dst-group", .type = XtType::STRING, .id = DESTINATION, .flags = XT_INVERT},
};

struct Group
{
    uint32_t value{0};
    uint32_t mask{0};
    bool given{false};
    bool invert{false};

    bool Accepts(const NfDevice* device) const
    {
        return !given || (device && ((value ^ device->group) & mask) == 0) != invert;
    }

    std::string Format(const char* name) const
    {
        return given ? fmt::format("{} {} {}", invert ? " !" : "", name, XtFormatMark(value, mask))
                     : "";
    }
};

/// -m devgroup (Linux: net/netfilter/xt_devgroup.c)
class XtDevgroup final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = XtParseMarkMask(arg.text);
        if (!value)
        {
            return XtBadParameter(fmt::format(
                "devgroup: could not map name {} to an integer value for option \"--{}\".\n",
                arg.text,
                arg.option->name));
        }
        (arg.option->id == SOURCE ? m_source : m_destination) =
            Group{value->first, value->second, true, arg.invert};
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk()
                    : XtBadParameter("devgroup match: You must specify either '--src-group' or "
                                     "'--dst-group'");
    }

    int Check(const XtCheck& check) override
    {
        constexpr uint32_t HAVE_IN =
            XtHooks(NfHook::PRE_ROUTING, NfHook::LOCAL_IN, NfHook::FORWARD);
        constexpr uint32_t HAVE_OUT =
            XtHooks(NfHook::POST_ROUTING, NfHook::LOCAL_OUT, NfHook::FORWARD);
        const bool bad = (m_source.given && check.hooks & ~HAVE_IN) ||
                         (m_destination.given && check.hooks & ~HAVE_OUT);
        return bad ? EINVAL : 0;
    }

    bool Match(XtParam& param) override
    {
        return m_source.Accepts(param.state.in) && m_destination.Accepts(param.state.out);
    }

    std::string Save(const XtIp&) const override
    {
        return m_source.Format("--src-group") + m_destination.Format("--dst-group");
    }

    std::string Print(const XtIp&, bool) const override
    {
        return m_source.Format("src-group") + m_destination.Format("dst-group");
    }

  private:
    Group m_source;
    Group m_destination;
};

} // namespace

extern const XtMatchType XT_DEVGROUP;
const XtMatchType XT_DEVGROUP{
    .name = "devgroup",
    .options = OPTIONS,
    .make = XtMakeMatch<XtDevgroup>,
};

} // namespace ns3
