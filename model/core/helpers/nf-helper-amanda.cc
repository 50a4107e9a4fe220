/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper-text.h"
#include "nf-helper.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace ns3
{

namespace
{

constexpr std::string_view CONNECT = "CONNECT ";
constexpr std::string_view STREAMS[] = {"DATA ", "MESG ", "INDEX ", "STATE "};
constexpr size_t MAX_DIGITS = 5;

/// What a namespace sets.
struct Parameters
{
    uint32_t masterTimeout{300}; //!< seconds; clients answer late
};

/// A port in the CONNECT line, and where it stands in the payload.
struct Match
{
    uint16_t port;
    size_t offset;
    size_t length;
};

/// @param line first byte of what follows CONNECT @param end of that line
std::optional<Match>
FindPort(std::string_view text, size_t line, size_t end, std::string_view stream)
{
    const size_t at = text.substr(0, end).find(stream, line);
    if (at == std::string_view::npos)
    {
        return std::nullopt;
    }
    const size_t offset = at + stream.size();
    std::string_view digits = text.substr(offset, std::min(end - offset, MAX_DIGITS));
    const size_t before = digits.size();
    const auto port = static_cast<uint16_t>(NfTakeNumber(digits));
    return Match{port, offset, before - digits.size()};
}

/**
 * Amanda backups (Linux: nf_conntrack_amanda.c, nf_nat_amanda.c): the client's answer names the
 * ports where the server shall fetch data, messages, index and state.
 */
class AmandaHelper final : public NfHelper
{
  public:
    AmandaHelper(NfNat& nat, std::shared_ptr<const Parameters> parameters)
        : NfHelper(nat,
                   "amanda",
                   NfFamily::UNSPEC,
                   NF_IPPROTO_UDP,
                   {NfExpectPolicy{4, 180, "amanda"}}),
          m_parameters(std::move(parameters))
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override
    {
        if (NfInfoDir(info) == NfDir::ORIGINAL)
        {
            return NfVerdict::ACCEPT;
        }
        m_nat.GetConntrack().Refresh(conn,
                                     info,
                                     nullptr,
                                     std::chrono::seconds(m_parameters->masterTimeout));
        const std::string_view text = NfText(GetUdpPayload(packet));
        const size_t connect = text.find(CONNECT);
        if (connect == std::string_view::npos)
        {
            return NfVerdict::ACCEPT;
        }
        return OnConnect(packet, conn, info, connect + CONNECT.size());
    }

  private:
    NfVerdict OnConnect(NfPacket& packet, NfConn& conn, NfCtInfo info, size_t line)
    {
        NfVerdict verdict = NfVerdict::ACCEPT;
        size_t end = NfText(GetUdpPayload(packet)).find('\n', line);
        for (std::string_view stream : STREAMS)
        {
            if (end == std::string_view::npos)
            {
                break;
            }
            const std::string_view text = NfText(GetUdpPayload(packet));
            const std::optional<Match> match = FindPort(text, line, end, stream);
            if (!match)
            {
                continue;
            }
            if (match->port == 0)
            {
                break;
            }
            verdict = OnPort(packet, conn, info, *match);
        }
        return verdict;
    }

    NfVerdict OnPort(NfPacket& packet, NfConn& conn, NfCtInfo info, const Match& match)
    {
        const NfTuple& forth = conn.GetOriginal();
        const NfExpectationPtr expectation = NfExpectInit(conn,
                                                          0,
                                                          conn.GetFamily(),
                                                          &forth.src,
                                                          forth.dst,
                                                          NF_IPPROTO_TCP,
                                                          0,
                                                          match.port);
        if (!IsTranslated(conn))
        {
            return Expect(packet, expectation);
        }
        FollowMaster(*expectation, NfDir::ORIGINAL);
        const uint16_t port = NfNatExpectPort(m_nat, expectation, match.port);
        if (port == 0)
        {
            return Drop(packet, "all ports in use");
        }
        const std::string text = std::to_string(port);
        if (!NfNatMangleUdp(m_nat,
                            packet,
                            conn,
                            info,
                            match.offset,
                            match.length,
                            NfTextBytes(text)))
        {
            m_nat.GetConntrack().Unexpect(expectation);
            return Drop(packet, "cannot mangle packet");
        }
        return NfVerdict::ACCEPT;
    }

    std::shared_ptr<const Parameters> m_parameters; //!< of the namespace
};

} // namespace

void
NfAddAmandaHelper(NfNat& nat)
{
    auto parameters = std::make_shared<Parameters>();
    nat.GetConntrack().RegisterHelper(std::make_unique<AmandaHelper>(nat, parameters));
    NfAddParameter(nat.GetConntrack().GetContext().sysctls,
                   "module.nf_conntrack_amanda.master_timeout",
                   parameters,
                   &Parameters::masterTimeout,
                   UINT32_MAX);
}

} // namespace ns3
