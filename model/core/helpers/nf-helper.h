/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_H
#define NF_HELPER_H

#include "../nat/nf-nat-mangle.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * What the application helpers share: their identity, drops with a log line, the steps every
 * expectation goes through. A new helper is a file nf-helper-<name>.cc with an NfAdd<Name>Helper()
 * function, and a line in nf-helper-list.cc.
 */
class NfHelper : public NfConntrackHelper
{
  public:
    /**
     * @param nat of the namespace
     * @param name "ftp": what CT --helper names
     * @param family IPV4, IPV6, or UNSPEC for both
     * @param protocol IP protocol of its connections
     * @param policies one per class of expectations
     */
    NfHelper(NfNat& nat,
             std::string name,
             NfFamily family,
             uint8_t protocol,
             std::vector<NfExpectPolicy> policies);

    const std::string& GetName() const override
    {
        return m_name;
    }

    uint8_t GetProtocol() const override
    {
        return m_protocol;
    }

    NfFamily GetFamily() const override
    {
        return m_family;
    }

    const std::vector<NfExpectPolicy>& GetPolicies() const override
    {
        return m_policies;
    }

    /// @param expectClass which policy @return it, to be changed by a module parameter
    NfExpectPolicy& MutablePolicy(size_t expectClass = 0)
    {
        return m_policies[expectClass];
    }

  protected:
    /**
     * Linux: nf_ct_helper_log(). Writes the log line and counts the drop.
     * @param text why, as the kernel puts it
     * @return DROP
     */
    NfVerdict Drop(NfPacket& packet, const std::string& text) const;

    /// @return ACCEPT, or DROP when the expectation was refused
    NfVerdict Expect(NfPacket& packet, const NfExpectationPtr& expectation) const;

    /**
     * Has the expected connection translated as its master, with the port it names now.
     * @param expectation complete, before its port is changed
     * @param dir direction of the master in which the expected connection goes
     */
    void FollowMaster(NfExpectation& expectation, NfDir dir) const;

    /// @param conn a connection @return true if it is translated, so that payload needs rewriting
    static bool IsTranslated(const NfConn& conn)
    {
        return conn.Has(NF_IPS_NAT_MASK);
    }

    /// @param info of a packet @return false until there was traffic both ways
    static bool IsEstablished(NfCtInfo info)
    {
        return info == NfCtInfo::ESTABLISHED || info == NfCtInfo::ESTABLISHED_REPLY;
    }

    /// @return the payload of a TCP packet, empty when there is none. Valid until the packet
    /// changes.
    static NfBytes GetTcpPayload(const NfPacket& packet);

    /// @return the payload of a UDP packet, empty when there is none. Valid until the packet
    /// changes.
    static NfBytes GetUdpPayload(const NfPacket& packet);

    /// Nobody finds it any more; rules that assign it do so in vain.
    void Hide()
    {
        m_name.clear();
        m_protocol = 0;
    }

    NfNat& m_nat; //!< of the namespace

  private:
    std::string m_name;                     //!< what CT --helper names
    NfFamily m_family;                      //!< UNSPEC: both
    uint8_t m_protocol;                     //!< of its connections
    std::vector<NfExpectPolicy> m_policies; //!< by class
};

/// @param conn a connection with helper data of type T @return a copy, zeros at first
template <class T>
T
NfLoadHelperData(const NfConn& conn)
{
    T data{};
    const NfConnExt* ext = conn.GetExt();
    if (ext && ext->helperData.size() == sizeof(T))
    {
        std::memcpy(&data, ext->helperData.data(), sizeof(T));
    }
    return data;
}

/// @param conn a connection @param data of its helper, trivially copyable
template <class T>
void
NfStoreHelperData(NfConn& conn, const T& data)
{
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&data);
    conn.Ext().helperData.assign(bytes, bytes + sizeof(T));
}

/**
 * Adds a module parameter that several helpers of a namespace share.
 * @param sysctls where
 * @param name "module.nf_conntrack_ftp.loose"
 * @param owner the parameters
 * @param member which of them
 * @param high biggest value
 * @param changed called after a change
 */
template <class T, class V>
void
NfAddParameter(NfSysctls& sysctls,
               std::string name,
               std::shared_ptr<T> owner,
               V T::*member,
               int64_t high,
               std::function<void()> changed = {})
{
    NfSysctls::Knob knob;
    knob.read = [owner, member] { return std::to_string((*owner).*member); };
    knob.write = [owner, member, high, changed](const std::string& text) -> NfStatus {
        const NfResult<int64_t> value = NfSysctls::ParseInteger(text, 0, high);
        if (!value)
        {
            return value.Error();
        }
        (*owner).*member = static_cast<V>(*value);
        if (changed)
        {
            changed();
        }
        return NfOk();
    };
    sysctls.Add(std::move(name), std::move(knob));
}

/// Helpers that a module parameter is about, kept by the table.
using NfHelperGroup = std::shared_ptr<std::vector<NfHelper*>>;

/**
 * Adds a module parameter that is part of the first policy of some helpers.
 * @param sysctls where
 * @param name "module.nf_conntrack_irc.dcc_timeout"
 * @param helpers one at least, more may come
 * @param member of the policy
 * @param high biggest value
 */
void NfAddPolicyParameter(NfSysctls& sysctls,
                          std::string name,
                          NfHelperGroup helpers,
                          uint32_t NfExpectPolicy::*member,
                          int64_t high);

/// Makes a helper of one name.
using NfHelperMaker = std::function<std::unique_ptr<NfConntrackHelper>(std::string name)>;

/**
 * Registers a helper under the names its module parameter `ports` gives it: the plain name for the
 * well-known port, NAME-PORT for others. The parameter is the sysctl module.<module>.ports; writing
 * it adds names.
 * @param nat of the namespace
 * @param module "nf_conntrack_ftp"
 * @param name "ftp"
 * @param port the well-known one
 * @param make makes one of a given name
 */
void NfAddHelperByPorts(NfNat& nat,
                        const std::string& module,
                        const std::string& name,
                        uint16_t port,
                        NfHelperMaker make);

/// Registers every helper there is. @param nat of a new namespace
void NfAddHelpers(NfNat& nat);

} // namespace ns3

#endif // NF_HELPER_H
