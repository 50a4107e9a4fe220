/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-ip-options.h"

#include "../packet/nf-wire.h"

#include <algorithm>
#include <chrono>

namespace ns3
{
namespace
{

/// Option types (include/uapi/linux/ip.h, IPOPT_*).
enum Type : uint8_t
{
    END = 0,
    NOOP = 1,
    RECORD_ROUTE = 7,
    TIMESTAMP = 68,
    LOOSE_SOURCE_ROUTE = 131,
    CIPSO = 134,
    STRICT_SOURCE_ROUTE = 137,
    ROUTER_ALERT = 148,
};

/// Kinds of timestamps: low half of an option's fourth byte (IPOPT_TS_*).
enum Stamp : uint8_t
{
    TIME_ONLY = 0,
    TIME_AND_ADDRESS = 1,
    PRESPECIFIED = 3,
};

/// Bits of NfIpOptionState::needs (Linux: struct ip_options, *_needaddr and *_needtime).
enum Need : uint8_t
{
    ROUTE_ADDRESS = 1,
    STAMP_ADDRESS = 2,
    STAMP_TIME = 4,
};

constexpr size_t LENGTH = 1;  //!< of the whole option
constexpr size_t POINTER = 2; //!< next free slot, from 1
constexpr size_t FLAGS = 3;   //!< of a timestamp option: overflow count, kind
constexpr size_t ADDRESS_SIZE = 4;

NfAddr
ReadAddress(const uint8_t* at)
{
    return NfAddr::FromIpv4(NfReadU32(at));
}

void
WriteAddress(uint8_t* at, const NfAddr& addr)
{
    NfWriteU32(at, addr.GetIpv4());
}

/**
 * Somebody else may have put other options there since they were looked at.
 * @param mark where it starts, from 1; 0: nowhere
 * @return whether the option is there, whole
 */
bool
IsThere(const std::vector<uint8_t>& bytes, uint8_t mark, Type type)
{
    const size_t least = type == TIMESTAMP ? 4 : 3;
    const size_t start = mark - size_t{1};
    return mark != 0 && start + least <= bytes.size() && bytes[start] == type &&
           bytes[start + LENGTH] >= least && start + bytes[start + LENGTH] <= bytes.size();
}

/// One walk over the options of a received packet.
class Compiler
{
  public:
    Compiler(const NfStack& stack, std::vector<uint8_t>& bytes, NfAddr own, uint32_t time)
        : m_stack(stack),
          m_bytes(bytes),
          m_own(own),
          m_time(time)
    {
    }

    NfIpOptionState state;
    size_t bad{0}; //!< offending byte
    bool sourceRoute{false};

    /// @return false: bad
    bool Run()
    {
        size_t at = 0;
        while (at < m_bytes.size())
        {
            if (m_bytes[at] == END)
            {
                return Finish(at);
            }
            if (m_bytes[at] == NOOP)
            {
                ++at;
                continue;
            }
            const size_t left = m_bytes.size() - at;
            if (left < 2 || m_bytes[at + LENGTH] < 2 || m_bytes[at + LENGTH] > left)
            {
                return Bad(at);
            }
            const size_t length = m_bytes[at + LENGTH];
            if (!Option(at, length))
            {
                return false;
            }
            at += length;
        }
        return true;
    }

  private:
    /// Nothing but END follows an END.
    bool Finish(size_t at)
    {
        for (; at < m_bytes.size(); ++at)
        {
            state.isChanged |= m_bytes[at] != END;
            m_bytes[at] = END;
        }
        return true;
    }

    bool Bad(size_t at)
    {
        bad = at;
        return false;
    }

    bool Option(size_t at, size_t length)
    {
        switch (m_bytes[at])
        {
        case LOOSE_SOURCE_ROUTE:
        case STRICT_SOURCE_ROUTE:
            return SourceRoute(at, length);
        case RECORD_ROUTE:
            return RecordRoute(at, length);
        case TIMESTAMP:
            return Timestamp(at, length);
        case ROUTER_ALERT:
            return length >= 4 || Bad(at + LENGTH);
        case CIPSO:
            return Cipso(at, length);
        default:
            return true;
        }
    }

    bool SourceRoute(size_t at, size_t length)
    {
        if (length < 3)
        {
            return Bad(at + LENGTH);
        }
        if (m_bytes[at + POINTER] < 4)
        {
            return Bad(at + POINTER);
        }
        // RFC 1812 section 5.2.4.1: not two of them.
        if (sourceRoute)
        {
            return Bad(at);
        }
        sourceRoute = true;
        return true;
    }

    bool RecordRoute(size_t at, size_t length)
    {
        if (state.route)
        {
            return Bad(at);
        }
        if (length < 3)
        {
            return Bad(at + LENGTH);
        }
        uint8_t* option = &m_bytes[at];
        const size_t slot = option[POINTER];
        if (slot < 4 || (slot <= length && slot + 3 > length))
        {
            return Bad(at + POINTER);
        }
        if (slot <= length)
        {
            WriteAddress(option + slot - 1, m_own);
            option[POINTER] += ADDRESS_SIZE;
            state.needs |= ROUTE_ADDRESS;
            state.isChanged = true;
        }
        state.route = static_cast<uint8_t>(at + 1);
        return true;
    }

    bool Timestamp(size_t at, size_t length)
    {
        if (state.stamp)
        {
            return Bad(at);
        }
        if (length < 4)
        {
            return Bad(at + LENGTH);
        }
        const size_t slot = m_bytes[at + POINTER];
        if (slot < 5)
        {
            return Bad(at + POINTER);
        }
        if (!(slot <= length ? FillStamp(at, slot, length) : CountOverflow(at)))
        {
            return false;
        }
        state.stamp = static_cast<uint8_t>(at + 1);
        return true;
    }

    bool FillStamp(size_t at, size_t slot, size_t length)
    {
        uint8_t* option = &m_bytes[at];
        const uint8_t kind = option[FLAGS] & 0xf;
        const bool withAddress = kind == TIME_AND_ADDRESS || kind == PRESPECIFIED;
        if (slot + (withAddress ? 7 : 3) > length)
        {
            return Bad(at + POINTER);
        }
        uint8_t* entry = option + slot - 1;
        const uint8_t before = option[POINTER];
        switch (kind)
        {
        case TIME_ONLY:
            state.needs |= STAMP_TIME;
            NfWriteU32(entry, m_time);
            option[POINTER] += ADDRESS_SIZE;
            break;
        case TIME_AND_ADDRESS:
            state.needs |= STAMP_ADDRESS | STAMP_TIME;
            WriteAddress(entry, m_own);
            NfWriteU32(entry + ADDRESS_SIZE, m_time);
            option[POINTER] += 2 * ADDRESS_SIZE;
            break;
        case PRESPECIFIED:
            if (m_stack.GetAddrType(NfFamily::IPV4, ReadAddress(entry)) == NfAddrType::UNICAST)
            {
                break;
            }
            state.needs |= STAMP_TIME;
            NfWriteU32(entry + ADDRESS_SIZE, m_time);
            option[POINTER] += 2 * ADDRESS_SIZE;
            break;
        default:
            break;
        }
        state.isChanged |= option[POINTER] != before;
        return true;
    }

    bool CountOverflow(size_t at)
    {
        constexpr uint8_t MOST = 15;
        uint8_t& flags = m_bytes[at + FLAGS];
        if ((flags & 0xf) == PRESPECIFIED)
        {
            return true;
        }
        if (flags >> 4 == MOST)
        {
            return Bad(at + FLAGS);
        }
        flags = static_cast<uint8_t>(flags + (1 << 4));
        state.isChanged = true;
        return true;
    }

    /// Linux: cipso_v4_validate(): a label of a domain of interpretation that is not configured,
    /// as all are here.
    bool Cipso(size_t at, size_t length)
    {
        constexpr size_t LEAST = 8;
        constexpr size_t DOMAIN = 2;
        if (state.cipso)
        {
            return Bad(at);
        }
        state.cipso = static_cast<uint8_t>(at + 1);
        return Bad(at + (length < LEAST ? LENGTH : DOMAIN));
    }

    const NfStack& m_stack;
    std::vector<uint8_t>& m_bytes;
    const NfAddr m_own;
    const uint32_t m_time;
};

} // namespace

NfIpOptions::NfIpOptions(const NfStack& stack, const NfClock& clock)
    : m_stack(stack),
      m_clock(clock)
{
}

/// Linux: inet_current_timestamp(). @return milliseconds since midnight UT
uint32_t
NfIpOptions::GetTimeOfDay() const
{
    const auto day = std::chrono::hours(24);
    const auto time = (m_clock.GetEpoch() + m_clock.Now()) % std::chrono::nanoseconds(day);
    return static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

/// Linux: fib_compute_spec_dst(). @return what the sender knows this node by
NfAddr
NfIpOptions::GetOwnAddress(const NfPacket& packet, const NfDevice* in, bool local) const
{
    const NfIpHeader& ip = packet.GetIp();
    if (local)
    {
        return ip.dst;
    }
    if (!ip.src.IsZero())
    {
        if (const std::optional<NfRoute> back = m_stack.Route(NfFamily::IPV4, ip.src))
        {
            return back->source;
        }
    }
    return in ? m_stack.SelectAddress(NfFamily::IPV4, *in, ip.src).value_or(NfAddr()) : NfAddr();
}

NfIpOptionsFate
NfIpOptions::Receive(NfPacket& packet, const NfDevice* in, bool local, uint8_t& pointer) const
{
    std::vector<uint8_t> bytes = packet.GetIpOptions();
    Compiler compiler(m_stack, bytes, GetOwnAddress(packet, in, local), GetTimeOfDay());
    const bool good = compiler.Run();
    packet.ipOptions = compiler.state;
    packet.SetIpOptions(std::move(bytes));
    if (!good)
    {
        pointer = static_cast<uint8_t>(NF_IPV4_HEADER_SIZE + compiler.bad);
        return NfIpOptionsFate::BAD;
    }
    return compiler.sourceRoute ? NfIpOptionsFate::SOURCE_ROUTE : NfIpOptionsFate::PASS;
}

void
NfIpOptions::Forward(NfPacket& packet, const NfDevice& out) const
{
    std::vector<uint8_t> bytes = packet.GetIpOptions();
    const uint8_t mark = packet.ipOptions.route;
    packet.ipOptions.isChanged = false;
    if (!(packet.ipOptions.needs & ROUTE_ADDRESS) || !IsThere(bytes, mark, RECORD_ROUTE))
    {
        return;
    }
    const NfIpHeader& ip = packet.GetIp();
    const std::optional<NfRoute> route = m_stack.Route(NfFamily::IPV4, ip.dst, {}, &out);
    const NfAddr source =
        route ? route->source
              : m_stack.SelectAddress(NfFamily::IPV4, out, ip.dst).value_or(NfAddr());
    uint8_t* option = &bytes[mark - 1U];
    const size_t next = option[POINTER] - size_t{1};
    if (next >= 3 + ADDRESS_SIZE && next <= option[LENGTH])
    {
        WriteAddress(option + next - ADDRESS_SIZE, source);
        packet.SetIpOptions(std::move(bytes));
    }
}

namespace
{

/// Copies options into an answer and takes their next slots.
class Echoer
{
  public:
    Echoer(const std::vector<uint8_t>& from, std::vector<uint8_t>& to)
        : m_from(from),
          m_to(to)
    {
    }

    /// @param mark where the option starts @param type its type @return its copy, null: none
    uint8_t* Copy(uint8_t mark, Type type)
    {
        if (!IsThere(m_from, mark, type))
        {
            return nullptr;
        }
        const size_t start = mark - 1U;
        const size_t length = m_from[start + LENGTH];
        const size_t at = m_to.size();
        const auto first = m_from.begin() + static_cast<std::ptrdiff_t>(start);
        m_to.insert(m_to.end(), first, first + static_cast<std::ptrdiff_t>(length));
        return &m_to[at];
    }

    /// @return false: the option is not made of whole slots
    static bool Take(uint8_t* option)
    {
        if (option[POINTER] + 3 > option[LENGTH])
        {
            return false;
        }
        option[POINTER] += ADDRESS_SIZE;
        return true;
    }

  private:
    const std::vector<uint8_t>& m_from;
    std::vector<uint8_t>& m_to;
};

/// @param option its slots start with an address @return it is one of this node
bool
NamesThisNode(const NfStack& stack, const uint8_t* option)
{
    const size_t slot = option[POINTER];
    return slot + 7 <= option[LENGTH] &&
           stack.GetAddrType(NfFamily::IPV4, ReadAddress(option + slot - 1)) != NfAddrType::UNICAST;
}

} // namespace

std::optional<std::vector<uint8_t>>
NfIpOptions::Echo(const NfPacket& from, const NfAddr& source) const
{
    const NfIpOptionState& state = from.ipOptions;
    std::vector<uint8_t> to;
    Echoer echo(from.GetIpOptions(), to);
    if (uint8_t* option = echo.Copy(state.route, RECORD_ROUTE))
    {
        if ((state.needs & ROUTE_ADDRESS) && option[POINTER] <= option[LENGTH])
        {
            if (!Echoer::Take(option))
            {
                return std::nullopt;
            }
            WriteAddress(option + option[POINTER] - 1 - ADDRESS_SIZE, source);
        }
    }
    if (uint8_t* option = echo.Copy(state.stamp, TIMESTAMP))
    {
        const bool hasRoom = option[POINTER] <= option[LENGTH];
        if (hasRoom && (state.needs & STAMP_ADDRESS))
        {
            if (!Echoer::Take(option))
            {
                return std::nullopt;
            }
            WriteAddress(option + option[POINTER] - 1 - ADDRESS_SIZE, source);
        }
        const bool prespecified = (option[FLAGS] & 0xf) == PRESPECIFIED;
        if (hasRoom && (state.needs & STAMP_TIME) &&
            (!prespecified || NamesThisNode(m_stack, option)))
        {
            option[POINTER] += prespecified ? ADDRESS_SIZE : 0;
            if (!Echoer::Take(option))
            {
                return std::nullopt;
            }
            NfWriteU32(option + option[POINTER] - 1 - ADDRESS_SIZE, GetTimeOfDay());
        }
    }
    echo.Copy(state.cipso, CIPSO);
    to.resize((to.size() + 3) / 4 * 4, END);
    return to;
}

} // namespace ns3
