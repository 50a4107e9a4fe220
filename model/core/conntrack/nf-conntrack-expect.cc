/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
// Expected connections (Linux: nf_conntrack_expect.c).
#include "nf-conntrack-expect.h"

#include "nf-conntrack-impl.h"

#include <algorithm>
#include <cerrno>

namespace ns3
{

namespace
{

/// Linux: nf_ct_tuple_mask_cmp(): source under the mask, destination and protocol whole.
bool
Covers(const NfTuple& a, const NfTuple& b, const NfAddr& srcMask, uint16_t portMask)
{
    return a.family == b.family && a.protocol == b.protocol && a.dst == b.dst &&
           a.dport == b.dport && ((a.sport ^ b.sport) & portMask) == 0 &&
           (a.src & srcMask) == (b.src & srcMask);
}

bool
IsSame(const NfExpectation& a, const NfExpectation& b)
{
    return Covers(a.tuple, b.tuple, NfPrefixMask(NfFamily::IPV6, 128), 0xffff) &&
           a.mask.src == b.mask.src && a.mask.sport == b.mask.sport &&
           a.master->zone == b.master->zone;
}

bool
Clash(const NfExpectation& a, const NfExpectation& b)
{
    return Covers(a.tuple, b.tuple, a.mask.src & b.mask.src, a.mask.sport & b.mask.sport) &&
           a.master->zone == b.master->zone;
}

} // namespace

NfExpectationPtr
NfExpectInit(NfConn& master,
             uint32_t expectClass,
             NfFamily family,
             const NfAddr* src,
             const NfAddr& dst,
             uint8_t protocol,
             uint16_t sport,
             uint16_t dport)
{
    auto expectation = std::make_shared<NfExpectation>();
    expectation->master = NfConnPtr(&master);
    expectation->helper = nullptr;
    expectation->expectClass = expectClass;
    expectation->tuple.family = expectation->mask.family = family;
    expectation->tuple.protocol = expectation->mask.protocol = protocol;
    expectation->tuple.dst = dst;
    expectation->tuple.dport = dport;
    expectation->mask.dport = 0xffff;
    if (src)
    {
        expectation->tuple.src = *src;
        expectation->mask.src = NfPrefixMask(family, family == NfFamily::IPV6 ? 128 : 32);
    }
    if (sport)
    {
        expectation->tuple.sport = sport;
        expectation->mask.sport = 0xffff;
    }
    return expectation;
}

uint64_t
NfConntrack::Impl::ExpectKey(const NfTuple& tuple)
{
    uint64_t words[2];
    std::memcpy(words, tuple.dst.bytes.data(), sizeof(words));
    const uint64_t rest = uint64_t{tuple.dport} << 16 | uint64_t{tuple.protocol} << 8 |
                          static_cast<uint64_t>(tuple.family);
    return (words[0] * 31 + words[1]) * 31 + rest;
}

NfExpectationPtr
NfConntrack::Impl::FindExpectation(const NfTuple& tuple, uint16_t zone, bool activeOnly)
{
    const auto chain = m_expectByDst.find(ExpectKey(tuple));
    if (chain == m_expectByDst.end())
    {
        return nullptr;
    }
    const NfTime now = m_owner.Now();
    const auto& list = chain->second;
    for (auto i = list.rbegin(); i != list.rend(); ++i)
    {
        const NfExpectation& e = **i;
        if (Covers(tuple, e.tuple, e.mask.src, e.mask.sport) && e.master->zone == zone &&
            !(activeOnly && e.flags & NF_EXPECT_INACTIVE) && e.expires > now)
        {
            return *i;
        }
    }
    return nullptr;
}

NfExpectationPtr
NfConntrack::FindExpectation(const NfTuple& tuple)
{
    return m_impl->FindExpectation(tuple, tuple.zone, false);
}

bool
NfConntrack::Impl::Unlink(const NfExpectationPtr& expectation)
{
    const NfExpectationPtr e = expectation;
    if (m_expectations.erase(e->id) == 0)
    {
        return false;
    }
    const auto chain = m_expectByDst.find(ExpectKey(e->tuple));
    auto& list = chain->second;
    list.erase(std::remove(list.begin(), list.end(), e), list.end());
    if (list.empty())
    {
        m_expectByDst.erase(chain);
    }
    NfConnExt& ext = e->master->Ext();
    auto& mine = ext.expectations;
    mine.erase(std::remove(mine.begin(), mine.end(), e.get()), mine.end());
    --ext.expecting[e->expectClass];
    TellExpect(NfEventType::DESTROY, *e);
    ++m_owner.m_stats.expectDelete;
    return true;
}

int
NfConntrack::Impl::CheckExpectation(const NfExpectation& expectation, bool skipMaster)
{
    NfConnExt* ext = expectation.master->GetExt();
    if (!ext)
    {
        return -ESHUTDOWN;
    }
    // Without a helper (nft ct expectation) there is no policy to keep to.
    static const std::vector<NfExpectPolicy> UNBOUND = {NfExpectPolicy{0, 0, {}}};
    const auto& policies = ext->helper ? ext->helper->GetPolicies() : UNBOUND;
    if (expectation.expectClass >= policies.size() ||
        expectation.expectClass >= ext->expecting.size())
    {
        return -EINVAL;
    }
    if (const auto chain = m_expectByDst.find(ExpectKey(expectation.tuple));
        chain != m_expectByDst.end())
    {
        const std::vector<NfExpectationPtr> list = chain->second;
        for (auto i = list.rbegin(); i != list.rend(); ++i)
        {
            const NfExpectation& other = **i;
            const bool mine = other.master.get() == expectation.master.get();
            if ((mine || skipMaster) && IsSame(other, expectation))
            {
                if (!mine || other.expectClass != expectation.expectClass)
                {
                    return -EALREADY;
                }
                Unlink(*i);
                break;
            }
            if (Clash(other, expectation))
            {
                return -EBUSY;
            }
        }
    }
    const uint32_t most = policies[expectation.expectClass].maxExpected;
    if (most && ext->expecting[expectation.expectClass] >= most)
    {
        const auto oldest = std::find_if(
            ext->expectations.begin(),
            ext->expectations.end(),
            [&](const NfExpectation* e) { return e->expectClass == expectation.expectClass; });
        if (oldest == ext->expectations.end())
        {
            return -EMFILE;
        }
        Unlink(m_expectations.at((*oldest)->id));
    }
    if (m_expectations.size() >= m_owner.m_config.expectMax)
    {
        Warn(m_expectLimit, "nf_conntrack: expectation table full");
        return -EMFILE;
    }
    return 0;
}

void
NfConntrack::Impl::InsertExpectation(const NfExpectationPtr& expectation)
{
    NfExpectation& e = *expectation;
    NfConnExt& ext = e.master->Ext();
    e.id = m_nextExpectId++;
    if (ext.helper)
    {
        const uint32_t seconds = ext.helper->GetPolicies()[e.expectClass].timeout;
        e.expires = m_owner.Now() + std::chrono::seconds(seconds);
    }
    m_expectations.emplace(e.id, expectation);
    m_expectByDst[ExpectKey(e.tuple)].push_back(expectation);
    ext.expectations.push_back(&e);
    ++ext.expecting[e.expectClass];
    ++m_owner.m_stats.expectCreate;
    WakeAt(e.expires);
}

int
NfConntrack::ExpectRelated(const NfExpectationPtr& expectation, bool skipMaster)
{
    const int error = m_impl->CheckExpectation(*expectation, skipMaster);
    if (error)
    {
        return error;
    }
    m_impl->InsertExpectation(expectation);
    m_impl->TellExpect(NfEventType::NEW, *expectation);
    return 0;
}

bool
NfConntrack::Unexpect(const NfExpectationPtr& expectation)
{
    return m_impl->Unlink(expectation);
}

void
NfConntrack::RemoveExpectations(NfConn& master)
{
    const NfConnExt* ext = master.GetExt();
    if (!ext)
    {
        return;
    }
    // Newest first, as in Linux's list.
    while (!ext->expectations.empty())
    {
        m_impl->Unlink(m_impl->m_expectations.at(ext->expectations.back()->id));
    }
}

void
NfConntrack::ForEachExpectation(const std::function<void(const NfExpectationPtr&)>& visit)
{
    const std::map<uint32_t, NfExpectationPtr> all = m_impl->m_expectations;
    for (const auto& [id, expectation] : all)
    {
        if (m_impl->m_expectations.count(id))
        {
            visit(expectation);
        }
    }
}

void
NfConntrack::Impl::ExpireExpectations(NfTime now)
{
    std::vector<NfExpectationPtr> due;
    for (const auto& [id, e] : m_expectations)
    {
        if (e->expires <= now)
        {
            due.push_back(e);
        }
    }
    for (const NfExpectationPtr& e : due)
    {
        Unlink(e);
    }
    for (const auto& [id, e] : m_expectations)
    {
        WakeAt(e->expires);
    }
}

} // namespace ns3
