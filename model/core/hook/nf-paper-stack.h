/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_PAPER_STACK_H
#define NF_PAPER_STACK_H

#include "nf-stack-admin.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * A stack that an administrator sets up by `ip`: devices, addresses and one table of routes. It
 * sends nothing.
 */
class NfPaperStack final : public NfStack, public NfStackAdmin
{
  public:
    /// Has lo, which is up.
    NfPaperStack();

    std::vector<const NfDevice*> GetDevices() const override;
    std::vector<NfDeviceAddr> GetAddresses(const NfDevice& device) const override;
    NfAddrType GetAddrType(NfFamily family,
                           const NfAddr& addr,
                           const NfDevice* device) const override;
    std::optional<NfAddr> SelectAddress(NfFamily family,
                                        const NfDevice& out,
                                        const NfAddr& towards) const override;
    std::optional<NfRoute> Route(NfFamily family,
                                 const NfAddr& dst,
                                 const NfAddr& src,
                                 const NfDevice* out,
                                 uint32_t mark) const override;
    void SendLocal(std::unique_ptr<NfPacket> packet) override;

    int AddLink(const std::string& name) override;
    int RemoveLink(const NfDevice& device) override;
    void ChangeLink(const NfDevice& device, const NfLinkChange& change) override;
    bool IsFresh(const NfDevice& device) const override;
    std::vector<NfAddressRow> GetAddressRows(const NfDevice& device) const override;
    int AddAddress(const NfDevice& device, const NfAddressRow& row) override;
    int RemoveAddress(const NfDevice& device, const NfDeviceAddr& addr) override;
    std::vector<NfRouteRow> GetRoutes(NfFamily family) const override;
    int AddRoute(const NfRouteRow& row, bool replace) override;
    int RemoveRoute(const NfRouteRow& row) override;

  private:
    struct Link
    {
        std::unique_ptr<NfDevice> device;
        bool fresh{true};
    };

    std::vector<Link> m_links;                                  //!< lo first
    std::vector<std::pair<uint32_t, NfAddressRow>> m_addresses; //!< by device index
    std::vector<NfRouteRow> m_routes;                           //!< those that were added
    uint32_t m_lastIndex{0};
};

/// @param addr any @param net of the same family @param prefix bits @return true if it is inside
bool NfInNet(const NfAddr& addr, const NfAddr& net, NfFamily family, unsigned prefix);

} // namespace ns3

#endif // NF_PAPER_STACK_H
