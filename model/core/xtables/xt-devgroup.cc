/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-value-mask.h"

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

/// The name of group 0 in /etc/iproute2/group.
constexpr const char* DEFAULT = "default";

struct Group : XtValueMask
{
    bool given{false};

    bool Accepts(const NfDevice* device) const
    {
        return !given || (device && ((value ^ device->group) & mask) == 0) != invert;
    }

    std::string Show(const char* name, bool numeric) const
    {
        const char* sign = invert ? " !" : "";
        return given ? fmt::format("{} {} {}", sign, name, Format(numeric ? nullptr : DEFAULT))
                     : "";
    }
};

/// -m devgroup (Linux: net/netfilter/xt_devgroup.c)
class XtDevgroup final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        Group& group = arg.option->id == SOURCE ? m_source : m_destination;
        group.given = true;
        return group.Parse(arg, DEFAULT);
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
        return m_source.Show("--src-group", false) + m_destination.Show("--dst-group", false);
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return m_source.Show("src-group", numeric) + m_destination.Show("dst-group", numeric);
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
