/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr XtOption OPTIONS[] = {
    {.name = "u32", .type = XtType::STRING, .flags = XT_MANDATORY | XT_INVERT},
};

constexpr size_t MAX_PARTS = 10; //!< tests, operators and values each

enum class Operator : uint8_t
{
    AND,
    LEFT,
    RIGHT,
    AT,
};

constexpr const char* OPERATORS[] = {"&", "<<", ">>", "@"};

struct Step
{
    Operator op{Operator::AT}; //!< meaningless for the first one
    uint32_t number{0};
};

struct Range
{
    uint32_t min;
    uint32_t max;
};

struct Test
{
    std::vector<Step> steps;
    std::vector<Range> values;
};

/// Reads the expression (iptables: libxt_u32.c, u32_parse()).
class Parser
{
  public:
    explicit Parser(const std::string& text)
        : m_text(text)
    {
    }

    NfStatus Run(std::vector<Test>& tests)
    {
        tests.assign(1, {});
        bool inValues = false;
        for (SkipSpace(); m_at < m_text.size(); SkipSpace())
        {
            NfStatus status =
                inValues ? ReadValue(tests, inValues) : ReadStep(tests.back(), inValues);
            if (!status)
            {
                return status;
            }
        }
        if (!inValues)
        {
            return XtBadParameter("u32: abrupt end of input after location specifier");
        }
        return tests.back().values.empty()
                   ? NfStatus(XtBadParameter("u32: test ended with no value specified"))
                   : NfOk();
    }

  private:
    void SkipSpace()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
        {
            m_at++;
        }
    }

    char Peek() const
    {
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    NfError Error(const char* text) const
    {
        return XtBadParameter(fmt::format("u32: at char {}: {}", m_at, text));
    }

    NfStatus ReadNumber(uint32_t& number)
    {
        std::string_view rest;
        const std::string_view here = std::string_view(m_text).substr(m_at);
        const auto n = XtParseNumberPrefix(here, 0, 0xffffffff, rest);
        if (!n)
        {
            return Error("not a number or out of range");
        }
        number = static_cast<uint32_t>(*n);
        m_at += here.size() - rest.size();
        return NfOk();
    }

    NfStatus ReadStep(Test& test, bool& inValues)
    {
        Step step;
        if (Peek() == '=')
        {
            if (test.steps.empty())
            {
                return Error("location spec missing");
            }
            m_at++;
            inValues = true;
            return NfOk();
        }
        if (!test.steps.empty())
        {
            if (NfStatus status = ReadOperator(step.op); !status)
            {
                return status;
            }
            SkipSpace();
        }
        if (NfStatus status = ReadNumber(step.number); !status)
        {
            return status;
        }
        test.steps.push_back(step);
        return test.steps.size() > MAX_PARTS ? NfStatus(Error("too many operators")) : NfOk();
    }

    NfStatus ReadOperator(Operator& op)
    {
        const char c = Peek();
        if (c == '&' || c == '@')
        {
            op = c == '&' ? Operator::AND : Operator::AT;
            m_at++;
            return NfOk();
        }
        if (c != '<' && c != '>')
        {
            return Error("operator expected");
        }
        m_at++;
        if (Peek() != c)
        {
            return Error(c == '<' ? "a second '<' was expected" : "a second '>' was expected");
        }
        m_at++;
        op = c == '<' ? Operator::LEFT : Operator::RIGHT;
        return NfOk();
    }

    NfStatus ReadValue(std::vector<Test>& tests, bool& inValues)
    {
        Test& test = tests.back();
        if (Peek() == '&')
        {
            m_at++;
            if (Peek() != '&')
            {
                return Error("a second '&' was expected");
            }
            if (test.values.empty())
            {
                return Error("value spec missing");
            }
            m_at++;
            inValues = false;
            tests.emplace_back();
            return tests.size() > MAX_PARTS ? NfStatus(Error("too many &&s")) : NfOk();
        }
        if (!test.values.empty())
        {
            if (Peek() != ',')
            {
                return Error("expected \",\" or \"&&\"");
            }
            m_at++;
            SkipSpace();
        }
        return ReadRange(test);
    }

    NfStatus ReadRange(Test& test)
    {
        Range range{};
        if (NfStatus status = ReadNumber(range.min); !status)
        {
            return status;
        }
        range.max = range.min;
        SkipSpace();
        if (Peek() == ':')
        {
            m_at++;
            SkipSpace();
            if (NfStatus status = ReadNumber(range.max); !status)
            {
                return status;
            }
        }
        test.values.push_back(range);
        return test.values.size() > MAX_PARTS ? NfStatus(Error("too many \",\"s")) : NfOk();
    }

    const std::string& m_text;
    size_t m_at{0};
};

/// -m u32: arithmetic on words of the packet (Linux: net/netfilter/xt_u32.c)
class XtU32 final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        m_invert = arg.invert;
        return Parser(arg.text).Run(m_tests);
    }

    bool Match(XtParam& param) override
    {
        const std::vector<uint8_t> bytes = param.packet.Serialize();
        return std::all_of(m_tests.begin(), m_tests.end(), [&bytes](const Test& test) {
                   return Holds(test, bytes);
               }) != m_invert;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format("{} --u32 {}", m_invert ? " !" : "", Format());
    }

    std::string Print(const XtIp&, bool) const override
    {
        return fmt::format(" u32{} {}", m_invert ? " !" : "", Format());
    }

  private:
    static bool Read(NfBytes bytes, uint64_t at, uint32_t& value)
    {
        if (at + 4 > bytes.size())
        {
            return false;
        }
        value = NfReadU32(bytes.data() + at);
        return true;
    }

    /// Linux: u32_match_it()
    static bool Holds(const Test& test, NfBytes bytes)
    {
        uint64_t base = 0;
        uint32_t value = 0;
        if (!Read(bytes, test.steps[0].number, value))
        {
            return false;
        }
        for (size_t i = 1; i < test.steps.size(); i++)
        {
            const uint32_t number = test.steps[i].number;
            switch (test.steps[i].op)
            {
            case Operator::AND:
                value &= number;
                break;
            case Operator::LEFT:
                value <<= number & 31;
                break;
            case Operator::RIGHT:
                value >>= number & 31;
                break;
            case Operator::AT:
                base += value;
                if (base > 0xffffffff || !Read(bytes, base + number, value))
                {
                    return false;
                }
                break;
            }
        }
        return std::any_of(test.values.begin(), test.values.end(), [value](const Range& range) {
            return value >= range.min && value <= range.max;
        });
    }

    std::string Format() const
    {
        std::string text;
        for (const Test& test : m_tests)
        {
            text += text.empty() ? "" : "&&";
            for (size_t i = 0; i < test.steps.size(); i++)
            {
                text += i ? OPERATORS[static_cast<size_t>(test.steps[i].op)] : "";
                text += fmt::format("0x{:x}", test.steps[i].number);
            }
            for (size_t i = 0; i < test.values.size(); i++)
            {
                const Range& range = test.values[i];
                text += fmt::format("{}0x{:x}", i ? "," : "=", range.min);
                text += range.min == range.max ? "" : fmt::format(":0x{:x}", range.max);
            }
        }
        return "\"" + text + "\"";
    }

    std::vector<Test> m_tests;
    bool m_invert{false};
};

} // namespace

extern const XtMatchType XT_U32;
const XtMatchType XT_U32{
    .name = "u32",
    .options = OPTIONS,
    .make = XtMakeMatch<XtU32>,
};

} // namespace ns3
