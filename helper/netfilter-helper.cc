/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-helper.h"

#include "netfilter-stack-helper.h"

#include "ns3/ipv4.h"
#include "ns3/ipv6.h"
#include "ns3/netfilter-decorator.h"

namespace ns3
{

namespace
{

/// @return what it printed; fatal with the tool's message when it failed
std::string
Check(const NfCommandResult& result, const std::string& what)
{
    NS_ABORT_MSG_IF(result.status != 0,
                    what << ": exit status " << result.status << "\n"
                         << result.err);
    return result.out;
}

} // namespace

NetfilterHelper::NetfilterHelper()
    : m_factory("ns3::Netfilter")
{
}

void
NetfilterHelper::SetAttribute(std::string name, const AttributeValue& value)
{
    m_factory.Set(name, value);
}

Ptr<Netfilter>
NetfilterHelper::Install(Ptr<Node> node) const
{
    if (const Ptr<Netfilter> netfilter = node->GetObject<Netfilter>())
    {
        return netfilter;
    }
    if (node->GetObject<Ipv4>() || node->GetObject<Ipv6>())
    {
        return Decorate(node);
    }
    node->AggregateObject(m_factory.Create<Object>());
    NetfilterStackHelper().Install(node);
    return node->GetObject<Netfilter>();
}

void
NetfilterHelper::Install(NodeContainer nodes) const
{
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        Install(*it);
    }
}

Ptr<Netfilter>
NetfilterHelper::Decorate(Ptr<Node> node) const
{
    if (const Ptr<Netfilter> netfilter = node->GetObject<Netfilter>())
    {
        return netfilter;
    }
    const Ptr<Netfilter> netfilter = m_factory.Create<Netfilter>();
    node->AggregateObject(netfilter);
    node->AggregateObject(CreateObject<NetfilterDecorator>());
    return netfilter;
}

void
NetfilterHelper::Decorate(NodeContainer nodes) const
{
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        Decorate(*it);
    }
}

std::string
NetfilterHelper::Run(Ptr<Node> node, const std::string& command, const std::string& input) const
{
    return Check(Get(node)->Run(command, input), command);
}

void
NetfilterHelper::Run(NodeContainer nodes,
                     const std::string& command,
                     const std::string& input) const
{
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        Run(*it, command, input);
    }
}

std::shared_ptr<NfEventStream>
NetfilterHelper::Events(Ptr<Node> node, const std::string& command, NfEventStream::Sink sink) const
{
    const NfCommandResult result = Get(node)->Run(command);
    Check(result, command);
    NS_ABORT_MSG_UNLESS(result.stream, command << " does not go on");
    result.stream->SetSink(std::move(sink));
    return result.stream;
}

std::shared_ptr<NfEventStream>
NetfilterHelper::Events(Ptr<Node> node, const std::string& command, std::ostream& os) const
{
    return Events(node, command, [&os](const std::string& text) { os << text; });
}

void
NetfilterHelper::RestoreFile(Ptr<Node> node, const std::string& fileName, NfFamily family) const
{
    Check(Get(node)->RestoreFile(fileName, family), fileName);
}

int64_t
NetfilterHelper::AssignStreams(NodeContainer nodes, int64_t stream) const
{
    int64_t next = stream;
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        next += Get(*it)->AssignStreams(next);
    }
    return next - stream;
}

Ptr<Netfilter>
NetfilterHelper::Get(Ptr<Node> node)
{
    const Ptr<Netfilter> netfilter = node->GetObject<Netfilter>();
    NS_ABORT_MSG_UNLESS(netfilter,
                        "Node " << node->GetId()
                                << " has no netfilter; install it with NetfilterStackHelper or "
                                   "NetfilterHelper");
    return netfilter;
}

} // namespace ns3
