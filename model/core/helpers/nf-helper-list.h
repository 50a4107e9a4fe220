/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_HELPER_LIST_H
#define NF_HELPER_LIST_H

namespace ns3
{

class NfNat;

/// Each registers its helpers in a new namespace; NfAddHelpers() calls all of them.
///@{
void NfAddAmandaHelper(NfNat& nat);
void NfAddFtpHelper(NfNat& nat);
void NfAddIrcHelper(NfNat& nat);
void NfAddNetbiosNsHelper(NfNat& nat);
void NfAddPptpHelper(NfNat& nat);
void NfAddSaneHelper(NfNat& nat);
void NfAddSipHelper(NfNat& nat);
void NfAddSnmpHelpers(NfNat& nat);
void NfAddTftpHelper(NfNat& nat);
///@}

} // namespace ns3

#endif // NF_HELPER_LIST_H
