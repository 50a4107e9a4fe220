/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-user-helper.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr size_t MAX_NAME = 15;        //!< Linux: NF_CT_HELPER_NAME_LEN with its end
constexpr size_t MAX_CLASSES = 4;      //!< Linux: NF_CT_MAX_EXPECT_CLASSES
constexpr uint32_t MAX_EXPECTED = 255; //!< Linux: NF_CT_EXPECT_MAX_CNT

bool
IsValid(const NfUserHelperSpec& spec)
{
    const bool named = !spec.name.empty() && spec.name.size() <= MAX_NAME;
    const bool classes = !spec.policies.empty() && spec.policies.size() <= MAX_CLASSES;
    const bool bounded =
        std::all_of(spec.policies.begin(), spec.policies.end(), [](const NfExpectPolicy& p) {
            return p.maxExpected <= MAX_EXPECTED && p.name.size() <= MAX_NAME;
        });
    return named && classes && bounded && spec.protocol != 0 &&
           (spec.family == NfFamily::IPV4 || spec.family == NfFamily::IPV6);
}

} // namespace

// ---- one helper

NfUserHelper::NfUserHelper(NfNat& nat, const NfUserHelperSpec& spec)
    : NfHelper(nat, spec.name, spec.family, spec.protocol, spec.policies),
      m_spec(spec)
{
}

NfVerdict
NfUserHelper::Help(NfPacket& packet, NfConn& conn, NfCtInfo)
{
    if (m_retired)
    {
        conn.Ext().helper = nullptr;
        return NfVerdict::ACCEPT;
    }
    return m_spec.enabled && &packet != m_passing ? NfVerdict::Queue(m_spec.queue, true)
                                                  : NfVerdict(NfVerdict::ACCEPT);
}

NfBytes
NfUserHelper::GetPayload(const NfPacket& packet) const
{
    switch (GetProtocol())
    {
    case NF_IPPROTO_TCP:
        return GetTcpPayload(packet);
    case NF_IPPROTO_UDP:
        return GetUdpPayload(packet);
    default:
        return packet.PullTransportAll();
    }
}

bool
NfUserHelper::Mangle(NfPacket& packet, size_t offset, size_t length, NfBytes insert)
{
    NfConn& conn = *packet.conn;
    switch (GetProtocol())
    {
    case NF_IPPROTO_TCP:
        return NfNatMangleTcp(m_nat, packet, conn, packet.ctInfo, offset, length, insert);
    case NF_IPPROTO_UDP:
        return NfNatMangleUdp(m_nat, packet, conn, packet.ctInfo, offset, length, insert);
    default:
        return false;
    }
}

bool
NfUserHelper::ExpectConnection(const NfExpectationPtr& expectation)
{
    return m_nat.GetConntrack().ExpectRelated(expectation) == 0;
}

uint16_t
NfUserHelper::ExpectTranslated(const NfExpectationPtr& expectation, NfDir dir)
{
    FollowMaster(*expectation, dir);
    return NfNatExpectPort(m_nat, expectation, expectation->savedPort);
}

/// Linux: nf_conntrack_helper_unregister(). It stays in memory: rules may still name it.
void
NfUserHelper::Retire()
{
    m_retired = true;
    Hide();
    NfConntrack& conntrack = m_nat.GetConntrack();
    conntrack.ForEachExpectation([&](const NfExpectationPtr& e) {
        if (e->helper == this || e->master->GetHelper() == this)
        {
            conntrack.Unexpect(e);
        }
    });
    conntrack.ForEach([this](NfConn& conn) {
        if (conn.GetHelper() == this)
        {
            conn.Ext().helper = nullptr;
        }
    });
}

// ---- all of a namespace

NfUserHelpers::NfUserHelpers(NfNat& nat, NfQueues& queues)
    : m_nat(nat),
      m_queues(queues)
{
}

NfUserHelpers::~NfUserHelpers()
{
    for (uint16_t queue : std::vector<uint16_t>(m_served))
    {
        Unserve(queue);
    }
}

NfUserHelper*
NfUserHelpers::Find(const std::string& name, NfFamily family, uint8_t protocol) const
{
    const auto found = std::find_if(m_helpers.begin(), m_helpers.end(), [&](const auto* h) {
        return h->GetName() == name && h->GetFamily() == family && h->GetProtocol() == protocol;
    });
    return found == m_helpers.end() ? nullptr : *found;
}

NfUserHelper*
NfUserHelpers::FindOf(const NfConn& conn) const
{
    const auto found = std::find(m_helpers.begin(), m_helpers.end(), conn.GetHelper());
    return found == m_helpers.end() ? nullptr : *found;
}

NfStatus
NfUserHelpers::Add(const NfUserHelperSpec& spec)
{
    if (!IsValid(spec))
    {
        return NfError{1, "Invalid argument"};
    }
    NfConntrack& conntrack = m_nat.GetConntrack();
    if (conntrack.FindHelper(spec.name, spec.family, spec.protocol))
    {
        return NfError{1, "File exists"};
    }
    auto helper = std::make_unique<NfUserHelper>(m_nat, spec);
    m_helpers.push_back(helper.get());
    conntrack.RegisterHelper(std::move(helper));
    return NfOk();
}

NfStatus
NfUserHelpers::Update(const NfUserHelperSpec& spec)
{
    NfUserHelper* const helper = Find(spec.name, spec.family, spec.protocol);
    if (!helper)
    {
        return NfError{1, "No such file or directory"};
    }
    const auto& old = helper->m_spec.policies;
    const bool same = std::equal(old.begin(),
                                 old.end(),
                                 spec.policies.begin(),
                                 spec.policies.end(),
                                 [](const auto& a, const auto& b) { return a.name == b.name; });
    if (!IsValid(spec) || !same)
    {
        return NfError{1, "Invalid argument"};
    }
    for (size_t i = 0; i < spec.policies.size(); i++)
    {
        helper->MutablePolicy(i) = spec.policies[i];
    }
    helper->m_spec = spec;
    return NfOk();
}

NfStatus
NfUserHelpers::Remove(const std::string& name, NfFamily family, uint8_t protocol)
{
    NfUserHelper* const helper = Find(name, family, protocol);
    if (!helper)
    {
        return NfError{1, "No such file or directory"};
    }
    m_helpers.erase(std::find(m_helpers.begin(), m_helpers.end(), helper));
    helper->Retire();
    return NfOk();
}

// ---- queues

bool
NfUserHelpers::Serve(uint16_t queue, Handler handler, size_t maxLength)
{
    const bool bound = m_queues.Bind(
        queue,
        [this, handler = std::move(handler)](NfQueueEntry& entry) { OnPacket(entry, handler); },
        maxLength);
    if (bound)
    {
        m_served.push_back(queue);
    }
    return bound;
}

void
NfUserHelpers::Unserve(uint16_t queue)
{
    const auto found = std::find(m_served.begin(), m_served.end(), queue);
    if (found == m_served.end())
    {
        return;
    }
    m_served.erase(found);
    Forget(queue);
    m_queues.Unbind(queue);
}

void
NfUserHelpers::OnPacket(NfQueueEntry& entry, const Handler& handler)
{
    const uint16_t queue = entry.queue;
    const uint32_t id = entry.id;
    NfPacket& packet = *entry.packet;
    if (m_queues.GetLength(queue) == 1) // others were dropped if they did not finish
    {
        Forget(queue);
    }
    NfUserHelper* const helper = packet.conn ? FindOf(*packet.conn) : nullptr;
    m_waiting[{queue, id}] = Waiting{helper, &packet};
    if (!helper)
    {
        Finish(queue, id, NfVerdict::ACCEPT);
        return;
    }
    NfUserHelperPacket asked{*helper, packet, *packet.conn, packet.ctInfo, queue, id};
    const NfVerdict verdict = handler(asked);
    if (verdict != NfVerdict::QUEUE)
    {
        Finish(queue, id, verdict);
    }
}

bool
NfUserHelpers::Finish(uint16_t queue, uint32_t id, NfVerdict verdict)
{
    const auto found = m_waiting.find({queue, id});
    if (found == m_waiting.end())
    {
        return false;
    }
    const Waiting waiting = found->second;
    m_waiting.erase(found);
    if (verdict != NfVerdict::ACCEPT || !waiting.helper)
    {
        return m_queues.Reinject(queue, id, verdict);
    }
    // The function that asked goes on with what it does behind the helper.
    waiting.helper->m_passing = waiting.packet;
    const bool done = m_queues.Reinject(queue, id, NfVerdict::REPEAT);
    waiting.helper->m_passing = nullptr;
    return done;
}

void
NfUserHelpers::Forget(uint16_t queue)
{
    std::erase_if(m_waiting, [queue](const auto& w) { return w.first.first == queue; });
}

} // namespace ns3
