/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-bitmap.h"

#include <algorithm>

namespace ns3
{
namespace
{

constexpr IpSetOption CREATE[] = {
    IpSetOption::RANGE_IP,
    IpSetOption::NETMASK,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::SKBINFO,
    IpSetOption::FROM_IP,
    IpSetOption::TO_IP,
    IpSetOption::NETWORK,
    IpSetOption::END,
};

constexpr size_t FIXED = 88; //!< Linux: sizeof(struct bitmap_ip)

/// Linux: net/netfilter/ipset/ip_set_bitmap_ip.c
class BitmapIp final : public IpSetBitmap
{
  public:
    BitmapIp(const IpSetMake& make, const IpSetAddressRange& range)
        : IpSetBitmap(make, static_cast<uint32_t>(range.GetCount()), FIXED, 0),
          m_range(range)
    {
        m_options.ip = NfAddr::FromIpv4(range.first);
        m_options.ipTo = NfAddr::FromIpv4(range.last);
        m_options.cidr.reset();
    }

  private:
    int FindRange(IpSetAction action, const IpSetEntry& entry, Range& range) const override
    {
        uint32_t from = entry.ip.GetIpv4();
        if (!Has(from))
        {
            return IPSET_ERR_BITMAP_RANGE;
        }
        uint32_t to = from;
        if (action != IpSetAction::TEST && entry.ipTo)
        {
            to = entry.ipTo->GetIpv4();
            std::tie(from, to) = std::minmax({from, to});
        }
        else if (action != IpSetAction::TEST && entry.cidr)
        {
            if (*entry.cidr == 0 || *entry.cidr > 32)
            {
                return IPSET_ERR_INVALID_CIDR;
            }
            const uint32_t mask = UINT32_MAX << (32 - *entry.cidr);
            from &= mask;
            to = from | ~mask;
        }
        if (from < m_range.first || to > m_range.last)
        {
            return IPSET_ERR_BITMAP_RANGE;
        }
        range.first = GetNumber(from);
        range.last = GetNumber(to);
        return 0;
    }

    bool FindFromPacket(const IpSetRequest& request, Range& range) const override
    {
        const NfIpHeader& ip = request.packet.GetIp();
        const uint32_t addr = (request.IsSource(0) ? ip.src : ip.dst).GetIpv4();
        if (!Has(addr))
        {
            return false;
        }
        range.first = GetNumber(addr);
        return true;
    }

    void Show(uint32_t number, IpSetEntry& entry) const override
    {
        entry.ip = NfAddr::FromIpv4(m_range.first + number * m_range.hosts);
    }

    bool Has(uint32_t addr) const
    {
        return addr >= m_range.first && addr <= m_range.last;
    }

    uint32_t GetNumber(uint32_t addr) const
    {
        return (addr - m_range.first) / m_range.hosts;
    }

    IpSetAddressRange m_range;
};

} // namespace

extern const IpSetType IP_SET_BITMAP_IP;
const IpSetType IP_SET_BITMAP_IP{
    .name = "bitmap:ip",
    .alias = "ipmap",
    .revision = 3,
    .features = IPSET_TYPE_IP,
    .parts = {IpSetPart::IP},
    .create = CREATE,
    .add = IPSET_BITMAP_ADD,
    .del = CREATE + std::size(CREATE) - 1,
    .test = CREATE + std::size(CREATE) - 1,
    .testRefuses = IPSET_FORM_CIDR | IPSET_FORM_RANGE,
    .syntax = {"range IP/CIDR|FROM-TO", "IP|IP/CIDR|FROM-TO", "IP|IP/CIDR|FROM-TO", "IP"},
    .usage = "where IP, FROM and TO are IPv4 addresses (or hostnames),\n"
             "      CIDR is a valid IPv4 CIDR prefix.\n",
    .revisions = "skbinfo support\n"
                 "comment support\n"
                 "counters support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) -> NfResult<std::unique_ptr<IpSet>> {
        const auto range = IpSetGetAddressRange(make.options);
        if (!range)
        {
            return range.Error();
        }
        return std::unique_ptr<IpSet>(std::make_unique<BitmapIp>(make, *range));
    },
};

} // namespace ns3
