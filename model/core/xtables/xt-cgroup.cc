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
    CLASSID,
    PATH,
};

constexpr XtOption OPTIONS[] = {
    {.name = "cgroup", .type = XtType::U32, .id = CLASSID, .flags = XT_INVERT},
    {.name = "path", .type = XtType::STRING, .id = PATH, .flags = XT_INVERT},
};

/// -m cgroup. Sockets of a simulated node are all in the root group, whose class is 0 (Linux:
/// net/netfilter/xt_cgroup.c).
class XtCgroup final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const bool path = arg.option->id == PATH;
        (path ? m_hasPath : m_hasClass) = true;
        (path ? m_invertPath : m_invertClass) = arg.invert;
        if (path)
        {
            m_path = arg.text;
        }
        else
        {
            m_class = static_cast<uint32_t>(arg.low);
        }
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (m_hasPath == m_hasClass)
        {
            check.Info(m_hasPath ? "xt_cgroup: both path and classid specified"
                                 : "xt_cgroup: xt_cgroup: no path or classid specified");
            return EINVAL;
        }
        if (m_hasPath && m_path != "/")
        {
            check.Info("xt_cgroup: invalid path, errno=-2");
            return EINVAL;
        }
        return 0;
    }

    bool Match(XtParam& param) override
    {
        return param.packet.hasSocket &&
               (m_hasPath ? !m_invertPath : (m_class == 0) != m_invertClass);
    }

    std::string Save(const XtIp&) const override
    {
        return m_hasPath ? fmt::format("{} --path \"{}\"", m_invertPath ? " !" : "", m_path)
                         : fmt::format("{} --cgroup {}", m_invertClass ? " !" : "", m_class);
    }

    std::string Print(const XtIp&, bool) const override
    {
        return m_hasPath ? fmt::format(" cgroup {}{}", m_invertPath ? "! " : "", m_path)
                         : fmt::format(" cgroup {}{}", m_invertClass ? "! " : "", m_class);
    }

  private:
    bool m_hasPath{false};
    bool m_hasClass{false};
    bool m_invertPath{false};
    bool m_invertClass{false};
    uint32_t m_class{0};
    std::string m_path;
};

} // namespace

extern const XtMatchType XT_CGROUP;
const XtMatchType XT_CGROUP{
    .name = "cgroup",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::LOCAL_OUT, NfHook::POST_ROUTING, NfHook::LOCAL_IN),
    .make = XtMakeMatch<XtCgroup>,
};

} // namespace ns3
