/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-tokenizer.h"

#include "nf-command.h"

#include <optional>

namespace ns3
{
namespace
{

constexpr size_t MAX_RESTORE_WORD = 1023; //!< iptables-restore: param_buffer[1024]

/// Collects words; a word may be empty when it was quoted.
class WordList
{
  public:
    void Add(char c)
    {
        if (!m_word)
        {
            m_word.emplace();
        }
        *m_word += c;
    }

    /// A quote begins: the word exists even if nothing follows.
    void Open()
    {
        if (!m_word)
        {
            m_word.emplace();
        }
    }

    void End()
    {
        if (m_word)
        {
            m_words.push_back(std::move(*m_word));
            m_word.reset();
        }
    }

    size_t GetLength() const
    {
        return m_word ? m_word->size() : 0;
    }

    std::vector<std::string> Take()
    {
        End();
        return std::move(m_words);
    }

  private:
    std::vector<std::string> m_words;
    std::optional<std::string> m_word; //!< the one under way
};

bool
IsBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What a backslash means inside double quotes (POSIX shell, 2.2.3).
bool
IsEscapable(char c)
{
    return c == '"' || c == '\\' || c == '$' || c == '`' || c == '\n';
}

} // namespace

NfResult<std::vector<std::string>>
NfSplitWords(std::string_view line)
{
    WordList words;
    char quote = 0;
    for (size_t i = 0; i < line.size(); ++i)
    {
        const char c = line[i];
        const bool more = i + 1 < line.size();
        if (quote == '\'')
        {
            c == '\'' ? void(quote = 0) : words.Add(c);
        }
        else if (quote == '"')
        {
            if (c == '"')
            {
                quote = 0;
            }
            else if (c == '\\' && more && IsEscapable(line[i + 1]))
            {
                words.Add(line[++i]);
            }
            else
            {
                words.Add(c);
            }
        }
        else if (c == '\'' || c == '"')
        {
            quote = c;
            words.Open();
        }
        else if (c == '\\' && more)
        {
            words.Add(line[++i]);
        }
        else if (IsBlank(c))
        {
            words.End();
        }
        else
        {
            words.Add(c);
        }
    }
    if (quote)
    {
        return NfError{2, "syntax error: unterminated quoted string"};
    }
    return words.Take();
}

NfResult<std::vector<std::string>>
NfSplitRestoreLine(std::string_view line)
{
    WordList words;
    bool quoted = false;
    bool escaped = false;
    for (const char c : line)
    {
        if (words.GetLength() > MAX_RESTORE_WORD)
        {
            return NfError{2, "Parameter too long!"};
        }
        if (quoted && escaped)
        {
            words.Add(c);
            escaped = false;
        }
        else if (quoted && c == '\\')
        {
            escaped = true;
        }
        else if (quoted && c == '"')
        {
            quoted = false;
            words.End();
        }
        else if (quoted)
        {
            words.Add(c);
        }
        else if (c == '"')
        {
            quoted = true;
            words.Open();
        }
        else if (IsBlank(c))
        {
            words.End();
        }
        else
        {
            words.Add(c);
        }
    }
    return words.Take();
}

} // namespace ns3
