/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_SYSCTL_H
#define NF_SYSCTL_H

#include "../packet/nf-result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * @ingroup netfilter
 * The sysctls of one namespace by their dotted names ("net.netfilter.nf_conntrack_udp_timeout").
 */
class NfSysctls
{
  public:
    /// One knob.
    struct Knob
    {
        std::function<std::string()> read;                 //!< its value as text
        std::function<NfStatus(const std::string&)> write; //!< empty: read-only
        bool listed{true}; //!< false: an option of ours, found by name only, not by sysctl -a
    };

    /// @param name dotted @param knob how to read and write it
    void Add(std::string name, Knob knob);

    /// Takes a knob away. @param name dotted
    void Remove(std::string_view name);

    /**
     * Hides a knob that this kernel release does not have, or shows it again.
     * @param name dotted @param visible false: as if it were not there
     */
    void SetVisible(std::string_view name, bool visible);

    /// Makes a knob one that can only be read. @param name dotted
    void SetReadOnly(std::string_view name);

    /**
     * A second name of a knob.
     * @param name dotted, new @param target dotted: what is read and written
     */
    void AddAlias(std::string name, std::string target);
    /// @param add called at once @return names of the knobs that it added
    std::vector<std::string> Capture(const std::function<void()>& add);

    /**
     * An integer knob with bounds (Linux: proc_dointvec_minmax).
     * @param name dotted
     * @param value where it lives; outlives this object
     * @param low smallest @param high biggest: others are refused with "Invalid argument"
     */
    template <class T>
    void AddInteger(std::string name, T& value, int64_t low, int64_t high)
    {
        Add(std::move(name),
            Knob{[&value] { return std::to_string(value); },
                 [&value, low, high](const std::string& text) {
                     NfResult<int64_t> n = ParseInteger(text, low, high);
                     if (!n)
                     {
                         return NfStatus(n.Error());
                     }
                     value = static_cast<T>(*n);
                     return NfOk();
                 }});
    }

    /// @return the value, or an error with the system's text ("No such file or directory")
    NfResult<std::string> Read(std::string_view name) const;

    /// @return an error with the system's text: "Invalid argument", "Permission denied", ...
    NfStatus Write(std::string_view name, const std::string& value);

    /// @return all knobs by name
    const std::map<std::string, Knob, std::less<>>& GetAll() const
    {
        return m_knobs;
    }

    /// @return the integer, or the error the kernel gives for that text
    static NfResult<int64_t> ParseInteger(const std::string& text, int64_t low, int64_t high);

  private:
    std::map<std::string, Knob, std::less<>> m_knobs;  //!< by dotted name
    std::map<std::string, Knob, std::less<>> m_hidden; //!< those that are not to be seen
    std::vector<std::string>* m_captured{nullptr};     //!< where Add() notes names, null: nowhere
};

} // namespace ns3

#endif // NF_SYSCTL_H
