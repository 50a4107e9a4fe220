/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-expression.h"

#include <cctype>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace replay
{

namespace
{

int64_t
FloorDivide(int64_t a, int64_t b)
{
    if (b == 0)
    {
        throw std::invalid_argument("division by zero");
    }
    const int64_t q = a / b;
    return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

/// A binary operator; rows of one rank associate to the left.
struct Operator
{
    const char* text;
    int64_t (*apply)(int64_t a, int64_t b);
};

/// From the loosest rank to the tightest.
const std::vector<std::vector<Operator>> RANKS = {
    {{"<", [](int64_t a, int64_t b) -> int64_t { return a < b; }},
     {">", [](int64_t a, int64_t b) -> int64_t { return a > b; }}},
    {{"|", [](int64_t a, int64_t b) -> int64_t { return a | b; }}},
    {{"&", [](int64_t a, int64_t b) -> int64_t { return a & b; }}},
    {{"<<", [](int64_t a, int64_t b) -> int64_t { return a << (b & 63); }},
     {">>", [](int64_t a, int64_t b) -> int64_t { return a >> (b & 63); }}},
    {{"+", [](int64_t a, int64_t b) -> int64_t { return a + b; }},
     {"-", [](int64_t a, int64_t b) -> int64_t { return a - b; }}},
    {{"*", [](int64_t a, int64_t b) -> int64_t { return a * b; }},
     {"/", FloorDivide},
     {"%", [](int64_t a, int64_t b) -> int64_t { return a - FloorDivide(a, b) * b; }}},
};

class Parser
{
  public:
    Parser(const std::string& text, const std::map<std::string, Json>& variables)
        : m_text(text),
          m_variables(variables)
    {
    }

    int64_t Parse()
    {
        const int64_t value = Rank(0);
        Blanks();
        return m_at == m_text.size() ? value : (Complain(), 0);
    }

  private:
    [[noreturn]] void Complain() const
    {
        throw std::invalid_argument("expression " + m_text);
    }

    void Blanks()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
        {
            m_at++;
        }
    }

    /// A '<' that begins a "<<" is not the operator "<".
    bool Take(const std::string& op)
    {
        Blanks();
        const bool found = m_text.compare(m_at, op.size(), op) == 0;
        const bool longer = found && op.size() == 1 && (op == "<" || op == ">") &&
                            m_at + 1 < m_text.size() && m_text[m_at + 1] == op[0];
        m_at += found && !longer ? op.size() : 0;
        return found && !longer;
    }

    const Operator* TakeAny(const std::vector<Operator>& operators)
    {
        for (const Operator& op : operators)
        {
            if (Take(op.text))
            {
                return &op;
            }
        }
        return nullptr;
    }

    int64_t Rank(size_t rank)
    {
        if (rank == RANKS.size())
        {
            return Unary();
        }
        int64_t value = Rank(rank + 1);
        while (const Operator* op = TakeAny(RANKS[rank]))
        {
            value = op->apply(value, Rank(rank + 1));
        }
        return value;
    }

    int64_t Unary()
    {
        if (++m_depth > 200)
        {
            Complain();
        }
        const int64_t value = Take("-") ? -Unary() : Take("+") ? Unary() : Primary();
        m_depth--;
        return value;
    }

    int64_t Primary()
    {
        if (Take("("))
        {
            const int64_t value = Rank(0);
            return Take(")") ? value : (Complain(), 0);
        }
        const size_t start = m_at;
        while (m_at < m_text.size() &&
               (std::isalnum(static_cast<unsigned char>(m_text[m_at])) || m_text[m_at] == '_'))
        {
            m_at++;
        }
        const std::string word = m_text.substr(start, m_at - start);
        return word.empty() ? (Complain(), 0) : Value(word);
    }

    int64_t Value(const std::string& word) const
    {
        const auto variable = m_variables.find(word);
        if (variable != m_variables.end() && variable->second.is_number())
        {
            return variable->second.get<int64_t>();
        }
        size_t used = 0;
        const int64_t number =
            std::isdigit(static_cast<unsigned char>(word[0])) ? std::stoll(word, &used, 0) : 0;
        return used == word.size() ? number : (Complain(), 0);
    }

    const std::string& m_text;
    const std::map<std::string, Json>& m_variables;
    size_t m_at{0};
    int m_depth{0};
};

} // namespace

std::string
Expressions::SubstituteText(const std::string& text) const
{
    std::string result;
    size_t at = 0;
    while (true)
    {
        const size_t open = text.find("${", at);
        const size_t close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos)
        {
            return result + text.substr(at);
        }
        const std::string expression = text.substr(open + 2, close - open - 2);
        const auto variable = m_variables.find(expression);
        result += text.substr(at, open - at);
        result += variable != m_variables.end() && variable->second.is_string()
                      ? variable->second.get<std::string>()
                      : std::to_string(Parser(expression, m_variables).Parse());
        at = close + 1;
    }
}

Json
Expressions::Substitute(const Json& value) const
{
    if (value.is_string())
    {
        return SubstituteText(value);
    }
    if (!value.is_structured())
    {
        return value;
    }
    Json copy = value;
    for (auto& item : copy)
    {
        item = Substitute(item);
    }
    return copy;
}

} // namespace replay
