/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"
#include "xt-packet.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <tuple>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    UPTO,
    ABOVE,
    BURST,
    SRCMASK,
    DSTMASK,
    SIZE,
    MAX,
    GC_INTERVAL,
    EXPIRE,
    MODE,
    NAME,
    RATE_MATCH,
    RATE_INTERVAL,
};

constexpr XtOption OPTIONS[] = {
    {.name = "hashlimit-upto",
     .type = XtType::STRING,
     .id = UPTO,
     .flags = XT_INVERT,
     .excludes = 1U << ABOVE},
    {.name = "hashlimit-above",
     .type = XtType::STRING,
     .id = ABOVE,
     .flags = XT_INVERT,
     .excludes = 1U << UPTO},
    {.name = "hashlimit",
     .type = XtType::STRING,
     .id = UPTO,
     .flags = XT_INVERT,
     .excludes = 1U << ABOVE},
    {.name = "hashlimit-srcmask", .type = XtType::PLEN, .id = SRCMASK},
    {.name = "hashlimit-dstmask", .type = XtType::PLEN, .id = DSTMASK},
    {.name = "hashlimit-burst", .type = XtType::STRING, .id = BURST},
    {.name = "hashlimit-htable-size", .type = XtType::U32, .id = SIZE},
    {.name = "hashlimit-htable-max", .type = XtType::U32, .id = MAX},
    {.name = "hashlimit-htable-gcinterval", .type = XtType::U32, .id = GC_INTERVAL},
    {.name = "hashlimit-htable-expire", .type = XtType::U32, .id = EXPIRE},
    {.name = "hashlimit-mode", .type = XtType::STRING, .id = MODE},
    {.name = "hashlimit-name", .type = XtType::STRING, .id = NAME, .flags = XT_MANDATORY, .min = 1},
    {.name = "hashlimit-rate-match", .id = RATE_MATCH},
    {.name = "hashlimit-rate-interval",
     .type = XtType::U32,
     .id = RATE_INTERVAL,
     .needs = 1U << RATE_MATCH},
};

constexpr uint64_t SCALE = 1000000;                      //!< avg is in microseconds per packet
constexpr uint64_t CREDITS_PER_TICK = uint64_t{1} << 39; //!< lasts a day in 64 bits
constexpr uint32_t BYTE_CREDITS_PER_TICK = 1U << 24;     //!< lasts a second in 32 bits
constexpr uint32_t BYTE_CREDITS = BYTE_CREDITS_PER_TICK * XT_HZ;
constexpr unsigned BYTE_SHIFT = 4; //!< byte rates count in chunks of 16 bytes
constexpr uint64_t MAX_BURST = 1000000;
constexpr uint32_t DEFAULT_GC_INTERVAL = 1000; //!< ms
constexpr uint32_t DEFAULT_SIZE = 8192;        //!< buckets on machines with more than 1 GB
constexpr size_t MAX_NAME = 254;
constexpr uint32_t BYTE_EXPIRE = 15000;       //!< ms
constexpr uint32_t BYTE_BURST_EXPIRE = 60000; //!< ms

/// Parts of a key, in the order in which they are shown.
enum Part : uint8_t
{
    SRCIP,
    SRCPORT,
    DSTIP,
    DSTPORT,
};

constexpr const char* PARTS[] = {"srcip", "srcport", "dstip", "dstport"};

struct Unit
{
    const char* name;
    const char* shown;
    uint64_t seconds;
};

constexpr Unit UNITS[] = {
    {"day", "day", 24 * 60 * 60},
    {"hour", "hour", 60 * 60},
    {"minute", "min", 60},
    {"second", "sec", 1},
};

struct Suffix
{
    const char* name;
    uint64_t factor;
};

constexpr Suffix SUFFIXES[] = {{"m", 1024 * 1024}, {"k", 1024}, {"", 1}};

uint64_t
UserToCredits(uint64_t user)
{
    return user * (XT_HZ * CREDITS_PER_TICK / SCALE);
}

uint32_t
UserToByteCredits(uint64_t user)
{
    return static_cast<uint32_t>(user * XT_HZ * BYTE_CREDITS_PER_TICK >> 32);
}

uint64_t
BytesToCost(uint64_t bytes)
{
    return 0xffffffffU / ((bytes >> BYTE_SHIFT) + 1);
}

uint64_t
CostToBytes(uint64_t cost)
{
    const uint64_t chunks = cost ? 0xffffffffU / cost : 0xffffffffU;
    return (chunks - 1) << BYTE_SHIFT;
}

/// What a rule asks for, and what its table was made with (Linux: struct hashlimit_cfg3).
struct Config
{
    uint8_t parts{0}; //!< bit per Part
    bool above{false};
    bool bytes{false};
    bool rateMatch{false};
    uint64_t avg{0};
    uint64_t burst{5};
    uint32_t size{0};
    uint32_t max{0};
    uint32_t gcInterval{DEFAULT_GC_INTERVAL}; //!< ms
    uint32_t expire{0};                       //!< ms
    uint32_t interval{0};                     //!< s
    uint8_t srcMask{0};
    uint8_t dstMask{0};
};

struct Key
{
    NfAddr src;
    NfAddr dst;
    uint16_t sport{0};
    uint16_t dport{0};

    bool operator<(const Key& o) const
    {
        return std::tie(src, dst, sport, dport) < std::tie(o.src, o.dst, o.sport, o.dport);
    }
};

/// Linux: struct dsthash_ent
struct Bucket
{
    uint64_t expires{0}; //!< tick
    uint64_t prev{0};    //!< tick of the last look
    uint64_t credit{0};
    uint64_t cap{0};
    uint64_t cost{0};
    uint64_t rate{0};    //!< rate match: packets per interval
    uint64_t current{0}; //!< rate match: so far in this interval
    bool over{false};    //!< rate match: the last interval was over the rate

    void Init(const Config& config, uint64_t now)
    {
        prev = now;
        if (config.rateMatch)
        {
            rate = config.avg ? SCALE / config.avg : 0;
            cap = config.burst ? config.burst + rate : rate;
        }
        else if (config.bytes)
        {
            credit = BYTE_CREDITS;
            cost = UserToByteCredits(config.avg);
            cap = config.burst;
        }
        else
        {
            credit = cap = UserToCredits(config.avg * config.burst);
            cost = UserToCredits(config.avg);
        }
    }

    void Refill(const Config& config, uint64_t now)
    {
        const uint64_t delta = now - prev;
        if (config.rateMatch)
        {
            const uint64_t interval = uint64_t{config.interval} * XT_HZ;
            if (delta && delta >= interval)
            {
                prev = now;
                over = current * interval > delta * rate;
                current = 0;
            }
            return;
        }
        prev = now;
        const uint64_t full = config.bytes ? BYTE_CREDITS : cap;
        const uint64_t perTick = config.bytes ? BYTE_CREDITS_PER_TICK : CREDITS_PER_TICK;
        const bool brims = delta > (full - std::min(credit, full)) / perTick;
        credit = brims ? full : std::min(credit + delta * perTick, full);
    }

    /// @return whether a packet of that length is below the limit
    bool Take(const Config& config, size_t length)
    {
        if (config.rateMatch)
        {
            current += config.bytes ? length : 1;
            return !over && current <= cap;
        }
        uint64_t price = cost;
        if (config.bytes)
        {
            price = std::min<uint64_t>(((length >> BYTE_SHIFT) + 1) * cost, BYTE_CREDITS);
            if (credit < price && cap)
            {
                cap--;
                credit = BYTE_CREDITS;
            }
        }
        if (credit < price)
        {
            return false;
        }
        credit -= price;
        return true;
    }
};

/// Buckets that rules share by name (Linux: struct xt_hashlimit_htable).
struct Table
{
    uint32_t users{0};
    Config config;
    uint64_t made{0}; //!< tick
    std::map<Key, Bucket> buckets;

    /// Takes out what expired before the collector ran last.
    void Collect(uint64_t now)
    {
        const uint64_t interval = std::max<uint64_t>(config.gcInterval * uint64_t{XT_HZ} / 1000, 1);
        const uint64_t last = made + (now - made) / interval * interval;
        for (auto it = buckets.begin(); it != buckets.end();)
        {
            it = it->second.expires <= last ? buckets.erase(it) : std::next(it);
        }
    }
};

struct Tables
{
    std::map<std::pair<NfFamily, std::string>, Table> byName;
};

std::string
ShowTable(const Tables& tables, NfFamily family, const std::string& name, uint64_t now)
{
    std::string text;
    const auto found = tables.byName.find({family, name});
    if (found == tables.byName.end())
    {
        return text;
    }
    const auto show = [family](const NfAddr& addr) {
        return family == NfFamily::IPV6 ? addr.ToFullString() : addr.ToString(family);
    };
    for (const auto& [key, bucket] : found->second.buckets)
    {
        Bucket fresh = bucket;
        fresh.Refill(found->second.config, now);
        text += fmt::format("{} {}:{}->{}:{} {} {} {}\n",
                            static_cast<int64_t>(bucket.expires - now) / XT_HZ,
                            show(key.src),
                            key.sport,
                            show(key.dst),
                            key.dport,
                            fresh.credit,
                            fresh.cap,
                            fresh.cost);
    }
    return text;
}

/// @return where the two ports (or what stands for them) are, nothing for other protocols
std::optional<size_t>
PortsOffset(uint8_t protocol)
{
    switch (protocol)
    {
    case NF_IPPROTO_TCP:
    case NF_IPPROTO_UDP:
    case NF_IPPROTO_DCCP:
    case NF_IPPROTO_SCTP:
    case NF_IPPROTO_UDPLITE:
    case NF_IPPROTO_ESP:
        return 0;
    case NF_IPPROTO_AH:
        return 4;
    default:
        return std::nullopt;
    }
}

/// -m hashlimit (Linux: net/netfilter/xt_hashlimit.c; iptables: libxt_hashlimit.c, revision 3)
class XtHashlimit final : public XtMatch
{
  public:
    explicit XtHashlimit(NfFamily family)
        : m_family(family)
    {
        m_config.srcMask = m_config.dstMask = HostLength();
    }

    NfStatus Parse(const XtArg& arg) override
    {
        const auto value = static_cast<uint32_t>(arg.low);
        switch (arg.option->id)
        {
        case UPTO:
        case ABOVE:
            m_config.above = (arg.option->id == ABOVE) != arg.invert;
            return ParseRate(arg);
        case BURST:
            return ParseBurst(arg.text);
        case SRCMASK:
            m_config.srcMask = arg.prefix;
            break;
        case DSTMASK:
            m_config.dstMask = arg.prefix;
            break;
        case SIZE:
            m_config.size = value;
            break;
        case MAX:
            m_config.max = value;
            break;
        case GC_INTERVAL:
            m_config.gcInterval = value;
            break;
        case EXPIRE:
            m_config.expire = value;
            break;
        case MODE:
            return ParseMode(arg.text);
        case NAME:
            m_name = arg.text.substr(0, MAX_NAME);
            break;
        case RATE_MATCH:
            m_config.rateMatch = true;
            break;
        default:
            m_config.interval = value;
        }
        return NfOk();
    }

    NfStatus Finish(uint32_t seen) override
    {
        if (!(seen & (1U << UPTO | 1U << ABOVE)))
        {
            return XtBadParameter("You have to specify --hashlimit");
        }
        const bool burst = seen >> BURST & 1;
        if (!(seen >> EXPIRE & 1))
        {
            m_config.expire = m_config.bytes && burst ? BYTE_BURST_EXPIRE : m_defaultExpire;
        }
        if (m_config.rateMatch && !(seen >> RATE_INTERVAL & 1))
        {
            m_config.interval = 1;
        }
        if (!m_config.bytes)
        {
            return m_config.burst > MAX_BURST ? NfStatus(BadBurst()) : NfOk();
        }
        const uint64_t chunk = CostToBytes(m_config.avg);
        if (burst && m_config.burst < chunk)
        {
            return XtBadParameter(fmt::format("burst cannot be smaller than {}b", chunk));
        }
        m_config.burst = burst ? (m_config.burst + chunk - 1) / chunk : 0;
        return NfOk();
    }

    int Check(const XtCheck& check) override
    {
        if (m_config.gcInterval == 0 || m_config.expire == 0)
        {
            return EINVAL;
        }
        if (int error = CheckRate(check))
        {
            return error;
        }
        Tables& tables = check.context.shared.Get<Tables>();
        Table& table = tables.byName[{m_family, m_name}];
        if (table.users++ == 0)
        {
            table.config = m_config;
            const uint32_t size = m_config.size ? m_config.size : DEFAULT_SIZE;
            table.config.max = m_config.max ? std::max(m_config.max, size) : 8 * size;
            NfClock& clock = check.context.clock;
            table.made = XtJiffies(clock);
            AddProc(check.context, tables, clock);
        }
        return 0;
    }

    void Destroy(const XtCheck& check) override
    {
        auto& byName = check.context.shared.Get<Tables>().byName;
        const auto table = byName.find({m_family, m_name});
        if (--table->second.users == 0)
        {
            byName.erase(table);
        }
    }

    bool Match(XtParam& param) override
    {
        Table& table = param.context.shared.Get<Tables>().byName[{m_family, m_name}];
        const uint64_t now = XtJiffies(param.context.clock);
        Key key;
        if (!MakeKey(param, table.config, key))
        {
            param.hotdrop = true;
            return false;
        }
        table.Collect(now);
        auto it = table.buckets.find(key);
        if (it == table.buckets.end())
        {
            if (table.buckets.size() >= table.config.max)
            {
                param.context.log.Write(
                    3,
                    fmt::format("xt_hashlimit: max count of {} reached", table.config.max));
                param.hotdrop = true;
                return false;
            }
            it = table.buckets.emplace(key, Bucket{}).first;
            it->second.Init(table.config, now);
        }
        Bucket& bucket = it->second;
        bucket.expires = now + table.config.expire * uint64_t{XT_HZ} / 1000;
        bucket.Refill(m_config, now);
        return bucket.Take(m_config, param.packet.GetLength()) != m_config.above;
    }

    std::string Save(const XtIp&) const override
    {
        uint32_t expire = 0;
        std::string text =
            fmt::format(" --hashlimit-{}", m_config.above ? "above" : "upto") + Rate("--", expire);
        text += m_config.parts ? " --hashlimit-mode " + Mode(',') : "";
        text += " --hashlimit-name " + m_name;
        return text + Details("--hashlimit-", expire);
    }

    std::string Print(const XtIp&, bool) const override
    {
        uint32_t expire = 0;
        std::string text =
            fmt::format(" limit: {}", m_config.above ? "above" : "up to") + Rate("", expire);
        text += m_config.parts ? " mode " + Mode('-') : "";
        return text + Details("", expire);
    }

  private:
    uint8_t HostLength() const
    {
        return m_family == NfFamily::IPV6 ? 128 : 32;
    }

    static NfError BadBurst()
    {
        return XtBadParameter("bad value for option \"--hashlimit-burst\", or out of range "
                              "(1-1000000).");
    }

    /// A number with "k" or "m" behind it.
    static uint64_t ParseBytes(const std::string& text)
    {
        char* end = nullptr;
        const uint64_t number = std::strtoull(text.c_str(), &end, 10);
        const uint64_t factor = *end == 'k' || *end == 'K'   ? 1024
                                : *end == 'm' || *end == 'M' ? 1024 * 1024
                                                             : 1;
        return number > 0xffffffffU ? number : number * factor;
    }

    NfStatus ParseRate(const XtArg& arg)
    {
        const std::string& text = arg.text;
        m_config.bytes = text.find("b/s") != std::string::npos;
        if (m_config.bytes)
        {
            const uint64_t bytes = ParseBytes(text);
            if (bytes > 0xffffffffU)
            {
                return XtBadParameter(
                    fmt::format("Rate value too large \"{}\" (max {})", bytes, 0xffffffffU));
            }
            m_config.avg = BytesToCost(bytes);
            m_defaultExpire = BYTE_EXPIRE;
            return m_config.avg ? NfOk()
                                : XtBadParameter(fmt::format("Rate too fast \"{}\"", text));
        }
        const char* option = arg.option->id == ABOVE ? "--hashlimit-above" : "--hashlimit-upto";
        const size_t slash = text.find('/');
        uint64_t seconds = 1;
        if (slash != std::string::npos)
        {
            const std::string unit = text.substr(slash + 1);
            const auto* row = std::find_if(std::begin(UNITS), std::end(UNITS), [&](const auto& u) {
                return XtIsPrefix(unit, u.name);
            });
            if (unit.empty() || row == std::end(UNITS))
            {
                return XtBadValue("hashlimit", option, text);
            }
            seconds = row->seconds;
        }
        const int count = std::atoi(text.c_str());
        if (count <= 0)
        {
            return XtBadValue("hashlimit", option, text);
        }
        m_config.avg = SCALE * seconds / static_cast<uint64_t>(count);
        m_defaultExpire = static_cast<uint32_t>(seconds * 1000);
        return m_config.avg ? NfOk() : XtBadParameter(fmt::format("Rate too fast \"{}\"", text));
    }

    NfStatus ParseBurst(const std::string& text)
    {
        m_config.burst = ParseBytes(text);
        return m_config.burst ? NfOk() : NfStatus(BadBurst());
    }

    NfStatus ParseMode(const std::string& text)
    {
        for (const std::string& word : XtSplit(text, ','))
        {
            const auto* row = std::find(std::begin(PARTS), std::end(PARTS), word);
            if (row == std::end(PARTS))
            {
                return XtBadValue("hashlimit", "--hashlimit-mode", text);
            }
            m_config.parts |= static_cast<uint8_t>(1U << (row - std::begin(PARTS)));
        }
        return NfOk();
    }

    int CheckRate(const XtCheck& check) const
    {
        if (m_config.rateMatch)
        {
            return m_config.avg == 0 || m_config.avg > 0xffffffffU ? ERANGE
                   : m_config.interval == 0                        ? EINVAL
                                                                   : 0;
        }
        if (m_config.bytes)
        {
            return UserToByteCredits(m_config.avg) ? 0 : EINVAL;
        }
        if (m_config.burst == 0 ||
            UserToCredits(m_config.avg * m_config.burst) < UserToCredits(m_config.avg))
        {
            check.Info(fmt::format("xt_hashlimit: overflow, try lower: {}/{}",
                                   m_config.avg,
                                   m_config.burst));
            return ERANGE;
        }
        return 0;
    }

    void AddProc(XtContext& context, const Tables& tables, const NfClock& clock) const
    {
        const NfFamily family = m_family;
        const std::string name = m_name;
        context.addProc((family == NfFamily::IPV6 ? "ip6t_hashlimit/" : "ipt_hashlimit/") + name,
                        [&tables, &clock, family, name] {
                            return ShowTable(tables, family, name, XtJiffies(clock));
                        });
    }

    bool MakeKey(XtParam& param, const Config& config, Key& key) const
    {
        const NfIpHeader& ip = param.packet.GetIp();
        if (config.parts >> SRCIP & 1)
        {
            key.src = ip.src & NfPrefixMask(m_family, config.srcMask);
        }
        if (config.parts >> DSTIP & 1)
        {
            key.dst = ip.dst & NfPrefixMask(m_family, config.dstMask);
        }
        if (!(config.parts & (1 << SRCPORT | 1 << DSTPORT)))
        {
            return true;
        }
        const std::optional<size_t> offset = PortsOffset(param.packet.GetProtocol());
        if (!offset)
        {
            return true;
        }
        const uint8_t* ports = param.packet.PullTransport(*offset + 4);
        if (!ports)
        {
            return false;
        }
        key.sport = config.parts >> SRCPORT & 1 ? NfReadU16(ports + *offset) : 0;
        key.dport = config.parts >> DSTPORT & 1 ? NfReadU16(ports + *offset + 2) : 0;
        return true;
    }

    /// @param expire out: what it is for such a rate if it is not given
    std::string Rate(const char* prefix, uint32_t& expire) const
    {
        const std::string burst = fmt::format(" {}{}burst", prefix, *prefix ? "hashlimit-" : "");
        if (m_config.bytes)
        {
            const uint64_t bytes = CostToBytes(m_config.avg);
            const Suffix* const last = std::end(SUFFIXES) - 1;
            const Suffix* suffix = SUFFIXES;
            // The price has lost low bits of the rate: a round one with the same price is meant.
            while (suffix != last &&
                   (bytes < suffix->factor ||
                    BytesToCost(bytes / suffix->factor * suffix->factor) != m_config.avg))
            {
                suffix++;
            }
            std::string text = fmt::format(" {}{}b/s", bytes / suffix->factor, suffix->name);
            expire = m_config.burst ? BYTE_BURST_EXPIRE : BYTE_EXPIRE;
            if (m_config.burst)
            {
                const uint64_t total = bytes * m_config.burst;
                suffix = SUFFIXES;
                while (suffix != last && total < suffix->factor)
                {
                    suffix++;
                }
                text += fmt::format("{} {}{}b", burst, total / suffix->factor, suffix->name);
            }
            return text;
        }
        // The listing shows the rate per interval, the saved form that per second.
        const uint64_t avg =
            *prefix || !m_config.interval ? m_config.avg : m_config.avg * m_config.interval;
        size_t i = 1;
        for (; i < std::size(UNITS); i++)
        {
            const uint64_t period = UNITS[i].seconds * SCALE;
            if (avg > period || period / avg < period % avg)
            {
                break;
            }
        }
        expire = static_cast<uint32_t>(UNITS[i - 1].seconds * 1000);
        return fmt::format(" {}/{}{} {}",
                           UNITS[i - 1].seconds * SCALE / avg,
                           UNITS[i - 1].shown,
                           burst,
                           m_config.burst);
    }

    std::string Mode(char separator) const
    {
        std::string text;
        for (size_t i = 0; i < std::size(PARTS); i++)
        {
            if (m_config.parts >> i & 1)
            {
                text += text.empty() ? "" : std::string(1, separator);
                text += PARTS[i];
            }
        }
        return text;
    }

    std::string Details(const char* prefix, uint32_t expire) const
    {
        std::string text;
        auto add = [&](bool show, const char* name, uint32_t value) {
            text += show ? fmt::format(" {}{} {}", prefix, name, value) : "";
        };
        add(m_config.size, "htable-size", m_config.size);
        add(m_config.max, "htable-max", m_config.max);
        add(m_config.gcInterval != DEFAULT_GC_INTERVAL, "htable-gcinterval", m_config.gcInterval);
        add(m_config.expire != expire, "htable-expire", m_config.expire);
        add(m_config.srcMask != HostLength(), "srcmask", m_config.srcMask);
        add(m_config.dstMask != HostLength(), "dstmask", m_config.dstMask);
        text += m_config.rateMatch ? fmt::format(" {}rate-match", prefix) : "";
        add(m_config.rateMatch && m_config.interval != 1, "rate-interval", m_config.interval);
        return text;
    }

    const NfFamily m_family;
    Config m_config;
    uint32_t m_defaultExpire{0}; //!< ms, by the unit of the rate
    std::string m_name;
};

} // namespace

extern const XtMatchType XT_HASHLIMIT;
const XtMatchType XT_HASHLIMIT{
    .name = "hashlimit",
    .options = OPTIONS,
    .make = [](NfFamily family) -> std::unique_ptr<XtMatch> {
        return std::make_unique<XtHashlimit>(family);
    },
};

} // namespace ns3
