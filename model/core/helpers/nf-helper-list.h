/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_LIST_H
#define NF_HELPER_LIST_H

namespace ns3
{

class NfNat;

/// Each registers one helper in a new namespace; NfAddHelpers() calls all of them.
///@{
void NfAddFtpHelper(NfNat& nat);
void NfAddTftpHelper(NfNat& nat);
void NfAddIrcHelper(NfNat& nat);
void NfAddSipHelper(NfNat& nat);
///@}

} // namespace ns3

#endif // NF_HELPER_LIST_H
