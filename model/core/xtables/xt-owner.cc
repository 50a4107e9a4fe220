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
    USER,
    GROUP,
    SOCKET,
    SUPPLEMENTARY,
};

constexpr XtOption OPTIONS[] = {
    {.name = "uid-owner", .type = XtType::STRING, .id = USER, .flags = XT_INVERT},
    {.name = "gid-owner", .type = XtType::STRING, .id = GROUP, .flags = XT_INVERT},
    {.name = "socket-exists", .id = SOCKET, .flags = XT_INVERT},
    {.name = "suppl-groups", .id = SUPPLEMENTARY},
};

struct IdRange
{
    uint32_t min{0};
    uint32_t max{0};

    bool Has(int64_t id) const
    {
        return id >= min && id <= max;
    }

    std::string Format() const
    {
        return min == max ? fmt::format("{}", min) : fmt::format("{}-{}", min, max);
    }
};

/// -m owner: who sent it (Linux: net/netfilter/xt_owner.c, revision 1)
class XtOwner final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const uint8_t id = arg.option->id;
        m_given |= static_cast<uint8_t>(1U << id);
        m_invert |= static_cast<uint8_t>(arg.invert ? 1U << id : 0);
        switch (id)
        {
        case USER:
            return ParseRange(arg.text, m_user, "--uid-owner");
        case GROUP:
            return ParseRange(arg.text, m_group, "--gid-owner");
        case SUPPLEMENTARY:
            return arg.seen >> GROUP & 1
                       ? NfOk()
                       : XtBadValue("owner", "--suppl-groups", "you need to use --gid-owner first");
        default:
            return NfOk();
        }
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk()
                    : XtBadParameter("owner: At least one of --uid-owner, --gid-owner or "
                                     "--socket-exists is required");
    }

    int Check(const XtCheck&) override
    {
        return m_user.min > m_user.max || m_group.min > m_group.max ? EINVAL : 0;
    }

    bool Match(XtParam& param) override
    {
        const NfPacket& packet = param.packet;
        constexpr uint8_t ALL = 1 << USER | 1 << GROUP | 1 << SOCKET;
        constexpr uint8_t OWNED = 1 << USER | 1 << GROUP;
        if (!packet.hasSocket)
        {
            return ((m_given ^ m_invert) & ALL) == 0;
        }
        if (m_given & m_invert & 1 << SOCKET)
        {
            return false;
        }
        if (packet.ownerUid < 0)
        {
            return ((m_given ^ m_invert) & OWNED) == 0;
        }
        return !Differs(USER, m_user.Has(packet.ownerUid)) &&
               !Differs(GROUP, m_group.Has(packet.ownerGid));
    }

    std::string Save(const XtIp&) const override
    {
        return Part(USER, "--uid-owner", m_user.Format()) +
               Part(GROUP, "--gid-owner", m_group.Format()) + Part(SOCKET, "--socket-exists", "") +
               Part(SUPPLEMENTARY, "--suppl-groups", "");
    }

    std::string Print(const XtIp&, bool numeric) const override
    {
        return Part(USER, "owner UID match", Name(m_user, numeric)) +
               Part(GROUP, "owner GID match", Name(m_group, numeric)) +
               Part(SOCKET, "owner socket exists", "") +
               Part(SUPPLEMENTARY, "incl. suppl. groups", "");
    }

  private:
    /// A simulated node knows one user and one group by name.
    static std::string Name(const IdRange& range, bool numeric)
    {
        return !numeric && range.max == 0 ? "root" : range.Format();
    }

    static NfStatus ParseRange(const std::string& text, IdRange& range, const char* option)
    {
        if (text == "root")
        {
            range = {};
            return NfOk();
        }
        const size_t dash = text.find('-');
        const auto low = XtParseNumber(text.substr(0, dash), 0, 0xfffffffe);
        const auto high =
            dash == std::string::npos ? low : XtParseNumber(text.substr(dash + 1), 0, 0xfffffffe);
        if (!low || !high)
        {
            return XtBadValue("owner", option, text);
        }
        range = IdRange{static_cast<uint32_t>(*low), static_cast<uint32_t>(*high)};
        return NfOk();
    }

    bool Differs(Id id, bool holds) const
    {
        return (m_given >> id & 1) && holds == ((m_invert >> id & 1) != 0);
    }

    std::string Part(Id id, const char* name, const std::string& value) const
    {
        return m_given >> id & 1 ? fmt::format("{} {}{}{}",
                                               m_invert >> id & 1 ? " !" : "",
                                               name,
                                               value.empty() ? "" : " ",
                                               value)
                                 : "";
    }

    uint8_t m_given{0};  //!< bit per Id
    uint8_t m_invert{0}; //!< bit per Id
    IdRange m_user;
    IdRange m_group;
};

} // namespace

extern const XtMatchType XT_OWNER;
const XtMatchType XT_OWNER{
    .name = "owner",
    .options = OPTIONS,
    .hooks = XtHooks(NfHook::LOCAL_OUT, NfHook::POST_ROUTING),
    .make = XtMakeMatch<XtOwner>,
};

} // namespace ns3
