/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-bitmap.h"
#include "ip-set-packet.h"

#include <algorithm>

namespace ns3
{
namespace
{

constexpr IpSetOption CREATE[] = {
    IpSetOption::RANGE_PORT,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::SKBINFO,
    IpSetOption::FROM_PORT,
    IpSetOption::TO_PORT,
    IpSetOption::END,
};

constexpr size_t FIXED = 72; //!< Linux: sizeof(struct bitmap_port)
constexpr uint8_t TCP = 6;
constexpr uint8_t UDP = 17;

/// Linux: net/netfilter/ipset/ip_set_bitmap_port.c
class BitmapPort final : public IpSetBitmap
{
  public:
    BitmapPort(const IpSetMake& make, uint16_t first, uint16_t last)
        : IpSetBitmap(make, last - first + 1U, FIXED, 0),
          m_first(first),
          m_last(last)
    {
        m_options.port = first;
        m_options.portTo = last;
    }

  private:
    int FindRange(IpSetAction action, const IpSetEntry& entry, Range& range) const override
    {
        uint32_t from = entry.port;
        uint32_t to = action == IpSetAction::TEST ? from : entry.portTo.value_or(entry.port);
        if (from < m_first || from > m_last)
        {
            return IPSET_ERR_BITMAP_RANGE;
        }
        std::tie(from, to) = std::minmax({from, to});
        range.first = from - m_first;
        range.last = to - m_first;
        return from < m_first || to > m_last ? IPSET_ERR_BITMAP_RANGE : 0;
    }

    bool FindFromPacket(const IpSetRequest& request, Range& range) const override
    {
        uint16_t port = 0;
        uint8_t protocol = 0;
        const bool got = IpSetGetPort(request.packet, request.IsSource(0), port, protocol);
        range.first = static_cast<uint32_t>(port - m_first);
        return got && (protocol == TCP || protocol == UDP) && port >= m_first && port <= m_last;
    }

    void Show(uint32_t number, IpSetEntry& entry) const override
    {
        entry.port = static_cast<uint16_t>(m_first + number);
    }

    uint16_t m_first;
    uint16_t m_last;
};

} // namespace

extern const IpSetType IP_SET_BITMAP_PORT;
const IpSetType IP_SET_BITMAP_PORT{
    .name = "bitmap:port",
    .alias = "portmap",
    .revision = 3,
    .family = NfFamily::UNSPEC,
    .features = IPSET_TYPE_PORT,
    .parts = {IpSetPart::PLAIN_PORT},
    .create = CREATE,
    .add = IPSET_BITMAP_ADD,
    .del = CREATE + std::size(CREATE) - 1,
    .test = CREATE + std::size(CREATE) - 1,
    .testRefuses = IPSET_FORM_PORTS,
    .syntax = {"range [PROTO:]FROM-TO",
               "[PROTO:]PORT|FROM-TO",
               "[PROTO:]PORT|FROM-TO",
               "[PROTO:]PORT"},
    .usage = "where PORT, FROM and TO are port numbers or port names from /etc/services.\n"
             "      PROTO is only needed if a service name is used and it does not exist\n"
             "      as a TCP service; just the resolved service numer is stored in the set.\n",
    .revisions = "skbinfo support\n"
                 "comment support\n"
                 "counters support\n"
                 "Initial revision",
    .make = [](const IpSetMake& make) -> NfResult<std::unique_ptr<IpSet>> {
        if (!make.options.port || !make.options.portTo)
        {
            return NfError{IPSET_ERR_PROTOCOL, {}};
        }
        const auto [first, last] = std::minmax(*make.options.port, *make.options.portTo);
        return std::unique_ptr<IpSet>(std::make_unique<BitmapPort>(make, first, last));
    },
};

} // namespace ns3
