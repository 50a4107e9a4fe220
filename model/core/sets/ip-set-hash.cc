/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ip-set-hash.h"

#include "../nat/nf-nat-hash.h"
#include "ip-set-packet.h"

#include <algorithm>
#include <bit>
#include <cerrno>

namespace ns3
{

constexpr IpSetOption IPSET_HASH_CREATE[] = {
    IpSetOption::FAMILY,
    IpSetOption::HASHSIZE,
    IpSetOption::MAXELEM,
    IpSetOption::TIMEOUT,
    IpSetOption::COUNTERS,
    IpSetOption::COMMENT,
    IpSetOption::FORCEADD,
    IpSetOption::SKBINFO,
    IpSetOption::BUCKETSIZE,
    IpSetOption::INITVAL,
    IpSetOption::PROBES,
    IpSetOption::RESIZE,
    IpSetOption::END,
};

constexpr IpSetOption IPSET_HASH_ADD[] = {
    IpSetOption::TIMEOUT,
    IpSetOption::PACKETS,
    IpSetOption::BYTES,
    IpSetOption::ADT_COMMENT,
    IpSetOption::SKBMARK,
    IpSetOption::SKBPRIO,
    IpSetOption::SKBQUEUE,
    IpSetOption::END,
};

constexpr IpSetOption IPSET_NO_OPTIONS[] = {IpSetOption::END};

constexpr IpSetOption IPSET_NET_ADD[] = {
    IpSetOption::TIMEOUT,
    IpSetOption::NOMATCH,
    IpSetOption::PACKETS,
    IpSetOption::BYTES,
    IpSetOption::ADT_COMMENT,
    IpSetOption::SKBMARK,
    IpSetOption::SKBPRIO,
    IpSetOption::SKBQUEUE,
    IpSetOption::END,
};

constexpr IpSetOption IPSET_NET_TEST[] = {IpSetOption::NOMATCH, IpSetOption::END};

namespace
{

// Linux: ip_set_hash_gen.h, ip_set_hash.h
constexpr unsigned BUCKET_STEP = 2;
constexpr unsigned BUCKET_MAX = 12;
constexpr unsigned BUCKET_MAX_TUNED = 64;
constexpr unsigned REGION_BITS = 10; //!< buckets that share a count
constexpr unsigned MAX_BITS = 27;    //!< more buckets do not fit into one allocation
constexpr uint32_t DEFAULT_HASHSIZE = 1024;
constexpr uint32_t MIN_HASHSIZE = 64;
constexpr uint32_t DEFAULT_MAXELEM = 65536;

// Sizes of the kernel's structures, for "Size in memory".
constexpr size_t BASE_SIZE = 160;
constexpr size_t REGION_SIZE = 24;
constexpr size_t BUCKET_SIZE = 32;

constexpr uint64_t MAX_RANGE = 1U << 24; //!< elements that one command may name

constexpr size_t MAX_KEY = 40;
constexpr size_t NAME_SIZE = 16; //!< of an interface, with its end

/// An element's parts, whatever the type.
struct Element
{
    NfAddr ip;
    NfAddr ip2;
    uint32_t mark{0};
    uint16_t port{0};
    uint8_t protocol{0};
    std::array<uint8_t, 2> cidr{};
    std::array<uint8_t, 6> mac{};
    bool physdev{false};
    bool wildcard{false};
    bool nomatch{false};
    std::array<char, NAME_SIZE> iface{};
};

using Key = std::array<uint8_t, MAX_KEY>;

/// IPv4 addresses or networks of one part of an element, one after the other.
class Span
{
  public:
    /// One address.
    explicit Span(const NfAddr& one)
        : m_one(one)
    {
    }

    /// @param from first @param to last, not before @param nets cut into networks @param step how
    /// far apart
    Span(uint32_t from, uint32_t to, bool nets, uint64_t step)
        : m_many(true),
          m_nets(nets),
          m_at(from),
          m_to(to),
          m_step(step)
    {
    }

    /// @return whether there is one more @param addr out: it @param cidr out: its length if nets
    bool Next(NfAddr& addr, uint8_t& cidr)
    {
        if (m_done || (m_many && m_at > m_to))
        {
            return false;
        }
        if (!m_many)
        {
            addr = m_one;
            m_done = true;
            return true;
        }
        addr = NfAddr::FromIpv4(static_cast<uint32_t>(m_at));
        m_at += m_nets ? NextNetwork(cidr) : m_step;
        return true;
    }

  private:
    /// Linux: ip_set_range_to_cidr() @return size of the biggest network here
    uint64_t NextNetwork(uint8_t& cidr) const
    {
        for (cidr = 1; cidr < 32; cidr++)
        {
            const uint64_t size = uint64_t{1} << (32 - cidr);
            if ((m_at & (size - 1)) == 0 && m_at + size - 1 <= m_to)
            {
                return size;
            }
        }
        return 1;
    }

    NfAddr m_one;
    bool m_many{false};
    bool m_nets{false};
    bool m_done{false};
    uint64_t m_at{0};
    uint64_t m_to{0};
    uint64_t m_step{1};
};

uint32_t
HostMask(unsigned cidr)
{
    return cidr == 0 ? 0 : UINT32_MAX << (32 - cidr);
}

uint32_t
ReverseBits(uint32_t x)
{
    uint32_t y = 0;
    for (unsigned i = 0; i < 32; i++)
    {
        y = y << 1 | (x >> i & 1);
    }
    return y;
}

/// Lengths of the networks in a set, longest first (Linux: struct net_prefixes).
class Lengths
{
  public:
    void Add(uint8_t cidr)
    {
        if (m_counts[cidr]++ == 0)
        {
            m_order.insert(std::lower_bound(m_order.begin(), m_order.end(), cidr, std::greater<>()),
                           cidr);
        }
    }

    void Remove(uint8_t cidr)
    {
        if (--m_counts[cidr] == 0)
        {
            m_order.erase(std::find(m_order.begin(), m_order.end(), cidr));
        }
    }

    const std::vector<uint8_t>& Get() const
    {
        return m_order;
    }

    void Clear()
    {
        m_counts.fill(0);
        m_order.clear();
    }

  private:
    std::array<uint32_t, 129> m_counts{};
    std::vector<uint8_t> m_order;
};

/// Linux: struct hbucket
template <class E>
struct Bucket
{
    uint64_t used{0};    //!< bit per place
    uint64_t nomatch{0}; //!< bit per place
    uint8_t size{0};     //!< places
    uint8_t pos{0};      //!< behind the last place ever used
    std::vector<uint8_t> keys;
    std::vector<E> extensions;
};

/// Any hash type; the kind says which (Linux: ip_set_hash_gen.h).
class HashSet final : public IpSet
{
  public:
    HashSet(const IpSetMake& make, const IpSetHashKind& kind);

    IpSetMatch ActOnPacket(IpSetAction action, IpSetRequest& request) override;
    void Flush() override;
    IpSetHeader GetHeader() override;
    void List(const std::function<void(const IpSetEntry&)>& visit) override;
    bool IsSame(const IpSet& o) const override;

  private:
    using Slots = Bucket<Extension>;

    /// 1024 buckets, made when the first is used.
    struct Region
    {
        std::array<std::unique_ptr<Slots>, 1U << REGION_BITS> buckets;
        uint32_t elements{0};
        uint64_t bytes{0}; //!< as the kernel counts
    };

    int DoAct(IpSetAction action,
              const IpSetEntry& entry,
              const Values& values,
              bool exist) override;

    // Parts of DoAct().
    int CheckParts(const IpSetEntry& entry, Element& element) const;
    int MakeSpan(IpSetAction action,
                 IpSetPart part,
                 const NfAddr& ip,
                 const std::optional<NfAddr>& ipTo,
                 std::optional<uint8_t> cidr,
                 std::optional<Span>& span) const;
    int ActOnOne(IpSetAction action, const Element& element, const Values& values, bool exist);

    bool FillFromPacket(IpSetAction action, const IpSetRequest& request, Element& element) const;
    bool FillPart(unsigned n, const IpSetRequest& request, Element& element) const;
    void SetLengths(IpSetAction action, Element& element) const;

    /// Whether there is room for one more.
    struct Room
    {
        uint64_t elements;
        uint32_t limit;
        bool force; //!< full, but something may be evicted

        bool IsFull() const
        {
            return elements >= limit;
        }
    };

    /// Where in a bucket an element is or may go.
    struct Place
    {
        int at{-1};          //!< -1: nowhere yet
        bool known{false};   //!< the element is there
        bool expired{false}; //!< ... but its time is over
        bool free{false};    //!< nothing is there
        unsigned multi{0};   //!< elements of the same network
    };

    // Parts of Add().
    Room GetRoom(const Region& region);
    Place FindPlace(Slots& bucket, const Key& key);
    int TakePlace(Region& region, Slots& bucket, const Room& room, Place& place);
    void Fill(Slots& bucket, int at, bool nomatch, const Values& values);

    int Add(const Element& element, const Values& values, bool exist);
    int Del(const Element& element);
    IpSetMatch Test(Element element, IpSetRequest* request);
    IpSetMatch TestNetworks(const Element& element, IpSetRequest* request);
    /// @param multi out: some element has the same network @return NO: go on
    IpSetMatch TestKey(const Element& element, IpSetRequest* request, unsigned& multi);
    int Resize();
    std::vector<uint32_t> CollectHashes() const;
    void MoveHere(Slots& from, unsigned i);
    void Sweep();
    void SweepBucket(Region& region, std::unique_ptr<Slots>& bucket);
    /// Copies what is left to a smaller array.
    void Shrink(Slots& bucket);

    Key Encode(const Element& element) const;
    Element Decode(const uint8_t* key) const;
    uint32_t Hash(const uint8_t* key) const;
    bool IsEqual(const uint8_t* stored, const uint8_t* key, unsigned& multi) const;
    void MaskTo(NfAddr& addr, unsigned cidr) const;
    NfAddr Mask(const NfAddr& addr) const;

    Region& GetRegion(uint32_t bucket);
    Slots* FindBucket(uint32_t bucket) const;

    uint32_t GetRegionCount() const
    {
        return m_bits < REGION_BITS ? 1 : 1U << (m_bits - REGION_BITS);
    }

    uint64_t CountAll() const;

    void Grow(Region& region, Slots& bucket)
    {
        bucket.size += BUCKET_STEP;
        bucket.keys.resize(bucket.size * m_keySize);
        if (HasExtensions())
        {
            bucket.extensions.resize(bucket.size);
        }
        // The kernel counts the head of a bucket once more each time it grows.
        region.bytes += BUCKET_SIZE + BUCKET_STEP * m_elementSize;
    }

    void AddLengths(const uint8_t* key);
    void RemoveLengths(const uint8_t* key);

    Extension& GetExtension(Slots& bucket, unsigned i)
    {
        return HasExtensions() ? bucket.extensions[i] : m_noExtension;
    }

    bool IsExpiredAt(Slots& bucket, unsigned i)
    {
        return m_options.timeout && IsExpired(bucket.extensions[i]);
    }

    const IpSetHashKind& m_kind;
    bool m_ipv6;
    uint8_t m_width;        //!< bytes of an address
    uint8_t m_hostBits;     //!< 32 or 128
    uint8_t m_tail;         //!< where the tail starts
    uint8_t m_keySize;      //!< bytes stored
    uint8_t m_hashed;       //!< bytes hashed
    size_t m_elementSize;   //!< bytes the kernel takes per place
    unsigned m_bits;        //!< 2^bits buckets
    unsigned m_bucketSize;  //!< places in a full bucket
    uint32_t m_regionLimit; //!< elements in a region above which all are counted
    std::vector<std::unique_ptr<Region>> m_regions;
    std::array<Lengths, 2> m_lengths;
    Extension m_noExtension; //!< of elements in sets without any
};

HashSet::HashSet(const IpSetMake& make, const IpSetHashKind& kind)
    : IpSet(make),
      m_kind(kind),
      m_ipv6(m_options.family == NfFamily::IPV6),
      m_width(m_ipv6 ? 16 : 4),
      m_hostBits(m_ipv6 ? 128 : 32)
{
    const uint32_t hashSize = std::max(m_options.hashSize.value_or(DEFAULT_HASHSIZE), MIN_HASHSIZE);
    m_options.maxElements = m_options.maxElements.value_or(DEFAULT_MAXELEM);
    m_options.initval = m_options.initval ? *m_options.initval : m_sets.GetRandom().Next();
    if (kind.markMask)
    {
        m_options.markMask = m_options.markMask.value_or(UINT32_MAX);
    }
    const unsigned wanted = m_options.bucketSize.value_or(BUCKET_MAX);
    m_bucketSize = (std::clamp(wanted, BUCKET_STEP, BUCKET_MAX) + 1) / 2 * 2;
    m_bits = static_cast<unsigned>(std::bit_width(hashSize - 1));
    m_tail = static_cast<uint8_t>(kind.addresses * m_width);
    m_hashed = static_cast<uint8_t>(m_tail + kind.hashedTail);
    const size_t align = m_ipv6 ? 4 : kind.align4;
    m_keySize = static_cast<uint8_t>((m_tail + kind.tail + align - 1) / align * align);
    m_hashed = kind.hashedTail == kind.tail ? m_keySize : m_hashed;
    m_elementSize = GetElementSize(m_keySize, align);
    m_regionLimit = *m_options.maxElements / GetRegionCount();
    m_regions.resize(GetRegionCount());
}

Key
HashSet::Encode(const Element& element) const
{
    Key key{};
    std::memcpy(key.data(), element.ip.bytes.data(), m_kind.addresses > 0 ? m_width : 0);
    std::memcpy(key.data() + m_width, element.ip2.bytes.data(), m_kind.addresses > 1 ? m_width : 0);
    uint8_t* tail = key.data() + m_tail;
    if (m_kind.port >= 0)
    {
        NfWriteU16(tail + m_kind.port, element.port);
    }
    if (m_kind.protocol >= 0)
    {
        tail[m_kind.protocol] = element.protocol;
    }
    if (m_kind.cidr >= 0)
    {
        tail[m_kind.cidr] = static_cast<uint8_t>(element.cidr[0] - (m_kind.packed ? 1 : 0));
    }
    if (m_kind.cidr2 >= 0)
    {
        tail[m_kind.cidr2] = element.cidr[1];
    }
    if (m_kind.mark >= 0)
    {
        std::memcpy(tail + m_kind.mark, &element.mark, sizeof(element.mark));
    }
    if (m_kind.mac >= 0)
    {
        std::memcpy(tail + m_kind.mac, element.mac.data(), element.mac.size());
    }
    if (m_kind.iface >= 0)
    {
        tail[0] = element.physdev;
        tail[m_kind.iface - 1] = 1; // Linux: elem, constant
        tail[m_kind.iface] = element.wildcard;
        std::memcpy(tail + m_kind.iface + 1, element.iface.data(), NAME_SIZE);
    }
    return key;
}

Element
HashSet::Decode(const uint8_t* key) const
{
    Element element;
    std::memcpy(element.ip.bytes.data(), key, m_kind.addresses > 0 ? m_width : 0);
    std::memcpy(element.ip2.bytes.data(), key + m_width, m_kind.addresses > 1 ? m_width : 0);
    const uint8_t* tail = key + m_tail;
    element.port = m_kind.port >= 0 ? NfReadU16(tail + m_kind.port) : 0;
    element.protocol = m_kind.protocol >= 0 ? tail[m_kind.protocol] : 0;
    if (m_kind.cidr >= 0)
    {
        element.cidr[0] = static_cast<uint8_t>(tail[m_kind.cidr] + (m_kind.packed ? 1 : 0));
    }
    element.cidr[1] = m_kind.cidr2 >= 0 ? tail[m_kind.cidr2] : 0;
    if (m_kind.mark >= 0)
    {
        std::memcpy(&element.mark, tail + m_kind.mark, sizeof(element.mark));
    }
    if (m_kind.mac >= 0)
    {
        std::memcpy(element.mac.data(), tail + m_kind.mac, element.mac.size());
    }
    if (m_kind.iface >= 0)
    {
        element.physdev = tail[0];
        element.wildcard = tail[m_kind.iface];
        std::memcpy(element.iface.data(), tail + m_kind.iface + 1, NAME_SIZE);
    }
    return element;
}

uint32_t
HashSet::Hash(const uint8_t* key) const
{
    std::array<uint32_t, MAX_KEY / 4> words;
    std::memcpy(words.data(), key, m_hashed);
    return NfJenkinsHash(words.data(), m_hashed / 4, *m_options.initval);
}

bool
HashSet::IsEqual(const uint8_t* stored, const uint8_t* key, unsigned& multi) const
{
    if (m_kind.iface < 0)
    {
        return std::memcmp(stored, key, m_keySize) == 0;
    }
    const uint8_t* a = stored + m_tail;
    const uint8_t* b = key + m_tail;
    if (std::memcmp(stored, key, m_tail) != 0 || a[m_kind.cidr] != b[m_kind.cidr])
    {
        return false;
    }
    multi++;
    const auto* nameA = reinterpret_cast<const char*>(a + m_kind.iface + 1);
    const auto* nameB = reinterpret_cast<const char*>(b + m_kind.iface + 1);
    const bool wildcard = a[m_kind.iface];
    return a[0] == b[0] &&
           std::strncmp(nameA, nameB, wildcard ? strnlen(nameA, NAME_SIZE) : NAME_SIZE) == 0;
}

void
HashSet::MaskTo(NfAddr& addr, unsigned cidr) const
{
    addr = addr & NfPrefixMask(m_options.family, cidr);
}

NfAddr
HashSet::Mask(const NfAddr& addr) const
{
    if (m_options.bitmask)
    {
        return addr & *m_options.bitmask;
    }
    return m_options.netmask ? addr & NfPrefixMask(m_options.family, *m_options.netmask) : addr;
}

HashSet::Region&
HashSet::GetRegion(uint32_t bucket)
{
    std::unique_ptr<Region>& region = m_regions[bucket >> REGION_BITS];
    if (!region)
    {
        region = std::make_unique<Region>();
    }
    return *region;
}

HashSet::Slots*
HashSet::FindBucket(uint32_t bucket) const
{
    const std::unique_ptr<Region>& region = m_regions[bucket >> REGION_BITS];
    return region ? region->buckets[bucket % (1U << REGION_BITS)].get() : nullptr;
}

uint64_t
HashSet::CountAll() const
{
    uint64_t count = 0;
    for (const auto& region : m_regions)
    {
        count += region ? region->elements : 0;
    }
    return count;
}

void
HashSet::AddLengths(const uint8_t* key)
{
    const Element element = Decode(key);
    for (unsigned n = 0; n < m_kind.GetNetCount(); n++)
    {
        m_lengths[n].Add(element.cidr[n]);
    }
}

void
HashSet::RemoveLengths(const uint8_t* key)
{
    const Element element = Decode(key);
    for (unsigned n = 0; n < m_kind.GetNetCount(); n++)
    {
        m_lengths[n].Remove(element.cidr[n]);
    }
}

HashSet::Room
HashSet::GetRoom(const Region& region)
{
    if (region.elements < m_regionLimit)
    {
        return Room{region.elements, m_regionLimit, false};
    }
    if (m_options.timeout)
    {
        Sweep();
    }
    Room room{CountAll(), *m_options.maxElements, false};
    room.force = room.IsFull() && m_options.forceAdd;
    return room;
}

HashSet::Place
HashSet::FindPlace(Slots& bucket, const Key& key)
{
    Place place;
    for (unsigned i = 0; i < bucket.pos; i++)
    {
        const bool used = bucket.used >> i & 1;
        if (used && IsEqual(&bucket.keys[i * m_keySize], key.data(), place.multi))
        {
            place.known = true;
            place.expired = IsExpiredAt(bucket, i);
            place.at = static_cast<int>(i);
            return place;
        }
        if (place.at < 0 && (!used || IsExpiredAt(bucket, i)))
        {
            place.at = static_cast<int>(i);
            place.free = !used;
        }
    }
    return place;
}

int
HashSet::TakePlace(Region& region, Slots& bucket, const Room& room, Place& place)
{
    if (place.at >= 0 || room.force)
    {
        place.at = std::max(place.at, 0);
        if (!place.free)
        {
            RemoveLengths(&bucket.keys[place.at * m_keySize]);
            ClearComment(GetExtension(bucket, place.at));
            region.elements--;
        }
        return 0;
    }
    if (room.IsFull())
    {
        return IPSET_ERR_HASH_FULL;
    }
    if (bucket.pos >= bucket.size)
    {
        if (m_kind.iface >= 0 && place.multi >= m_bucketSize)
        {
            m_bucketSize = std::min(m_bucketSize + BUCKET_STEP, BUCKET_MAX_TUNED);
        }
        if (bucket.size >= m_bucketSize)
        {
            return EAGAIN;
        }
        Grow(region, bucket);
    }
    place.at = bucket.pos++;
    return 0;
}

void
HashSet::Fill(Slots& bucket, int at, bool nomatch, const Values& values)
{
    const uint64_t bit = uint64_t{1} << at;
    bucket.used |= bit;
    bucket.nomatch = nomatch ? bucket.nomatch | bit : bucket.nomatch & ~bit;
    if (HasExtensions())
    {
        SetExtension(bucket.extensions[at], values);
        bucket.extensions[at].expires = GetExpiry(values.timeout);
    }
}

// Linux: mtype_add()
int
HashSet::Add(const Element& element, const Values& values, bool exist)
{
    const Key key = Encode(element);
    const uint32_t index = Hash(key.data()) & ((1U << m_bits) - 1);
    Region& region = GetRegion(index);
    const Room room = GetRoom(region);
    std::unique_ptr<Slots>& slot = region.buckets[index % (1U << REGION_BITS)];
    if (!slot)
    {
        if (room.IsFull())
        {
            return IPSET_ERR_HASH_FULL;
        }
        slot = std::make_unique<Slots>();
        Grow(region, *slot);
    }
    Place place = FindPlace(*slot, key);
    if (place.known && !exist && !place.expired)
    {
        return IPSET_ERR_EXIST;
    }
    if (!place.known)
    {
        if (const int error = TakePlace(region, *slot, room, place))
        {
            return error;
        }
        region.elements++;
        std::memcpy(&slot->keys[place.at * m_keySize], key.data(), m_keySize);
        AddLengths(key.data());
    }
    Fill(*slot, place.at, element.nomatch, values);
    return 0;
}

void
HashSet::Shrink(Slots& bucket)
{
    Slots small;
    small.size = static_cast<uint8_t>(bucket.size - BUCKET_STEP);
    small.keys.resize(small.size * m_keySize);
    small.extensions.resize(HasExtensions() ? small.size : 0);
    for (unsigned i = 0; i < bucket.pos; i++)
    {
        if (!(bucket.used >> i & 1))
        {
            continue;
        }
        std::memcpy(&small.keys[small.pos * m_keySize], &bucket.keys[i * m_keySize], m_keySize);
        if (HasExtensions())
        {
            small.extensions[small.pos] = std::move(bucket.extensions[i]);
        }
        small.nomatch |= (bucket.nomatch >> i & 1) << small.pos;
        small.used |= uint64_t{1} << small.pos++;
    }
    bucket = std::move(small);
}

// Linux: mtype_del()
int
HashSet::Del(const Element& element)
{
    const Key key = Encode(element);
    const uint32_t index = Hash(key.data()) & ((1U << m_bits) - 1);
    Slots* bucket = FindBucket(index);
    if (!bucket)
    {
        return IPSET_ERR_EXIST;
    }
    unsigned multi = 0;
    unsigned i = 0;
    while (i < bucket->pos &&
           !((bucket->used >> i & 1) && IsEqual(&bucket->keys[i * m_keySize], key.data(), multi)))
    {
        i++;
    }
    if (i == bucket->pos || IsExpiredAt(*bucket, i))
    {
        return IPSET_ERR_EXIST;
    }
    Region& region = GetRegion(index);
    RemoveLengths(&bucket->keys[i * m_keySize]);
    bucket->used &= ~(uint64_t{1} << i);
    bucket->pos = static_cast<uint8_t>(bucket->pos - (i + 1 == bucket->pos ? 1 : 0));
    region.elements--;
    ClearComment(GetExtension(*bucket, i));
    const auto used = static_cast<unsigned>(std::popcount(bucket->used));
    if (bucket->pos == 0)
    {
        region.bytes -= BUCKET_SIZE + bucket->size * m_elementSize;
        region.buckets[index % (1U << REGION_BITS)].reset();
    }
    else if (bucket->pos - used >= BUCKET_STEP)
    {
        region.bytes -= BUCKET_SIZE + BUCKET_STEP * m_elementSize;
        Shrink(*bucket);
    }
    return 0;
}

// Linux: mtype_gc_do()
void
HashSet::SweepBucket(Region& region, std::unique_ptr<Slots>& bucket)
{
    unsigned free = 0;
    for (unsigned i = 0; i < bucket->pos; i++)
    {
        const uint64_t bit = uint64_t{1} << i;
        if ((bucket->used & bit) && IsExpiredAt(*bucket, i))
        {
            RemoveLengths(&bucket->keys[i * m_keySize]);
            ClearComment(bucket->extensions[i]);
            bucket->used &= ~bit;
            region.elements--;
        }
        free += !(bucket->used & bit);
    }
    if (free < BUCKET_STEP)
    {
        return;
    }
    if (free >= bucket->size)
    {
        region.bytes -= BUCKET_SIZE + bucket->size * m_elementSize;
        bucket.reset();
        return;
    }
    region.bytes -= BUCKET_SIZE + BUCKET_STEP * m_elementSize;
    Shrink(*bucket);
}

void
HashSet::Sweep()
{
    for (auto& region : m_regions)
    {
        for (size_t i = 0; region && i < region->buckets.size(); i++)
        {
            if (region->buckets[i])
            {
                SweepBucket(*region, region->buckets[i]);
            }
        }
    }
}

std::vector<uint32_t>
HashSet::CollectHashes() const
{
    std::vector<uint32_t> hashes;
    for (const auto& region : m_regions)
    {
        for (size_t i = 0; region && i < region->buckets.size(); i++)
        {
            const Slots* bucket = region->buckets[i].get();
            for (unsigned j = 0; bucket && j < bucket->pos; j++)
            {
                if (bucket->used >> j & 1)
                {
                    hashes.push_back(ReverseBits(Hash(&bucket->keys[j * m_keySize])));
                }
            }
        }
    }
    std::sort(hashes.begin(), hashes.end());
    return hashes;
}

void
HashSet::MoveHere(Slots& from, unsigned i)
{
    const uint8_t* key = &from.keys[i * m_keySize];
    const uint32_t index = Hash(key) & ((1U << m_bits) - 1);
    Region& region = GetRegion(index);
    std::unique_ptr<Slots>& slot = region.buckets[index % (1U << REGION_BITS)];
    if (!slot)
    {
        slot = std::make_unique<Slots>();
    }
    if (slot->pos == slot->size)
    {
        Grow(region, *slot);
    }
    std::memcpy(&slot->keys[slot->pos * m_keySize], key, m_keySize);
    if (HasExtensions())
    {
        slot->extensions[slot->pos] = std::move(from.extensions[i]);
    }
    slot->nomatch |= (from.nomatch >> i & 1) << slot->pos;
    slot->used |= uint64_t{1} << slot->pos++;
    region.elements++;
}

// Linux: mtype_resize(). Doubles the table until no bucket is too full.
int
HashSet::Resize()
{
    Sweep();
    // Buckets go by the low bits of the hash; in reverse they are runs of a sorted list.
    const std::vector<uint32_t> hashes = CollectHashes();
    const auto fits = [&](unsigned bits) {
        for (size_t i = 0; i + m_bucketSize < hashes.size(); i++)
        {
            if ((hashes[i] ^ hashes[i + m_bucketSize]) >> (32 - bits) == 0)
            {
                return false;
            }
        }
        return true;
    };
    unsigned bits = m_bits + 1;
    while (bits <= MAX_BITS && !fits(bits))
    {
        bits++;
    }
    if (bits > MAX_BITS)
    {
        return IPSET_ERR_HASH_FULL;
    }
    const std::vector<std::unique_ptr<Region>> old = std::move(m_regions);
    m_bits = bits;
    m_regionLimit = *m_options.maxElements / GetRegionCount();
    m_regions.clear();
    m_regions.resize(GetRegionCount());
    for (const auto& from : old)
    {
        for (size_t i = 0; from && i < from->buckets.size(); i++)
        {
            Slots* bucket = from->buckets[i].get();
            for (unsigned j = 0; bucket && j < bucket->pos; j++)
            {
                if (bucket->used >> j & 1)
                {
                    MoveHere(*bucket, j);
                }
            }
        }
    }
    return 0;
}

IpSetMatch
HashSet::TestKey(const Element& element, IpSetRequest* request, unsigned& multi)
{
    const Key key = Encode(element);
    Slots* bucket = FindBucket(Hash(key.data()) & ((1U << m_bits) - 1));
    for (unsigned i = 0; bucket && i < bucket->pos; i++)
    {
        if (!(bucket->used >> i & 1) || !IsEqual(&bucket->keys[i * m_keySize], key.data(), multi))
        {
            continue;
        }
        if (MatchExtension(GetExtension(*bucket, i), request))
        {
            return bucket->nomatch >> i & 1 ? IpSetMatch::NOMATCH : IpSetMatch::YES;
        }
        multi = 0;
    }
    return IpSetMatch::NO;
}

// Linux: mtype_test_cidrs()
IpSetMatch
HashSet::TestNetworks(const Element& element, IpSetRequest* request)
{
    static constexpr uint8_t NONE[] = {0};
    const std::vector<uint8_t>& firsts = m_lengths[0].Get();
    const bool two = m_kind.GetNetCount() == 2;
    const uint8_t* seconds = two ? m_lengths[1].Get().data() : NONE;
    const size_t count = two ? m_lengths[1].Get().size() : 1;
    unsigned multi = 0;
    Element probe = element;
    for (size_t j = 0; j < firsts.size() && !multi; j++)
    {
        // With one network beside an address it is the second address that is the network.
        NfAddr& first = m_type.parts[0] == IpSetPart::NET ? probe.ip : probe.ip2;
        MaskTo(first, firsts[j]);
        probe.cidr[0] = firsts[j];
        for (size_t k = 0; k < count && !multi; k++)
        {
            if (two)
            {
                probe.ip2 = element.ip2;
                MaskTo(probe.ip2, seconds[k]);
                probe.cidr[1] = seconds[k];
            }
            const IpSetMatch match = TestKey(probe, request, multi);
            if (match != IpSetMatch::NO)
            {
                return match;
            }
        }
    }
    return IpSetMatch::NO;
}

IpSetMatch
HashSet::Test(Element element, IpSetRequest* request)
{
    const unsigned nets = m_kind.GetNetCount();
    const bool host =
        nets && element.cidr[0] == m_hostBits && (nets == 1 || element.cidr[1] == m_hostBits);
    unsigned multi = 0;
    return host ? TestNetworks(element, request) : TestKey(element, request, multi);
}

int
HashSet::CheckParts(const IpSetEntry& entry, Element& element) const
{
    const unsigned nets = m_kind.GetNetCount();
    const bool firstIsNet = m_type.parts[0] == IpSetPart::NET;
    element.cidr[0] = (firstIsNet ? entry.cidr : entry.cidr2).value_or(m_hostBits);
    element.cidr[1] = entry.cidr2.value_or(m_hostBits);
    for (unsigned n = 0; n < nets; n++)
    {
        if (element.cidr[n] > m_hostBits || (element.cidr[n] == 0 && !m_kind.zeroNet))
        {
            return IPSET_ERR_INVALID_CIDR;
        }
    }
    if (m_kind.protocol >= 0)
    {
        element.protocol = entry.protocol.value_or(0);
        if (element.protocol == 0)
        {
            return entry.protocol ? IPSET_ERR_INVALID_PROTO : IPSET_ERR_MISSING_PROTO;
        }
        element.port = entry.port;
    }
    element.mark = entry.mark & m_options.markMask.value_or(0);
    if (m_kind.mark >= 0 && element.mark == 0 && entry.ip.IsZero())
    {
        return IPSET_ERR_HASH_ELEM;
    }
    if (m_kind.mac >= 0)
    {
        element.mac = entry.ether.value_or(element.mac);
        if (element.mac == std::array<uint8_t, 6>{})
        {
            return IPSET_ERR_HASH_ELEM;
        }
    }
    entry.iface.copy(element.iface.data(), NAME_SIZE - 1);
    element.physdev = entry.physdev;
    element.wildcard = entry.wildcard;
    element.nomatch = entry.nomatch;
    return 0;
}

int
HashSet::MakeSpan(IpSetAction action,
                  IpSetPart part,
                  const NfAddr& ip,
                  const std::optional<NfAddr>& ipTo,
                  std::optional<uint8_t> cidr,
                  std::optional<Span>& span) const
{
    const bool net = part == IpSetPart::NET;
    NfAddr first = Mask(ip);
    if (m_kind.zeroError && first.IsZero())
    {
        return m_kind.zeroError;
    }
    if (m_ipv6 && (ipTo || (!net && cidr && *cidr != m_hostBits)))
    {
        return ipTo ? IPSET_ERR_RANGE_UNSUPPORTED : IPSET_ERR_INVALID_CIDR;
    }
    if (net && (action == IpSetAction::TEST || !ipTo))
    {
        MaskTo(first, cidr.value_or(m_hostBits));
        span.emplace(first);
        return 0;
    }
    if (m_ipv6 || action == IpSetAction::TEST || !(ipTo || cidr))
    {
        span.emplace(first);
        return 0;
    }
    uint32_t from = first.GetIpv4();
    uint32_t to = ipTo ? ipTo->GetIpv4() : from;
    if (ipTo && to < from)
    {
        std::swap(from, to);
        if (m_kind.zeroError && from == 0)
        {
            return m_kind.zeroError;
        }
    }
    if (!ipTo)
    {
        if (*cidr == 0 || *cidr > m_hostBits)
        {
            return IPSET_ERR_INVALID_CIDR;
        }
        from &= HostMask(*cidr);
        to = from | ~HostMask(*cidr);
    }
    if (net && from == 0 && to == UINT32_MAX)
    {
        return IPSET_ERR_HASH_RANGE;
    }
    const unsigned netmask = m_kind.wholeNets ? m_options.netmask.value_or(32) : 32;
    span.emplace(from, to, net, uint64_t{1} << (32 - netmask));
    return 0;
}

int
HashSet::ActOnOne(IpSetAction action, const Element& element, const Values& values, bool exist)
{
    if (action == IpSetAction::TEST)
    {
        // With "nomatch" the test is for networks that do not match, and only for them.
        const IpSetMatch wanted = element.nomatch ? IpSetMatch::NOMATCH : IpSetMatch::YES;
        const bool found = Test(element, nullptr) == wanted;
        return found ? 0 : IPSET_ERR_EXIST;
    }
    int error = action == IpSetAction::ADD ? Add(element, values, exist) : Del(element);
    while (error == EAGAIN)
    {
        error = Resize();
        error = error ? error : Add(element, values, exist);
    }
    return error == IPSET_ERR_EXIST && exist ? 0 : error;
}

int
HashSet::DoAct(IpSetAction action, const IpSetEntry& entry, const Values& values, bool exist)
{
    if (action == IpSetAction::ADD && IsSweepDue())
    {
        Sweep();
    }
    Element element;
    std::optional<Span> first;
    std::optional<Span> second;
    int error = CheckParts(entry, element);
    const IpSetPart last = m_type.parts[m_type.GetDimension() - 1];
    if (error == 0 && m_kind.addresses > 0)
    {
        error = MakeSpan(action, m_type.parts[0], entry.ip, entry.ipTo, entry.cidr, first);
    }
    if (error == 0 && m_kind.addresses > 1)
    {
        error = MakeSpan(action, last, entry.ip2, entry.ip2To, entry.cidr2, second);
    }
    if (error)
    {
        return error;
    }
    const bool ports = IpSetHasPorts(element.protocol);
    const uint8_t icmp = m_ipv6 ? 58 : 1;
    uint32_t low = ports || element.protocol == icmp ? element.port : 0;
    uint32_t high = ports && action != IpSetAction::TEST ? entry.portTo.value_or(low) : low;
    std::tie(low, high) = std::minmax({low, high});
    const bool firstIsNet = m_type.parts[0] == IpSetPart::NET;
    uint8_t& secondCidr = element.cidr[m_kind.cidr2 >= 0 ? 1 : 0];
    uint64_t count = 0;
    uint8_t unused = 0;
    Span firsts = first.value_or(Span(NfAddr{}));
    while (firsts.Next(element.ip, firstIsNet ? element.cidr[0] : unused))
    {
        for (uint32_t port = low; port <= high; port++)
        {
            element.port = static_cast<uint16_t>(port);
            Span seconds = second.value_or(Span(NfAddr{}));
            while (seconds.Next(element.ip2, last == IpSetPart::NET ? secondCidr : unused))
            {
                error = ActOnOne(action, element, values, exist);
                error = error == 0 && ++count > MAX_RANGE ? ERANGE : error;
                if (error)
                {
                    return error;
                }
            }
        }
    }
    return 0;
}

bool
HashSet::FillPart(unsigned n, const IpSetRequest& request, Element& element) const
{
    const NfIpHeader& ip = request.packet.GetIp();
    const bool source = request.IsSource(n);
    switch (m_type.parts[n])
    {
    case IpSetPart::IP:
    case IpSetPart::SINGLE_IP:
    case IpSetPart::NET:
        (n == 0 ? element.ip : element.ip2) = Mask(source ? ip.src : ip.dst);
        return !(m_kind.zeroError && element.ip.IsZero());
    case IpSetPart::PORT:
        return IpSetGetPort(request.packet, source, element.port, element.protocol);
    case IpSetPart::MARK:
        element.mark = request.packet.mark & *m_options.markMask;
        return true;
    case IpSetPart::MAC:
        return IpSetGetMac(request.packet, source, element.mac);
    case IpSetPart::IFACE: {
        const NfDevice* device = source ? request.in : request.out;
        (device ? device->name : "").copy(element.iface.data(), NAME_SIZE - 1);
        return device != nullptr;
    }
    default:
        return false;
    }
}

void
HashSet::SetLengths(IpSetAction action, Element& element) const
{
    for (unsigned n = 0; n < m_kind.GetNetCount(); n++)
    {
        // An element that a rule adds is as long as the longest there is.
        const auto& lengths = m_lengths[n].Get();
        const bool longest = action != IpSetAction::TEST && !lengths.empty();
        element.cidr[n] = longest ? lengths.front() : m_hostBits;
    }
    if (m_kind.GetNetCount() > 0)
    {
        MaskTo(m_type.parts[0] == IpSetPart::NET ? element.ip : element.ip2, element.cidr[0]);
    }
    if (m_kind.GetNetCount() > 1)
    {
        MaskTo(element.ip2, element.cidr[1]);
    }
}

bool
HashSet::FillFromPacket(IpSetAction action, const IpSetRequest& request, Element& element) const
{
    for (unsigned n = 0; n < m_type.GetDimension(); n++)
    {
        if (!FillPart(n, request, element))
        {
            return false;
        }
    }
    SetLengths(action, element);
    return true;
}

IpSetMatch
HashSet::ActOnPacket(IpSetAction action, IpSetRequest& request)
{
    Element element;
    if (!FillFromPacket(action, request, element))
    {
        return IpSetMatch::NO;
    }
    switch (action)
    {
    case IpSetAction::TEST:
        return Test(element, &request);
    case IpSetAction::ADD:
        // A full bucket stays as it is: only commands make the table grow.
        return Add(element, PacketValues(request), request.exist) == 0 ? IpSetMatch::YES
                                                                       : IpSetMatch::NO;
    default:
        return Del(element) == 0 ? IpSetMatch::YES : IpSetMatch::NO;
    }
}

void
HashSet::Flush()
{
    for (auto& region : m_regions)
    {
        region.reset();
    }
    m_lengths[0].Clear();
    m_lengths[1].Clear();
    m_commentBytes = 0;
}

IpSetHeader
HashSet::GetHeader()
{
    if (IsSweepDue())
    {
        Sweep();
    }
    IpSetHeader header;
    header.options = m_options;
    header.options.hashSize = 1U << m_bits;
    header.options.bucketSize = static_cast<uint8_t>(m_bucketSize);
    const size_t lengths = m_hostBits + (m_kind.zeroNet ? 1 : 0);
    const size_t nets = m_kind.GetNetCount() == 2 ? 12 * lengths
                        : m_kind.GetNetCount()    ? 8 * lengths
                                                  : 0;
    const size_t fixed = BASE_SIZE + (m_kind.netmask ? 32 : 16) + 16 + m_keySize + nets;
    header.memory = (fixed + 7) / 8 * 8 + (GetRegionCount() - 1) * REGION_SIZE + m_commentBytes;
    for (const auto& region : m_regions)
    {
        header.memory += region ? region->bytes : 0;
    }
    header.elements = 0;
    List([&header](const IpSetEntry&) { header.elements++; });
    return header;
}

void
HashSet::List(const std::function<void(const IpSetEntry&)>& visit)
{
    for (const auto& region : m_regions)
    {
        for (size_t b = 0; region && b < region->buckets.size(); b++)
        {
            Slots* bucket = region->buckets[b].get();
            for (unsigned i = 0; bucket && i < bucket->pos; i++)
            {
                if (!(bucket->used >> i & 1) || IsExpiredAt(*bucket, i))
                {
                    continue;
                }
                const Element element = Decode(&bucket->keys[i * m_keySize]);
                IpSetEntry entry;
                entry.ip = element.ip;
                entry.ip2 = element.ip2;
                const bool firstIsNet = m_type.parts[0] == IpSetPart::NET;
                if (m_kind.cidr >= 0)
                {
                    (firstIsNet ? entry.cidr : entry.cidr2) = element.cidr[0];
                }
                if (m_kind.cidr2 >= 0)
                {
                    entry.cidr2 = element.cidr[1];
                }
                entry.port = element.port;
                entry.protocol = element.protocol;
                entry.ether = element.mac;
                entry.mark = element.mark;
                entry.iface.assign(element.iface.data());
                entry.physdev = element.physdev;
                entry.wildcard = element.wildcard;
                entry.nomatch = bucket->nomatch >> i & 1;
                ListExtension(GetExtension(*bucket, i), entry);
                visit(entry);
            }
        }
    }
}

bool
HashSet::IsSame(const IpSet& o) const
{
    const IpSetOptions& a = m_options;
    const IpSetOptions& b = o.GetOptions();
    return a.maxElements == b.maxElements && a.timeout == b.timeout && a.netmask == b.netmask &&
           a.bitmask == b.bitmask && a.markMask == b.markMask && a.counters == b.counters &&
           a.comment == b.comment && a.skbInfo == b.skbInfo;
}

} // namespace

NfResult<std::unique_ptr<IpSet>>
IpSetMakeHash(const IpSetMake& make, const IpSetHashKind& kind)
{
    const IpSetOptions& options = make.options;
    const unsigned hostBits = options.family == NfFamily::IPV6 ? 128 : 32;
    if (options.markMask == 0U)
    {
        return NfError{IPSET_ERR_INVALID_MARKMASK, {}};
    }
    if (options.netmask && (*options.netmask == 0 || *options.netmask > hostBits))
    {
        return NfError{IPSET_ERR_INVALID_NETMASK, {}};
    }
    if (options.netmask && options.bitmask)
    {
        return NfError{IPSET_ERR_NETMASK_BITMASK, {}};
    }
    if (options.bitmask && options.bitmask->IsZero())
    {
        return NfError{IPSET_ERR_INVALID_NETMASK, {}};
    }
    if (options.hashSize && *options.hashSize > 1U << MAX_BITS)
    {
        return NfError{ENOMEM, {}};
    }
    IpSetOptions made = options;
    if (made.netmask == hostBits)
    {
        made.netmask.reset();
    }
    return std::unique_ptr<IpSet>(
        std::make_unique<HashSet>(IpSetMake{make.sets, make.type, made}, kind));
}

} // namespace ns3
