/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-mark-tag.h"

#include <ostream>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(NetfilterMarkTag);

TypeId
NetfilterMarkTag::GetTypeId()
{
    static TypeId tid = TypeId("ns3::NetfilterMarkTag")
                            .SetParent<Tag>()
                            .SetGroupName("Netfilter")
                            .AddConstructor<NetfilterMarkTag>();
    return tid;
}

NetfilterMarkTag::NetfilterMarkTag(uint32_t mark)
    : m_mark(mark)
{
}

TypeId
NetfilterMarkTag::GetInstanceTypeId() const
{
    return GetTypeId();
}

uint32_t
NetfilterMarkTag::GetSerializedSize() const
{
    return sizeof(m_mark);
}

void
NetfilterMarkTag::Serialize(TagBuffer i) const
{
    i.WriteU32(m_mark);
}

void
NetfilterMarkTag::Deserialize(TagBuffer i)
{
    m_mark = i.ReadU32();
}

void
NetfilterMarkTag::Print(std::ostream& os) const
{
    os << "mark=0x" << std::hex << m_mark << std::dec;
}

} // namespace ns3
