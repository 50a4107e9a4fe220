/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace ns3
{

namespace
{

constexpr uint8_t LOG_NOTICE = 5;
constexpr uint8_t LOG_EVERYTHING = NF_LOG_TCPSEQ | NF_LOG_TCPOPT | NF_LOG_IPOPT | NF_LOG_UID;
constexpr size_t MAX_PORTS = 8; //!< Linux: MAX_PORTS of each helper module

/// @return the ports, nothing when one is not a number below 65536 or there are too many
std::optional<std::vector<uint16_t>>
ParsePorts(const std::string& text)
{
    std::vector<uint16_t> ports;
    size_t at = 0;
    while (at <= text.size() && ports.size() < MAX_PORTS)
    {
        const size_t comma = std::min(text.find(',', at), text.size());
        const NfResult<int64_t> port =
            NfSysctls::ParseInteger(text.substr(at, comma - at), 0, 0xffff);
        if (!port)
        {
            return std::nullopt;
        }
        ports.push_back(static_cast<uint16_t>(*port));
        at = comma + 1;
    }
    return at > text.size() ? std::optional(ports) : std::nullopt;
}

std::string
FormatPorts(const std::vector<uint16_t>& ports)
{
    std::string text;
    for (uint16_t port : ports)
    {
        text += (text.empty() ? "" : ",") + std::to_string(port);
    }
    return text;
}

/// The helpers of one module, by port.
struct PortNames
{
    NfNat& nat;
    std::string name;
    uint16_t wellKnown;
    NfHelperMaker make;
    std::vector<uint16_t> ports;

    void Add(uint16_t port)
    {
        if (std::find(ports.begin(), ports.end(), port) != ports.end())
        {
            return;
        }
        ports.push_back(port);
        nat.GetConntrack().RegisterHelper(
            make(port == wellKnown ? name : name + "-" + std::to_string(port)));
    }
};

} // namespace

NfHelper::NfHelper(NfNat& nat,
                   std::string name,
                   NfFamily family,
                   uint8_t protocol,
                   std::vector<NfExpectPolicy> policies)
    : m_nat(nat),
      m_name(std::move(name)),
      m_family(family),
      m_protocol(protocol),
      m_policies(std::move(policies))
{
}

NfVerdict
NfHelper::Drop(NfPacket& packet, const std::string& text) const
{
    NfHookState state;
    state.family = packet.GetFamily();
    NfContext& context = m_nat.GetConntrack().GetContext();
    context.log.Write(LOG_NOTICE,
                      NfLogPacketText(packet,
                                      state,
                                      "nf_ct_" + m_name + ": dropping packet: " + text + " ",
                                      LOG_EVERYTHING));
    packet.dropReason = "drop-helper";
    context.counters.Get("drop-helper-" + m_name)++;
    return NfVerdict::DROP;
}

NfVerdict
NfHelper::Expect(NfPacket& packet, const NfExpectationPtr& expectation) const
{
    return m_nat.GetConntrack().ExpectRelated(expectation) == 0
               ? NfVerdict(NfVerdict::ACCEPT)
               : Drop(packet, "cannot add expectation");
}

void
NfHelper::FollowMaster(NfExpectation& expectation, NfDir dir) const
{
    expectation.savedPort = expectation.tuple.dport;
    expectation.dir = dir;
    expectation.natFunction = "nat-follow-master";
    expectation.expectFn = [nat = &m_nat](NfConn& conn, const NfExpectation& from) {
        NfNatFollowMaster(*nat, conn, from);
    };
}

NfBytes
NfHelper::GetTcpPayload(const NfPacket& packet)
{
    const uint8_t* tcp = packet.PullTransport(NF_TCP_HEADER_SIZE);
    if (!tcp)
    {
        return {};
    }
    const size_t header = static_cast<size_t>(tcp[NF_TCP_DOFF] >> 4) * 4;
    return packet.PullTransportAll().Sub(header);
}

NfBytes
NfHelper::GetUdpPayload(const NfPacket& packet)
{
    return packet.PullTransport(NF_UDP_HEADER_SIZE)
               ? packet.PullTransportAll().Sub(NF_UDP_HEADER_SIZE)
               : NfBytes();
}

void
NfAddPolicyParameter(NfSysctls& sysctls,
                     std::string name,
                     NfHelperGroup helpers,
                     uint32_t NfExpectPolicy::*member,
                     int64_t high)
{
    NfSysctls::Knob knob;
    knob.read = [=] { return std::to_string(helpers->front()->MutablePolicy().*member); };
    knob.write = [=](const std::string& text) -> NfStatus {
        const NfResult<int64_t> value = NfSysctls::ParseInteger(text, 0, high);
        if (!value)
        {
            return value.Error();
        }
        for (NfHelper* helper : *helpers)
        {
            helper->MutablePolicy().*member = static_cast<uint32_t>(*value);
        }
        return NfOk();
    };
    sysctls.Add(std::move(name), std::move(knob));
}

void
NfAddHelperByPorts(NfNat& nat,
                   const std::string& module,
                   const std::string& name,
                   uint16_t port,
                   NfHelperMaker make)
{
    auto names = std::make_shared<PortNames>(PortNames{nat, name, port, std::move(make), {}});
    names->Add(port);
    NfSysctls::Knob knob;
    knob.read = [names] { return FormatPorts(names->ports); };
    knob.write = [names](const std::string& text) -> NfStatus {
        const std::optional<std::vector<uint16_t>> ports = ParsePorts(text);
        if (!ports)
        {
            return NfError{1, "Invalid argument"};
        }
        for (uint16_t p : *ports)
        {
            names->Add(p);
        }
        return NfOk();
    };
    nat.GetConntrack().GetContext().sysctls.Add("module." + module + ".ports", std::move(knob));
}

} // namespace ns3
