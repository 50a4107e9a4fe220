/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HOOK_CHAIN_H
#define NF_HOOK_CHAIN_H

#include "nf-hook.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class NfQueues;

/// Names a registration. 0 is none.
using NfHookId = uint64_t;

/**
 * @ingroup netfilter
 * Sees every final verdict of a hook point that has functions. Called after the functions, before
 * the packet goes on or is freed.
 */
class NfHookObserver
{
  public:
    virtual ~NfHookObserver() = default;
    /**
     * @param packet the packet, its dropReason and dropRule set for DROP
     * @param state where
     * @param verdict ACCEPT, DROP, STOLEN or QUEUE
     * @param function name of the function that decided, "" when all accepted
     */
    virtual void OnVerdict(const NfPacket& packet,
                           const NfHookState& state,
                           NfVerdict verdict,
                           const std::string& function) = 0;
};

/**
 * @ingroup netfilter
 * All hook functions of one namespace, sorted by priority per (family, point), and the walk over
 * them (Linux: struct netns_nf hooks, nf_hook_slow()).
 */
class NfHooks
{
  public:
    /// @param queues where QUEUE verdicts go; outlives this object
    explicit NfHooks(NfQueues& queues);
    ~NfHooks();
    NfHooks(const NfHooks&) = delete;
    NfHooks& operator=(const NfHooks&) = delete;

    /**
     * Linux: nf_register_net_hook().
     * @param ops what to register
     * @return its id
     */
    NfHookId Register(NfHookOps ops);

    /// Linux: nf_register_net_hooks(). @param ops several @return their ids
    std::vector<NfHookId> Register(std::vector<NfHookOps> ops);

    /// Linux: nf_unregister_net_hook(). Queued packets of that function are dropped. @param id 0 is
    /// ignored
    void Unregister(NfHookId id);

    /// @return true if any function is registered there: the stack's fast path
    bool Has(NfFamily family, NfHook hook) const
    {
        return m_mask[Slot(family)] >> static_cast<unsigned>(hook) & 1;
    }

    /// @return true if any function is registered at any point of the family
    bool HasAny(NfFamily family) const
    {
        return m_mask[Slot(family)] != 0;
    }

    /**
     * Linux: nf_hook_slow(). Runs the functions of a point in order. A drop is counted as
     * drop-hook-<name of the function>; a function that keeps saying REPEAT is cut off by a drop
     * counted as drop-hook-repeat (Linux would spin).
     * @param packet in, possibly changed out
     * @param state where it is
     * @return ACCEPT: the caller goes on with the stack. DROP: the caller frees it (the drop is
     * already counted and shown to the observer). STOLEN: somebody else has it now; QUEUE verdicts
     * end as STOLEN, or as ACCEPT or DROP when the queue says so.
     */
    NfVerdict Run(NfPacket& packet, const NfHookState& state);

    /**
     * Goes on behind a function, for queued packets (Linux: nf_reinject()).
     * @param packet the packet
     * @param state as when it was queued
     * @param after where in the list: continues with the first function behind this position
     * @return as Run()
     */
    struct Position
    {
        int32_t priority{0}; //!< of the function that queued
        NfHookId id{0};      //!< of the function that queued
        bool again{false};   //!< REPEAT: call that function once more
    };

    NfVerdict Resume(NfPacket& packet, const NfHookState& state, const Position& after);

    /// @param observer sees verdicts, null for none; not owned
    void SetObserver(NfHookObserver* observer)
    {
        m_observer = observer;
    }

    /// @return the queues
    NfQueues& GetQueues()
    {
        return m_queues;
    }

    /// A registered function, for listings. @return in order of traversal
    struct Entry
    {
        int32_t priority;
        NfHookId id;
        std::string name;
    };

    std::vector<Entry> List(NfFamily family, NfHook hook) const;

  private:
    friend class NfQueues;

    struct Registered;
    using Functions = std::vector<std::shared_ptr<Registered>>;

    static constexpr size_t SLOTS = 5; //!< IPV4, IPV6, ARP, BRIDGE, NETDEV

    static constexpr size_t Slot(NfFamily family)
    {
        return family == NfFamily::IPV4     ? 0
               : family == NfFamily::IPV6   ? 1
               : family == NfFamily::ARP    ? 2
               : family == NfFamily::BRIDGE ? 3
                                            : 4;
    }

    NfVerdict Walk(NfPacket& packet,
                   const NfHookState& state,
                   const Functions& functions,
                   size_t i);
    NfVerdict Decide(NfPacket& packet,
                     const NfHookState& state,
                     Registered& function,
                     NfVerdict verdict);
    NfVerdict CountDrop(NfPacket& packet, Registered& function);
    void Report(const NfPacket& packet,
                const NfHookState& state,
                NfVerdict verdict,
                const std::string& function);
    void Replace(size_t slot, size_t hook, Functions functions);

    NfQueues& m_queues;                   //!< where QUEUE goes
    NfHookObserver* m_observer{nullptr};  //!< sees verdicts
    std::array<uint32_t, SLOTS> m_mask{}; //!< bit per point with functions
    std::array<std::array<std::shared_ptr<const Functions>, NF_HOOK_COUNT>, SLOTS>
        m_points; //!< copy on write
    std::vector<std::shared_ptr<const Functions>>
        m_retired;        //!< replaced while a walk was under way
    uint32_t m_walks{0};  //!< walks under way
    NfHookId m_nextId{1}; //!< next id
};

} // namespace ns3

#endif // NF_HOOK_CHAIN_H
