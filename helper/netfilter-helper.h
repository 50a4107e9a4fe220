/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_HELPER_H
#define NETFILTER_HELPER_H

#include "ns3/netfilter.h"
#include "ns3/nf-event-stream.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <memory>
#include <ostream>
#include <string>

namespace ns3
{

/**
 * @ingroup netfilter
 * Netfilter on nodes: installs it, and configures it as an administrator does.
 */
class NetfilterHelper
{
  public:
    NetfilterHelper();

    /// @param name attribute of ns3::Netfilter @param value for nodes installed from now on
    void SetAttribute(std::string name, const AttributeValue& value);

    /**
     * Puts netfilter on a node: under new IP stacks as NetfilterStackHelper does when the node has
     * none, else as Decorate() does. A node that has netfilter keeps it.
     * @return the node's netfilter
     */
    Ptr<Netfilter> Install(Ptr<Node> node) const;
    /// @param nodes each
    void Install(NodeContainer nodes) const;

    /**
     * Puts netfilter under the IP stacks that another helper gave the node. To be called when its
     * interfaces exist. Packets of IPv4 and IPv6 raw sockets then miss LOCAL_OUT and, if sent by
     * this node, POST_ROUTING; everything else passes the same points as with Install().
     * @return the node's netfilter
     */
    Ptr<Netfilter> Decorate(Ptr<Node> node) const;
    /// @param nodes each
    void Decorate(NodeContainer nodes) const;

    /**
     * Runs a command on a node. Ends the simulation with the tool's own message when the command
     * fails, as a script with `set -e` does; Netfilter::Run() returns the status instead.
     * @param node has netfilter @param command e.g. "iptables -P FORWARD DROP" @param input its
     * standard input
     * @return what it printed
     */
    std::string Run(Ptr<Node> node,
                    const std::string& command,
                    const std::string& input = "") const;
    /// Runs a command on several nodes.
    void Run(NodeContainer nodes, const std::string& command, const std::string& input = "") const;
    /**
     * Starts a command that goes on, e.g. conntrack -E: what it prints comes while the simulation
     * runs. Fails as Run() does, and when the command has ended at once.
     * @param node has netfilter
     * @param command e.g. "conntrack -E -e NEW -p tcp"
     * @param sink gets each text, one or more whole lines; null: NfEventStream::Take() gives them
     * @return the command's output; the command runs as long as somebody holds it
     */
    std::shared_ptr<NfEventStream> Events(Ptr<Node> node,
                                          const std::string& command,
                                          NfEventStream::Sink sink = nullptr) const;
    /**
     * The same to a stream, e.g. a file.
     * @param node has netfilter @param command as above @param os outlives what is returned
     * @return as above
     */
    std::shared_ptr<NfEventStream> Events(Ptr<Node> node,
                                          const std::string& command,
                                          std::ostream& os) const;
    /**
     * Feeds a file to iptables-restore or ip6tables-restore; fails as Run() does.
     * @param node has netfilter @param fileName an iptables-save file @param family IPV4 or IPV6
     */
    void RestoreFile(Ptr<Node> node,
                     const std::string& fileName,
                     NfFamily family = NfFamily::IPV4) const;

    /// @param nodes have netfilter @param stream first random stream @return streams used
    int64_t AssignStreams(NodeContainer nodes, int64_t stream) const;

    /// @param node any @return its netfilter; fatal if it has none
    static Ptr<Netfilter> Get(Ptr<Node> node);

  private:
    ObjectFactory m_factory; //!< makes ns3::Netfilter
};

} // namespace ns3

#endif // NETFILTER_HELPER_H
