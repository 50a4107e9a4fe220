/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-stream.h"

#include "nf-cmd-conntrack.h"

#include <fmt/format.h>
#include <utility>

namespace ns3
{

namespace
{

constexpr const char* CONNLABEL_CONF = "/etc/xtables/connlabel.conf";
constexpr const char* LOST =
    "WARNING: We have hit ENOBUFS! We are losing events.\n"
    "This message means that the current netlink socket buffer size is too small.\n"
    "Please, check --buffer-size in conntrack(8) manpage.\n";

} // namespace

std::optional<NfLabelMap>
NfConntrackLabels(const NfNetns& netns)
{
    const std::string* text = netns.FindFile(CONNLABEL_CONF);
    return text ? std::optional<NfLabelMap>(*text) : std::nullopt;
}

NfConntrackStream::NfConntrackStream(NfNetns& netns,
                                     const NfConntrackRequest& request,
                                     std::optional<NfLabelMap> labels)
    : m_netns(netns),
      m_request(request),
      m_labels(std::move(labels))
{
    m_netns.GetConntrack().AddListener(*this);
}

NfConntrackStream::~NfConntrackStream()
{
    Stop();
}

std::string
NfConntrackStream::Stop()
{
    if (std::exchange(m_stopped, true))
    {
        return {};
    }
    m_netns.GetConntrack().RemoveListener(*this);
    const bool flows = m_request.act == NfConntrackAct::EVENT;
    if (m_request.output & NF_CONNTRACK_XML && m_shown > 0)
    {
        Emit(flows ? "</conntrack>\n" : "</expect>\n");
    }
    return fmt::format("{}{}{} {} events have been shown.\n",
                       GetLost() ? LOST : "",
                       NF_CONNTRACK_TOOL,
                       m_shown,
                       flows ? "flow" : "expectation");
}

NfConntrackStyle
NfConntrackStream::GetStyle() const
{
    const bool xmlTime = m_request.stamps && m_request.output & NF_CONNTRACK_XML;
    const auto output =
        static_cast<uint8_t>(m_request.output | (xmlTime ? NF_CONNTRACK_TIMESTAMP : 0));
    const NfTime now = m_netns.GetClock().GetEpoch() + m_netns.GetConntrack().Now();
    return {output, now, m_request.labelMap && m_labels ? &*m_labels : nullptr};
}

std::string
NfConntrackStream::Stamp() const
{
    constexpr int64_t MICROSECOND = 1000;
    constexpr int64_t SECOND = 1000000000;
    if (!m_request.stamps || m_request.output & NF_CONNTRACK_XML)
    {
        return {};
    }
    const int64_t now = GetStyle().now.count();
    const int64_t micros = now % SECOND / MICROSECOND;
    return m_request.act == NfConntrackAct::EVENT
               ? fmt::format("[{:08}.{:06}]\t", now / SECOND, micros)
               : fmt::format("[{:<8}.{:<6}]\t", now / SECOND, micros);
}

std::string
NfConntrackStream::Line(const NfConntrackMessage& message, NfConntrackKind kind) const
{
    const std::string line = m_request.save ? NfConntrackSaveLine(message, kind)
                                            : Stamp() + NfConntrackText(message, kind, GetStyle());
    const uint32_t port = m_netns.GetReporter();
    return port ? fmt::format("{} [USERSPACE] portid={} progname=conntrack", line, port) : line;
}

void
NfConntrackStream::Print(const std::string& line)
{
    std::string text = line + "\n";
    if (m_request.output & NF_CONNTRACK_XML && m_shown == 0)
    {
        const bool flows = m_request.act == NfConntrackAct::EVENT;
        text = fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{}>\n{}",
                           flows ? "conntrack" : "expect",
                           text);
    }
    m_shown++;
    Emit(text);
}

void
NfConntrackStream::OnConntrack(NfEventType type, const NfConn& conn, uint32_t events)
{
    const auto kind = static_cast<NfConntrackKind>(type);
    const bool wanted =
        m_request.eventMask == 0 || m_request.eventMask >> static_cast<unsigned>(type) & 1;
    const bool family =
        m_request.family == NfFamily::UNSPEC || m_request.family == conn.GetFamily();
    if (m_request.act != NfConntrackAct::EVENT || !wanted || !family)
    {
        return;
    }
    const NfConntrackMessage message =
        NfConntrackEventMessage(m_netns.GetConntrack(), type, conn, events);
    if (NfConntrackMatches(m_request, message))
    {
        Print(Line(message, kind));
    }
}

void
NfConntrackStream::OnExpect(NfEventType type, const NfExpectation& expectation)
{
    if (m_request.act == NfConntrackAct::EXP_EVENT)
    {
        const auto kind = static_cast<NfConntrackKind>(type);
        Print(Stamp() + NfExpectText(m_netns.GetConntrack(), expectation, kind, GetStyle()));
    }
}

} // namespace ns3
