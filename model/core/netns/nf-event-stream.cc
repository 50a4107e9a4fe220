/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-event-stream.h"

#include <utility>

namespace ns3
{

void
NfEventStream::SetSink(Sink sink)
{
    m_sink = std::move(sink);
    if (m_sink && !m_kept.empty())
    {
        m_sink(std::exchange(m_kept, {}));
    }
}

std::string
NfEventStream::Take()
{
    return std::exchange(m_kept, {});
}

void
NfEventStream::Emit(const std::string& text)
{
    if (m_sink)
    {
        m_sink(text);
        return;
    }
    if (m_kept.size() + text.size() > MAX_KEPT)
    {
        m_lost++;
        return;
    }
    m_kept += text;
}

} // namespace ns3
