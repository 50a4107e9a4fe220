/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper-text.h"
#include "nf-helper.h"

#include <algorithm>
#include <optional>

namespace ns3
{

namespace
{

constexpr uint16_t IRC_PORT = 6667;
constexpr int64_t MAX_EXPECTED = 255; //!< Linux: NF_CT_EXPECT_MAX_CNT
constexpr size_t MAX_SEARCH = 4095;   //!< Linux: MAX_SEARCH_SIZE
constexpr std::string_view DCC_COMMANDS[] = {"SEND ", "CHAT ", "MOVE ", "TSEND ", "SCHAT "};
constexpr std::string_view CTCP_DCC = "\1DCC ";
constexpr size_t SHORTEST_MESSAGE = 26; //!< " :\1DCC SEND f 1 2\1\n" with room for addresses
constexpr size_t SHORTEST_ADDRESS = 12; //!< "AAAAAAAA P\1\n"
constexpr size_t SHORTEST_PRIVMSG = 10; //!< "PRIVMSG x "

/// The address in a DCC command, and where it stands.
struct Match
{
    uint32_t addr{0};
    uint32_t port{0};
    size_t offset{0};
    size_t length{0};
};

/// Linux: parse_dcc(). @param at behind the command word
std::optional<Match>
ParseDcc(std::string_view text, size_t at)
{
    const size_t blank = text.find(' ', at);
    if (blank == std::string_view::npos || blank + SHORTEST_ADDRESS > text.size())
    {
        return std::nullopt;
    }
    Match match;
    match.offset = blank + 1;
    std::string_view rest = text.substr(match.offset);
    if (rest.find('\n') == std::string_view::npos)
    {
        return std::nullopt;
    }
    match.addr = NfTakeNumber(rest);
    while (!rest.empty() && rest.front() == ' ')
    {
        rest.remove_prefix(1);
    }
    match.port = NfTakeNumber(rest) & 0xffff;
    match.length = text.size() - match.offset - rest.size();
    return match;
}

/// @return where the DCC command word of a PRIVMSG begins, nothing if it is no such message
std::optional<size_t>
FindDcc(std::string_view text)
{
    const auto has = [&](size_t at, size_t n) { return at + n < text.size(); };
    size_t at = 0;
    while (has(at, SHORTEST_PRIVMSG) &&
           std::string_view(" \r\n").find(text[at]) != std::string_view::npos)
    {
        at++;
    }
    if (has(at, SHORTEST_PRIVMSG))
    {
        if (!NfStartsWithNoCase(text.substr(at), "PRIVMSG "))
        {
            return std::nullopt;
        }
        at += 8;
    }
    while (has(at, SHORTEST_MESSAGE) && text.substr(at, 2) != " :")
    {
        at++;
    }
    if (!has(at, SHORTEST_MESSAGE) || text.substr(at + 2, CTCP_DCC.size()) != CTCP_DCC)
    {
        return std::nullopt;
    }
    return at + 2 + CTCP_DCC.size();
}

/**
 * IRC's direct client connections (Linux: nf_conntrack_irc.c, nf_nat_irc.c): the client tells its
 * peer through the server where it listens, so the connection may come from anywhere.
 */
class IrcHelper final : public NfHelper
{
  public:
    IrcHelper(NfNat& nat, std::string name)
        : NfHelper(nat,
                   std::move(name),
                   NfFamily::IPV4,
                   NF_IPPROTO_TCP,
                   {NfExpectPolicy{8, 300, "irc"}})
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override;

  private:
    NfVerdict OnDcc(NfPacket& packet, NfConn& conn, NfCtInfo info, const Match& match);
    void LogForged(const NfConn& conn, const Match& match) const;
};

bool
IsOwnAddress(const NfConn& conn, const Match& match)
{
    const NfAddr addr = NfAddr::FromIpv4(match.addr);
    return addr == conn.GetOriginal().src || addr == conn.GetReply().dst;
}

NfVerdict
IrcHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo info)
{
    if (info != NfCtInfo::ESTABLISHED)
    {
        return NfVerdict::ACCEPT;
    }
    const std::string_view text = NfText(GetTcpPayload(packet).Sub(0, MAX_SEARCH));
    const std::optional<size_t> command = FindDcc(text);
    if (!command)
    {
        return NfVerdict::ACCEPT;
    }
    for (std::string_view word : DCC_COMMANDS)
    {
        if (text.substr(*command, word.size()) != word)
        {
            continue;
        }
        const std::optional<Match> match = ParseDcc(text, *command + word.size());
        if (!match)
        {
            continue;
        }
        // Only the sender's own address, or the one it is known by outside.
        if (match->port != 0 && IsOwnAddress(conn, *match))
        {
            return OnDcc(packet, conn, info, *match);
        }
        LogForged(conn, *match);
    }
    return NfVerdict::ACCEPT;
}

NfVerdict
IrcHelper::OnDcc(NfPacket& packet, NfConn& conn, NfCtInfo info, const Match& match)
{
    const NfAddr& outside = conn.GetReply().dst;
    const NfExpectationPtr expectation = NfExpectInit(conn,
                                                      0,
                                                      NfFamily::IPV4,
                                                      nullptr,
                                                      outside,
                                                      NF_IPPROTO_TCP,
                                                      0,
                                                      static_cast<uint16_t>(match.port));
    if (!IsTranslated(conn))
    {
        return Expect(packet, expectation);
    }
    FollowMaster(*expectation, NfDir::REPLY);
    const uint16_t port = NfNatExpectPort(m_nat, expectation, expectation->savedPort);
    if (port == 0)
    {
        return Drop(packet, "all ports in use");
    }
    const std::string text = std::to_string(outside.GetIpv4()) + " " + std::to_string(port);
    if (!NfNatMangleTcp(m_nat, packet, conn, info, match.offset, match.length, NfTextBytes(text)))
    {
        m_nat.GetConntrack().Unexpect(expectation);
        return Drop(packet, "cannot mangle packet");
    }
    return NfVerdict::ACCEPT;
}

void
IrcHelper::LogForged(const NfConn& conn, const Match& match) const
{
    constexpr uint8_t LOG_WARNING = 4;
    m_nat.GetConntrack().GetContext().log.Write(
        LOG_WARNING,
        "nf_conntrack_irc: Forged DCC command from " +
            conn.GetOriginal().src.ToString(NfFamily::IPV4) + ": " +
            NfAddr::FromIpv4(match.addr).ToString(NfFamily::IPV4) + ":" +
            std::to_string(match.port));
}

} // namespace

void
NfAddIrcHelper(NfNat& nat)
{
    auto made = std::make_shared<std::vector<NfHelper*>>();
    NfAddHelperByPorts(nat, "nf_conntrack_irc", "irc", IRC_PORT, [=, &nat](std::string name) {
        auto helper = std::make_unique<IrcHelper>(nat, std::move(name));
        made->push_back(helper.get());
        return helper;
    });
    NfSysctls& sysctls = nat.GetConntrack().GetContext().sysctls;
    NfAddPolicyParameter(sysctls,
                         "module.nf_conntrack_irc.max_dcc_channels",
                         made,
                         &NfExpectPolicy::maxExpected,
                         MAX_EXPECTED);
    NfAddPolicyParameter(sysctls,
                         "module.nf_conntrack_irc.dcc_timeout",
                         made,
                         &NfExpectPolicy::timeout,
                         UINT32_MAX);
}

} // namespace ns3
