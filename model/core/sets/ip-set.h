/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef IP_SET_H
#define IP_SET_H

#include "../packet/nf-clock.h"
#include "../packet/nf-device.h"
#include "../packet/nf-packet.h"
#include "../packet/nf-result.h"
#include "../packet/nf-tuple.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// Errors of sets besides errno's (Linux: enum ipset_errno and those of the kinds of types, whose
/// numbers overlap there). Functions return them positive; 0 is success.
enum IpSetError : int
{
    IPSET_ERR_PROTOCOL = 4097,     //!< the request makes no sense to the kernel
    IPSET_ERR_BUSY = 4100,         //!< destroy: something refers to the set
    IPSET_ERR_EXIST_SETNAME2,      //!< rename: there is one; swap: there is none
    IPSET_ERR_TYPE_MISMATCH,       //!< swap; packets of another family
    IPSET_ERR_EXIST,               //!< added already, or not there
    IPSET_ERR_INVALID_CIDR,        //!< prefix length
    IPSET_ERR_INVALID_NETMASK,     //!< create
    IPSET_ERR_INVALID_FAMILY,      //!< create
    IPSET_ERR_TIMEOUT,             //!< the set has no timeouts
    IPSET_ERR_REFERENCED,          //!< rename: something refers to the set
    IPSET_ERR_COUNTER = 4111,      //!< the set has no counters
    IPSET_ERR_COMMENT,             //!< the set has no comments
    IPSET_ERR_INVALID_MARKMASK,    //!< create
    IPSET_ERR_SKBINFO,             //!< the set has no skbinfo
    IPSET_ERR_NETMASK_BITMASK,     //!< create: both given
    IPSET_ERR_HASH_FULL = 5000,    //!< maxelem reached
    IPSET_ERR_HASH_ELEM,           //!< the element is all zero
    IPSET_ERR_INVALID_PROTO,       //!< IP protocol 0
    IPSET_ERR_MISSING_PROTO,       //!< a port without protocol
    IPSET_ERR_HASH_RANGE,          //!< all addresses there are
    IPSET_ERR_RANGE_UNSUPPORTED,   //!< ranges of IPv6
    IPSET_ERR_BITMAP_RANGE = 5100, //!< outside of the set
    IPSET_ERR_BITMAP_RANGE_SIZE,   //!< create: more than 65536 elements
    IPSET_ERR_NAME = 5200,         //!< list:set: no such set
    IPSET_ERR_LOOP,                //!< list:set: a list in a list
    IPSET_ERR_BEFORE,              //!< list:set: no reference
    IPSET_ERR_NAMEREF,             //!< list:set: no set of the reference's name
    IPSET_ERR_REF_EXIST = 5205,    //!< list:set: the reference is not in the list
};

/// What to do with an element (Linux: enum ipset_adt).
enum class IpSetAction : uint8_t
{
    ADD,
    DEL,
    TEST,
};

/// skb metadata that a set maps to (Linux: struct ip_set_skbinfo).
struct IpSetSkbInfo
{
    uint32_t mark{0};
    uint32_t markMask{0};
    uint32_t priority{0};
    uint16_t queue{0};
};

/**
 * @ingroup netfilter
 * An element as commands name and lists show it (Linux: the attributes of a message). Which parts
 * count depends on the type. Addresses are those of the set's family.
 */
struct IpSetEntry
{
    NfAddr ip;
    std::optional<NfAddr> ipTo;
    std::optional<uint8_t> cidr;
    NfAddr ip2;
    std::optional<NfAddr> ip2To;
    std::optional<uint8_t> cidr2;
    uint16_t port{0};
    std::optional<uint16_t> portTo;
    std::optional<uint8_t> protocol;
    std::optional<std::array<uint8_t, 6>> ether;
    uint32_t mark{0};
    std::string iface;
    bool physdev{false};  //!< iface is a port of a bridge
    bool wildcard{false}; //!< iface is the beginning of names
    std::string name;     //!< list:set: the set
    std::string nameRef;  //!< list:set: its neighbour, "" if none is named
    bool before{false};   //!< list:set: the neighbour comes behind it
    bool nomatch{false};

    std::optional<uint32_t> timeout; //!< seconds, 0: for ever
    std::optional<uint64_t> packets;
    std::optional<uint64_t> bytes;
    std::optional<std::string> comment;
    std::optional<IpSetSkbInfo> skbInfo;
};

/**
 * @ingroup netfilter
 * What a set is made with, and what its header shows. Values that are not given take the type's
 * default; hash sizes and the like are brought into range as the kernel does.
 */
struct IpSetOptions
{
    NfFamily family{NfFamily::UNSPEC};
    std::optional<uint32_t> hashSize;
    std::optional<uint32_t> maxElements;
    std::optional<uint8_t> netmask;
    std::optional<NfAddr> bitmask;
    std::optional<uint32_t> markMask;
    std::optional<uint32_t> timeout; //!< seconds
    std::optional<uint8_t> bucketSize;
    std::optional<uint32_t> initval; //!< of the hash function
    std::optional<uint32_t> size;    //!< list:set
    std::optional<NfAddr> ip;        //!< bitmap: first
    std::optional<NfAddr> ipTo;      //!< bitmap: last
    std::optional<uint8_t> cidr;     //!< bitmap: in place of last
    std::optional<uint16_t> port;    //!< bitmap:port: first
    std::optional<uint16_t> portTo;  //!< bitmap:port: last
    bool counters{false};
    bool comment{false};
    bool skbInfo{false};
    bool forceAdd{false};
};

/// The header of a listing.
struct IpSetHeader
{
    IpSetOptions options; //!< as they are now
    uint64_t memory{0};   //!< bytes the kernel would use
    uint32_t elements{0}; //!< that have not expired
};

/// Comparisons of counters (Linux: IPSET_COUNTER_*).
enum class IpSetCompare : uint8_t
{
    NONE,
    EQ,
    NE,
    LT,
    GT,
};

/// A condition on a counter.
struct IpSetCounterMatch
{
    IpSetCompare op{IpSetCompare::NONE};
    uint64_t value{0};

    /// @param counter of an element @return whether it holds
    bool Holds(uint64_t counter) const;
};

/// How a rule asks a set about a packet (Linux: struct ip_set_adt_opt).
struct IpSetRequest
{
    NfPacket& packet;
    const NfDevice* in;   //!< device it came over, or null
    const NfDevice* out;  //!< device it leaves over, or null
    NfFamily family;      //!< of the rule
    uint8_t dimension{0}; //!< number of src and dst
    uint8_t sources{0};   //!< bit n: the n-th is src
    bool exist{false};    //!< ADD: an element that is there gets new values
    bool returnNomatch{false};
    bool skipCounters{false};    //!< TEST: leave the counters alone
    bool skipSubCounters{false}; //!< TEST: leave those of members of a list alone
    IpSetCounterMatch packets{}; //!< TEST: elements count only if it holds
    IpSetCounterMatch bytes{};
    std::optional<uint32_t> timeout{}; //!< ADD: seconds, in place of the set's
    IpSetSkbInfo skbInfo{};            //!< out, TEST: what the element maps to

    /// @param n 0-based @return whether the n-th direction is src
    bool IsSource(unsigned n) const
    {
        return (sources >> n & 1) != 0;
    }
};

/// Outcome of a test (Linux: 0, 1, -ENOTEMPTY, -EAGAIN).
enum class IpSetMatch : uint8_t
{
    NO,
    YES,
    NOMATCH,  //!< the element says that it does not match
    COMPLETE, //!< it matches, and wants to learn the MAC address by an ADD
};

class IpSet;
class IpSets;

/// Options of the ipset command, on create and on elements. Each type lists those it knows in the
/// order of its help and of listings.
enum class IpSetOption : uint8_t
{
    END,
    FAMILY,
    HASHSIZE,
    MAXELEM,
    NETMASK,
    BITMASK,
    MARKMASK,
    TIMEOUT,
    COUNTERS,
    COMMENT,
    FORCEADD,
    SKBINFO,
    BUCKETSIZE,
    INITVAL,
    RANGE_IP,
    RANGE_PORT,
    SIZE,
    PROBES, //!< old and ignored, as those up to IGNORED_NETWORK
    RESIZE,
    GC,
    IGNORED_FROM,
    IGNORED_TO,
    IGNORED_NETWORK,
    FROM_IP, //!< old name of the first half of a range
    TO_IP,
    NETWORK,
    FROM_PORT,
    TO_PORT,
    NOMATCH,
    WILDCARD,
    PACKETS,
    BYTES,
    ADT_COMMENT,
    SKBMARK,
    SKBPRIO,
    SKBQUEUE,
    BEFORE,
    AFTER,
};

/// Parts of an element's text, between commas.
enum class IpSetPart : uint8_t
{
    NONE,
    IP,         //!< address; IPv4 also range or prefix
    SINGLE_IP,  //!< plain address
    NET,        //!< address or prefix; IPv4 also range
    PORT,       //!< [PROTO:]PORT[-PORT]
    PLAIN_PORT, //!< port without meaning of the protocol
    IFACE,      //!< [physdev:]NAME
    MAC,
    MARK,
    NAME, //!< of a set
};

/// Forms of elements a command refuses (iptables: check_allowed()).
enum IpSetForm : uint8_t
{
    IPSET_FORM_CIDR = 1U << 0,  //!< prefix in the first address
    IPSET_FORM_RANGE = 1U << 1, //!< from-to in the first address
    IPSET_FORM_PORTS = 1U << 2, //!< from-to of ports
};

/// Bits of IpSetType::features, by which sets may be swapped (Linux: enum ip_set_feature).
enum IpSetFeature : uint8_t
{
    IPSET_TYPE_IP = 1U << 0,
    IPSET_TYPE_PORT = 1U << 1,
    IPSET_TYPE_MAC = 1U << 2,
    IPSET_TYPE_IP2 = 1U << 3,
    IPSET_TYPE_NAME = 1U << 4,
    IPSET_TYPE_IFACE = 1U << 5,
    IPSET_TYPE_MARK = 1U << 6,
    IPSET_TYPE_NOMATCH = 1U << 7,
};

/// What a set is made from.
struct IpSetMake
{
    IpSets& sets; //!< the namespace's
    const struct IpSetType& type;
    const IpSetOptions& options;
};

/**
 * @ingroup netfilter
 * A type of set: what the registration list holds, static data and how to make one. A new type is a
 * file ip-set-NAME.cc with such an object and a line in command/nf-builtin.cc.
 */
struct IpSetType
{
    const char* name;                //!< "hash:ip,port"
    const char* alias;               //!< old name
    uint8_t revision;                //!< of kernel and tool alike
    uint8_t oldest{0};               //!< first revision, for help
    bool anyFamily{false};           //!< inet and inet6
    NfFamily family{NfFamily::IPV4}; //!< of the others: IPV4, UNSPEC
    uint8_t features{0};             //!< IpSetFeature bits
    IpSetPart parts[3];              //!< of an element
    bool lastOptional{false};        //!< the last part may be missing
    const IpSetOption* create;       //!< ends in END
    const IpSetOption* add;          //!< ends in END
    const IpSetOption* del;          //!< ends in END
    const IpSetOption* test;         //!< ends in END
    uint8_t testRefuses{0};          //!< IpSetForm bits not allowed in test
    const char* syntax[4];           //!< help behind create, add, del, test
    const char* usage;               //!< help
    bool portUsage{false};           //!< help tells of ports, too
    const char* revisions;           //!< help: what came with each, newest first, one per line
    NfResult<std::unique_ptr<IpSet>> (*make)(const IpSetMake& make);

    /// @return number of parts (Linux: dimension)
    uint8_t GetDimension() const;
};

/**
 * @ingroup netfilter
 * A set: elements with what they carry. The base knows what all have in common.
 */
class IpSet
{
  public:
    /// @param make its namespace, type and options
    explicit IpSet(const IpSetMake& make);
    virtual ~IpSet() = default;
    IpSet(const IpSet&) = delete;
    IpSet& operator=(const IpSet&) = delete;

    const IpSetType& GetType() const
    {
        return m_type;
    }

    const std::string& GetName() const
    {
        return m_name;
    }

    /// @return IPV4, IPV6 or UNSPEC
    NfFamily GetFamily() const
    {
        return m_options.family;
    }

    /// @return rules and lists that use it
    uint32_t GetReferences() const
    {
        return m_references;
    }

    const IpSetOptions& GetOptions() const
    {
        return m_options;
    }

    /**
     * Acts on what a command names (Linux: uadt).
     * @param action ADD, DEL or TEST
     * @param entry one element or, by ranges, several
     * @param exist ADD: elements that are there get new values; DEL: those that are not do not
     * matter
     * @return 0 (TEST: it is there), IPSET_ERR_EXIST, or another error
     */
    int Act(IpSetAction action, const IpSetEntry& entry, bool exist);

    /**
     * Acts on a packet (Linux: kadt).
     * @param action ADD, DEL or TEST @param request the packet and how to look at it
     * @return YES: done, or it is there
     */
    virtual IpSetMatch ActOnPacket(IpSetAction action, IpSetRequest& request) = 0;

    /// Drops all elements.
    virtual void Flush() = 0;

    /// @return size and options as of now
    virtual IpSetHeader GetHeader() = 0;

    /// @param visit called for each element that has not expired, in the kernel's order
    virtual void List(const std::function<void(const IpSetEntry&)>& visit) = 0;

    /// Lets go of other sets whose time in this one is over.
    virtual void ReleaseExpired()
    {
    }

    /// @param o of the same type and family @return whether both were made alike
    virtual bool IsSame(const IpSet& o) const = 0;

  protected:
    /// What an element carries. Numbers stay when an element goes and its place is taken again, as
    /// in the kernel.
    struct Extension
    {
        uint64_t expires{0}; //!< tick, 0: never
        uint64_t packets{0};
        uint64_t bytes{0};
        IpSetSkbInfo skbInfo;
        std::unique_ptr<std::string> comment;
    };

    /// Values for an element's extensions (Linux: struct ip_set_ext).
    struct Values
    {
        uint32_t timeout{0};             //!< seconds
        std::optional<uint64_t> packets; //!< nothing: as it is
        std::optional<uint64_t> bytes;
        std::string comment;
        IpSetSkbInfo skbInfo;
    };

    /// As Act(), values of extensions checked.
    virtual int DoAct(IpSetAction action,
                      const IpSetEntry& entry,
                      const Values& values,
                      bool exist) = 0;

    /// @return values an element gets from a packet
    Values PacketValues(const IpSetRequest& request) const;

    /// @return whether any extension is on
    bool HasExtensions() const
    {
        return m_options.timeout || m_options.counters || m_options.comment || m_options.skbInfo;
    }

    /// @return ticks of 1/250 s since the start of the run
    uint64_t GetTicks() const;

    /// @return tick at which a timeout from now ends, 0 for never
    uint64_t GetExpiry(uint32_t seconds) const;

    /// @param extension of an element @return whether its time is over
    bool IsExpired(const Extension& extension) const
    {
        return extension.expires != 0 && extension.expires < GetTicks();
    }

    /// Sets all that the set keeps but the timeout.
    void SetExtension(Extension& extension, const Values& values);
    /// Forgets the comment.
    void ClearComment(Extension& extension);

    /**
     * Whether an element that was found counts (Linux: ip_set_match_extensions()).
     * @param request of a packet: counters grow and are compared, skbInfo is told; null: a command
     */
    bool MatchExtension(Extension& extension, IpSetRequest* request) const;

    /// Fills in what an element carries. @param entry to be listed @param active the timeout runs
    void ListExtension(const Extension& extension, IpSetEntry& entry, bool active = true) const;

    /// @param size of the bare element @param align of it @return bytes with extensions (Linux:
    /// ip_set_elem_len())
    size_t GetElementSize(size_t size, size_t align) const;

    /// @return whether so much time went by that expired elements are to be swept, then not before
    /// another period (Linux: IPSET_GC_PERIOD())
    bool IsSweepDue();

    IpSets& m_sets;          //!< the namespace's
    const IpSetType& m_type; //!< which
    IpSetOptions m_options;  //!< filled with defaults
    uint64_t m_commentBytes{0};

  private:
    friend class IpSets;

    int Check(const IpSetEntry& entry, Values& values) const;

    std::string m_name;
    uint32_t m_references{0}; //!< rules and lists
    uint64_t m_nextSweep{0};  //!< tick
};

/**
 * @ingroup netfilter
 * The sets of a namespace, by index as the kernel numbers them. Rules and lists hold indices; what
 * an index stands for changes by swap, not its name.
 */
class IpSets
{
  public:
    /// @param clock time @param random initial values of hash functions; both outlive it
    IpSets(NfClock& clock, NfRandom& random);
    ~IpSets();
    IpSets(const IpSets&) = delete;
    IpSets& operator=(const IpSets&) = delete;

    /**
     * @param name at most 31 characters @param type which @param options as given
     * @param exist a set made alike that is there already is no error
     * @return 0, EEXIST, or an error of the type
     */
    int Create(std::string name, const IpSetType& type, const IpSetOptions& options, bool exist);
    /// @return 0, ENOENT, IPSET_ERR_BUSY
    int Destroy(std::string_view name);
    /// Destroys all or none. @return 0, IPSET_ERR_BUSY
    int DestroyAll();
    /// @return 0, ENOENT
    int Flush(std::string_view name);
    void FlushAll();
    /// @return 0, ENOENT, IPSET_ERR_REFERENCED, IPSET_ERR_EXIST_SETNAME2
    int Rename(std::string_view from, std::string to);
    /// @return 0, ENOENT, IPSET_ERR_EXIST_SETNAME2, IPSET_ERR_TYPE_MISMATCH
    int Swap(std::string_view from, std::string_view to);

    /// Lets lists go of members whose time is over (Linux does so by timers). Whatever looks at
    /// references calls it first.
    void ReleaseExpired();

    /// @return the set or null
    IpSet* Find(std::string_view name) const;
    /// @return its index, nothing if there is none of that name
    std::optional<uint16_t> FindIndex(std::string_view name) const;
    /// @return the set or null
    IpSet* Get(uint16_t index) const;
    /// One more user. @pre Get(index)
    void Hold(uint16_t index);
    /// One user less. @pre Hold(index)
    void Release(uint16_t index);
    /// @return all, lists of sets last
    std::vector<IpSet*> GetAll() const;

    /// Linux: ip_set_test() @return whether the packet is in the set, nomatch considered
    bool Test(uint16_t index, IpSetRequest& request) const;
    /// Linux: ip_set_add(), ip_set_del() @return whether it was done
    bool Change(uint16_t index, IpSetAction action, IpSetRequest& request) const;

    NfClock& GetClock() const
    {
        return m_clock;
    }

    NfRandom& GetRandom() const
    {
        return m_random;
    }

  private:
    NfClock& m_clock;
    NfRandom& m_random;
    std::vector<std::unique_ptr<IpSet>> m_sets;             //!< by index; null: free
    std::map<std::string, uint16_t, std::less<>> m_indices; //!< by name
};

} // namespace ns3

#endif // IP_SET_H
