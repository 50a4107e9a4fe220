/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-opaque-tag.h"

#include <ostream>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterOpaqueTag);

TypeId
NetfilterOpaqueTag::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterOpaqueTag")
                            .SetParent<Tag>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterOpaqueTag>();
    return tid;
}

NetfilterOpaqueTag::NetfilterOpaqueTag(uint8_t optionsSize)
    : m_optionsSize(optionsSize)
{
}

TypeId
NetfilterOpaqueTag::GetInstanceTypeId() const
{
    return GetTypeId();
}

uint32_t
NetfilterOpaqueTag::GetSerializedSize() const
{
    return sizeof(m_optionsSize);
}

void
NetfilterOpaqueTag::Serialize(TagBuffer i) const
{
    i.WriteU8(m_optionsSize);
}

void
NetfilterOpaqueTag::Deserialize(TagBuffer i)
{
    m_optionsSize = i.ReadU8();
}

void
NetfilterOpaqueTag::Print(std::ostream& os) const
{
    os << "options=" << +m_optionsSize;
}

} // namespace ns3
