/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_EVENT_STREAM_H
#define NF_EVENT_STREAM_H

#include <cstddef>
#include <functional>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * Standard output of a program that goes on, e.g. conntrack -E: text that comes while the
 * simulation runs. Whoever ran the command holds it; when it is gone, the program has ended. The
 * namespace ends those that are left when it goes.
 */
class NfEventStream
{
  public:
    /// @param text one or more lines, each with its newline
    using Sink = std::function<void(const std::string& text)>;

    /// Bytes it keeps while nobody takes them; what comes then is lost (as with ENOBUFS).
    static constexpr size_t MAX_KEPT = 16 * 1024 * 1024;

    virtual ~NfEventStream() = default;

    /// @param sink gets what was kept so far at once, then all text as it comes; null: keep it
    void SetSink(Sink sink);
    /// @return what was kept since the last call
    std::string Take();
    /// Ends the program as SIGINT does; does nothing the second time. What it prints then comes
    /// first. @return what it prints on standard error
    virtual std::string Stop() = 0;

    /// @return lines that were lost
    size_t GetLost() const
    {
        return m_lost;
    }

  protected:
    /// @param text one or more lines
    void Emit(const std::string& text);

  private:
    Sink m_sink;
    std::string m_kept;
    size_t m_lost{0};
};

} // namespace ns3

#endif // NF_EVENT_STREAM_H
