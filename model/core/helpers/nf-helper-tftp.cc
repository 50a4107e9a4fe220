/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"
#include "nf-helper.h"

namespace ns3
{

namespace
{

constexpr uint16_t TFTP_PORT = 69;
constexpr uint16_t READ_REQUEST = 1;  //!< RFC 1350 section 5
constexpr uint16_t WRITE_REQUEST = 2; //!< RFC 1350 section 5

/**
 * TFTP (Linux: nf_conntrack_tftp.c, nf_nat_tftp.c): the server answers a request from a port of its
 * choice (RFC 1350 section 4).
 */
class TftpHelper final : public NfHelper
{
  public:
    TftpHelper(NfNat& nat, std::string name)
        : NfHelper(nat,
                   std::move(name),
                   NfFamily::UNSPEC,
                   NF_IPPROTO_UDP,
                   {NfExpectPolicy{1, 300, "tftp"}})
    {
    }

    NfVerdict Help(NfPacket& packet, NfConn& conn, NfCtInfo) override
    {
        const NfBytes payload = GetUdpPayload(packet);
        const uint16_t opcode = payload.size() < 2 ? 0 : NfReadU16(payload.data());
        if (opcode != READ_REQUEST && opcode != WRITE_REQUEST)
        {
            return NfVerdict::ACCEPT;
        }
        const NfTuple& back = conn.GetReply();
        const NfExpectationPtr expectation = NfExpectInit(conn,
                                                          0,
                                                          conn.GetFamily(),
                                                          &back.src,
                                                          back.dst,
                                                          NF_IPPROTO_UDP,
                                                          0,
                                                          back.dport);
        if (IsTranslated(conn))
        {
            FollowMaster(*expectation, NfDir::REPLY);
            expectation->savedPort = conn.GetOriginal().sport;
        }
        return Expect(packet, expectation);
    }
};

} // namespace

void
NfAddTftpHelper(NfNat& nat)
{
    NfAddHelperByPorts(nat, "nf_conntrack_tftp", "tftp", TFTP_PORT, [&nat](std::string name) {
        return std::make_unique<TftpHelper>(nat, std::move(name));
    });
}

} // namespace ns3
