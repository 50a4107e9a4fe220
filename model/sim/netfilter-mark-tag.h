/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NETFILTER_MARK_TAG_H
#define NETFILTER_MARK_TAG_H

#include "ns3/tag.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup netfilter
 * The mark an application gives a packet (Linux: SO_MARK). Taken off at LOCAL_OUT: marks do not
 * leave the node.
 */
class NetfilterMarkTag : public Tag
{
  public:
    /// @return the type
    static TypeId GetTypeId();
    /// @param mark fwmark
    explicit NetfilterMarkTag(uint32_t mark = 0);

    TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(TagBuffer i) const override;
    void Deserialize(TagBuffer i) override;
    void Print(std::ostream& os) const override;

    /// @return fwmark
    uint32_t GetMark() const
    {
        return m_mark;
    }

  private:
    uint32_t m_mark; //!< fwmark
};

} // namespace ns3

#endif // NETFILTER_MARK_TAG_H
