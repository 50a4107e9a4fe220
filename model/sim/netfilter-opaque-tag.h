/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_OPAQUE_TAG_H
#define NETFILTER_OPAQUE_TAG_H

#include "ns3/tag.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup netfilter
 * On a packet between the IP stack and the queue of its device: ns-3 would read beyond the end of
 * its transport header, or does not find it behind IPv4 options, which stand at the start of the
 * payload meanwhile.
 */
class NetfilterOpaqueTag : public Tag
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    /// @param optionsSize bytes of IPv4 options
    explicit NetfilterOpaqueTag(uint8_t optionsSize = 0);

    TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(TagBuffer i) const override;
    void Deserialize(TagBuffer i) override;
    void Print(std::ostream& os) const override;

    /// @return bytes of IPv4 options at the start of the payload
    uint8_t GetOptionsSize() const
    {
        return m_optionsSize;
    }

  private:
    uint8_t m_optionsSize; //!< bytes
};

} // namespace ns3

#endif // NETFILTER_OPAQUE_TAG_H
