/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    DATE_START,
    DATE_STOP,
    TIME_START,
    TIME_STOP,
    WEEKDAYS,
    MONTHDAYS,
    LOCAL_TZ,
    KERNEL_TZ,
    UTC,
    CONTIGUOUS,
};

constexpr XtOption OPTIONS[] = {
    {.name = "datestart", .type = XtType::STRING, .id = DATE_START},
    {.name = "datestop", .type = XtType::STRING, .id = DATE_STOP},
    {.name = "timestart", .type = XtType::STRING, .id = TIME_START},
    {.name = "timestop", .type = XtType::STRING, .id = TIME_STOP},
    {.name = "weekdays", .type = XtType::STRING, .id = WEEKDAYS, .flags = XT_INVERT},
    {.name = "monthdays", .type = XtType::STRING, .id = MONTHDAYS, .flags = XT_INVERT},
    {.name = "localtz", .id = LOCAL_TZ, .excludes = 1U << UTC},
    {.name = "utc", .id = UTC, .excludes = 1U << LOCAL_TZ | 1U << KERNEL_TZ},
    {.name = "kerneltz", .id = KERNEL_TZ, .excludes = 1U << UTC},
    {.name = "contiguous", .id = CONTIGUOUS},
};

constexpr int64_t DAY = 24 * 60 * 60;
constexpr uint32_t LAST_SECOND = DAY - 1;
constexpr int64_t LAST_DATE = 0x7fffffff;
constexpr uint8_t ALL_WEEKDAYS = 0xfe;         //!< bit 1 is Monday
constexpr uint32_t ALL_MONTHDAYS = 0xfffffffe; //!< bit 1 is the first

constexpr std::array<const char*, 8>
    DAY_NAMES{nullptr, "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

struct Date
{
    int64_t year;
    unsigned month;
    unsigned day;
};

/// Days since 1970-01-01 of the proleptic Gregorian calendar, counted in eras of 400 years.
int64_t
DaysOf(Date date)
{
    const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const int64_t era = year / 400;
    const int64_t ofEra = year - era * 400;
    const unsigned month = (date.month + 9) % 12;
    const int64_t ofYear = (153 * month + 2) / 5 + date.day - 1;
    return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

Date
DateOf(int64_t days)
{
    days += 719468;
    const int64_t era = days / 146097;
    const int64_t ofEra = days - era * 146097;
    const int64_t year = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
    const int64_t ofYear = ofEra - (365 * year + year / 4 - year / 100);
    const auto month = static_cast<unsigned>((5 * ofYear + 2) / 153);
    const auto day = static_cast<unsigned>(ofYear - (153 * month + 2) / 5 + 1);
    const unsigned civil = month < 10 ? month + 3 : month - 9;
    return Date{year + era * 400 + (civil <= 2 ? 1 : 0), civil, day};
}

std::string
FormatClock(int64_t seconds)
{
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string
FormatStamp(int64_t stamp, char separator)
{
    const Date date = DateOf(stamp / DAY);
    return fmt::format("{}-{:02}-{:02}{}{}",
                       date.year,
                       date.month,
                       date.day,
                       separator,
                       FormatClock(stamp % DAY));
}

/// -m time: the wall clock of the simulation (Linux: net/netfilter/xt_time.c)
class XtTime final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        switch (arg.option->id)
        {
        case DATE_START:
            return ParseDate(arg.text, m_dateStart);
        case DATE_STOP:
            return ParseDate(arg.text, m_dateStop);
        case TIME_START:
            return ParseClock(arg.text, m_start);
        case TIME_STOP:
            return ParseClock(arg.text, m_stop);
        case WEEKDAYS:
            return ParseWeekdays(arg);
        case MONTHDAYS:
            return ParseMonthdays(arg);
        case LOCAL_TZ:
        case KERNEL_TZ:
            m_kernelTz = true;
            return NfOk();
        case CONTIGUOUS:
            m_contiguous = true;
            return NfOk();
        default:
            return NfOk();
        }
    }

    NfStatus Finish(uint32_t) override
    {
        return m_contiguous && m_start < m_stop
                   ? XtBadParameter("time: --contiguous only makes sense when stoptime is smaller "
                                    "than starttime")
                   : NfOk();
    }

    bool Match(XtParam& param) override
    {
        const NfClock& clock = param.context.clock;
        int64_t stamp =
            std::chrono::duration_cast<std::chrono::seconds>(clock.GetEpoch() + clock.Now())
                .count();
        if (stamp < m_dateStart || stamp > m_dateStop)
        {
            return false;
        }
        const auto second = static_cast<uint32_t>(stamp % DAY);
        const bool overnight = m_start >= m_stop;
        if (overnight ? second < m_start && second > m_stop : second < m_start || second > m_stop)
        {
            return false;
        }
        if (overnight && m_contiguous && second <= m_stop)
        {
            // The hours behind midnight belong to the day on which the span began.
            stamp -= DAY;
        }
        const int64_t days = stamp / DAY;
        const auto weekday = static_cast<unsigned>((days + 3) % 7 + 1);
        return (m_weekdays >> weekday & 1) && (m_monthdays >> DateOf(days).day & 1);
    }

    std::string Save(const XtIp&) const override
    {
        std::string text;
        if (HasClock())
        {
            text += fmt::format(" --timestart {} --timestop {}",
                                FormatClock(m_start),
                                FormatClock(m_stop));
        }
        text += m_monthdays == ALL_MONTHDAYS ? "" : " --monthdays " + Monthdays(false);
        text += m_weekdays == ALL_WEEKDAYS ? "" : " --weekdays " + Weekdays();
        text += m_dateStart ? " --datestart " + FormatStamp(m_dateStart, 'T') : "";
        text += " --datestop " + FormatStamp(m_dateStop, 'T');
        return text + (m_kernelTz ? " --kerneltz" : "") + (m_contiguous ? " --contiguous" : "");
    }

    std::string Print(const XtIp&, bool) const override
    {
        std::string text = " TIME";
        if (HasClock())
        {
            text += fmt::format(" from {} to {}", FormatClock(m_start), FormatClock(m_stop));
        }
        text += m_weekdays == ALL_WEEKDAYS ? "" : " on " + Weekdays();
        text += m_monthdays == ALL_MONTHDAYS ? "" : " on " + Monthdays(true);
        text += m_dateStart ? " starting from " + FormatStamp(m_dateStart, ' ') : "";
        text += m_dateStop == LAST_DATE ? "" : " until date " + FormatStamp(m_dateStop, ' ');
        return text + (m_kernelTz ? "" : " UTC") + (m_contiguous ? " contiguous" : "");
    }

  private:
    static NfStatus ParseDate(const std::string& text, int64_t& stamp)
    {
        unsigned year = 0;
        unsigned month = 1;
        unsigned day = 1;
        unsigned hour = 0;
        unsigned minute = 0;
        unsigned second = 0;
        const int n = std::sscanf(text.c_str(),
                                  "%u-%u-%uT%u:%u:%u",
                                  &year,
                                  &month,
                                  &day,
                                  &hour,
                                  &minute,
                                  &second);
        if (n < 1 || year < 1970 || year > 2038 || month < 1 || month > 12 || day < 1 || day > 31 ||
            hour > 23 || minute > 59 || second > 59)
        {
            return XtBadParameter(fmt::format("Invalid date \"{}\" specified. Should be "
                                              "YYYY[-MM[-DD[Thh[:mm[:ss]]]]]",
                                              text));
        }
        stamp = DaysOf({year, month, day}) * DAY + hour * 3600 + minute * 60 + second;
        return NfOk();
    }

    static NfStatus ParseClock(const std::string& text, uint32_t& seconds)
    {
        unsigned hour = 0;
        unsigned minute = 0;
        unsigned second = 0;
        int used = 0;
        int n = std::sscanf(text.c_str(), "%2u:%2u%n:%2u%n", &hour, &minute, &used, &second, &used);
        if (n < 2 || hour > 23 || minute > 59 || second > 59 ||
            static_cast<size_t>(used) != text.size())
        {
            return XtBadParameter(fmt::format("invalid time \"{}\" specified, should be hh:mm[:ss] "
                                              "format and within the boundaries",
                                              text));
        }
        seconds = hour * 3600 + minute * 60 + second;
        return NfOk();
    }

    NfStatus ParseWeekdays(const XtArg& arg)
    {
        uint8_t days = 0;
        for (const std::string& word : XtSplit(arg.text, ','))
        {
            size_t day = XtParseNumber(word, 1, 7).value_or(0);
            for (size_t i = 1; i < DAY_NAMES.size() && day == 0; i++)
            {
                day = word.compare(0, 2, DAY_NAMES[i], 2) == 0 ? i : 0;
            }
            if (day == 0)
            {
                return XtBadParameter(fmt::format("{} is not a valid day specifier", word));
            }
            days |= static_cast<uint8_t>(1U << day);
        }
        m_weekdays = arg.invert ? ALL_WEEKDAYS & ~days : days;
        return NfOk();
    }

    NfStatus ParseMonthdays(const XtArg& arg)
    {
        uint32_t days = 0;
        for (const std::string& word : XtSplit(arg.text, ','))
        {
            const auto day = XtParseNumber(word, 1, 31);
            if (!day)
            {
                return XtBadParameter(fmt::format("{} is not a valid day for --monthdays", word));
            }
            days |= 1U << *day;
        }
        m_monthdays = arg.invert ? ALL_MONTHDAYS & ~days : days;
        return NfOk();
    }

    bool HasClock() const
    {
        return m_start != 0 || m_stop != LAST_SECOND;
    }

    std::string Weekdays() const
    {
        std::string text;
        for (size_t i = 1; i < DAY_NAMES.size(); i++)
        {
            if (m_weekdays >> i & 1)
            {
                text += text.empty() ? "" : ",";
                text += DAY_NAMES[i];
            }
        }
        return text;
    }

    std::string Monthdays(bool ordinal) const
    {
        std::string text;
        for (unsigned i = 1; i <= 31; i++)
        {
            if (m_monthdays >> i & 1)
            {
                const unsigned last = i % 10;
                const char* suffix = last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
                text += fmt::format("{}{}{}", text.empty() ? "" : ",", i, ordinal ? suffix : "");
            }
        }
        return text;
    }

    int64_t m_dateStart{0};        //!< seconds since 1970
    int64_t m_dateStop{LAST_DATE}; //!< seconds since 1970
    uint32_t m_start{0};           //!< second of the day
    uint32_t m_stop{LAST_SECOND};  //!< second of the day
    uint8_t m_weekdays{ALL_WEEKDAYS};
    uint32_t m_monthdays{ALL_MONTHDAYS};
    bool m_kernelTz{false}; //!< simulated nodes live in UTC
    bool m_contiguous{false};
};

} // namespace

extern const XtMatchType XT_TIME;
const XtMatchType XT_TIME{
    .name = "time",
    .options = OPTIONS,
    .make = XtMakeMatch<XtTime>,
};

} // namespace ns3
