/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_CONNTRACK_PARSER_H
#define NF_CONNTRACK_PARSER_H

#include "nf-conntrack-address.h"
#include "nf-conntrack-options.h"
#include "nf-conntrack-request.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/// A word of a list and the bits it stands for.
struct NfConntrackWord
{
    std::string_view name;
    uint32_t bits;
};

/// Reads the words of one command line.
class NfConntrackParser
{
  public:
    NfConntrackParser(const std::vector<std::string>& args, const NfLabelMap* labels)
        : m_args(args),
          m_labels(labels)
    {
    }

    /// @return the request, or the first message
    NfResult<NfConntrackRequest> Parse();

  private:
    /// Ends with the message, behind what was noted so far. @param status 2: and a hint at the help
    void Fail(const std::string& text, int status = 2);
    void Mark(NfConntrackOpt option);
    /// The next word, unless it looks like an option. @param inlined a value was in the same word
    std::optional<std::string> OptionalWord(bool inlined);
    void LongOption(const std::string& word);
    void ShortOptions(const std::string& word);
    /// Takes the argument of an option that needs one. @return false if there is none
    bool NextValue(const std::optional<std::string>& inlined,
                   const std::string& shown,
                   std::string& value);
    void Apply(char letter, const std::string& value, bool inlined);
    void ApplyFilter(char letter, const std::string& value, bool inlined);
    void SetCommand(char letter, bool inlined);
    std::string TableName(bool inlined);
    void SetAddress(char letter, const std::string& text);
    void StoreAddress(char letter, const NfParsedAddr& parsed);
    void SetNetmask(char letter, const NfParsedAddr& parsed);
    void Join(NfFamily family);
    void SetProtocol(const std::string& text);
    void SetField(const NfConntrackProtocolOption& option, const std::string& value);
    void SetState(const std::string& value);
    void SetRole(const std::string& value);
    bool AddWord(std::string_view word, const NfConntrackWord* words, size_t count, uint32_t& bits);
    uint32_t ParseWords(const std::string& text, const NfConntrackWord* words, size_t count);
    void SetStatus(const std::string& text);
    void SetOutput(const std::string& text);
    void SetEvents(const std::string& text);
    void SetMark(const std::string& text);
    void SetFamily(const std::string& text);
    void SetNat(char letter, bool inlined);
    bool SplitNat(const std::string& text, std::string& host, std::optional<std::string>& port);
    void SetLabels(char letter, const std::string& value, bool inlined);
    void ReadLabelMap();
    void Check();

    const std::vector<std::string>& m_args;
    const NfLabelMap* m_labels;
    size_t m_next{1};
    NfConntrackRequest m_request;
    const NfConntrackProtocol* m_protocol{nullptr};
    uint32_t m_given{0}; //!< of the protocol's options, as bits
    std::optional<NfError> m_error;
};

} // namespace ns3

#endif // NF_CONNTRACK_PARSER_H
