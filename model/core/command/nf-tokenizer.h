/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_TOKENIZER_H
#define NF_TOKENIZER_H

#include "../packet/nf-result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ns3
{

/**
 * Splits a line of a restore file as iptables-restore does: blanks separate, double quotes hold
 * together, a backslash inside quotes takes the next character as it is, a closing quote ends the
 * word.
 * @param line without its newline
 * @return the words, or "Parameter too long!"
 */
NfResult<std::vector<std::string>> NfSplitRestoreLine(std::string_view line);

} // namespace ns3

#endif // NF_TOKENIZER_H
