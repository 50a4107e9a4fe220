/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-bitmap.h"
#include "ip-set-packet.h"

namespace ns3
{
namespace
{

constexpr IpSetOption NOTHING[] = {IpSetOption::END};

constexpr size_t FIXED = 80;       //!< Linux: sizeof(struct bitmap_ipmac)
constexpr size_t ELEMENT_SIZE = 8; //!< Linux: sizeof(struct bitmap_ipmac_elem)

/// Linux: net/netfilter/ipset/ip_set_bitmap_ipmac.c
class BitmapIpMac final : public IpSetBitmap
{
  public:
    BitmapIpMac(const IpSetMake& make, const IpSetAddressRange& range)
        : IpSetBitmap(make, static_cast<uint32_t>(range.GetCount()), FIXED, ELEMENT_SIZE),
          m_range(range)
    {
        m_options.ip = NfAddr::FromIpv4(range.first);
        m_options.ipTo = NfAddr::FromIpv4(range.last);
        m_options.cidr.reset();
    }

  private:
    bool HasMac() const override
    {
        return true;
    }

    int FindRange(IpSetAction, const IpSetEntry& entry, Range& range) const override
    {
        if (!Find(entry.ip.GetIpv4(), range))
        {
            return IPSET_ERR_BITMAP_RANGE;
        }
        range.mac = entry.ether;
        return 0;
    }

    bool FindFromPacket(const IpSetRequest& request, Range& range) const override
    {
        const NfIpHeader& ip = request.packet.GetIp();
        range.mac.emplace();
        return Find((request.IsSource(0) ? ip.src : ip.dst).GetIpv4(), range) &&
               IpSetGetMac(request.packet, request.IsSource(1), *range.mac);
    }

    void Show(uint32_t number, IpSetEntry& entry) const override
    {
        entry.ip = NfAddr::FromIpv4(m_range.first + number);
    }

    bool Find(uint32_t addr, Range& range) const
    {
        range.first = range.last = addr - m_range.first;
        return addr >= m_range.first && addr <= m_range.last;
    }

    IpSetAddressRange m_range;
};

} // namespace

extern const IpSetType IP_SET_BITMAP_IPMAC;
const IpSetType IP_SET_BITMAP_IPMAC{
    .name = "bitmap:ip,mac",
    .alias = "macipmap",
    .revision = 3,
    .features = IPSET_TYPE_IP | IPSET_TYPE_MAC,
    .parts = {IpSetPart::SINGLE_IP, IpSetPart::MAC},
    .lastOptional = true,
    .create = IPSET_BITMAP_CREATE,
    .add = IPSET_BITMAP_ADD,
    .del = NOTHING,
    .test = NOTHING,
    .syntax = {"range IP/CIDR|FROM-TO", "IP[,MAC]", "IP[,MAC]", "IP[,MAC]"},
    .usage = "where IP, FROM and TO are IPv4 addresses (or hostnames),\n"
             "      CIDR is a valid IPv4 CIDR prefix.\n"
             "      MAC is a valid MAC address.\n",
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
        return std::unique_ptr<IpSet>(std::make_unique<BitmapIpMac>(make, *range));
    },
};

} // namespace ns3
