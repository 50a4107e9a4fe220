/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_STREAM_H
#define NF_CONNTRACK_STREAM_H

#include "../netns/nf-event-stream.h"
#include "../netns/nf-netns.h"
#include "nf-conntrack-request.h"

#include <memory>
#include <optional>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * conntrack -E and conntrack -E expect: a line for each event of a kind asked for that passes the
 * filters.
 */
class NfConntrackStream final : public NfEventStream, private NfConntrackListener
{
  public:
    /**
     * @param netns whose events; it ends this stream when it goes
     * @param request of act EVENT or EXP_EVENT
     * @param labels names for -o labels; nothing: there are none
     */
    NfConntrackStream(NfNetns& netns,
                      const NfConntrackRequest& request,
                      std::optional<NfLabelMap> labels);
    ~NfConntrackStream() override;
    std::string Stop() override;

  private:
    void OnConntrack(NfEventType type, const NfConn& conn, uint32_t events) override;
    void OnExpect(NfEventType type, const NfExpectation& expectation) override;
    std::string Line(const NfConntrackMessage& message, NfConntrackKind kind) const;
    void Print(const std::string& line);
    NfConntrackStyle GetStyle() const;
    std::string Stamp() const;

    NfNetns& m_netns;
    NfConntrackRequest m_request;
    std::optional<NfLabelMap> m_labels;
    size_t m_shown{0};
    bool m_stopped{false};
};

/// @return the label names of a namespace (connlabel.conf), nothing if it has no such file
std::optional<NfLabelMap> NfConntrackLabels(const NfNetns& netns);

} // namespace ns3

#endif // NF_CONNTRACK_STREAM_H
