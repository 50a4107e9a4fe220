/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper.h"

namespace ns3
{

namespace
{

constexpr uint16_t SANE_PORT = 6566;
constexpr uint32_t NET_START = 7;  //!< RPC code of SANE_NET_START
constexpr size_t MESSAGE_SIZE = 8; //!< what is looked at of requests and replies
constexpr size_t REPLY_ZERO = 4;   //!< upper half of the port word
constexpr size_t REPLY_PORT = 6;

/// What a connection remembers (Linux: struct nf_ct_sane_master).
struct State
{
    uint8_t startRequested; //!< the next reply answers SANE_NET_START
};

/**
 * Scanners over the network (Linux: nf_conntrack_sane.c): the reply to SANE_NET_START names the
 * port for the image. There is no translation: the server names its own port, not its address.
 */
class SaneHelper final : public NfHelper
{
  public:
    SaneHelper(NfNat& nat, std::string name)
        : NfHelper(nat,
                   std::move(name),
                   NfFamily::UNSPEC,
                   NF_IPPROTO_TCP,
                   {NfExpectPolicy{1, 300, "sane"}})
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo info) override
    {
        const NfBytes payload = GetTcpPayload(packet);
        if (!IsEstablished(info) || payload.empty())
        {
            return NfVerdict::ACCEPT;
        }
        if (NfInfoDir(info) == NfDir::REPLY)
        {
            return OnReply(packet, conn, payload);
        }
        if (payload.size() == MESSAGE_SIZE)
        {
            const bool start = NfReadU32(payload.data()) == NET_START;
            NfStoreHelperData(conn, State{start});
        }
        return NfVerdict::ACCEPT;
    }

  private:
    NfVerdict OnReply(NfPacket& packet, NfConn& conn, NfBytes payload)
    {
        if (!NfLoadHelperData<State>(conn).startRequested)
        {
            return NfVerdict::ACCEPT;
        }
        NfStoreHelperData(conn, State{0});
        const bool success = payload.size() >= MESSAGE_SIZE && NfReadU32(payload.data()) == 0 &&
                             NfReadU16(payload.data() + REPLY_ZERO) == 0;
        if (!success)
        {
            return NfVerdict::ACCEPT;
        }
        const NfTuple& forth = conn.GetOriginal();
        return Expect(packet,
                      NfExpectInit(conn,
                                   0,
                                   conn.GetFamily(),
                                   &forth.src,
                                   forth.dst,
                                   NF_IPPROTO_TCP,
                                   0,
                                   NfReadU16(payload.data() + REPLY_PORT)));
    }
};

} // namespace

void
NfAddSaneHelper(NfNat& nat)
{
    NfAddHelperByPorts(nat, "nf_conntrack_sane", "sane", SANE_PORT, [&nat](std::string name) {
        return std::make_unique<SaneHelper>(nat, std::move(name));
    });
}

} // namespace ns3
