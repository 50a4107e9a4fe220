/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_RESULT_H
#define NF_RESULT_H

#include <string>
#include <utility>
#include <variant>

namespace ns3
{

/**
 * @ingroup netfilter
 * Why a command failed: the exit status and the message the real tool gives.
 */
struct NfError
{
    int status{
        1}; //!< exit status of the real tool (2: bad parameters, 1: other, 3/4: see the tool)
    std::string message; //!< text for standard error, without a final newline
};

/**
 * @ingroup netfilter
 * A value, or the reason why there is none. Only for commands; packet faults are verdicts and
 * counters.
 */
template <class T>
class [[nodiscard]] NfResult
{
  public:
    NfResult(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }

    NfResult(NfError error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const
    {
        return m_state.index() == 0;
    }

    /// @pre *this is a value
    T& operator*()
    {
        return std::get<0>(m_state);
    }

    const T& operator*() const
    {
        return std::get<0>(m_state);
    }

    T* operator->()
    {
        return &std::get<0>(m_state);
    }

    const T* operator->() const
    {
        return &std::get<0>(m_state);
    }

    /// @pre *this is an error
    const NfError& Error() const
    {
        return std::get<1>(m_state);
    }

  private:
    std::variant<T, NfError> m_state; //!< one of the two
};

/// Success carries nothing.
struct NfNothing
{
};

/// Outcome of an action that yields no value: `return NfOk();` or `return NfError{2, "..."};`
using NfStatus = NfResult<NfNothing>;

/// @return success
inline NfStatus
NfOk()
{
    return NfNothing{};
}

} // namespace ns3

#endif // NF_RESULT_H
