/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "nf-conntrack-impl.h"

namespace ns3
{

void
NfConntrack::Impl::EnableDefrag(NfFamily)
{
}

void
NfConntrack::Impl::DisableDefrag(NfFamily)
{
}

} // namespace ns3
