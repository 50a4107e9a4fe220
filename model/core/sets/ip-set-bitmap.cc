/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-bitmap.h"

#include <algorithm>

namespace ns3
{

constexpr IpSetOption IPSET_BITMAP_ADD[] = {
    IpSetOption::TIMEOUT,
    IpSetOption::PACKETS,
    IpSetOption::BYTES,
    IpSetOption::ADT_COMMENT,
    IpSetOption::SKBMARK,
    IpSetOption::SKBPRIO,
    IpSetOption::SKBQUEUE,
    IpSetOption::END,
};

constexpr IpSetOption IPSET_BITMAP_CREATE[] = {
    IpSetOption::RANGE_IP,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::SKBINFO,
    IpSetOption::FROM_IP,
    IpSetOption::TO_IP,
    IpSetOption::NETWORK,
    IpSetOption::END,
};

namespace
{

constexpr uint64_t MAX_ELEMENTS = 65536;

uint32_t
HostMask(unsigned cidr)
{
    return cidr == 0 ? 0 : UINT32_MAX << (32 - cidr);
}

/// Linux: range_to_mask() @return length of the prefix that spans a range, nothing if none does
std::optional<unsigned>
FindPrefix(uint32_t from, uint32_t to)
{
    unsigned bits = 32;
    uint32_t mask = UINT32_MAX - 1;
    while (--bits > 0 && mask && (to & mask) != from)
    {
        mask <<= 1;
    }
    const bool found = mask || (from == 0 && to == UINT32_MAX);
    return found ? std::optional<unsigned>(bits) : std::nullopt;
}

} // namespace

NfResult<IpSetAddressRange>
IpSetGetAddressRange(const IpSetOptions& options)
{
    if (!options.ip || !(options.ipTo || options.cidr))
    {
        return NfError{IPSET_ERR_PROTOCOL, {}};
    }
    IpSetAddressRange range;
    range.first = range.last = options.ip->GetIpv4();
    if (options.ipTo)
    {
        range.last = options.ipTo->GetIpv4();
        std::tie(range.first, range.last) = std::minmax({range.first, range.last});
    }
    else
    {
        if (*options.cidr >= 32)
        {
            return NfError{IPSET_ERR_INVALID_CIDR, {}};
        }
        range.first &= HostMask(*options.cidr);
        range.last |= ~HostMask(*options.cidr);
    }
    const unsigned netmask = options.netmask.value_or(32);
    if (netmask == 0 || netmask > 32)
    {
        return NfError{IPSET_ERR_INVALID_NETMASK, {}};
    }
    range.first &= HostMask(netmask);
    range.last |= ~HostMask(netmask);
    if (netmask < 32)
    {
        const auto prefix = FindPrefix(range.first, range.last);
        if (!prefix || netmask <= *prefix)
        {
            return NfError{IPSET_ERR_BITMAP_RANGE, {}};
        }
        range.hosts = 1U << (32 - netmask);
    }
    if (range.GetCount() > MAX_ELEMENTS)
    {
        return NfError{IPSET_ERR_BITMAP_RANGE_SIZE, {}};
    }
    return range;
}

IpSetBitmap::IpSetBitmap(const IpSetMake& make, uint32_t elements, size_t fixed, size_t elementSize)
    : IpSet(make),
      m_slots(elements),
      m_memory(fixed + (elements + 63) / 64 * 8 +
               elements * GetElementSize(elementSize, elementSize ? 8 : 1))
{
}

/// A timeout waits until the MAC address is known (Linux: bitmap_ipmac_add_timeout()).
void
IpSetBitmap::SetTimeout(Slot& slot, bool wasThere, const Values& values) const
{
    if (!m_options.timeout)
    {
        return;
    }
    uint64_t& expires = slot.extension.expires;
    if (HasMac() && !slot.filled)
    {
        expires = values.timeout;
        return;
    }
    const bool stored = wasThere && values.timeout == *m_options.timeout;
    expires = GetExpiry(stored ? static_cast<uint32_t>(expires) : values.timeout);
}

int
IpSetBitmap::Add(Slot& slot, const std::optional<Mac>& mac, const Values& values, bool exist)
{
    const bool fills = slot.used && mac && !slot.filled;
    const bool known = slot.used && !fills;
    if (known && !exist && !IsOver(slot))
    {
        return IPSET_ERR_EXIST;
    }
    if (known)
    {
        ClearComment(slot.extension);
    }
    if (mac && (!known || exist))
    {
        slot.mac = *mac;
    }
    slot.filled = slot.used ? slot.filled || mac : mac.has_value();
    SetTimeout(slot, fills, values);
    SetExtension(slot.extension, values);
    slot.used = true;
    return 0;
}

int
IpSetBitmap::Del(Slot& slot)
{
    if (!slot.used)
    {
        return IPSET_ERR_EXIST;
    }
    const bool over = IsOver(slot);
    slot.used = false;
    ClearComment(slot.extension);
    return over ? IPSET_ERR_EXIST : 0;
}

IpSetMatch
IpSetBitmap::Test(Slot& slot, const std::optional<Mac>& mac, IpSetRequest* request)
{
    if (!slot.used)
    {
        return IpSetMatch::NO;
    }
    if (HasMac() && !slot.filled)
    {
        return IpSetMatch::COMPLETE;
    }
    if (mac && *mac != slot.mac)
    {
        return IpSetMatch::NO;
    }
    return MatchExtension(slot.extension, request) ? IpSetMatch::YES : IpSetMatch::NO;
}

int
IpSetBitmap::DoAct(IpSetAction action, const IpSetEntry& entry, const Values& values, bool exist)
{
    Range range;
    if (const int error = FindRange(action, entry, range))
    {
        return error;
    }
    if (action == IpSetAction::TEST)
    {
        const IpSetMatch match = Test(m_slots[range.first], range.mac, nullptr);
        return match == IpSetMatch::NO ? IPSET_ERR_EXIST : 0;
    }
    for (uint32_t i = range.first; i <= range.last; i++)
    {
        const int error = action == IpSetAction::ADD ? Add(m_slots[i], range.mac, values, exist)
                                                     : Del(m_slots[i]);
        if (error && !(error == IPSET_ERR_EXIST && exist))
        {
            return error;
        }
    }
    return 0;
}

IpSetMatch
IpSetBitmap::ActOnPacket(IpSetAction action, IpSetRequest& request)
{
    Range range;
    if (!FindFromPacket(request, range))
    {
        return IpSetMatch::NO;
    }
    Slot& slot = m_slots[range.first];
    if (action == IpSetAction::TEST)
    {
        return Test(slot, range.mac, &request);
    }
    const int error = action == IpSetAction::ADD
                          ? Add(slot, range.mac, PacketValues(request), request.exist)
                          : Del(slot);
    return error ? IpSetMatch::NO : IpSetMatch::YES;
}

void
IpSetBitmap::Flush()
{
    for (Slot& slot : m_slots)
    {
        slot.used = false;
        ClearComment(slot.extension);
    }
}

void
IpSetBitmap::Sweep()
{
    for (Slot& slot : m_slots)
    {
        if (slot.used && IsOver(slot))
        {
            (void)Del(slot);
        }
    }
}

IpSetHeader
IpSetBitmap::GetHeader()
{
    Sweep();
    IpSetHeader header;
    header.options = m_options;
    header.memory = m_memory + m_commentBytes;
    header.elements = static_cast<uint32_t>(
        std::count_if(m_slots.begin(), m_slots.end(), [](const Slot& slot) { return slot.used; }));
    return header;
}

void
IpSetBitmap::List(const std::function<void(const IpSetEntry&)>& visit)
{
    for (uint32_t i = 0; i < m_slots.size(); i++)
    {
        const Slot& slot = m_slots[i];
        if (!slot.used || IsOver(slot))
        {
            continue;
        }
        IpSetEntry entry;
        Show(i, entry);
        if (slot.filled)
        {
            entry.ether = slot.mac;
        }
        ListExtension(slot.extension, entry, !HasMac() || slot.filled);
        visit(entry);
    }
}

bool
IpSetBitmap::IsSame(const IpSet& o) const
{
    const IpSetOptions& a = m_options;
    const IpSetOptions& b = o.GetOptions();
    return a.ip == b.ip && a.ipTo == b.ipTo && a.port == b.port && a.portTo == b.portTo &&
           a.netmask == b.netmask && a.timeout == b.timeout && a.counters == b.counters &&
           a.comment == b.comment && a.skbInfo == b.skbInfo;
}

} // namespace ns3
