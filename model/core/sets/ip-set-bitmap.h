/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef IP_SET_BITMAP_H
#define IP_SET_BITMAP_H

#include "ip-set.h"

namespace ns3
{

/**
 * @ingroup netfilter
 * What bitmap types have in common: an array of elements that are numbered without holes (Linux:
 * ip_set_bitmap_gen.h). A type says which number an element has.
 */
class IpSetBitmap : public IpSet
{
  public:
    /// @param make what for @param elements how many, at most 65536 @param fixed bytes of the
    /// kernel's structure @param elementSize bytes of an element without extensions
    IpSetBitmap(const IpSetMake& make, uint32_t elements, size_t fixed, size_t elementSize);

    IpSetMatch ActOnPacket(IpSetAction action, IpSetRequest& request) override;
    void Flush() override;
    IpSetHeader GetHeader() override;
    void List(const std::function<void(const IpSetEntry&)>& visit) override;
    bool IsSame(const IpSet& o) const override;

  protected:
    using Mac = std::array<uint8_t, 6>;

    /// Which elements: a range of numbers, and the MAC address that comes with them.
    struct Range
    {
        uint32_t first{0};
        uint32_t last{0};
        std::optional<Mac> mac;
    };

    /// @param range out @return 0 or an error
    virtual int FindRange(IpSetAction action, const IpSetEntry& entry, Range& range) const = 0;
    /// @param range out: one element @return false if the packet has none
    virtual bool FindFromPacket(const IpSetRequest& request, Range& range) const = 0;
    /// @param number of an element @param entry out: how to show it
    virtual void Show(uint32_t number, IpSetEntry& entry) const = 0;

    /// @return whether elements have MAC addresses
    virtual bool HasMac() const
    {
        return false;
    }

  private:
    struct Slot
    {
        bool used{false};
        bool filled{false}; //!< the MAC address is known
        Mac mac{};
        Extension extension;
    };

    int DoAct(IpSetAction action,
              const IpSetEntry& entry,
              const Values& values,
              bool exist) override;
    int Add(Slot& slot, const std::optional<Mac>& mac, const Values& values, bool exist);
    int Del(Slot& slot);
    IpSetMatch Test(Slot& slot, const std::optional<Mac>& mac, IpSetRequest* request);
    void SetTimeout(Slot& slot, bool wasThere, const Values& values) const;
    void Sweep();

    bool IsOver(const Slot& slot) const
    {
        return m_options.timeout && (!HasMac() || slot.filled) && IsExpired(slot.extension);
    }

    std::vector<Slot> m_slots;
    size_t m_memory; //!< bytes of the kernel
};

/// The first and last address of a set, and how many addresses make an element.
struct IpSetAddressRange
{
    uint32_t first{0};
    uint32_t last{0};
    uint32_t hosts{1};

    /// @return number of elements
    uint64_t GetCount() const
    {
        return (uint64_t{last} - first + 1) / hosts;
    }
};

/// @param options as given to create @return the range they say, or an error (status: IpSetError)
NfResult<IpSetAddressRange> IpSetGetAddressRange(const IpSetOptions& options);

/// What bitmap types have in common, for IpSetType::add.
extern const IpSetOption IPSET_BITMAP_ADD[];
/// ... and create.
extern const IpSetOption IPSET_BITMAP_CREATE[];

} // namespace ns3

#endif // IP_SET_BITMAP_H
