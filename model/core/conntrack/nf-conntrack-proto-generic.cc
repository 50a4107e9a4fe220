/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Whatever has no tracker of its own (Linux: nf_conntrack_proto_generic.c).
#include "nf-conntrack-proto.h"

namespace ns3
{

namespace
{

class GenericTracker final : public NfL4Tracker
{
  public:
    std::string_view GetName() const override
    {
        return "unknown";
    }

    uint8_t GetProtocol() const override
    {
        return 0;
    }

    bool ParseTuple(NfBytes, NfTuple&) const override
    {
        return true;
    }

    NfTrack Packet(NfConntrack& table,
                   NfConn& conn,
                   NfPacket& packet,
                   NfCtInfo info,
                   const NfHookState&) const override
    {
        table.Refresh(conn, info, &packet, NfSeconds(*NfTimeoutsOf(conn, &m_timeout)));
        return NfTrack::ACCEPT;
    }

    void AddSysctls(NfSysctls& sysctls) override
    {
        NfAddTimeoutKnob(sysctls, "generic_timeout", m_timeout);
    }

    std::vector<std::string_view> GetTimeoutNames() const override
    {
        return {"timeout"};
    }

    std::vector<uint32_t> GetTimeouts() const override
    {
        return {m_timeout};
    }

    bool SetTimeouts(const std::vector<uint32_t>& seconds) override
    {
        m_timeout = seconds[0];
        return true;
    }

  private:
    uint32_t m_timeout{600};
};

} // namespace

std::unique_ptr<NfL4Tracker>
NfMakeGenericTracker()
{
    return std::make_unique<GenericTracker>();
}

} // namespace ns3
