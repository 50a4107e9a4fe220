/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-helper-list.h"

#include "nf-helper.h"

namespace ns3
{

void
NfAddHelpers(NfNat& nat)
{
    // One line per helper: a linker drops files of a static library that register themselves.
    for (auto add : {NfAddAmandaHelper,
                     NfAddFtpHelper,
                     NfAddIrcHelper,
                     NfAddNetbiosNsHelper,
                     NfAddPptpHelper,
                     NfAddSaneHelper,
                     NfAddSipHelper,
                     NfAddSnmpHelpers,
                     NfAddTftpHelper})
    {
        add(nat);
    }
}

} // namespace ns3
