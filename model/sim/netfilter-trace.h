/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_TRACE_H
#define NETFILTER_TRACE_H

#include "ns3/callback.h"
#include "ns3/traced-callback.h"

#include <functional>
#include <string>
#include <utility>

namespace ns3
{

/**
 * @ingroup netfilter
 * A trace source that tells its owner when somebody connects, so that what feeds it need not run
 * for nobody.
 */
template <typename... Ts>
class NetfilterTrace : public TracedCallback<Ts...>
{
  public:
    /// @param onConnect called at each connection
    void SetOnConnect(std::function<void()> onConnect)
    {
        m_onConnect = std::move(onConnect);
    }

    /// @see TracedCallback::ConnectWithoutContext()
    void ConnectWithoutContext(const CallbackBase& callback)
    {
        TracedCallback<Ts...>::ConnectWithoutContext(callback);
        Tell();
    }

    /// @see TracedCallback::Connect()
    void Connect(const CallbackBase& callback, std::string path)
    {
        TracedCallback<Ts...>::Connect(callback, path);
        Tell();
    }

  private:
    void Tell() const
    {
        if (m_onConnect)
        {
            m_onConnect();
        }
    }

    std::function<void()> m_onConnect; //!< the owner's
};

} // namespace ns3

#endif // NETFILTER_TRACE_H
