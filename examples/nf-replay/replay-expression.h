/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_EXPRESSION_H
#define REPLAY_EXPRESSION_H

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace replay
{

using Json = nlohmann::ordered_json;

/**
 * The variables of a scenario and `${expression}` in its strings: integers, names, + - * / % << >>
 * & | < > and parentheses, with the ranks and the rounding of Python (/ rounds down).
 */
class Expressions
{
  public:
    /// @param name of the variable @param value an integer or a string
    void Set(const std::string& name, Json value)
    {
        m_variables[name] = std::move(value);
    }

    /**
     * @param value any JSON value
     * @return it with each ${...} in each string replaced
     * @throw std::invalid_argument for a wrong expression or an unknown name
     */
    Json Substitute(const Json& value) const;

  private:
    std::string SubstituteText(const std::string& text) const;

    std::map<std::string, Json> m_variables; //!< by name
};

} // namespace replay

#endif // REPLAY_EXPRESSION_H
